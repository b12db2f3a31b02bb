//! `carnet remote`

use std::path::Path;

use clap::Subcommand;

use crate::context::Context;
use crate::error::{Error, Result};
use crate::store::remote::{Git, is_local_path};
use crate::store::ssh::Address;
use crate::vault::{open_data_repository, serve};

/// Repositories that members share.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Init(Init),
}

/// Make a bare repository for the firm's own server.
///
/// Its hooks refuse commits that are not signed by an authorised member, rewritten history, removed access entries,
/// other refs, and key stores with a key of an erased contact; a replaced key store is destroyed at once. With an
/// ssh address carnet does it there, where it must be installed. In a data repository without a remote `origin`, the
/// new repository becomes it.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  carnet remote init /srv/carnet/firm.git
  carnet remote init git@server.example.org:firm.git
  carnet remote init ssh://git@server.example.org:2222/srv/carnet/firm.git

The branch can be cleared up with `git gc` on the server: the key store's objects lie apart, in carnet/keys.git.")]
struct Init {
    /// A directory that is empty or not there, or an ssh address.
    #[arg(value_name = "PATH|SSH-URL")]
    target: String,
}

pub fn run(context: &Context, args: Args) -> Result<i32> {
    match args.command {
        Command::Init(init) => run_init(context, &init),
    }
}

fn run_init(context: &Context, init: &Init) -> Result<i32> {
    let target = init.target.as_str();
    // Where this is no data repository, the new one is nobody's origin.
    let here = open_data_repository(&context.dir).ok();
    let address = Address::parse(target);
    let url = match &address {
        Some(_) => target.to_owned(),
        None => {
            let path = target.strip_prefix("file://").unwrap_or(target);
            if !is_local_path(path) || path.is_empty() || path.starts_with('-') {
                return Err(Error::usage("neither a path nor an ssh address")
                    .at(target.to_owned())
                    .hint("`carnet remote init /srv/firm.git`, or `user@host:firm.git`"));
            }
            let dir = std::path::absolute(context.dir.join(path))?;
            if here.as_ref().is_some_and(|repo| is_within(&dir, repo.root())) {
                return Err(Error::usage("a remote does not belong inside the data repository itself")
                    .at(dir.display().to_string())
                    .hint("choose a directory beside it"));
            }
            dir.to_str().map(str::to_owned).ok_or_else(|| Error::usage("the path is not UTF-8"))?
        }
    };
    if context.dry_run {
        return context.ui.would(&format!("would make a bare repository at {url}"));
    }
    match &address {
        Some(address) => {
            let path = address.path.replace('\'', "'\\''");
            let git = Git::at(here.as_ref().map_or(&context.dir, |repo| repo.root()), context.ui.may_ask);
            git.run_at(address, &format!("carnet -q remote init -- '{path}'"))?;
        }
        None => serve::make(Path::new(&url), &context.program)?,
    }
    // Without the detours that were typed.
    let real = Path::new(&url).canonicalize().ok().filter(|_| address.is_none());
    let url = real.and_then(|path| path.to_str().map(str::to_owned)).unwrap_or(url);
    let origin = match &here {
        Some(repo) => serve::add_origin(repo, &url)?,
        None => false,
    };
    report(context, &url, here.is_some(), origin)
}

fn is_within(dir: &Path, root: &Path) -> bool {
    let real = |path: &Path| path.canonicalize().ok();
    let known = dir.ancestors().find_map(real);
    known.zip(real(root)).is_some_and(|(dir, root)| dir.starts_with(root))
}

fn report(context: &Context, url: &str, here: bool, origin: bool) -> Result<i32> {
    let ui = &context.ui;
    if ui.json {
        #[derive(serde::Serialize)]
        struct Made<'a> {
            url: &'a str,
            origin: bool,
        }
        ui.data("carnet.remote-init/1", &Made { url, origin })?;
        return Ok(0);
    }
    ui.note(&format!("Made a bare repository at {url}."));
    match (here, origin) {
        (_, true) => ui.note("It is remote `origin` of this data repository now. Next: `carnet sync`."),
        (true, false) => ui.note(&format!(
            "This data repository has another `origin` already; `git remote set-url origin {url}` changes it."
        )),
        (false, false) => ui
            .note(&format!("Next, in a data repository: `git remote add origin {url}`, then `carnet sync`.")),
    }
    Ok(0)
}
