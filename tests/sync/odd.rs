//! What plain git can put into a data repository: executable files, a directory in the place of a file, links.

use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;

use crate::common::World;
use crate::gaps::with_gpg;
use crate::{alike, office, sync_all};

/// Commits whatever the work tree has, signed as the member of this world.
fn commit_all(world: &World) {
    with_gpg(world);
    world.git(&["add", "-A"]).ok();
    world.git(&["commit", "-q", "-S", "-m", "by hand"]).ok();
}

fn is_executable(path: &Path) -> bool {
    std::fs::metadata(path).unwrap().permissions().mode() & 0o111 == 0o111
}

#[test]
fn executable_files_and_directories_in_the_place_of_files_come_over_and_stop_nobody() {
    let (ana, team) = office(&["bob", "eve"]);
    let (bob, eve) = (&team[0], &team[1]);
    let all = [&ana, bob, eve];
    let (tool, notes) =
        (|world: &World| world.firm().join("tools/run"), |world: &World| world.firm().join("notes"));
    std::fs::create_dir(ana.firm().join("tools")).unwrap();
    std::fs::write(tool(&ana), "#!/bin/sh\n").unwrap();
    std::fs::set_permissions(tool(&ana), PermissionsExt::from_mode(0o755)).unwrap();
    std::fs::write(notes(&ana), "one\n").unwrap();
    commit_all(&ana);
    // Bob has to merge, Eve follows.
    bob.add("Of Bob", &[]);
    sync_all(&all);
    alike(&all);
    assert!(all.iter().all(|world| is_executable(&tool(world))));
    // A directory comes where a file was, and a file where a directory was.
    std::fs::remove_file(notes(&ana)).unwrap();
    std::fs::create_dir(notes(&ana)).unwrap();
    std::fs::write(notes(&ana).join("two"), "two\n").unwrap();
    std::fs::remove_dir_all(ana.firm().join("tools")).unwrap();
    std::fs::write(ana.firm().join("tools"), "none\n").unwrap();
    commit_all(&ana);
    // What Eve has there of her own is not overwritten.
    let own = eve.firm().join("tools/own");
    std::fs::write(&own, "x").unwrap();
    ana.carnet(&["sync"]).ok();
    assert!(eve.carnet(&["sync"]).code(1).err.contains("an untracked file is in the way"));
    std::fs::remove_file(own).unwrap();
    bob.add("Of Bob too", &[]);
    sync_all(&all);
    alike(&all);
    assert!(all.iter().all(|world| std::fs::read_to_string(notes(world).join("two")).unwrap() == "two\n"));
    // git finds in carnet's index what it would have written itself.
    for world in all {
        world.git(&["fsck", "--no-dangling"]).ok();
        world.git(&["rev-list", "--objects", "--indexed-objects", "HEAD"]).ok();
    }
    // And every command writes as before.
    all.iter().for_each(|world| drop(world.add("Later", &[])));
    sync_all(&all);
    alike(&all);
}

#[test]
fn what_no_other_clone_would_take_over_is_not_pushed_and_the_hint_mends_it() {
    let (ana, team) = office(&["bob"]);
    let bob = &team[0];
    std::fs::write(ana.firm().join("notes"), "one\n").unwrap();
    ana.git(&["add", "notes"]).ok();
    ana.git(&["-c", "commit.gpgsign=false", "commit", "-q", "-m", "by hand"]).ok();
    let there = bob.head();
    let said = ana.carnet(&["sync"]).code(7).err;
    assert!(said.contains("nothing was pushed: it is not signed"), "{said}");
    bob.carnet(&["sync"]).ok();
    assert_eq!(bob.head(), there);
    with_gpg(&ana);
    ana.git(&["commit", "-q", "--amend", "--no-edit", "-S"]).ok();
    sync_all(&[&ana, bob]);
    alike(&[&ana, bob]);
    assert_eq!(bob.head(), ana.head());
    bob.carnet(&["verify"]).ok();
}

#[test]
fn a_symbolic_link_is_taken_over_by_nobody_and_the_hint_ends_it() {
    let (ana, team) = office(&["bob"]);
    let bob = &team[0];
    symlink(ana.path(), ana.firm().join("templates")).unwrap();
    commit_all(&ana);
    let said = ana.carnet(&["sync"]).code(5).err;
    assert!(
        said.contains("this clone's branch holds a symbolic link") && said.contains("templates"),
        "{said}"
    );
    // Who pushes it with git stops the others with a word, and not for good.
    ana.git(&["push", "-q", "origin", "main"]).ok();
    let head = bob.head();
    let said = bob.carnet(&["sync"]).code(5).err;
    assert!(said.contains("remote `origin` holds a symbolic link") && said.contains("(templates)"), "{said}");
    assert!(said.contains("`git rm --cached templates`"), "{said}");
    assert_eq!((bob.head(), bob.firm().join("templates").exists()), (head, false));
    bob.add("Goes on", &[]);
    ana.git(&["rm", "-q", "--cached", "templates"]).ok();
    std::fs::remove_file(ana.firm().join("templates")).unwrap();
    commit_all(&ana);
    ana.git(&["push", "-q", "origin", "main"]).ok();
    sync_all(&[bob, &ana]);
    alike(&[bob, &ana]);
}

#[test]
fn a_contact_that_an_undone_import_took_back_here_and_somebody_changed_there_stays_and_is_named() {
    let (ana, team) = office(&["bob"]);
    let bob = &team[0];
    let rows = "name,email\nOne,one@example.org\nTwo,two@example.org\n";
    std::fs::write(ana.path().join("rows.csv"), rows).unwrap();
    ana.carnet(&["import", "../rows.csv", "--source", "fair", "--basis", "customers:contract"]).ok();
    sync_all(&[&ana, bob]);
    let id = bob.carnet(&["find", "one@example.org", "-q"]).ok().first();
    bob.carnet(&["edit", &id, "--set", "title=Boss"]).ok();
    ana.carnet(&["import", "undo", "--yes"]).ok();
    ana.carnet(&["sync"]).ok();
    let said = bob.carnet(&["sync"]).ok().err;
    let told = format!("Contact {} was removed on one side and changed on the other, so it stays.", &id[..8]);
    assert!(said.contains(&told), "{said}");
    sync_all(&[&ana, bob]);
    assert_eq!(ana.carnet(&["list", "-q"]).ok().first(), id);
    assert!(ana.carnet(&["show", &id]).ok().out.contains("Boss"));
    alike(&[&ana, bob]);
}
