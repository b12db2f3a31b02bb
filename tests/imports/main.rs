//! Files of other programs: recognised by their headers, taken whole, refused with the reason.

#[path = "../common/mod.rs"]
mod common;

mod again;
mod messages;
mod monica;
mod presets;
mod undoing;
mod wrong;

use common::{Said, World};

const LOT: [&str; 4] = ["--source", "old CRM", "--basis", "prospects:legitimate-interests"];

fn import(world: &World, input: &[u8], more: &[&str]) -> Said {
    world.carnet_with_input(&[&["import", "-"], &LOT[..], more].concat(), input)
}

fn fixture(name: &str) -> Vec<u8> {
    let path = format!("{}/tests/fixtures/imports/{name}", env!("CARGO_MANIFEST_DIR"));
    std::fs::read(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
}
