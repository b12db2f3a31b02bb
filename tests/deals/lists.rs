//! Lists, the pipeline and filters over deals.

use super::*;

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
