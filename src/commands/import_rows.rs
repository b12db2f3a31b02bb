//! What `carnet import` is given: a file or standard input, as rows.

use std::path::PathBuf;

use super::import::{Args, FileFormat};
use super::{import_mapping, input};
use crate::context::Context;
use crate::domain::contact::Typed;
use crate::domain::draft::Draft;
use crate::domain::organisation::Settings;
use crate::error::{At, Error, Result};
use crate::interchange::{self, About, Format, Options, Row};
use crate::interchange::{mail, monica};
use crate::vault::Vault;

/// The rows of the file, or of standard input, and how it was read.
pub(super) fn rows(
    context: &Context,
    vault: &Vault,
    args: &Args,
    settings: &Settings,
) -> Result<(Vec<Row>, About)> {
    // Without a file there is an e-mail on standard input: clap has seen to it.
    let file = args.file.clone().unwrap_or_else(|| PathBuf::from("-"));
    let place = file.display().to_string();
    let bytes = input::read(&file)?;
    if args.sender {
        return Ok((vec![sender(vault, &bytes).at(&place)?], About::default()));
    }
    let mapping = args.map.iter().map(|text| pair(text)).collect::<Result<Vec<_>>>()?;
    let format = match args.format {
        Some(FileFormat::Vcard) => Format::Vcard,
        Some(FileFormat::Csv) => Format::Csv,
        None if args.preset.as_deref() == Some(monica::NAME.0) => Format::Monica,
        // Who says what the columns are says that there are some.
        None if args.preset.is_some() || !mapping.is_empty() => Format::Csv,
        None => match interchange::detect(&bytes, Some(&place)) {
            Ok(format) => format,
            Err(_) if is_message(&bytes) => {
                return Ok((vec![sender(vault, &bytes).at(&place)?], About::default()));
            }
            Err(e) => return Err(e.at(&place)),
        },
    };
    let columns = match format == Format::Csv && args.preset.is_none() && mapping.is_empty() {
        true => import_mapping::columns(context, vault, settings, &bytes, args.remap)?,
        false => None,
    };
    let options =
        Options { country: settings.country().to_owned(), preset: args.preset.clone(), mapping, columns };
    interchange::read_about(&bytes, format, &options).at(&place)
}

/// Whether this is one e-mail with a sender; a mailbox, which begins with `From ` and a space, holds many.
fn is_message(bytes: &[u8]) -> bool {
    !bytes.starts_with(b"From ") && mail::read(bytes).is_some_and(|mail| !mail.from.is_empty())
}

/// The sender of an e-mail as a contact.
fn sender(vault: &Vault, bytes: &[u8]) -> Result<Row> {
    let mail = mail::read(bytes)
        .ok_or_else(|| Error::usage("this is no e-mail").hint("`carnet import --sender < message.eml`"))?;
    let value = mail.from.into_iter().next().ok_or_else(|| {
        Error::usage("the e-mail has no sender").hint("`carnet add --name NAME --email ADDRESS`")
    })?;
    let by_hand = "`carnet add --name NAME --email ADDRESS`";
    if mail.is_machine {
        return Err(Error::refused(
            "a machine or a mailing list sent this e-mail, and it names nobody to reply to",
        )
        .hint(by_hand));
    }
    let ours = vault.members(vault.snapshot()?)?;
    if ours
        .iter()
        .map(|member| &member.email)
        .chain([&vault.me.email])
        .any(|own| own.eq_ignore_ascii_case(&value))
    {
        return Err(Error::refused("a member of the firm sent this e-mail").hint(by_hand));
    }
    let name = mail.name.unwrap_or_else(|| value.clone());
    let draft = Draft { name, emails: vec![Typed { value, kind: None }], ..Draft::default() };
    Ok(Row { place: "message".into(), draft: Ok(draft), notes: Vec::new() })
}

/// A header and what it means. A header may hold `=`, a field none.
fn pair(text: &str) -> Result<(String, String)> {
    match text.rsplit_once('=') {
        Some((header, field)) if !header.trim().is_empty() && !field.trim().is_empty() => {
            Ok((header.trim().to_owned(), field.trim().to_owned()))
        }
        _ => Err(Error::usage("a mapping is written COLUMN=FIELD")
            .at("--map")
            .hint("--map 'Column=field', such as --map 'Mél=email'")),
    }
}

/// Says how the file was read; a vCard says itself what it is.
pub(super) fn tell(context: &Context, about: &About) {
    if let (Some(title), None) = (&about.preset, about.delimiter) {
        context.ui.note(&format!("Read as an export of {title}."));
    }
    if !about.left_out.is_empty() {
        context.ui.note(&format!("Left out: {}.", about.left_out.join(", ")));
    }
    let Some(delimiter) = about.delimiter else { return };
    let delimiter = if delimiter == '\t' { "tab".to_owned() } else { format!("`{delimiter}`") };
    let encoding = about.encoding;
    context.ui.note(&match &about.preset {
        Some(title) => format!("Read as {encoding}, separator {delimiter}, an export of {title}."),
        None => format!("Read as {encoding}, separator {delimiter}."),
    });
    if !about.unknown.is_empty() {
        // Where a file has no headings its first row stands here: that is for the person at the terminal, not for a log.
        let named = match context.ui.may_ask {
            true => format!(" ({})", about.unknown.join(", ")),
            false => String::new(),
        };
        context.ui.note(&format!(
            "{} column(s) become custom fields{named}. To change that: --map 'Column=field', or 'Column=-' to leave one out.",
            about.unknown.len()
        ));
    }
}
