//! `[organisation]` of `carnet.toml`: who answers for the data (Art. 30(1)(a)), and what must be right about it.

use chrono::NaiveDate;

use super::{Field, Record, Shape, blank, said};
use crate::domain::organisation::Organisation;
use crate::error::{Error, Result};

impl Record for Organisation {
    /// It is a table of `carnet.toml`, and no file of its own.
    const DIR: &'static str = "";
    const NOUN: &'static str = "organisation";
    const ABOUT: &'static str = "The controller (Art. 4(7) GDPR): [organisation] of carnet.toml.";
    const FIELDS: &'static [Field] = &[
        Field::new("name", Shape::Text, "Name of the firm", "\"Atelier Martin SARL\""),
        Field::new("siren", Shape::Text, "SIREN, nine digits", "\"732829320\""),
        Field::new("address", Shape::Text, "Postal address", "\"3 rue des Lilas, 69003 Lyon\""),
        Field::new("email", Shape::Text, "E-mail address", "\"contact@example.org\""),
        Field::new("phone", Shape::Text, "Phone number", "\"+33 4 00 00 00 00\""),
        Field::new("representative", Shape::Text, "Who acts for it", "\"Ana Martin, manager\""),
        Field::new(
            "dpo",
            Shape::Text,
            "Data protection officer, and how to reach them",
            "\"dpo@example.org\"",
        ),
        Field::new(
            "privacy_contact",
            Shape::Text,
            "Whom to write to about data, without a DPO",
            "\"privacy@example.org\"",
        ),
        Field::new("authority", Shape::Text, "Supervisory authority", "\"CNIL\""),
    ];

    fn check(&self, _: NaiveDate) -> Result<()> {
        said("name", &self.name)?;
        if !blank(&self.siren) && !is_siren(&self.siren) {
            return Err(Error::usage("that is no SIREN: its check digit does not fit")
                .at("siren")
                .hint("nine digits, as on the extract of the register (Kbis)"));
        }
        if !blank(&self.email) && !self.email.contains('@') {
            return Err(Error::usage("that is no e-mail address").at("email"));
        }
        Ok(())
    }

    fn missing(&self) -> Vec<&'static str> {
        let french = self.authority.trim().eq_ignore_ascii_case("CNIL");
        let checks = [
            ("siren", french && blank(&self.siren)),
            ("address", blank(&self.address)),
            ("privacy_contact", blank(&self.dpo) && blank(&self.privacy_contact)),
            ("authority", blank(&self.authority)),
        ];
        checks.into_iter().filter(|(_, lacks)| *lacks).map(|(key, _)| key).collect()
    }
}

/// Whether `text` is a SIREN: nine digits whose last is the check digit of the others (ISO/IEC 7812-1, annex B; INSEE).
/// Spaces do not count.
pub fn is_siren(text: &str) -> bool {
    let digits: Option<Vec<u32>> =
        text.chars().filter(|c| !c.is_whitespace()).map(|c| c.to_digit(10)).collect();
    let Some(digits) = digits.filter(|d| d.len() == 9) else { return false };
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(i, digit)| match digit * (1 + i as u32 % 2) {
            twice @ 10.. => twice - 9,
            once => once,
        })
        .sum();
    sum.is_multiple_of(10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fields_are_those_of_the_type() {
        super::super::testing::fields_are_those_of_the_type::<Organisation>();
    }

    #[test]
    fn a_siren_has_its_check_digit() {
        for good in ["732829320", "732 829 320", "404833048", "552100554"] {
            assert!(is_siren(good), "{good}");
        }
        for bad in ["732829321", "7328293200", "73282932", "", "73282932O", "372829320"] {
            assert!(!is_siren(bad), "{bad}");
        }
    }
}
