//! Lists of contacts from the index: filters, order, and the three ways to print them.

use std::borrow::Cow;

use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;

use crate::context::Context;
use crate::domain::filter::in_force;
use crate::domain::fold::fold;
use crate::domain::ids::{ContactId, Slug};
use crate::domain::moment;
use crate::error::{Error, Result};
use crate::output::{Cell, Table, Tone};
use crate::vault::access::Access;
use crate::vault::index_file::{Index, Row, items};
use crate::vault::links::{End, Links};
use crate::vault::{Snapshot, Vault};

/// Filters and order that `list` and `find` share.
#[derive(Debug, clap::Args)]
pub struct Filter {
    /// Only contacts with this tag (several: all of them).
    #[arg(long)]
    tag: Vec<String>,
    /// Only contacts of this organisation (part of its name).
    #[arg(long, value_name = "NAME")]
    org: Option<String>,
    /// Only contacts that a filter means; `carnet search --help` says how filters are written.
    #[arg(long = "where", value_name = "FILTER")]
    wanted: Option<String>,
    /// Only this book.
    #[arg(long)]
    book: Option<Slug>,
    /// Order of the list.
    #[arg(long, value_enum, default_value = "name")]
    sort: Sort,
    /// At most this many.
    #[arg(long, value_name = "N")]
    limit: Option<usize>,
    /// The purpose of this read, for the access trail.
    #[arg(long)]
    purpose: Option<Slug>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Sort {
    Name,
    Org,
    Created,
    Id,
}

/// One contact in JSON.
#[derive(Serialize)]
struct Item<'a> {
    id: &'a str,
    book: &'a str,
    kind: &'a str,
    name: &'a str,
    org: &'a str,
    /// Organisations that it is linked with now.
    firms: Vec<Firm>,
    emails: Vec<Cow<'a, str>>,
    phones: Vec<Cow<'a, str>>,
    tags: Vec<Cow<'a, str>>,
    bases: Vec<String>,
    created: &'a str,
}

/// A linked organisation in JSON.
#[derive(Serialize)]
struct Firm {
    id: ContactId,
    name: String,
}

/// Prints the contacts that pass the filter and hold all `words`, and records the read.
///
/// `more` is a filter that the command takes without `--where`.
pub fn print(context: &Context, action: &str, filter: &Filter, more: &str, words: &[String]) -> Result<i32> {
    let vault = context.vault()?;
    let (at, wanted, indexes) = vault.reading(|at| {
        let wanted =
            vault.filter(at, filter.wanted.as_deref().unwrap_or_default())?.and(vault.filter(at, more)?);
        let whole = !words.is_empty() || wanted.reads_text();
        let indexes = indexes(&vault, at, filter.book.as_ref(), whole)?;
        Ok((at, wanted, indexes))
    })?;
    // The column and `--org` name linked firms; a filter may ask for more.
    let links = match filter.book {
        None => Links::of(&indexes),
        Some(_) => vault.links(at)?,
    };
    let words: Vec<String> = words
        .iter()
        .flat_map(|w| fold(w).split_whitespace().map(str::to_owned).collect::<Vec<_>>())
        .collect();
    let mut found: Vec<(&Slug, Row<'_>)> = Vec::new();
    for (book, index) in &indexes {
        let rows = index.rows();
        let kept = matching(rows, &words)?
            .into_iter()
            .filter(|row| passes(filter, row, &links, vault.now))
            .collect();
        found.extend(vault.sift(at, book, kept, &wanted, &links)?.into_iter().map(|row| (book, row)));
    }
    sort(&mut found, filter.sort, indexes.len() > 1);
    found.truncate(filter.limit.unwrap_or(usize::MAX));
    vault.record(
        at,
        Access {
            action,
            contacts: Vec::new(),
            books: indexes.iter().map(|(book, _)| book.clone()).collect(),
            count: Some(found.len()),
            purpose: filter.purpose.clone(),
            ..Access::default()
        },
    )?;
    show(context, action, &found, &|row| links.firms(row.id, vault.now), vault.now)?;
    Ok(0)
}

fn indexes(vault: &Vault, at: Snapshot, only: Option<&Slug>, whole: bool) -> Result<Vec<(Slug, Index)>> {
    let mut books = vault.my_books(at)?;
    if let Some(only) = only {
        books.retain(|(slug, _)| slug == only);
        if books.is_empty() {
            return Err(Error::not_found(format!("you have no book `{only}`"))
                .hint("`carnet list` shows all that you have"));
        }
    }
    books
        .into_iter()
        .map(|(book, _)| {
            let index = if whole { vault.whole_index(at, &book)? } else { vault.index(at, &book)? };
            Ok((book, index))
        })
        .collect()
}

/// Rows that hold every word somewhere in their text.
fn matching<'a>(mut rows: Vec<Row<'a>>, words: &[String]) -> Result<Vec<Row<'a>>> {
    let finders: Vec<_> = words.iter().map(|w| memchr::memmem::Finder::new(w.as_bytes())).collect();
    if finders.is_empty() {
        return Ok(rows);
    }
    rows.first().map(Row::text).transpose()?;
    let holds = |text: &str| finders.iter().all(|f| f.find(text.as_bytes()).is_some());
    rows.retain(|row| row.text.is_some_and(holds));
    Ok(rows)
}

fn passes(filter: &Filter, row: &Row<'_>, links: &Links, now: DateTime<Utc>) -> bool {
    let tags = filter.tag.iter().all(|tag| items(row.tags).any(|t| fold(&t) == fold(tag)));
    let of = |name: &str, org: &str| fold(name).contains(&fold(org));
    let org = |org: &String| of(row.org, org) || links.firms(row.id, now).iter().any(|f| of(&f.name, org));
    tags && filter.org.as_ref().is_none_or(org)
}

fn sort(found: &mut [(&Slug, Row<'_>)], by: Sort, several: bool) {
    match by {
        // An index is in order of name already.
        Sort::Name if !several => {}
        Sort::Name => found.sort_by(|a, b| a.1.sort.cmp(b.1.sort)),
        Sort::Org => found.sort_by_cached_key(|(_, row)| (fold(row.org), row.sort.to_owned())),
        Sort::Created => found.sort_by(|a, b| (b.1.created, a.1.sort).cmp(&(a.1.created, b.1.sort))),
        Sort::Id => found.sort_by(|a, b| a.1.id.cmp(b.1.id)),
    }
}

fn show(
    context: &Context,
    action: &str,
    found: &[(&Slug, Row<'_>)],
    firms: &dyn Fn(&Row<'_>) -> Vec<End>,
    now: DateTime<Utc>,
) -> Result<()> {
    let ui = &context.ui;
    if ui.json {
        let list: Vec<Item<'_>> = found
            .iter()
            .map(|(book, row)| Item {
                id: row.id,
                book: book.as_str(),
                kind: row.kind,
                name: row.name,
                org: row.org,
                firms: firms(row).into_iter().map(|firm| Firm { id: firm.id, name: firm.name }).collect(),
                emails: items(row.emails).collect(),
                phones: items(row.phones).collect(),
                tags: items(row.tags).collect(),
                bases: items(row.bases).filter_map(|b| Some(in_force(&b, now)?.to_owned())).collect(),
                created: row.created,
            })
            .collect();
        return ui.data(&format!("carnet.{action}/1"), &list);
    }
    if ui.quiet {
        let ids: String = found.iter().map(|(_, row)| format!("{}\n", row.id)).collect();
        return ui.raw(&ids);
    }
    if found.is_empty() {
        ui.note("No contacts.");
        return Ok(());
    }
    let mut table = Table::new(&["ID", "NAME", "ORGANISATION", "E-MAIL", "PHONE", "TAGS", "LAST"])
        .whole(&["ID", "LAST"])
        .spare(&["TAGS", "PHONE", "ORGANISATION"]);
    for (_, row) in found {
        let last = last(row).map(|day| ui.day(day, now.date_naive()));
        table.row([
            Cell::new(row.id.get(..8).unwrap_or(row.id), Tone::Faint),
            row.name.to_owned().into(),
            match row.org {
                // What was typed once may be less than what the firm's own entry says, but never another firm's.
                "" => firms(row).into_iter().map(|firm| firm.name).collect::<Vec<_>>().join(", "),
                org => org.to_owned(),
            }
            .into(),
            items(row.emails).next().unwrap_or_default().into_owned().into(),
            items(row.phones).next().unwrap_or_default().into_owned().into(),
            items(row.tags).collect::<Vec<_>>().join(" ").into(),
            last.unwrap_or_default().into(),
        ]);
    }
    ui.table(&table)
}

/// The day (UTC) of the last interaction.
fn last(row: &Row<'_>) -> Option<NaiveDate> {
    let at: toml::value::Datetime = row.more("last").next()?.parse().ok()?;
    DateTime::from_timestamp(moment::start(&at)?, 0).map(|at| at.date_naive())
}
