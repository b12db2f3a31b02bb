//! Wordings: texts that are never changed once they are there, found by their content hash.

use super::{Snapshot, Vault};
use crate::crypto::digest::sha256;
use crate::domain::ids::Slug;
use crate::domain::organisation::Lang;
use crate::domain::register;
use crate::domain::trailer::Entry;
use crate::domain::wording::{self, DIR, Wanted, Wording};
use crate::error::{Error, Result};
use crate::store::Oid;

/// A wording of the register.
#[derive(Clone, Debug, serde::Serialize)]
pub struct Held {
    pub slug: Slug,
    pub number: u32,
    #[serde(flatten)]
    pub wording: Wording,
    /// Whether the text is still the one whose hash is written beside it.
    pub unaltered: bool,
    #[serde(skip)]
    pub text: String,
}

impl Vault {
    /// All wordings, by slug and number.
    pub fn wordings(&self, at: Snapshot) -> Result<Vec<Held>> {
        let mut found = Vec::new();
        for file in self.repo.list(at.tree, DIR)? {
            let path = format!("{DIR}/{}", file.path);
            if let Some((slug, number, "toml")) = wording::parse_path(&path) {
                found.push(self.held(at, slug, number)?);
            }
        }
        found.sort_by(|a, b| (&a.slug, a.number).cmp(&(&b.slug, b.number)));
        Ok(found)
    }

    fn held(&self, at: Snapshot, slug: Slug, number: u32) -> Result<Held> {
        let stem = wording::stem(&slug, number);
        let read = |ending: &str| -> Result<Vec<u8>> {
            let path = format!("{stem}.{ending}");
            self.repo.file(at.tree, &path)?.ok_or_else(|| {
                Error::failed("a wording lacks one of its two files")
                    .at(path)
                    .hint("`git log -- PATH` shows when it went; restore it and commit")
            })
        };
        let record = read("toml")?;
        let wording: Wording = register::parse(&format!("{stem}.toml"), &String::from_utf8_lossy(&record))?;
        let text = read("md")?;
        let unaltered = sha256(&text) == wording.sha256;
        Ok(Held { slug, number, wording, unaltered, text: String::from_utf8_lossy(&text).into_owned() })
    }

    /// The one wording that is meant.
    ///
    /// # Errors
    /// When there is none, when several begin with this hash, or when its text was altered.
    pub fn wording(&self, at: Snapshot, wanted: &Wanted) -> Result<Held> {
        let mut all = self.wordings(at)?;
        all.retain(|held| match wanted {
            Wanted::Hash(begin) => held.wording.sha256.starts_with(begin),
            Wanted::Exact(slug, number) => held.slug == *slug && held.number == *number,
            Wanted::Newest(slug) => held.slug == *slug,
        });
        let first = all.first().map(|held| held.wording.sha256.clone());
        if matches!(wanted, Wanted::Hash(_)) && all.iter().any(|h| Some(&h.wording.sha256) != first.as_ref())
        {
            return Err(Error::usage("several wordings have such a hash").hint("give more of its digits"));
        }
        let held = all.pop().ok_or_else(|| {
            Error::not_found("there is no such wording").hint("`carnet wording list` shows what there is")
        })?;
        if !held.unaltered {
            return Err(Error::refused(
                "the text of this wording was altered: nobody was shown what stands there",
            )
            .at(format!("{}.md", wording::stem(&held.slug, held.number)))
            .hint(
                "`git log -- PATH` shows who changed it; restore it, and add the new text as a new wording",
            ));
        }
        Ok(held)
    }

    /// Adds a text; one that is there already, in the same language, is returned as it is.
    pub fn add_wording(
        &self,
        slug: &Slug,
        text: &[u8],
        lang: Lang,
        version: Option<&str>,
    ) -> Result<(Option<Oid>, Held)> {
        let shown = std::str::from_utf8(text)
            .ok()
            .filter(|text| !text.trim().is_empty() && !text.contains('\0'))
            .ok_or_else(|| {
                Error::usage("a wording is a text").hint("give a UTF-8 text file that is not empty")
            })?;
        self.write(|at, staged| {
            let all = self.wordings(at)?;
            let hash = sha256(text);
            let mut entry = Entry::new(format!("wording: add {slug}"), "wording-add");
            let known = all.iter().find(|h| h.slug == *slug && h.wording.sha256 == hash);
            if let Some(known) = known.filter(|h| h.wording.lang == lang) {
                return Ok((entry, known.clone()));
            }
            let number = all.iter().filter(|h| h.slug == *slug).map(|h| h.number).max().unwrap_or(0) + 1;
            let wording = Wording {
                lang,
                version: version.map_or_else(|| number.to_string(), str::to_owned),
                sha256: hash,
                added: self.today(),
            };
            let stem = wording::stem(slug, number);
            entry.register = Some(stem.trim_start_matches("registers/").to_owned());
            staged.put(format!("{stem}.md"), text.to_vec());
            staged.put(format!("{stem}.toml"), register::to_toml(&wording)?);
            let text = shown.to_owned();
            Ok((entry, Held { slug: slug.clone(), number, wording, unaltered: true, text }))
        })
    }

    /// Removes a wording that no contact's event names.
    pub fn remove_wording(&self, wanted: &Wanted) -> Result<(Option<Oid>, Held)> {
        self.write(|at, staged| {
            let held = self.wording(at, wanted)?;
            let used = self.wording_uses(at, &held.wording.sha256)?;
            let stem = wording::stem(&held.slug, held.number);
            if used > 0 {
                return Err(Error::refused(format!(
                    "{used} contact(s) were shown this wording: it stays as long as they do"
                ))
                .at(format!("{stem}.md"))
                .hint("add the new text as a new wording: `carnet wording add SLUG FILE`"));
            }
            if self.all_books(at)?.len() > self.my_books(at)?.len() {
                return Err(Error::no_key(
                    "contacts of books that you cannot open may have been shown this wording",
                )
                .at(format!("{stem}.md"))
                .hint("a member of every book can remove it"));
            }
            staged.remove(format!("{stem}.md"));
            staged.remove(format!("{stem}.toml"));
            let mut entry = Entry::new(format!("wording: remove {}", held.slug), "wording-remove");
            entry.register = Some(stem.trim_start_matches("registers/").to_owned());
            Ok((entry, held))
        })
    }

    /// How many contacts, of those that this member can open, name a wording.
    pub fn wording_uses(&self, at: Snapshot, sha256: &str) -> Result<usize> {
        let mut used = 0;
        for (book, _) in self.my_books(at)? {
            for row in self.whole_index(at, &book)?.rows() {
                used += usize::from(row.text()?.contains(sha256));
            }
        }
        Ok(used)
    }
}
