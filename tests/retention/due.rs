//! What `due` shows, and what it refuses.

use crate::common::World;
use crate::{PROSPECT, collected, due, fresh, of};

fn inbound(time: &str, kind: &str, direction: &str) -> String {
    format!(
        "[[activity]]\nid = \"a1\"\ntime = {time}\nkind = \"{kind}\"\ndirection = \"{direction}\"\ntext = \"x\"\n"
    )
}

#[test]
fn each_rule_says_how_many_it_is_about_and_since_when() {
    let world = World::with_firm();
    fresh(&world);
    let old = collected(&world, "Olga", "2023-01-31", PROSPECT, "");
    let opened =
        collected(&world, "Oscar", "2023-10-31", PROSPECT, &inbound("2026-01-01T10:00:00Z", "open", "in"));
    let clicked =
        collected(&world, "Carla", "2020-01-31", PROSPECT, &inbound("2026-01-01T10:00:00Z", "click", "in"));
    let written =
        collected(&world, "Otto", "2020-01-31", PROSPECT, &inbound("2026-01-01T10:00:00Z", "email", "out"));
    let soon = collected(&world, "Sonja", "2023-12-10", PROSPECT, "");
    let before = (world.head(), world.git(&["for-each-ref"]).ok().out);

    let found = due(&world);
    for (id, ends) in [(&old, "2026-01-31"), (&opened, "2026-10-31"), (&written, "2023-01-31")] {
        let line = of(&found, id);
        assert_eq!((&line["ends"], &line["action"]), (&ends.into(), &"erase".into()), "{line}");
        assert_eq!(
            (&line["over"], &line["ready"], &line["grace"]),
            (&true.into(), &false.into(), &().into())
        );
        assert_eq!((&line["purposes"][0], &line["rule"]), (&"prospects".into(), &1.into()));
    }
    assert!(of(&found, &clicked).is_null());
    assert_eq!(
        (&of(&found, &soon)["over"], &of(&found, &soon)["ends"]),
        (&false.into(), &"2026-12-10".into())
    );
    let rule = |purpose: &str, number: u64| {
        let all = found["rules"].as_array().unwrap();
        all.iter().find(|r| r["purpose"] == purpose && r["rule"] == number).unwrap().clone()
    };
    assert_eq!((&rule("prospects", 1)["applies"], &rule("prospects", 1)["over"]), (&6.into(), &3.into()));
    assert_eq!((&rule("customers", 1)["lasting"], &rule("customers", 1)["over"]), (&1.into(), &0.into()));
    assert_eq!(rule("newsletter", 1)["matches_nothing"], true);
    assert_eq!(found["would_lose_everything"].as_array().unwrap().len(), 0);

    // The same for people; ids alone; another day; nothing was changed and nobody was named.
    let said = world.carnet(&["retention", "due"]).ok();
    assert!(said.out.contains("last-contact") && said.out.contains("2026-01-31"), "{}", said.out);
    assert!(
        said.err.contains("match no contact") && said.err.contains("subscribers (newsletter)"),
        "{}",
        said.err
    );
    assert!(!format!("{}{}", said.out, said.err).contains("Olga"));
    let quiet = world.carnet(&["retention", "due", "-q"]).ok().out;
    assert_eq!(quiet.lines().count(), 3);
    let later = world.carnet(&["retention", "due", "--at", "2026-12-11", "-q"]).ok().out;
    assert!(later.contains(&soon) && !quiet.contains(&soon));
    let none = world.carnet(&["retention", "due", "--purpose", "customers", "-q"]).ok().out;
    assert_eq!(none, "");
    assert_eq!((world.head(), world.git(&["for-each-ref"]).ok().out), before);
    world.carnet(&["retention", "due", "--purpose", "nothing"]).code(3);
    world.carnet(&["retention", "due", "--at", "2026-02-30"]).code(2);
}

#[test]
fn a_rule_that_would_take_everything_is_refused_unless_it_is_meant() {
    let mut world = World::with_firm();
    let id = collected(&world, "Olga", "2023-01-31", PROSPECT, "");
    collected(&world, "Ole", "2023-01-31", PROSPECT, "");
    let found = due(&world);
    assert_eq!(found["would_lose_everything"], serde_json::json!(["prospects"]));
    let head = world.head();
    for command in ["warn", "apply"] {
        let args = ["retention", command, "--yes"];
        if command == "apply" {
            // Nothing is ready, so nothing is in danger.
            world.carnet(&args).ok();
        } else {
            let said = world.carnet(&args).code(5);
            assert!(said.err.contains("--everything prospects"), "{}", said.err);
        }
    }
    assert_eq!(world.head(), head);
    crate::warned(&mut world, &["--everything", "prospects"]);
    let said = world.carnet(&["retention", "apply", "--yes"]).code(5);
    assert!(said.err.contains("every contact"), "{}", said.err);
    world.carnet(&["show", &id]).ok();
    let done = crate::apply(&world, &["--everything", "prospects"]);
    assert_eq!(done["erased"].as_array().unwrap().len(), 2);
    world.carnet(&["show", &id]).code(3);
}

#[test]
fn a_purpose_without_a_rule_and_a_rule_that_is_wrong_are_said() {
    let world = World::with_firm();
    let declare =
        ["purpose", "add", "support", "--title", "Support", "--basis", "contract", "--description", "x"];
    world.carnet(&declare).ok();
    collected(&world, "Sven", "2001-01-31", &["support:contract"], "");
    let found = due(&world);
    assert_eq!(found["without_a_rule"], serde_json::json!([{ "purpose": "support", "contacts": 1 }]));
    // A default of the firm's stands in for what a purpose does not say.
    let settings = world.firm().join("carnet.toml");
    let text = std::fs::read_to_string(&settings).unwrap();
    let default = "default = { category = \"whatever else\", after = \"collected\", months = 60 }\n";
    std::fs::write(&settings, text.replace("[retention]\n", &format!("[retention]\n{default}"))).unwrap();
    world.git(&["-c", "commit.gpgSign=false", "commit", "-qam", "default"]).ok();
    let found = due(&world);
    assert_eq!(
        (&found["contacts"][0]["ends"], &found["without_a_rule"]),
        (&"2006-01-31".into(), &serde_json::json!([]))
    );
    let path = world.firm().join("registers/purposes/support.toml");
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(
        &path,
        format!("{text}\n[[retain]]\ncategory = \"x\"\nafter = \"whenever\"\nmonths = 3\n"),
    )
    .unwrap();
    world.git(&["-c", "commit.gpgSign=false", "commit", "-qam", "rule"]).ok();
    let said = world.carnet(&["retention", "due"]).code(1);
    assert!(said.err.contains("registers/purposes/support.toml"), "{}", said.err);
}

#[test]
fn a_contact_that_cannot_be_read_is_named_and_the_others_are_judged() {
    let world = World::with_firm();
    fresh(&world);
    let old = collected(&world, "Olga", "2023-01-31", PROSPECT, "");
    let bad = collected(&world, "Bea", "2023-01-31", PROSPECT, "");
    std::fs::write(world.firm().join(world.contact_file(&bad)), "damaged").unwrap();
    world.git(&["-c", "commit.gpgSign=false", "commit", "-qam", "damage"]).ok();
    let found = due(&world);
    assert_eq!(found["unreadable"][0]["id"], bad.as_str());
    assert_eq!(of(&found, &old)["over"], true);
}
