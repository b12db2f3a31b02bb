//! The list of a site's files with their sums, as `sha256sum --check` reads it, and the signature over it.

use sha2::{Digest, Sha256};

/// The list: `<64 hex digits>  <path>` a line, sorted by path; every file of the site but this and its signature.
pub const SUMS: &str = "SHA256SUMS";
/// A detached, armoured OpenPGP signature over the list (`gpg --verify SHA256SUMS.asc SHA256SUMS`).
pub const SIGNATURE: &str = "SHA256SUMS.asc";

/// SHA-256 in lower-case hex.
pub fn sum(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

/// A digest in lower-case hex.
pub(super) fn hex(digest: &[u8]) -> String {
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Reads a list of sums; none where a line is no sum of a path inside the site.
pub fn parse(text: &str) -> Option<Vec<(&str, &str)>> {
    let line = |line: &'_ str| -> Option<(usize, usize)> {
        let (sum, path) = line.split_once("  ")?;
        let inside = !path.is_empty() && path.split('/').all(|part| !["", ".", ".."].contains(&part));
        (sum.len() == 64 && sum.bytes().all(|b| b.is_ascii_hexdigit()) && inside).then_some((64, 66))
    };
    text.lines().map(|l| line(l).and_then(|(end, start)| Some((l.get(start..)?, l.get(..end)?)))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_reads_back_and_no_path_leaves_the_site() {
        let empty = sum(b"");
        assert_eq!(empty, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
        let list = format!("{empty}  fr/a.html\n{empty}  b c.css\n");
        assert_eq!(parse(&list).unwrap(), [("fr/a.html", empty.as_str()), ("b c.css", empty.as_str())]);
        for bad in ["x  a", &format!("{empty} a"), &format!("{empty}  ../a"), &format!("{empty}  /a")] {
            assert_eq!(parse(bad), None, "{bad}");
        }
    }
}
