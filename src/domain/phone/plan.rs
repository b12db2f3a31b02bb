//! The numbering plan of one country calling code, out of libphonenumber's tables.
//!
//! The library's own database holds the plans of all countries and takes a tenth of a second to load; build.rs cuts
//! it in pieces. Nothing here decides about numbers: where a piece could answer differently from the whole, the whole
//! is asked.

use std::sync::OnceLock;

use phonenumber::PhoneNumber;
use phonenumber::country::{Id, Source};
use phonenumber::metadata::{DATABASE, Database};

/// The plans behind one calling code.
struct Piece {
    code: u16,
    /// ISO 3166-1 alpha-2, or `001` for a code that belongs to no country.
    countries: &'static [&'static str],
    /// As build.rs wrote them.
    plans: &'static [u8],
}

include!(concat!(env!("OUT_DIR"), "/plans.rs"));

/// Decoded once each: constants, only made late.
static DECODED: [OnceLock<Option<Database>>; PIECES.len()] = [const { OnceLock::new() }; PIECES.len()];

fn database(wanted: impl Fn(&Piece) -> bool) -> Option<&'static Database> {
    let at = PIECES.iter().position(wanted)?;
    let decode = || Database::from(postcard::from_bytes(PIECES.get(at)?.plans).ok()?).ok();
    DECODED.get(at)?.get_or_init(decode).as_ref()
}

/// A valid number that `text` spells in international form (`+`, calling code, national number).
pub fn international(text: &str) -> Option<PhoneNumber> {
    let digits: String = text.chars().filter(char::is_ascii_digit).take(3).collect();
    // No calling code begins with another.
    let code = (1..=digits.len()).find_map(|n| {
        let code: u16 = digits.get(..n)?.parse().ok()?;
        PIECES.iter().any(|piece| piece.code == code).then_some(code)
    });
    // A second plus or another country's code behind `phone-context` is for the whole to judge.
    let plain = text.chars().skip(1).all(|c| c.is_ascii_digit() || " \u{a0}.-()/".contains(c));
    let own = code.filter(|_| plain).and_then(|code| database(|piece| piece.code == code));
    match own.map(|plans| (plans, phonenumber::parse_with(plans, None, text))) {
        Some((plans, Ok(number))) => valid(plans, number),
        _ => valid(&DATABASE, phonenumber::parse(None, text).ok()?),
    }
}

/// A valid number that `text` spells as it is dialled from `country` (ISO 3166-1 alpha-2).
///
/// None for countries without a plan; the library panics on them.
pub fn dialled(text: &str, country: &str) -> Option<PhoneNumber> {
    let country = country.to_ascii_uppercase();
    let plans = database(|piece| piece.countries.contains(&country.as_str()))?;
    let id: Id = country.parse().ok()?;
    let (plans, number) = match phonenumber::parse_with(plans, Some(id), text) {
        Ok(number) => (plans, number),
        // The codes behind an international prefix are known to the whole alone.
        Err(_) => (&*DATABASE, phonenumber::parse(Some(id), text).ok()?),
    };
    if number.code().source() != Source::Idd {
        return valid(plans, number);
    }
    // With a country given, the library strips that country's trunk prefix from foreign numbers too: the 0 of
    // +39 06 … would go. Such a number is read again without one.
    let dialled: String = text.chars().filter(char::is_ascii_digit).collect();
    let code = number.code().value().to_string();
    let start = 2 + dialled.get(2..)?.find(&code)?;
    international(&format!("+{}", dialled.get(start..)?))
}

fn valid(plans: &Database, number: PhoneNumber) -> Option<PhoneNumber> {
    phonenumber::is_valid_with(plans, &number).then_some(number)
}

/// The countries that share a calling code.
pub fn countries(code: u16) -> &'static [&'static str] {
    PIECES.iter().find(|piece| piece.code == code).map_or(&[], |piece| piece.countries)
}

#[cfg(test)]
mod tests {
    use phonenumber::{Mode, PhoneNumber};

    use super::*;

    /// Every number that the tables give as an example, in the spellings of people, with its country.
    fn spelt() -> Vec<(String, String)> {
        let mut all = Vec::new();
        for of in DATABASE.iter() {
            let kinds = of.descriptors();
            let kinds =
                [Some(kinds.general()), kinds.fixed_line(), kinds.mobile(), kinds.toll_free(), kinds.voip()];
            for example in kinds.into_iter().flatten().filter_map(|kind| kind.example()) {
                let code = of.country_code();
                let trunk = of.national_prefix().unwrap_or_default();
                for text in [
                    format!("+{code}{example}"),
                    format!("+{code} (0) {example}"),
                    format!("+{code}{trunk}{example}"),
                    format!("00{code} {example}"),
                    format!("{trunk}{example}"),
                    example.to_owned(),
                    format!("{code}{example}"),
                    format!("+{code}{example}1"),
                    format!("+{code}{}", &example[1..]),
                ] {
                    all.push((text, of.id().to_owned()));
                }
            }
        }
        all
    }

    /// What the library says with all its tables.
    fn whole(number: Option<PhoneNumber>) -> Option<String> {
        let number = number.filter(phonenumber::is_valid)?;
        Some(number.format().mode(Mode::E164).to_string())
    }

    #[test]
    fn a_piece_says_of_every_example_what_the_whole_says() {
        let spelt = spelt();
        assert!(spelt.len() > 5_000);
        for (text, country) in spelt {
            if text.starts_with('+') {
                let wanted = whole(phonenumber::parse(None, &text).ok());
                assert_eq!(whole(international(&text)), wanted, "{text}");
                continue;
            }
            let Ok(id) = country.parse() else { continue };
            let Ok(number) = phonenumber::parse(Some(id), &text) else {
                assert!(dialled(&text, &country).is_none(), "{text} {country}");
                continue;
            };
            if number.code().source() != Source::Idd {
                assert_eq!(whole(dialled(&text, &country)), whole(Some(number)), "{text} {country}");
            }
        }
    }
}
