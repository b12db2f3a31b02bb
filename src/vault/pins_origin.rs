//! Where a recipient comes from: the signed commits that brought it in, and whether their signers could.
//!
//! A fact, such as "bob is in book main" or "this key is bob's", is traced back to the commits that introduced it.
//! Each must be signed by a key that the policy at its parents authorises for it, and that signer's own key is
//! traced in the same way, down to the first commit, where trust begins.

use std::collections::{HashMap, HashSet};
use std::time::SystemTime;

use super::pins::Recipient;
use super::verify::rules::AllRules;
use crate::domain::ids::Slug;
use crate::domain::policy::Policy;
use crate::domain::register::{self, Book};
use crate::error::Result;
use crate::store::signed::Node;
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

/// Something that a commit's tree says.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Fact {
    /// A handle is among a book's members.
    InBook(Slug, Slug),
    /// A key may sign commits for a handle; with `true` also add users.
    Key(String, String, bool),
}

impl Fact {
    /// What makes a recipient one.
    pub fn of(recipient: &Recipient) -> [Fact; 2] {
        [
            Fact::InBook(recipient.book.clone(), recipient.member.clone()),
            Fact::Key(recipient.member.to_string(), recipient.key.clone(), false),
        ]
    }
}

/// A part of history, read once.
pub struct Origins<'r> {
    repo: &'r Repo,
    nodes: HashMap<Oid, Node>,
    order: Vec<Oid>,
    rules: AllRules,
    books: HashMap<Oid, Option<Book>>,
    known: HashMap<(Fact, Oid), Result<Origin, String>>,
}

impl<'r> Origins<'r> {
    /// All of a commit's history, as far as it can be read.
    pub fn read(repo: &'r Repo, tip: Oid, now: SystemTime) -> Origins<'r> {
        Origins::of_nodes(repo, repo.history(&[tip]).nodes, now)
    }

    /// What `tip` has and `known` has not.
    pub fn since(repo: &'r Repo, tip: Oid, known: Oid, now: SystemTime) -> Result<Origins<'r>> {
        Ok(Origins::of_nodes(repo, repo.since(tip, &[known])?, now))
    }

    fn of_nodes(repo: &'r Repo, nodes: Vec<Node>, now: SystemTime) -> Origins<'r> {
        let order = nodes.iter().map(|n| n.id).collect();
        let nodes = nodes.into_iter().map(|n| (n.id, n)).collect();
        let (books, known) = (HashMap::new(), HashMap::new());
        Origins { repo, nodes, order, rules: AllRules::new(now), books, known }
    }

    /// Where a recipient of `at` comes from, or why it must not be trusted.
    pub fn of(&mut self, recipient: &Recipient, at: Oid) -> Result<Origin, String> {
        let [book, key] = Fact::of(recipient);
        let key = self.trace(&key, at, 0)?;
        let origin = self.trace(&book, at, 0)?;
        Ok(Origin { key_commit: Some(key.commit), ..origin })
    }

    /// Whether any commit of this part of history brings the fact in.
    pub fn is_introduced(&mut self, fact: &Fact) -> bool {
        let all = self.order.clone();
        all.iter().any(|id| self.holds(fact, *id) && self.kept_by(fact, *id).is_none())
    }

    fn tree(&self, commit: Oid) -> Option<Oid> {
        self.nodes.get(&commit).map(|n| n.tree).or_else(|| self.repo.tree_of(commit).ok())
    }

    fn book(&mut self, tree: Oid, book: &Slug) -> Option<&Book> {
        let path = Book::path(book);
        let blob = self.repo.entry(tree, &path).ok()??;
        let repo = self.repo;
        let read = || register::parse(&path, std::str::from_utf8(&repo.blob(blob).ok()?).ok()?).ok();
        self.books.entry(blob).or_insert_with(read).as_ref()
    }

    fn policy(&mut self, commit: Oid) -> Option<Oid> {
        let blob = self.repo.root_entry(self.tree(commit)?, Policy::PATH).ok()??;
        self.rules.learn(self.repo, blob);
        Some(blob)
    }

    fn holds(&mut self, fact: &Fact, commit: Oid) -> bool {
        match fact {
            Fact::InBook(book, member) => {
                let Some(tree) = self.tree(commit) else { return false };
                self.book(tree, book).is_some_and(|b| b.members.contains(member))
            }
            Fact::Key(handle, key, adds) => {
                let Some(blob) = self.policy(commit) else { return false };
                let Ok(rules) = self.rules.get(blob) else { return false };
                let may = rules.policy.authorization.get(handle);
                let may = may.is_some_and(|a| a.sign_commit && (a.add_user || !adds));
                may && rules
                    .certs
                    .get(handle)
                    .is_some_and(|ring| ring.iter().any(|c| c.fingerprint() == *key))
            }
        }
    }

    /// The parents that a commit has the fact from; none when the commit itself brings it in: no parent has it,
    /// or it is a merge that takes back what one side had taken out.
    fn kept_by(&mut self, fact: &Fact, commit: Oid) -> Option<Vec<Oid>> {
        let parents = self.nodes.get(&commit).map(|n| n.parents.clone()).unwrap_or_default();
        let having: Vec<Oid> = parents.iter().copied().filter(|p| self.holds(fact, *p)).collect();
        if having.len() < parents.len() && !having.is_empty() {
            let base = self.repo.common_ancestor(&parents).ok().flatten();
            if base.is_some_and(|base| self.holds(fact, base)) {
                return None;
            }
        }
        (!having.is_empty()).then_some(having)
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
            match self.kept_by(fact, id) {
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
        } else if self.holds(fact, at) {
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
        let node = self.nodes.get(&commit).cloned().ok_or_else(|| bad("cannot be read"))?;
        let signed = self.repo.signed(commit).map_err(|_| bad("cannot be read"))?;
        let signature = signed.signature.as_deref().ok_or_else(|| bad("is not signed"))?;
        let first = node.parents.is_empty();
        let mut by = String::new();
        for authority in if first { vec![commit] } else { node.parents.clone() } {
            let policy = self.policy(authority).ok_or_else(|| bad("has no signing policy before it"))?;
            let rules = self.rules.get(policy).map_err(|_| bad("has no usable signing policy before it"))?;
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
        let Some(tree) = self.tree(at) else { return Err("has a parent that cannot be read") };
        match self.book(tree, book).map(|b| b.members.iter().any(|m| m.as_str() == signer)) {
            Some(true) => Ok(()),
            Some(false) => Err("is signed by somebody who was not in the book"),
            None if matches!(self.repo.entry(tree, &format!("contacts/{book}")), Ok(None)) => Ok(()),
            None => Err("makes a book anew that had contacts"),
        }
    }
}
