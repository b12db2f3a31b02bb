//! `carnet mailing`: who may be contacted, who is left out and why, and the same list again later.

use std::collections::BTreeMap;

use crate::common::World;
use crate::{firm, give, withdraw};

const LIST: [&str; 5] = ["mailing", "--purpose", "newsletter", "--channel", "email"];

fn add(world: &World, name: &str, email: &str) -> String {
    let args = ["add", "--name", name, "--email", email, "--source", "web", "--basis", "newsletter:consent"];
    world.carnet(&args).ok().first()
}

fn json(world: &World, more: &[&str]) -> serde_json::Value {
    world.carnet(&[&LIST[..], &["--json"], more].concat()).ok().json()
}

fn ids(list: &serde_json::Value) -> Vec<String> {
    let all = list["recipients"].as_array().unwrap();
    all.iter().map(|r| r["id"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn everybody_is_on_the_list_or_counted_by_a_reason() {
    let (world, ada) = firm();
    give(&world, &ada, &[]).ok();
    let others: BTreeMap<&str, String> = ["ben", "cleo", "dan", "eve"]
        .into_iter()
        .map(|n| (n, add(&world, n, &format!("{n}@example.org"))))
        .collect();
    let plain = world.add("Flo", &["--email", "flo@example.org"]);
    give(&world, &others["ben"], &["--at", "2026-11-01"]).ok();
    withdraw(&world, &others["ben"], &[]).ok();
    give(&world, &others["cleo"], &[]).ok();
    world.carnet(&["object", &others["cleo"]]).ok();
    give(&world, &others["dan"], &["--channel", "sms"]).ok();
    // Two more with addresses that are spoken for.
    let twin = add(&world, "Ada's twin", "ada.rare@example.org");
    give(&world, &twin, &[]).ok();
    let bens = add(&world, "Ben's other", "BEN@example.org");
    give(&world, &bens, &[]).ok();

    let list = json(&world, &[]);
    let first = std::cmp::min(&ada, &twin);
    assert_eq!(ids(&list), std::slice::from_ref(first));
    let expected = serde_json::json!({
        "withdrawn": 2, "objected": 1, "no-consent": 2, "no-basis": 1, "duplicate-address": 1,
    });
    assert_eq!(list["left_out"], expected, "{plain}");
    assert_eq!(list["commit"], world.head().as_str());

    // It is an export in the trail, pinned to the commit; it names nobody.
    let entry = list["entry"].as_str().unwrap();
    let message = world.git(&["show", "-s", "--format=%B", entry]).ok().out;
    for part in
        ["Carnet-Action: mailing", "Carnet-Count: 1", "Carnet-Purpose: newsletter", "Carnet-Channel: email"]
    {
        assert!(message.contains(part), "{message}");
    }
    assert!(
        message.contains(&format!("Carnet-Decided: {}", world.head()))
            && !message.contains("Ada")
            && !message.contains("@"),
        "{message}"
    );
    world.carnet(&["verify"]).ok();
}

#[test]
fn decided_again_it_is_the_same_list() {
    let (mut world, ada) = firm();
    give(&world, &ada, &["--expires", "2026-12-01"]).ok();
    let ben = add(&world, "Ben", "ben@example.org");
    give(&world, &ben, &[]).ok();
    let then = json(&world, &[]);
    world.now = "2027-01-10T10:00:00Z".into();
    withdraw(&world, &ben, &[]).ok();
    world.carnet(&["book", "add", "second", "--title", "Second", "--purpose", "newsletter"]).ok();
    world.carnet(&["edit", &ben, "--book", "second"]).ok();
    assert!(ids(&json(&world, &[])).is_empty());
    let entry = then["entry"].as_str().unwrap();
    let again = json(&world, &["--at", entry]);
    assert_eq!((ids(&again), &again["same_as_then"]), (ids(&then), &true.into()));
    assert_eq!((&again["moment"], &again["commit"]), (&then["moment"], &then["commit"]));
    let again = json(&world, &["--at", then["commit"].as_str().unwrap()]);
    assert_eq!(ids(&again), ids(&then));
    // What was erased cannot come back, and that is said.
    world.carnet(&["erase", &ben, "--reason", "request", "--yes"]).ok();
    let said = json(&world, &["--at", entry]);
    assert_eq!((ids(&said), &said["left_out"]["erased-since"]), (vec![ada.clone()], &1.into()));
    assert_eq!(said["same_as_then"], false);
    world.carnet(&["mailing", "--purpose", "newsletter", "--channel", "sms", "--at", entry]).code(2);
    world.carnet(&[&LIST[..], &["--at", "0123456789"]].concat()).code(3);
}

#[test]
fn formats_are_safe_to_open_elsewhere() {
    let (world, _) = firm();
    let id = add(&world, "=HYPERLINK(\"x\")\"'; rm", "o'neil@example.org");
    give(&world, &id, &[]).ok();
    let csv = world.carnet(&LIST).ok();
    assert!(csv.out.starts_with("id,name,email,lang,rule,wording\n"), "{}", csv.out);
    assert!(csv.out.contains("\"'=HYPERLINK") && csv.out.contains(",consent,"), "{}", csv.out);
    assert!(
        csv.err.contains("1 may be contacted, 1 are left out") && csv.err.contains("no-consent"),
        "{}",
        csv.err
    );
    let mutt = world.carnet(&[&LIST[..], &["--format", "mutt"]].concat()).ok().out;
    assert_eq!(mutt.matches('\'').count(), 2, "{mutt}");
    assert!(mutt.starts_with(&format!("alias c-{} '\"", &id[..8])), "{mutt}");
    world.carnet(&["mailing", "--purpose", "newsletter", "--channel", "sms", "--format", "mutt"]).code(2);
    let out = world.path().join("list.csv");
    world.carnet(&[&LIST[..], &["--out", out.to_str().unwrap()]].concat()).ok();
    assert_eq!(std::fs::read_to_string(&out).unwrap(), csv.out);
    world.carnet(&[&LIST[..], &["--out", "list.csv"]].concat()).code(5);
    let before = world.git(&["for-each-ref", "refs/carnet/access"]).ok().out;
    world.carnet(&[&LIST[..], &["--dry-run"]].concat()).ok();
    assert_eq!(world.git(&["for-each-ref", "refs/carnet/access"]).ok().out, before);
}
