//! What commits say of members and books, read once for each version of what says it.

use std::collections::HashMap;
use std::time::SystemTime;

use super::pins_newcomer::Recipient;
use super::verify::rules::AllRules;
use crate::domain::ids::Slug;
use crate::domain::policy::Policy;
use crate::domain::register::{self, Book};
use crate::store::signed::Node;
use crate::store::{Oid, Repo};

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

/// Ids of the tree of books and of the policy, as far as a commit has them.
type Mark = (Option<Oid>, Option<Oid>);

/// A part of history.
pub struct Facts<'r> {
    pub repo: &'r Repo,
    pub nodes: HashMap<Oid, Node>,
    /// Commits with other books or another policy than one of their parents.
    pub changing: Vec<Oid>,
    pub rules: AllRules,
    books: HashMap<Oid, Option<Book>>,
    /// What decides facts at each commit: the tree of books, the policy.
    marks: HashMap<Oid, Mark>,
    held: HashMap<(Fact, Option<Oid>), bool>,
}

impl<'r> Facts<'r> {
    /// Prepares a part of history.
    pub fn of(repo: &'r Repo, nodes: Vec<Node>, now: SystemTime) -> Facts<'r> {
        // What cannot be read on another core is read again when it is needed.
        let found = repo.in_parallel(&nodes, |repo, node| mark(repo, node.tree)).unwrap_or_default();
        let marks: HashMap<Oid, Mark> = nodes.iter().map(|n| n.id).zip(found).collect();
        let changes =
            |n: &&Node| n.parents.is_empty() || n.parents.iter().any(|p| marks.get(p) != marks.get(&n.id));
        let changing = nodes.iter().filter(changes).map(|n| n.id).collect();
        let nodes = nodes.into_iter().map(|n| (n.id, n)).collect();
        let (books, held) = (HashMap::new(), HashMap::new());
        Facts { repo, nodes, changing, rules: AllRules::new(now), books, marks, held }
    }

    fn mark(&mut self, commit: Oid) -> Mark {
        if let Some(mark) = self.marks.get(&commit) {
            return *mark;
        }
        let mark = self.tree(commit).map(|tree| mark(self.repo, tree)).unwrap_or_default();
        self.marks.insert(commit, mark);
        mark
    }

    pub fn tree(&self, commit: Oid) -> Option<Oid> {
        self.nodes.get(&commit).map(|n| n.tree).or_else(|| self.repo.tree_of(commit).ok())
    }

    /// A book at a tree.
    pub fn book(&mut self, tree: Oid, book: &Slug) -> Option<&Book> {
        let path = Book::path(book);
        let blob = self.repo.entry(tree, &path).ok()??;
        let repo = self.repo;
        let read = || register::parse(&path, std::str::from_utf8(&repo.blob(blob).ok()?).ok()?).ok();
        self.books.entry(blob).or_insert_with(read).as_ref()
    }

    /// The policy of a commit, learnt.
    pub fn policy(&mut self, commit: Oid) -> Option<Oid> {
        let blob = self.mark(commit).1?;
        self.rules.learn(self.repo, blob);
        Some(blob)
    }

    /// Whether the fact is so at a commit.
    pub fn holds(&mut self, fact: &Fact, commit: Oid) -> bool {
        let (books, policy) = self.mark(commit);
        let key = (fact.clone(), if matches!(fact, Fact::InBook(..)) { books } else { policy });
        if let Some(held) = self.held.get(&key) {
            return *held;
        }
        let held = self.holds_there(fact, commit);
        self.held.insert(key, held);
        held
    }

    fn holds_there(&mut self, fact: &Fact, commit: Oid) -> bool {
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
    pub fn kept_by(&mut self, fact: &Fact, commit: Oid) -> Option<Vec<Oid>> {
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
}

fn mark(repo: &Repo, tree: Oid) -> Mark {
    let entry = |name| repo.root_entry(tree, name).ok().flatten();
    (entry("books"), entry(Policy::PATH))
}
