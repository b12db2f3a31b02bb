//! A person's editor on text that must not touch a disk: the buffer is a 0600 file in a tmpfs, wiped after.

use std::io::{Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::process::Command;

use zeroize::Zeroizing;

use crate::context::Context;
use crate::error::{Error, Result};
use crate::output::text::inert;

/// Marks the lines that tell the person what was wrong; they are taken out again.
const MARK: &str = "#! ";

/// Lets the person edit `text` until `accept` takes it or they give up.
///
/// What `accept` refuses comes back into the editor under a note of what is wrong and where, with nothing
/// of the person's text lost. Giving up is to leave the text as it was offered.
pub fn edit<T>(
    context: &Context,
    text: &str,
    accept: impl Fn(&str) -> Result<Option<T>>,
) -> Result<Option<T>> {
    if context.ui.no_input {
        return Err(Error::usage("this opens an editor, and --no-input forbids it")
            .hint("say with flags what is wanted; --help lists them"));
    }
    let mut offered = Zeroizing::new(text.to_owned());
    let mut refused: Option<Error> = None;
    loop {
        let shown = match &refused {
            Some(error) => Zeroizing::new(with_note(context, &offered, error)),
            None => offered.clone(),
        };
        let edited = Zeroizing::new(without_note(&run_editor(context, &shown)?));
        if edited.trim() == offered.trim() {
            return match refused {
                // Leaving a refused text as it is means giving up; the reason is the result.
                Some(error) => Err(error.hint("run the command again; nothing was changed")),
                None => Ok(None),
            };
        }
        match accept(&edited) {
            Ok(done) => return Ok(done),
            Err(error) => {
                offered = edited;
                refused = Some(error);
            }
        }
    }
}

fn with_note(context: &Context, text: &str, error: &Error) -> String {
    let (ui, lang) = (&context.ui, context.ui.lang);
    let mut note = format!("{MARK}{}\n", inert(&ui.sentence(error)));
    if let Some(hint) = &error.hint {
        note.push_str(&format!("{MARK}{}{} {}\n", lang.say("hint"), lang.colon(), inert(&lang.say(hint))));
    }
    // Line numbers in the error count without these lines, so say so.
    let counted = lang.say("lines are counted below this note; leave the text unchanged to give up");
    note.push_str(&format!("{MARK}({counted})\n"));
    note + text
}

fn without_note(text: &str) -> String {
    text.lines().filter(|line| !line.starts_with(MARK)).map(|line| format!("{line}\n")).collect()
}

fn run_editor(context: &Context, text: &str) -> Result<Zeroizing<String>> {
    let dir = memory_dir(context);
    let mut file = tempfile::Builder::new()
        .prefix("carnet-")
        .suffix(".toml")
        .tempfile_in(&dir)
        .map_err(|e| Error::from(e).at(dir.display().to_string()))?;
    file.write_all(text.as_bytes())?;
    file.flush()?;
    let editor = editor();
    // As git does it: the shell splits the editor's own arguments, the path stays one word.
    let status =
        Command::new("sh").arg("-c").arg(format!("{editor} \"$@\"")).arg("sh").arg(file.path()).status();
    let edited = std::fs::read(file.path()).map(Zeroizing::new);
    let path = file.path().to_path_buf();
    wipe(&path, file.as_file_mut());
    let status = status.map_err(|e| {
        Error::failed("the editor could not be started").cause(e).hint("set VISUAL or EDITOR")
    })?;
    if !status.success() {
        return Err(
            Error::failed("the editor ended with an error; nothing was changed").hint("set VISUAL or EDITOR")
        );
    }
    let edited = edited?;
    let text = std::str::from_utf8(&edited).map_err(|_| {
        Error::usage("the edited text is not UTF-8").hint("save it as UTF-8; nothing was changed")
    })?;
    Ok(Zeroizing::new(text.to_owned()))
}

fn editor() -> String {
    ["VISUAL", "EDITOR"]
        .iter()
        .filter_map(|name| std::env::var(name).ok())
        .find(|value| !value.trim().is_empty())
        .unwrap_or_else(|| "vi".into())
}

/// A directory in memory: `$XDG_RUNTIME_DIR` or `/dev/shm`; elsewhere only with a warning.
fn memory_dir(context: &Context) -> PathBuf {
    let runtime = std::env::var_os("XDG_RUNTIME_DIR").map(PathBuf::from);
    for dir in runtime.into_iter().chain([PathBuf::from("/dev/shm")]) {
        if dir.is_dir() && tempfile::tempfile_in(&dir).is_ok() && is_memory(&dir) {
            return dir;
        }
    }
    context.ui.warn("there is no directory in memory (tmpfs) here: the text is edited in a file on disk and then overwritten");
    std::env::temp_dir()
}

/// Whether the file system that holds `dir` is in memory, by the longest mount point above it.
fn is_memory(dir: &Path) -> bool {
    let Ok(mounts) = std::fs::read_to_string("/proc/self/mounts") else { return false };
    mounts
        .lines()
        .filter_map(|line| {
            let mut parts = line.split(' ');
            let (_, point, kind) = (parts.next()?, parts.next()?, parts.next()?);
            dir.starts_with(point).then_some((point.len(), kind))
        })
        .max_by_key(|(length, _)| *length)
        .is_some_and(|(_, kind)| kind == "tmpfs" || kind == "ramfs")
}

/// Overwrites the buffer before it is removed, with whatever the editor put in its place.
fn wipe(path: &Path, ours: &mut std::fs::File) {
    let zero = |file: &mut std::fs::File| {
        let length = file.metadata().map(|m| m.len()).unwrap_or(0);
        let _ = file.seek(SeekFrom::Start(0));
        let _ = std::io::copy(&mut std::io::Read::take(std::io::repeat(0), length), file);
        let _ = file.sync_all();
    };
    zero(ours);
    // Editors that write a new file and rename it leave another file under the name.
    if let Ok(mut named) = std::fs::OpenOptions::new().write(true).open(path) {
        zero(&mut named);
    }
}
