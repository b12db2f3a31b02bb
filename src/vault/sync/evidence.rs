//! Merging evidence: the union of both sides' files, in the book that the contact comes to be in and under the key that
//! it comes to have. What either side erased stays erased.

use std::collections::{BTreeMap, BTreeSet};

use super::files::{Merged, Sides};
use crate::crypto::{Secret, symmetric};
use crate::domain::evidence;
use crate::domain::ids::{ContactId, Slug, parse_contact_path};
use crate::error::Result;
use crate::store::trees::Changed;
use crate::store::{KeyStore, Oid};
use crate::vault::Vault;
use crate::vault::evidence::Filed;

impl Vault {
    /// Adds what becomes of evidence to a merge whose contacts are decided already.
    pub(super) fn merge_evidence(
        &self,
        sides: Sides,
        incoming: Option<&KeyStore>,
        theirs: &[Changed],
        merged: &mut Merged,
    ) -> Result<()> {
        let trees = [sides.ours.tree, sides.theirs.tree];
        let mut any = false;
        for tree in trees {
            any |= self.repo.entry(tree, evidence::DIR)?.is_some();
        }
        if !any {
            return Ok(());
        }
        let mut ids: BTreeSet<ContactId> = BTreeSet::new();
        for (path, ..) in theirs {
            ids.extend(parse_contact_path(path).map(|(_, id)| id));
            ids.extend(evidence::parse_path(path).map(|(_, id, _)| id));
        }
        let decided: BTreeMap<String, Option<Oid>> = merged.edits.iter().cloned().collect();
        for id in ids {
            let [ours, theirs] =
                [self.evidence_of(sides.ours.tree, &id)?, self.evidence_of(sides.theirs.tree, &id)?];
            if ours.is_empty() && theirs.is_empty() {
                continue;
            }
            if merged.apart.contains(&id) {
                // Each version keeps what it has, in its book.
                let new = theirs.into_iter().filter(|file| !ours.iter().any(|our| our.path == file.path));
                merged.edits.extend(new.map(|file| (file.path, Some(file.blob))));
                continue;
            }
            let place = self.place_after(sides.ours.tree, &decided, &id)?;
            self.merge_files_of(&id, place, incoming, (ours, theirs), merged)?;
        }
        Ok(())
    }

    /// Where a contact is in the merged tree: its book and blob.
    fn place_after(
        &self,
        ours: Oid,
        decided: &BTreeMap<String, Option<Oid>>,
        id: &ContactId,
    ) -> Result<Option<(Slug, Oid)>> {
        let name = format!("{id}.toml.pgp");
        let new = decided.iter().filter(|(path, _)| path.ends_with(&name));
        let new = new.filter_map(|(path, blob)| Some((parse_contact_path(path)?.0, (*blob)?))).next();
        if new.is_some() {
            return Ok(new);
        }
        let here = self.repo.contact_files(ours, id.fan(), &name)?.into_iter();
        let mut here = here.filter(|(path, _)| !decided.contains_key(path));
        Ok(here.find_map(|(path, blob)| Some((parse_contact_path(&path)?.0, blob))))
    }

    fn merge_files_of(
        &self,
        id: &ContactId,
        place: Option<(Slug, Oid)>,
        incoming: Option<&KeyStore>,
        (ours, theirs): (Vec<Filed>, Vec<Filed>),
        merged: &mut Merged,
    ) -> Result<()> {
        let Some((book, contact)) = place else {
            merged.edits.extend(ours.into_iter().map(|file| (file.path, None)));
            return Ok(());
        };
        let mut keys: Vec<Secret> = Vec::new();
        let mut from: BTreeSet<Slug> = BTreeSet::from([book.clone()]);
        for file in ours.iter().chain(&theirs) {
            from.extend(evidence::parse_path(&file.path).map(|(book, ..)| book));
        }
        for book in &from {
            for store in [None, incoming] {
                keys.extend(self.keys_of(store, book, id)?.unwrap_or_default());
            }
        }
        let sealed = self.repo.blob(contact)?;
        let current = keys.iter().find(|key| symmetric::open(key, &sealed).is_ok());
        let mut by_hash: BTreeMap<&str, Vec<&Filed>> = BTreeMap::new();
        for file in ours.iter().chain(&theirs) {
            by_hash.entry(&file.sha256).or_default().push(file);
        }
        for (hash, files) in by_hash {
            let target = evidence::path(&book, id, hash);
            let blob = self.blob_under(&files, current, &keys)?;
            for file in &ours {
                if file.sha256 == hash && file.path != target {
                    merged.edits.push((file.path.clone(), None));
                }
            }
            if let Some(blob) = blob
                && !ours.iter().any(|file| file.path == target && file.blob == blob)
            {
                merged.edits.push((target, Some(blob)));
            }
        }
        Ok(())
    }

    /// One of some sealings of the same file: one that the contact's key opens, else one that is sealed anew. Who cannot
    /// open the contact takes what there is.
    fn blob_under(&self, files: &[&Filed], current: Option<&Secret>, keys: &[Secret]) -> Result<Option<Oid>> {
        let Some(current) = current else { return Ok(files.first().map(|file| file.blob)) };
        let mut content = None;
        for file in files {
            let sealed = self.repo.blob(file.blob)?;
            if symmetric::open(current, &sealed).is_ok() {
                return Ok(Some(file.blob));
            }
            content = content.or_else(|| keys.iter().find_map(|key| symmetric::open(key, &sealed).ok()));
        }
        match content {
            Some(bytes) => Ok(Some(self.repo.write_blob(&symmetric::seal(current, &bytes)?)?)),
            None => Ok(files.first().map(|file| file.blob)),
        }
    }
}
