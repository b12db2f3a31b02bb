//! Where the secret key is: GnuPG's keyring or carnet's own key file, open, locked, damaged or gone.

mod common;

use std::path::PathBuf;

use common::{Said, World, said};

/// A world whose gpg-agent is sent home at the end.
struct Keyring(World);

impl Drop for Keyring {
    fn drop(&mut self) {
        let _ = self.0.command("gpgconf", self.0.path()).args(["--kill", "all"]).output();
    }
}

impl Keyring {
    fn new() -> Keyring {
        Keyring(World::new())
    }

    /// Makes a key as of the beginning of `year` that expires after `life`; returns its fingerprint.
    fn key(&self, year: u32, life: &str, encryption: bool) -> String {
        let moment = format!("{year}0101T000000!");
        let args = ["--passphrase", "", "--faked-system-time", &moment];
        let user = "Ana Martin <ana@example.org>";
        self.gpg(&args, &["--quick-gen-key", user, "ed25519", "sign", life]);
        let keys = self.0.gpg(&["--with-colons", "--list-secret-keys"]).ok().out;
        let line = keys.lines().find(|l| l.starts_with("fpr:")).unwrap();
        let fingerprint = line.trim_start_matches("fpr:").trim_matches(':').to_owned();
        if encryption {
            self.gpg(&args, &["--quick-add-key", &fingerprint, "cv25519", "encr", life]);
        }
        fingerprint
    }

    fn gpg(&self, options: &[&str], command: &[&str]) -> Said {
        self.0.gpg(&[options, command].concat()).ok()
    }

    fn init(&self, key: &str, env: &[(&str, PathBuf)]) -> Said {
        with(&self.0, self.0.path().to_owned(), &[&INIT[..], &["--key", key]].concat(), env)
    }

    /// `init` was refused for `why` and left nothing behind.
    #[track_caller]
    fn refused(&self, said: Said, why: &str) {
        let said = said.code(6);
        assert!(said.err.contains(why) && said.err.contains("hint: "), "{}", said.err);
        assert!(said.out.is_empty() && !self.0.firm().exists());
        assert!(!self.0.path().join("data/carnet").exists());
    }
}

const INIT: [&str; 10] = [
    "init",
    "firm",
    "--organisation",
    "Atelier Martin",
    "--member",
    "ana",
    "--name",
    "Ana Martin",
    "--email",
    "ana@example.org",
];

fn with(world: &World, dir: PathBuf, args: &[&str], env: &[(&str, PathBuf)]) -> Said {
    let mut command = world.command(env!("CARGO_BIN_EXE_carnet"), &dir);
    said(command.args(args).envs(env.iter().map(|(k, v)| (*k, v))).output().unwrap())
}

#[test]
fn a_gnupg_key_does_a_days_work() {
    let ring = Keyring::new();
    let key = ring.key(2026, "never", true);
    ring.init(&key, &[]).ok();
    let world = &ring.0;
    assert!(!world.path().join("data/carnet").exists(), "no software key is made beside it");
    let id = world.add("Éloïse Petit", &["--email", "eloise@example.org"]);
    assert!(world.carnet(&["show", "eloise@example.org"]).ok().out.contains("Éloïse Petit"));
    assert_eq!(world.carnet(&["--no-input", "list", "-q"]).ok().out, format!("{id}\n"));
    world.carnet(&["edit", &id, "--set", "title=Manager"]).ok();
    world.git(&["verify-commit", "HEAD", "HEAD~1", "HEAD~2"]).ok();
    world.carnet(&["erase", &id, "--reason", "error", "--yes"]).ok();
    world.carnet(&["show", &id]).code(3);
    let empty = [("PATH", world.path().join("home"))];
    let said = with(world, world.firm(), &["list"], &empty).code(6);
    assert!(
        said.err.contains("GnuPG could not be started") && said.err.contains("install gpg"),
        "{}",
        said.err
    );
}

#[test]
fn a_gnupg_key_that_cannot_serve_is_refused_before_anything_is_made() {
    let ring = Keyring::new();
    let key = ring.key(2026, "never", false);
    ring.refused(ring.init(&key, &[]), "no usable encryption subkey");
    ring.refused(ring.init(&"0123456789ABCDEF".repeat(3)[..40], &[]), "no secret key with that fingerprint");
    ring.refused(ring.init(&key, &[("PATH", ring.0.path().join("home"))]), "GnuPG could not be started");
    ring.init("ana@example.org", &[]).code(2);
    assert!(!ring.0.firm().exists());
}

#[test]
fn an_expired_and_a_revoked_gnupg_key_are_refused() {
    let ring = Keyring::new();
    let key = ring.key(2020, "1y", true);
    ring.refused(ring.init(&key, &[]), "has expired");

    let ring = Keyring::new();
    let key = ring.key(2026, "never", true);
    let file = ring.0.path().join(format!("gnupg/openpgp-revocs.d/{key}.rev"));
    // gpg guards its ready-made revocations with a colon in front.
    let revocation = std::fs::read_to_string(&file).unwrap().replace(":-----BEGIN", "-----BEGIN");
    std::fs::write(&file, revocation).unwrap();
    ring.gpg(&[], &["--import", file.to_str().unwrap()]);
    ring.refused(ring.init(&key, &[]), "is revoked");
}

#[test]
fn a_key_that_expires_later_stops_work_then_and_changes_nothing() {
    let mut ring = Keyring::new();
    let key = ring.key(2026, "3y", true);
    ring.init(&key, &[]).ok();
    let id = ring.0.add("Bob Stone", &[]);
    let head = ring.0.head();
    ring.0.now = "2031-01-01T00:00:00Z".into();
    for args in [&["show", &id][..], &["list"], &["edit", &id, "--set", "title=x"]] {
        let said = ring.0.carnet(args).code(6);
        assert!(said.err.contains("member ana has expired"), "{}", said.err);
    }
    assert_eq!(ring.0.head(), head);
}

/// A firm whose software key is locked; the environment that unlocks it.
fn locked_firm() -> (World, [(&'static str, PathBuf); 1]) {
    let world = World::new();
    let file = world.path().join("passphrase");
    std::fs::write(&file, "sésame ouvre-toi\nnot this line\n").unwrap();
    let env = [("CARNET_PASSPHRASE_FILE", file)];
    with(&world, world.path().to_owned(), &INIT, &env).ok();
    (world, env)
}

#[test]
fn a_locked_key_file_wants_its_passphrase() {
    let (world, right) = locked_firm();
    let add = ["add", "--name", "Bob", "--source", "fair", "--basis", "customers:contract"];
    let id = with(&world, world.firm(), &add, &right).ok().first();
    assert!(with(&world, world.firm(), &["show", &id], &right).ok().out.contains("Bob"));
    let head = world.head();
    let wrong = world.path().join("wrong");
    for text in ["sesame", "", "not this line\n"] {
        std::fs::write(&wrong, text).unwrap();
        let env = [("CARNET_PASSPHRASE_FILE", wrong.clone())];
        for args in [&["show", &id][..], &add, &["erase", &id, "--reason", "error", "--yes"]] {
            let said = with(&world, world.firm(), args, &env).code(6);
            assert!(said.err.contains("wrong passphrase") && said.out.is_empty(), "{}", said.err);
        }
    }
    let gone = [("CARNET_PASSPHRASE_FILE", world.path().join("gone"))];
    let said = with(&world, world.firm(), &["list"], &gone).code(6);
    assert!(said.err.contains("passphrase file cannot be read"), "{}", said.err);
    for args in [&["list"][..], &["list", "--no-input"]] {
        let said = world.carnet(args).code(6);
        assert!(
            said.err.contains("nobody to ask") && said.err.contains("CARNET_PASSPHRASE_FILE"),
            "{}",
            said.err
        );
    }
    assert_eq!(world.head(), head);
}

#[test]
fn init_without_a_passphrase_and_nobody_to_ask_makes_nothing() {
    let world = World::new();
    let said = with(&world, world.path().to_owned(), &INIT, &[]).code(6);
    assert!(said.err.contains("needs a passphrase") && said.err.contains("--no-passphrase"), "{}", said.err);
    assert!(!world.firm().exists() && !world.path().join("data/carnet").exists());
    let gone = [("CARNET_PASSPHRASE_FILE", world.path().join("gone"))];
    with(&world, world.path().to_owned(), &INIT, &gone).code(6);
    assert!(!world.firm().exists() && !world.path().join("data/carnet").exists());
    let empty = world.path().join("empty");
    std::fs::write(&empty, "\n").unwrap();
    let said = with(&world, world.path().to_owned(), &INIT, &[("CARNET_PASSPHRASE_FILE", empty)]).code(2);
    assert!(said.err.contains("an empty passphrase locks nothing"), "{}", said.err);
    assert!(!world.firm().exists());
}

#[test]
fn a_key_file_that_is_gone_damaged_or_public_is_named() {
    let world = World::with_firm();
    let id = world.add("Bob Stone", &[]);
    let file =
        std::fs::read_dir(world.path().join("data/carnet/keys")).unwrap().next().unwrap().unwrap().path();
    let mode = std::os::unix::fs::MetadataExt::mode(&file.metadata().unwrap());
    assert_eq!(mode & 0o777, 0o600);
    let key = std::fs::read(&file).unwrap();
    let public = std::fs::read(world.firm().join("members/ana.asc")).unwrap();
    let cut = &key[..key.len() / 3];
    let cases: [(Option<&[u8]>, &str); 5] = [
        (None, "cannot be read"),
        (Some(b""), "damaged"),
        (Some(b"\0\xffjunk"), "damaged"),
        (Some(cut), "secret key"),
        (Some(&public), "holds no secret key"),
    ];
    for (content, why) in cases {
        match content {
            Some(bytes) => std::fs::write(&file, bytes).unwrap(),
            None => std::fs::remove_file(&file).unwrap(),
        }
        for args in
            [&["show", &id][..], &["add", "--name", "x", "--source", "y", "--basis", "customers:contract"]]
        {
            let said = world.carnet(args).code(6);
            assert!(said.err.contains(why), "{why}: {}", said.err);
            assert!(said.err.contains("hint: ") && said.out.is_empty(), "{why}: {}", said.err);
        }
    }
    std::fs::write(&file, &key).unwrap();
    world.carnet(&["show", &id]).ok();
}

#[test]
fn somebody_elses_key_in_the_members_place_is_refused() {
    let world = World::with_firm();
    let other = world.path().join("other");
    let args = [&INIT[..1], &["other"], &INIT[2..], &["--no-passphrase"]].concat();
    world.carnet_in(world.path(), &args).ok();
    let stranger =
        said(world.command("git", &other).args(["config", "carnet.key"]).output().unwrap()).first();
    world.git(&["config", "carnet.key", &stranger]).ok();
    let said = world.carnet(&["list"]).code(6);
    assert!(said.err.contains("is not the one that the data repository has"), "{}", said.err);
}

#[test]
fn a_terminal_is_asked_for_the_passphrase_and_shows_none_of_it() {
    use std::io::Write;
    let (world, _) = locked_firm();
    let ask = |typed: &str| {
        let line = format!("{} list; echo code=$?", env!("CARGO_BIN_EXE_carnet"));
        let mut script = world.command("script", &world.firm());
        script.args(["-q", "-e", "-c", &line, "/dev/null"]).stdin(std::process::Stdio::piped());
        script.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
        let mut child = script.spawn().ok()?;
        let mut terminal = child.stdin.take().unwrap();
        // The prompt turns echo off; what is typed before it would be shown by the terminal itself.
        std::thread::sleep(std::time::Duration::from_millis(1500));
        terminal.write_all(format!("{typed}\n").as_bytes()).unwrap();
        let output = child.wait_with_output().unwrap();
        drop(terminal);
        Some(said(output).out)
    };
    let Some(right) = ask("sésame ouvre-toi") else {
        println!("skipped: there is no `script` program here");
        return;
    };
    assert!(right.contains("Passphrase of your carnet key:") && right.contains("code=0"), "{right}");
    assert!(!right.contains("ouvre"), "{right}");
    let wrong = ask("nope").unwrap();
    assert!(wrong.contains("wrong passphrase") && wrong.contains("code=6"), "{wrong}");
}
