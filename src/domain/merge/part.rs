//! Taking out of a contact what another brought into it when the two were made one: the other was erased elsewhere.

use toml::{Table, Value};

use super::list::plain_ident;
use super::text;
use super::value::{keys, same};
use crate::domain::contact::Contact;
use crate::error::{Error, Result};

/// The text of a contact without what became part of it.
///
/// `before` and `after` are its texts around that, `now` is what it says today: what was written into it since stays.
/// Where that is no valid contact (somebody took away every basis that it had of its own), it is as it was before.
///
/// # Errors
/// When one of the texts is no TOML.
pub fn part(before: &str, after: &str, now: &str) -> Result<String> {
    let table = |text: &str| {
        text.parse::<Table>()
            .map_err(|e| Error::failed("a version of a contact is no TOML").cause(e.message()))
    };
    let parted = tables(&table(before)?, &table(after)?, &table(now)?);
    let text = text::write(Some(after), now, before, &parted)?;
    Ok(if Contact::parse(&text).is_ok() { text } else { before.to_owned() })
}

fn tables(before: &Table, after: &Table, now: &Table) -> Table {
    let value = |key: &String| Some((key.clone(), value(before.get(key), after.get(key), now.get(key))?));
    keys(now, before).into_iter().filter_map(value).collect()
}

fn value(before: Option<&Value>, after: Option<&Value>, now: Option<&Value>) -> Option<Value> {
    if same(after, now) {
        return before.cloned();
    }
    match (after, now) {
        (Some(Value::Array(after)), Some(Value::Array(now))) => {
            let before = before.and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
            let left = entries(before, after, now);
            (!left.is_empty()).then_some(Value::Array(left))
        }
        (Some(Value::Table(after)), Some(Value::Table(now))) => {
            let none = Table::new();
            let left = tables(before.and_then(Value::as_table).unwrap_or(&none), after, now);
            (!left.is_empty() || before.is_some()).then_some(Value::Table(left))
        }
        _ => now.cloned(),
    }
}

/// What is left of a list: an entry that was brought goes, also where somebody has changed it since.
fn entries(before: &[Value], after: &[Value], now: &[Value]) -> Vec<Value> {
    let find = |list: &[Value], name: &str| list.iter().find(|e| plain_ident(e) == name).cloned();
    let mut left: Vec<Value> = Vec::new();
    for entry in now {
        let name = plain_ident(entry);
        match (find(before, &name), find(after, &name)) {
            (None, Some(_)) => {}
            (Some(own), Some(united)) if same(Some(&united), Some(entry)) => left.push(own),
            _ => left.push(entry.clone()),
        }
    }
    // What the other's version took the place of.
    let replaced = before.iter().filter(|own| find(after, &plain_ident(own)).is_none());
    left.extend(replaced.cloned());
    left
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::domain::unite::unite;

    fn contact(digit: char, mail: &str, more: &str) -> String {
        let id = format!("{}-1111-4111-8111-111111111111", digit.to_string().repeat(8));
        format!(
            "id = \"{id}\"\nbook = \"main\"\nname = \"N {digit}\"\nemails = [\"{mail}\"]\nsource = \"fair\"\n{more}\n\
             [[basis]]\npurpose = \"news\"\nbasis = \"consent\"\n"
        )
    }

    fn event(id: &str, action: &str) -> String {
        format!("[[consent]]\nid = \"{id}\"\npurpose = \"news\"\naction = \"{action}\"\ntime = 2026-01-02\n")
    }

    #[test]
    fn what_was_written_since_stays_and_what_was_brought_goes_even_if_it_was_changed() {
        let own = contact('a', "a@example.org", "");
        let more = format!("title = \"Secret\"\n{}", event("e1", "granted"));
        let after = unite(&own, &contact('b', "b@example.org", &more), 5).unwrap().text;
        assert!(
            after.contains("Secret") && after.contains("b@example.org") && after.contains("[[conflict]]")
        );
        let now = after
            .replace("\"b@example.org\"", "\"b@example.org\", \"new@example.org\"")
            .replace("\"granted\"", "\"granted\"\nmethod = \"form\"")
            + &event("e2", "withdrawn");
        let parted = part(&own, &after, &now).unwrap();
        for gone in ["Secret", "b@example.org", "e1", "bbbb", "N b", "conflict", "merged"] {
            assert!(!parted.contains(gone), "{gone}: {parted}");
        }
        for kept in ["new@example.org", "a@example.org", "e2", "withdrawn"] {
            assert!(parted.contains(kept), "{kept}: {parted}");
        }
    }

    proptest! {
        /// Making one of two and parting them is as if nothing had been.
        #[test]
        fn parting_takes_back_a_union(
            mails in proptest::collection::vec("[a-c]@x\\.org", 2),
            events in proptest::collection::vec((0..4u8, any::<bool>()), 2),
            titles in proptest::collection::vec(proptest::option::of("[A-C]"), 2),
        ) {
            let more = |n: usize| {
                let title = titles[n].as_ref().map(|t| format!("title = \"{t}\"\n")).unwrap_or_default();
                let (id, yes) = events[n];
                format!("{title}{}", event(&format!("e{id}"), if yes { "granted" } else { "withdrawn" }))
            };
            let (a, b) = (contact('a', &mails[0], &more(0)), contact('b', &mails[1], &more(1)));
            let after = unite(&a, &b, 5).unwrap().text;
            let parted = part(&a, &after, &after).unwrap();
            prop_assert_eq!(parted.parse::<Table>().unwrap(), a.parse::<Table>().unwrap());
        }
    }
}
