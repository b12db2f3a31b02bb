//! A long trail runs over several files, and every entry of it can be reached.

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
