//! Sealed records: they live, move through new keys and clones, and are destroyed as contacts are.
//!
//! No command writes a bare record, so these tests use the library as commands do, and the binary to check.

#[path = "../common/mod.rs"]
mod common;

use carnet::domain::ids::{RecordId, Sealed, Slug};
use carnet::domain::record::Head;
use carnet::domain::trailer::Entry;
use carnet::vault::{Surroundings, Vault};
use common::World;
use common::team::join;
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Body {
    text: String,
    #[serde(default)]
    with: Vec<String>,
    #[serde(default)]
    tags: Vec<String>,
}

impl Body {
    fn new(text: &str) -> Body {
        Body { text: text.into(), with: Vec::new(), tags: Vec::new() }
    }
}

fn slug(text: &str) -> Slug {
    text.parse().unwrap()
}

/// The world's firm, opened in this process with nothing of the outside world.
fn open(world: &World) -> Vault {
    isolate();
    let around = Surroundings {
        now: world.now.parse().unwrap(),
        data_home: world.path().join("data"),
        passphrase_file: None,
        no_input: true,
    };
    Vault::open(&world.firm(), &around).unwrap()
}

/// libgit2 reads no configuration but the repository's own.
fn isolate() {
    static ONCE: std::sync::Once = std::sync::Once::new();
    ONCE.call_once(|| {
        use git2::ConfigLevel::{Global, ProgramData, System, XDG};
        for level in [Global, ProgramData, System, XDG] {
            // SAFETY: no other thread of this test binary has used libgit2 yet, or all wait here for the first.
            unsafe { git2::opts::set_search_path(level, "/nonexistent") }.unwrap();
        }
    });
}

fn write(world: &World, body: &Body) -> RecordId {
    let vault = open(world);
    let head = Head::new(&slug("main"), &slug("note"));
    let (commit, id) = vault
        .write(|_, staged| {
            vault.stage_new_record(staged, &head, body)?;
            let mut entry = Entry::new(format!("record: add {}", head.id.short()), "deal-add");
            entry.records.push(head.id.clone());
            Ok((entry, head.id.clone()))
        })
        .unwrap();
    assert!(commit.is_some());
    id
}

fn change(world: &World, id: &RecordId, edit: impl Fn(&mut Body)) {
    let vault = open(world);
    vault
        .write(|at, staged| {
            let record = vault.open_record(at, &slug("main"), id)?.unwrap();
            let mut body: Body = record.body()?;
            edit(&mut body);
            vault.stage_record(staged, &record.head, &body)?;
            Ok((Entry::new("record: update", "deal-edit"), ()))
        })
        .unwrap();
}

fn destroy(world: &World, id: &RecordId) {
    let vault = open(world);
    vault
        .write(|_, staged| {
            vault.stage_record_destruction(staged, &slug("main"), id);
            Ok((Entry::new("record: destroy", "deal-remove"), ()))
        })
        .unwrap();
}

fn read(world: &World, id: &RecordId) -> Option<Body> {
    let vault = open(world);
    let at = vault.snapshot().unwrap();
    vault.open_record(at, &slug("main"), id).unwrap().map(|record| record.body().unwrap())
}

fn path(id: &RecordId) -> String {
    Sealed::Record.path(&slug("main"), id)
}

#[track_caller]
fn sound(world: &World) {
    world.carnet(&["verify"]).ok();
    world.carnet(&["doctor"]).ok();
    assert_eq!(world.git(&["status", "--porcelain"]).ok().out, "");
}

#[test]
fn a_record_opens_before_and_after_new_book_keys_and_git_shows_it() {
    let world = World::with_firm();
    let id = write(&world, &Body::new("Zorglub called"));
    sound(&world);
    assert_eq!(read(&world, &id), Some(Body::new("Zorglub called")));
    assert!(world.git(&["log", "-p", "-1"]).ok().out.contains("Zorglub called"));
    let said = world.carnet(&["book", "rekey", "main", "--yes"]).ok();
    assert!(!said.err.contains("1 contact"), "{}", said.err);
    assert_eq!(read(&world, &id), Some(Body::new("Zorglub called")));
    sound(&world);
    let counts = world.carnet(&["verify", "--json"]).ok().json()["counts"].clone();
    assert_eq!((counts["records"].as_u64(), counts["contacts"].as_u64()), (Some(1), Some(0)));
}

#[test]
fn a_destroyed_record_opens_nowhere_and_its_key_is_gone() {
    let world = World::with_firm();
    let id = write(&world, &Body::new("one"));
    let kept = write(&world, &Body::new("two"));
    change(&world, &id, |body| body.text = "three".into());
    destroy(&world, &id);
    sound(&world);
    assert_eq!((read(&world, &id), read(&world, &kept)), (None, Some(Body::new("two"))));
    let vault = open(&world);
    assert!(!vault.keys.has(&id.key_path(&slug("main"))).unwrap());
    assert!(!world.git(&["log", "-p", "--", &path(&id)]).ok().out.contains("three"));
}

#[test]
fn swapped_and_orphaned_records_are_found() {
    let world = World::with_firm();
    let (one, two) = (write(&world, &Body::new("one")), write(&world, &Body::new("two")));
    std::fs::copy(world.firm().join(path(&two)), world.firm().join(path(&one))).unwrap();
    let found = world.carnet(&["verify"]).code(7).out;
    assert!(found.contains("changed-file") || found.contains("changed-contact"), "{found}");
    world.git(&["-c", "commit.gpgSign=false", "commit", "-qam", "swap"]).ok();
    let found = world.carnet(&["verify"]).code(7).out;
    assert!(found.contains("foreign-contact") && found.contains(&path(&one)), "{found}");
    world.git(&["rm", "-q", &path(&two)]).ok();
    world.git(&["-c", "commit.gpgSign=false", "commit", "-qm", "gone"]).ok();
    assert!(world.carnet(&["verify"]).code(7).out.contains("orphan-key"));
}

#[test]
fn an_erasure_takes_its_mentions_out_of_records_and_out_of_their_past() {
    let world = World::with_firm();
    let contact = world.add("Zorglub", &[]);
    let body = Body { with: vec![contact.clone()], ..Body::new("about somebody") };
    let id = write(&world, &body);
    let old = world.git(&["rev-parse", &format!("HEAD:{}", path(&id))]).ok().first();
    world.carnet(&["erase", &contact, "--reason", "request", "--yes"]).ok();
    let after = read(&world, &id).unwrap();
    assert_eq!((after.text.as_str(), after.with), ("about somebody", vec!["erased".to_owned()]));
    sound(&world);
    assert!(!world.git(&["log", "-p"]).ok().out.contains(&format!("with = [\"{contact}\"]")));
    assert_ne!(world.git(&["rev-parse", &format!("HEAD:{}", path(&id))]).ok().first(), old);
}

#[test]
fn records_merge_between_clones_and_a_destroyed_one_stays_destroyed() {
    let ana = World::with_firm();
    let remote = ana.path().join("remote.git");
    let init = ["init", "-q", "--bare", "-b", "main", remote.to_str().unwrap()];
    common::said(ana.command("git", ana.path()).args(init).output().unwrap()).ok();
    ana.git(&["remote", "add", "origin", remote.to_str().unwrap()]).ok();
    let (shared, gone) = (write(&ana, &Body::new("start")), write(&ana, &Body::new("gone")));
    let bob = join(&ana, "bob", &["--book", "main"]);
    bob.git(&["remote", "set-url", "origin", remote.to_str().unwrap()]).ok();
    for world in [&ana, &bob] {
        world.carnet(&["member", "list", "--accept", "--yes"]).ok();
        world.carnet(&["sync"]).ok();
    }
    change(&ana, &shared, |body| body.tags.push("a".into()));
    change(&bob, &shared, |body| body.with.push("b".into()));
    change(&bob, &gone, |body| body.text = "edited".into());
    destroy(&ana, &gone);
    for world in [&ana, &bob, &ana] {
        world.carnet(&["sync"]).ok();
    }
    for world in [&ana, &bob] {
        let body = read(world, &shared).unwrap();
        assert_eq!((body.tags, body.with), (vec!["a".to_owned()], vec!["b".to_owned()]));
        assert_eq!(read(world, &gone), None);
        assert!(!open(world).keys.has(&gone.key_path(&slug("main"))).unwrap());
        sound(world);
    }
}
