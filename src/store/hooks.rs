//! A user's own programs: where they are told of, whom that is believed from, and running one.
//!
//! Never taken from a data repository: whoever can push to it could run anything at everybody's. So neither the file that
//! names them nor a program may lie in it, and nobody but the user may be able to write the file, as ssh has it for its own.

use std::io::Write;
use std::os::unix::fs::MetadataExt;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, geteuid, kill_process_group};
use zeroize::Zeroizing;

use crate::error::{Error, Result};

/// Variables that a hook sees; everything else is left out, for it may tell of passphrases, agents and other work.
pub const ENVIRONMENT: [&str; 11] = [
    "PATH",
    "HOME",
    "USER",
    "LOGNAME",
    "LANG",
    "LANGUAGE",
    "LC_ALL",
    "LC_CTYPE",
    "LC_MESSAGES",
    "TZ",
    "TMPDIR",
];

/// `$XDG_CONFIG_HOME/carnet/hooks.toml`, or `~/.config/carnet/hooks.toml` (XDG Base Directory Specification).
pub fn file() -> Option<PathBuf> {
    let config = std::env::var_os("XDG_CONFIG_HOME").map(PathBuf::from).filter(|dir| dir.is_absolute());
    let config =
        config.or_else(|| Some(std::env::home_dir().filter(|home| home.is_absolute())?.join(".config")))?;
    Some(config.join("carnet").join("hooks.toml"))
}

/// The text of the file; none where there is no file.
///
/// # Errors
/// Refused when somebody else could have written it, or when it lies in the data repository `root`.
pub fn read(path: &Path, root: Option<&Path>) -> Result<Option<String>> {
    let Ok(real) = path.canonicalize() else { return Ok(None) };
    outside(&real, root)?;
    let place = || path.display().to_string();
    // Whoever may write the directory may put another file there.
    for one in [Some(real.as_path()), real.parent(), path.parent()].into_iter().flatten() {
        let meta = std::fs::metadata(one)?;
        let mine = meta.uid() == geteuid().as_raw() || meta.uid() == 0;
        if !mine || meta.mode() & 0o022 != 0 {
            return Err(Error::refused("others could have written the hooks, so none is run")
                .at(place())
                .hint(format!("`chmod go-w {}`, if what stands there is yours", one.display())));
        }
    }
    std::fs::read_to_string(&real).map(Some).map_err(|e| Error::from(e).at(place()))
}

/// The program that a hook names: by its whole path, below the home directory, or by its name on the PATH.
///
/// # Errors
/// Not found; refused when it lies in the data repository, or anybody may write it.
pub fn program(name: &str, root: &Path) -> Result<PathBuf> {
    let found = if let Some(below) = name.strip_prefix("~/") {
        std::env::home_dir().map(|home| home.join(below))
    } else if name.starts_with('/') {
        Some(PathBuf::from(name))
    } else {
        let path = std::env::var_os("PATH").unwrap_or_default();
        std::env::split_paths(&path)
            .filter(|dir| dir.is_absolute())
            .map(|dir| dir.join(name))
            .find(|path| path.metadata().is_ok_and(|meta| meta.is_file() && meta.mode() & 0o111 != 0))
    };
    let missing = || {
        Error::not_found("there is no such program")
            .hint("`run` is a program and its arguments, without a shell")
    };
    let found = found.ok_or_else(missing)?;
    let real = found.canonicalize().map_err(|_| missing())?;
    outside(&real, Some(root))?;
    let meta = real.metadata()?;
    if meta.mode() & 0o002 != 0 {
        return Err(
            Error::refused("anybody may change this program").hint(format!("`chmod o-w {}`", real.display()))
        );
    }
    // By the name that it was given: some programs are many, and look at it.
    Ok(found)
}

fn outside(real: &Path, root: Option<&Path>) -> Result<()> {
    let inside = root.and_then(|root| root.canonicalize().ok()).is_some_and(|root| real.starts_with(root));
    match inside {
        true => Err(Error::refused("hooks are never taken from a data repository").hint("keep it elsewhere")),
        false => Ok(()),
    }
}

/// How a program ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    Done,
    Code(i32),
    Signal(i32),
    /// It was killed with its children, for its time was over.
    TimedOut,
    /// Likewise, for the person at the terminal had enough.
    Interrupted,
}

/// Runs a program in its own process group with `input` on its standard input, and what it says on our standard error.
pub fn run(
    program: &Path,
    args: &[String],
    environment: &[(String, std::ffi::OsString)],
    input: Zeroizing<Vec<u8>>,
    timeout: Duration,
) -> Result<End> {
    let came = Arc::new(AtomicBool::new(false));
    let signal = signal_hook::flag::register(signal_hook::consts::SIGINT, Arc::clone(&came))?;
    let home = std::env::home_dir().filter(|home| home.is_dir());
    let started = Command::new(program)
        .args(args)
        .env_clear()
        .envs(environment.iter().map(|(name, value)| (name, value)))
        .current_dir(home.unwrap_or_else(|| PathBuf::from("/")))
        .stdin(Stdio::piped())
        .stdout(Stdio::from(std::io::stderr()))
        .process_group(0)
        .spawn();
    let end = started.map(|child| wait(child, input, timeout, &came));
    signal_hook::low_level::unregister(signal);
    end?
}

fn wait(mut child: Child, input: Zeroizing<Vec<u8>>, timeout: Duration, came: &AtomicBool) -> Result<End> {
    if let Some(mut stdin) = child.stdin.take() {
        // Not waited for: it may never be read, and this thread ends with the program.
        std::thread::spawn(move || stdin.write_all(&input));
    }
    let until = Instant::now() + timeout;
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(match (status.code(), status.signal()) {
                (Some(0), _) => End::Done,
                (Some(code), _) => End::Code(code),
                (None, signal) => End::Signal(signal.unwrap_or_default()),
            });
        }
        let interrupted = came.load(Ordering::SeqCst);
        if interrupted || Instant::now() >= until {
            if let Some(group) = i32::try_from(child.id()).ok().and_then(Pid::from_raw) {
                let _ = kill_process_group(group, Signal::KILL);
            }
            let _ = child.kill();
            child.wait()?;
            return Ok(if interrupted { End::Interrupted } else { End::TimedOut });
        }
        std::thread::sleep(Duration::from_millis(5));
    }
}
