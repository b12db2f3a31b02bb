//! What changed since a day or a commit: the page for who reviews the registers. Everything on it is from the change
//! trail and the trees of git: pseudonymous, and by whom.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::since::page_of;
use super::{Facts, action, short_commit};
use crate::domain::ids::{ContactId, Slug};
use crate::domain::reference::Reference;
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
    /// What it comes to, in figures.
    pub sums: Vec<Sum>,
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
    pub commit: String,
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
            rows: steps.iter().take(LISTED).map(|step| row(step)).collect(),
            more: steps.len().saturating_sub(LISTED),
        })
    });
    View {
        from: from(period.start),
        changes: steps.len(),
        registers: registers.collect(),
        sums: sums(&steps, period.templates.len()),
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

fn row(step: &Step) -> Row {
    let named = step.contacts.len();
    Row {
        time: step.time,
        member: step.member.as_ref().map(ToString::to_string),
        action: action(step),
        contact: (named == 1).then(|| step.contacts.first().map(|id| id.short().to_owned())).flatten(),
        entry: step.entry.as_deref().and_then(subject),
        count: step.count.or((named > 1).then_some(named)),
        commit: short_commit(step.commit),
    }
}

/// What a change is about, where its trailers say it in the form of a name or a reference: anything could stand there.
fn subject(entry: &Told) -> Option<String> {
    let name = |text: &str| text.parse::<Slug>().is_ok() || text.parse::<Reference>().is_ok();
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

/// Sums by action; one that ends with `*` stands for all with this beginning.
const SUMS: [(&str, Of, &[&str]); 16] = [
    ("contacts_added", Of::Contacts, &["add", "import"]),
    ("contacts_edited", Of::Each, &["edit", "log", "todo-*", "link-*", "merge"]),
    ("contacts_erased", Of::Contacts, &["erase"]),
    ("consents_given", Of::Contacts, &["consent-give"]),
    ("consents_withdrawn", Of::Contacts, &["consent-withdraw"]),
    ("consents_imported", Of::Contacts, &["consent-import"]),
    ("objections", Of::Contacts, &["object"]),
    ("requests_opened", Of::Entries, &["request-open"]),
    ("requests_closed", Of::Entries, &["request-close", "request-answer"]),
    ("breaches_opened", Of::Entries, &["breach-open"]),
    ("breaches_closed", Of::Entries, &["breach-close"]),
    ("purposes", Of::Entries, &["purpose-add", "purpose-edit", "purpose-remove"]),
    ("processors", Of::Entries, &["processor-add", "processor-edit", "processor-remove"]),
    ("wordings", Of::Entries, &["wording-*"]),
    ("members", Of::Entries, &["member-*", "book-*"]),
    ("reviews", Of::Entries, &["purpose-review", "processor-review"]),
];

fn sums(steps: &[&Step], templates: usize) -> Vec<Sum> {
    let is = |action: &str, wanted: &&str| match wanted.strip_suffix('*') {
        Some(beginning) => action.starts_with(beginning),
        None => action == *wanted,
    };
    let mut sums: Vec<Sum> = SUMS
        .iter()
        .map(|(code, of, actions)| {
            let action =
                |step: &Step| step.entry.as_ref().map(|entry| entry.action.clone()).unwrap_or_default();
            let wanted = steps.iter().filter(|step| actions.iter().any(|a| is(&action(step), a)));
            let n = match of {
                Of::Entries => wanted.count(),
                Of::Contacts => wanted.map(|s| s.count.unwrap_or(s.contacts.len())).sum(),
                Of::Each => each(wanted.copied()),
            };
            Sum { code, n }
        })
        .collect();
    sums.push(Sum { code: "templates", n: templates });
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
            step(None, &[], None),
        ];
        let sums = sums(&steps.iter().collect::<Vec<_>>(), 3);
        let texts = Texts::load(Lang::Fr).unwrap();
        assert!(sums.iter().all(|sum| texts.has_label("sum", sum.code)));
        let n = |code: &str| sums.iter().find(|sum| sum.code == code).unwrap().n;
        let found =
            ["contacts_added", "contacts_edited", "contacts_erased", "wordings", "templates", "outside"];
        assert_eq!(found.map(n), [41, 2, 2, 1, 3, 1]);
    }

    #[test]
    fn what_a_change_is_about_is_a_name_or_a_reference_and_no_text() {
        let of = |register: &str| subject(&Told { register: Some(register.into()), ..Told::default() });
        assert_eq!(of("processors/mailco").as_deref(), Some("mailco"));
        assert_eq!(of("wordings/letter/1").as_deref(), Some("letter/1"));
        assert_eq!(of("processors/Jeanne Dupont"), None);
    }
}
