//! `carnet object`: at once, whatever the spelling (beyond erasure and merging: `clones`).

use crate::common::{Said, World};
use crate::{firm, give, rule};

fn add(world: &World, basis: &str, more: &[&str]) -> Said {
    world.carnet(&[&["add", "--name", "X", "--source", "fair", "--basis", basis][..], more].concat())
}

#[test]
fn it_counts_at_once_and_names_nobody() {
    let (world, id) = firm();
    give(&world, &id, &[]).ok();
    assert_eq!(rule(&world, &id, &[]).0, 0);
    let before = world.head();
    let done =
        world.carnet(&["object", &id, "--method", "by phone", "--request", "2026-7", "--json"]).ok().json();
    assert_eq!((&done["entries"], &done["contacts"][0]), (&2.into(), &id.as_str().into()));
    assert_eq!(world.git(&["rev-parse", "HEAD~1"]).ok().first(), before);
    assert_eq!(rule(&world, &id, &[]), (5, "objected".into()));
    let shown = world.git(&["show", "--stat", "HEAD"]).ok().out;
    assert!(!shown.to_lowercase().contains("rare") && shown.contains("Carnet-Request: 2026-7"), "{shown}");
    assert!(world.carnet(&["show", &id]).ok().out.contains("method = \"by phone\""));
    // The same again is no second objection.
    let before = world.head();
    world.carnet(&["object", &id]).ok();
    assert_eq!(world.head(), before);
    world.carnet(&["verify"]).ok();
    for spelling in [
        "ada.rare@example.org",
        " MAILTO:ADA.RARE@EXAMPLE.ORG",
        "0655512398",
        "+33 6 55 51 23 98",
        "0033655512398",
    ] {
        world.carnet(&["object", "check", spelling]).code(5);
        let said =
            world.carnet_with_input(&["object", "check", "-", "--json"], spelling.as_bytes()).code(5).json();
        assert_eq!(said["opposed"], true);
    }
    world.carnet(&["object", "check", "somebody@example.org"]).ok();
    world.carnet(&["object", "check", "who?"]).code(2);
    add(&world, "customers:contract", &["--email", "ADA.rare@example.org"]).code(5);
    let csv = "name,email,phone\nA,Ada.Rare@example.org,\nB,b@example.org,0033655512398\nC,c@example.org,\n";
    let import =
        ["import", "-", "--format", "csv", "--source", "x", "--basis", "customers:contract", "--json"];
    let done = world.carnet_with_input(&import, csv.as_bytes()).ok().json();
    assert_eq!((&done["imported"], &done["skipped"]), (&1.into(), &2.into()));
}

#[test]
fn one_purpose_or_channel_leaves_the_others() {
    let (world, id) = firm();
    give(&world, &id, &[]).ok();
    world.carnet(&["object", &id, "--channel", "sms"]).ok();
    assert_eq!(rule(&world, &id, &[]).0, 0);
    let sms = ["lawful", &id, "--purpose", "newsletter", "--channel", "sms", "-q"];
    assert_eq!(world.carnet(&sms).code(5).first(), "objected");
    // Held for other channels, she may be added elsewhere.
    let other = add(&world, "prospects:legitimate-interests", &["--phone", "0655512398"]).ok().first();
    world.carnet(&["object", &id, "--purpose", "newsletter"]).ok();
    assert_eq!(rule(&world, &id, &[]).1, "objected");
    // Another contact with her number is recognised by the list.
    let sms = ["lawful", &other, "--purpose", "prospects", "--channel", "sms", "-q"];
    assert_eq!(world.carnet(&sms).code(5).first(), "opposition-list");
    add(&world, "newsletter:consent", &["--email", "ada.rare@example.org"]).code(5);
    add(&world, "customers:contract", &["--email", "ada.rare@example.org"]).ok();
    world.carnet(&["object", &id, "--purpose", "nowhere"]).code(5);
    world.carnet(&["object", &id, "--at", "2026-11-24"]).code(2);
    let listed = world.git(&["ls-tree", "-r", "--name-only", "HEAD", "registers/objections"]).ok().out;
    assert!(listed.contains("._.sms.toml") && listed.contains(".newsletter._.toml"), "{listed}");
    world.carnet(&["verify"]).ok();
}

#[test]
fn she_who_comes_back_lifts_it() {
    let (world, id) = firm();
    give(&world, &id, &[]).ok();
    world.carnet(&["object", &id, "--lift"]).code(5);
    world.carnet(&["object", &id]).ok();
    world.carnet(&["object", &id, "--lift", "--dry-run"]).ok();
    assert_eq!(rule(&world, &id, &[]).0, 5);
    world.carnet(&["object", &id, "--lift"]).ok();
    assert_eq!(rule(&world, &id, &[]), (0, "consent".into()));
    world.carnet(&["object", "check", "ada.rare@example.org"]).ok();
    assert!(world.carnet(&["show", &id]).ok().out.contains("lifted = 2026-11-23"));
    world.carnet(&["verify"]).ok();
    // And can object again.
    world.carnet(&["object", &id]).ok();
    assert_eq!(rule(&world, &id, &[]).0, 5);
}
