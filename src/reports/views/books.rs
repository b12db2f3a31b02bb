//! Contacts by book, in figures, and which member can read which book.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{Facts, PurposeName};

#[derive(Debug, Serialize)]
pub struct View {
    pub books: Vec<Row>,
    pub contacts: usize,
    pub persons: usize,
    pub organisations: usize,
    pub members: Vec<Member>,
}

/// One book.
#[derive(Debug, Serialize)]
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
}

/// One member, and the titles of the books that they can read.
#[derive(Debug, Serialize)]
pub struct Member {
    pub handle: String,
    pub books: Vec<String>,
}

pub fn view(facts: &Facts) -> View {
    let mut members: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut books = Vec::new();
    for figures in &facts.figures.books {
        for handle in &figures.book.members {
            members.entry(handle.to_string()).or_default().push(figures.book.title.clone());
        }
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
        });
    }
    View {
        contacts: facts.figures.contacts(),
        persons: books.iter().map(|b| b.persons).sum(),
        organisations: books.iter().map(|b| b.organisations).sum(),
        books,
        members: members.into_iter().map(|(handle, books)| Member { handle, books }).collect(),
    }
}
