//! The audit trail's words: generic subjects and git trailers, never personal data.
//!
//! Trailers are read by `git log --format='%(trailers:key=Carnet-Action)'` (git-interpret-trailers(1)).

use std::fmt::Write;

use super::ids::{ContactId, RecordId, Slug};

/// Every action that carnet writes into an entry, in order of the alphabet. Each has a word in both languages, which the
/// pages of the trails show (`label.action` in `templates/messages/`).
pub const ACTIONS: [&str; 98] = [
    "add",
    "agenda",
    "agreement-add",
    "book-add",
    "book-grant",
    "book-rekey",
    "book-revoke",
    "breach-close",
    "breach-edit",
    "breach-file",
    "breach-notify",
    "breach-open",
    "breach-scope",
    "breach-show",
    "consent-ask",
    "consent-expire",
    "consent-give",
    "consent-import",
    "consent-list",
    "consent-prove",
    "consent-refuse",
    "consent-withdraw",
    "deal-add",
    "deal-edit",
    "deal-list",
    "deal-lost",
    "deal-move",
    "deal-remove",
    "deal-select",
    "deal-show",
    "deal-won",
    "diff",
    "dupes",
    "edit",
    "erase",
    "erase-confirm",
    "erase-mentions",
    "export",
    "find",
    "history",
    "history-purge",
    "hook",
    "import",
    "import-map",
    "init",
    "lawful",
    "link",
    "link-add",
    "link-remove",
    "list",
    "log",
    "mailing",
    "member-add",
    "member-remove",
    "member-rotate",
    "merge",
    "merge-moved",
    "object",
    "object-lift",
    "organisation-edit",
    "pipeline",
    "processor-add",
    "processor-edit",
    "processor-remove",
    "processor-review",
    "purpose-add",
    "purpose-edit",
    "purpose-remove",
    "purpose-review",
    "query",
    "report",
    "report-exact",
    "request-acknowledge",
    "request-answer",
    "request-close",
    "request-extend",
    "request-open",
    "request-pause",
    "request-resume",
    "request-show",
    "retention",
    "retention-warn",
    "search-list",
    "search-remove",
    "search-save",
    "select",
    "show",
    "tag",
    "template-save",
    "todo",
    "todo-add",
    "todo-done",
    "todo-every",
    "todo-snooze",
    "training-add",
    "undo",
    "wording-add",
    "wording-remove",
];

/// One trail entry: a commit message of carnet's.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Entry {
    pub subject: String,
    /// What was done: `init`, `add`, `edit`, `import`, `erase`, `show`, `list`, `find`, `export`, `report`, …
    pub action: String,
    pub contacts: Vec<ContactId>,
    /// Contacts whose mentions of an erased one were taken out.
    pub mentions: Vec<ContactId>,
    /// Contacts that were moved into an archive.
    pub archived: Vec<ContactId>,
    /// Contacts of which a basis was ended because its time was over.
    pub ended: Vec<ContactId>,
    /// Sealed records that the change or the read is about.
    pub records: Vec<RecordId>,
    pub books: Vec<Slug>,
    /// Handles of members whom the change is about.
    pub members: Vec<Slug>,
    /// Names of fields only.
    pub fields: Vec<String>,
    pub purposes: Vec<Slug>,
    /// How many contacts, where they are not named one by one.
    pub count: Option<usize>,
    pub request: Option<String>,
    /// The register's entry that was written, such as `processors/mailco`.
    pub register: Option<String>,
    /// The channel of a mailing, the commit that it was decided at, and the SHA-256 of the ids on its list.
    pub channel: Option<String>,
    pub decided: Option<String>,
    pub digest: Option<String>,
    /// The clone that the entry was written in.
    pub clone: Option<String>,
    /// The commit that this one undoes.
    pub undoes: Option<String>,
    /// The tip of an earlier chain of the same member that this entry names.
    pub follows: Option<Follows>,
}

/// The tip of a chain, and the month (`YYYY-MM`) that the chain is of: it outlives the chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Follows {
    /// git's id of the entry.
    pub tip: String,
    /// The first version of the format did not say it.
    pub month: Option<String>,
}

impl Follows {
    fn parse(value: &str) -> Follows {
        match value.split_once(' ') {
            Some((tip, month)) => Follows { tip: tip.to_owned(), month: Some(month.to_owned()) },
            None => Follows { tip: value.to_owned(), month: None },
        }
    }
}

impl std::fmt::Display for Follows {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.month {
            Some(month) => write!(f, "{} {month}", self.tip),
            None => f.write_str(&self.tip),
        }
    }
}

impl Entry {
    pub fn new(subject: impl Into<String>, action: &str) -> Self {
        Entry { subject: subject.into(), action: action.to_owned(), ..Entry::default() }
    }

    /// Called where an entry is written: whichever test writes an action shows that it is a known one.
    pub fn assert_known(&self) {
        debug_assert!(
            ACTIONS.binary_search(&self.action.as_str()).is_ok(),
            "the action {} is not in trailer::ACTIONS (give it a word in `label.action`, too)",
            self.action
        );
    }

    /// Whether it names a contact, as what it is about or beside it.
    pub fn names(&self, id: &ContactId) -> bool {
        [&self.contacts, &self.mentions, &self.archived, &self.ended].iter().any(|list| list.contains(id))
    }

    /// The whole commit message.
    pub fn message(&self) -> String {
        let mut out = format!("{}\n\n", self.subject);
        let mut line = |key: &str, value: &dyn std::fmt::Display| {
            let _ = writeln!(out, "Carnet-{key}: {value}");
        };
        line("Action", &self.action);
        for id in &self.contacts {
            line("Contact", id);
        }
        for id in &self.mentions {
            line("Mention", id);
        }
        for id in &self.archived {
            line("Archived", id);
        }
        for id in &self.ended {
            line("Ended", id);
        }
        for id in &self.records {
            line("Record", id);
        }
        for book in &self.books {
            line("Book", book);
        }
        for member in &self.members {
            line("Member", member);
        }
        if !self.fields.is_empty() {
            line("Fields", &self.fields.join(", "));
        }
        for purpose in &self.purposes {
            line("Purpose", purpose);
        }
        if let Some(count) = self.count {
            line("Count", &count);
        }
        for (key, value) in [
            ("Request", &self.request),
            ("Register", &self.register),
            ("Channel", &self.channel),
            ("Decided", &self.decided),
            ("Digest", &self.digest),
        ] {
            if let Some(value) = value {
                line(key, value);
            }
        }
        if let Some(clone) = &self.clone {
            line("Clone", clone);
        }
        if let Some(undoes) = &self.undoes {
            line("Undoes", undoes);
        }
        if let Some(follows) = &self.follows {
            line("Follows", follows);
        }
        out
    }

    /// Reads a message back; `None` when it has no `Carnet-Action` trailer in its last paragraph.
    pub fn parse(message: &str) -> Option<Entry> {
        let subject = message.lines().next().unwrap_or_default().to_owned();
        let block = message.trim_end().rsplit("\n\n").next()?;
        let mut entry = Entry { subject, ..Entry::default() };
        for line in block.lines() {
            let Some((key, value)) = line.strip_prefix("Carnet-").and_then(|l| l.split_once(": ")) else {
                continue;
            };
            match key {
                "Action" => entry.action = value.to_owned(),
                "Contact" => entry.contacts.extend(value.parse::<ContactId>()),
                "Mention" => entry.mentions.extend(value.parse::<ContactId>()),
                "Archived" => entry.archived.extend(value.parse::<ContactId>()),
                "Ended" => entry.ended.extend(value.parse::<ContactId>()),
                "Record" => entry.records.extend(value.parse::<RecordId>()),
                "Book" => entry.books.extend(value.parse::<Slug>()),
                "Member" => entry.members.extend(value.parse::<Slug>()),
                "Fields" => entry.fields = value.split(", ").map(str::to_owned).collect(),
                "Purpose" => entry.purposes.extend(value.parse::<Slug>()),
                "Count" => entry.count = value.parse().ok(),
                "Request" => entry.request = Some(value.to_owned()),
                "Register" => entry.register = Some(value.to_owned()),
                "Channel" => entry.channel = Some(value.to_owned()),
                "Decided" => entry.decided = Some(value.to_owned()),
                "Digest" => entry.digest = Some(value.to_owned()),
                "Clone" => entry.clone = Some(value.to_owned()),
                "Undoes" => entry.undoes = Some(value.to_owned()),
                "Follows" => entry.follows = Some(Follows::parse(value)),
                _ => {}
            }
        }
        (!entry.action.is_empty()).then_some(entry)
    }
}

#[cfg(test)]
mod actions;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_reads_back_from_its_message() {
        let id = ContactId::random();
        let mut entry = Entry::new(format!("contact: update {}", id.short()), "edit");
        entry.contacts.push(id);
        entry.mentions.push(ContactId::random());
        entry.archived.push(ContactId::random());
        entry.ended.push(ContactId::random());
        entry.records.push(RecordId::random());
        entry.clone = Some("0a1b2c3d4e5f6071".into());
        entry.books.push("main".parse().unwrap());
        entry.members.push("bob".parse().unwrap());
        entry.fields = vec!["emails".into(), "tags".into()];
        entry.purposes.push("prospects".parse().unwrap());
        entry.count = Some(3);
        entry.request = Some("2026-001".into());
        entry.undoes = Some("4567".into());
        entry.register = Some("processors/mailco".into());
        entry.channel = Some("email".into());
        entry.decided = Some("0a".into());
        entry.digest = Some("0b".into());
        for month in [None, Some("2026-11".to_owned())] {
            entry.follows = Some(Follows { tip: "0123".into(), month });
            assert_eq!(Entry::parse(&entry.message()).as_ref(), Some(&entry));
        }
    }

    #[test]
    fn somebody_elses_message_is_not_an_entry() {
        assert_eq!(Entry::parse("fix: typo\n\nCarnet-Action: x\n\nbut not last"), None);
        assert_eq!(Entry::parse(""), None);
    }
}
