//! Links that the contacts' own words already say: a person's organisation by name, a card's RELATED by id.

use std::collections::{BTreeMap, BTreeSet};

use super::index_file::{Index, Row};
use super::links::Links;
use super::select::{Match, to_match};
use super::{Snapshot, Vault};
use crate::domain::contact::{Contact, ContactKind};
use crate::domain::ids::Slug;
use crate::domain::link::{self, Kind};
use crate::error::Result;

/// A link that could be made.
#[derive(Clone, Debug)]
pub struct Suggestion {
    pub from: Match,
    pub to: Match,
    pub kind: &'static Kind,
    /// `organisation` or `card`.
    pub why: &'static str,
}

/// What an imported card says of others: TYPE of a RELATED and its URI.
pub type Said = (String, String);

impl Vault {
    /// Links that are not there yet, in the order of names. `related` reads them from a contact's kept vCard lines.
    ///
    /// An organisation that several contacts could be is left out: nothing is guessed.
    pub fn suggested_links(
        &self,
        at: Snapshot,
        related: &dyn Fn(&Contact) -> Vec<Said>,
    ) -> Result<Vec<Suggestion>> {
        let indexes = self.my_books(at)?.into_iter();
        let indexes: Vec<(Slug, Index)> = indexes
            .map(|(book, _)| Ok((book.clone(), self.whole_index(at, &book)?)))
            .collect::<Result<_>>()?;
        let links = Links::of(&indexes);
        let rows: Vec<(&Slug, Row<'_>)> = indexes
            .iter()
            .flat_map(|(book, index)| index.rows().into_iter().map(move |row| (book, row)))
            .collect();
        let mut firms: BTreeMap<String, Vec<(&Slug, &Row<'_>)>> = BTreeMap::new();
        for (book, row) in rows.iter().filter(|(_, row)| row.kind == ContactKind::Organisation.as_str()) {
            firms.entry(link::firm_name(row.name)).or_default().push((book, row));
        }
        let mut found = Vec::new();
        let mut suggest = |from: (&Slug, &Row<'_>), to: (&Slug, &Row<'_>), kind, why| -> Result<()> {
            let known = links.with(from.1.id, self.now).iter().any(|one| one.with.id.as_str() == to.1.id);
            if !known && from.1.id != to.1.id {
                let (from, to) = (to_match(from.0, from.1)?, to_match(to.0, to.1)?);
                found.push(Suggestion { from, to, kind, why });
            }
            Ok(())
        };
        for (book, row) in &rows {
            if row.kind == ContactKind::Person.as_str()
                && !row.org.is_empty()
                && let Some([firm]) = firms.get(&link::firm_name(row.org)).map(Vec::as_slice)
            {
                let kind = link::default_kind(ContactKind::Person, ContactKind::Organisation);
                suggest((book, row), *firm, kind, "organisation")?;
            }
            if !row.text()?.lines().any(|line| line.contains("related")) {
                continue;
            }
            let Some(opened) = self.open_contact(at, book, &row.id.parse()?)? else { continue };
            for (kind, uri) in related(&opened.contact) {
                let uid = format!("uid:{}", crate::domain::fold::fold(&uri));
                let id = uri.to_ascii_lowercase();
                let id = id.strip_prefix("urn:uuid:").unwrap_or_default();
                let is_it = |row: &Row<'_>| {
                    row.id == id || row.text.is_some_and(|text| text.lines().any(|line| line == uid))
                };
                if let Some((to_book, to)) = rows.iter().find(|(_, row)| is_it(row)) {
                    suggest((book, row), (to_book, to), link::kind_of_related(&kind), "card")?;
                }
            }
        }
        // What both ends say is one link.
        let mut seen = BTreeSet::new();
        found.retain(|one| {
            let mut ends = [one.from.id.clone(), one.to.id.clone()];
            ends.sort();
            seen.insert(ends)
        });
        found.sort_by(|a, b| (&a.from.name, &a.from.id).cmp(&(&b.from.name, &b.from.id)));
        Ok(found)
    }
}
