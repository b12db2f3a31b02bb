//! A shop with a newsletter: who said yes to which text, who said no, and how each is proven.

use super::{World, download, findings, has, history_holds, put_in_order, report, typed, typed_in, windows};

#[test]
fn a_shop_and_its_newsletter() {
    let mut world = World::new();
    let init = "carnet init firm --organisation 'Mercerie Aiguille & Fil' --member lea --name 'Léa Fil' \
                --email lea@aiguille.example --no-passphrase --lang fr";
    typed_in(&world, world.path(), init).ok();
    the_till(&world);
    who_said_yes(&mut world);
    the_first_letter(&mut world);
    whoever_says_no_stays_out(&world);
    a_lost_telephone(&mut world);

    // Who took the consent back is not held for the letter any more, and is a customer all the same; what was said stays.
    assert!(!findings(&world).contains(&"no-consent".to_owned()));
    let zidi = typed(&world, "carnet show zidi --file").ok().out;
    let basis = |purpose: &str| zidi.split("[[basis]]").find(|b| b.contains(purpose)).unwrap_or_default();
    let until = |purpose: &str| basis(&format!("purpose = \"{purpose}\"")).contains("until = ");
    assert!(until("newsletter") && !until("customers"), "{zidi}");
    has(&zidi, &["action = \"granted\"", "action = \"withdrawn\""]);
    put_in_order(&world, "lea", &["customers", "newsletter", "prospects"]);
    assert_eq!(findings(&world), Vec::<String>::new());
    report(&world);
    typed(&world, "carnet verify").ok();
    for name in ["Perrin", "Zidi", "zidi@", "Ng'uyen", "train de 18 h"] {
        assert!(!history_holds(&world, name), "{name}");
    }
    registers(&world);
}

/// Outlook in French: byte order mark, `;`, everything in quotes, an empty row, trailing spaces.
fn the_till(world: &World) {
    download(world, "outlook-fr.csv");
    let import = "carnet import ../outlook-fr.csv --source caisse --basis customers:contract";
    let said = typed(world, import).ok();
    has(
        &(said.out + &said.err),
        &["separator `;`, an export of Outlook (français)", "Imported 4 contact(s)"],
    );
    let list = typed(world, "carnet list").ok().out;
    has(&list, &["Jeanne Perrin", "Ahmed Zidi", "+33199004002", "Carte fidélité", "Paule Ng'uyen"]);
    assert!(!list.contains("Mme"), "a list is read by name: {list}");
    has(&typed(world, "carnet list 'tag:\"carte fidélité\"' -q | wc -l").ok().out, &["2"]);
}

fn who_said_yes(world: &mut World) {
    let text = "Oui, je veux recevoir la lettre de la boutique par courriel, une fois par mois.\r\n";
    std::fs::write(world.path().join("oui.txt"), text).unwrap();
    has(&typed(world, "carnet wording add newsletter ../oui.txt --lang fr").ok().err, &["newsletter/1 (fr)"]);
    // What somebody was shown is never changed, only added to.
    typed(world, "carnet consent ask jeanne.perrin@mail.example --purpose newsletter --wording newsletter --channel email").ok();
    assert_eq!(mailing(world), (Vec::<String>::new(), vec!["4 no-basis".to_owned()]));

    // Double opt-in: the confirmation of the address is the evidence.
    let proof = "Lien de confirmation ouvert le 2026-11-23T09:12:44+01:00, jeton 8c1f\n";
    std::fs::write(world.path().join("doi.txt"), proof).unwrap();
    let give = "carnet consent give jeanne.perrin@mail.example --purpose newsletter --wording newsletter --channel email \
                --method 'double opt-in' --evidence ../doi.txt --at 2026-11-23T09:12:44+01:00";
    has(&typed(world, give).ok().err, &["1 contact(s) consented, until 2029-11-23"]);
    // A yes that does not say to what is none.
    has(
        &typed(world, "carnet consent give zidi --purpose newsletter --channel email --method oral")
            .code(2)
            .err,
        &["--wording"],
    );

    // The list of the web shop, in Windows-1252, with days as France writes them.
    let list = "Courriel;Réponse;Date\r\na.zidi@mail.example ;abonné;15/09/2026\r\nPAULE@MAIL.example;Oui;01/10/2026 08:30\r\n\
                personne@mail.example;oui;01/10/2026\r\nlise@mail.example;peut-être;\r\nlise@mail.example;oui;31/11/2026\r\n";
    std::fs::write(world.path().join("inscrits.csv"), windows(list)).unwrap();
    let import = "carnet consent import ../inscrits.csv --purpose newsletter --channel email --wording newsletter \
                  --method formulaire --evidence ../inscrits.csv";
    let said = typed(world, &format!("{import} --dry-run")).ok().err;
    has(&said, &["Would record 2 yes, 0 no and 0 withdrawal(s) of 2 contact(s); 3 row(s) wrote nothing."]);
    has(
        &said,
        &[
            "row 5  refused    it says neither opt-in nor opt-out",
            "row 6  refused    that is neither a day nor a moment",
        ],
    );
    has(&said, &["row 4  unmatched"]);
    assert!(!said.contains('@'), "rows are named by their place: {said}");
    has(&typed(world, import).ok().err, &["Recorded 2 yes"]);
    has(&typed(world, import).ok().err, &["Recorded 0 yes", "the contact says so already"]);
    let zidi = typed(world, "carnet show zidi --file").ok().out;
    has(&zidi, &["time = 2026-09-15T00:00:00Z", "method = \"formulaire\"", "evidence = "]);
    has(&typed(world, "carnet show paule --file").ok().out, &["time = 2026-10-01T08:30:00Z"]);
}

/// Who gets the letter, and what keeps the list true afterwards.
fn the_first_letter(world: &mut World) {
    let (to, out) = mailing(world);
    assert_eq!(to, ["a.zidi@mail.example", "jeanne.perrin@mail.example", "paule@mail.example"]);
    assert_eq!(out, ["1 no-basis"]);
    let said =
        typed(world, "carnet mailing --purpose newsletter --channel email --format csv --out ../lettre.csv")
            .ok();
    let entry = said.err.split("--at ").nth(1).and_then(|rest| rest.split('`').next()).unwrap().to_owned();
    let sent = std::fs::read_to_string(world.path().join("lettre.csv")).unwrap();

    world.now = "2026-11-24T09:00:00Z".into();
    typed(
        world,
        "carnet consent withdraw a.zidi@mail.example --purpose newsletter --method 'lien de désinscription'",
    )
    .ok();
    let (to, out) = mailing(world);
    assert_eq!(to, ["jeanne.perrin@mail.example", "paule@mail.example"]);
    assert_eq!(out, ["1 no-basis", "1 withdrawn"]);
    // Why did he get that letter? Because on that day he had not said no yet.
    let again = typed(
        world,
        &format!("carnet mailing --purpose newsletter --channel email --format csv --at {entry}"),
    )
    .ok();
    assert_eq!(again.out, sent);
    has(&typed(world, "carnet lawful zidi --purpose newsletter --channel email").code(5).out, &["withdr"]);
    has(
        &typed(world, "carnet lawful zidi --purpose newsletter --channel email --at 2026-11-23T10:00:00Z")
            .ok()
            .out,
        &["answer    yes"],
    );

    // The proof stands on its own: gpg and sha256sum, no carnet.
    typed(world, "carnet consent prove jeanne.perrin@mail.example --purpose newsletter --out ../preuve").ok();
    let proof = world.path().join("preuve");
    typed_in(world, &proof, "sha256sum --quiet --check SHA256SUMS && gpg --quiet --import members/lea.asc && gpg --verify proof.fr.txt.asc proof.fr.txt").ok();
    has(&std::fs::read_to_string(proof.join("proof.fr.txt")).unwrap(), &["double opt-in"]);
    has(&typed_in(world, &proof, "cat wordings/* evidence/*").ok().out, &["une fois par mois", "jeton 8c1f"]);
}

/// Somebody wants out for good: erased, and recognised when the same list comes again.
fn whoever_says_no_stays_out(world: &World) {
    has(
        &typed(world, "carnet object paule@mail.example").ok().err,
        &["1 address(es) and number(s) are on the opposition list"],
    );
    let erased =
        typed(world, "carnet erase paule@mail.example --reason request --keep-opposition --yes").ok().err;
    has(&erased, &["none opens", "keyed fingerprint(s) on the opposition list"]);
    let import = "carnet import ../outlook-fr.csv --source caisse --basis newsletter:consent";
    let said = typed(world, import).ok();
    has(
        &(said.out + &said.err),
        &["row 5", "this person is on the opposition list (Art. 21 GDPR)", "Imported 0 contact(s)"],
    );
    typed(world, "carnet object check ' Paule@MAIL.example'").code(5);
    has(
        &typed(world, "carnet add --name P --email paule@mail.example --source x --basis customers:contract")
            .code(5)
            .err,
        &["opposition list"],
    );
    assert_eq!(mailing(world).0, ["jeanne.perrin@mail.example"]);
    // Until she comes back of her own will; a member with a software key has no git command for that.
    has(&typed(world, "carnet object lift paule@mail.example").ok().err, &["Took 1 entr(y/ies) off"]);
    typed(world, "carnet object check paule@mail.example").ok();
    typed(world, "carnet object lift paule@mail.example").code(3);
    typed(world, "carnet undo --yes").code(5);
}

/// The shop's telephone stays in a train: 72 hours, what could be read, what the authority wants to know.
fn a_lost_telephone(world: &mut World) {
    world.now = "2026-11-25T09:00:00Z".into();
    let open =
        "carnet breach open --aware 2026-11-24T21:00 --origin lost-or-stolen-device --kind confidentiality";
    has(&typed(world, open).ok().err, &["60 h 0 min left (Art. 33(1))"]);
    assert_eq!(findings(world).iter().filter(|code| *code == "breach-running").count(), 1);
    has(
        &typed(world, "carnet breach close 2026-001").code(5).err,
        &["Art. 33(5) wants more", "the facts (--facts)"],
    );
    let scope =
        typed(world, "carnet breach scope --member lea --since 2026-11-22T00:00 --into 2026-001").ok().out;
    has(&scope, &["could be read (at most)", "were read through carnet"]);
    std::fs::write(
        world.path().join("faits.txt"),
        "Téléphone oublié dans le train de 18 h, verrouillé par un code.",
    )
    .unwrap();
    let edit = "carnet breach edit 2026-001 --from 2026-11-24T18:00 --to 2026-11-24T21:00 --facts @../faits.txt \
                --cause internal-accidental --why-cause 'Oublié sur un siège.' --persons customers --persons-number 3 --data contact \
                --records-number 3 --consequences 'Appels non souhaités.' --measures 'Effacé à distance.' \
                --encryption key-safe --not-informed no-high-risk --risk unlikely --why-risk 'Chiffré.' --notify no --why-not-notified 'Aucun risque.' \
                --lessons 'Sac fermé.'";
    typed(world, edit).ok();
    typed(world, "carnet breach close 2026-001").ok();
    assert!(!findings(world).iter().any(|code| code.starts_with("breach")));
}

/// What the owner, the DPO and an authority read, as files.
fn registers(world: &World) {
    let consents = typed(world, "carnet report consents --format csv --lang fr").ok().out;
    has(&consents, &["\u{feff}", ";"]);
    has(&typed(world, "carnet report breaches --format md").ok().out, &["2026-001"]);
    has(&typed(world, "carnet report erasures --format json").ok().out, &["request"]);
    for page in ["consent.html", "breaches.html", "erasures.html"] {
        let text = std::fs::read_to_string(world.path().join("site").join(page)).unwrap();
        assert!(!text.contains("Perrin") && !text.contains("@mail.example"), "{page} names somebody");
    }
}

/// Addresses that a mailing would go to, and how many are left out why.
fn mailing(world: &World) -> (Vec<String>, Vec<String>) {
    let said = typed(world, "carnet mailing --purpose newsletter --channel email --json").ok().json();
    let recipients = said["recipients"].as_array().unwrap();
    let mut to: Vec<String> = recipients.iter().map(|c| c["address"].as_str().unwrap().to_owned()).collect();
    to.sort();
    let out =
        said["left_out"].as_object().unwrap().iter().map(|(why, count)| format!("{count} {why}")).collect();
    (to, out)
}
