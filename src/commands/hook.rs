//! `carnet hook`: what git runs at a firm's own server when somebody pushes (githooks(5)).

use std::io::Read;
use std::path::PathBuf;

use clap::Subcommand;

use crate::context::Context;
use crate::error::{Error, Result};
use crate::store::push::BEHIND;
use crate::vault::hook::{Update, post_receive, pre_receive};

/// Judge a push to a repository that `carnet remote init` made (used by git's hooks).
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    hook: Hook,
}

#[derive(Debug, Subcommand)]
enum Hook {
    /// Refuse what must not come in.
    PreReceive,
    /// Destroy the key store that was replaced.
    PostReceive,
}

/// How many reasons a refusal lists.
const SHOWN: usize = 10;

pub fn run(context: &Context, args: Args) -> Result<i32> {
    // Git starts hooks in the repository; whatever directory the environment names is somebody else's.
    let dir = std::env::current_dir()?;
    let mut text = String::new();
    std::io::stdin().read_to_string(&mut text)?;
    let updates = Update::parse_all(&text)?;
    match args.hook {
        Hook::PreReceive => {
            let quarantine = std::env::var_os("GIT_QUARANTINE_PATH").map(PathBuf::from);
            let problems = pre_receive(&dir, quarantine.as_deref(), &updates, context.around.now)?;
            if problems.is_empty() {
                return Ok(0);
            }
            for problem in problems.iter().take(SHOWN) {
                context.ui.note(&format!("refused: {}: {}", problem.place, problem.message));
                if !problem.hint.is_empty() {
                    context.ui.note(&format!("  hint: {}", problem.hint));
                }
            }
            let more = problems.len().saturating_sub(SHOWN);
            let mut what = match more {
                0 => "nothing of the push was taken in".to_owned(),
                more => format!("nothing of the push was taken in; {more} more reason(s) are not listed"),
            };
            if problems.iter().all(|problem| problem.kind == "behind") {
                what = format!("{what}: {BEHIND}");
            }
            Err(Error::refused(what))
        }
        Hook::PostReceive => {
            let after = post_receive(&dir, context.around.now)?;
            if after.erased > 0 {
                context
                    .ui
                    .note(&format!("carnet: {} key(s) of erased contacts were destroyed here", after.erased));
            }
            if after.purged > 0 {
                context.ui.note(&format!(
                    "carnet: {} object(s) of purged history were destroyed here",
                    after.purged
                ));
            }
            if after.linger > 0 {
                context.ui.warn(&format!(
                    "{} object(s) of replaced key stores are in the main object store, where some other program \
                     put them: on the server, `git repack -a -d -l && git prune --expire=now`",
                    after.linger
                ));
            }
            Ok(0)
        }
    }
}
