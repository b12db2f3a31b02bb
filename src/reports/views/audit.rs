//! What the audit finds, by severity, and what is due. Contacts are counted; what they say is not repeated here.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::{Facts, seconds};
use crate::domain::audit::{Duty, Finding, Severity};
use crate::reports::small::{Count, Protection};

#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct View {
    pub errors: Vec<Row>,
    pub warnings: Vec<Row>,
    pub duties: Vec<DutyRow>,
    pub contacts: usize,
    pub books: usize,
    /// Books that this member cannot open, and whose contacts nobody looked at here.
    pub closed: usize,
}

/// One kind of finding at one place.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Row {
    /// A code of `finding`.
    pub code: &'static str,
    pub rule: &'static str,
    pub place: Place,
    /// Contacts that it is about; none where it is about no contact.
    pub contacts: Option<Count>,
    pub command: String,
}

/// Where something is: a kind with a word (`place`), and its name in a register.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Place {
    pub kind: &'static str,
    pub name: String,
}

/// Something that is due on a day.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct DutyRow {
    /// Midnight UTC in seconds since 1970.
    pub due: i64,
    /// Days left; negative when late.
    pub days: i64,
    /// Days as a number without sign.
    pub count: u64,
    /// A code of `duty`.
    pub kind: &'static str,
    pub rule: &'static str,
    pub place: Place,
    pub command: String,
}

/// `member ana`, `book main`, `purpose news`, `registers/requests/2026-001-4f7c.toml`.
fn place(text: &str) -> Place {
    let named = |kind, name: &str| Place { kind, name: name.to_owned() };
    match text.split_once(' ') {
        Some(("member", name)) => return named("member", name),
        Some(("book", name)) => return named("book", name),
        Some(("purpose", name)) => return named("purpose", name),
        _ => {}
    }
    let stem = text.strip_suffix(".toml").unwrap_or(text);
    let registers = [
        ("registers/purposes/", "purpose"),
        ("registers/processors/", "processor"),
        ("registers/requests/", "request"),
        ("registers/breaches/", "breach"),
    ];
    let found = registers.iter().find_map(|(dir, kind)| Some(named(kind, stem.strip_prefix(dir)?)));
    found.unwrap_or_else(|| named("file", text))
}

/// What mends a finding about contacts, without what a contact says.
fn command(code: &str) -> &'static str {
    match code {
        "no-basis" => "carnet edit ID --add-basis PURPOSE:BASIS",
        "undeclared-purpose" => "carnet purpose add PURPOSE",
        "ended-purpose" => "carnet edit ID --rm-basis PURPOSE",
        "undeclared-basis" => "carnet purpose edit PURPOSE --set bases+=BASIS",
        "undeclared-field" => "carnet purpose edit PURPOSE --set fields+=FIELD",
        "no-consent" | "consent-without-wording" => "carnet consent list ID",
        "consent-unanswered" => "carnet consent list --state asked",
        "retention-over" => "carnet retention due",
        _ => "carnet verify",
    }
}

/// Findings of one severity: those about contacts are one a code and place, with what a contact says left out.
pub fn rows(findings: &[Finding], severity: Severity, small: Protection) -> Vec<Row> {
    let mut rows = Vec::new();
    let mut grouped: BTreeMap<(&'static str, Place), (&'static str, BTreeSet<&str>)> = BTreeMap::new();
    for found in findings.iter().filter(|f| f.severity == severity) {
        if found.contacts.is_empty() {
            rows.push(Row {
                code: found.code,
                rule: found.rule,
                place: place(&found.place),
                contacts: None,
                command: found.command.clone(),
            });
        } else {
            let group = grouped.entry((found.code, place(&found.place)));
            let (_, ids) = group.or_insert((found.rule, BTreeSet::new()));
            ids.extend(found.contacts.iter().map(String::as_str));
        }
    }
    let of_contacts = grouped.into_iter().map(|((code, place), (rule, ids))| Row {
        code,
        rule,
        place,
        contacts: Some(small.count(ids.len())),
        command: command(code).to_owned(),
    });
    of_contacts.chain(rows).collect()
}

/// A duty as pages show it; none where it would name a purpose that nobody declared.
fn duty(facts: &Facts, duty: &Duty) -> Option<DutyRow> {
    let place = place(&duty.place);
    let declared = place.kind != "purpose" || facts.records.iter().any(|r| r.slug.as_str() == place.name);
    declared.then(|| DutyRow {
        due: seconds(duty.due),
        days: duty.days,
        count: duty.days.unsigned_abs(),
        kind: duty.kind,
        rule: duty.rule,
        place,
        command: duty.command.clone(),
    })
}

/// What is due, what is late first.
pub fn duties(facts: &Facts) -> Vec<DutyRow> {
    facts.duties.iter().filter_map(|d| duty(facts, d)).collect()
}

pub fn view(facts: &Facts) -> View {
    let findings = &facts.audit.findings;
    View {
        errors: rows(findings, Severity::Error, facts.small),
        warnings: rows(findings, Severity::Warning, facts.small),
        duties: duties(facts),
        contacts: facts.audit.counts.contacts,
        books: facts.audit.counts.books,
        closed: facts.figures.books.iter().filter(|b| b.kinds.is_none()).count(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_contact_says_is_in_no_row_and_each_contact_counts_once() {
        let of = |message: &str, id: &str| {
            let mut found =
                Finding::error("undeclared-purpose", "Art. 30(1)", "book main", message).mend(message);
            found.contacts = vec![id.to_owned()];
            found
        };
        let found = [of("jeanne", "a"), of("dupont", "a"), of("dupont", "b")];
        let rows = rows(&found, Severity::Error, Protection::NONE);
        assert_eq!((rows.len(), rows[0].contacts), (1, Some(Count::Exact(2))));
        assert!(!format!("{rows:?}").contains("jeanne") && !format!("{rows:?}").contains("dupont"));
        assert_eq!(rows[0].place, Place { kind: "book", name: "main".to_owned() });
        assert_eq!(place("registers/requests/2026-001-4f7c.toml").name, "2026-001-4f7c");
    }
}
