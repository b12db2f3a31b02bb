//! One's own hooks: run after the commit with a record on standard input, and never the repository's.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::common::{Said, World};
use super::{accesses, carnet_with};

fn file(world: &World) -> PathBuf {
    world.path().join("config/carnet/hooks.toml")
}

/// Writes `hooks.toml`, for its owner alone.
fn hooks(world: &World, text: &str) {
    std::fs::create_dir_all(file(world).parent().unwrap()).unwrap();
    std::fs::write(file(world), text).unwrap();
    mode(&file(world), 0o600);
}

fn mode(path: &Path, mode: u32) {
    std::fs::set_permissions(path, PermissionsExt::from_mode(mode)).unwrap();
}

/// A program that does what `script` says, in `place`.
fn program(world: &World, place: &str, script: &str) -> String {
    let path = world.path().join(place);
    std::fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
    mode(&path, 0o700);
    path.display().to_string()
}

fn told(world: &World) -> Vec<Value> {
    let text = std::fs::read_to_string(world.path().join("told")).unwrap_or_default();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn add(world: &World, env: &[(&str, &str)]) -> Said {
    let args =
        ["add", "--name", "Jeanne Dupont", "--source", "fair", "--basis", "prospects:legitimate-interests"];
    carnet_with(world, env, &args)
}

#[test]
fn a_hook_gets_the_record_and_little_else() {
    let world = World::with_firm();
    let tell = program(
        &world,
        "tell",
        &format!("cat >> '{0}/told'; env > '{0}/env'; echo \"$@\" > '{0}/args'", world.path().display()),
    );
    hooks(
        &world,
        &format!(
            "[[hook]]\non = [\"contact-added\", \"deal-won\"]\nrun = [\"{tell}\", \"a b; touch $HOME/shell\"]\nenv = [\"DISPLAY\"]\n"
        ),
    );
    let before = accesses(&world);
    let env = [("SECRET_TOKEN", "x"), ("CARNET_PASSPHRASE_FILE", "/nowhere"), ("DISPLAY", ":7")];
    let id = add(&world, &env).ok().first();
    let all = told(&world);
    assert_eq!(all.len(), 1);
    assert_eq!(all[0]["schema"], "carnet.hook/1");
    let data = &all[0]["data"];
    assert_eq!(
        (data["event"].as_str(), data["action"].as_str(), data["member"].as_str()),
        (Some("contact-added"), Some("add"), Some("ana"))
    );
    assert_eq!(data["commit"].as_str(), Some(world.head().as_str()), "after the commit");
    assert_eq!(data["contacts"][0]["id"].as_str(), Some(id.as_str()));
    assert_eq!(data["contacts"][0]["contact"]["name"].as_str(), Some("Jeanne Dupont"));
    // No shell saw the arguments, and the environment is what the guide says.
    assert!(!world.path().join("home/shell").exists());
    let env = std::fs::read_to_string(world.path().join("env")).unwrap();
    for line in env
        .lines()
        .filter(|line| !["PWD=", "SHLVL=", "_=", "OLDPWD="].iter().any(|own| line.starts_with(own)))
    {
        let name = line.split('=').next().unwrap();
        let known = ["CARNET_NO_HOOKS", "CARNET_EVENT", "CARNET_DIR", "DISPLAY"];
        assert!(carnet::store::hooks::ENVIRONMENT.contains(&name) || known.contains(&name), "{line}");
    }
    assert!(env.contains("CARNET_EVENT=contact-added") && env.contains("DISPLAY=:7"), "{env}");
    // What it was told left carnet, and the trail says so.
    assert_eq!(accesses(&world), before + 1);
    let trail = world.git(&["log", "-1", "--format=%B", "refs/carnet/access/2026-11/ana"]).ok().out;
    assert!(
        trail.contains("Carnet-Action: hook") && trail.contains(&id) && !trail.contains("Jeanne"),
        "{trail}"
    );
    world.carnet(&["verify"]).ok();
    // Other events, reads and dry runs start nothing.
    world.carnet(&["edit", &id, "--set", "title=x"]).ok();
    world.carnet(&["list"]).ok();
    world.carnet(&["deal", "add", "Website", "--amount", "4800", "--contact", &id]).ok();
    world.carnet(&["deal", "won", "Website", "--dry-run"]).ok();
    assert_eq!(told(&world).len(), 1);
    world.carnet(&["deal", "won", "Website"]).ok();
    let won = &told(&world)[1]["data"];
    assert_eq!(
        (won["event"].as_str(), won["deals"][0]["deal"]["title"].as_str()),
        (Some("deal-won"), Some("Website")),
        "{won:#}"
    );
    for off in [&["--no-hooks"][..], &[]] {
        let env: &[(&str, &str)] = if off.is_empty() { &[("CARNET_NO_HOOKS", "1")] } else { &[] };
        carnet_with(
            &world,
            env,
            &[&["add", "--name", "B", "--source", "s", "--basis", "customers:contract"], off].concat(),
        )
        .ok();
    }
    assert_eq!(told(&world).len(), 2);
}

#[test]
fn ids_alone_leave_no_trace_and_an_erasure_tells_no_more() {
    let world = World::with_firm();
    let tell = program(&world, "tell", &format!("cat >> '{}/told'", world.path().display()));
    hooks(
        &world,
        &format!(
            "[[hook]]\non = \"*\"\nrun = [\"{tell}\"]\ndata = \"ids\"\n[[hook]]\non = \"contact-erased\"\nrun = [\"{tell}\"]\n"
        ),
    );
    let before = accesses(&world);
    let id = add(&world, &[]).ok().first();
    let entry = told(&world)[0]["data"]["contacts"][0].clone();
    assert_eq!(entry, serde_json::json!({ "id": id, "book": "main" }));
    assert_eq!(accesses(&world), before);
    world.carnet(&["erase", &id, "--reason", "error", "--yes"]).ok();
    let all = told(&world);
    assert_eq!(all.len(), 3);
    for one in &all[1..] {
        assert_eq!(one["data"]["event"], "contact-erased");
        assert_eq!(one["data"]["contacts"][0], serde_json::json!({ "id": id, "book": "main", "gone": true }));
        assert!(!one.to_string().contains("Jeanne"));
    }
    // Neither who had mentioned them, nor a deal of theirs.
    let gone = world.add("Ada Gone", &[]);
    let friend = world.add("Cyd Friend", &[]);
    world.carnet(&["link", &friend, &gone]).ok();
    world.carnet(&["deal", "add", "Site", "--contact", &gone, "--contact", &friend]).ok();
    let (before, told_before) = (accesses(&world), told(&world).len());
    world.carnet(&["erase", &gone, "--reason", "error", "--yes"]).ok();
    let all = told(&world);
    assert_eq!(all.len(), told_before + 2);
    for one in &all[told_before..] {
        let all = serde_json::json!([{ "id": gone, "book": "main", "gone": true }]);
        assert_eq!((&one["data"]["contacts"], &one["data"]["deals"]), (&all, &serde_json::json!([])));
        assert!(!one.to_string().contains(&friend), "{one:#}");
    }
    let reads = world.git(&["log", "--all", "--format=%s", "--grep=Carnet-Action: hook"]).ok().out;
    assert_eq!((reads.as_str(), accesses(&world) > before), ("", true), "nothing in it was handed on");
}

#[test]
fn an_import_is_one_run_with_all_in_it() {
    let world = World::with_firm();
    let tell = program(&world, "tell", &format!("cat >> '{}/told'", world.path().display()));
    hooks(&world, &format!("[[hook]]\non = \"contact-added\"\nrun = [\"{tell}\"]\n"));
    let rows: String = (0..70).map(|n| format!("Person {n},p{n}@example.org\n")).collect();
    let import = ["import", "-", "--format", "csv", "--source", "s", "--basis", "customers:contract"];
    world.carnet_with_input(&import, format!("name,email\n{rows}").as_bytes()).ok();
    let all = told(&world);
    assert_eq!((all.len(), all[0]["data"]["contacts"].as_array().unwrap().len()), (1, 70));
    let trail = world.git(&["log", "-1", "--format=%B", "refs/carnet/access/2026-11/ana"]).ok().out;
    assert!(trail.contains("Carnet-Action: hook") && trail.contains("Carnet-Count: 70"), "{trail}");
}

#[test]
fn failing_or_taking_too_long_is_a_warning_and_undoes_nothing() {
    let world = World::with_firm();
    let fails = program(&world, "fails", "exit 3");
    // Its child would write a file a second later.
    let hangs =
        program(&world, "hangs", &format!("(sleep 1; touch '{}/child') & sleep 30", world.path().display()));
    let deaf = program(&world, "deaf", "exec < /dev/null; exit 0");
    for (run, says) in [
        (&fails, "exit code 3"),
        (&hangs, "took longer than 300ms"),
        (&"/no/such/program".to_owned(), "no such program"),
    ] {
        hooks(&world, &format!("[[hook]]\non = \"contact-added\"\nrun = [\"{run}\"]\ntimeout = \"300ms\"\n"));
        let head = world.head();
        let started = std::time::Instant::now();
        let said = add(&world, &[]).ok();
        assert!(said.err.contains("warning:") && said.err.contains(says), "{run}: {}", said.err);
        assert!(!said.err.contains("Jeanne"), "{}", said.err);
        assert_ne!(world.head(), head, "{run}");
        assert!(started.elapsed().as_secs() < 20);
    }
    std::thread::sleep(std::time::Duration::from_millis(1500));
    assert!(!world.path().join("child").exists(), "its children are killed with it");
    hooks(&world, &format!("[[hook]]\non = \"contact-added\"\nrun = [\"{deaf}\"]\n"));
    assert!(!add(&world, &[]).ok().err.contains("hook"));
}

#[test]
fn what_others_could_have_written_is_not_run() {
    let world = World::with_firm();
    let tell = program(&world, "tell", &format!("cat >> '{}/told'", world.path().display()));
    let text = format!("[[hook]]\non = \"*\"\nrun = [\"{tell}\"]\n");
    hooks(&world, &text);
    for (path, bad, good) in [
        (file(&world), 0o602, 0o600),
        (file(&world), 0o620, 0o600),
        (file(&world).parent().unwrap().to_path_buf(), 0o777, 0o700),
        (PathBuf::from(&tell), 0o777, 0o700),
    ] {
        mode(&path, bad);
        let said = add(&world, &[]).ok();
        assert!(said.err.contains("warning:") && said.err.contains("hint:"), "{bad:o}: {}", said.err);
        assert!(told(&world).is_empty(), "{bad:o} {}", path.display());
        mode(&path, good);
    }
    add(&world, &[]).ok();
    assert_eq!(told(&world).len(), 1);
    hooks(&world, "[[hook]]\non = \"deal-one\"\nrun = [\"true\"]\n");
    let said = add(&world, &[]).ok();
    assert!(said.err.contains("names no event") && said.err.contains("`carnet hooks`"), "{}", said.err);
}

#[test]
fn nothing_is_ever_taken_from_a_repository() {
    let world = World::with_firm();
    // A program in it, named by its path, by a link from outside, and through the PATH.
    let inside = program(&world, "firm/tell", &format!("cat >> '{}/told'", world.path().display()));
    std::os::unix::fs::symlink(&inside, world.path().join("link")).unwrap();
    let path = format!("{}:{}", world.firm().display(), std::env::var("PATH").unwrap());
    for run in [inside.clone(), world.path().join("link").display().to_string(), "tell".to_owned()] {
        hooks(&world, &format!("[[hook]]\non = \"*\"\nrun = [\"{run}\"]\n"));
        let said = add(&world, &[("PATH", &path)]).ok();
        assert!(said.err.contains("never taken from a data repository"), "{run}: {}", said.err);
    }
    hooks(&world, "[[hook]]\non = \"*\"\nrun = [\"./tell\"]\n");
    assert!(add(&world, &[]).ok().err.contains("warning:"));
    // A file in it, even if the environment points there.
    std::fs::create_dir_all(world.firm().join("carnet")).unwrap();
    let tell = program(&world, "outside", &format!("cat >> '{}/told'", world.path().display()));
    std::fs::write(
        world.firm().join("carnet/hooks.toml"),
        format!("[[hook]]\non = \"*\"\nrun = [\"{tell}\"]\n"),
    )
    .unwrap();
    let firm = world.firm().display().to_string();
    let said = add(&world, &[("XDG_CONFIG_HOME", &firm)]).ok();
    assert!(said.err.contains("never taken from a data repository"), "{}", said.err);
    assert!(told(&world).is_empty());
    // One that is for another repository.
    hooks(&world, &format!("[[hook]]\non = \"*\"\nrun = [\"{tell}\"]\nrepository = \"/elsewhere\"\n"));
    assert!(!add(&world, &[]).ok().err.contains("hook"));
    assert!(told(&world).is_empty());
}

#[test]
fn the_command_shows_hooks_and_events() {
    let world = World::with_firm();
    assert!(world.carnet(&["hooks"]).ok().out.contains("deal-won"));
    hooks(&world, "[[hook]]\non = \"deal-won\"\nrun = [\"notify-send\", \"Won!\"]\ntimeout = \"5s\"\n");
    let said = world.carnet(&["hooks"]).ok();
    assert!(said.out.contains("notify-send Won!") && said.out.contains("5s"), "{}", said.out);
    let json = world.carnet(&["hooks", "--json"]).ok().json();
    assert_eq!(
        (json["hooks"][0]["timeout_ms"].as_u64(), json["events"].as_array().unwrap().len()),
        (Some(5000), 18)
    );
    hooks(&world, "[[hook]]\nrun = [\"x\"]\n");
    world.carnet(&["hooks"]).code(2);
}
