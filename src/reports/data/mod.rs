//! Registers as plain tables: one small typed table a register, and three writers that know no register.
//!
//! A table has keys for heads and cells that know what they are; words come in when it is written
//! ([`mod@write`]), from the site's catalogue and `templates/registers.toml`. No cell holds a text of a contact
//! file or of a sealed record: the sources are the plain registers, the trails and [`super::figures`].

mod consents;
mod erasures;
mod firm;
mod processing;
mod processors;
mod requests;
mod retention;
mod trails;
pub mod write;

use std::borrow::Cow;
use std::sync::Arc;

use super::cites::Cite;
use super::out::Out;
use super::views::Facts;
use crate::domain::organisation::Lang;
use crate::error::Result;
use crate::reports::small::Count;
use crate::reports::texts::Texts;
use crate::vault::{Snapshot, Vault};

/// A register that can be had as a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, clap::ValueEnum)]
pub enum Register {
    /// Processing activities, Art. 30(1), in the columns of the CNIL's simplified model.
    Processing,
    /// Processors, Art. 28.
    Processors,
    /// Consents in figures, Art. 7(1): by purpose and channel.
    Consents,
    /// Legal bases in figures, Art. 6(1): by purpose and basis.
    Bases,
    /// Rights requests, Art. 12(3).
    Requests,
    /// Personal data breaches, Art. 33(5).
    Breaches,
    /// The erasure ledger, Art. 17.
    Erasures,
    /// Retention rules, Art. 5(1)(e).
    Retention,
    /// Trainings of members.
    Trainings,
    /// Agreements that members signed.
    Agreements,
    /// The access trail.
    Access,
    /// The change trail.
    Changes,
    /// Findings of the audit.
    Audit,
    /// Members and the books that they can open.
    Members,
    /// Wordings of consents and notices.
    Wordings,
}

impl Register {
    pub const ALL: [Register; 15] = [
        Register::Processing,
        Register::Processors,
        Register::Consents,
        Register::Bases,
        Register::Requests,
        Register::Breaches,
        Register::Erasures,
        Register::Retention,
        Register::Trainings,
        Register::Agreements,
        Register::Access,
        Register::Changes,
        Register::Audit,
        Register::Members,
        Register::Wordings,
    ];

    /// Its name on the command line, in files and in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Register::Processing => "processing",
            Register::Processors => "processors",
            Register::Consents => "consents",
            Register::Bases => "bases",
            Register::Requests => "requests",
            Register::Breaches => "breaches",
            Register::Erasures => "erasures",
            Register::Retention => "retention",
            Register::Trainings => "trainings",
            Register::Agreements => "agreements",
            Register::Access => "access",
            Register::Changes => "changes",
            Register::Audit => "audit",
            Register::Members => "members",
            Register::Wordings => "wordings",
        }
    }

    /// The registers whose files a page of the site links to.
    pub fn of_page(page: &str) -> &'static [Register] {
        match page {
            "books" | "members" => &[Register::Members],
            "processing" => &[Register::Processing],
            "processors" => &[Register::Processors],
            "consent" => &[Register::Consents, Register::Bases],
            "bases" => &[Register::Bases],
            "requests" => &[Register::Requests],
            "breaches" => &[Register::Breaches],
            "erasures" => &[Register::Erasures],
            "retention" => &[Register::Retention],
            "trainings" => &[Register::Trainings, Register::Agreements],
            "agreements" => &[Register::Agreements],
            "access" => &[Register::Access],
            "changes" => &[Register::Changes],
            "audit" => &[Register::Audit],
            "wordings" => &[Register::Wordings],
            _ => &[],
        }
    }
}

/// What a code is called: by a kind of the catalogue, or in words of its own.
#[derive(Clone, Copy, Debug)]
pub enum Words {
    Label(&'static str),
    /// English, French.
    Both(&'static str, &'static str),
}

/// One cell.
#[derive(Clone, Debug)]
pub enum Cell {
    None,
    Text(String),
    Texts(Vec<String>),
    /// Texts of which some may be codes: in words on paper, as they are written in JSON.
    Named(&'static str, Vec<String>),
    Number(i64),
    Flag(bool),
    /// Seconds since 1970.
    Moment(i64),
    Codes(Vec<(String, Words)>),
    Count(Count),
}

impl Cell {
    pub fn text(text: impl Into<String>) -> Cell {
        let text = text.into();
        if text.trim().is_empty() { Cell::None } else { Cell::Text(text) }
    }

    pub fn maybe(text: Option<impl ToString>) -> Cell {
        text.map_or(Cell::None, |t| Cell::text(t.to_string()))
    }

    pub fn texts(texts: impl IntoIterator<Item = impl ToString>) -> Cell {
        let texts: Vec<String> =
            texts.into_iter().map(|t| t.to_string()).filter(|t| !t.trim().is_empty()).collect();
        if texts.is_empty() { Cell::None } else { Cell::Texts(texts) }
    }

    pub fn named(kind: &'static str, texts: impl IntoIterator<Item = impl ToString>) -> Cell {
        match Cell::texts(texts) {
            Cell::Texts(texts) => Cell::Named(kind, texts),
            none => none,
        }
    }

    pub fn code(kind: &'static str, code: impl ToString) -> Cell {
        Cell::Codes(vec![(code.to_string(), Words::Label(kind))])
    }

    pub fn codes(kind: &'static str, codes: impl IntoIterator<Item = impl ToString>) -> Cell {
        let codes: Vec<_> = codes.into_iter().map(|c| (c.to_string(), Words::Label(kind))).collect();
        if codes.is_empty() { Cell::None } else { Cell::Codes(codes) }
    }

    pub fn number(n: usize) -> Cell {
        Cell::Number(i64::try_from(n).unwrap_or(i64::MAX))
    }

    pub fn moment(text: &str) -> Cell {
        crate::domain::moment::start_of_text(text).map_or(Cell::None, Cell::Moment)
    }
}

/// One register.
pub struct Table<'a> {
    pub register: Register,
    /// Keys of the columns; the catalogue has their words under `column`.
    pub heads: Vec<&'static str>,
    pub rows: Rows<'a>,
}

/// The rows of a register, in order.
pub enum Rows<'a> {
    Made(Vec<Vec<Cell>>),
    /// So many, each made when it is written: a trail of a hundred thousand entries is never in memory as cells.
    Long(usize, Box<dyn Fn(usize) -> Vec<Cell> + Send + Sync + 'a>),
}

impl Rows<'_> {
    pub fn is_empty(&self) -> bool {
        matches!(self, Rows::Long(0, _)) || matches!(self, Rows::Made(rows) if rows.is_empty())
    }

    pub fn iter(&self) -> impl Iterator<Item = Cow<'_, [Cell]>> {
        let (made, long) = match self {
            Rows::Made(rows) => (Some(rows.iter().map(|row| Cow::Borrowed(&row[..]))), None),
            Rows::Long(count, make) => (None, Some((0..*count).map(move |n| Cow::Owned(make(n))))),
        };
        made.into_iter().flatten().chain(long.into_iter().flatten())
    }
}

/// What tables are made of.
pub struct Sources<'a> {
    pub vault: &'a Vault,
    pub at: Snapshot,
    pub facts: &'a Facts,
    /// The language of the registers' own texts, where they have both.
    pub lang: Lang,
}

impl Sources<'_> {
    /// The commit that an entry was last written by.
    fn commit(cite: Option<Cite>) -> Cell {
        Cell::maybe(cite.map(|cite| cite.commit))
    }

    /// The same of the entry of a register, such as `processors/mailco`.
    fn written(&self, register: &str, name: &str) -> Cell {
        Sources::commit(self.facts.cites.register(&self.facts.trails, &format!("{register}/{name}")))
    }
}

/// Makes one table.
pub fn table<'a>(register: Register, from: &Sources<'a>) -> Result<Table<'a>> {
    let (heads, rows) = match register {
        Register::Access => return Ok(trails::accesses(from.facts)),
        Register::Changes => return Ok(trails::changes(from.facts)),
        Register::Processing => processing::table(from)?,
        Register::Processors => processors::table(from)?,
        Register::Consents => consents::consents(from),
        Register::Bases => consents::bases(from),
        Register::Requests => requests::requests(from)?,
        Register::Breaches => requests::breaches(from)?,
        Register::Erasures => erasures::table(from),
        Register::Retention => retention::table(from),
        Register::Trainings => firm::trainings(from)?,
        Register::Agreements => firm::agreements(from)?,
        Register::Audit => firm::audit(from),
        Register::Members => firm::members(from)?,
        Register::Wordings => firm::wordings(from)?,
    };
    Ok(Table { register, heads, rows: Rows::Made(rows) })
}

/// Heads and rows.
type Content = (Vec<&'static str>, Vec<Vec<Cell>>);

/// The code of an enum that is written as a text.
fn code_of(value: &impl serde::Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(code)) => code,
        _ => String::new(),
    }
}

/// A file of a register that is to be written.
pub(super) struct Sheet<'a> {
    table: Arc<Table<'a>>,
    texts: Arc<Texts>,
    /// Below the site's directory, without its ending.
    path: String,
    ending: &'static str,
    /// The same file of another language, where codes are all that it holds.
    same: Option<String>,
}

impl Sheet<'_> {
    /// Whether [`Sheet::write`] takes long.
    pub(super) fn is_long(&self) -> bool {
        matches!(self.table.rows, Rows::Long(..))
    }

    /// Whether it is a copy of another file, which must have been written before.
    pub(super) fn is_copy(&self) -> bool {
        self.same.is_some()
    }

    pub(super) fn write(&self, stamp: write::Stamp<'_>, out: &Out) -> Result<()> {
        let path = format!("{}.{}", self.path, self.ending);
        match (&self.same, self.ending) {
            (Some(first), _) => out.again(first, &path),
            (None, "csv") => out.file(&path, |to| write::csv(&self.table, &self.texts, to)),
            (None, _) => out.file(&path, |to| write::json_file(&self.table, stamp, to)),
        }
    }
}

/// Every register that an audience gets as CSV and JSON below `data/`, in each language with its facts.
pub(super) fn sheets<'a>(
    vault: &'a Vault,
    at: Snapshot,
    spoken: &[(Lang, &'a Facts)],
) -> Result<Vec<Sheet<'a>>> {
    let mut sheets = Vec::new();
    let below = |lang: Lang, register: Register| match spoken.len() > 1 {
        true => format!("{}/data/{}", lang.as_str(), register.as_str()),
        false => format!("data/{}", register.as_str()),
    };
    for (n, (lang, facts)) in spoken.iter().enumerate() {
        let texts = Arc::new(Texts::load(*lang)?);
        let from = Sources { vault, at, facts, lang: *lang };
        for register in Register::ALL.into_iter().filter(|r| facts.audience.has(*r)) {
            let table = Arc::new(table(register, &from)?);
            // A trail as JSON is codes and no words.
            let first = spoken.first().filter(|_| n > 0 && matches!(table.rows, Rows::Long(..)));
            let same = first.map(|(first, _)| format!("{}.json", below(*first, register)));
            for (ending, same) in [("csv", None), ("json", same)] {
                let (table, texts) = (table.clone(), texts.clone());
                sheets.push(Sheet { table, texts, path: below(*lang, register), ending, same });
            }
        }
    }
    Ok(sheets)
}
