//! Text of a person's that equals a message: it is never said in French, wherever it is shown.

use super::common::World;
use super::french;

/// Each is a whole message, a word or a pattern with values, of the catalogue.
const HOSTILE: [&str; 6] = [
    "3 days ago",
    "Nothing is due.",
    "never",
    "in book main; `carnet show x --file` prints the file",
    "0 days",
    "{0}",
];

#[test]
fn names_tags_texts_and_titles_that_equal_messages_stay_as_they_are() {
    let world = World::with_firm();
    let fr = |args: &[&str]| french(&world, &world.firm(), args);
    for (n, text) in HOSTILE.into_iter().enumerate() {
        let email = format!("p{n}@example.org");
        let id = world.add(text, &["--email", &email, "--tag", text, "--set", &format!("org={text}")]);
        world.carnet(&["log", "note", &id, text, "--at", "2026-11-22"]).ok();
        world.carnet(&["todo", "add", &id, text, "--due", "2026-11-25"]).ok();
        world.carnet(&["deal", "add", text, "--amount", "10", "--contact", &id, "--next", text]).ok();
        let times = |said: &str| said.matches(text).count();
        // As often as in English, in every place where it is shown.
        for args in [
            &["list", &id][..],
            &["find", text],
            &["show", &id, "--briefing"],
            &["show", &id],
            &["agenda"],
            &["todo", "list"],
            &["deal", "list"],
            &["deal", "show", text],
            &["tag", "list"],
            &["query", &email],
            &["edit", "--where", &format!("id:{}", &id[..8]), "--set", "title=x", "--dry-run"],
            &["show", "example.org"],
            &["dupes"],
        ] {
            let (english, french) = (world.carnet(args), fr(args));
            let shown = |said: &super::common::Said| times(&said.out) + times(&said.err);
            assert_eq!(shown(&french), shown(&english), "{args:?} with {text:?}: {french:?}");
            assert_eq!(french.code, english.code, "{args:?}");
        }
        assert!(times(&fr(&["show", &id, "--briefing"]).out) >= 4, "{text}");
    }
}
