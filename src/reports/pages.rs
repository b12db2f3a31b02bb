//! All pages of one site, in memory: facts read once, one view a page, each rendered in each language.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::audience::Audience;
use super::data;
use super::figures::Figures;
use super::paging;
use super::render::{Renderer, SCRIPT, STYLE};
use super::rows::Rows;
use super::small::{Count, Protection};
use super::texts::Texts;
use super::trails::Trails;
use super::views::processing::Record;
use super::views::{Facts, access, books, changes, consent, erasures, home, processing};
use crate::domain::ids::Slug;
use crate::domain::organisation::Lang;
use crate::error::{Error, Result};
use crate::vault::{Snapshot, Vault};

/// Pages in the order of the navigation: code, file.
pub const PAGES: [(&str, &str); 7] = [
    ("home", "index.html"),
    ("books", "books.html"),
    ("processing", "processing.html"),
    ("consent", "consent.html"),
    ("access", "access.html"),
    ("changes", "changes.html"),
    ("erasures", "erasures.html"),
];

/// How a report is made.
#[derive(Clone, Copy, Debug, Default)]
pub struct Made {
    pub audience: Audience,
    /// Small counts as they are.
    pub exact: bool,
}

/// The files of a site and what they count.
pub struct Pages {
    /// Path below the site's directory, and content; `index.html` is among them.
    pub files: Vec<(String, String)>,
    pub commit: String,
    pub langs: Vec<&'static str>,
    pub counts: Counts,
}

/// Totals, as `--json` reports them.
#[derive(Clone, Debug, Serialize)]
pub struct Counts {
    pub books: usize,
    pub contacts: usize,
    /// Of these, opened and counted.
    pub read: usize,
    pub purposes: usize,
    pub consents: Count,
    pub accesses: usize,
    pub changes: usize,
    pub erasures: usize,
}

/// What every template knows of the site.
#[derive(Serialize)]
struct SiteView<'a> {
    lang: &'static str,
    /// Language that the registers' own texts are written in.
    data_lang: &'static str,
    organisation: &'a str,
    commit: &'a str,
    built: i64,
    version: &'static str,
    /// From the page to the directory of the stylesheet.
    root: &'static str,
    /// Code of this page.
    page: &'a str,
    nav: Vec<Link>,
    /// For whom the site was made.
    audience: &'static str,
    /// Names of the registers that this page's figures can be had as files of, below `data/`.
    downloads: Vec<&'static str>,
    /// The same page in the other language, where there is one.
    other: Option<Other>,
}

#[derive(Serialize)]
struct Link {
    page: &'static str,
    file: &'static str,
    current: bool,
}

#[derive(Serialize)]
struct Other {
    lang: &'static str,
    href: String,
}

/// How many contacts [`build`] will read.
pub fn readable(vault: &Vault, at: Snapshot) -> Result<usize> {
    let mut total = 0;
    for (book, _) in vault.my_books(at)? {
        total += vault.contacts_of(at, &book)?.len();
    }
    Ok(total)
}

/// Reads the vault at `at` and makes every page; `step` is called after each contact that was read.
///
/// Several languages lie in directories of their own, below a page that links to them.
pub fn build(vault: &Vault, at: Snapshot, langs: &[Lang], made: Made, step: &dyn Fn()) -> Result<Pages> {
    let facts = facts(vault, at, made, step)?;
    let views = Views::of(&facts);
    let commit = at.commit.to_string();
    let mut files =
        vec![("style.css".to_owned(), STYLE.to_owned()), ("site.js".to_owned(), SCRIPT.to_owned())];
    let several = langs.len() > 1;
    for lang in langs {
        let renderer = Renderer::new(Texts::load(*lang)?)?;
        let dir = if several { format!("{}/", lang.as_str()) } else { String::new() };
        for (page, file) in shown(made.audience) {
            let other = langs.iter().find(|l| *l != lang);
            let mut site = SiteView {
                lang: lang.as_str(),
                data_lang: facts.settings.lang.as_str(),
                organisation: &facts.settings.organisation.name,
                commit: &commit,
                built: facts.now,
                version: env!("CARGO_PKG_VERSION"),
                root: if several { "../" } else { "" },
                page,
                nav: shown(made.audience)
                    .map(|(p, f)| Link { page: p, file: f, current: p == page })
                    .collect(),
                audience: made.audience.as_str(),
                downloads: downloads(made.audience, page),
                other: other.map(|l| Other { lang: l.as_str(), href: format!("../{}/{file}", l.as_str()) }),
            };
            let Some(total) = long_table(&facts, page) else {
                files.push((format!("{dir}{file}"), views.render(&renderer, &site, None)?));
                continue;
            };
            for part in paging::files(file, total) {
                site.other = other
                    .map(|l| Other { lang: l.as_str(), href: format!("../{}/{}", l.as_str(), part.file) });
                let rows = rows(&facts, &renderer, page, part.rows())?;
                files.push((
                    format!("{dir}{}", part.file),
                    views.render(&renderer, &site, Some((&part, &rows)))?,
                ));
            }
        }
    }
    data::files(vault, at, &facts, made.audience, langs, &mut files)?;
    if several {
        files.push(("index.html".to_owned(), choose(&facts, made, &commit)?));
    }
    files.sort();
    Ok(Pages { files, commit, langs: langs.iter().map(|l| l.as_str()).collect(), counts: counts(&facts) })
}

/// The pages that an audience gets.
fn shown(audience: Audience) -> impl Iterator<Item = (&'static str, &'static str)> {
    PAGES.into_iter().filter(move |(page, _)| audience.has_page(page))
}

/// The registers that a page links to as files.
fn downloads(audience: Audience, page: &str) -> Vec<&'static str> {
    let registers = data::Register::of_page(page).iter().filter(|r| audience.has(**r));
    registers.map(|r| r.as_str()).collect()
}

/// Every page's view, made once for all languages.
struct Views {
    home: home::View,
    books: books::View,
    processing: processing::View,
    consent: consent::View,
    access: access::View,
    changes: changes::View,
    erasures: erasures::View,
}

impl Views {
    fn of(facts: &Facts) -> Views {
        Views {
            home: home::view(facts),
            books: books::view(facts),
            processing: processing::view(facts),
            consent: consent::view(facts),
            access: access::view(facts),
            changes: changes::view(facts),
            erasures: erasures::view(facts),
        }
    }

    /// A page, or one part of a page with a long table.
    fn render(
        &self,
        renderer: &Renderer,
        site: &SiteView<'_>,
        part: Option<(&paging::Paging, &str)>,
    ) -> Result<String> {
        match site.page {
            "home" => renderer.page("home.html", site, &self.home),
            "books" => renderer.page("books.html", site, &self.books),
            "processing" => renderer.page("processing.html", site, &self.processing),
            "consent" => renderer.page("consent.html", site, &self.consent),
            "access" => renderer.part("access.html", site, &self.access, part),
            "changes" => renderer.part("changes.html", site, &self.changes, part),
            "erasures" => renderer.page("erasures.html", site, &self.erasures),
            _ => Err(Error::failed("a page without a view").at(site.page.to_owned())),
        }
    }
}

/// How many rows the long table of a page has, where it has one.
fn long_table(facts: &Facts, page: &str) -> Option<usize> {
    match page {
        "access" => Some(facts.trails.accesses.len()),
        "changes" => Some(facts.trails.changes.len()),
        _ => None,
    }
}

/// Some rows of a page's long table, newest first.
fn rows(facts: &Facts, renderer: &Renderer, page: &str, range: std::ops::Range<usize>) -> Result<String> {
    let mut rows = Rows::new(renderer.texts(), facts.settings.lang.as_str());
    let trails = &facts.trails;
    let steps = if page == "access" { &trails.accesses } else { &trails.changes };
    for step in steps.get(range).unwrap_or_default() {
        if page == "access" {
            rows.access(&access::row(facts, step))?;
        } else {
            rows.change(&changes::row(step))?;
        }
    }
    Ok(rows.into_string())
}

/// The page above the languages, in the language of the registers.
fn choose(facts: &Facts, made: Made, commit: &str) -> Result<String> {
    let lang = facts.settings.lang;
    let site = SiteView {
        lang: lang.as_str(),
        data_lang: lang.as_str(),
        organisation: &facts.settings.organisation.name,
        commit,
        built: facts.now,
        version: env!("CARGO_PKG_VERSION"),
        root: "",
        page: "choose",
        nav: Vec::new(),
        audience: made.audience.as_str(),
        downloads: Vec::new(),
        other: None,
    };
    Renderer::new(Texts::load(lang)?)?.page("choose.html", &site, &())
}

/// Reads the vault at `at`; `step` is called after each contact that was read.
pub fn facts(vault: &Vault, at: Snapshot, made: Made, step: &dyn Fn()) -> Result<Facts> {
    let settings = vault.settings(at)?;
    let small = if made.exact { Protection::NONE } else { Protection { below: settings.report.small } };
    let mut records = Vec::new();
    for slug in vault.purposes(at)? {
        let path = format!("registers/purposes/{slug}.toml");
        let bytes = vault.repo.file(at.tree, &path)?.unwrap_or_default();
        records.push(Record::parse(slug, &path, &String::from_utf8_lossy(&bytes))?);
    }
    let mine = vault.mine(at)?;
    let mut ledger = vault.ledger(at)?;
    ledger.retain(|line| mine.has(&line.book));
    let purposes: BTreeMap<Slug, _> =
        records.iter().map(|r| (r.slug.clone(), r.purpose.bases.clone())).collect();
    let erased: BTreeSet<_> = ledger.iter().map(|line| line.contact.clone()).collect();
    let (repo, me, now) = (vault.repo.another()?, &vault.me, vault.now.timestamp());
    // Git reads the trails while the contacts are opened: each needs the other's core in turns.
    let (figures, trails) = std::thread::scope(|scope| {
        let trails = scope.spawn(move || Trails::read(&repo, me, now, at));
        let figures = Figures::read(vault, at, &purposes, &erased, step);
        (figures, trails.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
    });
    let mut trails = trails?;
    for steps in [&mut trails.accesses, &mut trails.changes] {
        steps.retain_mut(|step| step.entry.as_mut().is_none_or(|entry| mine.sift(entry)));
    }
    Ok(Facts { settings, records, figures: figures?, trails, ledger, small, now })
}

fn counts(facts: &Facts) -> Counts {
    Counts {
        books: facts.figures.books.len(),
        contacts: facts.figures.contacts(),
        read: facts.figures.read,
        purposes: facts.records.len(),
        consents: consent::events_total(facts),
        accesses: facts.trails.accesses.len(),
        changes: facts.trails.changes.len(),
        erasures: facts.ledger.len(),
    }
}
