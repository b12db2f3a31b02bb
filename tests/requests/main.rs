//! Rights requests over the binary: the register and its deadlines, packs and letters, effects, clones.

#[path = "../common/mod.rs"]
mod common;

mod clones;
mod effects;
mod nobody;
mod packs;
mod register;

use std::path::PathBuf;

use common::World;

/// A firm with Jeanne, held under a contract and legitimate interests, on 23 November 2026.
fn firm() -> (World, String) {
    let world = World::with_firm();
    let jeanne = world.add(
        "Jeanne Dupont",
        &[
            "--email",
            "jeanne@example.org",
            "--phone",
            "06 12 34 56 78",
            "--basis",
            "customers:contract",
            "--note",
            "haggles",
        ],
    );
    (world, jeanne)
}

/// Opens a request and returns its reference.
#[track_caller]
fn open(world: &World, kind: &str, contact: &str, more: &[&str]) -> String {
    let args = ["request", "open", kind, "--contact", contact, "--channel", "email"];
    world.carnet(&[&args[..], more].concat()).ok().first()
}

/// A place for a reply, and the same for a command line.
fn place(world: &World, name: &str) -> (PathBuf, String) {
    (world.path().join(name), format!("../{name}"))
}

/// The plain entry of a request.
fn entry(world: &World, reference: &str) -> String {
    std::fs::read_to_string(world.firm().join(format!("registers/requests/{reference}.toml"))).unwrap()
}

/// All trailers of the last entry of ana's access chain.
fn last_access(world: &World) -> String {
    let month = &world.now[..7];
    let chain = format!("refs/carnet/access/{month}/ana");
    world.git(&["log", "-1", "--format=%B", &chain]).ok().out
}
