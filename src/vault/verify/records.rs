//! Plain files at HEAD: settings, books, members, registers, the ledger; and the work tree beside them.

use std::collections::{BTreeMap, BTreeSet};
use std::time::SystemTime;

use super::beside::Beside;
use super::report::{Problem, Report};
use super::rules::Rules;
use crate::crypto::digest::sha256;
use crate::crypto::verify::recipients;
use crate::crypto::{Cert, verify};
use crate::domain::breach;
use crate::domain::evidence;
use crate::domain::ids::{ContactId, Slug};
use crate::domain::objection::{self, Objection};
use crate::domain::organisation::Settings;
use crate::domain::policy::Policy;
use crate::domain::register::{self, Book, Erasure, Member};
use crate::domain::registers::{
    agreement::Agreement, processor::Processor, purpose::Purpose, training::Training,
};
use crate::domain::request;
use crate::domain::wording::{self, Wording};
use crate::error::{Error, Result};
use crate::store::signed::Found;
use crate::store::{Oid, Repo};
use crate::vault::ledger::LEDGER;

/// What the plain files say, for the other checks.
#[derive(Default)]
pub struct Records {
    pub settings: Option<Settings>,
    /// Books that are declared; none where the file cannot be read.
    pub books: BTreeMap<Slug, Option<Book>>,
    pub erased: BTreeSet<ContactId>,
    pub certs: BTreeMap<Slug, Cert>,
    /// Content hashes of the wordings' texts as they stand, and what their records say, by the path of each text.
    pub wordings: BTreeMap<String, String>,
    pub wordings_said: BTreeMap<String, String>,
    /// What register entries say of the sealed record beside them.
    pub beside: Vec<Beside>,
    /// Evidence files, path and blob.
    pub evidence: BTreeMap<String, Oid>,
}

/// Reads and checks every plain file that carnet knows.
pub fn check(repo: &Repo, tree: Oid, report: &mut Report) -> Records {
    let mut records = Records::default();
    let (files, damaged) = repo.list_readable(tree, "");
    for (path, e) in damaged.iter().filter(|(path, _)| !path.starts_with("contacts")) {
        report.problem(Problem::error("damaged-tree", if path.is_empty() { "/" } else { path }, e));
    }
    for file in files.iter().filter(|f| !f.path.starts_with("contacts/")) {
        if let Err(e) = read(repo, file, &mut records) {
            report.problem(Problem::error("bad-record", &file.path, &e.hint(REPAIR)));
        }
    }
    super::evidence::check_wordings(&records, report);
    if !files.iter().any(|f| f.path == "carnet.toml") {
        report.problem(Problem::path("missing-record", "carnet.toml", "the settings are missing", REPAIR));
    }
    records
}

const REPAIR: &str = "`git log -- PATH` shows who changed it last; correct it and commit it";

fn read(repo: &Repo, file: &Found, records: &mut Records) -> Result<()> {
    let path = file.path.as_str();
    let (dir, name) = path.rsplit_once('/').unwrap_or(("", path));
    if path.starts_with(evidence::DIR) && path.contains('/') {
        evidence::parse_path(path)
            .filter(|_| file.plain)
            .ok_or_else(|| Error::failed("it is no evidence file: neither its name nor its kind is one"))?;
        records.evidence.insert(path.to_owned(), file.id);
        return Ok(());
    }
    let ours = ["carnet.toml", Policy::PATH].contains(&path)
        || ["books", "members", "registers"].contains(&path.split('/').next().unwrap_or_default());
    if !ours {
        return Ok(());
    }
    if dir == "books" {
        // A book that is declared in a broken file is still declared.
        let slug = name.strip_suffix(".toml").ok_or_else(|| Error::failed("it is no book's file"))?;
        records.books.insert(slug.parse()?, None);
    }
    if !file.plain {
        return Err(Error::failed("it is not a regular file"));
    }
    let bytes = repo.blob(file.id)?;
    if let Some(handle) = path.strip_prefix("members/").and_then(|name| name.strip_suffix(".toml")) {
        let _: Slug = handle.parse()?;
        let text = std::str::from_utf8(&bytes).map_err(|_| Error::failed("it is not UTF-8 text"))?;
        return register::parse::<Member>(path, text).map(|_| ());
    }
    if dir == "members" {
        let handle = name.strip_suffix(".asc").ok_or_else(|| Error::failed("it is no certificate's file"))?;
        records.certs.insert(handle.parse()?, Cert::parse(&bytes)?);
        return Ok(());
    }
    if name.ends_with(".pgp") {
        return recipients(&bytes).map(|_| ());
    }
    let text = std::str::from_utf8(&bytes).map_err(|_| Error::failed("it is not UTF-8 text"))?;
    match (dir, name.strip_suffix(".toml")) {
        ("", Some("carnet")) => records.settings = Some(Settings::parse(text)?),
        ("books", Some(slug)) => {
            records.books.insert(slug.parse()?, Some(register::parse(path, text)?));
        }
        ("registers/purposes", Some(slug)) => {
            let _: Slug = slug.parse()?;
            register::parse::<Purpose>(path, text)?;
        }
        ("registers/processors", Some(_)) => drop(register::parse::<Processor>(path, text)?),
        ("registers/trainings", Some(_)) => drop(register::parse::<Training>(path, text)?),
        ("registers/agreements", Some(_)) => drop(register::parse::<Agreement>(path, text)?),
        (LEDGER, Some(id)) => {
            // The id counts as erased whatever else is wrong with the entry.
            let id: ContactId = id.parse()?;
            records.erased.insert(id.clone());
            if register::parse::<Erasure>(path, text)?.contact != id {
                return Err(Error::failed("the entry names another contact than its file"));
            }
        }
        (request::DIR, Some(_)) => {
            let request = request::Request::parse(path, text)?;
            request.zone()?;
            records.beside.extend(Beside::of_request(path, &request));
        }
        (breach::DIR, Some(_)) => records.beside.push(Beside::of_breach(path, register::parse(path, text)?)),
        (dir, name) if dir.starts_with(wording::DIR) => {
            let (slug, n, ending) = wording::parse_path(path)
                .ok_or_else(|| Error::failed("it is in no place for a wording: SLUG/NUMBER.md or .toml"))?;
            let stem = wording::stem(&slug, n);
            match name {
                Some(_) if ending == "toml" => {
                    let said: Wording = register::parse(path, text)?;
                    records.wordings_said.insert(stem, said.sha256);
                }
                _ => drop(records.wordings.insert(stem, sha256(&bytes))),
            }
        }
        (dir, Some(name)) if dir.starts_with(objection::DIR) => {
            let _: Objection = register::parse(path, text)?;
            if !objection::is_place(dir, name) {
                return Err(Error::failed("it is in no place for an entry of the opposition list"));
            }
        }
        (_, Some(_)) => {
            register::parse::<toml::Table>(path, text)?;
        }
        _ => {}
    }
    Ok(())
}

/// Checks that members' certificates are those of the signing policy.
pub fn check_members(records: &Records, rules: Option<&Rules>, report: &mut Report) {
    let Some(rules) = rules else { return };
    for (handle, ring) in &rules.certs {
        let path = format!("members/{handle}.asc");
        let listed: BTreeSet<String> = ring.iter().map(Cert::fingerprint).collect();
        let cert = handle.parse::<Slug>().ok().and_then(|slug| records.certs.get(&slug));
        let (kind, message) = match cert {
            None => ("missing-certificate", "the member's certificate is missing, or cannot be read"),
            Some(cert) if listed != BTreeSet::from([cert.fingerprint()]) => {
                ("other-certificate", "the certificate is not the one that the signing policy has")
            }
            Some(_) => continue,
        };
        report.problem(Problem::path(
            kind,
            &path,
            message,
            "commit the certificate that belongs to the member",
        ));
    }
}

/// Checks that a book's key message is encrypted to its members' encryption subkeys and to nothing else.
pub fn check_recipients(
    book: &Slug,
    message: &[u8],
    records: &Records,
    now: SystemTime,
    report: &mut Report,
) {
    let path = format!("{book}/book.pgp");
    let found = match recipients(message) {
        Ok(found) => found,
        Err(e) => return report.problem(Problem::error("damaged-key", &path, &e.hint(KEYS)).in_key_store()),
    };
    let Some(Some(declared)) = records.books.get(book) else { return };
    let mut bad = |message: String| {
        report.problem(Problem::path("wrong-recipients", &path, message, RECIPIENTS).in_key_store())
    };
    let mut known: BTreeSet<String> = BTreeSet::new();
    for member in &declared.members {
        let Some(cert) = records.certs.get(member) else {
            bad(format!("{member} is a member of the book and has no certificate here"));
            continue;
        };
        let (usable, ever) = verify::encryption_ids(cert, now);
        if usable.is_empty() {
            bad(format!("{member} is a member of the book and has no usable encryption subkey"));
        }
        for id in usable.iter().filter(|id| !found.ids.contains(id)) {
            bad(format!("the book key is not encrypted to {member}'s key {id}"));
        }
        known.extend(ever);
    }
    for id in found.ids.iter().filter(|id| !known.contains(*id)) {
        bad(format!("the book key is encrypted to {id}, which is no key of a member of the book"));
    }
    if found.hidden > 0 {
        bad(format!("the book key is encrypted to {} recipient(s) that are not named", found.hidden));
    }
    if found.passphrases > 0 {
        bad(format!("{} passphrase(s) open the book key", found.passphrases));
    }
}

/// What differs between the members of a book and those whom its key message is encrypted to, for the audit.
pub fn recipient_problems(
    repo: &Repo,
    tree: Oid,
    book: &Slug,
    message: &[u8],
    now: SystemTime,
) -> Vec<String> {
    let path = Book::path(book);
    let read = |path: &str| repo.file(tree, path).ok().flatten();
    let declared: Option<Book> =
        read(&path).and_then(|bytes| register::parse(&path, std::str::from_utf8(&bytes).ok()?).ok());
    let members = declared.iter().flat_map(|b| &b.members);
    let certs =
        members.filter_map(|m| Some((m.clone(), Cert::parse(&read(&format!("members/{m}.asc"))?).ok()?)));
    let certs = certs.collect();
    let records = Records { books: BTreeMap::from([(book.clone(), declared)]), certs, ..Records::default() };
    let mut report = Report::default();
    check_recipients(book, message, &records, now, &mut report);
    report.problems.into_iter().map(|problem| problem.message).collect()
}

pub const KEYS: &str = "fetch the key from another clone (`carnet sync`) or from a backup of .git/carnet";
const RECIPIENTS: &str = "members are declared in books/BOOK.toml; seal the book key anew to exactly those";

/// Checks that the work tree is as committed.
pub fn check_work_tree(repo: &Repo, report: &mut Report) {
    match repo.changed_paths() {
        Ok(paths) => {
            for path in paths {
                let kind = if path.starts_with("contacts/") { "changed-contact" } else { "changed-file" };
                report.problem(Problem::path(
                    kind,
                    &path,
                    "the work tree or git's index has another version than the commit",
                    "`git diff HEAD -- PATH` shows it; `git restore --staged --worktree -- PATH` takes the committed one",
                ));
            }
        }
        Err(e) => report.not_checked("whether the work tree is as committed", e.to_string()),
    }
}
