//! What the commands over registers have in common: list, show, add, edit, review, remove.

use chrono::{Months, NaiveDate};
use serde::Serialize;
use serde_json::Value;

use super::editor;
use crate::context::Context;
use crate::crypto::digest;
use crate::domain::ids::Slug;
use crate::domain::registers::set::{self, Setting};
use crate::domain::registers::{self, Record, form};
use crate::domain::trailer::Entry;
use crate::error::{At, Error, Result};
use crate::output::Table;
use crate::store::Oid;
use crate::vault::registers::{Draft, Stored};
use crate::vault::{Snapshot, Vault};

/// Shows all entries: JSON, names only, or a table.
pub fn list<R: Record>(
    context: &Context,
    headings: &[&'static str],
    row: impl Fn(&Stored<R>, NaiveDate) -> Vec<String>,
) -> Result<i32> {
    let vault = context.vault()?;
    let entries = vault.entries::<R>(vault.snapshot()?)?;
    let ui = &context.ui;
    if ui.json {
        ui.data(&format!("carnet.{}s/1", R::NOUN), &json(&entries)?)?;
    } else if ui.quiet {
        ui.raw(&entries.iter().map(|e| format!("{}\n", e.name)).collect::<String>())?;
    } else if entries.is_empty() {
        none_yet(context, R::NOUN);
    } else {
        let mut table = Table::new(headings);
        for entry in &entries {
            table.row(row(entry, vault.day()));
        }
        ui.table(&table)?;
    }
    Ok(0)
}

/// Says that a register has no entry, and how the first is made; `noun` is its command, too.
pub fn none_yet(context: &Context, noun: &str) {
    context.ui.note(&format!("Nothing is recorded there yet; `carnet {noun} add --help` shows how."));
}

/// Data as JSON, with dates as the texts that they are in the file.
pub fn json<T: Serialize>(data: &T) -> Result<Value> {
    fn dates(value: &mut Value) {
        match value {
            Value::Array(items) => items.iter_mut().for_each(dates),
            // How the toml crate passes a date through serde.
            Value::Object(map) if map.len() == 1 && map.contains_key("$__toml_private_datetime") => {
                if let Some(text) = map.remove("$__toml_private_datetime") {
                    *value = text;
                }
            }
            Value::Object(map) => map.values_mut().for_each(dates),
            _ => {}
        }
    }
    let mut value = serde_json::to_value(data)
        .map_err(|e| Error::failed("the answer could not be written as JSON").cause(e))?;
    dates(&mut value);
    Ok(value)
}

/// Shows one entry as it is written, and what it does not say.
pub fn show<R: Record>(context: &Context, name: &str) -> Result<i32> {
    let vault = context.vault()?;
    let entry = vault.entry::<R>(vault.snapshot()?, name)?;
    let missing = entry.record.missing();
    let ui = &context.ui;
    if ui.json {
        let mut data = json(&entry)?;
        data["missing"] = serde_json::json!(missing);
        ui.data(&format!("carnet.{}/1", R::NOUN), &data)?;
    } else if ui.quiet {
        ui.raw(&format!("{}\n", entry.name))?;
    } else {
        ui.lines(&entry.text)?;
        tell_missing::<R>(context, &entry.record, name);
    }
    Ok(0)
}

/// Says what the law asks for and the record does not say.
fn tell_missing<R: Record>(context: &Context, record: &R, name: &str) {
    let missing = record.missing();
    if !missing.is_empty() {
        let noun = R::NOUN;
        context
            .ui
            .note(&format!("Not said yet: {}. `carnet {noun} edit {name}` adds it.", missing.join(", ")));
    }
}

/// Commits a new entry with this text and these keys; without keys, the person writes it in an editor.
pub fn add<R: Record>(
    context: &Context,
    name: &str,
    base: &str,
    settings: &[Setting],
    ask: bool,
) -> Result<i32> {
    let vault = context.vault()?;
    let at = vault.snapshot()?;
    let text = set::apply(R::FIELDS, base, settings)?;
    let draft = match ask {
        true => {
            vault.check_ready(&[registers::path::<R>(name)?])?;
            let say = context.ui.lang.speaker();
            editor::edit(context, &form::render::<R>(&text, &say), |edited| {
                vault.new_entry::<R>(at, name, &form::read::<R>(edited, &text, &say)).map(Some)
            })?
        }
        false => Some(vault.new_entry::<R>(at, name, &text)?),
    };
    save(context, &vault, draft, "add", if R::NOUN == "purpose" { "Declared" } else { "Recorded" })
}

/// Commits a new version of an entry: with keys set, or from an editor.
pub fn edit<R: Record>(context: &Context, name: &str, settings: &[Setting]) -> Result<i32> {
    let vault = context.vault()?;
    let at = vault.snapshot()?;
    let draft = match settings {
        [] => {
            let old = vault.entry_text::<R>(at, name)?;
            vault.check_ready(std::slice::from_ref(&old.0))?;
            let say = context.ui.lang.speaker();
            editor::edit(context, &form::render::<R>(&old.1, &say), |edited| {
                vault.new_version::<R>(name, &old, &form::read::<R>(edited, &old.1, &say))
            })?
        }
        settings => vault.set_entry::<R>(at, name, settings)?,
    };
    save(context, &vault, draft, "edit", "Changed")
}

/// Commits one new entry for each member, named by day and handle: a training, an agreement.
pub fn add_for<R: Record>(
    context: &Context,
    members: &[Slug],
    day: NaiveDate,
    settings: &[Setting],
) -> Result<i32> {
    let vault = context.vault()?;
    let at = vault.snapshot()?;
    let policy = vault.policy(at.tree)?;
    let taken = vault.repo.names(at.tree, R::DIR)?;
    let mut drafts = Vec::new();
    for member in members {
        if !policy.authorization.contains_key(member.as_str()) {
            return Err(Error::not_found("there is no such member").hint("`carnet member list` shows them"));
        }
        let first = format!("{day}-{member}");
        let more = (2..).map(|n| format!("{first}-{n}"));
        let name = std::iter::once(first.clone())
            .chain(more)
            .find(|name| !taken.contains(&format!("{name}.toml")))
            .unwrap_or_default();
        let own = [Setting::new("member", member.as_str()), Setting::new("date", day.to_string())];
        let text = set::apply(R::FIELDS, "", &[&own, settings].concat())?;
        drafts.push(vault.new_entry::<R>(at, &name, &text)?);
    }
    if context.dry_run {
        let paths: Vec<&str> = drafts.iter().map(|draft| draft.path.as_str()).collect();
        return context.ui.would(&format!("would write {}", paths.join(", ")));
    }
    let mut entry = entry_of::<R>("add", &drafts);
    entry.members = members.to_vec();
    let commit = vault.commit_entries(&drafts, entry)?;
    let names: Vec<&str> = drafts.iter().map(|draft| draft.name.as_str()).collect();
    done::<R>(context, "add", &names, commit)?;
    context.ui.note(&format!("Recorded {} {}(s).", names.len(), R::NOUN));
    Ok(0)
}

/// When a review was made, and when the next is due.
#[derive(Clone, Debug, clap::Args)]
pub struct Reviewed {
    /// Day of the review [default: today].
    #[arg(long, value_name = "DATE")]
    on: Option<NaiveDate>,
    /// Day of the next one [default: a year after].
    #[arg(long, value_name = "DATE")]
    next: Option<NaiveDate>,
}

/// Records that an entry was reviewed.
pub fn review<R: Record>(context: &Context, name: &str, when: &Reviewed) -> Result<i32> {
    let vault = context.vault()?;
    let on = when.on.unwrap_or(vault.day());
    let next = when.next.or_else(|| on.checked_add_months(Months::new(12)));
    let next = next.ok_or_else(|| Error::usage("that day is too far away").at("--on"))?;
    let settings = [Setting::new("reviewed", on.to_string()), Setting::new("review", next.to_string())];
    let draft = vault.set_entry::<R>(vault.snapshot()?, name, &settings)?;
    save(context, &vault, draft, "review", "Reviewed")?;
    context.ui.note(&format!("The next review is due on {next}."));
    Ok(0)
}

fn save<R: Record>(
    context: &Context,
    vault: &Vault,
    draft: Option<Draft<R>>,
    action: &str,
    said: &str,
) -> Result<i32> {
    let Some(draft) = draft else {
        context.ui.note("Nothing was changed.");
        return Ok(0);
    };
    if context.dry_run {
        return context.ui.would(&format!("would write {}: {}", draft.path, draft.fields.join(", ")));
    }
    let drafts = [draft];
    let entry = entry_of::<R>(action, &drafts);
    let commit = vault.commit_entries(&drafts, entry)?;
    let [draft] = drafts;
    done::<R>(context, action, &[draft.name.as_str()], commit)?;
    context.ui.note(&format!("{said} the {} {}.", R::NOUN, draft.name));
    tell_missing(context, &draft.record, &draft.name);
    Ok(0)
}

/// The trail's words for a change of entries: `purpose: edit customers`.
pub fn entry_of<R: Record>(action: &str, drafts: &[Draft<R>]) -> Entry {
    let noun = R::NOUN;
    let (subject, record) = match drafts {
        [one] => (one.name.clone(), Some(record_name::<R>(&one.name))),
        more => (format!("{} entries", more.len()), None),
    };
    let mut entry = Entry::new(format!("{noun}: {action} {subject}"), &format!("{noun}-{action}"));
    entry.fields = drafts.first().map(|d| d.fields.clone()).unwrap_or_default();
    entry.register = record;
    if noun == "purpose" {
        entry.purposes = drafts.iter().filter_map(|d| d.name.parse().ok()).collect();
    }
    entry
}

fn record_name<R: Record>(name: &str) -> String {
    format!("{}/{name}", R::DIR.trim_start_matches("registers/"))
}

/// Removes an entry that nothing uses.
pub fn remove<R: Record>(
    context: &Context,
    name: &str,
    unused: impl Fn(&Vault, Snapshot) -> Result<()>,
) -> Result<i32> {
    let vault = context.vault()?;
    let noun = R::NOUN;
    if context.dry_run {
        let at = vault.snapshot()?;
        let (path, ..) = vault.entry_text::<R>(at, name)?;
        unused(&vault, at)?;
        return context.ui.would(&format!("would remove {path}"));
    }
    let mut entry = Entry::new(format!("{noun}: remove {name}"), &format!("{noun}-remove"));
    entry.register = Some(record_name::<R>(name));
    if noun == "purpose" {
        entry.purposes = name.parse().into_iter().collect();
    }
    let commit = vault.remove_entry::<R>(name, entry, |at| unused(&vault, at))?;
    done::<R>(context, "remove", &[name], commit)?;
    context.ui.note(&format!("Removed the {noun} {name} from the register; git keeps its earlier versions."));
    Ok(0)
}

/// Names on stdout, or JSON with the commit.
pub fn done<R: Record>(context: &Context, action: &str, names: &[&str], commit: Option<Oid>) -> Result<()> {
    let ui = &context.ui;
    if !ui.json {
        return ui.raw(&names.iter().map(|name| format!("{name}\n")).collect::<String>());
    }
    let commit = commit.map(|c| c.to_string());
    let data = match names {
        [one] => serde_json::json!({ R::NOUN: one, "commit": commit }),
        many => serde_json::json!({ format!("{}s", R::NOUN): many, "commit": commit }),
    };
    ui.data(&format!("carnet.{}-{action}/1", R::NOUN), &data)
}

/// A date in a table's cell.
pub fn cell(date: Option<&toml::value::Datetime>) -> String {
    date.map(ToString::to_string).unwrap_or_default()
}

/// `sha256:…` of a document that stays where it is.
pub fn hash_of(file: &std::path::Path) -> Result<String> {
    let bytes = std::fs::read(file).at(file.display())?;
    Ok(format!("sha256:{}", digest::sha256(&bytes)))
}
