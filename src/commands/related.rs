//! Whom a contact is linked with and what is to be sold there, as `show` has them: for the briefing and as JSON.

use serde_json::{Value, json};

use super::deal::Item;
use crate::domain::contact::{Contact, ContactKind};
use crate::domain::ids::ContactId;
use crate::domain::organisation::Lang;
use crate::domain::stages::Stages;
use crate::error::Result;
use crate::vault::deals::Held;
use crate::vault::links::{Links, Related};
use crate::vault::{Snapshot, Vault};

/// What stands around one contact.
#[derive(Debug, Default)]
pub struct Around {
    pub related: Vec<Related>,
    /// Links to contacts that this member cannot open.
    pub out_of_sight: usize,
    /// Its open deals; of a firm those of its people, too.
    pub deals: Vec<Held>,
}

impl Around {
    /// Of each of these contacts.
    pub fn all(vault: &Vault, at: Snapshot, contacts: &[&Contact]) -> Result<Vec<Around>> {
        let links = vault.links(at)?;
        let deals = vault.deals(at)?;
        Ok(contacts.iter().map(|contact| Around::of(vault, &links, &deals, contact)).collect())
    }

    fn of(vault: &Vault, links: &Links, deals: &[Held], contact: &Contact) -> Around {
        let id = contact.id.as_str();
        let related = links.with(id, vault.now);
        let mut with: Vec<&ContactId> = vec![&contact.id];
        if contact.kind == ContactKind::Organisation {
            let people = related.iter().filter(|one| !one.over && !one.with.organisation);
            with.extend(people.map(|one| &one.with.id));
        }
        let deals =
            deals.iter().filter(|held| with.iter().any(|id| held.is_open_with(id))).cloned().collect();
        Around { out_of_sight: links.out_of_sight(id), related, deals }
    }

    /// The firm that they work for now.
    pub fn firm(&self) -> Option<&Related> {
        self.related.iter().find(|one| !one.over && one.with.organisation && one.kind == "works-for")
    }

    /// What it adds to the contact's JSON.
    pub fn add_to(&self, contact: &mut Value, stages: &Stages) {
        let related: Vec<Value> = self.related.iter().map(as_json).collect();
        let deals: Vec<Item<'_>> = self.deals.iter().map(|held| Item::of(held, stages)).collect();
        contact["related"] = Value::Array(related);
        contact["related_out_of_reach"] = json!(self.out_of_sight);
        contact["deals"] = json!(deals);
    }

    /// Persons of a firm, one a line.
    pub fn people(&self, contact: &Contact, lang: Lang) -> Vec<String> {
        match contact.kind {
            ContactKind::Organisation => self
                .related
                .iter()
                .filter(|one| !one.with.organisation)
                .map(|one| line(one, true, lang))
                .collect(),
            ContactKind::Person => Vec::new(),
        }
    }

    /// The other links, one a line.
    pub fn others(&self, contact: &Contact, lang: Lang) -> Vec<String> {
        let of_firm = contact.kind == ContactKind::Organisation;
        let others = self.related.iter().filter(|one| !of_firm || one.with.organisation);
        let mut lines: Vec<String> = others.map(|one| line(one, false, lang)).collect();
        if self.out_of_sight > 0 {
            let more = format!("{} link(s) to contacts in books that you cannot open", self.out_of_sight);
            lines.push(lang.say(&more).into_owned());
        }
        lines
    }
}

/// `works for: Atelier Rousseau, head of purchasing, since 2024-03 (3f9a2c1b)`; of a firm's people, working there goes
/// without saying.
fn line(one: &Related, of_firm: bool, lang: Lang) -> String {
    let kind = lang.say(&one.kind.replace('-', " ")).into_owned();
    let mut parts = vec![match of_firm && one.kind == "employs" {
        true => one.with.name.clone(),
        false => format!("{kind}{} {}", lang.pick(":", "\u{a0}:"), one.with.name),
    }];
    parts.extend(one.role.clone());
    let dates = match (&one.since, &one.until) {
        (Some(since), Some(until)) => Some(lang.fill("from {} to {}", &[since, until])),
        (Some(since), None) => Some(lang.fill("since {}", &[since])),
        (None, Some(until)) => Some(lang.fill("until {}", &[until])),
        (None, None) => None,
    };
    parts.extend(dates);
    if one.over {
        parts.push(lang.say("past").into_owned());
    }
    format!("{} ({})", parts.join(", "), one.with.id.short())
}

fn as_json(one: &Related) -> Value {
    let kind = if one.with.organisation { ContactKind::Organisation } else { ContactKind::Person };
    json!({
        "id": one.with.id, "book": one.with.book, "name": one.with.name, "kind": kind,
        "link": one.kind, "role": one.role, "since": one.since, "until": one.until,
        "over": one.over, "own": one.own,
    })
}
