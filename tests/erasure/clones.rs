//! Erasures and syncs: who edited meanwhile what mentioned the erased one, and a list that both clones begin.

use crate::append;
use crate::common::World;
use crate::common::team::office;

fn sync(worlds: &[&World]) {
    for world in worlds.iter().chain(worlds) {
        world.carnet(&["sync"]).ok();
    }
}

#[track_caller]
fn check(worlds: &[&World], id: &str, parts: &[&str]) {
    for world in worlds {
        world.carnet(&["verify"]).ok();
        let shown = world.carnet(&["show", id]).ok().out;
        for part in parts {
            assert!(shown.contains(part), "{part} in {shown}");
        }
        let past = world.carnet(&["history", id, "--diff"]).ok().out;
        assert!(!past.contains("lake") && !shown.contains("lake"), "{past}");
    }
}

/// A contact that mentions two others, everywhere.
fn mentioned(ana: &World, bob: &World) -> (String, String, String) {
    let (gone, also) =
        (ana.add("Ada", &["--email", "ada@example.org"]), ana.add("Ben", &["--email", "ben@example.org"]));
    let friend = ana.add("Cyd", &[]);
    append(
        ana,
        &friend,
        &format!(
            "\n[relations]\nboss = \"{also}\"\n\n[[activity]]\nid = \"1\"\ntime = 2026-11-01T12:00:00Z\nkind = \"call\"\n\
             with = \"{gone}\"\ntext = \"by the lake\"\n"
        ),
    )
    .ok();
    sync(&[ana, bob]);
    (gone, also, friend)
}

#[test]
fn an_edit_made_elsewhere_meets_an_erasure_of_whom_it_mentioned() {
    for bob_first in [true, false] {
        let (ana, bob) = office();
        let (gone, _, friend) = mentioned(&ana, &bob);
        bob.carnet(&["edit", &friend, "--set", "title=Boss"]).ok();
        ana.carnet(&["erase", &gone, "--reason", "request", "--yes"]).ok();
        let order = if bob_first { [&bob, &ana] } else { [&ana, &bob] };
        sync(&order);
        for world in [&ana, &bob] {
            world.carnet(&["show", &gone]).code(3);
            let shown = world.carnet(&["show", &friend]).ok().out;
            assert!(shown.contains("title = \"Boss\"") && !shown.contains("lake"), "{shown}");
            world.carnet(&["verify"]).ok();
        }
        for world in [&ana, &bob] {
            world.carnet(&["erase", "--certificate", &gone]).ok();
        }
    }
}

#[test]
fn two_clones_erase_two_whom_one_contact_mentioned_and_one_rekeys() {
    for rekey in [false, true] {
        let (ana, bob) = office();
        let (gone, also, friend) = mentioned(&ana, &bob);
        ana.carnet(&["erase", &gone, "--reason", "request", "--yes"]).ok();
        match rekey {
            true => bob.carnet(&["book", "rekey", "main"]).ok(),
            false => bob.carnet(&["erase", &also, "--reason", "request", "--yes"]).ok(),
        };
        sync(&[&bob, &ana]);
        check(&[&ana, &bob], &friend, &[if rekey { &also } else { "boss = \"erased\"" }]);
    }
}

#[test]
fn two_clones_begin_an_opposition_list_and_one_rekeys() {
    let (ana, bob) = office();
    let (gone, also, _) = mentioned(&ana, &bob);
    let erase = ["--reason", "request", "--keep-opposition", "--yes"];
    ana.carnet(&[&["erase", &gone][..], &erase].concat()).ok();
    bob.carnet(&[&["erase", &also][..], &erase].concat()).ok();
    ana.carnet(&["book", "rekey", "main"]).ok();
    sync(&[&bob, &ana]);
    for world in [&ana, &bob] {
        world.carnet(&["verify"]).ok();
        for email in ["ada@example.org", "ben@example.org"] {
            let add =
                ["add", "--name", "X", "--email", email, "--source", "x", "--basis", "prospects:consent"];
            assert!(world.carnet(&add).code(5).err.contains("opposition list"));
        }
    }
    // After they confirmed, each knows it of the other.
    for world in [&ana, &bob, &ana] {
        world.carnet(&["erase", "--status", "--offline"]).ok();
        world.carnet(&["sync"]).ok();
    }
    let standing = ana.carnet(&["erase", "--status", "--json"]).ok().json();
    for item in standing.as_array().unwrap() {
        assert_eq!(
            (item["confirmed"].as_array().unwrap().len(), &item["pending"]),
            (2, &serde_json::json!([]))
        );
    }
}

#[test]
fn what_was_said_elsewhere_of_whom_somebody_erased_meanwhile_goes_with_the_sync() {
    for bob_first in [true, false] {
        let (ana, bob) = office();
        let (gone, also, friend) = mentioned(&ana, &bob);
        // Bob, offline, writes of her in the file of one who did not mention her, and in a new one.
        let call = "\n[[activity]]\nid = \"9\"\ntime = 2026-11-02T12:00:00Z\nkind = \"call\"\n";
        let text = format!("{call}with = \"{gone}\"\ntext = \"by the other lake\"\n");
        let new = bob.add("Dan", &[]);
        for id in [&also, &new] {
            append(&bob, id, &text).ok();
        }
        let told = [&also, &new].map(|id| crate::key_blob(&bob, id));
        let version =
            |id: &&String| bob.git(&["rev-parse", &format!("HEAD:{}", bob.contact_file(id))]).ok().first();
        let versions = [&also, &new].map(|id| version(&id));
        ana.carnet(&["erase", &gone, "--reason", "request", "--yes"]).ok();
        let order = if bob_first { [&bob, &ana] } else { [&ana, &bob] };
        let mut said = String::new();
        for world in order.iter().chain(&order) {
            said.push_str(&world.carnet(&["sync"]).ok().err);
        }
        for id in [&also, &new] {
            let line = format!("Contact or sealed record {} mentioned an erased one", &id[..8]);
            assert!(said.contains(&line), "{said}");
        }
        for id in [&also, &new, &friend] {
            check(&[&ana, &bob], id, &[]);
        }
        for world in [&ana, &bob] {
            for blob in &told {
                crate::keys(world, &["cat-file", "-e", blob]).code(1);
            }
            assert_eq!(world.carnet(&["find", "-q", "lake"]).ok().out, "");
        }
        sync(&order);
        assert_eq!(ana.head(), bob.head());
        let certificate = ana.carnet(&["erase", "--certificate", &gone, "--json"]).ok().json();
        assert!(told.iter().all(|blob| certificate.to_string().contains(blob.as_str())), "{certificate}");
        // What Bob had written of her was tried, too, and does not open.
        let tried = certificate["certificate"]["mention_ciphertexts"].to_string();
        assert!(versions.iter().all(|blob| tried.contains(blob.as_str())), "{tried}");
    }
}
