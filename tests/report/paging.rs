//! A long trail runs over several files, and every entry of it can be reached.

use std::collections::{BTreeMap, BTreeSet};

use crate::common::{World, said};
use crate::html::parse;
use crate::{report, site};

/// Reads that somebody's clone recorded, made with plain git.
fn many(world: &World, count: usize) {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/browser/many.sh");
    let firm = world.firm();
    let args = [script, firm.to_str().unwrap(), &count.to_string()].map(str::to_owned);
    said(world.command("bash", world.path()).args(args).output().unwrap()).ok();
}

/// The `href` of the page's link of a kind, in its head.
fn linked<'a>(page: &'a str, rel: &str) -> Option<&'a str> {
    let (_, after) = page.split_once(&format!("<link rel=\"{rel}\" href=\""))?;
    after.split('"').next()
}

#[test]
fn every_entry_is_on_one_of_the_files_which_lead_to_each_other() {
    let world = World::with_firm();
    many(&world, 1100);
    report(&world, &["--lang", "both"]).ok();
    let site = site(&world);
    for lang in ["en", "fr"] {
        let (mut name, mut before) = ("access.html".to_owned(), None);
        let mut times = Vec::new();
        let mut files = 0;
        loop {
            let page = &site[&format!("{lang}/{name}")];
            let tags = parse(&name, page);
            files += 1;
            assert_eq!(linked(page, "prev").map(str::to_owned), before, "{name}");
            let (_, table) = page.split_once("<table class=\"trail\">").unwrap();
            let (table, _) = table.split_once("</table>").unwrap();
            let rows = table.split("<time datetime=\"").skip(1).map(|row| row[..20].to_owned());
            let rows: Vec<String> = rows.take(500).collect();
            assert!(rows.len() == 500 || linked(page, "next").is_none(), "{name}");
            times.extend(rows);
            // The figures are on the first file only; the other language has the same file.
            assert_eq!(page.contains("id=\"by-month\""), files == 1, "{name}");
            let other = if lang == "en" { "fr" } else { "en" };
            assert!(page.contains(&format!("href=\"../{other}/{name}\"")), "{name}");
            let current = tags.iter().filter(|t| t.attributes.contains_key("aria-current")).count();
            assert_eq!(current, 2, "{name}: one in the navigation, one among the files");
            let Some(next) = linked(page, "next") else { break };
            before = Some(std::mem::replace(&mut name, next.to_owned()));
        }
        // Reads of `init` are none: all that is there are the reads made above.
        assert_eq!((files, times.len()), (3, 1100), "{lang}");
        assert!(times.is_sorted_by(|a, b| a > b), "newest first, each once");
    }
    world.carnet(&["report", "--check", "../site"]).ok();
}

/// The rows of the table with the caption `rows` in every file of a page, and how many files there are.
fn rows_of(site: &BTreeMap<String, String>, first: &str) -> (Vec<String>, usize) {
    let (mut name, mut rows, mut files) = (first.to_owned(), Vec::new(), 0);
    loop {
        let page = &site[&name];
        parse(&name, page);
        files += 1;
        let (_, table) = page.split_once("<caption id=\"rows\">").unwrap();
        let (table, _) = table.split_once("</table>").unwrap();
        let (_, body) = table.split_once("<tbody>").unwrap();
        let own: Vec<String> = body.split("<tr>").skip(1).map(str::to_owned).collect();
        assert!(own.len() <= 500 && !own.is_empty(), "{name}: {} rows", own.len());
        rows.extend(own);
        let Some(next) = linked(page, "next") else { return (rows, files) };
        next.clone_into(&mut name);
    }
}

#[test]
fn long_registers_run_over_several_files_too() {
    let world = World::with_firm();
    let many = 501;
    let csv: String = (0..=many).map(|n| format!("Person {n},fair\n")).collect();
    std::fs::write(world.path().join("people.csv"), format!("name,source\n{csv}")).unwrap();
    world.carnet(&["import", "../people.csv", "--basis", "prospects:legitimate-interests", "--yes"]).ok();
    let ids = world.carnet(&["list", "-q"]).ok().out;
    let ids: Vec<&str> = ids.lines().collect();
    let gone = ids[..many].join("\n");
    world.carnet_with_input(&["erase", "-", "--reason", "request", "--yes"], gone.as_bytes()).ok();
    let kept = ids[many];
    let reference =
        world.carnet(&["request", "open", "access", "--contact", kept, "--channel", "email"]).ok().first();
    // So many more of the same, as a firm has after years.
    let requests = world.firm().join("registers/requests");
    let entry = std::fs::read_to_string(requests.join(format!("{reference}.toml"))).unwrap();
    for n in 1..many {
        let other = format!("2026-002-{n:04x}");
        std::fs::write(requests.join(format!("{other}.toml")), entry.replace(&reference, &other)).unwrap();
    }
    world.git(&["add", "registers"]).ok();
    world.git(&["commit", "--no-gpg-sign", "-qm", "by hand"]).ok();
    report(&world, &[]).ok();
    let site = site(&world);
    for (page, caption) in [("erasures.html", "by-trigger"), ("requests.html", "class=\"facts\"")] {
        let (rows, files) = rows_of(&site, page);
        let unlike: BTreeSet<&String> = rows.iter().collect();
        assert_eq!((rows.len(), unlike.len(), files), (many, many, 2), "{page}");
        // Figures stand on the first file only, and are those of all.
        let second = page.replace(".html", "-2.html");
        assert!(site[page].contains(caption) && !site[&second].contains(caption), "{page}");
        assert!(site[page].contains(">501<") && site[&second].contains("501–501 of 501 "), "{page}");
    }
    // What stands beside the table is cut with it.
    assert_eq!(site["requests-2.html"].matches("class=\"name\">2026-").count(), 1);
    assert_eq!(site["erasures-2.html"].matches("carnet erase --certificate").count(), 1);
}
