//! Every example of every help text is one that the parser takes, and those that can be run here run.

use super::common::{World, said};
use super::{carnet, firm, parse, words};

/// The name of each command and subcommand that help shows, such as `purpose add`.
pub fn all_commands() -> Vec<Vec<String>> {
    fn below(command: &clap::Command, path: &[String], all: &mut Vec<Vec<String>>) {
        for sub in command.get_subcommands().filter(|sub| !sub.is_hide_set() && sub.get_name() != "help") {
            let path = [path, &[sub.get_name().to_owned()]].concat();
            all.push(path.clone());
            below(sub, &path, all);
        }
    }
    let mut all = Vec::new();
    below(&carnet::cli::command(), &[], &mut all);
    all
}

/// The examples in what `--help` prints: lines below `Example:` or `Examples:`.
fn examples(world: &World, command: &[String]) -> Vec<String> {
    let mut run = carnet(world);
    let help = said(run.args(command).arg("--help").output().unwrap()).ok().out;
    let part = help.split("\nExample").nth(1).unwrap_or_default();
    let lines: Vec<&str> = part.lines().skip(1).take_while(|line| !line.is_empty()).collect();
    let mut found: Vec<String> = Vec::new();
    for line in &lines {
        // A line that help has wrapped would be two commands to who copies it.
        let goes_on = found.last().is_some_and(|last| last.ends_with('\\'));
        assert!(goes_on || line.starts_with("  carnet "), "{command:?}: wrapped or not an example: {line:?}");
        match found.last_mut() {
            Some(last) if goes_on => last.push_str(&format!("\n{line}")),
            _ => found.push((*line).trim().to_owned()),
        }
    }
    found
}

/// Examples that cannot be run here, and why.
const NOT_RUN: [(&str, &str); 25] = [
    ("report --check", "needs a site that was built before; has tests of its own"),
    ("carnet purpose remove", "needs a purpose that nothing uses; has tests of its own"),
    ("carnet request resume", "needs a request that stands still; has tests of its own"),
    ("carnet request close", "needs an answered request; has tests of its own"),
    ("--leave-out note", "needs a note to leave out; has tests of its own"),
    ("--out ../reply --keep-opposition", "needs a request for erasure; has tests of its own"),
    ("carnet breach close", "needs every fact; has tests of its own"),
    ("--status 3f9a2c1b", "needs an erased contact; has tests of its own"),
    ("--certificate ", "needs an erased contact; has tests of its own"),
    ("--book prospects", "needs a second book; has tests of its own"),
    ("--resolve ", "needs a merge with a conflict; has tests of its own"),
    ("--key 0123", "needs a key that GnuPG has"),
    ("carnet add\n", "opens an editor"),
    ("carnet edit 3f9a2c1b\n", "opens an editor"),
    ("carnet purpose add repairs\n", "opens an editor"),
    ("carnet purpose edit customers\n", "opens an editor"),
    ("carnet processor add printco\n", "opens an editor"),
    ("carnet processor edit mailco\n", "opens an editor"),
    ("carnet organisation edit\n", "opens an editor"),
    ("carnet member ", "needs a second member; has tests of its own"),
    ("carnet book ", "needs a second member; has tests of its own"),
    ("carnet key ", "has tests of its own"),
    ("carnet sync", "needs a remote; has tests of its own"),
    ("carnet clone", "needs a remote; has tests of its own"),
    ("carnet remote", "makes a directory outside, or needs a server; has tests of its own"),
];

#[test]
fn every_example_is_understood_and_runs() {
    let (world, id) = firm();
    let kept = world.path().join("kept");
    std::fs::rename(world.firm(), &kept).unwrap();
    std::fs::create_dir(world.firm()).unwrap();
    let (mut parsed, mut ran) = (0, 0);
    for command in all_commands() {
        let examples = examples(&world, &command);
        let mut about = examples.is_empty();
        for example in examples {
            for call in words(&world, &example) {
                parse(&call).unwrap_or_else(|e| panic!("{example}: {e}"));
                about |= call.starts_with(&command);
                parsed += 1;
            }
            if NOT_RUN.iter().any(|(what, _)| format!("{example}\n").contains(what)) {
                continue;
            }
            // `firm` beside the files that the examples name; `init` makes it, the others are in it.
            let place = world.path().join("place");
            let _ = std::fs::remove_dir_all(&place);
            std::fs::create_dir(&place).unwrap();
            let script = format!(
                "set -e; carnet() {{ '{}' \"$@\"; }}; cp ../*.vcf ../*.csv ../*.md ../*.pdf ../*.eml .; {}\n{}{} </dev/null\n",
                env!("CARGO_BIN_EXE_carnet"),
                if command[0] == "init" {
                    ""
                } else {
                    "cp -a ../kept firm; cp *.csv *.pdf *.eml firm; cd firm"
                },
                // The request that the examples name.
                if command[0] == "request" && command[1] != "open" {
                    format!("carnet request open access --contact {id} --channel email >/dev/null 2>&1\n")
                } else {
                    String::new()
                },
                match command[0].as_str() {
                    "import" => format!(
                        "cp ../contacts.vcf .; mkdir -p ~/.contacts\n\
                         carnet export --format vdir ~/.contacts/firm >/dev/null 2>&1\n{example}"
                    ),
                    "init" => format!("{example} --no-passphrase"),
                    "erase" => format!("{} --yes", example.replace("3f9a2c1b", &id).replace(" --yes", "")),
                    _ => example.replace("3f9a2c1b", &id),
                },
            );
            let script = if example.contains('<') || example.contains(" | ") {
                script.replace(" </dev/null", "")
            } else {
                script
            };
            let run = said(world.command("sh", &place).args(["-c", &script]).output().unwrap());
            assert_eq!(run.code, 0, "{example}: {run:?}");
            ran += 1;
        }
        assert!(about, "no example of {command:?} is about it");
    }
    println!("{parsed} examples parsed, {ran} run");
    assert!(parsed >= 30 && ran >= 25, "{parsed} parsed, {ran} run");
}

#[test]
fn every_command_has_an_example_and_a_wrong_one_would_be_noticed() {
    let world = World::with_firm();
    for command in all_commands() {
        let group =
            all_commands().iter().any(|other| other.len() > command.len() && other.starts_with(&command));
        assert!(group || !examples(&world, &command).is_empty(), "{command:?} has no example");
    }
    for wrong in
        ["carnet list --colour", "carnet shwo x", "carnet erase x", "carnet find", "carnet edit x --basis y"]
    {
        for call in words(&world, wrong) {
            assert!(parse(&call).is_err(), "{wrong}");
        }
    }
}
