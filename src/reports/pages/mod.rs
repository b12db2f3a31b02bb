//! All pages of one site, in memory: facts read once (`read`), one view a page ([`table`]), each rendered in each
//! language.

pub(super) mod named;
mod read;
pub(super) mod site_view;
pub mod table;

use serde::Serialize;

use super::audience::Audience;
use super::data;
use super::paging;
use super::render::{Renderer, SCRIPT};
use super::rows::Rows;
use super::since::Start;
use super::small::Count;
use super::templates::{Own, Templates};
use super::texts::Texts;
use super::views::{Facts, access, changes, consent, purpose};
use crate::domain::organisation::Lang;
use crate::error::Result;
use crate::vault::{Snapshot, Vault};
use site_view::{Other, Place, SiteView};
use table::{PAGES, Page, plain};

pub use read::{read as facts, readable};

/// How a report is made.
#[derive(Clone, Copy, Debug, Default)]
pub struct Made {
    pub audience: Audience,
    /// Small counts as they are.
    pub exact: bool,
    /// From when on the page «what changed» tells it; since the last review where nothing is said.
    pub since: Option<Start>,
}

/// The files of a site and what they count.
pub struct Pages {
    /// Path below the site's directory, and content; `index.html` is among them.
    pub files: Vec<(String, String)>,
    pub commit: String,
    pub langs: Vec<&'static str>,
    pub counts: Counts,
    /// Templates of the firm's own that they were made with.
    pub own: Vec<Own>,
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

/// Reads the vault at `at` and makes every page; `step` is called after each contact that was read.
///
/// Several languages lie in directories of their own, below a page that links to them.
pub fn build(
    vault: &Vault,
    at: Snapshot,
    langs: &[Lang],
    made: Made,
    templates: &Templates,
    step: &(dyn Fn() + Sync),
) -> Result<Pages> {
    let mut facts = read::read(vault, at, langs, made, step)?;
    facts.templates = templates.clone();
    render(vault, at, langs, &facts)
}

/// Makes every page of facts that were read at `at`.
pub fn render(vault: &Vault, at: Snapshot, langs: &[Lang], facts: &Facts) -> Result<Pages> {
    let (commit, templates) = (at.commit.to_string(), &facts.templates);
    let mut site = Site { facts, commit: &commit, files: Vec::new() };
    site.put("", "style.css", templates.style().to_owned());
    site.put("", "site.js", SCRIPT.to_owned());
    let several = langs.len() > 1;
    for lang in langs {
        let renderer = Renderer::new(Texts::load(*lang)?, templates)?;
        let dir = if several { format!("{}/", lang.as_str()) } else { String::new() };
        let other = langs.iter().find(|l| *l != lang).copied();
        for page in PAGES.iter().filter(|page| page.is_for(facts.audience)) {
            site.page(&renderer, &dir, other, page)?;
        }
        for record in &facts.records {
            let file = purpose::file_of(&record.slug);
            let place = Place { lang: *lang, other, commit: &commit, page: "purpose", file: &file };
            let view = plain(&purpose::view(facts, record))?;
            let text = renderer.page("purpose.html", &SiteView::new(facts, place), &view)?;
            site.put(&dir, &file, text);
        }
    }
    if several {
        let above = SiteView::above(facts, &commit);
        let renderer = Renderer::new(Texts::load(facts.settings.lang)?, templates)?;
        let text = renderer.page("choose.html", &above, &())?;
        site.put("", "index.html", text);
    }
    let mut files = site.files;
    data::files(vault, at, facts, langs, &mut files)?;
    files.sort();
    Ok(Pages {
        files,
        commit,
        langs: langs.iter().map(|l| l.as_str()).collect(),
        counts: counts(facts),
        own: templates.own(),
    })
}

/// The files of a site as they are made.
struct Site<'a> {
    facts: &'a Facts,
    commit: &'a str,
    files: Vec<(String, String)>,
}

impl Site<'_> {
    fn put(&mut self, dir: &str, file: &str, text: String) {
        self.files.push((format!("{dir}{file}"), text));
    }

    /// A page, or all files of a page with a long table.
    fn page(&mut self, renderer: &Renderer, dir: &str, other: Option<Lang>, page: &Page) -> Result<()> {
        let lang = renderer.texts().lang;
        let place = Place { lang, other, commit: self.commit, page: page.code, file: page.file };
        let mut site = SiteView::new(self.facts, place);
        let view = (page.view)(self.facts)?;
        if page.code == "map" {
            let svg = self.facts.maps.iter().find(|map| map.lang == lang).map_or("", |map| &map.svg);
            let text = renderer.drawn(page.template, &site, &view, svg)?;
            self.put(dir, page.file, text);
            return Ok(());
        }
        let Some(total) = long_table(self.facts, page.code) else {
            let text = renderer.page(page.template, &site, &view)?;
            self.put(dir, page.file, text);
            return Ok(());
        };
        for part in paging::files(page.file, total) {
            site.other =
                other.map(|l| Other { lang: l.as_str(), href: format!("../{}/{}", l.as_str(), part.file) });
            let rows = rows(self.facts, renderer, page.code, part.rows())?;
            let text = renderer.part(page.template, &site, &view, Some((&part, &rows)))?;
            self.put(dir, &part.file, text);
        }
        Ok(())
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
