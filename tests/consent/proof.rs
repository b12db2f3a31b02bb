//! `carnet consent prove`: checked with git and gpg alone.

use crate::common::said;
use crate::{firm, give, withdraw};

#[test]
fn the_proof_checks_with_gpg_alone_and_says_what_it_shows() {
    let (mut world, id) = firm();
    let file = world.path().join("form.txt");
    std::fs::write(&file, "signed: Ada\n").unwrap();
    give(
        &world,
        &id,
        &["--channel", "email", "--method", "paper form", "--evidence", file.to_str().unwrap()],
    )
    .ok();
    world.now = "2026-11-23T11:00:00Z".into();
    withdraw(&world, &id, &["--method", "by phone"]).ok();
    let out = world.path().join("proof");
    let prove = ["consent", "prove", &id, "--purpose", "newsletter", "--out", out.to_str().unwrap()];
    let done = world.carnet(&[&prove[..], &["--json"]].concat()).ok().json();
    let commit = done["proof"]["events"][0]["recorded"]["commit"].as_str().unwrap().to_owned();
    assert_eq!(done["proof"]["events"][0]["recorded"]["member"], "ana");
    let read = |name: &str| std::fs::read_to_string(out.join(name)).unwrap();
    for (name, parts) in [
        ("proof.en.txt", ["PROOF OF CONSENT", "Ada Rare", "paper form", "withdrawn", "Newsletter", &commit]),
        (
            "proof.fr.txt",
            ["PREUVE DU CONSENTEMENT", "Ada Rare", "paper form", "retiré", "Finalité :", &commit],
        ),
    ] {
        let text = read(name);
        parts.iter().for_each(|part| assert!(text.contains(part), "{part}: {text}"));
    }
    // Its own commands, run as they are written.
    let text = read("proof.en.txt").replace("REPOSITORY", "../firm");
    let commands: Vec<&str> = text
        .lines()
        .filter_map(|line| line.strip_prefix("  "))
        .skip_while(|line| !line.starts_with("gpg --import"))
        .filter(|line| !line.starts_with('#') && !line.contains("read-contact"))
        .collect();
    assert!(commands.len() >= 5, "{text}");
    for command in commands {
        let mut sh = world.command("sh", &out);
        said(sh.args(["-ec", command]).output().unwrap()).ok();
    }
    // A changed statement, text or commit is noticed.
    let sums = |world: &crate::World| {
        said(world.command("sha256sum", &out).args(["--check", "SHA256SUMS"]).output().unwrap()).code
    };
    assert_eq!(sums(&world), 0);
    let wording = std::fs::read_dir(out.join("wordings")).unwrap().next().unwrap().unwrap().path();
    std::fs::write(wording, "We sell your address.\n").unwrap();
    assert_ne!(sums(&world), 0);
    std::fs::write(out.join("proof.fr.txt"), "x").unwrap();
    let mut gpg = world.command("gpg", &out);
    assert_ne!(said(gpg.args(["--verify", "proof.fr.txt.asc", "proof.fr.txt"]).output().unwrap()).code, 0);
    world.carnet(&prove).code(1);
    let inside = ["consent", "prove", &id, "--purpose", "newsletter", "--out", "proof"];
    world.carnet(&inside).code(5);
    world.carnet(&["consent", "prove", &id, "--purpose", "prospects", "--out", "../other"]).code(3);
}
