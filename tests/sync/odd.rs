//! What plain git can put into a data repository: executable files, a directory in the place of a file, links.

use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;

use crate::common::World;
use crate::common::team::key;
use crate::{alike, office, sync_all};

/// Commits whatever the work tree has, signed as the member of this world.
fn commit_all(world: &World) {
    std::fs::write(world.path().join("gnupg/gpg.conf"), "faked-system-time 20261123T100001\n").unwrap();
    let file = format!("{}/data/carnet/keys/{}.pgp", world.path().display(), key(world));
    world.gpg(&["--import", &file]).ok();
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
    // And every command writes as before.
    all.iter().for_each(|world| drop(world.add("Later", &[])));
    sync_all(&all);
    alike(&all);
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
