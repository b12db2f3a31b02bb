//! What a person types to mean one contact: an id prefix, an e-mail, a phone number, words of a name.

use super::email;
use super::phone;

/// A CONTACT argument, understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Selector {
    /// At least four hex digits, hyphens as in UUIDs; tried as an id first, as a phone number or words next.
    IdPrefix(String),
    /// Normalised e-mail address.
    Email(String),
    /// E.164.
    Phone(String),
    /// What looks like a number and is none by the rules of the country, as typed.
    Digits(String),
    /// Words, to be folded.
    Words(String),
}

impl Selector {
    /// Understands `text`; `country` is for phone numbers without an international prefix.
    pub fn parse(text: &str, country: &str) -> Selector {
        let text = text.trim();
        let hex = |c: char| c.is_ascii_hexdigit() || c == '-';
        if (4..=36).contains(&text.len()) && text.chars().all(hex) && text.starts_with(|c: char| c != '-') {
            return Selector::IdPrefix(text.to_ascii_lowercase());
        }
        Selector::parse_other(text, country)
    }

    /// Understands what is no contact's id, although it could be: `0612345678` is a phone number too.
    pub fn parse_other(text: &str, country: &str) -> Selector {
        let text = text.trim();
        if let Some(email) = email::normalise(text) {
            return Selector::Email(email);
        }
        let phone_like = |c: char| c.is_ascii_digit() || "+ .-()/\u{a0}\u{202f}".contains(c);
        let numeric = text.chars().filter(char::is_ascii_digit).count() >= 6 && text.chars().all(phone_like);
        match numeric.then(|| phone::normalise(text, country)) {
            Some(Some(phone)) => Selector::Phone(phone),
            Some(None) => Selector::Digits(text.to_owned()),
            None => Selector::Words(text.to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_form_is_understood() {
        assert_eq!(Selector::parse("3F9a", "FR"), Selector::IdPrefix("3f9a".into()));
        assert_eq!(Selector::parse("A@Example.ORG", "FR"), Selector::Email("a@example.org".into()));
        assert_eq!(Selector::parse("06 12 34 56 78", "FR"), Selector::Phone("+33612345678".into()));
        assert_eq!(Selector::parse("0612345678", "FR"), Selector::IdPrefix("0612345678".into()));
        assert_eq!(Selector::parse_other("0612345678", "FR"), Selector::Phone("+33612345678".into()));
        assert_eq!(Selector::parse("06 39 98 00 01", "FR"), Selector::Digits("06 39 98 00 01".into()));
        assert_eq!(Selector::parse_other("face", "FR"), Selector::Words("face".into()));
        assert_eq!(Selector::parse("Jean-Luc", "FR"), Selector::Words("Jean-Luc".into()));
    }
}
