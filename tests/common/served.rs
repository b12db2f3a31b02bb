//! A firm's own server: a bare repository that `carnet remote init` made, and plain git pushing to it.

use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use super::{Said, World, said};

pub const KEYS: &str = "+refs/carnet/keys:refs/carnet/keys";
pub const CHAINS: &str = "refs/carnet/access/*:refs/carnet/access/*";

/// A served repository.
pub struct Server {
    pub dir: PathBuf,
}

impl Server {
    /// Made by this world's firm, whose `origin` it is; nothing is pushed yet.
    pub fn new(world: &World) -> Server {
        world.carnet(&["remote", "init", "../served.git"]).ok();
        Server { dir: world.path().join("served.git") }
    }

    pub fn git(&self, world: &World, args: &[&str]) -> Said {
        said(world.command("git", &self.dir).args(args).output().unwrap())
    }

    pub fn tip(&self, world: &World, name: &str) -> String {
        self.git(world, &["rev-parse", "--verify", "-q", name]).first()
    }

    pub fn push(&self, world: &World, refspecs: &[&str]) -> Said {
        world.git(&[&["push", "-q", self.dir.to_str().unwrap()], refspecs].concat())
    }

    pub fn push_keys(&self, world: &World) -> Said {
        self.push_keys_as(world, &[KEYS])
    }

    pub fn push_keys_as(&self, world: &World, refspecs: &[&str]) -> Said {
        let store = world.firm().join(".git/carnet/keys.git");
        let mut command = world.command("git", &store);
        said(command.args(["push", "-q"]).arg(&self.dir).args(refspecs).output().unwrap())
    }

    /// Branch, chains and keys, all accepted.
    #[track_caller]
    pub fn push_all(&self, world: &World) {
        let chains = world.git(&["for-each-ref", "refs/carnet/access"]).ok().out;
        let refs: &[&str] = if chains.is_empty() { &["main"] } else { &["main", CHAINS] };
        self.push(world, refs).ok();
        self.push_keys(world).ok();
    }

    /// Every object and ref file, so that a refused push can be seen to leave nothing.
    pub fn files(&self) -> Vec<PathBuf> {
        files(&self.dir)
    }

    /// Whether any file of the repository holds these bytes, as they are or deflated.
    pub fn holds(&self, bytes: &[u8]) -> bool {
        files(&self.dir).iter().any(|file| {
            let raw = std::fs::read(file).unwrap();
            let mut inflated = Vec::new();
            let _ = std::io::Read::read_to_end(&mut flate2::read::ZlibDecoder::new(&raw[..]), &mut inflated);
            [raw, inflated].iter().any(|text| memchr::memmem::find(text, bytes).is_some())
        })
    }

    /// Whole, with nothing that nobody needs among the keys' objects, and no half-received push.
    #[track_caller]
    pub fn whole(&self, world: &World) {
        self.git(world, &["fsck", "--full", "--strict"]).ok();
        let needed = self.git(world, &["rev-list", "--objects", "--no-object-names", "refs/carnet/keys"]).out;
        let store = self.dir.join("carnet/keys.git");
        let all = ["cat-file", "--batch-all-objects", "--batch-check=%(objectname)", "--unordered"];
        let there = said(world.command("git", &store).args(all).output().unwrap()).ok().out;
        let sorted = |text: &str| {
            let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
            lines.sort();
            lines
        };
        assert_eq!(sorted(&there), sorted(&needed));
        assert!(self.files().iter().all(|file| !file.to_string_lossy().contains("incoming")));
    }
}

/// `git daemon` on a port of its own until the end of the test.
pub struct Daemon(Child, pub u16);

impl Drop for Daemon {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Serves every repository below `base` to this machine alone.
pub fn daemon(world: &World, base: &Path) -> Daemon {
    let port = free_port();
    let git = said(world.command("git", world.path()).arg("--exec-path").output().unwrap()).ok().first();
    // The program itself, so that ending it ends it.
    let mut command = world.command(PathBuf::from(git).join("git-daemon"), base);
    command.args(["--reuseaddr", "--export-all", "--enable=receive-pack", "--listen=127.0.0.1"]);
    command.arg(format!("--base-path={}", base.display())).arg(format!("--port={port}"));
    let child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let daemon = Daemon(child, port);
    assert!(is_listening(port, Duration::from_secs(10)));
    daemon
}

/// A port of loopback that nobody listens on.
pub fn free_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// Whether somebody listens on a port of loopback before the time is over.
pub fn is_listening(port: u16, patience: Duration) -> bool {
    let start = Instant::now();
    while start.elapsed() < patience {
        if std::net::TcpStream::connect(("127.0.0.1", port)).is_ok() {
            return true;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    false
}

/// All files below a directory but carnet's lock.
pub fn files(dir: &Path) -> Vec<PathBuf> {
    let all = walkdir::WalkDir::new(dir).sort_by_file_name().into_iter().map(Result::unwrap);
    all.filter(|e| e.file_type().is_file() && e.file_name() != "lock").map(|e| e.into_path()).collect()
}
