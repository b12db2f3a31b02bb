//! Many contacts at once: tags, edits by filter, ids from a pipe; and look-ups for mail clients.

use super::common::World;
use super::names;

fn firm() -> World {
    let world = World::with_firm();
    world.add(
        "Jeanne Dupont",
        &[
            "--email",
            "jeanne@example.org",
            "--email",
            "j.dupont@example.com",
            "--org",
            "Acme",
            "--tag",
            "VIP",
        ],
    );
    world.add("Bob \"Rocky\" Stone", &["--email", "bob@example.org"]);
    world.add("Zoé Petit", &["--org", "Acme"]);
    world
}

fn commits(world: &World) -> usize {
    world.git(&["rev-list", "--count", "HEAD"]).ok().first().parse().unwrap()
}

#[test]
fn tags_go_on_and_off_in_one_commit() {
    let world = firm();
    let before = commits(&world);
    world.carnet(&["tag", "add", "lead", "jeanne", "bob@example.org"]).ok();
    let ids = world.carnet(&["list", "org:acme", "-q"]).ok().out;
    // Jeanne has it already: only Zoé changes.
    let said = world.carnet_with_input(&["tag", "add", "lead", "-", "--json"], ids.as_bytes()).ok();
    assert_eq!(said.json()["contacts"].as_array().unwrap().len(), 1);
    assert_eq!(commits(&world), before + 2);
    assert_eq!(names(&world.carnet(&["list", "tag:lead", "--json"]).ok()).len(), 3);
    assert_eq!(world.carnet(&["tag", "list", "--json"]).ok().json()["lead"], 3);
    // In another case it is the same tag.
    world.carnet(&["tag", "remove", "vip", "jeanne"]).ok();
    assert!(names(&world.carnet(&["list", "tag:vip", "--json"]).ok()).is_empty());
    let head = world.head();
    assert!(world.carnet(&["tag", "add", "x", "--where", "org:acme"]).code(2).err.contains("--yes"));
    let dry = world.carnet(&["tag", "add", "x", "--where", "org:acme", "--dry-run"]).ok();
    assert!(
        dry.err.contains("Jeanne Dupont") && dry.err.contains("would change the tags of 2 contact(s)"),
        "{}",
        dry.err
    );
    world.carnet(&["tag", "add", "x", "--where", "tga:acme"]).code(2);
    world.carnet(&["tag", "add", "x", "--where", ""]).code(2);
    world.carnet(&["tag", "add", " ", "jeanne"]).code(2);
    world.carnet(&["tag", "remove", "nothing", "jeanne"]).ok();
    assert_eq!(world.head(), head);
    world.carnet(&["tag", "remove", "lead", "--where", "tag:lead", "--yes"]).ok();
    assert!(world.carnet(&["tag", "list"]).ok().err.contains("No tags"));
}

#[test]
fn an_edit_by_filter_is_shown_and_counted_first() {
    let world = firm();
    let before = commits(&world);
    let dry = world.carnet(&["edit", "--where", "org:acme", "--set", "lang=fr", "--dry-run"]).ok();
    assert!(dry.err.contains("Zoé Petit") && dry.err.contains("would change 2 contact(s)"), "{}", dry.err);
    assert!(
        world
            .carnet(&["edit", "--where", "org:acme", "--set", "lang=fr"])
            .code(2)
            .err
            .contains("nobody to ask")
    );
    assert_eq!(commits(&world), before);
    world.carnet(&["edit", "--where", "org:acme", "--set", "lang=fr", "--add-tag", "fr", "--yes"]).ok();
    assert_eq!(commits(&world), before + 1);
    assert_eq!(
        names(&world.carnet(&["list", "lang:fr and tag:fr", "--json"]).ok()),
        ["Jeanne Dupont", "Zoé Petit"]
    );
    let log = world.git(&["log", "-1", "--format=%B"]).ok().out;
    assert!(log.starts_with("contact: update 2\n") && log.contains("Carnet-Fields: lang, tags"), "{log}");
    // One that cannot be changed, and none is: Zoé has no such address.
    let said =
        world.carnet(&["edit", "--where", "org:acme", "--rm-email", "jeanne@example.org", "--yes"]).code(2);
    assert!(said.err.contains("emails"), "{}", said.err);
    assert_eq!(commits(&world), before + 1);
    assert!(
        world
            .carnet(&["edit", "--where", "org:none", "--set", "lang=fr", "--yes"])
            .ok()
            .err
            .contains("No contacts")
    );
    world.carnet(&["edit", "--where", "org:acme"]).code(2);
    world.carnet(&["edit", "--where", "org:acme", "jeanne", "--set", "lang=fr"]).code(2);
    world.carnet(&["edit"]).code(2);
}

#[test]
fn ids_from_a_pipe_reach_every_command_that_takes_contacts() {
    let world = firm();
    let ids = world.carnet(&["list", "org:acme", "-q"]).ok().out;
    let piped = |args: &[&str]| world.carnet_with_input(args, ids.as_bytes()).ok();
    assert_eq!(names(&piped(&["show", "-", "--json"])), ["Jeanne Dupont", "Zoé Petit"]);
    assert_eq!(piped(&["show", "-", "-q"]).out, ids);
    assert_eq!(names(&piped(&["export", "-", "--json"])), ["Jeanne Dupont", "Zoé Petit"]);
    assert_eq!(piped(&["edit", "-", "--set", "lang=fr"]).out, ids);
    assert_eq!(piped(&["todo", "add", "-", "call"]).out, ids);
    assert_eq!(piped(&["todo", "done", "-"]).out, ids);
    assert_eq!(piped(&["todo", "every", "3m", "-"]).out, ids);
    assert!(piped(&["erase", "-", "--reason", "error", "--dry-run"]).err.contains('2'));
    let trail = world.git(&["log", "--format=%B", "refs/carnet/access/2026-11/ana"]).ok().out;
    assert!(ids.lines().all(|id| trail.contains(id)), "{trail}");
}

#[test]
fn many_are_linked_judged_and_unlinked_at_once() {
    let world = firm();
    let acme = world.add("Acme", &["--organisation"]);
    let ids = world.carnet(&["list", "kind:person and org:acme", "-q"]).ok().out;
    let piped = |args: &[&str]| world.carnet_with_input(args, ids.as_bytes());
    let before = commits(&world);
    assert!(piped(&["link", "-", &acme, "--dry-run"]).ok().err.contains("would make 2 links"));
    let linked = piped(&["link", "-", &acme, "--role", "buyer"]).ok();
    assert_eq!((linked.out, commits(&world)), (ids.clone(), before + 1));
    assert_eq!(world.carnet(&["list", &format!("linked:{acme}"), "-q"]).ok().out, ids);
    // From the firm's side it is one file, and one commit.
    piped(&["link", "-", &acme, "--kind", "client-of"]).ok();
    assert_eq!(commits(&world), before + 2);
    piped(&["unlink", "-", &acme]).ok();
    assert_eq!(commits(&world), before + 3);
    assert!(world.carnet(&["list", &format!("linked:{acme}"), "-q"]).ok().out.is_empty());
    piped(&["unlink", "-", &acme]).code(3);
    // lawful says it of each, and yes only for all.
    let answers = piped(&["lawful", "-", "--purpose", "prospects", "--channel", "post", "--json"]);
    let answers = answers.json()["answers"].as_array().unwrap().clone();
    assert_eq!(answers.len(), 2, "{answers:?}");
    assert!(answers.iter().all(|one| one["rule"].is_string() && one["article"].is_string()), "{answers:?}");
    world.carnet(&["object", ids.lines().next().unwrap()]).ok();
    let said = piped(&["lawful", "-", "--purpose", "prospects", "--channel", "post"]).code(5);
    assert!(said.out.contains("objected"), "{}", said.out);
    let may = piped(&["lawful", "-", "--purpose", "prospects", "--channel", "post", "-q"]).code(5).out;
    assert!(!may.contains(ids.lines().next().unwrap()), "{may}");
}

#[test]
fn a_dash_is_nobody_s_name() {
    let world = firm();
    let jean = world.add("Jean-Luc Roy", &["--email", "jean-luc@example.org"]);
    for args in [&["history", "-"][..], &["merge", "-", "jeanne", "--auto"], &["consent", "list", "-"]] {
        world.carnet_with_input(args, b"").code(2);
        let two = world.carnet_with_input(args, world.carnet(&["list", "-q"]).ok().out.as_bytes()).code(2);
        assert!(two.err.contains("this takes one contact, and there are 4 ids"), "{}", two.err);
    }
    let one = world.carnet_with_input(&["history", "-", "--json"], format!("{jean}\n").as_bytes()).ok();
    assert!(one.out.contains(&jean), "{}", one.out);
    // What is on standard input are ids, and nobody's name.
    world.carnet_with_input(&["history", "-"], b"jean\n").code(3);
}

#[test]
fn a_moment_is_a_text_in_json() {
    let world = firm();
    let jeanne = world.carnet(&["show", "jeanne", "--json"]).ok();
    assert_eq!(jeanne.json()["created"], "2026-11-23T10:00:00Z");
    assert!(!world.carnet(&["export", "--json"]).ok().out.contains("__"));
}

#[test]
fn mail_clients_find_addresses_in_their_own_format() {
    let world = firm();
    let mutt = world.carnet(&["query", "jean dup", "--format", "mutt"]).ok().out;
    assert_eq!(
        mutt,
        "2 address(es) found\njeanne@example.org\tJeanne Dupont\tAcme\nj.dupont@example.com\tJeanne Dupont\tAcme\n"
    );
    assert_eq!(
        world.carnet(&["query", "bob", "--format", "aerc"]).ok().out,
        "bob@example.org\tBob \"Rocky\" Stone\n"
    );
    assert_eq!(
        world.carnet(&["query", "stone", "--format", "himalaya"]).ok().out,
        "bob@example.org\tBob \"Rocky\" Stone\n"
    );
    let json = world.carnet(&["query", "--format", "json", "--", "acme"]).ok().json();
    assert_eq!(json[1]["email"], "j.dupont@example.com");
    // Who has no address, and what stands elsewhere in a contact, is not for a mail client.
    assert_eq!(world.carnet(&["query", "zoe"]).ok().out, "0 address(es) found\n");
    assert_eq!(world.carnet(&["query", "legitimate"]).ok().out, "0 address(es) found\n");
    assert_eq!(
        world.carnet(&["query", "example", "--limit", "1", "--format", "aerc"]).ok().out.lines().count(),
        1
    );
    world.add("Tab", &["--email", "tab@example.org"]);
    world.carnet(&["edit", "tab@example.org", "--set", "name=Tab\tName\nX"]).ok();
    let odd = world.carnet(&["query", "tab@", "--format", "mutt"]).ok().out;
    assert_eq!(odd.lines().nth(1), Some("tab@example.org\tTab\\tName\\nX\t"));
    let trail = world.git(&["log", "--format=%B", "refs/carnet/access/2026-11/ana"]).ok().out;
    assert!(trail.contains("Carnet-Action: query") && !trail.contains("jean"), "{trail}");
}

#[test]
fn a_change_that_would_be_refused_is_refused_before_anybody_is_asked() {
    let world = World::with_firm();
    world.add("Ann One", &["--tag", "vip"]);
    world.add("Ben Two", &["--tag", "vip"]);
    for more in [&["--dry-run"][..], &["--no-input"], &["--yes"]] {
        let args = [&["edit", "--where", "tag:vip", "--set", "langg=fr"], more].concat();
        let said = world.carnet(&args).code(2);
        assert!(said.err.contains("no key `langg`") && !said.err.contains("Ann"), "{}", said.err);
    }
    world.carnet(&["edit", "--where", "tag:vip", "--rm-tag", "nope", "--dry-run"]).code(2);
    let dry = world.carnet(&["edit", "--where", "tag:vip", "--set", "lang=fr", "--dry-run"]).ok();
    assert!(dry.err.contains("would change 2 contact(s)"), "{}", dry.err);
}
