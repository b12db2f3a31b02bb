//! What every template knows of the site: its language, where it came from, and the way to the other pages.

use serde::Serialize;

use super::table::{Group, PAGES};
use crate::domain::organisation::Lang;
use crate::reports::audience::Audience;
use crate::reports::data::Register;
use crate::reports::small::Protection;
use crate::reports::views::Facts;

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(in crate::reports) struct SiteView<'a> {
    /// `en` or `fr`.
    pub lang: &'static str,
    /// Language that the registers' own texts are written in.
    pub data_lang: &'static str,
    /// Name of the organisation.
    pub organisation: &'a str,
    /// The commit that the site is built from.
    pub commit: &'a str,
    /// When it is built.
    pub built: i64,
    /// Of carnet.
    pub version: &'static str,
    /// From the page to the directory of the stylesheet.
    pub root: &'static str,
    /// Code of this page.
    pub page: &'a str,
    /// Navigation by group; empty on the page above the languages.
    pub nav: Vec<NavGroup>,
    /// For whom the site was made.
    pub audience: &'static str,
    /// Whether small counts are protected on its pages.
    pub small: bool,
    /// Registers that are files below `data/` and whose links stand on this page.
    pub downloads: Vec<&'static str>,
    /// The same page in the other language, where there is one.
    pub other: Option<Other>,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(in crate::reports) struct NavGroup {
    /// Its word is `label(of="group")`.
    group: &'static str,
    links: Vec<Link>,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Link {
    /// Its word is `label(of="page")`.
    page: &'static str,
    file: &'static str,
    /// Whether this page is the one, or belongs to it.
    current: bool,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(in crate::reports) struct Other {
    pub lang: &'static str,
    pub href: String,
}

/// Where one page of a site stands among the others.
#[derive(Clone, Copy)]
pub(super) struct Place<'a> {
    pub lang: Lang,
    /// The other language, where there is one.
    pub other: Option<Lang>,
    pub commit: &'a str,
    pub page: &'a str,
    pub file: &'a str,
}

impl<'a> SiteView<'a> {
    pub(super) fn new(facts: &'a Facts, place: Place<'a>) -> SiteView<'a> {
        let at =
            |lang: Lang| Other { lang: lang.as_str(), href: format!("../{}/{}", lang.as_str(), place.file) };
        SiteView {
            lang: place.lang.as_str(),
            data_lang: facts.settings.lang.as_str(),
            organisation: &facts.settings.organisation.name,
            commit: place.commit,
            built: facts.now,
            version: env!("CARGO_PKG_VERSION"),
            root: if place.other.is_some() { "../" } else { "" },
            page: place.page,
            nav: nav(facts.audience, place.page),
            audience: facts.audience.as_str(),
            small: facts.small != Protection::NONE && facts.audience != Audience::Public,
            downloads: downloads(facts.audience, place.page),
            other: place.other.map(at),
        }
    }

    /// The page above the languages, in the language of the registers.
    pub(super) fn above(facts: &'a Facts, commit: &'a str) -> SiteView<'a> {
        let place =
            Place { lang: facts.settings.lang, other: None, commit, page: "choose", file: "index.html" };
        SiteView { nav: Vec::new(), ..SiteView::new(facts, place) }
    }
}

/// Links to all pages; the page of one purpose belongs to the register of processing.
fn nav(audience: Audience, current: &str) -> Vec<NavGroup> {
    let current = if current == "purpose" { "processing" } else { current };
    let links = |group: Group| {
        let pages = PAGES.iter().filter(move |page| page.group == group && page.is_for(audience));
        pages.map(|p| Link { page: p.code, file: p.file, current: p.code == current }).collect()
    };
    let groups = Group::ALL.into_iter().map(|group| NavGroup { group: group.as_str(), links: links(group) });
    groups.filter(|group| !group.links.is_empty()).collect()
}

/// The registers that a page can be had as files of, below `data/`.
fn downloads(audience: Audience, page: &str) -> Vec<&'static str> {
    let registers = Register::of_page(page).iter().filter(|r| audience.has(**r));
    registers.map(|r| r.as_str()).collect()
}
