//! Phone numbers to E.164 (ITU-T E.164), by libphonenumber's rules.
//!
//! The rules of a country load on first use (see `plan`); nothing here touches them for a text that cannot be a
//! number, and [`is_e164`] looks at the shape alone.

mod plan;

use phonenumber::PhoneNumber;

/// No number with its punctuation and extension is longer; a longer text is not worth parsing.
const LONGEST: usize = 64;

/// What stands between a number and its extension in a file (RFC 3966, section 3).
const EXTENSION: &str = ";ext=";

/// Words that announce an extension, which the library understands and we may therefore drop.
const EXTENSION_WORDS: [&str; 5] = ["x", "ext", "extn", "extension", "int"];

/// A number that was understood, in the parts that a file keeps.
struct Understood {
    number: PhoneNumber,
    /// Digits, empty when there is none.
    extension: String,
}

impl Understood {
    fn e164(&self) -> String {
        format!("+{}{}", self.number.code().value(), self.number.national())
    }
    fn written(&self) -> String {
        match self.extension.as_str() {
            "" => self.e164(),
            extension => format!("{}{EXTENSION}{extension}", self.e164()),
        }
    }
}

/// The number as E.164 (`+33612345678`), or `None` when it is not a valid number.
///
/// `country` (ISO 3166-1 alpha-2) is for numbers written without an international prefix. An extension is
/// left out, so that two spellings of one line compare equal. A text that says more than one number and its
/// extension (a second number, a remark, letters for digits) is not a number.
pub fn normalise(text: &str, country: &str) -> Option<String> {
    understand(text, country).map(|number| number.e164())
}

/// The number as a contact file keeps it: E.164, with `;ext=` (RFC 3966, section 3) where there is an
/// extension, or the text as written, without `tel:`, when it is not understood.
pub fn written(text: &str, country: &str) -> String {
    understand(text, country).map_or_else(|| bare(text).to_owned(), |number| number.written())
}

/// Whether `text`, in any spelling, is the number that a file keeps as `stored` (see [`written`]).
///
/// A text without an international prefix is read in the countries that share the stored number's code.
pub fn is_same(stored: &str, text: &str) -> bool {
    let text = bare(text);
    if stored == text || !stored.starts_with('+') {
        return stored == text;
    }
    let (known, given) = (digits(stored), digits(text));
    // Whatever stands before a subscriber's number, its last digits are the same.
    if !given.ends_with(&known[known.len().saturating_sub(4)..]) {
        return false;
    }
    if is_e164(stored) && !has_letters(text) {
        // The usual spellings need no metadata: any international prefix (00, 011 …) before the same digits, or
        // the national number behind trunk zeros in place of a country code of one to three digits.
        let national = given.trim_start_matches('0');
        let code = known.len().saturating_sub(national.len());
        let is_national = national.len() >= 6 && (1..=3).contains(&code) && known.ends_with(national);
        if given.ends_with(&known) || (is_national && !text.starts_with('+') && !text.starts_with("00")) {
            return true;
        }
    }
    let Some(number) = understand(stored, "") else { return false };
    plan::countries(number.number.code().value()).iter().any(|region| written(text, region) == stored)
}

/// Whether two texts have the digits of one number, for numbers that no rule understands: one may have zeros or a calling
/// code before the other.
pub fn has_same_digits(a: &str, b: &str) -> bool {
    let (a, b) = (digits(a), digits(b));
    let (a, b) = (a.trim_start_matches('0'), b.trim_start_matches('0'));
    let (long, short) = if a.len() < b.len() { (b, a) } else { (a, b) };
    // A calling code of three digits at most, and a trunk zero behind it.
    short.len() >= 6 && long.len() - short.len() <= 4 && long.ends_with(short)
}

/// Whether `text` has the shape of E.164: `+` and 7 to 15 digits. Says nothing about validity.
pub fn is_e164(text: &str) -> bool {
    text.strip_prefix('+').is_some_and(|digits| {
        (7..=15).contains(&digits.len())
            && !digits.starts_with('0')
            && digits.bytes().all(|b| b.is_ascii_digit())
    })
}

/// The text without white space around it and without the scheme of RFC 3966.
fn bare(text: &str) -> &str {
    let text = text.trim();
    match text.get(..4) {
        Some(scheme) if scheme.eq_ignore_ascii_case("tel:") => text[4..].trim(),
        _ => text,
    }
}

fn digits(text: &str) -> String {
    text.chars().filter(char::is_ascii_digit).collect()
}

fn has_letters(text: &str) -> bool {
    text.chars().any(char::is_alphabetic)
}

/// A valid number that accounts for the whole text.
fn understand(text: &str, country: &str) -> Option<Understood> {
    let text = bare(text);
    let count = text.bytes().filter(u8::is_ascii_digit).count();
    if text.len() > LONGEST || !(3..=32).contains(&count) {
        return None;
    }
    let understood = match text.split_once(EXTENSION) {
        Some((main, extension)) => {
            let all_digits = !extension.is_empty() && extension.bytes().all(|b| b.is_ascii_digit());
            let number = parse(main, country).filter(|n| n.extension().is_none() && all_digits)?;
            Understood { number, extension: extension.to_owned() }
        }
        None => {
            let number = parse(text, country)?;
            let extension = number.extension().map(|e| e.to_string()).unwrap_or_default();
            Understood { number, extension }
        }
    };
    says_no_more(text, &understood).then_some(understood)
}

fn parse(text: &str, country: &str) -> Option<PhoneNumber> {
    if text.starts_with('+') { plan::international(text) } else { plan::dialled(text, country) }
}

/// Whether the text holds this number and its extension and nothing else.
fn says_no_more(text: &str, understood: &Understood) -> bool {
    let extension = understood.extension.as_str();
    let known = |word: &str| EXTENSION_WORDS.iter().any(|known| word.eq_ignore_ascii_case(known));
    let mut words = text.split(|c: char| !c.is_alphabetic()).filter(|word| !word.is_empty());
    if !words.all(|word| !extension.is_empty() && known(word)) {
        return false;
    }
    let all = digits(text);
    all.strip_suffix(extension).is_some_and(|rest| rest.ends_with(&understood.number.national().to_string()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn national_and_international_spellings_meet() {
        for text in [
            "06 12 34 56 78",
            "+33 6 12 34 56 78",
            "0033612345678",
            "06.12.34.56.78",
            "+33 (0)6 12 34 56 78",
            "0033 (0)6 12 34 56 78",
            "tel:+33-6-12-34-56-78",
            "06\u{a0}12\u{a0}34\u{a0}56\u{a0}78",
        ] {
            assert_eq!(normalise(text, "FR").as_deref(), Some("+33612345678"), "{text}");
            assert!(is_same("+33612345678", text), "{text}");
        }
    }

    #[test]
    fn what_is_no_number_stays_as_it_is() {
        for text in ["", "12", "call me", "+999999", "\u{0}", "112", "3615"] {
            assert_eq!(normalise(text, "FR"), None, "{text:?}");
            assert_eq!(written(text, "FR"), text.trim());
        }
    }

    #[test]
    fn nothing_that_the_text_says_is_dropped() {
        for text in [
            "06 12 34 56 78 / 06 98 76 54 32",
            "06 12 34 56 78 (mobile)",
            "Bureau: 01 23 45 67 89",
            "01 23 45 67 89 poste 12",
            "01 23 45 67 89/12",
            "0800 FLOWERS",
        ] {
            assert_eq!(written(text, "FR"), text);
        }
        let kept = "+14186569254;ext=102";
        assert_eq!(written("tel:+1-418-656-9254;ext=102", "FR"), kept);
        assert_eq!(written("(418) 656-9254 x102", "CA"), kept);
        assert_eq!(written(kept, "FR"), kept);
        assert_eq!(normalise(kept, "FR").as_deref(), Some("+14186569254"));
        assert!(is_same(kept, "tel:+1-418-656-9254;ext=102") && !is_same(kept, "+1-418-656-9254"));
    }

    #[test]
    fn a_foreign_number_keeps_its_leading_zero() {
        for text in ["+39 06 6982 1234", "0039 06 6982 1234"] {
            assert_eq!(normalise(text, "FR").as_deref(), Some("+390669821234"), "{text}");
        }
        assert_eq!(normalise("011 44 20 7946 0018", "US").as_deref(), Some("+442079460018"));
    }

    #[test]
    fn a_country_without_numbers_is_no_panic() {
        for country in ["AQ", "BV", "XX", "", "France"] {
            assert_eq!(normalise("06 12 34 56 78", country), None, "{country}");
        }
    }

    #[test]
    fn another_number_is_not_the_same() {
        assert!(!is_same("+33612345678", "06 12 34 56 79"));
        assert!(!is_same("+33612345678", "+44 6 12 34 56 78"));
        assert!(is_same("ask her", " ask her ") && !is_same("ask her", "ask him"));
        assert!(is_same("+19055551234", "(905) 555-1234") && is_same("+442079460018", "011442079460018"));
    }

    #[test]
    fn digits_meet_where_no_rule_does() {
        for text in ["06 39 98 00 01", "0033 6 39 98 00 01", "+33 (0)6.39.98.00.01", "639980001"] {
            assert!(has_same_digits("06-39-98-00-01", text), "{text}");
        }
        assert!(!has_same_digits("06 39 98 00 01", "06 39 98 00 02") && !has_same_digits("3900", "03900"));
    }

    #[test]
    fn shape_is_not_validity() {
        assert!(is_e164("+33612345678") && is_e164("+9999999"));
        for text in ["33612345678", "+33 6", "+0612345678", "+", "+3361234567890123"] {
            assert!(!is_e164(text), "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read_without_panic_and_stays_put(
            text in "\\PC{0,40}|[-+0-9 ();x=/.]{0,40}|[+0][0-9 ]{6,16}",
            country in "[A-Z]{2}|FR|DE|US",
        ) {
            let kept = written(&text, &country);
            prop_assert_eq!(&written(&kept, &country), &kept);
            if let Some(number) = normalise(&text, &country) {
                prop_assert_eq!(normalise(&number, ""), Some(number));
            }
        }
    }
}
