//! A team: carnet killed while it replaces keys, removes a member, syncs, clones.

use std::path::{Path, PathBuf};

use super::common::served::Server;
use super::common::team::{join, key};
use super::common::{NOW, World};
use super::firm::{Firm, copy};
use super::moments::{Moment, by_call, by_clock};
use super::{kills, timed};

/// Strikes at many moments, each time after `restore`, and lets `check` look at what is there.
#[track_caller]
fn strike_often(
    world: &World,
    dir: &Path,
    args: &[&str],
    n: usize,
    restore: &dyn Fn(),
    check: &mut dyn FnMut(usize, &str),
) {
    let undisturbed = || {
        restore();
        timed(world, dir, args)
    };
    let mut moments = by_clock(&undisturbed, n);
    restore();
    let calls = by_call(world, dir, args, n);
    // A sync renames far more files than others do.
    let step = (calls.len() / n).max(1);
    moments.extend(calls.into_iter().step_by(step));
    let (mut died, all) = ([0, 0], moments.len());
    for (n, moment) in moments.into_iter().enumerate() {
        restore();
        if moment.strike(world, dir, args) {
            died[usize::from(matches!(moment, Moment::Call(..)))] += 1;
        }
        check(n, &format!("{args:?} killed at {moment:?}"));
    }
    println!("{args:?}: killed {} times by the clock and {} times by call, of {all}", died[0], died[1]);
    assert!(died[0] > 0 && (died[1] > 0 || all == n), "{died:?} of {all}");
}

/// A firm with another member, whom the owner knows.
fn firm_with_bob() -> (Firm, World) {
    let mut firm = Firm::new();
    let bob = join(&firm.world, "bob", &["--book", "main"]);
    firm.keep();
    (firm, bob)
}

#[test]
fn giving_a_book_new_keys() {
    let (firm, _bob) = firm_with_bob();
    let (dir, head) = (firm.world.firm(), firm.world.head());
    let mut seen = [0, 0];
    strike_often(&firm.world, &dir, &["book", "rekey", "main"], kills(), &|| firm.restore(), &mut |n, at| {
        firm.next_command(n, at);
        assert_eq!(firm.whole(at), firm.before, "{at}");
        let log = firm.world.git(&["log", "--format=%s", &format!("{head}..")]).ok().out;
        seen[usize::from(log.contains("book: rekey"))] += 1;
    });
    assert!(seen.iter().all(|n| *n > 0), "it never happened, or always: {seen:?}");
}

#[test]
fn removing_a_member() {
    let (firm, bob) = firm_with_bob();
    let (dir, fingerprint) = (firm.world.firm(), key(&bob));
    let args = ["member", "remove", &fingerprint, "--yes"];
    let mut seen = [0, 0];
    strike_often(&firm.world, &dir, &args, kills(), &|| firm.restore(), &mut |n, at| {
        firm.next_command(n, at);
        assert_eq!(firm.whole(at), firm.before, "{at}");
        // Gone from policy, certificates, book and report, or from none; `verify` compares the book's key.
        let files = ["members/bob.asc", "registers/departures/2026-11-23-bob.toml"];
        let mut there =
            files.map(|path| firm.world.git(&["cat-file", "-e", &format!("HEAD:{path}")]).code == 0);
        there[1] = !there[1];
        let named = ["openpgp-policy.toml", "books/main.toml"]
            .map(|path| firm.world.git(&["show", &format!("HEAD:{path}")]).ok().out.contains("bob"));
        assert!(
            [there, named].concat().windows(2).all(|pair| pair[0] == pair[1]),
            "{at}: {there:?} {named:?}"
        );
        seen[usize::from(there[0])] += 1;
    });
    assert!(seen.iter().all(|n| *n > 0), "it never happened, or always: {seen:?}");
}

/// Ana's firm on a server, and Bob's clone of it; each has something that the other has not.
struct Office {
    ana: World,
    bob: World,
    server: Server,
    /// Everything as it is before any kill: where it is kept, and its place.
    kept: Vec<(PathBuf, PathBuf)>,
    /// Contacts that must be there afterwards, for both.
    all: Vec<String>,
    gone: String,
}

impl Office {
    fn new() -> Office {
        let ana = World::with_firm();
        let server = Server::new(&ana);
        let gone = ana.add("Carl Gone", &[]);
        let shared = ana.add("Bob Stone", &["--note", "steady"]);
        let bob = join(&ana, "bob", &["--book", "main"]);
        ana.carnet(&["sync"]).ok();
        bob.git(&["remote", "set-url", "origin", server.dir.to_str().unwrap()]).ok();
        bob.carnet(&["member", "list", "--accept", "--yes"]).ok();
        bob.carnet(&["sync"]).ok();
        bob.carnet(&["list"]).ok();
        let hers = ana.add("Of Ana", &[]);
        ana.carnet(&["erase", &gone, "--reason", "request", "--yes"]).ok();
        ana.carnet(&["book", "rekey", "main"]).ok();
        ana.carnet(&["edit", &shared, "--set", "title=Manager"]).ok();
        ana.carnet(&["sync"]).ok();
        let his = bob.add("Of Bob", &[]);
        bob.carnet(&["edit", &shared, "--add-tag", "vip"]).ok();
        let places = [ana.firm(), bob.firm(), server.dir.clone()];
        let aside = ana.path().join("kept");
        std::fs::create_dir(&aside).unwrap();
        let kept: Vec<_> =
            places.into_iter().enumerate().map(|(n, place)| (aside.join(n.to_string()), place)).collect();
        for (to, from) in &kept {
            copy(from, to);
        }
        let mut all = vec![shared, hers, his];
        all.sort();
        Office { ana, bob, server, kept, all, gone }
    }

    fn restore(&self) {
        for (from, to) in &self.kept {
            copy(from, to);
        }
    }

    fn ids(&self, world: &World, at: &str) -> Vec<String> {
        let listed = world.carnet(&["list", "-q"]);
        assert_eq!(listed.code, 0, "{at}: {listed:?}");
        let mut ids: Vec<String> = listed.out.lines().map(str::to_owned).collect();
        ids.sort();
        ids
    }
}

#[test]
fn syncing() {
    let office = Office::new();
    let (ana, bob) = (&office.ana, &office.bob);
    let (mut taken, mut given) = (0, 0);
    strike_often(bob, &bob.firm(), &["sync"], kills() * 3 / 5, &|| office.restore(), &mut |n, at| {
        // Whatever comes next works, and what Bob had done himself is there.
        let ids = office.ids(bob, at);
        assert!(bob.git(&["log", "--format=%s"]).ok().out.contains("contact: add"), "{at}");
        let merged = !ids.contains(&office.gone);
        taken += usize::from(merged);
        let left = ["keys.git", "begun"].map(|name| bob.firm().join(".git/carnet/sync").join(name).exists());
        assert_eq!(left, [false; 2], "{at}: something stays behind");
        let verify = bob.carnet(&["verify"]);
        assert_eq!(verify.code, 0, "{at}: {verify:?}");
        given += usize::from(office.server.tip(ana, "refs/heads/main") == bob.head());
        // The next syncs complete it.
        for world in [bob, ana] {
            let said = world.carnet(&["sync"]);
            assert_eq!(said.code, 0, "{at}: {said:?}");
        }
        for world in [bob, ana] {
            assert_eq!(office.ids(world, at), office.all, "{at}");
        }
        let shown = ana.carnet(&["show", "--json", "Bob Stone"]).ok().json();
        assert_eq!((&shown["title"], &shown["tags"][0]), (&"Manager".into(), &"vip".into()), "{at}");
        if n % 4 == 0 {
            for world in [bob, ana] {
                world.carnet(&["verify"]).ok();
                let doctor = world.carnet(&["doctor"]).ok();
                assert!(!doctor.out.contains("found:"), "{at}: {doctor:?}");
            }
            office.server.whole(ana);
        }
    });
    println!("sync: taken over before the kill {taken} times, pushed {given} times");
    assert!(taken > 0 && given > 0);
}

#[test]
fn cloning() {
    let office = Office::new();
    office.bob.carnet(&["sync"]).ok();
    let (bob, url) = (&office.bob, office.server.dir.to_str().unwrap());
    let new = bob.path().join("new");
    let args = ["clone", url, "new", "-q"];
    let (mut absent, mut whole) = (0, 0);
    let restore = || drop(std::fs::remove_dir_all(&new));
    strike_often(bob, bob.path(), &args, kills() / 2, &restore, &mut |_, at| {
        match new.exists() {
            true => whole += 1,
            false => {
                absent += 1;
                let again = bob.carnet_in(bob.path(), &args);
                assert_eq!(again.code, 0, "{at}: {again:?}");
            }
        }
        let verify = bob.carnet_in(&new, &["verify"]);
        assert_eq!(verify.code, 0, "{at}: {verify:?}");
        assert_eq!(bob.carnet_in(&new, &["list", "-q"]).ok().out.lines().count(), office.all.len(), "{at}");
    });
    println!("clone: {absent} times not made, {whole} times made");
    // What the killed ones had made beside it is cleared away by the next clone.
    restore();
    bob.carnet_in(bob.path(), &args).ok();
    let names = std::fs::read_dir(bob.path()).unwrap().map(|e| e.unwrap().file_name());
    let left: Vec<_> = names.filter(|name| name.to_string_lossy().starts_with(".carnet-clone-")).collect();
    let with_lock = left.iter().filter(|name| bob.path().join(name).join("lock").exists()).count();
    assert_eq!(with_lock, 0, "{left:?}");
    assert_eq!(bob.now, NOW);
}
