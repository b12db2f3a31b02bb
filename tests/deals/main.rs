//! Deals: what they hold, how they move, what the pipeline says, and what an erasure leaves of them.

#[path = "../common/mod.rs"]
mod common;

mod erasing;
mod kept;
mod lists;
mod together;
mod trail;

use common::World;

/// A firm with a contact and a deal of hers.
fn firm() -> (World, String, String) {
    let world = World::with_firm();
    let jeanne = world.add("Jeanne Dupont", &["--email", "jeanne@example.org"]);
    let deal = add(&world, "Site web Dupont", &["--contact", "jeanne@example.org", "--amount", "4 800,50"]);
    (world, jeanne, deal)
}

#[track_caller]
fn add(world: &World, title: &str, more: &[&str]) -> String {
    world.carnet(&[&["deal", "add", title], more].concat()).ok().first()
}

#[track_caller]
fn show(world: &World, deal: &str) -> serde_json::Value {
    world.carnet(&["deal", "show", deal, "--json"]).ok().json()
}

#[test]
fn a_deal_lives_from_first_to_won() {
    let (world, jeanne, deal) = firm();
    let shown = show(&world, &deal);
    for (key, value) in
        [("title", "Site web Dupont"), ("amount", "4800.50 EUR"), ("stage", "lead"), ("book", "main")]
    {
        assert_eq!(shown[key], value, "{shown}");
    }
    assert_eq!(
        (&shown["contacts"][0], &shown["people"][0]["name"]),
        (&jeanne.as_str().into(), &"Jeanne Dupont".into())
    );
    world
        .carnet(&[
            "deal",
            "edit",
            "site dupont",
            "--close",
            "2026-12-20",
            "--next",
            "send the offer",
            "--due",
            "2026-11-25",
        ])
        .ok();
    world.carnet(&["deal", "move", &deal[..8], "proposal"]).ok();
    let shown = show(&world, &deal);
    assert_eq!(
        (&shown["stage"], &shown["likely"], &shown["close"]),
        (&"proposal".into(), &60.into(), &"2026-12-20".into())
    );
    assert_eq!(shown["moved"].as_array().unwrap().len(), 2);
    world.carnet(&["deal", "edit", &deal, "--amount", "5000", "--probability", "75"]).ok();
    assert_eq!(
        (&show(&world, &deal)["amount"], &show(&world, &deal)["likely"]),
        (&"5000.00 EUR".into(), &75.into())
    );
    // A dry run and an edit of nothing write nothing.
    let head = world.head();
    world.carnet(&["deal", "won", &deal, "--dry-run"]).ok();
    assert!(world.carnet(&["deal", "move", &deal, "proposal"]).ok().err.contains("Nothing was changed"));
    assert_eq!(world.head(), head);
    world.carnet(&["deal", "won", &deal]).ok();
    assert_eq!(show(&world, &deal)["stage"], "won");
    assert_eq!(world.carnet(&["deal", "list", "-q"]).ok().out, "");
    assert_eq!(world.carnet(&["deal", "list", "--all", "-q"]).ok().first(), deal);
    world.carnet(&["deal", "lost", &deal, "--reason", "they went broke"]).ok();
    assert_eq!(show(&world, &deal)["lost_reason"], "they went broke");
    // The commits name ids and fields, and nothing that is said.
    let log = world.git(&["log", "--all", "--format=%B"]).ok().out;
    assert!(
        log.contains("Carnet-Action: deal-move") && log.contains(&format!("Carnet-Record: {deal}")),
        "{log}"
    );
    for secret in ["Site", "Dupont", "4800", "5000", "broke", "offer"] {
        assert!(!log.contains(secret), "{secret}: {log}");
    }
    world.carnet(&["verify"]).ok();
    world.carnet(&["doctor"]).ok();
}

#[test]
fn what_is_wrong_is_refused_and_nothing_is_written() {
    let (world, _, deal) = firm();
    let same = [world.add("Max Kern", &[]), world.add("Maxime Kern", &[])];
    add(&world, "Site web Kern", &[]);
    let head = world.head();
    for (args, code, said) in [
        (vec!["move", &deal, "propsal"], 2, "did you mean `proposal`"),
        (vec!["edit", &deal, "--amount", "-5"], 2, "cannot be negative"),
        (vec!["edit", &deal, "--amount", "10.123"], 2, "EUR has 2 decimals"),
        (vec!["edit", &deal, "--amount", "10.5", "--currency", "JPY"], 2, "JPY has 0 decimals"),
        (vec!["edit", &deal, "--amount", "many"], 2, "no amount"),
        (vec!["edit", &deal, "--amount", "10", "--currency", "EURO"], 2, "no currency"),
        (vec!["edit", &deal, "--close", "2026-02-30"], 2, "no day"),
        (vec!["edit", &deal, "--probability", "101"], 2, "0 to 100"),
        (vec!["edit", &deal, "--probability", "-1"], 2, "0 to 100"),
        (vec!["add", "X", "--contact", "kern"], 4, "2 contacts match"),
        (vec!["add", "X", "--contact", "nobody"], 3, "no contact matches"),
        (vec!["add", " "], 2, "needs a title"),
        (vec!["show", "site web"], 4, "2 deals match"),
        (vec!["won", "nothing such"], 3, "no deal matches"),
        (vec!["edit", &deal, "--remove-contact", &same[0]], 2, "not of this deal"),
        (vec!["list", "--stage", "leed"], 2, "did you mean `lead`"),
    ] {
        let said_it = world.carnet(&[&["deal"], &args[..]].concat()).code(code);
        assert!(said_it.err.contains(said), "{args:?}: {}", said_it.err);
        assert_eq!(world.head(), head, "{args:?}");
    }
    // A whole title is not ambiguous where another one merely contains it.
    let whole = add(&world, "Site web", &[]);
    assert_eq!(show(&world, "site web")["id"], whole.as_str());
}

#[test]
fn stages_are_the_firms_own() {
    let (world, _, deal) = firm();
    let path = world.firm().join("carnet.toml");
    let mut text = std::fs::read_to_string(&path).unwrap();
    text.push_str(
        "\n[pipeline]\nstages = [\"contact\", { name = \"devis\", probability = 45 }]\ncurrency = \"CHF\"\n",
    );
    std::fs::write(&path, text).unwrap();
    world
        .git(&[
            "-c",
            "commit.gpgsign=false",
            "-c",
            "user.name=x",
            "-c",
            "user.email=x@y.z",
            "commit",
            "-qam",
            "stages",
        ])
        .ok();
    let own = add(&world, "Own", &["--stage", "devis", "--amount", "100"]);
    let shown = show(&world, &own);
    assert_eq!((&shown["likely"], &shown["amount"]), (&45.into(), &"100.00 CHF".into()));
    assert!(
        world.carnet(&["deal", "move", &own, "proposal"]).code(2).err.contains("contact, devis, won, lost")
    );
    // What stands in a stage that is gone is still seen.
    assert_eq!(world.carnet(&["deal", "list", "--stage", "lead", "-q"]).ok().first(), deal);
    assert!(world.carnet(&["pipeline"]).ok().out.contains("lead"));
}

#[test]
fn interactions_agenda_and_briefing_know_deals() {
    let (world, jeanne, deal) = firm();
    world.carnet(&["log", "call", &jeanne, "wants it blue", "--deal", "site web"]).ok();
    world.carnet(&["log", "call", &jeanne, "about her holidays"]).ok();
    let shown = show(&world, &deal);
    assert_eq!(shown["activities"].as_array().unwrap().len(), 1);
    let text = world.carnet(&["deal", "show", &deal]).ok().out;
    assert!(
        text.contains("wants it blue") && text.contains("Jeanne Dupont") && !text.contains("holidays"),
        "{text}"
    );
    world.carnet(&["log", "call", &jeanne, "x", "--deal", "no such"]).code(3);
    world
        .carnet(&[
            "deal",
            "edit",
            &deal,
            "--next",
            "send the offer",
            "--due",
            "2026-11-20",
            "--close",
            "2026-11-28",
        ])
        .ok();
    let agenda = world.carnet(&["agenda"]).ok().out;
    assert!(agenda.contains("send the offer") && agenda.contains("expected to close"), "{agenda}");
    assert_eq!(world.carnet(&["agenda", "--json"]).ok().json()["deals"].as_array().unwrap().len(), 2);
    let briefing = world.carnet(&["show", &jeanne, "--briefing"]).ok().out;
    assert!(
        briefing.contains("Deals") && briefing.contains("Site web Dupont; 4 800.50 EUR; lead"),
        "{briefing}"
    );
    world.carnet(&["deal", "won", &deal]).ok();
    assert!(!world.carnet(&["show", &jeanne, "--briefing"]).ok().out.contains("Site web"));
    assert!(!world.carnet(&["agenda"]).ok().out.contains("offer"));
}
