//! Files that are no contacts: one sentence, an exit code, nothing changed.

use super::common::World;
use super::{LOT, fixture, import};

#[test]
fn the_wrong_file_is_named_and_nothing_changes() {
    let world = World::with_firm();
    let before = world.head();
    for (bytes, said) in [
        (&b""[..], "empty"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "picture"),
        (b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nEND:VCALENDAR\r\n", "calendar"),
        (b"From ana@example.org Mon Nov 23 09:15:00 2026\nFrom: ana@example.org\n\nhello\n", "mailbox"),
        (b"name,email\n", "no rows"),
        (b"{\"contacts\": []}", "JSON"),
        (b"Notes:\n", "no rows"),
    ] {
        let run = import(&world, bytes, &[]);
        assert!([1, 2].contains(&run.code), "{said}: {run:?}");
        assert!(run.err.contains(said) && !run.err.contains("panicked"), "{said}: {}", run.err);
    }
    let directory = [&["import", "/"], &LOT[..]].concat();
    assert!(!world.carnet(&directory).code(1).err.contains("panicked"));
    world.carnet(&["import"]).code(2);
    assert_eq!(world.head(), before);
}

#[test]
fn a_row_with_too_many_cells_is_refused_alone() {
    let world = World::with_firm();
    let done = import(&world, b"name,email\nAna,ana@example.org,what,is\nBob,bob@example.org\n", &["--json"]);
    let done = done.ok().json();
    assert_eq!((done["imported"].as_u64(), done["skipped"].as_u64()), (Some(1), Some(1)));
    assert!(done["remarks"].to_string().contains("4 cells"), "{done}");
}

#[test]
fn what_is_said_of_a_file_holds_headers_and_no_content() {
    let world = World::with_firm();
    let said = import(&world, &fixture("hubspot.csv"), &["--dry-run"]).ok().err;
    assert!(!said.contains("Perrin") && !said.contains("@"), "{said}");
}
