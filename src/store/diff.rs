//! The difference between two texts, as git shows it.

use git2::{DiffOptions, Patch};

use crate::error::Result;

/// The hunks of a unified diff from `old` to `new`, without file headers; empty when they are equal.
pub fn unified(old: &[u8], new: &[u8]) -> Result<String> {
    let mut options = DiffOptions::new();
    options.context_lines(1).force_text(true);
    let mut patch = Patch::from_buffers(old, None, new, None, Some(&mut options))?;
    let text = patch.to_buf()?;
    let text = String::from_utf8_lossy(&text);
    let hunks = text.split_inclusive('\n').skip_while(|line| !line.starts_with("@@"));
    Ok(hunks.map(without_heading).collect())
}

/// A hunk's header without the line that libgit2 takes for a function's name.
fn without_heading(line: &str) -> String {
    match line.strip_prefix("@@").and_then(|rest| rest.split_once("@@")) {
        Some((range, _)) => format!("@@{range}@@\n"),
        None => line.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_changed_is_shown() {
        let diff = unified(b"a = 1\nb = 2\nc = 3\nd = 4\n", b"a = 1\nb = 2\nc = 9\nd = 4\n").unwrap();
        assert!(diff.starts_with("@@") && diff.contains("-c = 3\n+c = 9\n") && !diff.contains("a = 1"));
        assert_eq!(unified(b"x\n", b"x\n").unwrap(), "");
        assert!(unified(b"", b"x\n").unwrap().contains("+x"));
    }
}
