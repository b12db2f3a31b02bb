//! Git repositories and files: bytes in, bytes out.
//!
//! Nothing here knows what a contact is or how to decrypt one; nothing above names git2's types except
//! object ids.

pub mod around;
pub mod beside;
pub mod bulk;
mod cache_tree;
pub mod chain;
pub mod config;
pub mod diff;
pub mod follow;
pub mod forget;
mod git_index;
pub mod gits;
pub mod hooks;
pub mod journal;
pub mod keystore;
pub mod lock;
mod origin;
mod own;
pub mod parallel;
mod past;
pub mod push;
pub mod remote;
pub mod repo;
pub mod rewrite;
pub mod served;
pub mod signed;
pub mod ssh;
mod strayed;
mod tracked;
pub mod trees;
pub mod unpacked;
pub mod worktree;

pub use git2::Oid;
pub use keystore::KeyStore;
pub use repo::Repo;

/// Settings of libgit2 for the whole process, made once.
///
/// libgit2 would open each of the hundreds of objects that a new tree names, to see that they exist; all but the
/// few that carnet has just written come from the tree before.
fn prepare_libgit2() {
    static ONCE: std::sync::Once = std::sync::Once::new();
    ONCE.call_once(|| git2::opts::strict_object_creation(false));
}
