//! The server's hooks killed in the middle of a push: the server has it or has it not, and the next push goes through.

use std::path::Path;

use super::common::World;
use super::common::served::Server;
use super::firm::copy;
use super::kills;
use super::moments::{CALLS, Moment, thinned};

/// Makes a hook run under strace, with these arguments.
fn under_strace(server: &Server, hook: &str, strace: &str) {
    let carnet = env!("CARGO_BIN_EXE_carnet");
    // As a grandchild, so that the hook's parent is git still.
    let text = format!("#!/bin/sh\nexec strace -D -qq {strace} '{carnet}' hook {hook}\n");
    std::fs::write(server.dir.join("hooks").join(hook), text).unwrap();
}

/// An erasure and a new contact that the server does not know yet.
fn ahead() -> (World, Server, String) {
    let ana = World::with_firm();
    let gone = ana.add("Carl Gone", &[]);
    ana.add("Bob Stone", &[]);
    let server = Server::new(&ana);
    ana.carnet(&["sync"]).ok();
    ana.carnet(&["erase", &gone, "--reason", "request", "--yes"]).ok();
    ana.add("New", &[]);
    (ana, server, gone)
}

fn strike(hook: &str, keys_only: bool) -> usize {
    let (ana, server, gone) = ahead();
    if keys_only {
        server.push(&ana, &["main"]).ok();
    }
    let places = [("kept-firm", ana.firm()), ("kept-served", server.dir.clone())];
    let places = places.map(|(name, place)| (ana.path().join(name), place));
    for (to, from) in &places {
        copy(from, to);
    }
    let restore = || places.iter().for_each(|(from, to)| copy(from, to));
    let log = ana.path().join("trace");
    under_strace(&server, hook, &format!("-o {} -e trace={CALLS}", log.display()));
    ana.carnet(&["sync"]).ok();
    let Ok(trace) = std::fs::read_to_string(&log) else {
        println!("SKIPPED: kills of the server's hooks, for strace cannot run here");
        return 0;
    };
    let mut killed = 0;
    for moment in thinned(&trace, kills()) {
        let Moment::Call(name, n) = &moment else { continue };
        restore();
        let once = format!("-o /dev/null -e trace={name} -e inject={name}:signal=KILL:when={n}");
        under_strace(&server, hook, &once);
        let at = format!("{hook} killed at {moment:?}");
        let said = ana.carnet(&["sync"]);
        // A killed pre-receive refuses the push; a killed post-receive comes too late for that.
        killed += usize::from(said.code != 0);
        let hooks = Path::new("hooks").join(hook);
        std::fs::copy(places[1].0.join(&hooks), server.dir.join(&hooks)).unwrap();
        ana.carnet(&["verify"]).ok();
        let said = ana.carnet(&["sync"]);
        assert_eq!(said.code, 0, "{at}: {said:?}");
        // What a killed hook did not destroy goes with the next push.
        let late = ana.add("Late", &[]);
        ana.carnet(&["sync"]).ok();
        server.whole(&ana);
        let listed = server.git(&ana, &["ls-tree", "-r", "--name-only", "refs/carnet/keys"]).ok().out;
        assert!(listed.contains(&late) && !listed.contains(&gone), "{at}: {listed}");
        assert_eq!(server.tip(&ana, "refs/heads/main"), ana.head(), "{at}");
    }
    println!("{hook}: a push was refused {killed} times");
    killed
}

#[test]
fn a_killed_check_refuses_the_push_and_the_next_one_goes_through() {
    let killed = strike("pre-receive", true);
    println!("killed: {killed}");
}

#[test]
fn what_a_killed_clearing_up_left_goes_with_the_next_push() {
    strike("post-receive", false);
}
