//! A firm that is killed again and again, always from the same state, and what must hold of it afterwards.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use carnet::store::trees::Entry;
use carnet::vault::{Surroundings, Vault};

use super::common::{World, said};
use super::moments::{Moment, by_call};

/// Every contact with all that it holds, by id.
pub type Contacts = BTreeMap<String, serde_json::Value>;

pub struct Firm {
    pub world: World,
    /// The contact that is edited or erased.
    pub target: String,
    /// The contacts of the state before any kill.
    pub before: Contacts,
    /// The copy that [`Firm::restore`] brings back.
    pub kept: PathBuf,
}

impl Firm {
    /// Three contacts, one of them edited, one more that was erased, and an index.
    pub fn new() -> Firm {
        let world = World::with_firm();
        world.add("Bob Stone", &["--note", "steady"]);
        let target = world.add("Éloïse Petit", &["--email", "eloise@example.org"]);
        world.add("Zed", &[]);
        world.carnet(&["edit", &target, "--set", "custom.size=38"]).ok();
        let gone = world.add("Carl Gone", &[]);
        world.carnet(&["list"]).ok();
        world.carnet(&["erase", &gone, "--reason", "error", "--yes"]).ok();
        let kept = world.path().join("kept");
        let mut firm = Firm { world, target, before: Contacts::new(), kept };
        firm.keep();
        firm
    }

    /// Makes the present state the one before any kill.
    pub fn keep(&mut self) {
        self.before = self.contacts();
        copy(&self.world.firm(), &self.kept);
    }

    /// Makes the present state, half done as it is, the one to restore; returns where the other is kept.
    pub fn set_aside(&mut self, name: &str) -> PathBuf {
        let aside = self.world.path().join(name);
        copy(&self.world.firm(), &aside);
        std::mem::replace(&mut self.kept, aside)
    }

    pub fn restore(&self) {
        copy(&self.kept, &self.world.firm());
    }

    /// Runs carnet and kills it at the moment; false when it ended before.
    pub fn strike(&self, moment: &Moment, args: &[&str]) -> bool {
        moment.strike(&self.world, &self.world.firm(), args)
    }

    /// Every call of an undisturbed run that changes a file, thinned out to about `n`.
    pub fn calls(&self, args: &[&str], n: usize) -> Vec<Moment> {
        self.restore();
        by_call(&self.world, &self.world.firm(), args, n)
    }

    pub fn contacts(&self) -> Contacts {
        let all = self.world.carnet(&["export", "--format", "json"]).ok().json();
        let id = |contact: &serde_json::Value| contact["id"].as_str().unwrap().to_owned();
        all.as_array().unwrap().iter().map(|contact| (id(contact), contact.clone())).collect()
    }

    /// Whether a journal says that an operation did not end.
    pub fn interrupted(&self) -> bool {
        self.world.firm().join(".git/carnet/pending").exists()
    }

    /// Lock files of git's kind, in the main repository and in the key store.
    pub fn git_locks(&self) -> Vec<PathBuf> {
        files(&self.world.firm().join(".git"))
            .into_iter()
            .filter(|path| path.extension().is_some_and(|e| e == "lock"))
            .collect()
    }

    /// Whatever command comes first works; `verify`, which changes nothing, says that one was interrupted.
    #[track_caller]
    pub fn next_command(&self, n: usize, at: &str) {
        let purpose = ["purpose", "add", "p1", "--title", "T", "--description", "d", "--basis", "contract"];
        let commands: [&[&str]; 6] =
            [&["list", "-q"], &["doctor"], &["show", "Bob"], &["find", "steady"], &purpose, &["verify"]];
        let args = commands[n % commands.len()];
        let interrupted = self.interrupted();
        let said = self.world.carnet(args);
        if args == ["verify"] && interrupted {
            assert!(said.code == 7 && said.out.contains("interrupted: "), "{at}: {said:?}");
            self.world.carnet(&["list"]).ok();
        } else {
            assert_eq!(said.code, 0, "{at}, then {args:?}: {said:?}");
        }
    }

    /// Everything that holds of a repository that nobody is working in; returns its contacts.
    #[track_caller]
    pub fn whole(&self, at: &str) -> Contacts {
        let (world, git) = (&self.world, self.world.firm().join(".git"));
        let doctor = world.carnet(&["doctor"]);
        assert!(doctor.code == 0 && !doctor.out.contains("found:"), "{at}: {doctor:?}");
        let verify = world.carnet(&["verify"]);
        assert_eq!(verify.code, 0, "{at}: {verify:?}");
        let status = world.git(&["status", "--porcelain"]);
        assert_eq!(status.out, "", "{at}");
        let fsck = world.git(&["fsck", "--strict", "--no-dangling"]);
        assert!(fsck.code == 0 && fsck.err.is_empty(), "{at}: {fsck:?}");
        let store = git.join("carnet/keys.git");
        let in_store = |args: &[&str]| said(world.command("git", &store).args(args).output().unwrap());
        let fsck = in_store(&["fsck", "--strict", "--unreachable"]);
        assert!(fsck.code == 0 && fsck.out.is_empty(), "{at}: {fsck:?}");
        let vault = self.open();
        let tree = vault.snapshot().unwrap().tree;
        let contacts = ids(vault.repo.list(tree, "contacts").unwrap());
        let mut keys = vault.keys.list().unwrap();
        keys.retain(|entry| entry.path != "main/book.pgp");
        let mut sealed = [contacts.clone(), ids(vault.repo.list(tree, "records").unwrap())].concat();
        sealed.sort();
        assert_eq!(ids(keys), sealed, "{at}: keys and sealed files differ");
        let now = self.contacts();
        assert!(contacts.iter().eq(now.keys()), "{at}");
        // The index may lag behind, but it may not keep what is gone.
        assert!(indexed(&vault).iter().all(|id| contacts.contains(id)), "{at}: the index keeps what is gone");
        assert!(!self.interrupted() && self.git_locks().is_empty(), "{at}: {:?}", self.git_locks());
        let strays: Vec<_> = files(&store).into_iter().filter(|p| !belongs(&store, p)).collect();
        assert!(strays.is_empty(), "{at}: {strays:?} in the key store");
        now
    }

    fn open(&self) -> Vault {
        let around = Surroundings {
            now: self.world.now.parse().unwrap(),
            data_home: self.world.path().join("data"),
            passphrase_file: None,
            no_input: true,
        };
        Vault::open(&self.world.firm(), &around).unwrap()
    }
}

/// The contacts that the sealed index on disk holds rows of.
fn indexed(vault: &Vault) -> Vec<String> {
    let book = "main".parse().unwrap();
    let key = vault.book_key(&book).unwrap();
    // One that is sealed under a book key that was replaced since opens to no reader, and is built anew.
    let Some(index) = vault.stored_index(&book, &key, true) else { return Vec::new() };
    index.rows().iter().map(|row| row.id.to_owned()).collect()
}

/// Whether a file may be in a key store between two commands.
fn belongs(store: &Path, path: &Path) -> bool {
    let name = path.strip_prefix(store).unwrap().to_str().unwrap();
    let hex = |text: &str, n| text.len() == n && text.chars().all(|c| c.is_ascii_hexdigit());
    match name.split('/').collect::<Vec<_>>()[..] {
        ["HEAD" | "config" | "description"] | ["hooks" | "info", _] | ["refs", "carnet", "keys"] => true,
        ["objects", fan, rest] if hex(fan, 2) => hex(rest, 38),
        ["objects", "pack", pack] => {
            let pair = [path.with_extension("pack"), path.with_extension("idx")];
            pack.starts_with("pack-") && pair.iter().all(|p| p.exists())
        }
        _ => false,
    }
}

/// The contact ids in a list of files, in order.
fn ids(files: Vec<Entry>) -> Vec<String> {
    let name = |entry: &Entry| entry.path.rsplit('/').next().unwrap().split('.').next().unwrap().to_owned();
    let mut ids: Vec<String> = files.iter().map(name).collect();
    ids.sort();
    ids
}

pub fn files(dir: &Path) -> Vec<PathBuf> {
    let entries = walkdir::WalkDir::new(dir).into_iter().flatten();
    entries.filter(|e| e.file_type().is_file()).map(walkdir::DirEntry::into_path).collect()
}

/// Replaces `to` by a copy of `from`, times of files included. Git's objects never change: they are linked.
pub fn copy(from: &Path, to: &Path) {
    let _ = std::fs::remove_dir_all(to);
    for entry in walkdir::WalkDir::new(from) {
        let entry = entry.unwrap();
        let (path, new) = (entry.path(), to.join(entry.path().strip_prefix(from).unwrap()));
        if entry.file_type().is_dir() {
            std::fs::create_dir(new).unwrap();
        } else if path.components().any(|part| part.as_os_str() == "objects") {
            std::fs::hard_link(path, new).unwrap();
        } else {
            std::fs::copy(path, &new).unwrap();
            let time = entry.metadata().unwrap().modified().unwrap();
            std::fs::File::options().write(true).open(&new).unwrap().set_modified(time).unwrap();
        }
    }
}
