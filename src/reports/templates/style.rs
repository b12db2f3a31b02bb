//! What a stylesheet of the firm's may not hold: anything that a browser would fetch for it.
//!
//! The pages' Content-Security-Policy stops such a fetch too; the stylesheet is refused so that nobody publishes one
//! that tries.

use super::{STYLESHEET, place};
use crate::error::{Error, Result};

/// Ways in which a stylesheet names another file (CSS Values 4, section 4.5; CSS Cascade 5, section 2; CSS Images 4).
const FETCHING: [&str; 5] = ["@import", "image-set(", "src(", "@font-face", "@namespace"];

/// Refuses a stylesheet that fetches anything; pictures may stand in it as `data:`.
pub(super) fn check(css: &str) -> Result<()> {
    for (n, line) in unescaped(css).lines().enumerate() {
        let line = line.to_ascii_lowercase();
        let fetching = FETCHING.into_iter().find(|way| line.contains(way));
        let found = fetching.or_else(|| {
            line.match_indices("url(").map(|(at, _)| line.get(at + 4..).unwrap_or_default()).find_map(|to| {
                let to = to.trim_start_matches(['"', '\'', ' ', '\t']);
                (!to.starts_with("data:image/") && !to.starts_with('#')).then_some("url(")
            })
        });
        if let Some(way) = found {
            return Err(Error::refused(format!("the stylesheet fetches something: `{way}`"))
                .at(format!("{}, line {}", place(STYLESHEET), n + 1))
                .hint("a picture can stand in it as url(\"data:image/svg+xml,…\"); nothing may come from elsewhere"));
        }
    }
    Ok(())
}

/// The text with its escapes resolved (CSS Syntax 3, section 4.3.7), so that `\75rl(` is found as `url(`. Line breaks
/// that end no escape stay where they are.
pub(super) fn unescaped(css: &str) -> String {
    let mut out = String::with_capacity(css.len());
    let mut rest = css.chars().peekable();
    while let Some(c) = rest.next() {
        if c != '\\' {
            out.push(c);
            continue;
        }
        let mut code = 0;
        let mut digits = 0;
        while let Some(digit) = rest.peek().and_then(|c| c.to_digit(16)).filter(|_| digits < 6) {
            (code, digits) = (code * 16 + digit, digits + 1);
            rest.next();
        }
        match digits {
            0 => continue,
            _ => out.push(char::from_u32(code).unwrap_or('\u{fffd}')),
        }
        // One blank ends an escape and is part of it, a line break as well: what follows is then told of one line above.
        if rest.next_if_eq(&'\r').is_some() {
            rest.next_if_eq(&'\n');
        } else {
            rest.next_if(|c| [' ', '\t', '\n', '\u{c}'].contains(c));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reports::render::STYLE;

    #[test]
    fn whatever_would_be_fetched_is_named_with_its_line() {
        check(STYLE).unwrap();
        check("a{background:url(\"data:image/svg+xml,%3Csvg/%3E\")}\nb{content:\"\\2014 \"}c{mask:url(#m)}")
            .unwrap();
        for bad in [
            "@import 'x.css'",
            "a{background:url(https://x)}",
            "a{background:URL( 'logo.png')}",
            "a{background:\\75 rl(logo.png)}",
            "a{background:u\\72l(logo.png)}",
            "a{background:\\75\nrl(logo.png)}",
            "a{background:\\75\r\nrl(logo.png)}",
            "a{background:\\75\u{c}rl(logo.png)}",
            "@font-face{src:url(data:font/woff2,x)}",
            "a{background:image-set('x' 1x)}",
            "a{b:url(data:image/png,x) url(//x)}",
        ] {
            let e = check(&format!("p{{}}\n{bad}")).unwrap_err();
            assert_eq!(e.place.as_deref(), Some("templates/style.css, line 2"), "{bad}");
        }
    }
}
