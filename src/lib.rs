//! carnet: a CRM in a git repository. Encrypted contacts, signed trails, GDPR registers.
//!
//! Dependency runs one way: `cli` → `commands` → `vault`, `reports` → `store`, `crypto` → `domain`
//! (docs/architecture.md).

pub mod cli;
pub mod commands;
pub mod context;
pub mod crypto;
pub mod domain;
pub mod error;
pub mod hooks;
pub mod interchange;
pub mod output;
pub mod reports;
pub mod store;
pub mod vault;
