//! `carnet verify` on repositories that somebody tampered with, by git and gpg alone.

mod common;
use std::collections::BTreeSet;

use common::{NOW, Said, World, said};

/// The world's member can sign with git and gpg too, as `ana` with her own key.
fn with_keys(world: &World) {
    // gpg's clock goes on from the moment of the test.
    std::fs::write(world.path().join("gnupg/gpg.conf"), "faked-system-time 20261123T100001\n").unwrap();
    let keys = world.path().join("data/carnet/keys");
    for file in std::fs::read_dir(keys).unwrap() {
        world.gpg(&["--import", file.unwrap().path().to_str().unwrap()]).ok();
    }
}

/// So that a key is there already when carnet's fixed clock begins.
const EARLIER: [&str; 2] = ["--faked-system-time", "20261123T090000"];

/// Makes a key that no policy names, and gives its fingerprint.
fn stranger(world: &World, name: &str) -> String {
    let user = format!("{name} <{name}@example.org>");
    let make = ["--passphrase", "", "--quick-gen-key", &user, "ed25519", "sign", "never"];
    world.gpg(&[&EARLIER[..], &make].concat()).ok();
    let listed = world.gpg(&["--with-colons", "--list-keys", &format!("={user}")]).ok();
    let line = listed.out.lines().find(|l| l.starts_with("fpr:")).unwrap().to_owned();
    line.split(':').nth(9).unwrap().to_owned()
}

fn write(world: &World, path: &str, content: &[u8]) {
    let full = world.firm().join(path);
    std::fs::create_dir_all(full.parent().unwrap()).unwrap();
    std::fs::write(full, content).unwrap();
}

fn read(world: &World, path: &str) -> Vec<u8> {
    std::fs::read(world.firm().join(path)).unwrap()
}

/// Commits everything, signed by `key` or by nobody.
fn commit(world: &World, key: Option<&str>) -> String {
    world.git(&["add", "-A"]).ok();
    let signing = match key {
        Some(key) => format!("user.signingKey={key}"),
        None => "commit.gpgSign=false".into(),
    };
    world.git(&["-c", &signing, "commit", "-q", "--allow-empty", "-m", "by hand"]).ok();
    world.head()
}

fn ana(world: &World) -> String {
    world.git(&["config", "carnet.key"]).ok().first()
}

/// Pairs of kind and place of everything that is wrong; the exit code must say so.
#[track_caller]
fn problems(world: &World) -> BTreeSet<(String, String)> {
    let report = world.carnet(&["verify", "--json"]).code(7).json();
    let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    report["problems"].as_array().unwrap().iter().map(|p| (text(&p["kind"]), text(&p["place"]))).collect()
}

fn set(pairs: &[(&str, &str)]) -> BTreeSet<(String, String)> {
    pairs.iter().map(|(kind, place)| ((*kind).to_owned(), (*place).to_owned())).collect()
}

fn at(commit: &str) -> String {
    format!("commit {}", &commit[..10])
}

/// `git` on the key store, with an index of its own.
fn keys(world: &World, args: &[&str]) -> Said {
    let mut command = world.command("git", &world.firm());
    command.env("GIT_DIR", world.firm().join(".git/carnet/keys.git"));
    command.env("GIT_WORK_TREE", world.firm());
    command.env("GIT_INDEX_FILE", world.path().join("keys.index"));
    command.args(["-c", "user.name=x", "-c", "user.email=x@example.org"]);
    said(command.args(args).output().unwrap())
}

/// Changes the key store behind carnet's back: a path gets a blob, or goes.
fn tamper_keys(world: &World, edits: &[(&str, Option<&str>)]) {
    keys(world, &["read-tree", "refs/carnet/keys"]).ok();
    for (path, blob) in edits {
        match blob {
            Some(blob) => {
                let info = format!("100644,{blob},{path}");
                keys(world, &["update-index", "--add", "--cacheinfo", &info]).ok()
            }
            None => keys(world, &["update-index", "--force-remove", path]).ok(),
        };
    }
    let tree = keys(world, &["write-tree"]).ok().first();
    let commit = keys(world, &["commit-tree", "-m", "keys", &tree]).ok().first();
    keys(world, &["update-ref", "refs/carnet/keys", &commit]).ok();
}

fn key_path(id: &str) -> String {
    format!("main/{}/{id}.pgp", &id[..2])
}

/// sequoia-git, where it is installed: `CARNET_SQ_GIT`, or on the PATH.
fn sq_git() -> Option<std::path::PathBuf> {
    let named = std::env::var_os("CARNET_SQ_GIT").map(std::path::PathBuf::from);
    let path = std::env::var_os("PATH").unwrap_or_default();
    let found = || std::env::split_paths(&path).map(|dir| dir.join("sq-git")).find(|p| p.is_file());
    named.or_else(found)
}

#[test]
fn a_good_repository_is_verified_and_git_and_sq_git_agree() {
    let mut world = World::with_firm();
    with_keys(&world);
    let root = world.head();
    let bob = world.add("Bob Stone", &[]);
    world.carnet(&["show", &bob]).ok();
    world.git(&["switch", "-q", "-c", "side"]).ok();
    world.add("Éloïse Petit", &[]);
    world.git(&["switch", "-q", "main"]).ok();
    let gone = world.add("Carl Gone", &[]);
    world.carnet(&["erase", &gone, "--reason", "error", "--yes"]).ok();
    world.git(&["merge", "-q", "--no-ff", "-m", "merge side", "side"]).ok();
    world.now = "2026-12-02T08:00:00Z".into();
    world.carnet(&["list"]).ok();

    let told = world.carnet(&["verify"]).ok();
    assert_eq!(told.first(), "OK: 6 commits, 2 access entries, 2 contacts in 1 books verified.");
    let report = world.carnet(&["verify", "--json"]).ok().json();
    assert_eq!(report["problems"].as_array().unwrap().len(), 0);
    assert_eq!(report["root"], root.as_str());
    assert!(
        report["not_checked"].as_array().unwrap().iter().any(|n| n["what"].as_str().unwrap().contains(&root))
    );
    assert_eq!(world.carnet(&["verify", "-q"]).ok().out, "");

    world.trust_members();
    let all = world.git(&["rev-list", "HEAD", "--glob=refs/carnet/access"]).ok().out;
    assert_eq!(all.lines().count(), 8);
    for commit in all.lines() {
        world.git(&["verify-commit", commit]).ok();
    }
    match sq_git() {
        Some(program) => {
            let mut command = world.command(program, &world.firm());
            said(command.args(["log", "--trust-root", &root]).output().unwrap()).ok();
        }
        None => eprintln!("sq-git is not here (CARNET_SQ_GIT or PATH): its agreement was not tested"),
    }
}

#[test]
fn commits_without_a_members_signature_are_all_named() {
    let world = World::with_firm();
    with_keys(&world);
    let eve = stranger(&world, "eve");
    let unsigned = commit(&world, None);
    let foreign = commit(&world, Some(&eve));
    world.git(&["switch", "-q", "-c", "side"]).ok();
    write(&world, "note.txt", b"x");
    let hidden = commit(&world, None);
    world.git(&["switch", "-q", "main"]).ok();
    commit(&world, Some(&ana(&world)));
    world.git(&["merge", "-q", "--no-ff", "-m", "merge", "side"]).ok();
    world.git(&["verify-commit", "HEAD"]).ok();
    let (unsigned, foreign, hidden) = (at(&unsigned), at(&foreign), at(&hidden));
    let expected = [("unsigned", &*unsigned), ("bad-signature", &*foreign), ("unsigned", &*hidden)];
    assert_eq!(problems(&world), set(&expected));
}

#[test]
fn a_commit_that_was_changed_after_signing_is_named() {
    let world = World::with_firm();
    world.add("Bob Stone", &[]);
    let raw = world.git(&["cat-file", "commit", "HEAD"]).ok().out;
    write(&world, ".git/forged", format!("{raw}\0Carnet-Contact: somebody else\n").as_bytes());
    let hash = ["hash-object", "-t", "commit", "-w", "--literally", ".git/forged"];
    let forged = world.git(&hash).ok().first();
    world.git(&["update-ref", "refs/heads/main", &forged]).ok();
    assert_eq!(problems(&world), set(&[("bad-signature", &at(&forged))]));
}

#[test]
fn every_damaged_contact_and_key_is_named_at_once_and_nothing_is_repaired() {
    let world = World::with_firm();
    with_keys(&world);
    let eve = stranger(&world, "eve");
    let subkey = ["--passphrase", "", "--quick-add-key", &eve, "cv25519", "encr", "never"];
    world.gpg(&[&EARLIER[..], &subkey].concat()).ok();
    let ids: Vec<String> = (0..7).map(|i| world.add(&format!("Person {i}"), &[])).collect();
    let [good, swapped, cut, foreign, keyless, erased, shared] = &ids[..] else { unreachable!() };
    let file = |id: &str| world.contact_file(id);
    let back = keys(&world, &["rev-parse", &format!("refs/carnet/keys:{}", key_path(erased))]).ok().first();
    let kept = keys(&world, &["cat-file", "blob", &back]).ok();
    assert!(!kept.err.contains("fatal"));
    let copy = world.path().join("erased-key");
    let dump = world
        .command("sh", &world.firm())
        .args([
            "-c",
            &format!("git --git-dir=.git/carnet/keys.git cat-file blob {back} > {}", copy.display()),
        ])
        .output();
    said(dump.unwrap()).ok();
    world.carnet(&["erase", erased, "--reason", "request", "--yes"]).ok();
    world.carnet(&["verify"]).ok();

    write(&world, &file(swapped), &read(&world, &file(good)));
    let whole = read(&world, &file(cut));
    write(&world, &file(cut), &whole[..whole.len() - 30]);
    let plain = world.path().join("plain");
    std::fs::write(&plain, "id = \"x\"\n").unwrap();
    let (out, plain) = (world.path().join("out"), plain.to_str().unwrap().to_owned());
    let out = out.to_str().unwrap();
    world.gpg(&["--passphrase", "guess", "--yes", "-o", out, "--symmetric", &plain]).ok();
    write(&world, &file(foreign), &std::fs::read(out).unwrap());
    let to_eve = [
        "--passphrase",
        "guess",
        "--yes",
        "--trust-model",
        "always",
        "-o",
        out,
        "-c",
        "-e",
        "-r",
        &eve,
        &plain,
    ];
    world.gpg(&to_eve).ok();
    write(&world, &file(shared), &std::fs::read(out).unwrap());
    write(&world, "contacts/main/zz/readme.txt", b"hello");
    commit(&world, Some(&ana(&world)));

    let orphan = "0d8c1d5e-33c4-4b26-9d0f-8d5c1c6a2b11";
    let again = keys(&world, &["hash-object", "-w", copy.to_str().unwrap()]).ok().first();
    let edits = [
        (key_path(keyless), None),
        (key_path(orphan), Some(again.as_str())),
        (key_path(erased), Some(again.as_str())),
    ];
    let edits: Vec<(&str, Option<&str>)> = edits.iter().map(|(p, b)| (p.as_str(), *b)).collect();
    tamper_keys(&world, &edits);

    let (orphan_key, erased_key) = (format!("key {}", key_path(orphan)), format!("key {}", key_path(erased)));
    let expected = set(&[
        ("foreign-contact", &file(swapped)),
        ("damaged-contact", &file(cut)),
        ("foreign-contact", &file(foreign)),
        ("damaged-contact", &file(shared)),
        ("stray-file", "contacts/main/zz/readme.txt"),
        ("missing-key", &file(keyless)),
        ("orphan-key", &orphan_key),
        ("erased-key", &erased_key),
        ("unreachable-objects", "key store"),
    ]);
    assert_eq!(problems(&world), expected);
    assert_eq!(problems(&world), expected, "verify changes nothing");
    // Any other command destroys the erased contact's key again.
    world.carnet(&["purpose", "list"]).ok();
    assert!(!problems(&world).iter().any(|(kind, _)| kind == "erased-key"));
}

#[test]
fn a_file_that_opens_but_belongs_elsewhere_is_named() {
    let world = World::with_firm();
    with_keys(&world);
    let (a, b) = (world.add("Ada A", &[]), world.add("Ben B", &[]));
    // File and key of one under the id of the other: everything opens.
    write(&world, &world.contact_file(&b), &read(&world, &world.contact_file(&a)));
    commit(&world, Some(&ana(&world)));
    let key = keys(&world, &["rev-parse", &format!("refs/carnet/keys:{}", key_path(&a))]).ok().first();
    tamper_keys(&world, &[(&key_path(&b), Some(&key))]);
    write(&world, &world.contact_file(&a), b"changed, not committed");
    let expected = set(&[
        ("swapped-contact", &world.contact_file(&b)),
        ("changed-contact", &world.contact_file(&a)),
        ("unreachable-objects", "key store"),
    ]);
    assert_eq!(problems(&world), expected);
}

#[test]
fn a_book_key_for_a_stranger_and_a_members_other_certificate_are_named() {
    let world = World::with_firm();
    with_keys(&world);
    let eve = stranger(&world, "eve");
    let subkey = ["--passphrase", "", "--quick-add-key", &eve, "cv25519", "encr", "never"];
    world.gpg(&[&EARLIER[..], &subkey].concat()).ok();
    let certificate = world.gpg(&["--armor", "--export", &eve]).ok().out;
    write(&world, "members/ana.asc", certificate.as_bytes());
    write(
        &world,
        "books/main.toml",
        b"title = \"x\"\npurpose = \"customers\"\nmembers = [\"ana\", \"zoe\"]\n",
    );
    write(&world, "registers/purposes/customers.toml", b"title = ");
    commit(&world, Some(&ana(&world)));
    let kinds: Vec<String> =
        problems(&world).into_iter().map(|(kind, place)| format!("{kind} {place}")).collect();
    let expected = [
        "bad-record registers/purposes/customers.toml",
        "other-certificate members/ana.asc",
        "wrong-recipients main/book.pgp",
    ];
    assert_eq!(kinds, expected);
    let told = world.carnet(&["verify"]).code(7).out;
    for part in ["zoe", "is no key of a member", "not encrypted to ana's key", "not checked: what"] {
        assert!(told.contains(part) || part.starts_with("not checked"), "{part} in {told}");
    }
}

/// The last entry of a chain, and one made by hand on top of it.
fn chain_entry(world: &World, refname: &str, tree: &str, key: Option<&str>, message: &str) -> String {
    let sign = key.map(|key| format!("-S{key}"));
    let mut args = vec!["commit-tree", "-p", refname, "-m", message];
    args.extend(sign.as_deref());
    args.push(tree);
    let id = world.git(&args).ok().first();
    world.git(&["update-ref", refname, &id]).ok();
    id
}

#[test]
fn forged_foreign_and_removed_access_entries_are_named() {
    let mut world = World::with_firm();
    with_keys(&world);
    let eve = stranger(&world, "eve");
    let id = world.add("Bob Stone", &[]);
    for _ in 0..3 {
        world.carnet(&["show", &id]).ok();
    }
    world.now = "2026-12-02T08:00:00Z".into();
    world.carnet(&["show", &id]).ok();
    world.carnet(&["verify"]).ok();
    let (november, december) = ("refs/carnet/access/2026-11/ana", "refs/carnet/access/2026-12/ana");
    // The last November entry is removed: December's first one still names it.
    world.git(&["update-ref", november, &format!("{november}~1")]).ok();
    let first = world.git(&["rev-parse", december]).ok().first();
    // The rest of November's chain under a stranger's name, and under another month.
    world.git(&["update-ref", "refs/carnet/access/2026-11/bob", november]).ok();
    world.git(&["update-ref", "refs/carnet/access/2026-11/ana-x/y", november]).ok();
    let message = "access: show\n\nCarnet-Action: show\n";
    let empty = world.git(&["rev-parse", &format!("{december}^{{tree}}")]).ok().first();
    let full = world.git(&["rev-parse", "HEAD^{tree}"]).ok().first();
    let forged = chain_entry(&world, december, &empty, Some(&eve), message);
    let unsigned = chain_entry(&world, december, &empty, None, message);
    let ana = ana(&world);
    let filled = chain_entry(&world, december, &full, Some(&ana), message);
    let odd = chain_entry(&world, december, &empty, Some(&ana), "read something\n");
    let on = |commit: &str, refname: &str| format!("{} on {refname}", at(commit));
    let made_in_november: Vec<(String, String)> = [&forged, &unsigned, &filled, &odd]
        .into_iter()
        .map(|entry| ("wrong-month".to_owned(), on(entry, december)))
        .collect();
    let mut expected = set(&[
        ("broken-chain", &on(&first, december)),
        ("unknown-member", "refs/carnet/access/2026-11/bob"),
        ("stray-ref", "refs/carnet/access/2026-11/ana-x/y"),
        ("bad-entry-signature", &on(&forged, december)),
        ("unsigned-entry", &on(&unsigned, december)),
        ("entry-with-files", &on(&filled, december)),
        ("bad-entry", &on(&odd, december)),
    ]);
    expected.extend(made_in_november);
    assert_eq!(problems(&world), expected);
}

#[test]
fn months_dropped_by_retention_are_no_problem_but_are_said() {
    let mut world = World::with_firm();
    let id = world.add("Bob Stone", &[]);
    world.carnet(&["show", &id]).ok();
    world.now = "2027-12-20T08:00:00Z".into();
    world.carnet(&["show", &id]).ok();
    let old = "refs/carnet/access/2026-11/ana";
    world.git(&["update-ref", "-d", old]).ok();
    assert!(world.carnet(&["verify"]).ok().out.contains("not checked: the access entries before 1 chain"));
    world.now = NOW.into();
    assert_eq!(problems(&world).into_iter().map(|p| p.0).collect::<Vec<_>>(), ["broken-chain"]);
}

/// Makes the policy name `ana` and these members: handle, key, one right beside signing commits.
fn policy(world: &World, members: &[(&str, &str, &str)]) {
    let text = String::from_utf8(read(world, "openpgp-policy.toml")).unwrap();
    let mut policy: toml::Table = text.parse().unwrap();
    let authorization = policy["authorization"].as_table_mut().unwrap();
    authorization.retain(|handle, _| handle == "ana");
    for (handle, key, right) in members {
        let keyring = world.gpg(&["--armor", "--export", key]).ok().out;
        write(world, &format!("members/{handle}.asc"), keyring.as_bytes());
        let mut entry = toml::Table::new();
        entry.insert("sign_commit".into(), true.into());
        entry.insert((*right).into(), true.into());
        entry.insert("keyring".into(), keyring.into());
        authorization.insert((*handle).into(), entry.into());
    }
    write(world, "openpgp-policy.toml", toml::to_string(&policy).unwrap().as_bytes());
}

#[test]
fn the_policy_is_changed_only_by_whom_it_lets() {
    let world = World::with_firm();
    with_keys(&world);
    let (bob, ana) = (stranger(&world, "bob"), ana(&world));
    policy(&world, &[("bob", &bob, "sign_tag")]);
    commit(&world, Some(&ana));
    commit(&world, Some(&bob));
    world.carnet(&["verify"]).ok();
    policy(&world, &[("bob", &bob, "add_user")]);
    let grab = at(&commit(&world, Some(&bob)));
    assert_eq!(problems(&world), set(&[("policy-change", &grab)]));
    policy(&world, &[]);
    let retire = at(&commit(&world, Some(&bob)));
    let after = at(&commit(&world, Some(&bob)));
    let expected = [("policy-change", &*grab), ("policy-change", &*retire), ("bad-signature", &*after)];
    assert_eq!(problems(&world), set(&expected));
    std::fs::remove_file(world.firm().join("openpgp-policy.toml")).unwrap();
    let gone = at(&commit(&world, Some(&ana)));
    assert!(problems(&world).contains(&("no-policy".into(), gone)));
}

#[test]
fn a_merge_neither_undoes_a_retirement_nor_lets_the_retired_sign() {
    let world = World::with_firm();
    with_keys(&world);
    let (bob, carl, ana) = (stranger(&world, "bob"), stranger(&world, "carl"), ana(&world));
    let both = [("bob", &*bob, "sign_tag"), ("carl", &*carl, "sign_tag")];
    policy(&world, &both);
    commit(&world, Some(&ana));
    world.git(&["switch", "-q", "-c", "side"]).ok();
    write(&world, "note.txt", b"x");
    commit(&world, Some(&bob));
    world.git(&["switch", "-q", "main"]).ok();
    policy(&world, &both[1..]);
    commit(&world, Some(&ana));
    let merge = |key: &str, before: &dyn Fn()| {
        world.git(&["reset", "-q", "--hard", "main"]).ok();
        world.git(&["switch", "-q", "--detach", "main"]).ok();
        world.git(&["merge", "-q", "--no-ff", "--no-commit", "side"]).ok();
        before();
        at(&commit(&world, Some(key)))
    };
    merge(&carl, &|| {});
    world.carnet(&["verify"]).ok();
    let by_bob = merge(&bob, &|| {});
    assert_eq!(problems(&world), set(&[("bad-signature", &by_bob)]));
    let undone = merge(&carl, &|| {
        world.git(&["checkout", "-q", "side", "--", "openpgp-policy.toml"]).ok();
    });
    assert_eq!(problems(&world), set(&[("policy-change", &undone)]));
}

#[test]
fn a_second_root_brings_no_rules_of_its_own() {
    let world = World::with_firm();
    with_keys(&world);
    let eve = stranger(&world, "eve");
    world.git(&["switch", "-q", "--orphan", "other"]).ok();
    let keyring = world.gpg(&["--armor", "--export", &eve]).ok().out;
    let own = world.gpg(&["--armor", "--export", &ana(&world)]).ok().out;
    let entry = |handle: &str, ring: &str| {
        format!("[authorization.{handle}]\nsign_commit = true\nadd_user = true\nkeyring = '''{ring}'''\n")
    };
    let text = format!("version = 0\n{}{}", entry("eve", &keyring), entry("ana", &own));
    write(&world, "openpgp-policy.toml", text.as_bytes());
    let root = commit(&world, Some(&eve));
    world.git(&["switch", "-q", "main"]).ok();
    let merge = ["merge", "-q", "--no-ff", "--allow-unrelated-histories", "-X", "ours", "-m", "m", "other"];
    world.git(&merge).ok();
    assert!(problems(&world).contains(&("second-root".into(), at(&root))));
}

#[test]
fn a_damaged_repository_is_checked_as_far_as_it_can_be_read() {
    let world = World::with_firm();
    let id = world.add("Bob Stone", &[]);
    world.add("Ada Stone", &[]);
    let object = |name: &str| {
        let hex = world.git(&["rev-parse", name]).ok().first();
        world.firm().join(".git/objects").join(&hex[..2]).join(&hex[2..])
    };
    let (contacts, policy) = (object("HEAD:contacts/main"), object("HEAD~1"));
    let blob = object("HEAD:registers/purposes/customers.toml");
    for path in [&contacts, &policy, &blob] {
        std::fs::remove_file(path).unwrap();
    }
    let found = problems(&world);
    let kinds: BTreeSet<&str> = found.iter().map(|(kind, _)| kind.as_str()).collect();
    for kind in ["damaged-tree", "missing-commit", "unauthorised", "bad-record", "orphan-key"] {
        assert!(kinds.contains(kind), "{kind} in {found:?}");
    }
    assert!(found.contains(&("orphan-key".into(), format!("key {}", key_path(&id)))));
}

#[test]
fn without_the_secret_key_the_rest_is_checked_and_the_contents_are_named() {
    let world = World::with_firm();
    world.add("Bob Stone", &[]);
    std::fs::remove_dir_all(world.path().join("data/carnet")).unwrap();
    let told = world.carnet(&["verify"]).ok();
    assert_eq!(told.first(), "OK: 2 commits, 0 access entries, 0 contacts in 0 books verified.");
    assert!(told.out.contains("not checked: what 1 contact(s) of book main hold"), "{}", told.out);
    world.carnet_in(world.path(), &["verify"]).code(1);
}
