//! Disks that cannot be written or are full: an operation has happened or it has not.
//!
//! Both need a mount namespace of their own; where the system does not give one, the test says so and passes.

mod common;

use common::{World, said};

#[test]
fn a_disk_that_cannot_be_written_changes_nothing() {
    let world = World::with_firm();
    let id = world.add("Bob Stone", &[]);
    let firm = world.firm();
    let run = |args: &str| {
        let line = format!(
            "mount --bind {0} {0} && mount -o remount,ro,bind {0} && cd {0} && exec {1} {args}",
            firm.display(),
            env!("CARGO_BIN_EXE_carnet")
        );
        said(world.command("unshare", &firm).args(["-m", "sh", "-c", &line]).output().unwrap())
    };
    if run("--version").code != 0 {
        println!("skipped: no read-only mount can be made here");
        return;
    }
    let before = world.head();
    for args in [
        "add --name Z --source s --basis customers:contract",
        "list",
        "show Bob",
        &format!("erase {id} --reason error --yes"),
    ] {
        let said = run(args).code(1);
        assert!(
            said.err.contains("Read-only") && said.err.contains("hint: ") && said.out.is_empty(),
            "{}",
            said.err
        );
        assert_eq!(world.head(), before);
    }
}

#[test]
fn a_disk_that_is_full_half_way_leaves_before_or_after() {
    let world = World::with_firm();
    world.add("Bob Stone", &[]);
    let firm = world.firm();
    let script = r#"
        mount -t tmpfs -o size=8m none /mnt && cp -a "$1" /mnt/ && cd /mnt/firm || exit 77
        for free in 0 4 8 12 16 20 24 28 32 40 48 56 64 80; do
            dd if=/dev/zero of=/mnt/rest bs=1k count=$free 2>/dev/null
            dd if=/dev/zero of=/mnt/full bs=1k 2>/dev/null
            rm /mnt/rest
            id=$("$2" add --name Z --source s --basis customers:contract) && code=0 || code=$?
            rm /mnt/full
            ids=$("$2" list -q) || echo "list failed with $free"
            case "$code:$ids" in 0:*$id*|1:*) ;; *) echo "code $code with $free" ;; esac
            test -z "$(git status --porcelain)" || echo "not clean with $free"
            test ! -e .git/carnet/pending || echo "pending with $free"
            test $(git ls-tree -r HEAD contacts | wc -l) = \
                $(git -C .git/carnet/keys.git ls-tree -r refs/carnet/keys | grep -vc book.pgp) ||
                echo "keys and contacts differ with $free"
            git fsck --strict --no-dangling 2>&1
            echo "code=$code"
        done"#;
    let args = ["-m", "sh", "-c", script, "sh", firm.to_str().unwrap(), env!("CARGO_BIN_EXE_carnet")];
    let ran = said(world.command("unshare", &firm).args(args).output().unwrap());
    if !ran.out.contains("code=") {
        println!("skipped: no small disk can be made here: {}", ran.err);
        return;
    }
    let said: std::collections::BTreeSet<&str> = ran.out.lines().collect();
    assert_eq!(said.into_iter().collect::<Vec<_>>(), ["code=0", "code=1"], "{}{}", ran.out, ran.err);
    assert!(ran.err.contains("No space left") && ran.err.contains("hint: free some space"), "{}", ran.err);
}
