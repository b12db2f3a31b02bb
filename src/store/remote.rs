//! The `git` program, which does everything that has to do with other machines: fetch, push, ask.
//!
//! It runs with the user's own environment and configuration, so that ssh settings, agents and credential helpers
//! work as they are. No secret is ever among its arguments. What it says is captured: whoever shows it makes it inert.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use super::{Oid, Repo};
use crate::error::{Error, Result};

pub use super::push::{Outcome, Push, Pushed, RefPushed};

/// Where a clone keeps what it last saw of another repository's access chains.
pub const TRACKED_ACCESS: &str = "refs/carnet/remotes/";

/// What a clone fetches from a remote by its configuration: branches, and access chains beside its own.
pub fn tracking(remote: &str) -> [String; 2] {
    [
        format!("+refs/heads/*:refs/remotes/{remote}/*"),
        format!("+{}*:{TRACKED_ACCESS}{remote}/access/*", super::chain::ACCESS_REFS),
    ]
}

/// What git says when the key store was replaced at the remote, and the old one destroyed, in the middle of a fetch.
const REPLACED: [&str; 6] = [
    "not our ref",
    "did not send all necessary objects",
    "bad object",
    "bad tree object",
    "unable to read ",
    "remote error: upload-pack",
];

/// Variables that would point git at another repository than the one meant (`git rev-parse --local-env-vars`).
pub(super) const FOREIGN: [&str; 10] = [
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_OBJECT_DIRECTORY",
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_QUARANTINE_PATH",
    "GIT_COMMON_DIR",
    "GIT_PREFIX",
    "GIT_NAMESPACE",
    "GIT_SHALLOW_FILE",
];

/// Settings of the data repository that decide how a remote is reached; the key store's git needs them too.
const TRANSPORT: &str = r"^(core\.sshcommand|core\.gitproxy|ssh\.|http\.|credential\.|url\.|protocol\.)";

/// The `git` program at work in a directory.
#[derive(Clone, Debug)]
pub struct Git {
    dir: PathBuf,
    git_dir: Option<PathBuf>,
    may_ask: bool,
    /// Configuration that goes along in the environment, where nobody else sees it.
    config: Vec<(String, String)>,
}

impl Git {
    /// git in the work tree of a data repository; with `may_ask` it may ask for a password on the terminal.
    pub fn of(repo: &Repo, may_ask: bool) -> Git {
        Git::at(repo.root(), may_ask)
    }

    /// git in a directory that is no repository, or is one.
    pub fn at(dir: &Path, may_ask: bool) -> Git {
        Git { dir: dir.to_path_buf(), git_dir: None, may_ask, config: Vec::new() }
    }

    /// git on the key store of this repository, reaching remotes as this repository is set to.
    pub fn key_store(&self, path: &Path) -> Result<Git> {
        let found = self.run(&["config", "--local", "--null", "--get-regexp", TRANSPORT])?;
        let entry = |text: &str| text.split_once('\n').map(|(key, value)| (key.to_owned(), value.to_owned()));
        let mut config: Vec<(String, String)> = found.out.split('\0').filter_map(entry).collect();
        // Objects stay as they came until they are pruned; git's own clearing up would keep the replaced ones.
        for (key, value) in
            [("gc.auto", "0"), ("maintenance.auto", "false"), ("core.logAllRefUpdates", "false")]
        {
            config.push((key.to_owned(), value.to_owned()));
        }
        Ok(Git { git_dir: Some(path.to_path_buf()), config, ..self.clone() })
    }

    /// Fetches `refspecs` from a remote's name or URL. With `prune`, refs that the remote has no more go.
    pub fn fetch(&self, from: &str, refspecs: &[String], prune: bool) -> Result<()> {
        let mut args =
            vec!["fetch", "--quiet", "--no-tags", "--no-write-fetch-head", "--no-auto-maintenance"];
        args.extend(["--no-recurse-submodules", if prune { "--prune" } else { "--no-prune" }, "--", from]);
        args.extend(refspecs.iter().map(String::as_str));
        let mut said = self.run(&args)?;
        for pause in [50, 200, 800] {
            if said.ok || !REPLACED.iter().any(|sign| said.err.contains(sign)) {
                break;
            }
            std::thread::sleep(Duration::from_millis(pause));
            said = self.run(&args)?;
        }
        if said.ok {
            return Ok(());
        }
        let full = said.err.contains("No space left on device");
        let error = if full { disk_is_full() } else { not_reached() };
        Err(error.at(shown(from)).cause(last_words(&said.err)))
    }

    /// Pushes to a remote's name or URL.
    pub fn push(&self, to: &str, push: &Push) -> Result<Pushed> {
        let mut args = vec!["push".to_owned(), "--porcelain".into(), "--no-recurse-submodules".into()];
        if push.atomic {
            args.push("--atomic".into());
        }
        for (name, expected) in &push.leases {
            let expected = expected.map(|id| id.to_string()).unwrap_or_default();
            args.push(format!("--force-with-lease={name}:{expected}"));
        }
        args.extend(["--".to_owned(), to.to_owned()]);
        args.extend(push.refspecs.iter().cloned());
        let said = self.run(&args.iter().map(String::as_str).collect::<Vec<_>>())?;
        Ok(Pushed::read(said.ok, &said.out, said.err))
    }

    /// What a remote has of refs that fit one of `patterns` (all of them when there is none).
    pub fn ls_remote(&self, url: &str, patterns: &[&str]) -> Result<Vec<(String, Oid)>> {
        let said = self.run(&[&["ls-remote", "--quiet", "--", url], patterns].concat())?;
        if !said.ok {
            return Err(not_reached().at(shown(url)).cause(last_words(&said.err)));
        }
        let pair = |line: &str| {
            let (id, name) = line.split_once('\t')?;
            Some((name.to_owned(), Oid::from_str(id).ok()?))
        };
        Ok(said.out.lines().filter_map(pair).collect())
    }

    /// Whether no remote is configured.
    pub fn has_no_remote(&self) -> Result<bool> {
        Ok(self.run(&["remote"])?.out.trim().is_empty())
    }

    /// The URL of a remote, with git's own rewriting done; a relative path is resolved against the work tree.
    pub fn remote_url(&self, name: &str) -> Result<Option<String>> {
        let said = self.run(&["remote", "get-url", "--", name])?;
        let url = said.out.lines().next().filter(|url| said.ok && !url.is_empty());
        Ok(url.map(|url| resolve(&self.dir, url)))
    }

    /// Where the key store is pushed and fetched: `carnet.keysRemote` (a remote's name or a URL), else the remote's own URL.
    pub fn keys_url(&self, remote: &str) -> Result<Option<String>> {
        let said = self.run(&["config", "--get", "carnet.keysRemote"])?;
        match said.out.lines().next().filter(|url| said.ok && !url.is_empty()) {
            None => self.remote_url(remote),
            Some(set) => Ok(Some(match self.remote_url(set)? {
                Some(url) => url,
                None => resolve(&self.dir, set),
            })),
        }
    }

    pub(super) fn may_ask(&self) -> bool {
        self.may_ask
    }

    pub(super) fn run(&self, args: &[&str]) -> Result<Said> {
        let mut command = Command::new("git");
        for name in FOREIGN {
            command.env_remove(name);
        }
        if let Some(git_dir) = &self.git_dir {
            command.env("GIT_DIR", git_dir);
        }
        add_config(&mut command, &self.config);
        if !self.may_ask {
            command
                .env("GIT_TERMINAL_PROMPT", "0")
                .env("SSH_ASKPASS_REQUIRE", "never")
                .env("GIT_ASKPASS", "");
            let ssh = ["GIT_SSH", "GIT_SSH_COMMAND"].iter().all(|name| std::env::var_os(name).is_none());
            if ssh && !self.has_ssh_command() {
                command.env("GIT_SSH_COMMAND", "ssh -o BatchMode=yes");
            }
        }
        command.env("LC_ALL", "C").current_dir(&self.dir).args(args);
        spawn(command, self.may_ask)
    }

    /// Whether `core.sshCommand` is set anywhere; what the user chose is left as it is.
    fn has_ssh_command(&self) -> bool {
        self.config.iter().any(|(key, _)| key == "core.sshcommand")
            || git2::Repository::open(&self.dir)
                .and_then(|repo| repo.config())
                .or_else(|_| git2::Config::open_default())
                .and_then(|mut config| config.snapshot())
                .is_ok_and(|config| config.get_str("core.sshCommand").is_ok())
    }
}

/// What a program answered.
pub(super) struct Said {
    pub(super) ok: bool,
    pub(super) code: Option<i32>,
    pub(super) out: String,
    pub(super) err: String,
}

/// Runs a program to its end and takes what it says.
pub(super) fn spawn(mut command: Command, may_ask: bool) -> Result<Said> {
    let program = command.get_program().to_string_lossy().into_owned();
    let stdin = if may_ask { Stdio::inherit() } else { Stdio::null() };
    let output =
        command.stdin(stdin).stdout(Stdio::piped()).stderr(Stdio::piped()).output().map_err(|e| {
            Error::failed(format!("`{program}` could not be started"))
                .cause(e)
                .hint(format!("install {program}, or put it on the PATH"))
        })?;
    Ok(Said {
        ok: output.status.success(),
        code: output.status.code(),
        out: String::from_utf8_lossy(&output.stdout).into_owned(),
        err: String::from_utf8_lossy(&output.stderr).into_owned(),
    })
}

/// Adds configuration after what the environment brings already (git-config(1), `GIT_CONFIG_COUNT`).
fn add_config(command: &mut Command, config: &[(String, String)]) {
    if config.is_empty() {
        return;
    }
    let count = std::env::var("GIT_CONFIG_COUNT").ok().and_then(|n| n.parse::<usize>().ok()).unwrap_or(0);
    for (at, (key, value)) in config.iter().enumerate() {
        command.env(format!("GIT_CONFIG_KEY_{}", count + at), key);
        command.env(format!("GIT_CONFIG_VALUE_{}", count + at), value);
    }
    command.env("GIT_CONFIG_COUNT", (count + config.len()).to_string());
}

/// A URL or path as it can be used from anywhere: a relative path is taken from `root`.
pub fn resolve(root: &Path, url: &str) -> String {
    if !is_local_path(url) || Path::new(url).is_absolute() {
        return url.to_owned();
    }
    let joined: OsString = root.join(url).into();
    joined.into_string().unwrap_or_else(|_| url.to_owned())
}

/// Whether git takes it for a path: no scheme, and no `host:` before the first slash (gitrevisions of urls, git-fetch(1)).
pub fn is_local_path(url: &str) -> bool {
    if url.contains("://") || url.contains("::") {
        return false;
    }
    url.split('/').next().is_none_or(|first| !first.contains(':'))
}

/// A URL without the password that somebody may have put into it.
pub fn shown(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else { return url.to_owned() };
    let end = rest.find('/').unwrap_or(rest.len());
    match rest
        .get(..end)
        .and_then(|host| host.rfind('@'))
        .and_then(|at| Some((rest.get(..at)?, rest.get(at..)?)))
    {
        // A token may stand where the user's name would.
        Some((_, host)) if scheme.starts_with("http") => {
            format!("{scheme}://{}", host.trim_start_matches('@'))
        }
        Some((user, host)) => {
            let user = user.split(':').next().unwrap_or_default();
            format!("{scheme}://{user}{host}")
        }
        None => url.to_owned(),
    }
}

fn disk_is_full() -> Error {
    Error::failed("there is no room for what the remote has")
        .hint("free some space, then run the command again")
}

pub(super) fn not_reached() -> Error {
    Error::failed("the remote cannot be reached, or is no repository")
        .hint("check the address, the network and your rights there; `git ls-remote URL` tries it by hand")
}

/// The lines that say most: git's errors and what the remote said, without passwords in URLs.
pub fn last_words(said: &str) -> String {
    let lines = said.lines().map(str::trim).filter(|line| !line.is_empty());
    let telling = |line: &&str| {
        let advice = line.starts_with("hint:") || line.starts_with("error: failed to push some refs");
        !advice && !line.starts_with("Please make sure") && !line.starts_with("and the repository exists")
    };
    let lines: Vec<String> = lines
        .filter(telling)
        .map(|line| line.split(' ').map(|w| shown(w.trim_matches('\''))).collect::<Vec<_>>().join(" "))
        .collect();
    match lines.len() {
        0 => "git did not say why".to_owned(),
        n => lines.get(n.saturating_sub(6)..).unwrap_or_default().join("; "),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_taken_from_the_work_tree_and_addresses_are_left() {
        let root = Path::new("/home/ana/firm");
        assert_eq!(resolve(root, "../firm.git"), "/home/ana/firm/../firm.git");
        for url in
            ["/srv/firm.git", "https://x.org/a", "ana@x.org:firm.git", "ssh://x/a", "file:///a", "ext::sh"]
        {
            assert_eq!(resolve(root, url), url);
        }
        assert_eq!(resolve(root, "./a:b"), "/home/ana/firm/./a:b");
    }

    #[test]
    fn a_password_in_an_address_is_not_shown() {
        assert_eq!(shown("https://ana:secret@x.org/a@b"), "https://x.org/a@b");
        assert_eq!(shown("ssh://git:secret@x.org/a"), "ssh://git@x.org/a");
        assert_eq!(shown("https://x.org/a@b:c"), "https://x.org/a@b:c");
        let said = "fatal: unable to access 'https://ana:secret@x.org/a/': 403";
        assert!(!last_words(said).contains("secret"), "{}", last_words(said));
    }
}
