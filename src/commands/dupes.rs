//! `carnet dupes`

use serde::Serialize;

use crate::context::Context;
use crate::domain::dupes::{self, Person};
use crate::domain::ids::Slug;
use crate::error::Result;
use crate::output::Table;
use crate::vault::access::Access;
use crate::vault::index_file::items;

/// Contacts that may be the same, with a score and the reasons: addresses, numbers, names, firm, birthday.
///
/// Accents, case and the order of names do not count. `carnet merge A B` makes one of two;
/// `carnet dupes --min 80 -q | carnet merge - --auto` makes one of each pair, in one commit.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  carnet dupes
  carnet dupes --min 80 --where tag:prospect")]
pub struct Args {
    /// The lowest score that is shown, 1 to 100.
    #[arg(long, value_name = "SCORE", default_value_t = 50, value_parser = clap::value_parser!(u8).range(1..=100))]
    min: u8,
    /// Only among contacts that a filter means.
    #[arg(long = "where", value_name = "FILTER")]
    filter: Option<String>,
    /// At most this many pairs.
    #[arg(long, value_name = "N")]
    limit: Option<usize>,
}

/// One contact of a pair.
#[derive(Clone, Serialize)]
struct One {
    id: String,
    book: Slug,
    name: String,
    email: String,
}

#[derive(Serialize)]
struct Shown {
    score: u8,
    reasons: Vec<&'static str>,
    a: One,
    b: One,
}

pub fn run(context: &Context, args: Args) -> Result<i32> {
    let vault = context.vault()?;
    let (at, ones, people, books) = vault.reading(|at| {
        let filter = vault.filter(at, args.filter.as_deref().unwrap_or_default())?;
        let (mut ones, mut people, mut books) = (Vec::new(), Vec::new(), Vec::new());
        let links = vault.links_for(at, &filter)?;
        for (book, _) in vault.my_books(at)? {
            let index = vault.index_for(at, &book, &filter)?;
            for row in vault.sift(at, &book, index.rows(), &filter, &links)? {
                let list = |text: &str| items(text).map(|v| v.into_owned()).collect::<Vec<_>>();
                let emails = list(row.emails);
                ones.push(One {
                    id: row.id.to_owned(),
                    book: book.clone(),
                    name: row.name.to_owned(),
                    email: emails.first().cloned().unwrap_or_default(),
                });
                people.push(Person {
                    organisation: row.kind == "organisation",
                    name: row.name.to_owned(),
                    emails,
                    phones: list(row.phones),
                    org: row.org.to_owned(),
                    birthday: row.more("birthday").next().unwrap_or_default().into_owned(),
                });
            }
            books.push(book);
        }
        Ok((at, ones, people, books))
    })?;
    let mut pairs = dupes::find(&people, args.min);
    let all = pairs.len();
    pairs.truncate(args.limit.unwrap_or(usize::MAX));
    let shown: Vec<Shown> = pairs
        .iter()
        .filter_map(|pair| {
            let (a, b) = (ones.get(pair.a)?.clone(), ones.get(pair.b)?.clone());
            Some(Shown {
                score: pair.score,
                reasons: pair.reasons.iter().map(|r| r.as_str()).collect(),
                a,
                b,
            })
        })
        .collect();
    vault.record(at, Access { action: "dupes", books, count: Some(shown.len() * 2), ..Access::default() })?;
    let ui = &context.ui;
    if ui.json {
        ui.data("carnet.dupes/1", &shown)?;
    } else if ui.quiet {
        ui.raw(&shown.iter().map(|s| format!("{} {}\n", s.a.id, s.b.id)).collect::<String>())?;
    } else if shown.is_empty() {
        ui.note("No two contacts look like one.");
    } else {
        let mut table = Table::new(&["SCORE", "A", "B", "NAME OF A", "NAME OF B", "REASONS"]);
        for pair in &shown {
            let short = |one: &One| one.id.chars().take(8).collect::<String>();
            let name = |one: &One| one.name.clone();
            table.row([
                pair.score.to_string(),
                short(&pair.a),
                short(&pair.b),
                name(&pair.a),
                name(&pair.b),
                pair.reasons.iter().map(|reason| ui.lang.say(reason)).collect::<Vec<_>>().join(", "),
            ]);
        }
        ui.table(&table)?;
        if all > shown.len() {
            ui.note(&format!("… and {} pairs more", all - shown.len()));
        }
    }
    Ok(0)
}
