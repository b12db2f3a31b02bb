//! The templates that a site is made with: carnet's own, and those that the firm keeps in `templates/` of its data
//! repository instead of them.
//!
//! A template of the firm's may arrange a page anew and may leave things out. It sees nothing but the page's view, the
//! escape stays on, the filter `safe` is refused, and every page of such a site is looked at before it is written
//! (`guard`): scripts, styles in markup, forms and addresses of other hosts are refused by name.

#[cfg(test)]
mod docs;
mod guard;
mod style;
mod wrong;

use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::pack::render as letters;
use super::render::{STYLE, TEMPLATES};
use crate::crypto::digest::sha256;
use crate::error::{At, Error, Result};
use crate::store::{Oid, Repo};

pub(super) use guard::check as check_page;
pub(super) use wrong::{engine_error, page_error};

pub use crate::vault::templates::DIR;

/// Where the firm's own letters are, below it.
const LETTERS: &str = "pack/";

/// The stylesheet, which can be replaced like a template.
pub const STYLESHEET: &str = "style.css";

/// The longest file that is taken for a template, in bytes.
const LONGEST: usize = 1 << 20;

/// A template of the firm's own, as the page on checking names it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Own {
    /// Its file below `templates/`.
    pub name: String,
    /// SHA-256 of its text, in hex.
    pub sha256: String,
}

/// Templates by name; where the firm has its own, these.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Templates {
    own: BTreeMap<String, String>,
    /// Whether they are files of the work tree, which no commit may hold.
    pub unsaved: bool,
}

impl Templates {
    /// carnet's own.
    pub fn embedded() -> Templates {
        Templates::default()
    }

    /// Those of a commit: the same commit gives the same pages.
    pub fn of_tree(repo: &Repo, tree: Oid) -> Result<Templates> {
        let mut own = BTreeMap::new();
        for file in repo.list(tree, DIR)? {
            if is_template(&file.path)? {
                own.insert(file.path.clone(), text(&file.path, repo.blob(file.id)?)?);
            }
        }
        Templates::of(own, false)
    }

    /// Those of the work tree, while somebody writes them.
    pub fn of_work_tree(root: &Path) -> Result<Templates> {
        let dir = root.join(DIR);
        let mut own = BTreeMap::new();
        let walk = walkdir::WalkDir::new(&dir).min_depth(1).sort_by_file_name();
        for entry in walk.into_iter().filter(|_| dir.is_dir()) {
            let entry = entry.map_err(|e| Error::failed("a template cannot be read").cause(e))?;
            let path = entry.path().strip_prefix(&dir).unwrap_or(entry.path()).to_string_lossy().into_owned();
            if entry.file_type().is_file() && is_template(&path)? {
                let bytes = std::fs::read(entry.path()).at(place(&path))?;
                own.insert(path.clone(), text(&path, bytes)?);
            }
        }
        Templates::of(own, true)
    }

    fn of(own: BTreeMap<String, String>, unsaved: bool) -> Result<Templates> {
        if let Some(css) = own.get(STYLESHEET) {
            style::check(css)?;
        }
        Ok(Templates { own, unsaved })
    }

    /// The stylesheet in force.
    pub fn style(&self) -> &str {
        self.own.get(STYLESHEET).map_or(STYLE, String::as_str)
    }

    /// Every template in force, as the engine takes them.
    pub(super) fn in_force(&self) -> Vec<(String, String)> {
        let mut all: BTreeMap<&str, &str> = TEMPLATES.into_iter().collect();
        let own = self.own.iter().filter(|(name, _)| *name != STYLESHEET);
        all.extend(own.map(|(name, text)| (name.as_str(), text.as_str())));
        all.into_iter().map(|(name, text)| (name.to_owned(), text.to_owned())).collect()
    }

    /// Whether the firm has any of its own.
    pub fn any(&self) -> bool {
        !self.own.is_empty()
    }

    /// The firm's own, in order of their names.
    pub fn own(&self) -> Vec<Own> {
        self.own
            .iter()
            .map(|(name, text)| Own { name: name.clone(), sha256: sha256(text.as_bytes()) })
            .collect()
    }

    /// The text of one of the firm's own.
    fn text_of(&self, name: &str) -> Option<&str> {
        self.own.get(name).map(String::as_str)
    }

    /// The first of the firm's own whose text has this in it, and in which line (from 1).
    fn line_with(&self, needle: &str) -> Option<(&str, usize)> {
        let needle = needle.to_ascii_lowercase();
        self.own.iter().filter(|(name, _)| *name != STYLESHEET).find_map(|(name, text)| {
            let line = text.lines().position(|line| line.to_ascii_lowercase().contains(&needle))?;
            Some((name.as_str(), line + 1))
        })
    }
}

/// Names of carnet's own templates that the firm may replace.
pub fn names() -> Vec<&'static str> {
    TEMPLATES.iter().map(|(name, _)| *name).chain([STYLESHEET]).collect()
}

/// The text of one of carnet's own; letters are among them.
pub fn embedded(name: &str) -> Result<&'static str> {
    let mut all = TEMPLATES.into_iter().chain([(STYLESHEET, STYLE)]).chain(letters::embedded());
    let found = all.find(|(known, _)| *known == name).map(|(_, text)| text);
    found.ok_or_else(|| Error::not_found(format!("there is no template `{name}`")).hint(near(name)))
}

/// Every file of the work tree's `templates/` that is a template, one of the letters, or says what they are, by its name
/// below it.
pub fn work_files(root: &Path) -> Result<BTreeMap<String, Vec<u8>>> {
    let dir = root.join(DIR);
    let mut files = BTreeMap::new();
    for entry in walkdir::WalkDir::new(&dir).min_depth(1).into_iter().filter(|_| dir.is_dir()) {
        let entry = entry.map_err(|e| Error::failed("a template cannot be read").cause(e))?;
        let path = entry.path().strip_prefix(&dir).unwrap_or(entry.path()).to_string_lossy().into_owned();
        if entry.file_type().is_file() && (is_shown(&path) || path.starts_with("README")) {
            files.insert(path.clone(), std::fs::read(entry.path()).at(place(&path))?);
        }
    }
    Ok(files)
}

/// The file of a template, as messages name it.
fn place(name: &str) -> String {
    format!("{DIR}/{name}")
}

/// Whether a file below `templates/` is a template; refused where it looks like one and is none.
///
/// What an editor leaves beside a file is not looked at, nor is a README; letters ([`super::pack`]) are not of the site. A name that begins with `_` is a part of the
/// firm's own, for its other templates to include.
fn is_template(path: &str) -> Result<bool> {
    let name = path.rsplit('/').next().unwrap_or(path);
    if name.starts_with(['.', '#'])
        || name.ends_with(['~', '#'])
        || name.starts_with("README")
        || path.starts_with(LETTERS)
    {
        return Ok(false);
    }
    let part = !path.contains('/') && path.starts_with('_') && path.ends_with(".html");
    if part || names().contains(&path) {
        return Ok(true);
    }
    let what = match path {
        "site.js" => "the site's script cannot be replaced",
        _ => "the site has no such template",
    };
    Err(Error::refused(what).at(place(path)).hint(near(path)))
}

/// Whether a file's name says what it is and nothing else, so that a page may show it.
pub(super) fn is_shown(path: &str) -> bool {
    names().contains(&path)
        || letters::embedded().any(|(known, _)| known == path)
        || path.starts_with('_') && is_template(path).unwrap_or_default()
}

fn near(name: &str) -> String {
    let close = names().into_iter().map(|known| (strsim::jaro_winkler(name, known), known));
    let best = close.max_by(|a, b| a.0.total_cmp(&b.0)).filter(|(score, _)| *score > 0.8);
    match best {
        Some((_, known)) => {
            format!("did you mean `{known}`? `carnet report --template {known}` prints carnet's own")
        }
        None => format!("there is: {}; a part of your own begins with `_`", names().join(", ")),
    }
}

fn text(name: &str, bytes: Vec<u8>) -> Result<String> {
    if bytes.len() > LONGEST {
        return Err(Error::refused("a template may have one megabyte at most").at(place(name)));
    }
    String::from_utf8(bytes).map_err(|_| Error::failed("the template is not UTF-8").at(place(name)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_sites_own_names_and_parts_are_templates() {
        for good in ["home.html", "style.css", "_letterhead.html"] {
            assert!(is_template(good).unwrap(), "{good}");
        }
        for left in [".home.html.swp", "home.html~", "#home.html#", "README.md", "pack/fr/access.html"] {
            assert!(!is_template(left).unwrap(), "{left}");
        }
        for bad in ["hom.html", "site.js", "parts/_a.html", "sub/home.html", "logo.png"] {
            let e = is_template(bad).unwrap_err();
            assert_eq!(e.place.unwrap(), format!("templates/{bad}"));
        }
        assert!(is_template("hom.html").unwrap_err().hint.unwrap().contains("`home.html`?"));
    }
}
