//! Contact files, their keys, and the records beside them.

use crate::common::{World, said};
use crate::tools::{
    EARLIER, ana, commit, key_path, keys, problems, read, set, stranger, tamper_keys, with_keys, write,
};

#[test]
fn every_damaged_contact_and_key_is_named_at_once_and_nothing_is_repaired() {
    let world = World::with_firm();
    with_keys(&world);
    let eve = stranger(&world, "eve");
    let subkey = ["--passphrase", "", "--quick-add-key", &eve, "cv25519", "encr", "never"];
    world.gpg(&[&EARLIER[..], &subkey].concat()).ok();
    let ids: Vec<String> = (0..7).map(|i| world.add(&format!("Person {i}"), &[])).collect();
    let [good, swapped, cut, foreign, keyless, erased, shared] = &ids[..] else { unreachable!() };
    let file = |id: &str| world.contact_file(id);
    let back = keys(&world, &["rev-parse", &format!("refs/carnet/keys:{}", key_path(erased))]).ok().first();
    let copy = world.path().join("erased-key");
    let dump = world
        .command("sh", &world.firm())
        .args([
            "-c",
            &format!("git --git-dir=.git/carnet/keys.git cat-file blob {back} > {}", copy.display()),
        ])
        .output();
    said(dump.unwrap()).ok();
    world.carnet(&["erase", erased, "--reason", "request", "--yes"]).ok();
    world.carnet(&["verify"]).ok();

    write(&world, &file(swapped), &read(&world, &file(good)));
    let whole = read(&world, &file(cut));
    write(&world, &file(cut), &whole[..whole.len() - 30]);
    let plain = world.path().join("plain");
    std::fs::write(&plain, "id = \"x\"\n").unwrap();
    let (out, plain) = (world.path().join("out"), plain.to_str().unwrap().to_owned());
    let out = out.to_str().unwrap();
    world.gpg(&["--passphrase", "guess", "--yes", "-o", out, "--symmetric", &plain]).ok();
    write(&world, &file(foreign), &std::fs::read(out).unwrap());
    let to_eve = [
        "--passphrase",
        "guess",
        "--yes",
        "--trust-model",
        "always",
        "-o",
        out,
        "-c",
        "-e",
        "-r",
        &eve,
        &plain,
    ];
    world.gpg(&to_eve).ok();
    write(&world, &file(shared), &std::fs::read(out).unwrap());
    write(&world, "contacts/main/zz/readme.txt", b"hello");
    commit(&world, Some(&ana(&world)));

    let orphan = "0d8c1d5e-33c4-4b26-9d0f-8d5c1c6a2b11";
    let again = keys(&world, &["hash-object", "-w", copy.to_str().unwrap()]).ok().first();
    let edits = [
        (key_path(keyless), None),
        (key_path(orphan), Some(again.as_str())),
        (key_path(erased), Some(again.as_str())),
    ];
    let edits: Vec<(&str, Option<&str>)> = edits.iter().map(|(p, b)| (p.as_str(), *b)).collect();
    tamper_keys(&world, &edits);

    let (orphan_key, erased_key) = (format!("key {}", key_path(orphan)), format!("key {}", key_path(erased)));
    let expected = set(&[
        ("foreign-contact", &file(swapped)),
        ("damaged-contact", &file(cut)),
        ("foreign-contact", &file(foreign)),
        ("damaged-contact", &file(shared)),
        ("stray-file", "contacts/main/zz/readme.txt"),
        ("missing-key", &file(keyless)),
        ("orphan-key", &orphan_key),
        ("erased-key", &erased_key),
        ("unreachable-objects", "key store"),
    ]);
    assert_eq!(problems(&world), expected);
    assert_eq!(problems(&world), expected, "verify changes nothing");
    // Any other command destroys the erased contact's key again.
    world.carnet(&["purpose", "list"]).ok();
    assert!(!problems(&world).iter().any(|(kind, _)| kind == "erased-key"));
}

#[test]
fn a_file_that_opens_but_belongs_elsewhere_is_named() {
    let world = World::with_firm();
    with_keys(&world);
    let (a, b) = (world.add("Ada A", &[]), world.add("Ben B", &[]));
    // File and key of one under the id of the other: everything opens.
    write(&world, &world.contact_file(&b), &read(&world, &world.contact_file(&a)));
    commit(&world, Some(&ana(&world)));
    let key = keys(&world, &["rev-parse", &format!("refs/carnet/keys:{}", key_path(&a))]).ok().first();
    tamper_keys(&world, &[(&key_path(&b), Some(&key))]);
    write(&world, &world.contact_file(&a), b"changed, not committed");
    let expected = set(&[
        ("swapped-contact", &world.contact_file(&b)),
        ("changed-contact", &world.contact_file(&a)),
        ("unreachable-objects", "key store"),
    ]);
    assert_eq!(problems(&world), expected);
}

#[test]
fn a_book_key_for_a_stranger_and_a_members_other_certificate_are_named() {
    let world = World::with_firm();
    with_keys(&world);
    let eve = stranger(&world, "eve");
    let subkey = ["--passphrase", "", "--quick-add-key", &eve, "cv25519", "encr", "never"];
    world.gpg(&[&EARLIER[..], &subkey].concat()).ok();
    let certificate = world.gpg(&["--armor", "--export", &eve]).ok().out;
    write(&world, "members/ana.asc", certificate.as_bytes());
    write(
        &world,
        "books/main.toml",
        b"title = \"x\"\npurpose = \"customers\"\nmembers = [\"ana\", \"zoe\"]\n",
    );
    write(&world, "registers/purposes/customers.toml", b"title = ");
    commit(&world, Some(&ana(&world)));
    let kinds: Vec<String> =
        problems(&world).into_iter().map(|(kind, place)| format!("{kind} {place}")).collect();
    let expected = [
        "bad-record registers/purposes/customers.toml",
        "other-certificate members/ana.asc",
        "wrong-recipients key main/book.pgp",
    ];
    assert_eq!(kinds, expected);
    let told = world.carnet(&["verify"]).code(7).out;
    for part in ["zoe is a member of the book", "is no key of a member", "not encrypted to ana's key"] {
        assert!(told.contains(part), "{part} in {told}");
    }
}
