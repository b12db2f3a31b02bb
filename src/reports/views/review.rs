//! What changed since a day or a commit: the page for who reviews the registers. Everything on it is from the change
//! trail and the trees of git: pseudonymous, and by whom.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::consent::{Counts, month_count};
use super::since::page_of;
use super::{Facts, PurposeName, action};
use crate::domain::ids::{ContactId, Slug};
use crate::domain::reference::Reference;
use crate::reports::cites::Cite;
use crate::reports::figures::{Declared, Tally};
use crate::reports::pages::table::{PAGES, file_of};
use crate::reports::since::{Start, Template};
use crate::reports::trails::{Step, Told};

/// Changes of one register that are listed; the change trail has all of them.
const LISTED: usize = 100;

#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct View {
    pub from: From,
    pub changes: usize,
    /// What it comes to, in figures; each change counts in one of them, or in the last.
    pub sums: Vec<Sum>,
    /// Consent events with a date of this time, as the contacts have them today, however they came in.
    pub consents: Vec<ConsentRow>,
    /// Registers that changed, in the order of the navigation.
    pub registers: Vec<Register>,
    /// Templates of the firm's own that came, changed or went.
    pub templates: Vec<Template>,
}

/// Where the time begins.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct From {
    /// `commit`, `day`, `review` or `beginning`.
    pub kind: &'static str,
    /// Seconds since 1970; midnight UTC of a day or of the day of a review.
    pub time: Option<i64>,
    pub commit: Option<String>,
}

/// Consent events for one purpose.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct ConsentRow {
    pub purpose: PurposeName,
    #[serde(flatten)]
    pub tally: Counts,
}

#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Sum {
    /// Its word is `label(of="sum")`.
    pub code: &'static str,
    pub n: usize,
}

/// One register that changed.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Register {
    /// Code of the page that shows it.
    pub page: &'static str,
    pub file: &'static str,
    pub changes: usize,
    /// Who changed it, most changes first.
    pub members: Vec<Who>,
    /// The newest changes.
    pub rows: Vec<Row>,
    /// Changes that are not listed.
    pub more: usize,
}

#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Who {
    /// Handle; none where the commit is no member's.
    pub member: Option<String>,
    pub changes: usize,
}

/// One change.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Row {
    pub time: i64,
    pub member: Option<String>,
    pub action: String,
    /// Beginning of the contact's id, where it is one contact.
    pub contact: Option<String>,
    /// Name or reference of the register's entry, where it is one.
    pub entry: Option<String>,
    /// How many contacts, where there are several.
    pub count: Option<usize>,
    pub commit: Option<Cite>,
}

pub fn view(facts: &Facts) -> View {
    let period = &facts.period;
    let steps: Vec<&Step> = facts.trails.changes.iter().filter(|step| period.holds(step)).collect();
    let mut of_page: BTreeMap<&str, Vec<&Step>> = BTreeMap::new();
    for step in &steps {
        of_page.entry(page_of(step)).or_default().push(step);
    }
    let registers = PAGES.iter().filter_map(|page| {
        let steps = of_page.get(page.code)?;
        Some(Register {
            page: page.code,
            file: file_of(page.code),
            changes: steps.len(),
            members: members(steps),
            rows: steps.iter().take(LISTED).map(|step| row(facts, step)).collect(),
            more: steps.len().saturating_sub(LISTED),
        })
    });
    View {
        from: from(period.start),
        changes: steps.len(),
        registers: registers.collect(),
        sums: sums(&steps, period.templates.len()),
        consents: consents(facts),
        templates: period.templates.clone(),
    }
}

fn from(start: Start) -> From {
    let (kind, time, commit) = match start {
        Start::Commit { id, time } => ("commit", Some(time), Some(id.to_string())),
        Start::Day(day) => ("day", Some(day), None),
        Start::Review(day) => ("review", Some(day), None),
        Start::Beginning => ("beginning", None, None),
    };
    From { kind, time, commit }
}

fn members(steps: &[&Step]) -> Vec<Who> {
    let mut counts: BTreeMap<Option<String>, usize> = BTreeMap::new();
    for step in steps {
        *counts.entry(step.member.as_ref().map(ToString::to_string)).or_default() += 1;
    }
    let mut who: Vec<Who> = counts.into_iter().map(|(member, changes)| Who { member, changes }).collect();
    who.sort_by_key(|w| std::cmp::Reverse(w.changes));
    who
}

/// Protected as the months of the page on consents are: both have the same events.
fn consents(facts: &Facts) -> Vec<ConsentRow> {
    let of = |purpose: &Declared, tally: &Tally| {
        let count = |of: fn(&Tally) -> usize| month_count(facts, purpose, of, of(tally));
        Counts {
            asked: count(|t| t.asked),
            granted: count(|t| t.granted),
            refused: count(|t| t.refused),
            withdrawn: count(|t| t.withdrawn),
            expired: count(|t| t.expired),
        }
    };
    let rows = facts.figures.recent.iter();
    let row = |(purpose, tally): (&Declared, &Tally)| ConsentRow {
        purpose: facts.purpose(purpose.as_ref()),
        tally: of(purpose, tally),
    };
    let mut rows: Vec<ConsentRow> = rows.map(row).collect();
    // What is not declared comes last.
    rows.sort_by_key(|row| row.purpose.slug.is_none());
    rows
}

fn row(facts: &Facts, step: &Step) -> Row {
    let named = step.contacts.len();
    Row {
        time: step.time,
        member: step.member.as_ref().map(ToString::to_string),
        action: action(step),
        contact: (named == 1).then(|| step.contacts.first().map(|id| id.short().to_owned())).flatten(),
        entry: step.entry.as_deref().and_then(|entry| subject(entry).or_else(|| breach(facts, entry))),
        count: step.count.or((named > 1).then_some(named)),
        commit: facts.cites.commit(&facts.trails, step.commit),
    }
}

/// The reference of a breach, of which the trail has the id of its sealed record only.
fn breach(facts: &Facts, entry: &Told) -> Option<String> {
    let found = facts.registers.breaches.iter().find(|breach| entry.records.contains(&breach.texts.id));
    found.map(|breach| breach.reference.to_string())
}

/// What a change is about, where its trailers say it in the form of a name or a reference: anything could stand there.
fn subject(entry: &Told) -> Option<String> {
    // The number of a wording is part of its name.
    let number = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let name = |text: &str| text.parse::<Slug>().is_ok() || text.parse::<Reference>().is_ok() || number(text);
    let shaped = |text: &&str| text.split('/').all(name);
    // `processors/mailco`, `wordings/newsletter/2`: the page says which register it is.
    let register = entry.register.as_deref().map(|path| path.split_once('/').map_or(path, |(_, name)| name));
    let own = register.or(entry.request.as_deref()).filter(shaped).map(str::to_owned);
    let of_purpose = || entry.action.starts_with("purpose-").then(|| entry.purposes.first()).flatten();
    let of_book = || entry.action.starts_with("book-").then(|| entry.books.first()).flatten();
    let named = || of_purpose().or_else(|| entry.members.first()).or_else(of_book);
    own.or_else(|| named().map(Slug::to_string))
}

/// What a sum counts: entries of the trail, or the contacts that they are about.
enum Of {
    Entries,
    Contacts,
    /// Each contact once, where entries name it.
    Each,
}

/// Which entries a sum counts: those of some actions (one that ends with `*` stands for all with this beginning), or those
/// of any other that changed a field.
enum Which {
    Actions(&'static [&'static str]),
    Field(&'static str),
}

use Of::{Contacts, Each, Entries};
use Which::{Actions, Field};

/// Sums in the order of the page.
const SUMS: [(&str, Of, Which); 28] = [
    ("contacts_added", Contacts, Actions(&["add", "import"])),
    ("contacts_edited", Each, Actions(&["edit", "log", "todo-*", "link-*", "merge"])),
    ("contacts_erased", Contacts, Actions(&["erase"])),
    ("retention_warned", Contacts, Actions(&["retention-warn"])),
    ("retention_applied", Entries, Actions(&["retention"])),
    ("consents_asked", Contacts, Actions(&["consent-ask"])),
    ("consents_given", Contacts, Actions(&["consent-give"])),
    ("consents_refused", Contacts, Actions(&["consent-refuse"])),
    ("consents_withdrawn", Contacts, Actions(&["consent-withdraw"])),
    ("consents_expired", Contacts, Actions(&["consent-expire"])),
    ("consents_imported", Contacts, Actions(&["consent-import"])),
    ("consents_edited", Each, Field("consent")),
    ("objections", Contacts, Actions(&["object"])),
    ("objections_lifted", Contacts, Actions(&["object-lift"])),
    ("requests_opened", Entries, Actions(&["request-open"])),
    ("requests_answered", Entries, Actions(&["request-answer"])),
    ("requests_closed", Entries, Actions(&["request-close"])),
    ("breaches_opened", Entries, Actions(&["breach-open"])),
    ("breaches_filed", Entries, Actions(&["breach-file"])),
    ("breaches_closed", Entries, Actions(&["breach-close"])),
    ("purposes", Entries, Actions(&["purpose-add", "purpose-edit", "purpose-remove"])),
    ("processors", Entries, Actions(&["processor-add", "processor-edit", "processor-remove"])),
    ("reviews", Entries, Actions(&["purpose-review", "processor-review"])),
    ("wordings", Entries, Actions(&["wording-*"])),
    ("trainings", Entries, Actions(&["training-*", "agreement-*"])),
    ("members", Entries, Actions(&["member-*", "book-*"])),
    ("organisation", Entries, Actions(&["organisation-edit"])),
    ("deals", Entries, Actions(&["deal-*"])),
];

impl Which {
    fn takes(&self, entry: &Told) -> bool {
        match self {
            Actions(actions) => actions.iter().any(|action| is(&entry.action, action)),
            // What consents are written with counts under its own name.
            Field(field) => !entry.action.starts_with("consent-") && entry.fields.iter().any(|f| f == field),
        }
    }
}

fn is(action: &str, wanted: &str) -> bool {
    match wanted.strip_suffix('*') {
        Some(beginning) => action.starts_with(beginning),
        None => action == wanted,
    }
}

fn sums(steps: &[&Step], templates: usize) -> Vec<Sum> {
    let takes = |which: &Which, step: &Step| step.entry.as_deref().is_some_and(|entry| which.takes(entry));
    let mut sums: Vec<Sum> = SUMS
        .iter()
        .map(|(code, of, which)| {
            let wanted = steps.iter().filter(|step| takes(which, step));
            let n = match of {
                Entries => wanted.count(),
                Contacts => wanted.map(|s| s.count.unwrap_or(s.contacts.len())).sum(),
                Each => each(wanted.copied()),
            };
            Sum { code, n }
        })
        .collect();
    // Templates are counted by their files, whoever committed them.
    let of_templates = Actions(&["template-save"]);
    let counted =
        |step: &Step| takes(&of_templates, step) || SUMS.iter().any(|(.., which)| takes(which, step));
    let others = steps.iter().filter(|step| step.entry.is_some() && !counted(step)).count();
    sums.push(Sum { code: "templates", n: templates });
    sums.push(Sum { code: "others", n: others });
    sums.push(Sum { code: "outside", n: steps.iter().filter(|step| step.entry.is_none()).count() });
    sums
}

fn each<'a>(steps: impl Iterator<Item = &'a Step>) -> usize {
    let (mut named, mut counted): (BTreeSet<&ContactId>, usize) = (BTreeSet::new(), 0);
    for step in steps {
        match step.contacts.is_empty() {
            true => counted += step.count.unwrap_or_default(),
            false => named.extend(&step.contacts),
        }
    }
    named.len() + counted
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::domain::organisation::Lang;
    use crate::reports::texts::Texts;
    use crate::store::Oid;

    fn step(action: Option<&str>, contacts: &[&ContactId], count: Option<usize>) -> Step {
        Step {
            commit: Oid::ZERO_SHA1,
            time: 0,
            member: None,
            entry: action.map(|action| Arc::new(Told { action: action.to_owned(), ..Told::default() })),
            contacts: contacts.iter().map(|id| (*id).clone()).collect(),
            count,
        }
    }

    /// The step with the field of consents among those that it changed.
    fn edited(step: Step) -> Step {
        let told = step.entry.as_deref().cloned().unwrap();
        Step { entry: Some(Arc::new(Told { fields: vec!["consent".into()], ..told })), ..step }
    }

    #[test]
    fn each_sum_counts_what_its_words_say() {
        let (a, b) = (ContactId::random(), ContactId::random());
        let steps = [
            step(Some("import"), &[], Some(40)),
            step(Some("add"), &[&a], None),
            step(Some("edit"), &[&a], None),
            step(Some("todo-add"), &[&a, &b], None),
            step(Some("erase"), &[&a, &b], None),
            step(Some("wording-add"), &[], None),
            step(Some("search-save"), &[], None),
            edited(step(Some("edit"), &[&b], None)),
            edited(step(Some("consent-give"), &[&b], None)),
            step(None, &[], None),
        ];
        let sums = sums(&steps.iter().collect::<Vec<_>>(), 3);
        let texts = Texts::load(Lang::Fr).unwrap();
        assert!(sums.iter().all(|sum| texts.has_label("sum", sum.code)));
        let n = |code: &str| sums.iter().find(|sum| sum.code == code).unwrap().n;
        let found =
            ["contacts_added", "contacts_edited", "contacts_erased", "wordings", "templates", "outside"];
        assert_eq!(found.map(n), [41, 2, 2, 1, 3, 1]);
        assert_eq!(["consents_edited", "consents_given", "others"].map(n), [1, 1, 1]);
    }

    #[test]
    fn what_a_change_is_about_is_a_name_or_a_reference_and_no_text() {
        let of = |register: &str| subject(&Told { register: Some(register.into()), ..Told::default() });
        assert_eq!(of("processors/mailco").as_deref(), Some("mailco"));
        assert_eq!(of("wordings/letter/1").as_deref(), Some("letter/1"));
        assert_eq!(of("processors/Jeanne Dupont"), None);
    }
}
