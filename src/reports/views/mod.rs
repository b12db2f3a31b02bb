//! Small views: what each page's template sees. Numbers, codes, slugs and texts of the plain registers; times in
//! seconds since 1970. Nothing here knows a language or reads the vault.

pub mod access;
pub mod audit;
pub mod bases;
pub mod books;
pub mod breaches;
pub mod changes;
pub mod check;
pub mod consent;
pub mod erasures;
pub mod home;
pub mod map;
pub mod processing;
pub mod processors;
pub mod purpose;
mod registers;
pub mod requests;
pub mod retention;
pub mod review;
pub mod since;
pub mod trainings;
pub mod wordings;

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Serialize;

use crate::domain::audit::{Audit, Duty};
use crate::domain::ids::Slug;
use crate::domain::moment;
use crate::domain::organisation::{Lang, Settings};
use crate::domain::register::Erasure;
use crate::reports::cites::Cites;
use crate::reports::figures::Figures;
use crate::reports::map::Listing;
use crate::reports::trails::{Step, Trails};
use crate::vault::confirm_status::Standing;
use crate::vault::retention::RuleLine;
use processing::Record;

pub use registers::Registers;

/// Everything that pages are made of, read once.
///
/// What is long is shared by the languages of a site; only the words of the records differ ([`Facts::in_language`]).
#[derive(Clone)]
pub struct Facts {
    pub settings: Settings,
    pub records: Vec<Record>,
    pub registers: Arc<Registers>,
    pub figures: Arc<Figures>,
    pub audit: Arc<Audit>,
    /// What is late and what is due in the next three months.
    pub duties: Vec<Duty>,
    /// Rules of retention with the contacts that they apply to.
    pub retention: Vec<RuleLine>,
    /// Purposes with contacts that no rule applies to, with how many.
    pub unruled: BTreeMap<Slug, usize>,
    pub trails: Arc<Trails>,
    /// Which commit wrote an entry last.
    pub cites: Arc<Cites>,
    pub ledger: Arc<Vec<Erasure>>,
    /// How counts of persons are published.
    pub small: crate::reports::small::Protection,
    /// For whom the report is made.
    pub audience: crate::reports::audience::Audience,
    /// What the pages are made with.
    pub templates: crate::reports::templates::Templates,
    /// What the page «what changed» tells of.
    pub period: Arc<crate::reports::since::Period>,
    /// The ledger with the clones that confirmed, in the same order.
    pub erasures: Arc<Vec<Standing>>,
    /// The data map in each language of the site.
    pub maps: Arc<Vec<Drawn>>,
    /// Seconds since 1970.
    pub now: i64,
}

/// The data map in one language.
pub struct Drawn {
    pub lang: Lang,
    /// Made by carnet itself, with every text escaped.
    pub svg: String,
    pub listing: Vec<Listing>,
}

/// One text in both languages; templates pick theirs with the filter `said`.
#[derive(Clone, Copy, Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Said {
    pub en: &'static str,
    pub fr: &'static str,
}

impl Said {
    /// From what gives the word for a language.
    fn of(word: impl Fn(Lang) -> &'static str) -> Said {
        Said { en: word(Lang::En), fr: word(Lang::Fr) }
    }
}

/// Midnight UTC of a day in seconds since 1970.
fn seconds(day: chrono::NaiveDate) -> i64 {
    day.and_time(chrono::NaiveTime::MIN).and_utc().timestamp()
}

/// The day of a register's date in seconds since 1970.
fn date(at: Option<&toml::value::Datetime>) -> Option<i64> {
    at.and_then(moment::day).map(seconds)
}

impl Facts {
    /// A purpose as pages name it.
    pub fn purpose(&self, slug: Option<&Slug>) -> PurposeName {
        let record = slug.and_then(|s| self.records.iter().find(|r| r.slug == *s));
        PurposeName {
            slug: slug.map(Slug::to_string),
            title: record.map(|r| r.purpose.title.clone()),
            lang: record.map_or(self.settings.lang, |r| r.lang).as_str(),
        }
    }

    /// The same, with the records' words in this language where they have any.
    pub fn in_language(&self, lang: Lang) -> Facts {
        let records: Vec<Record> =
            self.records.iter().map(|record| record.in_language(lang).clone()).collect();
        let mut facts = Facts { records, ..self.clone() };
        for line in &mut facts.retention {
            let record = facts.records.iter().find(|record| record.slug == line.purpose);
            if let Some(rule) = record.and_then(|record| record.purpose.retain.get(line.number)) {
                line.rule = rule.clone();
            }
        }
        facts
    }
}

/// A purpose: its slug (absent when a contact's purpose is not declared) and its title, where it has one.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct PurposeName {
    pub slug: Option<String>,
    pub title: Option<String>,
    /// Language of the title.
    pub lang: &'static str,
}

/// One bar of a table of counts.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Bar {
    /// A code with a label, a month, a year or a handle; none when it is not known.
    pub key: Option<String>,
    /// Set in tables by purpose.
    pub purpose: Option<PurposeName>,
    pub entries: usize,
    /// Percent of the longest bar.
    pub length: usize,
    pub last: i64,
}

/// Counts steps by key; `keys` gives each step the keys that it counts for.
fn bars<'a, K: Ord>(
    steps: impl Iterator<Item = &'a Step>,
    keys: impl Fn(&'a Step) -> Vec<K>,
    show: impl Fn(&K) -> (Option<String>, Option<PurposeName>),
) -> Vec<Bar> {
    let mut counts: BTreeMap<K, (usize, i64)> = BTreeMap::new();
    for step in steps {
        for key in keys(step) {
            let (entries, last) = counts.entry(key).or_insert((0, i64::MIN));
            *entries += 1;
            *last = (*last).max(step.time);
        }
    }
    let most = counts.values().map(|c| c.0).max().unwrap_or(0).max(1);
    counts
        .iter()
        .map(|(k, (entries, last))| {
            let (key, purpose) = show(k);
            Bar { key, purpose, entries: *entries, length: (entries * 100).div_ceil(most), last: *last }
        })
        .collect()
}

/// Most entries first; among equals the order of the keys.
fn by_size(mut bars: Vec<Bar>) -> Vec<Bar> {
    bars.sort_by_key(|b| std::cmp::Reverse(b.entries));
    bars
}

/// The action of a step as a code: of carnet's own, or `git` for a commit that carnet did not make.
///
/// A trailer is text that anybody with git could have written; what is not shaped like a code is `other`.
pub(super) fn action(step: &Step) -> String {
    match &step.entry {
        None => "git".to_owned(),
        Some(entry) if entry.action.parse::<Slug>().is_ok() => entry.action.clone(),
        Some(_) => "other".to_owned(),
    }
}

/// `YYYY-MM`, UTC.
fn month(seconds: i64) -> String {
    chrono::DateTime::from_timestamp(seconds, 0).map(|at| at.format("%Y-%m").to_string()).unwrap_or_default()
}

/// Commit ids as people quote them.
pub(super) fn short_commit(id: crate::store::Oid) -> String {
    id.to_string().chars().take(10).collect()
}
