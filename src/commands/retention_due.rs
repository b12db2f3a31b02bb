//! What `carnet retention` shows of a survey: rules with their counts, and contacts by id and day.

use serde::Serialize;

use crate::context::Context;
use crate::domain::retention::Fate;
use crate::domain::retention::judge::Action;
use crate::error::Result;
use crate::output::Table;
use crate::vault::retention::{Item, Only, RuleLine, Survey};

#[derive(Serialize)]
struct Rule<'a> {
    purpose: &'a str,
    /// From 1, as the record has them.
    rule: usize,
    category: &'a str,
    after: &'static str,
    months: u32,
    then: Fate,
    applies: usize,
    lasting: usize,
    undated: usize,
    over: usize,
    matches_nothing: bool,
}

/// A contact that something is to be done with.
#[derive(Serialize)]
pub(super) struct Line<'a> {
    pub id: &'a str,
    pub book: &'a str,
    /// `erase`, `archive` or `end`.
    pub action: &'static str,
    /// Purposes that it leaves.
    pub purposes: Vec<&'a str>,
    /// The rule that decided, from 1; none where an archive has come to its end.
    pub rule: Option<usize>,
    /// `YYYY-MM-DD`: the last day of the period.
    pub ends: String,
    /// The last day in the archive.
    pub until: Option<String>,
    pub over: bool,
    pub blocked: Option<String>,
    pub hint: Option<String>,
    /// The last day of grace, where a warning was given.
    pub grace: Option<String>,
    pub ready: bool,
    /// What was just done, for people.
    #[serde(skip)]
    pub done: Option<&'static str>,
}

#[derive(Serialize)]
struct Unruled<'a> {
    purpose: &'a str,
    contacts: usize,
}

#[derive(Serialize)]
struct Unreadable<'a> {
    id: &'a str,
    why: &'a str,
}

#[derive(Serialize)]
struct Due<'a> {
    at: String,
    contacts_judged: usize,
    rules: Vec<Rule<'a>>,
    contacts: Vec<Line<'a>>,
    without_a_rule: Vec<Unruled<'a>>,
    would_lose_everything: Vec<&'a str>,
    without_a_date: Vec<&'a str>,
    unreadable: Vec<Unreadable<'a>>,
    books_not_opened: Vec<&'a str>,
}

/// One item as a line.
pub(super) fn line<'a>(survey: &Survey, item: &'a Item) -> Line<'a> {
    let (action, rule, ends, until) = match &item.action {
        Action::Nothing => ("nothing", None, None, None),
        Action::End { purposes } => {
            let first = purposes.iter().min_by_key(|(_, _, ends)| *ends);
            ("end", first.map(|(_, rule, _)| *rule), first.map(|(_, _, ends)| *ends), None)
        }
        Action::Erase { rule, ends, .. } => ("erase", Some(*rule), Some(*ends), None),
        Action::Archive { rule, ends, until, .. } => ("archive", Some(*rule), Some(*ends), Some(*until)),
        Action::EraseArchived { ends, .. } => ("erase", None, Some(*ends), None),
    };
    Line {
        id: item.id.as_str(),
        book: item.book.as_str(),
        action,
        purposes: item.purposes().into_iter().map(|p| p.as_str()).collect(),
        rule: rule.map(|n| n + 1),
        ends: ends.map(|day| day.to_string()).unwrap_or_default(),
        until: until.map(|day| day.to_string()),
        over: item.is_over,
        blocked: item.block.as_ref().map(|block| block.why()),
        hint: item.block.as_ref().map(|block| block.hint().replace("ID", item.id.short())),
        grace: item.grace.map(|day| day.to_string()),
        ready: item.is_ready(survey.today),
        done: None,
    }
}

/// Shows the rules and what is due.
pub(super) fn show(context: &Context, survey: &Survey, only: &Only<'_>) -> Result<i32> {
    let ui = &context.ui;
    let items: Vec<&Item> = survey.items.iter().filter(|item| only.means(item)).collect();
    let wanted = |line: &&RuleLine| only.purposes.is_empty() || only.purposes.contains(&line.purpose);
    let rules: Vec<&RuleLine> = survey.lines.iter().filter(wanted).collect();
    let lines: Vec<Line<'_>> = items.iter().map(|item| line(survey, item)).collect();
    if ui.json {
        return ui.data("carnet.retention-due/1", &data(survey, &rules, lines)).map(|()| 0);
    }
    if ui.quiet {
        let over = lines.iter().filter(|line| line.over);
        return ui.raw(&over.map(|line| format!("{}\n", line.id)).collect::<String>()).map(|()| 0);
    }
    let mut table = Table::new(&["PURPOSE", "RULE", "AFTER", "MONTHS", "THEN", "CONTACTS", "OVER"])
        .words(&["AFTER", "THEN"]);
    for line in &rules {
        table.row([
            line.purpose.to_string(),
            line.rule.category.clone(),
            line.rule.after.as_str().to_owned(),
            line.rule.months.to_string(),
            fate(line.rule.then).to_owned(),
            line.applies.to_string(),
            line.over.to_string(),
        ]);
    }
    ui.table(&table)?;
    if !lines.is_empty() {
        ui.raw("\n")?;
        list(context, &lines)?;
    }
    remarks(context, survey, &rules, &lines);
    Ok(0)
}

/// The contacts as a table.
pub(super) fn list(context: &Context, lines: &[Line<'_>]) -> Result<()> {
    let ui = &context.ui;
    let mut table =
        Table::new(&["ID", "BOOK", "PURPOSE", "LAST DAY", "THEN", "STATE"]).words(&["THEN", "STATE"]);
    for line in lines {
        table.row([
            line.id.to_owned(),
            line.book.to_owned(),
            line.purposes.join(", "),
            line.ends.clone(),
            then(line),
            state(line),
        ]);
    }
    ui.table(&table)
}

fn then(line: &Line<'_>) -> String {
    match (&line.until, line.action) {
        (Some(until), _) => format!("archive until {until}"),
        (None, "end") => "end the basis".to_owned(),
        (None, action) => action.to_owned(),
    }
}

fn state(line: &Line<'_>) -> String {
    match (&line.blocked, &line.grace) {
        _ if line.done.is_some() => line.done.unwrap_or_default().to_owned(),
        (Some(why), _) => format!("blocked: {why}"),
        (None, _) if line.ready => "ready".to_owned(),
        (None, Some(grace)) => format!("warned, grace until {grace}"),
        (None, None) if line.over => "over, to be warned of".to_owned(),
        (None, None) => "ends soon, to be warned of".to_owned(),
    }
}

fn fate(fate: Fate) -> &'static str {
    match fate {
        Fate::Erase => "erase",
        Fate::Archive => "archive",
    }
}

fn data<'a>(survey: &'a Survey, rules: &[&'a RuleLine], contacts: Vec<Line<'a>>) -> Due<'a> {
    let rule = |line: &&'a RuleLine| Rule {
        purpose: line.purpose.as_str(),
        rule: line.number + 1,
        category: &line.rule.category,
        after: line.rule.after.as_str(),
        months: line.rule.months,
        then: line.rule.then,
        applies: line.applies,
        lasting: line.lasting,
        undated: line.undated,
        over: line.over,
        matches_nothing: line.applies == 0,
    };
    Due {
        at: survey.today.to_string(),
        contacts_judged: survey.contacts,
        rules: rules.iter().map(rule).collect(),
        contacts,
        without_a_rule: survey
            .unruled
            .iter()
            .map(|(purpose, contacts)| Unruled { purpose: purpose.as_str(), contacts: *contacts })
            .collect(),
        would_lose_everything: survey.everything.iter().map(|slug| slug.as_str()).collect(),
        without_a_date: survey.undated.iter().map(|id| id.as_str()).collect(),
        unreadable: survey.unreadable.iter().map(|(id, why)| Unreadable { id: id.as_str(), why }).collect(),
        books_not_opened: survey.not_opened.iter().map(|slug| slug.as_str()).collect(),
    }
}

/// What the tables do not say.
fn remarks(context: &Context, survey: &Survey, rules: &[&RuleLine], lines: &[Line<'_>]) {
    let ui = &context.ui;
    let idle: Vec<String> = rules
        .iter()
        .filter(|line| line.applies == 0)
        .map(|line| format!("{} ({})", line.rule.category, line.purpose))
        .collect();
    if !idle.is_empty() {
        ui.note_as_it_is(&ui.lang.fill("These rules match no contact: {}.", &[&idle.join(", ")]));
    }
    for (purpose, contacts) in &survey.unruled {
        ui.note(&format!(
            "{contacts} contact(s) have the purpose `{purpose}`, and no rule says how long; \
             `carnet purpose edit {purpose}` opens its record for a `[[retain]]`."
        ));
    }
    for purpose in &survey.everything {
        ui.warn(&format!(
            "every contact of purpose `{purpose}` is over its time: `warn` and `apply` refuse that without --everything {purpose}"
        ));
    }
    for line in lines.iter().filter(|line| line.hint.is_some()) {
        let hint = line.hint.as_deref().unwrap_or_default();
        ui.note(&format!("Blocked, {}: {hint}", line.id.get(..8).unwrap_or(line.id)));
    }
    gaps(context, survey);
    let over = lines.iter().filter(|line| line.over).count();
    let ready = lines.iter().filter(|line| line.ready).count();
    ui.note(&format!(
        "{} contact(s) looked at: {over} over their time, {ready} of them ready for `carnet retention apply`; nothing was changed.",
        survey.contacts
    ));
}

/// What could not be judged.
pub(super) fn gaps(context: &Context, survey: &Survey) {
    let ui = &context.ui;
    if !survey.undated.is_empty() {
        let ids: Vec<&str> = survey.undated.iter().map(|id| id.short()).collect();
        ui.warn(&format!("no date to count from, so they are kept: contacts {}", ids.join(", ")));
    }
    if !survey.unreadable.is_empty() {
        let ids: Vec<&str> = survey.unreadable.iter().map(|(id, _)| id.short()).collect();
        ui.warn(&format!(
            "not judged, for they cannot be read: contacts {}; `carnet verify` says why",
            ids.join(", ")
        ));
    }
    if !survey.not_opened.is_empty() {
        let books: Vec<&str> = survey.not_opened.iter().map(|slug| slug.as_str()).collect();
        ui.warn(&format!("not looked at, for you cannot open them: books {}", books.join(", ")));
    }
}
