//! The record of processing activities.

use super::common::World;
use super::{edit_with, editor};

/// A file as `init` wrote it before this version.
const OLD: &str = "title = \"Kunden\"\npurpose = \"Managing orders\"\nbases = [\"contract\"]\nlegitimate_interest = \"\"\n\
    persons = [\"customers\"]\ndata = [\"identity\", \"contact details\"]\nrecipients = [\"members\"]\n\
    transfers = \"none\"\nretention = \"3 years\"\nsecurity = [\"encryption\"]\njoint = \"free\"\n";

#[test]
fn starters_are_complete_in_the_firms_language_and_more_can_be_set() {
    let world = World::with_firm();
    assert_eq!(world.carnet(&["purpose", "list", "-q"]).ok().out, "customers\nnewsletter\nprospects\n");
    for starter in ["invoicing", "support", "applicants"] {
        assert_eq!(world.carnet(&["purpose", "add", "--starter", starter]).ok().first(), starter);
        let shown = world.carnet(&["purpose", "show", starter, "--json"]).ok().json();
        assert_eq!(shown["missing"], serde_json::json!([]), "{starter}");
        assert!(shown["retain"][0]["months"].is_number() && shown["fr"]["title"].is_string(), "{shown}");
    }
    world.carnet(&["purpose", "add", "--starter", "support"]).code(5);
    let own = ["purpose", "add", "hiring", "--starter", "applicants", "--set", "software+=Recruitee"];
    world.carnet(&own).ok();
    let software = &world.carnet(&["purpose", "show", "hiring", "--json"]).ok().json()["software"];
    assert_eq!(*software, serde_json::json!(["carnet", "Recruitee"]));
    let unknown = world.carnet(&["purpose", "add", "--starter", "custmers"]).code(2);
    assert!(unknown.err.contains("customers"), "{}", unknown.err);
    world.carnet(&["add", "--name", "Z", "--source", "s", "--basis", "support:contract"]).ok();
    world.carnet(&["verify"]).ok();
}

#[test]
fn a_record_of_an_earlier_version_reads_is_reported_and_edited() {
    let world = World::with_firm();
    let path = world.firm().join("registers/purposes/customers.toml");
    std::fs::write(&path, OLD).unwrap();
    world.git(&["add", "-A"]).ok();
    world.trust_members();
    world.git(&["-c", "commit.gpgsign=false", "commit", "-q", "-m", "old"]).ok();
    assert!(world.carnet(&["purpose", "list"]).ok().out.contains("Kunden"));
    world.carnet(&["report", "--out", "../site"]).ok();
    let page = std::fs::read_to_string(world.path().join("site/purpose-customers.html"))
        .or_else(|_| std::fs::read_to_string(world.path().join("site/en/purpose-customers.html")))
        .unwrap();
    assert!(page.contains("Kunden") && page.contains("contact details") && page.contains("free"));
    // What this version does not know is named with its line when it is written through carnet.
    let said = world.carnet(&["purpose", "edit", "customers", "--set", "title=Customers"]).code(2);
    assert!(said.err.contains("unknown key `joint`") && said.err.contains("line 11"), "{}", said.err);
    assert!(
        said.err.contains("did you mean `joint_controller`?") || said.err.contains("[custom]"),
        "{}",
        said.err
    );
    let with = editor(&world, "^joint = .*", "[custom]\\njoint = \"free\"");
    edit_with(&world, &with, &["purpose", "edit", "customers"]).ok();
    assert_eq!(std::fs::read_to_string(&path).unwrap(), OLD.replace("joint =", "[custom]\njoint ="));
}

#[test]
fn an_editor_gets_a_form_and_what_is_wrong_comes_back() {
    let world = World::with_firm();
    let script = world.path().join("turns.sh");
    // The first turn fills in too little, the second the rest.
    std::fs::write(
        &script,
        "if ! grep -q '^#! ' \"$1\"; then cp \"$1\" ../first; sed -i 's|^title = .*|title = \"Repairs\" # ours|; s|^purpose = .*|purpose = \"Repairing\"|' \"$1\"\n\
         else cp \"$1\" ../second; sed -i 's|^bases = .*|bases = [\"contract\"]|; s|^# persons = .*|persons = [\"customers\"]|' \"$1\"; fi\n",
    )
    .unwrap();
    edit_with(&world, &format!("sh {}", script.display()), &["purpose", "add", "repairs"]).ok();
    let first = std::fs::read_to_string(world.path().join("first")).unwrap();
    assert!(
        first.contains("Art. 30(1)")
            && first.contains("# [[retain]]")
            && first.contains("# joint_controller")
    );
    let second = std::fs::read_to_string(world.path().join("second")).unwrap();
    assert!(second.contains("a purpose needs a legal basis"), "{second}");
    let text = std::fs::read_to_string(world.firm().join("registers/purposes/repairs.toml")).unwrap();
    assert_eq!(
        text,
        "title = \"Repairs\" # ours\npurpose = \"Repairing\"\nbases = [\"contract\"]\n\npersons = [\"customers\"]\n"
            .replace("\n\npersons", "\npersons")
    );
    let given_up = edit_with(&world, "true", &["purpose", "add", "more"]).ok();
    assert!(given_up.err.contains("Nothing was changed"), "{}", given_up.err);
    world.carnet(&["purpose", "add", "more", "--no-input"]).code(2);
}

#[test]
fn a_review_has_its_day_and_the_next_and_is_one_signed_commit() {
    let world = World::with_firm();
    let before = world.head();
    world.carnet(&["purpose", "review", "customers", "--on", "2024-02-29"]).ok();
    let shown = world.carnet(&["purpose", "show", "customers", "--json"]).ok().json();
    assert_eq!((&shown["reviewed"], &shown["review"]), (&"2024-02-29".into(), &"2025-02-28".into()));
    world.carnet(&["purpose", "review", "customers", "--next", "2027-06-30"]).ok();
    assert_eq!(world.git(&["rev-parse", "HEAD~2"]).ok().first(), before);
    world.carnet(&["purpose", "review", "customers", "--on", "2026-11-24"]).code(2);
    world.carnet(&["purpose", "review", "customers", "--next", "2026-11-22"]).code(2);
    world.carnet(&["purpose", "review", "nothing"]).code(3);
    let trailers = world.git(&["log", "-1", "--format=%(trailers:only)"]).ok().out;
    for line in
        ["Carnet-Action: purpose-review", "Carnet-Purpose: customers", "Carnet-Fields: review, reviewed"]
    {
        assert!(trailers.contains(line), "{trailers}");
    }
    world.carnet(&["verify"]).ok();
}

#[test]
fn a_purpose_in_use_stays() {
    let world = World::with_firm();
    let id = world.add("Jeanne Dupont", &[]);
    let used = |purpose: &str, by: &str| {
        for more in [&[][..], &["--dry-run"]] {
            let said = world.carnet(&[&["purpose", "remove", purpose], more].concat()).code(5);
            assert!(said.err.contains(by), "{}", said.err);
        }
    };
    used("customers", "book main");
    used("prospects", "1 contact(s) of book main");
    world.carnet(&["edit", &id, "--add-basis", "customers:contract", "--rm-basis", "prospects"]).ok();
    let settings = world.firm().join("carnet.toml");
    let text = std::fs::read_to_string(&settings).unwrap();
    let text = text.replace("# basis = [\"prospects", "basis = [\"prospects");
    std::fs::write(&settings, text).unwrap();
    world.git(&["-c", "commit.gpgsign=false", "commit", "-qam", "default"]).ok();
    used("prospects", "the default basis in carnet.toml");
    world.git(&["config", "carnet.purpose", "newsletter"]).ok();
    used("newsletter", "carnet.purpose");
    world.git(&["config", "--unset", "carnet.purpose"]).ok();
    world.carnet(&["purpose", "remove", "newsletter"]).ok();
    assert_eq!(world.carnet(&["purpose", "list", "-q"]).ok().out, "customers\nprospects\n");
    world.carnet(&["purpose", "remove", "newsletter"]).code(3);
}
