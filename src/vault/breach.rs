//! The register of breaches: plain codes, moments and numbers in one file, the texts in a sealed record beside it.

use super::{Snapshot, Vault};
use crate::domain::breach::{Breach, Companion, DIR, Moment, Reference, Texts};
use crate::domain::ids::{ContactId, Slug};
use crate::domain::record::Head;
use crate::domain::register;
use crate::domain::trailer::Entry;
use crate::error::{Error, Kind, Result};
use crate::store::Oid;

/// The kind of the sealed record.
fn kind() -> Result<Slug> {
    "breach".parse()
}

impl Vault {
    /// Now, as the register writes moments.
    pub fn moment(&self) -> Moment {
        self.now.fixed_offset()
    }

    /// All breaches, in order of reference.
    pub fn breaches(&self, at: Snapshot) -> Result<Vec<Breach>> {
        let mut all =
            self.each_breach(at)?.into_iter().map(|(_, breach)| breach).collect::<Result<Vec<_>>>()?;
        all.sort_by(|a, b| a.reference.cmp(&b.reference));
        Ok(all)
    }

    /// Every entry with its path, also one that cannot be read.
    pub fn each_breach(&self, at: Snapshot) -> Result<Vec<(String, Result<Breach>)>> {
        let mut all = Vec::new();
        for file in self.repo.list(at.tree, DIR)? {
            let path = format!("{DIR}/{}", file.path);
            let Some(reference) = file.path.strip_suffix(".toml") else { continue };
            let text = String::from_utf8_lossy(&self.repo.blob(file.id)?).into_owned();
            let breach = register::parse::<Breach>(&path, &text).and_then(|breach| {
                let fits = breach.reference.as_str() == reference;
                let wrong =
                    || Error::failed("the entry has another reference than its file").at(path.clone());
                if fits { Ok(breach) } else { Err(wrong()) }
            });
            all.push((path, breach));
        }
        Ok(all)
    }

    /// The breach that somebody means: its reference, or `2026-001` where only one begins like that.
    pub fn breach(&self, at: Snapshot, text: &str) -> Result<Breach> {
        let mut found = self.breaches(at)?;
        found.retain(|breach| breach.reference.is_meant_by(text));
        match found.len() {
            0 => {
                Err(Error::not_found("no breach has this reference").hint("`carnet breach list` shows them"))
            }
            1 => Ok(found.remove(0)),
            n => Err(Error::new(
                Kind::Ambiguous,
                format!("{n} breaches have a reference that begins like this"),
            )
            .hint("give all of it; `carnet breach list` shows them")),
        }
    }

    /// The texts of a breach.
    pub fn breach_texts(&self, at: Snapshot, breach: &Breach) -> Result<Texts> {
        let Companion { book, id } = &breach.texts;
        let record = self.open_record(at, book, id)?.ok_or_else(|| {
            Error::not_found("the sealed texts of the breach are gone")
                .at(breach.reference.path_in(DIR))
                .hint("`git log -- PATH` shows who removed the record")
        })?;
        record.body()
    }

    /// Enters a breach: `make` gets its reference and where its texts go.
    pub fn open_breach(
        &self,
        book: &Slug,
        texts: &Texts,
        make: impl FnOnce(Reference, Companion) -> Result<Breach>,
    ) -> Result<(Breach, Option<Oid>)> {
        let head = Head::new(book, &kind()?);
        let (commit, breach) = self.write(|at, staged| {
            let year: i32 = self.now.format("%Y").to_string().parse().unwrap_or_default();
            let known = self.breaches(at)?;
            let number = Reference::next_number(known.iter().map(|b| &b.reference), year);
            let reference = Reference::new(year, number, ContactId::random().short())?;
            let breach = make(reference, Companion { book: book.clone(), id: head.id.clone() })?;
            breach.check(self.moment())?;
            staged.put(breach.reference.path_in(DIR), register::to_toml(&breach)?);
            self.stage_new_record(staged, &head, texts)?;
            Ok((entry("open", &breach), breach))
        })?;
        Ok((breach, commit))
    }

    /// Changes a breach and its texts in one commit; none where nothing changed. `what` is the verb of the commit.
    pub fn change_breach(
        &self,
        reference: &str,
        what: &str,
        change: impl FnOnce(Snapshot, &mut Breach, &mut Texts) -> Result<()>,
    ) -> Result<(Breach, Option<Oid>)> {
        let (commit, breach) = self.write(|at, staged| {
            let old = self.breach(at, reference)?;
            let old_texts = self.breach_texts(at, &old)?;
            let (mut breach, mut texts) = (old.clone(), old_texts.clone());
            change(at, &mut breach, &mut texts)?;
            breach.check(self.moment())?;
            if breach != old {
                staged.put(breach.reference.path_in(DIR), register::to_toml(&breach)?);
            }
            if texts != old_texts {
                let Companion { book, id } = &breach.texts;
                let head = Head { id: id.clone(), book: book.clone(), kind: kind()? };
                self.stage_record(staged, &head, &texts)?;
            }
            Ok((entry(what, &breach), breach))
        })?;
        Ok((breach, commit))
    }
}

fn entry(what: &str, breach: &Breach) -> Entry {
    let mut entry = Entry::new(format!("breach: {what} {}", breach.reference), &format!("breach-{what}"));
    entry.records.push(breach.texts.id.clone());
    entry.books.push(breach.texts.book.clone());
    entry
}
