//! A remote that dies in the middle: the sync says what did and did not arrive, and the next one completes it.

use std::path::PathBuf;

use crate::common::{Said, World, said};
use crate::{holds_key, office, sync_all};

/// What git runs instead of ssh: the command itself, whose words from or to git end after some bytes, as if the
/// machine had gone. Each connection takes one line of `fetch`, `in` or `out`: a number, or `all`.
const SSH: &str = r#"#!/bin/sh
for command; do :; done
take() { [ -s "$state/$1" ] && sed -n 1p "$state/$1" && sed -i 1d "$state/$1"; }
case "$command" in
*upload-pack*) n=$(take fetch); [ "${n:-all}" = all ] || { sh -c "$command" | { dd bs=1 count="$n" 2>/dev/null; kill -9 $$; }; } ;;
*receive-pack*)
    n=$(take in); [ "${n:-all}" = all ] || { dd bs=1 count="$n" 2>/dev/null | sh -c "$command"; exit 0; }
    n=$(take out); [ "${n:-all}" = all ] || { sh -c "$command" | { dd bs=1 count="$n" 2>/dev/null; kill -9 $$; }; } ;;
esac
exec sh -c "$command"
"#;

/// Ana and Bob, and Bob's way to the remote.
struct Line {
    ana: World,
    bob: World,
    remote: PathBuf,
}

impl Line {
    fn new() -> Line {
        let (ana, mut team) = office(&["bob"]);
        let (bob, remote) = (team.remove(0), ana.path().join("remote.git"));
        let script = bob.path().join("ssh.sh");
        std::fs::write(&script, SSH.replace("$state", bob.path().to_str().unwrap())).unwrap();
        let url = format!("ssh://127.0.0.1{}", remote.display());
        for (name, value) in [
            ("core.sshCommand", format!("sh {}", script.display())),
            ("ssh.variant", "simple".into()),
            ("remote.origin.url", url),
        ] {
            bob.git(&["config", name, &value]).ok();
        }
        bob.carnet(&["sync"]).ok();
        Line { ana, bob, remote }
    }

    /// The next connections of this kind end so.
    fn ends(&self, what: &str, lines: &[&str]) {
        std::fs::write(self.bob.path().join(what), lines.join("\n") + "\n").unwrap();
    }

    fn heals(&self) {
        for what in ["fetch", "in", "out"] {
            let _ = std::fs::remove_file(self.bob.path().join(what));
        }
    }

    fn at_remote(&self, args: &[&str]) -> Said {
        said(self.ana.command("git", &self.remote).args(args).output().unwrap())
    }
}

#[test]
fn a_fetch_that_breaks_off_takes_nothing_over() {
    let line = Line::new();
    let (ana, bob) = (&line.ana, &line.bob);
    let (gone, kept) = (ana.add("Gone", &[]), ana.add("Kept", &[]));
    sync_all(&[ana, bob]);
    ana.carnet(&["erase", &gone, "--reason", "request", "--yes"]).ok();
    let new = ana.add("New", &[]);
    ana.carnet(&["sync"]).ok();
    let mine = bob.add("Mine", &[]);
    let head = bob.head();
    let mut broken = 0;
    // Which connection dies, and after how many bytes: the question for the keys, the keys, the branch.
    for (before, bytes) in [(0, "20"), (1, "0"), (1, "700"), (2, "90"), (3, "300"), (3, "1500"), (3, "4000")]
    {
        line.ends("fetch", &[&vec!["all"; before][..], &[bytes]].concat());
        let told = bob.carnet(&["sync"]);
        if told.code == 0 {
            break;
        }
        broken += 1;
        assert_eq!(told.code, 1, "{}", told.err);
        assert!(told.err.contains("Nothing was taken over, and nothing was pushed."), "{}", told.err);
        assert!(told.err.contains("hint: ") && bob.head() == head, "{}", told.err);
        assert!(!bob.firm().join(".git/carnet/sync/keys.git").exists(), "fetched keys stay behind");
        bob.carnet(&["show", &mine]).ok();
        bob.carnet(&["doctor"]).ok();
    }
    assert!(broken >= 4, "{broken}");
    line.heals();
    bob.carnet(&["sync"]).ok();
    bob.carnet(&["show", &new]).ok();
    sync_all(&[ana, bob]);
    for world in [ana, bob] {
        for id in [&kept, &new, &mine] {
            world.carnet(&["show", id]).ok();
        }
        assert!(!holds_key(world, &gone));
        world.carnet(&["verify"]).ok();
    }
}

#[test]
fn a_push_that_breaks_off_is_told_and_completed_by_the_next_sync() {
    let line = Line::new();
    let (ana, bob) = (&line.ana, &line.bob);
    let main = || line.at_remote(&["rev-parse", "refs/heads/main"]).ok().first();
    let keys = || line.at_remote(&["rev-parse", "refs/carnet/keys"]).ok().first();
    let first = bob.add("First", &[]);
    let before = (main(), keys());
    for bytes in ["0", "100", "300", "1200"] {
        line.ends("in", &[bytes]);
        let told = bob.carnet(&["sync"]).code(1);
        assert!(told.err.contains("main and your access entries did not arrive"), "{}", told.err);
        assert!(
            told.err.contains("Nothing was pushed.") && told.err.contains("`carnet sync`"),
            "{}",
            told.err
        );
        assert_eq!((main(), keys()), before);
    }
    // The branch arrives, the keys do not.
    line.ends("in", &["all", "400"]);
    let told = bob.carnet(&["sync", "--json"]).code(1);
    assert!(told.err.contains("the key store did not arrive"), "{}", told.err);
    let pushed = &told.json()["pushed"];
    assert_eq!((&pushed["commits"], &pushed["keys"]), (&1.into(), &false.into()));
    assert_eq!((main(), keys()), (bob.head(), before.1.clone()));
    line.heals();
    let told = bob.carnet(&["sync"]).ok();
    assert!(
        told.err.contains("Pushed: 0 commit(s)") && told.err.contains("and the key store"),
        "{}",
        told.err
    );
    ana.carnet(&["sync"]).ok();
    ana.carnet(&["show", &first]).ok();
    // Everything arrives, and only the answer does not: then it was asked for.
    let second = bob.add("Second", &[]);
    let advertised = line.at_remote(&["receive-pack", "--http-backend-info-refs", "."]).ok().out.len();
    line.ends("out", &[&(advertised + 2).to_string()]);
    bob.carnet(&["sync"]).ok();
    assert_eq!(main(), bob.head());
    line.heals();
    sync_all(&[ana, bob]);
    for world in [ana, bob] {
        world.carnet(&["show", &second]).ok();
        world.carnet(&["verify"]).ok();
    }
}
