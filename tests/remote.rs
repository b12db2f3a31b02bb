//! A firm's own server: what its hooks refuse, and that a replaced key store is destroyed there at once.

mod common;

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
fn the_branch_takes_only_authorised_commits_and_never_goes_back() {
    let (ana, server, _) = served();
    let mal = gpg_keys(&ana);
    let own = ana.git(&["config", "carnet.key"]).ok().first();
    ana.git(&["fetch", "-q", "origin"]).ok();
    let main = || server.push(&ana, &["main"]);

    commit(&ana, None, &[]);
    refused(&server, "it is not signed", main);
    commit(&ana, Some(&own), &[]);
    refused(&server, "it is not signed", main);
    reset(&ana);
    commit(&ana, Some(&mal), &[]);
    refused(&server, "which no member had", main);
    reset(&ana);

    // A merge does not carry an unsigned commit in.
    ana.git(&["switch", "-q", "-c", "side"]).ok();
    commit(&ana, None, &[]);
    ana.git(&["switch", "-q", "main"]).ok();
    commit(&ana, Some(&own), &[]);
    ana.git(&["-c", &format!("user.signingKey={own}"), "merge", "-q", "-S", "--no-ff", "-m", "m", "side"])
        .ok();
    refused(&server, "it is not signed", main);
    reset(&ana);

    // Rewritten, with a sound signature.
    commit(&ana, Some(&own), &["--amend"]);
    refused(&server, "rewrites history", || server.push(&ana, &["+main"]));
    reset(&ana);
    refused(&server, "cannot be deleted", || server.push(&ana, &[":main"]));
    for other in ["main:refs/heads/other", "main:refs/tags/v1", "main:refs/notes/x", "main:refs/carnet/other"]
    {
        refused(&server, "only main, the access chains and the key store", || server.push(&ana, &[other]));
    }
    // One ref that is refused takes all with it.
    commit(&ana, Some(&own), &[]);
    refused(&server, "only main", || server.push(&ana, &["main", "main:refs/heads/other"]));
    main().ok();
    // Another data repository altogether.
    let eve = World::with_firm();
    refused(&server, "rewrites history", || server.push(&eve, &["+main"]));
    server.whole(&ana);
}

#[test]
fn who_is_no_member_any_more_pushes_nothing() {
    let ana = World::with_firm();
    let server = Server::new(&ana);
    let bob = join(&ana, "bob", &["--book", "main"]);
    server.push_all(&ana);
    bob.add("Of Bob", &[]);
    server.push(&bob, &["main"]).ok();
    bob.carnet(&["list", "-q"]).ok();
    server.push(&bob, &[CHAINS]).ok();
    team::pull(&ana, &bob);
    ana.carnet(&["member", "remove", &team::key(&bob), "--yes"]).ok();
    server.push(&ana, &["main"]).ok();
    team::pull(&bob, &ana);
    gpg_keys(&bob);
    commit(&bob, Some(&team::key(&bob)), &[]);
    refused(&server, "which no member had", || server.push(&bob, &["main"]));
    // What he signed while he was one does not come in over his old branch either.
    bob.git(&["switch", "-q", "-C", "main", "HEAD~2"]).ok();
    commit(&bob, Some(&team::key(&bob)), &[]);
    refused(&server, "rewrites history", || server.push(&bob, &["+main"]));
}

#[test]
fn access_chains_only_grow_and_only_by_their_member() {
    let (mut ana, server, ids) = served();
    let chain = "refs/carnet/access/2026-11/ana";
    let there = server.tip(&ana, chain);
    ana.carnet(&["show", &ids[0]]).ok();
    server.push(&ana, &[CHAINS]).ok();
    // Rewritten: the last entry left out, another in its place.
    ana.git(&["update-ref", chain, &there]).ok();
    refused(&server, "rewrites an access chain", || server.push(&ana, &[&format!("+{chain}:{chain}")]));
    ana.carnet(&["show", &ids[1]]).ok();
    refused(&server, "rewrites an access chain", || server.push(&ana, &[&format!("+{chain}:{chain}")]));
    // In somebody else's name, unsigned, misnamed, or holding files.
    let to = |name: &str| format!("{chain}:refs/carnet/access/{name}");
    refused(&server, "no signing policy of the branch ever named", || {
        server.push(&ana, &[&to("2026-11/bob")])
    });
    refused(&server, "in another month", || server.push(&ana, &[&to("2026-10/ana")]));
    for name in ["ana", "2026-13/ana", "2026-11/ana/x", "2026-11/Ana"] {
        refused(&server, "it is no access chain", || server.push(&ana, &[&to(name)]));
    }
    let tip = server.tip(&ana, chain);
    let unsigned = ana.git(&["commit-tree", "-p", &tip, "-m", "access: show", &format!("{tip}^{{tree}}")]);
    let unsigned = unsigned.ok().first();
    refused(&server, "not signed", || server.push(&ana, &[&format!("{unsigned}:{chain}")]));
    gpg_keys(&ana);
    let own = format!("user.signingKey={}", team::key(&ana));
    let full = ["-c", &own, "commit-tree", "-S", "-p", &tip, "-m", "access: show", "main^{tree}"];
    let full = ana.git(&full).ok().first();
    refused(&server, "holds files", || server.push(&ana, &[&format!("{full}:{chain}")]));
    // Dropped only when its time is over.
    refused(&server, "kept for 12 months", || server.push(&ana, &[&format!(":{chain}")]));
    ana.now = "2028-01-02T10:00:00Z".into();
    server.push(&ana, &[&format!(":{chain}")]).ok();
    assert_eq!(server.tip(&ana, chain), "");
    refused(&server, "brings back a month beyond the 12", || server.push(&ana, &[chain]));
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

#[test]
fn a_push_on_its_way_is_spared() {
    let (ana, server, _) = served();
    let store = server.dir.join("carnet/keys.git");
    let run = |args: &[&str]| {
        let mut command = ana.command("git", &store);
        said(command.args(["-c", "user.name=x", "-c", "user.email=x@x"]).args(args).output().unwrap())
    };
    let tip = server.tip(&ana, "refs/carnet/keys^{tree}");
    let other = run(&["commit-tree", "-m", "other", &tip]).ok().first();
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap();
    let since = stat.rsplit_once(')').unwrap().1.split_whitespace().nth(19).unwrap().to_owned();
    let note = server.dir.join("carnet/incoming").join(&other);
    std::fs::write(&note, format!("{} {since}\n", std::process::id())).unwrap();
    ana.add("Four", &[]);
    server.push_all(&ana);
    assert_eq!(run(&["cat-file", "-e", &other]).code, 0, "its process lives");
    std::fs::write(&note, format!("{} 1\n", std::process::id())).unwrap();
    ana.add("Five", &[]);
    server.push_all(&ana);
    assert_ne!(run(&["cat-file", "-e", &other]).code, 0, "another process has its number now");
    assert!(!note.exists());
    server.whole(&ana);
}

#[test]
fn pushes_at_once_lose_nothing() {
    let ana = World::with_firm();
    let server = Server::new(&ana);
    let bob = join(&ana, "bob", &["--book", "main"]);
    bob.git(&["remote", "set-url", "origin", server.dir.to_str().unwrap()]).ok();
    ana.carnet(&["sync"]).ok();
    bob.carnet(&["member", "list", "--accept", "--yes"]).ok();
    bob.carnet(&["sync"]).ok();
    std::thread::scope(|scope| {
        for world in [&ana, &bob] {
            scope.spawn(move || {
                for n in 0..5 {
                    let id = world.add(&format!("Person {n}"), &[]);
                    world.carnet(&["sync"]).ok();
                    if n % 2 == 0 {
                        world.carnet(&["erase", &id, "--reason", "error", "--yes"]).ok();
                        world.carnet(&["sync"]).ok();
                    }
                }
            });
        }
    });
    for world in [&ana, &bob, &ana] {
        world.carnet(&["sync"]).ok();
    }
    server.whole(&ana);
    for world in [&ana, &bob] {
        assert_eq!(world.carnet(&["list", "-q"]).ok().out.lines().count(), 4);
        world.carnet(&["verify"]).ok();
    }
    ana.carnet_in(ana.path(), &["clone", "served.git", "again"]).ok();
}

#[test]
fn a_remote_is_made_beside_the_data_and_becomes_its_origin_once() {
    let ana = World::with_firm();
    std::fs::create_dir(ana.path().join("full")).unwrap();
    std::fs::write(ana.path().join("full/x"), "x").unwrap();
    let said = ana.carnet(&["remote", "init", "../full"]).code(1);
    assert!(said.err.contains("not empty") && said.err.contains("hint:"), "{}", said.err);
    ana.carnet(&["remote", "init", "inside.git"]).code(2);
    ana.carnet(&["remote", "init", "https://example.org/firm.git"]).code(2);
    ana.carnet(&["--dry-run", "remote", "init", "../a.git"]).ok();
    assert!(!ana.path().join("a.git").exists() && !ana.firm().join("inside.git").exists());
    let made = ana.carnet(&["--json", "remote", "init", "../a.git"]).ok().json();
    let dir = ana.path().canonicalize().unwrap().join("a.git");
    assert_eq!((made["url"].as_str(), made["origin"].as_bool()), (dir.to_str(), Some(true)));
    assert_eq!(ana.git(&["config", "--get-all", "remote.origin.fetch"]).ok().out.lines().count(), 2);
    let second = ana.carnet(&["remote", "init", "../b.git"]).ok();
    assert!(second.err.contains("another `origin` already"), "{}", second.err);
    assert_eq!(ana.git(&["remote", "get-url", "origin"]).ok().first(), dir.to_str().unwrap());
    // Nothing half-made is left beside them.
    let names = std::fs::read_dir(ana.path()).unwrap().map(|e| e.unwrap().file_name());
    assert!(names.into_iter().all(|name| !name.to_string_lossy().starts_with(".carnet")));
}

#[test]
fn a_remote_on_another_machine_is_made_over_ssh() {
    let ana = World::with_firm();
    let ssh = ana.path().join("ssh");
    let write = |script: &str| {
        use std::os::unix::fs::PermissionsExt;
        std::fs::write(
            &ssh,
            format!("#!/bin/sh\necho \"$@\" > '{}/asked'\n{script}\n", ana.path().display()),
        )
        .unwrap();
        std::fs::set_permissions(&ssh, PermissionsExt::from_mode(0o755)).unwrap();
    };
    let run = |url: &str| {
        let mut command = ana.command(env!("CARGO_BIN_EXE_carnet"), &ana.firm());
        command.env("GIT_SSH_COMMAND", &ssh);
        said(command.args(["remote", "init", url]).output().unwrap())
    };
    write("exit 255");
    let said = run("git@server.test:firm.git").code(1);
    assert!(said.err.contains("cannot be reached over ssh"), "{}", said.err);
    write("echo 'sh: carnet: not found' >&2; exit 127");
    let said = run("git@server.test:firm.git").code(1);
    assert!(said.err.contains("carnet is not installed there"), "{}", said.err);
    assert_eq!(ana.git(&["remote"]).ok().out, "");
    // A shell at the other end, in its home, with carnet on its path.
    std::fs::create_dir(ana.path().join("server")).unwrap();
    let program = env!("CARGO_BIN_EXE_carnet");
    let bin = std::path::Path::new(program).parent().unwrap();
    write(&format!(
        "cd '{}/server'; for last; do :; done; PATH='{}':$PATH exec sh -c \"$last\"",
        ana.path().display(),
        bin.display()
    ));
    run("ssh://git@server.test:2222/~/it's firm.git").ok();
    assert!(ana.path().join("server/it's firm.git/hooks/pre-receive").exists());
    let asked = std::fs::read_to_string(ana.path().join("asked")).unwrap();
    assert!(asked.starts_with("-p 2222 git@server.test carnet "), "{asked}");
    assert_eq!(
        ana.git(&["remote", "get-url", "origin"]).ok().first(),
        "ssh://git@server.test:2222/~/it's firm.git"
    );
}

#[test]
fn without_carnet_on_the_server_nothing_comes_in() {
    let ana = World::with_firm();
    let program = ana.path().join("carnet-there");
    std::fs::copy(env!("CARGO_BIN_EXE_carnet"), &program).unwrap();
    let mut command = ana.command(&program, &ana.firm());
    said(command.args(["remote", "init", "../served.git"]).output().unwrap()).ok();
    let server = Server { dir: ana.path().join("served.git") };
    std::fs::rename(&program, ana.path().join("gone")).unwrap();
    refused(&server, "declined", || server.push(&ana, &["main"]));
    std::fs::rename(ana.path().join("gone"), &program).unwrap();
    server.push(&ana, &["main"]).ok();
}
