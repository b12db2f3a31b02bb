//! Phone numbers to E.164 (ITU-T E.164), by libphonenumber's rules.

/// The number as E.164 (`+33612345678`), or `None` when it is not a possible number.
///
/// `country` (ISO 3166-1 alpha-2) is for numbers written without an international prefix.
pub fn normalise(text: &str, country: &str) -> Option<String> {
    let country = country.parse().ok();
    let number = phonenumber::parse(country, text.trim()).ok()?;
    phonenumber::is_valid(&number).then(|| number.format().mode(phonenumber::Mode::E164).to_string())
}

#[cfg(test)]
mod tests {
    use super::normalise;

    #[test]
    fn national_and_international_spellings_meet() {
        for text in ["06 12 34 56 78", "+33 6 12 34 56 78", "0033612345678", "06.12.34.56.78"] {
            assert_eq!(normalise(text, "FR").as_deref(), Some("+33612345678"), "{text}");
        }
    }

    #[test]
    fn what_is_no_number_stays_as_it_is() {
        for text in ["", "12", "call me", "+999999", "\u{0}"] {
            assert_eq!(normalise(text, "FR"), None, "{text:?}");
        }
    }
}
