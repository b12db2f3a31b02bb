//! Daily work over the binary: filters, interactions, next actions, bulk, duplicates, undo.

#[path = "../common/mod.rs"]
mod common;

mod filters;
