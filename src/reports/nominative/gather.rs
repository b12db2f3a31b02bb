//! Reading the contacts under a purpose: each is opened once, and of the others nothing is kept.

use super::{Held, Objection, Person, Said};
use crate::domain::channel::Channel;
use crate::domain::contact::{Basis, Contact};
use crate::domain::fold::fold;
use crate::domain::ids::Slug;
use crate::domain::lawful::consent::state;
use crate::domain::lawful::{Decision, Rule};
use crate::domain::moment;
use crate::domain::objected::{Objected, Protections};
use crate::error::Result;
use crate::vault::judge::Judge;
use crate::vault::snapshot::check_place;
use crate::vault::{Snapshot, Vault};

/// Everybody under a purpose, in order of their names.
pub struct Listed {
    pub persons: Vec<Person>,
    /// Books that were read.
    pub books: Vec<Slug>,
    /// Contacts that were opened.
    pub read: usize,
}

/// Reads every contact of this member's books; `step` is called after each.
///
/// Under a purpose is who has a basis for it, has said anything about it, or objects to it by name.
pub fn gather(vault: &Vault, at: Snapshot, purpose: &Slug, step: &(dyn Fn() + Sync)) -> Result<Listed> {
    let now = vault.now.timestamp();
    let judges = Channel::ALL.map(|channel| vault.judge(at, purpose, channel, now));
    let judges = judges.into_iter().collect::<Result<Vec<Judge>>>()?;
    let (mut persons, mut books, mut read) = (Vec::new(), Vec::new(), 0);
    for (book, _) in vault.my_books(at)? {
        let scanned = vault.scan(at, &book, |id, text| {
            step();
            let contact = check_place(text, &book, id)?;
            if !is_under(&contact, purpose) {
                return Ok(None);
            }
            let decisions = judges.iter().map(|judge| judge.decide(&contact, text));
            let decisions = decisions.collect::<Result<Vec<Decision>>>()?;
            let protections = Protections::read(text);
            Ok(Some(person(contact, purpose, now, &decisions, &protections)))
        })?;
        read += scanned.len();
        for one in scanned {
            persons.extend(one.found?);
        }
        books.push(book);
    }
    persons.sort_by_cached_key(|person: &Person| (fold(&person.name), person.id.clone()));
    Ok(Listed { persons, books, read })
}

fn is_under(contact: &Contact, purpose: &Slug) -> bool {
    contact.bases.iter().any(|basis| basis.purpose == *purpose)
        || contact.consents.iter().any(|event| event.purpose == *purpose)
        || contact.objections.iter().any(|o| o.purpose.as_ref() == Some(purpose))
}

/// `decisions` are those of the four channels, in their order.
fn person(
    contact: Contact,
    purpose: &Slug,
    now: i64,
    decisions: &[Decision],
    protections: &Protections,
) -> Person {
    let of_channel = || Channel::ALL.into_iter().zip(decisions);
    let mut objections: Vec<Objection> =
        contact.objections.iter().filter(|o| o.stands_at(now)).filter_map(|o| own(o, purpose)).collect();
    if protections.objects(purpose, now) {
        objections.push(Objection { channel: "any", since: None, by: "key", id: None });
    }
    let listed = of_channel().filter(|(_, decision)| decision.rule == Rule::OppositionList);
    objections.extend(listed.map(|(channel, _)| Objection {
        channel: channel.as_str(),
        since: None,
        by: "list",
        id: None,
    }));
    Person {
        id: contact.id.short().to_owned(),
        book: contact.book.to_string(),
        kind: contact.kind.as_str(),
        bases: contact.bases.iter().filter(|b| b.purpose == *purpose).map(|b| held(b, now)).collect(),
        consents: said(&contact, purpose, now),
        objections,
        restricted: protections.restricts(purpose, now),
        reach: of_channel().filter(|(_, d)| d.allowed).map(|(channel, _)| channel.as_str()).collect(),
        org: contact.org,
        name: contact.name,
    }
}

fn held(basis: &Basis, now: i64) -> Held {
    Held {
        basis: basis.basis.to_string(),
        since: basis.since.as_ref().and_then(moment::start),
        until: basis.until.as_ref().and_then(moment::start),
        // What cannot be read ends it, as it does for every decision.
        ended: basis.until.as_ref().is_some_and(|until| moment::end(until).is_none_or(|end| end <= now)),
    }
}

/// Where it stands, channel by channel; once for all where one event says so for all.
fn said(contact: &Contact, purpose: &Slug, now: i64) -> Vec<Said> {
    let states = Channel::ALL.map(|channel| (channel, state(&contact.consents, purpose, channel, now)));
    let known: Vec<_> = states.iter().filter_map(|(c, state)| Some((c.as_str(), (*state)?))).collect();
    let one = |channel: &'static str, state: crate::domain::lawful::consent::State<'_>| Said {
        channel,
        state: state.action.as_str(),
        since: moment::start(&state.event.time),
        expires: state.event.expires.as_ref().and_then(moment::start),
        proof: state.event.id.clone(),
        evidence: state.event.evidence.as_ref().map(|sha256| sha256.chars().take(12).collect()),
    };
    match known.split_first() {
        Some(((_, first), rest))
            if rest.len() + 1 == Channel::ALL.len() && rest.iter().all(|(_, s)| s == first) =>
        {
            vec![one("any", *first)]
        }
        _ => known.into_iter().map(|(channel, state)| one(channel, state)).collect(),
    }
}

/// A contact's own objection, where it is about this purpose on some channel.
fn own(objected: &Objected, purpose: &Slug) -> Option<Objection> {
    let covered: Vec<Channel> =
        Channel::ALL.into_iter().filter(|channel| objected.covers(purpose, *channel)).collect();
    let channel = match covered.as_slice() {
        [] => return None,
        [one] => one.as_str(),
        _ => "any",
    };
    Some(Objection {
        channel,
        since: moment::start(&objected.time),
        by: "contact",
        id: Some(objected.id.clone()),
    })
}
