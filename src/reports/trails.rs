//! The two trails as rows, newest first: reads from the access chains, changes from the branch.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::Arc;

use chrono::NaiveDate;

use crate::domain::ids::{ContactId, RecordId, Slug};
use crate::domain::trailer::Entry;
use crate::error::{Error, Result};
use crate::store::chain::ACCESS_REFS;
use crate::store::repo::CommitInfo;
use crate::store::unpacked::Seen;
use crate::store::{Oid, Repo};
use crate::vault::accesses::unpack_chains;
use crate::vault::books_seen::Mine;
use crate::vault::confirm_status::Clones;
use crate::vault::{Me, Snapshot};

/// One entry of a trail. There may be a hundred thousand of them, so each is small.
#[derive(Clone, Debug)]
pub struct Step {
    pub commit: Oid,
    /// Seconds since 1970.
    pub time: i64,
    /// Handle of the member, where it is known.
    pub member: Option<Arc<Slug>>,
    /// `None` for a commit that was not made by carnet.
    pub entry: Option<Arc<Told>>,
    /// Contacts that the entry names.
    pub contacts: Box<[ContactId]>,
    /// How many contacts, where the entry says so.
    pub count: Option<usize>,
}

/// What an entry says beside its contacts. Few are unlike, so steps share them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Told {
    pub action: String,
    pub books: Vec<Slug>,
    /// Names of fields only.
    pub fields: Vec<String>,
    pub purposes: Vec<Slug>,
    /// The register's entry, the request or the sealed records that a change is about.
    pub register: Option<String>,
    pub request: Option<String>,
    pub records: Vec<RecordId>,
    /// Handles of members whom it is about.
    pub members: Vec<Slug>,
}

/// Both trails, without what this member may not see.
#[derive(Clone, Debug, Default)]
pub struct Trails {
    pub accesses: Vec<Step>,
    pub changes: Vec<Step>,
    /// Months (`YYYY-MM`) that still have an access chain, oldest first.
    pub months: Vec<String>,
    /// What the access chains say of each clone.
    pub clones: Clones,
}

/// Makes steps of entries, as far as a member may see them.
struct Steps<'a> {
    mine: &'a Mine,
    told: HashSet<Arc<Told>>,
}

impl<'a> Steps<'a> {
    fn new(mine: &'a Mine) -> Steps<'a> {
        Steps { mine, told: HashSet::new() }
    }

    fn step(&mut self, commit: &CommitInfo, member: Option<Arc<Slug>>, entry: Option<Entry>) -> Option<Step> {
        let mut step = Step {
            commit: commit.id,
            time: commit.time,
            member,
            entry: None,
            contacts: Box::default(),
            count: None,
        };
        if let Some(mut entry) = entry {
            if !self.mine.sift(&mut entry) {
                return None;
            }
            step.contacts = entry.contacts.into();
            step.count = entry.count;
            let Entry { action, books, mut fields, purposes, register, request, records, members, .. } =
                entry;
            // Those of a register's entry have words of their own, which are no words of a contact's fields.
            if register.is_some() && !fields.is_empty() {
                fields = vec!["other".to_owned()];
            }
            step.entry = Some(self.shared(Told {
                action,
                books,
                fields,
                purposes,
                register,
                request,
                records,
                members,
            }));
        }
        Some(step)
    }

    fn shared(&mut self, told: Told) -> Arc<Told> {
        match self.told.get(&told) {
            Some(known) => known.clone(),
            None => {
                let told = Arc::new(told);
                self.told.insert(told.clone());
                told
            }
        }
    }
}

/// The moment that the trails are read as of, and what the clock says; seconds since 1970.
#[derive(Clone, Copy, Debug)]
pub struct Then {
    pub now: i64,
    pub clock: i64,
}

impl Then {
    pub fn at(now: i64) -> Then {
        Then { now, clock: chrono::Utc::now().timestamp() }
    }

    /// Whether something came after that moment and before today.
    fn is_before(self, time: i64) -> bool {
        time > self.now && time <= self.clock
    }
}

/// What one access chain holds.
struct Chain {
    month: String,
    member: Arc<Slug>,
    steps: Vec<Step>,
    addresses: BTreeSet<String>,
    clones: Clones,
    seen: Seen,
}

impl Chain {
    /// Reads a chain as it was `then`, without the entry of a report built at that moment; none where the ref is no chain's.
    fn read(repo: &Repo, name: &str, tip: Oid, then: Then, mine: &Mine) -> Option<Chain> {
        let (month, member) = chain(name)?;
        let member = Arc::new(member);
        let (mut steps, mut addresses, mut clones) = (Vec::new(), BTreeSet::new(), Clones::default());
        let mut make = Steps::new(mine);
        let seen = repo.each_entry(name, tip, |commit| {
            if !addresses.contains(&commit.email) {
                addresses.insert(commit.email.clone());
            }
            let entry = Entry::parse(&commit.message);
            let is_report = |e: &Entry| ["report", "report-exact"].contains(&e.action.as_str());
            if then.is_before(commit.time) || commit.time == then.now && entry.as_ref().is_some_and(is_report)
            {
                return;
            }
            if let Some(entry) = &entry {
                clones.note(member.as_str(), commit.time, entry);
            }
            steps.extend(make.step(&commit, Some(member.clone()), entry));
        });
        steps.shrink_to_fit();
        Some(Chain { month, member, steps, addresses, clones, seen })
    }
}

impl Trails {
    /// Reads the trails as they are at `at`, each commit once, as far as one who has the books `mine` may see them.
    ///
    /// The entry of a report built in this very second is left out: it is this report's own, and two builds of one commit
    /// at one moment must not differ by it; nor by what was read since, where a site is made again as of a moment of the
    /// past. An entry from the future, of a machine whose clock is wrong, is there each time.
    pub fn read(repo: &Repo, me: &Me, then: Then, at: Snapshot, mine: &Mine) -> Result<Trails> {
        let mut trails = Trails::default();
        let mut handles = BTreeMap::from([(me.email.clone(), Arc::new(me.handle.clone()))]);
        let refs = repo.refs(ACCESS_REFS)?;
        // A few at a time: what the files of chains are written anew from is as large as the chains.
        for some in refs.chunks(4 * rayon::current_num_threads()) {
            let read = repo.dealt_out(some, |repo, (name, tip)| Chain::read(repo, name, *tip, then, mine))?;
            let stale = some
                .iter()
                .zip(&read)
                .filter_map(|(chain, read)| Some((chain, read.as_ref()?.seen.fresh.as_ref()?)));
            unpack_chains(repo, &stale.collect::<Vec<_>>(), &refs);
            for chain in read.into_iter().flatten() {
                trails.add(chain, &mut handles)?;
            }
        }
        trails.accesses.sort_by_key(|s| std::cmp::Reverse(s.time));
        let mut make = Steps::new(mine);
        for id in repo.walk(&[at.commit])? {
            let commit = repo.commit(id)?;
            let (member, entry) = (handles.get(&commit.email).cloned(), Entry::parse(&commit.message));
            trails.changes.extend(make.step(&commit, member, entry));
        }
        Ok(trails)
    }

    /// Takes what a chain holds, and whose the addresses in it are.
    fn add(&mut self, chain: Chain, handles: &mut BTreeMap<String, Arc<Slug>>) -> Result<()> {
        let Chain { month, member, mut steps, addresses, clones, seen } = chain;
        if seen.unreadable > 0 {
            return Err(Error::failed("an entry of the access trail cannot be read")
                .at(format!("{month}/{member}"))
                .hint("see what is damaged with `carnet verify`"));
        }
        // A member's chain is signed by that member: it tells whose the address in commits is.
        for address in addresses {
            handles.entry(address).or_insert_with(|| member.clone());
        }
        if !steps.is_empty() && self.months.last() != Some(&month) {
            self.months.push(month);
        }
        self.clones.add(clones);
        self.accesses.append(&mut steps);
        Ok(())
    }

    /// When one of these actions last changed something.
    pub fn last_change(&self, test: impl Fn(&str) -> bool) -> Option<i64> {
        self.changes.iter().find(|s| s.entry.as_ref().is_some_and(|e| test(&e.action))).map(|s| s.time)
    }
}

/// The month and member that an access chain's ref names.
fn chain(name: &str) -> Option<(String, Slug)> {
    let (month, member) = name.strip_prefix(ACCESS_REFS)?.split_once('/')?;
    NaiveDate::parse_from_str(&format!("{month}-01"), "%Y-%m-%d").ok()?;
    Some((month.to_owned(), member.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_came_since_is_left_out_and_what_is_of_the_future_is_not() {
        let past = Then { now: 10, clock: 20 };
        assert_eq!([9, 10, 11, 20, 21].map(|time| past.is_before(time)), [false, false, true, true, false]);
        let today = Then { now: 20, clock: 20 };
        assert!(![19, 20, 21].iter().any(|time| today.is_before(*time)));
    }

    #[test]
    fn only_a_chain_of_a_month_and_a_member_counts() {
        let (month, member) = chain("refs/carnet/access/2026-11/ana").unwrap();
        assert_eq!((month.as_str(), member.as_str()), ("2026-11", "ana"));
        for bad in
            ["refs/carnet/access/2026-13/ana", "refs/carnet/access/x/ana", "refs/carnet/access/2026-11/A"]
        {
            assert!(chain(bad).is_none(), "{bad}");
        }
    }
}
