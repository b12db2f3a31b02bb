//! `carnet deal show`

use chrono::NaiveDate;
use serde::Serialize;

use super::Item;
use crate::context::Context;
use crate::domain::activity::{day, relative};
use crate::domain::contact::{Activity, Contact};
use crate::domain::deal::Deal;
use crate::domain::ids::ContactId;
use crate::domain::organisation::Lang;
use crate::domain::stages::Stages;
use crate::error::Result;
use crate::vault::access::Access;

/// Show a deal: figures, people, what was logged about it, its way through the stages.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  carnet deal show 'Website'
  carnet deal show 'Website' --json")]
pub struct Args {
    /// Which deal.
    deal: String,
}

#[derive(Serialize)]
struct Shown<'a> {
    #[serde(flatten)]
    item: Item<'a>,
    people: Vec<Person<'a>>,
    activities: &'a [Activity],
}

#[derive(Serialize)]
struct Person<'a> {
    id: &'a ContactId,
    name: &'a str,
}

pub fn run(context: &Context, args: &Args) -> Result<i32> {
    let vault = context.vault()?;
    let held = super::one(context, &vault, &args.deal)?;
    let (at, stages, (people, log)) = vault
        .reading(|at| Ok((at, vault.settings(at)?.pipeline.stages()?, vault.around_deal(at, &held)?)))?;
    let firm = vault.people_of_deals(at, std::slice::from_ref(&held))?.firm(&held);
    let mut books = vec![held.book.clone()];
    books.extend(firm.iter().map(|firm| firm.book.clone()));
    books.extend(people.iter().map(|person| person.book.clone()));
    books.sort();
    books.dedup();
    let mut seen: Vec<ContactId> = people.iter().map(|person| person.id.clone()).collect();
    seen.extend(firm.iter().map(|firm| firm.id.clone()).filter(|id| !held.deal.contacts.contains(id)));
    let access = Access {
        action: "deal-show",
        contacts: seen,
        records: vec![held.id.clone()],
        books,
        ..Access::default()
    };
    vault.record(at, access)?;
    let ui = &context.ui;
    if ui.json {
        let person = |one: &Contact| -> (ContactId, String) { (one.id.clone(), one.name.clone()) };
        let named: Vec<(ContactId, String)> = people.iter().map(person).collect();
        let people = named.iter().map(|(id, name)| Person { id, name }).collect();
        let item = Item::of(&held, &stages).with_firm(firm);
        return ui.data("carnet.deal/1", &Shown { item, people, activities: &log }).map(|()| 0);
    }
    if ui.quiet {
        return ui.raw(&format!("{}\n", held.id)).map(|()| 0);
    }
    let lang = ui.lang;
    let mut text = figures(&held.deal, &stages, vault.now.date_naive(), lang);
    if let Some(firm) = firm.filter(|firm| !held.deal.contacts.contains(&firm.id)) {
        line(&mut text, &lang.say("firm"), &format!("{}  {}", firm.id.short(), firm.name));
    }
    for person in &people {
        line(&mut text, &lang.say("with"), &format!("{}  {}", person.id.short(), person.name));
    }
    let out_of_reach = held.deal.contacts.len() - people.len();
    if out_of_reach > 0 {
        line(
            &mut text,
            &lang.say("with"),
            &lang.say(&format!("{out_of_reach} contact(s) in books that you cannot open")),
        );
    }
    for activity in &log {
        let when = day(&activity.time).map_or_else(|| activity.time.to_string(), |day| day.to_string());
        line(
            &mut text,
            &lang.say(&activity.kind),
            &format!("{when}  {}", activity.text.lines().next().unwrap_or_default()),
        );
    }
    let mut moves: Vec<_> = held.deal.moves.iter().collect();
    moves.sort_by(|a, b| a.time.cmp(&b.time));
    for moved in moves {
        line(
            &mut text,
            &lang.say("moved"),
            &format!("{}  {}", moved.time.get(..10).unwrap_or_default(), moved.to),
        );
    }
    line(&mut text, "id", &lang.say(&format!("{} in book {}", held.id, held.book)));
    if held.deal.rest.contains_key("conflict") {
        ui.warn("two edits of this deal met in a sync: --json shows the notes, `carnet deal edit DEAL --resolve FIELD` ends them");
    }
    ui.lines(&text)?;
    Ok(0)
}

fn figures(deal: &Deal, stages: &Stages, today: NaiveDate, lang: Lang) -> String {
    let mut text = format!("{}\n", crate::output::text::inert(&deal.title));
    let amount = deal.amount.map(|amount| amount.text()).unwrap_or_default();
    let when = |day: NaiveDate| lang.say(&relative(day, today)).into_owned();
    line(&mut text, &lang.say("stage"), &format!("{}, {} %", deal.stage, deal.percent(stages)));
    line(&mut text, &lang.say("amount"), &amount);
    if let Some(close) = deal.close.filter(|_| deal.is_open()) {
        line(&mut text, &lang.say("close"), &format!("{close} ({})", when(close.0)));
    }
    let due = deal.next_due.map(|due| format!("{due} ({}) ", when(due.0))).unwrap_or_default();
    if deal.is_open() {
        line(&mut text, &lang.say("next"), &format!("{due}{}", deal.next.as_deref().unwrap_or_default()));
    }
    line(&mut text, &lang.say("lost"), deal.lost_reason.as_deref().unwrap_or_default());
    line(&mut text, &lang.say("note"), deal.note.as_deref().unwrap_or_default());
    text
}

/// One line with a title; nothing where there is nothing to say. Control characters cannot end it.
fn line(out: &mut String, title: &str, text: &str) {
    if !text.trim().is_empty() {
        // At least one space, however long the word is in another language.
        out.push_str(&format!("  {title:<7} {}\n", crate::output::text::inert(text.trim())));
    }
}
