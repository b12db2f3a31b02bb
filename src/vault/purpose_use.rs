//! What still uses a purpose or a processor, so that neither goes from the register before.

use super::{Snapshot, Vault};
use crate::domain::ids::Slug;
use crate::domain::registers::purpose::Purpose;
use crate::error::{Error, Result};

impl Vault {
    /// Refuses to remove a purpose that a book, a default or a contact still names, or that cannot be told.
    pub fn check_purpose_unused(&self, at: Snapshot, purpose: &Slug) -> Result<()> {
        let mut by = Vec::new();
        let settings = self.settings(at)?;
        if settings.default_bases()?.iter().any(|basis| basis.purpose == *purpose) {
            by.push("the default basis in carnet.toml".to_owned());
        }
        if self.repo.config("carnet.purpose")?.as_deref() == Some(purpose.as_str()) {
            by.push("git's `carnet.purpose` in this clone".to_owned());
        }
        let mut closed = Vec::new();
        for (slug, book) in self.all_books(at)? {
            if book.purpose == *purpose {
                by.push(format!("book {slug}, whose reads are recorded under it"));
            }
            if !book.members.contains(&self.me.handle) {
                if self.book_tree(at, &slug)?.is_some() {
                    closed.push(slug.to_string());
                }
                continue;
            }
            let held = self.contacts_on(at, &slug, purpose)?;
            if held > 0 {
                by.push(format!("{held} contact(s) of book {slug}"));
            }
        }
        if !by.is_empty() {
            return Err(Error::refused(format!("the purpose `{purpose}` is still used: {}", by.join("; ")))
                .hint(format!(
                    "set its end instead: `carnet purpose edit {purpose} --set until={}`",
                    self.today()
                )));
        }
        if !closed.is_empty() {
            return Err(Error::refused(
                "whether the purpose is still used cannot be told without every book",
            )
            .at(format!("books that you cannot open: {}", closed.join(", ")))
            .hint("ask somebody who can open them to remove it"));
        }
        Ok(())
    }

    /// How many contacts of one of this member's books have a basis for the purpose.
    fn contacts_on(&self, at: Snapshot, book: &Slug, purpose: &Slug) -> Result<usize> {
        let index = self.index(at, book)?;
        let prefix = format!("{purpose}:");
        let uses = |bases: &str| bases.lines().any(|line| line.starts_with(&prefix));
        Ok(index.rows().iter().filter(|row| uses(row.bases)).count())
    }

    /// Refuses to remove a processor that a purpose still names.
    pub fn check_processor_unused(&self, at: Snapshot, processor: &str) -> Result<()> {
        let purposes = self.entries::<Purpose>(at)?;
        let by: Vec<String> = purposes
            .iter()
            .filter(|p| p.record.processors.iter().any(|name| name.as_str() == processor))
            .map(|p| p.name.clone())
            .collect();
        if by.is_empty() {
            return Ok(());
        }
        Err(Error::refused(format!("the processor `{processor}` is still named by: {}", by.join(", ")))
            .hint(format!(
                "`carnet purpose edit {} --set processors-={processor}`; one that has ended stays: `carnet processor edit {processor} --set until={}`",
                by.first().map_or("customers", String::as_str),
                self.today()
            )))
    }
}
