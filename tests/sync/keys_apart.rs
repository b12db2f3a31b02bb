//! Keys at a remote of their own, what a forge keeps of them, and a clone that comes back after weeks.

use std::os::unix::fs::PermissionsExt;

use crate::common::served::Server;
use crate::common::team::{key, newcomer};
use crate::common::{World, said};
use crate::{alike, bare, office, sync_all};

fn there(world: &World, remote: &std::path::Path) -> String {
    said(world.command("git", remote).args(["for-each-ref", "--format=%(refname)"]).output().unwrap())
        .ok()
        .out
}

#[test]
fn keys_go_to_their_own_remote_alone_and_one_that_refuses_them_is_told_and_completed() {
    let ana = World::with_firm();
    let (bob, cert) = newcomer(&ana, "bob");
    ana.carnet(&["member", "add", &cert, "--handle", "bob", "--book", "main"]).ok();
    let id = ana.add("Jeanne Dupont", &[]);
    let (public, keys) = (bare(&ana), ana.path().join("keys.git"));
    said(ana.command("git", ana.path()).args(["init", "-q", "--bare", "keys.git"]).output().unwrap()).ok();
    ana.git(&["remote", "add", "origin", public.to_str().unwrap()]).ok();
    ana.git(&["config", "carnet.keysRemote", keys.to_str().unwrap()]).ok();
    ana.carnet(&["sync"]).ok();
    assert!(!there(&ana, &public).contains("keys"), "{}", there(&ana, &public));
    assert_eq!(there(&ana, &keys), "refs/carnet/keys\n");
    let args = ["clone", public.to_str().unwrap(), "firm", "--keys-remote", keys.to_str().unwrap()];
    bob.carnet_in(bob.path(), &args).ok();
    bob.carnet(&["show", &id]).ok();
    // The branch arrives, the keys do not: that is said, and the next sync completes it.
    let hook = keys.join("hooks/pre-receive");
    std::fs::create_dir_all(hook.parent().unwrap()).unwrap();
    std::fs::write(&hook, "#!/bin/sh\necho no room >&2; exit 1\n").unwrap();
    std::fs::set_permissions(&hook, PermissionsExt::from_mode(0o755)).unwrap();
    let late = bob.add("Late Person", &[]);
    let said = bob.carnet(&["sync"]).code(5).err;
    assert!(said.contains("Pushed so far: 1 commit(s)") && !said.contains("and the key store"), "{said}");
    assert!(said.contains("the remote refuses the push") && said.contains("no room"), "{said}");
    assert!(said.contains("keys.git"), "{said}");
    ana.carnet(&["sync"]).ok();
    ana.carnet(&["show", &late]).code(6);
    std::fs::remove_file(&hook).unwrap();
    sync_all(&[&bob, &ana]);
    ana.carnet(&["show", &late]).ok();
    alike(&[&ana, &bob]);
}

#[test]
fn a_remote_that_keeps_destroyed_keys_is_named_with_the_way_out_and_ones_own_server_is_not() {
    for served in [false, true] {
        let ana = World::with_firm();
        match served {
            true => drop(Server::new(&ana)),
            false => drop(ana.git(&["remote", "add", "origin", bare(&ana).to_str().unwrap()]).ok()),
        }
        let id = ana.add("Jeanne Dupont", &[]);
        let sync = || ana.carnet(&["sync"]).ok().err;
        assert!(!sync().contains("keys that were"));
        ana.add("Max Kern", &[]);
        assert!(!sync().contains("keys that were"), "nothing was replaced");
        ana.carnet(&["erase", &id, "--reason", "request", "--yes"]).ok();
        let said = sync();
        let told = "the remote still gives out keys that were replaced or destroyed";
        assert_eq!(said.contains(told), !served, "{said}");
        assert_eq!(said.contains("--keys-remote URL"), !served, "{said}");
    }
}

#[test]
fn after_weeks_offline_a_sync_just_works() {
    let (mut ana, mut team) = office(&["bob", "eve"]);
    let (mut bob, mut eve) = (team.remove(0), team.remove(0));
    let shared = ana.add("Shared Person", &["--email", "shared@example.org"]);
    let gone = ana.add("Gone Person", &[]);
    sync_all(&[&ana, &bob, &eve]);
    let mut hers = Vec::new();
    let mut his = Vec::new();
    for (week, day) in ["2026-11-30", "2026-12-07", "2026-12-21", "2027-01-11"].iter().enumerate() {
        for world in [&mut ana, &mut bob, &mut eve] {
            world.now = format!("{day}T10:00:00Z");
        }
        hers.push(ana.add(&format!("Ana {week}"), &[]));
        his.push(bob.add(&format!("Bob {week}"), &[]));
        ana.carnet(&["log", "call", &shared, "from ana"]).ok();
        bob.carnet(&["log", "note", &shared, "from bob"]).ok();
        bob.carnet(&["show", &shared]).ok();
        match week {
            0 => drop(ana.carnet(&["erase", &gone, "--reason", "request", "--yes"]).ok()),
            1 => drop(ana.carnet(&["member", "remove", &key(&eve), "--yes"]).ok()),
            2 => drop(ana.carnet(&["book", "rekey", "main"]).ok()),
            _ => drop(bob.carnet(&["edit", &gone, "--set", "title=Late"]).ok()),
        }
        ana.carnet(&["sync"]).ok();
    }
    let said = bob.carnet(&["sync"]).ok().err;
    assert!(said.contains("Erased elsewhere") && said.contains("Merged"), "{said}");
    sync_all(&[&ana, &bob]);
    for world in [&ana, &bob] {
        hers.iter().chain(&his).for_each(|id| drop(world.carnet(&["show", id]).ok()));
        world.carnet(&["show", &gone]).code(3);
        let shown = world.carnet(&["show", "--json", &shared]).ok().json();
        assert_eq!(shown["activity"].as_array().unwrap().len(), 8);
    }
    eve.carnet(&["sync"]).code(6);
    sync_all(&[&ana, &bob]);
    alike(&[&ana, &bob]);
}
