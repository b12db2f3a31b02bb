//! Consents, wordings, evidence, lawfulness, mailings and objections, over the binary.

#[path = "../common/mod.rs"]
mod common;

mod clones;
mod events;
mod evidence;
mod import;
mod lawful;
mod mailing;
mod objections;
mod proof;
mod wordings;

use common::{Said, World};

/// A firm with a wording, and one person in it who is reached by e-mail and phone.
fn firm() -> (World, String) {
    let world = World::with_firm();
    wording(&world, "newsletter", "May we send you our newsletter by e-mail?\n");
    let id = world.carnet(&[
        "add",
        "--name",
        "Ada Rare",
        "--email",
        "Ada.Rare@Example.ORG",
        "--phone",
        "mobile:06 55 51 23 98",
        "--source",
        "web",
        "--basis",
        "newsletter:consent",
    ]);
    let id = id.ok().first();
    (world, id)
}

/// Adds a wording and returns its hash.
fn wording(world: &World, slug: &str, text: &str) -> String {
    let path = world.path().join(format!("{slug}.md"));
    std::fs::write(&path, text).unwrap();
    world.carnet(&["wording", "add", slug, path.to_str().unwrap(), "--lang", "en"]).ok().first()
}

fn give(world: &World, id: &str, more: &[&str]) -> Said {
    let args = ["consent", "give", id, "--purpose", "newsletter", "--wording", "newsletter"];
    world.carnet(&[&args[..], more].concat())
}

fn withdraw(world: &World, id: &str, more: &[&str]) -> Said {
    world.carnet(&[&["consent", "withdraw", id, "--purpose", "newsletter"][..], more].concat())
}

/// `lawful` for the newsletter by e-mail: the exit code and the rule.
fn rule(world: &World, id: &str, more: &[&str]) -> (i32, String) {
    let args = ["lawful", id, "--purpose", "newsletter", "--channel", "email", "-q"];
    let said = world.carnet(&[&args[..], more].concat());
    assert!(said.code == 0 || said.code == 5, "{said:?}");
    (said.code, said.first())
}

/// Sets keys of `carnet.toml` and commits, signed as everything is.
fn settings(world: &World, text: &str) {
    let path = world.firm().join("carnet.toml");
    let old = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, format!("{old}\n{text}\n")).unwrap();
    world.git(&["-c", "commit.gpgSign=false", "commit", "-qam", "settings"]).ok();
}
