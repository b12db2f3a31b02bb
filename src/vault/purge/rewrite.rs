//! Which commits a purge has to write again, and writing them.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::rc::Rc;

use crate::domain::evidence;
use crate::domain::ids::ContactId;
use crate::domain::purge::{Hidden, Rewritten};
use crate::error::{Error, Result};
use crate::store::rewrite::header_of;
use crate::store::signed::Node;
use crate::store::{Oid, Repo};
use crate::vault::verify::Checked;
use crate::vault::{Snapshot, Vault};

/// What would be written again.
pub struct Plan {
    /// Erased contacts of which history holds ciphertext.
    pub contacts: BTreeSet<ContactId>,
    /// Their ciphertexts.
    pub blobs: BTreeSet<Oid>,
    /// Every commit from the first that holds one, parents before their children, and the files that it loses.
    pub commits: Vec<(Node, Rc<Hidden>)>,
}

/// Finds the files of some contacts in many trees, which share most of what is in them.
struct Finder<'r> {
    repo: &'r Repo,
    /// Names of files, by the directory that they lie in.
    wanted: BTreeMap<String, BTreeSet<String>>,
    known: HashMap<Oid, Rc<Hidden>>,
    leaves: HashMap<Oid, Vec<(String, Oid)>>,
}

impl Finder<'_> {
    /// What a commit's tree has of them.
    fn held(&mut self, tree: Oid) -> Result<Rc<Hidden>> {
        let contacts = self.contacts_held(tree)?;
        let evidence = self.evidence_held(tree)?;
        if evidence.is_empty() {
            return Ok(contacts);
        }
        Ok(Rc::new(contacts.iter().chain(evidence.iter()).map(|(p, b)| (p.clone(), b.clone())).collect()))
    }

    fn evidence_held(&mut self, tree: Oid) -> Result<Rc<Hidden>> {
        let Some(all) = self.repo.root_entry(tree, evidence::DIR)? else { return Ok(Rc::default()) };
        if let Some(known) = self.known.get(&all) {
            return Ok(known.clone());
        }
        let mut found = Hidden::new();
        for file in self.repo.list(tree, evidence::DIR)? {
            let path = format!("{}/{}", evidence::DIR, file.path);
            let id = evidence::contact_of(&path);
            let wanted = id.is_some_and(|id| {
                let name = format!("{id}.toml.pgp");
                self.wanted.get(id.fan()).is_some_and(|names| names.contains(&name))
            });
            if wanted {
                found.insert(path, file.id.to_string());
            }
        }
        let found = Rc::new(found);
        self.known.insert(all, found.clone());
        Ok(found)
    }

    fn contacts_held(&mut self, tree: Oid) -> Result<Rc<Hidden>> {
        let Some(contacts) = self.repo.root_entry(tree, "contacts")? else { return Ok(Rc::default()) };
        if let Some(known) = self.known.get(&contacts) {
            return Ok(known.clone());
        }
        let mut found = Hidden::new();
        for book in self.repo.names(contacts, "")? {
            let Some(tree) = self.repo.root_entry(contacts, &book)? else { continue };
            for (fan, names) in &self.wanted {
                let Some(leaf) = self.repo.root_entry(tree, fan)? else { continue };
                let there = match self.leaves.get(&leaf) {
                    Some(there) => there,
                    None => {
                        let all = self.repo.list_tree(leaf)?.into_iter();
                        let ours = all.filter(|e| names.contains(&e.path)).map(|e| (e.path, e.id)).collect();
                        self.leaves.entry(leaf).or_insert(ours)
                    }
                };
                found.extend(
                    there.iter().map(|(name, id)| (format!("contacts/{book}/{fan}/{name}"), id.to_string())),
                );
            }
        }
        let found = Rc::new(found);
        self.known.insert(contacts, found.clone());
        Ok(found)
    }
}

impl Vault {
    /// What has to be written again so that history holds no ciphertext of the ledger's contacts.
    pub(super) fn plan_purge(&self, at: Snapshot) -> Result<Plan> {
        let mut wanted: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for line in self.ledger(at)? {
            let name = format!("{}.toml.pgp", line.contact);
            if !self.repo.contact_files(at.tree, line.contact.fan(), &name)?.is_empty() {
                return Err(Error::refused("a contact of the erasure ledger is in a book again")
                    .at(format!("contact {}", line.contact.short()))
                    .hint(format!("`carnet erase {} --reason error` first", line.contact.short())));
            }
            wanted.entry(line.contact.fan().to_owned()).or_default().insert(name);
        }
        let mut plan = Plan { contacts: BTreeSet::new(), blobs: BTreeSet::new(), commits: Vec::new() };
        let mut finder = Finder { repo: &self.repo, wanted, known: HashMap::new(), leaves: HashMap::new() };
        let mut again: HashSet<Oid> = HashSet::new();
        for node in self.repo.since(at.commit, &[])?.into_iter().rev() {
            let held = finder.held(node.tree)?;
            if held.is_empty() && !node.parents.iter().any(|parent| again.contains(parent)) {
                continue;
            }
            for (path, blob) in held.iter() {
                plan.contacts.extend(evidence::contact_of(path));
                plan.blobs.insert(Oid::from_str(blob)?);
            }
            again.insert(node.id);
            plan.commits.push((node, held));
        }
        Ok(plan)
    }

    /// Writes the commits again, signed by this member; no ref moves.
    pub(super) fn write_history_again(
        &self,
        plan: &Plan,
        checked: &Checked,
        progress: &dyn Fn(u64),
    ) -> Result<(Vec<Rewritten>, HashMap<Oid, Oid>)> {
        let author = self.author();
        let mut now: HashMap<Oid, Oid> = HashMap::new();
        let mut held: HashMap<Oid, Rc<Hidden>> = HashMap::new();
        let mut entries = Vec::with_capacity(plan.commits.len());
        for (node, hidden) in &plan.commits {
            let raw = self.repo.raw_commit(node.id)?;
            let header = std::str::from_utf8(header_of(&raw)).map_err(|_| {
                Error::refused("a commit's author is not written in UTF-8, so its record could not be kept")
                    .at(format!("commit {}", node.id))
            })?;
            let parents: Vec<Oid> = node.parents.iter().map(|p| now.get(p).copied().unwrap_or(*p)).collect();
            let tree = match hidden.is_empty() {
                true => node.tree,
                false => {
                    let edits: Vec<_> = hidden.keys().map(|path| (path.clone(), None)).collect();
                    self.repo.edit_tree(Some(node.tree), &edits)?
                }
            };
            let new = self.repo.write_again(&raw, tree, &parents, &author, &|data| self.sign(data))?;
            let (signer, good) = checked.standing(node.id);
            let mut entry = Rewritten {
                old: node.id.to_string(),
                new: new.to_string(),
                signer,
                good,
                header: header.to_owned(),
                ..Rewritten::default()
            };
            let before =
                node.parents.first().and_then(|parent| held.get(parent)).cloned().unwrap_or_default();
            entry.set_hidden(&before, hidden);
            entries.push(entry);
            now.insert(node.id, new);
            held.insert(node.id, hidden.clone());
            progress(1);
        }
        Ok((entries, now))
    }
}
