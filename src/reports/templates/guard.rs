//! What a page made with a template of the firm's own may hold.
//!
//! Elements are those of a list, so that what nobody thought of is refused; no attribute carries code or style; no
//! address leads to another host or is fetched from elsewhere; and the Content-Security-Policy is carnet's own, before
//! anything that it governs. The page is read as a browser reads it (WHATWG HTML, section 13.2.5). Where that depends on what
//! stands around, it is refused: in `title` and `script` nothing may look like markup, for SVG has elements of the same
//! names that hold markup; and `<![CDATA[` is text in a drawing and a comment elsewhere.

use html5gum::emitters::default::StartTag;
use html5gum::{DefaultEmitter, Token, Tokenizer};

use super::{Templates, place, style};
use crate::error::{Error, Result};

/// The policy that every page carries: nothing is fetched but the site's own stylesheet, script and pictures in the page.
pub(in crate::reports) const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' \
                                             data:; base-uri 'none'; form-action 'none'";

/// Elements that a page may have. No frame, no form, no plug-in, no style, no foreign content in a drawing.
const ELEMENTS: &str = "html head title meta link script body header footer main nav section article aside hgroup \
    h1 h2 h3 h4 h5 h6 div p span ul ol li dl dt dd table caption colgroup col thead tbody tfoot tr th td a abbr address \
    b bdi bdo blockquote br cite code data del details summary dfn em figure figcaption hr i img ins kbd mark meter pre \
    progress q rp rt ruby s samp search small strong sub sup time u var wbr \
    svg g defs symbol use path rect circle ellipse line polyline polygon text tspan desc marker lineargradient \
    radialgradient stop clippath mask pattern";

/// Attributes whose value is an address, whatever the element (WHATWG HTML, «Attributes»; SVG 2, section 16).
const ADDRESSES: [&str; 13] = [
    "href",
    "src",
    "xlink:href",
    "action",
    "formaction",
    "poster",
    "data",
    "background",
    "cite",
    "longdesc",
    "manifest",
    "profile",
    "usemap",
];

/// Attributes that carry code, style or a list of addresses, or that undo the policy.
const REFUSED: [&str; 10] = [
    "style",
    "srcdoc",
    "srcset",
    "imagesrcset",
    "ping",
    "attributionsrc",
    "formaction",
    "nonce",
    "xmlns:xlink",
    "is",
];

/// What is refused, in words, and how it can be found in the template.
struct Bad {
    what: String,
    needle: String,
}

fn bad(what: impl Into<String>, needle: impl Into<String>) -> Bad {
    Bad { what: what.into(), needle: needle.into() }
}

/// Refuses a page with anything that is not allowed; names what it is, and the template and line that it comes from.
pub(in crate::reports) fn check(page: &str, text: &str, templates: &Templates) -> Result<()> {
    let Some(bad) = look(text) else { return Ok(()) };
    let at = match templates.line_with(&bad.needle) {
        Some((file, line)) => format!("{}, line {line}", place(file)),
        None => page.to_owned(),
    };
    Err(Error::refused(format!("a template of your own puts {} on a page", bad.what)).at(at).hint(
        "pages of the site hold no code and fetch nothing: docs/templates.md says what a template may do",
    ))
}

/// Elements whose content is text in HTML and markup in a drawing.
const TEXTS: [&str; 2] = ["title", "script"];

/// Reads one page.
fn look(page: &str) -> Option<Bad> {
    let mut emitter = DefaultEmitter::<()>::default();
    emitter.naively_switch_states(false);
    let mut policy = false;
    let mut scripts = 0;
    let mut within: Option<&str> = None;
    for Ok(token) in Tokenizer::new_with_emitter(page, emitter) {
        let tag = match token {
            Token::StartTag(tag) => tag,
            Token::EndTag(tag) => {
                if within.take().is_some_and(|text| text.as_bytes() != tag.name.as_slice()) {
                    return Some(mixed());
                }
                continue;
            }
            Token::Comment(text) => {
                if within.is_some() {
                    return Some(mixed());
                }
                if text.value.to_ascii_uppercase().starts_with(b"[CDATA[") {
                    return Some(bad("`<![CDATA[`", "<![CDATA["));
                }
                continue;
            }
            _ => continue,
        };
        let name = String::from_utf8_lossy(&tag.name).into_owned();
        if !ELEMENTS.split_ascii_whitespace().any(|known| known == name) {
            return Some(bad(format!("the element `<{name}>`"), format!("<{name}")));
        }
        let of = |key: &str| {
            tag.attributes.get(key.as_bytes()).map(|value| String::from_utf8_lossy(value).into_owned())
        };
        if let Some(found) = attributes(&tag, &name) {
            return Some(found);
        }
        match name.as_str() {
            "meta" if of("http-equiv").is_some() => {
                if policy || of("content").as_deref() != Some(POLICY) {
                    return Some(bad("a policy other than the site's", "http-equiv"));
                }
                policy = true;
            }
            "script" => {
                scripts += 1;
                let own = of("src").is_some_and(|src| ["site.js", "../site.js"].contains(&src.as_str()));
                if !own || scripts > 1 {
                    return Some(bad("a script", "<script"));
                }
            }
            "link" => {
                let (rel, href) = (of("rel").unwrap_or_default(), of("href").unwrap_or_default());
                let own = match rel.as_str() {
                    "stylesheet" => ["style.css", "../style.css"].contains(&href.as_str()),
                    "icon" => href.starts_with("data:image/"),
                    "prev" | "next" | "alternate" => true,
                    _ => false,
                };
                if !own {
                    return Some(bad(format!("a link to `{}`", short(&href)), "<link"));
                }
            }
            _ => {}
        }
        if within.is_some() {
            return Some(mixed());
        }
        within = TEXTS.into_iter().find(|text| *text == name);
        let governed = !["html", "head", "title", "meta"].contains(&name.as_str());
        if governed && !policy {
            return Some(bad("something before the site's policy", "http-equiv"));
        }
    }
    (!policy).then(|| bad("no policy", "http-equiv"))
}

/// What is text in one place would be markup in another.
fn mixed() -> Bad {
    bad("markup in `<title>` or `<script>`", "<title")
}

fn attributes(tag: &StartTag<()>, element: &str) -> Option<Bad> {
    for (key, value) in &tag.attributes {
        let key = String::from_utf8_lossy(key).into_owned();
        let value = String::from_utf8_lossy(value).into_owned();
        if key.starts_with("on") || REFUSED.contains(&key.as_str()) {
            return Some(bad(format!("the attribute `{key}`"), format!("{key}=")));
        }
        if ADDRESSES.contains(&key.as_str())
            && let Some(found) = address(element, &key, &value)
        {
            return Some(found);
        }
        // Presentation attributes of SVG may fetch (SVG 2, section 6.6).
        let css = style::unescaped(&value).to_ascii_lowercase();
        let fetches = css.contains("image-set(")
            || css.match_indices("url(").any(|(at, _)| {
                !css.get(at + 4..).unwrap_or_default().trim_start_matches(['"', '\'', ' ']).starts_with('#')
            });
        if fetches {
            return Some(bad(format!("the address in `{key}`"), "url("));
        }
    }
    None
}

/// Addresses lead to the site itself or to a place on the page; a person may be written to.
fn address(element: &str, key: &str, value: &str) -> Option<Bad> {
    // As a browser reads it (WHATWG URL, section 4.4).
    let plain: String = value
        .trim_start_matches(|c: char| c <= ' ')
        .chars()
        .filter(|c| !['\t', '\n', '\r'].contains(c))
        .map(|c| if c == '\\' { '/' } else { c })
        .collect();
    let scheme = plain.split_once(':').map(|(scheme, _)| scheme.to_ascii_lowercase()).filter(|scheme| {
        scheme.starts_with(|c: char| c.is_ascii_alphabetic())
            && scheme.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c))
    });
    let allowed = match (element, key, scheme.as_deref()) {
        ("a", "href", Some("mailto")) => true,
        ("img", "src", Some("data")) | ("link", "href", Some("data")) => plain.starts_with("data:image/"),
        (_, _, Some(_)) => false,
        ("a" | "link" | "script" | "img", ..) => !plain.starts_with("//"),
        // Drawings refer to their own parts only.
        _ => plain.starts_with('#'),
    };
    (!allowed).then(|| bad(format!("the address `{}`", short(value)), value.to_owned()))
}

fn short(text: &str) -> String {
    text.chars().take(60).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(body: &str) -> String {
        format!(
            "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta http-equiv=\"Content-Security-Policy\" \
             content=\"{POLICY}\"><title>T</title><link rel=\"stylesheet\" href=\"style.css\"></head><body>{body}</body></html>"
        )
    }

    fn found(body: &str) -> Option<String> {
        look(&page(body)).map(|bad| bad.what)
    }

    #[test]
    fn what_an_office_would_put_on_a_page_is_allowed() {
        for good in [
            "<p>Hello <b>you</b></p><script src=\"site.js\" defer></script>",
            "<a href=\"audit.html#x\">a</a><a href=\"../fr/index.html\">b</a><a href=\"mailto:dpo@firm.example\">c</a>",
            "<img alt=\"\" src=\"data:image/png;base64,AAAA\">",
            "<svg viewBox=\"0 0 1 1\"><title>x</title><defs><linearGradient id=\"g\"/></defs><rect fill=\"url(#g)\"/></svg>",
            "<p title=\"Note: see https://example.org\">text about https://example.org</p>",
        ] {
            assert_eq!(found(good), None, "{good}");
        }
    }

    #[test]
    fn code_and_other_hosts_are_found_however_they_are_written() {
        for (bad, what) in [
            ("<script>1</script>", "a script"),
            ("<SCRIPT SRC=https://x/y.js></SCRIPT>", "https://x/y.js"),
            ("<script src=\"site.js\"></script><script src=\"site.js\"></script>", "a script"),
            ("<p onclick=\"x\">", "onclick"),
            ("<p style=\"color:red\">", "style"),
            ("<style>p{}</style>", "<style>"),
            ("<a href=\"https://example.org\">", "https://example.org"),
            ("<a href=\"//example.org\">", "//example.org"),
            ("<a href=\"\\\\example.org\">", "example.org"),
            ("<a href=\" java\tscript:alert(1)\">", "script:alert"),
            ("<a href=\"&#106;avascript:alert(1)\">", "javascript:"),
            ("<img src=\"data:text/html,x\">", "data:text"),
            ("<img src=x srcset=\"https://x 2x\">", "srcset"),
            ("<iframe src=\"index.html\">", "iframe"),
            ("<form action=\"x\">", "form"),
            ("<base href=\"x\">", "base"),
            ("<meta http-equiv=\"refresh\" content=\"0;url=x\">", "policy"),
            ("<link rel=\"preload\" href=\"x\">", "link"),
            ("<svg><title><script>1</script></title></svg>", "a script"),
            ("<svg><a xlink:href=\"javascript:1\"/></svg>", "javascript:1"),
            ("<svg><use href=\"other.svg#a\"/></svg>", "other.svg"),
            ("<svg><rect fill=\"url(https://x)\"/></svg>", "fill"),
            ("<svg><animate attributeName=\"href\"/></svg>", "animate"),
            ("<title><!--</title><script>1</script>-->", "markup in"),
            // Text in the page's head, markup in a drawing: read in one way only, one of the two hides it.
            ("<title><a title=\"</title><svg><title><script>1</script></title></svg>\">", "markup in"),
            ("<title><!--</title><svg><title><script>1</script>--><svg><title></title></svg>", "markup in"),
            ("<title></p></title>", "markup in"),
            ("<script src=\"site.js\"><p></script>", "markup in"),
            ("<svg><![CDATA[><a href=\"]]><script>1</script>\"></a></svg>", "CDATA"),
            ("<svg><![cdata[><a href=\"]]><script>1</script>\"></a></svg>", "CDATA"),
            ("<a href=\"x\" attributionsrc=\"https://x\">", "attributionsrc"),
            ("<svg><rect fill=\"\\75rl(https://x)\"/></svg>", "fill"),
            ("<svg><rect mask='image-set(\"https://x\" 1x)'/></svg>", "mask"),
            ("<math><mi>x</mi></math>", "math"),
        ] {
            let said = found(bad);
            assert!(said.as_ref().is_some_and(|said| said.contains(what)), "{bad}: {said:?}");
        }
    }

    #[test]
    fn the_policy_is_the_sites_own_and_comes_first() {
        let whole = page("");
        assert!(look(&whole).is_none());
        for broken in [
            whole.replace("script-src 'self'", "script-src 'self' 'unsafe-inline'"),
            whole.replace("http-equiv", "data-x"),
            whole.replace("<meta charset", "<link rel=\"icon\" href=\"data:image/png,x\"><meta charset"),
        ] {
            assert!(look(&broken).is_some());
        }
    }
}
