//! Cards out: `export --format vdir`, read by khard and carried on by vdirsyncer.

use std::collections::BTreeMap;
use std::os::unix::fs::{MetadataExt, PermissionsExt};

use super::common::team::{join, pull};
use super::common::{World, said};
use super::{Book, block, cards, have};

#[test]
fn there_is_one_card_a_contact_known_by_its_id() {
    let book = Book::new();
    let mut names = vec![format!("{}.vcf", book.jeanne), format!("{}.vcf", book.acme)];
    names.sort();
    assert_eq!(cards(&book.dir).into_iter().map(|(name, _)| name).collect::<Vec<_>>(), names);
    let card = book.card(&book.jeanne);
    for line in [
        &format!("UID:{}\r\n", book.jeanne),
        "FN:Jeanne Dupont\r\n",
        "N:Jeanne Dupont;;;;\r\n",
        "+33612345678",
    ] {
        assert!(card.contains(line), "{line:?}: {card}");
    }
    let mode = |path: &std::path::Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&book.dir), mode(&book.file(&book.jeanne))), (0o700, 0o600));
    let entries = book.accesses("export");
    assert_eq!((entries.len(), &entries[0]["count"]), (1, &2.into()), "{entries:#?}");
}

#[test]
fn an_unchanged_card_is_not_touched_and_nothing_is_recorded_of_nothing() {
    let book = Book::new();
    let seen = || -> BTreeMap<String, (u64, i64, i64)> {
        let stat = |name: &String| std::fs::metadata(book.dir.join(name)).unwrap();
        cards(&book.dir)
            .into_iter()
            .map(|(name, _)| {
                (name.clone(), (stat(&name).ino(), stat(&name).mtime(), stat(&name).mtime_nsec()))
            })
            .collect()
    };
    let before = seen();
    let again = book.export(&[]).ok();
    assert!(
        again.err.contains("Wrote 0 card(s)") && again.err.contains("2 are as they were"),
        "{}",
        again.err
    );
    assert_eq!((seen(), book.accesses("export").len()), (before.clone(), 1));
    // What no card says changes no card, and what one says only that one.
    book.world.carnet(&["log", "call", &book.acme, "About the offer"]).ok();
    assert_eq!(book.export(&["--json"]).ok().json()["written"], serde_json::json!([]));
    assert_eq!(seen(), before);
    book.world.carnet(&["edit", &book.acme, "--set", "title=Buyer"]).ok();
    assert_eq!(book.export(&["-q"]).ok().out, format!("{}\n", book.acme));
    let file = format!("{}.vcf", book.jeanne);
    assert_eq!(seen()[&file], before[&file]);
    assert!(book.card(&book.acme).contains("TITLE:Buyer"));
    assert_eq!(book.accesses("export")[0]["contacts"], serde_json::json!([book.acme]));
}

#[test]
fn a_dry_run_writes_nothing() {
    let world = World::with_firm();
    world.add("Ana", &[]);
    let dir = world.path().join("cards");
    let said =
        world.carnet(&["export", "--format", "vdir", "--out", dir.to_str().unwrap(), "--dry-run"]).ok();
    assert!(said.err.contains("would write 1 card(s)"), "{}", said.err);
    assert!(!dir.exists() && !world.firm().join(".git/carnet/vdirs").exists());
}

#[test]
fn who_is_no_longer_meant_goes_and_the_files_of_others_stay() {
    let book = Book::new();
    let other = book.dir.join("notes.vcf");
    std::fs::write(&other, "BEGIN:VCARD\nVERSION:3.0\nFN:Bob\nEND:VCARD\n").unwrap();
    let said = book.export(&["--where", "tag:vip"]).ok();
    assert!(
        said.err.contains("removed 1") && said.err.contains("1 card(s) there are no contact's yet"),
        "{}",
        said.err
    );
    assert!(!book.file(&book.jeanne).exists() && book.file(&book.acme).exists() && other.exists());
    book.export(&[]).ok();
    assert!(book.file(&book.jeanne).exists());
    // Named contacts, too; a name and a colour for the programs.
    book.export(&[&book.jeanne, "--displayname", "Firm", "--book-color", "#0055aa"]).ok();
    assert!(book.file(&book.jeanne).exists() && !book.file(&book.acme).exists());
    let read = |name: &str| std::fs::read_to_string(book.dir.join(name)).unwrap();
    assert_eq!((read("displayname"), read("color")), ("Firm".into(), "#0055aa".into()));
    book.export(&["--book-color", "blue"]).code(2);
}

#[test]
fn an_erasure_takes_the_cards_along_wherever_they_are() {
    let book = Book::new();
    let second = book.world.path().join("second");
    book.world.carnet(&["export", "--format", "vdir", second.to_str().unwrap()]).ok();
    // Changed there since: it goes all the same.
    book.change(&book.jeanne, "Acme", "Bolt");
    book.world.carnet(&["erase", &book.jeanne, "--reason", "request", "--yes"]).ok();
    for dir in [&book.dir, &second] {
        let left = cards(dir);
        assert!(left.len() == 1 && left[0].0.starts_with(&book.acme), "{left:?}");
    }
    for entry in walkdir::WalkDir::new(book.world.firm().join(".git/carnet/vdirs")).into_iter().flatten() {
        if entry.file_type().is_file() {
            assert!(!std::fs::read_to_string(entry.path()).unwrap().contains(&book.jeanne));
        }
    }
    // A card that a phone brings back is refused, and goes with the next export.
    std::fs::write(
        book.file(&book.jeanne),
        format!("BEGIN:VCARD\nVERSION:3.0\nUID:{}\nFN:J\nEND:VCARD\n", book.jeanne),
    )
    .unwrap();
    let said = book.import(&[]).ok();
    assert!(said.err.contains("this contact was erased") && said.err.contains("Imported 0"), "{}", said.err);
    book.export(&[]).ok();
    assert!(!book.file(&book.jeanne).exists());
}

#[test]
fn an_erasure_in_another_clone_takes_the_cards_here() {
    let book = Book::new();
    let bob = join(&book.world, "bob", &["--book", "main"]);
    let dir = bob.path().join("cards");
    bob.carnet(&["export", "--format", "vdir", dir.to_str().unwrap()]).ok();
    assert_eq!(cards(&dir).len(), 2);
    book.world.carnet(&["erase", &book.jeanne, "--reason", "request", "--yes"]).ok();
    pull(&bob, &book.world);
    bob.carnet(&["list"]).ok();
    let left = cards(&dir);
    assert!(left.len() == 1 && left[0].0.starts_with(&book.acme), "{left:?}");
}

#[test]
fn cards_are_not_written_where_a_repository_would_track_them() {
    let book = Book::new();
    for inside in ["cards", ".git/cards", "contacts/../x"] {
        let dir = book.world.firm().join(inside);
        book.world.carnet(&["export", "--format", "vdir", dir.to_str().unwrap()]).code(5);
        assert!(!dir.exists());
    }
    let dots = book.world.path().join("dots");
    std::fs::create_dir(&dots).unwrap();
    said(book.world.command("git", &dots).args(["init", "-q"]).output().unwrap()).ok();
    let dir = dots.join("deep/cards");
    let refused = book.world.carnet(&["export", "--format", "vdir", dir.to_str().unwrap()]).code(5);
    assert!(refused.err.contains(".gitignore"), "{}", refused.err);
    std::fs::write(dots.join(".gitignore"), "cards/\n").unwrap();
    book.world.carnet(&["export", "--format", "vdir", dir.to_str().unwrap()]).ok();
    assert_eq!(cards(&dir).len(), 2);
}

#[test]
fn khard_reads_the_cards_and_what_it_writes_comes_back() {
    if !have("khard", "cards in khard") {
        return;
    }
    let book = Book::new();
    let config = book.world.path().join("khard.conf");
    let quiet = "[general]\neditor = false\nmerge_editor = false\n";
    std::fs::write(&config, block("khard") + quiet).unwrap();
    let khard = |args: &[&str], input: &str| {
        let file = book.world.path().join("input");
        std::fs::write(&file, input).unwrap();
        let mut command = book.world.command("khard", book.world.path());
        command.arg("-c").arg(&config).args(args).stdin(std::fs::File::open(file).unwrap());
        said(command.output().unwrap())
    };
    let list = khard(&["list"], "").ok().out;
    assert!(list.contains("Jeanne Dupont") && list.contains("eloise@example.com"), "{list}");
    let email = khard(&["email", "--parsable", "jeanne"], "").ok().out;
    assert!(email.lines().any(|line| line.starts_with("jeanne@example.org\tJeanne Dupont")), "{email}");
    let phone = khard(&["phone", "--parsable", "jeanne"], "").ok().out;
    assert!(phone.contains("+33612345678"), "{phone}");
    let shown = khard(&["show", &format!("uid:{}", book.jeanne)], "").ok().out;
    assert!(shown.contains("Acme"), "{shown}");
    // Edited and added there.
    let jeanne = format!("uid:{}", book.jeanne);
    let yaml = khard(&["show", "--format", "yaml", &jeanne], "").ok().out;
    assert!(yaml.contains("\nTitle:") && yaml.contains("+33612345678"), "{yaml}");
    let form = book.world.path().join("form.yaml");
    std::fs::write(&form, yaml.replace("\nTitle:", "\nTitle: Directrice")).unwrap();
    khard(&["edit", "-i", form.to_str().unwrap(), &jeanne], "y\n").ok();
    let new = "First name: Bob\nLast name: Noël\nEmail:\n    work: bob@example.net\n";
    std::fs::write(&form, new).unwrap();
    khard(&["new", "-a", "firm", "-i", form.to_str().unwrap()], "y\n").ok();
    let said = book.import(&["--source", "khard", "--basis", "customers:contract"]).ok();
    assert!(said.err.contains("Imported 1 new contact(s)") && said.err.contains("1 changed"), "{}", said.err);
    let jeanne = book.shown(&book.jeanne);
    assert_eq!((&jeanne["title"], &jeanne["org"]), (&"Directrice".into(), &"Acme".into()), "{jeanne:#}");
    assert_eq!(jeanne["custom"]["size"], "38");
    assert_eq!(book.shown("bob@example.net")["name"], "Bob Noël");
    // Both are in agreement now, and khard's own card stays the one that khard knows.
    let again = book.export(&[]).ok();
    assert!(again.err.contains("Wrote 0 card(s) and removed 0; 3 are as they were"), "{}", again.err);
    assert_eq!(cards(&book.dir).len(), 3);
    assert!(khard(&["list"], "").ok().out.contains("bob@example.net"));
}

#[test]
fn vdirsyncer_carries_cards_to_a_phone_and_changes_back() {
    if !have("vdirsyncer", "cards through vdirsyncer") {
        return;
    }
    let book = Book::new();
    let phone = book.world.path().join("phone");
    std::fs::create_dir(&phone).unwrap();
    let config = book.world.path().join("vdirsyncer.conf");
    let docs = block("vdirsyncer");
    let (kept, server) = docs.split_once("[storage firm_phone]").unwrap();
    assert!(server.contains("carddav"));
    let there = format!("type = \"filesystem\"\npath = \"{}\"\nfileext = \".vcf\"\n", phone.display());
    std::fs::write(&config, format!("{kept}[storage firm_phone]\n{there}")).unwrap();
    let vdirsyncer = |what: &str| {
        let mut command = book.world.command("vdirsyncer", book.world.path());
        command.env("VDIRSYNCER_CONFIG", &config).env("LANG", "C.UTF-8").arg(what);
        said(command.output().unwrap()).ok()
    };
    vdirsyncer("discover");
    vdirsyncer("sync");
    assert_eq!(cards(&phone), cards(&book.dir));
    // Nothing changed: nothing is copied.
    book.export(&[]).ok();
    let quiet = vdirsyncer("sync");
    assert!(!(quiet.out + &quiet.err).contains("Copying"), "copied for nothing");
    // The phone changes one, adds one and loses none.
    let file = phone.join(format!("{}.vcf", book.jeanne));
    let card = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, card.replace("+33612345678", "+33698765432")).unwrap();
    std::fs::write(phone.join("A1B2.vcf"), "BEGIN:VCARD\r\nVERSION:3.0\r\nUID:A1B2\r\nN:Noël;Bob;;;\r\nFN:Bob Noël\r\nTEL;TYPE=CELL:+33600000001\r\nEND:VCARD\r\n").unwrap();
    vdirsyncer("sync");
    let said = book.import(&["--source", "phone", "--basis", "customers:contract"]).ok();
    assert!(
        said.err.contains("Imported 1 new contact(s)") && said.err.contains("1 changed; 1 unchanged"),
        "{}",
        said.err
    );
    assert_eq!(book.shown(&book.jeanne)["phones"][0]["value"], "+33698765432");
    // The firm changes the new one, and an erased one goes from the phone.
    let bob = book.world.carnet(&["find", "noël", "-q"]).ok().first();
    book.world.carnet(&["edit", &bob, "--set", "org=Bolt"]).ok();
    book.world.carnet(&["erase", &book.acme, "--reason", "request", "--yes"]).ok();
    book.export(&[]).ok();
    vdirsyncer("sync");
    let there = cards(&phone);
    assert_eq!(there, cards(&book.dir));
    assert!(there.iter().all(|(name, _)| !name.starts_with(&book.acme)) && there.len() == 2, "{there:?}");
    let bob = there.iter().find(|(name, _)| name.starts_with("A1B2")).unwrap();
    assert!(bob.1.contains("ORG:Bolt") && bob.1.contains("UID:A1B2"), "{}", bob.1);
}

#[test]
fn cards_of_3_0_for_what_knows_no_4_0() {
    let book = Book::new();
    book.world.carnet(&["edit", &book.acme, "--set", "birthday=--03-22"]).ok();
    let said = book.export(&["--vcard", "3.0"]).ok();
    assert!(said.err.contains("Wrote 2 card(s)"), "{}", said.err);
    let card = book.card(&book.acme);
    assert!(card.starts_with("BEGIN:VCARD\r\nVERSION:3.0\r\n"), "{card}");
    for line in ["BDAY;X-APPLE-OMIT-YEAR=1604:1604-03-22\r\n", "N:Éloïse Petit;;;;\r\n", "EMAIL;TYPE=work:"]
    {
        assert!(card.contains(line), "{line:?}: {card}");
    }
    // What was said once is kept, by export and by import.
    assert!(book.export(&[]).ok().err.contains("Wrote 0 card(s)"));
    assert!(book.import(&[]).ok().err.contains("0 changed; 2 unchanged"));
    book.change(&book.acme, "FN:Éloïse Petit", "FN:Éloïse Petit-Roux");
    assert!(book.import(&[]).ok().err.contains("1 changed; 1 unchanged"));
    let shown = book.shown(&book.acme);
    assert_eq!((&shown["name"], &shown["birthday"]), (&"Éloïse Petit-Roux".into(), &"--03-22".into()));
    book.world.carnet(&["edit", &book.jeanne, "--set", "title=Buyer"]).ok();
    assert!(book.export(&[]).ok().err.contains("Wrote 1 card(s)"));
    assert!(book.card(&book.jeanne).contains("VERSION:3.0"));
    // And back.
    assert!(book.export(&["--vcard", "4.0"]).ok().err.contains("Wrote 2 card(s)"));
    assert!(book.card(&book.jeanne).contains("VERSION:4.0"));
    // The same as one file, which is read back as it was.
    let file = book.world.path().join("all.vcf");
    book.world.carnet(&["export", "--vcard", "3.0", "--out", file.to_str().unwrap()]).ok();
    let text = std::fs::read_to_string(&file).unwrap();
    assert_eq!((text.matches("VERSION:3.0").count(), text.matches("VERSION:4.0").count()), (2, 0));
    book.world.carnet(&["export", "--format", "csv", "--vcard", "3.0"]).code(2);
    let other = World::with_firm();
    other.carnet(&["import", file.to_str().unwrap(), "--source", "s", "--basis", "customers:contract"]).ok();
    let shown = other.carnet(&["show", "jeanne@example.org", "--json"]).ok().json();
    assert_eq!(
        (&shown["title"], &shown["org"], &shown["custom"]["size"]),
        (&"Buyer".into(), &"Acme".into(), &"38".into())
    );
}

#[test]
fn khard_and_vdirsyncer_carry_cards_of_3_0() {
    if !(have("khard", "cards of 3.0 in khard") && have("vdirsyncer", "cards of 3.0 through vdirsyncer")) {
        return;
    }
    let book = Book::new();
    book.export(&["--vcard", "3.0"]).ok();
    let phone = book.world.path().join("phone");
    std::fs::create_dir(&phone).unwrap();
    let config = book.world.path().join("vdirsyncer.conf");
    let docs = block("vdirsyncer");
    let (kept, _) = docs.split_once("[storage firm_phone]").unwrap();
    let there = format!("type = \"filesystem\"\npath = \"{}\"\nfileext = \".vcf\"\n", phone.display());
    std::fs::write(&config, format!("{kept}[storage firm_phone]\n{there}")).unwrap();
    let vdirsyncer = |what: &str| {
        let mut command = book.world.command("vdirsyncer", book.world.path());
        command.env("VDIRSYNCER_CONFIG", &config).env("LANG", "C.UTF-8").arg(what);
        said(command.output().unwrap()).ok()
    };
    vdirsyncer("discover");
    vdirsyncer("sync");
    assert_eq!(cards(&phone), cards(&book.dir));
    // khard edits on the phone's side, and both sides and the book agree.
    let khard_conf = book.world.path().join("khard.conf");
    let quiet = "[general]\neditor = false\nmerge_editor = false\n[vcard]\npreferred_version = 3.0\n";
    std::fs::write(&khard_conf, format!("[addressbooks]\n[[phone]]\npath = {}\n{quiet}", phone.display()))
        .unwrap();
    let khard = |args: &[&str], input: &str| {
        let file = book.world.path().join("input");
        std::fs::write(&file, input).unwrap();
        let mut command = book.world.command("khard", book.world.path());
        command.arg("-c").arg(&khard_conf).args(args).stdin(std::fs::File::open(file).unwrap());
        said(command.output().unwrap())
    };
    let jeanne = format!("uid:{}", book.jeanne);
    let yaml = khard(&["show", "--format", "yaml", &jeanne], "").ok().out;
    assert!(yaml.contains("+33612345678") && yaml.contains("Acme"), "{yaml}");
    let form = book.world.path().join("form.yaml");
    std::fs::write(&form, yaml.replace("\nTitle:", "\nTitle: Directrice")).unwrap();
    khard(&["edit", "-i", form.to_str().unwrap(), &jeanne], "y\n").ok();
    vdirsyncer("sync");
    assert!(book.card(&book.jeanne).contains("VERSION:3.0"));
    assert!(book.import(&[]).ok().err.contains("1 changed; 1 unchanged"));
    let shown = book.shown(&book.jeanne);
    assert_eq!(
        (&shown["title"], &shown["custom"]["size"]),
        (&"Directrice".into(), &"38".into()),
        "{shown:#}"
    );
    assert!(book.export(&[]).ok().err.contains("Wrote 0 card(s)"));
}
