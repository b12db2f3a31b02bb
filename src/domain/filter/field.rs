//! The fields that a filter can name, and the nearest one to a name that is none.

/// What sort of values a field has, which decides what `:` and `<` mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `:` finds a part.
    Text,
    /// One of a set of words; `:` is the whole word.
    Word,
    /// A phone number: digits are compared, however they are written.
    Phone,
    /// A moment behind us: `<90d` is less than 90 days ago.
    Past,
    /// A moment before us: `<7d` is due within 7 days, or late.
    Ahead,
    /// A day of each year: `<7d` is within the next 7 days.
    Yearly,
    /// Purposes (with a channel): `newsletter`, `newsletter/email`.
    Consent,
    /// The same, for a no.
    Objection,
    /// Another contact: the beginning of its id, or a part of its name.
    Linked,
    /// An exact number.
    Number,
    /// A field of the firm's own: text, number or date, whichever it is.
    Custom,
}

/// A field of the language.
#[derive(Debug, PartialEq, Eq)]
pub struct Known {
    pub name: &'static str,
    /// Other words for it.
    also: &'static [&'static str],
    pub kind: Kind,
    /// For docs and help.
    pub help: &'static str,
}

const fn known(name: &'static str, also: &'static [&'static str], kind: Kind, help: &'static str) -> Known {
    Known { name, also, kind, help }
}

/// All of them, in the order of the documentation.
pub static FIELDS: [Known; 40] = [
    known("id", &[], Kind::Word, "beginning of the id"),
    known("book", &[], Kind::Word, "address book"),
    known("kind", &[], Kind::Word, "person or organisation"),
    known("name", &[], Kind::Text, "display name, given and family name, nickname"),
    known("given", &["firstname"], Kind::Text, "given name"),
    known("family", &["lastname", "surname"], Kind::Text, "family name"),
    known("additional", &[], Kind::Text, "further given names"),
    known("prefix", &[], Kind::Text, "title before the name"),
    known("suffix", &[], Kind::Text, "what stands after the name"),
    known("nickname", &[], Kind::Text, "nickname"),
    known("org", &["organisation", "organization", "company"], Kind::Text, "organisation, linked ones too"),
    known("title", &[], Kind::Text, "job title"),
    known("role", &[], Kind::Text, "role, those of links too"),
    known("linked", &["link"], Kind::Linked, "contact linked with, either way: id or name"),
    known("email", &["emails", "mail"], Kind::Text, "e-mail addresses"),
    known("phone", &["phones", "tel"], Kind::Phone, "phone numbers, in any form"),
    known("url", &["urls", "web"], Kind::Text, "web addresses"),
    known("street", &[], Kind::Text, "street of an address"),
    known("postcode", &["zip"], Kind::Text, "postcode of an address"),
    known("city", &["locality", "town"], Kind::Text, "town of an address"),
    known("region", &[], Kind::Text, "region of an address"),
    known("country", &[], Kind::Text, "country of an address"),
    known("tag", &["tags"], Kind::Word, "tags"),
    known("lang", &["language"], Kind::Word, "language"),
    known("source", &[], Kind::Text, "where the data comes from"),
    known("note", &[], Kind::Text, "note"),
    known("birthday", &[], Kind::Yearly, "birthday"),
    known("created", &["added"], Kind::Past, "first written"),
    known("last", &["contacted"], Kind::Past, "last call, e-mail or meeting, either way"),
    known("heard", &[], Kind::Past, "last call, e-mail or meeting that came from them"),
    known("activity", &["log"], Kind::Text, "text of the interactions"),
    known("due", &["next"], Kind::Ahead, "next open action with a date"),
    known("todo", &[], Kind::Text, "text of the open actions"),
    known("every", &[], Kind::Word, "how often one wants to be in touch"),
    known("purpose", &[], Kind::Word, "purpose of a basis"),
    known("basis", &[], Kind::Word, "legal basis, or PURPOSE:BASIS"),
    known("consent", &[], Kind::Consent, "purpose with a consent in force"),
    known("objection", &["objected"], Kind::Objection, "purpose objected to"),
    known("restriction", &["restricted"], Kind::Objection, "purpose restricted"),
    known("conflict", &[], Kind::Word, "field with a conflict note"),
];

/// Those of deals (`carnet deal list`), in the order of the documentation.
pub static DEAL_FIELDS: [Known; 15] = [
    known("id", &[], Kind::Word, "beginning of the id"),
    known("book", &[], Kind::Word, "address book"),
    known("title", &[], Kind::Text, "title"),
    known("stage", &[], Kind::Word, "stage; won and lost, too"),
    known("amount", &["value", "worth"], Kind::Number, "amount, whatever the currency"),
    known("currency", &[], Kind::Word, "currency of the amount"),
    known("probability", &["likely"], Kind::Number, "percent: its own, else its stage's"),
    known("close", &["closing"], Kind::Ahead, "expected close"),
    known("contact", &["with", "name"], Kind::Linked, "contact that it concerns: id or name"),
    known("org", &["organisation", "organization", "company", "firm"], Kind::Linked, "its firm: id or name"),
    known("next", &[], Kind::Text, "next step"),
    known("due", &[], Kind::Ahead, "day of the next step"),
    known("note", &["reason"], Kind::Text, "note, or why it was lost"),
    known("created", &["added"], Kind::Past, "first written"),
    known("moved", &[], Kind::Past, "last move to another stage"),
];

/// Behind the others, for it needs a name: `custom.NAME`.
static CUSTOM: Known = known("custom", &[], Kind::Custom, "a field of your own");

/// A field as a filter names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    pub known: &'static Known,
    /// The name behind `custom.`, folded.
    pub custom: Option<String>,
}

impl Field {
    /// The field of contacts of this name, in any case.
    pub fn named(name: &str) -> Option<Field> {
        Field::named_in(&FIELDS, name)
    }

    /// The field of this name among these; fields of the firm's own are those of contacts.
    pub(super) fn named_in(fields: &'static [Known], name: &str) -> Option<Field> {
        let lower = name.to_lowercase();
        let custom = lower.strip_prefix("custom.").filter(|_| std::ptr::eq(fields, FIELDS.as_slice()));
        if let Some(own) = custom {
            return (!own.is_empty())
                .then(|| Field { known: &CUSTOM, custom: Some(crate::domain::fold::fold(own)) });
        }
        let known = fields.iter().find(|k| k.name == lower || k.also.contains(&lower.as_str()))?;
        Some(Field { known, custom: None })
    }

    /// The known name nearest to a wrong one, if any is near enough to be meant.
    pub(super) fn nearest(fields: &'static [Known], name: &str) -> Option<&'static str> {
        let name = name.to_lowercase();
        let names = fields
            .iter()
            .flat_map(|k| std::iter::once((k.name, k.name)).chain(k.also.iter().map(|a| (*a, k.name))));
        let far = |candidate: &str| strsim::damerau_levenshtein(candidate, &name);
        let (written, meant) = names.min_by_key(|(written, _)| far(written))?;
        let allowed = if name.chars().count() <= 4 { 1 } else { 2 };
        (far(written) <= allowed || name.len() >= 3 && written.starts_with(&name)).then_some(meant)
    }

    pub fn kind(&self) -> Kind {
        self.known.kind
    }

    pub fn name(&self) -> &'static str {
        self.known.name
    }
}
