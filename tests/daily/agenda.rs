//! `todo` and `agenda`: what is to be done, birthdays, who was not heard of, and calendars.

use super::common::World;

fn open(world: &World) -> Vec<(String, String)> {
    let list = world.carnet(&["todo", "list", "--json"]).ok().json();
    let text = |v: &serde_json::Value| v.as_str().unwrap_or_default().to_owned();
    list.as_array().unwrap().iter().map(|t| (text(&t["text"]), text(&t["due"]))).collect()
}

#[test]
fn actions_are_added_put_off_and_done() {
    let world = World::with_firm();
    let jeanne = world.add("Jeanne Dupont", &["--email", "jeanne@example.org"]);
    let bob = world.add("Bob Stone", &[]);
    assert_eq!(
        world.carnet(&["todo", "add", "jeanne@example.org", "send the offer", "--due", "3d"]).ok().first(),
        jeanne
    );
    world.carnet(&["todo", "add", &bob, "call back"]).ok();
    assert_eq!(
        open(&world),
        [("send the offer".into(), "2026-11-26".into()), ("call back".into(), String::new())]
    );
    let id = world.carnet(&["todo", "list", "-q"]).ok().first();
    world.carnet(&["todo", "snooze", &id, "--until", "2w"]).ok();
    assert_eq!(open(&world)[0].1, "2026-12-07");
    world.carnet(&["todo", "snooze", "jeanne"]).ok();
    assert_eq!(open(&world)[0].1, "2026-11-24");
    world.carnet(&["todo", "done", &id[..6]]).ok();
    assert_eq!(open(&world), [("call back".into(), String::new())]);
    let file = world.carnet(&["show", &jeanne]).ok().out;
    assert!(file.contains("[[todo]]") && file.contains("done = 2026-11-23T10:00:00Z"), "{file}");
    let head = world.head();
    for (args, code) in [
        (vec!["todo", "done", "jeanne"], 3),
        (vec!["todo", "done", "nobody"], 3),
        (vec!["todo", "add", &bob], 2),
        (vec!["todo", "add", &bob, "  "], 2),
        (vec!["todo", "add", &bob, "x", "--due", "someday"], 2),
        (vec!["todo", "snooze", "bob", "--until", "2026-01-01"], 2),
        (vec!["todo", "add", &bob, "x", "--dry-run"], 0),
        (vec!["todo", "done", "bob", "--dry-run"], 0),
    ] {
        world.carnet(&args).code(code);
    }
    world.carnet(&["todo", "add", &bob, "second"]).ok();
    assert!(world.carnet(&["todo", "done", "bob"]).code(4).err.contains("2 open actions"));
    assert_ne!(world.head(), head);
    let log = world.git(&["log", "--format=%B", "--all"]).ok().out;
    assert!(!log.contains("offer") && log.contains("Carnet-Action: todo-snooze"), "{log}");
    // One action about both is one entry in each, done at once.
    let shared = world.carnet(&["todo", "add", &bob, &jeanne, "--text", "lunch", "--json"]).ok().json();
    world.carnet(&["todo", "done", shared["entry"].as_str().unwrap()]).ok();
    assert!(!open(&world).iter().any(|(text, _)| text == "lunch"));
    world.carnet(&["verify"]).ok();
}

#[test]
fn the_agenda_says_what_is_late_today_and_this_week_and_more() {
    let mut world = World::with_firm();
    let ids: Vec<String> =
        ["Ann One", "Ben Two", "Cy Three"].iter().map(|name| world.add(name, &["--tag", "client"])).collect();
    world.carnet(&["edit", &ids[0], "--set", "birthday=1980-11-30"]).ok();
    for (due, text) in [("2026-11-20", "A"), ("today", "B"), ("2026-11-29", "C"), ("2026-12-31", "D")] {
        world.carnet(&["todo", "add", &ids[0], text, "--due", due]).ok();
    }
    world.carnet(&["log", "call", &ids[0], "x"]).ok();
    world.carnet(&["log", "call", &ids[1], "x", "--at", "2026-07-01"]).ok();
    world.carnet(&["todo", "every", "3m", "--tag", "client"]).ok();
    let agenda = world.carnet(&["agenda", "--json"]).ok().json();
    let texts = |part: &str, key: &str| -> Vec<String> {
        agenda[part].as_array().unwrap().iter().map(|t| t[key].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(
        (texts("late", "text"), texts("today", "text"), texts("week", "text")),
        (vec!["A".into()], vec!["B".into()], vec!["C".into()])
    );
    assert_eq!(
        (texts("birthdays", "name"), &agenda["birthdays"][0]["age"]),
        (vec!["Ann One".into()], &46.into())
    );
    // Cy was never called, but was written down only now.
    assert_eq!(texts("quiet", "name"), ["Ben Two"]);
    let shown = world.carnet(&["agenda"]).ok().out;
    for line in [
        "Late\n  2026-11-20  3 days ago  A  Ann One",
        "\nToday\n",
        "\nThis week\n",
        "\nBirthdays\n  2026-11-30  in 7 days  Ann One  46",
        "\nNot heard of\n  2026-07-01  4 months ago  Ben Two  every 3m",
    ] {
        assert!(shown.contains(line), "{line:?} in\n{shown}");
    }
    assert!(world.carnet(&["agenda", "--days", "60"]).ok().out.contains("  D  "));
    assert!(!world.carnet(&["agenda", "--where", "name:ben"]).ok().out.contains("Ann"));
    // A contact's own span outranks the tag's.
    world.carnet(&["todo", "every", "1y", &ids[1]]).ok();
    assert!(!world.carnet(&["agenda"]).ok().out.contains("Not heard of"));
    world.carnet(&["todo", "every", "never", &ids[1]]).ok();
    assert!(world.carnet(&["agenda"]).ok().out.contains("Ben Two"));
    world.now = "2027-03-01T10:00:00Z".into();
    assert_eq!(world.carnet(&["agenda", "--json"]).ok().json()["quiet"].as_array().unwrap().len(), 3);
    world.now = super::common::NOW.into();
    world.carnet(&["todo", "every", "never", "--tag", "client"]).ok();
    assert!(!world.carnet(&["agenda"]).ok().out.contains("Not heard of"));
    world.carnet(&["todo", "every", "sometimes", &ids[1]]).code(2);
    world.carnet(&["edit", &ids[1], "--set", "every=sometimes"]).code(2);
    world.carnet(&["todo", "every", "3m", "--tag", "ben two"]).code(5);
    for reaching in ["zed@rare.example", "06 12 34 56 78"] {
        let said = world.carnet(&["todo", "every", "3m", "--tag", reaching]).code(5);
        assert!(said.err.contains("address or number") && !said.err.contains(reaching), "{}", said.err);
    }
    // Somebody has come to be called so: it may go.
    world.carnet(&["todo", "every", "3m", "--tag", "later"]).ok();
    world.add("Later", &[]);
    world.carnet(&["todo", "every", "3m", "--tag", "later"]).code(5);
    world.carnet(&["todo", "every", "never", "--tag", "later"]).ok();
    let trail = world.git(&["log", "--format=%B", "refs/carnet/access/2026-11/ana"]).ok().out;
    assert!(trail.contains("Carnet-Action: agenda"), "{trail}");
}

#[test]
fn the_feed_is_a_calendar_with_stable_events_outside_the_repository() {
    let world = World::with_firm();
    let ann = world.add("Ann, One; Ltd", &[]);
    let ben = world.add("Ben", &[]);
    world.carnet(&["edit", &ann, "--set", "birthday=--02-29"]).ok();
    let todo = world
        .carnet(&["todo", "add", &ann, &ben, "--text", "lunch", "--due", "2026-11-25", "--json"])
        .ok()
        .json();
    let feed = world.carnet(&["agenda", "--ics"]).ok().out;
    assert_eq!(feed.matches("BEGIN:VEVENT").count(), 2, "{feed}");
    for line in [
        format!("UID:todo-{}@carnet\r\n", todo["entry"].as_str().unwrap()),
        "SUMMARY:lunch: Ann\\, One\\; Ltd\\, Ben\r\n".into(),
        format!("UID:birthday-{ann}@carnet\r\n"),
        "DTSTART;VALUE=DATE:20270301\r\n".into(),
        "RRULE:FREQ=YEARLY\r\n".into(),
    ] {
        assert!(feed.contains(&line), "{line:?} in {feed}");
    }
    world.carnet(&["agenda", "--ics", "--out", "agenda.ics"]).code(5);
    world.carnet(&["agenda", "--ics", "--out", "../agenda.ics"]).ok();
    assert_eq!(std::fs::read_to_string(world.path().join("agenda.ics")).unwrap(), feed);
    let trail = world.git(&["log", "-1", "--format=%B", "refs/carnet/access/2026-11/ana"]).ok().out;
    assert!(trail.contains("Carnet-Action: export") && trail.contains("Carnet-Count: 2"), "{trail}");
}
