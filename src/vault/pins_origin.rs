//! Where a recipient comes from: the signed commits that brought it in, and whether their signers could.
//!
//! A fact, such as "bob is in book main" or "this key is bob's", is traced back to the commits that introduced it.
//! Each must be signed by a key that the policy at its parents authorises for it, and that signer's own key is
//! traced in the same way, down to the first commit, where trust begins.

use std::collections::{HashMap, HashSet};
use std::time::SystemTime;

pub use super::pins_facts::Fact;
use super::pins_facts::Facts;
use super::pins_newcomer::Recipient;
use super::purge::originals::Originals;
use crate::domain::ids::Slug;
use crate::error::Result;
use crate::store::{Oid, Repo};

/// How many signers a trace may lead through; more is not a history that people make.
const DEEPEST: usize = 200;

/// The commit that brought a recipient in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    pub commit: Oid,
    /// Handle of the signer.
    pub by: String,
    /// Seconds since 1970.
    pub time: i64,
    /// The commit that brought the member's key in.
    pub key_commit: Option<Oid>,
}

/// A part of history, read once.
pub struct Origins<'r> {
    facts: Facts<'r>,
    /// What was first signed of commits that a purge wrote again.
    originals: Originals,
    known: HashMap<(Fact, Oid), Result<Origin, String>>,
}

/// What the records of purges prove; nothing where they cannot be read, and then nothing is trusted for it.
fn originals(repo: &Repo, tip: Oid) -> Originals {
    repo.tree_of(tip).and_then(|tree| Originals::read(repo, tree)).unwrap_or_default()
}

impl<'r> Origins<'r> {
    /// All of a commit's history, as far as it can be read.
    pub fn read(repo: &'r Repo, tip: Oid, now: SystemTime) -> Origins<'r> {
        let facts = Facts::of(repo, repo.history(&[tip]).nodes, now);
        Origins { facts, originals: originals(repo, tip), known: HashMap::new() }
    }

    /// What `tip` has and `known` has not.
    pub fn since(repo: &'r Repo, tip: Oid, known: Oid, now: SystemTime) -> Result<Origins<'r>> {
        let facts = Facts::of(repo, repo.since(tip, &[known])?, now);
        Ok(Origins { facts, originals: Originals::default(), known: HashMap::new() })
    }

    /// Where a recipient of `at` comes from, or why it must not be trusted.
    pub fn of(&mut self, recipient: &Recipient, at: Oid) -> Result<Origin, String> {
        let [book, key] = Fact::of(recipient);
        let key = self.trace(&key, at, 0)?;
        let origin = self.trace(&book, at, 0)?;
        Ok(Origin { key_commit: Some(key.commit), ..origin })
    }

    /// Where a member's key comes from, or why it must not be trusted.
    pub fn of_key(&mut self, member: &Slug, key: &str, at: Oid) -> Result<Origin, String> {
        self.trace(&Fact::Key(member.to_string(), key.to_owned(), false), at, 0)
    }

    /// Whether any commit of this part of history brings the fact in.
    pub fn is_introduced(&mut self, fact: &Fact) -> bool {
        let changing = self.facts.changing.clone();
        changing.iter().any(|id| self.facts.holds(fact, *id) && self.facts.kept_by(fact, *id).is_none())
    }

    /// The commits at or before `at` that brought the fact in.
    fn introductions(&mut self, fact: &Fact, at: Oid) -> Vec<Oid> {
        let mut found = Vec::new();
        let mut seen = HashSet::new();
        let mut waiting = vec![at];
        while let Some(id) = waiting.pop() {
            if !seen.insert(id) {
                continue;
            }
            match self.facts.kept_by(fact, id) {
                Some(parents) => waiting.extend(parents),
                None => found.push(id),
            }
        }
        found
    }

    fn trace(&mut self, fact: &Fact, at: Oid, depth: usize) -> Result<Origin, String> {
        if let Some(known) = self.known.get(&(fact.clone(), at)) {
            return known.clone();
        }
        let mut result: Result<Origin, String> = Err("it is not in history".to_owned());
        if depth > DEEPEST {
            result = Err("it leads through too many signers".to_owned());
        } else if self.facts.holds(fact, at) {
            for commit in self.introductions(fact, at) {
                match (self.judge(fact, commit, depth), &mut result) {
                    (Err(e), _) => {
                        result = Err(e);
                        break;
                    }
                    (Ok(new), Ok(best)) if new.time <= best.time => {}
                    (Ok(new), _) => result = Ok(new),
                }
            }
        }
        self.known.insert((fact.clone(), at), result.clone());
        result
    }

    /// Whether the signer of a commit could bring the fact in.
    fn judge(&mut self, fact: &Fact, commit: Oid, depth: usize) -> Result<Origin, String> {
        let short: String = commit.to_string().chars().take(10).collect();
        let bad = |what: &str| format!("commit {short} {what}");
        let node = self.facts.nodes.get(&commit).cloned().ok_or_else(|| bad("cannot be read"))?;
        let signed = match self.originals.of(commit) {
            Some(signed) => signed.clone(),
            None => self.facts.repo.signed(commit).map_err(|_| bad("cannot be read"))?,
        };
        let signature = signed.signature.as_deref().ok_or_else(|| bad("is not signed"))?;
        let first = node.parents.is_empty();
        let mut by = String::new();
        for authority in if first { vec![commit] } else { node.parents.clone() } {
            let policy =
                self.facts.policy(authority).ok_or_else(|| bad("has no signing policy before it"))?;
            let rules =
                self.facts.rules.get(policy).map_err(|_| bad("has no usable signing policy before it"))?;
            let signer = rules
                .verifier
                .check(signature, &signed.payload)
                .map_err(|e| bad(&format!("is not soundly signed: {e}")))?;
            let may = |handle: &str| {
                rules
                    .policy
                    .authorization
                    .get(handle)
                    .is_some_and(|a| a.sign_commit && (a.add_user || matches!(fact, Fact::InBook(..))))
            };
            let handle = rules.handles_of(&signer).iter().find(|h| may(h)).cloned();
            let handle = handle.ok_or_else(|| bad("is signed by somebody who has not the right to it"))?;
            if !first {
                if let Fact::InBook(book, _) = fact {
                    self.check_may_grant(book, &handle, authority).map_err(bad)?;
                }
                let own = Fact::Key(handle.clone(), signer, matches!(fact, Fact::Key(..)));
                self.trace(&own, authority, depth + 1)?;
            }
            by = handle;
        }
        Ok(Origin { commit, by, time: node.time, key_commit: None })
    }

    /// A book's members grant it; a book that was not there before is anybody's to make.
    fn check_may_grant(&mut self, book: &Slug, signer: &str, at: Oid) -> Result<(), &'static str> {
        let Some(tree) = self.facts.tree(at) else { return Err("has a parent that cannot be read") };
        match self.facts.book(tree, book).map(|b| b.members.iter().any(|m| m.as_str() == signer)) {
            Some(true) => Ok(()),
            Some(false) => Err("is signed by somebody who was not in the book"),
            None if matches!(self.facts.repo.entry(tree, &format!("contacts/{book}")), Ok(None)) => Ok(()),
            None => Err("makes a book anew that had contacts"),
        }
    }
}
