//! `carnet unlink`

use super::{many, pick};
use crate::context::Context;
use crate::domain::contact::Contact;
use crate::domain::link::{self, Link};
use crate::error::{Error, Result};
use crate::vault::select::Match;

/// Take links between two contacts away; one that ended is better given its last day with `carnet link --until`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  carnet link jeanne@example.org rousseau -q && carnet unlink jeanne@example.org rousseau
  carnet link 3f9a2c1b rousseau -q && carnet unlink 3f9a2c1b rousseau --kind works-for")]
pub struct Args {
    /// The one; `-` reads ids from standard input.
    a: String,
    /// The other.
    b: String,
    /// Only links of this kind [default: all between the two].
    #[arg(long)]
    kind: Option<String>,
}

pub fn run(context: &Context, args: &Args) -> Result<i32> {
    let vault = context.vault_to_change()?;
    let kind = args.kind.as_deref().map(link::kind_of).transpose()?.map(|(kind, _)| kind.code);
    let at = vault.snapshot()?;
    let one =
        |text: &str, place: &str| pick::one(context, &vault, at, text).map_err(|e| e.at(place.to_owned()));
    let mut all = match args.a.as_str() {
        "-" => many::contacts(context, &vault, &["-".to_owned()])?,
        a => vec![one(a, "argument 1")?],
    };
    let other = one(&args.b, "argument 2")?;
    all.retain(|one| one.id != other.id);
    let ends: Vec<&str> = all.iter().map(|one| one.id.as_str()).collect();
    // Between each of them and the other; what they have among themselves stays.
    let is_it = |of: &Contact, link: &Link| {
        let to = link.to.as_str();
        let between = if of.id == other.id { ends.contains(&to) } else { to == other.id.as_str() };
        between && kind.is_none_or(|kind| link.kind == kind)
    };
    let mut linked = false;
    for one in all.iter().chain([&other]) {
        let Some(opened) = vault.open_contact(at, &one.book, &one.id)? else {
            return Err(vault.not_found(at, one.id.as_str())?);
        };
        linked |= opened.contact.links.iter().any(|link| is_it(&opened.contact, link));
    }
    if !linked {
        return Err(Error::not_found("there is no such link between these two")
            .hint("`carnet show CONTACT --briefing` lists the links of one"));
    }
    if context.dry_run {
        return context.ui.would(&match all.as_slice() {
            [one] => {
                format!(
                    "would unlink contact {} from {}; nothing was changed",
                    one.id.short(),
                    other.id.short()
                )
            }
            many => format!("would unlink {} contacts from another; nothing was changed", many.len()),
        });
    }
    let both: Vec<Match> = all.iter().cloned().chain([other.clone()]).collect();
    let changes = vault.change_all(&both, ("unlink", "link-remove"), &|contact, doc| {
        link::remove(doc, &|link| is_it(contact, link));
        Ok(())
    })?;
    super::done_all(context, "carnet.unlink/1", &changes, None, "Took links away from")?;
    Ok(0)
}
