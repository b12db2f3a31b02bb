//! Tampering with a data repository by git and gpg alone, and reading what verify says of it.

use std::collections::BTreeSet;

use crate::common::{Said, World, said};

/// The world's member can sign with git and gpg too, as `ana` with her own key.
pub fn with_keys(world: &World) {
    // gpg's clock goes on from the moment of the test.
    std::fs::write(world.path().join("gnupg/gpg.conf"), "faked-system-time 20261123T100001\n").unwrap();
    let keys = world.path().join("data/carnet/keys");
    for file in std::fs::read_dir(keys).unwrap() {
        world.gpg(&["--import", file.unwrap().path().to_str().unwrap()]).ok();
    }
}

/// So that a key is there already when carnet's fixed clock begins.
pub const EARLIER: [&str; 2] = ["--faked-system-time", "20261123T090000"];

/// Makes a key that no policy names, and gives its fingerprint.
pub fn stranger(world: &World, name: &str) -> String {
    let user = format!("{name} <{name}@example.org>");
    let make = ["--passphrase", "", "--quick-gen-key", &user, "ed25519", "sign", "never"];
    world.gpg(&[&EARLIER[..], &make].concat()).ok();
    let listed = world.gpg(&["--with-colons", "--list-keys", &format!("={user}")]).ok();
    let line = listed.out.lines().find(|l| l.starts_with("fpr:")).unwrap().to_owned();
    line.split(':').nth(9).unwrap().to_owned()
}

pub fn write(world: &World, path: &str, content: &[u8]) {
    let full = world.firm().join(path);
    std::fs::create_dir_all(full.parent().unwrap()).unwrap();
    std::fs::write(full, content).unwrap();
}

pub fn read(world: &World, path: &str) -> Vec<u8> {
    std::fs::read(world.firm().join(path)).unwrap()
}

/// Commits everything, signed by `key` or by nobody.
pub fn commit(world: &World, key: Option<&str>) -> String {
    world.git(&["add", "-A"]).ok();
    let signing = match key {
        Some(key) => format!("user.signingKey={key}"),
        None => "commit.gpgSign=false".into(),
    };
    world.git(&["-c", &signing, "commit", "-q", "--allow-empty", "-m", "by hand"]).ok();
    world.head()
}

pub fn ana(world: &World) -> String {
    world.git(&["config", "carnet.key"]).ok().first()
}

/// Pairs of kind and place of everything that is wrong; the exit code must say so.
#[track_caller]
pub fn problems(world: &World) -> BTreeSet<(String, String)> {
    let report = world.carnet(&["verify", "--json"]).code(7).json();
    let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    report["problems"].as_array().unwrap().iter().map(|p| (text(&p["kind"]), text(&p["place"]))).collect()
}

pub fn set(pairs: &[(&str, &str)]) -> BTreeSet<(String, String)> {
    pairs.iter().map(|(kind, place)| ((*kind).to_owned(), (*place).to_owned())).collect()
}

pub fn at(commit: &str) -> String {
    format!("commit {}", &commit[..10])
}

/// `git` on the key store, with an index of its own.
pub fn keys(world: &World, args: &[&str]) -> Said {
    let mut command = world.command("git", &world.firm());
    command.env("GIT_DIR", world.firm().join(".git/carnet/keys.git"));
    command.env("GIT_WORK_TREE", world.firm());
    command.env("GIT_INDEX_FILE", world.path().join("keys.index"));
    command.args(["-c", "user.name=x", "-c", "user.email=x@example.org"]);
    said(command.args(args).output().unwrap())
}

/// Changes the key store behind carnet's back: a path gets a blob, or goes.
pub fn tamper_keys(world: &World, edits: &[(&str, Option<&str>)]) {
    keys(world, &["read-tree", "refs/carnet/keys"]).ok();
    for (path, blob) in edits {
        match blob {
            Some(blob) => {
                let info = format!("100644,{blob},{path}");
                keys(world, &["update-index", "--add", "--cacheinfo", &info]).ok()
            }
            None => keys(world, &["update-index", "--force-remove", path]).ok(),
        };
    }
    let tree = keys(world, &["write-tree"]).ok().first();
    let commit = keys(world, &["commit-tree", "-m", "keys", &tree]).ok().first();
    keys(world, &["update-ref", "refs/carnet/keys", &commit]).ok();
}

pub fn key_path(id: &str) -> String {
    format!("main/{}/{id}.pgp", &id[..2])
}

/// Makes the policy name `ana` and these members: handle, key, one right beside signing commits.
pub fn policy(world: &World, members: &[(&str, &str, &str)]) {
    let text = String::from_utf8(read(world, "openpgp-policy.toml")).unwrap();
    let mut policy: toml::Table = text.parse().unwrap();
    let authorization = policy["authorization"].as_table_mut().unwrap();
    authorization.retain(|handle, _| handle == "ana");
    for (handle, key, right) in members {
        let keyring = world.gpg(&["--armor", "--export", key]).ok().out;
        write(world, &format!("members/{handle}.asc"), keyring.as_bytes());
        let mut entry = toml::Table::new();
        entry.insert("sign_commit".into(), true.into());
        entry.insert((*right).into(), true.into());
        entry.insert("keyring".into(), keyring.into());
        authorization.insert((*handle).into(), entry.into());
    }
    write(world, "openpgp-policy.toml", toml::to_string(&policy).unwrap().as_bytes());
}
