//! A freelancer, from the contacts of a phone to the first deal that is won.

use super::{World, download, findings, has, history_holds, put_in_order, report, typed, typed_in, windows};

#[test]
fn a_freelancer_from_the_phone_to_the_first_invoice() {
    let mut world = World::new();
    let said = typed_in(
        &world,
        world.path(),
        "carnet init firm --organisation 'Noémie Prunier, graphiste' --member noemie --name 'Noémie Prunier' \
         --email noemie@prunier.example --no-passphrase --lang fr",
    );
    has(&said.ok().err, &["Made a data repository in", "carnet start"]);

    the_phone(&world);
    days_of_work(&mut world);
    somebody_objects(&world);
    somebody_asks(&world);

    // Nothing was done for compliance until here but what the work itself left. What is missing has a name.
    assert_eq!(findings(&world), ["never-reviewed", "no-training", "organisation-incomplete"]);
    put_in_order(&world, "noemie", &["customers", "newsletter", "prospects"]);
    assert_eq!(findings(&world), Vec::<String>::new());
    has(
        &typed(&world, "carnet audit").ok().out,
        &["OK: 8 contacts in 1 books", "register and reality agree"],
    );
    report(&world);
    has(&typed(&world, "carnet verify").ok().out, &["OK: "]);
    // Names are in no message, no path and no plain object of history.
    for name in ["Lefèvre", "Lefevre", "trois-chenes", "Salah", "Roux"] {
        assert!(!history_holds(&world, name), "{name}");
    }
    the_file_with_gpg_alone(&world);
}

/// Nine cards of four programs in one file: vCard 2.1 in quoted-printable and two charsets, 3.0 with a folded photo, 4.0 with
/// `tel:` addresses, a service number, a card without a name, and two people who are in it twice.
fn the_phone(world: &World) {
    download(world, "phone.vcf");
    let import = "carnet import ../phone.vcf --source téléphone --basis customers:contract";
    let said = typed(world, &format!("{import} --dry-run")).ok();
    has(
        &(said.out + &said.err),
        &["card 2 (line 13)", "its e-mail is that of card 1", "card 9", "Would import 7"],
    );
    assert_eq!(typed(world, "carnet list -q").ok().out, "");
    has(&typed(world, import).ok().err, &["Imported 7 contact(s)", "2 duplicate(s), 0 row(s) skipped"]);

    let list = typed(world, "carnet list").ok().out;
    has(
        &list,
        &["Élodie Lefèvre", "Cidrerie des Trois Chênes", "Amélie Garçon", "Jörg Müßig", "+493023125011"],
    );
    has(&list, &["Ateliers Ben Salah, Père & Fils", "karim@bensalah.example", "Boulangerie du Canal"]);
    has(
        &typed(world, "carnet show lefevre --file").ok().out,
        &["Rappeler après la récolte\npas avant novembre"],
    );
    has(&typed(world, "carnet show boulangerie --file").ok().out, &["kind = \"organisation\""]);
    // A number in any form, also one that no numbering plan knows.
    for number in ["04 65 71 10 01", "+33 (0)4.65.71.10.01", "0033465711001"] {
        has(&typed(world, &format!("carnet show '{number}' --briefing")).ok().out, &["Élodie Lefèvre"]);
    }
    has(&typed(world, "carnet show '+33 6 39 98 10 04' --briefing").ok().out, &["Amélie Garçon"]);

    // The one who was in it twice, without an address, was known by number and name.
    assert_eq!(typed(world, "carnet dupes --json").ok().json(), serde_json::json!([]));
    let karim = typed(world, "carnet show karim --briefing").ok().out;
    assert_eq!(karim.matches("+33465711002").count(), 1, "{karim}");
    has(&karim, &["Site vitrine, 5 pages; photos à faire", "+33199001002"]);
}

fn days_of_work(world: &mut World) {
    // A reply from the mail client: encoded words, quoted-printable in Latin-1, a quotation and a signature.
    download(world, "reply.eml");
    has(&typed(world, "carnet log email < ../reply.eml").ok().err, &["Logged an email"]);
    let again = typed(world, "carnet log email < ../reply.eml");
    has(&again.err, &["already"]);
    let shown = typed(world, "carnet show elodie --file").ok().out;
    has(
        &shown,
        &[
            "Re: devis étiquettes, la suite",
            "2\u{a0}000 étiquettes",
            "time = 2026-11-20T17:42:08Z",
            "direction = \"in\"",
        ],
    );
    assert!(!shown.contains("Voici le devis") && !shown.contains("<p>"), "{shown}");

    typed(world, "carnet log call karim 'intéressé par une refonte' --direction in --duration 12m").ok();
    typed(world, "carnet todo add karim 'envoyer le devis' --due 3d").ok();
    typed(world, "carnet todo add elodie 'maquette étiquettes' --due 2026-11-20").ok();
    let agenda = typed(world, "carnet agenda").ok().out;
    has(
        &agenda,
        &[
            "Late\n  2026-11-20  3 days ago  maquette étiquettes  Élodie Lefèvre",
            "2026-11-26  in 3 days  envoyer le devis",
        ],
    );

    typed(world, "carnet deal add 'Étiquettes 2027' --contact elodie --amount 4800 --close 2026-12-15").ok();
    typed(world, "carnet deal add 'Site vitrine' --contact karim --amount '2 400,50' --close 2027-01-31")
        .ok();
    has(
        &typed(world, "carnet deal add Non --contact karim --amount -5").code(2).err,
        &["cannot be negative"],
    );
    has(
        &typed(world, "carnet deal move 'Site vitrine' proposition").code(2).err,
        &["did you mean `proposal`?"],
    );
    typed(world, "carnet deal move 'Site vitrine' proposal && carnet deal move étiquettes negotiation").ok();
    has(&typed(world, "carnet pipeline").ok().out, &["4 800.00 EUR", "2 400.50 EUR", "7 200.50 EUR"]);

    world.now = "2026-12-14T16:00:00Z".into();
    typed(world, "carnet deal won étiquettes && carnet todo done elodie").ok();
    has(&typed(world, "carnet pipeline --stats").ok().out, &["1 won (4 800.00 EUR), 0 lost, 1 open"]);
    has(&typed(world, "carnet pipeline --forecast").ok().out, &["2027-01"]);
    let briefing = typed(world, "carnet show karim --briefing").ok().out;
    has(
        &briefing,
        &["envoyer le devis", "intéressé par une refonte", "Site vitrine", "may: customers (contract)"],
    );

    // A mistake, and back.
    typed(world, "carnet edit elodie --set 'name=Elodie Oups'").ok();
    has(&typed(world, "carnet list").ok().out, &["Elodie Oups"]);
    has(&typed(world, "carnet undo").ok().err, &["Undid edit"]);
    let list = typed(world, "carnet list").ok().out;
    assert!(list.contains("Élodie Lefèvre") && !list.contains("Oups"), "{list}");
}

/// A prospect of a fair says no, and stays out: of the next list of the same fair, too.
fn somebody_objects(world: &World) {
    let add = "carnet add --name 'Hélène  Roux ' --email ' Helene.Roux@Mail.Example ' --phone '01 99 00 10 20' \
               --source 'salon 2026' --basis prospects:legitimate-interests";
    typed(world, add).ok();
    has(&typed(world, "carnet list roux").ok().out, &["Hélène Roux"]);
    has(&typed(world, "carnet object helene").ok().err, &["1 contact(s); 2 address(es) and number(s)"]);
    has(
        &typed(world, "carnet lawful helene --purpose prospects --channel email").code(5).out,
        &["answer    no", "Art. 21"],
    );
    let fair = "Nom;Prénom;E-mail;Téléphone\r\nROUX;Hélène;HELENE.ROUX@mail.example ;01.99.00.10.20\r\n;;;\r\n\
                Dupré;Loïc;loic.dupre@mail.example;+33 (0)1 99 00 10 21\r\n";
    std::fs::write(world.path().join("salon.csv"), windows(fair)).unwrap();
    let said =
        typed(world, "carnet import ../salon.csv --source salon --basis prospects:legitimate-interests").ok();
    has(&(said.out + &said.err), &["Read as Windows-1252, separator `;`", "row 2", "Imported 1 contact(s)"]);
    // Not meant for now: taken back whole, the key of who came in destroyed.
    has(&typed(world, "carnet import undo --yes").ok().err, &["1"]);
    assert_eq!(typed(world, "carnet list dupré -q").ok().out, "");
    // Who is known already is said, so that one person is not two.
    let alike = typed(
        world,
        "carnet add --name K --email KARIM@bensalah.example --source x --basis customers:contract",
    )
    .ok();
    has(&alike.err, &["has an address or number of this one; `carnet merge "]);
    typed(world, "carnet undo --yes").ok();
}

/// An access request: entered on the day, answered within the month, closed.
fn somebody_asks(world: &World) {
    has(
        &typed(world, "carnet request open access --contact amelie.garcon@mail.example --channel email")
            .ok()
            .err,
        &["2027-01-14", "31 days"],
    );
    typed(world, "carnet request answer 2026-001 --out ../reponse").ok();
    let letter = std::fs::read_to_string(world.path().join("reponse/letter.html")).unwrap();
    has(&letter, &["Amélie Garçon", "Noémie Prunier"]);
    let data = std::fs::read_to_string(world.path().join("reponse/data.json")).unwrap();
    has(&data, &["06-39-98-10-04", "téléphone"]);
    typed(world, "carnet request close 2026-001").ok();
    has(&typed(world, "carnet request list --all").ok().out, &["access", "closed"]);
}

/// What is in a contact is read with git and gpg alone, by whoever has the secret key.
fn the_file_with_gpg_alone(world: &World) {
    let key = typed_in(world, world.path(), "ls data/carnet/keys/*.pgp").ok().first();
    world.gpg(&["--import", world.path().join(key).to_str().unwrap()]).ok();
    let id = typed(world, "carnet list lefevre -q").ok().first();
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/read-contact.sh");
    has(
        &typed(world, &format!("sh {script} main {id}")).ok().out,
        &["Élodie Lefèvre", "Cidrerie des Trois Chênes"],
    );
    typed(world, "git verify-commit HEAD").ok();
}
