//! One contact against the register: what is wrong with it, and what will be due. Nothing that says who it is gets out.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;

use crate::domain::channel::Channel;
use crate::domain::contact::{Basis, ConsentAction};
use crate::domain::facet::Facet;
use crate::domain::ids::Slug;
use crate::domain::lawful::LegalBasis;
use crate::domain::lawful::consent::state;
use crate::domain::moment;
use crate::domain::retention::judge::{self, Action, Rules};
use crate::domain::retention::view::View;

/// Days after which a consent that was asked for and not given counts as not answered.
const PATIENCE: i64 = 30;

/// What the register declares of one purpose, as far as contacts are compared with it.
#[derive(Clone, Debug, Default)]
pub struct Declared {
    pub bases: Vec<LegalBasis>,
    /// Whether its end has passed.
    pub ended: bool,
    /// Fields of contacts that it uses.
    pub fields: BTreeSet<String>,
}

/// What contacts are compared with.
pub struct Against {
    pub now: i64,
    pub today: NaiveDate,
    pub horizon: NaiveDate,
    pub purposes: BTreeMap<Slug, Declared>,
    pub rules: Rules,
}

/// What is wrong: a stable word, and what it is about: a purpose, `PURPOSE:BASIS`, `FIELD:PURPOSE`.
pub type Wrong = (&'static str, String);

/// What one contact comes to.
#[derive(Debug, Default)]
pub struct Look {
    pub wrong: Vec<Wrong>,
    /// Consents that will expire: purpose and day.
    pub expiring: Vec<(Slug, NaiveDate)>,
    /// The period that ends next, with its purpose.
    pub ending: Option<(Slug, NaiveDate)>,
}

/// Keys that are about the record and not about the person, or that other checks look at.
const OUR_OWN: [&str; 27] = [
    "id",
    "book",
    "kind",
    "source",
    "created",
    "basis",
    "consent",
    "objection",
    "activity",
    "tags",
    "conflict",
    "custom",
    "archive",
    "audience",
    "vcard",
    "objections",
    "objected",
    "restriction",
    "restrictions",
    "restricted",
    "lang",
    "name",
    "todo",
    "every",
    "merged",
    "ended",
    "link",
];

/// Looks at one contact.
pub fn look(facet: &Facet, against: &Against) -> Look {
    let mut found = Look::default();
    let archived = facet.view.archive.is_some();
    bases(facet, against, archived, &mut found);
    consents(facet, against, &mut found);
    if !archived {
        fields(facet, against, &mut found);
    }
    retention(&facet.view, against, &mut found);
    found
}

fn bases(contact: &Facet, against: &Against, archived: bool, found: &mut Look) {
    if contact.bases.is_empty() {
        found.wrong.push(("no-basis", String::new()));
    }
    for basis in &contact.bases {
        let over = basis.until.as_ref().and_then(moment::end).is_some_and(|end| end <= against.now);
        let purpose = basis.purpose.to_string();
        match against.purposes.get(&basis.purpose) {
            None => found.wrong.push(("undeclared-purpose", purpose)),
            Some(declared) if declared.ended && !over => found.wrong.push(("ended-purpose", purpose)),
            // The archive rests on its rule's ground.
            Some(declared) if !over && !archived && !declared.bases.contains(&basis.basis) => {
                found.wrong.push(("undeclared-basis", format!("{purpose}:{}", basis.basis)));
            }
            Some(_) => {}
        }
    }
}

fn consents(contact: &Facet, against: &Against, found: &mut Look) {
    let over = |b: &Basis| b.until.as_ref().and_then(moment::end).is_some_and(|end| end <= against.now);
    let open: Vec<&Basis> = contact.bases.iter().filter(|b| !over(b)).collect();
    let purposes: BTreeSet<&Slug> = contact.consents.iter().map(|event| &event.purpose).collect();
    for purpose in &purposes {
        let states =
            || Channel::ALL.into_iter().filter_map(|c| state(&contact.consents, purpose, c, against.now));
        let old = |at: &toml::value::Datetime| {
            moment::start(at).is_some_and(|start| against.now - start > PATIENCE * 86_400)
        };
        // Whoever is informed of a legitimate interest is asked nothing that they could leave unanswered.
        let elsewhere = || open.iter().any(|b| b.purpose == **purpose && b.basis != LegalBasis::Consent);
        if !elsewhere() && states().any(|s| s.action == ConsentAction::Asked && old(&s.event.time)) {
            found.wrong.push(("consent-unanswered", purpose.to_string()));
        }
        for given in states().filter(|s| s.action == ConsentAction::Granted) {
            if given.event.wording.is_none() {
                found.wrong.push(("consent-without-wording", purpose.to_string()));
            }
            if let Some(day) = given.event.expires.as_ref().and_then(moment::day) {
                found.expiring.push(((*purpose).clone(), day));
            }
        }
    }
    for basis in open.iter().filter(|b| b.basis == LegalBasis::Consent) {
        let said = |which: &[ConsentAction]| {
            Channel::ALL
                .into_iter()
                .filter_map(|c| state(&contact.consents, &basis.purpose, c, against.now))
                .any(|s| which.contains(&s.action))
        };
        // One who was asked a short while ago is waited for; one who said no is not asked again.
        if said(&[ConsentAction::Granted, ConsentAction::Asked]) {
            continue;
        }
        let no = said(&[ConsentAction::Refused, ConsentAction::Withdrawn]);
        // The no has ended it, and today is its last day.
        if no && basis.until.as_ref().and_then(moment::day).is_some_and(|day| day <= against.today) {
            continue;
        }
        found.wrong.push(("no-consent", format!("{}{}", basis.purpose, if no { ":no" } else { "" })));
    }
    found.wrong.sort();
    found.wrong.dedup();
    found.expiring.sort();
    found.expiring.dedup();
}

/// Fields that none of the contact's purposes declares.
fn fields(contact: &Facet, against: &Against, found: &mut Look) {
    let declared = |field: &str| {
        contact
            .bases
            .iter()
            .filter_map(|b| against.purposes.get(&b.purpose))
            .any(|p| p.fields.contains(field))
    };
    let purpose = contact.bases.iter().map(|b| &b.purpose).find(|p| against.purposes.contains_key(*p));
    let Some(purpose) = purpose else { return };
    let about = |field: &str| format!("{}:{purpose}", shown(field));
    for key in contact.fields.iter().filter(|key| !OUR_OWN.contains(&key.as_str())) {
        if !declared(key) {
            found.wrong.push(("undeclared-field", about(key)));
        }
    }
    for key in &contact.custom {
        let field = format!("custom.{key}");
        if !declared(&field) && !declared("custom") {
            found.wrong.push(("undeclared-field", about(&field)));
        }
    }
}

/// A field's name, unless a person wrote something there that may be about somebody.
fn shown(field: &str) -> String {
    let name = field.strip_prefix("custom.").unwrap_or(field);
    let plain = name.len() <= 30 && name.chars().all(|c| c.is_alphanumeric() || c == '_' || c == '-');
    if plain { field.to_owned() } else { "custom".to_owned() }
}

fn retention(view: &View, against: &Against, found: &mut Look) {
    let at = |day: NaiveDate| {
        let standings = judge::standings(view, &against.rules, day);
        judge::action(view, &against.rules, &standings, day)
    };
    let ends = |action: Action| match action {
        Action::Nothing => None,
        Action::End { purposes } => {
            purposes.into_iter().map(|(p, _, ends)| (p, ends)).min_by_key(|(_, ends)| *ends)
        }
        Action::Erase { purpose, ends, .. }
        | Action::Archive { purpose, ends, .. }
        | Action::EraseArchived { purpose, ends } => Some((purpose, ends)),
    };
    found.ending = ends(at(against.today));
    match &found.ending {
        Some((purpose, _)) => found.wrong.push(("retention-over", purpose.to_string())),
        None if against.horizon > against.today => found.ending = ends(at(against.horizon)),
        None => {}
    }
}
