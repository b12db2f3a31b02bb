//! What holds for any two edits of any contact.

use std::collections::BTreeSet;

use proptest::prelude::*;
use toml::{Table, Value};
use toml_edit::{DocumentMut, value};

use super::*;
use crate::domain::contact::{Consent, ConsentAction};
use crate::domain::merge::text::in_place;
use crate::domain::moment;

/// One edit. Numbers choose among what there is; texts that an edit writes are its side's own.
#[derive(Clone, Debug)]
enum Edit {
    Set(&'static str, u8),
    Unset(&'static str),
    Add(&'static str, u8),
    Remove(&'static str, usize),
    Retype(&'static str, usize, u8),
    Consent { purpose: u8, channel: u8, action: u8, day: u8 },
    Change { event: usize, action: u8 },
    Activity(u8),
    Drop(&'static str, usize),
    Basis(u8, u8),
    End(usize, u8),
    Reopen(usize),
    Object(usize),
    Restrict(bool),
    Comment(usize),
}

const PURPOSES: [&str; 3] = ["prospects", "newsletter", "support"];
const CHANNELS: [Option<&str>; 3] = [None, Some("email"), Some("phone")];
const ACTIONS: [&str; 5] = ["asked", "granted", "refused", "withdrawn", "expired"];

fn edit() -> impl Strategy<Value = Edit> {
    let keys = || prop::sample::select(vec!["title", "org", "note", "shoe", "custom.dog", "custom.new"]);
    let lists = || prop::sample::select(vec!["emails", "tags", "phones", "vcard.properties"]);
    let tables = prop::sample::select(vec!["consent", "activity", "basis", "objection"]);
    prop_oneof![
        4 => (keys(), 0..3u8).prop_map(|(key, n)| Edit::Set(key, n)),
        2 => keys().prop_map(Edit::Unset),
        3 => (lists(), 0..4u8).prop_map(|(list, n)| Edit::Add(list, n)),
        2 => (lists(), 0..4usize).prop_map(|(list, n)| Edit::Remove(list, n)),
        1 => (lists(), 0..4usize, 0..3u8).prop_map(|(list, n, kind)| Edit::Retype(list, n, kind)),
        4 => (0..3u8, 0..3u8, 0..5u8, 1..9u8)
            .prop_map(|(purpose, channel, action, day)| Edit::Consent { purpose, channel, action, day }),
        1 => (0..3usize, 0..5u8).prop_map(|(event, action)| Edit::Change { event, action }),
        2 => (0..4u8).prop_map(Edit::Activity),
        3 => (tables, 0..3usize).prop_map(|(list, n)| Edit::Drop(list, n)),
        2 => (0..3u8, 0..3u8).prop_map(|(purpose, basis)| Edit::Basis(purpose, basis)),
        2 => (0..3usize, 1..9u8).prop_map(|(n, day)| Edit::End(n, day)),
        1 => (0..3usize).prop_map(Edit::Reopen),
        1 => (0..3usize).prop_map(Edit::Object),
        1 => any::<bool>().prop_map(Edit::Restrict),
        1 => (0..6usize).prop_map(Edit::Comment),
    ]
}

fn list<'a>(doc: &'a mut DocumentMut, path: &str) -> &'a mut toml_edit::Array {
    let item = match path.split_once('.') {
        Some((table, key)) => {
            doc.entry(table).or_insert(toml_edit::table()).as_table_mut().unwrap().entry(key)
        }
        None => doc.entry(path),
    };
    item.or_insert(value(toml_edit::Array::new())).as_array_mut().unwrap()
}

fn tables<'a>(doc: &'a mut DocumentMut, key: &str) -> &'a mut toml_edit::ArrayOfTables {
    doc.entry(key).or_insert(toml_edit::array()).as_array_of_tables_mut().unwrap()
}

fn push(doc: &mut DocumentMut, key: &str, text: &str) {
    tables(doc, key).push(text.parse::<DocumentMut>().unwrap().as_table().clone());
}

fn day(n: u8) -> toml_edit::Item {
    format!("x = 2026-03-0{n}").parse::<DocumentMut>().unwrap()["x"].clone()
}

fn apply(doc: &mut DocumentMut, edit: &Edit, side: &str, nth: usize) {
    match edit {
        Edit::Set(key, n) => {
            let (table, key) = match key.split_once('.') {
                Some((table, key)) => {
                    (doc.entry(table).or_insert(toml_edit::table()).as_table_mut().unwrap(), key)
                }
                None => (doc.as_table_mut(), *key),
            };
            // One text that both sides may write, others of the side's own.
            table[key] = if *n == 0 { value("same") } else { value(format!("{side} {key} {n}")) };
        }
        Edit::Unset(key) => {
            match key.split_once('.') {
                Some((table, key)) => doc.get_mut(table).and_then(|t| t.as_table_mut()?.remove(key)),
                None => doc.remove(key),
            };
        }
        Edit::Add(key, n) => {
            let text = if *n == 0 { "common@example.org".into() } else { format!("{side}{n}@example.org") };
            list(doc, key).push(text);
        }
        Edit::Remove(key, n) => {
            let list = list(doc, key);
            if *n < list.len() {
                list.remove(*n);
            }
        }
        Edit::Retype(key, n, kind) if *key == "emails" || *key == "phones" => {
            let Some(entry) = list(doc, key).get_mut(*n) else { return };
            let text = entry
                .as_str()
                .or_else(|| entry.as_inline_table()?.get("value")?.as_str())
                .unwrap()
                .to_owned();
            let text = format!("x = {{ value = \"{text}\", type = \"{side} {kind}\" }}");
            *entry = text.parse::<DocumentMut>().unwrap()["x"].as_value().unwrap().clone();
        }
        Edit::Retype(..) => {}
        Edit::Consent { purpose, channel, action, day } => {
            let channel = CHANNELS[usize::from(*channel)].map(|c| format!("channel = \"{c}\"\n"));
            let text = format!(
                "id = \"{side}{nth}\"\npurpose = \"{}\"\n{}action = \"{}\"\ntime = 2026-02-0{day}T10:00:00Z\n",
                PURPOSES[usize::from(*purpose)],
                channel.unwrap_or_default(),
                ACTIONS[usize::from(*action)]
            );
            push(doc, "consent", &text);
        }
        Edit::Change { event, action } => {
            if let Some(event) = tables(doc, "consent").get_mut(*event) {
                event["action"] = value(ACTIONS[usize::from(*action)]);
                event["evidence"] = value(format!("{side} evidence {nth}"));
            }
        }
        Edit::Activity(n) => {
            if let (0, Some(old)) = (n, tables(doc, "activity").get_mut(0)) {
                old["text"] = value(format!("{side} rewrote {nth}"));
            } else {
                push(
                    doc,
                    "activity",
                    &format!("id = \"{side}{nth}\"\ntime = 2026-02-02\nkind = \"{side} call\"\n"),
                );
            }
        }
        Edit::Drop(key, n) => {
            let list = tables(doc, key);
            if *n < list.len() && (*key != "basis" || list.len() > 1) {
                list.remove(*n);
            }
            if list.is_empty() {
                doc.remove(key);
            }
        }
        Edit::Basis(purpose, basis) => {
            let bases = ["consent", "contract", "public-task"];
            let (purpose, basis) = (PURPOSES[usize::from(*purpose)], bases[usize::from(*basis)]);
            let known = tables(doc, "basis").iter_mut().find(|t| t["purpose"].as_str() == Some(purpose));
            match known {
                Some(table) => table["basis"] = value(basis),
                None => push(
                    doc,
                    "basis",
                    &format!("purpose = \"{purpose}\"\nbasis = \"{basis}\"\nsource = \"{side}\"\n"),
                ),
            }
        }
        Edit::End(n, on) => {
            if let Some(basis) = tables(doc, "basis").get_mut(*n) {
                basis["until"] = day(*on);
            }
        }
        Edit::Reopen(n) => {
            tables(doc, "basis").get_mut(*n).and_then(|basis| basis.remove("until"));
        }
        Edit::Object(n) => match tables(doc, "basis").get_mut(*n) {
            Some(basis) => basis["objected"] = day(7),
            None => push(doc, "objection", &format!("id = \"{side}{nth}\"\n")),
        },
        Edit::Restrict(on) => match on {
            true => doc["restricted"] = value(true),
            false => drop(doc.remove("restricted")),
        },
        Edit::Comment(n) => {
            let key = doc.iter().map(|(key, _)| key.to_owned()).nth(*n).unwrap();
            if let Some(mut key) = doc.key_mut(&key) {
                key.leaf_decor_mut().set_prefix(format!("# {side} says {nth}\n"));
            }
        }
    }
}

fn changed(text: &str, edits: &[Edit], side: &str) -> String {
    let mut doc: DocumentMut = text.parse().unwrap();
    for (nth, edit) in edits.iter().enumerate() {
        apply(&mut doc, edit, side, nth);
    }
    // What editing left empty is no list of tables any more.
    for key in ["objection", "consent", "activity"] {
        if doc.get(key).and_then(|i| i.as_array_of_tables()).is_some_and(|list| list.is_empty()) {
            doc.remove(key);
        }
    }
    let text = doc.to_string();
    Contact::parse(&text).unwrap();
    text
}

#[derive(Clone, Debug)]
struct Case {
    base: Option<String>,
    sides: [String; 3],
    times: [i64; 3],
}

fn case() -> impl Strategy<Value = Case> {
    let edits = |most: usize| prop::collection::vec(edit(), 0..most);
    let times = prop::array::uniform3(prop::sample::select(vec![1_000i64, 2_000, 2_000_000_000]));
    (edits(8), edits(8), edits(8), edits(6), times, prop::bool::weighted(0.85)).prop_map(
        |(before, a, b, c, times, known)| {
            let base = changed(BASE, &before, "base");
            let sides = [changed(&base, &a, "ana"), changed(&base, &b, "bob"), changed(&base, &c, "cy")];
            Case { base: known.then_some(base), sides, times }
        },
    )
}

impl Case {
    fn base(&self) -> Option<&str> {
        self.base.as_deref()
    }
    fn side(&self, n: usize) -> Side<'_> {
        Side { text: &self.sides[n], time: self.times[n], who: "x" }
    }
    /// Whether both sides changed something; otherwise the other side's text is taken as it is.
    fn both_changed(&self) -> bool {
        self.sides[..2].iter().all(|side| self.base() != Some(side))
    }
    fn merged(&self) -> Merged {
        merge(self.base(), &self.side(0), &self.side(1)).unwrap()
    }
}

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
        prop_assume!(case.both_changed());
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
                });
                prop_assert!(unknown.is_none(), "{event:?} in spite of {unknown:?}");
            }
        }
    }

    #[test]
    fn a_no_stays_a_no(case in case()) {
        prop_assume!(case.both_changed());
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
