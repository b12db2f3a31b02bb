//! The table of pages: one entry a page, in the order of the navigation. Adding a page is adding an entry, its view,
//! its template and its messages.

use serde::Serialize;
use serde_json::Value;

use crate::error::{Error, Result};
use crate::reports::audience::Audience;
use crate::reports::views::{self, Facts};

/// Under which heading of the navigation a page stands; the words are `label.group`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Group {
    Overview,
    Registers,
    Rights,
    Organisation,
    Trails,
}

impl Group {
    pub const ALL: [Group; 5] =
        [Group::Overview, Group::Registers, Group::Rights, Group::Organisation, Group::Trails];

    pub fn as_str(self) -> &'static str {
        match self {
            Group::Overview => "overview",
            Group::Registers => "registers",
            Group::Rights => "rights",
            Group::Organisation => "organisation",
            Group::Trails => "trails",
        }
    }
}

/// One page of the site.
pub struct Page {
    /// Its name in templates and messages (`label.page`).
    pub code: &'static str,
    pub file: &'static str,
    pub group: Group,
    /// The widest audience that it is for.
    pub audience: Audience,
    pub template: &'static str,
    /// What its template sees as `v`.
    pub view: fn(&Facts) -> Result<Value>,
}

impl Page {
    pub fn is_for(&self, audience: Audience) -> bool {
        self.audience >= audience
    }
}

macro_rules! page {
    ($code:literal, $file:literal, $group:ident, $audience:ident, $module:ident) => {
        Page {
            code: $code,
            file: $file,
            group: Group::$group,
            audience: Audience::$audience,
            template: concat!($code, ".html"),
            view: |facts| plain(&views::$module::view(facts)),
        }
    };
}

/// All pages but those of single purposes, which are reached from `processing`.
pub const PAGES: &[Page] = &[
    page!("home", "index.html", Overview, Public, home),
    page!("audit", "audit.html", Overview, Dpo, audit),
    page!("since", "since.html", Overview, Dpo, review),
    page!("map", "map.html", Overview, Authority, map),
    page!("check", "check.html", Overview, Public, check),
    page!("processing", "processing.html", Registers, Public, processing),
    page!("bases", "bases.html", Registers, Authority, bases),
    page!("consent", "consent.html", Registers, Authority, consent),
    page!("wordings", "wordings.html", Registers, Public, wordings),
    page!("retention", "retention.html", Registers, Public, retention),
    page!("processors", "processors.html", Registers, Authority, processors),
    page!("requests", "requests.html", Rights, Authority, requests),
    page!("erasures", "erasures.html", Rights, Authority, erasures),
    page!("breaches", "breaches.html", Rights, Authority, breaches),
    page!("books", "books.html", Organisation, Authority, books),
    page!("trainings", "trainings.html", Organisation, Dpo, trainings),
    page!("access", "access.html", Trails, Dpo, access),
    page!("changes", "changes.html", Trails, Dpo, changes),
];

/// The file of a page, by its code.
pub fn file_of(code: &str) -> &'static str {
    PAGES.iter().find(|page| page.code == code).map_or("index.html", |page| page.file)
}

/// A view as the plain data that templates and other formats see.
pub fn plain<V: Serialize>(view: &V) -> Result<Value> {
    serde_json::to_value(view).map_err(|e| Error::failed("a page's view cannot be written").cause(e))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::organisation::Lang;
    use crate::reports::texts::Texts;
    use std::collections::BTreeSet;

    #[test]
    fn each_page_has_a_file_of_its_own_a_word_and_a_group_with_a_word() {
        let texts = Texts::load(Lang::Fr).unwrap();
        let files: BTreeSet<&str> = PAGES.iter().map(|page| page.file).collect();
        assert_eq!(files.len(), PAGES.len());
        for page in PAGES {
            assert!(texts.has_label("page", page.code), "{}", page.code);
            assert!(page.is_for(Audience::Dpo));
        }
        assert!(Group::ALL.iter().all(|group| texts.has_label("group", group.as_str())));
        assert!(PAGES.windows(2).all(|two| two[0].group <= two[1].group), "groups stand together");
    }

    #[test]
    fn the_public_gets_less_than_the_authority_and_the_dpo_everything() {
        let of = |audience| PAGES.iter().filter(|page| page.is_for(audience)).count();
        assert!(of(Audience::Public) < of(Audience::Authority) && of(Audience::Dpo) == PAGES.len());
        assert!(!PAGES.iter().any(|p| ["access", "audit"].contains(&p.code) && p.is_for(Audience::Public)));
    }
}
