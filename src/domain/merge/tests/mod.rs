//! Tests of merging: one for each rule, and properties that hold for any edits.

mod forms;
mod generate;
mod properties;
mod rules;

use super::{Merged, Side, merge};
use crate::domain::contact::Contact;

/// A contact with a little of everything, as a person wrote it.
pub const BASE: &str = r##"# our first customer
id = "3f9a2c1b-7c1e-4d5a-9a53-0d4c2f6f1e77"
book = "main"
name = "Éloïse Petit" # as on her card
title = "Clerk"
# both are hers
emails = ["e@example.org", { value = "x@example.org", type = "home" }]
tags = [
  "old", # since 2019
  "north",
]
source = "fair"
shoe = 38

[custom]
dog = "Rex"
cat = "Tom"

[[basis]]
purpose = "prospects"
basis = "legitimate-interests"
since = 2026-01-01

[[basis]]
purpose = "newsletter"
basis = "consent"
since = 2026-01-01

# first asked at the fair
[[consent]]
id = "c1"
purpose = "newsletter"
channel = "email"
action = "asked"
time = 2026-01-02T10:00:00Z

[[activity]]
id = "a1"
time = 2026-01-03T10:00:00Z
kind = "call"
text = "hello"

# the end
"##;

/// Base with each pair's first text replaced by its second, once.
#[track_caller]
pub fn edited(pairs: &[(&str, &str)]) -> String {
    pairs.iter().fold(BASE.to_owned(), |text, (from, to)| {
        assert!(text.contains(from), "{from}");
        text.replacen(from, to, 1)
    })
}

pub fn side(text: &str, time: i64) -> Side<'_> {
    Side { text, time, who: if time > 1_500 { "Late" } else { "Early" } }
}

/// Merges both ways round, checks that it is the same, and reads the result.
#[track_caller]
pub fn both_ways(base: Option<&str>, early: &str, late: &str) -> (Contact, Merged) {
    let (early, late) = (side(early, 1_000), side(late, 2_000));
    let merged = merge(base, &early, &late).unwrap();
    assert_eq!(merge(base, &late, &early).unwrap(), merged);
    (Contact::parse(&merged.text).unwrap(), merged)
}

#[track_caller]
pub fn merged(early: &[(&str, &str)], late: &[(&str, &str)]) -> (Contact, Merged) {
    both_ways(Some(BASE), &edited(early), &edited(late))
}
