//! All access chains as lines of the trail, newest first.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::thread::JoinHandle;

use rayon::prelude::*;

use super::Vault;
use super::books_seen::Mine;
use super::history::{Line, member_of, read_entry};
use crate::domain::ids::ContactId;
use crate::error::Result;
use crate::store::chain::ACCESS_REFS;
use crate::store::{Oid, Repo, lock, unpacked};

/// What was read of the chains.
#[derive(Debug, Default)]
pub(super) struct Accesses {
    chains: Vec<(String, Oid)>,
    /// Each chain's lines, the newest first.
    runs: Vec<Vec<Line>>,
    /// What a chain's file should be written anew with.
    fresh: Vec<Option<Vec<u8>>>,
    /// Entries that could not be read.
    pub unreadable: usize,
}

impl Vault {
    /// Reads these chains, or what they say of one contact.
    pub(super) fn accesses(
        &self,
        chains: Vec<(String, Oid)>,
        contact: Option<&ContactId>,
        mine: &Mine,
    ) -> Result<Accesses> {
        let read = self.repo.dealt_out(&chains, |repo, (refname, tip)| {
            let (member, mut lines) = (member_of(refname), Vec::new());
            let seen = repo.each_entry(refname, *tip, |commit| {
                let mut entry = read_entry(&commit.message);
                if contact.is_none_or(|id| entry.names(id)) && mine.sift(&mut entry) {
                    lines.push(Line {
                        commit: commit.id,
                        tree: commit.tree,
                        parent: commit.parents.first().copied(),
                        time: commit.time,
                        is_access: true,
                        member: member.clone(),
                        author: commit.author,
                        issuer: None,
                        entry,
                    });
                }
            });
            // A clock that was set back is the only reason why it would not be in order.
            lines.sort_by_key(|line| Reverse(line.time));
            (lines, seen)
        })?;
        let mut accesses = Accesses { chains, ..Accesses::default() };
        for (lines, seen) in read {
            accesses.runs.push(lines);
            accesses.fresh.push(seen.fresh);
            accesses.unreadable += seen.unreadable;
        }
        Ok(accesses)
    }
}

/// The writing of chains' files beside other work, which is waited for when this goes.
#[derive(Debug, Default)]
pub struct Writing(Option<JoinHandle<()>>);

impl Drop for Writing {
    fn drop(&mut self) {
        // Nothing depends on it, not even on its end without a panic.
        self.0.take().map(JoinHandle::join);
    }
}

impl Accesses {
    /// Joins the lines with those of the changes, and begins to bring the chains' files up to date.
    pub(super) fn join(self, repo: &Repo, changes: &mut Vec<Line>) -> Result<Writing> {
        if self.chains.is_empty() {
            return Ok(Writing::default());
        }
        let Accesses { chains, mut runs, fresh, .. } = self;
        let writer = repo.another()?;
        let writing = std::thread::spawn(move || {
            let stale = chains.iter().zip(&fresh);
            let stale: Vec<_> = stale.filter_map(|(chain, fresh)| Some((chain, fresh.as_ref()?))).collect();
            unpack_chains(&writer, &stale, &chains);
        });
        // Of the same second, changes come first and a chain's later entries before its earlier ones.
        changes.sort_by_key(|line| Reverse(line.time));
        runs.insert(0, std::mem::take(changes));
        *changes = newest_first(runs, |line| line.time);
        Ok(Writing(Some(writing)))
    }
}

/// What stands in runs that are each in order; of the same second, in order of the runs.
fn newest_first<T>(runs: Vec<Vec<T>>, time: impl Fn(&T) -> i64) -> Vec<T> {
    let mut all = Vec::with_capacity(runs.iter().map(Vec::len).sum());
    let mut runs: Vec<_> = runs.into_iter().map(|run| run.into_iter().peekable()).collect();
    let mut heads = BinaryHeap::with_capacity(runs.len());
    heads.extend(runs.iter_mut().enumerate().filter_map(|(at, run)| Some((time(run.peek()?), Reverse(at)))));
    while let Some((_, Reverse(at))) = heads.pop() {
        let Some(run) = runs.get_mut(at) else { continue };
        all.extend(run.next());
        heads.extend(run.peek().map(|next| (time(next), Reverse(at))));
    }
    all
}

/// Brings the files that these chains are read from up to date. None is needed: where one cannot be written, or
/// another command is at work, the next reader tries again.
pub fn unpack_chains(repo: &Repo, stale: &[(&(String, Oid), &Vec<u8>)], all: &[(String, Oid)]) {
    if stale.is_empty() && repo.unpacked_of_no_chain(all).is_empty() {
        return;
    }
    let Some(_lock) = lock::try_acquire(&repo.private_dir()) else { return };
    let Ok(now) = repo.refs(ACCESS_REFS) else { return };
    for file in repo.unpacked_of_no_chain(&now) {
        let _ = std::fs::remove_file(file);
    }
    // A chain that has moved since is for the next reader.
    let stale: Vec<_> = stale.iter().filter(|(chain, _)| now.contains(*chain)).collect();
    let dir = repo.private_dir();
    stale.par_iter().for_each(|((refname, _), content)| drop(unpacked::write(&dir, refname, content)));
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// Joined runs are in the order that a stable sort of them, one after the other, has.
        #[test]
        fn runs_join_as_a_stable_sort_would_have_them(times in prop::collection::vec(prop::collection::vec(0..9i64, 0..9), 0..7)) {
            let mut count = 0;
            let mut runs: Vec<Vec<(i64, usize)>> = Vec::new();
            for run in times {
                let mut run: Vec<_> = run.into_iter().map(|time| { count += 1; (time, count) }).collect();
                run.sort_by_key(|(time, _)| Reverse(*time));
                runs.push(run);
            }
            let mut sorted = runs.concat();
            sorted.sort_by_key(|(time, _)| Reverse(*time));
            prop_assert_eq!(newest_first(runs, |(time, _)| *time), sorted);
        }
    }
}
