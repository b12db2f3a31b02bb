//! `carnet breach list` and `show`.

use serde::Serialize;

use crate::context::Context;
use crate::domain::breach::clock::{State, in_words};
use crate::domain::breach::gaps::{Gap, gaps};
use crate::domain::breach::{Breach, Moment, Texts};
use crate::domain::organisation::Lang;
use crate::error::Result;
use crate::output::Table;
use crate::vault::access::Access;
use crate::vault::{Snapshot, Vault};

#[derive(Serialize)]
struct Line<'a> {
    #[serde(flatten)]
    breach: &'a Breach,
    /// The last moment in time (Art. 33(1)): 72 hours after the firm became aware.
    deadline: Moment,
    minutes_left: i64,
    state: State,
}

impl<'a> Line<'a> {
    fn of(breach: &'a Breach, now: Moment) -> Line<'a> {
        Line {
            breach,
            deadline: breach.deadline(),
            minutes_left: breach.minutes_left(now),
            state: breach.state(now),
        }
    }
}

/// What the clock says, in words.
pub(super) fn clock(breach: &Breach, now: Moment) -> String {
    let minutes = breach.minutes_left(now);
    match breach.state(now) {
        State::Running => format!("{} left", in_words(minutes)),
        State::Late => format!("late by {}", in_words(minutes)),
        _ => String::new(),
    }
}

fn shown(at: Moment) -> String {
    at.with_timezone(&chrono::Local).format("%Y-%m-%d %H:%M %:z").to_string()
}

/// The same without the offset, where room is short.
fn wall(at: Moment) -> String {
    at.with_timezone(&chrono::Local).format("%Y-%m-%d %H:%M").to_string()
}

/// Late first, then by deadline, then what needs no notification any more.
pub(super) fn list(context: &Context, vault: &Vault, all: bool) -> Result<i32> {
    let ui = &context.ui;
    let now = vault.moment();
    let mut breaches = vault.breaches(vault.snapshot()?)?;
    breaches.retain(|breach| all || breach.closed.is_none());
    let rank = |breach: &Breach| match breach.state(now) {
        State::Late | State::Running => 0,
        State::Filed => 1,
        State::NotNotified => 2,
        State::Closed => 3,
    };
    breaches.sort_by_key(|breach| (rank(breach), breach.deadline()));
    if ui.json {
        let lines: Vec<Line<'_>> = breaches.iter().map(|breach| Line::of(breach, now)).collect();
        return ui.data("carnet.breaches/1", &lines).map(|()| 0);
    }
    if ui.quiet {
        return ui
            .raw(&breaches.iter().map(|b| format!("{}\n", b.reference)).collect::<String>())
            .map(|()| 0);
    }
    let mut table =
        Table::new(&["REF", "AWARE", "DEADLINE", "CLOCK", "STATE", "RISK"]).words(&["CLOCK", "STATE"]);
    for breach in &breaches {
        table.row([
            breach.reference.to_string(),
            wall(breach.aware),
            wall(breach.deadline()),
            clock(breach, now),
            breach.state(now).as_str().to_owned(),
            breach.risk.map(|risk| risk.word(ui.lang)).unwrap_or_default().to_owned(),
        ]);
    }
    if breaches.is_empty() {
        ui.note("No breach is open.");
        return Ok(0);
    }
    ui.table(&table)?;
    Ok(0)
}

/// Opens the texts and records that they were read.
pub(super) fn read(vault: &Vault, reference: &str, action: &str) -> Result<(Snapshot, Breach, Texts)> {
    let (at, breach, texts) = vault.reading(|at| {
        let breach = vault.breach(at, reference)?;
        let texts = vault.breach_texts(at, &breach)?;
        Ok((at, breach, texts))
    })?;
    let (records, books) = (vec![breach.texts.id.clone()], vec![breach.texts.book.clone()]);
    vault.record(at, Access { action, records, books, ..Access::default() })?;
    Ok((at, breach, texts))
}

#[derive(Serialize)]
struct Shown<'a> {
    #[serde(flatten)]
    line: Line<'a>,
    text: &'a Texts,
    missing: Vec<Gap>,
}

pub(super) fn show(context: &Context, vault: &Vault, reference: &str) -> Result<i32> {
    let ui = &context.ui;
    let now = vault.moment();
    let (_, breach, mut texts) = read(vault, reference, "breach-show")?;
    texts.rest.clear();
    let missing = gaps(&breach, &texts);
    if ui.json {
        let data = Shown { line: Line::of(&breach, now), text: &texts, missing };
        return ui.data("carnet.breach/1", &data).map(|()| 0);
    }
    if ui.quiet {
        return ui.raw(&format!("{}\n", breach.reference)).map(|()| 0);
    }
    let mut table = Table::new(&["", " "]);
    for (what, text) in facts(&breach, &texts, now, ui.lang) {
        // A text of several lines is one cell a line.
        for (n, line) in text.lines().enumerate() {
            let what = if n == 0 { ui.lang.say(what).into_owned() } else { String::new() };
            table.row([what, line.to_owned()]);
        }
    }
    let text = table.render(None);
    ui.lines(text.split_once('\n').map_or("", |(_, rows)| rows))?;
    if breach.closed.is_none() && !missing.is_empty() {
        let all: Vec<String> =
            missing.iter().map(|gap| format!("{} ({})", ui.lang.say(gap.what), gap.flag)).collect();
        let all = all.join(&format!("{} ", ui.lang.semicolon()));
        ui.note_as_it_is(&ui.lang.fill("Art. 33(5) still wants: {}.", &[&all]));
    }
    Ok(0)
}

fn joined<T: Copy>(all: &[T], word: fn(T, Lang) -> &'static str, lang: Lang) -> String {
    let all: Vec<&str> = all.iter().map(|one| word(*one, lang)).collect();
    all.join(&format!("{} ", lang.semicolon()))
}

/// Everything that is known, in the order of the register.
fn facts(breach: &Breach, texts: &Texts, now: Moment, lang: Lang) -> Vec<(&'static str, String)> {
    use crate::domain::breach as b;
    let time = |at: Option<Moment>| at.map(shown).unwrap_or_default();
    let number =
        |n: Option<u64>| n.map(|n| format!(" ({})", lang.fill("about {}", &[&n]))).unwrap_or_default();
    let clock = clock(breach, now);
    let state = [lang.say(breach.state(now).as_str()), lang.say(&clock)].join(" ");
    let mut all = vec![
        ("reference", breach.reference.to_string()),
        ("state", state.trim().to_owned()),
        ("aware", shown(breach.aware)),
        ("deadline", shown(breach.deadline())),
        ("began", time(breach.from)),
        ("ended", time(breach.to)),
        ("origin", breach.origin.map(|o| o.word(lang).to_owned()).unwrap_or_default()),
        ("kind", joined(&breach.kinds, b::Kind::word, lang)),
        ("facts", texts.facts.clone()),
        ("cause", breach.cause.map(|c| c.word(lang).to_owned()).unwrap_or_default()),
        ("how it came to it", texts.cause.clone()),
        ("persons", joined(&breach.persons, b::Persons::word, lang) + &number(breach.persons_number)),
        ("data", joined(&breach.data, b::Data::word, lang)),
        ("records", breach.records_number.map(|n| lang.fill("about {}", &[&n])).unwrap_or_default()),
        ("encryption", breach.encryption.map(|e| e.word(lang).to_owned()).unwrap_or_default()),
        ("consequences", texts.consequences.clone()),
        ("measures", texts.measures.clone()),
        ("advice", texts.advice.clone()),
        ("risk", breach.risk.map(|r| r.word(lang).to_owned()).unwrap_or_default()),
        ("why that risk", texts.why_risk.clone()),
    ];
    let decision = breach.notify.map(|yes| lang.say(if yes { "notify" } else { "do not notify" }));
    all.push(("decision", decision.unwrap_or_default().into_owned()));
    all.push(("why not notified", texts.why_not_notified.clone()));
    for (n, filing) in breach.filings.iter().enumerate() {
        let what = if n == 0 { "filed" } else { "completed" };
        all.push((what, format!("{}, {}", filing.reference, shown(filing.at))));
    }
    all.push(("why late", texts.why_late.clone()));
    all.push(("persons informed", breach.informed.map(|on| on.to_string()).unwrap_or_default()));
    all.push(("not informed", breach.not_informed.map(|g| g.word(lang).to_owned()).unwrap_or_default()));
    all.push(("how that is met", texts.why_not_informed.clone()));
    for scope in &breach.scopes {
        all.push((
            "scope",
            lang.fill(
                "{}: {} contact(s) could be read, {} were read through carnet, {} changed, {} erased since",
                &[&scope.of, &scope.contacts, &scope.read, &scope.changed, &scope.erased_since],
            ),
        ));
    }
    all.push(("lessons", texts.lessons.clone()));
    all.push(("closed", time(breach.closed)));
    all.retain(|(_, text)| !text.is_empty());
    all
}
