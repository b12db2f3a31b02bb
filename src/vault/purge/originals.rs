//! The commits of before a purge, computed again from the record and the rewritten history.
//!
//! Nothing of the record is believed: the header that it keeps of an original, with the tree that the rewritten
//! commit would have with its missing files, must give the original's id, and that is what the original's signature
//! is checked over. So a rewritten history says exactly what its authors signed, less the ciphertext of contacts in
//! the erasure ledger, whoever rewrote it.

use std::collections::{BTreeSet, HashMap, HashSet};

use crate::domain::evidence::contact_of;
use crate::domain::purge::{DIR, Hidden, Purge};
use crate::domain::register;
use crate::error::{Error, Result};
use crate::store::rewrite::{Header, Missing, Scratch, commit_id, with_header};
use crate::store::signed::Signed;
use crate::store::{Oid, Repo};
use crate::vault::hook_keys::ledger_ids;
use crate::vault::verify::report::Problem;

/// A purge's record in a tree.
#[derive(Debug)]
pub struct Record {
    pub path: String,
    pub text: Vec<u8>,
    pub signature: Option<Vec<u8>>,
    pub purge: Purge,
}

/// A commit that an operator wrote again.
pub struct Again {
    /// Number of its record.
    pub record: usize,
    /// The commit that is in history now, of which this is a layer.
    pub now: Oid,
    pub signed: Signed,
}

/// What the records of a tree prove.
#[derive(Default)]
pub struct Originals {
    pub records: Vec<Record>,
    /// What was first signed, for each rewritten commit.
    originals: HashMap<Oid, Signed>,
    /// Every rewriting, for its signature to be checked.
    pub again: Vec<Again>,
    /// The commit that is in history now for one that was.
    now: HashMap<Oid, Oid>,
    pub problems: Vec<Problem>,
}

/// The records in a tree, oldest first; and those that cannot be read.
pub fn records(repo: &Repo, tree: Oid) -> Result<(Vec<Record>, Vec<Problem>)> {
    let (mut records, mut problems) = (Vec::new(), Vec::new());
    let names = repo.names(tree, DIR)?;
    for name in names.iter().filter(|name| name.ends_with(".toml")) {
        let path = format!("{DIR}/{name}");
        let text = repo.file(tree, &path)?.unwrap_or_default();
        let signature = repo.file(tree, &format!("{path}.asc"))?;
        let read = std::str::from_utf8(&text).map_err(|_| Error::failed("it is not UTF-8 text"));
        match read.and_then(|text| register::parse::<Purge>(&path, text)) {
            Ok(purge) => records.push(Record { path, text, signature, purge }),
            Err(e) => problems.push(Problem::error("bad-purge", &path, &e)),
        }
    }
    Ok((in_order(records), problems))
}

/// Each record before those that wrote its commits again: clocks need not agree about that.
fn in_order(mut records: Vec<Record>) -> Vec<Record> {
    records.sort_by(|a, b| (&a.purge.time, &a.path).cmp(&(&b.purge.time, &b.path)));
    let mut sorted: Vec<Record> = Vec::with_capacity(records.len());
    while !records.is_empty() {
        // One that writes again what none of the others has written; in a false circle any.
        let later = |one: &Record| {
            let old: HashSet<&str> = one.purge.commits.iter().map(|entry| entry.old.as_str()).collect();
            records.iter().any(|other| other.path != one.path && old.contains(other.purge.new_tip.as_str()))
        };
        let at = records.iter().position(|one| !later(one)).unwrap_or_default();
        sorted.push(records.remove(at));
    }
    sorted
}

impl Originals {
    /// Proves the records of a tree against the history that is there.
    pub fn read(repo: &Repo, tree: Oid) -> Result<Originals> {
        if repo.entry(tree, DIR)?.is_none() {
            return Ok(Originals::default());
        }
        let (records, problems) = records(repo, tree)?;
        let erased: HashSet<String> = ledger_ids(repo, tree)?.iter().map(ToString::to_string).collect();
        let mut out = Originals { records, problems, ..Originals::default() };
        let mut proof = Proof { repo, scratch: Scratch::of(repo)?, erased, raw: HashMap::new() };
        let mut older: HashMap<Oid, Oid> = HashMap::new();
        // The newest first: what an older purge wrote may itself have been written again.
        for number in (0..out.records.len()).rev() {
            let Some(record) = out.records.get(number) else { continue };
            let proven = proof.record(record);
            for (old, new, signed) in proven.pairs {
                let now = out.now.get(&new).copied().unwrap_or(new);
                out.now.insert(old, now);
                out.again.push(Again { record: number, now, signed });
                older.insert(new, old);
            }
            out.problems.extend(proven.problems);
        }
        let rewritten: BTreeSet<Oid> = out.now.values().copied().collect();
        for now in rewritten {
            let mut first = now;
            while let Some(old) = older.get(&first) {
                first = *old;
            }
            if let Some((raw, _)) = proof.raw.get(&first) {
                out.originals.insert(now, Signed::split(raw));
            }
        }
        Ok(out)
    }

    /// What was first signed of a commit that has been rewritten.
    pub fn of(&self, commit: Oid) -> Option<&Signed> {
        self.originals.get(&commit)
    }

    /// The commit that stands for one of before a purge.
    pub fn now(&self, old: Oid) -> Option<Oid> {
        self.now.get(&old).copied()
    }

    /// Ids of before and now.
    pub fn pairs(&self) -> &HashMap<Oid, Oid> {
        &self.now
    }
}

/// What a record's entries came to: old id, new id, and the new commit taken apart.
struct Proven {
    pairs: Vec<(Oid, Oid, Signed)>,
    problems: Vec<Problem>,
}

struct Proof<'r> {
    repo: &'r Repo,
    scratch: Scratch,
    /// Ids of the ledger.
    erased: HashSet<String>,
    /// Commits that are not in history any more: raw, and their tree.
    raw: HashMap<Oid, (Vec<u8>, Oid)>,
}

impl Proof<'_> {
    fn record(&mut self, record: &Record) -> Proven {
        let mut proven = Proven { pairs: Vec::new(), problems: Vec::new() };
        let mut to_new: HashMap<Oid, Oid> = HashMap::new();
        let mut hidden: HashMap<Oid, Hidden> = HashMap::new();
        for entry in &record.purge.commits {
            let ids = Oid::from_str(&entry.old).and_then(|old| Ok((old, Oid::from_str(&entry.new)?)));
            let Ok((old, new)) = ids else {
                let what = "it names a commit by what is no id";
                proven.problems.push(Problem::path("bad-purge", &record.path, what, HINT));
                continue;
            };
            match self.original(entry, (old, new), &to_new, &hidden) {
                Ok((signed, now)) => {
                    to_new.insert(old, new);
                    hidden.insert(old, now);
                    proven.pairs.push((old, new, signed));
                }
                Err(why) => {
                    let what =
                        format!("{} does not show that it stands for another commit: {why}", record.path);
                    proven.problems.push(Problem::commit("false-purge", new, what, HINT));
                }
            }
        }
        proven
    }

    /// Computes an original commit; gives the rewritten one taken apart, and what it lacks.
    fn original(
        &mut self,
        entry: &crate::domain::purge::Rewritten,
        (old, new): (Oid, Oid),
        to_new: &HashMap<Oid, Oid>,
        hidden: &HashMap<Oid, Hidden>,
    ) -> Result<(Signed, Hidden), String> {
        let raw = match self.raw.get(&new) {
            Some((raw, _)) => raw.clone(),
            None => self.repo.raw_commit(new).map_err(|e| e.to_string())?,
        };
        let is = Header::parse(&raw).ok_or("it cannot be read")?;
        let original = with_header(&entry.header, &raw);
        let was = Header::parse(&original).ok_or("the original's header cannot be read")?;
        if was.author != is.author {
            return Err("the author is another".into());
        }
        let parents: Vec<Oid> = was.parents.iter().map(|p| to_new.get(p).copied().unwrap_or(*p)).collect();
        if parents != is.parents {
            return Err("its parents are not those of the original".into());
        }
        let before = was.parents.first().and_then(|p| hidden.get(p)).cloned().unwrap_or_default();
        let lacks = entry.hidden_after(&before)?;
        let mut missing = Missing::new();
        for (path, blob) in &lacks {
            let erased = contact_of(path).is_some_and(|id| self.erased.contains(id.as_str()));
            if !erased {
                return Err(format!("{path} was taken out and is not in the erasure ledger"));
            }
            missing.insert(path.clone(), Oid::from_str(blob).map_err(|e| e.message().to_owned())?);
        }
        let tree = self.scratch.with(is.tree, &missing).map_err(|e| e.to_string())?;
        if tree != was.tree {
            return Err("more was changed than files taken out".into());
        }
        if commit_id(&original).ok() != Some(old) {
            return Err("the original's id is another".into());
        }
        let signed = Signed::split(&raw);
        self.raw.insert(old, (original, tree));
        Ok((signed, lacks))
    }
}

const HINT: &str =
    "`git log --show-signature -- registers/purges` shows who purged; ask them, and compare with a backup";
