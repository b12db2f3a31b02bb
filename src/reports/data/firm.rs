//! What is about the firm itself: members, their trainings and agreements, wordings, findings of the audit.

use super::{Cell, Content, Sources};
use crate::domain::audit::Severity;
use crate::domain::registers::agreement::Agreement;
use crate::domain::registers::training::Training;
use crate::error::Result;
use crate::reports::views::audit as views;

pub fn members(from: &Sources<'_>) -> Result<Content> {
    let heads = vec!["member", "key", "key_state", "key_expires", "signs", "admin", "books", "commit"];
    let row = |m: crate::vault::members_list::Listed| {
        let handle = m.member.to_string();
        vec![
            Cell::text(&handle),
            Cell::text(m.key),
            Cell::code("key-state", m.state),
            Cell::maybe(m.expires),
            Cell::Flag(m.signs),
            Cell::Flag(m.admin),
            Cell::texts(m.books),
            Sources::commit(from.facts.cites.member(&from.facts.trails, &handle)),
        ]
    };
    Ok((heads, from.vault.members(from.at)?.into_iter().map(row).collect()))
}

pub fn trainings(from: &Sources<'_>) -> Result<Content> {
    let heads = vec!["reference", "member", "date", "topic", "material", "next", "commit"];
    let entries = from.vault.entries::<Training>(from.at)?;
    let rows = entries.into_iter().map(|e| {
        let (t, commit) = (e.record, from.written("trainings", &e.name));
        vec![
            Cell::text(e.name),
            Cell::text(t.member.to_string()),
            Cell::text(t.date.to_string()),
            Cell::text(t.topic),
            Cell::text(t.material),
            Cell::maybe(t.next),
            commit,
        ]
    });
    Ok((heads, rows.collect()))
}

pub fn agreements(from: &Sources<'_>) -> Result<Content> {
    let heads = vec!["reference", "member", "date", "agreement", "name", "document", "review", "commit"];
    let entries = from.vault.entries::<Agreement>(from.at)?;
    let rows = entries.into_iter().map(|e| {
        let (a, commit) = (e.record, from.written("agreements", &e.name));
        vec![
            Cell::text(e.name),
            Cell::text(a.member.to_string()),
            Cell::text(a.date.to_string()),
            Cell::code("agreement", a.kind),
            Cell::text(a.title),
            Cell::text(a.document),
            Cell::maybe(a.review),
            commit,
        ]
    });
    Ok((heads, rows.collect()))
}

pub fn wordings(from: &Sources<'_>) -> Result<Content> {
    let heads =
        vec!["wording", "number", "lang", "version", "added", "sha256", "unaltered", "text", "commit"];
    let row = |h: crate::vault::wordings::Held| {
        let commit = from.written("wordings", &format!("{}/{}", h.slug, h.number));
        vec![
            Cell::text(h.slug.to_string()),
            Cell::Number(i64::from(h.number)),
            Cell::text(h.wording.lang.as_str()),
            Cell::text(h.wording.version),
            Cell::text(h.wording.added),
            Cell::text(h.wording.sha256),
            Cell::Flag(h.unaltered),
            Cell::text(h.text),
            commit,
        ]
    };
    Ok((heads, from.vault.wordings(from.at)?.into_iter().map(row).collect()))
}

/// Findings as their page has them: those about contacts once a kind and place, with what a contact says left out.
pub fn audit(from: &Sources<'_>) -> Content {
    let heads = vec!["severity", "finding", "rule", "place", "contacts", "command"];
    let rows = [("error", Severity::Error), ("warning", Severity::Warning)].into_iter().flat_map(
        |(code, severity)| {
            let found = views::rows(&from.facts.audit.findings, severity, from.facts.small);
            found.into_iter().map(move |f| {
                vec![
                    Cell::code("severity", code),
                    Cell::code("finding", f.code),
                    Cell::text(f.rule),
                    Cell::text(f.place.name),
                    f.contacts.map_or(Cell::None, Cell::Count),
                    Cell::text(f.command),
                ]
            })
        },
    );
    (heads, rows.collect())
}
