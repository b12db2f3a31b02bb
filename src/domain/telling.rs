//! What gives a person away in a text that others wrote: words of names, addresses and numbers, however they are spelt.

use std::collections::BTreeSet;

use super::contact::Contact;
use super::fold::fold;

/// Of a number that many digits at the end count: what stands before them is a code that one writes or leaves out.
const DIGITS: usize = 8;

/// A shorter street, or fewer digits, would be found everywhere.
const SHORTEST: usize = 5;

/// What persons are called and where they are reached.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Telling {
    /// Folded.
    words: BTreeSet<String>,
    /// Last digits.
    numbers: BTreeSet<String>,
    /// Names of several words, folded.
    whole: BTreeSet<Vec<String>>,
    /// Nothing that could be looked for stands for one of them.
    unknown: bool,
}

impl Telling {
    /// Adds what a version of a contact says.
    pub fn add(&mut self, contact: &Contact) {
        let names = [&contact.given, &contact.family, &contact.additional, &contact.nickname];
        let names = names.into_iter().flatten().chain([&contact.name]);
        let all: Vec<String> = names.flat_map(|name| words(name)).collect();
        self.unknown |= all.is_empty();
        self.words.extend(all);
        let (given, family) = (contact.given.as_deref(), contact.family.as_deref());
        let (given, family) = (given.unwrap_or_default(), family.unwrap_or_default());
        let whole = [contact.name.clone(), format!("{given} {family}"), format!("{family} {given}")];
        self.whole.extend(whole.iter().map(|name| words(name)).filter(|words| words.len() > 1));
        let written = contact.emails.iter().map(|email| email.value.as_str());
        let written = written.chain(contact.addresses.iter().map(|address| address.street.as_str()));
        let written = written.map(|text| fold(text).split_whitespace().collect::<Vec<_>>().join(" "));
        self.words.extend(written.filter(|text| text.chars().count() >= SHORTEST));
        let numbers = contact.phones.iter().map(|phone| {
            let digits = digits(phone.value.split(';').next().unwrap_or_default());
            digits.get(digits.len().saturating_sub(DIGITS)..).unwrap_or_default().to_owned()
        });
        self.numbers.extend(numbers.filter(|number| number.len() >= SHORTEST));
    }

    /// Whether a text says any of it. Rather too much is found than too little: `06 12 34 56 78` is `+33612345678`.
    pub fn is_in(&self, text: &str) -> bool {
        let text = fold(text).split_whitespace().collect::<Vec<_>>().join(" ");
        let digits = digits(&text);
        self.unknown
            || self.words.iter().any(|word| text.contains(word.as_str()))
            || self.numbers.iter().any(|number| digits.contains(number.as_str()))
    }

    /// Whether a text that is linked with nobody is about them all the same: it says a whole name, an e-mail address, or
    /// a whole number. One word of a name is not enough, for it may be anybody's, or no name.
    pub fn is_named_in(&self, text: &str) -> bool {
        let (all, folded, digits) = (words(text), fold(text), digits(text));
        self.whole.iter().any(|name| all.windows(name.len()).any(|some| some == name.as_slice()))
            || self.words.iter().any(|word| word.contains('@') && folded.contains(word.as_str()))
            || self.numbers.iter().any(|number| number.len() == DIGITS && digits.contains(number.as_str()))
    }

    /// The same where a part of a word is not enough: in a few words that mean somebody, not a text about them.
    pub fn is_in_words(&self, text: &str) -> bool {
        let all: BTreeSet<String> = words(text).into_iter().collect();
        let folded = fold(text);
        let digits = digits(text);
        let said =
            |word: &String| all.contains(word) || word.contains(['@', ' ']) && folded.contains(word.as_str());
        self.unknown
            || self.words.iter().any(said)
            || self.numbers.iter().any(|number| digits.contains(number.as_str()))
    }
}

fn digits(text: &str) -> String {
    text.chars().filter(char::is_ascii_digit).collect()
}

/// Words of a name that would give it away: folded, two letters at least.
pub fn words(name: &str) -> Vec<String> {
    let name = fold(name);
    let all = name.split(|c: char| !c.is_alphanumeric());
    // A sign of Chinese is a word.
    all.filter(|word| word.chars().count() > 1 || !word.is_ascii()).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(more: &str) -> Telling {
        let text = format!(
            "id = \"3f9a2c1b-7c1e-4d5a-9a53-0d4c2f6f1e77\"\nbook = \"main\"\nsource = \"s\"\n\
             basis = [{{ purpose = \"p\", basis = \"contract\" }}]\n{more}"
        );
        let mut telling = Telling::default();
        telling.add(&Contact::parse(&text).unwrap());
        telling
    }

    #[test]
    fn numbers_and_addresses_are_found_in_every_spelling() {
        let jeanne = of("name = \"Jeanne DUPÖNT\"\nemails = [\"Jd@Rare.example\"]\n\
                         phones = [\"+33612345678\", \"+33145678901;ext=12\"]\n\
                         addresses = [{ street = \"12, rue du  Bac\", locality = \"Paris\" }]");
        for said in [
            "see Dupont",
            "for jeanne",
            "JD@rare.EXAMPLE",
            "call 06 12 34 56 78",
            "+33 (0)6.12.34.56.78",
            "0033612345678",
            "01 45 67 89 01",
            "lives 12, Rue du Bac",
        ] {
            assert!(jeanne.is_in(said), "{said}");
        }
        assert!(jeanne.is_in_words("name:dupont or tag:x") && jeanne.is_in_words("email:jd@rare.example"));
        assert!(!jeanne.is_in_words("tag:jeannette"));
        for said in ["for Jeanne Dupont", "JEANNE  dupönt's", "jd@rare.example", "on 06.12.34.56.78"] {
            assert!(jeanne.is_named_in(said), "{said}");
        }
        for said in ["Jeanne", "for Dupont", "Jeanne Martin, Paul Dupont", "Jeannette Dupont", "at night"] {
            assert!(!jeanne.is_named_in(said), "{said}");
        }
        for other in ["4800 EUR on 12 March", "06 12 34 56 79", "rue du Four", "Paris"] {
            assert!(!jeanne.is_in(other), "{other}");
        }
    }

    #[test]
    fn a_name_that_nothing_can_be_looked_for_is_anywhere() {
        assert!(of("name = \"王 伟\"").is_in("给王打电话") && !of("name = \"王 伟\"").is_in("frame"));
        assert!(of("name = \"X\"").is_in("frame") && !of("name = \"X\"").is_named_in("X frame"));
    }
}
