//! `log`, in all the ways in which a text comes in, and the briefing of `show`.

use std::os::unix::fs::PermissionsExt;

use super::common::{World, said};
use super::names;

fn activities(world: &World, id: &str) -> Vec<serde_json::Value> {
    let contact = world.carnet(&["show", id, "--json"]).ok().json();
    contact["activity"].as_array().cloned().unwrap_or_default()
}

#[test]
fn an_interaction_has_its_kind_time_direction_and_length() {
    let world = World::with_firm();
    let id = world.add("Jeanne Dupont", &["--email", "jeanne@example.org"]);
    let args =
        ["log", "call", "jeanne@example.org", "asked for a quote", "--direction", "in", "--duration", "1h30"];
    assert_eq!(world.carnet(&args).ok().first(), id);
    for (at, expected) in [
        ("2026-11-20", "2026-11-20"),
        ("2026-11-20 14:00", "2026-11-20T14:00:00Z"),
        ("08:15", "2026-11-23T08:15:00Z"),
        ("yesterday", "2026-11-22"),
        ("3d", "2026-11-20T10:00:00Z"),
        ("2026-11-20T14:00:00+02:00", "2026-11-20T12:00:00Z"),
    ] {
        world.carnet(&["log", "note", &id, "x", "--at", at]).ok();
        assert_eq!(activities(&world, &id).last().unwrap()["time"], expected, "{at}");
    }
    let first = &activities(&world, &id)[0];
    for (key, value) in [
        ("kind", "call"),
        ("text", "asked for a quote"),
        ("direction", "in"),
        ("time", "2026-11-23T10:00:00Z"),
    ] {
        assert_eq!(first[key], value);
    }
    assert_eq!(first["duration"], 90);
    assert_eq!(names(&world.carnet(&["list", "last<1d and heard<1d", "--json"]).ok()), ["Jeanne Dupont"]);
    let log = world.git(&["log", "-1", "--format=%B"]).ok().out;
    assert!(
        log.contains("Carnet-Action: log\n")
            && log.contains("Carnet-Fields: activity\n")
            && log.contains(&id),
        "{log}"
    );
    let whole = world.git(&["log", "--format=%B", "--all"]).ok().out;
    assert!(!whole.contains("quote") && !whole.contains("Jeanne"), "{whole}");
    let head = world.head();
    for (args, code) in [
        (vec!["log", "call", "nobody", "x"], 3),
        (vec!["log", "call", &id, "x", "--at", "2026-12-24"], 2),
        (vec!["log", "call", &id, "x", "--at", "soon"], 2),
        (vec!["log", "call", &id, "x", "--duration", "long"], 2),
        (vec!["log", "call", &id, "--no-input"], 2),
        (vec!["log", "call"], 2),
        (vec!["log", "shout", &id, "x"], 2),
        (vec!["log", "call", &id, "x", "--dry-run"], 0),
    ] {
        world.carnet(&args).code(code);
    }
    assert_eq!(world.head(), head);
    world.add("Jeanne Martin", &[]);
    assert!(world.carnet(&["log", "call", "jeanne", "x"]).code(4).err.contains("2 contacts match"));
}

#[test]
fn the_text_comes_from_standard_input_or_from_the_editor() {
    let world = World::with_firm();
    let id = world.add("Bob Stone", &[]);
    world.carnet_with_input(&["log", "meeting", "Bob Stone"], "first line\nsecond line\n".as_bytes()).ok();
    assert_eq!(activities(&world, &id)[0]["text"], "first line\nsecond line");
    world.carnet_with_input(&["log", "note", &id], b"\xff\xfe").code(2);
    let editor = world.path().join("editor");
    std::fs::write(
        &editor,
        "#!/bin/sh\ngrep -q '^# The text of the call' \"$1\"\nsed -i '1i from the editor' \"$1\"\n",
    )
    .unwrap();
    std::fs::set_permissions(&editor, PermissionsExt::from_mode(0o755)).unwrap();
    let mut command = world.command(env!("CARGO_BIN_EXE_carnet"), &world.firm());
    said(command.env("EDITOR", &editor).args(["log", "call", &id]).output().unwrap()).ok();
    assert_eq!(activities(&world, &id)[1]["text"], "from the editor");
    let mut command = world.command(env!("CARGO_BIN_EXE_carnet"), &world.firm());
    let given_up = said(command.env("EDITOR", "true").args(["log", "call", &id]).output().unwrap()).ok();
    assert!(given_up.err.contains("Nothing was logged"), "{}", given_up.err);
    assert_eq!(activities(&world, &id).len(), 2);
}

const MAIL: &str = "Message-ID: <m1@example.org>\r\nDate: Fri, 20 Nov 2026 09:15:00 +0100\r\n\
    From: =?utf-8?q?L=C3=A9a?= Petit <Lea@Example.org>\r\nTo: ana@example.org\r\nSubject: =?utf-8?q?Prix_=C3=A9lev=C3=A9?=\r\n\
    \r\nToo dear.\r\n\r\n> our offer\r\n";

#[test]
fn a_piped_email_is_an_entry_of_its_senders_at_its_date_and_only_once() {
    let world = World::with_firm();
    let lea = world.add("Léa Petit", &["--email", "lea@example.org"]);
    let bob = world.add("Bob Stone", &["--email", "bob@example.org"]);
    assert_eq!(world.carnet_with_input(&["log", "email"], MAIL.as_bytes()).ok().first(), lea);
    let entry = &activities(&world, &lea)[0];
    assert_eq!(entry["time"], "2026-11-20T08:15:00Z");
    assert_eq!((&entry["text"], &entry["direction"]), (&"Prix élevé\n\nToo dear.".into(), &"in".into()));
    let head = world.head();
    let again = world.carnet_with_input(&["log", "email"], MAIL.as_bytes()).ok();
    assert!(again.err.contains("already") && again.out.is_empty(), "{}", again.err);
    assert_eq!(world.head(), head);
    // What one has sent oneself goes to the recipients.
    let sent = MAIL
        .replace("Lea@Example.org", "ana@example.org")
        .replace("To: ana@", "Cc: lea@example.org\r\nTo: unknown@example.org, bob@");
    let both = world.carnet_with_input(&["log", "email"], sent.replace("<m1@", "<m2@").as_bytes()).ok();
    assert_eq!(both.out.lines().collect::<Vec<_>>(), [bob.as_str(), lea.as_str()]);
    assert_eq!(activities(&world, &bob)[0]["direction"], "out");
    assert_eq!(activities(&world, &bob)[0]["id"], activities(&world, &lea)[1]["id"]);
    // A contact that is named outranks the sender.
    let other = MAIL.replace("<m1@", "<m3@").replace("Lea@Example.org", "secret@nowhere.example");
    let said = world.carnet_with_input(&["log", "email"], other.as_bytes()).code(3);
    assert!(!said.err.contains("secret") && said.err.contains("carnet log email CONTACT"), "{}", said.err);
    world.carnet_with_input(&["log", "email", &bob], other.as_bytes()).ok();
    assert_eq!(activities(&world, &bob)[1]["time"], "2026-11-20T08:15:00Z");
    let no_sender = "Subject: hello\r\nDate: Fri, 20 Nov 2026 09:15:00 +0100\r\n\r\nx\r\n";
    assert!(
        world.carnet_with_input(&["log", "email"], no_sender.as_bytes()).code(2).err.contains("no sender")
    );
    assert!(world.carnet_with_input(&["log", "email"], b"just text").code(2).err.contains("with whom"));
}

#[test]
fn ids_from_a_pipe_are_one_commit_for_the_lot() {
    let world = World::with_firm();
    for name in ["Ann One", "Ben Two", "Cy Three"] {
        world.add(name, &["--tag", "vip"]);
    }
    let before: usize = world.git(&["rev-list", "--count", "HEAD"]).ok().first().parse().unwrap();
    let ids = world.carnet(&["list", "tag:vip", "-q"]).ok().out;
    let said = world
        .carnet_with_input(&["log", "note", "-", "--text", "sent the catalogue", "--json"], ids.as_bytes())
        .ok();
    assert_eq!(said.json()["contacts"].as_array().unwrap().len(), 3);
    let after: usize = world.git(&["rev-list", "--count", "HEAD"]).ok().first().parse().unwrap();
    assert_eq!(after, before + 1);
    assert_eq!(
        names(&world.carnet(&["list", "activity:catalogue and not has:last", "--json"]).ok()).len(),
        3
    );
    // One unknown id, and nothing is done.
    let wrong = format!("{ids}00000000-0000-4000-8000-000000000000\n");
    let said = world.carnet_with_input(&["log", "note", "-", "--text", "x"], wrong.as_bytes()).code(3);
    assert!(said.err.contains("line 4"), "{}", said.err);
    assert_eq!(world.git(&["rev-list", "--count", "HEAD"]).ok().first(), after.to_string());
    world.carnet(&["verify"]).ok();
}

#[test]
fn show_gives_a_briefing() {
    let world = World::with_firm();
    let id = world.add(
        "Éloïse Petit",
        &[
            "--email",
            "work:e@example.org",
            "--phone",
            "06 12 34 56 78",
            "--org",
            "Acme",
            "--title",
            "Buyer",
            "--tag",
            "vip",
        ],
    );
    world.carnet(&["edit", &id, "--set", "birthday=1980-11-30", "--add-basis", "newsletter:consent"]).ok();
    world
        .carnet(&[
            "log",
            "call",
            &id,
            "asked for a quote",
            "--at",
            "2026-11-20",
            "--direction",
            "in",
            "--duration",
            "25m",
        ])
        .ok();
    world.carnet(&["todo", "add", &id, "send the offer", "--due", "tomorrow"]).ok();
    world.carnet(&["todo", "add", &id, "call back", "--due", "2026-11-20"]).ok();
    let shown = world.carnet(&["show", &id, "--briefing"]).ok().out;
    for line in [
        "Éloïse Petit (Buyer, Acme)\n",
        "e@example.org (work)",
        "+33612345678",
        "tags: vip; birthday: 30 November (in 7 days, 46); source: fair",
        "\nNext  late, 3 days ago: call back\n      tomorrow: send the offer\n",
        "\nLast  3 days ago, call (in, 25 min): asked for a quote\n",
        "\nData  may: prospects (legitimate-interests); may not: newsletter (no consent)\n",
        "--file",
    ] {
        assert!(shown.contains(line), "{line:?} in\n{shown}");
    }
    // In a pipe it is the file, as ever.
    assert!(world.carnet(&["show", &id]).ok().out.starts_with("id = "));
    assert!(world.carnet(&["show", &id, "--file"]).ok().out.contains("[[activity]]"));
    let evil = world.add("Eve\u{1b}[31m", &["--note", "a\u{202e}b\nc"]);
    let shown = world.carnet(&["show", &evil, "--briefing"]).ok().out;
    assert!(!shown.contains('\u{1b}') && !shown.contains('\u{202e}'), "{shown:?}");
}

#[test]
fn who_objected_is_said_and_the_entry_is_made() {
    let world = World::with_firm();
    let ann = world.add("Ann One", &["--email", "ann@example.org"]);
    world.carnet(&["object", &ann, "--channel", "phone"]).ok();
    let said = world.carnet(&["log", "call", &ann, "asked how she is", "--direction", "out"]).ok();
    assert!(said.err.contains("has objected to being contacted so"), "{}", said.err);
    assert_eq!(said.first(), ann);
    // Another channel, what came from her, and a note reach nobody who said no to it.
    for args in [&["email", "sent"][..], &["note", "likes tea"], &["call", "rang us", "--direction", "in"]] {
        let said = world.carnet(&[&["log", args[0], &ann], &args[1..]].concat()).ok();
        assert!(!said.err.contains("objected"), "{args:?}: {}", said.err);
    }
    world.carnet(&["object", &ann]).ok();
    assert!(world.carnet(&["log", "email", &ann, "sent"]).ok().err.contains("has objected"));
    let others = world.add("Ben Two", &[]);
    world.carnet(&["object", &others]).ok();
    let both = world.carnet(&["log", "meeting", &ann, &others, "--text", "lunch"]).ok();
    assert!(both.err.contains("2 of these contacts have objected"), "{}", both.err);
}

#[test]
fn days_are_taken_as_people_write_them() {
    let world = World::with_firm();
    let ann = world.add("Ann One", &[]);
    let day = |at: &str| {
        world.carnet(&["log", "note", &ann, at, "--at", at]).ok();
        let file = world.carnet(&["show", &ann, "--file"]).ok().out;
        file.lines().rfind(|line| line.starts_with("time")).unwrap().to_owned()
    };
    for at in ["hier", "yesterday", "22/11/2026", "22.11.2026", "2026-11-22"] {
        assert_eq!(day(at), "time = 2026-11-22", "{at}");
    }
    for (due, is) in [("demain", "2026-11-24"), ("1/12/2026", "2026-12-01"), ("aujourd’hui", "2026-11-23")]
    {
        world.carnet(&["todo", "add", &ann, due, "--due", due]).ok();
        let all = world.carnet(&["todo", "list", "--json"]).ok().json();
        let found = all.as_array().unwrap().iter().find(|todo| todo["text"] == due).unwrap();
        assert_eq!(found["due"], is);
    }
    for wrong in ["31/02/2026", "1/12/26", "12/31/2026", "2026/12/01"] {
        world.carnet(&["todo", "add", &ann, "x", "--due", wrong]).code(2);
    }
}

#[test]
fn a_contact_is_added_from_the_parts_of_its_name() {
    let world = World::with_firm();
    let base = ["add", "--source", "shop", "--basis", "customers:contract", "--no-input"];
    let add = |more: &[&str]| world.carnet(&[&base, more].concat());
    let id =
        add(&["--given", "Paul", "--family", "Durand", "--set", "birthday=1980-11-27", "--set", "size=38"]);
    let one = world.carnet(&["show", &id.ok().first(), "--json"]).ok().json();
    for (key, value) in [("name", "Paul Durand"), ("given", "Paul"), ("birthday", "1980-11-27")] {
        assert_eq!(one[key], value, "{one}");
    }
    assert_eq!(one["custom"]["size"], "38");
    let firm = add(&["--name", "Acme", "--set", "kind=organisation"]).ok().first();
    assert_eq!(world.carnet(&["show", &firm, "--json"]).ok().json()["kind"], "organisation");
    for (typed, is) in [("27/11/1980", "1980-11-27"), ("--02-29", "--02-29")] {
        world.carnet(&["edit", &firm, "--set", &format!("birthday={typed}")]).ok();
        assert_eq!(world.carnet(&["show", &firm, "--json"]).ok().json()["birthday"], is);
    }
    for wrong in ["32/13/2020", "soon", "--13-01", "1980"] {
        assert!(
            world
                .carnet(&["edit", &firm, "--set", &format!("birthday={wrong}")])
                .code(2)
                .err
                .contains("no birthday")
        );
    }
    assert!(add(&["--name", "X", "--set", "kind=firm"]).code(2).err.contains("kind=organisation"));
    assert!(add(&["--name", "X", "--set", "emails=x@y.org"]).code(2).err.contains("--set"));
}
