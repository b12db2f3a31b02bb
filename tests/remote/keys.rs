//! The key store on the server: one commit of keys, what it replaced destroyed.

use super::*;

#[test]
fn a_replaced_key_store_is_destroyed_at_once() {
    let (ana, server, ids) = served();
    server.whole(&ana);
    let before = server.tip(&ana, "refs/carnet/keys");
    let (object, message) = key_message(&ana, &ids[1]);
    assert!(server.holds(&message) && server.git(&ana, &["cat-file", "-e", &object]).code == 0);
    ana.carnet(&["erase", &ids[1], "--reason", "error", "--yes"]).ok();
    server.push_all(&ana);
    for gone in [&object, &before] {
        assert_ne!(server.git(&ana, &["cat-file", "-e", gone]).code, 0);
    }
    assert!(!server.holds(&message));
    server.whole(&ana);
    // Git's own clearing up on the server neither loses nor revives anything, and no key gets among main's objects.
    server.git(&ana, &["-c", "gc.auto=1", "gc", "-q", "--prune=now"]).ok();
    server.whole(&ana);
    let (other, kept) = key_message(&ana, &ids[0]);
    assert!(server.holds(&kept));
    assert!(!common::served::files(&server.dir.join("objects")).iter().any(|f| f.ends_with(&other[2..])));
    let packed = common::served::files(&server.dir.join("objects/pack"));
    assert!(packed.iter().all(|pack| memchr::memmem::find(&std::fs::read(pack).unwrap(), &kept).is_none()));
    ana.carnet_in(ana.path(), &["clone", "served.git", "again"]).ok();
}

#[test]
fn keys_in_packs_are_destroyed_too() {
    let ana = World::with_firm();
    let rows: String = (0..600).map(|n| format!("Person {n},p{n}@example.org\n")).collect();
    std::fs::write(ana.path().join("in.csv"), format!("Name,Email\n{rows}")).unwrap();
    let import = ["import", "../in.csv", "--source", "fair", "--basis", "prospects:legitimate-interests"];
    ana.carnet(&import).ok();
    let server = Server::new(&ana);
    server.push_all(&ana);
    server.whole(&ana);
    let id = ana.carnet(&["list", "-q"]).ok().first();
    let (object, message) = key_message(&ana, &id);
    assert!(server.holds(&message));
    ana.carnet(&["erase", &id, "--reason", "error", "--yes"]).ok();
    server.push_all(&ana);
    assert!(!server.holds(&message) && server.git(&ana, &["cat-file", "-e", &object]).code != 0);
    server.whole(&ana);
}

#[test]
fn the_ledger_wins_whatever_arrives_first() {
    let (ana, server, ids) = served();
    let stale = ana.path().join("stale");
    team::copy_dir(&ana.firm().join(".git/carnet/keys.git"), &stale);
    let (object, message) = key_message(&ana, &ids[0]);
    ana.carnet(&["erase", &ids[0], "--reason", "error", "--yes"]).ok();
    // The branch alone: the keys that are there are made to fit its ledger.
    let said = server.push(&ana, &["main"]).ok();
    assert!(said.err.contains("1 key(s) of erased contacts were destroyed"), "{}", said.err);
    assert!(!server.holds(&message) && server.git(&ana, &["cat-file", "-e", &object]).code != 0);
    server.whole(&ana);
    // An old key store by force, which has the key still.
    let push = || {
        let mut command = ana.command("git", &stale);
        common::said(command.args(["push", "-q", "-f"]).arg(&server.dir).arg(KEYS).output().unwrap())
    };
    refused(&server, "1 key(s) that erasures of the ledger have destroyed", push);
    assert!(!server.holds(&message));
    server.push_keys(&ana).ok();
    server.whole(&ana);
    ana.carnet_in(ana.path(), &["clone", "served.git", "again"]).ok();
    // Nor is the ledger itself undone.
    let mal = gpg_keys(&ana);
    ana.git(&["fetch", "-q", "origin"]).ok();
    ana.git(&["rm", "-rq", "registers/erasures"]).ok();
    let own = ana.git(&["config", "carnet.key"]).ok().first();
    commit(&ana, Some(&own), &[]);
    assert_ne!(own, mal);
    refused(&server, "out of the erasure ledger", || server.push(&ana, &["main"]));
}

#[test]
fn a_key_store_must_be_one_commit_of_keys_that_belong_to_main() {
    let ana = World::with_firm();
    let server = Server::new(&ana);
    refused(&server, "push main first", || server.push_keys(&ana));
    let first = ana.add("One", &[]);
    server.push_all(&ana);
    let store = ana.firm().join(".git/carnet/keys.git");
    let keys = |args: &[&str]| {
        let mut command = ana.command("git", &store);
        command.env("GIT_INDEX_FILE", ana.path().join("index"));
        command.env("GIT_DIR", &store).env("GIT_WORK_TREE", &store);
        said(command.args(["-c", "user.name=x", "-c", "user.email=x@x"]).args(args).output().unwrap())
            .ok()
            .first()
    };
    let tree = keys(&["rev-parse", "refs/carnet/keys^{tree}"]);
    let commit = |tree: &str| keys(&["commit-tree", "-m", "keys", tree]);
    let push = |commit: &str| server.push_keys_as(&ana, &[&format!("+{commit}:refs/carnet/keys")]);
    let past = keys(&["commit-tree", "-m", "keys", "-p", "refs/carnet/keys", &tree]);
    refused(&server, "has no past", || push(&past));
    refused(&server, "cannot be read", || push(&tree));
    refused(&server, "cannot be deleted", || server.push_keys_as(&ana, &[":refs/carnet/keys"]));

    // Something else than keys; one key less; a message that main has too.
    let blob = keys(&["rev-parse", &format!("refs/carnet/keys:main/{}/{first}.pgp", &first[..2])]);
    keys(&["read-tree", &tree]);
    keys(&["update-index", "--add", "--cacheinfo", &format!("100644,{blob},main/notes.txt")]);
    let stray = commit(&keys(&["write-tree"]));
    refused(&server, "1 file(s) in the key store are no keys", || push(&stray));
    keys(&["read-tree", &tree]);
    keys(&["update-index", "--cacheinfo", &format!("120000,{blob},main/book.pgp")]);
    let link = commit(&keys(&["write-tree"]));
    refused(&server, "are no keys", || push(&link));
    keys(&["read-tree", &tree]);
    keys(&["update-index", "--force-remove", &format!("main/{}/{first}.pgp", &first[..2])]);
    let less = commit(&keys(&["write-tree"]));
    refused(&server, "lacks 1 key(s)", || push(&less));

    // Main and keys are never one push, and a commit of main holds no key.
    ana.git(&["fetch", "-q", store.to_str().unwrap(), "refs/carnet/keys:refs/carnet/keys"]).ok();
    let other = ana.git(&["commit-tree", "-m", "other", "refs/carnet/keys^{tree}"]).ok().first();
    let both = ["main:refs/carnet/access/2026-11/ana", &format!("+{other}:refs/carnet/keys")];
    refused(&server, "a push of its own", || server.push(&ana, &both));
    ana.git(&["update-ref", "-d", "refs/carnet/keys"]).ok();
    gpg_keys(&ana);
    let (_, message) = key_message(&ana, &first);
    std::fs::write(ana.firm().join("registers/copy.pgp"), message).unwrap();
    let own = ana.git(&["config", "carnet.key"]).ok().first();
    self::commit(&ana, Some(&own), &[]);
    refused(&server, "an object of the key store", || server.push(&ana, &["main"]));
    server.whole(&ana);
}
