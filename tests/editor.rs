//! The form in the person's editor: what is typed is kept, what is wrong comes back, nothing stays behind.

mod common;

use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

use common::{Said, World, said};

/// Runs `carnet` with a shell script as the editor; in it `$1` is the buffer, `$n` the turn, `$w` a directory.
fn edit(world: &World, args: &[&str], script: &str) -> Said {
    let file = world.path().join("editor");
    let w = world.path().join("turns");
    let _ = std::fs::remove_dir_all(&w);
    std::fs::create_dir(&w).unwrap();
    let head = format!("#!/bin/sh\nset -e\nw={}\nn=$(ls $w | wc -l)\ncp \"$1\" $w/$n\n", w.display());
    std::fs::write(&file, head + script).unwrap();
    std::fs::set_permissions(&file, PermissionsExt::from_mode(0o755)).unwrap();
    let mut command = world.command(env!("CARGO_BIN_EXE_carnet"), &world.firm());
    command.env("EDITOR", &file);
    // Of its own: the buffers of the other tests are there at the same time.
    let dir = memory().map(|dir| tempfile::Builder::new().prefix("carnet-test-").tempdir_in(dir).unwrap());
    if let Some(dir) = &dir {
        command.env("XDG_RUNTIME_DIR", dir.path());
    }
    let said = said(command.args(args).output().unwrap());
    if let Some(dir) = &dir {
        let left: Vec<_> = std::fs::read_dir(dir.path()).unwrap().collect();
        assert!(left.is_empty(), "a buffer stays behind: {left:?}");
    }
    said
}

/// A directory in memory, where there is one.
fn memory() -> Option<PathBuf> {
    let dir = PathBuf::from("/dev/shm");
    dir.is_dir().then_some(dir)
}

/// What the editor was given in each turn.
fn turns(world: &World) -> Vec<String> {
    let dir = world.path().join("turns");
    (0..).map_while(|n| std::fs::read_to_string(dir.join(n.to_string())).ok()).collect()
}

const FILL: &str = r##"
sed -i 's/^name = ""/name = "Zoé Petit" # as on her card/; s/^source = ""/source = "fair"/' "$1"
sed -i 's/^# \[\[basis\]\]/[[basis]]/; s/^# purpose = /purpose = /; s/^# basis = "leg/basis = "leg/' "$1"
"##;

#[test]
fn the_form_makes_a_contact_and_keeps_what_the_person_wrote() {
    let world = World::with_firm();
    let script = format!(
        "{FILL}sed -i 's/^# emails = .*/emails = [\"zoe@example.org\"]\\n# her own\\nshoe = 38/' \"$1\"\n"
    );
    let id = edit(&world, &["add"], &script).ok().first();
    let shown = world.carnet(&["show", &id]).ok().out;
    for kept in [
        "name = \"Zoé Petit\" # as on her card",
        "# her own\nshoe = 38",
        "since = 2026-11-23",
        "zoe@example.org",
    ] {
        assert!(shown.contains(kept), "{kept} in {shown}");
    }
    assert!(!shown.contains("Fill in") && !shown.contains("# given"), "{shown}");
    assert_eq!(turns(&world).len(), 1);
}

#[test]
fn a_mistake_comes_back_with_its_place_and_nothing_is_lost() {
    let world = World::with_firm();
    let script = format!(
        "case $n in\n0) {FILL}\nsed -i 's/^# tags = .*/tags = [\"vip\" \"north\"]/' \"$1\" ;;\n\
         1) sed -i 's/\"vip\" /\"vip\", /; s/^\\[\\[basis/nick = = 3\\n[[basis/' \"$1\" ;;\n\
         2) sed -i 's/^nick.*/nick = 3/; s/legitimate-interests\"$/wishes\"/' \"$1\" ;;\n\
         3) sed -i 's/wishes/consent/; s/\"prospects\"$/\"lottery\"/' \"$1\" ;;\n\
         4) sed -i 's/\"lottery\"$/\"newsletter\"/' \"$1\" ;;\nesac\n"
    );
    let id = edit(&world, &["add"], &script).ok().first();
    let turns = turns(&world);
    assert_eq!(turns.len(), 5);
    let at = |turn: &str, what: &str| {
        let (notes, text): (Vec<_>, Vec<_>) = turn.lines().partition(|l| l.starts_with("#! "));
        let note = notes.first().unwrap_or_else(|| panic!("{turn}"));
        let line: usize = note
            .split("line ")
            .nth(1)
            .and_then(|l| l.split(|c: char| !c.is_ascii_digit()).next())
            .unwrap()
            .parse()
            .unwrap();
        assert!(text[line - 1].contains(what) || text[line - 2].contains(what), "{note}: {}", text[line - 1]);
    };
    at(&turns[1], "tags = ");
    at(&turns[2], "nick = = 3");
    at(&turns[3], "basis = \"wishes\"");
    assert!(turns[4].contains("#! the purpose `lottery` is not declared"), "{}", turns[4]);
    assert!(turns[4].contains("#! hint: declared: customers"), "{}", turns[4]);
    for turn in &turns[1..] {
        assert!(turn.contains("# as on her card") && turn.contains("# A new contact"), "{turn}");
    }
    let shown = world.carnet(&["show", &id]).ok().out;
    assert!(shown.contains("[\"vip\", \"north\"]") && shown.contains("nick = 3"), "{shown}");
    assert!(!shown.contains("#! "), "{shown}");
}

#[test]
fn giving_up_changes_nothing() {
    let world = World::with_firm();
    let id = world.add("Bob Stone", &[]);
    let head = world.head();
    for script in ["true", ": > \"$1\"", "grep '^#' \"$1\" > $w/../x; cat $w/../x > \"$1\""] {
        let said = edit(&world, &["add"], script).ok();
        assert!(said.out.is_empty() && said.err.contains("Nothing was added"), "{}", said.err);
    }
    assert!(edit(&world, &["edit", &id], "true").ok().err.contains("Nothing was changed"));
    // A refused text that is left as it is: the reason is the result.
    let said = edit(&world, &["edit", &id], "test $n = 1 || echo '[' >> \"$1\"").code(2);
    assert!(
        said.err.contains("not a valid contact") && said.err.contains("nothing was changed"),
        "{}",
        said.err
    );
    let said = edit(&world, &["edit", &id], "echo x >> \"$1\"; exit 3").code(1);
    assert!(said.err.contains("editor ended with an error"), "{}", said.err);
    let said = edit(&world, &["edit", &id], "printf '\\377' >> \"$1\"").code(2);
    assert!(said.err.contains("not UTF-8"), "{}", said.err);
    let said = edit(&world, &["edit", &id], "rm \"$1\"").code(1);
    assert!(said.err.contains("hint: "), "{}", said.err);
    assert_eq!((world.head(), world.git(&["status", "--porcelain"]).ok().out), (head, String::new()));
}

#[test]
fn the_buffer_is_private_in_memory_and_gone_afterwards() {
    let world = World::with_firm();
    let facts = world.path().join("facts");
    // A hard link outside the buffer's directory, which is looked at for leftovers.
    let twin = memory().unwrap_or_else(|| world.path().to_owned());
    let twin = twin.join(format!("carnet-twin-{}", std::process::id()));
    let script = format!(
        "{FILL}\n(stat -c '%a' \"$1\"; stat -f -c %T \"$1\"; echo \"$1\") > {0}; cp -l \"$1\" {1}\n",
        facts.display(),
        twin.display()
    );
    edit(&world, &["add"], &script).ok();
    let facts = std::fs::read_to_string(facts).unwrap();
    let facts: Vec<&str> = facts.lines().collect();
    let wiped = std::fs::read(&twin).unwrap();
    std::fs::remove_file(&twin).unwrap();
    assert_eq!(facts[0], "600");
    assert!(!PathBuf::from(facts[2]).exists());
    assert!(wiped.len() > 100 && wiped.iter().all(|b| *b == 0), "the buffer's bytes are overwritten");
    match memory() {
        Some(_) => assert_eq!(facts[1], "tmpfs"),
        None => println!("skipped: there is no /dev/shm here"),
    }
}

#[test]
fn without_a_directory_in_memory_the_person_is_warned() {
    if memory().is_some() {
        println!("skipped: /dev/shm is here");
        return;
    }
    let world = World::with_firm();
    assert!(edit(&world, &["add"], FILL).ok().err.contains("no directory in memory"));
}

#[test]
fn editing_keeps_comments_order_and_unknown_keys() {
    let world = World::with_firm();
    let script = format!("{FILL}sed -i 's/^name/# known for long\\nshoe = 38 # EU\\nname/' \"$1\"\n");
    let id = edit(&world, &["add"], &script).ok().first();
    let before = world.carnet(&["show", &id]).ok().out;
    edit(&world, &["edit", &id], "sed -i 's/shoe = 38/shoe = 39/' \"$1\"").ok();
    assert_eq!(turns(&world), std::slice::from_ref(&before));
    let after = world.carnet(&["show", &id]).ok().out;
    assert_eq!(after, before.replace("shoe = 38", "shoe = 39"));
    world.carnet(&["edit", &id, "--set", "title=Manager", "--add-tag", "vip"]).ok();
    let after = world.carnet(&["show", &id]).ok().out;
    assert!(
        after.contains("# known for long\nshoe = 39 # EU\nname = \"Zoé Petit\" # as on her card"),
        "{after}"
    );
    let log = world.git(&["log", "-1", "--format=%(trailers:key=Carnet-Fields)"]).ok().out;
    assert_eq!(log.trim(), "Carnet-Fields: tags, title");
}

#[test]
fn an_id_a_book_and_a_contact_that_somebody_changed_are_guarded() {
    let world = World::with_firm();
    let (id, other) = (world.add("Bob Stone", &[]), world.add("Eve", &[]));
    let head = world.head();
    for change in [format!("s/^id = .*/id = \"{other}\"/"), "s/^book = .*/book = \"x\"/".into()] {
        let script = format!("test $n = 1 || sed -i '{change}' \"$1\"");
        let said = edit(&world, &["edit", &id], &script).code(2);
        assert!(said.err.contains("cannot be edited"), "{}", said.err);
    }
    assert_eq!(world.head(), head);
    let race = format!(
        "{} edit {id} --set title=First >/dev/null; sed -i 's/Stone/Rock/' \"$1\"",
        env!("CARGO_BIN_EXE_carnet")
    );
    let said = edit(&world, &["edit", &id], &race).code(1);
    assert!(said.err.contains("somebody else changed this contact"), "{}", said.err);
    assert!(world.carnet(&["show", &id]).ok().out.contains("First"));
}

#[test]
fn opening_a_contact_in_the_editor_is_a_read_and_is_recorded() {
    let world = World::with_firm();
    let id = world.add("Bob Stone", &[]);
    edit(&world, &["edit", &id], "true").ok();
    let log = world.git(&["log", "--format=%B", "refs/carnet/access/2026-11/ana"]).ok().out;
    assert!(log.contains("Carnet-Action: show") && log.contains(&id), "{log}");
}

#[test]
fn the_editors_own_arguments_and_a_null_byte_in_a_name_work() {
    let world = World::with_firm();
    let mut command = world.command(env!("CARGO_BIN_EXE_carnet"), &world.firm());
    let editor = r#"sh -c 'printf "id = %s\nbook = \"main\"\nname = \"a\\\\u0000b\"\nsource = \"x\"\n[[basis]]\npurpose = \"customers\"\nbasis = \"contract\"\n" "$(sed -n "s/^id = //p" "$1")" > "$1"' --"#;
    let id = said(command.args(["add"]).env("VISUAL", editor).env("EDITOR", "false").output().unwrap())
        .ok()
        .first();
    assert_eq!(world.carnet(&["show", "--json", &id]).ok().json()["name"], "a\0b");
    assert!(world.carnet(&["list"]).ok().out.contains("a\\u{0}b"));
}

#[test]
fn a_contact_that_cannot_be_read_is_repaired_in_the_editor() {
    let world = World::with_firm();
    let id = world.add("Bob Stone", &[]);
    // A key that is unknown today may be known, and of another form, tomorrow; so may what gpg alone wrote.
    let script = r#"
        cd "$1"; store=.git/carnet/keys.git; g="gpg --batch --quiet --pinentry-mode loopback"
        $g --import "$XDG_DATA_HOME"/carnet/keys/*.pgp
        git -C $store show refs/carnet/keys:main/book.pgp | $g --decrypt >book
        git -C $store show "refs/carnet/keys:main/$(printf %.2s $2)/$2.pgp" | $g --passphrase-fd 3 --decrypt 3<book >key
        $g --passphrase-fd 3 --decrypt 3<key "$3" | sed 's/^kind.*/kind = 5/' >text
        $g --passphrase-fd 3 --s2k-count 2048 --yes -o "$3" --symmetric 3<key text
        rm book key text; gpgconf --kill all; git -c commit.gpgsign=false commit -qam hand"#;
    let file = world.contact_file(&id);
    let firm = world.firm();
    let args = ["-ec", script, "sh", firm.to_str().unwrap(), &id, &file];
    said(world.command("sh", &firm).args(args).output().unwrap()).ok();
    world.carnet(&["show", &id]).code(1);
    edit(&world, &["edit", &id], "sed -i 's/^kind.*/kind = \"person\"/' \"$1\"").ok();
    assert!(world.carnet(&["show", &id]).ok().out.contains("Bob Stone"));
}
