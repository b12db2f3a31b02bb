//! `carnet erase`: many at once, what is derived, the opposition list, certificates, confirmations, and what comes back.

#[path = "../common/mod.rs"]
mod common;

mod back;
mod beats;
mod certificate;
mod clones;
mod forged;
mod many;
mod mentions;
mod merged;
mod opposition;
mod status;
mod strayed;

use common::{Said, World, said};

/// Appends text to a contact, by the editor.
fn append(world: &World, id: &str, text: &str) -> Said {
    let (script, more) = (world.path().join("append.sh"), world.path().join("more"));
    std::fs::write(&more, text).unwrap();
    std::fs::write(&script, format!("cat {} >> \"$1\"\n", more.display())).unwrap();
    let mut command = world.command(env!("CARGO_BIN_EXE_carnet"), &world.firm());
    command.env("EDITOR", format!("sh {}", script.display()));
    said(command.args(["edit", id]).output().unwrap())
}

/// `git` on the key store.
fn keys(world: &World, args: &[&str]) -> Said {
    let store = world.firm().join(".git/carnet/keys.git");
    world.git(&[&["--git-dir", store.to_str().unwrap()], args].concat())
}

fn key_path(id: &str) -> String {
    format!("main/{}/{id}.pgp", &id[..2])
}

/// Git's id of a contact's key message.
fn key_blob(world: &World, id: &str) -> String {
    keys(world, &["rev-parse", &format!("refs/carnet/keys:{}", key_path(id))]).ok().first()
}

/// The whole key store as it is, to be put back later.
fn backup(world: &World) -> std::path::PathBuf {
    let to = world.path().join("backup.git");
    let _ = std::fs::remove_dir_all(&to);
    common::team::copy_dir(&world.firm().join(".git/carnet/keys.git"), &to);
    to
}

fn restore(world: &World, from: &std::path::Path) {
    let store = world.firm().join(".git/carnet/keys.git");
    std::fs::remove_dir_all(&store).unwrap();
    common::team::copy_dir(from, &store);
}

fn kinds(world: &World) -> Vec<String> {
    let report = world.carnet(&["verify", "--json"]).json();
    let all = report["problems"].as_array().unwrap().clone();
    all.iter().map(|p| p["kind"].as_str().unwrap().to_owned()).collect()
}
