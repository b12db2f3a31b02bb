//! What the columns of an unknown CSV file mean: as somebody said before, or asked at the terminal, column by column.

use super::choose;
use crate::context::Context;
use crate::domain::organisation::{Lang, Settings};
use crate::domain::trailer::Entry;
use crate::error::{Error, Result};
use crate::interchange::headings::{FIELDS, Heading, Headings, OWN, headings, is_field};
use crate::output::picker::{self, Item};
use crate::output::text::inert;
use crate::vault::Vault;

/// The columns of a file by place, where carnet does not know the file itself and somebody has said or says now.
pub(super) fn columns(
    context: &Context,
    vault: &Vault,
    settings: &Settings,
    bytes: &[u8],
    again: bool,
) -> Result<Option<Vec<String>>> {
    let Ok(found) = headings(bytes, settings.country()) else { return Ok(None) };
    if let Some(saved) = saved(settings, &found).filter(|_| !again) {
        context.ui.note("The columns are read as they were mapped before; --remap asks again.");
        return Ok(Some(saved));
    }
    if (found.is_known && !again) || !choose::possible(context) {
        return Ok(None);
    }
    if found.is_data {
        return Err(Error::failed("the first row looks like somebody's data and not like headings")
            .at("row 1")
            .hint("write a first row with the columns' names into the file, such as name,email,phone"));
    }
    let count = found.columns.len();
    let mut columns: Vec<String> = Vec::with_capacity(count);
    for (n, heading) in found.columns.iter().enumerate() {
        columns.push(ask(heading, n + 1, count, context.ui.lang)?);
    }
    if !context.dry_run {
        let entry = Entry::new("settings: import mapping", "import-map");
        vault.commit_setting("imports", &found.fingerprint, Some(&columns.join(", ")), entry)?;
        context.ui.note("Kept in carnet.toml for the next file with these columns.");
    }
    Ok(Some(columns))
}

/// What was said of a file with this header, if it still means something.
fn saved(settings: &Settings, found: &Headings) -> Option<Vec<String>> {
    let text = settings.imports.get(&found.fingerprint)?;
    let columns: Vec<String> = text.split(',').map(|field| field.trim().to_owned()).collect();
    (columns.len() == found.columns.len() && columns.iter().all(|field| is_field(field))).then_some(columns)
}

/// Asks what one column is; the guess stands first, so that Enter takes it.
fn ask(heading: &Heading, n: usize, count: usize, lang: Lang) -> Result<String> {
    let own = if heading.header.is_empty() {
        lang.say("a field of your own").into_owned()
    } else {
        lang.fill("your own field `{}`", &[&heading.header])
    };
    let mut fields: Vec<(&str, String)> = vec![(OWN, own), ("-", lang.say("leave it out").into_owned())];
    fields.extend(FIELDS.iter().map(|(field, help)| (*field, lang.say(help).into_owned())));
    if let Some(at) = fields.iter().position(|(field, _)| *field == heading.guess) {
        let guess = fields.remove(at);
        fields.insert(0, guess);
    } else {
        fields.insert(0, (&heading.guess, String::new()));
    }
    let items: Vec<Item> = fields.iter().map(|(field, help)| Item::new(*field, help.as_str(), "")).collect();
    let samples = match heading.samples.is_empty() {
        true => lang.say("empty").into_owned(),
        false => heading.samples.join(" · "),
    };
    let values: [&dyn std::fmt::Display; 4] = [&n, &count, &heading.header, &samples];
    let title = lang.fill("Column {} of {}, `{}` ({}): what is it?", &values);
    let chosen = picker::choose(&items, &inert(&title), false, lang)?;
    let chosen = chosen.and_then(|chosen| chosen.first().copied()).and_then(|at| fields.get(at));
    chosen.map(|(field, _)| (*field).to_owned()).ok_or_else(|| {
        Error::failed("given up; nothing was changed").hint("`carnet import FILE --map 'Column=field'`")
    })
}
