//! The retention schedule (Art. 5(1)(e), 30(1)(f)): each rule in force, and what it comes to today.

use serde::Serialize;

use super::{Facts, PurposeName};
use crate::domain::retention::Fate;
use crate::reports::small::Count;
use crate::vault::retention::RuleLine;

#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct View {
    pub rows: Vec<Row>,
    /// Purposes with contacts that no rule applies to.
    pub unruled: Vec<Unruled>,
    /// Contacts whose period is over, summed over the rules.
    pub over: Count,
    pub access_months: u32,
    pub objection_months: u32,
    pub request_months: u32,
}

/// One rule.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Row {
    pub purpose: PurposeName,
    pub category: String,
    /// Active period in months, and what it counts from.
    pub months: u32,
    pub after: &'static str,
    /// `erase` or `archive`.
    pub fate: &'static str,
    pub archive: Option<Archive>,
    pub applies: Count,
    /// The relationship or the consent goes on.
    pub lasting: Count,
    /// No date is known that it could count from.
    pub undated: Count,
    pub over: Count,
    /// Whether it is the firm's default, since the purpose declares none.
    pub default: bool,
}

/// The intermediate archive.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Archive {
    pub book: String,
    pub months: u32,
    pub ground: String,
}

#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Unruled {
    pub purpose: PurposeName,
    pub contacts: Count,
}

/// A rule as pages show it.
pub fn row(facts: &Facts, line: &RuleLine) -> Row {
    let declared = facts.records.iter().find(|r| r.slug == line.purpose);
    Row {
        purpose: facts.purpose(Some(&line.purpose)),
        category: line.rule.category.clone(),
        months: line.rule.months,
        after: line.rule.after.as_str(),
        fate: match line.rule.then {
            Fate::Erase => "erase",
            Fate::Archive => "archive",
        },
        archive: line.rule.archive.as_ref().map(|a| Archive {
            book: a.book.to_string(),
            months: a.months,
            ground: a.ground.clone(),
        }),
        applies: facts.small.count(line.applies),
        lasting: facts.small.count(line.lasting),
        undated: facts.small.count(line.undated),
        over: facts.small.count(line.over),
        default: declared.is_some_and(|r| r.purpose.retain.is_empty()),
    }
}

pub fn view(facts: &Facts) -> View {
    let declared = |slug: &crate::domain::ids::Slug| facts.records.iter().any(|r| r.slug == *slug);
    let known = facts.unruled.iter().filter(|(slug, _)| declared(slug));
    let mut unruled: Vec<Unruled> = known
        .map(|(slug, n)| Unruled { purpose: facts.purpose(Some(slug)), contacts: facts.small.count(*n) })
        .collect();
    // What nobody declared is not named.
    let stray: usize = facts.unruled.iter().filter(|(slug, _)| !declared(slug)).map(|(_, n)| n).sum();
    if stray > 0 {
        unruled.push(Unruled { purpose: facts.purpose(None), contacts: facts.small.count(stray) });
    }
    let kept = &facts.settings.retention;
    View {
        rows: facts.retention.iter().map(|line| row(facts, line)).collect(),
        unruled,
        over: over(facts),
        access_months: kept.access_months,
        objection_months: kept.objection_months,
        request_months: kept.request_months,
    }
}

/// Contacts whose period is over, summed over the rules as they are published.
pub fn over(facts: &Facts) -> Count {
    Count::sum(facts.retention.iter().map(|line| facts.small.count(line.over)))
}
