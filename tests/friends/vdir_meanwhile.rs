//! A vdir that another program writes into while carnet is at work, and a carnet that is killed at work.

use std::process::Stdio;

use carnet::interchange::Options;
use carnet::vault::vdir::Vdir;
use carnet::vault::{Snapshot, Surroundings, Vault};

use super::{Book, have};

fn vault(book: &Book) -> (Vault, Snapshot, Vdir) {
    let around = Surroundings {
        now: book.world.now.parse().unwrap(),
        data_home: book.world.path().join("data"),
        passphrase_file: None,
        no_input: true,
    };
    let vault = Vault::open(&book.world.firm(), &around).unwrap();
    let at = vault.snapshot().unwrap();
    let vdir = vault.vdir(&book.dir.canonicalize().unwrap()).unwrap();
    (vault, at, vdir)
}

#[test]
fn a_card_that_changes_while_an_import_asks_is_taken_in_by_the_next_one() {
    let book = Book::new();
    // Read as it was: the same in other words.
    book.change(&book.jeanne, "END:VCARD", "REV:20261101T000000Z\r\nEND:VCARD");
    let (vault, at, mut vdir) = vault(&book);
    let said = vault.read_vdir(at, &vdir, &Options { country: "FR".into(), ..Options::default() }).unwrap();
    assert_eq!((said.same.len(), said.edits.len()), (1, 0));
    book.change(&book.jeanne, "Acme", "Bolt");
    vault.agree_with_vdir(&mut vdir, &[], &said.same).unwrap();
    let done = book.import(&["--json"]).ok().json();
    assert_eq!(done["changed"], serde_json::json!([book.jeanne]), "{done:#}");
    assert_eq!(book.shown(&book.jeanne)["org"], "Bolt");
}

#[test]
fn a_card_that_changes_while_an_export_reads_stays() {
    let book = Book::new();
    book.world.carnet(&["edit", &book.jeanne, "--set", "title=Buyer"]).ok();
    let (vault, at, mut vdir) = vault(&book);
    let of = |id: &str| {
        let path = format!("contacts/main/{}/{id}.toml.pgp", &id[..2]);
        ("main".parse().unwrap(), id.parse().unwrap(), vault.repo.entry(at.tree, &path).unwrap().unwrap())
    };
    // The other one's card would go.
    let plan = vault.plan_vdir(at, &vdir, &[of(&book.jeanne)]).unwrap();
    assert_eq!((plan.write.len(), plan.remove.len()), (1, 1));
    book.change(&book.jeanne, "Acme", "Bolt");
    book.change(&book.acme, "vip", "friend");
    let stayed = vault.carry_out_vdir(&mut vdir, &plan).unwrap();
    assert_eq!(stayed.len(), 2);
    assert!(book.card(&book.jeanne).contains("Bolt") && book.card(&book.acme).contains("friend"));
    let done = book.import(&["--json"]).ok().json();
    assert_eq!(done["changed"].as_array().unwrap().len(), 2, "{done:#}");
    let jeanne = book.shown(&book.jeanne);
    assert_eq!((&jeanne["org"], &jeanne["title"]), (&"Bolt".into(), &"Buyer".into()));
}

/// Wherever an export is killed: an erasure reaches what it had written, half cards among it.
#[test]
fn an_erasure_reaches_the_cards_of_an_export_that_was_killed() {
    if !have("strace", "exports that are killed") {
        return;
    }
    let book = Book::new();
    let mut killed = Vec::new();
    for call in 1..12 {
        let dir = book.world.path().join(format!("killed-{call}"));
        let mut strace = book.world.command("strace", &book.world.firm());
        strace.args(["-f", "-qq", "-o", "/dev/null", "-e", "trace=rename,renameat,renameat2,linkat"]);
        strace.args(["-e", &format!("inject=rename,renameat,renameat2,linkat:signal=KILL:when={call}")]);
        strace.arg(env!("CARGO_BIN_EXE_carnet")).args(["export", "--format", "vdir"]).arg(&dir);
        let status = strace.stdout(Stdio::null()).stderr(Stdio::null()).status().unwrap();
        if !status.success() {
            killed.push(dir);
        }
    }
    let named = |dir: &std::path::Path| {
        let files = walkdir::WalkDir::new(dir).into_iter().flatten().filter(|e| e.file_type().is_file());
        let texts =
            files.map(|file| String::from_utf8_lossy(&std::fs::read(file.path()).unwrap()).into_owned());
        texts.filter(|text| text.contains("Jeanne")).count()
    };
    assert!(killed.iter().map(|dir| named(dir)).sum::<usize>() > 0, "the kills came too early or too late");
    assert!(
        killed.iter().any(|dir| named(dir) > 0 && !dir.join(format!("{}.vcf", book.jeanne)).exists()),
        "none left half a card"
    );
    book.world.carnet(&["erase", &book.jeanne, "--reason", "request", "--yes"]).ok();
    for dir in &killed {
        assert_eq!(named(dir), 0, "{}", dir.display());
    }
    // What was interrupted goes on as if nothing had been.
    let dir = killed[killed.len() - 1].to_str().unwrap();
    let done = book.world.carnet(&["export", "--format", "vdir", dir, "--json"]).ok().json();
    assert_eq!(done["changed_there"], serde_json::json!([]), "{done:#}");
    assert_eq!(super::cards(std::path::Path::new(dir)).len(), 1);
}
