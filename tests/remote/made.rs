//! How a remote is made, and what one without carnet does.

use super::*;

#[test]
fn a_remote_is_made_beside_the_data_and_becomes_its_origin_once() {
    let ana = World::with_firm();
    std::fs::create_dir(ana.path().join("full")).unwrap();
    std::fs::write(ana.path().join("full/x"), "x").unwrap();
    let said = ana.carnet(&["remote", "init", "../full"]).code(1);
    assert!(said.err.contains("not empty") && said.err.contains("hint:"), "{}", said.err);
    ana.carnet(&["remote", "init", "inside.git"]).code(2);
    ana.carnet(&["remote", "init", "https://example.org/firm.git"]).code(2);
    ana.carnet(&["--dry-run", "remote", "init", "../a.git"]).ok();
    assert!(!ana.path().join("a.git").exists() && !ana.firm().join("inside.git").exists());
    let made = ana.carnet(&["--json", "remote", "init", "../a.git"]).ok().json();
    let dir = ana.path().canonicalize().unwrap().join("a.git");
    assert_eq!((made["url"].as_str(), made["origin"].as_bool()), (dir.to_str(), Some(true)));
    assert_eq!(ana.git(&["config", "--get-all", "remote.origin.fetch"]).ok().out.lines().count(), 2);
    let second = ana.carnet(&["remote", "init", "../b.git"]).ok();
    assert!(second.err.contains("another `origin` already"), "{}", second.err);
    assert_eq!(ana.git(&["remote", "get-url", "origin"]).ok().first(), dir.to_str().unwrap());
    // Nothing half-made is left beside them.
    let names = std::fs::read_dir(ana.path()).unwrap().map(|e| e.unwrap().file_name());
    assert!(names.into_iter().all(|name| !name.to_string_lossy().starts_with(".carnet")));
}

#[test]
fn a_remote_on_another_machine_is_made_over_ssh() {
    let ana = World::with_firm();
    let ssh = ana.path().join("ssh");
    let write = |script: &str| {
        use std::os::unix::fs::PermissionsExt;
        std::fs::write(
            &ssh,
            format!("#!/bin/sh\necho \"$@\" > '{}/asked'\n{script}\n", ana.path().display()),
        )
        .unwrap();
        std::fs::set_permissions(&ssh, PermissionsExt::from_mode(0o755)).unwrap();
    };
    let run = |url: &str| {
        let mut command = ana.command(env!("CARGO_BIN_EXE_carnet"), &ana.firm());
        command.env("GIT_SSH_COMMAND", &ssh);
        said(command.args(["remote", "init", url]).output().unwrap())
    };
    write("exit 255");
    let said = run("git@server.test:firm.git").code(1);
    assert!(said.err.contains("cannot be reached over ssh"), "{}", said.err);
    write("echo 'sh: carnet: not found' >&2; exit 127");
    let said = run("git@server.test:firm.git").code(1);
    assert!(said.err.contains("carnet is not installed there"), "{}", said.err);
    assert_eq!(ana.git(&["remote"]).ok().out, "");
    // A shell at the other end, in its home, with carnet on its path.
    std::fs::create_dir(ana.path().join("server")).unwrap();
    let program = env!("CARGO_BIN_EXE_carnet");
    let bin = std::path::Path::new(program).parent().unwrap();
    write(&format!(
        "cd '{}/server'; for last; do :; done; PATH='{}':$PATH exec sh -c \"$last\"",
        ana.path().display(),
        bin.display()
    ));
    run("ssh://git@server.test:2222/~/it's firm.git").ok();
    assert!(ana.path().join("server/it's firm.git/hooks/pre-receive").exists());
    let asked = std::fs::read_to_string(ana.path().join("asked")).unwrap();
    assert!(asked.starts_with("-p 2222 git@server.test carnet "), "{asked}");
    assert_eq!(
        ana.git(&["remote", "get-url", "origin"]).ok().first(),
        "ssh://git@server.test:2222/~/it's firm.git"
    );
}

#[test]
fn without_carnet_on_the_server_nothing_comes_in() {
    let ana = World::with_firm();
    let program = ana.path().join("carnet-there");
    // By another process: what one of this process's other threads starts would hold a copy that is being written.
    let mut copy = ana.command("cp", ana.path());
    said(copy.args([env!("CARGO_BIN_EXE_carnet").as_ref(), program.as_os_str()]).output().unwrap()).ok();
    let mut command = ana.command(&program, &ana.firm());
    said(command.args(["remote", "init", "../served.git"]).output().unwrap()).ok();
    let server = Server { dir: ana.path().join("served.git") };
    std::fs::rename(&program, ana.path().join("gone")).unwrap();
    refused(&server, "declined", || server.push(&ana, &["main"]));
    std::fs::rename(ana.path().join("gone"), &program).unwrap();
    server.push(&ana, &["main"]).ok();
}
