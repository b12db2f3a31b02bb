//! Terminals, pipes, and streams that are not there.

use std::io::Read;
use std::path::Path;
use std::process::Stdio;

use super::common::{Said, World, said};
use super::{carnet, firm, have};

/// Runs a shell line in a terminal of its own, with `input` typed.
fn in_terminal(world: &World, dir: &Path, line: &str, env: &[(&str, &str)], input: &str) -> Said {
    let typed = world.path().join("typed");
    std::fs::write(&typed, input).unwrap();
    let mut script = world.command("script", dir);
    script.args(["-qec", line, "/dev/null"]).env("TERM", "xterm").envs(env.iter().copied());
    said(script.stdin(Stdio::from(std::fs::File::open(typed).unwrap())).output().unwrap())
}

#[test]
fn colours_are_for_terminals_that_want_them() {
    let (world, _) = firm();
    let lines = ["--help", "show nobody", "list", "verify", "history", "list --no-such", "doctor"];
    for line in lines {
        let args: Vec<&str> = line.split(' ').collect();
        for (name, value) in [("TERM", "xterm-256color"), ("NO_COLOR", "1")] {
            let said = said(carnet(&world).args(&args).env(name, value).output().unwrap());
            assert!(!said.out.contains('\u{1b}') && !said.err.contains('\u{1b}'), "{line}: {said:?}");
        }
    }
    if !have("script", "colours on a terminal") {
        return;
    }
    let mut coloured = Vec::new();
    for line in lines {
        let call = format!("'{}' {line}", env!("CARGO_BIN_EXE_carnet"));
        let seen = in_terminal(&world, &world.firm(), &call, &[], "");
        assert!(!seen.out.is_empty());
        if seen.out.contains('\u{1b}') {
            coloured.push(line);
        }
        for env in [("NO_COLOR", "1"), ("TERM", "dumb")] {
            let seen = in_terminal(&world, &world.firm(), &call, &[env], "");
            assert!(!seen.out.contains('\u{1b}'), "{line} with {env:?}: {}", seen.out);
        }
    }
    for line in ["--help", "show nobody", "list --no-such"] {
        assert!(coloured.contains(&line), "{line}: only {coloured:?} in colour");
    }
}

#[test]
fn a_reader_that_has_had_enough_is_no_error() {
    let (world, _) = firm();
    let rows: String = (0..900).map(|n| format!("Somebody With A Long Name {n}\n")).collect();
    let import = ["import", "-", "--source", "s", "--basis", "customers:contract"];
    world.carnet_with_input(&import, format!("name\n{rows}").as_bytes()).ok();
    for line in [
        "list",
        "list --json",
        "export",
        "export --format csv",
        "history",
        "--help",
        "completions bash",
        "man",
    ] {
        let args: Vec<&str> = line.split(' ').collect();
        let mut child =
            carnet(&world).args(&args).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut stdout = child.stdout.take().unwrap();
        let _ = stdout.read(&mut [0; 8]).unwrap();
        drop(stdout);
        let ended = said(child.wait_with_output().unwrap());
        assert_eq!((ended.code, ended.err.as_str()), (0, ""), "{line}");
    }
    // Nobody there from the start.
    for line in ["list", "list -q", "show Jeanne", "--help", "--version", "doctor", "verify"] {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let args: Vec<&str> = line.split(' ').collect();
        let ended = said(carnet(&world).args(&args).stdout(writer).stderr(Stdio::piped()).output().unwrap());
        assert_eq!((ended.code, ended.err.as_str()), (0, ""), "{line}");
    }
}

#[test]
fn streams_may_be_closed() {
    let (world, id) = firm();
    let sh = |line: &str| {
        let script = format!("'{}' {line}", env!("CARGO_BIN_EXE_carnet"));
        said(world.command("sh", &world.firm()).args(["-c", &script]).output().unwrap())
    };
    assert!(sh("list <&-").ok().out.contains("Jeanne"));
    assert!(sh("show Jeanne 2>&-").ok().out.contains("Jeanne"));
    for line in [
        "list >&-",
        "list >&- 2>&- <&-",
        "show nobody 2>&-",
        "import - --source s --basis customers:contract <&-",
    ] {
        let ended = sh(line);
        assert!((0..=3).contains(&ended.code) && !ended.err.contains("panicked"), "{line}: {ended:?}");
    }
    let head = world.head();
    assert_eq!(sh(&format!("edit {id} --set title=x >&- 2>&-")).code, 0);
    assert_ne!(world.head(), head, "what is asked for happens although nobody can be told");
    // The repository's files were not taken for the missing streams.
    world.git(&["fsck", "--strict"]).ok();
    world.carnet(&["verify"]).ok();
}

/// Questions are asked in a terminal, never with `--no-input` nor in a pipe.
#[test]
fn nothing_is_asked_where_nobody_answers() {
    let (world, id) = firm();
    let erase = ["erase", &id, "--reason", "error"];
    let init =
        ["init", "other", "--organisation", "A", "--member", "a", "--name", "A", "--email", "a@example.org"];
    for (args, code) in [(&erase[..], 2), (&init, 6), (&["add"], 2)] {
        for more in [&[][..], &["--no-input"]] {
            let ended = world.carnet(&[args, more].concat()).code(code);
            assert!(ended.err.contains("hint: ") && !ended.err.contains("[y/N]"), "{}", ended.err);
        }
    }
    if !have("script", "questions on a terminal") {
        return;
    }
    let call = |line: &str| format!("'{}' {line}", env!("CARGO_BIN_EXE_carnet"));
    let edit = format!("edit {id}");
    for line in [erase.join(" "), init.join(" "), "add".to_owned(), edit] {
        let line = call(&format!("{line} --no-input"));
        let seen = in_terminal(&world, &world.firm(), &line, &[("EDITOR", "false")], "y\n");
        assert!([2, 6].contains(&seen.code) && !seen.out.contains("[y/N]"), "{line}: {seen:?}");
    }
    let no = in_terminal(&world, &world.firm(), &call(&erase.join(" ")), &[], "n\n").code(1);
    assert!(no.out.contains("[y/N]") && no.out.contains("nothing was changed"), "{no:?}");
    world.carnet(&["show", &id]).ok();
    let yes = in_terminal(&world, &world.firm(), &call(&erase.join(" ")), &[], "y\n").ok();
    assert!(yes.out.contains("[y/N]"), "{yes:?}");
    world.carnet(&["show", &id]).code(3);
}

#[test]
fn the_repository_is_the_one_that_was_named() {
    let (world, _) = firm();
    let (out, firm) = (world.path(), world.firm());
    let dir = firm.to_str().unwrap();
    assert!(world.carnet_in(out, &["-C", dir, "list"]).ok().out.contains("Jeanne"));
    assert!(world.carnet_in(out, &["list", "-C", "firm"]).ok().out.contains("Jeanne"));
    assert!(world.carnet_in(&firm.join("books"), &["list"]).ok().out.contains("Jeanne"));
    let with = |value: &str, args: &[&str]| {
        let mut command = world.command(env!("CARGO_BIN_EXE_carnet"), out);
        said(command.args(args).env("CARNET_DIR", value).output().unwrap())
    };
    assert!(with(dir, &["list"]).ok().out.contains("Jeanne"));
    with("/nowhere", &["list"]).code(1);
    assert!(
        with("/nowhere", &["-C", dir, "list"]).ok().out.contains("Jeanne"),
        "a flag outranks the environment"
    );
}
