//! Looks for words in everything that a data repository is made of, in every form that a program may give them.

use std::path::{Path, PathBuf};

use carnet::domain::fold::fold;

use super::Scene;
use super::common::said;

/// A word, and the bytes that would betray it.
struct Needle {
    word: String,
    /// Looked for in bytes whose ASCII letters are lower case.
    folded: Vec<Vec<u8>>,
    /// Looked for in the bytes as they are.
    exact: Vec<Vec<u8>>,
}

pub struct Searcher {
    needles: Vec<Needle>,
}

impl Searcher {
    pub fn new(words: &[&str], numbers: &[&str]) -> Searcher {
        let digits = numbers.iter().flat_map(|number| forms_of_number(number));
        let words = words.iter().map(|w| (*w).to_owned()).chain(digits);
        Searcher { needles: words.map(|word| Needle::new(&word)).collect() }
    }

    /// The words that are in `bytes` in whatever form.
    pub fn words_in(&self, bytes: &[u8]) -> Vec<&str> {
        let lower = bytes.to_ascii_lowercase();
        // Lines are folded and wrapped, numbers are grouped.
        let joined: Vec<u8> = bytes.iter().copied().filter(|b| !b" \r\n\t.-()/".contains(b)).collect();
        let unwrapped: Vec<u8> = bytes.iter().copied().filter(|b| !b" \r\n\t".contains(b)).collect();
        let joined = joined.to_ascii_lowercase();
        let has = |haystack: &[u8], needle: &Vec<u8>| memchr::memmem::find(haystack, needle).is_some();
        let found = self.needles.iter().filter(|n| {
            n.folded.iter().any(|f| has(&lower, f) || has(&joined, f))
                || n.exact.iter().any(|f| has(bytes, f) || has(&unwrapped, f))
        });
        found.map(|needle| needle.word.as_str()).collect()
    }

    fn note(&self, place: String, bytes: &[u8], found: &mut Vec<String>) {
        found.extend(self.words_in(bytes).into_iter().map(|word| format!("`{word}` in {place}")));
    }

    /// Every file below `dir`, its name included.
    pub fn files(&self, dir: &Path, found: &mut Vec<String>) -> usize {
        let mut seen = 0;
        for entry in walkdir::WalkDir::new(dir) {
            let path: PathBuf = entry.unwrap().into_path();
            let name = path.strip_prefix(dir).unwrap().to_string_lossy().into_owned();
            self.note(format!("the name of {name}"), name.as_bytes(), found);
            if path.is_symlink() {
                let to = std::fs::read_link(&path).unwrap();
                self.note(format!("the link {name}"), to.to_string_lossy().as_bytes(), found);
            } else if path.is_file() {
                self.note(format!("the file {name}"), &std::fs::read(&path).unwrap(), found);
                seen += 1;
            }
        }
        seen
    }

    /// Every object of a repository, reachable or not, loose or packed, and all that its refs and logs say.
    pub fn repository(&self, scene: &Scene, dir: &Path, found: &mut Vec<String>) -> usize {
        let name = dir.file_name().unwrap().to_string_lossy().into_owned();
        let git = |args: &[&str]| {
            let output = scene.command("git", dir).args(args).output().unwrap();
            assert!(output.status.success(), "git {args:?}: {}", said(output).err);
            output.stdout
        };
        for args in [&["for-each-ref"][..], &["reflog", "--all"], &["log", "--all", "--format=%an%ae%B"]] {
            self.note(format!("git {} of {name}", args[0]), &git(args), found);
        }
        let all = git(&["cat-file", "--batch-all-objects", "--unordered", "--batch"]);
        let mut rest = &all[..];
        let mut seen = 0;
        // "<id> <kind> <size>\n", the content, "\n".
        while let Some(end) = rest.iter().position(|b| *b == b'\n') {
            let head = String::from_utf8(rest[..end].to_vec()).unwrap();
            let size: usize = head.rsplit(' ').next().unwrap().parse().unwrap();
            let content = &rest[end + 1..][..size];
            self.note(format!("object {head} of {name}"), content, found);
            rest = &rest[end + 1 + size + 1..];
            seen += 1;
        }
        seen
    }
}

impl Needle {
    fn new(word: &str) -> Needle {
        let spellings = [word.to_owned(), word.to_lowercase(), word.to_uppercase(), fold(word)];
        let mut folded = Vec::new();
        let mut exact = Vec::new();
        for spelling in &spellings {
            let bytes = spelling.as_bytes();
            folded.push(bytes.to_vec());
            folded.push(spelling.encode_utf16().flat_map(u16::to_le_bytes).collect());
            folded.push(spelling.encode_utf16().flat_map(u16::to_be_bytes).collect());
            folded.push(bytes.iter().flat_map(|b| format!("{b:02x}").into_bytes()).collect());
            exact.extend((0..3).map(|offset| base64_at(bytes, offset)));
        }
        folded.iter_mut().for_each(|form| form.make_ascii_lowercase());
        let url = |form: &Vec<u8>| -> Vec<u8> {
            form.iter()
                .map(|b| {
                    if *b == b'+' {
                        b'-'
                    } else if *b == b'/' {
                        b'_'
                    } else {
                        *b
                    }
                })
                .collect()
        };
        exact.extend(exact.iter().map(url).collect::<Vec<_>>());
        Needle { word: word.to_owned(), folded, exact }
    }
}

/// The digits of a French number given in E.164: whole, national, and without any prefix.
fn forms_of_number(number: &str) -> Vec<String> {
    let rest = number.strip_prefix("+33").unwrap();
    vec![format!("33{rest}"), format!("0{rest}"), rest.to_owned()]
}

/// What is left of `bytes` in base64 when they begin at `offset` modulo 3, whatever stands around them.
fn base64_at(bytes: &[u8], offset: usize) -> Vec<u8> {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut padded = vec![0; offset];
    padded.extend_from_slice(bytes);
    let bits = |n: usize| (0..6).fold(0, |acc, i| acc << 1 | bit(&padded, n * 6 + i));
    // Only digits of six bits of the word alone.
    let first = (offset * 8).div_ceil(6);
    (first..padded.len() * 8 / 6).map(|n| ALPHABET[bits(n)]).collect()
}

fn bit(bytes: &[u8], at: usize) -> usize {
    usize::from(bytes[at / 8] >> (7 - at % 8) & 1)
}

#[test]
fn base64_agrees_with_the_standard() {
    // RFC 4648, section 10: "foobar" is Zm9vYmFy.
    assert_eq!(base64_at(b"foobar", 0), b"Zm9vYmFy");
    for (text, offset) in [("xZm9vYmFy", 0), ("eGZvb2Jhcnk=", 1), ("eHhmb29iYXJ5", 2)] {
        let form = String::from_utf8(base64_at(b"foobar", offset)).unwrap();
        assert!(text.contains(&form) && form.len() >= 6, "{form}");
    }
}
