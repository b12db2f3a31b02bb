//! All pages of one site: facts read once (`read`), one view a page ([`table`]), each rendered in each language on
//! whichever core is free and written at once.

pub(super) mod named;
mod read;
pub(super) mod site_view;
pub mod table;

use std::sync::Arc;

use rayon::prelude::*;
use serde::Serialize;
use serde_json::Value;

use super::audience::Audience;
use super::data;
use super::out::Out;
use super::paging::{self, Paging};
use super::render::{Renderer, SCRIPT};
use super::rows::Rows;
use super::since::Start;
use super::small::Count;
use super::templates::{Own, Templates};
use super::texts::Texts;
use super::views::{Facts, access, changes, consent, purpose};
use crate::domain::organisation::Lang;
use crate::error::{Error, Result};
use crate::vault::{Snapshot, Vault};
use site_view::{Place, SiteView};
use table::{PAGES, plain};

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

/// What a site is made of.
pub struct Pages {
    /// Paths below the site's directory, in order; `index.html` is among them.
    pub files: Vec<String>,
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

/// How far a build is, for whoever waits.
pub trait Watch: Sync {
    /// So many pages are to be written.
    fn pages(&self, count: usize);
    /// One of them was written.
    fn written(&self);
}

/// Nobody waits.
impl Watch for () {
    fn pages(&self, _: usize) {}
    fn written(&self) {}
}

/// Writes every page to `out`, from facts that were read at `at`.
///
/// Several languages lie in directories of their own, below a page that links to them.
pub fn write(
    vault: &Vault,
    at: Snapshot,
    langs: &[Lang],
    facts: &Facts,
    watch: &dyn Watch,
    out: &Out,
) -> Result<Pages> {
    let (commit, templates): (_, &Templates) = (at.commit.to_string(), &facts.templates);
    let site = Site { commit: &commit, out };
    out.put("style.css", templates.style())?;
    out.put("site.js", SCRIPT)?;
    let several = langs.len() > 1;
    let tongues = langs.iter().map(|lang| {
        let other = langs.iter().find(|l| *l != lang).copied();
        let dir = if several { format!("{}/", lang.as_str()) } else { String::new() };
        let renderer = Renderer::new(Texts::load(*lang)?, templates)?;
        Ok(Tongue { renderer, facts: facts.in_language(*lang), dir, other })
    });
    let tongues: Vec<Tongue> = tongues.collect::<Result<_>>()?;
    if several {
        let above = SiteView::above(facts, &commit);
        let renderer = Renderer::new(Texts::load(facts.settings.lang)?, templates)?;
        let text = renderer.page("choose.html", &above, &())?;
        out.put("index.html", &text)?;
    }
    let sheets = tongues.par_iter().map(Tongue::sheets).collect::<Result<Vec<_>>>()?;
    let spoken: Vec<(Lang, &Facts)> = tongues.iter().map(|t| (t.renderer.texts().lang, &t.facts)).collect();
    let (copies, registers): (Vec<_>, Vec<_>) =
        data::sheets(vault, at, &spoken)?.into_iter().partition(data::Sheet::is_copy);
    let pages = tongues.iter().zip(&sheets);
    let pages = pages.flat_map(|(tongue, sheets)| sheets.iter().map(move |sheet| Work::Page(tongue, sheet)));
    let (mut work, short): (Vec<_>, Vec<_>) = registers.iter().map(Work::Register).partition(Work::is_long);
    work.extend(pages.chain(short));
    watch.pages(work.len());
    let stamp = data::write::Stamp { commit: &commit, built: facts.now, audience: facts.audience };
    // One after the other as cores are free, what takes long first: no core waits for the last.
    work.par_iter().with_max_len(1).try_for_each(|work| {
        match work {
            Work::Page(tongue, sheet) => site.write(tongue, sheet)?,
            Work::Register(sheet) => sheet.write(stamp, out)?,
        }
        watch.written();
        Ok::<_, Error>(())
    })?;
    copies.iter().try_for_each(|sheet| sheet.write(stamp, out))?;
    Ok(Pages {
        files: out.sums().into_keys().collect(),
        commit,
        langs: langs.iter().map(|l| l.as_str()).collect(),
        counts: counts(facts),
        own: templates.own(),
    })
}

/// A language of the site.
struct Tongue {
    renderer: Renderer,
    /// With the records' words in this language.
    facts: Facts,
    /// Where its pages are, below the site's directory.
    dir: String,
    other: Option<Lang>,
}

/// A file to be written.
enum Work<'a> {
    Page(&'a Tongue, &'a Sheet),
    Register(&'a data::Sheet<'a>),
}

impl Work<'_> {
    fn is_long(&self) -> bool {
        matches!(self, Work::Register(sheet) if sheet.is_long())
    }
}

/// One file of pages, in one language.
struct Sheet {
    code: &'static str,
    template: &'static str,
    file: String,
    /// What its template sees as `v`; the files of a long table share it.
    view: Arc<Value>,
    part: Option<Paging>,
}

struct Site<'a> {
    commit: &'a str,
    out: &'a Out,
}

impl Tongue {
    /// Every file of pages that the audience gets.
    fn sheets(&self) -> Result<Vec<Sheet>> {
        let mut sheets = Vec::new();
        for page in PAGES.iter().filter(|page| page.is_for(self.facts.audience)) {
            let view = Arc::new((page.view)(&self.facts)?);
            let sheet = |file: &str, part| Sheet {
                code: page.code,
                template: page.template,
                file: file.to_owned(),
                view: view.clone(),
                part,
            };
            match long_table(&self.facts, page.code) {
                None => sheets.push(sheet(page.file, None)),
                Some(total) => {
                    let parts = paging::files(page.file, total).into_iter();
                    sheets.extend(parts.map(|part| sheet(&part.file.clone(), Some(part))));
                }
            }
        }
        for record in &self.facts.records {
            sheets.push(Sheet {
                code: "purpose",
                template: "purpose.html",
                file: purpose::file_of(&record.slug),
                view: Arc::new(plain(&purpose::view(&self.facts, record))?),
                part: None,
            });
        }
        Ok(sheets)
    }
}

impl Site<'_> {
    /// Renders one file in one language.
    fn write(&self, tongue: &Tongue, sheet: &Sheet) -> Result<()> {
        let Tongue { renderer, facts, dir, other } = tongue;
        let lang = renderer.texts().lang;
        let place = Place { lang, other: *other, commit: self.commit, page: sheet.code, file: &sheet.file };
        let (site, view) = (SiteView::new(facts, place), &*sheet.view);
        let text = match &sheet.part {
            Some(part) => {
                let rows = rows(facts, renderer, sheet.code, part.rows())?;
                let view = paging::cut(view, row_places(sheet.code), &part.rows());
                renderer.part(sheet.template, &site, &*view, Some((part, &rows)))?
            }
            None if sheet.code == "map" => {
                let svg = facts.maps.iter().find(|map| map.lang == lang).map_or("", |map| &map.svg);
                renderer.drawn(sheet.template, &site, view, svg)?
            }
            None => renderer.page(sheet.template, &site, view)?,
        };
        self.out.put(&format!("{dir}{}", sheet.file), &text)
    }
}

/// How many rows the long table of a page has, where it has one.
fn long_table(facts: &Facts, page: &str) -> Option<usize> {
    match page {
        "access" => Some(facts.trails.accesses.len()),
        "changes" => Some(facts.trails.changes.len()),
        "erasures" => Some(facts.erasures.len()),
        "requests" => Some(facts.registers.requests.len()),
        _ => None,
    }
}

/// Where a page's view has one entry a row of its long table; the trails have theirs beside it.
fn row_places(page: &str) -> &'static [&'static str] {
    match page {
        "erasures" => &["/rows"],
        "requests" => &["/rows", "/deadlines/rows"],
        _ => &[],
    }
}

/// Some rows of a trail, newest first.
fn rows(facts: &Facts, renderer: &Renderer, page: &str, range: std::ops::Range<usize>) -> Result<String> {
    let mut rows = Rows::new(renderer.texts());
    let trails = &facts.trails;
    match page {
        "access" => {
            let mut steps = trails.accesses.get(range).unwrap_or_default().iter();
            steps.try_for_each(|step| rows.access(&access::row(facts, step)))?;
        }
        "changes" => {
            let mut steps = trails.changes.get(range).unwrap_or_default().iter();
            steps.try_for_each(|step| rows.change(&changes::row(step)))?;
        }
        // Their templates write them.
        _ => {}
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
