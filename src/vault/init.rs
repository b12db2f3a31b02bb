//! Making a data repository: every file of docs/format.md, the key store, and the signed first commit.

use std::ffi::OsString;
use std::path::Path;

use crate::crypto::{Cert, Secret, SecretKey, recipients};
use crate::domain::ids::Slug;
use crate::domain::organisation::{Lang, Settings};
use crate::domain::policy::{Authorization, Policy};
use crate::domain::register::{self, Book};
use crate::domain::registers::starter;
use crate::domain::trailer::Entry;
use crate::error::{Error, Result};
use crate::store::repo::Author;
use crate::store::{KeyStore, Repo, journal};

use super::member::{Me, Surroundings};

/// What `init` is told.
pub struct Plan<'a> {
    pub organisation: &'a str,
    pub lang: Lang,
    pub book: Slug,
    pub me: Me,
    pub cert: Cert,
    pub secret: &'a dyn SecretKey,
    /// The command that git calls for textconv and merges: carnet itself.
    pub program: &'a str,
}

/// `.gitattributes`: contact files are shown decrypted, merged field by field, and never line-converted.
const ATTRIBUTES: &str = "*.toml.pgp diff=carnet merge=carnet -text\n*.toml text eol=lf\n*.asc text eol=lf\n";

/// Refuses a directory that has anything in it, other than what a killed `init` left: then true.
///
/// Such an init leaves a `.git` and nothing beside it, for the work tree is written after the first commit, and from
/// that on any command finishes it. The `.git` has a journal and no commit, or is no repository yet.
pub fn check_empty(dir: &Path) -> Result<bool> {
    let mut names = names(dir)?;
    if names.is_empty() {
        return Ok(false);
    }
    let git = dir.join(".git");
    let pending = || journal::pending(&git.join("carnet")).is_ok_and(|plan| plan.is_some());
    let born = || Repo::open(dir).is_ok_and(|repo| repo.head().is_ok());
    names.retain(|name| !is_probe(name) && (name != ".git" || !git.is_dir()));
    if names.is_empty() && (pending() && !born() || self::names(&git)?.iter().all(|name| name == "carnet")) {
        return Ok(true);
    }
    Err(Error::failed("the directory is not empty")
        .at(dir.display().to_string())
        .hint("choose an empty directory, or a new one"))
}

/// What is in a directory; nothing where there is none.
fn names(dir: &Path) -> Result<Vec<OsString>> {
    match std::fs::read_dir(dir) {
        Ok(entries) => Ok(entries.map(|entry| Ok(entry?.file_name())).collect::<std::io::Result<_>>()?),
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(e) => Err(e.into()),
    }
}

/// The link that libgit2 makes for a moment in a new work tree, to see whether the file system has links.
fn is_probe(name: &OsString) -> bool {
    name.to_string_lossy().starts_with("_git2_")
}

/// Removes what a killed init left; the journal goes last, so that this too can be killed.
fn remove_unfinished(dir: &Path) -> Result<()> {
    let git = dir.join(".git");
    for name in names(dir)?.iter().filter(|name| is_probe(name)) {
        std::fs::remove_file(dir.join(name))?;
    }
    for name in names(&git)?.into_iter().filter(|name| name != "carnet") {
        let path = git.join(name);
        if path.is_dir() { std::fs::remove_dir_all(path)? } else { std::fs::remove_file(path)? }
    }
    Ok(std::fs::remove_dir_all(git)?)
}

/// Makes the data repository in `dir`, which must be empty or not there; on failure it is as before.
pub fn init(dir: &Path, plan: &Plan<'_>, around: &Surroundings) -> Result<crate::store::Oid> {
    let existed = dir.exists();
    if check_empty(dir)? {
        remove_unfinished(dir)?;
    }
    plan.cert.usability(around.now.into()).refuse("the first member")?;
    let made = make(dir, plan, around);
    if made.is_err() {
        let git = dir.join(".git");
        let _ = std::fs::remove_dir_all(&git);
        for name in ["carnet.toml", ".gitattributes", Policy::PATH] {
            let _ = std::fs::remove_file(dir.join(name));
        }
        for name in ["books", "members", "registers"] {
            let _ = std::fs::remove_dir_all(dir.join(name));
        }
        if !existed {
            let _ = std::fs::remove_dir(dir);
        }
    }
    made
}

fn make(dir: &Path, plan: &Plan<'_>, around: &Surroundings) -> Result<crate::store::Oid> {
    let files = files(plan)?;
    // The journal comes first of all, so that what a killed init leaves is known for it.
    let private = dir.join(".git").join("carnet");
    std::fs::create_dir_all(&private)?;
    let paths: Vec<String> = files.iter().map(|(path, _)| path.clone()).collect();
    journal::begin(&private, &journal::Plan { paths: paths.clone(), ..journal::Plan::default() })?;
    let repo = Repo::init(dir)?;
    configure(&repo, Some(&plan.me), plan.program)?;
    let author =
        Author { name: plan.me.name.clone(), email: plan.me.email.clone(), time: around.now.timestamp() };
    let book_key = Secret::random()?;
    let message = recipients::encrypt(&book_key, std::slice::from_ref(&plan.cert), around.now.into())?;
    let keys = KeyStore::init(&KeyStore::path_in(&private))?;
    keys.change(&[(format!("{}/book.pgp", plan.book), Some(message))], &author, false)?;

    let empty = repo.edit_tree(None, &[])?;
    let tree = repo.write_files(empty, &files, false)?;
    let mut entry = Entry::new("init: data repository", "init");
    entry.books.push(plan.book.clone());
    let now = around.now;
    let commit =
        repo.write_commit(tree, &[], &author, &entry.message(), &|data| plan.secret.sign(data, now.into()))?;
    let branch = repo.branch()?;
    repo.move_ref(&branch, None, commit, &entry.subject)?;
    repo.sync_paths(None, tree, &paths)?;
    journal::end(&private)?;
    Ok(commit)
}

fn files(plan: &Plan<'_>) -> Result<Vec<(String, Option<Vec<u8>>)>> {
    let armoured = plan.cert.armoured()?;
    let mut policy = Policy::default();
    policy.authorization.insert(plan.me.handle.to_string(), Authorization::owner(armoured.clone()));
    let book = Book {
        title: plan.lang.pick("Contacts", "Contacts").to_owned(),
        purpose: "customers".parse()?,
        members: vec![plan.me.handle.clone()],
    };
    let mut files = vec![
        (".gitattributes".to_owned(), ATTRIBUTES.to_owned()),
        ("carnet.toml".to_owned(), Settings::starter(plan.organisation, plan.lang, &plan.book)),
        (Policy::PATH.to_owned(), policy.to_toml()?),
        (format!("members/{}.asc", plan.me.handle), armoured),
        (format!("books/{}.toml", plan.book), register::to_toml(&book)?),
    ];
    for (slug, purpose) in starter::first(plan.lang) {
        files.push((format!("registers/purposes/{slug}.toml"), register::to_toml(&purpose)?));
    }
    Ok(files.into_iter().map(|(path, text)| (path, Some(text.into_bytes()))).collect())
}

/// What a clone's git configuration must say; `doctor` repairs it.
pub fn drivers(program: &str) -> [(&'static str, String); 4] {
    let program = shell_quoted(program);
    [
        ("diff.carnet.textconv", format!("{program} textconv")),
        ("diff.carnet.cachetextconv", "false".into()),
        ("merge.carnet.name", "carnet: field by field, after decryption".into()),
        ("merge.carnet.driver", format!("{program} merge-driver %O %A %B %P")),
    ]
}

/// Sets what git and carnet need to know in a clone; without a member, the drivers alone.
pub(super) fn configure(repo: &Repo, me: Option<&Me>, program: &str) -> Result<()> {
    if let Some(me) = me {
        for (key, value) in [
            ("user.name", me.name.as_str()),
            ("user.email", me.email.as_str()),
            ("user.signingKey", me.fingerprint.as_str()),
            ("gpg.format", "openpgp"),
            ("commit.gpgSign", "true"),
            ("carnet.member", me.handle.as_str()),
            ("carnet.key", me.fingerprint.as_str()),
            ("carnet.provider", me.provider.as_str()),
        ] {
            repo.set_config(key, value)?;
        }
    }
    for (key, value) in drivers(program) {
        repo.set_config(key, &value)?;
    }
    Ok(())
}

/// `text` as one word for `sh`, which git runs drivers with.
pub(super) fn shell_quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "'\\''"))
}
