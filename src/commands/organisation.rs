//! `carnet organisation`: the controller, and whom to write to about data.

use super::editor;
use crate::context::Context;
use crate::domain::edit::put_value;
use crate::domain::organisation::Organisation;
use crate::domain::register::to_toml;
use crate::domain::registers::set::{self, Setting};
use crate::domain::registers::{self, Record, form};
use crate::domain::trailer::Entry;
use crate::error::{Error, Result};
use crate::vault::settings::SETTINGS;

/// The controller (Art. 4(7)): name, address, representative, DPO or privacy contact, authority.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Show what carnet.toml says of the organisation, and what it does not say yet.
    #[command(after_help = "Examples:
  carnet organisation show
  carnet organisation show --json")]
    Show,
    Edit(Edit),
}

/// Change what carnet.toml says of the organisation: with --set, or without in your editor.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  carnet organisation edit
  carnet organisation edit --set siren='732 829 320' --set address='3 rue des Lilas, Lyon'
  carnet organisation edit --set privacy_contact=privacy@example.org --set authority=CNIL")]
struct Edit {
    /// name, siren, address, email, phone, representative, dpo, privacy_contact, authority.
    #[arg(long, value_name = "KEY=VALUE")]
    set: Vec<Setting>,
}

pub fn run(context: &Context, args: Args) -> Result<i32> {
    match args.command {
        Command::Show => show(context),
        Command::Edit(args) => edit(context, &args.set),
    }
}

fn show(context: &Context) -> Result<i32> {
    let vault = context.vault()?;
    let organisation = vault.settings(vault.snapshot()?)?.organisation;
    let missing = organisation.missing();
    let wrong = organisation.check(vault.day()).err();
    let ui = &context.ui;
    if ui.json {
        let wrong = wrong.map(|e| e.to_string());
        let data = serde_json::json!({ "organisation": organisation, "missing": missing, "wrong": wrong });
        ui.data("carnet.organisation/1", &data)?;
        return Ok(0);
    }
    ui.lines(&to_toml(&organisation)?)?;
    if let Some(wrong) = wrong {
        ui.warn(&wrong.to_string());
    }
    if !missing.is_empty() {
        ui.note(&format!("Not said yet: {}. `carnet organisation edit` adds it.", missing.join(", ")));
    }
    Ok(0)
}

fn edit(context: &Context, settings: &[Setting]) -> Result<i32> {
    let vault = context.vault()?;
    let at = vault.snapshot()?;
    let old = vault.settings_text(at)?;
    let before = vault.settings(at)?.organisation;
    let text = to_toml(&before)?;
    let read =
        |text: &str| registers::accept::<Organisation>("carnet.toml, [organisation]", text, vault.day());
    let after = match settings {
        [] => {
            vault.check_ready(&[SETTINGS.to_owned()])?;
            let say = context.ui.lang.speaker();
            editor::edit(context, &form::render::<Organisation>(&text, &say), |edited| {
                read(&form::read::<Organisation>(edited, &text, &say)).map(Some)
            })?
        }
        settings => Some(read(&set::apply(Organisation::FIELDS, &text, settings)?)?),
    };
    let Some(after) = after.filter(|after| *after != before) else {
        context.ui.note("Nothing was changed.");
        return Ok(0);
    };
    let fields = registers::changed::<Organisation>(&text, &to_toml(&after)?);
    let new = with_organisation(&old, &after, &fields)?;
    if context.dry_run {
        return context.ui.would(&format!("would change in {SETTINGS}: {}", fields.join(", ")));
    }
    let mut entry = Entry::new("organisation: edit", "organisation-edit");
    entry.fields = fields;
    let commit = vault.commit_settings(&old, &new, entry)?;
    if context.ui.json {
        let commit = commit.map(|c| c.to_string());
        let data = serde_json::json!({ "organisation": after, "commit": commit });
        context.ui.data("carnet.organisation-edit/1", &data)?;
    }
    context.ui.note("Changed the organisation.");
    Ok(0)
}

/// The settings' text with these keys of the organisation as they are now; everything else stays as written.
fn with_organisation(text: &str, organisation: &Organisation, fields: &[String]) -> Result<String> {
    let broken = || Error::failed("carnet.toml cannot be read").at(SETTINGS).hint("correct it and commit it");
    let mut doc: toml_edit::DocumentMut = text.parse().map_err(|_| broken())?;
    let new: toml_edit::DocumentMut = to_toml(organisation)?.parse().map_err(|_| broken())?;
    let table = doc.get_mut("organisation").and_then(|t| t.as_table_like_mut()).ok_or_else(broken)?;
    for key in fields {
        put_value(table, key, new.get(key).and_then(toml_edit::Item::as_value).cloned());
    }
    Ok(doc.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_other_tables_stay() {
        let text = "format = 1\n[organisation]\nname = \"A\" # us\nsiren = \"\"\nmine = 1\n[defaults]\nbook = \"main\"\n";
        let organisation =
            Organisation { name: "B".into(), siren: "732829320".into(), ..Organisation::default() };
        let new = with_organisation(text, &organisation, &["name".into(), "siren".into()]).unwrap();
        assert_eq!(new, text.replace("\"A\"", "\"B\"").replace("\"\"", "\"732829320\""));
    }
}
