//! The data map: the drawing is put in beside the view; here is what it shows, in words.

use std::collections::BTreeMap;

use serde::Serialize;

use super::Facts;
use crate::reports::map::Listing;

#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct View {
    /// Headings and what stands below them, by language.
    pub listing: BTreeMap<&'static str, Vec<Listing>>,
}

pub fn view(facts: &Facts) -> View {
    View { listing: facts.maps.iter().map(|map| (map.lang.as_str(), map.listing.clone())).collect() }
}
