//! Cells that a spreadsheet would run as a formula, shown inert: an apostrophe before them on the way out,
//! exactly that apostrophe off again on the way in.

use std::borrow::Cow;

/// Whether a spreadsheet could take `cell` for a formula or a command.
///
/// The first characters are those of OWASP's page on CSV injection; `+` and `-` are let through before a plain
/// number, so that a phone number and a negative amount stay as they are. A cell that already looks guarded
/// counts too, or its own apostrophe would be lost on the way in.
fn is_dangerous(cell: &str) -> bool {
    let mut chars = cell.chars();
    match chars.next() {
        Some('=' | '@' | '\t' | '\r' | '\n' | '＝' | '＠' | '＋' | '－') => true,
        Some('+' | '-') => !is_number(chars.as_str()),
        Some('\'') => is_dangerous(chars.as_str()),
        _ => false,
    }
}

/// Digits, in groups as people write phone numbers, or with one decimal mark.
fn is_number(text: &str) -> bool {
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    let marks = text.bytes().filter(|b| b".,".contains(b)).count();
    let only = |allowed: &[u8]| text.bytes().all(|b| b.is_ascii_digit() || allowed.contains(&b));
    digits > 0
        && text.starts_with(|c: char| c.is_ascii_digit())
        && (only(b" ") || (marks == 1 && only(b".,")))
}

/// The cell to write.
pub fn guarded(cell: &str) -> Cow<'_, str> {
    if is_dangerous(cell) { Cow::Owned(format!("'{cell}")) } else { Cow::Borrowed(cell) }
}

/// The cell that was meant.
pub(super) fn unguarded(cell: &str) -> &str {
    match cell.strip_prefix('\'') {
        Some(rest) if is_dangerous(rest) => rest,
        _ => cell,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn formulas_are_guarded_and_numbers_are_not() {
        for formula in [
            "=1+1",
            "@SUM(A1)",
            "+cmd|' /C calc'!A0",
            "-2+3",
            "+1-2",
            "\t=1",
            "\r=1",
            "+33;ext=1",
            "-",
            "＝1",
        ] {
            assert_eq!(guarded(formula), format!("'{formula}"));
        }
        for plain in ["+33612345678", "+33 6 12", "-5", "-1,5", "'tis", "a=b", "", "0612"] {
            assert_eq!(guarded(plain), plain);
        }
    }

    #[test]
    fn only_our_own_apostrophe_comes_off() {
        assert_eq!(unguarded("'=1"), "=1");
        assert_eq!(unguarded("'tis"), "'tis");
        assert_eq!(unguarded("''=1"), "'=1");
    }

    proptest! {
        #[test]
        fn what_goes_out_comes_in(cell in "['=+@\\-\t0-9a ]{0,6}|\\PC{0,12}") {
            let written = guarded(&cell);
            prop_assert_eq!(unguarded(&written), cell.as_str());
        }
    }
}
