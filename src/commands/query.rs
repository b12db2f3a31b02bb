//! `carnet query`

use memchr::memmem::Finder;
use serde::Serialize;

use crate::context::Context;
use crate::domain::fold::{fold, fold_into};
use crate::domain::ids::Slug;
use crate::error::Result;
use crate::output::text::inert;
use crate::vault::access::Access;
use crate::vault::index_file::{Row, items};

/// Look up addresses for a mail client: words of names, organisations, addresses or tags.
///
/// mutt and neomutt:  set query_command = "carnet -C ~/firm query --format mutt -- %s"
/// aerc:              address-book-cmd = carnet -C ~/firm query --format aerc -- %s
/// himalaya's vim:    let g:himalaya_complete_contact_cmd = "carnet -C ~/firm query --format himalaya -- '%s'"
#[derive(Debug, clap::Args)]
#[command(
    verbatim_doc_comment,
    after_help = "Examples:
  carnet query jeanne --format mutt
  carnet query 'jean dup' --format aerc
  carnet query --format json -- acme"
)]
pub struct Args {
    /// Words; all must be there, each perhaps as a part of one.
    #[arg(required = true)]
    text: Vec<String>,
    /// How the client wants it [default: mutt, with --json: json].
    #[arg(long, value_enum)]
    format: Option<Format>,
    /// At most this many addresses.
    #[arg(long, value_name = "N", default_value_t = 100)]
    limit: usize,
    /// The purpose of this read, for the access trail.
    #[arg(long)]
    purpose: Option<Slug>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// A line of comment, then ADDRESS, NAME and ORGANISATION with tabs between.
    Mutt,
    /// ADDRESS and NAME with a tab between.
    Aerc,
    /// ADDRESS and NAME with a tab between, as himalaya's plug-in for vim reads them.
    Himalaya,
    Json,
}

#[derive(Serialize)]
struct Found {
    email: String,
    name: String,
    org: String,
    contact: String,
}

pub fn run(context: &Context, args: Args) -> Result<i32> {
    let vault = context.vault()?;
    let words: Vec<String> = args
        .text
        .iter()
        .flat_map(|t| fold(t).split_whitespace().map(str::to_owned).collect::<Vec<_>>())
        .collect();
    let finders: Vec<_> = words.iter().map(|w| Finder::new(w.as_bytes())).collect();
    let (at, found, books) = vault.reading(|at| {
        let mut found = Vec::new();
        let mut books = Vec::new();
        let mut folded = String::new();
        for (book, _) in vault.my_books(at)? {
            let index = vault.index(at, &book)?;
            for row in index.rows() {
                if row.emails.is_empty() || !finders.iter().all(|word| has(&row, word, &mut folded)) {
                    continue;
                }
                found.extend(items(row.emails).map(|email| Found {
                    email: email.into_owned(),
                    name: row.name.to_owned(),
                    org: row.org.to_owned(),
                    contact: row.id.to_owned(),
                }));
            }
            books.push(book);
        }
        found.truncate(args.limit);
        Ok((at, found, books))
    })?;
    vault.record(
        at,
        Access {
            action: "query",
            books,
            count: Some(found.len()),
            purpose: args.purpose,
            ..Access::default()
        },
    )?;
    let ui = &context.ui;
    let format = args.format.unwrap_or(if ui.json { Format::Json } else { Format::Mutt });
    if format == Format::Json || ui.json {
        ui.data("carnet.query/1", &found)?;
    } else if ui.quiet {
        let mut ids: Vec<String> = found.iter().map(|f| format!("{}\n", f.contact)).collect();
        ids.dedup();
        ui.raw(&ids.concat())?;
    } else {
        let mut out = String::new();
        if format == Format::Mutt {
            out.push_str(&ui.lang.fill("{} address(es) found", &[&found.len()]));
            out.push('\n');
        }
        found.iter().for_each(|f| out.push_str(&line(f, format)));
        ui.raw(&out)?;
    }
    Ok(0)
}

/// Whether a word is in what a mail client may look for, folded into the same place each time.
fn has(row: &Row<'_>, word: &Finder<'_>, folded: &mut String) -> bool {
    word.find(row.names.as_bytes()).is_some()
        || [row.emails, row.org, row.tags].into_iter().any(|text| {
            folded.clear();
            fold_into(text, folded);
            word.find(folded.as_bytes()).is_some()
        })
}

/// One line; what could break it out of its line or column is shown as an escape.
fn line(found: &Found, format: Format) -> String {
    let [email, name, org] = [&found.email, &found.name, &found.org].map(|text| inert(text));
    match format {
        Format::Mutt => format!("{email}\t{name}\t{org}\n"),
        Format::Aerc | Format::Himalaya | Format::Json => format!("{email}\t{name}\n"),
    }
}
