//! What a card's kept lines say together, and what becomes of each when the contact holds these slots.
//!
//! A kept line lives as long as what it says is still in the contact (Art. 16 GDPR: a rectified value must not
//! come back from a copy beside it). Lines that hang on others, such as a label or the way a name is filed, go
//! with them.

use std::collections::BTreeSet;

use super::line::Line;
use super::meaning::{Meaning, meaning, says};
use super::slots::Slot;
use crate::domain::contact::ContactKind;

/// Lines about a name: how it sounds and how it is filed.
const ABOUT_NAME: [&str; 6] = [
    "SORT-STRING",
    "X-EVOLUTION-FILE-AS",
    "X-FILE-AS",
    "X-PHONETIC-FIRST-NAME",
    "X-PHONETIC-MIDDLE-NAME",
    "X-PHONETIC-LAST-NAME",
];
/// Lines about an organisation's name.
const ABOUT_ORG: [&str; 1] = ["X-PHONETIC-ORG"];
/// Lines about a postal address.
const ABOUT_ADDRESS: [&str; 2] = ["LABEL", "GEO"];
/// Kinds of address that say nothing about which address is meant.
const VAGUE: [&str; 5] = ["pref", "dom", "intl", "postal", "parcel"];

/// What becomes of a kept line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    /// It says what this slot says.
    Slot(usize),
    /// No field holds it, so it stays.
    Stays,
    /// What it says is no longer in the contact.
    Goes,
}

/// Lines with what each of them says.
pub(super) struct Said<'a> {
    lines: &'a [Line],
    meanings: Vec<Option<Meaning>>,
}

/// The lines that another hangs on.
struct Owners {
    lines: Vec<usize>,
    /// Whether it goes only when all of them go, or when any does.
    all: bool,
}

impl<'a> Said<'a> {
    pub(super) fn by(lines: &'a [Line]) -> Self {
        // A further FN or N (another script, another language) hangs on the first and says nothing by itself.
        let first = |name: &str| lines.iter().position(|line| line.is(name));
        let (first_fn, first_n) = (first("FN"), first("N"));
        let meanings = lines.iter().enumerate().map(|(i, line)| {
            let further = (line.is("FN") && first_fn != Some(i)) || (line.is("N") && first_n != Some(i));
            if further { None } else { meaning(line, label(lines, line)) }
        });
        Said { meanings: meanings.collect(), lines }
    }

    pub(super) fn meanings(&self) -> &[Option<Meaning>] {
        &self.meanings
    }

    /// The kind that a line claims.
    pub(super) fn kind(&self) -> Option<ContactKind> {
        self.meanings.iter().find_map(|meaning| match meaning {
            Some(Meaning::Kind(kind)) => Some(*kind),
            _ => None,
        })
    }

    /// The tags that these lines say together.
    pub(super) fn tags(&self, lines: &[usize]) -> BTreeSet<&String> {
        let tags = |i: &usize| match self.meanings.get(*i) {
            Some(Some(Meaning::Tags(tags))) => tags.as_slice(),
            _ => &[],
        };
        lines.iter().flat_map(tags).collect()
    }

    pub(super) fn fates(&self, slots: &[Slot]) -> Vec<Fate> {
        let fate = |meaning: &Option<Meaning>| match meaning {
            None => Fate::Stays,
            Some(meaning) => match slots.iter().position(|slot| fits(meaning, &slot.meaning)) {
                Some(slot) => Fate::Slot(slot),
                None => Fate::Goes,
            },
        };
        let mut fates: Vec<Fate> = self.meanings.iter().map(fate).collect();
        for i in 0..fates.len() {
            let Some(owners) = self.owners(i) else { continue };
            let gone = |owner: &usize| fates[*owner] == Fate::Goes;
            if if owners.all { owners.lines.iter().all(gone) } else { owners.lines.iter().any(gone) } {
                fates[i] = Fate::Goes;
            }
        }
        // The revision that the card had when it came is not the revision of what it has become.
        if fates.contains(&Fate::Goes) {
            let revisions = fates.iter_mut().zip(self.lines).filter(|(_, line)| line.is("REV"));
            revisions.for_each(|(fate, _)| *fate = Fate::Goes);
        }
        fates
    }

    /// The lines that line `i` hangs on, if it hangs on any.
    fn owners(&self, i: usize) -> Option<Owners> {
        if self.meanings[i].is_some() {
            return None;
        }
        let line = &self.lines[i];
        let with = |wanted: &dyn Fn(&Line) -> bool| -> Vec<usize> {
            let says = |j: &usize| self.meanings[*j].is_some() && wanted(&self.lines[*j]);
            (0..self.lines.len()).filter(says).collect()
        };
        let (lines, all) = if let Some(group) = &line.group {
            (with(&|l| in_group(l, group)), true)
        } else if line.is_any(&ABOUT_NAME) || line.is_any(&["FN", "N"]) {
            (with(&|l| l.is_any(&["FN", "N"])), false)
        } else if line.is_any(&ABOUT_ORG) {
            (with(&|l| l.is("ORG")), false)
        } else if line.is_any(&ABOUT_ADDRESS) {
            match with(&|l| l.is("ADR") && place(l) == place(line)) {
                same if !same.is_empty() => (same, false),
                _ => (with(&|l| l.is("ADR")), true),
            }
        } else {
            return None;
        };
        (!lines.is_empty()).then_some(Owners { lines, all })
    }

    /// Whether others hang on each line, which must then be kept for them to hang on.
    pub(super) fn owning(&self) -> Vec<bool> {
        let mut owning = vec![false; self.lines.len()];
        for owners in (0..self.lines.len()).filter_map(|i| self.owners(i)) {
            owners.lines.into_iter().for_each(|owner| owning[owner] = true);
        }
        owning
    }
}

fn fits(line: &Meaning, slot: &Meaning) -> bool {
    match (line, slot) {
        (Meaning::Tags(said), Meaning::Tags(held)) => said.iter().all(|tag| held.contains(tag)),
        (line, slot) => says(line, slot),
    }
}

/// The X-ABLabel of a line's group.
fn label<'a>(lines: &'a [Line], line: &Line) -> Option<&'a str> {
    let group = line.group.as_deref()?;
    lines.iter().find(|l| l.is("X-ABLABEL") && in_group(l, group)).map(|l| l.value.as_str())
}

fn in_group(line: &Line, group: &str) -> bool {
    line.group.as_deref().is_some_and(|g| g.eq_ignore_ascii_case(group))
}

/// The kinds by which a label and its address find each other.
fn place(line: &Line) -> BTreeSet<String> {
    line.param("TYPE").map(str::to_lowercase).filter(|t| !VAGUE.contains(&t.as_str())).collect()
}
