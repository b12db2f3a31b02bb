//! Confirmations of clones, and what remotes still hold.

use crate::common::team::{join, pull};
use crate::common::{World, said};
use crate::{backup, key_blob, keys, restore};

fn clone_id(world: &World) -> String {
    std::fs::read_to_string(world.firm().join(".git/carnet/clone")).unwrap().trim().to_owned()
}

/// Brings another clone's access chains here.
fn fetch_chains(to: &World, from: &World) {
    let spec = "+refs/carnet/access/*:refs/carnet/access/*";
    to.git(&["fetch", "-q", from.firm().to_str().unwrap(), spec]).ok();
}

fn status(world: &World, more: &[&str]) -> serde_json::Value {
    world.carnet(&[&["erase", "--status", "--json"], more].concat()).ok().json()
}

#[test]
fn each_clone_confirms_once_and_the_others_are_pending() {
    let mut ana = World::with_firm();
    let mut bob = join(&ana, "bob", &["--book", "main"]);
    let gone = ana.add("Ada", &[]);
    pull(&bob, &ana);
    bob.carnet(&["show", &gone]).ok();
    ana.now = "2026-11-23T11:00:00Z".into();
    ana.carnet(&["erase", &gone, "--reason", "request", "--yes"]).ok();
    fetch_chains(&ana, &bob);
    let now = &status(&ana, &["--offline"])[0];
    assert_eq!(
        now["confirmed"],
        serde_json::json!([
            { "clone": clone_id(&ana), "member": "ana", "time": "2026-11-23T11:00:00Z" }
        ])
    );
    assert_eq!(
        now["pending"],
        serde_json::json!([{
            "clone": clone_id(&bob), "member": "bob", "since": "2026-11-23T11:00:00Z", "last_seen": "2026-11-23T10:00:00Z"
        }])
    );
    let told = ana.carnet(&["erase", "--status"]).ok().out;
    assert!(told.contains(&gone[..8]) && told.contains("1 since 2026-11-23"), "{told}");
    let made = ana.carnet(&["erase", "--certificate", &gone]).ok();
    assert!(made.out.contains("NOT CONFIRMED") && made.err.contains("1 known clone"), "{}", made.out);

    // Bob's clone has main and still its own key store.
    bob.now = "2026-11-24T09:00:00Z".into();
    bob.git(&["fetch", "-q", ana.firm().to_str().unwrap(), "main"]).ok();
    bob.git(&["-c", "commit.gpgSign=false", "merge", "-q", "--ff-only", "FETCH_HEAD"]).ok();
    let count = |world: &World| {
        let args = ["log", "--glob=refs/carnet/access", "--format=%(trailers:key=Carnet-Action,valueonly)"];
        world.git(&args).ok().out.matches("erase-confirm").count()
    };
    assert_eq!(count(&bob), 0);
    status(&bob, &["--offline"]);
    assert_eq!(count(&bob), 1);
    let listed = keys(&bob, &["ls-tree", "-r", "--name-only", "refs/carnet/keys"]).ok().out;
    assert!(!listed.contains(&gone));
    status(&bob, &["--offline"]);
    std::fs::remove_file(bob.firm().join(".git/carnet/confirmed")).unwrap();
    status(&bob, &["--offline"]);
    assert_eq!(count(&bob), 1, "once");
    fetch_chains(&ana, &bob);
    let now = &status(&ana, &["--offline", &gone[..8]])[0];
    assert_eq!((now["confirmed"].as_array().unwrap().len(), &now["pending"]), (2, &serde_json::json!([])));
    ana.now = "2026-11-25T09:00:00Z".into();
    ana.carnet(&["verify"]).ok();
    assert_eq!(now["remotes"], serde_json::Value::Null);
    ana.carnet(&["erase", "--status", "0d8c1d5e"]).code(3);
}

#[test]
fn a_destroyed_key_under_another_name_is_destroyed_before_the_clone_confirms() {
    let ana = World::with_firm();
    let gone = ana.add("Ada", &[]);
    let (old, blob) = (backup(&ana), key_blob(&ana, &gone));
    ana.carnet(&["erase", &gone, "--reason", "request", "--yes"]).ok();
    // The destroyed message comes back under another contact's name.
    restore(&ana, &old);
    ana.carnet(&["list"]).ok();
    let other = ana.add("Ben", &[]);
    let object = |store: &std::path::Path| store.join("objects").join(&blob[..2]).join(&blob[2..]);
    let store = ana.firm().join(".git/carnet/keys.git");
    std::fs::create_dir_all(object(&store).parent().unwrap()).unwrap();
    std::fs::copy(object(&old), object(&store)).unwrap();
    let script = format!(
        "set -e; export GIT_DIR={0} GIT_INDEX_FILE={0}/x.index; git read-tree refs/carnet/keys; \
         git update-index --add --cacheinfo 100644,{blob},main/{1}/{other}.pgp; \
         c=$(git -c user.name=x -c user.email=x@x commit-tree -m keys $(git write-tree)); \
         git update-ref refs/carnet/keys $c; rm {0}/x.index",
        store.display(),
        &other[..2]
    );
    said(ana.command("sh", &ana.firm()).args(["-c", &script]).output().unwrap()).ok();
    std::fs::remove_file(ana.firm().join(".git/carnet/confirmed")).unwrap();
    std::fs::remove_file(ana.firm().join(".git/carnet/clone")).unwrap();
    let said = ana.carnet(&["erase", "--status", "--offline"]).ok();
    assert!(said.err.contains("1 key(s) that erasures have destroyed"), "{}", said.err);
    keys(&ana, &["cat-file", "-e", &blob]).code(1);
    let now = &status(&ana, &["--offline"])[0];
    assert!(now["confirmed"].to_string().contains(&clone_id(&ana)), "{now}");
}

#[test]
fn remotes_are_asked_for_the_destroyed_key_itself() {
    let world = World::with_firm();
    let gone = world.add("Ada", &[]);
    let server = world.path().join("server.git");
    let on_server = |args: &[&str]| said(world.command("git", &server).args(args).output().unwrap()).ok();
    said(world.command("git", world.path()).args(["init", "-q", "--bare", "server.git"]).output().unwrap())
        .ok();
    world.git(&["remote", "add", "origin", "../server.git"]).ok();
    world.git(&["remote", "add", "away", "../nowhere.git"]).ok();
    let push = || {
        world.git(&["push", "-q", "origin", "main"]).ok();
        keys(&world, &["push", "-q", "--force", server.to_str().unwrap(), "refs/carnet/keys"]).ok();
    };
    push();
    let blob = key_blob(&world, &gone);
    world.carnet(&["erase", &gone, "--reason", "request", "--yes"]).ok();
    let answer = |n: usize| status(&world, &[&gone])[0]["remotes"][n].clone();
    let (away, origin) = (answer(0), answer(1));
    assert_eq!((&away["remote"], &away["holds"]), (&"away".into(), &"unknown".into()), "{away}");
    assert_eq!((&origin["holds"], &origin["held"]), (&"held".into(), &serde_json::json!([blob])), "{origin}");
    // The server has the new store and keeps the replaced one until it prunes.
    push();
    assert_eq!(answer(1)["holds"], "held");
    on_server(&["gc", "-q", "--prune=now"]);
    assert_eq!(answer(1)["holds"], "gone");
    assert!(world.carnet(&["erase", "--status"]).ok().out.contains("origin gone"));
    // A remote of which nothing is known here cannot be judged.
    said(world.command("git", world.path()).args(["init", "-q", "--bare", "empty.git"]).output().unwrap())
        .ok();
    world.git(&["config", "carnet.keysRemote", world.path().join("empty.git").to_str().unwrap()]).ok();
    assert_eq!(answer(2)["holds"], "unknown");
    let left = std::fs::read_dir(world.path().join("run")).unwrap().count();
    assert_eq!(left, 0, "what was fetched is thrown away");
}

#[test]
fn a_removed_members_clone_is_said_to_be_out_of_reach_and_not_waited_for() {
    let mut ana = World::with_firm();
    let bob = join(&ana, "bob", &["--book", "main"]);
    let gone = ana.add("Ada", &[]);
    pull(&bob, &ana);
    bob.carnet(&["show", &gone]).ok();
    fetch_chains(&ana, &bob);
    ana.carnet(&["member", "remove", &crate::common::team::key(&bob), "--yes"]).ok();
    ana.now = "2026-11-24T11:00:00Z".into();
    ana.carnet(&["erase", &gone, "--reason", "request", "--yes"]).ok();
    let now = &status(&ana, &["--offline"])[0];
    assert_eq!(now["pending"], serde_json::json!([]));
    assert_eq!(
        now["removed"],
        serde_json::json!([{
            "clone": clone_id(&bob), "member": "bob", "removed": "2026-11-23T10:00:00Z", "last_seen": "2026-11-23T10:00:00Z"
        }])
    );
    assert!(ana.carnet(&["erase", "--status"]).ok().out.contains("0, 1 of removed members"));
    let told = ana.carnet(&["erase", "--status", &gone, "--offline"]).ok().out;
    assert!(told.contains("member removed on 2026-11-23") && !told.contains("pending"), "{told}");
    // What they copied may still be there: the certificate claims nothing else.
    let made = ana.carnet(&["erase", "--certificate", &gone]).ok();
    assert!(made.out.contains("NOT CONFIRMED; member removed on"), "{}", made.out);
}
