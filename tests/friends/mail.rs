//! Mail clients, set up by the snippets of docs/mail-clients.md as they stand there.

use serde_json::{Value, json};

use super::common::{World, said};
use super::{block, have, path_with_carnet};

/// A firm at `~/firm`, as the snippets have it, and a mailbox of two messages.
fn world() -> World {
    let world = World::with_firm();
    std::os::unix::fs::symlink(world.firm(), world.path().join("home/firm")).unwrap();
    world.add("Jeanne Dupont", &["--email", "jeanne@example.org", "--org", "Acme"]);
    world.add("Jean Petit", &["--email", "jean@example.com"]);
    let message = |from: &str, subject: &str, id: &str| {
        format!(
            "From x Mon Nov 23 09:00:00 2026\nFrom: {from}\nTo: ana@example.org\nSubject: {subject}\nDate: Mon, 23 Nov 2026 09:00:00 +0000\nMessage-ID: <{id}@example.org>\n\nHello.\n\n"
        )
    };
    let mailbox = message("Jeanne Dupont <jeanne@example.org>", "The offer", "1")
        + &message("Bob =?utf-8?q?No=C3=ABl?= <bob@example.net>", "A question", "2");
    std::fs::write(world.path().join("home/inbox"), mailbox).unwrap();
    world
}

/// neomutt with the docs' snippet at a terminal of 100 columns.
fn neomutt(world: &World, script: Value) -> String {
    let home = world.path().join("home");
    let quiet = "set wait_key = no\nset sleep_time = 0\nset mbox_type = mbox\nset folder = ~\nset spoolfile = ~/inbox\nset quit = yes\nset move = no\n";
    std::fs::write(home.join("neomuttrc"), quiet.to_owned() + &block("muttrc")).unwrap();
    let mut python = world.command("python3", &home);
    let driver = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/picker/drive.py");
    python.env("TERM", "xterm").env("PATH", path_with_carnet()).args([
        driver,
        &script.to_string(),
        "100",
        "30",
    ]);
    let ran = said(python.args(["neomutt", "-F", "neomuttrc", "-f", "inbox"]).output().unwrap()).ok();
    let seen: Value = serde_json::from_str(&ran.out).unwrap();
    assert!(seen["failed"].is_null(), "{seen:#}");
    seen["screen"].as_str().unwrap().to_owned()
}

#[test]
fn neomutt_finds_addresses() {
    if !(have("neomutt", "addresses in neomutt") && have("python3", "addresses in neomutt")) {
        return;
    }
    let world = world();
    let screen = neomutt(
        &world,
        json!(["The offer", {"type": "Q"}, "Query", {"type": "jean\r"}, "jean@example.com", {"rest": 0.5}, {"type": "qq"}]),
    );
    for text in ["Jeanne Dupont", "jeanne@example.org", "Acme", "Jean Petit"] {
        assert!(screen.contains(text), "{text}: {screen:?}");
    }
    let trail = world.git(&["log", "--all", "--format=%B"]).out;
    assert!(trail.contains("Carnet-Action: query"), "{trail}");
    // One who is nobody's contact, with letters that a shell would take for its own.
    let screen = neomutt(
        &world,
        json!(["The offer", {"type": "Q"}, "Query", {"type": "no $(touch gone) 'x\r"}, {"rest": 1.5}, {"type": "qq"}]),
    );
    assert!(!world.path().join("home/gone").exists() && !screen.contains("jeanne@example.org"), "{screen:?}");
}

#[test]
fn neomutt_logs_the_message_and_adds_its_sender() {
    if !(have("neomutt", "messages from neomutt") && have("python3", "messages from neomutt")) {
        return;
    }
    let world = world();
    // On the last message first; both keys on both messages.
    neomutt(
        &world,
        json!(["The offer", {"type": "1\r"}, {"rest": 0.4}, {"type": "L"}, {"rest": 2.0}, {"type": "2\r"}, {"rest": 0.4}, {"type": "A"}, {"rest": 2.0}, {"type": "L"}, {"rest": 2.0}, {"type": "q"}]),
    );
    let jeanne = world.carnet(&["show", "jeanne@example.org", "--json"]).ok().json();
    assert_eq!(
        (&jeanne["activity"][0]["kind"], &jeanne["activity"][0]["message"]),
        (&"email".into(), &"1@example.org".into()),
        "{jeanne:#}"
    );
    assert!(jeanne["activity"][0]["text"].as_str().unwrap().contains("The offer"));
    let bob = world.carnet(&["show", "bob@example.net", "--json"]).ok().json();
    assert_eq!((&bob["name"], &bob["source"]), (&"Bob Noël".into(), &"e-mail".into()));
    assert_eq!(bob["activity"].as_array().unwrap().len(), 1);
}

#[test]
fn what_aerc_and_himalaya_run_prints_what_they_read() {
    let world = world();
    let run = |line: &str| {
        let mut sh = world.command("sh", world.path());
        said(sh.env("PATH", path_with_carnet()).args(["-c", line]).output().unwrap()).ok().out
    };
    let aerc = block("aerc");
    let aerc = aerc.lines().find_map(|line| line.strip_prefix("address-book-cmd = ")).unwrap();
    assert_eq!(run(&aerc.replace("%s", "jeanne")), "jeanne@example.org\tJeanne Dupont\n");
    let vim = block("vim");
    let vim = vim.split('"').nth(1).unwrap();
    assert_eq!(run(&vim.replace("%s", "jean pet")), "jean@example.com\tJean Petit\n");
    for line in block("aerc-binds").lines() {
        let command = line.split(":pipe -m ").nth(1).unwrap().strip_suffix("<Enter>").unwrap();
        run(&format!("tail -n 8 home/inbox | {command}"));
    }
    assert_eq!(
        world.carnet(&["show", "bob@example.net", "--json"]).ok().json()["activity"]
            .as_array()
            .unwrap()
            .len(),
        1
    );
}

#[test]
fn aerc_finds_addresses_logs_the_message_and_adds_its_sender() {
    if !(have("aerc", "addresses and messages in aerc") && have("python3", "addresses and messages in aerc"))
    {
        return;
    }
    let world = world();
    let home = world.path().join("home");
    for dir in ["INBOX/cur", "INBOX/new", "INBOX/tmp", "Sent/cur", "Sent/new", "Sent/tmp"] {
        std::fs::create_dir_all(home.join("mail").join(dir)).unwrap();
    }
    let message = "From: Bob =?utf-8?q?No=C3=ABl?= <bob@example.net>\nTo: ana@example.org\nSubject: A question\nDate: Mon, 23 Nov 2026 09:00:00 +0000\nMessage-ID: <2@example.org>\n\nHello.\n";
    std::fs::write(home.join("mail/INBOX/new/1.x"), message).unwrap();
    let config = world.path().join("config/aerc");
    std::fs::create_dir_all(&config).unwrap();
    let write = |name: &str, text: &str| {
        use std::os::unix::fs::PermissionsExt;
        let path = config.join(name);
        std::fs::write(&path, text).unwrap();
        // aerc refuses accounts that others can read.
        std::fs::set_permissions(&path, PermissionsExt::from_mode(0o600)).unwrap();
    };
    write("aerc.conf", &block("aerc"));
    // What aerc binds itself is there, too: the snippet's keys must not begin with one of those.
    let defaults =
        ["/etc/xdg/aerc/binds.conf", "/usr/share/aerc/binds.conf", "/usr/local/share/aerc/binds.conf"];
    let defaults = defaults.iter().find_map(|path| std::fs::read_to_string(path).ok()).unwrap_or_default();
    assert!(defaults.contains("[messages]\n"), "aerc came without its own keys");
    let binds = block("aerc-binds");
    write("binds.conf", &defaults.replace("[messages]\n", &format!("[messages]\n{binds}")));
    let source = home.join("mail");
    write(
        "accounts.conf",
        &format!(
            "[firm]\nsource = maildir://{}\nfrom = Ana <ana@example.org>\noutgoing = /bin/true\ndefault = INBOX\ncopy-to = Sent\n",
            source.display()
        ),
    );
    let keys: Vec<&str> =
        binds.lines().filter_map(|line| line.split_once(" = ").map(|(key, _)| key)).collect();
    let [add, log] = keys.as_slice() else { panic!("{keys:?}") };
    // One session for each: aerc draws what came in the background with the next event, here a window that changes its size.
    let session = |typed: &[&str]| {
        let mut script = vec![json!("A question"), json!({"rest": 0.5})];
        for text in typed {
            script.extend([json!({"type": text}), json!({"rest": 0.7})]);
        }
        for n in 0..6 {
            script.extend([json!({"resize": [100, 30 + n % 2]}), json!({"rest": 0.4})]);
        }
        script.push(json!({"signal": "KILL"}));
        let mut python = world.command("python3", &home);
        let driver = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/picker/drive.py");
        // An editor that stays, so that the composer does.
        python.env("TERM", "xterm-256color").env("EDITOR", "tail -f").env("PATH", path_with_carnet());
        python.args([driver, &Value::from(script).to_string(), "100", "30", "aerc"]);
        let seen: Value = serde_json::from_str(&said(python.output().unwrap()).ok().out).unwrap();
        assert!(seen["failed"].is_null(), "{seen:#}");
        seen["screen"].as_str().unwrap().to_owned()
    };
    let screen = session(&[add]);
    let bob = world.carnet(&["show", "bob@example.net", "--json"]);
    assert_eq!(bob.code, 0, "{screen:?}");
    assert_eq!(bob.json()["name"], "Bob Noël");
    let screen = session(&[log]);
    let bob = world.carnet(&["show", "bob@example.net", "--json"]).ok().json();
    assert_eq!(bob["activity"][0]["message"], "2@example.org", "{screen:?}");
    let screen = session(&["C", "jean"]);
    assert!(screen.contains("jeanne@example.org"), "{screen:?}");
}
