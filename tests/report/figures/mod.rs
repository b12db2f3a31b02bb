//! The figures of the pages: what a small firm entered with carnet's own commands is on them, in both languages, and the
//! registers as CSV and JSON beside them say the same.

mod consents;
mod files;
mod registers;
mod rights;
mod trails;

use std::collections::BTreeMap;

use serde_json::Value;

use crate::common::World;
use crate::html::{parse, words};
use crate::{report, site};

type Site = BTreeMap<String, String>;

/// A firm with something in each register: three contacts, two of them asked for a consent, one erased; two requests, two
/// breaches, two processors, a training and an agreement. It is 15 January 2027, 10:00 UTC.
fn firm() -> World {
    let mut world = World::with_firm();
    std::fs::write(world.path().join("contract.txt"), "the contract").unwrap();
    std::fs::write(world.path().join("letter.md"), "I agree to one letter a month.\n").unwrap();
    let ids: Vec<String> = ["A", "B", "C"].map(|name| contact(&world, name)).into();
    let gone = contact(&world, "Gone");
    let run = |world: &World, line: &str| {
        let args: Vec<String> = line.split('|').map(|arg| arg.trim().to_owned()).collect();
        world.carnet(&args.iter().map(String::as_str).collect::<Vec<_>>()).ok().first()
    };
    run(
        &world,
        "processor|add|posters|--name|Posters Ltd|--service|printing|--country|US|--contract|../contract.txt|\
         --signed|2026-01-15|--expires|2027-02-14|--points|abc",
    );
    run(
        &world,
        "processor|add|hostco|--name|HostCo GmbH|--service|hosting|--country|DE|--contract|../contract.txt|\
         --signed|2026-03-01|--expires|2028-02-28|--points|abcdefgh",
    );
    run(&world, "purpose|edit|newsletter|--set|processors+=posters");
    run(&world, "training|add|ana|--topic|GDPR basics|--next|2027-09-01");
    run(&world, "agreement|add|ana|--title|Secrets|--review|2028-10-01");
    run(&world, "wording|add|letter|../letter.md|--lang|en");
    let of_letter = "--purpose|newsletter|--channel|email|--method|form";
    for id in &ids[..2] {
        run(&world, &format!("consent|ask|{id}|--wording|letter|{of_letter}"));
    }
    world.now = "2026-12-04T09:00:00Z".into();
    run(&world, &format!("consent|give|{}|--wording|letter|{of_letter}", ids[0]));
    run(&world, &format!("consent|give|{}|--wording|letter|{of_letter}", ids[1]));
    let answered = run(&world, &format!("request|open|access|--contact|{}|--channel|email", ids[2]));
    world.now = "2026-12-11T09:00:00Z".into();
    run(&world, &format!("request|answer|{answered}|--out|../pack|--yes"));
    run(&world, &format!("request|close|{answered}"));
    run(
        &world,
        "breach|open|--aware|2026-12-10T08:00Z|--kind|availability|--risk|unlikely|--notify|no|--not-informed|\
         no-high-risk|--facts|Lost for an hour.|--measures|Restored.|--consequences|None.|--why-not-notified|Unlikely.",
    );
    world.now = "2027-01-04T09:00:00Z".into();
    run(&world, &format!("consent|withdraw|{}|--purpose|newsletter|--channel|email|--method|call", ids[1]));
    run(&world, &format!("request|open|rectification|--contact|{}|--channel|post", ids[0]));
    run(&world, &format!("erase|{gone}|--reason|request|--request|2026-014|--yes"));
    world.now = "2027-01-14T10:30:00Z".into();
    run(&world, "breach|open|--aware|2027-01-14T10:00Z|--kind|confidentiality|--facts|A letter went astray.");
    world.now = "2027-01-15T10:00:00Z".into();
    world
}

fn contact(world: &World, name: &str) -> String {
    world.add(name, &["--basis", "newsletter:consent"])
}

/// The rows of the table with this caption, each as the texts of its cells.
#[track_caller]
fn table(site: &Site, page: &str, caption: &str) -> Vec<Vec<String>> {
    let html = &site[page];
    parse(page, html);
    let captioned = format!("<caption id=\"{caption}\">");
    let (_, after) = html.split_once(&captioned).unwrap_or_else(|| panic!("{page}: no table {caption}"));
    let (table, _) = after.split_once("</table>").unwrap();
    let (_, body) = table.split_once("<tbody>").unwrap();
    let row = |row: &str| {
        let cells = row.replace("<th", "<td");
        cells.split("<td").skip(1).map(|cell| words(&format!("<td{cell}"))).collect()
    };
    body.split("<tr").skip(1).map(row).collect()
}

/// The terms and descriptions of a page's first list of facts.
fn facts(site: &Site, page: &str) -> BTreeMap<String, String> {
    let (_, after) = site[page].split_once("<dl class=\"facts\">").unwrap();
    let (list, _) = after.split_once("</dl>").unwrap();
    let pairs = list.split("<dt>").skip(1).filter_map(|pair| pair.split_once("</dt>"));
    pairs.map(|(term, of)| (words(term), words(of))).collect()
}

/// A register as JSON and, by language, as CSV with its heads taken off.
fn register(site: &Site, name: &str) -> (Vec<Value>, [Vec<Vec<String>>; 2]) {
    let json: Value = serde_json::from_str(&site[&format!("en/data/{name}.json")]).unwrap();
    let csv = |lang: &str, separator: u8| {
        let text = site[&format!("{lang}/data/{name}.csv")].strip_prefix('\u{feff}').unwrap();
        let mut reader = csv::ReaderBuilder::new().delimiter(separator).from_reader(text.as_bytes());
        reader.records().map(|r| r.unwrap().iter().map(str::to_owned).collect()).collect()
    };
    let columns = json["data"]["columns"].as_array().unwrap();
    let rows = json["data"]["rows"].as_array().unwrap();
    let cells =
        |row: &Value| Value::Array(columns.iter().map(|c| row[c.as_str().unwrap()].clone()).collect());
    (rows.iter().map(cells).collect(), [csv("en", b','), csv("fr", b';')])
}

fn made() -> (World, Site) {
    let world = firm();
    report(&world, &["--lang", "both"]).ok();
    let site = site(&world);
    (world, site)
}

/// A row with its reference, id or key of this firm written as `#`, so that rows can be told whole.
fn plain(rows: Vec<Vec<String>>) -> Vec<String> {
    let random = |word: &str| {
        let hex = |text: &str| text.chars().all(|c| c.is_ascii_hexdigit());
        let reference = word.len() == 13 && word.get(8..9) == Some("-") && word.get(9..).is_some_and(hex);
        reference || [8, 10, 16].contains(&word.len()) && hex(word)
    };
    let cell = |cell: &String| {
        let words = cell.split(' ').map(|word| if random(word) { "#" } else { word });
        words.collect::<Vec<_>>().join(" ")
    };
    rows.iter().map(|row| row.iter().map(cell).collect::<Vec<_>>().join(" | ")).collect()
}

#[track_caller]
fn has(site: &Site, page: &str, caption: &str, rows: &[&str]) {
    assert_eq!(plain(table(site, page, caption)), rows, "{page}: {caption}");
}
