//! What a filter says of one contact. Three answers: yes, no, and "it takes the file to know".

use std::borrow::Cow;

use chrono::{DateTime, TimeDelta, Utc};
use rust_decimal::Decimal;

use super::{Expr, Field, Kind, Op, Term, Value, in_force, when};
use crate::domain::channel::Channel;
use crate::domain::contact::{Consent, ConsentAction};
use crate::domain::fold::fold;
use crate::domain::ids::Slug;
use crate::domain::{lawful, moment};

/// What is known of a contact.
pub trait Facts {
    /// Every value of a field, as written; none when it takes the file to know.
    fn values(&self, field: &Field) -> Option<Vec<Cow<'_, str>>>;
    /// All text of the contact, folded; none when it takes the file to know.
    fn text(&self) -> Option<&str>;
    /// Whether values of the field may stand elsewhere than in the text: in the contacts that it is linked with.
    fn has_elsewhere(&self, _field: &Field) -> bool {
        false
    }
}

/// Kleene's three-valued logic: what is not known stays so unless the rest decides.
pub(super) fn expr(expr: &Expr, facts: &dyn Facts, now: DateTime<Utc>) -> Option<bool> {
    match expr {
        Expr::And(list) => all(list, facts, now, false),
        Expr::Or(list) => all(list, facts, now, true),
        Expr::Not(inner) => self::expr(inner, facts, now).map(|yes| !yes),
        Expr::Term(term) => self::term(term, facts, now),
        // Replaced when the filter was read; a name that nobody replaced means nobody.
        Expr::Saved(..) => Some(false),
    }
}

/// Whether none of them is `decisive`; the opposite as soon as one is.
fn all(list: &[Expr], facts: &dyn Facts, now: DateTime<Utc>, decisive: bool) -> Option<bool> {
    let mut known = true;
    for inner in list {
        match expr(inner, facts, now) {
            Some(answer) if answer == decisive => return Some(decisive),
            Some(_) => {}
            None => known = false,
        }
    }
    known.then_some(!decisive)
}

fn term(term: &Term, facts: &dyn Facts, now: DateTime<Utc>) -> Option<bool> {
    match term {
        Term::Anywhere(words) => facts.text().map(|text| contains(text, words)),
        Term::Has(field) => {
            let values = facts.values(field)?;
            Some(match field.kind() {
                Kind::Consent => granted(&values, "", now),
                Kind::Objection => objected(&values, "", now),
                _ => values.iter().any(|v| !v.is_empty()),
            })
        }
        Term::Is(field, Op::Differs, value) => is(field, Op::Equals, value, facts, now).map(|yes| !yes),
        Term::Is(field, op, value) => is(field, *op, value, facts, now),
    }
}

fn is(field: &Field, op: Op, value: &Value, facts: &dyn Facts, now: DateTime<Utc>) -> Option<bool> {
    // Most contacts are decided by their text alone, in which every text field stands.
    if let (Kind::Text, Value::Text { folded, .. }) = (field.kind(), value)
        && facts.text().is_some_and(|text| !contains(text, folded))
        && !facts.has_elsewhere(field)
    {
        return Some(false);
    }
    let values = facts.values(field)?;
    let any = |test: &dyn Fn(&str) -> bool| Some(values.iter().any(|v| test(v)));
    let whole = op == Op::Equals;
    match (field.kind(), value) {
        (Kind::Text, Value::Text { folded, .. }) => any(&|v| match whole {
            true => fold(v) == *folded,
            false => contains(&fold(v), folded),
        }),
        // Nobody is held any more for what has ended.
        (Kind::Word, Value::Text { folded, .. }) if ["basis", "purpose"].contains(&field.name()) => {
            any(&|v| in_force(v, now).is_some_and(|v| word(field.name(), &fold(v), folded, whole)))
        }
        (Kind::Word, Value::Text { folded, .. }) => any(&|v| word(field.name(), &fold(v), folded, whole)),
        (Kind::Number, Value::Text { written, .. }) => any(&|v| compared(number(v), op, number(written))),
        (Kind::Linked, Value::Text { folded, .. }) => any(&|v| linked(v, folded, whole)),
        (Kind::Phone, Value::Text { written, .. }) => any(&|v| phone(v, written)),
        (Kind::Consent, Value::Text { folded, .. }) => Some(granted(&values, folded, now)),
        (Kind::Objection, Value::Text { folded, .. }) => Some(objected(&values, folded, now)),
        (Kind::Yearly, value) => any(&|v| yearly(v, op, value, now)),
        (Kind::Past | Kind::Ahead, value) => {
            any(&|v| moment::start_of_text(v).is_some_and(|at| time(at, field.kind(), op, value, now)))
        }
        (_, value) => any(&|v| own(v, op, value, now)),
    }
}

fn contains(text: &str, part: &str) -> bool {
    memchr::memmem::find(text.as_bytes(), part.as_bytes()).is_some()
}

/// `id:` is the beginning of an id; `basis:` may leave the purpose out.
fn word(field: &str, v: &str, wanted: &str, whole: bool) -> bool {
    match field {
        "id" if !whole => v.starts_with(wanted),
        "basis" if !whole && !wanted.contains(':') => v.rsplit(':').next() == Some(wanted),
        _ => v == wanted,
    }
}

/// An exact number, with a decimal point or comma and with or without spaces between thousands.
pub(super) fn number(text: &str) -> Option<Decimal> {
    let plain: String =
        text.chars().filter(|c| !c.is_whitespace()).map(|c| if c == ',' { '.' } else { c }).collect();
    plain.parse().ok()
}

fn compared(a: Option<Decimal>, op: Op, b: Option<Decimal>) -> bool {
    let (Some(a), Some(b)) = (a, b) else { return false };
    match op {
        Op::Less => a < b,
        Op::AtMost => a <= b,
        Op::More => a > b,
        Op::AtLeast => a >= b,
        Op::Means | Op::Equals | Op::Differs => a == b,
    }
}

/// `ID|NAME` of a linked contact.
fn linked(v: &str, wanted: &str, whole: bool) -> bool {
    let (id, name) = v.split_once('|').unwrap_or((v, ""));
    let name = fold(name);
    if whole { id == wanted || name == wanted } else { id.starts_with(wanted) || contains(&name, wanted) }
}

/// Digits alone count, and a trunk zero or an international prefix on either side does not.
fn phone(v: &str, wanted: &str) -> bool {
    let digits = |text: &str| text.chars().filter(char::is_ascii_digit).collect::<String>();
    let wanted = digits(wanted);
    let wanted = wanted.trim_start_matches('0');
    !wanted.is_empty() && digits(v).contains(wanted)
}

/// Whether the moment `at` stands in this relation to what the filter says.
fn time(at: i64, kind: Kind, op: Op, value: &Value, now: DateTime<Utc>) -> bool {
    let (start, end) = match value {
        Value::Time { start, end } => (*start, *end),
        Value::Day(days) => {
            let midnight = now.date_naive().and_time(chrono::NaiveTime::MIN).and_utc().timestamp();
            (midnight + days * 86_400, midnight + (days + 1) * 86_400)
        }
        Value::Span(span) if kind == Kind::Ahead => {
            let Some(until) = span.after(now) else { return op == Op::Less || op == Op::AtMost };
            (until.timestamp(), until.timestamp() + 1)
        }
        // The age is less when the moment is later.
        Value::Span(span) => {
            let Some(since) = span.before(now) else { return op == Op::Less || op == Op::AtMost };
            let since = since.timestamp();
            return match op {
                Op::Less => at > since,
                Op::AtMost => at >= since,
                Op::More => at < since,
                _ => at <= since,
            };
        }
        Value::Text { .. } => return false,
    };
    match op {
        Op::Less => at < start,
        Op::AtMost => at < end,
        Op::More => at >= end,
        Op::AtLeast => at >= start,
        Op::Means | Op::Equals | Op::Differs => (start..end).contains(&at),
    }
}

/// Days until the next one; or the day itself, where its year is known.
fn yearly(v: &str, op: Op, value: &Value, now: DateTime<Utc>) -> bool {
    match value {
        Value::Text { folded, .. } => contains(&fold(v), folded),
        Value::Span(span) => {
            let (Some(days), Some(until)) = (when::until_birthday(v, now), span.after(now)) else {
                return false;
            };
            let Some(day) = now.date_naive().checked_add_signed(TimeDelta::days(days)) else { return false };
            let until = until.date_naive();
            match op {
                Op::Less => day < until,
                Op::AtMost => day <= until,
                Op::More => day > until,
                _ => day >= until,
            }
        }
        value => moment::start_of_text(v).is_some_and(|at| time(at, Kind::Past, op, value, now)),
    }
}

/// A field of the firm's own: numbers and dates by their value, texts by a part.
fn own(v: &str, op: Op, value: &Value, now: DateTime<Utc>) -> bool {
    let number = |text: &str| text.trim().replace(',', ".").parse::<f64>().ok().filter(|n| n.is_finite());
    match value {
        Value::Text { written, folded } => match op {
            Op::Means => contains(&fold(v), folded),
            Op::Equals | Op::Differs => {
                fold(v) == *folded || number(v).is_some() && number(v) == number(written)
            }
            _ => {
                let (Some(a), Some(b)) = (number(v), number(written)) else { return false };
                match op {
                    Op::Less => a < b,
                    Op::AtMost => a <= b,
                    Op::More => a > b,
                    _ => a >= b,
                }
            }
        },
        // `2026` may be a number as well as a year.
        Value::Time { .. } if moment::start_of_text(v).is_none() => match (number(v), value) {
            (Some(number), Value::Time { start, .. }) => {
                let year = DateTime::from_timestamp(*start, 0).map_or(0, |at| chrono::Datelike::year(&at));
                own(
                    &number.to_string(),
                    op,
                    &Value::Text { written: year.to_string(), folded: String::new() },
                    now,
                )
            }
            _ => false,
        },
        value => moment::start_of_text(v).is_some_and(|at| time(at, Kind::Past, op, value, now)),
    }
}

/// `PURPOSE|CHANNEL|…` of a fact against `purpose`, `purpose/channel`, `/channel` or nothing.
fn covers(fact_purpose: &str, fact_channel: &str, wanted: &str) -> bool {
    let (purpose, channel) = wanted.split_once('/').unwrap_or((wanted, ""));
    let any = |of: &str| of.is_empty() || of == "all";
    (purpose.is_empty() || any(fact_purpose) || fact_purpose == purpose)
        && (channel.is_empty() || any(fact_channel) || fact_channel.eq_ignore_ascii_case(channel))
}

/// Whether a consent is in force for one of the channels that are meant (Art. 7; [`lawful::consent::state`]).
fn granted(values: &[Cow<'_, str>], wanted: &str, now: DateTime<Utc>) -> bool {
    let events: Vec<Consent> = values.iter().filter_map(|v| event(v)).collect();
    let (purpose, channel) = wanted.split_once('/').unwrap_or((wanted, ""));
    let yes = |one: &Slug, channel: Channel| {
        let state = lawful::consent::state(&events, one, channel, now.timestamp());
        state.is_some_and(|state| state.action == ConsentAction::Granted)
    };
    let purposes = events.iter().map(|e| &e.purpose).filter(|p| purpose.is_empty() || p.as_str() == purpose);
    let channels = || Channel::ALL.into_iter().filter(|c| channel.is_empty() || c.as_str() == channel);
    purposes.into_iter().any(|one| channels().any(|channel| yes(one, channel)))
}

/// A consent event of a fact: `PURPOSE|CHANNEL|ACTION|TIME|EXPIRES`.
fn event(fact: &str) -> Option<Consent> {
    let mut parts = fact.splitn(5, '|');
    let (purpose, channel, action, time) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    let actions = [
        ConsentAction::Asked,
        ConsentAction::Granted,
        ConsentAction::Refused,
        ConsentAction::Withdrawn,
        ConsentAction::Expired,
    ];
    Some(Consent {
        id: String::new(),
        purpose: purpose.parse().ok()?,
        channel: Some(channel.to_owned()).filter(|c| !c.is_empty()),
        action: actions.into_iter().find(|a| a.as_str() == action)?,
        time: time.parse().ok()?,
        method: None,
        source: None,
        collector: None,
        wording: None,
        evidence: None,
        expires: parts.next().and_then(|until| until.parse().ok()),
    })
}

/// Whether an objection or a restriction stands. One without a purpose is about all.
fn objected(values: &[Cow<'_, str>], wanted: &str, now: DateTime<Utc>) -> bool {
    values.iter().any(|v| {
        // PURPOSE|CHANNEL|UNTIL
        let mut parts = v.splitn(3, '|');
        let (purpose, channel) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
        let lifted =
            parts.next().and_then(moment::start_of_text).is_some_and(|until| until <= now.timestamp());
        !lifted && covers(purpose, channel, wanted)
    })
}
