//! A firm's own server: what its hooks refuse, and that a replaced key store is destroyed there at once.

#[path = "../common/mod.rs"]
mod common;
mod keys;
mod made;
mod pushes;

use common::served::{CHAINS, KEYS, Server};
use common::team::{self, join};
use common::{World, said};

/// Ana's firm with three contacts and a server that has it all; the contacts' ids.
fn served() -> (World, Server, Vec<String>) {
    let ana = World::with_firm();
    let ids = ["One", "Two", "Three"].iter().map(|name| ana.add(name, &[])).collect();
    ana.carnet(&["list", "-q"]).ok();
    let server = Server::new(&ana);
    server.push_all(&ana);
    (ana, server, ids)
}

/// The push was refused for `why`, and the server is as it was.
#[track_caller]
fn refused(server: &Server, why: &str, push: impl FnOnce() -> common::Said) {
    let before = (server.files(), std::fs::read_to_string(server.dir.join("refs/heads/main")).ok());
    let said = push();
    assert!(said.code != 0 && said.err.contains(why), "{}: {}", said.code, said.err);
    let after = (server.files(), std::fs::read_to_string(server.dir.join("refs/heads/main")).ok());
    assert_eq!(before, after);
}

/// `ana` signs with git and gpg too; a stranger's key is made besides.
fn gpg_keys(world: &World) -> String {
    std::fs::write(world.path().join("gnupg/gpg.conf"), "faked-system-time 20261123T100001\n").unwrap();
    for file in std::fs::read_dir(world.path().join("data/carnet/keys")).unwrap() {
        world.gpg(&["--import", file.unwrap().path().to_str().unwrap()]).ok();
    }
    let early = ["--faked-system-time", "20261123T090000", "--passphrase", ""];
    world.gpg(&[&early[..], &["--quick-gen-key", "mal@example.org", "ed25519", "sign"]].concat()).ok();
    let keys = world.gpg(&["--with-colons", "--list-keys", "mal@example.org"]).ok().out;
    keys.lines().find(|l| l.starts_with("fpr:")).unwrap().split(':').nth(9).unwrap().to_owned()
}

fn commit(world: &World, key: Option<&str>, more: &[&str]) -> String {
    let signer = format!("user.signingKey={}", key.unwrap_or_default());
    let signing = format!("commit.gpgSign={}", key.is_some());
    world.git(&["add", "-A"]).ok();
    let commit = ["-c", &signer, "-c", &signing, "commit", "-q", "--allow-empty", "-m", "by hand"];
    world.git(&[&commit[..], more].concat()).ok();
    world.head()
}

fn reset(world: &World) {
    world.git(&["reset", "-q", "--hard", "origin/main"]).ok();
}

/// The key message of a contact, as it is in the key store.
fn key_message(world: &World, id: &str) -> (String, Vec<u8>) {
    let store = world.firm().join(".git/carnet/keys.git");
    let spec = format!("refs/carnet/keys:main/{}/{id}.pgp", &id[..2]);
    let object = said(world.command("git", &store).args(["rev-parse", &spec]).output().unwrap()).ok().first();
    let bytes = world.command("git", &store).args(["cat-file", "blob", &object]).output().unwrap().stdout;
    (object, bytes)
}
