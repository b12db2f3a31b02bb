//! Facets of a book's contacts, kept between two reports: what is as it was is not opened again.
//!
//! What an erasure takes with it, and when the file is not trusted: [`super::kept`].

use std::collections::HashMap;

use rayon::prelude::*;
use zeroize::Zeroizing;

use super::kept::{Cache, Row, TOLERATED, rows};
use super::scan::Scanned;
use super::snapshot::check_place;
use super::{Snapshot, Vault};
use crate::domain::facet::Facet;
use crate::domain::ids::{ContactId, Slug};
use crate::error::{Error, Result};
use crate::store::Oid;

impl Vault {
    /// Does `work` for the facet of every contact of a book, on all cores; in order of id. Where `remember` says so, contacts
    /// that are what they were are not opened. A damaged contact fails alone.
    pub fn facets<R: Send>(
        &self,
        at: Snapshot,
        book: &Slug,
        remember: bool,
        work: impl Fn(Facet) -> R + Sync,
    ) -> Result<Vec<Scanned<R>>> {
        if !remember {
            let read = |id: &ContactId, text: &str| Ok(work(facet_of(text, book, id)?));
            return self.scan(at, book, read);
        }
        let contacts = self.contacts_of(at, book)?;
        let keys = self.key_messages(book)?;
        let bytes = self.kept(Cache::Facets, book);
        let known = rows(&bytes);
        let as_it_was = |(id, blob): &(ContactId, Oid)| {
            let row = known.get(id.as_str())?;
            row.is(*blob, *keys.get(id)?).then(|| Facet::from_json(row.kept))?
        };
        let remembered: Vec<Option<R>> =
            contacts.par_iter().with_min_len(64).map(|contact| as_it_was(contact).map(&work)).collect();
        let others = contacts.iter().zip(&remembered).filter(|(_, known)| known.is_none());
        let others: Vec<(ContactId, Oid)> = others.map(|(contact, _)| contact.clone()).collect();
        let opened = others.len();
        let mut read = self
            .scan_these(book, others, |id, text| {
                let facet = facet_of(text, book, id)?;
                let json = facet.to_json().map(Zeroizing::new);
                Ok((json, work(facet)))
            })?
            .into_iter();
        let (mut all, mut fresh) = (Vec::with_capacity(contacts.len()), HashMap::new());
        for ((id, blob), known) in contacts.into_iter().zip(remembered) {
            let found = match known {
                Some(found) => Ok(found),
                None => match read.next().map(|one| one.found) {
                    Some(Ok((json, found))) => {
                        fresh.extend(json.map(|json| (id.clone(), json)));
                        Ok(found)
                    }
                    Some(Err(e)) => Err(e),
                    None => Err(Error::failed("a contact has no file")),
                },
            };
            all.push(Scanned { id, blob, found });
        }
        let gone = known.len().saturating_sub(all.len() - opened);
        if opened.max(gone) > TOLERATED {
            let row = |one: &'_ Scanned<R>| -> Option<(Oid, Oid, &str)> {
                let json = match fresh.get(&one.id) {
                    Some(json) => json.as_str(),
                    None => known.get(one.id.as_str()).filter(|row| row.blob == one.blob.as_bytes())?.kept,
                };
                Some((one.blob, *keys.get(&one.id)?, json))
            };
            let rows: Vec<_> = all.iter().filter_map(|one| Some((one.id.as_str(), row(one)?))).collect();
            let rows = rows.iter().map(|(id, (blob, key, kept))| Row {
                id,
                blob: blob.as_bytes(),
                key: key.as_bytes(),
                kept,
            });
            self.keep(Cache::Facets, at, book, rows.collect());
        }
        Ok(all)
    }
}

/// A contact's facet, refused where the text is another contact's.
fn facet_of(text: &str, book: &Slug, id: &ContactId) -> Result<Facet> {
    Facet::of(text, check_place(text, book, id)?)
}
