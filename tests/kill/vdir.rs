//! An import of a vdir that is killed, and done again: what the cards say is in the book once, whatever carnet had time to
//! remember of the directory.

use super::firm::Firm;
use super::moments::by_clock;
use super::{LAWFUL, kills, only_new, timed};

#[test]
fn taking_in_cards() {
    let mut firm = Firm::new();
    let cards = firm.world.path().join("cards");
    let dir = cards.to_str().unwrap().to_owned();
    firm.world.carnet(&["export", "--format", "vdir", &dir]).ok();
    let file = cards.join(format!("{}.vcf", firm.target));
    let card = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, card.replace("END:VCARD", "TITLE:Director\r\nEND:VCARD")).unwrap();
    let new = "BEGIN:VCARD\r\nVERSION:3.0\r\nUID:A1B2\r\nN:Noël;Inès;;;\r\nFN:Inès Noël\r\nEND:VCARD\r\n";
    std::fs::write(cards.join("A1B2.vcf"), new).unwrap();
    firm.keep();
    let args = [&["import", &dir][..], &LAWFUL].concat();
    let undisturbed = || {
        firm.restore();
        timed(&firm.world, &firm.world.firm(), &args)
    };
    let moments = by_clock(&undisturbed, kills() / 2).into_iter().chain(firm.calls(&args, kills()));
    let (mut happened, mut not, mut unremembered) = (0, 0, 0);
    for (n, moment) in moments.enumerate() {
        firm.restore();
        firm.strike(&moment, &args);
        let at = format!("{args:?} killed at {moment:?}");
        firm.next_command(n, &at);
        let now = firm.whole(&at);
        let is_done = now != firm.before;
        let check = |now: &super::firm::Contacts| {
            let mut others = now.clone();
            let target = others.get_mut(&firm.target).unwrap();
            assert_eq!(target["title"], "Director", "{at}");
            target.as_object_mut().unwrap().remove("title");
            let new = only_new(&firm.before, &others);
            assert!(new.len() == 1 && new[0]["name"] == "Inès Noël", "{at}: {new:?}");
        };
        if is_done {
            check(&now);
            happened += 1;
        } else {
            not += 1;
        }
        // Again: nobody twice. A third time there is nothing left to say, and the cards stay as their programs wrote them.
        let again = firm.world.carnet(&args).ok().err;
        unremembered += usize::from(is_done && !again.contains("4 unchanged"));
        check(&firm.contacts());
        let third = firm.world.carnet(&args).ok().err;
        assert!(
            third.contains("Imported 0 new contact(s)") && third.contains("0 changed; 4 unchanged"),
            "{at}: {third}"
        );
        let export = firm.world.carnet(&["export", "--format", "vdir", &dir]).ok().err;
        assert!(export.contains("Wrote 0 card(s) and removed 0"), "{at}: {export}");
        assert_eq!(std::fs::read_to_string(cards.join("A1B2.vcf")).unwrap(), new, "{at}");
    }
    println!(
        "taking in cards: {happened} happened, {unremembered} of them before the directory knew; {not} did not"
    );
    assert!(happened > 0 && not > 0, "the kills came all at one side");
}
