//! The filter language: which contacts a person means, over every field (docs/filters.md).
//!
//! `tag:prospect and org:acme and last<90d and consent:newsletter`. A filter is parsed once (`parse`), knows nothing
//! of a clock or of files, and is asked about one contact at a time (`eval`) through what is known of it
//! ([`Facts`]). Where that is only what the index has, the answer may be that it takes the file to know.

mod eval;
mod facts;
mod field;
mod parse;
mod plain;
mod when;

#[cfg(test)]
mod tests;

pub use eval::Facts;
pub(crate) use facts::of_action;
pub use facts::{IN_FILE_ONLY, LINK, Pairs, in_force, link_of, of, with_until};
pub use field::{DEAL_FIELDS, FIELDS, Field, Kind, Known};
pub use plain::personal;
pub use when::{Span, day_of, day_word, written_day};
pub(super) use when::{interval, until_birthday};

use chrono::{DateTime, Utc};

use super::ids::Slug;
use crate::error::Result;

/// A filter, understood. An empty one lets everything pass.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Filter {
    expr: Option<Expr>,
}

/// What stands between brackets.
#[derive(Clone, Debug, PartialEq)]
enum Expr {
    And(Vec<Expr>),
    Or(Vec<Expr>),
    Not(Box<Expr>),
    Term(Term),
    /// `@name`: a saved search, with the place where it is named.
    Saved(Slug, usize),
}

/// One test.
#[derive(Clone, Debug, PartialEq)]
enum Term {
    /// Words anywhere, folded.
    Anywhere(String),
    /// `has:field`.
    Has(Field),
    Is(Field, Op, Value),
}

/// How a field's value is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Op {
    /// `:`, as the field is usually meant.
    Means,
    /// `=`, the whole value.
    Equals,
    /// `!=`
    Differs,
    Less,
    AtMost,
    More,
    AtLeast,
}

/// What it is compared with.
#[derive(Clone, Debug, PartialEq)]
enum Value {
    /// A text as it was written, and folded.
    Text { written: String, folded: String },
    /// From the first second to the one after the last: a day, a month, a year, a moment.
    Time { start: i64, end: i64 },
    /// `today` and its neighbours, in days from today.
    Day(i64),
    /// How long ago, or for what lies ahead how long until then.
    Span(Span),
}

/// How deep `@names` may name each other.
const NESTED: usize = 8;

impl Filter {
    /// Reads a filter.
    ///
    /// # Errors
    /// Usage, with the place as `filter, character N` (counted from 1) and a hint that names the field or the form
    /// that was probably meant. What was typed is never repeated: it may be somebody's name.
    pub fn parse(text: &str) -> Result<Filter> {
        Ok(Filter { expr: parse::filter(text, &FIELDS)? })
    }

    /// Reads a filter over deals, whose fields are [`DEAL_FIELDS`]; it knows no saved searches.
    pub fn parse_for_deals(text: &str) -> Result<Filter> {
        Ok(Filter { expr: parse::filter(text, &DEAL_FIELDS)? })
    }

    /// The same with every `@name` replaced by what `saved` says of it.
    pub fn parse_with(text: &str, saved: &dyn Fn(&Slug) -> Option<String>) -> Result<Filter> {
        let mut filter = Filter::parse(text)?;
        if let Some(expr) = &mut filter.expr {
            expand(expr, text, saved, NESTED)?;
        }
        Ok(filter)
    }

    /// Whether nothing is asked.
    pub fn is_empty(&self) -> bool {
        self.expr.is_none()
    }

    /// Whether it takes the whole text of contacts to decide it soon: words anywhere, or in a field of text.
    pub fn reads_text(&self) -> bool {
        fn inside(expr: &Expr) -> bool {
            match expr {
                Expr::And(list) | Expr::Or(list) => list.iter().any(inside),
                Expr::Not(inner) => inside(inner),
                Expr::Term(Term::Anywhere(_)) => true,
                Expr::Term(Term::Has(field) | Term::Is(field, ..)) => field.kind() == Kind::Text,
                Expr::Saved(..) => false,
            }
        }
        self.expr.as_ref().is_some_and(inside)
    }

    /// Whether a field is asked for, by any of its names.
    pub fn names(&self, field: &str) -> bool {
        fn inside(expr: &Expr, field: &str) -> bool {
            match expr {
                Expr::And(list) | Expr::Or(list) => list.iter().any(|e| inside(e, field)),
                Expr::Not(inner) => inside(inner, field),
                Expr::Term(Term::Has(named) | Term::Is(named, ..)) => named.name() == field,
                Expr::Term(Term::Anywhere(_)) | Expr::Saved(..) => false,
            }
        }
        self.expr.as_ref().is_some_and(|expr| inside(expr, field))
    }

    /// Both filters at once.
    pub fn and(self, other: Filter) -> Filter {
        let expr = match (self.expr, other.expr) {
            (Some(a), Some(b)) => Some(Expr::And(vec![a, b])),
            (a, b) => a.or(b),
        };
        Filter { expr }
    }

    /// Whether a contact passes at a moment; none when what is known of it does not say.
    pub fn passes(&self, facts: &dyn Facts, now: DateTime<Utc>) -> Option<bool> {
        self.expr.as_ref().map_or(Some(true), |expr| eval::expr(expr, facts, now))
    }
}

/// Replaces saved names in an expression, read from the text `of`. One that names itself ends at the limit.
fn expand(expr: &mut Expr, of: &str, saved: &dyn Fn(&Slug) -> Option<String>, depth: usize) -> Result<()> {
    match expr {
        Expr::And(list) | Expr::Or(list) => list.iter_mut().try_for_each(|e| expand(e, of, saved, depth)),
        Expr::Not(inner) => expand(inner, of, saved, depth),
        Expr::Term(_) => Ok(()),
        Expr::Saved(name, at) => {
            let at = of.get(..*at).unwrap_or(of).chars().count();
            let text = saved(name).ok_or_else(|| parse::unknown_search(at))?;
            if depth == 0 {
                return Err(parse::endless(at));
            }
            let mut inner = Filter::parse(&text).map_err(|e| parse::inside(e, at))?.expr;
            if let Some(inner) = &mut inner {
                expand(inner, &text, saved, depth - 1)?;
            }
            *expr = inner.unwrap_or(Expr::And(Vec::new()));
            Ok(())
        }
    }
}
