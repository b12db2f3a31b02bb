//! Access chains of a sync: others' chains follow the remote, one's own is brought together and pushed.

use crate::domain::trailer::Entry;
use crate::error::{Error, Result};
use crate::store::Oid;
use crate::store::chain::ACCESS_REFS;
use crate::store::remote::TRACKED_ACCESS;
use crate::store::repo::Author;
use crate::vault::Vault;

/// Where this clone keeps what it last saw of a remote's chains.
pub(super) fn tracked(remote: &str) -> String {
    format!("{TRACKED_ACCESS}{remote}/access/")
}

/// What became of the chains.
#[derive(Debug, Default)]
pub(super) struct Chains {
    /// Entries of others that are new here.
    pub received: usize,
    /// What nobody but a tamperer brings about.
    pub warnings: Vec<String>,
}

impl Vault {
    /// Brings the chains together with what was last fetched. The lock is held.
    pub(super) fn merge_chains(&self, remote: &str) -> Result<Chains> {
        let mut done = Chains::default();
        let prefix = tracked(remote);
        for (name, theirs) in self.repo.refs(&prefix)? {
            let Some(rest) = name.strip_prefix(&prefix) else { continue };
            let chain = format!("{ACCESS_REFS}{rest}");
            let mine = rest.split_once('/').is_some_and(|(_, member)| member == self.me.handle.as_str());
            match self.repo.ref_target(&chain)? {
                None => {
                    done.received += self.repo.since(theirs, &[])?.len();
                    self.repo.move_ref(&chain, None, theirs, "")?;
                }
                Some(ours) if self.repo.contains(ours, theirs)? => {}
                Some(ours) if self.repo.contains(theirs, ours)? => {
                    done.received += self.repo.since(theirs, &[ours])?.len();
                    self.repo.move_ref(&chain, Some(ours), theirs, "")?;
                }
                Some(ours) if mine => {
                    let new = self.replay(ours, theirs)?;
                    self.repo.move_ref(&chain, Some(ours), new, "")?;
                }
                Some(_) => done.warnings.push(format!(
                    "the remote's access chain {rest} is not the one that this clone has: entries were removed or replaced there"
                )),
            }
        }
        Ok(done)
    }

    /// Appends to the remote's chain the entries that this member made here meanwhile, at another machine.
    ///
    /// They were pushed nowhere yet, so nobody has seen their ids; their times and words stay.
    fn replay(&self, ours: Oid, theirs: Oid) -> Result<Oid> {
        let mut tip = theirs;
        for node in self.repo.since(ours, &[theirs])?.iter().rev() {
            let entry = self.repo.commit(node.id)?;
            let mut message = entry.message.clone();
            if let Some(parsed) = Entry::parse(&message)
                && parsed.follows.is_some()
            {
                message = Entry { follows: None, ..parsed }.message();
            }
            let author = Author { name: entry.author, email: entry.email, time: entry.time };
            tip = self.repo.write_commit(entry.tree, &[tip], &author, &message, &|data| self.sign(data))?;
        }
        Ok(tip)
    }

    /// This member's chains that the remote has not, or not as far: what a push takes along.
    pub(super) fn chains_to_push(&self, remote: &str) -> Result<Vec<(String, Option<Oid>, Oid)>> {
        let mut found = Vec::new();
        for (name, ours) in self.repo.refs(ACCESS_REFS)? {
            let rest = name.strip_prefix(ACCESS_REFS).unwrap_or_default().to_owned();
            let mine = rest.split_once('/').is_some_and(|(_, member)| member == self.me.handle.as_str());
            let theirs = self.repo.ref_target(&format!("{}{rest}", tracked(remote)))?;
            if mine && theirs != Some(ours) {
                found.push((name, theirs, ours));
            }
        }
        Ok(found)
    }

    /// Notes what a push brought to the remote.
    pub(super) fn note_pushed_chains(
        &self,
        remote: &str,
        pushed: &[(String, Option<Oid>, Oid)],
    ) -> Result<()> {
        for (name, old, new) in pushed {
            let rest = name.strip_prefix(ACCESS_REFS).ok_or_else(|| Error::failed("not an access chain"))?;
            self.repo.move_ref(&format!("{}{rest}", tracked(remote)), *old, *new, "")?;
        }
        Ok(())
    }
}
