//! Contacts by book, in figures, and which member can read which book.

use serde::Serialize;

use super::{Facts, PurposeName};
use crate::reports::cites::Cite;

#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct View {
    pub books: Vec<Row>,
    pub contacts: usize,
    pub persons: usize,
    pub organisations: usize,
    pub members: Vec<Member>,
}

/// One book.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Row {
    pub slug: String,
    pub title: String,
    pub contacts: usize,
    /// Whether the member who built the site could open it; the next two are 0 otherwise.
    pub readable: bool,
    pub persons: usize,
    pub organisations: usize,
    /// Handles.
    pub members: Vec<String>,
    pub purpose: PurposeName,
    /// Its last change.
    pub changed: Option<Cite>,
}

/// One member: certificate and rights, and which of the books they can read, in the order of [`View::books`].
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Member {
    pub handle: String,
    /// Full fingerprint.
    pub fingerprint: String,
    /// `usable`, or why the certificate cannot be used.
    pub state: String,
    /// Day on which the key expires, in seconds since 1970.
    pub expires: Option<i64>,
    /// Whether that is within thirty days, or past.
    pub soon: bool,
    pub signs: bool,
    pub admin: bool,
    pub reads: Vec<bool>,
    pub books: usize,
    /// Its last change.
    pub changed: Option<Cite>,
}

/// Seconds of thirty days.
const SOON: i64 = 30 * 86_400;

pub fn view(facts: &Facts) -> View {
    let mut books = Vec::new();
    for figures in &facts.figures.books {
        let (persons, organisations) = figures.kinds.unwrap_or_default();
        books.push(Row {
            slug: figures.slug.to_string(),
            title: figures.book.title.clone(),
            contacts: figures.contacts,
            readable: figures.kinds.is_some(),
            persons,
            organisations,
            members: figures.book.members.iter().map(ToString::to_string).collect(),
            purpose: facts.purpose(Some(&figures.book.purpose)),
            changed: facts.cites.book(&facts.trails, figures.slug.as_str()),
        });
    }
    let member = |m: &crate::vault::members_list::Listed| {
        let expires = m.expires.as_ref().and_then(|day| day.parse().ok()).map(super::seconds);
        let reads: Vec<bool> =
            facts.figures.books.iter().map(|b| b.book.members.contains(&m.member)).collect();
        Member {
            handle: m.member.to_string(),
            fingerprint: m.key.clone(),
            state: m.state.clone(),
            expires,
            soon: expires.is_some_and(|at| at <= facts.now + SOON),
            signs: m.signs,
            admin: m.admin,
            books: reads.iter().filter(|r| **r).count(),
            reads,
            changed: facts.cites.member(&facts.trails, m.member.as_str()),
        }
    };
    View {
        contacts: facts.figures.contacts(),
        persons: books.iter().map(|b| b.persons).sum(),
        organisations: books.iter().map(|b| b.organisations).sum(),
        books,
        members: facts.registers.members.iter().map(member).collect(),
    }
}
