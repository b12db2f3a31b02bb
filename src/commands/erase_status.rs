//! `carnet erase --status`

use std::collections::BTreeSet;

use serde::Serialize;

use super::erase_certificate::erased_id;
use crate::context::Context;
use crate::domain::ids::ContactId;
use crate::domain::organisation::Lang;
use crate::error::{Error, Result};
use crate::output::Table;
use crate::vault::Vault;
use crate::vault::confirm_remote::{ASKED, Asked, Holding, RemoteAnswer};
use crate::vault::confirm_status::Standing;

/// One erasure, with what the remotes say.
#[derive(Serialize)]
struct Item {
    #[serde(flatten)]
    standing: Standing,
    /// None where the remotes were not asked.
    remotes: Option<Vec<RemoteAnswer>>,
}

pub fn run(context: &Context, vault: &Vault, only: &[String], offline: bool) -> Result<i32> {
    // What this clone can confirm it confirms now, so that it does not tell of itself that it has not.
    if !context.dry_run {
        vault.confirm_erasures()?;
    }
    let at = vault.snapshot()?;
    let ids: Vec<ContactId> = only.iter().map(|text| erased_id(vault, at, text)).collect::<Result<_>>()?;
    let mut standings = vault.erasures(at, None)?;
    standings.retain(|s| ids.is_empty() || ids.contains(&s.line.contact));
    if standings.len() < ids.len() {
        return Err(Error::not_found("no such contact is in the erasure ledger of your books")
            .hint("`carnet erase --status` lists all"));
    }
    let remotes = if offline || standings.is_empty() { Vec::new() } else { vault.remotes_to_ask()? };
    let items = asked(standings, &remotes, !ids.is_empty(), offline)?;
    show(context, &items, !ids.is_empty())?;
    Ok(0)
}

/// Asks the remotes, about the newest erasures first.
fn asked(standings: Vec<Standing>, remotes: &[Asked<'_>], all: bool, offline: bool) -> Result<Vec<Item>> {
    let mut left = if all { usize::MAX } else { ASKED };
    let mut items = Vec::with_capacity(standings.len());
    for standing in standings.into_iter().rev() {
        let ids: BTreeSet<_> = standing.line.destroyed_ids().collect();
        let answers = match offline || left < ids.len().max(1) {
            true => None,
            false => Some(remotes.iter().map(|r| r.holds(&ids)).collect::<Result<Vec<_>>>()?),
        };
        left = left.saturating_sub(ids.len().max(1));
        items.push(Item { standing, remotes: answers });
    }
    items.reverse();
    Ok(items)
}

fn show(context: &Context, items: &[Item], one: bool) -> Result<()> {
    let ui = &context.ui;
    if ui.json {
        return ui.data("carnet.erase-status/1", &items);
    }
    if ui.quiet {
        let ids: String = items.iter().map(|i| format!("{}\n", i.standing.line.contact)).collect();
        return ui.raw(&ids);
    }
    if items.is_empty() {
        ui.note("Nothing was erased in your books.");
        return Ok(());
    }
    if one {
        return items.iter().try_for_each(|item| details(context, item));
    }
    let mut table = Table::new(&["ID", "ERASED", "REASON", "REQUEST", "CONFIRMED", "PENDING", "REMOTES"])
        .words(&["REASON"]);
    for item in items {
        let line = &item.standing.line;
        let oldest = item.standing.pending.iter().map(|p| p.since.as_str()).min();
        let pending = match oldest {
            Some(since) => {
                let since = since.get(..10).unwrap_or(since);
                ui.lang.fill("{} since {}", &[&item.standing.pending.len(), &since])
            }
            None if item.standing.beyond_trail => ui.lang.say("not known any more").into_owned(),
            None => "0".into(),
        };
        let pending = match item.standing.removed.len() {
            0 => pending,
            n => ui.lang.fill("{}, {} of removed members", &[&pending, &n]),
        };
        table.row([
            line.contact.short().to_owned(),
            line.time.get(..10).unwrap_or(&line.time).to_owned(),
            line.trigger.as_str().to_owned(),
            line.request.clone().unwrap_or_default(),
            item.standing.confirmed.len().to_string(),
            pending,
            match &item.remotes {
                Some(remotes) => summary(remotes, ui.lang),
                None => ui.lang.say("not asked").into_owned(),
            },
        ]);
    }
    ui.table(&table)
}

fn summary(remotes: &[RemoteAnswer], lang: Lang) -> String {
    let one = |r: &RemoteAnswer| format!("{} {}", r.remote, lang.say(word(r.holds)));
    let all: Vec<String> = remotes.iter().map(one).collect();
    if all.is_empty() { lang.say("none").into_owned() } else { all.join(", ") }
}

fn word(holds: Holding) -> &'static str {
    match holds {
        Holding::Gone => "gone",
        Holding::Held => "STILL HELD",
        Holding::Unknown => "unknown",
    }
}

fn details(context: &Context, item: &Item) -> Result<()> {
    let (standing, lang) = (&item.standing, context.ui.lang);
    let line = &standing.line;
    let mut head =
        lang.fill("{} erased {} ({})", &[&line.contact, &line.time, &lang.say(line.trigger.as_str())]);
    if let Some(request) = &line.request {
        head.push_str(&lang.fill(", request {}", &[request]));
    }
    let mut out = vec![head];
    for one in &standing.confirmed {
        out.push(lang.fill("clone {} of {}: confirmed {}", &[&one.clone, &one.member, &one.time]));
    }
    for one in &standing.pending {
        out.push(lang.fill(
            "clone {} of {}: pending since {}, last seen {}",
            &[&one.clone, &one.member, &one.since, &one.last_seen],
        ));
    }
    for one in &standing.removed {
        out.push(lang.fill(
            "clone {} of {}: member removed on {}, who gets no new keys; last seen {}",
            &[&one.clone, &one.member, &one.removed, &one.last_seen],
        ));
    }
    if standing.beyond_trail {
        out.push(
            lang.say(
                "other clones: not known any more, the access trail of that time is beyond its retention",
            )
            .into_owned(),
        );
    }
    for answer in item.remotes.iter().flatten() {
        let why = answer.why.as_ref().map(|why| format!("{} {}", lang.colon(), lang.say(why)));
        let holds = lang.say(word(answer.holds));
        out.push(lang.fill("remote {}: {}{}", &[&answer.remote, &holds, &why.unwrap_or_default()]));
    }
    context.ui.lines(&out.join("\n"))
}
