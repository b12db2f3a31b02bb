//! Certificates: checked by gpg and git alone, refused where the proof does not hold.

use std::path::Path;

use crate::common::{World, said};
use crate::{append, backup, key_blob, restore};

/// A firm with an erased contact that another one mentioned.
fn firm() -> (World, String) {
    let world = World::with_firm();
    let (gone, friend) = (world.add("Ada", &["--email", "ada@example.org"]), world.add("Ben", &[]));
    world.carnet(&["edit", &gone, "--set", "title=Boss"]).ok();
    append(&world, &friend, &format!("\n[relations]\nspouse = \"{gone}\"\n")).ok();
    let erase =
        ["erase", &gone, "--reason", "request", "--request", "2026-014", "--keep-opposition", "--yes"];
    world.carnet(&erase).ok();
    (world, gone)
}

/// Runs a line of shell at the top of the repository, with a keyring of its own.
fn shell(world: &World, home: &Path, line: &str) -> crate::Said {
    let mut command = world.command("sh", &world.firm());
    said(command.env("GNUPGHOME", home).args(["-ec", line]).output().unwrap())
}

#[test]
fn gpg_and_git_alone_check_what_it_says() {
    let (world, id) = firm();
    let shown = world.carnet(&["erase", "--certificate", &id[..8]]).ok();
    assert!(shown.out.contains(&id) && shown.err.contains("not signed"), "{}", shown.out);
    let out = ["erase", "--certificate", &id, "--out", "../certificates", "--json"];
    let made = world.carnet(&out).ok().json();
    let facts = &made["certificate"];
    assert_eq!((&facts["commit"], &facts["request"]), (&world.head().into(), &"2026-014".into()));
    assert_eq!(facts["ciphertexts"].as_array().unwrap().len(), 2);
    assert_eq!(facts["mention_ciphertexts"].as_array().unwrap().len(), 2);
    assert_eq!(
        (facts["confirmed"].as_array().unwrap().len(), &facts["confirmed"][0]["member"]),
        (1, &"ana".into())
    );
    let files: Vec<String> =
        made["files"].as_array().unwrap().iter().map(|f| f.as_str().unwrap().to_owned()).collect();
    assert_eq!(files.len(), 6);

    let dir = world.path().join("certificates");
    let home = world.path().join("fresh");
    std::fs::create_dir(&home).unwrap();
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(&home, PermissionsExt::from_mode(0o700)).unwrap();
    shell(&world, &home, "gpg --import members/ana.asc").ok();
    for file in files.iter().filter(|f| !f.ends_with(".asc")) {
        let path = dir.join(file);
        let check = format!("gpg --verify {0}.asc {0}", path.display());
        shell(&world, &home, &check).ok();
        let text = std::fs::read_to_string(&path).unwrap();
        std::fs::write(&path, text.replacen("2026", "2025", 1)).unwrap();
        shell(&world, &home, &check).code(1);
        std::fs::write(&path, &text).unwrap();
        assert!(!text.contains("Ada") && !text.contains("ada@"), "{text}");
        assert!(text.contains(&id) && text.contains("2026-014") && text.contains("2029-11-23"), "{text}");
    }
    // The commands that it names work as they stand, in a keyring with nothing in it but what they import.
    for lang in ["en", "fr"] {
        let name = files.iter().find(|f| f.ends_with(&format!(".{lang}.txt"))).unwrap();
        for file in [name.clone(), format!("{name}.asc")] {
            std::fs::copy(dir.join(&file), world.firm().join(&file)).unwrap();
        }
        let text = std::fs::read_to_string(dir.join(name)).unwrap();
        let home = world.path().join(format!("fresh-{lang}"));
        std::fs::create_dir(&home).unwrap();
        std::fs::set_permissions(&home, PermissionsExt::from_mode(0o700)).unwrap();
        let lines: Vec<&str> = text.lines().filter_map(|l| l.strip_prefix("  $ ")).collect();
        assert!(lines.len() >= 8, "{text}");
        for line in &lines {
            let done = shell(&world, &home, line).ok();
            if line.contains("list-packets") {
                assert_eq!(done.out.matches("symkey enc packet").count(), 4, "{}", done.out);
                assert!(!done.out.contains("pubkey enc packet"), "{}", done.out);
            }
        }
        assert!(
            lines.iter().any(|l| l.contains("list-packets"))
                && lines.iter().any(|l| l.contains("cat-file -e"))
        );
    }
    // None replaces another.
    world.carnet(&out).code(1);
    let stranger = "0d8c1d5e-33c4-4b26-9d0f-8d5c1c6a2b11";
    world.carnet(&["erase", "--certificate", stranger]).code(3);
}

#[test]
fn a_third_party_with_a_plain_clone_checks_the_key_store_too_and_sees_what_is_wrong() {
    let (ana, _) = crate::common::team::office();
    let gone = ana.add("Ada", &[]);
    let friend = ana.add("Cyd", &[]);
    ana.carnet(&["deal", "add", "Site of Ada", "--contact", &gone]).ok();
    ana.carnet(&["link", &friend, &gone]).ok();
    ana.carnet(&["edit", &gone, "--set", "title=Boss"]).ok();
    ana.carnet(&["sync"]).ok();
    let old = backup(&ana);
    ana.carnet(&["erase", &gone, "--reason", "request", "--yes"]).ok();
    ana.carnet(&["sync"]).ok();
    let made = ana.carnet(&["erase", "--certificate", &gone, "--out", "../c", "--json"]).ok().json();
    let facts = &made["certificate"];
    // Of the deal one version, of the friend two.
    assert_eq!((&facts["mentions"], facts["mention_ciphertexts"].as_array().unwrap().len()), (&2.into(), 3));
    assert_eq!(facts["ciphertexts"].as_array().unwrap().len(), 2);
    let remote = ana.path().join("remote.git");
    let run = |world: &World| -> Vec<(String, crate::Said)> {
        let _ = std::fs::remove_dir_all(world.firm());
        let clone = ["clone", "-q", remote.to_str().unwrap(), "firm"];
        said(world.command("git", world.path()).args(clone).output().unwrap()).ok();
        let mut text = String::new();
        for file in std::fs::read_dir(ana.path().join("c")).unwrap().flatten() {
            std::fs::copy(file.path(), world.firm().join(file.file_name())).unwrap();
            if file.file_name().to_string_lossy().ends_with(".en.txt") {
                text = std::fs::read_to_string(file.path()).unwrap();
            }
        }
        let lines = text.lines().filter_map(|line| line.strip_prefix("  $ "));
        lines.map(|line| (line.to_owned(), shell(world, &world.path().join("gnupg"), line))).collect()
    };
    let third = World::new();
    let done = run(&third);
    for (line, said) in &done {
        assert_eq!(said.code, 0, "{line}: {}", said.err);
        if line.starts_with("git log --format= --raw") {
            for id in facts["ciphertexts"].as_array().unwrap() {
                assert!(said.out.contains(id.as_str().unwrap()), "{}", said.out);
            }
        }
    }
    // An old key store at the remote is seen by the same commands; and one that is not there is no proof either.
    let push = |args: &[&str]| said(ana.command("git", &old).args(args).output().unwrap()).ok();
    push(&["push", "-q", "--force", remote.to_str().unwrap(), "refs/carnet/keys"]);
    let failed =
        |done: Vec<(String, crate::Said)>| done.into_iter().filter(|(_, said)| said.code != 0).count();
    let destroyed = facts["destroyed"].as_array().unwrap().len();
    assert_eq!(failed(run(&third)), 1 + destroyed, "the path, and each key");
    push(&["push", "-q", remote.to_str().unwrap(), ":refs/carnet/keys"]);
    assert!(failed(run(&third)) >= 2);
}

#[test]
fn a_key_that_could_not_be_tried_is_no_proof() {
    let world = World::with_firm();
    let (gone, other) = (world.add("Ada", &[]), world.add("Ben", &[]));
    let old = backup_to(&world, "older.git");
    world.carnet(&["book", "rekey", "main"]).ok();
    world.carnet(&["erase", &gone, "--reason", "error", "--yes"]).ok();
    // The contact's key under the book's old one, in the place of somebody else's; and both where no key belongs.
    let odd = |edits: &[(&str, String)]| {
        let store = world.firm().join(".git/carnet/keys.git");
        let git = |args: &[&str]| {
            let user = ["-c", "user.name=x", "-c", "user.email=x@x"];
            let mut git = world.command("git", &store);
            git.env("GIT_INDEX_FILE", world.path().join("index")).args(user);
            said(git.args(args).output().unwrap()).ok().first()
        };
        git(&["fetch", "-q", old.to_str().unwrap(), "refs/carnet/keys"]);
        git(&["read-tree", "refs/carnet/keys"]);
        for (path, from) in edits {
            let blob = git(&["rev-parse", &format!("FETCH_HEAD:{from}")]);
            git(&["update-index", "--add", "--cacheinfo", &format!("100644,{blob},{path}")]);
        }
        let commit = git(&["commit-tree", "-m", "keys", &git(&["write-tree"])]);
        git(&["update-ref", "refs/carnet/keys", &commit]);
        std::fs::remove_file(store.join("FETCH_HEAD")).unwrap();
        git(&["-c", "gc.pruneExpire=now", "gc", "-q", "--prune=now"]);
    };
    let good = backup_to(&world, "good.git");
    odd(&[(&crate::key_path(&other), crate::key_path(&gone))]);
    let told = world.carnet(&["erase", "--certificate", &gone]).code(7);
    assert!(told.err.contains("could not be tried"), "{}", told.err);
    restore(&world, &good);
    odd(&[("zz/old.pgp", crate::key_path(&gone)), ("zz/book-old.pgp", "main/book.pgp".into())]);
    let told = world.carnet(&["erase", "--certificate", &gone]).code(7);
    assert!(told.err.contains("could not be tried"), "{}", told.err);
    restore(&world, &good);
    world.carnet(&["erase", "--certificate", &gone]).ok();
}

#[test]
fn what_does_not_hold_is_not_certified() {
    let world = World::with_firm();
    let (gone, friend) = (world.add("Ada", &[]), world.add("Ben", &[]));
    append(&world, &friend, &format!("\n[relations]\nspouse = \"{gone}\"\n")).ok();
    let (older, file) = (backup_to(&world, "older.git"), world.contact_file(&gone));
    world.carnet(&["book", "rekey", "main"]).ok();
    let (old, before, blob) = (backup(&world), world.head(), key_blob(&world, &friend));
    world.carnet(&["erase", &gone, "--reason", "error", "--yes"]).ok();
    let good = backup_to(&world, "good.git");
    world.carnet(&["erase", "--certificate", &gone]).ok();
    // The key of the contact that mentioned it is the old one again, under a book key that was replaced since, so
    // that no ledger knows the message: its past opens.
    restore(&world, &older);
    let said = world.carnet(&["erase", "--certificate", &gone, "--out", "../c"]).code(7);
    assert!(said.err.contains("still opens"), "{}", said.err);
    assert!(!world.path().join("c").exists());
    restore(&world, &good);
    world.carnet(&["erase", "--certificate", &gone]).ok();
    // A destroyed key message lies loose in the store.
    let loose = |store: &Path| store.join("objects").join(&blob[..2]).join(&blob[2..]);
    let store = world.firm().join(".git/carnet/keys.git");
    std::fs::create_dir_all(loose(&store).parent().unwrap()).unwrap();
    std::fs::copy(loose(&old), loose(&store)).unwrap();
    world.carnet(&["erase", "--certificate", &gone]).code(7);
    restore(&world, &good);
    // Its file is back.
    world.git(&["checkout", "-q", &before, "--", &file]).ok();
    world.git(&["-c", "commit.gpgSign=false", "commit", "-qm", "by hand"]).ok();
    assert!(world.carnet(&["erase", "--certificate", &gone]).code(7).err.contains("in a book again"));
}

fn backup_to(world: &World, name: &str) -> std::path::PathBuf {
    let to = world.path().join(name);
    crate::common::team::copy_dir(&world.firm().join(".git/carnet/keys.git"), &to);
    to
}
