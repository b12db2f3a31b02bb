//! What scripts rely on: exit codes, JSON, ids only.

use super::common::{Said, World};
use super::examples::all_commands;
use super::firm;

/// Each documented exit code from a command that ends with it.
#[test]
fn each_documented_exit_code_is_produced() {
    let (world, id) = firm();
    world.add("Jeanne Martin", &[]);
    let out = world.path();
    let mut seen = vec![world.carnet(&["list"]).ok().code];
    seen.push(world.carnet_in(out, &["list"]).code(1).code);
    seen.push(world.carnet(&["list", "--no-such-flag"]).code(2).code);
    seen.push(world.carnet(&["show", "nobody"]).code(3).code);
    seen.push(world.carnet(&["show", "jeanne"]).code(4).code);
    let add = ["add", "--name", "Z", "--source", "s", "--basis", "undeclared:consent"];
    seen.push(world.carnet(&add).code(5).code);
    world.git(&["config", "carnet.keyFile", "/nowhere"]).ok();
    seen.push(world.carnet(&["show", &id]).code(6).code);
    world.git(&["config", "--unset", "carnet.keyFile"]).ok();
    world.git(&["-c", "commit.gpgsign=false", "commit", "-q", "--allow-empty", "-m", "by hand"]).ok();
    seen.push(world.carnet(&["verify"]).code(7).code);
    let guide = include_str!("../../docs/user-guide.md");
    let table = guide.split("## Exit codes").nth(1).unwrap();
    let rows =
        table.lines().filter_map(|line| line.strip_prefix("| ")?.split(' ').next()?.parse::<i32>().ok());
    assert_eq!(rows.collect::<Vec<_>>(), seen, "the user guide lists these codes, in order");
    let help = world.carnet(&["--help"]).ok().out.replace('\n', " ");
    assert!(seen.iter().all(|code| help.contains(&format!("{code} "))), "{help}");
}

/// How each command is run to answer in JSON; `ID` is a contact.
const ANSWERS: &[(&str, &str)] = &[
    ("init", "init new --organisation A --member a --name A --email a@example.org --no-passphrase"),
    ("add", "add --name Z --source s --basis customers:contract"),
    ("edit", "edit ID --set title=x"),
    ("show", "show ID"),
    ("list", "list"),
    ("find", "find jeanne"),
    ("hooks", "hooks"),
    ("deal add", "deal add Shop --amount 100"),
    ("deal edit", "deal edit Shop --amount 120"),
    ("deal move", "deal move Shop proposal"),
    ("deal list", "deal list"),
    ("deal show", "deal show Shop"),
    ("deal won", "deal won Shop"),
    ("deal lost", "deal lost Website"),
    ("pipeline", "pipeline"),
    ("search save", "search save warm last<90d"),
    ("search list", "search list"),
    ("search remove", "search remove warm"),
    ("search fields", "search fields"),
    ("log", "log note ID x"),
    ("todo add", "todo add ID call"),
    ("todo list", "todo list"),
    ("todo snooze", "todo snooze ID --until 2w"),
    ("todo done", "todo done ID"),
    ("todo every", "todo every 3m ID"),
    ("agenda", "agenda"),
    ("agenda", "agenda --ics --out ../agenda.ics"),
    ("tag add", "tag add x ID"),
    ("tag remove", "tag remove x ID"),
    ("tag list", "tag list"),
    ("query", "query jeanne"),
    ("undo", "undo"),
    ("dupes", "dupes"),
    ("merge", "merge ID rousseau --auto"),
    ("import", "import ../list.csv --source s --basis customers:contract"),
    ("import undo", "import undo --yes"),
    ("export", "export"),
    ("export", "export --out ../all.vcf"),
    ("doctor", "doctor"),
    ("history", "history"),
    ("verify", "verify"),
    ("wording add", "wording add other ../newsletter.md"),
    ("wording list", "wording list"),
    ("wording show", "wording show newsletter"),
    ("wording remove", "wording remove other/1"),
    ("consent ask", "consent ask ID --purpose newsletter --wording newsletter"),
    ("consent give", "consent give ID --purpose newsletter --wording newsletter"),
    ("consent list", "consent list ID"),
    ("consent prove", "consent prove ID --purpose newsletter --out ../proof"),
    ("lawful", "lawful ID --purpose newsletter --channel email"),
    ("mailing", "mailing --purpose newsletter --channel email"),
    ("consent withdraw", "consent withdraw ID --purpose newsletter"),
    ("consent refuse", "consent refuse ID --purpose newsletter"),
    ("consent import", "consent import ../optins.csv --purpose newsletter --wording newsletter"),
    ("object", "object ID --purpose customers"),
    ("object check", "object check nobody@example.org"),
    ("object lift", "object lift jeanne@example.org"),
    ("history-purge", "history-purge --dry-run"),
    ("purpose add", "purpose add p --title T --description d --basis contract"),
    ("purpose list", "purpose list"),
    ("purpose edit", "purpose edit customers --set persons+=x"),
    ("purpose show", "purpose show customers"),
    ("purpose review", "purpose review customers"),
    ("purpose remove", "purpose remove p"),
    ("processor add", "processor add p --name N --service s"),
    ("processor add", "processor add q --name N --service s"),
    ("processor edit", "processor edit p --set country=DE"),
    ("processor show", "processor show p"),
    ("processor review", "processor review p"),
    ("processor remove", "processor remove q"),
    ("processor list", "processor list"),
    ("training add", "training add ana --topic T"),
    ("training list", "training list"),
    ("agreement add", "agreement add ana --title T"),
    ("agreement list", "agreement list"),
    ("organisation edit", "organisation edit --set address=x --set privacy_contact=y"),
    ("organisation show", "organisation show"),
    ("notice", "notice --purpose customers"),
    ("retention due", "retention due"),
    ("retention warn", "retention warn"),
    ("retention apply", "retention apply"),
    ("breach open", "breach open --aware 2026-11-23T09:00Z"),
    (
        "breach edit",
        "breach edit 2026-001 --from 2026-11-22 --to 2026-11-22 --origin other --cause unknown --kind integrity --facts x \
         --why-cause x --persons other --persons-number 1 --data other --records-number 1 --consequences x --measures x \
         --encryption none --risk unlikely --why-risk x --notify no --why-not-notified x --not-informed no-high-risk \
         --lessons x",
    ),
    ("breach list", "breach list"),
    ("breach show", "breach show 2026-001"),
    ("breach notify", "breach notify 2026-001 --out ../drafts"),
    ("breach scope", "breach scope --book main --into 2026-001"),
    ("breach close", "breach close 2026-001"),
    ("duties", "duties"),
    ("start", "start"),
    ("map", "map"),
    ("report", "report --out ../site"),
    ("erase", "erase ID --reason error --yes"),
];

/// Commands that print no data, and those that other tests try.
const ELSEWHERE: &[&str] = &[
    "completions",
    "man",
    "purpose",
    "member",
    "book",
    "key",
    "sync",
    "clone",
    "remote",
    "request",
    "audit",
];

/// Commands that only hold others, which are among the answers.
const GROUPS: &[&str] = &[
    "search",
    "todo",
    "tag",
    "processor",
    "training",
    "agreement",
    "organisation",
    "consent",
    "wording",
    "retention",
    "breach",
    "deal",
];

#[track_caller]
fn one_document(said: &str) -> serde_json::Value {
    let value: serde_json::Value = serde_json::from_str(said).unwrap_or_else(|e| panic!("{e}: {said}"));
    let (name, version) = value["schema"].as_str().expect("a schema").split_once('/').expect("a version");
    assert!(name.starts_with("carnet.") && version.parse::<u32>().is_ok(), "{name}/{version}");
    assert!(!value["data"].is_null());
    value
}

fn run(world: &World, id: &str, line: &str, flag: &str) -> Said {
    let args: Vec<&str> = line.split(' ').map(|word| if word == "ID" { id } else { word }).collect();
    world.carnet(&[&args[..], &[flag]].concat())
}

#[test]
fn every_command_answers_json_in_one_versioned_document() {
    let (world, id) = firm();
    for command in all_commands() {
        let name = command.join(" ");
        let tried = ANSWERS.iter().any(|(tried, _)| *tried == name);
        assert!(
            tried || ELSEWHERE.contains(&command[0].as_str()) || GROUPS.contains(&name.as_str()),
            "`{name}` is not among ANSWERS"
        );
    }
    for &(name, line) in ANSWERS {
        let said = run(&world, &id, line, "--json");
        assert_eq!(said.code, 0, "{line}: {}", said.err);
        assert!(!said.out.is_empty(), "`{name} --json` prints nothing");
        one_document(&said.out);
    }
    // What fails says so in JSON on stderr, with the exit code, and nothing on stdout.
    for (line, code) in [
        ("show nobody", 3),
        ("edit nobody --set a=b", 3),
        ("report --out .", 5),
        ("erase ID --reason error", 3),
    ] {
        let said = run(&world, &id, line, "--json");
        assert_eq!((said.code, said.out.as_str()), (code, ""), "{line}: {}", said.err);
        assert_eq!(one_document(said.err.lines().last().unwrap())["data"]["code"], code);
    }
}

#[test]
fn every_dry_run_answers_in_json_too_and_changes_nothing() {
    let (world, id) = firm();
    let (_, cert) = super::common::team::newcomer(&world, "bob");
    let head = world.head();
    let writes = [
        "add",
        "edit",
        "import",
        "erase",
        "purpose add",
        "purpose edit",
        "purpose review",
        "processor add",
        "training add",
        "agreement add",
        "organisation edit",
        "report",
    ];
    let own = ANSWERS.iter().filter(|(name, _)| writes.contains(name)).map(|(_, line)| (*line).to_owned());
    let more = [
        "book add two --title Two --purpose customers".to_owned(),
        "book rekey main".to_owned(),
        format!("member add {cert} --handle bob"),
        "key new --name X --email x@example.org --no-passphrase".to_owned(),
        "remote init ../served.git".to_owned(),
        "clone . ../copy".to_owned(),
    ];
    for line in own.chain(more) {
        let said = run(&world, &id, &format!("{line} --dry-run"), "--json");
        assert_eq!(said.code, 0, "{line}: {}", said.err);
        let told = one_document(&said.out);
        assert_eq!(told["data"]["dry_run"], true, "{line}: {told}");
        assert_eq!(world.head(), head, "{line}");
    }
    assert!(!world.path().join("served.git").exists() && !world.path().join("copy").exists());
}

#[test]
fn quiet_prints_ids_and_nothing_else() {
    let (world, id) = firm();
    let uuid = |line: &str| line.len() == 36 && line.split('-').map(str::len).eq([8, 4, 4, 4, 12]);
    let mut printed = 0;
    for &(name, line) in ANSWERS {
        let said = run(&world, &id, line, "-q");
        assert_eq!((said.code, said.err.as_str()), (0, ""), "{line}");
        if ["add", "edit", "show", "list", "find", "import", "erase", "log", "query"].contains(&name) {
            assert!(said.out.lines().count() > 0 && said.out.lines().all(uuid), "{line}: {}", said.out);
            printed += 1;
        }
        assert!(!said.out.contains("Jeanne") || name == "export", "{line}: {}", said.out);
    }
    assert_eq!(printed, 9);
    assert_eq!(world.carnet(&["purpose", "list", "-q"]).ok().out.lines().next(), Some("customers"));
}
