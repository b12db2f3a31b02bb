//! What a file says of a contact that is there already, put beside what the contact says: empty fields are filled and lists
//! united; nothing that is there changes. So an import can be repeated.

use toml_edit::{Array, DocumentMut, Item, Table, Value, value};

use super::contact::{Contact, Typed};
use super::draft::{Draft, address_value, typed_value};
use super::edit::put_value;
use super::fold::fold;
use super::{email, phone};

/// Supplements the text of `contact`; returns the fields in which the file says something else, which stay as they are. A
/// field of the firm's own counts as `custom`.
pub fn supplement(doc: &mut DocumentMut, contact: &Contact, draft: &Draft) -> Vec<&'static str> {
    let mut differ = Vec::new();
    let birthday = contact.birthday.as_ref().map(|date| date.0.clone());
    for (key, held, said) in [
        ("given", &contact.given, &draft.given),
        ("family", &contact.family, &draft.family),
        ("additional", &contact.additional, &draft.additional),
        ("prefix", &contact.prefix, &draft.prefix),
        ("suffix", &contact.suffix, &draft.suffix),
        ("nickname", &contact.nickname, &draft.nickname),
        ("org", &contact.org, &draft.org),
        ("title", &contact.title, &draft.title),
        ("role", &contact.role, &draft.role),
        ("birthday", &birthday, &draft.birthday),
        ("lang", &contact.lang, &draft.lang),
        ("note", &contact.note, &draft.note),
    ] {
        let full = |text: &Option<String>| text.as_deref().is_some_and(|text| !text.trim().is_empty());
        match (full(held), full(said)) {
            (false, true) => put_value(doc.as_table_mut(), key, said.as_deref().map(Value::from)),
            (true, true) if held.as_deref().map(fold) != said.as_deref().map(fold) => differ.push(key),
            _ => {}
        }
    }
    if fold(&contact.name) != fold(&draft.name) {
        differ.push("name");
    }
    let same_email = |a: &str, b: &str| email::normalise(a) == email::normalise(b);
    typed(doc, "emails", &contact.emails, &draft.emails, &same_email);
    typed(doc, "phones", &contact.phones, &draft.phones, &phone::is_same);
    typed(doc, "urls", &contact.urls, &draft.urls, &|a, b| a == b);
    let tag = |tag: &String| Typed { value: tag.clone(), kind: None };
    let tags = |tags: &[String]| tags.iter().map(tag).collect::<Vec<_>>();
    typed(doc, "tags", &tags(&contact.tags), &tags(&draft.tags), &|a, b| a == b);
    let new = draft.addresses.iter().filter(|one| {
        // The same place of another kind is the same place.
        let place = |address: &super::contact::Address| {
            fold(&format!("{} {} {}", address.street, address.postcode, address.locality))
        };
        !contact.addresses.iter().any(|held| place(held) == place(one))
    });
    push(doc, "addresses", new.map(address_value).collect());
    for (key, text) in &draft.custom {
        match contact.custom.get(key) {
            None => {
                let custom = doc.entry("custom").or_insert(Item::Table(Table::new()));
                if let Some(custom) = custom.as_table_like_mut() {
                    put_value(custom, key, Some(Value::from(text)));
                }
            }
            Some(held) if held.as_str() != Some(text) && !differ.contains(&"custom") => differ.push("custom"),
            Some(_) => {}
        }
    }
    differ
}

/// Appends what no item of a list says.
fn typed(
    doc: &mut DocumentMut,
    key: &str,
    held: &[Typed],
    said: &[Typed],
    same: &dyn Fn(&str, &str) -> bool,
) {
    let new = said.iter().filter(|one| !held.iter().any(|held| same(&held.value, &one.value)));
    push(doc, key, new.map(typed_value).collect());
}

fn push(doc: &mut DocumentMut, key: &str, new: Vec<Value>) {
    if new.is_empty() {
        return;
    }
    if let Some(list) = doc.entry(key).or_insert(value(Array::new())).as_array_mut() {
        new.into_iter().for_each(|one| list.push(one));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "# ours\nid = \"0d6d2a2e-0000-4000-8000-000000000001\"\nbook = \"main\"\nkind = \"person\"\nname = \"Ana Roy\"\norg = \"Acme\"\nemails = [\"ana@example.org\"]\nphones = [\"+33612345678\"]\nsource = \"fair\"\n\n[custom]\nsize = \"38\"\n\n[[basis]]\npurpose = \"prospects\"\nbasis = \"legitimate-interests\"\n";

    fn supplemented(text: &str, draft: &Draft) -> (String, Vec<&'static str>) {
        let mut doc: DocumentMut = text.parse().unwrap();
        let differ = supplement(&mut doc, &Contact::parse(text).unwrap(), draft);
        (doc.to_string(), differ)
    }

    #[test]
    fn what_is_missing_is_added_and_what_is_there_stays() {
        let typed = |value: &str| Typed { value: value.to_owned(), kind: None };
        let draft = Draft {
            name: "ANA ROY".into(),
            org: Some("Bolt".into()),
            title: Some("Buyer".into()),
            emails: vec![typed("ANA@example.org"), typed("ana@home.example")],
            phones: vec![typed("06 12 34 56 78")],
            tags: vec!["vip".into()],
            custom: vec![("size".into(), "39".into()), ("shoe".into(), "x".into())],
            ..Draft::default()
        };
        let (text, differ) = supplemented(TEXT, &draft);
        assert_eq!(differ, ["org", "custom"]);
        let contact = Contact::parse(&text).unwrap();
        assert_eq!((contact.org.as_deref(), contact.title.as_deref()), (Some("Acme"), Some("Buyer")));
        assert_eq!((contact.emails.len(), contact.phones.len(), contact.tags.len()), (2, 1, 1));
        assert_eq!(
            (contact.custom["size"].as_str(), contact.custom["shoe"].as_str()),
            (Some("38"), Some("x"))
        );
        assert!(text.starts_with("# ours\n"));
        // A second time there is nothing to add.
        assert_eq!(supplemented(&text, &draft), (text, vec!["org", "custom"]));
    }
}
