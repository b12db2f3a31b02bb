//! Erasing a contact leaves a deal's figures, and no version of it anywhere that names the person.

use super::common::World;
use super::{add, firm, show};

/// What anybody who holds every key that is left can still read of a deal, in any version.
pub fn readable(world: &World, deal: &str) -> Vec<String> {
    readable_at(world, &format!("records/main/{}/{deal}.toml.pgp", &deal[..2]))
}

/// The same of any sealed file.
fn readable_at(world: &World, path: &str) -> Vec<String> {
    let revs = world.git(&["log", "--format=%H", "--", path]).ok().out;
    let mut texts = Vec::new();
    let mut versions = 0;
    for rev in revs.lines() {
        let blob = world.git(&["rev-parse", &format!("{rev}:{path}")]);
        if blob.code != 0 {
            continue;
        }
        versions += 1;
        let file = world.path().join(format!("version-{versions}.toml.pgp"));
        let mut git = world.command("git", &world.firm());
        std::fs::write(&file, git.args(["cat-file", "blob", &blob.first()]).output().unwrap().stdout)
            .unwrap();
        let text = open_with_every_key(world, &std::fs::read(&file).unwrap());
        texts.extend(text);
    }
    assert!(versions > 0, "no version of the deal was found");
    texts
}

/// Opens a message with any record or contact key of the book that the key store holds.
fn open_with_every_key(world: &World, message: &[u8]) -> Option<String> {
    use carnet::crypto::{Secret, symmetric};
    let keys = world.firm().join(".git/carnet/keys.git");
    let git = |args: &[&str]| world.command("git", &keys).args(args).output().unwrap().stdout;
    let around = carnet::vault::Surroundings {
        now: world.now.parse().unwrap(),
        data_home: world.path().join("data"),
        passphrase_file: None,
        no_input: true,
    };
    let vault = carnet::vault::Vault::open(&world.firm(), &around).unwrap();
    let book = vault.book_key(&"main".parse().unwrap()).unwrap();
    // Every object, also one that no ref reaches: a key that was merely forgotten would still be there.
    let all = String::from_utf8(git(&["cat-file", "--batch-check", "--batch-all-objects"])).unwrap();
    let mut tried = 0;
    for line in all.lines().filter(|line| line.contains(" blob ")) {
        let blob = git(&["cat-file", "blob", line.split(' ').next().unwrap()]);
        let Ok(text) = symmetric::open(&book, &blob) else { continue };
        for key in String::from_utf8_lossy(&text).lines() {
            let Ok(key) = Secret::from_message(key.as_bytes()) else { continue };
            tried += 1;
            if let Ok(text) = symmetric::open(&key, message) {
                return Some(String::from_utf8_lossy(&text).into_owned());
            }
        }
    }
    assert!(tried > 0, "no key was tried");
    None
}

#[test]
fn figures_stay_and_no_version_names_the_person() {
    let (world, jeanne, deal) = firm();
    let firm = world.add("Atelier Rousseau", &["--organisation"]);
    let both = add(
        &world,
        "Enseigne",
        &["--contact", &jeanne, "--contact", &firm, "--amount", "300", "--note", "blue, says Jeanne"],
    );
    let past = add(&world, "Vitrine", &["--contact", &jeanne, "--contact", &firm, "--amount", "70"]);
    let other = add(&world, "Autre", &["--contact", &firm]);
    world.carnet(&["deal", "edit", &past, "--remove-contact", &jeanne]).ok();
    world.carnet(&["deal", "move", &deal, "proposal"]).ok();
    world.carnet(&["deal", "edit", &deal, "--title", "Site"]).ok();
    let before = world.carnet(&["pipeline", "--json"]).ok().json();
    assert!(
        readable(&world, &deal).iter().any(|text| text.contains("Dupont")),
        "the check must be able to fail"
    );
    assert_eq!(readable(&world, &past).len(), 2);

    world.carnet(&["erase", &jeanne, "--reason", "request", "--yes"]).ok();
    assert_eq!(world.carnet(&["pipeline", "--json"]).ok().json(), before, "figures stay");
    let shown = show(&world, &deal);
    assert_eq!(
        (&shown["title"], &shown["stage"], &shown["amount"]),
        (&"erased".into(), &"proposal".into(), &"4800.50 EUR".into())
    );
    let shown = show(&world, &both);
    assert_eq!((&shown["title"], &shown["contacts"]), (&"Enseigne".into(), &serde_json::json!([firm])));
    assert!(shown["note"].is_null(), "{shown}");
    for id in [&deal, &both, &past] {
        let texts = readable(&world, id);
        assert_eq!(texts.len(), 1, "only the version without the person opens");
        for secret in [jeanne.as_str(), "Jeanne", "Dupont"] {
            assert!(!texts[0].contains(secret), "{secret}: {}", texts[0]);
        }
    }
    // Whom it did not concern keeps key and past.
    assert_eq!(show(&world, &other)["title"], "Autre");
    let ledger =
        std::fs::read_to_string(world.firm().join(format!("registers/erasures/{jeanne}.toml"))).unwrap();
    assert!(ledger.contains("mentions = 3"), "{ledger}");
    world.carnet(&["verify"]).ok();
    world.carnet(&["doctor"]).ok();
    // What the erasure changed cannot be undone into naming the person again.
    assert_ne!(world.carnet(&["undo", "--yes"]).code, 0);
}

#[test]
fn a_deal_that_names_the_person_in_words_alone_is_found_too() {
    let (world, jeanne, _) = firm();
    world.carnet(&["edit", &jeanne, "--add-email", "jd@rare.example"]).ok();
    let firm = world.add("Atelier Rousseau", &["--organisation"]);
    let twin = world.add("Jeanne Dupont", &["--email", "another@example.org"]);
    let alone = add(&world, "Roof of Jeanne DUPÖNT", &["--amount", "90", "--note", "knows everybody"]);
    let other =
        add(&world, "Sign", &["--contact", &firm, "--note", "write to JD@rare.example", "--next", "blue"]);
    let hers = add(&world, "Door of Jeanne Dupont", &["--contact", &twin]);
    let word = add(&world, "Rue Dupont", &["--note", "not Jeanne's"]);
    let dry = world.carnet(&["erase", &jeanne, "--reason", "request", "--dry-run", "--json"]).ok().json();
    let found = dry["mentions"].to_string();
    assert!(found.contains(&alone) && found.contains(&other), "{found}");
    assert!(!found.contains(&hers) && !found.contains(&word), "{found}");
    world.carnet(&["erase", &jeanne, "--reason", "request", "--yes"]).ok();
    for (deal, title) in [(&alone, "erased"), (&other, "Sign")] {
        let texts = readable(&world, deal);
        assert!(texts.len() == 1 && !texts[0].contains("Jeanne") && !texts[0].contains("JD@"), "{texts:?}");
        assert_eq!(show(&world, deal)["title"], title);
    }
    assert!(show(&world, &alone)["note"].is_null(), "nobody else is concerned, so all of it was about them");
    assert_eq!(show(&world, &other)["next"], "blue");
    // Of two who are called the same the one is meant who is a contact of it; a word is no name.
    assert_eq!(show(&world, &hers)["title"], "Door of Jeanne Dupont");
    assert_eq!(show(&world, &word)["title"], "Rue Dupont");
    world.carnet(&["verify"]).ok();
}

#[test]
fn a_merge_of_two_contacts_takes_their_deals_along_and_is_undone() {
    let (world, jeanne, deal) = firm();
    let twin = world.add("Jeanne Dupont-Roy", &[]);
    let hers = add(&world, "Vitrine Roy", &["--contact", &twin]);
    world.carnet(&["merge", &jeanne, &twin, "--auto"]).ok();
    assert_eq!(show(&world, &hers)["contacts"], serde_json::json!([jeanne]));
    world.carnet(&["undo", "--yes"]).ok();
    assert_eq!(show(&world, &hers)["contacts"], serde_json::json!([twin]));
    world.carnet(&["merge", &jeanne, &twin, "--auto"]).ok();
    world.carnet(&["erase", &jeanne, "--reason", "request", "--yes"]).ok();
    for id in [&deal, &hers] {
        let texts = readable(&world, id);
        assert!(texts.len() == 1 && !texts[0].contains("Dupont") && !texts[0].contains("Roy"), "{texts:?}");
        assert!(!texts[0].contains(&jeanne) && !texts[0].contains(&twin));
    }
    world.carnet(&["verify"]).ok();
}

#[test]
fn numbers_streets_and_earlier_names_are_found_in_whatever_form_they_were_written() {
    let (world, _, _) = firm();
    let paul = world.add("Paul Other", &[]);
    let zoe = world.add("Zoe Martin", &["--phone", "+33612345678", "--email", "Zm@Rare.example"]);
    world.carnet(&["edit", &zoe, "--set", "name=Zoe Quxdupont"]).ok();
    let with = |title: &str, note: &str| {
        add(&world, title, &["--contact", &zoe, "--contact", &paul, "--note", note])
    };
    let told = [
        with("A", "ring 06 12 34 56 78 at night"),
        with("B", "write to zm@rare.EXAMPLE"),
        with("Vitrine Martin", "named before"),
        with("C", "for quxdupönt"),
    ];
    let plain = with("D", "ring 06 12 34 56 79");
    world.carnet(&["erase", &zoe, "--reason", "request", "--yes"]).ok();
    for (id, title) in told.iter().zip(["A", "B", "erased", "C"]) {
        let shown = show(&world, id);
        assert_eq!(shown["title"], title);
        assert_eq!(shown["note"].is_null(), title != "erased", "{shown}");
        for text in readable(&world, id) {
            for secret in ["06 12", "zm@", "Martin", "qux", &zoe] {
                assert!(!text.contains(secret), "{secret}: {text}");
            }
        }
    }
    assert_eq!(show(&world, &plain)["note"], "ring 06 12 34 56 79", "what tells nobody stays");
}

/// What was linked and is not any more is in history under a key that is still there: an erasure finds that, too.
#[test]
fn an_erasure_reaches_deals_and_contacts_that_named_the_person_once() {
    let (world, jeanne, deal) = firm();
    let paul = world.add("Paul Other", &[]);
    let zoe = world.add("Zoe Quxdupont", &[]);
    world.carnet(&["deal", "edit", &deal, "--add-contact", &zoe, "--note", "Zoe Quxdupont asks"]).ok();
    world.carnet(&["undo", "--yes"]).ok();
    world.carnet(&["link", &jeanne, &zoe, "--kind", "friend", "--role", "of Quxdupont"]).ok();
    world.carnet(&["unlink", &jeanne, &zoe]).ok();
    world.carnet(&["link", &paul, &zoe, "--kind", "friend", "--role", "of Quxdupont"]).ok();
    world.carnet(&["undo", "--yes"]).ok();
    // What was undone once is no reason not to undo what was before it.
    world.carnet(&["undo", "--yes"]).ok();
    assert!(world.carnet(&["show", &jeanne]).ok().out.contains("of Quxdupont"));
    world.carnet(&["unlink", &jeanne, &zoe]).ok();
    let all = || {
        let mut texts = readable(&world, &deal);
        for id in [&jeanne, &paul] {
            texts.extend(readable_at(&world, &format!("contacts/main/{}/{id}.toml.pgp", &id[..2])));
        }
        texts
    };
    assert!(
        all().iter().filter(|text| text.contains("Quxdupont")).count() >= 3,
        "the check must be able to fail"
    );
    world.carnet(&["erase", &zoe, "--reason", "request", "--yes"]).ok();
    let left = all();
    assert_eq!(left.len(), 3);
    for text in left {
        assert!(!text.contains("Quxdupont") && !text.contains(&zoe) && !text.contains("erased"), "{text}");
    }
    assert_eq!(show(&world, &deal)["title"], "Site web Dupont");
    world.carnet(&["verify"]).ok();
}
