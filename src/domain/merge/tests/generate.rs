//! Any two or three edits of any contact, and what tests ask of the texts that come out.

use proptest::prelude::*;
use toml_edit::{DocumentMut, value};

use super::*;

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
    Link(u8, u8),
    Drop(&'static str, usize),
    Basis(u8, u8),
    End(usize, u8),
    Reopen(usize),
    Object(usize),
    Restrict(bool),
    Comment(usize),
}

pub const PURPOSES: [&str; 3] = ["prospects", "newsletter", "support"];
pub const CHANNELS: [Option<&str>; 3] = [None, Some("email"), Some("phone")];
const ACTIONS: [&str; 5] = ["asked", "granted", "refused", "withdrawn", "expired"];

fn edit() -> impl Strategy<Value = Edit> {
    let keys = || prop::sample::select(vec!["title", "org", "note", "shoe", "custom.dog", "custom.new"]);
    let lists = || prop::sample::select(vec!["emails", "tags", "phones", "vcard.properties"]);
    let tables = prop::sample::select(vec!["consent", "activity", "basis", "objection", "link"]);
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
        3 => (0..3u8, 0..3u8).prop_map(|(n, what)| Edit::Link(n, what)),
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
        // The same link has the same id on both sides; each says something of its own of it.
        Edit::Link(n, what) => {
            let id = format!("link{n}");
            let list = tables(doc, "link");
            if !list.iter().any(|t| t["id"].as_str() == Some(&id)) {
                push(doc, "link", &format!("id = \"{id}\"\nto = \"x{n}\"\nkind = \"works-for\"\n"));
            }
            let list = tables(doc, "link");
            let Some(link) = list.iter_mut().find(|t| t["id"].as_str() == Some(&id)) else { return };
            match what {
                0 => link["role"] = value(format!("{side} role {nth}")),
                1 => link["until"] = day(nth.min(8) as u8 + 1),
                _ => link["since"] = value("2020"),
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
    for key in ["objection", "consent", "activity", "link"] {
        if doc.get(key).and_then(|i| i.as_array_of_tables()).is_some_and(|list| list.is_empty()) {
            doc.remove(key);
        }
    }
    let text = doc.to_string();
    Contact::parse(&text).unwrap();
    text
}

#[derive(Clone, Debug)]
pub struct Case {
    pub base: Option<String>,
    pub sides: [String; 3],
    pub times: [i64; 3],
}

pub fn case() -> impl Strategy<Value = Case> {
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
    pub fn base(&self) -> Option<&str> {
        self.base.as_deref()
    }
    pub fn side(&self, n: usize) -> Side<'_> {
        Side { text: &self.sides[n], time: self.times[n], who: "x" }
    }
    /// Whether both sides changed something; otherwise the other side's text is taken as it is.
    pub fn both_changed(&self) -> bool {
        self.sides[..2].iter().all(|side| self.base() != Some(side))
    }
    pub fn merged(&self) -> Merged {
        merge(self.base(), &self.side(0), &self.side(1)).unwrap()
    }
}
