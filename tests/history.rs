//! `carnet history`: the trail of changes and accesses, and what it shows of contacts.

mod common;
use common::World;
use serde_json::Value;
use std::io::Write;

fn actions(value: &Value) -> Vec<String> {
    value.as_array().unwrap().iter().map(|line| line["action"].as_str().unwrap().to_owned()).collect()
}

/// A world in which each command happens a minute after the one before.
struct Clock {
    world: World,
    minute: u32,
}

impl Clock {
    fn new() -> Clock {
        Clock { world: World::with_firm(), minute: 0 }
    }
    fn tick(&mut self) -> &World {
        self.minute += 1;
        self.world.now = format!("2026-11-23T11:{:02}:00Z", self.minute);
        &self.world
    }
    fn history(&mut self, args: &[&str]) -> Value {
        self.tick().carnet(&[&["history", "--json"], args].concat()).ok().json()
    }
}

#[test]
fn changes_and_accesses_stand_together_newest_first() {
    let mut clock = Clock::new();
    let id = clock.tick().add("Bob Stone", &[]);
    clock.tick().carnet(&["show", &id, "--purpose", "newsletter"]).ok();
    clock.tick().carnet(&["edit", &id, "--set", "title=Boss"]).ok();
    clock.tick().carnet(&["list"]).ok();
    let all = clock.history(&[]);
    assert_eq!(actions(&all), ["list", "edit", "show", "add", "init"]);
    assert_eq!(all[0]["count"], 1);
    assert_eq!(all[1]["fields"], serde_json::json!(["title"]));
    assert_eq!(all[1]["member"], "ana");
    assert_eq!(all[2]["purposes"], serde_json::json!(["newsletter"]));
    assert_eq!(all[2]["time"], "2026-11-23T11:02:00Z");
    assert_eq!((&all[2]["kind"], &all[3]["kind"]), (&"access".into(), &"change".into()));
    assert_eq!(actions(&clock.history(&["--access"])), ["list", "show"]);
    assert_eq!(actions(&clock.history(&["--changes", "--limit", "2"])), ["edit", "add"]);
    // The whole trail shows ids only, and so leaves no entry of its own.
    assert_eq!(clock.history(&[]).as_array().unwrap().len(), 5);
    let told = clock.tick().carnet(&["history", "--limit", "2"]).ok().out;
    assert!(told.starts_with("TIME") && told.contains("  title  ") && !told.contains("Boss"), "{told}");
    let commits = clock.tick().carnet(&["history", "-q", "--changes"]).ok().out;
    assert_eq!(commits, clock.world.git(&["rev-list", "HEAD"]).ok().out);
}

#[test]
fn the_history_of_one_contact_is_a_read_of_it() {
    let mut clock = Clock::new();
    let id = clock.tick().add("Bob Stone", &["--email", "bob@example.org"]);
    clock.tick().add("Ada Stone", &[]);
    clock.tick().carnet(&["edit", &id, "--set", "title=Boss"]).ok();
    assert_eq!(actions(&clock.history(&["bob@example.org"])), ["edit", "add"]);
    let shown = clock.history(&[&id, "--diff"]);
    assert_eq!(actions(&shown), ["history", "edit", "add"]);
    assert_eq!(shown[0]["contacts"], serde_json::json!([id]));
    assert_eq!(shown[1]["diff"][0]["contact"], id.as_str());
    let text = shown[1]["diff"][0]["text"].as_str().unwrap();
    assert!(text.contains("\n+title = \"Boss\"\n") && !text.contains("-name"), "{text}");
    assert!(shown[2]["diff"][0]["text"].as_str().unwrap().contains("+name = \"Bob Stone\""));
    let told = clock.tick().carnet(&["history", "--diff"]).ok().out;
    assert!(told.contains("  +title = \"Boss\"\n") && told.contains("Ada Stone"));
    let last = clock.history(&["--access", "--limit", "1"]);
    assert_eq!((&last[0]["action"], &last[0]["count"]), (&"history".into(), &2.into()));
    clock.tick().carnet(&["history", "stone"]).code(4);
    clock.tick().carnet(&["history", "nobody"]).code(3);
    clock.tick().carnet(&["history", "beef0000"]).code(3);
}

#[test]
fn an_erased_contact_keeps_its_history_and_shows_nothing() {
    let mut clock = Clock::new();
    let id = clock.tick().add("Bob Stone", &[]);
    clock.tick().carnet(&["erase", &id, "--reason", "request", "--request", "2026-7", "--yes"]).ok();
    let lines = clock.history(&[&id[..6]]);
    assert_eq!(actions(&lines), ["erase", "erase-confirm", "add"]);
    assert_eq!(lines[0]["request"], "2026-7");
    let told = clock.tick().carnet(&["history", &id, "--diff"]).ok().out;
    assert!(told.contains("[erased: its key was destroyed]") && !told.contains("Bob"), "{told}");
}

#[test]
fn a_commit_that_names_no_contact_is_found_by_what_it_changed() {
    let mut clock = Clock::new();
    let id = clock.tick().add("Bob Stone", &[]);
    clock.tick().carnet(&["edit", &id, "--set", "title=Boss"]).ok();
    let other = clock.tick().add("Ada Stone", &[]);
    let (world, file) = (&clock.world, clock.world.contact_file(&id));
    world.git(&["checkout", "-q", "HEAD~2", "--", &file]).ok();
    let unsigned = ["-c", "commit.gpgSign=false", "-c", "user.name=Mallory"];
    world.git(&[&unsigned[..], &["commit", "-q", "--date=now", "-m", "back"]].concat()).ok();
    let head = world.head();
    let lines = clock.history(&[&id]);
    let by_hand: Vec<&Value> =
        lines.as_array().unwrap().iter().filter(|line| line["commit"] == head.as_str()).collect();
    assert_eq!(by_hand.len(), 1);
    assert_eq!((&by_hand[0]["member"], &by_hand[0]["author"]), (&Value::Null, &"Mallory".into()));
    assert!(!clock.history(&[&other]).to_string().contains(&head));
    // Who signed counts, not the name that a commit bears.
    assert!(clock.tick().carnet(&["history"]).ok().out.contains("Mallory?"));
    clock.world.git(&["config", "user.name", "Bob"]).ok();
    clock.tick().carnet(&["edit", &id, "--set", "title=Chief"]).ok();
    let last = clock.history(&["--changes", "--limit", "1"]);
    assert_eq!((&last[0]["member"], &last[0]["author"]), (&"ana".into(), &"Bob".into()));
}

/// Puts so many entries into Ana's chain of a month. git alone writes them: `history` looks at no signature.
fn entries(world: &World, month: &str, count: usize) {
    let name = format!("refs/carnet/access/{month}/ana");
    let mut from = match world.git(&["rev-parse", "-q", "--verify", &name]).out.trim() {
        "" => String::new(),
        tip => format!("from {tip}\n"),
    };
    let mut script = String::new();
    for n in 0..count {
        let message = format!("access: show\n\nCarnet-Action: show\nCarnet-Count: {n}\n");
        script += &format!("commit {name}\ncommitter Ana <ana@example.org> {} +0000\n", 1_735_700_000 + n);
        script += &format!("data {}\n{message}{}", message.len(), std::mem::take(&mut from));
    }
    let script_file = world.path().join("script");
    std::fs::write(&script_file, script).unwrap();
    let mut git = world.command("git", &world.firm());
    git.args(["fast-import", "--quiet"]).stdin(std::fs::File::open(script_file).unwrap());
    assert!(git.status().unwrap().success());
}

fn accesses(world: &World) -> String {
    let said = world.carnet(&["history", "--access", "--json"]).ok();
    assert_eq!(said.err, "");
    said.out
}

/// The objects of a chain's file, in no order that matters.
fn objects(file: &[u8]) -> Vec<Vec<u8>> {
    let (mut found, mut rest) = (Vec::new(), file.strip_prefix(b"carnet trail 1\n").unwrap_or_default());
    while let Some((length, more)) = rest.split_first_chunk::<4>() {
        let (object, more) = more.split_at(u32::from_be_bytes(*length) as usize);
        found.push(object.to_vec());
        rest = more;
    }
    found.sort();
    found
}

const OLD: &str = "refs/carnet/access/2026-10/ana";

#[test]
fn a_long_chain_is_read_from_a_file_that_proves_itself() {
    let world = World::with_firm();
    let file = world.firm().join(".git/carnet/trail/2026-10.ana");
    entries(&world, "2026-10", 50);
    assert_eq!(accesses(&world).matches("\"show\"").count(), 50);
    assert!(!file.exists(), "a short chain needs none");
    entries(&world, "2026-10", 120);
    let all = accesses(&world);
    assert_eq!(all.matches("\"show\"").count(), 170);
    let good = std::fs::read(&file).unwrap();
    assert_eq!(accesses(&world), all);
    // What was changed, cut off, taken from elsewhere or spoilt is read from git, and written anew.
    let mut other = good.clone();
    let at = good.windows(12).position(|bytes| bytes == b"Action: show").unwrap();
    other[at + 8..at + 12].copy_from_slice(b"find");
    let doubled = [&good[..], &good[b"carnet trail 1\n".len()..]].concat();
    for bad in [other, good[..good.len() / 2].to_vec(), Vec::new(), vec![255; 99], doubled.clone()] {
        std::fs::write(&file, &bad).unwrap();
        assert_eq!(accesses(&world), all);
        assert!(bad == doubled || objects(&std::fs::read(&file).unwrap()) == objects(&good));
    }
    std::fs::write(&file, &good).unwrap();
    // A few entries more are read from git beside it; after many it is written anew.
    entries(&world, "2026-10", 3);
    assert_eq!(accesses(&world).matches("\"show\"").count(), 173);
    assert_eq!(std::fs::read(&file).unwrap(), good);
    entries(&world, "2026-10", 70);
    let all = accesses(&world);
    assert_eq!(all.matches("\"show\"").count(), 243);
    assert!(std::fs::read(&file).unwrap().len() > good.len());
    // The chain lost its end: nothing of it is shown, or kept.
    world.git(&["update-ref", OLD, &format!("{OLD}~73")]).ok();
    assert_eq!(accesses(&world).matches("\"show\"").count(), 170);
    assert_eq!(objects(&std::fs::read(&file).unwrap()), objects(&good));
    // It is really read: git has lost what fast-import packed. `verify` looks at git's objects alone.
    let packs = world.firm().join(".git/objects/pack");
    let packed = std::fs::read_dir(&packs).unwrap().count();
    assert!(packed > 0);
    std::fs::remove_dir_all(&packs).unwrap();
    assert_eq!(accesses(&world).matches("\"show\"").count(), 170);
    let said = world.carnet(&["verify", "--json"]);
    assert!(
        said.out.contains("2026-10/ana") || said.err.contains("2026-10/ana"),
        "{} {}",
        said.out,
        said.err
    );
    std::fs::remove_file(&file).unwrap();
    let said = world.carnet(&["history", "--access", "-q"]).ok();
    assert!(said.err.contains("could not be read") && said.out.lines().count() < 170, "{}", said.err);
}

#[test]
fn the_file_of_a_chain_goes_with_the_chain() {
    let world = World::with_firm();
    let trail = world.firm().join(".git/carnet/trail");
    let files = || {
        let mut names: Vec<String> = std::fs::read_dir(&trail)
            .unwrap()
            .map(|file| file.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    };
    entries(&world, "2025-01", 70);
    entries(&world, "2026-09", 70);
    entries(&world, "2026-10", 70);
    accesses(&world);
    assert_eq!(files(), ["2025-01.ana", "2026-09.ana", "2026-10.ana"]);
    // The rule lets a month go with the first entry of a new one.
    let id = world.add("Bob Stone", &[]);
    let said = world.carnet(&["show", &id]).ok();
    assert!(said.err.contains("older chain dropped"), "{}", said.err);
    // This month's began with its chain.
    assert_eq!(files(), ["2026-09.ana", "2026-10.ana", "2026-11.ana"]);
    // Somebody else took a chain away, and a killed command left something.
    world.git(&["update-ref", "-d", OLD]).ok();
    std::fs::write(trail.join(".tmpX"), "x").unwrap();
    assert_eq!(accesses(&world).matches("\"show\"").count(), 71);
    assert_eq!(files(), ["2026-09.ana", "2026-11.ana"]);
}

#[test]
fn a_chain_that_grows_here_has_its_file_from_the_beginning() {
    let world = World::with_firm();
    let id = world.add("Bob Stone", &[]);
    let file = world.firm().join(".git/carnet/trail/2026-11.ana");
    let _ = std::fs::remove_dir_all(file.parent().unwrap());
    for refname in world.git(&["for-each-ref", "--format=%(refname)", "refs/carnet/access"]).ok().out.lines()
    {
        world.git(&["update-ref", "-d", refname]).ok();
    }
    for _ in 0..3 {
        world.carnet(&["show", &id]).ok();
    }
    assert_eq!(objects(&std::fs::read(&file).unwrap()).len(), 3);
    // A killed command left half an entry: what stands behind it is read from git.
    std::fs::OpenOptions::new().append(true).open(&file).unwrap().write_all(&[0, 0, 9, 9, 1]).unwrap();
    world.carnet(&["show", &id]).ok();
    assert_eq!(accesses(&world).matches("\"show\"").count(), 4);
}

#[test]
fn where_nothing_can_be_written_the_trail_is_read_all_the_same() {
    let world = World::with_firm();
    let trail = world.firm().join(".git/carnet/trail");
    std::fs::write(&trail, "no directory").unwrap();
    entries(&world, "2026-10", 100);
    for _ in 0..2 {
        assert_eq!(accesses(&world).matches("\"show\"").count(), 100);
    }
    assert_eq!(std::fs::read_to_string(&trail).unwrap(), "no directory");
}
