//! What the template of named pages knows of where it stands: no navigation, and no way to the site.

use super::site_view::{Other, SiteView};
use crate::domain::organisation::{Lang, Settings};
use crate::reports::audience::Audience;

/// One file of the named pages.
pub(in crate::reports) struct Named<'a> {
    pub settings: &'a Settings,
    pub lang: Lang,
    /// The other language, where there is one.
    pub other: Option<Lang>,
    pub commit: &'a str,
    /// Seconds since 1970.
    pub now: i64,
    pub file: &'a str,
}

pub(in crate::reports) fn site_view<'a>(named: &Named<'a>) -> SiteView<'a> {
    SiteView {
        lang: named.lang.as_str(),
        data_lang: named.settings.lang.as_str(),
        organisation: &named.settings.organisation.name,
        commit: named.commit,
        built: named.now,
        version: env!("CARGO_PKG_VERSION"),
        root: if named.other.is_some() { "../" } else { "" },
        page: "nominative",
        nav: Vec::new(),
        audience: Audience::Dpo.as_str(),
        small: false,
        downloads: Vec::new(),
        other: named
            .other
            .map(|lang| Other { lang: lang.as_str(), href: format!("../{}/{}", lang.as_str(), named.file) }),
    }
}
