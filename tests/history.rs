//! `carnet history`: the trail of changes and accesses, and what it shows of contacts.

mod common;
use common::World;
use serde_json::Value;

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
