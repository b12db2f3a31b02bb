//! Repositories in a state that carnet must not write to: each is refused with its reason, and nothing changes.

mod common;

use std::path::{Path, PathBuf};

use common::{Said, World, said};

const ADD: [&str; 7] = ["add", "--name", "Zoé", "--source", "fair", "--basis", "customers:contract"];

/// Everything that a refused command must leave as it was.
#[derive(Debug, PartialEq)]
struct Facts {
    head: String,
    status: String,
    keys: String,
    objects: Vec<PathBuf>,
}

fn facts(world: &World) -> Facts {
    let git = world.firm().join(".git");
    let keys = git.join("carnet/keys.git");
    Facts {
        head: world.git(&["rev-parse", "HEAD", "main"]).out,
        status: world.git(&["status", "--porcelain", "--branch"]).out,
        keys: world.git(&["--git-dir", keys.to_str().unwrap(), "rev-parse", "refs/carnet/keys"]).out,
        objects: if keys.is_dir() { files(&keys) } else { Vec::new() },
    }
}

fn files(dir: &Path) -> Vec<PathBuf> {
    let mut found: Vec<_> = walkdir::WalkDir::new(dir)
        .into_iter()
        .map(|e| e.unwrap().into_path())
        .filter(|p| p.is_file())
        .collect();
    found.sort();
    found
}

/// One sentence with `why`, a hint, no data, the right code; and nothing has changed.
#[track_caller]
fn refused(world: &World, args: &[&str], code: i32, why: &str) -> Said {
    let before = facts(world);
    let said = world.carnet(args).code(code);
    assert!(said.err.starts_with("carnet: ") && said.err.contains(why), "wanted {why:?}: {}", said.err);
    assert_eq!(said.err.lines().count(), 2, "{}", said.err);
    assert!(said.err.contains("\n  hint: ") && said.out.is_empty(), "{}", said.err);
    assert_eq!(facts(world), before);
    assert!(!world.firm().join(".git/carnet/pending").exists());
    said
}

/// A firm with one contact, and its id.
fn firm() -> (World, String) {
    let world = World::with_firm();
    let id = world.add("Bob Stone", &[]);
    (world, id)
}

/// Commands that write, each on the contact `id`.
fn writers(id: &str) -> [Vec<&str>; 4] {
    [
        ADD.to_vec(),
        vec!["edit", id, "--set", "title=x"],
        vec!["erase", id, "--reason", "error", "--yes"],
        vec!["purpose", "add", "support", "--title", "S", "--description", "d", "--basis", "contract"],
    ]
}

#[test]
fn what_is_no_data_repository_is_said() {
    let world = World::new();
    let plain = world.path().join("plain");
    let other = world.path().join("other");
    std::fs::create_dir(&plain).unwrap();
    said(world.command("git", world.path()).args(["init", "-q", "other"]).output().unwrap()).ok();
    let bare = ["init", "-q", "--bare", "bare.git"];
    said(world.command("git", world.path()).args(bare).output().unwrap()).ok();
    for (dir, why) in [
        (&plain, "not a carnet data repository"),
        (&other, "not a carnet data repository"),
        (&world.path().join("bare.git"), "bare repository"),
        (&world.path().join("gone"), "not a carnet data repository"),
    ] {
        for args in [&ADD[..], &["list"], &["show", "x"], &["find", "x"], &["edit", "x"]] {
            let args = [&["-C", dir.to_str().unwrap()], args].concat();
            let said = world.carnet_in(world.path(), &args).code(1);
            assert!(said.err.contains(why) && said.err.contains("hint: "), "{}", said.err);
            assert!(said.err.contains(dir.to_str().unwrap()), "{}", said.err);
        }
    }
    assert_eq!(std::fs::read_dir(&plain).unwrap().count(), 0);
    // A git repository of something else, with commits but no carnet.toml.
    std::fs::write(other.join("a"), "x").unwrap();
    for args in [&["add", "a"][..], &["-c", "user.name=x", "-c", "user.email=x@x", "commit", "-qm", "x"]] {
        said(world.command("git", &other).args(args).output().unwrap()).ok();
    }
    let said = world.carnet_in(&other, &["list"]).code(1);
    assert!(said.err.contains("not a carnet data repository"), "{}", said.err);
    let full = [
        &["init", "other", "--organisation", "A", "--member", "a", "--name", "A"][..],
        &["--email", "a@b.fr", "--no-passphrase"],
    ]
    .concat();
    let said = world.carnet_in(world.path(), &full).code(1);
    assert!(said.err.contains("not empty") && !world.path().join("data/carnet").exists(), "{}", said.err);
}

#[test]
fn a_bare_clone_of_a_data_repository_is_refused() {
    let (world, _) = firm();
    world.git(&["clone", "-q", "--bare", ".", "../bare.git"]).ok();
    let said = world.carnet_in(&world.path().join("bare.git"), &["list"]).code(1);
    assert!(said.err.contains("bare repository") && said.err.contains("clone it"), "{}", said.err);
}

#[test]
fn a_detached_head_can_be_read_but_not_written() {
    let (world, id) = firm();
    world.git(&["checkout", "-q", "--detach"]).ok();
    for args in writers(&id) {
        refused(&world, &args, 1, "HEAD is detached");
    }
    assert!(world.carnet(&["show", &id]).ok().out.contains("Bob Stone"));
}

#[test]
fn a_merge_in_progress_is_not_disturbed() {
    let (world, id) = firm();
    let git = |args: &[&str]| world.git(&[&["-c", "commit.gpgsign=false"], args].concat());
    git(&["checkout", "-qb", "side"]).ok();
    git(&["commit", "-q", "--allow-empty", "-m", "side"]).ok();
    git(&["checkout", "-q", "main"]).ok();
    git(&["merge", "-q", "--no-ff", "--no-commit", "side"]).ok();
    for args in writers(&id) {
        refused(&world, &args, 1, "a merge is in progress");
    }
    world.git(&["merge", "--abort"]).ok();
    world.carnet(&ADD).ok();
}

#[test]
fn an_editor_is_not_opened_where_its_work_would_be_lost() {
    let (world, id) = firm();
    let mark = world.path().join("opened");
    let editor = format!("touch {}; false", mark.display());
    let edit = |args: &[&str]| {
        let mut command = world.command(env!("CARGO_BIN_EXE_carnet"), &world.firm());
        said(command.args(args).env("EDITOR", &editor).output().unwrap())
    };
    world.git(&["checkout", "-q", "--detach"]).ok();
    assert!(edit(&["add"]).code(1).err.contains("HEAD is detached"));
    assert!(edit(&["edit", &id]).code(1).err.contains("HEAD is detached"));
    world.git(&["checkout", "-q", "main"]).ok();
    std::fs::write(world.firm().join(world.contact_file(&id)), "junk").unwrap();
    assert!(edit(&["edit", &id]).code(1).err.contains("not clean"));
    assert!(!mark.exists());
}

#[test]
fn a_work_tree_that_is_not_clean_stays_as_it_is() {
    let (world, id) = firm();
    let file = world.contact_file(&id);
    let change = |path: &str| {
        let full = world.firm().join(path);
        let mut bytes = std::fs::read(&full).unwrap();
        bytes.extend_from_slice(b"\n");
        std::fs::write(full, bytes).unwrap();
    };
    change("carnet.toml");
    for args in writers(&id) {
        let said = refused(&world, &args, 1, "not clean");
        assert!(said.err.contains("carnet.toml") && said.err.contains("git restore"), "{}", said.err);
    }
    world.git(&["restore", "."]).ok();
    change(&file);
    for args in [
        vec!["show", &id],
        vec!["edit", &id, "--set", "title=x"],
        vec!["erase", &id, "--reason", "error", "--yes"],
    ] {
        let said = refused(&world, &args, 1, "not clean");
        assert!(said.err.contains(&file), "{}", said.err);
    }
    world.git(&["restore", "."]).ok();
    change("books/main.toml");
    world.git(&["add", "books/main.toml"]).ok();
    for args in writers(&id) {
        refused(&world, &args, 1, "staged");
    }
    world.git(&["restore", "--staged", "."]).ok();
    world.git(&["restore", "."]).ok();
    let way = "registers/purposes/support.toml";
    std::fs::write(world.firm().join(way), "mine").unwrap();
    let add = &writers(&id)[3];
    assert!(refused(&world, add, 1, "untracked file is in the way").err.contains(way));
    assert_eq!(std::fs::read(world.firm().join(way)).unwrap(), b"mine");
    std::fs::remove_file(world.firm().join(way)).unwrap();
    // Somebody's own untracked file elsewhere disturbs nobody.
    std::fs::write(world.firm().join("todo.txt"), "x").unwrap();
    world.carnet(add).ok();
}

#[test]
fn a_lock_of_somebody_elses_git_is_respected() {
    let (world, id) = firm();
    let lock = world.firm().join(".git/index.lock");
    std::fs::write(&lock, "").unwrap();
    for args in writers(&id) {
        let said = refused(&world, &args, 1, "git");
        assert!(said.err.contains("index.lock"), "{}", said.err);
    }
    assert!(lock.exists());
    world.carnet(&["show", &id]).ok();
    std::fs::remove_file(&lock).unwrap();
    world.carnet(&ADD).ok();
}

#[test]
fn a_missing_identity_key_store_or_member_is_named() {
    let (world, id) = firm();
    for key in ["user.name", "user.email"] {
        let value = world.git(&["config", key]).ok().first();
        world.git(&["config", "--unset", key]).ok();
        for args in writers(&id) {
            let said = refused(&world, &args, 1, &format!("`{key}` is not set"));
            assert!(said.err.contains(&format!("git config {key}")), "{}", said.err);
        }
        world.git(&["config", key, &value]).ok();
    }
    world.git(&["config", "carnet.member", "eve"]).ok();
    refused(&world, &["list"], 6, "`eve` is not a member");
    world.git(&["config", "--unset", "carnet.member"]).ok();
    refused(&world, &["list"], 6, "`carnet.member` is not set");
    world.git(&["config", "carnet.member", "ana"]).ok();
    let keys = world.firm().join(".git/carnet/keys.git");
    std::fs::rename(&keys, world.path().join("away")).unwrap();
    for args in writers(&id) {
        refused(&world, &args, 6, "no key store");
    }
    refused(&world, &["show", &id], 6, "no key store");
}
