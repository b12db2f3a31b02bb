//! Cards back: `import DIR`.

use super::{Book, cards};

const LOT: [&str; 4] = ["--source", "phone", "--basis", "customers:contract"];

#[test]
fn changes_come_back_by_uid_in_one_commit_and_can_be_taken_back() {
    let book = Book::new();
    book.world.carnet(&["log", "call", &book.jeanne, "Asked for an offer"]).ok();
    book.export(&[]).ok();
    book.change(&book.jeanne, "ORG:Acme", "ORG:Bolt\r\nNOTE:met at the fair");
    book.change(&book.acme, "eloise@example.com", "e.petit@example.com");
    std::fs::write(
        book.dir.join("x.vcf"),
        "BEGIN:VCARD\nVERSION:3.0\nFN:Bob Noël\nEMAIL:bob@example.net\nEND:VCARD\n",
    )
    .unwrap();
    let before = book.world.head();
    let preview = book.import(&[&LOT[..], &["--dry-run"]].concat()).ok();
    assert!(
        preview.err.contains("Would import 1 new contact(s)") && preview.err.contains("2 changed"),
        "{}",
        preview.err
    );
    assert!(preview.err.contains("note, org") && preview.out.contains("Bob Noël"), "{preview:?}");
    assert_eq!(book.world.head(), before);
    let done = book.import(&[&LOT[..], &["--json"]].concat()).ok().json();
    assert_eq!((done["changed"].as_array().unwrap().len(), &done["imported"]), (2, &1.into()), "{done:#}");
    let range = format!("{before}..HEAD");
    assert_eq!(book.world.git(&["rev-list", "--count", &range]).first(), "1");
    let message = book.world.git(&["log", "-1", "--format=%B"]).out;
    assert!(message.contains("Carnet-Action: import") && !message.contains("Bolt"), "{message}");
    let jeanne = book.shown(&book.jeanne);
    assert_eq!((&jeanne["org"], &jeanne["note"]), (&"Bolt".into(), &"met at the fair".into()));
    assert_eq!((&jeanne["source"], jeanne["activity"].as_array().unwrap().len()), (&"fair".into(), 1));
    assert_eq!(
        book.shown(&book.acme)["emails"][0],
        serde_json::json!({ "value": "e.petit@example.com", "type": "work" })
    );
    // Read twice is nothing new.
    let again = book.import(&[]).ok();
    assert!(
        again.err.contains("Imported 0 new contact(s)") && again.err.contains("0 changed; 3 unchanged"),
        "{}",
        again.err
    );
    let undone = book.world.carnet(&["import", "undo", "--yes"]).ok();
    assert!(
        undone.err.contains("Removed 1 contact(s)") && undone.err.contains("2 contact(s) are again"),
        "{}",
        undone.err
    );
    assert_eq!(book.shown(&book.jeanne)["org"], "Acme");
    book.world.carnet(&["show", "bob@example.net"]).code(3);
    // The cards of contacts follow; the one that is nobody's stays where it is.
    book.export(&[]).ok();
    assert!(book.card(&book.jeanne).contains("ORG:Acme") && book.dir.join("x.vcf").exists());
    let anew = book.import(&LOT).ok();
    assert!(anew.err.contains("Imported 1 new contact(s)"), "{}", anew.err);
    book.world.carnet(&["verify"]).ok();
}

#[test]
fn both_sides_changed_is_merged_field_by_field_and_the_contact_wins() {
    let book = Book::new();
    book.change(&book.jeanne, "+33612345678", "+33698765432");
    book.change(&book.jeanne, "ORG:Acme", "ORG:Bolt");
    book.world.carnet(&["edit", &book.jeanne, "--set", "title=Buyer", "--set", "org=Clou"]).ok();
    // The export leaves what was changed there.
    let left = book.export(&[]).ok();
    assert!(left.err.contains("1 card(s) were changed there"), "{}", left.err);
    let said = book.import(&[]).ok();
    assert!(said.err.contains("both changed"), "{}", said.err);
    let jeanne = book.shown(&book.jeanne);
    assert_eq!((&jeanne["title"], &jeanne["org"]), (&"Buyer".into(), &"Clou".into()));
    assert_eq!(jeanne["phones"][0]["value"], "+33698765432");
    assert_eq!(
        (&jeanne["conflict"][0]["field"], &jeanne["conflict"][0]["other"]),
        (&"org".into(), &"Bolt".into())
    );
    book.export(&[]).ok();
    let card = book.card(&book.jeanne);
    assert!(
        card.contains("ORG:Clou") && card.contains("TITLE:Buyer") && card.contains("+33698765432"),
        "{card}"
    );
    assert!(book.import(&[]).ok().err.contains("0 changed; 2 unchanged"));
}

#[test]
fn deletions_are_said_and_left_to_an_explicit_command() {
    let book = Book::new();
    std::fs::remove_file(book.file(&book.jeanne)).unwrap();
    let head = book.world.head();
    let said = book.import(&[]).ok();
    assert!(
        said.err.contains("1 card(s) were deleted there") && said.err.contains("--deleted"),
        "{}",
        said.err
    );
    assert_eq!(book.world.head(), head);
    let ids = book.import(&["--deleted"]).ok().out;
    assert_eq!(ids, format!("{}\n", book.jeanne));
    // Not decided: the card comes back.
    assert!(book.export(&[]).ok().err.contains("1 of them had been deleted there"));
    assert!(book.file(&book.jeanne).exists());
    std::fs::remove_file(book.file(&book.jeanne)).unwrap();
    book.world
        .carnet_with_input(
            &["erase", "-", "--reason", "request", "--yes"],
            book.import(&["--deleted"]).ok().out.as_bytes(),
        )
        .ok();
    book.export(&[]).ok();
    assert_eq!(cards(&book.dir).len(), 1);
    assert_eq!(book.import(&["--deleted"]).ok().out, "");
}

#[test]
fn a_vdir_that_carnet_does_not_know_is_compared_by_uid() {
    let book = Book::new();
    book.change(&book.jeanne, "ORG:Acme", "ORG:Bolt");
    std::fs::remove_dir_all(book.world.firm().join(".git/carnet/vdirs")).unwrap();
    // Nobody knows whose work the card is: it is not written over.
    assert!(book.export(&[]).ok().err.contains("1 card(s) were changed there"));
    let said = book.import(&[]).ok();
    assert!(said.err.contains("1 changed; 1 unchanged"), "{}", said.err);
    assert_eq!(book.shown(&book.jeanne)["org"], "Bolt");
    // A contact that was imported from a card is known by the UID that the card has, in another directory, too.
    let card = "BEGIN:VCARD\nVERSION:3.0\nUID:A1B2\nFN:Bob Noël\nTEL:+33600000001\nEND:VCARD\n";
    let file = book.world.path().join("bob.vcf");
    std::fs::write(&file, card).unwrap();
    book.world.carnet(&[&["import", file.to_str().unwrap()], &LOT[..]].concat()).ok();
    let other = book.world.path().join("other");
    std::fs::create_dir(&other).unwrap();
    std::fs::write(other.join("A1B2.vcf"), card.replace("Bob Noël", "Robert Noël")).unwrap();
    let said = book.world.carnet(&["import", other.to_str().unwrap()]).ok();
    assert!(said.err.contains("Imported 0 new contact(s)") && said.err.contains("1 changed"), "{}", said.err);
    assert_eq!(book.world.carnet(&["find", "robert", "-q"]).ok().out.lines().count(), 1);
}

#[test]
fn what_cannot_be_taken_is_named_and_the_rest_is_taken() {
    let book = Book::new();
    for (name, text) in [
        ("a.vcf", ""),
        ("b.vcf", "hello"),
        ("c.vcf", "BEGIN:VCARD\nFN:A\nEND:VCARD\nBEGIN:VCARD\nFN:B\nEND:VCARD\n"),
        ("d.vcf", "BEGIN:VCARD\nVERSION:3.0\nEND:VCARD\n"),
        (".hidden.vcf", "BEGIN:VCARD\nFN:H\nEND:VCARD\n"),
        ("Jeanne Dupont.vcf", "BEGIN:VCARD\nFN:Jeanne Dupont\nEMAIL:jeanne@example.org\nEND:VCARD\n"),
    ] {
        std::fs::write(book.dir.join(name), text).unwrap();
    }
    std::fs::write(book.dir.join("e.vcf"), book.card(&book.jeanne).replace("Acme", "Bolt")).unwrap();
    let said = book.import(&LOT).ok();
    assert!(said.err.contains("1 duplicate(s), 5 refused"), "{}", said.err);
    for reason in ["no card in it", "several cards", "no name", "second card of this contact"] {
        assert!(said.err.contains(reason), "{reason}: {}", said.err);
    }
    assert!(!said.err.contains("Jeanne"), "a file's name may be somebody's: {}", said.err);
    // An address book beside others is named.
    let above = book.world.path().join("above");
    std::fs::create_dir_all(above.join("firm")).unwrap();
    std::fs::write(above.join("firm/a.vcf"), "x").unwrap();
    assert!(book.world.carnet(&["import", above.to_str().unwrap()]).code(1).err.contains("above/firm'"));
    // New cards need to say where they come from; changes to contacts that are there do not.
    std::fs::write(book.dir.join("f.vcf"), "BEGIN:VCARD\nFN:Bob\nEND:VCARD\n").unwrap();
    book.import(&[]).code(5);
    book.import(&["--map", "a=b"]).code(2);
}
