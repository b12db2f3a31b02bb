//! `carnet unlink`

use super::pick;
use crate::context::Context;
use crate::domain::link::{self, Link};
use crate::error::{Error, Result};

/// Take links between two contacts away; one that ended is better given its last day with `carnet link --until`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  carnet link jeanne@example.org 'Atelier Rousseau' -q >/dev/null && carnet unlink jeanne@example.org 'Atelier Rousseau'
  carnet link jeanne@example.org 'Atelier Rousseau' -q >/dev/null && carnet unlink jeanne@example.org 'Atelier Rousseau' --kind works-for")]
pub struct Args {
    /// The one.
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
    let both = [one(&args.a, "argument 1")?, one(&args.b, "argument 2")?];
    let is_it = |link: &Link| {
        both.iter().any(|one| link.to == one.id.as_str()) && kind.is_none_or(|kind| link.kind == kind)
    };
    let linked = |one: &crate::vault::select::Match| match vault.open_contact(at, &one.book, &one.id)? {
        Some(opened) => Ok(opened.contact.links.iter().any(is_it)),
        None => Err(vault.not_found(at, one.id.as_str())?),
    };
    if !linked(&both[0])? && !linked(&both[1])? {
        return Err(Error::not_found("there is no such link between these two")
            .hint("`carnet show CONTACT --briefing` lists the links of one"));
    }
    if context.dry_run {
        return context.ui.would(&format!(
            "would unlink contact {} from {}; nothing was changed",
            both[0].id.short(),
            both[1].id.short()
        ));
    }
    let changes = vault.change_all(&both, ("unlink", "link-remove"), &|_, doc| {
        link::remove(doc, &is_it);
        Ok(())
    })?;
    super::done_all(context, "carnet.unlink/1", &changes, None, "Took links away from")?;
    Ok(0)
}
