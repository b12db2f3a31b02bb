//! A purge that is killed at any moment leaves the history of before it or that of after it, here and at the remote.

use std::process::Stdio;
use std::time::{Duration, Instant};

use super::common::World;
use super::common::team::copy_dir;
use super::{PURGE, ciphertexts, git, held, office, sound, sync_all};

/// Directories to be put back before each run.
struct Kept<'a>(Vec<(&'a std::path::Path, std::path::PathBuf)>);

impl<'a> Kept<'a> {
    fn of(world: &World, dirs: &[&'a std::path::Path]) -> Kept<'a> {
        let keep = |(n, dir): (usize, &&'a std::path::Path)| {
            let copy = world.path().join(format!("kept-{n}"));
            copy_dir(dir, &copy);
            (*dir, copy)
        };
        Kept(dirs.iter().enumerate().map(keep).collect())
    }

    fn restore(&self) {
        for (dir, copy) in &self.0 {
            std::fs::remove_dir_all(dir).unwrap();
            copy_dir(copy, dir);
        }
    }
}

/// Waits for what the killed command had started: a push goes on without it.
fn settle(world: &World) {
    let busy = || {
        let processes = std::fs::read_dir("/proc").unwrap().flatten();
        let cwds = processes.filter_map(|p| std::fs::read_link(p.path().join("cwd")).ok());
        cwds.into_iter().any(|cwd| cwd.starts_with(world.path()))
    };
    let start = Instant::now();
    while busy() && start.elapsed() < Duration::from_secs(20) {
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Kills the command at moments spread over the time that it takes; `check` looks at each state, told whether it died.
fn kill_at(world: &World, kept: &Kept<'_>, args: &[&str], moments: u32, mut check: impl FnMut()) -> u32 {
    let run = |_| {
        kept.restore();
        let start = Instant::now();
        world.carnet(args).ok();
        start.elapsed()
    };
    let whole = (0..2).map(run).min().unwrap();
    let mut died = 0;
    for n in 0..moments {
        kept.restore();
        let mut command = world.command(env!("CARGO_BIN_EXE_carnet"), &world.firm());
        let mut child = command.args(args).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        // Nothing of interest happens in the first quarter.
        std::thread::sleep(whole / 4 + whole * 3 / 4 * n / moments);
        let _ = child.kill();
        died += u32::from(!child.wait().unwrap().success());
        settle(world);
        check();
    }
    died
}

#[test]
fn killed_anywhere_it_has_happened_or_not() {
    let (ana, remote, team) = office(&["bob"], true);
    let bob = &team[0];
    ana.add("Kept Person", &[]);
    let gone = ana.add("Gone Person", &[]);
    ana.carnet(&["erase", &gone, "--reason", "error", "--yes"]).ok();
    sync_all(&[&ana, bob]);
    ana.carnet(&["sync"]).ok();
    let blobs = ciphertexts(&ana, &gone);
    let old = ana.head();
    let firm = ana.firm();
    let kept = Kept::of(&ana, &[&firm, &remote]);
    let (mut before, mut after) = (0, 0);
    let died = kill_at(&ana, &kept, &PURGE, 10, || {
        let there = git(&ana, &remote, &["rev-parse", "main"]).first();
        let here = ana.head();
        ana.carnet(&["doctor"]);
        ana.carnet(&["verify"]).ok();
        ana.carnet(&["doctor", "--repair"]).ok();
        match (here == old, there == old) {
            (true, true) => {
                before += 1;
                ana.carnet(&PURGE).ok();
            }
            // The remote was first; this clone goes over like any other.
            (true, false) => {
                after += 1;
                ana.carnet(&["sync"]).ok();
            }
            (false, remote_is_old) => {
                after += 1;
                assert!(!remote_is_old, "the remote is first");
            }
        }
        ana.carnet(&["sync"]).ok();
        assert_eq!(git(&ana, &remote, &["rev-parse", "main"]).first(), ana.head());
        assert_ne!(ana.head(), old);
        assert_eq!(held(&ana, &firm, &blobs), [""; 0]);
        sound(&ana);
        git(&ana, &remote, &["fsck", "--full"]).ok();
    });
    println!("{died} killed: {before} before, {after} after");
    assert!(died >= 3 && before > 0);
}

#[test]
fn a_clone_killed_while_it_goes_over_is_here_or_there() {
    let (ana, remote, team) = office(&["bob"], false);
    let bob = &team[0];
    let gone = ana.add("Gone Person", &[]);
    ana.carnet(&["erase", &gone, "--reason", "error", "--yes"]).ok();
    sync_all(&[&ana, bob]);
    ana.carnet(&["sync"]).ok();
    let new = bob.add("Unsynced Person", &[]);
    let blobs = ciphertexts(bob, &gone);
    ana.carnet(&PURGE).ok();
    let firm = bob.firm();
    let kept = Kept::of(bob, &[&firm, &remote]);
    let died = kill_at(bob, &kept, &["sync"], 8, || {
        settle(&ana);
        bob.carnet(&["doctor"]);
        bob.carnet(&["verify"]).ok();
        bob.carnet(&["show", &new]).ok();
        bob.carnet(&["sync"]).ok();
        assert_eq!(held(bob, &firm, &blobs), [""; 0]);
        sound(bob);
    });
    assert!(died >= 3, "{died}");
}
