//! Several carnet processes at once: all land, none is lost, and who reads meanwhile never notices.

mod common;

use std::process::{Child, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};

use common::{Said, World, said};

/// Starts `carnet` without waiting for it.
fn start(world: &World, args: &[&str]) -> Child {
    let mut command = world.command(env!("CARGO_BIN_EXE_carnet"), &world.firm());
    command.args(args).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

fn finish(child: Child) -> Said {
    said(child.wait_with_output().unwrap())
}

/// The repository is whole: linear history, clean work tree, one key a contact, nothing left over.
#[track_caller]
fn whole(world: &World) {
    assert_eq!(world.git(&["status", "--porcelain"]).ok().out, "");
    assert_eq!(world.git(&["rev-list", "--min-parents=2", "main"]).ok().out, "");
    let store = world.firm().join(".git/carnet/keys.git");
    world.git(&["fsck", "--strict"]).ok();
    let loose =
        said(world.command("git", &store).args(["fsck", "--strict", "--unreachable"]).output().unwrap());
    assert_eq!(loose.ok().out, "", "the key store keeps nothing that it does not need");
    let contacts = ids(&world.git(&["ls-tree", "-r", "--name-only", "HEAD", "contacts"]).ok().out);
    let keys =
        world.command("git", &store).args(["ls-tree", "-r", "--name-only", "refs/carnet/keys"]).output();
    let keys = said(keys.unwrap()).ok().out.replace("main/book.pgp\n", "");
    assert_eq!(contacts, ids(&keys));
    assert!(!world.firm().join(".git/carnet/pending").exists());
    let locks = std::fs::read_dir(world.firm().join(".git")).unwrap();
    assert!(locks.flatten().all(|e| e.path().extension().is_none_or(|x| x != "lock")));
    let mut listed: Vec<String> = world.carnet(&["list", "-q"]).ok().out.lines().map(str::to_owned).collect();
    listed.sort();
    assert_eq!(listed, contacts);
    world.carnet(&["verify"]).ok();
}

/// The contact ids in a list of paths, in order.
fn ids(paths: &str) -> Vec<String> {
    let id = |path: &str| {
        path.rsplit('/').next().unwrap_or_default().split('.').next().unwrap_or_default().to_owned()
    };
    let mut ids: Vec<String> = paths.lines().map(id).collect();
    ids.sort();
    ids
}

const ADD: [&str; 6] = ["add", "--source", "fair", "--basis", "customers:contract", "--name"];

#[test]
fn eight_at_once_all_land() {
    let world = World::with_firm();
    let (first, head) = (world.add("Zed", &[]), world.head());
    let mut added = vec![first];
    for round in 0..4 {
        let children: Vec<Child> =
            (0..8).map(|n| start(&world, &[&ADD[..], &[&format!("Contact {round} {n}")]].concat())).collect();
        added.extend(children.into_iter().map(|c| finish(c).ok().first()));
    }
    added.sort();
    let listed = world.git(&["ls-tree", "-r", "--name-only", "HEAD", "contacts"]).ok().out;
    assert_eq!(ids(&listed), added);
    assert_eq!(world.git(&["rev-list", "--count", &format!("{head}..main")]).ok().first(), "32");
    whole(&world);
}

#[test]
fn adding_editing_and_erasing_race_and_every_word_given_is_kept() {
    let world = World::with_firm();
    let targets: Vec<String> = (0..6).map(|n| world.add(&format!("Target {n}"), &[])).collect();
    for pair in targets.chunks(2) {
        let (edited, erased) = (&pair[0], &pair[1]);
        let children = [
            start(&world, &[&ADD[..], &["Newcomer"]].concat()),
            start(&world, &["edit", edited, "--set", "title=Manager"]),
            start(&world, &["erase", erased, "--reason", "error", "--yes"]),
            start(&world, &["edit", erased, "--set", "title=Late"]),
            start(&world, &[&ADD[..], &["Newcomer"]].concat()),
            start(&world, &["edit", edited, "--add-tag", "vip"]),
            start(&world, &["erase", erased, "--reason", "error", "--yes"]),
        ];
        let [add, edit, erase, late, add2, tag, again] = children.map(finish);
        add.ok();
        add2.ok();
        // Two edits of one contact may meet: the second says so and is to be run again.
        for said in [&edit, &tag] {
            assert!(said.code == 0 || said.err.contains("somebody else changed"), "{}", said.err);
        }
        assert!(edit.code == 0 || tag.code == 0);
        let both = [&erase, &again];
        assert_eq!(both.iter().filter(|s| s.code == 0).count(), 1, "{both:?}");
        for said in [&late, both[0], both[1]] {
            let fine = [0, 3].contains(&said.code) || said.err.contains("somebody else changed");
            assert!(fine, "{}: {}", said.code, said.err);
        }
        world.carnet(&["show", erased]).code(3);
        let shown = world.carnet(&["show", "--json", edited]).ok().json();
        assert_eq!(shown["title"] == "Manager", edit.code == 0);
        assert_eq!(shown["tags"][0] == "vip", tag.code == 0);
    }
    whole(&world);
}

#[test]
fn who_reads_while_others_write_never_fails() {
    let world = World::with_firm();
    let steady = world.add("Steady Eddie", &["--email", "eddie@example.org"]);
    let busy = world.add("Busy Bee", &[]);
    let stop = AtomicBool::new(false);
    let reads = std::thread::scope(|scope| {
        let readers = [
            vec!["show", steady.as_str()],
            vec!["list", "-q"],
            vec!["find", "eddie"],
            vec!["show", busy.as_str(), "--json"],
            vec!["show", "eddie@example.org", "-q"],
        ]
        .map(|args| {
            let (world, stop) = (&world, &stop);
            scope.spawn(move || {
                let mut done = 0;
                while !stop.load(Ordering::Relaxed) {
                    let said = world.carnet(&args);
                    assert_eq!(said.code, 0, "{args:?}: {}", said.err);
                    assert!(!said.err.contains("warning"), "{}", said.err);
                    done += 1;
                }
                done
            })
        });
        for n in 0..12 {
            let id = world.add(&format!("Passing {n}"), &[]);
            world.carnet(&["edit", &busy, "--set", &format!("title=T{n}")]).ok();
            world.carnet(&["erase", &id, "--reason", "error", "--yes"]).ok();
        }
        stop.store(true, Ordering::Relaxed);
        readers.map(|r| r.join().expect("a reader failed")).iter().sum::<usize>()
    });
    assert!(reads >= 20, "{reads}");
    whole(&world);
    let entries = world.git(&["rev-list", "--count", "refs/carnet/access/2026-11/ana"]).ok().first();
    assert!(entries.parse::<usize>().unwrap() >= reads, "{entries} entries for {reads} reads");
}
