//! What retention reads of a contact: its dates and marks, and nothing that says who it is.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::domain::contact::{ConsentAction, ContactKind};
use crate::domain::ids::{ContactId, Slug};
use crate::domain::lawful::LegalBasis;
use crate::domain::moment;
use crate::error::{Error, Result};

/// A contact as retention sees it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct View {
    pub id: ContactId,
    pub book: Slug,
    #[serde(default)]
    pub kind: ContactKind,
    #[serde(default)]
    pub tags: Vec<String>,
    #[serde(default)]
    pub created: Option<toml::value::Datetime>,
    #[serde(default)]
    pub basis: Vec<BasisView>,
    #[serde(default)]
    pub consent: Vec<ConsentView>,
    #[serde(default)]
    pub activity: Vec<ActivityView>,
    #[serde(default)]
    pub archive: Option<Archived>,
    // As they may be written (docs/format.md, "Contact"); each may stand beside another.
    objection: Option<toml::Value>,
    objections: Option<toml::Value>,
    objected: Option<toml::Value>,
    restriction: Option<toml::Value>,
    restrictions: Option<toml::Value>,
    restricted: Option<toml::Value>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BasisView {
    pub purpose: Slug,
    pub basis: LegalBasis,
    #[serde(default)]
    pub since: Option<toml::value::Datetime>,
    #[serde(default)]
    pub until: Option<toml::value::Datetime>,
    // As they may be written (docs/format.md, "Contact"); each may stand beside another.
    objection: Option<toml::Value>,
    objections: Option<toml::Value>,
    objected: Option<toml::Value>,
    restriction: Option<toml::Value>,
    restrictions: Option<toml::Value>,
    restricted: Option<toml::Value>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ConsentView {
    pub purpose: Slug,
    pub action: ConsentAction,
    pub time: toml::value::Datetime,
    #[serde(default)]
    pub channel: Option<String>,
    #[serde(default)]
    pub expires: Option<toml::value::Datetime>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ActivityView {
    pub time: toml::value::Datetime,
    #[serde(default)]
    pub kind: String,
    /// `in`: it came from the person; `out`: it went to them.
    #[serde(default)]
    pub direction: Option<String>,
}

/// `[archive]`: the contact is in the intermediate archive.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Archived {
    pub purpose: Slug,
    pub since: toml::value::Datetime,
    /// The last day that it is kept.
    pub until: toml::value::Datetime,
    #[serde(default)]
    pub ground: String,
}

impl View {
    /// Reads a contact's text. An error says nothing of its content.
    pub fn parse(text: &str) -> Result<View> {
        toml::from_str(text).map_err(|e| crate::domain::contact::toml_error(text, &e))
    }

    /// The same, refused where the text is another contact's.
    pub fn of(text: &str, book: &Slug, id: &ContactId) -> Result<View> {
        let view = View::parse(text)?;
        match view.id == *id && view.book == *book {
            true => Ok(view),
            false => Err(Error::failed("the contact file is another contact's: it was swapped")),
        }
    }

    /// Whether an objection stands on `today` (Art. 21): the mark must outlive the contact.
    pub fn is_objected(&self, today: NaiveDate) -> bool {
        let stands = |marks| any_stands(marks, today);
        stands([&self.objection, &self.objections, &self.objected])
            || self.basis.iter().any(|b| stands([&b.objection, &b.objections, &b.objected]))
    }

    /// Whether the processing is restricted on `today` (Art. 18(2)): nothing but storage is allowed.
    pub fn is_restricted(&self, today: NaiveDate) -> bool {
        let stands = |marks| any_stands(marks, today);
        stands([&self.restriction, &self.restrictions, &self.restricted])
            || self.basis.iter().any(|b| stands([&b.restriction, &b.restrictions, &b.restricted]))
    }

    /// The purposes that it has a basis for, each once, in order of mention.
    pub fn purposes(&self) -> Vec<&Slug> {
        let mut purposes: Vec<&Slug> = Vec::new();
        for basis in &self.basis {
            if !purposes.contains(&&basis.purpose) {
                purposes.push(&basis.purpose);
            }
        }
        purposes
    }

    pub(super) fn bases_of<'a>(&'a self, purpose: &'a Slug) -> impl Iterator<Item = &'a BasisView> {
        self.basis.iter().filter(move |b| b.purpose == *purpose)
    }
}

impl ActivityView {
    /// A message that was opened says nothing of the person's will (CNIL).
    fn is_open(&self) -> bool {
        self.kind.eq_ignore_ascii_case("open") || self.kind.eq_ignore_ascii_case("opened")
    }

    /// Whether it came from the person; a click counts, an open does not.
    pub fn is_from_them(&self) -> bool {
        let click = self.kind.eq_ignore_ascii_case("click");
        !self.is_open() && (self.direction.as_deref() == Some("in") || click)
    }

    /// Whether the person took part in it.
    pub fn is_shared(&self) -> bool {
        let met = ["meeting", "call"].iter().any(|kind| self.kind.eq_ignore_ascii_case(kind));
        self.is_from_them() || met && self.direction.as_deref() != Some("out")
    }
}

/// Whether one of some marks stands: `false`, an empty list and what was lifted before `today` do not. Whatever else
/// a person wrote there does, for nobody's no is lost to a typing error.
fn any_stands(marks: [&Option<toml::Value>; 3], today: NaiveDate) -> bool {
    marks.into_iter().flatten().any(|mark| stands(mark, today))
}

fn stands(mark: &toml::Value, today: NaiveDate) -> bool {
    match mark {
        toml::Value::Boolean(set) => *set,
        toml::Value::Array(list) => list.iter().any(|mark| stands(mark, today)),
        toml::Value::Table(entry) => {
            let end = ["lifted", "until"].iter().find_map(|key| entry.get(*key)?.as_datetime());
            end.and_then(day).is_none_or(|end| end >= today)
        }
        _ => true,
    }
}

/// The day of a moment, in UTC.
pub(super) fn day(at: &toml::value::Datetime) -> Option<NaiveDate> {
    chrono::DateTime::from_timestamp(moment::start(at)?, 0).map(|at| at.date_naive())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn activity(kind: &str, direction: Option<&str>) -> ActivityView {
        ActivityView {
            time: "2026-01-01".parse().unwrap(),
            kind: kind.into(),
            direction: direction.map(str::to_owned),
        }
    }

    #[test]
    fn a_click_counts_and_an_open_does_not() {
        assert!(activity("click", None).is_from_them() && activity("email", Some("in")).is_from_them());
        for (kind, direction) in
            [("open", Some("in")), ("email", Some("out")), ("email", None), ("meeting", None)]
        {
            assert!(!activity(kind, direction).is_from_them(), "{kind} {direction:?}");
        }
        assert!(activity("meeting", None).is_shared() && !activity("call", Some("out")).is_shared());
        assert!(!activity("note", None).is_shared() && !activity("open", None).is_shared());
    }

    #[test]
    fn marks_count_in_the_contact_and_in_a_basis() {
        let text = |more: &str| {
            format!(
                "id = \"3f9a2c1b-7c1e-4d5a-9a53-0d4c2f6f1e77\"\nbook = \"main\"\n{more}\n\
                 [[basis]]\npurpose = \"a\"\nbasis = \"consent\"\n"
            )
        };
        let view = |more: &str| View::parse(&text(more)).unwrap();
        let today = "2026-11-23".parse().unwrap();
        assert!(!view("").is_objected(today));
        assert!(!view("restricted = false\nobjections = []\nrestrictions = []").is_restricted(today));
        assert!(view("restriction = { since = 2026-01-01 }").is_restricted(today));
        assert!(!view("restriction = { since = 2026-01-01, lifted = 2026-02-01 }").is_restricted(today));
        assert!(view("objected = \"by phone\"\nobjection = false").is_objected(today));
        let in_basis = View::parse(&format!("{}objected = 2026-01-01\n", text(""))).unwrap();
        assert!(in_basis.is_objected(today) && !in_basis.is_restricted(today));
        let error = View::parse("id = \"Jeanne\"").unwrap_err();
        assert!(!error.to_string().contains("Jeanne"));
    }
}
