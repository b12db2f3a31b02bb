//! What holds for any two edits of any contact.

use std::collections::BTreeSet;

use proptest::prelude::*;
use toml::{Table, Value};

use super::generate::{CHANNELS, PURPOSES, case};
use super::*;
use crate::domain::contact::{Consent, ConsentAction};
use crate::domain::merge::text::in_place;
use crate::domain::moment;

/// Every text and date of a value.
fn leaves(value: &Value, out: &mut BTreeSet<String>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| leaves(item, out)),
        Value::Table(table) => table.values().for_each(|item| leaves(item, out)),
        other => drop(out.insert(other.to_string())),
    }
}

fn leaves_of(text: &str) -> BTreeSet<String> {
    let mut out = BTreeSet::new();
    leaves(&Value::Table(text.parse::<Table>().unwrap()), &mut out);
    out
}

fn set<T: Ord>(items: impl IntoIterator<Item = T>) -> BTreeSet<T> {
    items.into_iter().collect()
}

/// Entries of the plain lists by what identifies them, and ids of events.
fn entries(contact: &Contact) -> BTreeSet<(&'static str, String)> {
    let mut all = set(contact.emails.iter().map(|e| ("email", e.value.clone())));
    all.extend(contact.phones.iter().map(|e| ("phone", e.value.clone())));
    all.extend(contact.tags.iter().map(|e| ("tag", e.clone())));
    all.extend(contact.links.iter().map(|e| ("link", e.id.clone())));
    all.extend(contact.vcard.properties.iter().map(|e| ("property", e.clone())));
    all
}

fn events(contact: &Contact) -> BTreeSet<(&'static str, String)> {
    let consents = contact.consents.iter().map(|e| ("consent", e.id.clone()));
    set(consents.chain(contact.activities.iter().map(|e| ("activity", e.id.clone()))))
}

/// The event that counts for a purpose and a channel.
fn effective<'a>(contact: &'a Contact, purpose: &str, channel: Option<&str>) -> Option<&'a Consent> {
    let concerns = |c: &&Consent| {
        c.purpose.as_str() == purpose && (c.channel.is_none() || c.channel.as_deref() == channel)
    };
    let no = |c: &Consent| matches!(c.action, ConsentAction::Withdrawn | ConsentAction::Refused);
    contact.consents.iter().filter(concerns).max_by_key(|c| (moment::start(&c.time), no(c)))
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn it_is_commutative_to_the_letter_and_a_valid_contact(case in case()) {
        let merged = case.merged();
        prop_assert_eq!(&merge(case.base(), &case.side(1), &case.side(0)).unwrap(), &merged);
        let contact = Contact::parse(&merged.text).unwrap();
        let own = Contact::parse(&case.sides[0]).unwrap();
        prop_assert_eq!((contact.id, contact.book), (own.id, own.book));
    }

    #[test]
    fn what_one_side_alone_changed_is_taken_word_for_word(case in case()) {
        let (a, b) = (case.side(0), case.side(1));
        prop_assert_eq!(&merge(case.base(), &a, &a).unwrap().text, a.text);
        let base = Side { text: b.text, time: 1_500, who: "" };
        prop_assert_eq!(&merge(Some(b.text), &base, &a).unwrap().text, a.text);
        prop_assert_eq!(&merge(Some(b.text), &a, &base).unwrap().text, a.text);
        // Merging a result with either side again, as after a crash, changes nothing.
        let merged = case.merged();
        let result = Side { text: &merged.text, time: 3_000_000_000, who: "" };
        prop_assert_eq!(&merge(Some(a.text), &a, &result).unwrap().text, &merged.text);
    }

    #[test]
    fn it_is_written_in_place(case in case()) {
        let values: Table = case.merged().text.parse().unwrap();
        let (a, b) = (case.side(0), case.side(1));
        let (late, early) = if (a.time, a.text) >= (b.time, b.text) { (a, b) } else { (b, a) };
        prop_assert!(in_place(case.base(), late.text, early.text, &values).is_some());
    }

    #[test]
    fn nothing_that_a_side_wrote_is_lost(case in case()) {
        let merged = leaves_of(&case.merged().text);
        let base = case.base().map(leaves_of).unwrap_or_default();
        for side in &case.sides[..2] {
            // Booleans are decided by the rule for restrictions; every text and date must be somewhere.
            let new = leaves_of(side).into_iter().filter(|leaf| !base.contains(leaf) && leaf != "false");
            for leaf in new {
                prop_assert!(merged.contains(&leaf), "{leaf}");
            }
        }
    }

    #[test]
    fn entries_are_united_and_removals_respected(case in case()) {
        if !case.both_changed() {
            return Ok(());
        }
        let merged = Contact::parse(&case.merged().text).unwrap();
        let [a, b] = [0, 1].map(|n| Contact::parse(&case.sides[n]).unwrap());
        let base = case.base().map(|text| entries(&Contact::parse(text).unwrap())).unwrap_or_default();
        let (of_a, of_b, of_both) = (entries(&a), entries(&b), entries(&merged));
        for entry in of_a.union(&of_b) {
            let on_both = of_a.contains(entry) && of_b.contains(entry);
            if on_both || !base.contains(entry) {
                prop_assert!(of_both.contains(entry), "lost {entry:?}");
            } else if ["tag", "property"].contains(&entry.0) {
                prop_assert!(!of_both.contains(entry), "came back {entry:?}");
            }
        }
        prop_assert!(of_both.iter().all(|entry| of_a.contains(entry) || of_b.contains(entry)));
        for event in events(&a).union(&events(&b)) {
            prop_assert!(events(&merged).contains(event), "lost {event:?}");
        }
    }

    #[test]
    fn a_grant_counts_only_where_no_withdrawal_was_unknown_to_it(case in case()) {
        let merged = Contact::parse(&case.merged().text).unwrap();
        let [a, b] = [0, 1].map(|n| Contact::parse(&case.sides[n]).unwrap());
        // What stood in the common version was known to both, whatever a side made of it since.
        let base = case.base().map(|text| Contact::parse(text).unwrap());
        let in_base = |id: &str| base.iter().any(|contact| contact.consents.iter().any(|c| c.id == id));
        for (ours, theirs) in [(&a, &b), (&b, &a)] {
            let known = |contact: &Contact, id: &str| contact.consents.iter().any(|c| c.id == id);
            for (purpose, channel) in PURPOSES.iter().flat_map(|p| CHANNELS.map(|c| (*p, c))) {
                let Some(event) = effective(&merged, purpose, channel) else { continue };
                if event.action != ConsentAction::Granted || known(theirs, &event.id) {
                    continue;
                }
                let unknown = theirs.consents.iter().find(|c| {
                    matches!(c.action, ConsentAction::Withdrawn | ConsentAction::Refused)
                        && c.purpose.as_str() == purpose
                        && (c.channel.is_none() || c.channel.as_deref() == channel)
                        && !known(ours, &c.id)
                        && !in_base(&c.id)
                });
                prop_assert!(unknown.is_none(), "{event:?} in spite of {unknown:?}");
            }
        }
    }

    #[test]
    fn a_no_stays_a_no(case in case()) {
        if !case.both_changed() {
            return Ok(());
        }
        let merged = Contact::parse(&case.merged().text).unwrap();
        let text: Table = case.merged().text.parse().unwrap();
        for side in &case.sides[..2] {
            let contact = Contact::parse(side).unwrap();
            for event in &contact.consents {
                let same = merged.consents.iter().find(|c| c.id == event.id).unwrap();
                let no = |c: &Consent| matches!(c.action, ConsentAction::Withdrawn | ConsentAction::Refused);
                prop_assert!(!no(event) || no(same));
            }
            for basis in contact.bases.iter().filter(|b| b.until.is_some()) {
                let same = merged.bases.iter().find(|b| b.purpose == basis.purpose);
                prop_assert!(same.is_none_or(|b| moment::end(&b.until.unwrap()) <= moment::end(&basis.until.unwrap())));
            }
            let table: Table = side.parse().unwrap();
            prop_assert!(table.get("restricted").is_none() || text.get("restricted") == table.get("restricted"));
            for objection in table.get("objection").and_then(Value::as_array).into_iter().flatten() {
                prop_assert!(text["objection"].as_array().unwrap().contains(objection));
            }
            for basis in table["basis"].as_array().unwrap().iter().filter(|b| b.get("objected").is_some()) {
                let same = text["basis"].as_array().unwrap().iter().find(|b| b["purpose"] == basis["purpose"]);
                prop_assert!(same.is_none_or(|b| b.get("objected").is_some()));
            }
        }
    }

    #[test]
    fn three_clones_agree_on_what_is_not_decided_by_order(case in case()) {
        let join = |a: &Side<'_>, b: &Side<'_>| merge(case.base(), a, b).unwrap().text;
        let all = |first: usize, second: usize, third: usize| {
            let pair = join(&case.side(first), &case.side(second));
            let time = case.times[first].max(case.times[second]) + 1;
            let text = join(&Side { text: &pair, time, who: "x" }, &case.side(third));
            Contact::parse(&text).unwrap()
        };
        let (one, other) = (all(0, 1, 2), all(1, 2, 0));
        let own = |contact: &Contact| set(events(contact).into_iter().filter(|e| !e.1.starts_with("merge-")));
        prop_assert_eq!(own(&one), own(&other));
        let added = |contact: &Contact| {
            let base = case.base().map(|text| entries(&Contact::parse(text).unwrap())).unwrap_or_default();
            set(entries(contact).into_iter().filter(|e| !base.contains(e)))
        };
        prop_assert_eq!(added(&one), added(&other));
    }

    #[test]
    fn any_text_is_merged_or_refused_without_panic(
        a in "\\PC{0,60}", b in "(id|name|conflict|basis|consent) = [\\[\\]{}\"a=,]{0,9}\n", base in "\\PC{0,20}",
    ) {
        let text = format!("{b}{BASE}");
        for (a, b) in [(a.as_str(), BASE), (&text, BASE), (&text, &a)] {
            drop(merge(Some(&base), &side(a, 1), &side(b, 2)));
        }
    }
}
