//! An agency of five: three of them on clones of one bare repository, at the same time, and one who leaves.

use std::path::PathBuf;

use super::{World, findings, has, history_holds, put_in_order, report, typed, typed_in};

/// A member's machine.
struct Desk {
    world: World,
    cert: PathBuf,
}

impl Desk {
    /// A machine with nothing but a key of its own; the certificate goes to `ana`, as a file.
    fn new(ana: &World, handle: &str) -> Desk {
        let world = World::new();
        let new =
            format!("carnet key new --name '{handle} Cinq' --email {handle}@cinq.example --no-passphrase");
        let cert = ana.path().join(format!("{handle}.asc"));
        std::fs::write(&cert, typed_in(&world, world.path(), &new).ok().out).unwrap();
        Desk { world, cert }
    }
}

#[test]
fn five_people_and_one_client() {
    let ana = World::new();
    let init = "carnet init firm --organisation 'Agence Cinq' --member ana --name 'Ana Martin' --email ana@cinq.example \
                --no-passphrase --lang fr";
    typed_in(&ana, ana.path(), init).ok();
    let [bob, chloe, dan, eve] = ["bob", "chloe", "dan", "eve"].map(|handle| Desk::new(&ana, handle));
    for (handle, desk) in [("bob", &bob), ("chloe", &chloe), ("dan", &dan), ("eve", &eve)] {
        let cert = desk.cert.display();
        has(
            &typed(&ana, &format!("carnet member add {cert} --handle {handle} --book main --yes")).ok().err,
            &["They can open: main."],
        );
    }
    typed(&ana, "carnet book add clients --title Clients --member bob --member chloe --member dan --yes")
        .ok();
    assert_eq!(typed(&ana, "carnet member list --json").ok().json().as_array().unwrap().len(), 5);

    typed(&ana, "carnet remote init ../firm.git && carnet sync").ok();
    let server = ana.path().join("firm.git");
    for (desk, books) in
        [(&bob, "clients, main"), (&chloe, "clients, main"), (&dan, "clients, main"), (&eve, "main")]
    {
        let clone = format!("carnet clone {} firm", server.display());
        has(&typed_in(&desk.world, desk.world.path(), &clone).ok().err, &[&format!("Your books: {books}.")]);
    }

    a_deal_through_three_hands(&ana, &bob.world, &chloe.world);
    what_a_book_hides(&ana, &eve.world);
    somebody_leaves(&ana, &bob.world, &dan);
    erased_everywhere(&ana, &bob.world, &chloe.world);

    put_in_order(&ana, "ana", &["customers", "newsletter", "prospects"]);
    for member in ["bob", "chloe", "eve"] {
        typed(&ana, &format!("carnet training add {member} --topic 'RGPD : les bases'")).ok();
    }
    assert_eq!(findings(&ana), Vec::<String>::new());
    report(&ana);
    for world in [&ana, &bob.world, &chloe.world, &eve.world] {
        typed(world, "carnet sync").ok();
        typed(world, "carnet verify").ok();
        assert!(!history_holds(world, "Delaunay") && !history_holds(world, "brasserie"));
    }
}

fn a_deal_through_three_hands(ana: &World, bob: &World, chloe: &World) {
    let add = "carnet add --name 'Sophie Delaunay' --org 'Brasserie du Port' --email sophie@brasserie.example \
               --phone '01 99 00 60 01' --source salon --basis prospects:legitimate-interests";
    typed(ana, add).ok();
    typed(ana, "carnet deal add 'Identité visuelle' --contact sophie --amount 12000 --close 2027-01-15 && carnet sync").ok();

    // Both on the train, neither knows of the other.
    typed(bob, "carnet sync").ok();
    typed(chloe, "carnet sync").ok();
    typed(bob, "carnet edit sophie --set title=Directrice --add-tag vip").ok();
    typed(bob, "carnet log call sophie 'budget validé' && carnet deal move Identité qualified").ok();
    typed(chloe, "carnet edit sophie --set title=Gérante --set lang=fr").ok();
    typed(chloe, "carnet log email sophie 'planche envoyée' && carnet deal edit Identité --amount '13 500'")
        .ok();
    has(&typed(bob, "carnet sync").ok().err, &["Pushed: 3 commit(s)"]);
    let said = typed(chloe, "carnet sync").ok().err;
    has(&said, &["Merged what was done here with it.", "was changed on both sides", "Pushed: 4 commit(s)"]);

    // Nothing of either is lost: one title stands, the other in a note; both talks; both changes of the deal.
    let sophie = typed(chloe, "carnet show sophie --file").ok().out;
    has(&sophie, &["title = \"Gérante\"", "other = \"Directrice\"", "lang = \"fr\"", "tags = [\"vip\"]"]);
    has(&sophie, &["budget validé", "planche envoyée"]);
    has(&typed(chloe, "carnet deal show Identité").ok().out, &["qualified", "13 500.00 EUR"]);

    has(&typed(ana, "carnet sync && carnet find changed-twice").ok().out, &["Sophie Delaunay"]);
    typed(ana, "carnet edit sophie --resolve title && carnet deal move Identité proposal && carnet sync")
        .ok();
    assert_eq!(typed(ana, "carnet find changed-twice -q").ok().out, "");
    typed(bob, "carnet sync && carnet deal won Identité && carnet sync").ok();
    typed(ana, "carnet sync").ok();
    has(
        &typed(ana, "carnet pipeline --stats").ok().out,
        &["1 won (13 500.00 EUR), 0 lost, 0 open", "100.0 %"],
    );
    // Who did what is what git says.
    let log =
        typed(ana, "git log --format='%an %(trailers:key=Carnet-Action,valueonly,separator=%x2C)'").ok().out;
    has(&log, &["bob Cinq deal-move", "chloe Cinq edit", "ana Martin".trim_start_matches("ana ")]);
}

/// Who is not in a book sees nobody who is in it.
fn what_a_book_hides(ana: &World, eve: &World) {
    typed(eve, "carnet sync").ok();
    has(&typed(eve, "carnet list").ok().out, &["Sophie Delaunay"]);
    has(
        &typed(ana, "carnet edit sophie --book clients").ok().err,
        &["the old ones stay readable to whoever copied them"],
    );
    typed(ana, "carnet sync").ok();
    typed(eve, "carnet sync").ok();
    assert_eq!(typed(eve, "carnet list -q").ok().out, "");
    typed(eve, "carnet show sophie").code(3);
    assert!(!typed(eve, "carnet history").ok().out.contains("clients"));
}

fn somebody_leaves(ana: &World, bob: &World, dan: &Desk) {
    typed(&dan.world, "carnet sync && carnet show sophie --file").ok();
    let key = typed(ana, "carnet member list --json").ok().json();
    let key = key.as_array().unwrap().iter().find(|m| m["member"] == "dan").unwrap()["key"]
        .as_str()
        .unwrap()
        .to_owned();
    has(&typed(ana, "carnet member remove dan").code(2).err, &[&key, "by the full fingerprint"]);
    let said = typed(ana, &format!("carnet member remove {key} --yes")).ok();
    has(&(said.out + &said.err), &["book clients: 1 contact(s)", "Not retroactive"]);
    typed(ana, "carnet sync").ok();
    has(
        &typed(ana, "cat registers/departures/*-dan.toml").ok().out,
        &["member = \"dan\"", "book = \"clients\"\ncontacts = 1"],
    );

    // He keeps what he has seen; he gets nothing new, and nothing of his gets in.
    typed(bob, "carnet sync && carnet log call sophie 'dan est parti' && carnet sync").ok();
    let said = typed(&dan.world, "carnet sync");
    assert!(said.code != 0 && said.err.contains("ask a member"), "{said:?}");
    typed(&dan.world, "carnet add --name Intrus --source x --basis prospects:legitimate-interests");
    assert_ne!(typed(&dan.world, "carnet sync").code, 0);
    typed(bob, "carnet sync").ok();
    assert_eq!(typed(bob, "carnet list intrus -q").ok().out, "");
}

/// Sophie wants to be forgotten, while Bob is still writing about her.
fn erased_everywhere(ana: &World, bob: &World, chloe: &World) {
    typed(ana, "carnet sync").ok();
    let id = typed(ana, "carnet list delaunay -q").ok().first();
    typed(ana, "carnet request open erasure --contact sophie --channel email").ok();
    typed(ana, "carnet request answer 2026-001 --out ../reponse --yes && carnet sync").ok();
    has(&std::fs::read_to_string(ana.path().join("reponse/letter.html")).unwrap(), &["Sophie Delaunay"]);

    typed(bob, "carnet log call sophie 'trop tard'").ok();
    let said = typed(bob, "carnet sync").ok().err;
    has(&said, &["Erased elsewhere, and its key destroyed here"]);
    typed(bob, &format!("carnet show {id}")).code(3);
    typed(chloe, "carnet sync").ok();
    typed(chloe, &format!("carnet show {id}")).code(3);
    typed(ana, "carnet sync").ok();
    let status = typed(ana, "carnet erase --status").ok().out;
    has(&status, &["request", "2026-001", "origin gone"]);
    // The deal's figures stay, the person does not.
    has(&typed(ana, "carnet pipeline --stats").ok().out, &["1 won (13 500.00 EUR)"]);
    assert!(!typed(ana, "carnet deal list --all").ok().out.contains("Sophie"));
    // The certificate is checked with gpg alone.
    typed(ana, &format!("carnet erase --certificate {id} --out ../certificat")).ok();
    let check = "gpg --quiet --import ../firm/members/ana.asc; for f in *.txt *.json; do gpg --quiet --verify $f.asc $f || exit 1; done";
    typed_in(ana, &ana.path().join("certificat"), check).ok();
    typed(ana, "carnet request close 2026-001").ok();
}
