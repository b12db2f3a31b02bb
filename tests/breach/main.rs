//! `carnet breach`: the register and its clock, drafts for the authority and the persons, and what a loss touches.

#[path = "../common/mod.rs"]
mod common;

mod drafts;
mod register;
mod scope;

use common::World;
use serde_json::Value;

/// Opens a breach of 08:00 and returns its reference.
#[track_caller]
fn open(world: &World, more: &[&str]) -> String {
    world.carnet(&[&["breach", "open", "--aware", "2026-11-23T08:00"], more].concat()).ok().first()
}

#[track_caller]
fn shown(world: &World, reference: &str) -> Value {
    world.carnet(&["breach", "show", reference, "--json"]).ok().json()
}

/// Everything that Art. 33(5) wants of a breach that is no risk.
const ALL: [&str; 38] = [
    "--from",
    "2026-11-22T17:00",
    "--to",
    "2026-11-23T07:00",
    "--origin",
    "lost-or-stolen-device",
    "--kind",
    "confidentiality",
    "--facts",
    "Jeanne Dupont lost her laptop.",
    "--cause",
    "internal-accidental",
    "--why-cause",
    "Left in a train.",
    "--persons",
    "customers",
    "--persons-number",
    "40",
    "--data",
    "contact",
    "--records-number",
    "41",
    "--consequences",
    "Unwanted calls.",
    "--measures",
    "The key was replaced.",
    "--encryption",
    "key-safe",
    "--risk",
    "unlikely",
    "--why-risk",
    "The disk is encrypted.",
    "--notify",
    "no",
    "--why-not-notified",
    "No risk is likely.",
    "--lessons",
    "Bags stay closed.",
];
