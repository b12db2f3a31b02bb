//! carnet killed (SIGKILL) in the middle of its work: the repository is before the operation or after it.
//!
//! Two ways to choose the moment. By the clock: seeded delays spread over the time that the command takes. By
//! system call: `strace` kills the command as it enters a chosen call that changes a file, so that every state that
//! the disk ever has can be visited; where strace cannot run, the test says so. `CARNET_KILLS` is the number of kills
//! for each command and each way.

#[path = "../common/mod.rs"]
mod common;

mod firm;

mod locks;
mod moments;
mod served;
mod shared;
mod starting;
mod vdir;

use std::collections::BTreeMap;
use std::path::Path;
use std::time::{Duration, Instant};

use common::World;
use firm::{Contacts, Firm};
use moments::{Moment, by_clock};

/// How many kills for each command and each way of choosing the moment.
fn kills() -> usize {
    std::env::var("CARNET_KILLS").ok().and_then(|n| n.parse().ok()).unwrap_or(10)
}

/// How long an undisturbed run takes.
fn timed(world: &World, dir: &Path, args: &[&str]) -> Duration {
    let start = Instant::now();
    world.carnet_in(dir, args).ok();
    start.elapsed()
}

/// What an operation makes of the contacts, once it has happened.
type Effect = fn(&Firm, &Contacts, &Contacts) -> bool;

/// Kills `args` at many moments, each time on a fresh copy of the firm, and checks what the next commands find.
fn kill_often(firm: &Firm, args: &[&str], effect: Effect) {
    let undisturbed = || {
        firm.restore();
        timed(&firm.world, &firm.world.firm(), args)
    };
    let moments = by_clock(&undisturbed, kills()).into_iter().chain(firm.calls(args, kills()));
    let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
    for (n, moment) in moments.enumerate() {
        firm.restore();
        let died = firm.strike(&moment, args);
        let at = format!("{args:?} killed at {moment:?}");
        if died && matches!(moment, Moment::Call(..)) {
            *seen.entry("by call").or_default() += 1;
        } else if died {
            *seen.entry("by clock").or_default() += 1;
        }
        *seen.entry("left a journal").or_default() += usize::from(firm.interrupted());
        *seen.entry("left a lock of git's").or_default() += usize::from(!firm.git_locks().is_empty());
        firm.next_command(n, &at);
        let now = firm.whole(&at);
        let happened = now != firm.before;
        *seen.entry(if happened { "happened" } else { "did not happen" }).or_default() += 1;
        assert!(!happened || effect(firm, &firm.before, &now), "{at}: half done: {now:?}");
        assert!(died || happened, "{at}: it ended and did nothing");
        if !happened && n % 5 == 0 {
            firm.world.carnet(args).ok();
            let now = firm.whole(&at);
            assert!(effect(firm, &firm.before, &now), "{at}: the second time");
        }
    }
    println!("{args:?}: {seen:?}");
    let count = |what| seen.get(what).copied().unwrap_or_default();
    assert!(count("by clock") > 0, "the kills came too late: {seen:?}");
    let by_call = count("by call");
    assert!(by_call == 0 || count("left a journal") > 0 && count("left a lock of git's") > 0, "{seen:?}");
    assert!(by_call == 0 || count("happened") > 0 && count("did not happen") > 0, "{seen:?}");
}

/// `after` is `before` with some contacts more.
fn only_new(before: &Contacts, after: &Contacts) -> Vec<serde_json::Value> {
    assert!(before.iter().all(|(id, contact)| after.get(id) == Some(contact)));
    after.iter().filter(|(id, _)| !before.contains_key(*id)).map(|(_, c)| c.clone()).collect()
}

const LAWFUL: [&str; 4] = ["--source", "fair", "--basis", "customers:contract"];

#[test]
fn adding() {
    let firm = Firm::new();
    let args = [&["add", "--name", "Newcomer", "--note", "whole"][..], &LAWFUL].concat();
    kill_often(&firm, &args, |_, before, after| {
        let new = only_new(before, after);
        new.len() == 1 && new[0]["name"] == "Newcomer" && new[0]["note"] == "whole"
    });
}

#[test]
fn editing() {
    let firm = Firm::new();
    let args = ["edit", &firm.target.clone(), "--set", "title=Director", "--add-tag", "vip"];
    kill_often(&firm, &args, |firm, before, after| {
        let mut wanted = before.clone();
        let contact = wanted.get_mut(&firm.target).unwrap();
        contact["title"] = "Director".into();
        contact["tags"] = serde_json::json!(["vip"]);
        wanted == *after
    });
}

#[test]
fn importing() {
    let firm = Firm::new();
    let rows: String = (0..LOT).map(|n| format!("Row {n},row{n}@example.org\n")).collect();
    let file = firm.world.path().join("lot.csv");
    std::fs::write(&file, format!("name,email\n{rows}")).unwrap();
    let args = [&["import", file.to_str().unwrap()][..], &LAWFUL].concat();
    kill_often(&firm, &args, |_, before, after| {
        let mut names: Vec<_> =
            only_new(before, after).iter().map(|c| c["emails"][0]["value"].to_string()).collect();
        names.sort();
        names.dedup();
        names.len() == LOT
    });
}

/// Enough contacts to be written as packs.
const LOT: usize = 80;

#[test]
fn erasing() {
    let firm = Firm::new();
    let args = ["erase", &firm.target.clone(), "--reason", "request", "--yes"];
    kill_often(&firm, &args, |firm, before, after| {
        let mut wanted = before.clone();
        wanted.remove(&firm.target);
        let entry = format!("registers/erasures/{}.toml", firm.target);
        wanted == *after && firm.world.firm().join(entry).exists()
    });
}

/// Keys that are put in force with the commit, and others that are destroyed behind it: two steps of the key store.
#[test]
fn erasing_who_is_in_a_deal() {
    let mut firm = Firm::new();
    firm.world
        .carnet(&["deal", "add", "Éloïse's website", "--contact", &firm.target, "--amount", "4800"])
        .ok();
    firm.keep();
    let args = ["erase", &firm.target.clone(), "--reason", "request", "--yes"];
    kill_often(&firm, &args, |firm, before, after| {
        let mut wanted = before.clone();
        wanted.remove(&firm.target);
        let deals = firm.world.carnet(&["deal", "list", "--json"]).ok().out;
        wanted == *after
            && deals.contains("4800.00 EUR")
            && !deals.contains(&firm.target)
            && !deals.contains("loïse")
    });
}

/// A key that an import put into a pack goes by writing the pack anew.
#[test]
fn erasing_what_was_imported() {
    let mut firm = Firm::new();
    let rows: String = (0..LOT).map(|n| format!("Row {n}\n")).collect();
    let args = [&["import", "-"][..], &LAWFUL].concat();
    firm.world.carnet_with_input(&args, format!("name\n{rows}").as_bytes()).ok();
    firm.target = firm.world.carnet(&["find", "row", "-q", "--limit", "1", "--sort", "id"]).ok().first();
    firm.keep();
    let args = ["erase", &firm.target.clone(), "--reason", "error", "--yes"];
    kill_often(&firm, &args, |firm, before, after| {
        let mut wanted = before.clone();
        wanted.remove(&firm.target);
        wanted == *after
    });
}

/// The command that finishes an interrupted one may be killed as well.
#[test]
fn finishing() {
    let mut firm = Firm::new();
    let target = firm.target.clone();
    let add = [&["add", "--name", "Newcomer"][..], &LAWFUL].concat();
    let erase = ["erase", &target, "--reason", "request", "--yes"];
    let mut tried = 0;
    for args in [&add[..], &erase] {
        firm.restore();
        let points = firm.calls(args, 3);
        for point in points {
            firm.restore();
            firm.strike(&point, args);
            if !firm.interrupted() {
                continue;
            }
            let whole = firm.set_aside("half");
            let moments = firm.calls(&["list", "-q"], kills() / 6);
            for (n, moment) in moments.iter().enumerate() {
                firm.restore();
                firm.strike(moment, &["list", "-q"]);
                let at = format!("{args:?} killed at {point:?}, then list at {moment:?}");
                firm.next_command(n, &at);
                let now = firm.whole(&at);
                let more = now.len() as isize - firm.before.len() as isize;
                assert!(more == 0 || more == if args[0] == "add" { 1 } else { -1 }, "{at}: {now:?}");
                tried += 1;
            }
            firm.kept = whole;
        }
    }
    println!("killed while finishing: {tried}");
}
