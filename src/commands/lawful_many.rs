//! `carnet lawful -`: the answer for each of many contacts, in few words. `carnet mailing` makes the list of a campaign.

use serde::Serialize;

use super::lawful::{self, Args};
use super::{many, pick};
use crate::context::Context;
use crate::domain::ids::ContactId;
use crate::domain::organisation::Lang;
use crate::error::Result;
use crate::output::Table;
use crate::vault::access::Access;
use crate::vault::{Snapshot, Vault};

/// How many contacts an entry of the trail names; of more it says the number.
const NAMED: usize = 20;

/// The answer for one contact in JSON.
#[derive(Serialize)]
struct Item {
    contact: ContactId,
    allowed: bool,
    rule: &'static str,
    article: String,
    reason: &'static str,
}

pub(super) fn run(context: &Context, vault: &Vault, at: Snapshot, args: &Args) -> Result<i32> {
    let found = many::contacts(context, vault, &["-".to_owned()])?;
    let mut items = Vec::with_capacity(found.len());
    for one in &found {
        let decision = lawful::answer(vault, one, args)?.decision;
        items.push(Item {
            contact: one.id.clone(),
            allowed: decision.allowed,
            rule: decision.rule.as_str(),
            article: decision.article.to_string(),
            reason: decision.rule.sentence(Lang::En),
        });
    }
    let ids: Vec<ContactId> = found.iter().map(|one| one.id.clone()).collect();
    vault.record(
        at,
        Access {
            action: "lawful",
            books: pick::books(&found),
            count: Some(ids.len()),
            contacts: if ids.len() <= NAMED { ids } else { Vec::new() },
            purpose: vault.purposes(at)?.contains(&args.purpose).then(|| args.purpose.clone()),
            ..Access::default()
        },
    )?;
    let ui = &context.ui;
    let allowed = items.iter().filter(|item| item.allowed).count();
    if ui.json {
        let data = serde_json::json!({ "purpose": args.purpose, "channel": args.channel, "answers": items });
        ui.data("carnet.lawful.many/1", &data)?;
    } else if ui.quiet {
        // Ids of those who may be contacted, for the next command.
        let ids = items.iter().filter(|item| item.allowed).map(|item| format!("{}\n", item.contact));
        ui.raw(&ids.collect::<String>())?;
    } else {
        let mut table = Table::new(&["ID", "ANSWER", "RULE", "REASON"]).words(&["ANSWER", "REASON"]);
        for item in &items {
            let answer = if item.allowed { "yes" } else { "no" };
            table.row([item.contact.short(), answer, item.rule, item.reason].map(str::to_owned));
        }
        ui.table(&table)?;
        ui.note(&format!("{allowed} of {} may be contacted.", items.len()));
    }
    Ok(if allowed == items.len() { 0 } else { 5 })
}
