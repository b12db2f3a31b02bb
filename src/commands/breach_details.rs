//! The facts of a breach as flags, the same for `open` and `edit`, and moments as people write them.

use std::io::Read;

use chrono::{DateTime, Local, NaiveDate, NaiveDateTime, NaiveTime, TimeZone};

use crate::domain::breach::{
    Breach, Cause, Data, Encryption, Ground, Kind, Moment, Origin, Persons, Risk, Texts,
};
use crate::error::{At, Error, Result};

/// Facts; each is optional, and what is not given stays as it is.
#[derive(Debug, Default, clap::Args)]
pub struct Details {
    /// When the firm became aware of it: 2026-03-28T18:00, or with an offset (+01:00, Z).
    #[arg(long, value_name = "TIME", value_parser = moment)]
    pub aware: Option<Moment>,
    /// When it began.
    #[arg(long, value_name = "TIME", value_parser = moment)]
    pub from: Option<Moment>,
    /// When it ended.
    #[arg(long, value_name = "TIME", value_parser = moment)]
    pub to: Option<Moment>,
    /// What happened, as the authority's form has it.
    #[arg(long, value_enum)]
    pub origin: Option<Origin>,
    /// Who, and whether they meant it.
    #[arg(long, value_enum)]
    pub cause: Option<Cause>,
    /// What was lost; repeat for several.
    #[arg(long, value_enum, value_name = "KIND")]
    pub kind: Vec<Kind>,
    /// Categories of persons; repeat for several.
    #[arg(long, value_enum, value_name = "CATEGORY")]
    pub persons: Vec<Persons>,
    /// About how many persons.
    #[arg(long, value_name = "NUMBER")]
    pub persons_number: Option<u64>,
    /// Categories of data; repeat for several.
    #[arg(long, value_enum, value_name = "CATEGORY")]
    pub data: Vec<Data>,
    /// About how many records.
    #[arg(long, value_name = "NUMBER")]
    pub records_number: Option<u64>,
    /// Whether the data was unintelligible to whoever got it.
    #[arg(long, value_enum)]
    pub encryption: Option<Encryption>,
    /// The risk for the persons.
    #[arg(long, value_enum)]
    pub risk: Option<Risk>,
    /// Whether the authority is to be notified.
    #[arg(long, value_name = "yes|no", value_parser = yes_or_no)]
    pub notify: Option<bool>,
    /// The day that the persons were informed (Art. 34).
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub informed: Option<NaiveDate>,
    /// Why the persons are not informed.
    #[arg(long, value_enum, value_name = "GROUND", conflicts_with = "informed")]
    pub not_informed: Option<Ground>,
    /// The facts. This text and those below are kept encrypted; `@FILE` reads one from a file, `-` from standard input.
    #[arg(long, value_name = "TEXT")]
    pub facts: Option<String>,
    /// How it came to it.
    #[arg(long, value_name = "TEXT")]
    pub why_cause: Option<String>,
    /// The likely consequences for the persons.
    #[arg(long, value_name = "TEXT")]
    pub consequences: Option<String>,
    /// The measures taken or proposed.
    #[arg(long, value_name = "TEXT")]
    pub measures: Option<String>,
    /// What the persons can do themselves, for the letter to them.
    #[arg(long, value_name = "TEXT")]
    pub advice: Option<String>,
    /// Why the risk is that.
    #[arg(long, value_name = "TEXT")]
    pub why_risk: Option<String>,
    /// Why the authority is not notified.
    #[arg(long, value_name = "TEXT")]
    pub why_not_notified: Option<String>,
    /// The reasons for a notification after 72 hours.
    #[arg(long, value_name = "TEXT")]
    pub why_late: Option<String>,
    /// How the ground for not informing the persons is met.
    #[arg(long, value_name = "TEXT")]
    pub why_not_informed: Option<String>,
    /// What the firm learnt from it.
    #[arg(long, value_name = "TEXT")]
    pub lessons: Option<String>,
}

impl Details {
    /// Reads texts that are in files or come from standard input.
    pub fn read(mut self) -> Result<Details> {
        let texts = [
            &mut self.facts,
            &mut self.why_cause,
            &mut self.consequences,
            &mut self.measures,
            &mut self.advice,
            &mut self.why_risk,
            &mut self.why_not_notified,
            &mut self.why_late,
            &mut self.why_not_informed,
            &mut self.lessons,
        ];
        for text in texts.into_iter().flatten() {
            *text = read_text(text)?;
        }
        Ok(self)
    }

    /// Puts the codes, moments and numbers that were given into the register.
    pub fn apply_facts(&self, breach: &mut Breach) {
        fn set<T: Clone>(to: &mut Option<T>, from: &Option<T>) {
            if from.is_some() {
                to.clone_from(from);
            }
        }
        fn all<T: Clone + Ord>(to: &mut Vec<T>, from: &[T]) {
            if !from.is_empty() {
                *to = from.to_vec();
                to.sort();
                to.dedup();
            }
        }
        if let Some(aware) = self.aware {
            breach.aware = aware;
        }
        set(&mut breach.from, &self.from);
        set(&mut breach.to, &self.to);
        set(&mut breach.origin, &self.origin);
        set(&mut breach.cause, &self.cause);
        all(&mut breach.kinds, &self.kind);
        all(&mut breach.persons, &self.persons);
        all(&mut breach.data, &self.data);
        set(&mut breach.persons_number, &self.persons_number);
        set(&mut breach.records_number, &self.records_number);
        set(&mut breach.encryption, &self.encryption);
        set(&mut breach.risk, &self.risk);
        set(&mut breach.notify, &self.notify);
        // One takes the place of the other.
        if self.informed.is_some() {
            (breach.informed, breach.not_informed) = (self.informed, None);
        }
        if self.not_informed.is_some() {
            (breach.informed, breach.not_informed) = (None, self.not_informed);
        }
    }

    /// Puts the texts that were given in the place of others.
    pub fn apply_texts(&self, texts: &mut Texts) {
        fn text(to: &mut String, from: &Option<String>) {
            if let Some(from) = from {
                to.clone_from(from);
            }
        }
        text(&mut texts.facts, &self.facts);
        text(&mut texts.cause, &self.why_cause);
        text(&mut texts.consequences, &self.consequences);
        text(&mut texts.measures, &self.measures);
        text(&mut texts.advice, &self.advice);
        text(&mut texts.why_risk, &self.why_risk);
        text(&mut texts.why_not_notified, &self.why_not_notified);
        text(&mut texts.why_late, &self.why_late);
        text(&mut texts.why_not_informed, &self.why_not_informed);
        text(&mut texts.lessons, &self.lessons);
    }
}

fn read_text(given: &str) -> Result<String> {
    let text = match given.strip_prefix('@') {
        Some(path) => std::fs::read_to_string(path).at(path)?,
        None if given == "-" => {
            let mut text = String::new();
            std::io::stdin().lock().read_to_string(&mut text).at("standard input")?;
            text
        }
        None => given.to_owned(),
    };
    match text.trim() {
        "" => Err(Error::usage("a text of the breach is empty")),
        text => Ok(text.to_owned()),
    }
}

/// A moment: RFC 3339, or the wall clock's time of this machine's time zone. Seconds may be left out; a day alone is its
/// first moment.
pub fn moment(text: &str) -> std::result::Result<Moment, String> {
    const FORM: &str = "write it as 2026-03-28T18:00, or with an offset: 2026-03-28T18:00:00+01:00";
    let text = text.trim();
    if let Ok(at) = DateTime::parse_from_rfc3339(text) {
        return Ok(at);
    }
    let with_offset = text.strip_suffix('Z').map_or_else(|| text.to_owned(), |time| format!("{time}+00:00"));
    for form in ["%Y-%m-%dT%H:%M%:z", "%Y-%m-%d %H:%M%:z"] {
        if let Ok(at) = DateTime::parse_from_str(&with_offset, form) {
            return Ok(at);
        }
    }
    let forms = ["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M:%S"];
    let local = forms.iter().find_map(|form| NaiveDateTime::parse_from_str(text, form).ok());
    let day = || NaiveDate::parse_from_str(text, "%Y-%m-%d").ok().map(|day| day.and_time(NaiveTime::MIN));
    let local = local.or_else(day).ok_or(FORM)?;
    match Local.from_local_datetime(&local) {
        chrono::LocalResult::Single(at) => Ok(at.fixed_offset()),
        chrono::LocalResult::Ambiguous(first, second) => Err(format!(
            "the clocks showed that time twice; say which: {} or {}",
            first.format("%Y-%m-%dT%H:%M%:z"),
            second.format("%Y-%m-%dT%H:%M%:z")
        )),
        chrono::LocalResult::None => {
            Err("the clocks never showed that time: they were put forward".to_owned())
        }
    }
}

fn yes_or_no(text: &str) -> std::result::Result<bool, String> {
    match text {
        "yes" | "oui" => Ok(true),
        "no" | "non" => Ok(false),
        _ => Err("yes or no".to_owned()),
    }
}
