//! What commands that take many rows have in common: a file or standard input, and what is said of rows.

use std::io::Read;
use std::path::Path;

use crate::error::{At, Error, Result};
use crate::output::{Table, Ui};

/// The bytes of a file, or of standard input where it is `-`.
pub fn read(file: &Path) -> Result<Vec<u8>> {
    let place = file.display();
    if file == Path::new("-") {
        let mut bytes = Vec::new();
        std::io::stdin().lock().read_to_end(&mut bytes).at("standard input")?;
        return Ok(bytes);
    }
    std::fs::read(file).map_err(|e| match e.kind() {
        std::io::ErrorKind::NotFound => Error::not_found("there is no such file")
            .at(place.to_string())
            .hint("give the path of a file, or -"),
        _ => Error::from(e).at(place.to_string()),
    })
}

/// Notes what is said of rows: the place of each, what became of it and why.
pub fn remarks<'a>(ui: &Ui, rows: impl Iterator<Item = (&'a str, &'a str, &'a str)>) {
    let mut table = Table::new(&["WHERE", "WHAT", "WHY"]).words(&["WHAT", "WHY"]);
    rows.for_each(|(place, what, why)| {
        table.row([ui.lang.place(place).into_owned(), what.to_owned(), why.to_owned()]);
    });
    ui.note_table(&table);
}
