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

/// What is done on the small disk, with how much room; `$id`, `$csv` and `$remote` are set.
const LARGE: [(&str, &str, &str); 3] = [
    ("import", "import $csv --source s --basis customers:contract", "0 8 24 48 80 144 256 6000"),
    ("erase", "erase $id --reason request --yes", "0 4 8 16 24 48 6000"),
    ("sync", "sync", "0 4 16 40 72 160 6000"),
];

#[test]
fn a_full_disk_leaves_a_repository_that_works_once_space_is_freed() {
    let world = World::with_firm();
    let id = world.add("Bob Stone", &["--email", "bob@example.org"]);
    let gone = world.add("Eve Gone", &[]);
    let (firm, csv) = (world.firm(), world.path().join("lot.csv"));
    let rows: String = (0..80).map(|n| format!("Row {n},row{n}@example.org\n")).collect();
    std::fs::write(&csv, format!("name,email\n{rows}")).unwrap();
    // A remote that has an erasure and a contact more, from another clone of the same member.
    world.carnet(&["remote", "init", "../remote.git"]).ok();
    world.carnet(&["sync"]).ok();
    world.carnet_in(world.path(), &["clone", "remote.git", "other"]).ok();
    let other = world.path().join("other");
    world.carnet_in(&other, &["erase", &gone, "--reason", "request", "--yes"]).ok();
    let add = ["add", "--name", "Z", "--source", "s", "--basis", "customers:contract"];
    let new = world.carnet_in(&other, &add).ok().first();
    world.carnet_in(&other, &["sync"]).ok();
    world.add("Not Pushed", &[]);
    let script = r#"
        mount -t tmpfs -o size=24m none /mnt || exit 77
        carnet=$1 firm=$2 id=$3 csv=$4 remote=$5 sizes=$6 new=$7
        shift 7
        cp -a "$remote" "$remote.kept"
        for free in $sizes; do
            rm -rf /mnt/firm "$remote"
            cp -a "$remote.kept" "$remote" && cp -a "$firm" /mnt/ && cd /mnt/firm || exit 77
            dd if=/dev/zero of=/mnt/rest bs=1k count=$free 2>/dev/null
            dd if=/dev/zero of=/mnt/full bs=1k 2>/dev/null
            rm /mnt/rest
            "$carnet" "$@" >/dev/null && code=0 || code=$?
            rm /mnt/full
            before=$("$carnet" list -q | wc -l)
            test -z "$(git status --porcelain)" || echo "not clean with $free"
            test ! -e .git/carnet/pending || echo "pending with $free"
            "$carnet" doctor >/dev/null || echo "doctor complains with $free"
            "$carnet" verify >/dev/null || echo "verify complains with $free"
            git fsck --strict --no-dangling 2>&1
            # Once there is room, the same command does what it says.
            if [ $code != 0 ]; then
                "$carnet" "$@" >/dev/null 2>/mnt/said || case "$1:$(cat /mnt/said)" in
                    erase:*"no contact"*) ;;
                    *) echo "again with $free: $(cat /mnt/said)" ;;
                esac
            fi
            case $1 in
                import) "$carnet" find row -q --limit 100 | wc -l | sed 's/^/rows=/' ;;
                erase) "$carnet" show "$id" >/dev/null 2>&1; echo "shown=$?" ;;
                sync) "$carnet" show "$new" >/dev/null && echo arrived ;;
            esac
            echo "code=$code"
        done"#;
    for (what, command, sizes) in LARGE {
        let remote = world.path().join("remote.git");
        let words = command.replace("$csv", csv.to_str().unwrap()).replace("$id", &id);
        let fixed =
            [firm.to_str().unwrap(), &id, csv.to_str().unwrap(), remote.to_str().unwrap(), sizes, &new];
        let mut unshare = world.command("unshare", &firm);
        unshare.args(["-m", "sh", "-c", script, "sh", env!("CARGO_BIN_EXE_carnet")]).args(fixed);
        let ran = said(unshare.args(words.split(' ')).output().unwrap());
        if !ran.out.contains("code=") {
            println!("SKIPPED: no small disk can be made here: {}", ran.err);
            return;
        }
        let lines: std::collections::BTreeSet<&str> = ran.out.lines().collect();
        let result = match what {
            "import" => "rows=80",
            "erase" => "shown=3",
            _ => "arrived",
        };
        let mut wanted = vec!["code=0", "code=1", result];
        wanted.sort_unstable();
        assert_eq!(lines.into_iter().collect::<Vec<_>>(), wanted, "{what}: {}{}", ran.out, ran.err);
        assert!(ran.err.contains("No space left"), "{what}: {}", ran.err);
    }
}
