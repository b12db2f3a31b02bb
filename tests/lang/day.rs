//! Each command of daily use in French, by LANG and by `--lang fr`: no English word is left in what it says.

use std::collections::BTreeSet;

use super::common::{Said, World};
use super::french;

/// Words that only English has, of those that carnet's messages are made of.
const ENGLISH: &str = "about added after again already and answer are bad be been before belongs below beside book \
     books but by cannot changed choose command could day days did does done due each erased error exactly every failed \
     field fields file files first for from give given has have held here hint how into is it its key keys kept last late \
     left line list made may member merged must name named needs new next no nobody none nothing now of on one only open or \
     other out own person purpose read record removed request rows run said say says see shown shows since somebody still \
     tag tags take that the their them then there these they this to today tomorrow two until value warning was were what \
     when where which who why will with without word words would write written wrote yesterday yet you your";

/// What a person reads, without what is the same in every language: commands and names in backquotes, identifiers, data.
fn words(text: &str, data: &[&str]) -> BTreeSet<String> {
    let mut text = text.to_owned();
    for own in data {
        text = text.replace(own, " ");
    }
    // How a command is written is English, as help is.
    text = text.lines().filter(|line| !line.starts_with("  usage")).collect::<Vec<_>>().join("\n");
    let prose: String = text.split('`').step_by(2).collect::<Vec<_>>().join(" ");
    prose
        .split(|c: char| !(c.is_alphanumeric() || "-_./@’'=:<>".contains(c)))
        .filter(|word| word.chars().all(char::is_alphabetic))
        .map(str::to_lowercase)
        .collect()
}

fn english_in(text: &str, data: &[&str]) -> Vec<String> {
    let english: BTreeSet<&str> = ENGLISH.split_whitespace().collect();
    words(text, data).into_iter().filter(|word| english.contains(word.as_str())).collect()
}

#[test]
fn the_test_itself_sees_english() {
    for text in
        ["Nothing is due.", "carnet: no contact matches\n  hint: x", "Changed 2 contacts.", "3 days ago"]
    {
        assert!(!english_in(text, &[]).is_empty(), "{text}");
    }
    let french = "2 contacts modifiés ; `carnet list --where x` les montre, par exemple last<90d";
    assert!(english_in(french, &[]).is_empty());
}

#[test]
fn a_days_work_leaves_no_english_by_lang_and_by_flag() {
    for by_flag in [false, true] {
        let world = World::with_firm();
        let firm = world.firm();
        let run = |args: &[&str]| match by_flag {
            false => french(&world, &firm, args),
            true => world.carnet(&[&["--lang", "fr"], args].concat()),
        };
        // What was typed or is an identifier of carnet's own, and not carnet's words.
        let data = [
            "Jeanne Dupont",
            "Jeanne Dupond",
            "Paul Petit",
            "Atelier Martin",
            "Site web",
            "customers",
            "prospects",
            "newsletter",
            "search-save",
            "deal-add",
            "2026, today",
            "diffère\u{a0}: name",
        ];
        let english = std::cell::RefCell::new(Vec::new());
        let look = |args: &[&str], done: &Said| {
            let text = format!("{}{}", done.out, done.err);
            let left = english_in(&text, &data);
            if !left.is_empty() {
                english.borrow_mut().push(format!("{args:?} says {left:?}:\n{text}"));
            }
        };
        let ok = |args: &[&str]| {
            let done = run(args).ok();
            look(args, &done);
            done
        };
        let refused = |args: &[&str]| {
            let done = run(args);
            assert!(done.code != 0 && done.err.contains("carnet: "), "{args:?}: {done:?}");
            look(args, &done);
        };
        let basis = ["--source", "salon", "--basis", "prospects:legitimate-interests"];
        let add = |more: &[&str]| ok(&[&["add"], more, &basis[..]].concat()).first();
        let a = add(&["--name", "Jeanne Dupont", "--email", "jeanne@example.org", "--tag", "vip"]);
        let b = add(&["--name", "Jeanne Dupond", "--email", "jeanne@example.org", "--org", "Acme"]);
        ok(&[&["add", "--name", "Paul Petit", "--dry-run"], &basis[..]].concat());
        refused(&["add", "--name", "Paul Petit"]);
        ok(&["edit", &a, "--set", "title=Directrice"]);
        ok(&["edit", &a, "--set", "title=Directrice"]);
        refused(&["edit", &a, "--set", "title"]);
        ok(&["edit", "--where", "tag:vip", "--set", "lang=fr", "--yes"]);
        ok(&["edit", "--where", "tag:vip", "--set", "lang=de", "--dry-run"]);
        ok(&["list"]);
        ok(&["list", "tag:nobody"]);
        refused(&["list", "foo:x"]);
        refused(&["list", "tag:"]);
        refused(&["list", "last<zz"]);
        ok(&["find", "dupon"]);
        ok(&["show", &a, "--briefing"]);
        refused(&["show", "Jeanne"]);
        refused(&["show", "zzz"]);
        ok(&["log", "call", &a, "Devis", "--at", "2026-11-20", "--duration", "25m", "--direction", "out"]);
        refused(&["log", "call", &a, "x", "--at", "2030-01-01"]);
        refused(&["log", "call", &a, "x", "--duration", "zz"]);
        refused(&["log", "email"]);
        ok(&["todo", "add", &a, "Rappeler", "--due", "2026-12-20"]);
        ok(&["todo", "add", &b, "Relancer", "--due", "2026-11-20"]);
        ok(&["todo", "list"]);
        ok(&["agenda", "--days", "40"]);
        ok(&["todo", "every", "1w", &a]);
        ok(&["todo", "snooze", &a, "--until", "2026-12-01"]);
        ok(&["todo", "done", &a]);
        refused(&["todo", "done", &a]);
        ok(&["tag", "add", "vip", &b]);
        ok(&["tag", "remove", "vip", &b]);
        ok(&["tag", "list"]);
        ok(&["dupes"]);
        ok(&["merge", &a, &b, "--dry-run"]);
        refused(&["merge", &a, &a]);
        ok(&["merge", &a, &b, "--auto", "--yes"]);
        ok(&["undo", "--dry-run"]);
        ok(&["undo", "--yes"]);
        let deal = ok(&["deal", "add", "Site web", "--amount", "1200,50", "--close", "2026-12-24"]).first();
        ok(&["deal", "list"]);
        let shown = ok(&["deal", "show", &deal]).out;
        assert!(shown.contains("1\u{202f}200,50 EUR") || shown.contains("1 200,50 EUR"), "{shown}");
        ok(&["deal", "move", &deal, "proposal"]);
        ok(&["pipeline"]);
        ok(&["pipeline", "--stats"]);
        ok(&["pipeline", "--forecast"]);
        refused(&["deal", "show", "zzz"]);
        refused(&["deal", "add", "X", "--amount", "-5"]);
        let csv = world.path().join("in.csv");
        std::fs::write(&csv, "name,email,shoe\nZoé,zoe@example.org,1\n,,\nBob,notmail,3\n").unwrap();
        let csv = csv.to_str().unwrap();
        refused(&["import", csv]);
        ok(&[&["import", csv, "--dry-run"], &basis[..]].concat());
        ok(&[&["import", csv], &basis[..]].concat());
        ok(&["import", "undo", "--yes"]);
        refused(&["import", "no-such.csv"]);
        let out = world.path().join("out.csv");
        let out = out.to_str().unwrap();
        ok(&["export", "--format", "csv", "--out", out]);
        refused(&["export", "--format", "csv", "--out", out]);
        ok(&["search", "save", "vips", "tag:vip"]);
        ok(&["search", "list"]);
        let fields = run(&["search", "fields"]).ok().out;
        // The fields are called the same in every language; what they mean is said.
        let means: Vec<&str> =
            fields.lines().filter_map(|line| line.split_once(' ')).map(|(_, m)| m).collect();
        assert!(means.len() > 30 && english_in(&means.join("\n"), &[]).is_empty(), "{fields}");
        ok(&["consent", "list", &a]);
        ok(&["mailing", "--purpose", "prospects", "--channel", "email", "--dry-run"]);
        ok(&["request", "list"]);
        let erase = ["erase", &b, "--reason", "request", "--request", "2026-014"];
        ok(&[&erase[..], &["--dry-run"]].concat());
        ok(&[&erase[..], &["--yes"]].concat());
        ok(&["erase", "--status"]);
        refused(&["show", &b]);
        refused(&["sync"]);
        let remote = world.path().join("remote.git");
        ok(&["remote", "init", remote.to_str().unwrap()]);
        ok(&["sync"]);
        ok(&["sync"]);
        ok(&["member", "list"]);
        ok(&["book", "list"]);
        ok(&["verify"]);
        ok(&["doctor"]);
        refused(&["list", "--no-such-flag"]);
        refused(&["tdo"]);
        let english = english.into_inner();
        assert!(english.is_empty(), "{}", english.join("\n"));
    }
}
