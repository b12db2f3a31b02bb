//! The change trail: signed commits, with names of fields and never their content.

use serde::Serialize;

use super::{Bar, Facts, action, bars, by_size, month, short_commit};
use crate::reports::pictures::Calendar;
use crate::reports::trails::Step;

#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct View {
    pub total: usize,
    pub calendar: Calendar,
    pub by_month: Vec<Bar>,
    pub by_member: Vec<Bar>,
    pub by_action: Vec<Bar>,
}

/// One change.
#[derive(Debug)]
pub struct Row {
    pub time: i64,
    pub member: Option<String>,
    pub action: String,
    /// How many contacts, where the entry says so.
    pub count: Option<usize>,
    pub contact: Option<String>,
    pub books: Vec<String>,
    /// Codes of fields; those that carnet does not know are `other`.
    pub fields: Vec<String>,
    pub commit: String,
}

/// One line of the trail.
pub fn row(step: &Step) -> Row {
    let named = step.contacts.len();
    Row {
        time: step.time,
        member: step.member.as_ref().map(ToString::to_string),
        action: action(step),
        count: step.count.or((named > 0).then_some(named)),
        contact: step.contacts.first().map(|id| id.short().to_owned()),
        books: step.entry.iter().flat_map(|e| &e.books).map(ToString::to_string).collect(),
        fields: known(step.entry.as_ref().map_or(&[], |e| &e.fields[..])),
        commit: short_commit(step.commit),
    }
}

pub fn view(facts: &Facts) -> View {
    let steps = &facts.trails.changes;
    let plain = |key: &Option<String>| (key.clone(), None);
    let mut by_month = bars(steps.iter(), |s| vec![Some(month(s.time))], plain);
    by_month.reverse();
    View {
        total: steps.len(),
        calendar: Calendar::of(steps.iter().map(|s| s.time), facts.now),
        by_month,
        by_member: by_size(bars(steps.iter(), |s| vec![s.member.as_ref().map(ToString::to_string)], plain)),
        by_action: by_size(bars(steps.iter(), |s| vec![Some(action(s))], plain)),
    }
}

/// Fields of a contact file (docs/format.md, «Contact»).
const FIELDS: [&str; 29] = [
    "id",
    "book",
    "kind",
    "name",
    "given",
    "family",
    "additional",
    "prefix",
    "suffix",
    "nickname",
    "org",
    "title",
    "role",
    "emails",
    "phones",
    "addresses",
    "urls",
    "birthday",
    "tags",
    "lang",
    "note",
    "source",
    "created",
    "custom",
    "basis",
    "consent",
    "activity",
    "link",
    "vcard",
];

/// Fields as codes, each once; a trailer's text that is none is `other`, since anything could stand there.
fn known(fields: &[String]) -> Vec<String> {
    let mut codes: Vec<String> = Vec::new();
    for field in fields {
        let code = if FIELDS.contains(&field.as_str()) { field } else { "other" };
        if !codes.iter().any(|c| c == code) {
            codes.push(code.to_owned());
        }
    }
    codes
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::organisation::Lang;
    use crate::reports::texts::Texts;

    #[test]
    fn every_field_has_a_word_and_free_text_is_none() {
        let texts = Texts::load(Lang::Fr).unwrap();
        assert!(FIELDS.iter().all(|f| texts.has_label("field", f)));
        assert_eq!(known(&["tags".into(), "Jeanne".into(), "x".into()]), ["tags", "other"]);
    }
}
