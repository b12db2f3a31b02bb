//! What one wants to know before one calls: who they are, what is next, what was last, what their data may be used for.

use super::related::Around;
use chrono::{DateTime, NaiveDate, Utc};
use unicode_width::UnicodeWidthStr;

use crate::domain::activity::{birthday, day, minutes_text, relative};
use crate::domain::contact::{Activity, Contact, ContactKind, Typed};
use crate::domain::filter::{self, Facts, Field, Filter};
use crate::domain::moment;
use crate::domain::organisation::Lang;
use crate::output::text::inert;
use crate::output::{Tone, Ui};
use crate::vault::deals::Held;
use crate::vault::snapshot::Opened;

/// How many interactions are shown, and how many lines of each.
const LAST: usize = 5;

/// The briefing, inert, in lines of at most `width` columns where words allow it.
pub fn text(opened: &Opened, around: &Around, now: DateTime<Utc>, ui: &Ui) -> String {
    let lang = ui.lang;
    let contact = &opened.contact;
    let today = now.date_naive();
    let id = lang.fill(
        "{} in book {}; `carnet show {} --file` prints the file",
        &[&contact.id, &contact.book, &contact.id.short()],
    );
    let plain = |lines: Vec<String>| lines.into_iter().map(|line| (line, Tone::Plain)).collect();
    let sections: [(&str, Vec<(String, Tone)>); 7] = [
        ("Next", next(contact, today, ui)),
        ("People", plain(around.people(contact, lang))),
        ("Links", plain(around.others(contact, lang))),
        ("Deals", plain(around.deals.iter().map(|held| of_deal(held, today, ui)).collect())),
        ("Last", plain(last(contact, today, ui))),
        ("Data", plain(vec![data(opened, now, lang)])),
        ("File", plain(vec![id])),
    ];
    let titles =
        sections.iter().filter(|(_, lines)| !lines.is_empty()).map(|(title, _)| lang.say(title).width());
    let margin = titles.max().unwrap_or_default() + 1;
    let mut out = Page {
        text: String::new(),
        width: ui.width.unwrap_or(100),
        colours: ui.colours,
        margin: margin.max(MARGIN),
    };
    out.line("", &who(contact, around));
    out.line(
        "",
        &[typed(&contact.emails), typed(&contact.phones), typed(&contact.urls)].concat().join("   "),
    );
    for address in &contact.addresses {
        let town = format!("{} {}", address.postcode, address.locality);
        let parts = [&address.street, &address.extended, &town, &address.region, &address.country];
        let parts: Vec<&str> = parts.iter().map(|p| p.trim()).filter(|p| !p.is_empty()).collect();
        out.line("", &parts.join(", "));
    }
    out.line("", &further(contact, now, lang));
    out.line("", contact.note.as_deref().unwrap_or_default());
    for (title, lines) in sections {
        out.section(&lang.say(title), lines);
    }
    out.text
}

/// Text that is wrapped, with a margin for the titles, which are longer in French.
struct Page {
    text: String,
    width: usize,
    colours: bool,
    margin: usize,
}

/// The least margin.
const MARGIN: usize = 6;

impl Page {
    /// A paragraph; nothing where there is nothing to say.
    fn line(&mut self, title: &str, text: &str) {
        self.toned(title, text, Tone::Plain);
    }

    fn toned(&mut self, title: &str, text: &str, tone: Tone) {
        let margin = if title.is_empty() && self.text.is_empty() { 0 } else { self.margin };
        let mut title = format!("{title:<margin$}");
        // The first line of all is who it is.
        let tone = if margin == 0 { Tone::Heading } else { tone };
        for paragraph in text.lines().filter(|line| !line.trim().is_empty()) {
            let mut line = title.clone();
            let mut empty = true;
            for word in inert(paragraph).split([' ', '\t']).filter(|word| !word.is_empty()) {
                if !empty && line.width() + 1 + word.width() > self.width {
                    self.push(&title, &line, tone);
                    title = " ".repeat(margin);
                    line = title.clone();
                    empty = true;
                }
                if !empty {
                    line.push(' ');
                }
                line.push_str(word);
                empty = false;
            }
            self.push(&title, &line, tone);
            title = " ".repeat(margin);
        }
    }

    /// A line that begins with its title or as many blanks.
    fn push(&mut self, title: &str, line: &str, tone: Tone) {
        let text = line.strip_prefix(title).unwrap_or(line).trim_end();
        let title = Tone::Heading.paint(title, self.colours && !title.trim().is_empty());
        self.text.push_str(&format!("{title}{}\n", tone.paint(text, self.colours)));
    }

    fn section(&mut self, title: &str, lines: Vec<(String, Tone)>) {
        let mut title = title;
        for (line, tone) in lines.iter().filter(|(line, _)| !line.trim().is_empty()) {
            if !title.is_empty() {
                self.text.push('\n');
            }
            self.toned(title, line, *tone);
            title = "";
        }
    }
}

/// The name, with what they do and where: what is written, else what a link says.
fn who(contact: &Contact, around: &Around) -> String {
    let firm = around.firm().filter(|_| contact.kind == ContactKind::Person);
    let role = contact.role.as_deref().or(firm.and_then(|firm| firm.role.as_deref()));
    let org = contact.org.as_deref().or(firm.map(|firm| firm.with.name.as_str()));
    let work: Vec<&str> = [contact.title.as_deref(), role, org].into_iter().flatten().collect();
    match work.is_empty() {
        true => contact.name.clone(),
        false => format!("{} ({})", contact.name, work.join(", ")),
    }
}

fn typed(list: &[Typed]) -> Vec<String> {
    let one = |t: &Typed| match &t.kind {
        Some(kind) => format!("{} ({kind})", t.value),
        None => t.value.clone(),
    };
    list.iter().map(one).collect()
}

/// Tags, birthday, language, source, in one line.
fn further(contact: &Contact, now: DateTime<Utc>, lang: Lang) -> String {
    let mut parts = Vec::new();
    if !contact.tags.is_empty() {
        parts.push(lang.fill("tags: {}", &[&contact.tags.join(", ")]));
    }
    if let Some((day, age)) = contact.birthday.as_ref().and_then(|b| birthday(&b.0, now)) {
        let on = format!("{} {}", day.format("%-d"), lang.say(&day.format("%B").to_string()));
        let when = lang.say(&relative(day, now.date_naive())).into_owned();
        parts.push(match age {
            Some(age) => lang.fill("birthday: {} ({}, {})", &[&on, &when, &age]),
            None => lang.fill("birthday: {} ({})", &[&on, &when]),
        });
    }
    if let Some(theirs) = &contact.lang {
        parts.push(lang.fill("language: {}", &[theirs]));
    }
    if let Some(every) = &contact.every {
        parts.push(lang.fill("in touch every {}", &[every]));
    }
    parts.push(lang.fill("source: {}", &[&contact.source]));
    parts.join(lang.pick("; ", "\u{202f}; "))
}

/// How long ago or until then, or the date where dates are wanted.
fn when(day: NaiveDate, today: NaiveDate, ui: &Ui) -> String {
    if ui.absolute { day.to_string() } else { ui.lang.say(&relative(day, today)).into_owned() }
}

/// An open deal in one line.
fn of_deal(held: &Held, today: NaiveDate, ui: &Ui) -> String {
    let deal = &held.deal;
    let close = deal.close.map(|close| match ui.absolute {
        true => close.to_string(),
        false => format!("{close}, {}", when(close.0, today, ui)),
    });
    let parts = [
        Some(deal.title.clone()),
        deal.amount.map(|amount| ui.lang.number(&amount.text())),
        Some(deal.stage.to_string()),
        close,
        Some(held.id.short().to_owned()),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join(ui.lang.pick("; ", "\u{202f}; "))
}

fn next(contact: &Contact, today: NaiveDate, ui: &Ui) -> Vec<(String, Tone)> {
    let lang = ui.lang;
    let said = |when: &str, text: &str| format!("{when}{} {text}", lang.colon());
    let mut open: Vec<_> = contact.todos.iter().filter(|t| t.done.is_none()).collect();
    let due = |at: Option<&toml::value::Datetime>| at.and_then(day);
    open.sort_by_key(|t| (t.due.is_none(), due(t.due.as_ref())));
    open.iter()
        .map(|todo| match due(todo.due.as_ref()) {
            Some(day) if day < today => {
                (said(&lang.fill("late, {}", &[&when(day, today, ui)]), &todo.text), Tone::Late)
            }
            Some(day) => {
                let tone = if day == today { Tone::Today } else { Tone::Plain };
                (said(&when(day, today, ui), &todo.text), tone)
            }
            None => (todo.text.clone(), Tone::Plain),
        })
        .collect()
}

fn last(contact: &Contact, today: NaiveDate, ui: &Ui) -> Vec<String> {
    let lang = ui.lang;
    let mut all: Vec<&Activity> = contact.activities.iter().collect();
    all.sort_by_key(|a| std::cmp::Reverse(moment::start(&a.time)));
    let mut lines: Vec<String> = all
        .iter()
        .take(LAST)
        .map(|a| {
            let when = day(&a.time).map_or_else(|| a.time.to_string(), |day| when(day, today, ui));
            let details =
                [a.direction.as_deref().map(|way| lang.say(way).into_owned()), a.duration.map(minutes_text)];
            let details: Vec<String> = details.into_iter().flatten().collect();
            let details =
                if details.is_empty() { String::new() } else { format!(" ({})", details.join(", ")) };
            let text = a.text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
            let more = if a.text.trim().lines().count() > 1 { " …" } else { "" };
            format!("{when}, {}{details}{} {text}{more}", lang.say(&a.kind.to_string()), lang.colon())
        })
        .collect();
    if all.len() > LAST {
        lines.push(lang.say(&format!("… and {} before", all.len() - LAST)).into_owned());
    }
    lines
}

/// Bases, consents in force and what the person said no to, in one line.
fn data(opened: &Opened, now: DateTime<Utc>, lang: Lang) -> String {
    let contact = &opened.contact;
    let facts = filter::of(&opened.text, contact);
    let says = |field: &str, purpose: &str| {
        let test = Filter::parse(&format!("{field}:\"{purpose}\"")).ok();
        test.and_then(|test| test.passes(&facts, now)).unwrap_or(false)
    };
    let mut yes = Vec::new();
    let mut no = Vec::new();
    let over = |until: Option<&toml::value::Datetime>| {
        until.and_then(moment::end).is_some_and(|end| end <= now.timestamp())
    };
    for basis in &contact.bases {
        let purpose = basis.purpose.as_str();
        let consent = basis.basis == crate::domain::lawful::LegalBasis::Consent;
        if says("objection", purpose) {
            no.push(format!("{purpose} ({})", lang.say("objection")));
        } else if says("restriction", purpose) {
            no.push(format!("{purpose} ({})", lang.say("restricted")));
        } else if over(basis.until.as_ref()) {
            no.push(format!("{purpose} ({})", lang.say("ended")));
        } else if consent && !says("consent", purpose) {
            no.push(format!("{purpose} ({})", lang.say("no consent")));
        } else {
            yes.push(format!("{purpose} ({})", lang.say(&basis.basis.to_string())));
        }
    }
    let mut purposes: Vec<&str> = contact.consents.iter().map(|event| event.purpose.as_str()).collect();
    purposes.sort_unstable();
    purposes.dedup();
    for purpose in purposes.into_iter().filter(|p| !contact.bases.iter().any(|b| b.purpose.as_str() == *p)) {
        match says("consent", purpose) {
            true => yes.push(format!("{purpose} ({})", lang.say("consent"))),
            false => no.push(format!("{purpose} ({})", lang.say("no consent"))),
        }
    }
    // A no without a purpose, or for one that has no basis.
    for field in ["objection", "restriction"] {
        let values = Field::named(field).and_then(|field| facts.values(&field)).unwrap_or_default();
        for value in &values {
            let purpose = value.split('|').next().unwrap_or_default();
            let said = no.iter().any(|line| line.starts_with(purpose) && !purpose.is_empty());
            if !said && says(field, purpose) && !purpose.is_empty() {
                no.push(format!("{purpose} ({})", lang.say(field)));
            }
        }
    }
    let list = |title: &str, list: Vec<String>| {
        if list.is_empty() { None } else { Some(format!("{} {}", lang.say(title), list.join(", "))) }
    };
    [list("may:", yes), list("may not:", no)]
        .into_iter()
        .flatten()
        .collect::<Vec<_>>()
        .join(lang.pick("; ", "\u{202f}; "))
}
