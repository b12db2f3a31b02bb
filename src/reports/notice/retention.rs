//! Rules of retention in words.

use super::phrases::Phrases;
use crate::domain::retention::Rule;
use crate::error::Result;

/// One line a rule. `categories` and `grounds` are in the notice's language, in the order of the rules.
pub fn lines(
    phrases: &Phrases,
    rules: &[Rule],
    categories: &[String],
    grounds: &[String],
) -> Result<Vec<String>> {
    let mut grounds = grounds.iter();
    let mut out = Vec::new();
    for (n, rule) in rules.iter().enumerate() {
        let category = categories.get(n).map_or("", String::as_str);
        let after = rule.after.as_str();
        let period = match rule.months {
            0 => phrases.say(&format!("now_{after}"), &[])?,
            months => phrases.say(&format!("after_{after}"), &[("length", &length(phrases, months)?)])?,
        };
        let line = match &rule.archive {
            None => phrases.say("rule", &[("category", category), ("period", &period)])?,
            Some(archive) => {
                let ground = grounds.next().map_or("", String::as_str);
                let archive = length(phrases, archive.months)?;
                phrases.say(
                    "rule_archive",
                    &[("category", category), ("period", &period), ("archive", &archive), ("ground", ground)],
                )?
            }
        };
        out.push(line);
    }
    Ok(out)
}

/// `3 years`, `18 months`.
fn length(phrases: &Phrases, months: u32) -> Result<String> {
    let (n, one, many) = match months % 12 {
        0 => (months / 12, "year", "years"),
        _ => (months, "month", "months"),
    };
    let n_text = n.to_string();
    let said = phrases.say(if n == 1 { one } else { many }, &[("n", &n_text)])?;
    // A number and its unit stay together.
    Ok(said.replacen(' ', "\u{a0}", 1))
}
