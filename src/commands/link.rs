//! `carnet link`

use super::{many, pick};
use crate::context::Context;
use crate::domain::contact::Contact;
use crate::domain::ids::ContactId;
use crate::domain::link::{self, Kind, Wanted};
use crate::error::{Error, Result};
use crate::vault::Vault;
use crate::vault::select::Match;

/// Link two contacts: a person with the firm that they work for, or persons with each other.
///
/// Both sides show it. A link of the same kind that is not over is changed; after its last day a new one begins. Kinds are
/// works-for, member-of, owner-of, part-of, client-of, reports-to, assistant-of, referred-by, partner, colleague, friend,
/// spouse, child-of, sibling, family, related, and the same from the other side (employs, parent-of …). Without --kind a
/// person works for a firm, a firm is part of another, and persons are related.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  carnet link jeanne@example.org 'Atelier Rousseau' --role 'head of purchasing' --since 2024-03
  carnet link jeanne@example.org 'Atelier Rousseau' --until 2026-10-31
  carnet link 'Atelier Rousseau' jeanne@example.org --kind owned-by
  carnet list 'tag:vip and kind:person' -q | carnet link - 'Atelier Rousseau' --kind client-of
  carnet link --suggest")]
pub struct Args {
    /// The one; `-` reads ids from standard input, all of which are linked with the other in one commit.
    #[arg(required_unless_present = "suggest")]
    a: Option<String>,
    /// The other.
    #[arg(required_unless_present = "suggest")]
    b: Option<String>,
    /// How A is related to B.
    #[arg(long, conflicts_with = "suggest")]
    kind: Option<String>,
    /// What they do there, or how they are related, in your words; an empty text takes it away.
    #[arg(long, value_name = "TEXT", conflicts_with = "suggest")]
    role: Option<String>,
    /// The first day, or its month or year.
    #[arg(long, value_name = "DAY", conflicts_with = "suggest")]
    since: Option<String>,
    /// The last day, or its month or year.
    #[arg(long, value_name = "DAY", conflicts_with = "suggest")]
    until: Option<String>,
    /// Find contacts whose organisation, or an imported card, names a contact that you have; link them after a question.
    #[arg(long, conflicts_with_all = ["a", "b"])]
    suggest: bool,
}

/// Two contacts, opened, the one whose file has the link first.
struct Pair {
    from: Match,
    to: Match,
    contacts: [Contact; 2],
}

pub fn run(context: &Context, args: &Args) -> Result<i32> {
    let vault = context.vault_to_change()?;
    let (Some(a), Some(b)) = (&args.a, &args.b) else { return super::link_suggest::run(context, &vault) };
    let wanted = wanted(args)?;
    let named = args.kind.as_deref().map(link::kind_of).transpose()?;
    let mut links = Vec::new();
    for mut pair in pairs(context, &vault, a, b)? {
        let kind = turned(&mut pair, named, &vault);
        links.push((pair.from, pair.to, kind));
    }
    if context.dry_run {
        return context.ui.would(&match links.as_slice() {
            [(from, to, _)] => {
                format!("would link contact {} with {}; nothing was changed", from.id.short(), to.id.short())
            }
            many => format!("would make {} links; nothing was changed", many.len()),
        });
    }
    let mut files: Vec<Match> = Vec::new();
    for (from, ..) in &links {
        if !files.iter().any(|known| known.id == from.id) {
            files.push(from.clone());
        }
    }
    let changes = vault.change_all(&files, ("link", "link-add"), &|contact, doc| {
        let mut contact = contact.clone();
        let id = contact.id.clone();
        for (_, to, kind) in links.iter().filter(|(from, ..)| from.id == id) {
            // Under the lock: nobody is linked with a contact that was erased in between.
            let at = vault.snapshot()?;
            if vault.open_contact(at, &to.book, &to.id)?.is_none() {
                return Err(vault.not_found(at, to.id.as_str())?);
            }
            link::put(doc, &contact, &to.id, kind, &wanted, vault.now)?;
            contact = Contact::parse(&doc.to_string())?;
        }
        Ok(())
    })?;
    match links.as_slice() {
        [(from, to, kind)] => {
            done(context, (&from.id, &to.id), kind, changes.commit.map(|c| c.to_string()), "Linked")
        }
        _ => super::done_all(context, "carnet.link.many/1", &changes, None, "Linked").map(|()| 0),
    }
}

fn wanted(args: &Args) -> Result<Wanted> {
    let date = |text: &Option<String>, flag: &str| match text.as_deref().map(str::trim) {
        None => Ok(None),
        Some("") => Ok(Some(String::new())),
        Some(text) => link::date(text, flag).map(Some),
    };
    Ok(Wanted {
        role: args.role.as_ref().map(|role| role.split_whitespace().collect::<Vec<_>>().join(" ")),
        since: date(&args.since, "--since")?,
        until: date(&args.until, "--until")?,
    })
}

/// Each contact that A names (`-`: the ids on standard input) with B.
fn pairs(context: &Context, vault: &Vault, a: &str, b: &str) -> Result<Vec<Pair>> {
    let at = vault.snapshot()?;
    let one =
        |text: &str, place: &str| pick::one(context, vault, at, text).map_err(|e| e.at(place.to_owned()));
    let all = match a {
        "-" => many::contacts(context, vault, &[a.to_owned()])?,
        a => vec![one(a, "argument 1")?],
    };
    let to = one(b, "argument 2")?;
    let open = |one: &Match| match vault.open_contact(at, &one.book, &one.id)? {
        Some(opened) => Ok(opened.contact),
        None => Err(vault.not_found(at, one.id.as_str())?),
    };
    let other = open(&to)?;
    let pair = |from: Match| {
        if from.id == to.id {
            return Err(Error::refused("a contact cannot be linked with itself").hint("name two contacts"));
        }
        let contacts = [open(&from)?, other.clone()];
        Ok(Pair { from, to: to.clone(), contacts })
    };
    all.into_iter().map(pair).collect()
}

/// Puts the contact whose file has the link first: the person before the firm, and where a link has no direction, the
/// one that has it already.
fn turned(pair: &mut Pair, named: Option<(&'static Kind, bool)>, vault: &Vault) -> &'static Kind {
    let [a, b] = &pair.contacts;
    let (kind, inverse) = named.unwrap_or_else(|| (link::default_kind(a.kind, b.kind), false));
    let turn = if inverse {
        !link::is_turned(kind, b.kind, a.kind)
    } else {
        link::is_turned(kind, a.kind, b.kind) || link::stands_there(b, &a.id, kind, vault.now)
    };
    if turn {
        std::mem::swap(&mut pair.from, &mut pair.to);
        pair.contacts.reverse();
    }
    kind
}

/// Says what became of a link: on stdout the id of the contact whose file has it, the rest on stderr, or JSON.
fn done(
    context: &Context,
    (from, to): (&ContactId, &ContactId),
    kind: &Kind,
    commit: Option<String>,
    what: &str,
) -> Result<i32> {
    let ui = &context.ui;
    if ui.json {
        let data = serde_json::json!({ "contact": from, "to": to, "kind": kind.code, "commit": commit });
        return ui.data("carnet.link/1", &data).map(|()| 0);
    }
    ui.raw(&format!("{from}\n"))?;
    match commit {
        Some(_) => ui.note(&format!("{what} contact {} with {}.", from.short(), to.short())),
        None => ui.note("Nothing was changed."),
    }
    Ok(0)
}
