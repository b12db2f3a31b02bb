//! What a user's hook is told of a commit: a JSON record (docs/format.md, "Hooks"), whose reading is recorded first.

use serde_json::{Value, json};

use super::access::Access;
use super::{Snapshot, Vault};
use crate::domain::after::{ERASED, Hook, Told};
use crate::domain::contact::to_json;
use crate::domain::ids::{ContactId, RecordId, Slug};
use crate::domain::trailer::Entry;
use crate::error::Result;
use crate::store::Oid;

/// From how many contacts on the access entry has their number rather than their ids.
const NAMED: usize = 50;

/// A file of a contact or record that a commit wrote or removed.
struct Touched {
    book: Slug,
    id: ContactId,
    gone: bool,
}

impl Vault {
    /// The record of one commit for one hook.
    ///
    /// Where the hook is told what is in contacts and deals, an entry `hook` in the access trail says so before; the
    /// record must not be handed on when that fails.
    pub fn told_of(&self, hook: &Hook, event: &str, entry: &Entry, commit: Oid) -> Result<Value> {
        let at = Snapshot { commit, tree: self.repo.tree_of(commit)? };
        let contacts = self.touched(at, "contacts")?;
        let records = if event == ERASED { Vec::new() } else { self.touched(at, "records")? };
        // Of an erasure only who is gone is told: who had mentioned them is nobody's business any more.
        let erasure = event == ERASED;
        let whole = hook.data == Told::Record && !erasure;
        let mut told: Vec<(ContactId, Slug)> = Vec::new();
        let mut people = Vec::new();
        for one in contacts.iter().filter(|one| one.gone || !erasure) {
            let mut value = json!({ "id": one.id, "book": one.book });
            if one.gone {
                value["gone"] = true.into();
            } else if whole && let Some(opened) = self.open_contact(at, &one.book, &one.id)? {
                value["contact"] = to_json(&opened.contact)?;
                told.push((one.id.clone(), one.book.clone()));
            }
            people.push(value);
        }
        let (deals, deal_ids) = self.deals_told(at, &records, whole)?;
        if whole && !(told.is_empty() && deal_ids.is_empty()) {
            self.record_told(at, hook, told, deal_ids, &records)?;
        }
        Ok(json!({
            "schema": "carnet.hook/1",
            "data": {
                "event": event,
                "action": entry.action,
                "commit": commit.to_string(),
                "time": self.now_text(),
                "member": self.me.handle,
                "books": entry.books,
                "fields": entry.fields,
                "purposes": entry.purposes,
                "request": entry.request,
                "register": entry.register,
                "contacts": people,
                "deals": deals,
            },
        }))
    }

    /// Deals among the sealed records, with what is in them where it is told. Other records are never told of.
    fn deals_told(
        &self,
        at: Snapshot,
        records: &[Touched],
        whole: bool,
    ) -> Result<(Vec<Value>, Vec<RecordId>)> {
        let (mut deals, mut ids) = (Vec::new(), Vec::new());
        if records.is_empty() {
            return Ok((deals, ids));
        }
        for held in self.deals(at)?.into_iter().filter(|held| records.iter().any(|one| one.id == held.id)) {
            let mut value = json!({ "id": held.id, "book": held.book });
            if whole {
                value["deal"] = to_json(&held.deal)?;
                ids.push(held.id.clone());
            }
            deals.push(value);
        }
        Ok((deals, ids))
    }

    fn record_told(
        &self,
        at: Snapshot,
        hook: &Hook,
        told: Vec<(ContactId, Slug)>,
        deals: Vec<RecordId>,
        records: &[Touched],
    ) -> Result<()> {
        let count = told.len();
        let mut books: Vec<Slug> = told.iter().map(|(_, book)| book.clone()).collect();
        books.extend(records.iter().filter(|one| deals.contains(&one.id)).map(|one| one.book.clone()));
        books.sort();
        books.dedup();
        let contacts = if count > NAMED { Vec::new() } else { told.into_iter().map(|(id, _)| id).collect() };
        self.record(
            at,
            Access {
                action: "hook",
                contacts,
                records: deals,
                books,
                count: (count > NAMED).then_some(count),
                purpose: hook.purpose.clone(),
            },
        )
    }

    /// What a commit touched below `contacts` or `records`. What moved between books stays.
    fn touched(&self, at: Snapshot, dir: &str) -> Result<Vec<Touched>> {
        let parent = self.repo.commit(at.commit)?.parents.first().copied();
        let before = parent.map(|parent| self.repo.tree_of(parent)).transpose()?;
        let side = |tree: Option<Oid>| match tree {
            Some(tree) => self.repo.entry(tree, dir),
            None => Ok(None),
        };
        let mut found: Vec<Touched> = Vec::new();
        for (path, _, new) in self.repo.changes(side(before)?, side(Some(at.tree))?, "")? {
            let mut parts = path.split('/');
            let (Some(book), Some(_), Some(name)) = (parts.next(), parts.next(), parts.next()) else {
                continue;
            };
            let id = name.strip_suffix(".toml.pgp").and_then(|id| id.parse().ok());
            let (Ok(book), Some(id)) = (book.parse(), id) else { continue };
            found.push(Touched { book, id, gone: new.is_none() });
        }
        let there: Vec<ContactId> = found.iter().filter(|one| !one.gone).map(|one| one.id.clone()).collect();
        found.retain(|one| !one.gone || !there.contains(&one.id));
        Ok(found)
    }
}
