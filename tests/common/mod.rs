//! A world of its own for each test: home, configuration, keyring and data directory, and a fixed clock.

#![allow(dead_code, reason = "each test file uses its part")]

pub mod served;
pub mod team;

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// The moment at which tests begin.
pub const NOW: &str = "2026-11-23T10:00:00Z";

/// Everything that a test touches lies below one temporary directory.
pub struct World {
    dir: tempfile::TempDir,
    /// What `CARNET_NOW` says.
    pub now: String,
}

/// What a program said.
#[derive(Debug)]
pub struct Said {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl Said {
    /// The same, after checking the exit code.
    #[track_caller]
    pub fn code(self, code: i32) -> Said {
        assert_eq!(self.code, code, "stdout: {}\nstderr: {}", self.out, self.err);
        self
    }
    #[track_caller]
    pub fn ok(self) -> Said {
        self.code(0)
    }
    /// The first line of stdout.
    pub fn first(&self) -> String {
        self.out.lines().next().unwrap_or_default().to_owned()
    }
    /// The data of a JSON answer.
    #[track_caller]
    pub fn json(&self) -> serde_json::Value {
        let mut value: serde_json::Value = serde_json::from_str(&self.out).expect("JSON on stdout");
        value["data"].take()
    }
}

impl World {
    pub fn new() -> World {
        let dir = tempfile::tempdir().unwrap();
        for name in ["home", "data", "config", "gnupg", "run"] {
            std::fs::create_dir(dir.path().join(name)).unwrap();
        }
        use std::os::unix::fs::PermissionsExt;
        std::fs::set_permissions(dir.path().join("gnupg"), PermissionsExt::from_mode(0o700)).unwrap();
        World { dir, now: NOW.to_owned() }
    }

    /// A world with a data repository in `firm`, an open software key and member `ana`.
    pub fn with_firm() -> World {
        let world = World::new();
        world
            .carnet_in(
                world.path(),
                &[
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
                    "--no-passphrase",
                ],
            )
            .ok();
        world
    }

    pub fn path(&self) -> &Path {
        self.dir.path()
    }
    pub fn firm(&self) -> PathBuf {
        self.path().join("firm")
    }

    /// A program with nothing of the outside world but PATH.
    pub fn command(&self, program: impl AsRef<std::ffi::OsStr>, dir: &Path) -> Command {
        let mut command = Command::new(program);
        command
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", self.path().join("home"))
            .env("XDG_DATA_HOME", self.path().join("data"))
            .env("XDG_CONFIG_HOME", self.path().join("config"))
            .env("XDG_RUNTIME_DIR", self.path().join("run"))
            .env("GNUPGHOME", self.path().join("gnupg"))
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .env("GIT_AUTHOR_DATE", "@1795428000 +0000")
            .env("GIT_COMMITTER_DATE", "@1795428000 +0000")
            .env("LC_ALL", "C.UTF-8")
            .env("TZ", "UTC")
            .env("CARNET_NOW", &self.now)
            .current_dir(dir)
            .stdin(Stdio::null());
        command
    }

    /// `carnet` in the firm's data repository.
    pub fn carnet(&self, args: &[&str]) -> Said {
        self.carnet_in(&self.firm(), args)
    }

    pub fn carnet_in(&self, dir: &Path, args: &[&str]) -> Said {
        let mut command = self.command(env!("CARGO_BIN_EXE_carnet"), dir);
        said(command.args(args).output().unwrap())
    }

    /// `carnet` with text on stdin.
    pub fn carnet_with_input(&self, args: &[&str], input: &[u8]) -> Said {
        use std::io::Write;
        let mut command = self.command(env!("CARGO_BIN_EXE_carnet"), &self.firm());
        let mut child = command
            .args(args)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stdin = child.stdin.take().unwrap();
        let input = input.to_vec();
        let writer = std::thread::spawn(move || stdin.write_all(&input));
        let output = child.wait_with_output().unwrap();
        let _ = writer.join();
        said(output)
    }

    /// `git` in the firm's data repository.
    pub fn git(&self, args: &[&str]) -> Said {
        said(self.command("git", &self.firm()).args(args).output().unwrap())
    }

    /// `gpg` with this world's keyring.
    pub fn gpg(&self, args: &[&str]) -> Said {
        let mut command = self.command("gpg", self.path());
        said(command.args(["--batch", "--quiet", "--pinentry-mode", "loopback"]).args(args).output().unwrap())
    }

    /// Adds a contact and returns its id.
    #[track_caller]
    pub fn add(&self, name: &str, more: &[&str]) -> String {
        let mut args =
            vec!["add", "--name", name, "--source", "fair", "--basis", "prospects:legitimate-interests"];
        args.extend_from_slice(more);
        self.carnet(&args).ok().first()
    }

    /// The path of a contact file from the top of the data repository.
    pub fn contact_file(&self, id: &str) -> String {
        format!("contacts/main/{}/{id}.toml.pgp", &id[..2])
    }

    pub fn head(&self) -> String {
        self.git(&["rev-parse", "HEAD"]).ok().first()
    }

    /// Imports the members' certificates into this world's keyring, as an outside auditor would.
    pub fn trust_members(&self) {
        self.gpg(&["--import", self.firm().join("members/ana.asc").to_str().unwrap()]).ok();
    }
}

pub fn said(output: Output) -> Said {
    Said {
        code: output.status.code().unwrap_or(-1),
        out: String::from_utf8_lossy(&output.stdout).into_owned(),
        err: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}
