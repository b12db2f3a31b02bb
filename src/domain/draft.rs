//! A contact that is about to be written for the first time, and its file's text.

use toml_edit::{Array, ArrayOfTables, DocumentMut, InlineTable, Item, Table, Value, value};

use super::contact::{Activity, Address, Consent, ContactKind, Todo, Typed};
use super::ids::{ContactId, Slug};
use super::lawful::PurposeBasis;
use super::objected::Objected;
use crate::error::{Error, Result};

/// What flags, a form, a CSV row or a vCard say of a new contact.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Draft {
    pub kind: ContactKind,
    pub name: String,
    pub given: Option<String>,
    pub family: Option<String>,
    pub additional: Option<String>,
    pub prefix: Option<String>,
    pub suffix: Option<String>,
    pub nickname: Option<String>,
    pub org: Option<String>,
    pub title: Option<String>,
    pub role: Option<String>,
    pub emails: Vec<Typed>,
    pub phones: Vec<Typed>,
    pub addresses: Vec<Address>,
    pub urls: Vec<Typed>,
    pub birthday: Option<String>,
    pub tags: Vec<String>,
    pub lang: Option<String>,
    pub note: Option<String>,
    pub every: Option<String>,
    pub audience: Option<String>,
    pub source: String,
    pub bases: Vec<PurposeBasis>,
    pub consents: Vec<Consent>,
    pub activities: Vec<Activity>,
    pub todos: Vec<Todo>,
    /// Custom fields, in their order.
    pub custom: Vec<(String, String)>,
    /// vCard lines to keep word for word.
    pub vcard: Vec<String>,
    /// Whether the file says that the person wants no more e-mail.
    pub opted_out: bool,
    /// What the person objects to: with the contact, its addresses go on the opposition list.
    pub objections: Vec<Objected>,
    /// What the file calls this contact, for links of others.
    pub key: Option<String>,
    pub links: Vec<DraftLink>,
}

/// A link to another contact of the same file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DraftLink {
    /// The other's [`Draft::key`].
    pub to: String,
    /// Code of a [`Kind`](super::link::Kind) as this contact has it.
    pub kind: &'static str,
    pub role: Option<String>,
}

impl Draft {
    /// Sets a field from `KEY=VALUE`: one of a contact's texts by its key, `custom.NAME`, or else one of the firm's own.
    ///
    /// # Errors
    /// A key with a structure of its own, such as `emails`, and a kind that there is not.
    pub fn set(&mut self, key: &str, text: &str) -> Result<()> {
        let field = match key {
            "given" => &mut self.given,
            "family" => &mut self.family,
            "additional" => &mut self.additional,
            "prefix" => &mut self.prefix,
            "suffix" => &mut self.suffix,
            "nickname" => &mut self.nickname,
            "org" => &mut self.org,
            "title" => &mut self.title,
            "role" => &mut self.role,
            "birthday" => &mut self.birthday,
            "lang" => &mut self.lang,
            "note" => &mut self.note,
            "every" => &mut self.every,
            "audience" => &mut self.audience,
            "name" | "source" => {
                let field = if key == "name" { &mut self.name } else { &mut self.source };
                text.clone_into(field);
                return Ok(());
            }
            "kind" => {
                self.kind = match text {
                    "person" => ContactKind::Person,
                    "organisation" => ContactKind::Organisation,
                    _ => {
                        return Err(Error::usage("a contact is a person or an organisation")
                            .at("kind")
                            .hint("kind=person or kind=organisation"));
                    }
                };
                return Ok(());
            }
            _ => {
                super::edit::refuse_structure(key)?;
                self.custom.push((key.trim_start_matches("custom.").to_owned(), text.to_owned()));
                return Ok(());
            }
        };
        *field = Some(super::edit::said(key, text)?.into_owned()).filter(|text| !text.is_empty());
        Ok(())
    }

    /// The text of the new contact's file; `today` is `YYYY-MM-DD`, `now` RFC 3339.
    pub fn to_toml(&self, id: &ContactId, book: &Slug, now: &str) -> String {
        let mut doc = DocumentMut::new();
        doc["id"] = value(id.as_str());
        doc["book"] = value(book.as_str());
        doc["kind"] = value(self.kind.as_str());
        doc["name"] = value(&self.name);
        for (key, text) in [
            ("given", &self.given),
            ("family", &self.family),
            ("additional", &self.additional),
            ("prefix", &self.prefix),
            ("suffix", &self.suffix),
            ("nickname", &self.nickname),
            ("org", &self.org),
            ("title", &self.title),
            ("role", &self.role),
        ] {
            set_text(&mut doc, key, text.as_deref());
        }
        set_list(&mut doc, "emails", self.emails.iter().map(typed_value));
        set_list(&mut doc, "phones", self.phones.iter().map(typed_value));
        set_list(&mut doc, "addresses", self.addresses.iter().map(address_value));
        set_list(&mut doc, "urls", self.urls.iter().map(typed_value));
        set_text(&mut doc, "birthday", self.birthday.as_deref());
        set_list(&mut doc, "tags", self.tags.iter().map(Value::from));
        set_text(&mut doc, "lang", self.lang.as_deref());
        set_text(&mut doc, "note", self.note.as_deref());
        set_text(&mut doc, "every", self.every.as_deref());
        set_text(&mut doc, "audience", self.audience.as_deref());
        doc["source"] = value(&self.source);
        if let Ok(now) = now.parse::<toml_edit::Datetime>() {
            doc["created"] = value(now);
        }
        self.add_tables(&mut doc, now);
        doc.to_string()
    }

    fn add_tables(&self, doc: &mut DocumentMut, now: &str) {
        if !self.custom.is_empty() {
            let mut custom = Table::new();
            for (key, text) in &self.custom {
                custom[key] = value(text);
            }
            doc["custom"] = Item::Table(custom);
        }
        let mut bases = ArrayOfTables::new();
        for basis in &self.bases {
            bases.push(basis_table(basis, &now[..now.len().min(10)]));
        }
        doc["basis"] = Item::ArrayOfTables(bases);
        add_events(doc, "consent", &self.consents);
        add_events(doc, "objection", &self.objections);
        add_events(doc, "activity", &self.activities);
        add_events(doc, "todo", &self.todos);
        if !self.vcard.is_empty() {
            let mut vcard = Table::new();
            let mut lines: Array = self.vcard.iter().map(Value::from).collect();
            lines.iter_mut().for_each(|line| line.decor_mut().set_prefix("\n  "));
            lines.set_trailing("\n");
            vcard["properties"] = value(lines);
            doc["vcard"] = Item::Table(vcard);
        }
    }
}

fn add_events(doc: &mut DocumentMut, key: &str, events: &[impl serde::Serialize]) {
    let tables: ArrayOfTables = events
        .iter()
        .filter_map(|event| toml_edit::ser::to_document(event).ok())
        .map(|table| table.as_table().clone())
        .collect();
    if !tables.is_empty() {
        doc[key] = Item::ArrayOfTables(tables);
    }
}

/// A `[[basis]]` table that begins on `since` (`YYYY-MM-DD`).
pub fn basis_table(basis: &PurposeBasis, since: &str) -> Table {
    let mut table = Table::new();
    table["purpose"] = value(basis.purpose.as_str());
    table["basis"] = value(basis.basis.as_str());
    if let Ok(since) = since.parse::<toml_edit::Datetime>() {
        table["since"] = value(since);
    }
    table
}

/// A bare text, or `{ value, type }` where there is a type.
pub fn typed_value(typed: &Typed) -> Value {
    match &typed.kind {
        None => Value::from(&typed.value),
        Some(kind) => {
            let mut table = InlineTable::new();
            table.insert("value", Value::from(&typed.value));
            table.insert("type", Value::from(kind));
            Value::InlineTable(table)
        }
    }
}

pub fn address_value(address: &Address) -> Value {
    let mut table = InlineTable::new();
    for (key, text) in [
        ("street", &address.street),
        ("extended", &address.extended),
        ("postcode", &address.postcode),
        ("locality", &address.locality),
        ("region", &address.region),
        ("country", &address.country),
    ] {
        if !text.is_empty() {
            table.insert(key, Value::from(text));
        }
    }
    if let Some(kind) = &address.kind {
        table.insert("type", Value::from(kind));
    }
    Value::InlineTable(table)
}

fn set_text(doc: &mut DocumentMut, key: &str, text: Option<&str>) {
    if let Some(text) = text.filter(|t| !t.is_empty()) {
        doc[key] = value(text);
    }
}

fn set_list(doc: &mut DocumentMut, key: &str, items: impl Iterator<Item = Value>) {
    let list: Array = items.collect();
    if !list.is_empty() {
        doc[key] = value(list);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::contact::Contact;

    #[test]
    fn a_draft_reads_back_as_the_same_contact_whatever_its_texts() {
        let nasty = "O'Neil \"x\"\n]]\n[evil]\u{1b}[31m \u{202e}\0é";
        let draft = Draft {
            name: nasty.into(),
            note: Some(nasty.into()),
            emails: vec![Typed { value: "a@example.org".into(), kind: Some("work".into()) }],
            addresses: vec![Address { street: nasty.into(), ..Address::default() }],
            source: "fair".into(),
            bases: vec!["prospects:consent".parse().unwrap()],
            custom: vec![("clé = \"[".into(), nasty.into())],
            vcard: vec![format!("X-A:{nasty}")],
            ..Draft::default()
        };
        let id = ContactId::random();
        let text = draft.to_toml(&id, &"main".parse().unwrap(), "2026-11-23T10:00:00Z");
        let contact = Contact::parse(&text).unwrap();
        assert_eq!(contact.id, id);
        assert_eq!(contact.name, nasty);
        assert_eq!(contact.custom["clé = \"["].as_str(), Some(nasty));
        assert_eq!(contact.addresses[0].street, nasty);
        assert_eq!(contact.vcard.properties, draft.vcard);
        assert_eq!(contact.emails, draft.emails);
    }
}
