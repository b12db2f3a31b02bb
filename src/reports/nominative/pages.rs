//! The named pages themselves: one template, as many files as the table needs.

use serde::Serialize;

use super::{Listed, Person};
use crate::domain::ids::Slug;
use crate::domain::organisation::{Lang, Settings};
use crate::domain::registers::purpose::Purpose;
use crate::error::{Error, Result};
use crate::reports::out::Out;
use crate::reports::pages::named::{Named, site_view};
use crate::reports::pages::{Counts, Pages};
use crate::reports::paging;
use crate::reports::render::{Renderer, SCRIPT};
use crate::reports::small::Count;
use crate::reports::templates::{DIR, Templates};
use crate::reports::texts::Texts;
use crate::reports::views::PurposeName;
use crate::vault::{Snapshot, Vault};

/// What the template sees as `v`.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct View<'a> {
    pub purpose: PurposeName,
    /// Books that were read.
    pub books: Vec<String>,
    /// Member who made the pages.
    pub by: &'a str,
    /// The contacts of this file; `p` says which of all they are.
    pub persons: &'a [Person],
}

/// Writes the pages in each language; several lie in directories of their own.
pub fn write(
    vault: &Vault,
    at: Snapshot,
    purpose: (&Slug, Option<&Purpose>),
    langs: &[Lang],
    listed: &Listed,
    templates: &Templates,
    out: &Out,
) -> Result<Pages> {
    let settings: Settings = vault.settings(at)?;
    let (commit, now) = (at.commit.to_string(), vault.now.timestamp());
    out.put("style.css", templates.style())?;
    out.put("site.js", SCRIPT)?;
    let several = langs.len() > 1;
    let books: Vec<String> = listed.books.iter().map(Slug::to_string).collect();
    let name = |lang: Lang| name(purpose, lang, settings.lang);
    for lang in langs {
        let renderer = Renderer::new(Texts::load(*lang)?, templates)?;
        let dir = if several { format!("{}/", lang.as_str()) } else { String::new() };
        let other = langs.iter().find(|l| *l != lang).copied();
        for part in paging::files("index.html", listed.persons.len()) {
            let named =
                Named { settings: &settings, lang: *lang, other, commit: &commit, now, file: &part.file };
            let view = View {
                purpose: name(*lang),
                books: books.clone(),
                by: vault.me.handle.as_str(),
                persons: listed.persons.get(part.rows()).unwrap_or_default(),
            };
            let text = renderer.part("nominative.html", &site_view(&named), &view, Some((&part, "")))?;
            check_mark(&renderer, &text)?;
            out.put(&format!("{dir}{}", part.file), &text)?;
        }
    }
    if several {
        let lang = settings.lang;
        let named =
            Named { settings: &settings, lang, other: None, commit: &commit, now, file: "index.html" };
        let renderer = Renderer::new(Texts::load(lang)?, templates)?;
        let view = View { purpose: name(lang), books, by: vault.me.handle.as_str(), persons: &[] };
        let text = renderer.part("choose.html", &site_view(&named), &view, None)?;
        out.put("index.html", &text)?;
    }
    Ok(Pages {
        files: out.sums().into_keys().collect(),
        commit,
        langs: langs.iter().map(|l| l.as_str()).collect(),
        counts: Counts {
            books: listed.books.len(),
            contacts: listed.persons.len(),
            read: listed.read,
            purposes: 1,
            consents: Count::Exact(0),
            accesses: 0,
            changes: 0,
            erasures: 0,
        },
        own: templates.own(),
    })
}

/// The purpose as the record names it in this language, else in the firm's own.
fn name((slug, record): (&Slug, Option<&Purpose>), lang: Lang, firm: Lang) -> PurposeName {
    let said = record.map(|record| record.words(lang, firm).title).filter(|title| !title.is_empty());
    let lang = if said.is_some() { lang } else { firm };
    PurposeName {
        slug: Some(slug.to_string()),
        title: said.or_else(|| record.map(|record| record.title.clone())),
        lang: lang.as_str(),
    }
}

/// Refuses a page that does not say what it is: a template of the firm's own may have left it out.
fn check_mark(renderer: &Renderer, page: &str) -> Result<()> {
    let words = renderer.texts().text.get("nominative").and_then(|words| words.get("confidential"));
    if words.is_some_and(|mark| page.contains(mark.as_str())) {
        return Ok(());
    }
    Err(Error::refused("a template of your own leaves out that pages with names are confidential")
        .at(format!("{DIR}/nominative.html"))
        .hint("put {{ t.nominative.confidential }} on the page"))
}
