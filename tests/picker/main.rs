//! The picker, in a real pseudo-terminal (Python's `pty` drives it), and where it must not open.

#[path = "../common/mod.rs"]
mod common;

use common::{World, said};
use serde_json::{Value, json};

/// What came of it.
struct Seen {
    screen: String,
    out: String,
    code: i64,
    sane: bool,
}

fn drive_at(world: &World, size: (u32, u32), piped: bool, args: &[&str], script: Value) -> Seen {
    let mut python = world.command("python3", &world.firm());
    let driver = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/picker/drive.py");
    python.env("TERM", "xterm").args([driver, &script.to_string(), &size.0.to_string(), &size.1.to_string()]);
    if piped {
        python.env("STDOUT_PIPE", "1");
    }
    let ran = said(python.arg(env!("CARGO_BIN_EXE_carnet")).args(args).output().unwrap()).ok();
    let seen: Value = serde_json::from_str(&ran.out).unwrap();
    assert!(seen["failed"].is_null(), "{args:?}: {seen:#}");
    Seen {
        screen: seen["screen"].as_str().unwrap().to_owned(),
        out: seen["out"].as_str().unwrap().to_owned(),
        code: seen["code"].as_i64().unwrap(),
        sane: seen["sane"].as_bool().unwrap(),
    }
}

/// At 80 columns; however it ends, the terminal is as it was and shows its own screen again.
fn drive(world: &World, args: &[&str], script: Value) -> Seen {
    let seen = drive_at(world, (80, 24), false, args, script);
    assert!(seen.sane, "{args:?}: echo, line editing or signals stayed off");
    let opened = seen.screen.matches("\x1b[?1049h").count();
    assert_eq!(opened, seen.screen.matches("\x1b[?1049l").count(), "{args:?}: {:?}", seen.screen);
    seen
}

fn firm() -> (World, Vec<String>) {
    let world = World::with_firm();
    let ids = [("Éloïse Cœur", "Lumière SARL"), ("Jeanne Dupont", "Acme"), ("Jean Dupont", "Bolt")]
        .map(|(name, org)| world.add(name, &["--org", org]));
    (world, ids.into())
}

fn accesses(world: &World, action: &str) -> Vec<Value> {
    let lines = world.carnet(&["history", "--access", "--json"]).ok().json();
    let all = lines.as_array().or(lines["lines"].as_array()).unwrap();
    all.iter().filter(|line| line["action"] == action).cloned().collect()
}

#[test]
fn typing_narrows_and_enter_takes_and_the_trail_has_it_once() {
    let (world, ids) = firm();
    let seen =
        drive(&world, &["show", "--file"], json!(["3/3", {"type": "eloise coe"}, "1/3", {"type": "\r"}]));
    assert_eq!(seen.code, 0);
    assert!(seen.screen.contains("Lumière SARL") && seen.screen.contains(&ids[0]), "{}", seen.screen);
    let select = accesses(&world, "select");
    assert_eq!((select.len(), &select[0]["count"]), (1, &json!(3)), "{select:#?}");
    let show = accesses(&world, "show");
    assert_eq!((show.len(), &show[0]["contacts"]), (1, &json!([ids[0]])), "{show:#?}");
}

#[test]
fn leaving_changes_nothing_and_says_so_with_exit_code_1() {
    let (world, _) = firm();
    let head = world.head();
    for key in ["\x1b", "\x03", "\x04"] {
        let seen =
            drive(&world, &["tag", "add", "vip"], json!(["3/3", {"type": "\t"}, "1 marked", {"type": key}]));
        assert_eq!(seen.code, 1, "{key:?}");
        assert!(seen.screen.contains("nobody was chosen"), "{}", seen.screen);
    }
    assert_eq!(world.head(), head);
}

#[test]
fn tab_marks_several_arrows_move_and_the_lot_is_one_commit() {
    let (world, ids) = firm();
    let before = world.git(&["rev-list", "--count", "HEAD"]).first().parse::<u32>().unwrap();
    let keys = json!(["3/3", {"type": "dupont"}, "2/3", {"type": "\t"}, "1 marked", {"type": "\t"}, "2 marked", {"type": "\r"}]);
    assert_eq!(drive(&world, &["tag", "add", "vip"], keys).code, 0);
    let mut tagged: Vec<String> =
        world.carnet(&["list", "tag:vip", "-q"]).ok().out.lines().map(str::to_owned).collect();
    tagged.sort();
    let mut meant = ids[1..].to_vec();
    meant.sort();
    assert_eq!(tagged, meant);
    assert_eq!(world.git(&["rev-list", "--count", "HEAD"]).first(), (before + 1).to_string());
    // By name the third is Jeanne: Éloïse, Jean, Jeanne. Two down by Ctrl-N and an arrow, one up and down again.
    let keys = json!(["3/3", {"type": "\u{e}\x1b[B\u{10}\x1b[B"}, {"rest": 0.3}, {"type": "\r"}]);
    let seen = drive(&world, &["show", "--file"], keys);
    assert!(seen.screen.contains(&ids[1]), "{}", seen.screen);
}

#[test]
fn several_that_match_are_chosen_from_on_a_terminal_and_listed_in_a_pipe() {
    let (world, ids) = firm();
    let keys =
        json!(["Several match", {"type": "bolt"}, "0/2", {"type": "\u{15}jean "}, "2/2", {"type": "\r"}]);
    let seen = drive(&world, &["show", "dupont", "--file"], keys);
    assert_eq!(seen.code, 0);
    assert!(seen.screen.contains(&ids[2]) && !seen.screen.contains(&ids[0]), "{}", seen.screen);
    world.carnet(&["show", "dupont"]).code(4);
    let refused = drive(&world, &["show", "dupont", "--no-input"], json!([]));
    assert_eq!(refused.code, 4);
    assert!(!refused.screen.contains("Several match"));
}

#[test]
fn it_opens_neither_in_a_pipe_nor_with_no_input_nor_on_a_dumb_terminal() {
    let (world, _) = firm();
    let head = world.head();
    for line in [
        "show",
        "edit",
        "erase --reason error --yes",
        "tag add vip",
        "object",
        "lawful --purpose prospects --channel email",
        "consent refuse --purpose prospects",
        "todo add -m call",
        "todo every 3m",
        "merge --auto",
        "log note -m text",
    ] {
        let args: Vec<&str> = line.split(' ').collect();
        let said = world.carnet(&args).code(2);
        assert!(said.err.contains("hint:") && said.out.is_empty(), "{line}: {said:?}");
        let args = [args, vec!["--no-input"]].concat();
        let seen = drive(&world, &args, json!([]));
        assert_eq!(seen.code, 2, "{line}: {}", seen.screen);
        assert!(!seen.screen.contains("\x1b[?1049h"), "{line}");
    }
    assert_eq!(world.head(), head);
    assert!(accesses(&world, "select").is_empty());
}

#[test]
fn every_command_about_a_contact_opens_it() {
    let (world, _) = firm();
    for line in [
        "edit",
        "edit --set title=x",
        "erase --reason error",
        "object",
        "lawful --purpose prospects --channel email",
        "consent refuse --purpose prospects",
        "consent prove --purpose prospects --out ../proof",
        "todo add -m call",
        "todo every 3m",
        "merge --auto",
        "log note -m text",
        "log call",
    ] {
        let args: Vec<&str> = line.split(' ').collect();
        let seen = drive(&world, &args, json!(["3/3", {"type": "\x1b"}]));
        assert_eq!(seen.code, 1, "{line}: {}", seen.screen);
    }
    let keys =
        json!(["stays", {"type": "jeanne"}, "1/3", {"type": "\r"}, "becomes part", {"type": "bolt\r"}]);
    assert_eq!(drive(&world, &["merge", "--auto"], keys).code, 0);
    assert_eq!(world.carnet(&["list", "-q"]).ok().out.lines().count(), 2);
}

#[test]
fn the_answer_goes_into_a_pipe_while_the_list_is_on_the_terminal() {
    let (world, ids) = firm();
    let seen = drive_at(
        &world,
        (80, 24),
        true,
        &["show", "-q"],
        json!(["3/3", {"type": "jeanne"}, "1/3", {"type": "\r"}]),
    );
    assert_eq!((seen.code, seen.out.trim()), (0, ids[1].as_str()));
    assert!(seen.sane && seen.screen.contains("Acme"));
}

#[test]
fn a_signal_ends_it_as_ever_with_the_terminal_restored() {
    let (world, _) = firm();
    for (name, number) in [("TERM", -15), ("HUP", -1), ("INT", -2)] {
        let seen = drive(&world, &["show"], json!(["3/3", {"signal": name}]));
        assert_eq!(seen.code, number, "{name}");
    }
    // Afterwards signals do what they did: the confirmation that follows can be ended.
    let keys = json!(["3/3", {"type": "\r"}, "[y/N]", {"type": "\x03"}]);
    assert_eq!(drive(&world, &["erase", "--reason", "error"], keys).code, -2);
}

#[test]
fn it_works_at_40_columns_and_follows_a_resize_and_names_are_inert() {
    let world = World::with_firm();
    let csv = "name,org\n\"Evil \u{1b}[31mred\u{7}\u{202e}\",\"A firm with quite a long name, and sons\"\nBob,Bolt\n";
    let import = ["import", "-", "--format", "csv", "--source", "s", "--basis", "customers:contract"];
    let ran = world.carnet_with_input(&import, csv.as_bytes());
    assert_eq!(ran.code, 0, "{ran:?}");
    let script = json!(["2/2", {"resize": [30, 6]}, "2/2", {"resize": [12, 2]}, "2/2", {"type": "bob"}, "1/2", {"type": "\x1b"}]);
    let seen = drive_at(&world, (40, 8), false, &["show"], script);
    assert_eq!((seen.code, seen.sane), (1, true));
    // The import drops control characters; what changes the direction of text is shown as an escape.
    assert!(seen.screen.contains("red\\u{20"), "{:?}", seen.screen);
    for active in ["\u{1b}[31m", "\u{7}", "\u{202e}"] {
        assert!(!seen.screen.contains(active), "{active:?}: {:?}", seen.screen);
    }
}
