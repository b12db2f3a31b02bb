//! Text folded for comparison: case and accents do not count.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// Folds `text`: compatibility-decomposed, without combining marks, lower case.
///
/// Ligatures that decomposition leaves alone are spelt out (œ, æ, ß, ø, ł, đ), so that `coeur` finds `cœur`.
pub fn fold(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    fold_into(text, &mut out);
    out
}

/// Like [`fold`], appending to `out`.
pub fn fold_into(text: &str, out: &mut String) {
    if text.is_ascii() {
        let start = out.len();
        out.push_str(text);
        if let Some(new) = out.get_mut(start..) {
            new.make_ascii_lowercase();
        }
        return;
    }
    for c in text.nfkd().filter(|c| !is_combining_mark(*c)).flat_map(char::to_lowercase) {
        match c {
            'œ' => out.push_str("oe"),
            'æ' => out.push_str("ae"),
            'ß' => out.push_str("ss"),
            'ø' => out.push('o'),
            'ł' => out.push('l'),
            'đ' | 'ð' => out.push('d'),
            'ı' => out.push('i'),
            c if is_combining_mark(c) => {}
            c => out.push(c),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::fold;

    #[test]
    fn accents_case_and_ligatures_do_not_count() {
        assert_eq!(fold("Éloïse CŒUR-Straße"), "eloise coeur-strasse");
        assert_eq!(fold("Åse Ørsted, ŁÓDŹ, İstanbul"), "ase orsted, lodz, istanbul");
        assert_eq!(fold("e\u{301}"), fold("é"));
    }

    #[test]
    fn folding_twice_changes_nothing() {
        for text in ["Ǆ", "ﬁn", "Σίσυφος", "İ", "½", "ẞ"] {
            assert_eq!(fold(&fold(text)), fold(text), "{text}");
        }
    }
}
