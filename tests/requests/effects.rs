//! What answers do: erasures with their certificate, restrictions, objections, and what is kept.

use super::{entry, firm, open};

#[test]
fn an_erasure_runs_the_code_of_erase_and_encloses_its_certificate() {
    let (world, id) = firm();
    let reference = open(&world, "erasure", &id, &["--note", "by phone, too"]);
    world.carnet(&["request", "answer", &reference, "--out", "../reply"]).code(2);
    assert!(!world.path().join("reply").exists(), "nobody said yes");
    world.carnet(&["request", "answer", &reference, "--out", "../reply", "--keep-opposition", "--yes"]).ok();
    let reply = world.path().join("reply");
    let read = |name: &str| std::fs::read_to_string(reply.join(name)).unwrap();
    let letter = read("letter.html");
    for part in
        ["Jeanne Dupont", &id, "Art.\u{a0}17", "keyed fingerprints", "register of erasures", "17(3)(e)"]
    {
        assert!(letter.contains(part), "{part}");
    }
    let certificate =
        std::fs::read_dir(&reply).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap());
    let certificate: Vec<String> = certificate.filter(|name| name.starts_with("erasure-")).collect();
    assert_eq!(certificate.len(), 2, "text and signature: {certificate:?}");
    world.trust_members();
    let name = certificate.iter().find(|name| name.ends_with(".txt")).unwrap();
    let file = reply.join(name).display().to_string();
    world.gpg(&["--verify", &format!("{file}.asc"), &file]).ok();
    assert!(read(name).contains("CERTIFICATE OF ERASURE") && read(name).contains(&reference));

    // The contact is gone; the entry keeps its pseudonymous id, the ledger the reference.
    world.carnet(&["show", &id]).code(3);
    let ledger = std::fs::read_to_string(world.firm().join(format!("registers/erasures/{id}.toml"))).unwrap();
    assert!(ledger.contains(&reference) && ledger.contains("trigger = \"request\""));
    let text = entry(&world, &reference);
    assert!(
        text.contains(&id) && text.contains("decision = \"granted\"") && text.contains("17(3)(e)"),
        "{text}"
    );
    // The companion outlives it for as long as the proof needs, and is destroyed alone.
    assert!(world.carnet(&["request", "show", &reference]).ok().out.contains("by phone, too"));
    world.carnet(&["request", "close", &reference]).ok();
    world.carnet(&["request", "close", &reference, "--destroy-companion"]).code(2);
    world.carnet(&["request", "close", &reference, "--destroy-companion", "--yes"]).ok();
    let shown = world.carnet(&["request", "show", &reference]).ok().out;
    assert!(!shown.contains("by phone") && shown.contains("destroyed = \"2026-11-23\""), "{shown}");
    assert!(!shown.contains("what = \"companion\""), "it is kept no longer");
    world.carnet(&["request", "close", &reference, "--destroy-companion", "--yes"]).code(3);
    world.carnet(&["verify"]).ok();
}

#[test]
fn an_erasure_that_was_cut_off_is_answered_by_the_next_try() {
    let (world, id) = firm();
    let reference = open(&world, "erasure", &id, &["--requester", "Jeanne Dupont"]);
    // As if the answer had stopped behind the erasure.
    world.carnet(&["erase", &id, "--reason", "request", "--request", &reference, "--yes"]).ok();
    world.carnet(&["request", "answer", &reference, "--out", "../reply"]).ok();
    let letter = std::fs::read_to_string(world.path().join("reply/letter.html")).unwrap();
    assert!(letter.contains("we have erased the data") && letter.contains("Jeanne Dupont"));
    assert!(entry(&world, &reference).contains("decision = \"granted\""));
}

#[test]
fn what_a_legal_obligation_keeps_is_not_erased() {
    let (world, id) = firm();
    world.carnet(&["edit", &id, "--add-basis", "customers:legal-obligation"]).ok();
    let reference = open(&world, "erasure", &id, &[]);
    let said = world.carnet(&["request", "answer", &reference, "--out", "../reply", "--yes"]).code(5);
    assert!(
        said.err.contains("legal obligation") && said.err.contains("--rm-basis customers"),
        "{}",
        said.err
    );
    world.carnet(&["show", &id]).ok();
    world
        .carnet(&["request", "answer", &reference, "--out", "../reply", "--refuse", "legal-obligation"])
        .ok();
    let letter = std::fs::read_to_string(world.path().join("reply/letter.html")).unwrap();
    assert!(letter.contains("Art.\u{a0}17(3)(b)") && letter.contains("complaint"));
}

#[test]
fn a_restriction_and_an_objection_are_written_into_the_contact_in_the_same_commit() {
    let (world, id) = firm();
    let more = ["--purpose", "prospects", "--case", "accuracy"];
    let restriction = open(&world, "restriction", &id, &more);
    let before = world.head();
    world.carnet(&["request", "answer", &restriction, "--out", "../one"]).ok();
    assert_eq!(world.git(&["rev-list", "--count", &format!("{before}..HEAD")]).ok().first(), "1");
    let shown = world.carnet(&["show", &id]).ok().out;
    let mark = shown.split("[[restriction]]").nth(1).expect("an entry");
    assert!(
        mark.contains("purpose = \"prospects\"")
            && mark.contains("case = \"accuracy\"")
            && mark.contains(&restriction)
    );
    let letter = std::fs::read_to_string(world.path().join("one/letter.html")).unwrap();
    assert!(letter.contains("you contest the accuracy") && letter.contains("Prospects"));
    let message = world.git(&["log", "-1", "--format=%B"]).ok().out;
    assert!(
        message.contains("Carnet-Fields: restriction") && message.contains(&format!("Carnet-Contact: {id}"))
    );

    let objection = open(&world, "objection", &id, &[]);
    world.carnet(&["request", "answer", &objection, "--out", "../two"]).ok();
    let shown = world.carnet(&["show", &id]).ok().out;
    let mark = shown.split("[[objection]]").nth(1).expect("an entry");
    assert!(mark.contains(&objection) && !mark.split("[[").next().unwrap().contains("purpose"), "{mark}");
    let letter = std::fs::read_to_string(world.path().join("two/letter.html")).unwrap();
    assert!(letter.contains("takes effect at once") && letter.contains("every use of your data"));
    world.carnet(&["verify"]).ok();
}
