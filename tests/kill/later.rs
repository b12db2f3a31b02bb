//! What came after contacts: deals, requests, tags in bulk, merges, undoing, templates. Killed, each is done or not begun.

use super::firm::Firm;
use super::kills;
use super::moments::by_clock;
use super::{LAWFUL, timed};

/// A firm with something of everything, and the ids of two contacts that are one person.
fn firm() -> (Firm, [String; 2]) {
    let mut firm = Firm::new();
    let target = firm.target.clone();
    let twin = firm.world.add("Éloïse Petit", &["--email", "eloise.petit@example.net"]);
    for n in 0..3 {
        firm.world.add(&format!("Other {n}"), &["--email", &format!("other{n}@example.org")]);
    }
    firm.world.carnet(&["deal", "add", "Website", "--contact", &target, "--amount", "4800"]).ok();
    let open = ["request", "open", "access", "--contact", &target, "--channel", "email", "--note", "hers"];
    firm.world.carnet(&open).ok();
    let lot = [&["import", "-"][..], &LAWFUL].concat();
    firm.world
        .carnet_with_input(&lot, b"name,email\nRow One,one@example.org\nRow Two,two@example.org\n")
        .ok();
    firm.keep();
    (firm, [target, twin])
}

/// Everything that is said of contacts, deals, requests and plain files, without ids, which are random.
fn state(firm: &Firm) -> Vec<String> {
    let reads: [&[&str]; 3] = [
        &["export", "--format", "json"],
        &["deal", "list", "--all", "--json"],
        &["request", "list", "--all", "--json"],
    ];
    // Whatever comes first after a kill may be a purpose.
    let plain = firm
        .world
        .git(&["ls-files", "--", ":!contacts", ":!records", ":!registers/purposes/p1.toml"])
        .ok()
        .out;
    let said = reads.iter().map(|args| firm.world.carnet(args).ok().out).chain([plain]);
    said.map(|text| {
        let mut lines: Vec<String> = text.lines().map(without_ids).collect();
        lines.sort();
        lines.join("\n")
    })
    .collect()
}

/// A line with `x` for each word of sixteen or more hex digits and hyphens.
fn without_ids(line: &str) -> String {
    let is_id = |word: &str| word.len() >= 16 && word.chars().all(|c| c.is_ascii_hexdigit() || c == '-');
    let words = line.split_inclusive(|c: char| !(c.is_ascii_hexdigit() || c == '-'));
    words
        .map(|word| {
            let end = word.trim_end_matches(|c: char| !(c.is_ascii_hexdigit() || c == '-')).len();
            if is_id(&word[..end]) { format!("x{}", &word[end..]) } else { word.to_owned() }
        })
        .collect()
}

/// Kills each command at some moments; what is there afterwards is what was before, or what the command makes.
fn strike(firm: &Firm, commands: &[&[&str]]) {
    let reply = firm.world.path().join("reply");
    let restore = || {
        firm.restore();
        let _ = std::fs::remove_dir_all(&reply);
    };
    restore();
    let before = state(firm);
    let mut seen = [0, 0];
    for args in commands {
        let undisturbed = || {
            restore();
            timed(&firm.world, &firm.world.firm(), args)
        };
        let mut moments = by_clock(&undisturbed, kills() / 5);
        let after = state(firm);
        restore();
        let calls = firm.calls(args, kills() / 2);
        let step = (calls.len() / (kills() / 2).max(1)).max(1);
        moments.extend(calls.into_iter().step_by(step));
        for (n, moment) in moments.iter().enumerate() {
            restore();
            firm.strike(moment, args);
            let at = format!("{args:?} killed at {moment:?}");
            firm.next_command(n, &at);
            firm.whole(&at);
            let now = state(firm);
            assert!(now == before || now == after, "{at}: half done: {now:#?}");
            seen[usize::from(now == after && after != before)] += 1;
            if now == before && n % 3 == 0 {
                // `undo` would take back what the command after the kill did.
                let again = [&args[..], if args[0] == "undo" { &["--dry-run"] } else { &[] }].concat();
                let _ = std::fs::remove_dir_all(&reply);
                let said = firm.world.carnet(&again);
                assert_eq!(said.code, 0, "{at}, then again: {said:?}");
            }
        }
    }
    println!("later commands: {} times before, {} times after", seen[0], seen[1]);
    assert!(seen.iter().all(|n| *n > 0), "{seen:?}");
}

#[test]
fn deals_merges_and_what_undoes() {
    let (firm, [target, twin]) = firm();
    strike(
        &firm,
        &[
            &["deal", "add", "Translation", "--contact", &target, "--amount", "900"],
            &["deal", "won", "Website"],
            &["merge", &target, &twin, "--auto", "--yes"],
            &["undo", "--yes"],
            &["import", "undo", "--yes"],
        ],
    );
}

#[test]
fn tags_in_bulk_requests_and_templates() {
    let (firm, [target, _]) = firm();
    let reply = firm.world.path().join("reply");
    strike(
        &firm,
        &[
            &["log", "call", &target, "asked for a quote"],
            &["tag", "add", "bulk", "--where", "has:email", "--yes"],
            &["request", "answer", "2026-001", "--out", reply.to_str().unwrap(), "--yes"],
            &["report", "--save-templates"],
        ],
    );
}
