//! The command line as people and scripts meet it: examples, answers, terminals, pages.

#[path = "../common/mod.rs"]
mod common;

mod answers;
mod docs;
mod examples;
mod hints;
mod pages;
mod terminal;

use std::process::Command;

use common::{World, said};

/// Whether a program is here; where it is not, the test says what it leaves out.
fn have(program: &str, what: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let here = std::env::split_paths(&path).any(|dir| dir.join(program).is_file());
    if !here {
        println!("SKIPPED: {what}, for {program} is not here");
    }
    here
}

/// A command line understood by `sh`, as the words after `carnet` of each call of carnet in it.
fn words(world: &World, line: &str) -> Vec<Vec<String>> {
    // By another way than standard output, which an example may send into a file; and by one write for each call, for
    // two in a pipe run at the same time.
    // What some read or write.
    std::fs::create_dir_all(world.path().join("templates")).unwrap();
    if !world.path().join("message.eml").exists() {
        std::fs::write(world.path().join("message.eml"), "").unwrap();
    }
    let script = format!("exec 3>&1; carnet() {{ printf '%s\\0' \"$@\" '\n' >&3; }}\n{line}\n");
    let out = said(world.command("sh", world.path()).args(["-c", &script]).output().unwrap());
    assert_eq!(out.code, 0, "{line}: {}", out.err);
    let calls = out.out.split("\n\0").filter(|call| !call.is_empty());
    let calls =
        calls.map(|call| call.strip_suffix('\0').unwrap_or(call).split('\0').map(str::to_owned).collect());
    calls.collect()
}

/// What the real parser says to a call of carnet.
fn parse(call: &[String]) -> Result<(), String> {
    let args = std::iter::once("carnet").chain(call.iter().map(String::as_str));
    match carnet::cli::command().try_get_matches_from(args) {
        Ok(_) => Ok(()),
        Err(e) if !e.use_stderr() => Ok(()),
        Err(e) => Err(format!("{call:?}: {e}")),
    }
}

/// A firm with contacts that the examples name, and the files that they read.
fn firm() -> (World, String) {
    let world = World::with_firm();
    let jeanne =
        world.add("Jeanne Dupont", &["--email", "jeanne@example.org", "--tag", "vip", "--org", "Acme"]);
    world
        .carnet(&["organisation", "edit", "--set", "address=Lyon", "--set", "privacy_contact=p@example.org"])
        .ok();
    world.carnet(&["processor", "add", "mailco", "--name", "MailCo", "--service", "mail"]).ok();
    world.carnet(&["deal", "add", "Website", "--amount", "4800"]).ok();
    world.carnet(&["breach", "open", "--aware", "2026-11-23T08:00:00Z"]).ok();
    let table = "name,email\nLéa Petit,lea@example.org\n";
    let card = "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Max Kern\r\nN:Kern;Max;;;\r\nEND:VCARD\r\n";
    let (question, opting) = ("May we send you our newsletter?\n", "email,action\njeanne@example.org,yes\n");
    let papers = ["dpa.pdf", "slides.pdf", "policy.pdf"].map(|name| (name, "signed"));
    let mail =
        "From: Jeanne <jeanne@example.org>\nDate: Mon, 23 Nov 2026 09:15:00 +0100\nSubject: Offer\n\nYes.\n";
    let files = [
        ("message.eml", mail),
        ("contacts.vcf", card),
        ("prospects.csv", table),
        ("list.csv", table),
        ("contacts.csv", "name,phone,comment\nZoé Blanc,0612345699,old\n"),
        ("optins.csv", opting),
        ("newsletter.md", question),
        ("form.pdf", "%PDF"),
    ];
    for (name, text) in files.into_iter().chain(papers) {
        for dir in [world.path(), &world.path().join("home")] {
            std::fs::write(dir.join(name), text).unwrap();
        }
    }
    world.carnet_with_input(&["wording", "add", "newsletter", "-"], question.as_bytes()).ok();
    // Last, so that there is something to undo.
    world.add("Atelier Rousseau", &["--organisation"]);
    (world, jeanne)
}

/// `carnet` with this world's environment, in the firm.
fn carnet(world: &World) -> Command {
    world.command(env!("CARGO_BIN_EXE_carnet"), &world.firm())
}
