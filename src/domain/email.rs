//! E-mail addresses, as far as a contact book compares them.

use unicode_normalization::UnicodeNormalization;

/// The longest address (RFC 5321, section 4.5.3.1.3, without the angle brackets).
const LONGEST: usize = 254;

/// The address in the form that is compared: trimmed, lower case, composed (NFC), without `mailto:`.
///
/// `None` when the text is no address: one `@` with something before it and a dotted or local domain
/// behind it, no white space, no control or invisible characters (RFC 5321, section 2.3.11, as people use it).
pub fn normalise(text: &str) -> Option<String> {
    let text = bare(text);
    let (local, domain) = text.rsplit_once('@')?;
    if local.is_empty() || domain.is_empty() || local.contains('@') || text.chars().any(is_bad) {
        return None;
    }
    if domain.starts_with('.') || domain.ends_with('.') || domain.contains("..") || text.len() > LONGEST {
        return None;
    }
    Some(if text.is_ascii() { text.to_ascii_lowercase() } else { text.to_lowercase().nfc().collect() })
}

/// The address as written, without white space around it and without `mailto:`.
pub fn bare(text: &str) -> &str {
    let text = text.trim();
    match text.get(..7) {
        Some(scheme) if scheme.eq_ignore_ascii_case("mailto:") => text[7..].trim(),
        _ => text,
    }
}

/// Characters that no address holds: separators, controls, and invisible ones that would hide a duplicate.
fn is_bad(c: char) -> bool {
    c.is_whitespace()
        || c.is_control()
        || "<>,;()[]\"".contains(c)
        || matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_composition_and_surroundings_do_not_count() {
        assert_eq!(normalise(" MailTo:Ana@Example.ORG ").as_deref(), Some("ana@example.org"));
        assert_eq!(normalise("josé@exämple.fr").as_deref(), Some("josé@exämple.fr"));
        assert_eq!(normalise("jose\u{301}@example.fr"), normalise("JOSÉ@example.fr"));
        assert_eq!(normalise("a@b.c\n").as_deref(), Some("a@b.c"));
    }

    #[test]
    fn what_is_no_address_is_not_taken_for_one() {
        for bad in
            ["", "@", "a@", "@b", "a b@c.d", "a@b@c", "a@b..c", "<a@b.c>", "a@b\u{200b}.c", "a\u{202e}@b.c"]
        {
            assert!(normalise(bad).is_none(), "{bad:?}");
        }
        assert!(normalise(&format!("{}@example.org", "a".repeat(250))).is_none());
    }
}
