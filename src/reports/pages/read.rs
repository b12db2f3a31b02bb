//! Everything that the pages are made of, read once: the contacts in one pass for figures, audit and retention, and
//! beside it the trails.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::Made;
use crate::domain::ids::{ContactId, Slug};
use crate::domain::organisation::Lang;
use crate::error::Result;
use crate::reports::audience::Audience;
use crate::reports::cites::Cites;
use crate::reports::figures::Figures;
use crate::reports::map::{Known, Map};
use crate::reports::reading::Reading;
use crate::reports::since::Period;
use crate::reports::small::Protection;
use crate::reports::templates::Templates;
use crate::reports::trails::{Then, Trails};
use crate::reports::views::processing::Record;
use crate::reports::views::since::last_review;
use crate::reports::views::{Drawn, Facts, Registers};
use crate::vault::{Snapshot, Vault};

/// Days ahead that the agenda of the first page looks.
const AHEAD: u32 = 90;

/// How many contacts `build` will read.
pub fn readable(vault: &Vault, at: Snapshot) -> Result<usize> {
    let mut total = 0;
    for (book, _) in vault.my_books(at)? {
        total += vault.contacts_of(at, &book)?.len();
    }
    Ok(total)
}

/// Reads the vault at `at`; `step` is called after each contact that was read.
pub fn read(
    vault: &Vault,
    at: Snapshot,
    langs: &[Lang],
    made: Made,
    step: &(dyn Fn() + Sync),
) -> Result<Facts> {
    let settings = vault.settings(at)?;
    let small = if made.exact { Protection::NONE } else { Protection { below: settings.report.small } };
    let mut records = Vec::new();
    for slug in vault.purposes(at)? {
        let path = format!("registers/purposes/{slug}.toml");
        let bytes = vault.repo.file(at.tree, &path)?.unwrap_or_default();
        records.push(Record::parse(slug, &path, &String::from_utf8_lossy(&bytes), settings.lang)?);
    }
    let mine = vault.mine(at)?;
    let mut ledger = vault.ledger(at)?;
    ledger.retain(|line| mine.has(&line.book));
    let registers = Registers::read(vault, at)?;
    let erased: BTreeSet<ContactId> = ledger.iter().map(|line| line.contact.clone()).collect();
    let start = made.since.unwrap_or_else(|| last_review(&records, &registers, vault.now.timestamp()));
    let period = Period::read(vault, at, start)?;
    let mut reading = Reading {
        figures: Figures::of_books(vault, at, &erased)?,
        purposes: records.iter().map(|r| (r.slug.clone(), r.purpose.bases.clone())).collect(),
        wordings: registers.wordings.iter().map(|held| held.wording.sha256.clone()).collect(),
        retention: vault.retention_counting(at, vault.day())?,
        now: vault.now.timestamp(),
        since: period.start.first(),
        step,
    };
    let (repo, me, now) = (vault.repo.another()?, &vault.me, vault.now.timestamp());
    let then = Then::at(now);
    // Git reads the trails while the contacts are opened: each needs the other's core in turns.
    let (surveyed, trails) = std::thread::scope(|scope| {
        let mine = &mine;
        let trails = scope.spawn(move || Trails::read(&repo, me, then, at, mine));
        let surveyed = vault.survey_with(at, AHEAD, &mut reading);
        (surveyed, trails.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
    });
    let (surveyed, trails) = (surveyed?, trails?);
    let erasures =
        trails.clones.standings(ledger.iter().cloned(), vault.oldest_access(at)?, &vault.leavers(at)?);
    let (retention, unruled) = reading.retention.done();
    let figures = reading.figures;
    let maps = maps(vault, at, langs, (&figures, small), &trails)?;
    let mut facts = Facts {
        settings,
        records,
        registers: Arc::new(registers),
        figures: Arc::new(figures),
        audit: Arc::new(surveyed.audit),
        duties: surveyed.duties,
        retention,
        unruled,
        cites: Arc::new(Cites::of(&trails)),
        trails: Arc::new(trails),
        ledger: Arc::new(ledger),
        erasures: Arc::new(erasures),
        maps: Arc::new(maps),
        small,
        audience: made.audience,
        templates: Templates::embedded(),
        period: Arc::new(period),
        now,
    };
    if made.audience == Audience::Public {
        publish(&mut facts);
    }
    Ok(facts)
}

/// Purposes with a small count by book or by basis: both have the same sum, so that the map says none of theirs.
fn quiet(figures: &Figures, small: Protection) -> BTreeSet<Slug> {
    let by_book = figures.by_book.iter().map(|((_, purpose), n)| (Some(purpose), *n));
    let by_basis = figures.held.iter().map(|((purpose, _), held)| (purpose.as_ref(), held.contacts));
    by_book
        .chain(by_basis)
        .filter(|(_, n)| small.hides(*n))
        .filter_map(|(purpose, _)| purpose.cloned())
        .collect()
}

/// What the public does not get, taken out before any page sees it: trails, figures about persons, names of members,
/// measures of security, and how the firm stands.
fn publish(facts: &mut Facts) {
    facts.figures = Arc::default();
    facts.trails = Arc::default();
    facts.cites = Arc::default();
    facts.audit = Arc::default();
    facts.duties.clear();
    facts.unruled.clear();
    facts.ledger = Arc::default();
    facts.erasures = Arc::default();
    facts.maps = Arc::default();
    for line in &mut facts.retention {
        (line.applies, line.lasting, line.undated, line.over) = (0, 0, 0, 0);
    }
    for record in &mut facts.records {
        record.withhold();
    }
}

fn maps(
    vault: &Vault,
    at: Snapshot,
    langs: &[Lang],
    (figures, small): (&Figures, Protection),
    trails: &Trails,
) -> Result<Vec<Drawn>> {
    let open = figures.books.iter().filter(|book| book.kinds.is_some());
    let of_book = |slug: &Slug| -> BTreeMap<String, usize> {
        let held = figures.by_book.iter().filter(|((book, _), _)| book == slug);
        held.map(|((_, purpose), n)| (purpose.to_string(), *n)).collect()
    };
    let books = open.map(|b| (b.slug.clone(), (b.contacts, of_book(&b.slug)))).collect();
    let known = Known { accesses: &trails.accesses, books: &books, quiet: &quiet(figures, small) };
    let draw = |lang: &Lang| {
        let map = Map::with(vault, at, *lang, &known)?;
        Ok(Drawn { lang: *lang, svg: map.svg()?, listing: map.listing() })
    };
    langs.iter().map(draw).collect()
}
