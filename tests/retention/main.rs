//! `carnet retention`: what is due and why, the warning and its grace, erasures, archives and what blocks them.

#[path = "../common/mod.rs"]
mod common;

mod apply;
mod archive;
mod block;
mod due;

use common::{Said, World, said};
use serde_json::Value;

/// Runs an editor script (`$1` is the file) on a contact.
#[track_caller]
fn edit(world: &World, id: &str, script: &str) {
    let file = world.path().join("edit.sh");
    std::fs::write(&file, script).unwrap();
    let mut command = world.command(env!("CARGO_BIN_EXE_carnet"), &world.firm());
    command.env("EDITOR", format!("sh {}", file.display()));
    said(command.args(["edit", id]).output().unwrap()).ok();
}

/// A contact that was collected on `day` for the purposes of `bases`, with more TOML at its end.
#[track_caller]
fn collected(world: &World, name: &str, day: &str, bases: &[&str], more: &str) -> String {
    let mut args = vec!["add", "--name", name, "--source", "fair", "--email"];
    let email = format!("{}@example.org", name.to_lowercase());
    args.push(&email);
    bases.iter().for_each(|basis| args.extend(["--basis", basis]));
    let id = world.carnet(&args).ok().first();
    let dates = format!("s/^created = .*/created = {day}T12:00:00Z/; s/^since = .*/since = {day}/");
    edit(world, &id, &format!("sed -i '{dates}' \"$1\"\ncat >> \"$1\" <<'END'\n{more}\nEND\n"));
    id
}

/// Keeps a purpose from losing every contact: one prospect and one customer who have just come.
fn fresh(world: &World) -> [String; 2] {
    [
        collected(world, "Nova", "2026-11-01", &["prospects:legitimate-interests"], ""),
        collected(world, "Nico", "2026-11-01", &["customers:contract"], ""),
    ]
}

const PROSPECT: &[&str] = &["prospects:legitimate-interests"];

#[track_caller]
fn due(world: &World) -> Value {
    world.carnet(&["retention", "due", "--json"]).ok().json()
}

/// What `due` says of one contact.
#[track_caller]
fn of(due: &Value, id: &str) -> Value {
    let all = due["contacts"].as_array().unwrap();
    all.iter().find(|c| c["id"] == id).cloned().unwrap_or(Value::Null)
}

/// Records warnings and lets the grace period pass.
#[track_caller]
fn warned(world: &mut World, more: &[&str]) -> Said {
    let said = world.carnet(&[&["retention", "warn"], more].concat()).ok();
    world.now = "2026-12-24T10:00:00Z".into();
    said
}

#[track_caller]
fn apply(world: &World, more: &[&str]) -> Value {
    world.carnet(&[&["retention", "apply", "--yes", "--json"], more].concat()).ok().json()
}
