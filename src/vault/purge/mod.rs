//! Purging history of the ciphertext of erased contacts: for those whose authority finds it insufficient that what
//! opens it was destroyed.
//!
//! Everything is written beside the old history first: rewritten commits, the record that maps them, its signature.
//! Then the remote takes it, in one step; then this clone does, as every other clone does at its next sync.

pub mod cross;
pub mod originals;
mod ready;
mod rewrite;
mod run;

pub use ready::Hindrance;
pub use run::{Cost, Order, Purged};
