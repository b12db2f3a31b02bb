//! Git repositories and files: bytes in, bytes out.
//!
//! Nothing here knows what a contact is or how to decrypt one; nothing above names git2's types except
//! object ids.

pub mod bulk;
pub mod chain;
pub mod config;
pub mod diff;
pub mod gits;
pub mod journal;
pub mod keystore;
pub mod lock;
pub mod parallel;
pub mod repo;
pub mod signed;
pub mod trees;
pub mod worktree;

pub use git2::Oid;
pub use keystore::KeyStore;
pub use repo::Repo;
