//! Import and export through the binary: one commit for the lot, a reason for every row left out.

mod common;
use common::World;

const CSV: &str = "note,Courriel,Nom,taille\nvip,ana@example.org,Ana Keller,38\nlate,,,41\n,ANA@example.org,Twin,\n,zoe@example.org,Zoé,\n";
const LOT: [&str; 4] = ["--source", "fair", "--basis", "prospects:legitimate-interests"];

fn import(world: &World, input: &str, more: &[&str]) -> common::Said {
    let mut args = vec!["import", "-"];
    args.extend(LOT);
    args.extend(more);
    world.carnet_with_input(&args, input.as_bytes())
}

#[test]
fn a_table_comes_in_as_one_commit_with_a_reason_for_each_row_left_out() {
    let world = World::with_firm();
    let before = world.head();
    let dry = import(&world, CSV, &["--dry-run", "--json"]).ok().json();
    assert_eq!((dry["imported"].as_u64(), world.head()), (Some(2), before.clone()));
    let done = import(&world, CSV, &["--json"]).ok().json();
    assert_eq!(
        (done["imported"].as_u64(), done["skipped"].as_u64(), done["duplicates"].as_u64()),
        (Some(2), Some(1), Some(1))
    );
    assert_eq!(world.git(&["rev-list", "--count", &format!("{before}..HEAD")]).ok().first(), "1");
    let shown = world.carnet(&["show", "ana@example.org", "--json"]).ok().json();
    assert_eq!(shown["custom"]["taille"], "38");
    assert_eq!(shown["note"], "vip");
    let again = import(&world, CSV, &["--json"]).ok().json();
    assert_eq!((again["imported"].as_u64(), again["duplicates"].as_u64()), (Some(0), Some(3)));
    world.carnet(&["verify"]).ok();
}

#[test]
fn a_card_goes_in_and_out_with_all_that_it_held() {
    let world = World::with_firm();
    let card = "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Ana Keller\r\nN:Keller;Ana;;;\r\nitem1.TEL;TYPE=CELL:+33 6 97 00 30 01\r\nitem1.X-ABLabel:yacht\r\nX-SHOE;X-P=1:38\r\nPHOTO;ENCODING=b;TYPE=JPEG:QUJDREVG\r\nEND:VCARD\r\n";
    import(&world, card, &[]).ok();
    let out = world.carnet(&["export", "--format", "vcard"]).ok().out;
    for kept in ["item1.X-ABLabel:yacht", "X-SHOE;X-P=1:38", "QUJDREVG", "FN:Ana Keller", "697003001"] {
        assert!(out.replace(['-', ' '], "").contains(&kept.replace(['-', ' '], "")), "{kept} in {out}");
    }
}

#[test]
fn many_rows_are_one_commit_and_all_there() {
    let world = World::with_firm();
    let rows: String = (0..300).map(|i| format!("Person {i},p{i}@example.org\n")).collect();
    import(&world, &format!("name,email\n{rows}"), &[]).ok();
    assert_eq!(world.carnet(&["list", "-q"]).ok().out.lines().count(), 300);
    assert_eq!(world.git(&["status", "--porcelain"]).ok().out, "");
    world.git(&["fsck", "--strict"]).ok();
    world.carnet(&["verify"]).ok();
    world.carnet(&["erase", "p7@example.org", "--reason", "request", "--request", "2026-1", "--yes"]).ok();
    world.carnet(&["verify"]).ok();
    world.carnet(&["doctor"]).ok();
}

#[test]
fn what_cannot_be_imported_changes_nothing() {
    let world = World::with_firm();
    let before = world.head();
    for bad in ["", "name,email\n", "a,b\n1,2\n", "BEGIN:VCARD\nFN:x"] {
        let said = import(&world, bad, &[]);
        assert!(said.code == 1 || said.code == 2 || said.out.is_empty(), "{bad:?}");
        assert!(!said.err.contains("panicked"), "{}", said.err);
    }
    world.carnet(&["import", "/nowhere.csv"]).code(3);
    let undeclared =
        world.carnet_with_input(&["import", "-", "--source", "x", "--basis", "spying:consent"], b"name\nA\n");
    assert!(undeclared.code(5).err.contains("purpose add spying"));
    assert_eq!(world.git(&["rev-list", "--count", &format!("{before}..HEAD")]).ok().out.trim(), "1");
}
