//! The index's own format: what list, find and selectors need of every contact of one book.
//!
//! A cache, never the truth. Two parts, each lz4 over postcard inside a seal of its own (docs/format.md, "Index"): the
//! columns, which are enough for most, and the texts, which are larger and which only a search through everything reads.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::domain::contact::Contact;
use crate::domain::filter;
use crate::domain::fold::fold;
use crate::error::{Error, Result};

/// Raised whenever the layout below changes; another version's index is built anew.
pub const VERSION: u32 = 7;

/// One contact as the index has it. Lists are one item a line; [`items`] reads them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row<'a> {
    pub id: &'a str,
    /// Folded display name: the order of lists.
    pub sort: &'a str,
    pub name: &'a str,
    /// Folded names (display, given, family, nickname): what words of a selector match.
    pub names: &'a str,
    pub kind: &'a str,
    pub org: &'a str,
    pub emails: &'a str,
    pub phones: &'a str,
    pub tags: &'a str,
    /// `PURPOSE:BASIS` lines.
    pub bases: &'a str,
    pub created: &'a str,
    /// The other short fields that filters name, `FIELD VALUE` lines with a tab between ([`Row::more`] reads them).
    pub more: &'a str,
    /// Everything, folded: what `find` searches. None where only the columns were read.
    #[serde(skip)]
    pub text: Option<&'a str>,
}

impl<'a> Row<'a> {
    /// The text, where the index was read whole.
    pub fn text(&self) -> Result<&'a str> {
        self.text.ok_or_else(|| Error::failed("an index was read without its texts"))
    }

    /// The values of one of the fields that have no column of their own.
    pub fn more<'f>(&self, field: &'f str) -> impl Iterator<Item = Cow<'a, str>> + use<'a, 'f> {
        lines_of(self.more, field).flat_map(items)
    }
}

/// Values, still escaped, of the lines that begin with `field` and a tab.
fn lines_of<'a, 'f>(more: &'a str, field: &'f str) -> impl Iterator<Item = &'a str> + use<'a, 'f> {
    more.lines().filter_map(move |line| line.strip_prefix(field)?.strip_prefix('\t'))
}

#[derive(Serialize, Deserialize)]
struct Columns<'a> {
    version: u32,
    /// The tree of `contacts/<book>` that the rows were read from, in hex; empty for none.
    tree: &'a str,
    #[serde(borrow)]
    rows: Vec<Row<'a>>,
}

/// The texts of the rows, in their order, with version and tree as in the columns.
#[derive(Serialize, Deserialize)]
struct Texts<'a> {
    version: u32,
    tree: &'a str,
    #[serde(borrow)]
    texts: Vec<&'a str>,
}

/// A row with its own strings, on its way into an index.
#[derive(Clone, Debug, Default)]
pub struct OwnedRow {
    pub id: String,
    sort: String,
    name: String,
    names: String,
    kind: &'static str,
    org: String,
    emails: String,
    phones: String,
    tags: String,
    bases: String,
    created: String,
    more: String,
    text: String,
}

/// Fields that have a column of their own.
const COLUMNS: [&str; 10] =
    ["id", "book", "kind", "name", "org", "email", "phone", "tag", "basis", "created"];

impl OwnedRow {
    /// The row of a contact, from its file's text.
    pub fn of(text: &str, contact: &Contact) -> OwnedRow {
        let facts = filter::of(text, contact);
        let elsewhere = |key: &str| COLUMNS.contains(&key) || filter::IN_FILE_ONLY.contains(&key);
        let more = facts.pairs.iter().filter(|(key, _)| !elsewhere(key));
        let names =
            [Some(&contact.name), contact.given.as_ref(), contact.family.as_ref(), contact.nickname.as_ref()];
        OwnedRow {
            id: contact.id.to_string(),
            sort: fold(&contact.name),
            name: contact.name.clone(),
            names: fold(&names.into_iter().flatten().map(String::as_str).collect::<Vec<_>>().join("\n")),
            kind: contact.kind.as_str(),
            org: contact.org.clone().unwrap_or_default(),
            emails: joined(contact.emails.iter().map(|e| e.value.as_str())),
            phones: joined(contact.phones.iter().map(|p| p.value.as_str())),
            tags: joined(contact.tags.iter().map(String::as_str)),
            bases: joined(contact.bases.iter().map(filter::with_until)),
            created: contact.created.map(|c| c.to_string()).unwrap_or_default(),
            more: more
                .map(|(key, value)| format!("{}\t{}", key_of(key), joined([value].into_iter())))
                .collect::<Vec<_>>()
                .join("\n"),
            text: facts.text,
        }
    }

    fn borrow(&self) -> Row<'_> {
        Row {
            id: &self.id,
            sort: &self.sort,
            name: &self.name,
            names: &self.names,
            kind: self.kind,
            org: &self.org,
            emails: &self.emails,
            phones: &self.phones,
            tags: &self.tags,
            bases: &self.bases,
            created: &self.created,
            more: &self.more,
            text: Some(&self.text),
        }
    }
}

/// A field's name as a line of `more` begins: a custom one may hold anything.
fn key_of(key: &str) -> String {
    key.replace(['\t', '\n', '\r'], " ")
}

/// Items one a line; a line break or a backslash inside an item is escaped.
fn joined(items: impl Iterator<Item = impl AsRef<str>>) -> String {
    let mut out = String::new();
    for item in items {
        if !out.is_empty() {
            out.push('\n');
        }
        for c in item.as_ref().chars() {
            match c {
                '\\' => out.push_str("\\\\"),
                '\n' => out.push_str("\\n"),
                '\r' => out.push_str("\\r"),
                c => out.push(c),
            }
        }
    }
    out
}

/// The items of a joined list, as they stand in the contact.
pub fn items(joined: &str) -> impl Iterator<Item = Cow<'_, str>> {
    joined.lines().map(|line| {
        if !line.contains('\\') {
            return Cow::Borrowed(line);
        }
        let mut out = String::with_capacity(line.len());
        let mut chars = line.chars();
        while let Some(c) = chars.next() {
            let next = if c == '\\' { chars.next() } else { Some(c) };
            out.push(match (c, next) {
                ('\\', Some('n')) => '\n',
                ('\\', Some('r')) => '\r',
                (c, next) => next.unwrap_or(c),
            });
        }
        Cow::Owned(out)
    })
}

/// An index in memory, wiped when dropped.
pub struct Index {
    columns: Zeroizing<Vec<u8>>,
    /// None where only the columns were read.
    texts: Option<Zeroizing<Vec<u8>>>,
}

impl Index {
    /// An index of nothing.
    pub fn empty() -> Result<Index> {
        Index::build("", Vec::new(), true)
    }

    fn build(tree: &str, mut rows: Vec<Row<'_>>, whole: bool) -> Result<Index> {
        rows.sort_unstable_by(|a, b| (a.sort, a.id).cmp(&(b.sort, b.id)));
        let failed = |e: postcard::Error| Error::failed("the index could not be built").cause(e);
        let texts = whole
            .then(|| {
                let texts = rows.iter().map(Row::text).collect::<Result<_>>()?;
                postcard::to_stdvec(&Texts { version: VERSION, tree, texts })
                    .map(Zeroizing::new)
                    .map_err(failed)
            })
            .transpose()?;
        let columns = postcard::to_stdvec(&Columns { version: VERSION, tree, rows }).map_err(failed)?;
        Ok(Index { columns: Zeroizing::new(columns), texts })
    }

    /// Reads what [`Index::pack`] wrote, with or without the texts; `None` when it is not of this version or damaged.
    ///
    /// The rows are not read: the seal around them tells that they are as they were written, and reading them costs
    /// a tenth of the whole search.
    pub fn unpack(columns: &[u8], texts: Option<&[u8]>) -> Option<Index> {
        let unpacked = |packed| lz4_flex::decompress_size_prepended(packed).ok().map(Zeroizing::new);
        let (columns, texts) = rayon::join(|| unpacked(columns), || texts.map(unpacked));
        let columns = columns?;
        let texts = match texts {
            Some(texts) => Some(texts?),
            None => None,
        };
        let (version, tree) = head(&columns)?;
        let fits = texts.as_ref().is_none_or(|texts| head(texts) == Some((version, tree)));
        (version == VERSION && fits).then_some(())?;
        Some(Index { columns, texts })
    }

    /// The bytes to seal: columns and texts. None for an index that was read without its texts.
    pub fn pack(&self) -> Option<[Zeroizing<Vec<u8>>; 2]> {
        let packed = |bytes: &[u8]| Zeroizing::new(lz4_flex::compress_prepend_size(bytes));
        Some([packed(&self.columns), packed(self.texts.as_ref()?)])
    }

    /// Whether the texts were read, too.
    pub fn is_whole(&self) -> bool {
        self.texts.is_some()
    }

    /// The tree that the index was built from.
    pub fn tree(&self) -> String {
        head(&self.columns).map(|(_, tree)| tree.to_owned()).unwrap_or_default()
    }

    /// All rows, in order of name.
    pub fn rows(&self) -> Vec<Row<'_>> {
        let mut rows = postcard::from_bytes::<Columns<'_>>(&self.columns).map(|c| c.rows).unwrap_or_default();
        if let Some(texts) = &self.texts {
            let texts = postcard::from_bytes::<Texts<'_>>(texts).map(|t| t.texts).unwrap_or_default();
            rows.iter_mut().zip(texts).for_each(|(row, text)| row.text = Some(text));
        }
        rows
    }

    /// The index with some contacts taken out and others put in, tagged with `tree`.
    pub fn updated(
        &self,
        tree: &str,
        gone: &std::collections::HashSet<String>,
        new: &[OwnedRow],
    ) -> Result<Index> {
        let mut rows = self.rows();
        rows.retain(|row| !gone.contains(row.id));
        rows.extend(new.iter().map(OwnedRow::borrow));
        Index::build(tree, rows, self.texts.is_some())
    }
}

/// Version and tree, which stand in front of the rows.
fn head(bytes: &[u8]) -> Option<(u32, &str)> {
    postcard::take_from_bytes(bytes).ok().map(|(head, _)| head)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(id: &str, name: &str) -> OwnedRow {
        OwnedRow { id: id.into(), sort: fold(name), name: name.into(), kind: "person", ..OwnedRow::default() }
    }

    #[test]
    fn an_index_survives_packing_and_updates() {
        let none = std::collections::HashSet::new();
        let index =
            Index::empty().unwrap().updated("t1", &none, &[row("b", "Zoé"), row("a", "éric")]).unwrap();
        let [columns, texts] = index.pack().unwrap();
        let index = Index::unpack(&columns, Some(&texts)).unwrap();
        assert_eq!(index.tree(), "t1");
        assert!(index.rows().iter().all(|r| r.text.is_some()));
        let without = Index::unpack(&columns, None).unwrap();
        assert!(without.rows().iter().all(|r| r.text.is_none() && r.text().is_err()));
        assert!(without.pack().is_none());
        assert!(without.updated("t2", &none, &[row("d", "Dora")]).unwrap().pack().is_none());
        assert_eq!(index.rows().iter().map(|r| r.id).collect::<Vec<_>>(), ["a", "b"]);
        let gone = ["a".to_owned()].into_iter().collect();
        let index = index.updated("t2", &gone, &[row("c", "Bob")]).unwrap();
        assert_eq!(index.rows().iter().map(|r| r.name).collect::<Vec<_>>(), ["Bob", "Zoé"]);
    }

    #[test]
    fn a_list_comes_back_whatever_is_in_it() {
        let list = ["a\nb\r", "\\n", "c\\", "plain", "\r\n"];
        assert_eq!(items(&joined(list.iter())).collect::<Vec<_>>(), list);
        assert_eq!(items("").count(), 0);
    }

    #[test]
    fn damage_is_noticed() {
        let none = std::collections::HashSet::new();
        let [columns, texts] = Index::empty().unwrap().pack().unwrap();
        assert!(Index::unpack(&columns[..columns.len() - 1], None).is_none());
        assert!(Index::unpack(&columns, Some(&texts[..texts.len() - 1])).is_none());
        assert!(Index::unpack(b"", None).is_none());
        let [_, others] = Index::empty().unwrap().updated("t1", &none, &[]).unwrap().pack().unwrap();
        assert!(Index::unpack(&columns, Some(&others)).is_none(), "texts of another tree");
    }
}
