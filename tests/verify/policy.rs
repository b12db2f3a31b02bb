//! The signing policy: who may change it, what a merge may do to it, and roots that bring one of their own.

use crate::common::World;
use crate::tools::{ana, at, commit, policy, problems, set, stranger, with_keys, write};

#[test]
fn the_policy_is_changed_only_by_whom_it_lets() {
    let world = World::with_firm();
    with_keys(&world);
    let (bob, ana) = (stranger(&world, "bob"), ana(&world));
    policy(&world, &[("bob", &bob, "sign_tag")]);
    commit(&world, Some(&ana));
    commit(&world, Some(&bob));
    world.carnet(&["verify"]).ok();
    policy(&world, &[("bob", &bob, "add_user")]);
    let grab = at(&commit(&world, Some(&bob)));
    assert_eq!(problems(&world), set(&[("policy-change", &grab)]));
    policy(&world, &[]);
    let retire = at(&commit(&world, Some(&bob)));
    let after = at(&commit(&world, Some(&bob)));
    let expected = [("policy-change", &*grab), ("policy-change", &*retire), ("unknown-signer", &*after)];
    assert_eq!(problems(&world), set(&expected));
    std::fs::remove_file(world.firm().join("openpgp-policy.toml")).unwrap();
    let gone = at(&commit(&world, Some(&ana)));
    assert!(problems(&world).contains(&("no-policy".into(), gone)));
}

#[test]
fn a_merge_neither_undoes_a_retirement_nor_lets_the_retired_sign() {
    let world = World::with_firm();
    with_keys(&world);
    let (bob, carl, ana) = (stranger(&world, "bob"), stranger(&world, "carl"), ana(&world));
    let both = [("bob", &*bob, "sign_tag"), ("carl", &*carl, "sign_tag")];
    policy(&world, &both);
    commit(&world, Some(&ana));
    world.git(&["switch", "-q", "-c", "side"]).ok();
    write(&world, "note.txt", b"x");
    commit(&world, Some(&bob));
    world.git(&["switch", "-q", "main"]).ok();
    policy(&world, &both[1..]);
    commit(&world, Some(&ana));
    let merge = |key: &str, before: &dyn Fn()| {
        world.git(&["reset", "-q", "--hard", "main"]).ok();
        world.git(&["switch", "-q", "--detach", "main"]).ok();
        world.git(&["merge", "-q", "--no-ff", "--no-commit", "side"]).ok();
        before();
        at(&commit(&world, Some(key)))
    };
    merge(&carl, &|| {});
    world.carnet(&["verify"]).ok();
    let by_bob = merge(&bob, &|| {});
    assert_eq!(problems(&world), set(&[("unknown-signer", &by_bob)]));
    let undone = merge(&carl, &|| {
        world.git(&["checkout", "-q", "side", "--", "openpgp-policy.toml"]).ok();
    });
    assert_eq!(problems(&world), set(&[("policy-change", &undone)]));
}

#[test]
fn a_second_root_brings_no_rules_of_its_own() {
    let world = World::with_firm();
    with_keys(&world);
    let eve = stranger(&world, "eve");
    world.git(&["switch", "-q", "--orphan", "other"]).ok();
    let keyring = world.gpg(&["--armor", "--export", &eve]).ok().out;
    let own = world.gpg(&["--armor", "--export", &ana(&world)]).ok().out;
    let entry = |handle: &str, ring: &str| {
        format!("[authorization.{handle}]\nsign_commit = true\nadd_user = true\nkeyring = '''{ring}'''\n")
    };
    let text = format!("version = 0\n{}{}", entry("eve", &keyring), entry("ana", &own));
    write(&world, "openpgp-policy.toml", text.as_bytes());
    let root = commit(&world, Some(&eve));
    world.git(&["switch", "-q", "main"]).ok();
    let merge = ["merge", "-q", "--no-ff", "--allow-unrelated-histories", "-X", "ours", "-m", "m", "other"];
    world.git(&merge).ok();
    assert!(problems(&world).contains(&("second-root".into(), at(&root))));
}
