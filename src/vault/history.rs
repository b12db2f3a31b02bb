//! The trail as a list: changes and accesses together, newest first, from git alone.
//!
//! Nothing is decrypted here but for [`Vault::versions_shown`], which shows what a change changed.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::accesses::{Accesses, Writing};
use super::verify::rules::AllRules;
use super::{Snapshot, Vault};
use crate::crypto::{Secret, verify};
use crate::domain::ids::{ContactId, Slug, parse_contact_path};
use crate::domain::policy::Policy;
use crate::domain::register::{self, Erasure};
use crate::domain::trailer::Entry;
use crate::error::{Error, Kind, Result};
use crate::store::chain::ACCESS_REFS;
use crate::store::signed::Node;
use crate::store::{Oid, Repo, diff};

/// How many commits are held at once.
const BATCH: usize = 4096;

/// Which part of the trail is wanted.
#[derive(Clone, Debug)]
pub struct Wanted {
    pub contact: Option<ContactId>,
    pub changes: bool,
    pub accesses: bool,
    pub limit: Option<usize>,
}

/// One line of the trail.
#[derive(Clone, Debug)]
pub struct Line {
    pub commit: Oid,
    pub(super) tree: Oid,
    pub(super) parent: Option<Oid>,
    /// Seconds since 1970.
    pub time: i64,
    pub is_access: bool,
    /// Who signed it, as the signature says (`verify` checks it); none when it is no key of a member.
    pub member: Option<String>,
    pub author: String,
    /// The key that the signature names.
    pub(super) issuer: Option<String>,
    /// The trailers, or the subject alone where a commit was made without carnet.
    pub entry: Entry,
}

impl Line {
    /// The commit before it.
    pub fn parent(&self) -> Option<Oid> {
        self.parent
    }
}

/// What one change did to one contact.
#[derive(Clone, Debug, serde::Serialize)]
pub struct Change {
    pub contact: ContactId,
    pub book: Slug,
    /// Hunks of a unified diff, or a note in square brackets where a version does not open.
    pub text: String,
}

/// The lines, and how many objects of the trail could not be read.
#[derive(Debug, Default)]
pub struct Trail {
    pub lines: Vec<Line>,
    pub unreadable: usize,
    /// What goes on meanwhile.
    pub writing: Writing,
}

impl Vault {
    /// Reads the trail.
    pub fn trail(&self, at: Snapshot, wanted: &Wanted) -> Result<Trail> {
        let mut chains = if wanted.accesses { self.repo.refs(ACCESS_REFS)? } else { Vec::new() };
        let mut trail = Trail::default();
        let mine = self.mine(at)?;
        let contact = wanted.contact.as_ref();
        let mut accesses = Accesses::default();
        if wanted.limit.is_none() {
            // All of it is wanted: each chain is read from its end to its beginning, several at once.
            accesses = self.accesses(std::mem::take(&mut chains), contact, &mine)?;
        }
        let (mut tips, mut members): (Vec<Oid>, Vec<Option<String>>) = (Vec::new(), Vec::new());
        if wanted.changes {
            (tips, members) = (vec![at.commit], vec![None]);
        }
        for (refname, tip) in chains {
            tips.push(tip);
            members.push(member_of(&refname));
        }
        let limit = wanted.limit.unwrap_or(usize::MAX);
        let mut walk = self.repo.newest_first(&tips);
        let mut next = 128;
        while trail.lines.len() < limit {
            // With a limit, no more is read than may be needed.
            let batch = if contact.is_some() { next } else { BATCH.min(limit - trail.lines.len()) };
            next = BATCH.min(next * 2);
            let nodes: Vec<(Node, usize)> = walk.by_ref().take(batch).collect();
            if nodes.is_empty() {
                break;
            }
            let lines = self.repo.in_parallel(&nodes, |repo, (node, tip)| {
                line(repo, node, members.get(*tip).unwrap_or(&None), contact)
            })?;
            for line in lines {
                match line {
                    Ok(line) => trail.lines.extend(line.and_then(|mut line| {
                        let seen = mine.sift(&mut line.entry);
                        seen.then_some(line)
                    })),
                    Err(_) => trail.unreadable += 1,
                }
            }
        }
        trail.unreadable += walk.unreadable;
        trail.lines.truncate(limit);
        trail.unreadable += accesses.unreadable;
        self.name_signers(at, &mut trail.lines);
        trail.writing = accesses.join(&self.repo, &mut trail.lines)?;
        Ok(trail)
    }

    /// Fills in who signed each change: the member of the policy whose key the signature names.
    fn name_signers(&self, at: Snapshot, lines: &mut [Line]) {
        let mut rules = AllRules::new(self.now.into());
        let mut known: HashMap<String, Option<String>> = HashMap::new();
        let mut handle = |repo: &Repo, issuer: &str, tree: Oid| -> Option<String> {
            let policy = repo.root_entry(tree, Policy::PATH).ok()??;
            rules.learn(repo, policy);
            rules.get(policy).ok()?.handle_of_key(issuer).map(str::to_owned)
        };
        for line in lines {
            let Some(issuer) = line.issuer.take() else { continue };
            let name = known.entry(issuer).or_insert_with_key(|issuer| {
                // A member who has left is in the policy of the time.
                handle(&self.repo, issuer, at.tree)
                    .or_else(|| handle(&self.repo, issuer, line.tree))
                    .or_else(|| handle(&self.repo, issuer, self.repo.tree_of(line.parent?).ok()?))
            });
            line.member.clone_from(name);
        }
    }

    /// The contact whose id begins with `prefix`, among those that were ever written about: erased ones too.
    pub fn contact_of_the_past(&self, at: Snapshot, prefix: &str) -> Result<Option<ContactId>> {
        let prefix = prefix.trim().to_ascii_lowercase();
        let hex = prefix.chars().all(|c| c.is_ascii_hexdigit() || c == '-');
        if !(4..=36).contains(&prefix.len()) || !hex {
            return Ok(None);
        }
        let mut ids: BTreeSet<ContactId> = BTreeSet::new();
        let mine = self.mine(at)?;
        for name in self.repo.names(at.tree, super::ledger::LEDGER)?.iter().filter(|n| n.starts_with(&prefix))
        {
            let path = format!("{}/{name}", super::ledger::LEDGER);
            let text = self.repo.file(at.tree, &path)?.unwrap_or_default();
            let erased = register::parse::<Erasure>(&path, &String::from_utf8_lossy(&text));
            if erased.as_ref().is_ok_and(|erased| mine.has(&erased.book)) {
                ids.extend(name.strip_suffix(".toml").and_then(|n| n.parse().ok()));
            }
        }
        for (book, _) in self.my_books(at)? {
            let names = self.repo.names(at.tree, &format!("contacts/{book}/{}", &prefix[..2]))?;
            ids.extend(names.iter().filter_map(|n| n.strip_suffix(".toml.pgp")?.parse().ok()));
        }
        ids.retain(|id| id.as_str().starts_with(&prefix));
        if ids.is_empty() {
            let all = Wanted { contact: None, changes: true, accesses: true, limit: None };
            let lines = self.trail(at, &all)?.lines;
            ids = lines.into_iter().flat_map(|line| line.entry.contacts).collect();
            ids.retain(|id| id.as_str().starts_with(&prefix));
        }
        match ids.len() {
            0 | 1 => Ok(ids.pop_first()),
            n => Err(Error::new(Kind::Ambiguous, format!("{n} contacts, present and past, have such an id"))
                .hint("give more digits of the one you mean")),
        }
    }

    /// The contacts of which a change wrote, moved or removed the file; none for a merge, whose commits are lines too.
    pub(super) fn files_of(&self, line: &Line) -> Result<Vec<(Slug, ContactId)>> {
        if line.is_access || self.repo.commit(line.commit)?.parents.len() > 1 {
            return Ok(Vec::new());
        }
        let before = line.parent.map(|parent| self.repo.tree_of(parent)).transpose()?;
        let changed = self.repo.changes(before, Some(line.tree), "contacts")?;
        Ok(changed.iter().filter_map(|(path, ..)| parse_contact_path(&format!("contacts/{path}"))).collect())
    }

    /// What a change did to contacts, or to one: the difference of their decrypted texts.
    pub fn versions_shown(&self, line: &Line, only: Option<&ContactId>) -> Result<Vec<Change>> {
        if line.is_access {
            return Ok(Vec::new());
        }
        let before = line.parent.map(|parent| self.repo.tree_of(parent)).transpose()?;
        let at = self.snapshot()?;
        let mine = self.mine(at)?;
        // A contact that moved is gone in one book and new in another: that is one change.
        let mut found: BTreeMap<ContactId, (Slug, Option<Oid>, Option<Oid>)> = BTreeMap::new();
        for (path, old, new) in self.repo.changes(before, Some(line.tree), "contacts")? {
            let Some((book, id)) = parse_contact_path(&format!("contacts/{path}")) else { continue };
            if only.is_some_and(|only| *only != id) || !mine.has(&book) {
                continue;
            }
            let (at, before, after) = found.entry(id).or_insert_with(|| (book.clone(), old, new));
            *before = before.or(old);
            if new.is_some() {
                (*at, *after) = (book, new);
            }
        }
        let mut shown = Vec::with_capacity(found.len());
        for (contact, (book, old, new)) in found {
            let text = self.difference(at, &book, &contact, old, new)?;
            shown.push(Change { contact, book, text });
        }
        Ok(shown)
    }

    fn difference(
        &self,
        at: Snapshot,
        book: &Slug,
        id: &ContactId,
        old: Option<Oid>,
        new: Option<Oid>,
    ) -> Result<String> {
        let keys = match self.keys_wherever(at, id) {
            Ok(Some(keys)) => Ok(keys),
            Ok(None) => self.contact_keys(book, id),
            Err(e) => Err(e),
        };
        let keys = match keys {
            Ok(keys) => keys,
            Err(_) if self.is_erased(at, id)? => {
                return Ok("[erased: its key was destroyed]\n".into());
            }
            Err(e) => return Ok(format!("[{}]\n", e.message)),
        };
        let open = |blob: Option<Oid>, keys: &[Secret]| match blob {
            Some(blob) => super::snapshot::open_text_with(keys, &self.repo.blob(blob)?),
            None => Ok(Default::default()),
        };
        match (open(old, &keys), open(new, &keys)) {
            (Ok(old), Ok(new)) => diff::unified(old.as_bytes(), new.as_bytes()),
            _ => Ok("[a version does not open with the contact's key]\n".into()),
        }
    }
}

/// Whose chain a ref is.
pub(super) fn member_of(refname: &str) -> Option<String> {
    refname.rsplit('/').next().map(str::to_owned)
}

/// The trailers of a message, or its subject alone.
pub(super) fn read_entry(message: &str) -> Entry {
    Entry::parse(message).unwrap_or_else(|| {
        let subject = message.lines().next().unwrap_or_default();
        Entry { subject: subject.to_owned(), ..Entry::default() }
    })
}

/// One commit as a line, unless it does not concern the contact that is asked for.
fn line(
    repo: &Repo,
    node: &Node,
    member: &Option<String>,
    contact: Option<&ContactId>,
) -> Result<Option<Line>> {
    let signed = repo.signed(node.id)?;
    let message = signed.message();
    let entry = read_entry(&message);
    let is_access = member.is_some();
    if let Some(id) = contact.filter(|id| !entry.names(id)) {
        // An import, a merge or a commit by hand names no contact; its trees tell.
        if is_access || !entry.contacts.is_empty() || !touches(repo, node, id)? {
            return Ok(None);
        }
    }
    let issuer = signed.signature.as_deref().filter(|_| !is_access).and_then(verify::issuer);
    Ok(Some(Line {
        commit: node.id,
        tree: node.tree,
        parent: node.parents.first().copied(),
        time: node.time,
        is_access,
        member: member.clone(),
        author: repo.commit(node.id)?.author,
        issuer,
        entry,
    }))
}

/// Whether a commit has the contact's file otherwise than every one of its parents.
fn touches(repo: &Repo, node: &Node, id: &ContactId) -> Result<bool> {
    let name = format!("{id}.toml.pgp");
    let here = repo.contact_files(node.tree, id.fan(), &name)?;
    if node.parents.is_empty() {
        return Ok(!here.is_empty());
    }
    for parent in &node.parents {
        if repo.contact_files(repo.tree_of(*parent)?, id.fan(), &name)? == here {
            return Ok(false);
        }
    }
    Ok(true)
}
