//! Records of processing activities (Art. 30(1)), as the register has them.

use serde::Serialize;

use super::Facts;
use crate::domain::ids::Slug;
use crate::domain::organisation::Lang;
use crate::domain::register;
use crate::domain::registers::Record as _;
use crate::domain::registers::purpose::{Measures, Purpose};
use crate::domain::retention::Rule;
use crate::error::Result;
use crate::reports::moment;
use crate::reports::small::Count;

/// One file of `registers/purposes`: what carnet decides by, and the keys that it only shows.
#[derive(Clone, Debug)]
pub struct Record {
    pub slug: Slug,
    pub purpose: Purpose,
    /// Language of its texts.
    pub lang: Lang,
    extra: Vec<Extra>,
    /// The same in the other language, where it has words in it.
    other: Option<Box<Record>>,
}

/// A key that has no place of its own on the page, as it is written.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Extra {
    /// What it is called in the file, for a label; shown as `name` where there is none.
    pub key: String,
    pub name: String,
    pub known: bool,
    pub values: Vec<String>,
}

/// Keys that have a place of their own on the page, and those that say the same in the other language.
const PLACED: [&str; 20] = [
    "title",
    "purpose",
    "bases",
    "legitimate_interest",
    "persons",
    "data",
    "categories",
    "recipients",
    "transfers",
    "retention",
    "retain",
    "security",
    "measures",
    "reviewed",
    "review",
    "processors",
    "transfer",
    "dpia",
    "en",
    "fr",
];

impl Record {
    /// Reads a record in the firm's language, with its path for errors.
    pub fn parse(slug: Slug, path: &str, text: &str, firm: Lang) -> Result<Record> {
        let purpose: Purpose = register::parse(path, text)?;
        let table: toml::Table = register::parse(path, text)?;
        let lang = match firm {
            Lang::En => Lang::Fr,
            Lang::Fr => Lang::En,
        };
        let words = table.get(lang.as_str()).and_then(toml::Value::as_table);
        // Words that do not fit the record are no words: the audit names what is wrong there.
        let other = words.map(|words| overlay(&table, words)).and_then(|table| {
            let purpose = table.clone().try_into().ok()?;
            let extra = extra(&table);
            Some(Box::new(Record { slug: slug.clone(), purpose, lang, extra, other: None }))
        });
        Ok(Record { extra: extra(&table), slug, purpose, lang: firm, other })
    }

    /// It with its words in this language; in its own where it has none.
    pub fn in_language(&self, lang: Lang) -> &Record {
        self.other.as_deref().filter(|other| other.lang == lang).unwrap_or(self)
    }

    /// Takes out what is not for the public: how data is secured, the impact assessment, dates of reviews, and keys that
    /// the firm has of its own.
    pub fn withhold(&mut self) {
        self.purpose.security.clear();
        self.purpose.measures = Measures::default();
        self.purpose.dpia = None;
        self.purpose.review = None;
        self.purpose.reviewed = None;
        self.extra.clear();
        if let Some(other) = &mut self.other {
            other.withhold();
        }
    }

    pub fn is_complete(&self) -> bool {
        self.purpose.missing().is_empty()
    }

    /// Whether the date of the next review is past at `now`.
    pub fn review_overdue(&self, now: i64) -> bool {
        self.purpose.review.as_ref().and_then(moment::end).is_some_and(|end| end <= now)
    }
}

/// The keys that have no place of their own.
fn extra(table: &toml::Table) -> Vec<Extra> {
    table
        .iter()
        .filter(|(key, _)| !PLACED.contains(&key.as_str()))
        .map(|(key, value)| Extra {
            name: key.replace('_', " "),
            known: Purpose::FIELDS.iter().any(|f| f.top() == key),
            values: values(value),
            key: key.clone(),
        })
        .collect()
}

/// A record with the words of another language in the places of its own.
fn overlay(record: &toml::Table, words: &toml::Table) -> toml::Table {
    let mut all = record.clone();
    let name = |rule: &mut toml::Value, key: &str, word: &toml::Value| {
        if let Some(table) = rule.as_table_mut() {
            table.insert(key.to_owned(), word.clone());
        }
    };
    for (key, said) in words {
        let (rules, list) = (all.get_mut("retain").and_then(toml::Value::as_array_mut), said.as_array());
        match (key.as_str(), rules, list) {
            ("retain", Some(rules), Some(list)) => {
                rules.iter_mut().zip(list).for_each(|(rule, word)| name(rule, "category", word));
            }
            ("grounds", Some(rules), Some(list)) => {
                let archives = rules.iter_mut().filter_map(|rule| rule.get_mut("archive"));
                archives.zip(list).for_each(|(archive, word)| name(archive, "ground", word));
            }
            ("retain" | "grounds", ..) => {}
            _ => match (all.get_mut(key).and_then(toml::Value::as_table_mut), said.as_table()) {
                (Some(own), Some(said)) => own.extend(said.clone()),
                _ => drop(all.insert(key.clone(), said.clone())),
            },
        }
    }
    all
}

/// A value as lines of text; tables as `key: value`.
fn values(value: &toml::Value) -> Vec<String> {
    match value {
        toml::Value::String(text) => vec![text.clone()],
        toml::Value::Array(items) => items.iter().flat_map(values).collect(),
        toml::Value::Table(table) => table
            .iter()
            .map(|(key, v)| format!("{}: {}", key.replace('_', " "), values(v).join(", ")))
            .collect(),
        other => vec![other.to_string()],
    }
}

#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct View {
    pub purposes: Vec<Row>,
    /// Contacts with a purpose that is not in the register.
    pub undeclared: Count,
}

/// One processing activity.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Row {
    /// The file of its own page.
    pub file: String,
    pub slug: String,
    /// Language of its texts.
    pub lang: &'static str,
    pub title: String,
    pub description: String,
    pub bases: Vec<String>,
    pub interest: String,
    pub persons: Vec<String>,
    pub data: Vec<String>,
    pub categories: Vec<Coded>,
    pub recipients: Vec<String>,
    pub transfers: String,
    pub retention: String,
    pub rules: Vec<RuleRow>,
    pub security: Vec<String>,
    pub measures: Vec<Coded>,
    pub reviewed: Option<i64>,
    pub review: Option<i64>,
    pub overdue: bool,
    pub missing: Vec<&'static str>,
    pub extra: Vec<Extra>,
    /// Contacts held for it, on whatever basis.
    pub contacts: Count,
}

/// A text under the code of a category or a measure.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Coded {
    pub code: &'static str,
    pub text: String,
}

/// A rule of retention.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct RuleRow {
    pub category: String,
    pub months: u32,
    pub after: &'static str,
    /// Months in the intermediate archive that follow.
    pub archive: Option<u32>,
}

fn coded(list: Vec<(&'static str, &str)>) -> Vec<Coded> {
    list.into_iter().map(|(code, text)| Coded { code, text: text.to_owned() }).collect()
}

/// One record as pages show it.
pub fn row(facts: &Facts, record: &Record) -> Row {
    let p = record.purpose.clone();
    let rule = |r: &Rule| RuleRow {
        category: r.category.clone(),
        months: r.months,
        after: r.after.as_str(),
        archive: r.archive.as_ref().map(|a| a.months),
    };
    Row {
        file: super::purpose::file_of(&record.slug),
        categories: coded(p.categories.list()),
        measures: coded(p.measures.list()),
        rules: p.retain.iter().map(rule).collect(),
        slug: record.slug.to_string(),
        lang: record.lang.as_str(),
        title: p.title,
        description: p.purpose,
        bases: p.bases.iter().map(ToString::to_string).collect(),
        interest: p.legitimate_interest,
        persons: p.persons,
        data: p.data,
        recipients: p.recipients,
        transfers: p.transfers,
        retention: p.retention,
        security: p.security,
        reviewed: p.reviewed.as_ref().and_then(moment::start),
        review: p.review.as_ref().and_then(moment::start),
        overdue: record.review_overdue(facts.now),
        missing: record.purpose.missing(),
        extra: record.extra.clone(),
        contacts: held(facts, &record.slug),
    }
}

pub fn view(facts: &Facts) -> View {
    View {
        purposes: facts.records.iter().map(|record| row(facts, record)).collect(),
        undeclared: super::bases::undeclared(facts),
    }
}

/// Contacts held for a purpose, as far as the figures by basis let it be said.
fn held(facts: &Facts, slug: &Slug) -> Count {
    let purpose = Some(slug.clone());
    let all = facts.figures.by_purpose.get(&purpose).copied().unwrap_or_default();
    let by_basis = facts.figures.held.iter().filter(|((p, _), _)| *p == purpose);
    facts.small.union(all, by_basis.map(|(_, held)| held.contacts))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_is_named_and_unknown_keys_are_shown_as_written() {
        let text = "title = \"T\"\npurpose = \" \"\nbases = [\"legitimate-interests\"]\njoined = \"Acme\"\n\
                    review = 2026-11-22\n[odd]\nneeded = false\n";
        let record = Record::parse("t".parse().unwrap(), "x", text, Lang::En).unwrap();
        assert_eq!(
            record.purpose.missing(),
            ["purpose", "legitimate_interest", "persons", "data", "recipients", "retention", "security"]
        );
        assert_eq!(record.extra.len(), 2);
        assert_eq!(
            record.extra.iter().flat_map(|e| &e.values).collect::<Vec<_>>(),
            ["Acme", "needed: false"]
        );
        let at = |text: &str| moment::start_of_text(text).unwrap();
        assert!(!record.review_overdue(at("2026-11-22T23:59:59Z")));
        assert!(record.review_overdue(at("2026-11-23")));
    }
}
