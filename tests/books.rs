//! Books: who can open which, moving contacts between them, new keys, and being killed while they are made.

mod common;

use common::World;
use common::team::{copy_dir, join, pull, sq_git_agrees};

/// Ana with books main and staff; bob has main only.
fn two_books() -> (World, World) {
    let ana = World::with_firm();
    let bob = join(&ana, "bob", &["--book", "main"]);
    ana.carnet(&["book", "add", "staff", "--title", "Our people", "--purpose", "customers"]).ok();
    (ana, bob)
}

#[test]
fn a_member_without_a_book_sees_neither_its_contacts_nor_their_number() {
    let (ana, bob) = two_books();
    let seen = ana.add("Seen Person", &[]);
    let hidden: Vec<String> =
        (0..7).map(|n| ana.add(&format!("Hidden Zyxwina {n}"), &["--book", "staff"])).collect();
    ana.carnet(&["erase", &hidden[6], "--reason", "error", "--yes"]).ok();
    ana.carnet(&["list"]).ok();
    ana.carnet(&["list", "--book", "staff"]).ok();
    pull(&bob, &ana);
    bob.git(&["fetch", "-q", ana.firm().to_str().unwrap(), "+refs/carnet/access/*:refs/carnet/access/*"])
        .ok();
    std::fs::write(
        bob.firm().join(format!("contacts/staff/{}/{}.toml.pgp", &hidden[0][..2], hidden[0])),
        "x",
    )
    .unwrap();
    bob.carnet(&["report", "--out", "../site"]).ok();
    let page = std::fs::read_to_string(bob.path().join("site/books.html")).unwrap();
    let mut said = vec![page.clone()];
    for args in [
        &["list"][..],
        &["list", "--json"],
        &["find", "zyxwina"],
        &["export", "--format", "csv"],
        &["history"],
        &["history", "--json"],
        &["history", "--diff"],
        &["book", "list"],
        &["book", "show", "staff", "--json"],
        &["member", "list"],
        &["doctor"],
    ] {
        let told = bob.carnet(args);
        assert!([0, 7].contains(&told.code), "{args:?}: {}", told.err);
        said.push(format!("{args:?}{}{}", told.out, told.err));
    }
    for text in &said {
        for id in &hidden {
            assert!(!text.contains(&id[..8]) && !text.contains("Zyxwina"), "{text}");
        }
        assert!(!text.contains("7 contacts") && !text.contains("6 contacts"), "{text}");
    }
    assert!(page.contains("not readable"), "{page}");
    for args in [&["show", &hidden[0]][..], &["history", &hidden[0]], &["list", "--book", "staff"]] {
        bob.carnet(args).code(3);
    }
    let listed = bob.carnet(&["book", "list", "--json"]).ok().json();
    assert_eq!((&listed[0]["contacts"], &listed[1]["contacts"]), (&1.into(), &serde_json::Value::Null));
    bob.carnet(&["show", &seen]).ok();
    let verified = bob.carnet(&["verify"]).code(7).out;
    assert!(verified.contains("what the contacts of book staff hold"), "{verified}");
    let figures = ana.carnet(&["report", "--out", "../site", "--json"]).ok().json();
    assert_eq!(figures["counts"]["contacts"], 7);
}

#[test]
fn a_contact_moves_and_who_lacks_the_new_book_opens_no_new_version() {
    let (ana, bob) = two_books();
    let id = ana.add("Éloïse Petit", &[]);
    ana.carnet(&["edit", &id, "--set", "title=Manager"]).ok();
    pull(&bob, &ana);
    bob.carnet(&["show", &id]).ok();
    let old_keys = bob.path().join("old");
    copy_dir(&bob.firm().join(".git/carnet/keys.git"), &old_keys);

    ana.carnet(&["edit", &id, "--book", "nowhere"]).code(3);
    ana.carnet(&["edit", &id, "--book", "staff", "--set", "title=Director"]).ok();
    assert_eq!(ana.git(&["status", "--porcelain"]).ok().out, "");
    let shown = ana.carnet(&["show", &id, "--json"]).ok().json();
    assert_eq!((&shown["book"], &shown["id"]), (&"staff".into(), &id.as_str().into()));
    ana.carnet(&["verify"]).ok();
    assert_eq!(ana.carnet(&["list", "--book", "main", "-q"]).ok().out, "");
    // Its whole history is still readable to those in the new book.
    let diff = ana.carnet(&["history", &id, "--diff"]).ok().out;
    assert!(diff.contains("+title = \"Manager\"") && diff.contains("-title = \"Manager\""), "{diff}");
    assert!(!diff.contains("does not open") && diff.contains("+name = \"Éloïse Petit\""), "{diff}");
    let log = ana.git(&["log", "-p", "--", "contacts"]).ok().out;
    assert!(log.contains("+title = \"Director\"") && log.contains("-title = \"Manager\""), "{log}");
    ana.carnet(&["edit", &id, "--set", "title=President"]).ok();

    // Bob has kept the old keys: they open the old versions, and none of the new ones.
    pull(&bob, &ana);
    bob.carnet(&["show", &id]).code(3);
    let store = bob.firm().join(".git/carnet/keys.git");
    std::fs::remove_dir_all(&store).unwrap();
    copy_dir(&old_keys, &store);
    let log = bob.git(&["log", "-p", "--", "contacts"]).ok().out;
    assert!(log.contains("Manager") && !log.contains("Director") && !log.contains("President"), "{log}");

    // Erasure has every version of both books, and nothing of it opens.
    let erased = ana.carnet(&["erase", &id, "--reason", "error", "--yes", "--json"]).ok().json();
    assert_eq!(erased[0]["proof"]["versions"], 4);
    let log = ana.git(&["log", "-p", "--", "contacts"]).ok().out;
    assert!(!log.contains("Petit"), "{log}");
    ana.carnet(&["verify"]).ok();
}

#[test]
fn a_book_is_granted_and_taken_away() {
    let (ana, bob) = two_books();
    let id = ana.add("Éloïse Petit", &["--book", "staff"]);
    pull(&bob, &ana);
    bob.carnet(&["show", &id]).code(3);
    bob.carnet(&["book", "grant", "staff", "bob"]).code(3);
    ana.carnet(&["book", "grant", "staff", "nobody"]).code(3);
    ana.carnet(&["book", "grant", "staff", "bob"]).ok();
    ana.carnet(&["book", "grant", "staff", "bob"]).code(5);
    pull(&bob, &ana);
    bob.carnet(&["show", &id]).ok();
    ana.carnet(&["book", "revoke", "staff", "ana"]).code(5);
    let left = ana.carnet(&["book", "revoke", "staff", "bob", "--json"]).ok().json();
    assert_eq!(left["departure"]["left"], false);
    assert_eq!(left["departure"]["books"][0]["contacts"], 1);
    ana.carnet(&["book", "revoke", "staff", "bob"]).code(3);
    pull(&bob, &ana);
    bob.carnet(&["show", &id]).code(3);
    // Writing the book's file by hand brings no key back.
    for world in [&ana, &bob] {
        world.carnet(&["verify"]).ok();
    }
    ana.carnet(&["book", "add", "staff"]).code(5);
    ana.carnet(&["book", "add", "other", "--purpose", "undeclared"]).code(5);
    ana.carnet(&["show", &id]).ok();
    sq_git_agrees(&ana);
    for args in [["book", "--help"], ["member", "--help"], ["key", "--help"]] {
        ana.carnet(&args).ok();
    }
}

/// Commits and keys of a state.
fn state(world: &World) -> (String, String) {
    let store = world.firm().join(".git/carnet/keys.git");
    let keys = ["--git-dir", store.to_str().unwrap(), "rev-parse", "refs/carnet/keys"];
    (world.head(), world.git(&keys).ok().first())
}

#[test]
fn half_made_keys_are_finished_or_undone() {
    let ana = World::with_firm();
    let ids: Vec<String> = (0..70).map(|n| ana.add(&format!("Person {n}"), &[])).collect();
    let git = ana.firm().join(".git");
    let store = git.join("carnet/keys.git");
    let (saved, saved_keys) = (ana.path().join("saved"), ana.path().join("saved-keys"));
    copy_dir(&git, &saved);
    copy_dir(&store, &saved_keys);
    let before = state(&ana);
    ana.carnet(&["book", "rekey", "main"]).ok();
    let after = state(&ana);
    assert!(before.0 != after.0 && before.1 != after.1);
    let journal = format!("path books/main.toml\nprune\nswitch {} {}\nend\n", after.0, after.1);
    let keys_ref = |to: &str| std::fs::write(store.join("refs/carnet/keys"), format!("{to}\n")).unwrap();
    let whole = |expected: &(String, String)| {
        ana.carnet(&["list"]).ok();
        assert_eq!(state(&ana), *expected);
        assert!(!git.join("carnet/pending").exists());
        ana.carnet(&["verify"]).ok();
        ana.carnet(&["show", &ids[69]]).ok();
        assert_eq!(ana.git(&["status", "--porcelain"]).ok().out, "");
    };
    // Killed when the branch had moved and the old keys were still in force.
    copy_dir(&saved_keys.join("objects"), &store.join("objects"));
    keys_ref(&before.1);
    std::fs::write(git.join("carnet/pending"), &journal).unwrap();
    whole(&after);
    // Killed when both were there and only the work was left to be ended.
    copy_dir(&saved_keys.join("objects"), &store.join("objects"));
    std::fs::write(git.join("carnet/pending"), &journal).unwrap();
    whole(&after);
    // Killed before the branch moved: the new keys go, the old ones are whole.
    copy_dir(&saved_keys.join("objects"), &store.join("objects"));
    keys_ref(&before.1);
    ana.git(&["reset", "-q", "--hard", &before.0]).ok();
    std::fs::write(git.join("carnet/last"), &before.0).unwrap();
    std::fs::write(git.join("carnet/pending"), &journal).unwrap();
    whole(&before);
}

#[test]
fn killed_at_any_moment_the_keys_fit_the_members() {
    use std::process::Stdio;
    let (ana, bob) = two_books();
    for n in 0..66 {
        ana.add(&format!("Person {n}"), &[]);
    }
    let steps: [&[&str]; 3] =
        [&["book", "revoke", "main", "bob"], &["book", "rekey", "main"], &["book", "grant", "main", "bob"]];
    let time = std::time::Instant::now();
    ana.carnet(&["book", "rekey", "main"]).ok();
    let whole = time.elapsed();
    let mut seed = 7u32;
    for round in 0..24 {
        let args = steps[round % 3];
        seed = seed.wrapping_mul(1_103_515_245).wrapping_add(12_345);
        let wait = whole.mul_f64(f64::from(seed >> 16) / f64::from(u16::MAX) * 1.1);
        let mut command = ana.command(env!("CARGO_BIN_EXE_carnet"), &ana.firm());
        let mut child = command.args(args).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        std::thread::sleep(wait);
        let _ = child.kill();
        child.wait().unwrap();
        assert_eq!(ana.carnet(&["list", "-q"]).ok().out.lines().count(), 66);
        ana.carnet(&["verify"]).ok();
        assert_eq!(ana.git(&["status", "--porcelain"]).ok().out, "");
        // What was cut off can be done again.
        let members = ana.carnet(&["book", "show", "main", "--json"]).ok().json()["members"].to_string();
        let done = match args[1] {
            "revoke" => !members.contains("bob"),
            "grant" => members.contains("bob"),
            _ => true,
        };
        ana.carnet(&["member", "list", "--accept"]).ok();
        if !done {
            ana.carnet(args).ok();
        }
    }
    // The other clone is none the worse for it.
    pull(&bob, &ana);
    let main = bob.carnet(&["book", "show", "main", "--json"]).ok().json();
    assert_eq!(main["mine"], main["members"].to_string().contains("bob"));
}

#[test]
fn a_merge_neither_stops_at_a_revocation_nor_undoes_one_in_silence() {
    let (ana, _bob) = two_books();
    join(&ana, "carl", &["--book", "main"]);
    // Ana signs merges with git and gpg, by her own key.
    std::fs::write(ana.path().join("gnupg/gpg.conf"), "faked-system-time 20261123T100001\n").unwrap();
    let file = format!("{}/data/carnet/keys/{}.pgp", ana.path().display(), common::team::key(&ana));
    ana.gpg(&["--import", &file]).ok();
    ana.git(&["switch", "-q", "-c", "side"]).ok();
    let aside = ana.add("Aside Person", &[]);
    ana.git(&["switch", "-q", "main"]).ok();
    ana.carnet(&["book", "revoke", "main", "carl"]).ok();
    ana.git(&["merge", "-q", "--no-ff", "-m", "merge side", "side"]).ok();
    ana.carnet(&["verify"]).ok();
    ana.carnet(&["show", &aside]).ok();
    ana.carnet(&["book", "rekey", "main"]).ok();
    // A merge that takes the older members back: ana could do that, and has to say that she means it.
    ana.git(&["switch", "-q", "-c", "late", "side"]).ok();
    ana.git(&["commit", "-q", "--allow-empty", "-m", "late"]).ok();
    ana.git(&["switch", "-q", "main"]).ok();
    ana.git(&["merge", "-q", "--no-ff", "--no-commit", "late"]).ok();
    ana.git(&["checkout", "-q", "side", "--", "books/main.toml"]).ok();
    ana.git(&["commit", "-q", "-m", "merge late"]).ok();
    let verified = ana.carnet(&["verify"]).code(7).out;
    assert!(verified.contains("wrong-recipients"), "{verified}");
    let said = ana.carnet(&["book", "rekey", "main"]).code(5);
    assert!(said.err.contains("carl") && said.err.contains("not acknowledged"), "{}", said.err);
    ana.carnet(&["book", "revoke", "main", "carl"]).ok();
    ana.carnet(&["verify"]).ok();
    sq_git_agrees(&ana);
}

#[test]
fn contacts_are_added_and_keys_replaced_at_once() {
    use std::process::Stdio;
    let (ana, _bob) = two_books();
    let first = ana.add("First Person", &[]);
    for round in 0..3 {
        let add = |n: usize| {
            let name = format!("Person {round} {n}");
            let args = ["add", "--source", "fair", "--basis", "customers:contract", "--name", &name];
            args.map(str::to_owned).to_vec()
        };
        let rekey = || ["book", "rekey", "main"].map(str::to_owned).to_vec();
        let children: Vec<_> = [rekey(), add(0), add(1), rekey(), add(2), add(3), rekey(), add(4)]
            .into_iter()
            .map(|args| {
                let mut command = ana.command(env!("CARGO_BIN_EXE_carnet"), &ana.firm());
                command.args(args).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
            })
            .collect();
        for _ in 0..6 {
            ana.carnet(&["show", &first]).ok();
            ana.carnet(&["find", "person"]).ok();
        }
        for child in children {
            common::said(child.wait_with_output().unwrap()).ok();
        }
    }
    ana.carnet(&["verify"]).ok();
    assert_eq!(ana.carnet(&["list", "-q"]).ok().out.lines().count(), 16);
}

#[test]
fn what_names_somebody_of_a_book_is_not_shown_to_who_has_not_that_book() {
    let (ana, bob) = two_books();
    ana.add("Seen Person", &["--tag", "vip"]);
    let hidden = ana.add("Hidden Zyxwina", &["--book", "staff", "--email", "zyxwina@example.org"]);
    let gone = ana.add("Gone Zyxwina", &["--book", "staff"]);
    ana.carnet(&["deal", "add", "Secret deal", "--contact", &hidden]).ok();
    let common = ana.carnet(&["deal", "add", "Common deal", "--contact", "Seen Person"]).ok().first();
    // Without --book a search lies where all who can open it may know whom it means.
    ana.carnet(&["search", "save", "hers", "name:zyxwina or email:zyxwina@example.org"]).ok();
    ana.carnet(&["search", "save", "seen", "name:seen"]).ok();
    let listed = ana.carnet(&["search", "list"]).ok().out;
    let line = |name: &str| listed.lines().find(|line| line.starts_with(name)).unwrap().to_owned();
    assert!(line("hers").ends_with("staff") && line("seen").ends_with("main"), "{listed}");
    let told =
        ana.carnet(&["search", "save", "both", "name:zyxwina", "--book", "main", "--dry-run"]).ok().err;
    assert!(told.contains("these members of book main cannot open: bob"), "{told}");
    ana.carnet(&[
        "breach",
        "open",
        "--aware",
        "2026-11-23T08:30Z",
        "--kind",
        "confidentiality",
        "--book",
        "staff",
    ])
    .ok();
    pull(&bob, &ana);
    let searches = bob.carnet(&["search", "list", "--json"]).ok().json();
    assert_eq!(searches, serde_json::json!({ "seen": "name:seen" }));
    bob.carnet(&["list", "@hers"]).code(3);
    for trail in [&["history", "--json"][..], &["report", "changes", "--format", "json"]] {
        let trail = bob.carnet(trail).ok().out;
        assert_eq!(trail.matches("\"deal-add\"").count(), 1, "{trail}");
        assert_eq!(trail.matches("\"breach-open\"").count(), 1, "{trail}");
    }
    bob.carnet(&["deal", "show", &common]).ok();
    let counts = |world: &World| world.carnet(&["verify", "--json"]).ok().json()["counts"]["keys"].clone();
    // The book's, one contact, one deal, one search; Ana has those of staff and of the breach, too.
    assert_eq!((counts(&bob), counts(&ana)), (4.into(), 10.into()));
    // Nor does a sync tell whom others erased there.
    let remote = ana.path().join("remote.git");
    ana.carnet(&["remote", "init", remote.to_str().unwrap()]).ok();
    ana.carnet(&["sync"]).ok();
    bob.git(&["remote", "set-url", "origin", remote.to_str().unwrap()]).ok();
    bob.carnet(&["sync"]).ok();
    ana.carnet(&["erase", &gone, "--reason", "error", "--yes"]).ok();
    ana.carnet(&["sync"]).ok();
    let said = bob.carnet(&["sync", "--json"]).ok();
    assert_eq!(
        (said.json()["erased"].clone(), said.err.contains(&gone[..8])),
        (serde_json::json!([]), false)
    );
    assert_eq!((counts(&bob), counts(&ana)), (4.into(), 9.into()));
}

#[test]
fn a_merge_across_books_says_who_will_read_what_and_asks() {
    let (ana, bob) = two_books();
    let open = ana.add("Léa Petit", &["--email", "lea@example.org"]);
    let closed = ana.add("Lea Petit", &["--book", "staff", "--email", "lea@example.org"]);
    ana.carnet(&["edit", &closed, "--set", "note=confidential", "--quiet"]).ok();
    ana.carnet(&["edit", &closed, "--set", "note=", "--quiet"]).ok();
    let head = ana.head();
    let pair = format!("{open} {closed}\n");
    let readers = "1 contact(s) of book staff become part of others in book main, with all their history: these members \
                   cannot read them now, and will: bob";
    for said in [
        ana.carnet(&["merge", &open, &closed, "--auto"]),
        ana.carnet_with_input(&["merge", "-", "--auto"], pair.as_bytes()),
    ] {
        let said = said.code(2).err;
        assert!(said.contains(readers) && said.contains("--yes"), "{said}");
        assert_eq!(ana.head(), head);
    }
    assert!(ana.carnet(&["merge", &open, &closed, "--auto", "--dry-run"]).ok().err.contains(readers));
    // The other way round nobody is new.
    let said = ana.carnet(&["merge", &closed, &open, "--auto", "--dry-run"]).ok().err;
    assert!(!said.contains("become part"), "{said}");
    ana.carnet(&["merge", &open, &closed, "--auto", "--yes"]).ok();
    pull(&bob, &ana);
    bob.carnet(&["show", &open]).ok();
}
