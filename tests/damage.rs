//! Contact files that somebody damaged, swapped or replaced: named, never shown, never a panic.

mod common;

use common::{Said, World};

struct Firm {
    world: World,
    hurt: String,
    other: String,
}

impl Firm {
    fn new() -> Firm {
        let world = World::with_firm();
        let hurt = world.add("Éloïse Petit", &["--note", "likes Zanzibar"]);
        let other = world.add("Bob Stone", &[]);
        Firm { world, hurt, other }
    }

    fn bytes(&self, id: &str) -> Vec<u8> {
        std::fs::read(self.world.firm().join(self.world.contact_file(id))).unwrap()
    }

    /// Commits `content` as the hurt contact's file, as a member with git alone would.
    fn commit(&self, content: &[u8]) {
        let path = self.world.contact_file(&self.hurt);
        std::fs::write(self.world.firm().join(&path), content).unwrap();
        self.world.git(&["add", &path]).ok();
        self.world.git(&["-c", "commit.gpgsign=false", "commit", "-qm", "by hand"]).ok();
    }

    /// `gpg --symmetric` under `passphrase`.
    fn gpg(&self, passphrase: &str, text: &str) -> Vec<u8> {
        let (plain, sealed) = (self.world.path().join("plain"), self.world.path().join("sealed"));
        std::fs::write(&plain, text).unwrap();
        let _ = std::fs::remove_file(&sealed);
        let paths = [sealed.to_str().unwrap(), plain.to_str().unwrap()];
        self.world
            .gpg(&[
                "--passphrase",
                passphrase,
                "--s2k-count",
                "2048",
                "--output",
                paths[0],
                "--symmetric",
                paths[1],
            ])
            .ok();
        std::fs::read(sealed).unwrap()
    }

    /// Reading the hurt contact fails with `why` and its path; the other is read as ever.
    #[track_caller]
    fn reads_fail(&self, why: &str) {
        let head = self.world.head();
        let hurt = &self.hurt;
        let mut commands =
            vec![vec!["show", hurt], vec!["show", "--json", hurt], vec!["edit", hurt, "--set", "title=x"]];
        commands.extend([vec!["list"], vec!["find", "zanzibar"], vec!["show", "bob"], vec!["list", "-q"]]);
        for args in commands {
            let said = self.world.carnet(&args).code(1);
            self.check(&args, &said, why);
        }
        assert_eq!(self.world.head(), head);
        assert_eq!(self.world.git(&["status", "--porcelain"]).ok().out, "");
        assert!(self.world.carnet(&["show", &self.other]).ok().out.contains("Bob Stone"));
    }

    #[track_caller]
    fn check(&self, args: &[&str], said: &Said, why: &str) {
        assert!(said.err.contains(why), "{args:?} wanted {why:?}: {}", said.err);
        assert!(said.err.contains(&self.world.contact_file(&self.hurt)), "{args:?}: {}", said.err);
        let json = args.contains(&"--json");
        assert!(json || said.err.contains("hint: "), "{args:?}: {}", said.err);
        assert!(said.out.is_empty(), "{args:?}: {}", said.out);
        for private in ["panicked", "Zanzibar", "Éloïse", "Stone"] {
            assert!(!said.err.contains(private), "{args:?}: {}", said.err);
        }
    }

    /// The repository is put right by taking the file back from history.
    #[track_caller]
    fn heals(&self, good: &[u8]) {
        self.commit(good);
        assert!(self.world.carnet(&["show", &self.hurt]).ok().out.contains("Éloïse"));
        self.world.carnet(&["list"]).ok();
    }
}

#[test]
fn a_truncated_file_is_refused_wherever_it_was_cut() {
    let firm = Firm::new();
    let good = firm.bytes(&firm.hurt);
    for length in [0, 1, 2, 10, 40, 90, 100, 120, good.len() / 2, good.len() - 20, good.len() - 1] {
        firm.commit(&good[..length]);
        let said = firm.world.carnet(&["show", &firm.hurt]).code(1);
        firm.check(&["show"], &said, "damaged, or was encrypted by somebody else");
    }
    firm.reads_fail("damaged, or was encrypted by somebody else");
    firm.heals(&good);
}

#[test]
fn every_flipped_byte_is_noticed() {
    let firm = Firm::new();
    let good = firm.bytes(&firm.hurt);
    let step = good.len() / 24;
    for at in (0..good.len()).step_by(step) {
        let mut bad = good.clone();
        bad[at] ^= 0x41;
        firm.commit(&bad);
        let said = firm.world.carnet(&["show", &firm.hurt]).code(1);
        firm.check(&["show"], &said, "damaged");
    }
}

#[test]
fn another_contacts_file_in_this_place_is_refused() {
    let firm = Firm::new();
    firm.commit(&firm.bytes(&firm.other));
    firm.reads_fail("damaged, or was encrypted by somebody else");
}

#[test]
fn a_file_swapped_together_with_its_key_is_refused() {
    let firm = Firm::new();
    firm.commit(&firm.bytes(&firm.other));
    let store = firm.world.firm().join(".git/carnet/keys.git");
    let script = format!(
        "tree() {{ git ls-tree -r refs/carnet/keys; }}; \
         sha=$(tree | grep {other} | cut -f1 | cut -d' ' -f3); export GIT_INDEX_FILE=swap; \
         git read-tree refs/carnet/keys && git update-index --cacheinfo 100644,$sha,main/{fan}/{hurt}.pgp && \
         git update-ref refs/carnet/keys $(git -c user.name=x -c user.email=x commit-tree -m keys $(git write-tree)); \
         rm swap",
        other = firm.other,
        hurt = firm.hurt,
        fan = &firm.hurt[..2],
    );
    common::said(firm.world.command("sh", &store).args(["-c", &script]).output().unwrap()).ok();
    firm.reads_fail("it was swapped");
}

#[test]
fn what_a_stranger_encrypted_or_did_not_encrypt_is_refused() {
    let firm = Firm::new();
    let text = format!("id = \"{}\"\nbook = \"main\"\nname = \"Zanzibar\"\nsource = \"x\"\n", firm.hurt);
    firm.commit(&firm.gpg("0000", &text));
    firm.reads_fail("damaged, or was encrypted by somebody else");
    firm.commit(text.as_bytes());
    firm.reads_fail("damaged, or was encrypted by somebody else");
    let mut both = firm.bytes(&firm.other);
    both.extend(firm.gpg("0000", &text));
    firm.commit(&both);
    firm.reads_fail("damaged");
    for junk in
        [&[0xffu8; 4096][..], &[0; 300], b"\x85\x02\x0c", b"-----BEGIN PGP MESSAGE-----\n\nZanzibar\n"]
    {
        firm.commit(junk);
        firm.reads_fail("damaged");
    }
}

/// The contact's own passphrase, by the way that gpg goes.
fn contact_key(firm: &Firm) -> String {
    let script = r#"
        key=$(ls "$XDG_DATA_HOME"/carnet/keys/*.pgp); store=.git/carnet/keys.git; g="gpg --batch --quiet"
        $g --import "$key" && git -C $store show refs/carnet/keys:main/book.pgp | $g --decrypt >book
        git -C $store show "refs/carnet/keys:main/$(printf %.2s $1)/$1.pgp" |
            $g --pinentry-mode loopback --passphrase-fd 3 --decrypt 3<book; rm book
        gpgconf --kill all"#;
    let mut sh = firm.world.command("sh", &firm.world.firm());
    common::said(sh.args(["-c", script, "sh", &firm.hurt]).output().unwrap()).ok().first()
}

#[test]
fn a_member_who_writes_nonsense_under_the_right_key_gets_its_place_and_not_its_words() {
    let firm = Firm::new();
    let key = contact_key(&firm);
    let good = firm.world.carnet(&["show", &firm.hurt]).ok().out;
    firm.commit(&firm.gpg(&key, &good.replace("Petit", "Petit-Jean")));
    assert!(firm.world.carnet(&["find", "petit-jean"]).ok().out.contains("Petit-Jean"), "gpg can write too");
    for (from, to, why) in [
        ("kind = \"person\"", "kind = \"Zanzibar\"", "not a valid contact"),
        ("name = \"Éloïse Petit\"", "name = [\"Zanzibar\"]", "not a valid contact"),
        ("note = \"", "tags = \"Zanzibar\"\nnote = \"", "not a valid contact"),
        ("note = \"", "birthday = { x = \"Zanzibar\" }\nnote = \"", "not a valid contact"),
        ("note = \"likes", "note = likes", "not a valid contact"),
        ("legitimate-interests", "Zanzibar", "not a valid contact"),
        ("[[basis]]", "[[bases]]", "needs at least one legal basis"),
        ("source = \"fair\"", "", "not a valid contact"),
        ("book = \"main\"", "book = \"other\"", "it was swapped"),
    ] {
        assert!(good.contains(from), "{from} in {good}");
        firm.commit(&firm.gpg(&key, &good.replace(from, to)));
        firm.reads_fail(why);
    }
    firm.commit(&firm.gpg(&key, "\0\u{1}"));
    firm.reads_fail("not a valid contact");
}

#[test]
fn a_hand_edited_file_that_nobody_committed_is_said_before_it_is_shown() {
    let firm = Firm::new();
    let path = firm.world.contact_file(&firm.hurt);
    std::fs::write(firm.world.firm().join(&path), "hand-made").unwrap();
    let said = firm.world.carnet(&["show", &firm.hurt]).code(1);
    firm.check(&["show"], &said, "not clean");
    std::fs::remove_file(firm.world.firm().join(&path)).unwrap();
    let said = firm.world.carnet(&["show", &firm.hurt]).code(1);
    firm.check(&["show"], &said, "not clean");
    firm.world.git(&["restore", "."]).ok();
    firm.world.carnet(&["show", &firm.hurt]).ok();
}

#[test]
fn stray_files_among_the_contacts_disturb_nobody() {
    let firm = Firm::new();
    let dir = firm.world.firm().join("contacts/main").join(&firm.other[..2]);
    let stray = format!("{}.toml.pgp", &firm.other[..8]);
    for name in [stray.as_str(), "README", "..toml.pgp"] {
        std::fs::write(dir.join(name), "x").unwrap();
    }
    firm.world.git(&["add", "contacts"]).ok();
    firm.world.git(&["-c", "commit.gpgsign=false", "commit", "-qm", "stray"]).ok();
    assert!(firm.world.carnet(&["show", &firm.other[..8]]).ok().out.contains("Bob Stone"));
    assert_eq!(firm.world.carnet(&["list", "-q"]).ok().out.lines().count(), 2);
}

#[test]
fn a_damaged_contact_can_still_be_erased() {
    let firm = Firm::new();
    let whole = std::fs::read(firm.world.firm().join(firm.world.contact_file(&firm.hurt))).unwrap();
    firm.commit(&whole[..whole.len() / 2]);
    firm.world.carnet(&["erase", &firm.hurt, "--reason", "error", "--yes"]).ok();
    firm.world.carnet(&["show", &firm.hurt]).code(3);
    assert_eq!(firm.world.carnet(&["list", "-q"]).ok().out, format!("{}\n", firm.other));
}

#[test]
fn what_was_never_encrypted_is_not_said_to_be_unreadable() {
    let firm = Firm::new();
    firm.commit(b"name = \"In Clear\"\n");
    let said = firm.world.carnet(&["erase", &firm.hurt, "--reason", "error", "--yes"]).code(7);
    assert!(said.err.contains("NOT proven") && said.err.contains("no encrypted message"), "{}", said.err);
    assert!(!said.err.contains("In Clear"));
    firm.world.carnet(&["show", &firm.hurt]).code(3);
}
