//! Amounts of money: exact decimals with a currency of ISO 4217, never a float.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use iso_currency::Currency;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};

/// The greatest amount: sums of it over all deals that a firm can have stay exact.
const MOST: Decimal = Decimal::from_parts(0x107A_4000, 0x5AF3, 0, false, 0);

/// An amount that is not negative, with no more decimals than its currency has. As text: `1200.00 EUR`.
///
/// Amount and currency are one value, so that a merge of two edits never takes one from each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Money {
    amount: Decimal,
    currency: Currency,
}

impl Money {
    /// Reads an amount as people write it: `1200`, `1 200.50`, `1200,50`.
    ///
    /// # Errors
    /// Not a number, negative, too great, or more decimals than the currency has.
    pub fn parse(text: &str, currency: Currency) -> Result<Money> {
        let plain: String = text.chars().filter(|c| !c.is_whitespace() && *c != '\u{202f}').collect();
        if plain.rsplit_once(',').is_some_and(|(_, rest)| rest.len() == 3) {
            return Err(Error::usage("the amount may mean two things: a comma is a decimal one here")
                .at("amount")
                .hint("write it without separators of thousands, such as 1200.50"));
        }
        let plain = match plain.contains('.') {
            true => plain,
            false => plain.replace(',', "."),
        };
        let amount = Decimal::from_str_exact(&plain)
            .map_err(|_| Error::usage("that is no amount").at("amount").hint("1200, 1200.50 or 1200,50"))?;
        Money::new(amount, currency)
    }

    fn new(mut amount: Decimal, currency: Currency) -> Result<Money> {
        if amount.is_sign_negative() && !amount.is_zero() {
            return Err(Error::usage("an amount cannot be negative")
                .at("amount")
                .hint("a deal that was lost is `carnet deal lost DEAL`"));
        }
        if amount > MOST {
            return Err(Error::usage("the amount is too great").at("amount"));
        }
        let decimals = decimals(currency)?;
        // As they were written: 1.200 may mean twelve hundred to who writes it.
        if amount.scale() > decimals {
            let code = currency.code();
            return Err(Error::usage(format!("{code} has {decimals} decimals, and the amount more"))
                .at("amount")
                .hint("write it without separators of thousands, such as 1200.50"));
        }
        amount.rescale(decimals);
        Ok(Money { amount, currency })
    }

    pub fn currency(self) -> Currency {
        self.currency
    }

    pub fn amount(self) -> Decimal {
        self.amount
    }

    /// The amount as people read it, in groups of three digits: `1 200.00 EUR`.
    pub fn text(self) -> String {
        format!("{} {}", grouped(self.amount), self.currency.code())
    }
}

/// How many decimals amounts of a currency have; none for gold, tests and the like.
fn decimals(currency: Currency) -> Result<u32> {
    currency.exponent().map(u32::from).ok_or_else(|| {
        Error::usage("no amounts are given in that currency").at("currency").hint("EUR, CHF, GBP, USD, …")
    })
}

/// An amount and the currency that is written behind or before it, if one is: `1200 CHF`, `€ 1200,50`.
pub fn apart(text: &str) -> (&str, Option<&str>) {
    let text = text.trim();
    let is_word = |c: char| c.is_alphabetic() || c == '€' || c == '£';
    let behind = text.trim_end_matches(is_word);
    let before = text.trim_start_matches(is_word);
    let (amount, word) = match behind.len() < text.len() {
        true => (behind, text.strip_prefix(behind)),
        false => (before, text.strip_suffix(before)),
    };
    let code = word.filter(|word| !word.is_empty()).map(|word| match word {
        "€" => "EUR",
        "£" => "GBP",
        code => code,
    });
    // A word alone is neither.
    if amount.trim().is_empty() { (text, None) } else { (amount.trim(), code) }
}

/// A currency by its code in ISO 4217, in any case.
pub fn currency(code: &str) -> Result<Currency> {
    let found = Currency::from_code(&code.trim().to_ascii_uppercase());
    let found = found.ok_or_else(|| {
        Error::usage("that is no currency of ISO 4217")
            .at("currency")
            .hint("three letters: EUR, CHF, GBP, USD, …")
    })?;
    decimals(found).map(|_| found)
}

fn grouped(amount: Decimal) -> String {
    let text = amount.to_string();
    let (whole, rest) = text.split_once('.').map_or((text.as_str(), None), |(w, r)| (w, Some(r)));
    let mut out = String::new();
    for (n, digit) in whole.chars().enumerate() {
        if n > 0 && (whole.len() - n) % 3 == 0 {
            out.push(' ');
        }
        out.push(digit);
    }
    rest.map_or(out.clone(), |rest| format!("{out}.{rest}"))
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.amount, self.currency.code())
    }
}

impl FromStr for Money {
    type Err = Error;
    fn from_str(text: &str) -> Result<Money> {
        let (amount, code) = text.trim().rsplit_once(' ').ok_or_else(|| {
            Error::usage("an amount needs its currency").at("amount").hint("such as 1200.00 EUR")
        })?;
        Money::parse(amount, currency(code)?)
    }
}

impl TryFrom<String> for Money {
    type Error = Error;
    fn try_from(text: String) -> Result<Money> {
        text.parse()
    }
}

impl From<Money> for String {
    fn from(money: Money) -> String {
        money.to_string()
    }
}

/// Sums by currency: amounts in different currencies are never added together.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Sums(BTreeMap<&'static str, (Currency, Decimal)>);

impl Sums {
    /// Adds `percent` hundredths of an amount.
    pub fn add(&mut self, money: Money, percent: u8) {
        let part = money.amount * Decimal::new(percent.into(), 2);
        let sum = self.0.entry(money.currency.code()).or_insert((money.currency, Decimal::ZERO));
        sum.1 = sum.1.checked_add(part).unwrap_or(Decimal::MAX);
    }

    /// Every sum times a factor; one that would be too large is as large as can be.
    pub fn scaled(&self, factor: Decimal) -> Sums {
        let each = self.0.iter();
        Sums(
            each.map(|(code, (c, sum))| (*code, (*c, sum.checked_mul(factor).unwrap_or(Decimal::MAX))))
                .collect(),
        )
    }

    /// Each currency's sum, rounded to its decimals at the very end.
    pub fn each(&self) -> impl Iterator<Item = (Currency, Decimal)> + '_ {
        self.0.values().map(|(currency, sum)| {
            let decimals = currency.exponent().map_or(2, u32::from);
            let mut sum = sum.round_dp(decimals);
            sum.rescale(decimals);
            (*currency, sum)
        })
    }

    /// The sum in one currency.
    pub fn of(&self, currency: Currency) -> Decimal {
        self.each().find(|(c, _)| *c == currency).map_or(Decimal::ZERO, |(_, sum)| sum)
    }

    /// `1 200.00 EUR + 300 JPY`
    pub fn text(&self) -> String {
        let each: Vec<String> =
            self.each().map(|(c, sum)| format!("{} {}", grouped(sum), c.code())).collect();
        each.join(" + ")
    }
}

impl Serialize for Sums {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        serializer.collect_map(self.each().map(|(c, sum)| (c.code(), sum.to_string())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn amounts_are_read_as_people_write_them_and_stay_exact() {
        for (text, code, expected) in [
            ("1200", "EUR", "1200.00 EUR"),
            ("1 200,50", "eur", "1200.50 EUR"),
            ("1200.5", "EUR", "1200.50 EUR"),
            ("0", "USD", "0.00 USD"),
            ("5000", "JPY", "5000 JPY"),
            ("1.234", "KWD", "1.234 KWD"),
            ("100000000000000", "EUR", "100000000000000.00 EUR"),
        ] {
            assert_eq!(Money::parse(text, currency(code).unwrap()).unwrap().to_string(), expected);
        }
        for (text, code) in [
            ("-1", "EUR"),
            ("1.234", "EUR"),
            ("1,200", "EUR"),
            ("1.200", "EUR"),
            ("1,234", "KWD"),
            ("1.5", "JPY"),
            ("", "EUR"),
            ("abc", "EUR"),
            ("1.2.3", "EUR"),
            ("1,2.3", "EUR"),
            ("1e9", "EUR"),
            ("100000000000001", "EUR"),
            ("99999999999999999999999999999999999999", "EUR"),
        ] {
            assert!(Money::parse(text, currency(code).unwrap()).is_err(), "{text}");
        }
        for bad in ["EURO", "", "XAU", "ZZZ", "é"] {
            assert!(currency(bad).is_err(), "{bad}");
        }
        assert_eq!("1234567.8 EUR".parse::<Money>().unwrap().text(), "1 234 567.80 EUR");
        assert!("1200".parse::<Money>().is_err());
    }

    #[test]
    fn currencies_are_never_added_together() {
        let mut sums = Sums::default();
        for text in ["0.10 EUR", "0.20 EUR", "5 JPY"] {
            sums.add(text.parse().unwrap(), 100);
        }
        assert_eq!(sums.text(), "0.30 EUR + 5 JPY");
        let mut weighted = Sums::default();
        for _ in 0..3 {
            weighted.add("0.01 EUR".parse().unwrap(), 50);
        }
        assert_eq!(weighted.text(), "0.02 EUR", "rounded once, at the end");
    }

    proptest! {
        #[test]
        fn whatever_is_read_reads_back(cents in 0u64..=10_000_000_000_000_000, code in "[A-Z]{3}") {
            if let Ok(currency) = currency(&code) {
                let scale = currency.exponent().unwrap();
                let mut amount = Decimal::from(cents);
                amount.set_scale(scale.into()).unwrap();
                if let Ok(money) = Money::new(amount, currency) {
                    prop_assert_eq!(money.to_string().parse::<Money>().unwrap(), money);
                }
            }
        }

        #[test]
        fn no_text_is_a_panic(text in ".*") {
            let _ = text.parse::<Money>();
        }
    }
}
