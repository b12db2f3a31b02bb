//! `carnet` alone: the next command or two, each of which works.

use super::common::{World, said};
use super::{accesses, carnet_with};

fn alone(world: &World, dir: &std::path::Path, env: &[(&str, &str)]) -> super::common::Said {
    let mut command = world.command(env!("CARGO_BIN_EXE_carnet"), dir);
    said(command.envs(env.iter().copied()).output().unwrap()).ok()
}

/// The commands that were named, as they would be copied.
fn commands(out: &str) -> Vec<String> {
    out.lines()
        .filter_map(|line| line.strip_prefix("  carnet "))
        .map(|line| format!("carnet {line}"))
        .collect()
}

#[test]
fn in_an_empty_directory_its_first_command_makes_a_repository_as_it_stands() {
    let world = World::new();
    std::fs::write(
        world.path().join("home/.gitconfig"),
        "[user]\n\tname = Éloïse d'Aubigné\n\temail = e@example.org\n",
    )
    .unwrap();
    let first = alone(&world, world.path(), &[]);
    assert!(first.out.contains("no data repository here") && first.err.is_empty(), "{first:?}");
    let all = commands(&first.out);
    assert!(all[0].contains("--member eloise") && all[1].starts_with("carnet clone URL"), "{all:?}");
    let script =
        format!("carnet() {{ '{}' \"$@\" --no-passphrase; }}; {}", env!("CARGO_BIN_EXE_carnet"), all[0]);
    said(world.command("sh", world.path()).args(["-c", &script]).output().unwrap()).ok();
    assert!(world.firm().join("carnet.toml").exists());
    assert!(world.git(&["log", "-1", "--format=%an"]).out.contains("Éloïse d'Aubigné"));
    // In it, the next thing is a contact.
    let next = alone(&world, &world.firm(), &[]);
    assert!(next.out.starts_with("My firm: nothing is due today."), "{}", next.out);
    assert_eq!(commands(&next.out)[0], "carnet add");
    let french = alone(&world, world.path(), &[("LC_ALL", "fr_FR.UTF-8")]).out;
    assert!(french.contains("Il n’y a pas encore de dépôt de données ici"), "{french}");
    let json = alone_json(&world, world.path());
    assert_eq!((json["state"].as_str(), json["next"].as_array().unwrap().len()), (Some("no-repository"), 2));
}

fn alone_json(world: &World, dir: &std::path::Path) -> serde_json::Value {
    world.carnet_in(dir, &["--json"]).ok().json()
}

#[test]
fn in_a_repository_it_says_what_is_due_and_where_more_is() {
    let world = World::with_firm();
    let id = world.add("Jeanne Dupont", &[]);
    for (what, due) in
        [("call back", "2026-11-20"), ("send the offer", "2026-11-23"), ("much later", "2026-12-20")]
    {
        world.carnet(&["todo", "add", &id, what, "--due", due]).ok();
    }
    let before = accesses(&world);
    let said = alone(&world, &world.firm(), &[]);
    assert!(said.out.starts_with("Atelier Martin: 2 action(s) for today, 1 of them late."), "{}", said.out);
    assert!(
        said.out.contains("call back")
            && said.out.contains("send the offer")
            && !said.out.contains("much later")
    );
    assert_eq!(commands(&said.out), ["carnet agenda", "carnet find WORDS", "carnet --help"]);
    // It names people, so it is in the trail as a look into the agenda.
    assert_eq!(accesses(&world), before + 1);
    let json = alone_json(&world, &world.firm());
    assert_eq!((json["state"].as_str(), json["due"].as_array().unwrap().len()), (Some("ready"), 2));
    let french = alone(&world, &world.firm(), &[("LC_ALL", "fr_FR.UTF-8")]).out;
    assert!(french.contains("2 actions pour aujourd’hui, dont 1 en retard"), "{french}");
}

#[test]
fn nobody_is_asked_for_a_passphrase_and_a_clone_without_its_key_is_told_what_helps() {
    let world = World::new();
    std::fs::write(world.path().join("pass"), "secret words\n").unwrap();
    let pass = world.path().join("pass").display().to_string();
    let init = [
        "init",
        "firm",
        "--organisation",
        "F",
        "--member",
        "ana",
        "--name",
        "Ana",
        "--email",
        "a@example.org",
    ];
    let mut command = world.command(env!("CARGO_BIN_EXE_carnet"), world.path());
    said(command.env("CARNET_PASSPHRASE_FILE", &pass).args(init).output().unwrap()).ok();
    let locked = alone(&world, &world.firm(), &[]);
    assert!(locked.out.contains("Your key is locked."), "{locked:?}");
    assert_eq!(commands(&locked.out)[0], "carnet agenda");
    let open = carnet_with(&world, &[("CARNET_PASSPHRASE_FILE", &pass)], &[]).ok();
    assert!(open.out.contains("nothing is due today"), "{open:?}");
    std::fs::remove_dir_all(world.path().join("data/carnet")).unwrap();
    let lost = alone(&world, &world.firm(), &[]);
    assert!(lost.err.contains("warning:") && lost.out.contains("carnet doctor"), "{lost:?}");
}
