//! The fields of a deal, as `deal add` and `deal edit` take them.

use chrono::{DateTime, Utc};

use crate::domain::deal::Deal;
use crate::domain::filter::day_of;
use crate::domain::money::{Money, apart, currency};
use crate::domain::organisation::Settings;
use crate::domain::zone::Day;
use crate::error::{Error, Result};

/// What may be said of a deal.
#[derive(Debug, clap::Args)]
pub struct Fields {
    /// How much it is worth: 1200, 1200.50, '1200 CHF'.
    #[arg(long, value_name = "AMOUNT", allow_hyphen_values = true)]
    amount: Option<String>,
    /// Currency of the amount, by ISO 4217 [default: `[pipeline] currency` in carnet.toml, else EUR].
    #[arg(long, value_name = "CODE", requires = "amount")]
    currency: Option<String>,
    /// How likely it is, in percent [default: the stage's].
    #[arg(long, value_name = "PERCENT", allow_hyphen_values = true)]
    probability: Option<String>,
    /// The day on which you expect it to close.
    #[arg(long, value_name = "DAY")]
    close: Option<String>,
    /// The next step.
    #[arg(long, value_name = "TEXT")]
    next: Option<String>,
    /// The day for the next step.
    #[arg(long, value_name = "DAY")]
    due: Option<String>,
    /// A note.
    #[arg(long, value_name = "TEXT")]
    note: Option<String>,
}

impl Fields {
    /// Puts them into a deal. What is empty takes away what was there.
    pub fn put(&self, deal: &mut Deal, settings: &Settings, now: DateTime<Utc>) -> Result<()> {
        if let Some(amount) = &self.amount {
            // An edit keeps the currency that the amount had.
            let had = deal.amount.map(|amount| amount.currency().code());
            let (amount, own) = apart(amount);
            let own = own.map(currency).transpose()?;
            let named = self.currency.as_deref().map(currency).transpose()?;
            if let (Some(own), Some(named)) = (own, named)
                && own != named
            {
                return Err(Error::usage("the amount is in another currency than --currency says")
                    .at("amount")
                    .hint("give the currency once: --amount '1200 CHF', or --currency CHF"));
            }
            let usual = had.or(settings.pipeline.currency.as_deref()).unwrap_or("EUR");
            let currency = own.or(named).map_or_else(|| currency(usual), Ok)?;
            deal.amount = (!amount.is_empty()).then(|| Money::parse(amount, currency)).transpose()?;
        }
        if let Some(text) = &self.probability {
            deal.probability = (!text.is_empty()).then(|| percent(text)).transpose()?;
        }
        put_day(&mut deal.close, self.close.as_deref(), now, "--close")?;
        put_day(&mut deal.next_due, self.due.as_deref(), now, "--due")?;
        put(&mut deal.next, self.next.as_deref());
        put(&mut deal.note, self.note.as_deref());
        // A step that is gone has no day.
        if self.next.as_deref() == Some("") && self.due.is_none() {
            deal.next_due = None;
        }
        Ok(())
    }
}

fn put(field: &mut Option<String>, given: Option<&str>) {
    if let Some(given) = given {
        *field = Some(given.trim().to_owned()).filter(|text| !text.is_empty());
    }
}

fn put_day(field: &mut Option<Day>, given: Option<&str>, now: DateTime<Utc>, flag: &str) -> Result<()> {
    if let Some(given) = given.map(str::trim) {
        let wrong =
            || Error::usage("that is no day").at(flag.to_owned()).hint("2026-12-01, tomorrow, 3d, 2w");
        let day = (!given.is_empty()).then(|| day_of(given, now).ok_or_else(wrong)).transpose()?;
        *field = day.map(Day);
    }
    Ok(())
}

fn percent(text: &str) -> Result<u8> {
    let number = text.trim().trim_end_matches('%').trim_end().parse().ok();
    number.filter(|percent| *percent <= 100).ok_or_else(|| {
        Error::usage("a probability is a whole number of percent from 0 to 100")
            .at("probability")
            .hint("--probability 60")
    })
}

/// A deal's title: something must stand in it.
pub fn title(text: &str) -> Result<String> {
    match text.trim() {
        "" => Err(Error::usage("a deal needs a title").hint("`carnet deal add 'Website' --amount 1200`")),
        text => Ok(text.to_owned()),
    }
}
