//! CSV that is no list of contacts: opt-ins and opt-outs in, any rows out.

use super::answers::consents;
use super::cells::day;
use super::header::squeezed;
use super::names::{OPTINGS, is_one};
use super::{charset, decoded, guard, table};
use crate::error::{Error, Result};

/// One row of a list of opt-ins and opt-outs, as text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Opting {
    /// A contact's id or its beginning.
    pub id: Option<String>,
    pub email: Option<String>,
    pub phone: Option<String>,
    /// Whether the person said yes.
    pub yes: bool,
    pub purpose: Option<String>,
    pub channel: Option<String>,
    pub time: Option<String>,
}

/// A row with its place, or why it cannot be read, without personal content.
pub type OptingRow = (String, std::result::Result<Opting, String>);

/// The field that a heading means.
fn field_of(heading: &str) -> Option<&'static str> {
    let name = squeezed(heading);
    OPTINGS.iter().find(|(_, names)| is_one(names, &name)).map(|(field, _)| *field)
}

/// Reads opt-ins and opt-outs; the header says which column is what, in English or French. `country` (ISO 3166-1
/// alpha-2) is the one whose days they are.
///
/// # Errors
/// When the file is no CSV, has no rows, or lacks a column for the person or for what they said.
pub fn read_optings(bytes: &[u8], country: &str) -> Result<Vec<OptingRow>> {
    let bytes = decoded(bytes)?;
    let (text, _) = charset::text(&bytes).map_err(|problem| {
        Error::failed(format!("the file holds {}", problem.reason())).hint("save it again as UTF-8")
    })?;
    let table = table::read(&text)?;
    let columns: Vec<Option<&str>> = table.header.iter().map(field_of).collect();
    let has = |field| columns.contains(&Some(field));
    if !has("action") || !(has("id") || has("email") || has("phone")) {
        return Err(Error::failed("the columns of this file are not understood").at("row 1").hint(
            "it needs `action` (opt-in or opt-out) and `email`, `phone` or `id`; also `date`, `channel`, `purpose`",
        ));
    }
    if table.rows.is_empty() {
        return Err(Error::failed("the file has a header and no rows").at("row 1"));
    }
    let rows = table.rows.into_iter().map(|row| {
        let opting = row.cells.and_then(|cells| {
            let cell = |field| {
                let of = |(column, cell): (&Option<&str>, &str)| {
                    let cell = guard::unguarded(cell).trim().to_owned();
                    (*column == Some(field) && !cell.is_empty()).then_some(cell)
                };
                columns.iter().zip(cells.iter()).find_map(of)
            };
            let yes = consents(&cell("action").unwrap_or_default());
            let yes = yes.ok_or_else(|| "it says neither opt-in nor opt-out".to_owned())?;
            Ok(Opting {
                id: cell("id"),
                email: cell("email"),
                phone: cell("phone"),
                yes,
                purpose: cell("purpose"),
                channel: cell("channel"),
                time: cell("time").map(|text| moment(&text, country)),
            })
        });
        (row.place, opting)
    });
    Ok(rows.collect())
}

/// A moment whose day is written as the country does (`15/09/2026`), with that day as ISO 8601 has it; others as they are.
fn moment(text: &str, country: &str) -> String {
    let (first, rest) = text.split_once(' ').unwrap_or((text, ""));
    let day = day(first, country).filter(|_| !first.contains(':')).unwrap_or_else(|| first.to_owned());
    format!("{day} {}", rest.trim()).trim_end().to_owned()
}

/// Rows as UTF-8 CSV; cells that a spreadsheet would run as a formula are guarded.
pub fn write_rows(rows: &[Vec<String>]) -> Result<Vec<u8>> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    for row in rows {
        let cells = row.iter().map(|cell| guard::guarded(cell).into_owned());
        writer.write_record(cells).map_err(|e| Error::from(std::io::Error::from(e)))?;
    }
    writer.into_inner().map_err(|e| Error::failed("the rows could not be written").cause(e))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn columns_are_known_in_both_languages_and_rows_speak_for_themselves() {
        let text = "Courriel;Statut;Date\na@example.org;Oui;2026-11-01\nb@example.org;désabonné;\nc@example.org;peut-être;\n";
        let rows = read_optings(text.as_bytes(), "FR").unwrap();
        let first = rows[0].1.as_ref().unwrap();
        assert_eq!(
            (first.email.as_deref(), first.yes, first.time.as_deref()),
            (Some("a@example.org"), true, Some("2026-11-01"))
        );
        assert!(!rows[1].1.as_ref().unwrap().yes);
        for (text, country, said) in [
            ("15/09/2026", "FR", "2026-09-15"),
            ("09/15/2026 14:32", "US", "2026-09-15 14:32"),
            ("2026-09-15T14:32:00Z", "FR", "2026-09-15T14:32:00Z"),
            ("31/09/2026", "FR", "31/09/2026"),
        ] {
            assert_eq!(moment(text, country), said);
        }
        assert!(rows[2].1.is_err() && rows[2].0 == "row 4");
        for bad in ["", "email\na@b.c\n", "action\nyes\n", "email,action\n"] {
            assert!(read_optings(bad.as_bytes(), "FR").is_err(), "{bad:?}");
        }
        let out = write_rows(&[vec!["=1+1".into(), "a,b".into()]]).unwrap();
        assert_eq!(out, b"'=1+1,\"a,b\"\n");
    }

    proptest! {
        #[test]
        fn any_file_is_read_row_by_row_or_refused_as_a_whole(
            head in "(email|action|date|id|phone|x)([,;\t](email|action|date|id|x)){0,4}",
            rows in prop::collection::vec("[a-z@.,;\"=' é0-9]{0,30}", 0..6),
            bytes in prop::collection::vec(any::<u8>(), 0..60),
        ) {
            let text = format!("{head}\n{}", rows.join("\n"));
            if let Ok(found) = read_optings(text.as_bytes(), "FR") {
                prop_assert!(!found.is_empty() && found.len() <= rows.len());
                for (_, opting) in found {
                    // A reason never quotes the row.
                    prop_assert!(opting.is_ok() || !opting.unwrap_err().contains('@'));
                }
            }
            let _ = read_optings(&bytes, "FR");
        }
    }
}
