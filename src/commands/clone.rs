//! `carnet clone`

use std::path::{Path, PathBuf};

use crate::context::Context;
use crate::domain::ids::Slug;
use crate::error::{Error, Kind, Result};
use crate::store::remote::{resolve, shown};
use crate::vault::clone::Wanted;
use crate::vault::clone::{Cloned, Outcome, Plan, clone};
use crate::vault::verify::report::Problem;

/// Make a clone of a shared data repository that works at once.
///
/// Every commit of its history is verified before anything of it is used; a history that does not verify is refused
/// with exit code 7, and nothing is left. You are the member whose secret key is on this machine, as a software key
/// or with GnuPG. The other members of your books are shown, and acknowledged when a signed commit brought them in.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  carnet clone git@server.example.org:firm.git
  carnet clone /srv/carnet/firm.git work --member ana
  carnet clone https://forge.example.org/firm.git --keys-remote git@server.example.org:keys.git
  carnet clone /srv/carnet/firm.git audit --without-keys

Exit code 7 when the clone was made and `carnet verify` finds problems in it, or when it was refused for them.")]
pub struct Args {
    /// An address that git understands: ssh, https, file or a path.
    url: String,
    /// Where; must be empty or new [default: the last part of the address].
    #[arg(value_name = "DIR")]
    target: Option<PathBuf>,
    /// Which member you are, if keys of several are on this machine.
    #[arg(long, value_name = "HANDLE")]
    member: Option<Slug>,
    /// Full fingerprint of your key.
    #[arg(long, value_name = "FINGERPRINT")]
    key: Option<String>,
    /// Where the key store is, if it is not at the same address.
    #[arg(long, value_name = "URL")]
    keys_remote: Option<String>,
    /// Take no keys along: for an audit. `verify`, git's own commands and plain registers work, contacts do not open.
    #[arg(long, conflicts_with_all = ["member", "key", "keys_remote"])]
    without_keys: bool,
    /// Make the clone although its history does not verify; the problems are listed all the same.
    #[arg(long)]
    no_verify: bool,
}

pub fn run(context: &Context, args: Args) -> Result<i32> {
    let target = match &args.target {
        Some(dir) => dir.clone(),
        None => PathBuf::from(humanish(&args.url).ok_or_else(|| {
            Error::usage("the address gives no name for a directory").hint("name one: `carnet clone URL DIR`")
        })?),
    };
    let dir = std::path::absolute(context.dir.join(target))?;
    let base = std::path::absolute(&context.dir)?;
    let url = resolve(&base, &args.url);
    let keys_url = args.keys_remote.as_ref().map(|url| resolve(&base, url));
    if context.dry_run {
        return context.ui.would(&format!("would clone {} into {}", shown(&url), dir.display()));
    }
    let plan = Plan {
        url: &url,
        keys_url: keys_url.as_deref(),
        wanted: &Wanted {
            member: args.member.clone(),
            key: args.key.as_deref().map(fingerprint).transpose()?,
        },
        without_keys: args.without_keys,
        no_verify: args.no_verify,
        program: &context.program,
        may_ask: context.ui.may_ask,
    };
    match clone(&dir, &plan, &context.around)? {
        Outcome::Made(done) => report(context, &dir, &done),
        Outcome::Refused(problems) => Err(refuse(context, &problems)),
    }
}

/// The last part of an address, without `.git`, as git names a clone.
fn humanish(url: &str) -> Option<&str> {
    let url = url.trim_end_matches('/');
    let url = url.strip_suffix("/.git").unwrap_or(url).trim_end_matches('/');
    let last = url.rsplit(['/', ':']).next()?;
    let last = last.strip_suffix(".git").unwrap_or(last);
    (!["", ".", ".."].contains(&last)).then_some(last)
}

fn fingerprint(text: &str) -> Result<String> {
    let hex: String = text.trim_start_matches("0x").split_whitespace().collect();
    if ![40, 64].contains(&hex.len()) || !hex.chars().all(|c| c.is_ascii_hexdigit()) {
        return Err(Error::usage("--key wants the full fingerprint, 40 hex digits")
            .hint("`carnet key list` and `gpg --list-secret-keys` show it"));
    }
    Ok(hex.to_ascii_uppercase())
}

fn list(context: &Context, problems: &[Problem]) {
    for problem in problems {
        context.ui.warn(&format!("{}: {}: {}", problem.kind, problem.place, problem.message));
    }
}

fn refuse(context: &Context, problems: &[Problem]) -> Error {
    list(context, problems);
    Error::new(
        Kind::Problems,
        format!("its history does not verify: {} problem(s); no clone was made", problems.len()),
    )
    .hint("ask who keeps the repository; --no-verify makes the clone all the same, to look into it")
}

fn report(context: &Context, dir: &Path, done: &Cloned) -> Result<i32> {
    let ui = &context.ui;
    let code = if done.report.problems.is_empty() { 0 } else { i32::from(Kind::Problems as u8) };
    if ui.json {
        #[derive(serde::Serialize)]
        struct Json<'a> {
            directory: String,
            commit: String,
            member: Option<&'a Slug>,
            key: Option<&'a str>,
            provider: Option<&'a str>,
            books: &'a [Slug],
            acknowledged: Vec<&'a crate::vault::pins::Recipient>,
            not_acknowledged: Vec<&'a crate::vault::pins::Recipient>,
            verified: &'a crate::vault::verify::report::Report,
        }
        let me = done.me.as_ref();
        ui.data(
            "carnet.clone/1",
            &Json {
                directory: dir.display().to_string(),
                commit: done.commit.to_string(),
                member: me.map(|me| &me.handle),
                key: me.map(|me| me.fingerprint.as_str()),
                provider: me.map(|me| me.provider.as_str()),
                books: &done.books,
                acknowledged: done.pinned.iter().map(|new| &new.recipient).collect(),
                not_acknowledged: done.not_pinned.iter().map(|new| &new.recipient).collect(),
                verified: &done.report,
            },
        )?;
        return Ok(code);
    }
    ui.note(&format!("Cloned into {}.", dir.display()));
    match &done.me {
        Some(me) => {
            let books: Vec<&str> = done.books.iter().map(Slug::as_str).collect();
            let books = if books.is_empty() { "none".to_owned() } else { books.join(", ") };
            ui.note(&format!(
                "You are member {}, with key {}. Your books: {books}.",
                me.handle, me.fingerprint
            ));
        }
        None => ui.note("It has no keys: contacts cannot be opened, and commands that would open them fail."),
    }
    for newcomer in done.pinned.iter().chain(&done.not_pinned) {
        ui.note(&newcomer.to_string());
    }
    if !done.pinned.is_empty() {
        ui.note("They are acknowledged: `carnet member list` shows them again.");
    }
    let counts = done.report.counts;
    list(context, &done.report.problems);
    match done.report.problems.len() {
        0 => ui.note(&format!(
            "Verified: {} commits, {} access entries, {} contacts.",
            counts.commits, counts.access_entries, counts.contacts
        )),
        n => ui.note(&format!("{n} problem(s) in it: `carnet verify` lists them with what to do.")),
    }
    if let Some(root) = &done.report.root {
        ui.note(&format!("Its history begins at commit {root}: compare this id with your colleagues'."));
    }
    Ok(code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clone_is_named_as_git_names_it() {
        for url in ["/srv/firm.git", "git@x.org:firm.git", "../firm/.git", "https://x.org/a/firm/", "x:firm"]
        {
            assert_eq!(humanish(url), Some("firm"), "{url}");
        }
        assert_eq!((humanish("/"), humanish("..")), (None, None));
    }
}
