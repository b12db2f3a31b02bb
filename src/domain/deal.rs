//! Deals: what a firm hopes to sell, as a sealed record (docs/format.md, "Deals").

use std::collections::BTreeSet;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::filter::Pairs;
use super::fold::fold;
use super::ids::{ContactId, Slug};
use super::mention::MARKER;
use super::money::Money;
use super::record::{self, Head};
use super::stages::{LOST, Stages, WON};
use super::telling::Telling;
use super::zone::Day;
use crate::error::{Error, Result};

/// The kind of sealed record.
pub const KIND: &str = "deal";

/// Keys of a deal, which the trail names where they changed.
pub const FIELDS: [&str; 14] = [
    "amount",
    "close",
    "conflict",
    "contacts",
    "created",
    "former",
    "lost_reason",
    "moved",
    "next",
    "next_due",
    "note",
    "probability",
    "stage",
    "title",
];

/// What a deal holds behind the record's head.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Deal {
    pub title: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount: Option<Money>,
    /// A stage of `carnet.toml`, or `won` or `lost`.
    pub stage: Slug,
    /// Percent, where it is not the stage's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub probability: Option<u8>,
    /// The day on which it is expected to close.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub close: Option<Day>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub contacts: Vec<ContactId>,
    /// Contacts that were linked once: earlier versions name them, so that their erasure must reach those too.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub former: Vec<ContactId>,
    /// The next step, and the day for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_due: Option<Day>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lost_reason: Option<String>,
    /// RFC 3339, UTC.
    pub created: String,
    /// Keys that this version does not know stay; conflict notes of a merge are here too.
    #[serde(flatten)]
    pub rest: toml::Table,
    /// Every stage that it came to, the first included.
    #[serde(default, rename = "moved", skip_serializing_if = "Vec::is_empty")]
    pub moves: Vec<Move>,
}

/// When a deal came to a stage.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Move {
    /// A random id, so that two clones' moves both stay in a merge.
    pub id: String,
    /// RFC 3339, UTC.
    pub time: String,
    pub to: Slug,
}

impl Deal {
    /// A new deal in `stage`, from `now` (RFC 3339, UTC) on.
    pub fn new(title: &str, stage: &Slug, now: &str) -> Deal {
        let mut deal = Deal {
            title: title.trim().to_owned(),
            amount: None,
            stage: stage.clone(),
            probability: None,
            close: None,
            contacts: Vec::new(),
            former: Vec::new(),
            next: None,
            next_due: None,
            note: None,
            lost_reason: None,
            created: now.to_owned(),
            rest: toml::Table::new(),
            moves: Vec::new(),
        };
        deal.note_move(stage, now);
        deal
    }

    /// Brings it to a stage; nothing where it is there.
    pub fn move_to(&mut self, stage: &Slug, now: &str) {
        if self.stage == *stage {
            return;
        }
        self.stage = stage.clone();
        // A probability of one's own was that of the deal in its earlier stage.
        self.probability = None;
        if stage.as_str() != LOST {
            self.lost_reason = None;
        }
        self.note_move(stage, now);
    }

    fn note_move(&mut self, to: &Slug, now: &str) {
        self.moves.push(Move { id: super::ids::event_id(), time: now.to_owned(), to: to.clone() });
    }

    /// Whether it is neither won nor lost.
    pub fn is_open(&self) -> bool {
        !self.is_won() && !self.is_lost()
    }

    pub fn is_won(&self) -> bool {
        self.stage.as_str() == WON
    }

    pub fn is_lost(&self) -> bool {
        self.stage.as_str() == LOST
    }

    /// How likely it is, in percent: its own word, else the stage's.
    pub fn percent(&self, stages: &Stages) -> u8 {
        let own = self.probability.filter(|_| self.is_open());
        own.unwrap_or_else(|| stages.probability(&self.stage)).min(100)
    }

    /// Links contacts, each once.
    pub fn link(&mut self, ids: &[ContactId]) {
        for id in ids {
            self.former.retain(|old| old != id);
            if !self.contacts.contains(id) {
                self.contacts.push(id.clone());
            }
        }
    }

    /// All that it says in words.
    pub fn words(&self) -> String {
        let said = [Some(&self.title), self.next.as_ref(), self.note.as_ref(), self.lost_reason.as_ref()];
        let said = said.into_iter().flatten().map(String::as_str);
        let rest = self.rest.to_string();
        said.chain([rest.as_str()]).collect::<Vec<_>>().join("\n")
    }

    /// Takes a link away; that it was there once is kept for an erasure.
    ///
    /// # Errors
    /// When the contact is not linked.
    pub fn unlink(&mut self, id: &ContactId) -> Result<()> {
        let before = self.contacts.len();
        self.contacts.retain(|old| old != id);
        if self.contacts.len() == before {
            return Err(Error::usage("the contact is not of this deal")
                .hint("`carnet deal show DEAL` lists whom it concerns"));
        }
        if !self.former.contains(id) {
            self.former.push(id.clone());
        }
        Ok(())
    }

    /// Whether every word stands in its title.
    pub fn is_meant_by(&self, words: &str) -> bool {
        let title = fold(&self.title);
        let words = fold(words);
        let mut words = words.split_whitespace().peekable();
        words.peek().is_some() && words.all(|word| title.contains(word))
    }

    /// What a filter over deals asks for. `place` are id and book, `people` and `firm` `ID|NAME` of those that are known.
    pub fn facts(&self, place: [&str; 2], stages: &Stages, people: &[String], firm: Option<&str>) -> Pairs {
        let mut pairs: Vec<(&'static str, String)> = Vec::new();
        let mut put =
            |key: &'static str, value: Option<String>| pairs.extend(value.map(|value| (key, value)));
        let [id, book] = place;
        put("id", Some(id.to_owned()));
        put("book", Some(book.to_owned()));
        put("title", Some(self.title.clone()));
        put("stage", Some(self.stage.to_string()));
        put("amount", self.amount.map(|amount| amount.amount().to_string()));
        put("currency", self.amount.map(|amount| amount.currency().code().to_owned()));
        put("probability", Some(self.percent(stages).to_string()));
        put("close", self.close.map(|day| day.to_string()));
        put("next", self.next.clone());
        put("due", self.next_due.map(|day| day.to_string()));
        put("note", self.note.clone());
        put("note", self.lost_reason.clone());
        put("created", Some(self.created.clone()));
        put("moved", self.moves.iter().map(|moved| moved.time.clone()).max());
        people.iter().for_each(|one| put("contact", Some(one.clone())));
        put("org", firm.map(str::to_owned));
        let said = ["title", "next", "note", "contact", "org", "stage"];
        let text = pairs.iter().filter(|(key, _)| said.contains(key)).map(|(_, value)| fold(value));
        Pairs {
            text: text.collect::<Vec<_>>().join("\n"),
            pairs: pairs.into_iter().map(|(key, value)| (key.into(), value)).collect(),
        }
    }

    /// The days that the agenda shows: `next` for the next step's and `close` for the expected close, and what it is.
    pub fn due(&self) -> Vec<(NaiveDate, &'static str, String)> {
        if !self.is_open() {
            return Vec::new();
        }
        let next =
            self.next_due.map(|day| (day.0, "next", self.next.clone().unwrap_or_else(|| "next step".into())));
        let close = self.close.map(|day| (day.0, "close", "expected to close".to_owned()));
        next.into_iter().chain(close).collect()
    }

    /// The deal without these erased contacts: its figures, and of its free text only what cannot name them.
    ///
    /// `names` is what gives them away; none where that is no longer known, and then no free text stays. It
    /// does not stay either where nobody else is concerned, for then all of it was about them. Conflict notes and keys
    /// that this version does not know may say anything, and go.
    pub fn without(&self, ids: &BTreeSet<&ContactId>, names: Option<&Telling>) -> Deal {
        let mut deal = self.clone();
        deal.contacts.retain(|id| !ids.contains(id));
        deal.former.retain(|id| !ids.contains(id));
        deal.rest.clear();
        let names = names.filter(|_| !deal.contacts.is_empty());
        let says = |text: &str| {
            names.is_none_or(|names| names.is_in(text))
                || ids.iter().any(|id| fold(text).contains(id.as_str()))
        };
        if says(&deal.title) {
            deal.title = MARKER.to_owned();
        }
        for text in [&mut deal.next, &mut deal.note, &mut deal.lost_reason] {
            text.take_if(|text| says(text));
        }
        deal
    }
}

/// A deal's earlier text that is put back in place of `now`, where whom that concerned has to be kept for an erasure; none
/// where there is nobody such, or the record is no deal.
///
/// # Errors
/// When one of the texts cannot be read.
pub fn put_back(before: &str, now: &str) -> Result<Option<String>> {
    let head = Head::parse(before)?;
    if head.kind.as_str() != KIND {
        return Ok(None);
    }
    let (mut deal, now): (Deal, Deal) = (record::parse(before)?, record::parse(now)?);
    let known = |deal: &Deal, id: &ContactId| deal.contacts.contains(id) || deal.former.contains(id);
    let gone: Vec<ContactId> =
        now.contacts.iter().chain(&now.former).filter(|id| !known(&deal, id)).cloned().collect();
    deal.former.extend(gone.iter().cloned());
    if gone.is_empty() { Ok(None) } else { head.text(&deal).map(Some) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn deal() -> Deal {
        let mut deal = Deal::new("Site web Dupont", &"lead".parse().unwrap(), "2026-11-23T10:00:00Z");
        deal.note = Some("frame".into());
        deal.next = Some("call Jeanne".into());
        deal.amount = Some("1200.00 EUR".parse().unwrap());
        deal
    }

    #[test]
    fn moves_are_kept_and_a_move_to_the_same_stage_is_none() {
        let mut deal = deal();
        deal.probability = Some(5);
        deal.move_to(&"lead".parse().unwrap(), "x");
        assert_eq!((deal.moves.len(), deal.probability), (1, Some(5)));
        deal.move_to(&"won".parse().unwrap(), "2026-11-24T10:00:00Z");
        assert_eq!((deal.moves.len(), deal.probability, deal.is_open()), (2, None, false));
    }

    #[test]
    fn what_is_left_after_an_erasure_is_figures_and_text_about_others() {
        let (a, b) = (ContactId::random(), ContactId::random());
        let text = format!(
            "id = \"{a}\"\nbook = \"main\"\nname = \"Jeanne DUPÖNT\"\nsource = \"s\"\n\
             basis = [{{ purpose = \"p\", basis = \"contract\" }}]"
        );
        let mut names = Telling::default();
        names.add(&super::super::contact::Contact::parse(&text).unwrap());
        let mut both = deal();
        both.link(&[a.clone(), b.clone()]);
        both.title = "Site web de l'atelier".into();
        let left = both.without(&BTreeSet::from([&a]), Some(&names));
        assert_eq!(
            (left.title.as_str(), left.note.as_deref(), left.next.as_deref()),
            ("Site web de l'atelier", Some("frame"), None)
        );
        assert_eq!((left.contacts, left.amount), (vec![b.clone()], both.amount));
        let unknown = both.without(&BTreeSet::from([&a]), None);
        assert_eq!((unknown.title.as_str(), unknown.note), (MARKER, None));
        let mut alone = deal();
        alone.link(std::slice::from_ref(&a));
        let left = alone.without(&BTreeSet::from([&a]), Some(&names));
        assert_eq!(
            (left.title.as_str(), left.note, left.contacts.len(), left.moves.len()),
            (MARKER, None, 0, 1)
        );
    }

    #[test]
    fn an_unlinked_contact_is_still_reached() {
        let a = ContactId::random();
        let mut deal = deal();
        assert!(deal.unlink(&a).is_err());
        deal.link(std::slice::from_ref(&a));
        deal.unlink(&a).unwrap();
        assert_eq!((deal.contacts.len(), &deal.former), (0, &vec![a.clone()]));
        deal.link(std::slice::from_ref(&a));
        assert!(deal.former.is_empty());
    }
}
