//! Daily work over the binary: filters, interactions, next actions, bulk, duplicates, undo.

#[path = "../common/mod.rs"]
mod common;

mod agenda;
mod bulk;
mod filters;
mod interactions;
mod links;
mod merging;
mod together;
mod undoing;

use common::Said;

/// The names in a JSON list of contacts.
fn names(said: &Said) -> Vec<String> {
    said.json().as_array().unwrap().iter().map(|c| c["name"].as_str().unwrap().to_owned()).collect()
}
