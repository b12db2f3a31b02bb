//! Filters in list, find and export, and saved searches.

use super::common::World;
use super::names;

fn firm() -> World {
    let world = World::with_firm();
    world.add(
        "Léa Petit",
        &["--tag", "prospect", "--org", "Acme", "--note", "likes tea", "--email", "lea@example.org"],
    );
    world.add(
        "Bob Stone",
        &["--tag", "prospect", "--org", "Other", "--set", "size=38", "--note", "tea, no sugar"],
    );
    world.add("Atelier Kern", &["--organisation", "--phone", "04 72 00 00 00"]);
    world
}

#[test]
fn a_filter_works_alike_in_list_find_and_export() {
    let world = firm();
    for (filter, expected) in [
        ("tag:prospect and org:acme", vec!["Léa Petit"]),
        ("tag:prospect and not org:acme", vec!["Bob Stone"]),
        ("custom.size>37", vec!["Bob Stone"]),
        ("phone:'04 72'", vec!["Atelier Kern"]),
        ("created<1d and kind:person", vec!["Bob Stone", "Léa Petit"]),
        ("created>1d", vec![]),
        // Notes are not in the index: the files of the candidates are opened.
        ("note:tea and not note:sugar", vec!["Léa Petit"]),
        ("not note:tea", vec!["Atelier Kern"]),
        ("", vec!["Atelier Kern", "Bob Stone", "Léa Petit"]),
    ] {
        assert_eq!(names(&world.carnet(&["list", filter, "--json"]).ok()), expected, "{filter}");
        assert_eq!(names(&world.carnet(&["list", "--where", filter, "--json"]).ok()), expected, "{filter}");
        let mut exported = names(&world.carnet(&["export", "--where", filter, "--json"]).ok());
        exported.sort();
        assert_eq!(exported, expected, "{filter}");
    }
    // Several arguments are one filter, as a shell without quotes makes them.
    assert_eq!(
        names(&world.carnet(&["list", "tag:prospect", "and", "org:other", "--json"]).ok()),
        ["Bob Stone"]
    );
    assert_eq!(names(&world.carnet(&["find", "tea", "--where", "org:acme", "--json"]).ok()), ["Léa Petit"]);
    assert_eq!(
        names(&world.carnet(&["list", "kind:person", "--where", "org:acme", "--json"]).ok()),
        ["Léa Petit"]
    );
    let trail = world.git(&["log", "--format=%B", "refs/carnet/access/2026-11/ana"]).ok().out.to_lowercase();
    assert!(
        trail.contains("carnet-action: list") && !trail.contains("acme") && !trail.contains("tea"),
        "{trail}"
    );
}

#[test]
fn a_typo_is_pointed_at_and_nothing_that_was_typed_is_repeated() {
    let world = firm();
    let said = world.carnet(&["list", "tag:prospect and tga:jeanne"]).code(2);
    assert!(
        said.err.contains("filter, character 18") && said.err.contains("did you mean `tag:`"),
        "{}",
        said.err
    );
    assert!(!said.err.contains("jeanne") && said.out.is_empty(), "{}", said.err);
    let said = world.carnet(&["export", "--where", "(tag:x"]).code(2);
    assert!(said.err.contains("close it with )"), "{}", said.err);
    world.carnet(&["list", "@nothing"]).code(3);
}

#[test]
fn searches_are_saved_by_name() {
    let world = firm();
    world.carnet(&["search", "save", "warm", "tag:prospect and created<7d"]).ok();
    world.carnet(&["search", "save", "acme-less", "@warm and not has:email"]).ok();
    assert_eq!(names(&world.carnet(&["list", "@warm", "--json"]).ok()), ["Bob Stone", "Léa Petit"]);
    assert_eq!(
        names(&world.carnet(&["find", "stone", "--where", "@acme-less", "--json"]).ok()),
        ["Bob Stone"]
    );
    assert_eq!(world.carnet(&["search", "list", "-q"]).ok().out, "acme-less\nwarm\n");
    let settings = std::fs::read_to_string(world.firm().join("carnet.toml")).unwrap();
    assert!(
        settings.contains("[searches]") && settings.contains("# Used when a flag is not given"),
        "{settings}"
    );
    let log = world.git(&["log", "-1", "--format=%B"]).ok().out;
    assert!(log.contains("Carnet-Action: search-save") && !log.contains("warm"), "{log}");
    let head = world.head();
    world.carnet(&["search", "save", "x", "tga:y"]).code(2);
    world.carnet(&["search", "save", "x", "@missing"]).code(3);
    world.carnet(&["search", "save", "round", "@round"]).code(2);
    world.carnet(&["search", "save", "x", ""]).code(2);
    world.carnet(&["search", "save", "x", "tag:y", "--dry-run"]).ok();
    world.carnet(&["search", "remove", "x"]).code(3);
    assert_eq!(world.head(), head);
    world.carnet(&["search", "remove", "warm"]).ok();
    world.carnet(&["list", "@acme-less"]).code(3);
    world.carnet(&["search", "remove", "acme-less"]).ok();
    let now = std::fs::read_to_string(world.firm().join("carnet.toml")).unwrap();
    assert!(!now.contains("searches"), "{now}");
    world.carnet(&["verify"]).ok();
}

#[test]
fn a_search_that_may_say_who_somebody_is_is_sealed() {
    let world = firm();
    let plain = world.head();
    let save = |name: &str, filter: &str| world.carnet(&["search", "save", name, filter]).ok();
    for (name, filter) in [
        ("by-name", "name:petit"),
        ("by-word", "petit"),
        ("by-firm", "org:acme"),
        ("by-tag", "tag:stone"),
        ("bob", "tag:prospect"),
        ("lea-petit", "tag:prospect"),
        ("by-search", "@by-name and tag:prospect"),
    ] {
        let said = save(name, filter);
        assert!(said.err.contains("It is sealed, for in plain text"), "{}", said.err);
    }
    // They work as plain ones do, alone and in each other.
    for search in ["@by-name", "@by-word", "@by-search", "not not @lea-petit and @by-name"] {
        assert_eq!(names(&world.carnet(&["list", search, "--json"]).ok()), ["Léa Petit"], "{search}");
    }
    let list = world.carnet(&["search", "list"]).ok().out;
    assert!(list.contains("by-name") && list.contains("name:petit") && list.contains("SEALED IN"), "{list}");
    assert_eq!(world.carnet(&["search", "list", "--json"]).ok().json()["bob"], "tag:prospect");
    let trail = world.git(&["log", "-1", "--format=%B", "refs/carnet/access/2026-11/ana"]).ok().out;
    assert!(trail.contains("Carnet-Action: search-list") && trail.contains("Carnet-Record:"), "{trail}");
    // Nothing of it stands anywhere in the plain: neither in files nor in commits.
    let all = world
        .git(&["log", "-p", "--no-textconv", "--format=%B", &format!("{plain}..HEAD")])
        .ok()
        .out
        .to_lowercase();
    for word in ["petit", "stone", "bob", "acme"] {
        assert!(!all.contains(word), "{word}");
    }
    assert!(!std::fs::read_to_string(world.firm().join("carnet.toml")).unwrap().contains("searches"));
    // Whoever saves it anew has one of that name, plain again where it may be.
    save("by-word", "tag:prospect");
    assert!(std::fs::read_to_string(world.firm().join("carnet.toml")).unwrap().contains("by-word"));
    save("by-name", "name:stone");
    assert_eq!(names(&world.carnet(&["list", "@by-name", "--json"]).ok()), ["Bob Stone"]);
    assert_eq!(world.carnet(&["search", "list", "-q"]).ok().out.matches("by-name").count(), 1);
    world.carnet(&["search", "save", "mine", "tag:prospect", "--book", "main"]).ok();
    assert!(!std::fs::read_to_string(world.firm().join("carnet.toml")).unwrap().contains("mine"));
    world.carnet(&["undo", "--yes"]).ok();
    assert!(!world.carnet(&["search", "list", "-q"]).ok().out.contains("mine"));
    world.carnet(&["search", "remove", "bob"]).ok();
    world.carnet(&["list", "@bob"]).code(3);
    assert!(world.carnet(&["undo"]).code(5).err.contains("a removal cannot be undone"));
    world.carnet(&["verify"]).ok();
    world.carnet(&["doctor"]).ok();
}

#[test]
fn an_erasure_takes_the_sealed_searches_that_may_mean_the_person() {
    let world = firm();
    for (name, filter) in [("one", "name:petit"), ("other", "name:stone"), ("late", "name:durand")] {
        world.carnet(&["search", "save", name, filter]).ok();
    }
    let keys = || {
        let store = world.firm().join(".git/carnet/keys.git");
        let mut git = world.command("git", &store);
        let out = git.args(["ls-tree", "-r", "refs/carnet/keys"]).output().unwrap().stdout;
        String::from_utf8(out).unwrap()
    };
    let before = keys();
    // She comes after the search was saved.
    let durand = world.add("Zoé Durand", &[]);
    let petit = world.carnet(&["list", "@one", "-q"]).ok().first();
    world.carnet(&["erase", &petit, &durand, "--reason", "error", "--yes"]).ok();
    assert_eq!(world.carnet(&["search", "list", "-q"]).ok().out, "other\n");
    world.carnet(&["list", "@one"]).code(3);
    // The old keys of both are gone, that of the third stays.
    let stay = before.lines().filter(|line| keys().contains(*line)).count();
    assert_eq!(stay, before.lines().count() - 3, "one contact and two searches");
    world.carnet(&["verify"]).ok();
    world.carnet(&["doctor"]).ok();
}

#[test]
fn only_books_that_one_has_are_searched() {
    let world = firm();
    assert_eq!(names(&world.carnet(&["list", "book:main and org:acme", "--json"]).ok()), ["Léa Petit"]);
    assert!(names(&world.carnet(&["list", "book:other", "--json"]).ok()).is_empty());
    world.carnet(&["export", "--where", "tag:x", "--book", "other"]).code(3);
}

#[test]
fn the_fields_are_those_of_the_documentation() {
    let world = World::with_firm();
    let docs = include_str!("../../docs/filters.md");
    let fields = world.carnet(&["search", "fields", "-q"]).ok().out;
    let documented = |heading: &str| -> Vec<&str> {
        let part = docs.split(&format!("\n## {heading}\n")).nth(1).unwrap().split("\n## ").next().unwrap();
        let names = part.lines().filter_map(|line| line.strip_prefix("| `")?.split('`').next());
        names.filter(|name| !name.starts_with("custom.")).collect()
    };
    assert_eq!(fields.lines().collect::<Vec<_>>(), documented("Fields"));
    let of_deals: Vec<&str> = carnet::domain::filter::DEAL_FIELDS.iter().map(|known| known.name).collect();
    assert_eq!(of_deals, documented("Deals"));
}
