//! Several members on clones of one repository, as long as nobody clones and syncs but git and `cp`.

use std::path::Path;

use super::{World, said};

/// A world in which `handle` has an open software key, and the certificate's file in `ana`'s world.
pub fn newcomer(ana: &World, handle: &str) -> (World, String) {
    let world = World::new();
    let email = format!("{handle}@example.org");
    let new = ["key", "new", "--name", handle, "--email", &email, "--no-passphrase"];
    let cert = world.carnet_in(world.path(), &new).ok().out;
    let file = ana.path().join(format!("{handle}.asc"));
    std::fs::write(&file, cert).unwrap();
    (world, file.to_str().unwrap().to_owned())
}

/// `ana` adds a member with these books, who then clones.
pub fn join(ana: &World, handle: &str, more: &[&str]) -> World {
    let (world, cert) = newcomer(ana, handle);
    ana.carnet(&[&["member", "add", &cert, "--handle", handle], more].concat()).ok();
    clone(ana, &world, handle);
    world
}

/// Ana and Bob with a clone each of one remote.
pub fn office() -> (World, World) {
    let ana = World::with_firm();
    let remote = ana.path().join("remote.git");
    let init =
        ana.command("git", ana.path()).args(["init", "-q", "--bare", "-b", "main"]).arg(&remote).status();
    assert!(init.unwrap().success());
    ana.git(&["remote", "add", "origin", remote.to_str().unwrap()]).ok();
    let bob = join(&ana, "bob", &["--book", "main"]);
    ana.carnet(&["sync"]).ok();
    bob.carnet(&["member", "list", "--accept", "--yes"]).ok();
    bob.git(&["remote", "set-url", "origin", remote.to_str().unwrap()]).ok();
    bob.carnet(&["sync"]).ok();
    (ana, bob)
}

/// Fingerprint of the one software key of a world.
pub fn key(world: &World) -> String {
    world.carnet_in(world.path(), &["key", "list", "-q"]).ok().first()
}

/// Clones `from` for `handle`, whose software key is in `to`.
pub fn clone(from: &World, to: &World, handle: &str) {
    let source = from.firm();
    said(to.command("git", to.path()).args(["clone", "-q"]).arg(&source).arg("firm").output().unwrap()).ok();
    copy_keys(from, to);
    let (email, key) = (format!("{handle}@example.org"), key(to));
    for (name, value) in [
        ("user.name", handle),
        ("user.email", &email),
        ("user.signingKey", &key),
        ("carnet.member", handle),
        ("carnet.key", &key),
        ("carnet.provider", "software"),
    ] {
        to.git(&["config", name, value]).ok();
    }
    to.carnet(&["doctor", "--repair"]);
}

/// Brings `to` up to where `from` is: branch and key store.
pub fn pull(to: &World, from: &World) {
    to.git(&["fetch", "-q", from.firm().to_str().unwrap(), "main"]).ok();
    to.git(&["-c", "commit.gpgSign=false", "merge", "-q", "--ff-only", "FETCH_HEAD"]).ok();
    copy_keys(from, to);
}

fn copy_keys(from: &World, to: &World) {
    let store = |world: &World| world.firm().join(".git/carnet/keys.git");
    let _ = std::fs::remove_dir_all(store(to));
    copy_dir(&store(from), &store(to));
}

pub fn copy_dir(from: &Path, to: &Path) {
    for entry in walkdir::WalkDir::new(from) {
        let entry = entry.unwrap();
        let target = to.join(entry.path().strip_prefix(from).unwrap());
        match entry.file_type().is_dir() {
            true => std::fs::create_dir_all(target).unwrap(),
            false => drop(std::fs::copy(entry.path(), target).unwrap()),
        }
    }
}

/// What `sq-git log` says of a repository, where sequoia-git is installed (`CARNET_SQ_GIT`, or on the PATH).
pub fn sq_git_agrees(world: &World) {
    let named = std::env::var_os("CARNET_SQ_GIT").map(std::path::PathBuf::from);
    let path = std::env::var_os("PATH").unwrap_or_default();
    let found = || std::env::split_paths(&path).map(|dir| dir.join("sq-git")).find(|p| p.is_file());
    let Some(program) = named.or_else(found) else {
        return eprintln!("sq-git is not here (CARNET_SQ_GIT or PATH): its agreement was not tested");
    };
    let root = world.git(&["rev-list", "--max-parents=0", "HEAD"]).ok().first();
    let mut command = world.command(program, &world.firm());
    said(command.args(["log", "--trust-root", &root]).output().unwrap()).ok();
}
