//! Completions and man pages: loaded and rendered by the programs that they are for.

use super::common::{World, said};
use super::examples::all_commands;
use super::{carnet, have};

#[test]
fn completions_are_loaded_by_their_shells() {
    let world = World::with_firm();
    for (shell, check) in [("bash", "-n"), ("zsh", "-n"), ("fish", "--no-execute")] {
        let text = said(carnet(&world).args(["completions", shell]).output().unwrap()).ok().out;
        assert!(text.contains("carnet complete "), "{shell} asks the program");
        let file = world.path().join(shell);
        std::fs::write(&file, &text).unwrap();
        if have(shell, "loading its completions") {
            let loaded = said(world.command(shell, world.path()).arg(check).arg(&file).output().unwrap());
            assert_eq!((loaded.code, loaded.err.as_str()), (0, ""), "{shell}");
        }
    }
    for command in all_commands() {
        let offered = world.carnet(&["complete", "--index", "1", "--", "carnet", &command[0]]).ok().out;
        assert!(
            offered.lines().any(|line| line.split('\t').next() == Some(&command[0])),
            "{command:?}: {offered}"
        );
    }
    if have("bash", "completing a word") {
        let script = "source ./bash; COMP_LINE='carnet eras'; COMP_POINT=11; COMP_WORDS=(carnet eras); COMP_CWORD=1; _carnet carnet eras carnet; echo ${COMPREPLY[@]}";
        std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_carnet"), world.path().join("carnet")).unwrap();
        let path = format!("{}:{}", world.path().display(), std::env::var("PATH").unwrap());
        let mut bash = world.command("bash", world.path());
        let done = said(bash.env("PATH", path).args(["-c", script]).output().unwrap());
        assert_eq!(done.ok().first(), "erase");
    }
}

#[test]
fn man_pages_render() {
    let world = World::with_firm();
    let one = said(carnet(&world).arg("man").output().unwrap()).ok().out;
    assert!(one.contains(".TH carnet 1"), "{one}");
    said(carnet(&world).args(["man", "--out", "../man1"]).output().unwrap()).ok();
    let pages: Vec<_> =
        std::fs::read_dir(world.path().join("man1")).unwrap().map(|e| e.unwrap().path()).collect();
    for command in all_commands() {
        let name = format!("carnet-{}.1", command.join("-"));
        assert!(pages.iter().any(|p| p.file_name().is_some_and(|n| *n == *name)), "no page {name}");
    }
    if !have("groff", "rendering the man pages") {
        return;
    }
    for page in pages {
        let mut groff = world.command("groff", world.path());
        let seen = said(groff.args(["-k", "-man", "-Tutf8", "-ww", "-z"]).arg(&page).output().unwrap());
        assert_eq!((seen.code, seen.err.as_str()), (0, ""), "{}", page.display());
    }
}
