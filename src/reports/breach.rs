//! Drafts for a breach: what the authority's form asks (Art. 33(3)), and the letter to the persons (Art. 34(2)).
//!
//! Plain text, for it is copied into an online form or a letter; in French and English, with the words of the CNIL's
//! form. What is not known yet says so, in brackets.

use serde::Serialize;
use tera::{Context, Tera};

use super::texts::Texts as Words;
use crate::domain::breach::{self as b, Breach, Moment, Texts};
use crate::domain::organisation::{Lang, Organisation};
use crate::error::{Error, Result};

const TEMPLATES: [(&str, &str); 4] = [
    ("form.en.txt", include_str!("../../templates/breach/form.en.txt")),
    ("form.fr.txt", include_str!("../../templates/breach/form.fr.txt")),
    ("letter.en.txt", include_str!("../../templates/breach/letter.en.txt")),
    ("letter.fr.txt", include_str!("../../templates/breach/letter.fr.txt")),
];

/// What the templates see.
#[derive(Serialize)]
struct View {
    authority: String,
    is_cnil: bool,
    reference: String,
    stage: String,
    filings: String,
    deadline: String,
    organisation: String,
    siren: String,
    address: String,
    representative: String,
    contact: String,
    today: String,
    aware: String,
    began: String,
    ended: String,
    kinds: String,
    origin: String,
    cause: String,
    facts: String,
    how: String,
    data: String,
    records: String,
    fields: String,
    persons: String,
    number: String,
    scopes: Vec<ScopeView>,
    encryption: String,
    consequences: String,
    risk: String,
    why_risk: String,
    why_late: String,
    measures: String,
    advice: String,
    information: String,
    why_not_informed: String,
}

#[derive(Serialize)]
struct ScopeView {
    of: String,
    since: String,
    until: String,
    contacts: String,
    read: String,
    changed: String,
    erased: String,
}

/// A draft: the file's name and its text.
pub struct Draft {
    pub name: String,
    pub text: String,
}

/// The drafts in every language.
pub fn drafts(breach: &Breach, texts: &Texts, firm: &Organisation, now: Moment) -> Result<Vec<Draft>> {
    let fail = |e: tera::Error| Error::failed("a draft could not be made").cause(e);
    let mut tera = Tera::new();
    tera.autoescape_on([".html"]);
    tera.add_raw_templates(TEMPLATES).map_err(fail)?;
    let mut drafts = Vec::new();
    for lang in [Lang::Fr, Lang::En] {
        let mut context = Context::new();
        context.insert("v", &view(breach, texts, firm, now, lang)?);
        for what in ["form", "letter"] {
            let text = tera.render(&format!("{what}.{}.txt", lang.as_str()), &context).map_err(fail)?;
            drafts.push(Draft {
                name: format!("breach-{}-{what}.{}.txt", breach.reference, lang.as_str()),
                text,
            });
        }
    }
    Ok(drafts)
}

fn view(breach: &Breach, texts: &Texts, firm: &Organisation, now: Moment, lang: Lang) -> Result<View> {
    let words = Words::load(lang)?;
    let unknown = lang.pick("[to be completed]", "[à compléter]");
    let or_unknown = |text: &str| if text.trim().is_empty() { unknown } else { text.trim() }.to_owned();
    let time = |at: Moment| moment(&words, lang, at);
    let number =
        |n: Option<u64>| n.map_or(unknown.to_owned(), |n| words.number(i64::try_from(n).unwrap_or(i64::MAX)));
    let count = |n: usize| words.number(i64::try_from(n).unwrap_or(i64::MAX));
    let filings: Vec<String> =
        breach.filings.iter().map(|f| format!("{} ({})", f.reference, time(f.at))).collect();
    let stage = match breach.filings.is_empty() {
        true => lang.pick("initial", "initiale"),
        false => lang.pick("complementary (Art. 33(4))", "complémentaire (art. 33, 4)"),
    };
    let mut fields: Vec<&str> = breach.scopes.iter().flat_map(|s| &s.fields).map(String::as_str).collect();
    fields.sort_unstable();
    fields.dedup();
    // What carnet itself adds says nothing of the person.
    fields.retain(|field| !["basis", "created", "source"].contains(field));
    let fields: Vec<String> = fields.iter().filter_map(|field| words.label("field", field)).collect();
    let scopes = breach.scopes.iter().map(|scope| ScopeView {
        of: of(&scope.of, lang),
        since: day(&words, &scope.since),
        until: day(&words, &scope.until),
        contacts: count(scope.contacts),
        read: count(scope.read),
        changed: count(scope.changed),
        erased: count(scope.erased_since),
    });
    // What was computed stands in for what nobody has said; whose kind is not known may be a person.
    let most =
        |f: fn(&b::Figures) -> usize| breach.scopes.iter().map(f).max().and_then(|n| u64::try_from(n).ok());
    let contact = [&firm.dpo, &firm.privacy_contact, &firm.email].into_iter().find(|text| !text.is_empty());
    let contact = contact.map_or("", String::as_str);
    let authority = if firm.authority.is_empty() { "CNIL" } else { firm.authority.as_str() };
    Ok(View {
        authority: authority.to_owned(),
        is_cnil: authority.eq_ignore_ascii_case("CNIL"),
        reference: breach.reference.to_string(),
        stage: stage.to_owned(),
        filings: filings.join(", "),
        deadline: time(breach.deadline()),
        organisation: or_unknown(&firm.name),
        siren: or_unknown(&firm.siren),
        address: or_unknown(&firm.address),
        representative: or_unknown(&firm.representative),
        contact: or_unknown(contact),
        today: words.day(now.naive_local().and_utc().timestamp()),
        aware: time(breach.aware),
        began: breach.from.map_or(unknown.to_owned(), time),
        ended: breach.to.map_or(unknown.to_owned(), time),
        kinds: listed(&breach.kinds, b::Kind::word, lang, unknown),
        origin: breach.origin.map_or(unknown, |o| o.word(lang)).to_owned(),
        cause: breach.cause.map_or(unknown, |c| c.word(lang)).to_owned(),
        facts: or_unknown(&texts.facts),
        how: texts.cause.clone(),
        data: listed(&breach.data, b::Data::word, lang, unknown),
        records: number(breach.records_number.or_else(|| most(|f| f.contacts))),
        fields: fields.join(", "),
        persons: listed(&breach.persons, b::Persons::word, lang, unknown),
        number: number(breach.persons_number.or_else(|| most(|f| f.persons + f.unknown))),
        scopes: scopes.collect(),
        encryption: breach.encryption.map_or(unknown, |e| e.word(lang)).to_owned(),
        consequences: or_unknown(&texts.consequences),
        risk: breach.risk.map_or(unknown, |r| r.word(lang)).to_owned(),
        why_risk: texts.why_risk.clone(),
        why_late: if breach.was_filed_late() || now > breach.deadline() && breach.filings.is_empty() {
            or_unknown(&texts.why_late)
        } else {
            texts.why_late.clone()
        },
        measures: or_unknown(&texts.measures),
        advice: or_unknown(&texts.advice),
        information: information(&words, breach, lang, unknown),
        why_not_informed: texts.why_not_informed.clone(),
    })
}

fn listed<T: Copy>(all: &[T], word: fn(T, Lang) -> &'static str, lang: Lang, unknown: &str) -> String {
    match all.is_empty() {
        true => unknown.to_owned(),
        false => all.iter().map(|one| word(*one, lang)).collect::<Vec<_>>().join(", "),
    }
}

fn information(words: &Words, breach: &Breach, lang: Lang, unknown: &str) -> String {
    match (breach.informed, breach.not_informed) {
        (Some(on), _) => {
            let day = words.day(on.and_time(chrono::NaiveTime::MIN).and_utc().timestamp());
            format!(
                "{} {day}",
                lang.pick("The persons were informed on", "Les personnes ont été informées le")
            )
        }
        (None, Some(ground)) => format!(
            "{} {}",
            lang.pick("The persons are not informed:", "Les personnes ne sont pas informées\u{a0}:"),
            ground.word(lang)
        ),
        (None, None) => unknown.to_owned(),
    }
}

/// `member bob` and the like, as the reader's language has it.
fn of(text: &str, lang: Lang) -> String {
    match (text.split_once(' '), lang) {
        (Some(("member", who)), Lang::Fr) => format!("clé du membre {who}"),
        (Some(("member", who)), Lang::En) => format!("key of member {who}"),
        (Some(("clone", id)), Lang::Fr) => format!("copie {id}"),
        (Some(("book", book)), Lang::Fr) => format!("carnet {book}"),
        _ => text.to_owned(),
    }
}

/// A moment on the clock that it was written by, with that clock's offset.
fn moment(words: &Words, lang: Lang, at: Moment) -> String {
    let wall = words.moment(at.naive_local().and_utc().timestamp());
    let offset = match at.offset().local_minus_utc() {
        0 => "UTC".to_owned(),
        _ => format!("UTC{}", at.format("%:z")),
    };
    format!("{wall}{}({offset})", lang.pick(" ", "\u{a0}"))
}

fn day(words: &Words, text: &str) -> String {
    crate::domain::moment::start_of_text(text).map(|at| words.day(at)).unwrap_or_default()
}
