//! The firm's own templates: what lies in `templates/` of the work tree becomes one signed commit.

use std::collections::BTreeMap;

use super::Vault;
use crate::domain::trailer::Entry;
use crate::error::Result;
use crate::store::Oid;

/// Where a data repository keeps them.
pub const DIR: &str = "templates";

/// What becomes of one file with the commit.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Saved {
    /// Below the data repository.
    pub path: String,
    /// `added`, `changed` or `removed`.
    pub change: &'static str,
}

impl Vault {
    /// What [`Vault::save_templates`] would commit of these files, by their names below `templates/`.
    pub fn unsaved_templates(&self, files: &BTreeMap<String, Vec<u8>>) -> Result<Vec<Saved>> {
        let before = self.repo.list(self.snapshot()?.tree, DIR)?;
        let known: BTreeMap<&str, Oid> = before.iter().map(|file| (file.path.as_str(), file.id)).collect();
        let mut saved = Vec::new();
        for (name, text) in files {
            let change = match known.get(name.as_str()) {
                None => "added",
                Some(id) if self.repo.blob(*id)? != *text => "changed",
                Some(_) => continue,
            };
            saved.push(Saved { path: format!("{DIR}/{name}"), change });
        }
        // What was there and is neither given nor in the work tree any more.
        let gone = known.keys().filter(|name| !files.contains_key(**name));
        let gone =
            gone.map(|name| format!("{DIR}/{name}")).filter(|path| !self.repo.root().join(path).exists());
        saved.extend(gone.map(|path| Saved { path, change: "removed" }));
        saved.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(saved)
    }

    /// Commits these files of the work tree, by their names below `templates/`, and that others are gone from it; no
    /// commit where nothing differs.
    pub fn save_templates(&self, files: &BTreeMap<String, Vec<u8>>) -> Result<(Option<Oid>, Vec<Saved>)> {
        self.write(|_, staged| {
            let saved = self.unsaved_templates(files)?;
            for one in &saved {
                let text = one.path.strip_prefix("templates/").and_then(|name| files.get(name));
                staged.files.push((one.path.clone(), text.cloned()));
            }
            let entry = Entry::new(format!("templates: save {}", saved.len()), "template-save");
            Ok((entry, saved))
        })
    }
}
