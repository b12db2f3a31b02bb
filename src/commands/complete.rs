//! `carnet complete`: what a shell's completion asks.

use std::ffi::OsString;

use crate::cli::complete::lines;
use crate::context::Context;
use crate::error::Result;

/// Print what may stand at a place of a command line, one candidate a line; the scripts of `carnet completions` call it.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Which word, counted from 0.
    #[arg(long)]
    index: usize,
    /// Words are as they were typed, with quotes and backslashes.
    #[arg(long)]
    raw: bool,
    /// The command line.
    #[arg(last = true)]
    words: Vec<OsString>,
}

pub fn run(context: &Context, args: Args) -> Result<i32> {
    let mut words = args.words;
    if args.raw {
        words = words.into_iter().map(unquoted).collect();
    }
    // A shell may leave out the empty word at the end.
    while words.len() <= args.index && words.len() < 10_000 {
        words.push(OsString::new());
    }
    context.ui.raw(&lines(words, args.index, context.around.clone()))?;
    Ok(0)
}

/// A word without its quotes, closed or not yet.
fn unquoted(word: OsString) -> OsString {
    let Some(text) = word.to_str() else { return word };
    let ends = ["", "'", "\""].map(|end| format!("{text}{end}"));
    let read = ends.iter().find_map(|text| shlex::split(text));
    match read.as_deref() {
        Some([one]) => one.into(),
        _ => word,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_lose_their_quotes() {
        for (typed, meant) in [
            ("tag:x", "tag:x"),
            ("'tag:x and o", "tag:x and o"),
            ("\"a b\"", "a b"),
            ("a\\ b", "a b"),
            ("", ""),
            ("it's", "its"),
        ] {
            assert_eq!(unquoted(typed.into()), meant, "{typed}");
        }
    }
}
