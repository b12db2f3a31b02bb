//! Three-way merge of two edits of one contact, on the texts of its file: what `sync` and git's merge driver use.
//!
//! The rules are in docs/format.md, "Merging". Values are merged first (`value`, `list`, `privacy`); then
//! the later side's text is changed in place to say the result (`text`), so that comments, order and unknown
//! keys stay. The result does not depend on which side is called ours: not even in its spelling.
//! Nothing here knows of git, files, keys or a clock.

mod list;
mod note;
mod part;
mod plain;
mod privacy;
mod text;
mod value;

#[cfg(test)]
mod tests;

pub use note::{Note, Why, resolve};
pub use part::part;
pub use plain::{Plain, plain};

use toml::{Table, Value};

use super::contact::Contact;
use super::ids::ContactId;
use super::record::Head;
use crate::error::{Error, Result};

/// One side of a merge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Side<'a> {
    /// The contact file's text.
    pub text: &'a str,
    /// When this version was committed, in seconds since 1970 UTC.
    pub time: i64,
    /// Who committed it, as a conflict note says it; may be empty.
    pub who: &'a str,
}

/// What a merge came to.
#[derive(Clone, Debug, PartialEq)]
pub struct Merged {
    /// The merged contact's text, a valid contact; its conflict notes stand in it.
    pub text: String,
    /// The notes that this merge added. They hold personal data: for the contact, not for messages.
    pub notes: Vec<Note>,
}

/// Merges two versions of one contact that come from `base`.
///
/// Without a base (two clones added the same id, or its version does not open any more) nothing counts as
/// removed. The later side wins a field that both changed; at the same second the greater text does, so that
/// every clone decides alike.
///
/// # Errors
/// When a side is no valid contact, or the two are different contacts. Neither message holds personal data.
pub fn merge(base: Option<&str>, ours: &Side<'_>, theirs: &Side<'_>) -> Result<Merged> {
    merge_checked(base, ours, theirs, &|text| Contact::parse(text).map(|contact| contact.id))
}

/// The same for two versions of a sealed record: its fields merge by the rules that a contact's do.
pub fn merge_record(base: Option<&str>, ours: &Side<'_>, theirs: &Side<'_>) -> Result<Merged> {
    merge_checked(base, ours, theirs, &|text| Head::parse(text).map(|head| head.id))
}

fn merge_checked(
    base: Option<&str>,
    ours: &Side<'_>,
    theirs: &Side<'_>,
    id_in: &dyn Fn(&str) -> Result<ContactId>,
) -> Result<Merged> {
    let as_it_is = |side: &Side<'_>| Ok(Merged { text: side.text.to_owned(), notes: Vec::new() });
    if ours.text == theirs.text || base == Some(theirs.text) {
        return as_it_is(ours);
    }
    if base == Some(ours.text) {
        return as_it_is(theirs);
    }
    let ours_is_later = (ours.time, ours.text) >= (theirs.time, theirs.text);
    let (late, early) = if ours_is_later { (ours, theirs) } else { (theirs, ours) };
    let checked = |side: &Side<'_>| {
        id_in(side.text).map_err(|mut e| {
            e.cause = Some(std::mem::replace(&mut e.message, "one side of the merge is not valid".into()));
            e.kind = crate::error::Kind::Failed;
            e
        })
    };
    if checked(late)? != checked(early)? {
        return Err(Error::failed("these are two different contacts or records"));
    }
    let table = |text: &str| text.parse::<Table>().unwrap_or_default();
    let base_table = base.and_then(|text| text.parse::<Table>().ok());
    let mut notes = Notes { late, early, list: Vec::new() };
    let (late_table, early_table) = (table(late.text), table(early.text));
    let mut merged = value::contact(base_table.as_ref(), &late_table, &early_table, &mut notes);
    let notes = notes.list;
    note::put(&mut merged, &notes);
    let text = text::write(base, late.text, early.text, &merged)?;
    id_in(&text).map_err(|e| Error::failed("the result of the merge is not valid").cause(e.message))?;
    Ok(Merged { text, notes })
}

/// What becomes of a contact's file in a merge of two commits, before any text is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// The erasure ledger of either side names it: no file and no key, whatever anybody edited.
    Erased,
    /// There is no such file in the result.
    Absent,
    /// Our file as it is. It also stays when the other side removed it without erasing and we changed it.
    Ours,
    /// Their file as it is, likewise.
    Theirs,
    /// Both changed it: [`merge`] the texts.
    Merge,
}

/// Decides a contact's fate from its versions (blob ids, say); `erased` when either side's ledger names the id.
pub fn fate<T: PartialEq>(erased: bool, base: Option<T>, ours: Option<T>, theirs: Option<T>) -> Fate {
    match (ours, theirs) {
        _ if erased => Fate::Erased,
        (None, None) => Fate::Absent,
        (None, theirs) if theirs == base => Fate::Absent,
        (ours, None) if ours == base => Fate::Absent,
        (None, Some(_)) => Fate::Theirs,
        (Some(_), None) => Fate::Ours,
        (ours, theirs) if ours == theirs || theirs == base => Fate::Ours,
        (ours, _) if ours == base => Fate::Theirs,
        _ => Fate::Merge,
    }
}

/// The same for a sealed record. It has no ledger: one that either side destroyed stays destroyed.
pub fn fate_of_record<T: PartialEq>(base: Option<T>, ours: Option<T>, theirs: Option<T>) -> Fate {
    let destroyed = base.is_some() && (ours.is_none() || theirs.is_none());
    if destroyed { Fate::Absent } else { fate(false, base, ours, theirs) }
}

/// The notes of one merge as they come up, and the sides that they speak of.
struct Notes<'a> {
    late: &'a Side<'a>,
    early: &'a Side<'a>,
    list: Vec<Note>,
}

/// Which side the value in a note's `other` is from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Whose {
    Late,
    Early,
}

impl Notes<'_> {
    fn add(&mut self, field: &str, why: Why, kept: Option<&Value>, other: Option<&Value>, whose: Whose) {
        let side = self.side(whose);
        self.list.push(Note {
            field: field.to_owned(),
            why,
            kept: kept.cloned(),
            other: other.cloned(),
            time: side.time,
            who: side.who.to_owned(),
        });
    }

    fn side(&self, whose: Whose) -> &Side<'_> {
        match whose {
            Whose::Late => self.late,
            Whose::Early => self.early,
        }
    }
}

/// Three versions of one value: the common one, the later and the earlier side's.
#[derive(Clone, Copy)]
struct Three<'a> {
    base: Option<&'a Value>,
    late: Option<&'a Value>,
    early: Option<&'a Value>,
}
