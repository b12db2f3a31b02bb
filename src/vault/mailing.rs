//! Mailings: everybody who may lawfully be contacted, decided contact by contact on all cores, and why the others
//! may not. A list is pinned to the commit and the moment that it was decided at, so that it can be decided again.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use rayon::prelude::*;

use super::judge::Judge;
use super::snapshot::{check_place, open_text_with};
use super::{Snapshot, Vault};
use crate::crypto::digest::sha256;
use crate::crypto::{Secret, symmetric};
use crate::domain::channel::Channel;
use crate::domain::contact::Contact;
use crate::domain::ids::{ContactId, Slug};
use crate::domain::lawful::decide::address;
use crate::domain::lawful::{Decision, Rule};
use crate::domain::trailer::Entry;
use crate::error::{Error, Result};
use crate::store::parallel::chunk_size;
use crate::store::{KeyStore, Oid, Repo};

/// Somebody on the list.
#[derive(Clone, Debug, serde::Serialize)]
pub struct Recipient {
    pub id: ContactId,
    pub book: Slug,
    pub name: String,
    /// What the channel uses: an address or a number.
    pub address: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lang: Option<String>,
    #[serde(flatten)]
    pub decision: Decision,
}

/// A list, and everybody left out.
#[derive(Clone, Debug, Default)]
pub struct Mailing {
    /// In order of id.
    pub recipients: Vec<Recipient>,
    /// How many are left out by each reason.
    pub left_out: BTreeMap<&'static str, usize>,
    pub books: Vec<Slug>,
    /// Entries of the opposition list that belong to books of others and were not compared.
    pub unchecked: usize,
    /// SHA-256 of the ids on the list, one a line.
    pub digest: String,
}

/// One that shares its address with somebody already on the list.
pub const DUPLICATE: &str = "duplicate-address";
/// One that was erased since the commit that the list is decided at.
pub const ERASED: &str = "erased-since";

/// A mailing as the access chain has it: what was decided, where and when.
#[derive(Clone, Debug)]
pub struct Pinned {
    pub at: Snapshot,
    pub moment: i64,
    /// The list's digest and length, as they were then.
    pub digest: Option<String>,
    pub count: Option<usize>,
    pub purpose: Option<Slug>,
    pub channel: Option<Channel>,
}

/// A contact file to decide about.
struct Sealed {
    book: Slug,
    id: ContactId,
    blob: Oid,
}

/// What one contact came to.
enum One {
    Listed(Box<Recipient>),
    LeftOut { rule: Rule, address: Option<String> },
    Erased,
}

impl Vault {
    /// Decides a list for the judge's purpose, channel and moment, by the repository as it was at `at`.
    pub fn mailing(&self, at: Snapshot, judge: &Judge, only: Option<&Slug>) -> Result<Mailing> {
        let now = self.snapshot()?;
        let mut books: Vec<Slug> = self.my_books(now)?.into_iter().map(|(book, _)| book).collect();
        books.retain(|book| only.is_none_or(|only| only == book));
        if books.is_empty() {
            return Err(Error::not_found("you have no such book").hint("`carnet book list` shows yours"));
        }
        let mut wanted = Vec::new();
        for book in &books {
            for (id, blob) in self.contacts_of(at, book)? {
                wanted.push(Sealed { book: book.clone(), id, blob });
            }
        }
        let keys = self.all_books(now)?.into_iter().filter_map(|(book, _)| {
            let key = self.book_key(&book).ok()?;
            Some((book, (*key).clone()))
        });
        let keys: HashMap<Slug, Secret> = keys.collect();
        let mut all: Vec<One> = Vec::with_capacity(wanted.len());
        for one in self.decide_all(judge, &wanted, &keys)? {
            all.push(one?);
        }
        Ok(Mailing { books, unchecked: judge.unchecked(), ..listed(all, judge.channel) })
    }

    fn decide_all(
        &self,
        judge: &Judge,
        wanted: &[Sealed],
        keys: &HashMap<Slug, Secret>,
    ) -> Result<Vec<Result<One>>> {
        let size = chunk_size(wanted.len());
        let path = KeyStore::path_in(&self.private_dir());
        let mut handles = Vec::new();
        for _ in wanted.chunks(size) {
            handles.push((self.repo.another()?, KeyStore::open(&path)?));
        }
        let done: Vec<Vec<Result<One>>> = handles
            .into_par_iter()
            .zip(wanted.par_chunks(size))
            .map(|((repo, store), part)| {
                part.iter().map(|one| decide_one(judge, &repo, &store, keys, one)).collect()
            })
            .collect();
        Ok(done.into_iter().flatten().collect())
    }

    /// Writes the mailing into the access chain: its purpose, how many, and what it was decided at.
    pub fn record_mailing(&self, at: Snapshot, judge: &Judge, mailing: &Mailing) -> Result<Oid> {
        let mut entry = Entry::new(format!("access: mailing of {}", mailing.recipients.len()), "mailing");
        entry.books.clone_from(&mailing.books);
        entry.count = Some(mailing.recipients.len());
        entry.purposes.push(judge.purpose.clone());
        entry.channel = Some(judge.channel.as_str().to_owned());
        entry.decided = Some(at.commit.to_string());
        entry.digest = Some(mailing.digest.clone());
        self.record_entry(entry)
    }

    /// What `--at` names: a mailing's own entry in an access chain, or a commit of the branch.
    pub fn mailing_at(&self, text: &str) -> Result<Pinned> {
        let unknown = || {
            Error::not_found("there is no such commit")
                .at("--at")
                .hint("give the entry that the mailing printed, or a commit of the branch (`git log`)")
        };
        let id = self.repo.commit_named(text)?.ok_or_else(unknown)?;
        let now = self.snapshot()?;
        let commit = self.repo.commit(id)?;
        if self.repo.contains(now.commit, id)? {
            let at = Snapshot { commit: id, tree: commit.tree };
            let moment = commit.time;
            return Ok(Pinned { at, moment, digest: None, count: None, purpose: None, channel: None });
        }
        let entry =
            Entry::parse(&commit.message).filter(|entry| entry.action == "mailing").ok_or_else(unknown)?;
        let decided = entry.decided.as_deref().and_then(|id| Oid::from_str(id).ok()).ok_or_else(unknown)?;
        if !self.repo.contains(now.commit, decided)? {
            return Err(unknown());
        }
        Ok(Pinned {
            at: Snapshot { commit: decided, tree: self.repo.tree_of(decided)? },
            moment: commit.time,
            digest: entry.digest,
            count: entry.count,
            purpose: entry.purposes.into_iter().next(),
            channel: entry.channel.as_deref().and_then(Channel::of),
        })
    }

    /// Records a read that is not of one of the usual forms.
    fn record_entry(&self, entry: Entry) -> Result<Oid> {
        let _lock = crate::store::lock::acquire(&self.private_dir())?;
        self.append_access(entry)
    }
}

fn decide_one(
    judge: &Judge,
    repo: &Repo,
    store: &KeyStore,
    keys: &HashMap<Slug, Secret>,
    one: &Sealed,
) -> Result<One> {
    // Where the contact is now; it may have moved since.
    let books = std::iter::once(&one.book).chain(keys.keys().filter(|book| **book != one.book));
    let mut found = None;
    for book in books {
        let (Some(key), Some(message)) = (keys.get(book), store.get(&one.id.key_path(book))?) else {
            continue;
        };
        found = Some(Secret::all_from_message(&symmetric::open(key, &message)?)?);
        break;
    }
    let Some(secrets) = found else { return Ok(One::Erased) };
    let path = one.id.path(&one.book);
    let text = open_text_with(&secrets, &repo.blob(one.blob)?).map_err(|e| e.at(path.clone()))?;
    let contact: Contact = check_place(&text, &one.book, &one.id).map_err(|e| e.at(path))?;
    let decision = judge.decide(&contact, &text)?;
    let address = address(&contact, judge.channel);
    match (decision.allowed, address) {
        (true, Some(address)) => Ok(One::Listed(Box::new(Recipient {
            id: one.id.clone(),
            book: one.book.clone(),
            name: contact.name,
            address,
            lang: contact.lang,
            decision,
        }))),
        (_, address) => Ok(One::LeftOut { rule: decision.rule, address }),
    }
}

/// Puts the list together. Whoever said no keeps their address off it, whatever another contact with it says.
fn listed(all: Vec<One>, channel: Channel) -> Mailing {
    let personal = [Rule::OppositionList, Rule::Restricted, Rule::Objected, Rule::Withdrawn, Rule::Refused];
    let mut mailing = Mailing::default();
    let mut noes: HashMap<String, Rule> = HashMap::new();
    let mut candidates = BTreeMap::new();
    let mut count = |why: &'static str| *mailing.left_out.entry(why).or_default() += 1;
    for one in all {
        match one {
            One::Listed(recipient) => drop(candidates.insert(recipient.id.clone(), *recipient)),
            One::Erased => count(ERASED),
            One::LeftOut { rule, address } => {
                count(rule.as_str());
                if let Some(address) = address.filter(|_| personal.contains(&rule)) {
                    noes.insert(address, rule);
                }
            }
        }
    }
    let mut seen = HashSet::new();
    for recipient in candidates.into_values() {
        // People who live together share a letter box, not what each has said.
        if channel != Channel::Post {
            if let Some(rule) = noes.get(&recipient.address) {
                count(rule.as_str());
                continue;
            }
            if !seen.insert(recipient.address.clone()) {
                count(DUPLICATE);
                continue;
            }
        }
        mailing.recipients.push(recipient);
    }
    let ids: BTreeSet<&str> = mailing.recipients.iter().map(|r| r.id.as_str()).collect();
    let ids: String = ids.into_iter().map(|id| format!("{id}\n")).collect();
    mailing.digest = sha256(ids.as_bytes());
    mailing
}

/// Whether a list that was decided again is the one that was decided then.
pub fn is_same(mailing: &Mailing, pinned: &Pinned) -> Option<bool> {
    pinned.digest.as_ref().map(|digest| *digest == mailing.digest)
}
