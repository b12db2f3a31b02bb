//! Deals: what they hold, how they move, what the pipeline says, and what an erasure leaves of them.

#[path = "../common/mod.rs"]
mod common;

mod erasing;
mod kept;
mod together;

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
fn a_damaged_deal_fails_alone() {
    let (world, jeanne, deal) = firm();
    let other = add(&world, "Enseigne", &["--contact", &jeanne]);
    let path = format!("records/main/{}/{deal}.toml.pgp", &deal[..2]);
    std::fs::write(world.firm().join(&path), "no message").unwrap();
    world.git(&["add", &path]).ok();
    world.git(&["-c", "commit.gpgsign=false", "commit", "-qm", "x"]).ok();
    for args in [
        &["deal", "list", "--all"][..],
        &["pipeline"],
        &["agenda"],
        &["show", &jeanne, "--json"],
        &["deal", "show", &other],
    ] {
        let said = world.carnet(args).ok();
        if !args.contains(&other.as_str()) {
            assert!(said.err.contains("1 sealed record(s) cannot be read"), "{args:?}: {}", said.err);
        }
    }
    assert!(world.carnet(&["deal", "list", "-q"]).ok().out.contains(&other));
    world.carnet(&["deal", "show", &deal]).code(1);
    world.carnet(&["verify"]).code(7);
    let twin = world.add("Jeanne Dupont", &[]);
    assert_ne!(
        world.carnet(&["merge", &jeanne, &twin, "--auto"]).code,
        0,
        "the damaged one may name the twin"
    );
}

#[test]
fn the_trail_names_the_fields_and_says_why_a_removal_stays() {
    let (world, _, deal) = firm();
    let fields = || world.git(&["log", "-1", "--format=%(trailers:key=Carnet-Fields,valueonly)"]).first();
    world.carnet(&["deal", "edit", &deal, "--note", "x", "--amount", "5"]).ok();
    assert_eq!(fields(), "amount, note");
    world.carnet(&["deal", "lost", &deal, "--reason", "too dear"]).ok();
    assert_eq!(fields(), "lost_reason, moved, stage");
    world.carnet(&["deal", "remove", &deal, "--yes"]).ok();
    let said = world.carnet(&["undo", "--yes"]).code(5);
    assert!(said.err.contains("the removal of a deal cannot be undone"), "{}", said.err);
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
fn the_list_takes_filters_of_its_own() {
    let (world, jeanne, deal) = firm();
    let soon = add(&world, "Atelier", &["--stage", "proposal", "--close", "2026-12-01"]);
    let late =
        add(&world, "Boutique", &["--stage", "proposal", "--close", "2027-03-01", "--contact", &jeanne]);
    let ids = |args: &[&str]| world.carnet(&[&["deal", "list", "-q"], args].concat()).ok().out;
    assert_eq!(ids(&[]), format!("{soon}\n{late}\n{deal}\n"));
    assert_eq!(ids(&["--stage", "proposal"]), format!("{soon}\n{late}\n"));
    assert_eq!(ids(&["--closing-before", "2027-03-01"]), format!("{soon}\n"));
    assert_eq!(ids(&["--contact", &jeanne]), format!("{late}\n{deal}\n"));
    assert_eq!(ids(&["--book", "main", "--open"]).lines().count(), 3);
    assert_eq!(world.carnet(&["deal", "list", "--json"]).ok().json()[2]["likely"], 10);
    let table = world.carnet(&["deal", "list"]).ok().out;
    assert!(table.contains("4 800.50 EUR") && table.contains("Boutique"), "{table}");
    // A read is in the access trail.
    let access = world.carnet(&["history", "--access", "--json"]).ok().out;
    assert!(access.contains("deal-list"), "{access}");
    world.carnet(&["deal", "show", &deal]).ok();
    let access = world.git(&["log", "--all", "--format=%B"]).ok().out;
    assert!(
        access.contains(&format!(
            "Carnet-Action: deal-show\nCarnet-Contact: {jeanne}\nCarnet-Record: {deal}\n"
        )),
        "{access}"
    );
}

#[test]
fn the_pipeline_adds_up_by_stage_and_month_and_never_over_currencies() {
    let (mut world, _, deal) = firm();
    add(&world, "A", &["--amount", "1000", "--currency", "USD", "--close", "2026-12-05"]);
    let b = add(&world, "B", &["--amount", "200", "--stage", "proposal", "--close", "2026-12-31"]);
    let parts = world.carnet(&["pipeline", "--json"]).ok().json();
    assert_eq!(parts["parts"][0]["sum"], serde_json::json!({ "EUR": "4800.50", "USD": "1000.00" }));
    assert_eq!(parts["total"]["weighted"], serde_json::json!({ "EUR": "600.05", "USD": "100.00" }));
    let text = world.carnet(&["pipeline"]).ok().out;
    assert!(text.contains("████") && text.contains("4 800.50 EUR + 1 000.00 USD"), "{text}");
    assert!(!text.contains("Dupont"));
    let months = world.carnet(&["pipeline", "--forecast", "--json"]).ok().json();
    assert_eq!((&months["parts"][0]["name"], &months["parts"][0]["count"]), (&"2026-12".into(), &2.into()));
    assert_eq!(months["parts"][0]["weighted"], serde_json::json!({ "EUR": "120.00", "USD": "100.00" }));
    assert!(world.carnet(&["pipeline", "--forecast"]).ok().out.contains("no date"));
    world.now = "2026-12-03T10:00:00Z".into();
    world.carnet(&["deal", "won", &b]).ok();
    world.carnet(&["deal", "lost", &deal]).ok();
    let stats = world.carnet(&["pipeline", "--stats", "--json"]).ok().json();
    assert_eq!(
        (&stats["win_rate"], &stats["cycle_days"], &stats["won"]),
        (&50.0.into(), &10.0.into(), &1.into())
    );
    assert_eq!(stats["stages"][0]["days"], 10.0);
    assert!(world.carnet(&["pipeline", "--stats"]).ok().out.contains("Win rate: 50.0 %"));
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

#[test]
fn deals_are_undone_as_other_operations_are() {
    let (world, _, deal) = firm();
    world.carnet(&["deal", "edit", &deal, "--amount", "1"]).ok();
    world.carnet(&["deal", "won", &deal]).ok();
    world.carnet(&["undo"]).ok();
    assert_eq!(show(&world, &deal)["stage"], "lead");
    world.carnet(&["undo"]).ok();
    assert_eq!(show(&world, &deal)["amount"], "4800.50 EUR");
    assert!(world.carnet(&["undo"]).code(2).err.contains("--yes"), "it goes with its key");
    world.carnet(&["undo", "--yes"]).ok();
    world.carnet(&["deal", "show", &deal]).code(3);
    world.carnet(&["verify"]).ok();
    world.carnet(&["doctor"]).ok();
}

#[test]
fn a_removed_deal_is_gone_with_its_key() {
    let (world, jeanne, deal) = firm();
    world.carnet(&["log", "call", &jeanne, "about it", "--deal", &deal]).ok();
    world.carnet(&["deal", "edit", &deal, "--amount", "5000"]).ok();
    let head = world.head();
    assert!(world.carnet(&["deal", "remove", &deal]).code(2).err.contains("--yes"));
    world.carnet(&["deal", "remove", &deal, "--dry-run"]).ok();
    world.carnet(&["deal", "remove", "no such"]).code(3);
    assert_eq!(world.head(), head);
    assert!(!erasing::readable(&world, &deal).is_empty());
    assert_eq!(world.carnet(&["deal", "remove", &deal, "--yes", "--json"]).ok().json()["id"], deal.as_str());
    assert_eq!(erasing::readable(&world, &deal), Vec::<String>::new(), "no version opens any more");
    world.carnet(&["deal", "show", &deal]).code(3);
    assert!(world.carnet(&["show", &jeanne]).ok().out.contains("about it"), "what was said to her stays");
    assert!(world.carnet(&["undo", "--yes"]).code(5).err.contains("cannot be undone"));
    assert!(world.git(&["log", "-1", "--format=%B"]).ok().out.contains("Carnet-Action: deal-remove"));
    world.carnet(&["verify"]).ok();
    world.carnet(&["doctor"]).ok();
}

#[test]
fn the_filter_language_asks_deals_and_agenda_and_calendar_have_them() {
    let (world, jeanne, deal) = firm();
    world.add("Acme", &["--organisation"]);
    world.add("Max Kern", &[]);
    world.carnet(&["link", &jeanne, "acme", "--role", "buyer"]).ok();
    let shop = add(&world, "Boutique", &["--contact", "acme", "--amount", "900", "--stage", "proposal"]);
    let max = add(
        &world,
        "Atelier",
        &["--contact", "max", "--amount", "15000", "--currency", "USD", "--close", "2026-12-01"],
    );
    world.carnet(&["deal", "edit", &deal, "--next", "send the offer", "--due", "2026-11-24"]).ok();
    let ids = |args: &[&str]| {
        let mut ids: Vec<String> = world
            .carnet(&[&["deal", "list", "-q"], args].concat())
            .ok()
            .out
            .lines()
            .map(str::to_owned)
            .collect();
        ids.sort();
        ids
    };
    let these = |list: &[&String]| {
        let mut list: Vec<String> = list.iter().map(|id| (*id).clone()).collect();
        list.sort();
        list
    };
    for (filter, expected) in [
        ("stage:proposal", these(&[&shop])),
        ("amount>900", these(&[&deal, &max])),
        ("amount>=900 and currency:eur", these(&[&deal, &shop])),
        ("amount='4 800,5'", these(&[&deal])),
        ("close<30d", these(&[&max])),
        ("not has:close and probability<50", these(&[&deal])),
        ("org:acme", these(&[&deal, &shop])),
        ("contact:dupont or title:bout", these(&[&deal, &shop])),
        ("with:max or due<2d", these(&[&deal, &max])),
        ("offer", these(&[&deal])),
        ("stage:won", these(&[])),
    ] {
        assert_eq!(ids(&[filter]), expected, "{filter}");
    }
    world.carnet(&["deal", "won", &shop]).ok();
    assert_eq!(ids(&["stage:won"]), these(&[&shop]));
    assert_eq!(ids(&["org:acme"]), these(&[&deal]));
    assert_eq!(ids(&["org:acme", "--all"]), these(&[&deal, &shop]));
    for (filter, said) in [
        ("stge:won", "did you mean `stage:`"),
        ("tag:vip", "they have id, book, title"),
        ("amount>much", "no number"),
        ("amount>1,200", "no number"),
        ("close<much", "neither a date"),
        ("stage<won", "no order"),
    ] {
        assert!(world.carnet(&["deal", "list", filter]).code(2).err.contains(said), "{filter}");
    }
    // The firm is in the list, on the deal's own page and in JSON.
    assert!(world.carnet(&["deal", "list", "site"]).ok().out.contains("Acme"));
    assert!(world.carnet(&["deal", "show", &deal]).ok().out.contains("firm    "));
    assert_eq!(show(&world, &deal)["firm"]["name"], "Acme");
    // The agenda of some contacts has their deals, and a calendar all days.
    let agenda = world.carnet(&["agenda", "--days", "30", "--where", "name:dupont"]).ok().out;
    assert!(agenda.contains("send the offer") && !agenda.contains("Atelier"), "{agenda}");
    let feed = world.carnet(&["agenda", "--ics"]).ok().out.replace("\r\n ", "");
    for line in [
        format!("UID:deal-{deal}-next@carnet\r\n"),
        format!("UID:deal-{max}-close@carnet\r\n"),
        "SUMMARY:Atelier: expected to close\r\n".to_owned(),
        "DTSTART;VALUE=DATE:20261201\r\n".to_owned(),
    ] {
        assert!(feed.contains(&line), "{line} in {feed}");
    }
    assert!(!feed.contains(&shop), "a won deal has no days");
    world.carnet(&["deal", "edit", &max, "--close", ""]).ok();
    assert!(show(&world, &max)["close"].is_null());
}

#[test]
fn an_empty_list_says_where_the_closed_ones_are() {
    let (world, _, deal) = firm();
    world.carnet(&["deal", "won", &deal]).ok();
    assert!(world.carnet(&["deal", "list"]).ok().err.contains("`carnet deal list --all`"));
    assert!(world.carnet(&["pipeline"]).ok().err.contains("`carnet pipeline --stats`"));
    assert!(world.carnet(&["deal", "list", "--stage", "lead"]).ok().err.contains("No deals."));
    world.carnet(&["deal", "list", "--all"]).ok();
}

#[test]
fn an_amount_may_name_its_currency_and_an_unknown_one_is_named_as_such() {
    let world = World::with_firm();
    for (amount, is) in [
        ("1200 CHF", "1200.00 CHF"),
        ("1200,50€", "1200.50 EUR"),
        ("gbp 5", "5.00 GBP"),
        ("£5", "5.00 GBP"),
        ("7", "7.00 EUR"),
    ] {
        assert_eq!(show(&world, &add(&world, "Site", &["--amount", amount]))["amount"], is, "{amount}");
    }
    let refused = |args: &[&str]| world.carnet(&[&["deal", "add", "X"], args].concat()).code(2).err;
    assert!(refused(&["--amount", "5 ZZZ"]).contains("no currency of ISO 4217"));
    assert!(refused(&["--amount", "5 CHF", "--currency", "EUR"]).contains("another currency"));
    assert!(refused(&["--amount", "EUR"]).contains("no amount"));
    assert!(refused(&["--amount", "-5 CHF"]).contains("negative"));
}

#[test]
fn amounts_are_whole_in_80_columns_and_the_trail_names_the_fields() {
    let (world, _, deal) = firm();
    add(&world, "Affiches", &["--amount", "12 000 CHF", "--stage", "proposal"]);
    let mut command = world.command(env!("CARGO_BIN_EXE_carnet"), &world.firm());
    let said = common::said(command.env("COLUMNS", "80").arg("pipeline").output().unwrap()).ok();
    assert!(said.out.contains("12 000.00 CHF + 4 800.50 EUR"), "{}", said.out);
    world.carnet(&["deal", "edit", &deal, "--next", "call", "--due", "demain", "--probability", "40"]).ok();
    let log = world.git(&["log", "-1", "--format=%B"]).ok().out;
    assert!(log.contains("Carnet-Fields: next, next_due, probability"), "{log}");
}
