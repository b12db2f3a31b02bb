//! CSV as rows of cells: delimiter, quotes, broken rows. What the cells mean is `header`'s and `csv_read`'s
//! affair.

use csv::{ByteRecord, ReaderBuilder, StringRecord};

use super::header;
use crate::error::{Error, Result};

/// The largest cell that is read.
pub(super) const MAX_CELL: usize = 1 << 20;

const DELIMITERS: [u8; 4] = [b',', b';', b'\t', b'|'];

/// A file's header and rows.
pub(super) struct Table {
    pub header: StringRecord,
    pub rows: Vec<TableRow>,
    /// What stands between cells.
    pub delimiter: char,
}

/// A row with its place, or why it cannot be read.
pub(super) struct TableRow {
    /// `row 3`, and the line where it begins if that is another.
    pub place: String,
    pub cells: std::result::Result<StringRecord, String>,
}

/// Reads the text of a CSV file.
pub(super) fn read(text: &str) -> Result<Table> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let (text, said) = said_delimiter(text);
    let (text, notes) = without_notes(text);
    let skipped = u64::from(said.is_some()) + notes;
    let delimiter = said.unwrap_or_else(|| likely_delimiter(text));
    let mut records = reader(text, delimiter).into_byte_records();
    // The input is in memory and rows may have any length, so that nothing can fail.
    let mut records =
        std::iter::from_fn(|| records.next()?.ok()).filter(|record| !is_blank(record)).peekable();
    let header = records.next().ok_or_else(|| Error::failed("the file is empty"))?;
    let header = StringRecord::from_byte_record_lossy(header);
    if header.iter().any(|cell| cell.contains('\0')) {
        return Err(Error::failed("the header holds NUL bytes")
            .at("row 1")
            .hint("is this really a CSV file?"));
    }
    let mut rows = Vec::new();
    while let Some(record) = records.next() {
        let open = records.peek().is_none() && has_open_quote(&record, text);
        let place = place(&record, text, skipped);
        let cells = match problem(&record, header.len(), open) {
            Some(problem) => Err(problem),
            None => Ok(StringRecord::from_byte_record_lossy(record)),
        };
        rows.push(TableRow { place, cells });
    }
    Ok(Table { header, rows, delimiter: char::from(delimiter) })
}

/// Excel writes `sep=;` as the first line.
fn said_delimiter(text: &str) -> (&str, Option<u8>) {
    let (first, rest) = text.split_once('\n').unwrap_or((text, ""));
    match first.trim_end().as_bytes() {
        [b's' | b'S', b'e' | b'E', b'p' | b'P', b'=', delimiter] => (rest, Some(*delimiter)),
        _ => (text, None),
    }
}

/// The text behind the notes that LinkedIn writes above its header, and how many lines they are: a line `Notes:`, what
/// is to be known, an empty line. A spreadsheet that saved the file again filled them up with delimiters.
fn without_notes(text: &str) -> (&str, u64) {
    let bare = |line: &str| line.trim().trim_matches(['"', ',', ';', '\t', '|']).trim().to_owned();
    let first = text.split_once('\n').map(|(first, _)| bare(first));
    if !first.is_some_and(|first| first.eq_ignore_ascii_case("notes:")) {
        return (text, 0);
    }
    let (mut at, mut lines) = (0, 0);
    for line in text.split_inclusive('\n') {
        at += line.len();
        lines += 1;
        if bare(line).is_empty() {
            return (text.get(at..).unwrap_or_default(), lines);
        }
    }
    (text, 0)
}

/// The delimiter with which most columns of the header are understood; a comma when none is better.
fn likely_delimiter(text: &str) -> u8 {
    let understood = |delimiter: &u8| {
        let mut header = StringRecord::new();
        let read = reader(text, *delimiter).read_record(&mut header).is_ok();
        let columns = header::columns(header.iter().filter(|_| read).take(1000));
        let known =
            columns.iter().filter(|column| header::is_recognised(std::slice::from_ref(column))).count();
        (known, columns.len())
    };
    DELIMITERS.into_iter().rev().max_by_key(understood).unwrap_or(b',')
}

fn reader(text: &str, delimiter: u8) -> csv::Reader<&[u8]> {
    ReaderBuilder::new().has_headers(false).flexible(true).delimiter(delimiter).from_reader(text.as_bytes())
}

fn is_blank(record: &ByteRecord) -> bool {
    record.iter().all(|cell| cell.trim_ascii().is_empty())
}

fn place(record: &ByteRecord, text: &str, skipped: u64) -> String {
    let Some(at) = record.position() else { return "row".to_owned() };
    // Between two lines that end with CRLF the reader stands before the LF, still in the line above.
    let byte = usize::try_from(at.byte()).ok().and_then(|byte| text.as_bytes().get(byte));
    let late = u64::from(byte == Some(&b'\n') && at.byte() > 0);
    match (at.record() + 1, at.line() + late + skipped) {
        (row, line) if row == line => format!("row {row}"),
        (row, line) => format!("row {row} (line {line})"),
    }
}

fn problem(record: &ByteRecord, width: usize, open: bool) -> Option<String> {
    let over = |cell: &[u8]| cell.len() > MAX_CELL;
    match () {
        _ if open => {
            Some("a quoted cell is never closed, so that the rest of the file was taken into it".to_owned())
        }
        _ if record.iter().any(over) => Some(format!("a cell is larger than {} MB", MAX_CELL >> 20)),
        _ if record.iter().any(|cell| cell.contains(&0)) => Some("the row holds NUL bytes".to_owned()),
        _ if record.iter().skip(width).any(|cell| !cell.trim_ascii().is_empty()) => {
            Some(format!("the row has {} cells and the header {width}", record.len()))
        }
        _ => None,
    }
}

/// Whether the last row ends only with the file because a quote in it is never closed.
fn has_open_quote(last: &ByteRecord, text: &str) -> bool {
    let start = last.position().and_then(|at| usize::try_from(at.byte()).ok()).unwrap_or(usize::MAX);
    let raw = text.as_bytes().get(start..).unwrap_or_default().trim_ascii();
    raw.contains(&b'\n') && raw.iter().filter(|b| **b == b'"').count() % 2 == 1
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(text: &str) -> Vec<(String, std::result::Result<Vec<String>, String>)> {
        let cells = |record: StringRecord| record.iter().map(str::to_owned).collect();
        read(text).unwrap().rows.into_iter().map(|row| (row.place, row.cells.map(cells))).collect()
    }

    #[test]
    fn every_delimiter_is_found() {
        for (text, width) in [
            ("name,email\nA,b@c", 2),
            ("Nom;E-mail;Notes, etc.\nA;b@c;x,y", 3),
            ("name\temail\nA\tb@c", 2),
            ("sep=|\nname|email\nA|b@c", 2),
            ("\u{feff}email\nb@c", 1),
            ("\"a, b\";email;name\n1;2;3", 3),
        ] {
            let table = read(text).unwrap();
            assert_eq!(table.header.len(), width, "{text}");
            assert_eq!(table.rows[0].cells.as_ref().unwrap().len(), width, "{text}");
        }
    }

    #[test]
    fn rows_have_their_place_in_the_file() {
        let places: Vec<_> =
            rows("name,note\nA,\"x\ny\"\n\n,\nB,z\n").into_iter().map(|(place, _)| place).collect();
        assert_eq!(places, ["row 2", "row 4 (line 6)"]);
        assert_eq!(rows("sep=,\nname\nA\n")[0].0, "row 2 (line 3)");
        let windows: Vec<_> = rows("name,note\r\nA,\"x\r\ny\"\r\n\r\n,\r\nB,z\r\n")
            .into_iter()
            .map(|(place, _)| place)
            .collect();
        assert_eq!(windows, places);
    }

    #[test]
    fn broken_rows_are_refused_one_by_one() {
        let text = "name,email\nA,b@c,d\nB\nC,x\0y\nD,,,\n";
        let rows = rows(text);
        assert_eq!(rows[0].1, Err("the row has 3 cells and the header 2".into()));
        assert_eq!(rows[1].1, Ok(vec!["B".into()]));
        assert_eq!(rows[2].1, Err("the row holds NUL bytes".into()));
        assert!(rows[3].1.is_ok(), "empty cells too many are no matter");
    }

    #[test]
    fn an_open_quote_and_a_huge_cell_are_told() {
        let open = rows("name,email\nA,\"b@c\nB,d@e\nC,f@g\n");
        assert!(open.len() == 1 && open[0].1.as_ref().unwrap_err().contains("never closed"));
        let huge = rows(&format!("name,note\nA,{}\nB,x\n", "x".repeat(MAX_CELL + 1)));
        assert_eq!(huge[0].1, Err("a cell is larger than 1 MB".into()));
        assert!(huge[1].1.is_ok());
        assert!(rows("name,note\nA,5\" pipe\n")[0].1.is_ok());
    }

    #[test]
    fn nothing_to_read_is_an_error() {
        for text in ["", "\n\n", " , ,\n", "\u{feff}"] {
            assert!(read(text).is_err(), "{text:?}");
        }
        assert!(read("a\0b,c\n1,2").is_err());
    }
}
