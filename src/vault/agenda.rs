//! What is to be done and whom one has not heard of, over all books, from the indexes alone.

use chrono::NaiveDate;

use super::index_file::{Row, items};
use super::select::{Match, to_match};
use super::{Snapshot, Vault};
use crate::domain::activity;
use crate::domain::filter::{Filter, Span};
use crate::domain::fold::fold;
use crate::domain::ids::Slug;
use crate::domain::organisation::Settings;
use crate::error::Result;

/// An open action.
#[derive(Clone, Debug)]
pub struct Open {
    pub with: Match,
    pub id: String,
    pub due: Option<NaiveDate>,
    pub text: String,
}

/// A birthday to come.
#[derive(Clone, Debug)]
pub struct Birthday {
    pub with: Match,
    pub day: NaiveDate,
    pub age: Option<i32>,
}

/// A contact that was not heard of for longer than one wants.
#[derive(Clone, Debug)]
pub struct Quiet {
    pub with: Match,
    /// The last interaction, if there was any.
    pub last: Option<NaiveDate>,
    pub every: Span,
}

/// All of it; each list in the order in which it matters.
#[derive(Debug, Default)]
pub struct Agenda {
    pub open: Vec<Open>,
    pub birthdays: Vec<Birthday>,
    pub quiet: Vec<Quiet>,
    /// Books that were read.
    pub books: Vec<Slug>,
}

impl Vault {
    /// The agenda of the contacts that pass `filter`.
    pub fn agenda(&self, at: Snapshot, filter: &Filter) -> Result<Agenda> {
        let settings = self.settings(at)?;
        let mut agenda = Agenda::default();
        let links = self.links_for(at, filter)?;
        for (book, _) in self.my_books(at)? {
            let index = self.index_for(at, &book, filter)?;
            for row in self.sift(at, &book, index.rows(), filter, &links)? {
                self.note_row(&mut agenda, &book, &row, &settings)?;
            }
            agenda.books.push(book);
        }
        // What has no day comes last.
        agenda.open.sort_by(|a, b| {
            (a.due.is_none(), a.due, &a.with.name).cmp(&(b.due.is_none(), b.due, &b.with.name))
        });
        agenda.birthdays.sort_by(|a, b| (a.day, &a.with.name).cmp(&(b.day, &b.with.name)));
        agenda.quiet.sort_by(|a, b| (a.last, &a.with.name).cmp(&(b.last, &b.with.name)));
        Ok(agenda)
    }

    fn note_row(&self, agenda: &mut Agenda, book: &Slug, row: &Row<'_>, settings: &Settings) -> Result<()> {
        let with = || to_match(book, row);
        for entry in row.more("todo") {
            let mut parts = entry.splitn(3, '|');
            let (Some(id), Some(due), Some(text)) = (parts.next(), parts.next(), parts.next()) else {
                continue;
            };
            let due = due.parse().ok().as_ref().and_then(activity::day);
            agenda.open.push(Open { with: with()?, id: id.to_owned(), due, text: text.to_owned() });
        }
        if let Some((day, age)) = row.more("birthday").next().and_then(|b| activity::birthday(&b, self.now)) {
            agenda.birthdays.push(Birthday { with: with()?, day, age });
        }
        let own = row.more("every").next().and_then(|every| Span::parse(&every));
        let Some(every) = own.or_else(|| every_of_tags(row, settings, self)) else { return Ok(()) };
        let day = |text: &str| text.parse().ok().as_ref().and_then(activity::day);
        let last = row.more("last").next().and_then(|last| day(&last));
        // Who was never called counts from the day on which they were written down.
        let since = last.or_else(|| day(row.created));
        let limit = every.before(self.now).map(|at| at.date_naive());
        if since.is_none_or(|since| limit.is_some_and(|limit| since < limit)) {
            agenda.quiet.push(Quiet { with: with()?, last, every });
        }
        Ok(())
    }
}

/// The shortest span of the contact's tags.
fn every_of_tags(row: &Row<'_>, settings: &Settings, vault: &Vault) -> Option<Span> {
    let tags: Vec<String> = items(row.tags).map(|tag| fold(&tag)).collect();
    let of =
        |(tag, every): (&String, &String)| tags.contains(&fold(tag)).then(|| Span::parse(every)).flatten();
    settings.every.iter().filter_map(of).max_by_key(|span| span.before(vault.now))
}
