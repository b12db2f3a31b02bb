//! Named pages: who is on them and with what, where they may go, and what the trail keeps of it.

use std::os::unix::fs::PermissionsExt;

use crate::common::{Said, World};
use crate::files;
use crate::html::{parse, words};

fn named(world: &World, out: &str, more: &[&str]) -> Said {
    let mut args = vec!["report", "--nominative", "--purpose", "newsletter", "--out", out];
    args.extend_from_slice(more);
    world.carnet(&args)
}

fn page(world: &World, path: &str) -> String {
    std::fs::read_to_string(world.path().join(path)).unwrap()
}

/// A firm with somebody who consented, somebody who objected, and somebody of another purpose.
fn firm() -> World {
    let world = World::with_firm();
    let wording = world.path().join("w.md");
    std::fs::write(&wording, "I agree.\n").unwrap();
    let newsletter = ["--basis", "newsletter:consent"];
    world.carnet(&["wording", "add", "letter", wording.to_str().unwrap(), "--lang", "en"]).ok();
    world.add(
        "Zoé <b>Petit</b>",
        &[&newsletter[..], &["--email", "zoe@example.org", "--org", "Quibbleton"]].concat(),
    );
    world
        .carnet(&[
            "consent",
            "give",
            "zoe@example.org",
            "--purpose",
            "newsletter",
            "--wording",
            "letter",
            "--channel",
            "email",
            "--method",
            "form",
        ])
        .ok();
    world.add("Émile Objet", &[&newsletter[..], &["--email", "emile@example.org"]].concat());
    world.carnet(&["object", "emile@example.org", "--purpose", "newsletter", "--method", "letter"]).ok();
    world.add("Prospect Only", &["--email", "other@example.org"]);
    world
}

#[test]
fn everybody_under_the_purpose_is_named_with_what_they_are_held_on() {
    let world = firm();
    let told = named(&world, "../named", &[]).ok();
    assert!(told.first().ends_with("named/index.html"));
    assert!(
        told.err.contains("2 contact(s) of newsletter")
            && told.err.contains("warning: these pages name persons")
    );
    let text = page(&world, "named/index.html");
    parse("index.html", &text);
    let rows: Vec<String> = text.split("<tr>").map(words).collect();
    let events = world.carnet(&["consent", "list", "zoe@example.org", "--json"]).ok().json();
    let event = events["events"][0]["id"].as_str().unwrap().to_owned();
    let zoe = rows.iter().find(|row| row.contains("Zoé")).unwrap();
    assert!(zoe.contains("Zoé &lt;b&gt;Petit&lt;/b&gt; Quibbleton"), "{zoe}");
    assert!(
        zoe.contains("consent, Art. 6(1)(a)") && zoe.contains("Granted (e-mail), 23 November 2026"),
        "{zoe}"
    );
    assert!(zoe.contains(&event) && zoe.contains("23 November 2026"), "{zoe}");
    assert!(zoe.contains(&format!("{event} – e-mail")), "she may be reached by e-mail: {zoe}");
    let emile = rows.iter().find(|row| row.contains("Émile")).unwrap();
    assert!(
        emile.contains("objection (every channel), 23 November 2026") && emile.contains("no channel"),
        "{emile}"
    );
    assert!(text.find("Émile").unwrap() < text.find("Zoé").unwrap(), "in order of names");
    assert!(!text.contains("Prospect Only") && !text.contains("zoe@example.org"));
    // Marked on each page, in its title, and at the head of each printed page of the table; no way to the site.
    assert!(text.contains("<title>Confidential: names of persons · "));
    assert!(text.matches("Confidential: names of persons").count() >= 4);
    assert!(!text.contains("Pseudonymous") && !text.contains("audit.html"));
    let mode = std::fs::metadata(world.path().join("named")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o700);
    world.carnet(&["report", "--check", "../named"]).ok();
    // In French, and in both.
    named(&world, "../named", &["--lang", "both"]).ok();
    let french = page(&world, "named/fr/index.html");
    assert!(words(&french).contains("Confidentiel : noms de personnes") && french.contains("Émile"));
    assert!(!page(&world, "named/index.html").contains("Pseudonym"));
}

#[test]
fn it_is_an_export_on_the_trail_and_no_part_of_the_site() {
    let world = firm();
    named(&world, "../named", &[]).ok();
    let log =
        world.git(&["log", "-1", "--format=%s%n%(trailers:only)", "refs/carnet/access/2026-11/ana"]).ok().out;
    assert!(log.contains("access: export of 2"), "{log}");
    for trailer in
        ["Carnet-Action: export", "Carnet-Book: main", "Carnet-Purpose: newsletter", "Carnet-Count: 2"]
    {
        assert!(log.contains(trailer), "{log}");
    }
    world.carnet(&["report", "--out", "../site", "--lang", "both"]).ok();
    for (path, bytes) in files(&world.path().join("site")) {
        let text = String::from_utf8(bytes).unwrap();
        assert!(!text.contains("Zoé") && !text.contains("nominative"), "{path}");
    }
    let dry = named(&world, "../dry", &["--dry-run"]).ok();
    assert!(dry.err.contains("pages with names") && !world.path().join("dry").exists());
    let made = named(&world, "../named", &["--json"]).ok().json();
    assert_eq!((made["contacts"].as_u64(), made["purpose"].as_str()), (Some(2), Some("newsletter")));
    world.carnet(&["report", "--nominative", "--out", "../named"]).code(2);
    world.carnet(&["report", "--nominative", "--purpose", "nowhere", "--out", "../named"]).code(5);
}

#[test]
fn nothing_is_named_where_git_would_track_it_unless_forced() {
    let world = firm();
    let chains = world.git(&["for-each-ref", "refs/carnet/access"]).ok().out;
    let work = world.path().join("work");
    std::fs::create_dir(&work).unwrap();
    world.git(&["init", "-q", work.to_str().unwrap()]).ok();
    std::fs::write(work.join(".gitignore"), "private/\n").unwrap();
    for tracked in ["named", "../firm/contacts/named", "../work/named", "../work/new/deep"] {
        let told = named(&world, tracked, &[]).code(5);
        assert!(told.err.contains("named pages") && told.err.contains("--force"), "{}", told.err);
    }
    assert!(!world.firm().join("named").exists() && !work.join("named").exists());
    assert_eq!(world.git(&["for-each-ref", "refs/carnet/access"]).ok().out, chains, "nobody was read");
    for inside in [".git/named", "../firm/.git/carnet/named"] {
        named(&world, inside, &["--force"]).code(5);
    }
    named(&world, "../work/private/named", &[]).ok();
    named(&world, "../work/named", &["--force"]).ok();
    named(&world, "named", &["--force"]).ok();
    assert!(page(&world, "firm/named/index.html").contains("Zoé"));
    // The site itself never goes there, and --force is of named pages only.
    world.carnet(&["report", "--out", "site", "--force"]).code(2);
}

#[test]
fn a_template_of_ones_own_cannot_take_the_mark_away() {
    let world = firm();
    std::fs::create_dir_all(world.firm().join("templates")).unwrap();
    let own = |body: &str| {
        format!("{{% extends \"base.html\" %}}{{% block content %}}<h1>{body}</h1>{{% endblock %}}")
    };
    let put = |text: &str| crate::commit_file(&world, "templates/nominative.html", |_| text.to_owned());
    put(&format!("{}{{% block foot %}}{{% endblock %}}", own("{{ v.persons | length }}")));
    assert!(named(&world, "../named", &[]).code(5).err.contains("are confidential"));
    assert!(!world.path().join("named").exists());
    put(&own("{{ t.nominative.confidential }} {{ v.persons | length }}"));
    named(&world, "../named", &[]).ok();
    assert!(page(&world, "named/index.html").contains("<h1>Confidential: names of persons 2</h1>"));
}

/// Killed wherever it replaces the old pages: there are pages in the place, what waits beside it is its owner's alone, and
/// goes with the next run.
#[test]
fn killed_it_leaves_pages_in_the_place_and_nothing_beside_it_for_long() {
    let world = firm();
    named(&world, "../named", &[]).ok();
    let beside = || {
        let entries = std::fs::read_dir(world.path()).unwrap().map(|entry| entry.unwrap().path());
        let ours =
            |path: &std::path::PathBuf| path.file_name().unwrap().to_str().unwrap().starts_with(".named");
        entries.filter(ours).collect::<Vec<_>>()
    };
    if world.command("strace", world.path()).arg("-V").output().is_err() {
        println!("SKIPPED: strace is not here");
        return;
    }
    let mut left = 0;
    for call in ["renameat2", "unlinkat", "chmod", "fchmodat"] {
        for when in [1, 2, 5] {
            let mut strace = world.command("strace", &world.firm());
            strace.args(["-f", "-qq", "-o", "/dev/null", "-e", &format!("trace={call}")]);
            strace.args(["-e", &format!("inject={call}:signal=KILL:when={when}")]);
            strace.arg(env!("CARGO_BIN_EXE_carnet"));
            let args = ["report", "--nominative", "--purpose", "newsletter", "--out", "../named"];
            let ran = strace.args(args).output().unwrap();
            assert!(page(&world, "named/index.html").contains("Petit"), "{call} {when}: {ran:?}");
            for path in beside() {
                left += 1;
                assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o700);
            }
        }
    }
    assert!(left > 0, "the kills came too late");
    named(&world, "../named", &[]).ok();
    assert_eq!(beside(), Vec::<std::path::PathBuf>::new());
}
