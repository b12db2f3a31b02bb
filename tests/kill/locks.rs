//! Lock files of git's: those of a killed carnet go with its journal, those of anybody else's git stay.

use std::path::PathBuf;
use std::time::{Duration, Instant, SystemTime};

use super::firm::Firm;

/// A firm in which an `add` was killed, and git's lock of the index, which is not there.
fn interrupted() -> Option<(Firm, PathBuf)> {
    let firm = Firm::new();
    let add = ["add", "--name", "Newcomer", "--source", "s", "--basis", "customers:contract"];
    for moment in firm.calls(&add, 20) {
        firm.restore();
        firm.strike(&moment, &add);
        if firm.interrupted() && firm.git_locks().is_empty() {
            let lock = firm.world.firm().join(".git/index.lock");
            return Some((firm, lock));
        }
    }
    println!("SKIPPED: no carnet could be killed half way here");
    None
}

/// Every command says what is in the way and where, changes nothing, and leaves it there.
#[track_caller]
fn refused(firm: &Firm, lock: &std::path::Path) {
    for args in [&["list"][..], &["add", "--name", "Z", "--source", "s", "--basis", "customers:contract"]] {
        let said = firm.world.carnet(args).code(1);
        assert!(said.err.contains("another git command") && said.err.contains("hint: "), "{}", said.err);
        assert!(said.err.contains(lock.file_name().unwrap().to_str().unwrap()), "{}", said.err);
        assert!(lock.exists() && said.out.is_empty());
    }
    let doctor = firm.world.carnet(&["doctor"]).code(7);
    assert!(doctor.out.contains("found: an operation was interrupted"), "{doctor:?}");
    assert!(doctor.out.contains("another git command"), "{doctor:?}");
    assert!(lock.exists());
}

#[test]
fn the_lock_of_a_running_git_is_never_taken_away() {
    let Some((firm, lock)) = interrupted() else { return };
    let open = firm.world.path().join("editor-open");
    let editor = format!("touch {0}; while [ -e {0} ]; do sleep 0.02; done; false", open.display());
    let mut git = firm.world.command("git", &firm.world.firm());
    let git =
        git.args(["-c", "commit.gpgsign=false", "commit", "-a", "--allow-empty"]).env("GIT_EDITOR", editor);
    let mut git = git.stderr(std::process::Stdio::null()).spawn().unwrap();
    let start = Instant::now();
    while !open.exists() && start.elapsed() < Duration::from_secs(20) {
        std::thread::sleep(Duration::from_millis(10));
    }
    assert!(lock.exists(), "git commit -a holds the index while the editor is open");
    refused(&firm, &lock);
    assert!(firm.interrupted());
    std::fs::remove_file(&open).unwrap();
    git.wait().unwrap();
    firm.next_command(0, "git has ended");
    firm.whole("git has ended");
}

#[test]
fn a_lock_from_before_carnet_is_somebody_elses() {
    let Some((firm, lock)) = interrupted() else { return };
    std::fs::write(&lock, "").unwrap();
    let before = SystemTime::now() - Duration::from_secs(3600);
    std::fs::File::options().write(true).open(&lock).unwrap().set_modified(before).unwrap();
    refused(&firm, &lock);
    std::fs::remove_file(&lock).unwrap();
    firm.next_command(0, "the lock is gone");
    firm.whole("the lock is gone");
}

#[test]
fn a_lock_that_a_killed_git_left_on_the_branch_is_named() {
    let firm = Firm::new();
    let lock = firm.world.firm().join(".git/refs/heads/main.lock");
    std::fs::write(&lock, "").unwrap();
    let head = firm.world.head();
    let said = firm.world.carnet(&["edit", &firm.target, "--set", "title=x"]).code(1);
    assert!(said.err.contains("main.lock") && said.err.contains("another git command"), "{}", said.err);
    assert!(lock.exists() && firm.world.head() == head);
    firm.world.carnet(&["list"]).ok();
    std::fs::remove_file(&lock).unwrap();
    assert_eq!(firm.whole("the lock is gone"), firm.before);
}
