//! The two trails.

use super::{has, made, table};

#[test]
fn the_trails_count_each_action_once_and_in_its_words() {
    let (_world, site) = made();
    has(
        &site,
        "fr/access.html",
        "rows",
        &[
            "4 janvier 2027 à 9 h 00 | ana | confirmation, par un clone, de la destruction des clés effacées | 1 | # | non précisé | #",
            "11 décembre 2026 à 9 h 00 | ana | export | 1 | # | Clients | #",
        ],
    );
    let rows = table(&site, "en/changes.html", "rows");
    let by_action = table(&site, "en/changes.html", "by-action");
    let sum: usize = by_action.iter().map(|row| row[1].parse::<usize>().unwrap()).sum();
    assert_eq!((rows.len(), sum), (23, 23));
    for (action, entries) in
        [("contact added", "4"), ("consent asked for", "2"), ("consent withdrawn", "1"), ("erasure", "1")]
    {
        assert!(
            by_action.iter().any(|row| (row[0].as_str(), row[1].as_str()) == (action, entries)),
            "{by_action:?}"
        );
    }
    // The fields of a register's entry are no fields of a contact: an agreement has a title, and nobody's job.
    assert!(
        !rows.iter().any(|row| row[2] == "agreement recorded" && row[6].contains("job title")),
        "{rows:?}"
    );
}
