//! What a push may do, and pushes at once.

use super::*;

#[test]
fn the_branch_takes_only_authorised_commits_and_never_goes_back() {
    let (ana, server, _) = served();
    let mal = gpg_keys(&ana);
    let own = ana.git(&["config", "carnet.key"]).ok().first();
    ana.git(&["fetch", "-q", "origin"]).ok();
    let main = || server.push(&ana, &["main"]);

    commit(&ana, None, &[]);
    refused(&server, "it is not signed", main);
    commit(&ana, Some(&own), &[]);
    refused(&server, "it is not signed", main);
    reset(&ana);
    commit(&ana, Some(&mal), &[]);
    refused(&server, "which no member had", main);
    reset(&ana);

    // A merge does not carry an unsigned commit in.
    ana.git(&["switch", "-q", "-c", "side"]).ok();
    commit(&ana, None, &[]);
    ana.git(&["switch", "-q", "main"]).ok();
    commit(&ana, Some(&own), &[]);
    ana.git(&["-c", &format!("user.signingKey={own}"), "merge", "-q", "-S", "--no-ff", "-m", "m", "side"])
        .ok();
    refused(&server, "it is not signed", main);
    reset(&ana);

    // Rewritten, with a sound signature.
    commit(&ana, Some(&own), &["--amend"]);
    refused(&server, "rewrites history", || server.push(&ana, &["+main"]));
    reset(&ana);
    refused(&server, "cannot be deleted", || server.push(&ana, &[":main"]));
    for other in ["main:refs/heads/other", "main:refs/tags/v1", "main:refs/notes/x", "main:refs/carnet/other"]
    {
        refused(&server, "only main, the access chains and the key store", || server.push(&ana, &[other]));
    }
    // One ref that is refused takes all with it.
    commit(&ana, Some(&own), &[]);
    refused(&server, "only main", || server.push(&ana, &["main", "main:refs/heads/other"]));
    main().ok();
    // Another data repository altogether.
    let eve = World::with_firm();
    refused(&server, "rewrites history", || server.push(&eve, &["+main"]));
    server.whole(&ana);
}

#[test]
fn neither_links_nor_submodules_come_in() {
    let (ana, server, _) = served();
    gpg_keys(&ana);
    let own = ana.git(&["config", "carnet.key"]).ok().first();
    ana.git(&["fetch", "-q", "origin"]).ok();
    let blob = ana.git(&["rev-parse", "HEAD:carnet.toml"]).ok().first();
    for (mode, id) in [("120000", blob), ("160000", ana.head())] {
        ana.git(&["update-index", "--add", "--cacheinfo", &format!("{mode},{id},odd")]).ok();
        // What is in the index alone.
        let signer = format!("user.signingKey={own}");
        ana.git(&["-c", &signer, "commit", "-q", "-S", "-m", "by hand"]).ok();
        refused(&server, "symbolic link or a submodule", || server.push(&ana, &["main"]));
        reset(&ana);
    }
    server.whole(&ana);
}

#[test]
fn who_is_no_member_any_more_pushes_nothing() {
    let ana = World::with_firm();
    let server = Server::new(&ana);
    let bob = join(&ana, "bob", &["--book", "main"]);
    server.push_all(&ana);
    bob.add("Of Bob", &[]);
    server.push(&bob, &["main"]).ok();
    bob.carnet(&["list", "-q"]).ok();
    server.push(&bob, &[CHAINS]).ok();
    team::pull(&ana, &bob);
    ana.carnet(&["member", "remove", &team::key(&bob), "--yes"]).ok();
    server.push(&ana, &["main"]).ok();
    team::pull(&bob, &ana);
    gpg_keys(&bob);
    commit(&bob, Some(&team::key(&bob)), &[]);
    refused(&server, "which no member had", || server.push(&bob, &["main"]));
    // What he signed while he was one does not come in over his old branch either.
    bob.git(&["switch", "-q", "-C", "main", "HEAD~2"]).ok();
    commit(&bob, Some(&team::key(&bob)), &[]);
    refused(&server, "rewrites history", || server.push(&bob, &["+main"]));
}

#[test]
fn access_chains_only_grow_and_only_by_their_member() {
    let (mut ana, server, ids) = served();
    let chain = "refs/carnet/access/2026-11/ana";
    let there = server.tip(&ana, chain);
    ana.carnet(&["show", &ids[0]]).ok();
    server.push(&ana, &[CHAINS]).ok();
    // Rewritten: the last entry left out, another in its place.
    ana.git(&["update-ref", chain, &there]).ok();
    refused(&server, "rewrites an access chain", || server.push(&ana, &[&format!("+{chain}:{chain}")]));
    ana.carnet(&["show", &ids[1]]).ok();
    refused(&server, "rewrites an access chain", || server.push(&ana, &[&format!("+{chain}:{chain}")]));
    // In somebody else's name, unsigned, misnamed, or holding files.
    let to = |name: &str| format!("{chain}:refs/carnet/access/{name}");
    refused(&server, "no signing policy of the branch ever named", || {
        server.push(&ana, &[&to("2026-11/bob")])
    });
    refused(&server, "in another month", || server.push(&ana, &[&to("2026-10/ana")]));
    for name in ["ana", "2026-13/ana", "2026-11/ana/x", "2026-11/Ana"] {
        refused(&server, "it is no access chain", || server.push(&ana, &[&to(name)]));
    }
    let tip = server.tip(&ana, chain);
    let unsigned = ana.git(&["commit-tree", "-p", &tip, "-m", "access: show", &format!("{tip}^{{tree}}")]);
    let unsigned = unsigned.ok().first();
    refused(&server, "not signed", || server.push(&ana, &[&format!("{unsigned}:{chain}")]));
    gpg_keys(&ana);
    let own = format!("user.signingKey={}", team::key(&ana));
    let full = ["-c", &own, "commit-tree", "-S", "-p", &tip, "-m", "access: show", "main^{tree}"];
    let full = ana.git(&full).ok().first();
    refused(&server, "holds files", || server.push(&ana, &[&format!("{full}:{chain}")]));
    // Dropped only when its time is over.
    refused(&server, "kept for 12 months", || server.push(&ana, &[&format!(":{chain}")]));
    ana.now = "2028-01-02T10:00:00Z".into();
    server.push(&ana, &[&format!(":{chain}")]).ok();
    assert_eq!(server.tip(&ana, chain), "");
    refused(&server, "brings back a month beyond the 12", || server.push(&ana, &[chain]));
}

#[test]
fn a_push_on_its_way_is_spared() {
    let (ana, server, _) = served();
    let store = server.dir.join("carnet/keys.git");
    let run = |args: &[&str]| {
        let mut command = ana.command("git", &store);
        said(command.args(["-c", "user.name=x", "-c", "user.email=x@x"]).args(args).output().unwrap())
    };
    let tip = server.tip(&ana, "refs/carnet/keys^{tree}");
    let other = run(&["commit-tree", "-m", "other", &tip]).ok().first();
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap();
    let since = stat.rsplit_once(')').unwrap().1.split_whitespace().nth(19).unwrap().to_owned();
    let note = server.dir.join("carnet/incoming").join(&other);
    std::fs::write(&note, format!("{} {since}\n", std::process::id())).unwrap();
    ana.add("Four", &[]);
    server.push_all(&ana);
    assert_eq!(run(&["cat-file", "-e", &other]).code, 0, "its process lives");
    std::fs::write(&note, format!("{} 1\n", std::process::id())).unwrap();
    ana.add("Five", &[]);
    server.push_all(&ana);
    assert_ne!(run(&["cat-file", "-e", &other]).code, 0, "another process has its number now");
    assert!(!note.exists());
    server.whole(&ana);
}

#[test]
fn pushes_at_once_lose_nothing() {
    let ana = World::with_firm();
    let server = Server::new(&ana);
    let bob = join(&ana, "bob", &["--book", "main"]);
    bob.git(&["remote", "set-url", "origin", server.dir.to_str().unwrap()]).ok();
    ana.carnet(&["sync"]).ok();
    bob.carnet(&["member", "list", "--accept", "--yes"]).ok();
    bob.carnet(&["sync"]).ok();
    std::thread::scope(|scope| {
        for world in [&ana, &bob] {
            scope.spawn(move || {
                for n in 0..5 {
                    let id = world.add(&format!("Person {n}"), &[]);
                    world.carnet(&["sync"]).ok();
                    if n % 2 == 0 {
                        world.carnet(&["erase", &id, "--reason", "error", "--yes"]).ok();
                        world.carnet(&["sync"]).ok();
                    }
                }
            });
        }
    });
    for world in [&ana, &bob, &ana] {
        world.carnet(&["sync"]).ok();
    }
    server.whole(&ana);
    for world in [&ana, &bob] {
        assert_eq!(world.carnet(&["list", "-q"]).ok().out.lines().count(), 4);
        world.carnet(&["verify"]).ok();
    }
    ana.carnet_in(ana.path(), &["clone", "served.git", "again"]).ok();
}
