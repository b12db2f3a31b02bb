//! What `verify` finds in a purged history that somebody has touched.

use super::common::{World, said};
use super::{PURGE, kinds};

/// A purged firm, and its record's path.
fn purged() -> (World, std::path::PathBuf) {
    let ana = World::with_firm();
    ana.add("Kept Person", &[]);
    let gone = ana.add("Gone Person", &[]);
    ana.add("Later Person", &[]);
    ana.carnet(&["erase", &gone, "--reason", "error", "--yes"]).ok();
    let made = ana.carnet(&[&PURGE[..], &["--json"]].concat()).ok().json();
    let record = ana.firm().join(made["purge"]["record"].as_str().unwrap());
    (ana, record)
}

/// Commits what is in the work tree as the member would, signed.
fn commit(world: &World) {
    let sign = world.carnet(&["key", "list", "-q"]).ok().first();
    let _ = sign;
    world.git(&["add", "-A"]).ok();
    let script = "git -c commit.gpgSign=false commit -q -m tampered";
    said(world.command("sh", &world.firm()).args(["-c", script]).output().unwrap()).ok();
}

#[test]
fn a_record_that_was_changed_or_taken_away_is_found() {
    for change in ["good", "gone", "unsigned"] {
        let (ana, record) = purged();
        match change {
            "good" => {
                let text = std::fs::read_to_string(&record).unwrap();
                std::fs::write(&record, text.replacen("Ana Martin", "Ann Martin", 1)).unwrap();
            }
            "gone" => std::fs::remove_file(&record).unwrap(),
            _ => std::fs::remove_file(format!("{}.asc", record.display())).unwrap(),
        }
        commit(&ana);
        let found = kinds(&ana);
        assert!(found.contains(&"bad-purge".to_owned()), "{change}: {found:?}");
        if change == "good" {
            assert!(found.contains(&"false-purge".to_owned()), "{found:?}");
        }
    }
}

#[test]
fn a_record_that_claims_more_than_it_can_prove_is_found() {
    // Who purged rewrites once more, with other content, and a record that says that this was the original.
    let (ana, record) = purged();
    let text = std::fs::read_to_string(&record).unwrap();
    let first = text.lines().find_map(|line| line.strip_prefix("new = \"")).unwrap().trim_end_matches('"');
    // The same header for a commit with another tree: another commit takes its place in the record.
    let other = ana.git(&["rev-parse", "HEAD"]).ok().first();
    std::fs::write(&record, text.replace(first, &other)).unwrap();
    commit(&ana);
    let found = kinds(&ana);
    assert!(found.contains(&"false-purge".to_owned()), "{found:?}");
}
