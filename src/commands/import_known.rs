//! Whom an import need not make again: contacts and earlier rows with the same e-mail, the same name and number, or, where a
//! row has neither address nor number, the same name and organisation.

use std::collections::HashMap;

use crate::domain::draft::Draft;
use crate::domain::email;
use crate::domain::fold::fold;
use crate::domain::ids::{ContactId, Slug};
use crate::error::Result;
use crate::vault::{Snapshot, Vault};

/// Who it is.
#[derive(Clone)]
pub(super) enum Known {
    /// A contact.
    Contact(Slug, ContactId),
    /// An earlier row of the file, by its place.
    Row(String),
}

/// By what somebody is known.
#[derive(Clone, Copy)]
pub(super) enum By {
    Email,
    Number,
    Name,
}

impl By {
    /// In words; `of` is a contact or a row.
    pub(super) fn said_of(self, of: &str) -> String {
        match self {
            By::Email => format!("its e-mail is that of {of}"),
            By::Number => format!("its name and number are those of {of}"),
            By::Name => format!("its name and organisation are those of {of}"),
        }
    }
}

/// What is known of everybody, and who it is.
pub(super) struct Everybody {
    by: HashMap<String, Known>,
}

impl Everybody {
    pub(super) fn of(vault: &Vault, at: Snapshot) -> Result<Everybody> {
        let mut by = HashMap::new();
        for (book, _) in vault.my_books(at)? {
            for row in vault.index(at, &book)?.rows() {
                let Ok(id) = row.id.parse::<ContactId>() else { continue };
                let who = Known::Contact(book.clone(), id);
                by.extend(row.emails.lines().map(|email| (of_email(email), who.clone())));
                by.extend(row.phones.lines().map(|phone| (of_number(row.name, phone), who.clone())));
                by.entry(of_name(row.name, row.org)).or_insert(who);
            }
        }
        Ok(Everybody { by })
    }

    /// Who a draft is, and by what.
    pub(super) fn who(&self, draft: &Draft) -> Option<(&Known, By)> {
        let emails = draft.emails.iter().filter_map(|one| email::normalise(&one.value));
        let numbers = draft.phones.iter().map(|one| of_number(&draft.name, &one.value));
        let by_email = emails.map(|email| of_email(&email)).find_map(|key| self.by.get(&key));
        let by_number = || numbers.clone().find_map(|key| self.by.get(&key));
        let bare = draft.emails.is_empty() && draft.phones.is_empty();
        let by_name =
            || self.by.get(&of_name(&draft.name, draft.org.as_deref().unwrap_or_default())).filter(|_| bare);
        let found = by_email.map(|who| (who, By::Email));
        let found = found.or_else(|| Some((by_number()?, By::Number)));
        found.or_else(|| Some((by_name()?, By::Name)))
    }

    /// Remembers a row that becomes a contact.
    pub(super) fn add(&mut self, draft: &Draft, place: &str) {
        let who = Known::Row(place.to_owned());
        let emails = draft.emails.iter().filter_map(|one| email::normalise(&one.value));
        let mut keys: Vec<String> = emails.map(|email| of_email(&email)).collect();
        keys.extend(draft.phones.iter().map(|one| of_number(&draft.name, &one.value)));
        keys.push(of_name(&draft.name, draft.org.as_deref().unwrap_or_default()));
        for key in keys {
            self.by.entry(key).or_insert_with(|| who.clone());
        }
    }
}

fn of_email(email: &str) -> String {
    format!("e\t{}", email.to_lowercase())
}

fn of_number(name: &str, phone: &str) -> String {
    format!("p\t{}\t{phone}", fold(name))
}

fn of_name(name: &str, org: &str) -> String {
    format!("n\t{}\t{}", fold(name), fold(org))
}
