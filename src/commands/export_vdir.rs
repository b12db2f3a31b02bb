//! `carnet export --format vdir DIR`: one card a file, for khard, vdirsyncer and the phones behind it.

use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::{Path, PathBuf};

use serde::Serialize;

use crate::context::Context;
use crate::domain::ids::{ContactId, Slug};
use crate::error::{At, Error, Result};
use crate::interchange::Version;
use crate::reports::site::outside;
use crate::store::{Oid, around};
use crate::vault::access::Access;
use crate::vault::vdir_export::Plan;
use crate::vault::{Snapshot, Vault};

/// How many contacts an entry of the trail names; of more it says the number.
const NAMED: usize = 20;

/// The name and colour that programs show for the address book.
pub(super) struct Looks<'a> {
    pub name: Option<&'a str>,
    pub color: Option<&'a str>,
    /// Which vCard its cards are from now on.
    pub vcard: Option<Version>,
}

#[derive(Serialize)]
struct Exported<'a> {
    dir: String,
    contacts: usize,
    /// Cards that were new or changed.
    written: Vec<&'a ContactId>,
    removed: usize,
    unchanged: usize,
    /// Contacts whose cards were changed there since: `carnet import DIR` takes them in.
    changed_there: &'a [ContactId],
    /// Cards that are no contact's.
    foreign: usize,
    dry_run: bool,
}

/// The directory as it may be written to: outside every repository that could track it.
pub(super) fn place(vault: &Vault, dir: &Path) -> Result<PathBuf> {
    let dir = outside(dir, &vault.repo, "a vdir", "~/.contacts/firm")?;
    // Somebody's own repository of dotfiles would put the cards into its history as well.
    if around::tracking(&dir.join("card.vcf"))?.is_some() {
        return Err(Error::refused("that directory is in a git repository that would track the cards")
            .at(dir.display().to_string())
            .hint("give a directory outside it, or name it in that repository's .gitignore"));
    }
    Ok(dir)
}

pub(super) fn run(
    context: &Context,
    vault: &Vault,
    at: Snapshot,
    dir: &Path,
    wanted: &[(Slug, ContactId, Oid)],
    looks: &Looks<'_>,
    purpose: Option<Slug>,
) -> Result<i32> {
    if let Some(color) = looks.color
        && !(color.len() == 7
            && color.starts_with('#')
            && color.chars().skip(1).all(|c| c.is_ascii_hexdigit()))
    {
        return Err(Error::usage("that is no colour")
            .at("--book-color")
            .hint("#rrggbb, such as --book-color '#0055aa'"));
    }
    let mut vdir = vault.vdir(dir)?;
    vdir.vcard = looks.vcard.unwrap_or(vdir.vcard);
    let mut plan = vault.plan_vdir(at, &vdir, wanted)?;
    if !context.dry_run {
        make(dir)?;
        record(vault, at, &plan, purpose)?;
        look(&vdir.path, "displayname", looks.name)?;
        look(&vdir.path, "color", looks.color)?;
        let theirs = vault.carry_out_vdir(&mut vdir, &plan)?;
        plan.leave(theirs);
    }
    report(context, dir, wanted.len(), &plan)
}

/// Makes the directory (0700), and warns of one that others can look into.
fn make(dir: &Path) -> Result<()> {
    if dir.is_dir() {
        return Ok(());
    }
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(dir).at(dir.display())
}

/// Writes the name or the colour where it is another than before.
fn look(dir: &Path, file: &str, text: Option<&str>) -> Result<()> {
    let Some(text) = text else { return Ok(()) };
    let path = dir.join(file);
    if std::fs::read_to_string(&path).is_ok_and(|old| old == text) {
        return Ok(());
    }
    let mut new = tempfile::NamedTempFile::new_in(dir).at(path.display())?;
    new.write_all(text.as_bytes()).at(path.display())?;
    new.persist(&path).map_err(|e| e.error).at(path.display())?;
    Ok(())
}

/// An entry of what leaves; a run that writes nothing lets nothing out.
fn record(vault: &Vault, at: Snapshot, plan: &Plan, purpose: Option<Slug>) -> Result<()> {
    if plan.write.is_empty() {
        return Ok(());
    }
    let mut books: Vec<Slug> = plan.write.iter().map(|card| card.book.clone()).collect();
    books.sort();
    books.dedup();
    let ids: Vec<ContactId> = plan.write.iter().map(|card| card.id.clone()).collect();
    let count = Some(ids.len());
    let contacts = if ids.len() <= NAMED { ids } else { Vec::new() };
    vault.record(at, Access { action: "export", contacts, books, count, purpose, ..Access::default() })
}

fn report(context: &Context, dir: &Path, contacts: usize, plan: &Plan) -> Result<i32> {
    let ui = &context.ui;
    let removed = plan.remove.len() + plan.stray.len();
    let written: Vec<&ContactId> = plan.write.iter().map(|card| &card.id).collect();
    if ui.json {
        let exported = Exported {
            dir: dir.display().to_string(),
            contacts,
            written,
            removed,
            unchanged: plan.unchanged,
            changed_there: &plan.theirs,
            foreign: plan.foreign,
            dry_run: context.dry_run,
        };
        return ui.data("carnet.export.vdir/1", &exported).map(|()| 0);
    }
    if ui.quiet {
        return ui.raw(&written.iter().map(|id| format!("{id}\n")).collect::<String>()).map(|()| 0);
    }
    let (n, unchanged) = (written.len(), plan.unchanged);
    ui.note(&match context.dry_run {
        true => format!(
            "would write {n} card(s) and remove {removed}, {unchanged} are as they are; nothing was changed"
        ),
        false => format!("Wrote {n} card(s) and removed {removed}; {unchanged} are as they were."),
    });
    if plan.deleted > 0 {
        ui.note(&format!("{} of them had been deleted there.", plan.deleted));
    }
    if !plan.theirs.is_empty() {
        ui.note(&format!(
            "{} card(s) were changed there and stay as they are: `carnet import DIR` takes them in.",
            plan.theirs.len()
        ));
    }
    if plan.foreign > 0 {
        ui.note(&format!(
            "{} card(s) there are no contact's yet: `carnet import DIR` takes them in.",
            plan.foreign
        ));
    }
    if std::fs::metadata(dir).is_ok_and(|m| m.permissions().mode() & 0o077 != 0) {
        ui.warn("others on this machine can look into that directory; chmod 700 closes it");
    }
    Ok(0)
}
