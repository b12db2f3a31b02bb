//! The same file again, and a changed one: who is there is not made twice, and gets what is new only where that is asked for.

use serde_json::json;

use super::common::World;
use super::import;

const FIRST: &str = "Prénom;Nom;Société;Téléphone;E-mail;Fonction\n\
    Zoé;Martin;Martin SARL;06 12 34 56 78;zoe@example.org;\n\
    Luc;Roy;Acme;02 38 00 00 01;;\n\
    Priya;Sharma;Stripe;;;\n\
    ;;Boulangerie Petit;02 38 00 00 02;;\n";

#[test]
fn the_same_file_twice_makes_nobody_twice() {
    let world = World::with_firm();
    assert!(import(&world, FIRST.as_bytes(), &[]).ok().err.contains("Imported 4"));
    let said = import(&world, FIRST.as_bytes(), &[]).ok().err;
    assert!(said.contains("Imported 0 contact(s)") && said.contains("4 duplicate(s)"), "{said}");
    for reason in [
        "its e-mail is that of contact",
        "its name and number are those of",
        "its name and organisation are those of",
    ] {
        assert!(said.contains(reason), "{reason}: {said}");
    }
    assert!(said.contains("--merge"), "{said}");
    assert_eq!(world.carnet(&["list", "-q"]).ok().out.lines().count(), 4);
    // A number alone is no person: two of one firm share it.
    let other = "Nom;Téléphone\nBob Noël;02 38 00 00 01\n";
    assert!(import(&world, other.as_bytes(), &[]).ok().err.contains("Imported 1"));
    // Twice in one file.
    let twice = "Nom;Téléphone\nInès Noir;02 38 00 00 09\nInès Noir;02.38.00.00.09\n";
    let said = import(&world, twice.as_bytes(), &[]).ok().err;
    assert!(said.contains("Imported 1") && said.contains("those of row 2"), "{said}");
}

#[test]
fn a_changed_file_fills_up_who_is_there_and_changes_nothing() {
    let world = World::with_firm();
    import(&world, FIRST.as_bytes(), &[]).ok();
    let changed = "Prénom;Nom;Société;Téléphone;E-mail;Fonction\n\
        Zoé;Martin;Autre SARL;+33 6 12 34 56 78;zoe@example.org;Gérante\n\
        Luc;Roy;Acme;02 38 00 00 01;luc@example.org;\n\
        Nina;Simon;;;nina@example.org;\n";
    let preview = import(&world, changed.as_bytes(), &["--merge", "--dry-run"]).ok();
    assert!(
        preview.err.contains("Would import 1 new contact(s) into book main, 2 changed"),
        "{}",
        preview.err
    );
    assert!(preview.err.contains("merged") && preview.err.contains("title"), "{}", preview.err);
    let before = world.git(&["rev-list", "--count", "HEAD"]).out;
    let said = import(&world, changed.as_bytes(), &["--merge", "--json"]).ok().json();
    assert_eq!((&said["imported"], said["changed"].as_array().unwrap().len()), (&1.into(), 2), "{said:#}");
    let after = world.git(&["rev-list", "--count", "HEAD"]).out;
    assert_eq!(after.trim().parse::<usize>().unwrap(), before.trim().parse::<usize>().unwrap() + 1);
    let zoe = world.carnet(&["show", "zoe@example.org", "--json"]).ok().json();
    assert_eq!((&zoe["org"], &zoe["title"]), (&"Martin SARL".into(), &"Gérante".into()));
    assert_eq!(zoe["phones"].as_array().unwrap().len(), 1);
    let remarks = said["remarks"].to_string();
    assert!(remarks.contains("which stays: org") && !remarks.contains("Autre"), "{remarks}");
    assert_eq!(
        world.carnet(&["show", "luc roy", "--json"]).ok().json()["emails"][0]["value"],
        "luc@example.org"
    );
    // A second time there is nothing left to take in.
    assert!(import(&world, changed.as_bytes(), &["--merge"]).ok().err.contains("3 duplicate(s)"));
    // And all of it goes back.
    world.carnet(&["import", "undo", "--yes"]).ok();
    assert_eq!(world.carnet(&["show", "zoe@example.org", "--json"]).ok().json()["title"], json!(null));
    world.carnet(&["show", "nina@example.org"]).code(3);
    world.carnet(&["verify"]).ok();
}

#[test]
fn who_was_erased_and_objected_is_refused_again() {
    let world = World::with_firm();
    import(&world, FIRST.as_bytes(), &[]).ok();
    world.carnet(&["object", "zoe@example.org"]).ok();
    world.carnet(&["erase", "zoe@example.org", "--reason", "request", "--yes"]).ok();
    for more in [&["--merge"][..], &[]] {
        let said = import(&world, FIRST.as_bytes(), more).ok().err;
        assert!(said.contains("on the opposition list") && said.contains("1 row(s) skipped"), "{said}");
    }
}

#[test]
fn a_file_s_opt_out_is_an_objection_for_new_contacts_and_for_those_that_are_there() {
    let world = World::with_firm();
    let csv = |zoe: &str, bob: &str| {
        format!(
            "Record ID,First Name,Last Name,Email,Unsubscribed from all email\n1,Zoé,Martin,zoe@example.org,{zoe}\n2,Bob,Noël,bob@example.org,{bob}\n"
        )
    };
    import(&world, csv("true", "false").as_bytes(), &[]).ok();
    let lawful =
        |who: &str| world.carnet(&["lawful", who, "--purpose", "prospects", "--channel", "email", "-q"]);
    assert_eq!(lawful("zoe@example.org").code(5).first(), "objected");
    let zoe = world.carnet(&["show", "zoe@example.org", "--json"]).ok().json();
    assert_eq!(
        (&zoe["objection"][0]["channel"], &zoe["custom"]),
        (&"email".into(), &json!({ "hubspot id": "1" }))
    );
    world.carnet(&["object", "check", "ZOE@example.org"]).code(5);
    world.carnet(&["object", "check", "bob@example.org"]).ok();
    // Bob has unsubscribed since: that counts though he is there already, once, and without --merge.
    let said = import(&world, csv("true", "true").as_bytes(), &[]).ok().err;
    assert!(said.contains("wants no e-mail") && said.contains("1 changed"), "{said}");
    world.carnet(&["object", "check", "bob@example.org"]).code(5);
    let said = import(&world, csv("true", "true").as_bytes(), &[]).ok().err;
    assert!(said.contains("Imported 0 contact(s)") && !said.contains("wants no e-mail"), "{said}");
    // Two rows of one new person, of which the second says no: it is said.
    let twice = "Record ID,First Name,Last Name,Email,Unsubscribed from all email\n3,Ada,Lys,ada@example.org,false\n4,Ada,Lys,ada@example.org,true\n";
    let said = import(&world, twice.as_bytes(), &[]).ok().err;
    assert!(said.contains("1 duplicate(s)") && said.contains("wants no e-mail"), "{said}");
    world.carnet(&["object", "check", "ada@example.org"]).code(5);
    // Pipedrive says it in words; what says neither is kept.
    let csv = "Person - Name,Person - Email - Work,Person - Marketing status\nInès Noir,ines@example.org,unsubscribed\nLuc Roy,luc@example.org,no_consent\n";
    import(&world, csv.as_bytes(), &[]).ok();
    world.carnet(&["object", "check", "ines@example.org"]).code(5);
    world.carnet(&["object", "check", "luc@example.org"]).ok();
    let luc = world.carnet(&["show", "luc@example.org", "--json"]).ok().json();
    assert!(luc["custom"].to_string().contains("no_consent"), "{luc}");
    world.carnet(&["verify"]).ok();
}
