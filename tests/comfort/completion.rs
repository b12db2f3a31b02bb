//! Completion in bash, zsh and fish, and what it must never do.

use serde_json::json;

use super::common::{World, said};
use super::{accesses, at_terminal, carnet_with, have};

/// A firm, and a PATH on which `carnet` is the one that is tested.
fn firm() -> (World, String) {
    let world = World::with_firm();
    world.add("Jeanne Dupont", &["--tag", "prospect", "--tag", "big deal", "--email", "jd@example.org"]);
    world.add("Éloïse Cœur", &["--tag", "vip"]);
    world.carnet(&["search", "save", "warm", "tag:vip"]).ok();
    let bin = world.path().join("bin");
    std::fs::create_dir(&bin).unwrap();
    std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_carnet"), bin.join("carnet")).unwrap();
    let path = format!("{}:{}", bin.display(), std::env::var("PATH").unwrap());
    (world, path)
}

/// What is offered for the last word.
fn offered(world: &World, env: &[(&str, &str)], words: &[&str]) -> Vec<String> {
    let index = (words.len() - 1).to_string();
    let args = [&["complete", "--index", &index, "--"], words].concat();
    let said = carnet_with(world, env, &args).ok();
    assert_eq!(said.err, "", "{words:?}");
    said.out.lines().map(|line| line.split('\t').next().unwrap().to_owned()).collect()
}

#[test]
fn values_come_from_the_repository() {
    let (world, _) = firm();
    world.carnet(&["processor", "add", "mailco", "--name", "MailCo", "--service", "mail"]).ok();
    let before = accesses(&world);
    let offered = |words: &[&str]| offered(&world, &[], words);
    assert_eq!(offered(&["carnet", "list", "--book", ""]), ["main"]);
    assert_eq!(offered(&["carnet", "list", "--book=m"]), ["--book=main"]);
    assert_eq!(offered(&["carnet", "show", "--purpose", "pro"]), ["prospects"]);
    assert_eq!(offered(&["carnet", "list", "--tag", ""]), ["big deal", "prospect", "vip"]);
    assert_eq!(offered(&["carnet", "tag", "add", "v"]), ["vip"]);
    assert_eq!(offered(&["carnet", "list", "tag:p"]), ["tag:prospect"]);
    assert_eq!(offered(&["carnet", "list", "kind:person and tag:b"]), ["kind:person and tag:\"big deal\""]);
    assert_eq!(offered(&["carnet", "list", "@"]), ["@warm"]);
    assert_eq!(offered(&["carnet", "search", "remove", ""]), ["warm"]);
    assert_eq!(offered(&["carnet", "processor", "show", ""]), ["mailco"]);
    assert_eq!(offered(&["carnet", "book", "grant", "main", ""]), ["ana"]);
    assert!(offered(&["carnet", "deal", "list", "--stage", ""]).contains(&"proposal".to_owned()));
    assert!(offered(&["carnet", "list", "bir"]).contains(&"birthday<".to_owned()));
    assert!(offered(&["carnet", "list", "--where", "consent:"]).contains(&"consent:customers".to_owned()));
    assert_eq!(offered(&["carnet", "export", "--preset", "outlook"]), ["outlook", "outlook-fr"]);
    assert_eq!(offered(&["carnet", "agen"]), ["agenda"]);
    assert!(offered(&["carnet", "list", "--no-p"]).contains(&"--no-pager".to_owned()));
    // What is new has no name yet.
    assert!(offered(&["carnet", "book", "add", ""]).is_empty());
    let elsewhere = world.firm().display().to_string();
    let said = world.carnet_in(
        world.path(),
        &["complete", "--index", "5", "--", "carnet", "-C", &elsewhere, "list", "--book", ""],
    );
    assert_eq!(said.out, "main\n");
    assert_eq!(accesses(&world), before, "nothing is written into the trail");
}

#[test]
fn contacts_are_offered_to_those_who_asked_for_it_and_to_nobody_else() {
    let (world, _) = firm();
    let before = accesses(&world);
    let yes = [("CARNET_COMPLETE_CONTACTS", "1")];
    assert!(offered(&world, &[], &["carnet", "show", "j"]).is_empty());
    assert_eq!(offered(&world, &yes, &["carnet", "show", "j"]), ["Jeanne Dupont"]);
    assert_eq!(offered(&world, &yes, &["carnet", "show", "elo"]), ["Éloïse Cœur"]);
    assert_eq!(offered(&world, &yes, &["carnet", "edit", "jd@"]), ["jd@example.org"]);
    world.git(&["config", "carnet.completeContacts", "true"]).ok();
    assert_eq!(offered(&world, &[], &["carnet", "show", "j"]), ["Jeanne Dupont"]);
    assert!(offered(&world, &[("CARNET_COMPLETE_CONTACTS", "0")], &["carnet", "show", "j"]).is_empty());
    assert_eq!(accesses(&world), before);
}

#[test]
fn it_never_asks_nor_fails_nor_writes() {
    let world = World::new();
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
    std::fs::write(world.path().join("pass"), "secret words\n").unwrap();
    let pass = world.path().join("pass").display().to_string();
    let mut command = world.command(env!("CARGO_BIN_EXE_carnet"), world.path());
    said(command.env("CARNET_PASSPHRASE_FILE", &pass).args(init).output().unwrap()).ok();
    let add = ["add", "--name", "Jeanne", "--tag", "vip", "--source", "s", "--basis", "customers:contract"];
    carnet_with(&world, &[("CARNET_PASSPHRASE_FILE", &pass)], &add).ok();
    let yes = [("CARNET_COMPLETE_CONTACTS", "1")];
    // Locked: what is plain is offered, what is sealed is not, at a terminal too.
    assert_eq!(offered(&world, &yes, &["carnet", "list", "--book", ""]), ["main"]);
    assert!(offered(&world, &yes, &["carnet", "list", "--tag", ""]).is_empty());
    assert!(offered(&world, &yes, &["carnet", "show", "j"]).is_empty());
    let program =
        [env!("CARGO_BIN_EXE_carnet"), "complete", "--index", "3", "--", "carnet", "list", "--tag", ""];
    let seen = at_terminal(&world, &world.firm(), &yes, json!([]), &program);
    assert_eq!((seen.code, seen.screen.as_str()), (0, ""));
    // No repository, no words, a damaged one, an index beyond the words.
    for args in [&["carnet", "list", "--tag", ""][..], &["carnet", "show", ""], &[]] {
        let all = [&["complete", "--index", "3", "--"], args].concat();
        let said = world.carnet_in(world.path(), &all).ok();
        assert_eq!(said.err, "", "{args:?}");
    }
    std::fs::remove_dir_all(world.firm().join(".git/carnet")).unwrap();
    assert_eq!(offered(&world, &yes, &["carnet", "list", "--book", ""]), ["main"]);
    assert!(offered(&world, &yes, &["carnet", "list", "--tag", ""]).is_empty());
    assert!(!world.firm().join(".git/carnet").exists());
}

#[test]
fn bash_completes_words_that_it_cuts_in_pieces() {
    let (world, path) = firm();
    let env = [("PATH", path.as_str()), ("PS1", "$ "), ("CARNET_COMPLETE_CONTACTS", "1")];
    let script = json!([
        {"type": "PS1='$ '; source <(carnet completions bash); echo rea''dy\n"}, "ready",
        {"type": "carnet list tag:pro\t"}, "tag:prospect ",
        {"type": "\u{15}carnet list --book=m\t"}, "--book=main ",
        {"type": "\u{15}carnet list 'kind:person and tag:v\t"}, "and tag:vip",
        {"type": "\u{15}carnet list --tag b\t"}, "big\\ deal",
        {"type": "\u{15}carnet show jea\t"}, "Jeanne\\ Dupont",
        // A field waits for its value: no blank behind it.
        {"type": "\u{15}carnet list ki\t\t\t"}, "person", "organisation",
        {"type": "\u{15}carnet agen\t"}, "agenda ",
        {"type": "\u{15}exit\n"},
    ]);
    at_terminal(&world, &world.firm(), &env, script, &["bash", "--norc", "--noprofile", "-i"]);
}

/// A tag may come from whoever fills in a form: what is offered is typed, and never run.
#[test]
fn bash_runs_nothing_that_a_tag_says() {
    let (world, path) = firm();
    let file = |name: &str| world.firm().join(name).display().to_string();
    let hostile = format!("zz$(touch {})`touch {}`\"'\\b", file("PWNED-1"), file("PWNED-2"));
    world.add("Mallory", &["--tag", &hostile]);
    let env = [("PATH", path.as_str()), ("PS1", "$ ")];
    let mut script = vec![
        json!({"type": "PS1='$ '; source <(carnet completions bash); complete -F _carnet_said said; \
                        _carnet_said() { COMP_LINE=${COMP_LINE/#said/carnet tag add}; COMP_POINT=${#COMP_LINE}; \
                        COMP_WORDS=(carnet tag add \"${COMP_WORDS[@]:1}\"); COMP_CWORD=$((COMP_CWORD + 2)); _carnet; }; \
                        said() { printf 'it is <%s>\\n' \"$1\"; }; echo rea''dy\n"}),
        json!("ready"),
    ];
    for quote in ["", "'", "\""] {
        script.push(json!({"type": format!("\u{15}said {quote}zz\t")}));
        script.push(json!("PWNED-2"));
        // Readline closes the quote itself.
        script.push(json!({"type": "\n"}));
        script.push(json!(format!("it is <{hostile}>")));
    }
    script.push(json!({"type": "\u{15}exit\n"}));
    at_terminal(
        &world,
        &world.firm(),
        &env,
        serde_json::Value::Array(script),
        &["bash", "--norc", "--noprofile", "-i"],
    );
    for name in ["PWNED-1", "PWNED-2"] {
        assert!(!world.firm().join(name).exists());
    }
}

#[test]
fn zsh_completes_values_too() {
    if !have("zsh") {
        return;
    }
    let (world, path) = firm();
    let env = [("PATH", path.as_str()), ("CARNET_COMPLETE_CONTACTS", "1")];
    let script = json!([
        {"type": "PS1='$ '; autoload -Uz compinit; compinit -u -D; source <(carnet completions zsh); echo rea''dy\n"}, "ready",
        {"type": "carnet list tag:pro\t"}, "spect",
        {"type": "\u{15}carnet list --book=m\t"}, "=main",
        {"type": "\u{15}carnet list --tag b\t"}, "big\\ deal",
        {"type": "\u{15}carnet show jea\t"}, "nne\\ Dupont",
        {"type": "\u{15}carnet histor\t\t"}, "Who did what when",
        {"type": "\u{15}exit\n"},
    ]);
    at_terminal(&world, &world.firm(), &env, script, &["zsh", "-f", "-i"]);
}

#[test]
fn fish_completes_values_too() {
    if !have("fish") {
        return;
    }
    let (world, path) = firm();
    let ask = |line: &str| {
        let script = format!("carnet completions fish | source; complete -C {line}");
        let mut fish = world.command("fish", &world.firm());
        said(fish.env("PATH", &path).args(["--no-config", "-c", &script]).output().unwrap()).ok().out
    };
    assert_eq!(ask("'carnet list tag:pro'"), "tag:prospect\n");
    assert_eq!(ask("'carnet list --book='"), "--book=main\n");
    assert_eq!(ask("'carnet list @'"), "@warm\ttag:vip\n");
    assert!(ask("'carnet agen'").starts_with("agenda\t"));
}
