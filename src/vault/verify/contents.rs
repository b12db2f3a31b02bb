//! Contact files and their keys: each file exactly one key, each key one file, and what is inside fits its place.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::SystemTime;

use rayon::prelude::*;

use super::beside;
use super::records::{KEYS, Records, check_recipients};
use super::report::{Problem, Report};
use crate::crypto::verify::{Recipients, recipients};
use crate::crypto::{Secret, symmetric};
use crate::domain::contact::Contact;
use crate::domain::ids::{ContactId, Sealed, Slug, parse_sealed_path};
use crate::domain::record::Head;
use crate::error::Result;
use crate::store::parallel::chunk_size;
use crate::store::{KeyStore, Oid, Repo};
use crate::vault::recover::owner_of_key;
use crate::vault::snapshot::open_text;

/// Keys of books that could be unlocked, and why others could not.
pub type BookKeys = BTreeMap<Slug, Result<Secret, String>>;

/// A sealed file with the key that belongs to it.
struct Pair {
    kind: Sealed,
    book: Slug,
    id: ContactId,
    file: Oid,
    key: Option<Oid>,
}

/// Where the keys are and what they should fit.
pub struct Store<'a> {
    pub keys: Option<&'a KeyStore>,
    pub path: &'a Path,
    pub records: &'a Records,
    pub unlocked: &'a BookKeys,
    /// Books that this clone's member is in, or may be where that cannot be read.
    pub mine: &'a BTreeSet<Slug>,
    pub now: SystemTime,
}

/// Checks contacts and keys of the commit whose tree this is.
pub fn check(repo: &Repo, tree: Oid, store: &Store<'_>, report: &mut Report) -> Result<()> {
    let keys = key_files(store, report);
    let mut pairs = Vec::new();
    for kind in Sealed::ALL {
        pairs.extend(sealed_files(repo, tree, kind, store, &keys, report));
    }
    check_keys(store, &pairs, &keys, report);
    let mut opened: BTreeSet<&Slug> = BTreeSet::new();
    let mut closed: BTreeMap<&Slug, usize> = BTreeMap::new();
    for pair in &pairs {
        match store.unlocked.get(&pair.book) {
            Some(Ok(_)) => {
                opened.insert(&pair.book);
            }
            _ => *closed.entry(&pair.book).or_default() += usize::from(pair.kind == Sealed::Contact),
        }
    }
    opened.extend(store.unlocked.iter().filter(|(_, key)| key.is_ok()).map(|(book, _)| book));
    report.counts.books = opened.len();
    for (book, count) in closed {
        let why = match store.unlocked.get(book) {
            Some(Err(why)) => why.clone(),
            _ => "its key is not here".into(),
        };
        // How many there are is for the members of the book.
        let what = match store.mine.contains(book) {
            true => format!("what {count} contact(s) of book {book} hold"),
            false => format!("what the contacts of book {book} hold"),
        };
        report.not_checked(what, why);
    }
    open_all(repo, store, &pairs, report)?;
    super::evidence::check(repo, store, &keys, report);
    Ok(())
}

/// All key messages by path; problems of the store as a whole.
fn key_files(store: &Store<'_>, report: &mut Report) -> BTreeMap<String, Oid> {
    let Some(keys) = store.keys else { return BTreeMap::new() };
    let list = keys.list().unwrap_or_else(|e| {
        report.problem(Problem::error("damaged-key-store", "key store", &e));
        Vec::new()
    });
    if keys.borrows() {
        report.problem(Problem::path(
            "borrowed-keys",
            "key store",
            "it reads objects of another store too (objects/info/alternates): a key that is destroyed here may be there",
            "`carnet doctor --repair` ends that",
        ));
    }
    let left = keys.reachable().and_then(|mut needed| {
        // Git writes it on the way to the first tree; it holds nothing.
        needed.insert(Repo::empty_tree()?);
        Ok(keys.objects()?.into_iter().filter(|object| !needed.contains(object)).count())
    });
    match left {
        Ok(0) | Err(_) => {}
        Ok(n) => report.problem(Problem::path(
            "unreachable-objects",
            "key store",
            format!("{n} object(s) that nothing refers to: a destroyed key may be among them"),
            "`carnet doctor --repair` destroys them",
        )),
    }
    // How many there are of others' books is for their members.
    let mine = |path: &str| owner_of_key(path).is_none_or(|(book, _)| store.mine.contains(&book));
    report.counts.keys = list.iter().filter(|entry| mine(&entry.path)).count();
    list.into_iter().map(|entry| (entry.path, entry.id)).collect()
}

/// All sealed files of one kind with their keys; problems of their names and places.
fn sealed_files(
    repo: &Repo,
    tree: Oid,
    kind: Sealed,
    store: &Store<'_>,
    keys: &BTreeMap<String, Oid>,
    report: &mut Report,
) -> Vec<Pair> {
    let (files, damaged) = repo.list_readable(tree, kind.dir());
    for (path, e) in &damaged {
        report.problem(Problem::error("damaged-tree", path, e));
    }
    let mut pairs = Vec::with_capacity(files.len());
    let mut strange: BTreeSet<Slug> = BTreeSet::new();
    for found in files {
        let path = found.path.as_str();
        let Some((_, book, id)) = parse_sealed_path(path).filter(|_| found.plain) else {
            report.problem(Problem::path(
                "stray-file",
                path,
                "it is not a sealed file: neither its name nor its kind is one",
                "`git log -- PATH` shows who put it there; remove it and commit that",
            ));
            continue;
        };
        if !store.records.books.contains_key(&book) && strange.insert(book.clone()) {
            let path = format!("books/{book}.toml");
            let hint = "restore the file, or move its contacts to another book";
            report.problem(Problem::path("missing-record", &path, "the book has contacts and no file", hint));
        }
        if store.records.erased.contains(&id) {
            report.problem(Problem::path(
                "erased-contact",
                path,
                "the erasure ledger says that this contact was erased, and its file is here",
                "remove the file and commit that; a merge or an import may have brought it back",
            ));
        }
        let key = keys.get(&id.key_path(&book)).copied();
        if key.is_none() && store.keys.is_some() {
            report.problem(Problem::path("missing-key", path, "it has no key", KEYS));
        }
        pairs.push(Pair { kind, book, id, file: found.id, key });
    }
    pairs
}

/// Keys of the opposition list lie there in each book.
const OBJECTIONS_DIR: &str = "/objections/";

/// Every key must have its contact or book, and no erased contact may have one.
fn check_keys(store: &Store<'_>, pairs: &[Pair], keys: &BTreeMap<String, Oid>, report: &mut Report) {
    let Some(key_store) = store.keys else { return };
    let contacts: BTreeSet<(&Slug, &ContactId)> = pairs.iter().map(|p| (&p.book, &p.id)).collect();
    for (path, message) in keys {
        let bad = |kind, message: &str, hint: &str| Problem::path(kind, path, message, hint).in_key_store();
        let orphan = "`carnet doctor --repair` destroys keys that belong to nothing";
        let problem = match owner_of_key(path) {
            None => bad("stray-key", "it is not a key's file", orphan),
            Some((_, Some(id))) if store.records.erased.contains(&id) => bad(
                "erased-key",
                "the erasure ledger says that this contact was erased, and its key is here",
                "the next carnet command that opens the repository destroys it, or `carnet doctor --repair`",
            ),
            Some((book, Some(id))) if !contacts.contains(&(&book, &id)) => {
                bad("orphan-key", "no contact or record of this book has this id", orphan)
            }
            Some((_, Some(_))) => continue,
            Some((book, None))
                if path.contains(OBJECTIONS_DIR) && store.records.books.contains_key(&book) =>
            {
                let message = key_store.blob(*message).map_err(|e| e.to_string()).and_then(sealed);
                let unlocked = store.unlocked.get(&book).and_then(|key| key.as_ref().ok());
                match message.map(|m| unlocked.is_none_or(|key| symmetric::open(key, &m).is_ok())) {
                    Ok(true) => continue,
                    Ok(false) => bad("damaged-key", "it does not open with its book's key", KEYS),
                    Err(e) => bad("damaged-key", &e, KEYS),
                }
            }
            Some((book, None)) => {
                match key_store.blob(*message) {
                    Ok(message) => check_recipients(&book, &message, store.records, store.now, report),
                    Err(e) => report.problem(Problem::error("damaged-key", path, &e).in_key_store()),
                }
                if store.records.books.contains_key(&book) {
                    continue;
                }
                bad("orphan-key", "there is no such book", orphan)
            }
        };
        report.problem(problem);
    }
    for book in store.records.books.keys().filter(|book| !keys.contains_key(&format!("{book}/book.pgp"))) {
        let path = format!("books/{book}.toml");
        report.problem(Problem::path("missing-key", &path, "the book has no key", KEYS));
    }
}

/// Reads every file, and opens those whose book could be unlocked, on all cores.
fn open_all(repo: &Repo, store: &Store<'_>, pairs: &[Pair], report: &mut Report) -> Result<()> {
    let size = chunk_size(pairs.len());
    let mut handles = Vec::new();
    for _ in pairs.chunks(size) {
        let keys = store.keys.map(|_| KeyStore::open(store.path)).transpose()?;
        handles.push((repo.another()?, keys));
    }
    let (unlocked, records) = (store.unlocked, store.records);
    let found: Vec<Vec<Opened>> = handles
        .into_par_iter()
        .zip(pairs.par_chunks(size))
        .map(|((repo, keys), pairs)| {
            pairs.iter().map(|pair| open(&repo, keys.as_ref(), (unlocked, records), pair)).collect()
        })
        .collect();
    let (mut keys, mut told) = (BTreeMap::new(), beside::Found::new());
    for (opened, pair) in found.into_iter().flatten().zip(pairs) {
        match pair.kind {
            Sealed::Contact => report.counts.contacts += usize::from(opened.whole),
            Sealed::Record => report.counts.records += usize::from(opened.whole),
        }
        report.problems.extend(opened.problems);
        if pair.kind == Sealed::Record {
            told.insert((&pair.book, &pair.id), opened.record);
        }
        let before = opened.key.and_then(|key| keys.insert(key, pair));
        if let Some(before) = before {
            let message = format!("the key of {} opens it, too: each has one of its own", before.id);
            let path = pair.id.key_path(&pair.book);
            let hint = "erasing one would leave the other's key: add the contact anew, and erase this one";
            report.problem(Problem::path("shared-key", &path, message, hint).in_key_store());
        }
    }
    beside::check(&store.records.beside, &told, report);
    Ok(())
}

/// What opening a pair of file and key came to.
#[derive(Default)]
struct Opened {
    problems: Vec<Problem>,
    /// Both opened, and all fits.
    whole: bool,
    /// Digest of the key, where it opened.
    key: Option<String>,
    /// What a record says of itself.
    record: Option<beside::Told>,
}

/// Checks one contact's or record's file and key.
fn open(
    repo: &Repo,
    keys: Option<&KeyStore>,
    (unlocked, records): (&BookKeys, &Records),
    pair: &Pair,
) -> Opened {
    let path = pair.kind.path(&pair.book, &pair.id);
    let key_path = pair.id.key_path(&pair.book);
    let mut problems = Vec::new();
    let book_key = unlocked.get(&pair.book).and_then(|key| key.as_ref().ok());
    let key = keys.zip(pair.key).map(|(keys, key)| {
        let message = keys.blob(key).map_err(|e| e.to_string())?;
        let Some(book_key) = book_key else { return sealed(message).map(|_| None) };
        match symmetric::open(book_key, &message).and_then(|plaintext| Secret::from_message(&plaintext)) {
            Ok(key) => Ok(Some(key)),
            // Only now is it worth a second reading: opening has seen to the form of what opens.
            Err(e) => sealed(message).and(Err(format!("it does not open with its book's key: {e}"))),
        }
    });
    let key = key.unwrap_or(Ok(None)).unwrap_or_else(|e| {
        problems.push(Problem::path("damaged-key", &key_path, e, KEYS).in_key_store());
        None
    });
    let file = repo.blob(pair.file).map_err(|e| e.to_string());
    let file = match (file, &key) {
        (Ok(file), Some(_)) => Ok(file),
        (file, _) => file.and_then(sealed),
    };
    let file = file.map_err(|e| problems.push(Problem::path("damaged-contact", &path, e, RESTORE)));
    if let (Ok(file), Some(key)) = (file, key) {
        match inside(&key, &file, pair) {
            Ok(Inside::Contact(contact)) => {
                problems.extend(super::evidence::named_by(&contact, records));
                return Opened { problems, whole: true, key: Some(key.digest()), record: None };
            }
            Ok(Inside::Record(told)) => {
                return Opened { problems, whole: true, key: Some(key.digest()), record: told };
            }
            Err((kind, why)) => {
                // What does not open may have no right form at all, which says more.
                let form = sealed(file).map(|_| (kind, why)).unwrap_or_else(|e| ("damaged-contact", e));
                problems.push(Problem::path(form.0, &path, form.1, RESTORE));
            }
        }
    }
    Opened { problems, ..Opened::default() }
}

/// What a sealed file holds.
enum Inside {
    Contact(Box<Contact>),
    Record(Option<beside::Told>),
}

/// Opens a sealed file and checks that what is inside belongs there.
fn inside(key: &Secret, file: &[u8], pair: &Pair) -> Result<Inside, (&'static str, String)> {
    let text = open_text(key, file).map_err(|_| {
        let why = "it does not open with its contact's key: it was damaged, swapped with another contact's, or \
                   encrypted by somebody else";
        ("foreign-contact", why.to_owned())
    })?;
    let place = match pair.kind {
        Sealed::Contact => Contact::parse(&text)
            .map(|contact| (contact.id.clone(), contact.book.clone(), Inside::Contact(Box::new(contact)))),
        Sealed::Record => Head::parse(&text)
            .map(|head| (head.id, head.book, Inside::Record(crate::domain::record::parse(&text).ok()))),
    };
    let (id, book, held) = place.map_err(|e| {
        // The parser's own words may quote what the line holds.
        let place = e.place.map(|p| format!(" ({p})")).unwrap_or_default();
        ("bad-contact", format!("what it holds is not valid{place}"))
    })?;
    if id != pair.id || book != pair.book {
        let why = "what it holds is another one's, or another book's: it was swapped";
        return Err(("swapped-contact", why.into()));
    }
    Ok(held)
}

pub(super) const RESTORE: &str =
    "`git log -- PATH` shows who changed it last; `git restore --source COMMIT -- PATH`, then commit";

/// A well-formed message with exactly one key: one passphrase packet and nothing else in front of its body.
pub(super) fn sealed(message: Vec<u8>) -> Result<Vec<u8>, String> {
    let found = recipients(&message).map_err(|e| e.to_string())?;
    let one = Recipients { passphrases: 1, ..Recipients::default() };
    if found == one {
        return Ok(message);
    }
    let others = found.ids.len() + found.hidden;
    Err(format!(
        "it has {} passphrase(s) and {others} other recipient(s) instead of one key",
        found.passphrases
    ))
}
