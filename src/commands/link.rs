//! `carnet link`

use super::pick;
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
  carnet link --suggest")]
pub struct Args {
    /// The one.
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
    let mut pair = pair(context, &vault, a, b)?;
    let kind = turned(&mut pair, named, &vault);
    let to = &pair.to;
    if context.dry_run {
        return context.ui.would(&format!(
            "would link contact {} with {}; nothing was changed",
            pair.from.id.short(),
            to.id.short()
        ));
    }
    let changes = vault.change_all(&[pair.from.clone()], ("link", "link-add"), &|contact, doc| {
        // Under the lock: nobody is linked with a contact that was erased in between.
        let at = vault.snapshot()?;
        if vault.open_contact(at, &to.book, &to.id)?.is_none() {
            return Err(vault.not_found(at, to.id.as_str())?);
        }
        link::put(doc, contact, &to.id, kind, &wanted, vault.now).map(drop)
    })?;
    done(context, (&pair.from.id, &to.id), kind, changes.commit.map(|c| c.to_string()), "Linked")
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

fn pair(context: &Context, vault: &Vault, a: &str, b: &str) -> Result<Pair> {
    let at = vault.snapshot()?;
    let one =
        |text: &str, place: &str| pick::one(context, vault, at, text).map_err(|e| e.at(place.to_owned()));
    let (from, to) = (one(a, "argument 1")?, one(b, "argument 2")?);
    if from.id == to.id {
        return Err(Error::refused("a contact cannot be linked with itself").hint("name two contacts"));
    }
    let open = |one: &Match| match vault.open_contact(at, &one.book, &one.id)? {
        Some(opened) => Ok(opened.contact),
        None => Err(vault.not_found(at, one.id.as_str())?),
    };
    let contacts = [open(&from)?, open(&to)?];
    Ok(Pair { from, to, contacts })
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
