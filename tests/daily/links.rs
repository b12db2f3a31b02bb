//! Links between contacts: who works where and how persons are related, from both sides; and what is left when one goes.

use super::common::World;
use super::common::team::join;
use super::names;

/// Jeanne, Max and Pia; Acme, where Jeanne works and Max did.
fn firm() -> World {
    let world = World::with_firm();
    for (name, more) in [
        ("Jeanne Dupont", &["--email", "jeanne@example.org"][..]),
        ("Max Kern", &[]),
        ("Pia Roy", &[]),
        ("Acme", &["--organisation"]),
        ("Big Group", &["--organisation"]),
    ] {
        world.add(name, more);
    }
    link(&world, &["jeanne", "acme", "--role", "head of purchasing", "--since", "2024-03"]);
    link(&world, &["acme", "max", "--role", "Buyer", "--since", "2020", "--until", "2025-06-30"]);
    world
}

#[track_caller]
fn link(world: &World, args: &[&str]) -> String {
    world.carnet(&[&["link"], args].concat()).ok().first()
}

/// What JSON says of a contact's links: name, kind as seen from it, role, over.
#[track_caller]
fn related(world: &World, who: &str) -> Vec<(String, String, String, bool)> {
    let shown = world.carnet(&["show", who, "--json"]).ok().json();
    let text = |one: &serde_json::Value, key: &str| one[key].as_str().unwrap_or_default().to_owned();
    let all = shown["related"].as_array().unwrap().iter();
    all.map(|one| (text(one, "name"), text(one, "link"), text(one, "role"), one["over"] == true)).collect()
}

fn said(name: &str, kind: &str, role: &str, over: bool) -> (String, String, String, bool) {
    (name.into(), kind.into(), role.into(), over)
}

#[test]
fn a_firm_shows_its_people_and_deals_and_a_person_their_firm() {
    let world = firm();
    let id = |who: &str| world.carnet(&["list", who, "-q"]).ok().first();
    world.carnet(&["deal", "add", "Website", "--contact", "jeanne", "--amount", "4800"]).ok();
    world.carnet(&["deal", "add", "Old stock", "--contact", "max"]).ok();
    world.carnet(&["deal", "add", "Shop", "--contact", "acme"]).ok();
    assert_eq!(
        related(&world, "acme"),
        [
            said("Jeanne Dupont", "employs", "head of purchasing", false),
            said("Max Kern", "employs", "Buyer", true)
        ]
    );
    assert_eq!(related(&world, "max"), [said("Acme", "works-for", "Buyer", true)]);
    let briefing = world.carnet(&["show", "acme", "--briefing"]).ok().out;
    let (jeanne, max) = (id("jeanne"), id("max"));
    for line in [
        format!("People Jeanne Dupont, head of purchasing, since 2024-03 ({})", &jeanne[..8]),
        format!("       Max Kern, Buyer, from 2020 to 2025-06-30, past ({})", &max[..8]),
    ] {
        assert!(briefing.contains(&line), "{line} in {briefing}");
    }
    // The firm's deals and those of its people, but not of who left.
    assert!(briefing.contains("Website; ") && briefing.contains("Shop; "), "{briefing}");
    assert!(!briefing.contains("Old stock"), "{briefing}");
    let deals = world.carnet(&["show", "acme", "--json"]).ok().json()["deals"].as_array().unwrap().len();
    assert_eq!(deals, 2);
    let of_her = world.carnet(&["show", "jeanne", "--briefing"]).ok().out;
    assert!(of_her.starts_with("Jeanne Dupont (head of purchasing, Acme)\n"), "{of_her}");
    assert!(of_her.contains("works for: Acme, head of purchasing, since 2024-03"), "{of_her}");
    // Who was seen is in the access trail.
    let access = world.git(&["log", "--all", "--format=%B"]).ok().out;
    let acme = id("kind:organisation name:acme");
    assert!(
        access.contains(&format!("Carnet-Action: show\nCarnet-Contact: {acme}\nCarnet-Contact: {jeanne}\n")),
        "{access}"
    );
}

#[test]
fn persons_are_related_and_the_same_link_is_one_from_either_side() {
    let world = firm();
    let first = link(&world, &["jeanne", "max", "--kind", "spouse"]);
    assert_eq!(link(&world, &["max", "jeanne", "--kind", "spouse", "--since", "2012"]), first);
    assert_eq!(link(&world, &["pia", "jeanne", "--kind", "Parent of"]), first, "the child's file has it");
    link(&world, &["pia", "max", "--role", "met at the fair"]);
    assert_eq!(
        related(&world, "jeanne"),
        [
            said("Acme", "works-for", "head of purchasing", false),
            said("Max Kern", "spouse", "", false),
            said("Pia Roy", "child-of", "", false)
        ]
    );
    assert_eq!(
        related(&world, "pia"),
        [
            said("Jeanne Dupont", "parent-of", "", false),
            said("Max Kern", "related", "met at the fair", false)
        ]
    );
    // A link is changed while it lasts; when it is over, a new one begins.
    link(&world, &["jeanne", "acme", "--until", "2026-10-31"]);
    link(&world, &["jeanne", "acme", "--role", "director"]);
    let acme = related(&world, "jeanne").into_iter().filter(|one| one.0 == "Acme");
    assert_eq!(
        acme.collect::<Vec<_>>(),
        [said("Acme", "works-for", "director", false), said("Acme", "works-for", "head of purchasing", true)]
    );
    world.carnet(&["unlink", "jeanne", "max"]).ok();
    assert!(related(&world, "max").iter().all(|one| one.0 == "Acme" || one.0 == "Pia Roy"));
    world.carnet(&["undo", "--yes"]).ok();
    assert!(related(&world, "max").contains(&said("Jeanne Dupont", "spouse", "", false)));
    // The trail names the contact whose file it is, and nothing that was said.
    let log = world.git(&["log", "--all", "--format=%B"]).ok().out;
    assert!(log.contains("Carnet-Action: link-add") && log.contains("Carnet-Fields: link"), "{log}");
    for secret in ["Acme", "Jeanne", "spouse", "works", "director", "purchasing", "fair"] {
        assert!(!log.contains(secret), "{secret}: {log}");
    }
    world.carnet(&["verify"]).ok();
    world.carnet(&["doctor"]).ok();
}

#[test]
fn what_is_wrong_is_refused_and_nothing_is_written() {
    let world = firm();
    world.add("Max Kerner", &[]);
    let gone = world.add("Gone Soon", &[]);
    world.carnet(&["erase", &gone, "--reason", "error", "--yes"]).ok();
    let head = world.head();
    for (args, code, about) in [
        (vec!["link", "jeanne", "jeanne@example.org"], 5, "with itself"),
        (vec!["link", "jeanne", "nobody"], 3, "argument 2"),
        (vec!["link", "jeanne", "max"], 4, "2 contacts match"),
        (vec!["link", &gone, "jeanne"], 3, "was erased"),
        (vec!["link", "jeanne", "acme", "--kind", "colleage"], 2, "did you mean `colleague`"),
        (vec!["link", "jeanne", "acme", "--kind", "Paul Martin"], 2, "--role"),
        (vec!["link", "jeanne", "acme", "--until", "2024-02-29"], 2, "end before it began"),
        (vec!["link", "pia", "acme", "--since", "2026", "--until", "2025"], 2, "end before it began"),
        (vec!["link", "pia", "acme", "--since", "once"], 2, "no day, month or year"),
        (vec!["link", "pia"], 2, "required"),
        (vec!["unlink", "pia", "acme"], 3, "no such link"),
        (vec!["unlink", "jeanne", "acme", "--kind", "spouse"], 3, "no such link"),
        (vec!["link", "pia", "acme", "--dry-run"], 0, "nothing was changed"),
        (vec!["link", "jeanne", "acme"], 0, "Nothing was changed"),
    ] {
        let it = world.carnet(&args).code(code);
        assert!(it.err.contains(about) && !it.err.contains("Martin"), "{args:?}: {}", it.err);
        assert_eq!(world.head(), head, "{args:?}");
    }
}

#[test]
fn filters_find_linked_people_and_lists_name_their_firm() {
    let world = firm();
    link(&world, &["acme", "big group"]);
    link(&world, &["pia", "jeanne", "--kind", "friend"]);
    world.carnet(&["edit", "pia", "--set", "org=Acme Labs"]).ok();
    let found = |filter: &str| names(&world.carnet(&["list", filter, "--json"]).ok());
    // Who left is not of the firm any more.
    assert_eq!(found("org:acme"), ["Jeanne Dupont", "Pia Roy"]);
    assert_eq!(found("org:'big group'"), ["Acme"]);
    assert_eq!(found("kind:person and not org:acme"), ["Max Kern"]);
    assert_eq!(found("linked:acme"), ["Big Group", "Jeanne Dupont", "Max Kern"]);
    let jeanne = world.carnet(&["list", "jeanne", "-q"]).ok().first();
    assert_eq!(found(&format!("linked:{}", &jeanne[..8])), ["Acme", "Pia Roy"]);
    assert_eq!(found("linked=Acme and role:purchasing"), ["Jeanne Dupont"]);
    assert_eq!(found("not has:linked"), Vec::<String>::new());
    assert_eq!(found("org:acme and note:x"), Vec::<String>::new());
    assert_eq!(names(&world.carnet(&["list", "--org", "acme", "--json"]).ok()).len(), 2);
    let all = world.carnet(&["list", "--json"]).ok().json();
    let of_her = all.as_array().unwrap().iter().find(|one| one["name"] == "Jeanne Dupont").unwrap();
    assert_eq!((&of_her["firms"][0]["name"], &of_her["org"]), (&"Acme".into(), &"".into()));
    let table = world.carnet(&["list", "jeanne"]).ok().out;
    assert!(table.lines().nth(1).unwrap().contains("Acme"), "{table}");
    // The same wherever a filter is taken.
    assert_eq!(
        world
            .carnet(&["export", "--where", "org:acme and kind:person", "--format", "json"])
            .ok()
            .json()
            .as_array()
            .unwrap()
            .len(),
        2
    );
    world.carnet(&["todo", "add", "jeanne", "call", "--due", "2026-11-24"]).ok();
    assert!(world.carnet(&["agenda", "--where", "org:acme"]).ok().out.contains("call"));
    assert!(world.carnet(&["list", "linkd:acme"]).code(2).err.contains("did you mean `linked:`"));
    assert!(world.carnet(&["search", "save", "firm", "linked:acme"]).ok().err.contains("sealed"));
}

#[test]
fn an_erasure_and_a_merge_take_links_along() {
    let world = firm();
    let id = |who: &str| world.carnet(&["list", who, "-q"]).ok().first();
    let (acme, max, jeanne) = (id("name:acme"), id("max"), id("jeanne"));
    let twin = world.add("ACME S.A.R.L.", &["--organisation"]);
    let pia = link(&world, &["pia", &twin, "--role", "CTO"]);
    link(&world, &[&twin, &acme, "--kind", "related"]);
    // A becomes the only firm; whoever was linked with the other is linked with it, and nobody with themselves.
    world.carnet(&["merge", &acme, &twin, "--auto"]).ok();
    let people: Vec<String> = related(&world, &acme).into_iter().map(|one| one.0).collect();
    assert_eq!(people, ["Jeanne Dupont", "Pia Roy", "Max Kern"]);
    assert_eq!(related(&world, "pia"), [said("Acme", "works-for", "CTO", false)]);
    assert!(!world.carnet(&["show", &pia]).ok().out.contains(&twin));
    world.carnet(&["undo", "--yes"]).ok();
    assert_eq!(related(&world, "pia"), [said("ACME S.A.R.L.", "works-for", "CTO", false)]);
    assert_eq!(related(&world, &twin).len(), 2);
    // The erased one is in no file and no list; the other's earlier versions open no more.
    world.carnet(&["erase", &acme, "--reason", "error", "--yes"]).ok();
    for who in [&jeanne, &max] {
        assert_eq!(related(&world, who), []);
        let text = world.carnet(&["show", who]).ok().out;
        assert!(!text.contains(&acme) && !text.contains("link") && !text.contains("purchasing"), "{text}");
    }
    assert_eq!(names(&world.carnet(&["list", "org:acme", "--json"]).ok()), ["Pia Roy"], "of the other firm");
    let spouse = link(&world, &["jeanne", "max", "--kind", "spouse"]);
    world.carnet(&["erase", &spouse, "--reason", "error", "--yes"]).ok();
    assert_eq!(related(&world, if spouse == max { "jeanne" } else { "max" }), []);
    world.carnet(&["verify"]).ok();
    world.carnet(&["doctor"]).ok();
}

#[test]
fn who_cannot_open_the_other_book_sees_that_there_is_something_and_no_more() {
    let ana = World::with_firm();
    ana.carnet(&["book", "add", "private", "--purpose", "prospects"]).ok();
    let jeanne = ana.add("Jeanne Dupont", &[]);
    let hidden = ana.add("Max Secret", &["--book", "private", "--phone", "0612345678"]);
    ana.add("Secret Firm", &["--organisation", "--book", "private"]);
    link(&ana, &[&jeanne, &hidden, "--kind", "spouse"]);
    link(&ana, &[&jeanne, "secret firm", "--role", "adviser"]);
    link(&ana, &[&hidden, "secret firm"]);
    let bob = join(&ana, "bob", &["--book", "main"]);
    bob.carnet(&["member", "list", "--accept", "--yes"]).ok();
    let shown = bob.carnet(&["show", &jeanne, "--json"]).ok().json();
    assert_eq!((shown["related"].as_array().unwrap().len(), &shown["related_out_of_reach"]), (0, &2.into()));
    let briefing = bob.carnet(&["show", &jeanne, "--briefing"]).ok().out;
    assert!(briefing.contains("2 link(s) to contacts in books that you cannot open"), "{briefing}");
    for filter in ["org:secret", "linked:secret", "linked:max"] {
        assert_eq!(names(&bob.carnet(&["list", filter, "--json"]).ok()), Vec::<String>::new());
    }
    let everything = [
        briefing,
        shown.to_string(),
        bob.carnet(&["list"]).ok().out,
        bob.carnet(&["list", "--json"]).ok().out,
        bob.carnet(&["export", "--format", "vcard"]).ok().out,
        bob.carnet(&["link", "--suggest"]).ok().out,
    ];
    for text in everything {
        assert!(!text.contains("Secret") && !text.contains("612345678"), "{text}");
    }
    bob.carnet(&["link", &jeanne, "secret firm"]).code(3);
    bob.carnet(&["link", &jeanne, &hidden]).code(3);
    assert_eq!(names(&ana.carnet(&["list", "linked:jeanne", "--json"]).ok()), ["Max Secret", "Secret Firm"]);
}

#[test]
fn what_was_imported_is_linked_after_a_question() {
    let world = World::with_firm();
    let cards = "BEGIN:VCARD\r\nVERSION:4.0\r\nUID:urn:uuid:11111111-7c1e-4d5a-9a53-0d4c2f6f1e77\r\nFN:Léa Blanc\r\n\
        N:Blanc;Léa;;;\r\nORG:Menuiserie Petit SARL\r\nRELATED;TYPE=spouse:urn:uuid:22222222-7c1e-4d5a-9a53-0d4c2f6f1e77\r\n\
        END:VCARD\r\nBEGIN:VCARD\r\nVERSION:4.0\r\nUID:urn:uuid:22222222-7c1e-4d5a-9a53-0d4c2f6f1e77\r\nFN:Tom Blanc\r\n\
        N:Blanc;Tom;;;\r\nRELATED;TYPE=spouse:urn:uuid:11111111-7c1e-4d5a-9a53-0d4c2f6f1e77\r\n\
        RELATED;TYPE=friend:urn:uuid:99999999-7c1e-4d5a-9a53-0d4c2f6f1e77\r\nRELATED;TYPE=friend;VALUE=text:Paul\r\nEND:VCARD\r\n";
    let file = world.path().join("cards.vcf");
    std::fs::write(&file, cards).unwrap();
    let basis = ["--source", "fair", "--basis", "prospects:legitimate-interests"];
    world.carnet(&[&["import", file.to_str().unwrap()], &basis[..]].concat()).ok();
    world.add("S.A.R.L. Menuiserie Petit", &["--organisation"]);
    // Two firms of one name: nothing is guessed.
    world.add("Zed", &["--org", "Twice"]);
    world.add("Twice", &["--organisation"]);
    world.add("Twice SA", &["--organisation"]);
    let head = world.head();
    let listed = world.carnet(&["link", "--suggest", "--json"]).ok();
    let data = listed.json();
    let all: Vec<[&str; 3]> = data
        .as_array()
        .unwrap()
        .iter()
        .map(|one| ["name", "kind", "to_name"].map(|key| one[key].as_str().unwrap()))
        .collect();
    assert_eq!(all.len(), 2, "{all:?}");
    assert!(all.contains(&["Léa Blanc", "works-for", "S.A.R.L. Menuiserie Petit"]), "{all:?}");
    assert!(all.iter().any(|one| one[1] == "spouse"), "{all:?}");
    assert!(world.carnet(&["link", "--suggest"]).ok().err.contains("--yes"));
    assert_eq!(world.head(), head);
    assert!(world.carnet(&["link", "--suggest", "--yes"]).ok().out.contains("works for"));
    assert!(world.carnet(&["link", "--suggest"]).ok().err.contains("Nothing that was imported"));
    assert_eq!(related(&world, "tom"), [said("Léa Blanc", "spouse", "", false)]);
    // Out again: the card's own line is there once, and a new link is told by id.
    link(&world, &["tom", "menuiserie petit", "--role", "joiner"]);
    link(&world, &["tom", "zed", "--kind", "colleague"]);
    let out = world.carnet(&["export", "tom", "--format", "vcard"]).ok().out.replace("\r\n ", "");
    let zed = world.carnet(&["list", "name:zed", "-q"]).ok().first();
    for line in [
        "ORG:S.A.R.L. Menuiserie Petit\r\n",
        "ROLE:joiner\r\n",
        &format!("RELATED;TYPE=colleague:urn:uuid:{zed}\r\n"),
    ] {
        assert!(out.contains(line), "{line} in {out}");
    }
    let out = world.carnet(&["export", "--format", "vcard"]).ok().out.replace("\r\n ", "");
    let spouse = "RELATED;TYPE=spouse:urn:uuid:22222222-7c1e-4d5a-9a53-0d4c2f6f1e77\r\n";
    assert_eq!(out.matches(spouse).count(), 1, "{out}");
}

#[test]
fn a_person_is_told_how_they_are_related_and_no_other_person_is_named() {
    let world = firm();
    link(&world, &["max", "jeanne", "--kind", "spouse"]);
    let open = ["request", "open", "access", "--contact", "jeanne", "--channel", "email", "-q"];
    let reference = world.carnet(&open).ok().first();
    world.carnet(&["request", "answer", &reference, "--out", "../reply"]).ok();
    let read = |name: &str| std::fs::read_to_string(world.path().join("reply").join(name)).unwrap();
    let (data, page) = (read("data.json"), read("data.html"));
    let record: serde_json::Value = serde_json::from_str(&data).unwrap();
    let mut kinds: Vec<&str> = record["data"]["record"]["link"]
        .as_array()
        .unwrap()
        .iter()
        .map(|link| link["kind"].as_str().unwrap())
        .collect();
    kinds.sort_unstable();
    // What stands in Max's file is about her, too.
    assert_eq!(kinds, ["spouse", "works-for"]);
    assert!(data.contains("Acme") && page.contains("Acme, head of purchasing, 2024-03 –"), "{page}");
    assert!(page.contains("conjoint") || page.contains("spouse"), "{page}");
    let everything = format!("{data}{page}{}{}", read("contact.vcf"), read("contact.csv"));
    let max = world.carnet(&["list", "max", "-q"]).ok().first();
    assert!(!everything.contains("Kern") && !everything.contains(&max), "{everything}");
}
