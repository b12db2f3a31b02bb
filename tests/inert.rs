//! Names that try to be something else: markup, shell, TOML, paths, terminal sequences. They stay text.

mod common;

use common::{Said, World, said};

/// Names as hostile or odd people give them.
const NASTY: [&str; 14] = [
    "<script>alert(1)</script>&amp;\"'>",
    "$(touch pwned); `touch pwned` && touch pwned | $HOME",
    "\"\nname = \"Eve\"\n[[basis]]\npurpose = \"evil\"",
    "'''\n\"\"\"\\u0041\\x41\\",
    "../../../../etc/passwd",
    "/etc/passwd\\..\\x/.git/config",
    "\u{1b}[31mred\u{1b}[0m\u{1b}]0;title\u{7}\u{1b}[2J",
    "\u{9b}31mC1\u{85}\u{90}q\u{9c}\u{7f}",
    "evil\u{202e}gpj.exe\u{2066}x\u{2069}\u{2028}y\u{2029}",
    "👩‍🚀🏳️‍🌈 Zoë e\u{301} ﷽ שלום مرحبا 東京",
    "a\r\nCarnet-Action: erase\r\n\r\nSigned-off-by: x\tb\u{b}c\u{8}\u{8}",
    "-rf --help",
    "{{ name }} {% include 'x' %} %s %n ${x} #{y}",
    "=HYPERLINK(\"http://x\",\"y\")",
];

/// Nothing in what was said can move a cursor, colour, or turn what follows round.
#[track_caller]
fn inert(said: &Said) {
    let active = |c: char| {
        (c.is_control() && c != '\n' && c != '\t')
            || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{2028}' | '\u{2029}')
    };
    for text in [&said.out, &said.err] {
        assert!(!text.contains(active), "{text:?}");
        assert!(!text.contains("panicked"), "{text}");
    }
}

/// A contact with `text` in every field that takes one.
fn add_everywhere(world: &World, text: &str) -> String {
    let set = format!("{text}={text}");
    let with = |flag: &str, value: &str| format!("--{flag}={value}");
    let fields =
        ["name", "given", "family", "org", "title", "tag", "note", "source", "phone"].map(|f| with(f, text));
    let mut args = vec!["add", "--basis", "prospects:legitimate-interests"];
    args.extend(fields.iter().map(String::as_str));
    let custom = with("set", &set);
    if !text.contains('=') {
        args.push(&custom);
    }
    let added = world.carnet(&args).ok();
    inert(&added);
    added.first()
}

#[test]
fn nothing_that_a_name_holds_acts_on_what_shows_it() {
    let world = World::with_firm();
    for text in NASTY {
        let id = add_everywhere(&world, text);
        for args in [
            &["show", &id][..],
            &["show", &id, "--json"],
            &["list"],
            &["list", "--json"],
            &["list", "--sort", "org"],
            &["find", "e"],
            &["find", "--json", "--", text],
            &["find", "--", text],
            &["show", "--", text],
            &["list", &format!("--tag={text}")],
            &["list", &format!("--org={text}"), "--json"],
            &["list", &format!("--book={text}")],
            &["erase", "--reason", "error", "--", text],
            &["edit", "--set", &format!("nonsense{text}=1"), &id],
            &["edit", &format!("--rm-tag=x{text}"), &id],
            &["add", &format!("--name={text}"), &format!("--basis={text}")],
        ] {
            inert(&world.carnet(args));
        }
    }
}

#[test]
fn what_goes_in_comes_out_exactly() {
    let world = World::with_firm();
    for text in NASTY {
        let id = add_everywhere(&world, text);
        let shown = world.carnet(&["show", "--json", &id]).ok().json();
        for field in ["name", "given", "family", "org", "title", "note", "source"] {
            assert_eq!(shown[field], text, "{field}");
        }
        assert_eq!((&shown["tags"][0], shown["tags"].as_array().unwrap().len()), (&text.into(), 1));
        let found = world.carnet(&["find", "--json", "--", text]).ok().json();
        assert_eq!(found.as_array().unwrap().len(), 1, "{text}");
        assert_eq!((&found[0]["name"], &found[0]["org"]), (&text.into(), &text.into()));
        assert_eq!(found[0]["tags"], shown["tags"], "{text:?}");
        let edited = format!("--set=note={text}{text}");
        world.carnet(&["edit", &edited, &format!("--add-tag={text}2"), &id]).ok();
        let shown = world.carnet(&["show", "--json", "--", text]).ok().json();
        assert_eq!(shown["note"], format!("{text}{text}"));
        assert_eq!(shown["tags"][1], format!("{text}2"));
    }
}

#[test]
fn files_paths_and_messages_know_nothing_of_it() {
    let world = World::with_firm();
    let ids: Vec<String> = NASTY.iter().map(|text| add_everywhere(&world, text)).collect();
    let mut files: Vec<String> =
        world.git(&["ls-files", "contacts"]).ok().out.lines().map(str::to_owned).collect();
    let mut expected: Vec<String> = ids.iter().map(|id| world.contact_file(id)).collect();
    files.sort();
    expected.sort();
    assert_eq!(files, expected);
    let log = world.git(&["log", "--format=%B", "-14"]).ok();
    inert(&log);
    let lines = "contact: add ,Carnet-Action: add,Carnet-Contact: ,Carnet-Book: main,Carnet-Fields: ,Carnet-Purpose: prospects";
    for line in log.out.lines().filter(|l| !l.is_empty()) {
        assert!(lines.split(',').any(|known| line.starts_with(known)), "{line}");
    }
    assert!(!world.firm().join("pwned").exists() && !world.path().join("etc").exists());
    assert_eq!(world.git(&["status", "--porcelain"]).ok().out, "");
    world.git(&["fsck", "--strict"]).ok();
    inert(&world.git(&["log", "-p", "-3"]).ok());
}

#[test]
fn an_organisation_and_a_member_with_such_names_do_no_harm() {
    for (n, text) in NASTY.iter().enumerate() {
        let world = World::new();
        let (organisation, name) = (format!("--organisation={text}"), format!("--name={text}"));
        let rest = ["--member", "ana", "--email", "ana@example.org", "--no-passphrase"];
        let args = [&["init", "firm", &organisation, "--name=Ana"], &rest[..]].concat();
        inert(&world.carnet_in(world.path(), &args).ok());
        world.carnet(&["list"]).ok();
        let args = [&["init", "other", "--organisation=A", &name], &rest[..]].concat();
        let said = world.carnet_in(world.path(), &args);
        inert(&said);
        let refused = text.contains(|c: char| c.is_control() || "<>".contains(c));
        assert_eq!(said.code, if refused { 2 } else { 0 }, "{n}: {}", said.err);
        assert_eq!(world.path().join("other").exists(), !refused);
    }
}

#[test]
fn slugs_and_references_cannot_leave_their_place() {
    let world = World::with_firm();
    let id = world.add("Bob", &[]);
    let head = world.head();
    for text in NASTY.into_iter().chain(["", ".", "..", "a/b", "-", "é", "Jeanne Dupont"]) {
        let (book, purpose) = (format!("--book={text}"), format!("--purpose={text}"));
        let request = format!("--request={text}");
        for args in [
            &["add", "--name=x", "--source=x", "--basis=customers:contract", &book][..],
            &["show", &id, &purpose],
            &["list", &purpose],
            &["erase", &id, "--reason=error", "--yes", &request],
            &["purpose", "add", "--title=x", "--description=x", "--basis=contract", "--", text],
        ] {
            let said = world.carnet(args).code(2);
            inert(&said);
            assert!(said.out.is_empty(), "{args:?}");
        }
    }
    assert_eq!(world.head(), head);
}

#[test]
fn ten_megabytes_and_null_bytes_are_kept_whole() {
    let world = World::with_firm();
    let (mark, size) = ("Zanzibar", 10_000_000);
    let script = format!(
        "{{ grep '^id' \"$1\"; printf 'book = \"main\"\\nname = \"a\\\\u0000b\"\\nsource = \"x\"\\nnote = \"'; \
         head -c {size} /dev/zero | tr '\\0' 'x'; printf ' {mark}\\\\u0000\"\\n[[basis]]\\npurpose = \"customers\"\\n\
         basis = \"contract\"\\n'; }} > \"$1.new\"; mv \"$1.new\" \"$1\""
    );
    let editor = world.path().join("editor");
    std::fs::write(&editor, script).unwrap();
    let mut command = world.command(env!("CARGO_BIN_EXE_carnet"), &world.firm());
    command.env("EDITOR", format!("sh {}", editor.display())).arg("add");
    let id = said(command.output().unwrap()).ok().first();
    let shown = world.carnet(&["show", "--json", &id]).ok();
    inert(&shown);
    let shown = shown.json();
    assert_eq!(shown["name"], "a\0b");
    let note = shown["note"].as_str().unwrap();
    assert_eq!((note.len(), &note[size..]), (size + 10, " Zanzibar\0"));
    assert_eq!(world.carnet(&["find", "zanzibar", "-q"]).ok().out, format!("{id}\n"));
    world.carnet(&["edit", &id, "--set", "title=Manager"]).ok();
    let listed = world.carnet(&["list"]).ok();
    inert(&listed);
    assert!(listed.out.len() < 1000, "a list does not show notes");
    world.carnet(&["erase", &id, "--reason", "error", "--yes"]).ok();
}
