//! `carnet export`

use std::collections::{HashMap, HashSet};
use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};

use super::export_vdir::{self, Looks};
use super::many;
use crate::context::Context;
use crate::domain::contact::{Contact, to_json};
use crate::domain::ids::{ContactId, Slug};
use crate::domain::link;
use crate::error::{At, Error, Result};
use crate::interchange::{Version, presets, uid, write_csv, write_linked_vcards};
use crate::store::Oid;
use crate::vault::access::Access;
use crate::vault::links::Related;
use crate::vault::{Snapshot, Vault};

/// Export contacts as vCard, CSV or JSON; the export is recorded in the access trail.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  carnet export --format vcard --out ../export.vcf
  carnet export jeanne@example.org --format json
  carnet export --book main --format csv --purpose customers
  carnet export --preset outlook-fr --out ../outlook.csv
  carnet export --where 'tag:vip and has:email' --format csv
  carnet export --format vdir --out ../cards --where 'has:phone' --displayname Firm
  carnet export --vcard 3.0 --out ../phone.vcf")]
pub struct Args {
    /// Which contacts; `-` reads ids from standard input [default: all that you can open].
    contacts: Vec<String>,
    /// What to write [default: vcard, with --json: json].
    #[arg(long, value_enum)]
    format: Option<Format>,
    /// Write CSV with the columns of this program: google, outlook, outlook-fr, hubspot or pipedrive.
    #[arg(long, value_name = "NAME", conflicts_with = "format")]
    preset: Option<String>,
    /// Only contacts that a filter means; `carnet search --help` says how filters are written.
    #[arg(long = "where", value_name = "FILTER")]
    wanted: Option<String>,
    /// Only this book.
    #[arg(long)]
    book: Option<Slug>,
    /// Write into this new file (0600) instead of standard output; never inside the data repository. Of a vdir the directory,
    /// which is brought up to date: also written `--format vdir DIR`.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Of a vdir: what programs call the address book.
    #[arg(long, value_name = "NAME")]
    displayname: Option<String>,
    /// Of a vdir: the colour that programs give it.
    #[arg(long, value_name = "#RRGGBB")]
    book_color: Option<String>,
    /// Which vCard is written: 3.0 for phones, servers and programs that know no 4.0. A vdir keeps what was said of it once.
    /// [default: 4.0]
    #[arg(long, value_enum, value_name = "VERSION")]
    vcard: Option<Version>,
    /// The purpose of this export, for the access trail.
    #[arg(long)]
    purpose: Option<Slug>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    Vcard,
    Csv,
    Json,
    /// A directory with one card a file, for khard, vdirsyncer and phones.
    Vdir,
}

/// What `--json` says of an export into a file.
#[derive(serde::Serialize)]
struct Exported {
    count: usize,
    file: String,
}

/// Refuses a place in the data repository: an export is plain text, which one `git add` would put into history
/// for ever, and which no erasure would reach.
pub(super) fn check_outside(vault: &Vault, path: &Path) -> Result<()> {
    let place = path.display();
    let dir = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let dir = dir.canonicalize().at(&place).map_err(|e| e.hint("give a directory that exists"))?;
    let git = vault.private_dir();
    for ours in [vault.repo.root(), git.parent().unwrap_or(&git)] {
        if ours.canonicalize().is_ok_and(|ours| dir.starts_with(ours)) {
            return Err(Error::refused("an export is not written into the data repository")
                .at(place.to_string())
                .hint("give a file outside it, such as --out ../contacts.vcf"));
        }
    }
    Ok(())
}

/// Writes a file (0600) that is not there yet, whole or not at all.
pub(super) fn write_new(path: &Path, bytes: &[u8]) -> Result<()> {
    let place = path.display();
    let dir = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut file = tempfile::NamedTempFile::new_in(dir).at(&place)?;
    file.write_all(bytes).at(&place)?;
    file.persist_noclobber(path).map_err(|e| match e.error.kind() {
        std::io::ErrorKind::AlreadyExists => Error::failed("there is such a file already")
            .at(place.to_string())
            .hint("choose a file that is not there yet"),
        _ => Error::from(e.error).at(place.to_string()),
    })?;
    Ok(())
}

/// The contacts as vCards with what their links say: the firm as ORG where none is written, and RELATED by UID. A contact
/// that this member cannot open is not named.
fn linked_cards(vault: &Vault, at: Snapshot, all: &[Contact], version: Version) -> Result<String> {
    let links = vault.links(at)?;
    let uids: HashMap<&ContactId, String> = all.iter().map(|one| (&one.id, uid(one))).collect();
    let with_firm = |contact: &Contact| {
        let mut contact = contact.clone();
        let firm = links.with(contact.id.as_str(), vault.now).into_iter();
        let firm = firm
            .filter(|one| !one.over && one.own && one.with.organisation)
            .find(|one| one.kind == "works-for");
        if let Some(firm) = firm.filter(|_| contact.org.is_none()) {
            contact.org = Some(firm.with.name);
            contact.role = contact.role.or(firm.role);
        }
        contact
    };
    let related = |contact: &Contact| {
        let all = links.with(contact.id.as_str(), vault.now).into_iter().filter(|one| one.own && !one.over);
        let one = |one: Related| {
            let own = || format!("urn:uuid:{}", one.with.id);
            (link::related_type(&one.kind), uids.get(&one.with.id).cloned().unwrap_or_else(own))
        };
        all.map(one).collect()
    };
    write_linked_vcards(&all.iter().map(with_firm).collect::<Vec<_>>(), &related, version)
}

/// The columns that a program reads.
fn columns_for(name: &str) -> Result<presets::Export> {
    presets::named(name)?.export.ok_or_else(|| {
        Error::usage("this program reads no such file")
            .at("--preset")
            .hint("`carnet export --preset google`, or outlook, outlook-fr, hubspot, pipedrive")
    })
}

pub fn run(context: &Context, mut args: Args) -> Result<i32> {
    let vault = context.vault()?;
    if args.format == Some(Format::Vdir) {
        return to_vdir(context, &vault, &mut args);
    }
    if args.displayname.is_some() || args.book_color.is_some() {
        return Err(
            Error::usage("only a vdir has a name and a colour").hint("`carnet export --format vdir DIR`")
        );
    }
    if let Some(path) = &args.out {
        check_outside(&vault, path)?;
    }
    check_one(&args)?;
    let preset = args.preset.as_deref().map(columns_for).transpose()?;
    let at = vault.snapshot()?;
    let mut all: Vec<Contact> = Vec::new();
    let mut books: Vec<Slug> = Vec::new();
    let mut ids = Vec::new();
    if args.contacts.is_empty() {
        for book in books_of(&vault, at, args.book.as_ref())? {
            let wanted = meant_of(&vault, at, &book, args.wanted.as_deref())?;
            vault.open_many(&book, &wanted, &mut |_, contact| all.push(contact))?;
            books.push(book);
        }
    } else {
        for found in many::contacts(context, &vault, &args.contacts)? {
            let opened = vault.open_contact(at, &found.book, &found.id)?;
            all.extend(opened.map(|o| o.contact));
            ids.push(found.id);
            books.push(found.book);
        }
        books.sort();
        books.dedup();
    }
    let format = args.format.unwrap_or(if preset.is_some() {
        Format::Csv
    } else if context.ui.json {
        Format::Json
    } else {
        Format::Vcard
    });
    if args.vcard.is_some() && format != Format::Vcard {
        return Err(Error::usage("only vCards have a version of vCard")
            .at("--vcard")
            .hint("`carnet export --format vcard --vcard 3.0`"));
    }
    let bytes = match format {
        Format::Vcard => linked_cards(&vault, at, &all, args.vcard.unwrap_or_default())?.into_bytes(),
        Format::Csv => {
            let mut out = Vec::new();
            match &preset {
                Some(export) => {
                    let short = presets::write_preset(&all, export, &mut out)?;
                    if short > 0 {
                        context.ui.note(&format!(
                            "{short} contact(s) hold e-mails or numbers that this format has no column for."
                        ));
                    }
                }
                None => write_csv(&all, &mut out)?,
            }
            out
        }
        // It has its own way.
        Format::Vdir => Vec::new(),
        Format::Json => {
            let envelope = serde_json::json!({ "schema": "carnet.contacts/1", "data": to_json(&all)? });
            let mut text = serde_json::to_vec_pretty(&envelope)
                .map_err(|e| Error::failed("the contacts could not be written as JSON").cause(e))?;
            text.push(b'\n');
            text
        }
    };
    let count = all.len();
    vault.record(
        at,
        Access {
            action: "export",
            contacts: ids,
            books,
            count: Some(count),
            purpose: args.purpose,
            ..Access::default()
        },
    )?;
    match &args.out {
        Some(path) => {
            write_new(path, &bytes)?;
            let place = path.display();
            if context.ui.json {
                context.ui.data("carnet.export/1", &Exported { count, file: place.to_string() })?;
            }
            context.ui.note(&format!(
                "Exported {count} contact(s) to {place}: it is plain text, delete it when it has served."
            ));
        }
        // On a screen what others wrote must not move the cursor; a pipe gets the file as it is.
        None if std::io::stdout().is_terminal() => {
            context.ui.lines(&String::from_utf8_lossy(&bytes).replace("\r\n", "\n"))?;
        }
        None => context.ui.raw(&String::from_utf8_lossy(&bytes))?,
    }
    Ok(0)
}

fn books_of(vault: &Vault, at: Snapshot, only: Option<&Slug>) -> Result<Vec<Slug>> {
    let mut mine: Vec<Slug> = vault.my_books(at)?.into_iter().map(|(slug, _)| slug).collect();
    mine.retain(|slug| only.is_none_or(|only| only == slug));
    match mine.is_empty() {
        true => Err(Error::not_found("you have no such book").hint("`carnet list` shows what you have")),
        false => Ok(mine),
    }
}

/// The contacts of a book that a filter means, with their versions.
fn meant_of(vault: &Vault, at: Snapshot, book: &Slug, filter: Option<&str>) -> Result<Vec<(ContactId, Oid)>> {
    let mut wanted = vault.contacts_of(at, book)?;
    if let Some(text) = filter {
        let having = vault.having(at, Some(book), &vault.filter(at, text)?)?;
        let having: HashSet<ContactId> = having.into_iter().map(|m| m.id).collect();
        wanted.retain(|(id, _)| having.contains(id));
    }
    Ok(wanted)
}

/// Contacts are named or meant by a filter.
fn check_one(args: &Args) -> Result<()> {
    match args.wanted.is_some() && !args.contacts.is_empty() {
        true => Err(Error::usage("contacts are named or meant by a filter, not both")
            .at("--where")
            .hint("`carnet export --where 'tag:vip'`")),
        false => Ok(()),
    }
}

/// Brings a vdir up to date: `--out DIR`, or the first argument.
fn to_vdir(context: &Context, vault: &Vault, args: &mut Args) -> Result<i32> {
    let dir = match &args.out {
        Some(dir) => dir.clone(),
        None if !args.contacts.is_empty() => PathBuf::from(args.contacts.remove(0)),
        None => return Err(Error::usage("which directory?").hint("`carnet export --format vdir DIR`")),
    };
    check_one(args)?;
    let dir = export_vdir::place(vault, &dir)?;
    let at = vault.snapshot()?;
    let mut wanted: Vec<(Slug, ContactId, Oid)> = Vec::new();
    if args.contacts.is_empty() {
        for book in books_of(vault, at, args.book.as_ref())? {
            let meant = meant_of(vault, at, &book, args.wanted.as_deref())?;
            wanted.extend(meant.into_iter().map(|(id, version)| (book.clone(), id, version)));
        }
    } else {
        for found in many::contacts(context, vault, &args.contacts)? {
            let version = vault.repo.entry(at.tree, &found.id.path(&found.book))?;
            wanted.extend(version.map(|version| (found.book, found.id, version)));
        }
    }
    let looks =
        Looks { name: args.displayname.as_deref(), color: args.book_color.as_deref(), vcard: args.vcard };
    export_vdir::run(context, vault, at, &dir, &wanted, &looks, args.purpose.clone())
}
