//! Which contacts may be the same, how likely, and why.
//!
//! Pairs are looked for only among contacts that share an address, a number, all words of a name, or one word of it
//! and the first letter of another, so that ten thousand contacts are not fifty million comparisons.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::email;
use super::fold::fold;

/// What is compared of one contact.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Person {
    pub organisation: bool,
    /// Display name.
    pub name: String,
    pub emails: Vec<String>,
    /// E.164 where they could be understood.
    pub phones: Vec<String>,
    pub org: String,
    /// As written; empty for none.
    pub birthday: String,
}

/// Two contacts, by their places in the list, that may be one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pair {
    pub a: usize,
    pub b: usize,
    /// 1 to 100.
    pub score: u8,
    pub reasons: Vec<Reason>,
}

/// Why two contacts may be one, or may not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reason {
    SameEmail,
    SamePhone,
    SameName,
    SimilarName,
    SameFirm,
    SameBirthday,
    OtherBirthday,
}

impl Reason {
    pub fn as_str(self) -> &'static str {
        match self {
            Reason::SameEmail => "same e-mail",
            Reason::SamePhone => "same phone",
            Reason::SameName => "same name",
            Reason::SimilarName => "similar name",
            Reason::SameFirm => "same firm",
            Reason::SameBirthday => "same birthday",
            Reason::OtherBirthday => "another birthday",
        }
    }

    /// What it adds. A shared address alone is no proof (a couple, info@); nor is a name alone (namesakes).
    fn weight(self) -> i32 {
        match self {
            Reason::SameEmail => 55,
            Reason::SamePhone => 40,
            Reason::SameName => 50,
            Reason::SimilarName => 30,
            Reason::SameFirm => 20,
            Reason::SameBirthday => 25,
            Reason::OtherBirthday => -50,
        }
    }
}

/// How alike two names must be (Jaro-Winkler, 0 to 1) to count as similar.
const ALIKE: f64 = 0.93;

/// What more contacts share says nothing (`sarl`, an address of the firm's own).
const COMMON: usize = 300;

/// Pairs whose score is at least `least`, the likeliest first.
pub fn find(people: &[Person], least: u8) -> Vec<Pair> {
    let keys: Vec<Key> = people.iter().map(Key::of).collect();
    let mut pairs: HashSet<(u32, u32)> = HashSet::new();
    let mut by: HashMap<&str, Vec<u32>> = HashMap::new();
    let place = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    let shared: [fn(&Key) -> &[String]; 3] = [|key| &key.emails, |key| &key.phones, |key| &key.halves];
    for of in shared {
        by.clear();
        for (n, key) in keys.iter().enumerate() {
            of(key).iter().for_each(|text| by.entry(text).or_default().push(place(n)));
        }
        for list in by.values().filter(|list| (2..=COMMON).contains(&list.len())) {
            for (n, a) in list.iter().enumerate() {
                pairs.extend(list.iter().skip(n + 1).filter(|b| *b != a).map(|b| (*a, *b)));
            }
        }
    }
    // Common words leave out namesakes: the whole name is looked at by itself.
    by.clear();
    for (n, key) in keys.iter().enumerate().filter(|(_, key)| !key.name.is_empty()) {
        by.entry(&key.name).or_default().push(place(n));
    }
    for list in by.values().filter(|list| (2..=COMMON).contains(&list.len())) {
        for (n, a) in list.iter().enumerate() {
            pairs.extend(list.iter().skip(n + 1).map(|b| (*a, *b)));
        }
    }
    let pair = |(a, b): (u32, u32)| {
        let (a, b) = (a as usize, b as usize);
        let reasons = reasons(keys.get(a)?, keys.get(b)?);
        let score = reasons.iter().map(|r| r.weight()).sum::<i32>().clamp(0, 100);
        let score = u8::try_from(score).ok().filter(|score| *score >= least.max(1))?;
        Some(Pair { a, b, score, reasons })
    };
    let mut found: Vec<Pair> = pairs.into_iter().filter_map(pair).collect();
    found.sort_by(|x, y| (y.score, x.a, x.b).cmp(&(x.score, y.a, y.b)));
    found
}

/// A contact in the forms that are compared.
struct Key {
    organisation: bool,
    emails: Vec<String>,
    phones: Vec<String>,
    /// Words of the name, folded and in order.
    words: Vec<String>,
    name: String,
    /// Each word with the first letter of each other one: what two similar names have in common.
    halves: Vec<String>,
    org: String,
    birthday: String,
}

impl Key {
    fn of(person: &Person) -> Key {
        let mut words = words(&person.name);
        words.sort();
        let emails = person.emails.iter().filter_map(|e| email::normalise(e));
        let digits = |p: &String| p.chars().filter(char::is_ascii_digit).collect::<String>();
        let mut key = Key {
            organisation: person.organisation,
            emails: emails.collect(),
            phones: person.phones.iter().map(digits).filter(|p| p.len() >= 6).collect(),
            name: words.join(" "),
            halves: halves(&words),
            words,
            org: self::words(&person.org).join(" "),
            birthday: person.birthday.clone(),
        };
        key.emails.sort();
        key.emails.dedup();
        key.phones.sort();
        key.phones.dedup();
        key
    }
}

fn halves(words: &[String]) -> Vec<String> {
    let mut all = Vec::new();
    for (n, word) in words.iter().enumerate().filter(|(_, word)| word.chars().count() > 1) {
        let others = words.iter().enumerate().filter(|(m, _)| *m != n);
        all.extend(others.filter_map(|(_, other)| Some(format!("{word} {}", other.chars().next()?))));
    }
    all.sort();
    all.dedup();
    all
}

fn words(text: &str) -> Vec<String> {
    fold(text).split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()).map(str::to_owned).collect()
}

fn reasons(a: &Key, b: &Key) -> Vec<Reason> {
    let share = |x: &[String], y: &[String]| x.iter().any(|one| y.contains(one));
    let mut reasons = Vec::new();
    // A firm and somebody who works there share an address and are two.
    if a.organisation != b.organisation {
        return reasons;
    }
    if share(&a.emails, &b.emails) {
        reasons.push(Reason::SameEmail);
    }
    if share(&a.phones, &b.phones) {
        reasons.push(Reason::SamePhone);
    }
    if !a.name.is_empty() && a.name == b.name {
        reasons.push(Reason::SameName);
    } else if similar(a, b) {
        reasons.push(Reason::SimilarName);
    }
    if reasons.is_empty() {
        return reasons;
    }
    if !a.org.is_empty() && a.org == b.org {
        reasons.push(Reason::SameFirm);
    }
    if a.birthday.len() >= 10 && b.birthday.len() >= 10 {
        reasons.push(if a.birthday == b.birthday { Reason::SameBirthday } else { Reason::OtherBirthday });
    }
    reasons
}

/// Whether two names are nearly the same: spelling, an initial for a given name, or one given name more.
fn similar(a: &Key, b: &Key) -> bool {
    let few_is_like =
        |few: &Key, many: &Key| few.words.len() <= many.words.len() && covers(&few.words, &many.words);
    // Words are matched greedily, so of two names with as many words each is tried as the first.
    few_is_like(a, b)
        || few_is_like(b, a)
        || (a.words.len() == b.words.len()
            && a.name.len().min(b.name.len()) >= 6
            && likeness(&a.name, &b.name) >= 0.96)
}

/// Jaro-Winkler, which is not quite the same both ways round.
fn likeness(a: &str, b: &str) -> f64 {
    strsim::jaro_winkler(a, b).max(strsim::jaro_winkler(b, a))
}

/// Whether each word of `few` is nearly one of `many`, of which one may be left.
fn covers(few: &[String], many: &[String]) -> bool {
    // Each word of the shorter name has one of its own in the longer; one of them whole at least.
    let mut left: BTreeMap<usize, &String> = many.iter().enumerate().collect();
    let mut whole = 0;
    let mut rest = Vec::new();
    for word in few {
        match left.iter().find(|(_, other)| *other == &word).map(|(n, _)| *n) {
            Some(n) => {
                left.remove(&n);
                whole += usize::from(word.chars().count() > 1);
            }
            None => rest.push(word),
        }
    }
    let near = |word: &String, other: &String| {
        let initial =
            |short: &String, long: &String| short.chars().count() == 1 && long.starts_with(short.as_str());
        initial(word, other) || initial(other, word) || likeness(word, other) >= ALIKE
    };
    let all_near = whole > 0
        && few.len() >= 2
        && rest.into_iter().all(|word| {
            match left.iter().find(|(_, other)| near(word, other)).map(|(n, _)| *n) {
                Some(n) => left.remove(&n).is_some(),
                None => false,
            }
        });
    // One word may be more, for a second given name; two are another person.
    all_near && left.len() <= 1
}

#[cfg(test)]
mod tests {
    use super::*;

    fn person(name: &str, email: &str, phone: &str, org: &str) -> Person {
        let list = |text: &str| if text.is_empty() { vec![] } else { vec![text.to_owned()] };
        Person {
            name: name.into(),
            emails: list(email),
            phones: list(phone),
            org: org.into(),
            ..Person::default()
        }
    }

    /// The score and the reasons of two people.
    fn verdict(a: &Person, b: &Person) -> Option<(u8, String)> {
        let mut found = find(&[a.clone(), b.clone()], 1);
        let pair = found.pop()?;
        Some((pair.score, pair.reasons.iter().map(|r| r.as_str()).collect::<Vec<_>>().join(", ")))
    }

    #[test]
    fn names_are_the_same_across_accents_and_order_and_similar_across_spelling() {
        let same = |a, b| verdict(&person(a, "", "", ""), &person(b, "", "", "")).map(|(_, why)| why);
        for (a, b) in [
            ("Éloïse Petit", "PETIT Eloise"),
            ("Jean-Pierre Dupont", "Dupont, Jean Pierre"),
            ("Cœur", "coeur"),
        ] {
            assert_eq!(same(a, b).as_deref(), Some("same name"), "{a}, {b}");
        }
        for (a, b) in [
            ("Jeanne Dupont", "Jeanne Dupond"),
            ("J. Dupont", "Jeanne Dupont"),
            ("Marie Anne Kern", "Marie Kern"),
            ("Philippe Stone", "Phillipe Stone"),
        ] {
            assert_eq!(same(a, b).as_deref(), Some("similar name"), "{a}, {b}");
        }
        for (a, b) in [
            ("Jeanne Dupont", "Paul Dupont"),
            ("Dupont", "Jeanne Dupont"),
            ("Jeanne Dupont", "Jeanne Martin"),
            ("Anne Marie Sophie Kern", "Anne Kern"),
            ("", ""),
        ] {
            assert_eq!(same(a, b), None, "{a}, {b}");
        }
    }

    #[test]
    fn reasons_add_up_and_a_firm_is_not_its_people() {
        let a = person("Jeanne Dupont", "J@Example.org", "+33612345678", "Acme");
        let b = person("Dupont Jeanne", "j@example.org", "+33 6 12 34 56 78", "ACME");
        assert_eq!(verdict(&a, &b), Some((100, "same e-mail, same phone, same name, same firm".into())));
        let other = person("Paul Kern", "j@example.org", "", "");
        assert_eq!(verdict(&a, &other), Some((55, "same e-mail".into())));
        let firm = Person { organisation: true, ..other };
        assert_eq!(verdict(&a, &firm), None);
        let born = |day: &str| Person { birthday: day.into(), ..person("Jean Martin", "", "", "") };
        assert_eq!(verdict(&born("1980-01-01"), &born("1990-01-01")), None);
        assert_eq!(verdict(&born("1980-01-01"), &born("1980-01-01")).unwrap().0, 75);
        // A firm alone is no reason.
        assert_eq!(verdict(&person("A B", "", "", "Acme"), &person("C D", "", "", "Acme")), None);
    }

    #[test]
    fn families_with_common_words_are_compared_within_themselves() {
        let given = ["Jean", "Marie", "Paul", "Anne", "Léa", "Zoé", "Max", "Eva", "Tom", "Ida"];
        let people: Vec<Person> = (0..1_000)
            .map(|n| {
                let letter = char::from(b'a' + u8::try_from(n * 7 % 26).unwrap());
                let name = format!("{} {letter}amily{} {}", given[n % 10], n / 40, ["x", "Sarl"][n % 2]);
                person(&name, &format!("a{}@example.org", n / 2), "", "")
            })
            .collect();
        let found = find(&people, 45);
        assert!(found.len() >= 500, "{}", found.len());
    }

    proptest::proptest! {
        #[test]
        fn the_order_of_the_list_does_not_matter(
            names in proptest::collection::vec("[AB]{1,3} [CDé]{1,3}", 2..8),
            emails in proptest::collection::vec("[ab]@x\\.y|", 8),
        ) {
            let people: Vec<Person> = names.iter().zip(&emails).map(|(n, e)| person(n, e, "", "")).collect();
            let last = people.len() - 1;
            let mut turned = people.clone();
            turned.reverse();
            let set = |pairs: Vec<Pair>, turn: bool| -> std::collections::BTreeSet<_> {
                let of = |p: Pair| {
                    let (a, b) = if turn { (last - p.a, last - p.b) } else { (p.a, p.b) };
                    (a.min(b), a.max(b), p.score)
                };
                pairs.into_iter().map(of).collect()
            };
            proptest::prop_assert_eq!(set(find(&people, 1), false), set(find(&turned, 1), true));
        }
    }
}
