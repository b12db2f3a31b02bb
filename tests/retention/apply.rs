//! Warning, grace, and what is then done in one commit.

use crate::common::World;
use crate::{PROSPECT, apply, collected, due, edit, fresh, of, warned};

#[test]
fn nothing_goes_without_a_warning_and_its_grace() {
    let mut world = World::with_firm();
    fresh(&world);
    let old = collected(&world, "Olga", "2023-01-31", PROSPECT, "");
    let head = world.head();
    assert_eq!(apply(&world, &[])["waiting"][0]["id"], old.as_str());
    let dry = world.carnet(&["retention", "warn", "--dry-run", "--json"]).ok().json();
    assert_eq!((&dry["contacts"][0]["id"], &dry["grace"]), (&old.as_str().into(), &"2026-12-23".into()));
    assert_eq!(world.head(), head);

    // One signed commit with trailers and a record of ids and days; nothing personal.
    let said = world.carnet(&["retention", "warn"]).ok();
    assert!(said.err.contains("2026-12-23"), "{}", said.err);
    assert_eq!(world.git(&["rev-list", "--count", &format!("{head}..HEAD")]).ok().first(), "1");
    let message = world.git(&["log", "-1", "--format=%B"]).ok().out;
    assert!(message.contains("Carnet-Action: retention-warn") && message.contains(&old), "{message}");
    let files = world.git(&["show", "--name-only", "--format=", "HEAD"]).ok().out;
    assert!(files.starts_with("registers/retention/2026-11-23-") && files.lines().count() == 1, "{files}");
    let record = world.git(&["show", &format!("HEAD:{}", files.trim())]).ok().out;
    assert!(record.contains(&old) && record.contains("ends = \"2026-01-31\""), "{record}");
    assert!(!format!("{message}{record}").to_lowercase().contains("olga"));
    world.trust_members();
    world.git(&["verify-commit", "HEAD"]).ok();
    assert!(world.carnet(&["retention", "warn"]).ok().err.contains("nothing to warn of"));

    // On the last day of grace nothing happens yet; on the next it does.
    world.now = "2026-12-23T23:00:00Z".into();
    let waiting = world.carnet(&["retention", "apply", "--yes"]).ok();
    assert!(waiting.err.contains("grace period"), "{}", waiting.err);
    world.carnet(&["show", &old]).ok();
    world.now = "2026-12-24T00:00:00Z".into();
    assert_eq!(of(&due(&world), &old)["ready"], true);
    let head = world.head();
    let dry = world.carnet(&["retention", "apply", "--dry-run"]).ok();
    assert!(dry.out.contains(&old) && dry.err.contains("2 version(s)"), "{dry:?}");
    assert_eq!(world.head(), head);
    let unsure = world.carnet(&["retention", "apply", "--no-input"]).code(2);
    assert!(unsure.err.contains("--yes"), "{}", unsure.err);

    let done = apply(&world, &[]);
    assert_eq!(
        (&done["erased"][0]["contact"], &done["erased"][0]["trigger"]),
        (&old.as_str().into(), &"retention".into())
    );
    assert_eq!(done["erased"][0]["proof"]["versions"], 2);
    assert_eq!(world.git(&["rev-list", "--count", &format!("{head}..HEAD")]).ok().first(), "1");
    let ledger =
        std::fs::read_to_string(world.firm().join(format!("registers/erasures/{old}.toml"))).unwrap();
    assert!(ledger.contains("trigger = \"retention\""), "{ledger}");
    world.carnet(&["show", &old]).code(3);
    world.carnet(&["verify"]).ok();
    world.carnet(&["erase", "--certificate", &old]).ok();
    assert!(world.carnet(&["retention", "apply", "--yes"]).ok().err.contains("nothing to apply"));
}

#[test]
fn a_word_from_the_person_after_the_warning_saves_them() {
    let mut world = World::with_firm();
    fresh(&world);
    let old = collected(&world, "Olga", "2023-01-31", PROSPECT, "");
    let other = collected(&world, "Oscar", "2023-01-31", PROSPECT, "");
    warned(&mut world, &[]);
    // What the firm wrote to them does not.
    world.carnet(&["log", "email", &other, "our offer", "--direction", "out"]).ok();
    world.carnet(&["log", "call", &old, "asked for a quote", "--direction", "in"]).ok();
    let done = apply(&world, &[]);
    assert_eq!(done["erased"].as_array().unwrap().len(), 1);
    assert_eq!(done["erased"][0]["contact"], other.as_str());
    world.carnet(&["show", &old]).ok();
}

#[test]
fn a_rule_that_was_changed_needs_a_new_warning() {
    let mut world = World::with_firm();
    fresh(&world);
    let old = collected(&world, "Olga", "2023-01-31", PROSPECT, "");
    warned(&mut world, &[]);
    let path = world.firm().join("registers/purposes/prospects.toml");
    let text = std::fs::read_to_string(&path).unwrap().replace("months = 36", "months = 24");
    std::fs::write(&path, text).unwrap();
    world.git(&["-c", "commit.gpgSign=false", "commit", "-qam", "shorter"]).ok();
    let line = of(&due(&world), &old);
    assert_eq!(
        (&line["ends"], &line["ready"], &line["grace"]),
        (&"2025-01-31".into(), &false.into(), &().into())
    );
}

#[test]
fn a_contact_under_two_purposes_loses_the_one_that_is_over() {
    let mut world = World::with_firm();
    fresh(&world);
    let both =
        collected(&world, "Bob", "2020-01-31", &["prospects:legitimate-interests", "customers:contract"], "");
    let old = collected(&world, "Olga", "2020-01-31", PROSPECT, &format!("# see {both}"));
    // Bob's file mentions Olga, so that both changes meet in one text.
    edit(&world, &both, &format!("printf '[custom]\\nsister = \"{old}\"\\n' >> \"$1\""));
    warned(&mut world, &[]);
    let head = world.head();
    let done = apply(&world, &[]);
    assert_eq!((done["erased"].as_array().unwrap().len(), &done["ended"]), (1, &1.into()));
    assert_eq!(world.git(&["rev-list", "--count", &format!("{head}..HEAD")]).ok().first(), "1");
    let message = world.git(&["log", "-1", "--format=%B"]).ok().out;
    assert!(message.contains(&format!("Carnet-Ended: {both}")), "{message}");
    let text = world.carnet(&["show", &both, "--json"]).ok().out;
    assert!(text.contains("2026-12-24") && !text.contains(&old), "{text}");
    world.carnet(&["verify"]).ok();
    // What is done is done.
    assert!(of(&due(&world), &both).is_null());
    let trail = world.carnet(&["history", &both]).ok().out;
    assert!(trail.contains("erase"), "{trail}");
}
