//! Daily work of several people at once: what each did meets at the next sync.

use super::common::World;
use super::common::team::office;

fn sync(worlds: [&World; 2]) {
    for world in worlds.iter().chain(&worlds) {
        world.carnet(&["sync"]).ok();
    }
    for world in worlds {
        world.carnet(&["verify"]).ok();
        world.carnet(&["doctor"]).ok();
    }
}

#[test]
fn entries_and_actions_of_both_stay() {
    let (ana, bob) = office();
    let id = ana.add("Jeanne Dupont", &[]);
    ana.carnet(&["todo", "add", &id, "call back"]).ok();
    sync([&ana, &bob]);
    ana.carnet(&["log", "call", &id, "by ana"]).ok();
    ana.carnet(&["todo", "done", &id]).ok();
    bob.carnet(&["log", "meeting", &id, "by bob"]).ok();
    bob.carnet(&["todo", "add", &id, "write"]).ok();
    sync([&ana, &bob]);
    for world in [&ana, &bob] {
        let shown = world.carnet(&["show", &id, "--json"]).ok().json();
        assert_eq!(shown["activity"].as_array().unwrap().len(), 2);
        assert!(shown["conflict"].is_null(), "{shown}");
        let open = world.carnet(&["todo", "list", "--json"]).ok().json();
        assert_eq!((open.as_array().unwrap().len(), &open[0]["text"]), (1, &"write".into()));
    }
}

#[test]
fn a_contact_that_was_merged_here_and_changed_there_is_in_the_one_that_stays_whoever_syncs_first() {
    for ana_first in [true, false] {
        let (ana, bob) = office();
        let (a, b) = (ana.add("Jeanne Dupont", &[]), ana.add("Jeanne Dupond", &["--email", "b@example.org"]));
        sync([&ana, &bob]);
        ana.carnet(&["merge", &a, &b, "--auto"]).ok();
        ana.carnet(&["edit", &a, "--add-tag", "since"]).ok();
        bob.carnet(&["edit", &b, "--set", "title=Boss"]).ok();
        let order = if ana_first { [&ana, &bob] } else { [&bob, &ana] };
        order[0].carnet(&["sync"]).ok();
        let said = order[1].carnet(&["sync"]).ok().err;
        let told = format!("Contact {} had been merged into {}", &b[..8], &a[..8]);
        assert!(said.contains(&told), "{said}");
        sync(order);
        for world in [&ana, &bob] {
            assert_eq!(world.carnet(&["list", "-q"]).ok().out, format!("{a}\n"));
            // What Bob wrote is there, by either id, and nobody is asked twice about the name.
            let text = world.carnet(&["show", &b]).ok().out;
            assert!(
                text.contains("Boss") && text.contains("since") && text.contains("b@example.org"),
                "{text}"
            );
            assert_eq!(text.matches("[[conflict]]").count(), 1, "{text}");
        }
        // An erasure of the one is one of both.
        bob.carnet(&["erase", &b, "--reason", "error", "--yes"]).ok();
        sync([&bob, &ana]);
        assert_eq!(ana.carnet(&["list", "-q"]).ok().out, "");
    }
}

#[test]
fn a_no_said_to_the_one_that_was_merged_away_elsewhere_is_heard() {
    let (ana, bob) = office();
    let text = ana.path().join("text");
    std::fs::write(&text, "I agree.").unwrap();
    ana.carnet(&["wording", "add", "news", text.to_str().unwrap()]).ok();
    let more = |mail| ["--email", mail, "--basis", "newsletter:consent"];
    let (a, b) =
        (ana.add("Jeanne Dupont", &more("a@example.org")), ana.add("J. Dupont", &more("b@example.org")));
    let give = ["--purpose", "newsletter", "--wording", "news/1", "--method", "form", "--at", "2026-11-20"];
    ana.carnet(&[&["consent", "give", &b], &give[..]].concat()).ok();
    sync([&ana, &bob]);
    ana.carnet(&["merge", &a, &b, "--auto"]).ok();
    let mailing = ["mailing", "--purpose", "newsletter", "--channel", "email", "-q"];
    assert!(ana.carnet(&mailing).ok().out.contains(&a), "she said yes, as far as Ana knows");
    bob.carnet(&["consent", "withdraw", &b, "--purpose", "newsletter", "--method", "letter"]).ok();
    sync([&ana, &bob]);
    for world in [&ana, &bob] {
        let list = world.carnet(&mailing).ok();
        assert!(!list.out.contains(&a) && !list.out.contains(&b), "{}", list.out);
        assert!(world.carnet(&["show", &b]).ok().out.contains("withdrawn"));
    }
}

#[test]
fn two_who_are_merged_in_both_directions_are_one() {
    let (ana, bob) = office();
    let (a, b) = (ana.add("Jeanne Dupont", &[]), ana.add("Jeanne Dupond", &["--email", "b@example.org"]));
    sync([&ana, &bob]);
    ana.carnet(&["merge", &a, &b, "--auto"]).ok();
    bob.carnet(&["merge", &b, &a, "--auto"]).ok();
    sync([&ana, &bob]);
    let stays = a.clone().min(b.clone());
    for world in [&ana, &bob] {
        assert_eq!(world.carnet(&["list", "-q"]).ok().out, format!("{stays}\n"));
        let text = world.carnet(&["show", &a.clone().max(b.clone())]).ok().out;
        assert!(
            text.contains("b@example.org") && text.contains("Dupont") && text.contains("Dupond"),
            "{text}"
        );
        assert_eq!(text.lines().find(|line| line.starts_with("merged")).unwrap().matches(&stays).count(), 0);
    }
}

#[test]
fn links_of_both_stay_the_same_one_once_and_an_erasure_beats_them() {
    let (ana, bob) = office();
    let [jeanne, max, acme] = [("Jeanne Dupont", &[][..]), ("Max Kern", &[]), ("Acme", &["--organisation"])]
        .map(|(name, more)| ana.add(name, more));
    sync([&ana, &bob]);
    // Both make the same link, and each one of their own; then each says something else of the first.
    ana.carnet(&["link", &jeanne, &acme, "--role", "buyer"]).ok();
    bob.carnet(&["link", &jeanne, &acme, "--since", "2024-03"]).ok();
    bob.carnet(&["link", &jeanne, &max, "--kind", "colleague"]).ok();
    sync([&ana, &bob]);
    for world in [&ana, &bob] {
        let shown = world.carnet(&["show", &jeanne, "--json"]).ok().json();
        let links = shown["link"].as_array().unwrap();
        assert_eq!(links.len(), 2, "{shown}");
        let at_acme = links.iter().find(|link| link["to"] == acme.as_str()).unwrap();
        assert_eq!((&at_acme["role"], &at_acme["since"]), (&"buyer".into(), &"2024-03".into()));
        assert!(shown["conflict"].is_null(), "{shown}");
    }
    // What Bob links with an erased one before he hears of it goes with the sync.
    ana.carnet(&["erase", &acme, "--reason", "request", "--yes"]).ok();
    bob.carnet(&["link", &max, &acme, "--role", "of Acme"]).ok();
    bob.carnet(&["link", &jeanne, &acme, "--until", "2026-10-01"]).ok();
    sync([&ana, &bob]);
    for world in [&ana, &bob] {
        for (who, left) in [(&max, 0), (&jeanne, 1)] {
            let text = world.carnet(&["show", who]).ok().out;
            assert!(!text.contains(&acme) && !text.contains("of Acme"), "{text}");
            assert_eq!(text.matches("[[link]]").count(), left, "{text}");
        }
        assert_eq!(world.carnet(&["link", &max, &acme]).code(3).out, "");
    }
}
