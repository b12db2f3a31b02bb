//! Changes of books: who is in one is decided by its members.
//!
//! A member may be added by somebody who is in the book already. One may be taken out by somebody in the book or by
//! whoever may retire users. Anybody who may sign commits may make a new book. A merge carries what its sides did;
//! what it does besides is the merger's own, and takes that right on every side.

use std::collections::{BTreeSet, HashMap};

use super::report::{Problem, Report};
use super::rules::AllRules;
use crate::domain::ids::Slug;
use crate::domain::policy::Policy;
use crate::domain::register::{self, Book};
use crate::error::Result;
use crate::store::signed::Node;
use crate::store::{Oid, Repo};

type Members = BTreeSet<Slug>;

/// Reads books' files, each version once.
struct Books<'r> {
    repo: &'r Repo,
    known: HashMap<Oid, Option<Members>>,
}

impl Books<'_> {
    /// The members of a book at a tree; none where there is no such book, or its file cannot be read.
    fn members(&mut self, tree: Oid, book: &str) -> Option<Members> {
        let path = format!("books/{book}");
        let blob = self.repo.entry(tree, &path).ok()??;
        let repo = self.repo;
        let read = || {
            let bytes = repo.blob(blob).ok()?;
            let book: Book = register::parse(&path, std::str::from_utf8(&bytes).ok()?).ok()?;
            Some(book.members.into_iter().collect())
        };
        self.known.entry(blob).or_insert_with(read).clone()
    }
}

/// Checks every commit that changed who is in a book; `signers` are the fingerprints of those soundly signed.
pub fn check(
    repo: &Repo,
    nodes: &[Node],
    signers: &HashMap<Oid, String>,
    rules: &AllRules,
    report: &mut Report,
) -> Result<()> {
    let trees = repo.in_parallel(nodes, |repo, node| repo.root_entry(node.tree, "books").ok().flatten())?;
    let at: HashMap<Oid, Option<Oid>> = nodes.iter().map(|n| n.id).zip(trees).collect();
    let mut books = Books { repo, known: HashMap::new() };
    for node in nodes.iter().filter(|n| !n.parents.is_empty()) {
        let own = at.get(&node.id);
        // What nobody soundly signed is reported as such.
        let Some(signer) = signers.get(&node.id).filter(|_| node.parents.iter().any(|p| at.get(p) != own))
        else {
            continue;
        };
        let sides: Vec<Oid> = node.parents.iter().filter_map(|p| repo.tree_of(*p).ok()).collect();
        let base = match node.parents.len() {
            1 => None,
            _ => repo.common_ancestor(&node.parents).ok().flatten().and_then(|base| repo.tree_of(base).ok()),
        };
        let mut names: BTreeSet<String> = BTreeSet::new();
        for tree in sides.iter().chain([&node.tree]) {
            names.extend(repo.names(*tree, "books").unwrap_or_default());
        }
        for name in &names {
            let change = Change::of(&mut books, name, node.tree, &sides, base);
            for side in &sides {
                if let Some(why) = change.refused(&mut books, *side, signer, rules) {
                    let slug = name.trim_end_matches(".toml");
                    report.problem(Problem::commit(
                        "book-change",
                        node.id,
                        format!("it changes who is in book {slug}: {why}"),
                        "have a member of the book set its members right: `carnet book grant`, `carnet book revoke`",
                    ));
                    break;
                }
            }
        }
    }
    Ok(())
}

/// What a commit itself did to a book, beside what its parents bring.
struct Change<'n> {
    name: &'n str,
    added: bool,
    removed: bool,
}

impl<'n> Change<'n> {
    fn of(books: &mut Books<'_>, name: &'n str, own: Oid, sides: &[Oid], base: Option<Oid>) -> Change<'n> {
        let own = books.members(own, name).unwrap_or_default();
        let had: Vec<Members> = sides.iter().map(|s| books.members(*s, name).unwrap_or_default()).collect();
        let base = base.and_then(|tree| books.members(tree, name)).unwrap_or_default();
        let everybody: Members = had.iter().flatten().cloned().collect();
        // Whom one side took out stays out; whom one side took in is in.
        let expected: Members = everybody
            .into_iter()
            .filter(|m| !base.contains(m) || had.iter().all(|side| side.contains(m)))
            .collect();
        Change {
            name,
            added: own.difference(&expected).next().is_some(),
            removed: expected.difference(&own).next().is_some(),
        }
    }

    /// Why the signer could not do it, by what one parent says.
    fn refused(&self, books: &mut Books<'_>, side: Oid, signer: &str, rules: &AllRules) -> Option<String> {
        if !self.added && !self.removed {
            return None;
        }
        let policy = books.repo.root_entry(side, Policy::PATH).ok().flatten();
        // A policy that cannot be used is reported where it stands.
        let rules = rules.get(policy?).ok()?;
        let handles = rules.handles_of(signer);
        let Some(before) = books.members(side, self.name) else {
            let slug = self.name.trim_end_matches(".toml");
            let had = books.repo.entry(side, &format!("contacts/{slug}")).ok().flatten().is_some();
            return had.then(|| "it makes a book anew that had contacts".to_owned());
        };
        let inside = before.iter().any(|m| handles.iter().any(|h| h == m.as_str()));
        if inside || (!self.added && rules.rights(signer).retire_user) {
            return None;
        }
        Some(format!("signed by {}, who was not in it", handles.first().map_or("nobody", String::as_str)))
    }
}
