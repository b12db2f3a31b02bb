//! Asking remotes for destroyed key messages, by their ids.
//!
//! The `git` program does the network. An object that no ref leads to cannot be listed, only asked for; a server that
//! refuses such questions answers like one that has it not. So it is first asked for an object that it must have:
//! where that is refused too, the answer is not known.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde::Serialize;

use super::Vault;
use crate::error::{Error, Result};
use crate::store::Oid;
use crate::store::keystore::KEYS_REF;

/// How many ids one remote is asked for, unless one erasure is asked about.
pub const ASKED: usize = 20;

/// What a remote says of destroyed key messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Holding {
    /// It has none of them.
    Gone,
    /// It still has one.
    Held,
    /// It cannot be asked.
    Unknown,
}

/// A remote, by its name in git's configuration: its address may hold a password.
#[derive(Clone, Debug, Serialize)]
pub struct RemoteAnswer {
    pub remote: String,
    pub holds: Holding,
    /// Ids of the key messages that it still has.
    pub held: Vec<String>,
    /// Why it is not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
}

/// A remote that can be asked for any object.
pub struct Asked<'a> {
    vault: &'a Vault,
    pub name: String,
    url: String,
    refusal: Option<String>,
}

impl Vault {
    /// The remotes of this clone, and that of the key store where it is another, each tried once.
    pub fn remotes_to_ask(&self) -> Result<Vec<Asked<'_>>> {
        let mut remotes: Vec<(String, String)> = Vec::new();
        let names = self.git(&["remote"])?;
        for name in String::from_utf8_lossy(&names.stdout).lines() {
            let url = self.git(&["remote", "get-url", name])?;
            remotes.push((name.to_owned(), String::from_utf8_lossy(&url.stdout).trim().to_owned()));
        }
        if let Some(url) = self.repo.config("carnet.keysRemote")? {
            // It may be a remote's name, or an address.
            if !remotes.iter().any(|(name, known)| *name == url || *known == url) {
                remotes.push(("carnet.keysRemote".into(), url));
            }
        }
        remotes.into_iter().map(|(name, url)| self.try_remote(name, url)).collect()
    }

    /// One remote, tried once.
    pub(super) fn remote_to_ask(&self, name: &str, url: &str) -> Result<Asked<'_>> {
        self.try_remote(name.to_owned(), url.to_owned())
    }

    fn try_remote(&self, name: String, url: String) -> Result<Asked<'_>> {
        let mut asked = Asked { vault: self, name, url, refusal: None };
        let listed = self.git(&["ls-remote", "--", &asked.url])?;
        if !listed.status.success() {
            asked.refusal = Some("it cannot be reached".into());
            return Ok(asked);
        }
        asked.refusal = match self.control(&String::from_utf8_lossy(&listed.stdout)) {
            None => Some("nothing of what it has is known here, so its answers cannot be judged".into()),
            Some(control) => match asked.fetch(control)? {
                Holding::Held => None,
                _ => Some("it gives out no object that no ref names".into()),
            },
        };
        Ok(asked)
    }

    /// A file that the remote must have and that no ref names: from a tip which is known here too.
    fn control(&self, listed: &str) -> Option<Oid> {
        listed.lines().find_map(|line| {
            let (id, refname) = line.split_once('\t')?;
            let id = Oid::from_str(id).ok()?;
            if refname == KEYS_REF {
                let known = self.keys.tip().ok().flatten() == Some(id);
                return self.keys.list().ok().filter(|_| known)?.first().map(|entry| entry.id);
            }
            let tree = self.repo.tree_of(id).ok()?;
            self.repo.root_entry(tree, "carnet.toml").ok().flatten()
        })
    }

    fn git(&self, args: &[&str]) -> Result<Output> {
        let mut command = Command::new("git");
        command.args(["-c", "protocol.version=2"]).args(args);
        run(&mut command, self.repo.root())
    }
}

impl Asked<'_> {
    /// Asks for key messages.
    pub fn holds(&self, ids: &BTreeSet<Oid>) -> Result<RemoteAnswer> {
        let mut answer = RemoteAnswer {
            remote: self.name.clone(),
            holds: Holding::Unknown,
            held: Vec::new(),
            why: self.refusal.clone(),
        };
        if answer.why.is_none() && ids.is_empty() {
            answer.why = Some("the ledger does not say which key messages were destroyed".into());
        }
        if answer.why.is_some() {
            return Ok(answer);
        }
        answer.holds = Holding::Gone;
        for id in ids {
            match self.fetch(*id)? {
                Holding::Gone => {}
                Holding::Held => answer.held.push(id.to_string()),
                Holding::Unknown => answer.why = Some("the connection failed in between".into()),
            }
        }
        if !answer.held.is_empty() {
            answer.holds = Holding::Held;
        } else if answer.why.is_some() {
            answer.holds = Holding::Unknown;
        }
        Ok(answer)
    }

    /// Fetches one object into a repository that is thrown away.
    fn fetch(&self, id: Oid) -> Result<Holding> {
        let dir = tempfile::Builder::new().prefix("carnet-").tempdir_in(volatile())?;
        let git_dir = dir.path().join("asked.git");
        let root = self.vault.repo.root();
        let mut init = Command::new("git");
        init.args(["init", "-q", "--bare", "--template="]).arg(&git_dir);
        if !run(&mut init, root)?.status.success() {
            return Err(Error::failed("git could not make a temporary repository")
                .hint("check that the disk is writable and not full"));
        }
        // The clone's own settings say how to reach the remote (ssh command, credentials, other addresses).
        let config = self.vault.private_dir().with_file_name("config");
        let include = format!("include.path={}", std::path::absolute(&config)?.display());
        let mut fetch = Command::new("git");
        fetch.arg("--git-dir").arg(&git_dir).args(["-c", &include, "-c", "protocol.version=2"]);
        fetch.args(["fetch", "-q", "--no-tags", "--no-write-fetch-head", "--no-auto-gc", "--refmap="]);
        fetch.args(["--no-recurse-submodules", "--", &self.url, &id.to_string()]);
        let output = run(&mut fetch, root)?;
        if output.status.success() {
            return Ok(Holding::Held);
        }
        let said = String::from_utf8_lossy(&output.stderr);
        Ok(if said.contains("not our ref") { Holding::Gone } else { Holding::Unknown })
    }
}

/// Runs git without anybody to ask, in the C locale, since its messages are read.
fn run(command: &mut Command, dir: &Path) -> Result<Output> {
    command
        .current_dir(dir)
        .env_remove("GIT_DIR")
        .env_remove("GIT_WORK_TREE")
        .env_remove("GIT_INDEX_FILE")
        .env("LC_ALL", "C")
        .env("GIT_TERMINAL_PROMPT", "0")
        .stdin(Stdio::null())
        .output()
        .map_err(|e| Error::from(e).at("git").hint("install git, or put it on the PATH"))
}

/// Where what is thrown away leaves nothing on a disk, if there is such a place.
fn volatile() -> PathBuf {
    let runtime = std::env::var_os("XDG_RUNTIME_DIR").map(PathBuf::from);
    runtime
        .into_iter()
        .chain([PathBuf::from("/dev/shm")])
        .find(|dir| dir.is_absolute() && tempfile::tempfile_in(dir).is_ok())
        .unwrap_or_else(std::env::temp_dir)
}
