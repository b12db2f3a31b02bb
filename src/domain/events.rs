//! Append-only entries of a contact file: consent events and objections, added without touching anything else.

use serde::Serialize;
use toml_edit::{ArrayOfTables, DocumentMut, Item, Value};

use super::contact::{Consent, ConsentAction, Contact};
use super::lawful::consent::state;
use super::moment;
use super::objected::Objected;
use super::objection::Scope;
use crate::domain::channel::Channel;
use crate::error::{Error, Result};

/// Appends an entry to the list of tables `key`, however a person wrote the list.
pub fn append(doc: &mut DocumentMut, key: &'static str, entry: &impl Serialize) -> Result<()> {
    let entry = toml_edit::ser::to_document(entry)
        .map_err(|e| Error::failed("an entry cannot be written").at(key).cause(e))?;
    let table = entry.as_table().clone();
    match doc.entry(key).or_insert(Item::ArrayOfTables(ArrayOfTables::new())) {
        Item::ArrayOfTables(list) => list.push(table),
        Item::Value(Value::Array(list)) => list.push(table.into_inline_table()),
        _ => {
            return Err(Error::failed(format!("`{key}` is not a list of entries in this contact"))
                .at(key)
                .hint(format!("`carnet edit ID` opens it; write it as [[{key}]]")));
        }
    }
    Ok(())
}

/// Writes `lifted` into the objections with these ids.
pub fn lift(doc: &mut DocumentMut, ids: &[String], when: toml_edit::Datetime) -> Result<()> {
    let is_one = |id: Option<&str>| id.is_some_and(|id| ids.iter().any(|known| known == id));
    match doc.get_mut("objection") {
        Some(Item::ArrayOfTables(list)) => {
            for entry in list.iter_mut().filter(|t| is_one(t.get("id").and_then(Item::as_str))) {
                entry["lifted"] = toml_edit::value(when);
            }
        }
        Some(Item::Value(Value::Array(list))) => {
            for entry in list.iter_mut().filter_map(Value::as_inline_table_mut) {
                if is_one(entry.get("id").and_then(Value::as_str)) {
                    entry.insert("lifted", Value::from(when));
                }
            }
        }
        _ => {}
    }
    Ok(())
}

/// Refuses an event that cannot have happened: later than now, expired before it was given, or the withdrawal of
/// what never was. `now` in seconds since 1970.
pub fn check_consent(contact: &Contact, event: &Consent, now: i64) -> Result<()> {
    let time = moment::start(&event.time)
        .ok_or_else(|| Error::usage("the event has no date that can be read").at("time"))?;
    if time > now {
        return Err(Error::usage("the event lies in the future").at("--at").hint(
            "give the moment at which the person said it, such as --at 2026-04-01 or --at 2026-04-01T09:30:00Z",
        ));
    }
    if event.expires.as_ref().and_then(moment::end).is_some_and(|end| end <= time) {
        return Err(Error::usage("it would expire before it is given").at("--expires"));
    }
    if event.action != ConsentAction::Withdrawn {
        return Ok(());
    }
    let channel = event.channel.as_deref().map(Channel::of);
    let asked = match channel {
        Some(Some(one)) => vec![one],
        _ => Channel::ALL.to_vec(),
    };
    let states = asked.iter().filter_map(|c| state(&contact.consents, &event.purpose, *c, time));
    let mut withdrawn = false;
    for state in states {
        match state.event.action {
            // One that has expired was given all the same, and may be withdrawn for good.
            ConsentAction::Granted => return Ok(()),
            action => withdrawn |= action == ConsentAction::Withdrawn,
        }
    }
    let what = match withdrawn {
        true => "this consent was withdrawn already",
        false => "there is no consent to withdraw",
    };
    Err(Error::refused(what)
        .hint("`carnet consent list CONTACT` shows what there is; `consent refuse` records a no, `object` an objection"))
}

/// Ids of the objections that stand at a moment and lie within a scope: those that lifting it takes back.
pub fn within<'a>(objections: &'a [Objected], scope: &Scope, at: i64) -> Vec<&'a Objected> {
    let inside = |o: &&Objected| {
        let channel = Channel::of(&o.channel);
        (scope.purpose.is_none() || o.purpose == scope.purpose)
            && (scope.channel.is_none() || channel == scope.channel)
    };
    objections.iter().filter(|o| o.stands_at(at)).filter(inside).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::edit::document;

    const HEAD: &str = "# hers\nid = \"3f9a2c1b-7c1e-4d5a-9a53-0d4c2f6f1e77\"\nbook = \"main\"\nname = \"A\"\nsource = \"s\"\n\
        [[basis]]\npurpose = \"news\"\nbasis = \"consent\"\n";

    fn event(action: &str, time: &str, channel: &str) -> Consent {
        let channel = if channel.is_empty() { String::new() } else { format!("channel = \"{channel}\"\n") };
        toml::from_str(&format!(
            "id = \"{action}\"\npurpose = \"news\"\naction = \"{action}\"\ntime = {time}\n{channel}"
        ))
        .unwrap()
    }

    fn contact(events: &[Consent]) -> Contact {
        let mut doc = document(HEAD).unwrap();
        events.iter().for_each(|event| append(&mut doc, "consent", event).unwrap());
        Contact::parse(&doc.to_string()).unwrap()
    }

    const NOW: i64 = 1_795_428_000; // 2026-11-23T10:00:00Z

    #[test]
    fn an_entry_is_appended_and_nothing_else_changes() {
        for text in [HEAD.to_owned(), format!("consent = []\n{HEAD}")] {
            let mut doc = document(&text).unwrap();
            append(&mut doc, "consent", &event("asked", "2026-01-01", "email")).unwrap();
            append(&mut doc, "consent", &event("granted", "2026-01-02", "")).unwrap();
            let after = doc.to_string();
            let contact = Contact::parse(&after).unwrap();
            assert_eq!(contact.consents.len(), 2, "{after}");
            assert!(after.contains("# hers\n"), "{after}");
        }
        let mut doc = document(&format!("objection = true\n{HEAD}")).unwrap();
        assert!(append(&mut doc, "objection", &event("asked", "2026-01-01", "")).is_err());
    }

    #[test]
    fn what_cannot_have_happened_is_refused() {
        let refused = |events: &[Consent], new: &Consent| check_consent(&contact(events), new, NOW).is_err();
        let (given, gone) = (event("granted", "2026-01-02", "email"), event("withdrawn", "2026-02-01", ""));
        assert!(refused(&[], &event("granted", "2026-11-23T10:00:01Z", "")));
        assert!(!refused(&[], &event("granted", "2026-11-23T10:00:00Z", "")));
        assert!(refused(&[], &gone), "there was none");
        assert!(refused(&[event("asked", "2026-01-01", ""), event("refused", "2026-01-02", "")], &gone));
        assert!(!refused(std::slice::from_ref(&given), &gone));
        assert!(
            refused(std::slice::from_ref(&given), &event("withdrawn", "2026-01-01", "")),
            "before it was given"
        );
        assert!(
            refused(std::slice::from_ref(&given), &event("withdrawn", "2026-02-01", "sms")),
            "another channel"
        );
        assert!(refused(&[given.clone(), gone.clone()], &event("withdrawn", "2026-03-01", "email")), "twice");
        let mut early = given.clone();
        early.expires = "2026-01-01".parse().ok();
        assert!(refused(&[], &early));
        early.expires = "2026-06-01".parse().ok();
        assert!(!refused(&[early], &gone), "an expired one can be withdrawn");
    }

    #[test]
    fn lifting_touches_what_lies_within() {
        let text = format!(
            "{HEAD}[[objection]]\nid = \"a\"\ntime = 2026-01-01\npurpose = \"news\"\n\
             [[objection]]\nid = \"b\"\ntime = 2026-01-01 # by letter\n"
        );
        let contact = Contact::parse(&text).unwrap();
        let news = Scope { purpose: "news".parse().ok(), channel: None };
        let ids = |scope: &Scope| -> Vec<String> {
            within(&contact.objections, scope, NOW).iter().map(|o| o.id.clone()).collect()
        };
        assert_eq!((ids(&news), ids(&Scope::ALL)), (vec!["a".into()], vec!["a".into(), "b".into()]));
        let mut doc = document(&text).unwrap();
        lift(&mut doc, &ids(&news), "2026-11-23".parse().unwrap()).unwrap();
        let after = Contact::parse(&doc.to_string()).unwrap();
        assert!(after.objections[0].lifted.is_some() && after.objections[1].lifted.is_none());
        assert!(doc.to_string().contains("# by letter"));
    }
}
