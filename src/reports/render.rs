//! The template engine: embedded templates, filters in one language, and the escaping that nothing gets past.

use std::io::Write;
use std::sync::Arc;

use serde::Serialize;
use tera::{Context, Kwargs, State, Tera, TeraResult};

use super::paging::Paging;
use super::templates::{Templates, check_page, engine_error, page_error};
use super::texts::{Texts, iso};
use crate::error::Result;

/// Templates by name; a page's template has the page's name.
pub(super) const TEMPLATES: [(&str, &str); 24] = [
    ("base.html", include_str!("../../templates/base.html")),
    ("parts.html", include_str!("../../templates/parts.html")),
    ("choose.html", include_str!("../../templates/choose.html")),
    ("home.html", include_str!("../../templates/home.html")),
    ("books.html", include_str!("../../templates/books.html")),
    ("processing.html", include_str!("../../templates/processing.html")),
    ("consent.html", include_str!("../../templates/consent.html")),
    ("trail.html", include_str!("../../templates/trail.html")),
    ("access.html", include_str!("../../templates/access.html")),
    ("changes.html", include_str!("../../templates/changes.html")),
    ("erasures.html", include_str!("../../templates/erasures.html")),
    ("purpose.html", include_str!("../../templates/purpose.html")),
    ("audit.html", include_str!("../../templates/audit.html")),
    ("map.html", include_str!("../../templates/map.html")),
    ("check.html", include_str!("../../templates/check.html")),
    ("bases.html", include_str!("../../templates/bases.html")),
    ("wordings.html", include_str!("../../templates/wordings.html")),
    ("retention.html", include_str!("../../templates/retention.html")),
    ("processors.html", include_str!("../../templates/processors.html")),
    ("requests.html", include_str!("../../templates/requests.html")),
    ("breaches.html", include_str!("../../templates/breaches.html")),
    ("trainings.html", include_str!("../../templates/trainings.html")),
    ("since.html", include_str!("../../templates/since.html")),
    ("nominative.html", include_str!("../../templates/nominative.html")),
];

/// The one stylesheet of the site.
pub const STYLE: &str = include_str!("../../templates/style.css");

/// The one script of the site: filter and sort of long tables. Every page is whole without it.
pub const SCRIPT: &str = include_str!("../../templates/site.js");

/// What a template sees: the messages, facts of the whole site, and its page's view.
#[derive(Serialize)]
struct Seen<'a, S, V> {
    t: &'a std::collections::BTreeMap<String, std::collections::BTreeMap<String, String>>,
    site: &'a S,
    v: &'a V,
    /// Which file of a long table this is.
    p: Option<&'a Paging>,
}

/// Templates ready to render in one language.
pub struct Renderer {
    tera: Tera,
    texts: Arc<Texts>,
    templates: Templates,
}

impl Renderer {
    /// Reads the templates and registers the filters (docs/format.md does not fix them; they are the site's own):
    /// `num`, `day`, `moment`, `iso`, `month`, `count(of=KEY)`, `label(of=KIND)`.
    pub fn new(texts: Texts, templates: &Templates) -> Result<Renderer> {
        Renderer::build(texts, templates.in_force(), templates.clone())
    }

    /// The same for a set of templates of its own: names and texts.
    pub fn with(texts: Texts, templates: Vec<(String, String)>) -> Result<Renderer> {
        Renderer::build(texts, templates, Templates::embedded())
    }

    fn build(texts: Texts, all: Vec<(String, String)>, templates: Templates) -> Result<Renderer> {
        let texts = Arc::new(texts);
        let mut tera = Tera::new();
        tera.autoescape_on([".html"]);
        tera.set_escape_fn(escape);
        let t = texts.clone();
        tera.register_filter("num", move |n: tera::Value, _: Kwargs, _: &State<'_>| number(&t, &n));
        let t = texts.clone();
        tera.register_filter("day", move |at: i64, _: Kwargs, _: &State<'_>| t.day(at));
        let t = texts.clone();
        tera.register_filter("moment", move |at: i64, _: Kwargs, _: &State<'_>| t.moment(at));
        tera.register_filter("iso", |at: i64, _: Kwargs, _: &State<'_>| iso(at));
        let t = texts.clone();
        tera.register_filter("month", move |text: &str, _: Kwargs, _: &State<'_>| t.month(text));
        let t = texts.clone();
        tera.register_filter(
            "count",
            move |n: tera::Value, args: Kwargs, _: &State<'_>| -> TeraResult<String> {
                let key = args.must_get::<&str>("of")?;
                // A protected count is a range, which is never one.
                let counted = match n.as_i64() {
                    Some(n) => t.counted(n, key),
                    None => t.counted_text(&number(&t, &n), key),
                };
                counted.ok_or_else(|| tera::Error::message(format!("no counted message `{key}`")))
            },
        );
        let t = texts.clone();
        tera.register_filter("label", move |code: &str, args: Kwargs, _: &State<'_>| -> TeraResult<String> {
            let kind = args.must_get::<&str>("of")?;
            t.label(kind, code).ok_or_else(|| tera::Error::message(format!("no labels of `{kind}`")))
        });
        super::pictures::register(&mut tera, &texts);
        let lang = texts.lang;
        tera.register_filter("said", move |said: tera::Value, _: Kwargs, _: &State<'_>| {
            said.get_from_path(lang.as_str()).cloned().unwrap_or_else(tera::Value::none)
        });
        let t = texts.clone();
        tera.register_filter("duration", move |n: u32, _: Kwargs, _: &State<'_>| t.duration(n));
        let t = texts.clone();
        tera.register_filter("article", move |rule: &str, _: Kwargs, _: &State<'_>| t.article(rule));
        if templates.any() {
            tera.register_filter("safe", |_: tera::Value, _: Kwargs, _: &State<'_>| -> TeraResult<String> {
                Err(tera::Error::message(
                    "the filter `safe` is not for templates of your own: texts stay escaped",
                ))
            });
        }
        tera.add_raw_templates(all).map_err(|e| engine_error(&e, "templates", &templates))?;
        Ok(Renderer { tera, texts, templates })
    }

    pub(super) fn texts(&self) -> &Texts {
        &self.texts
    }

    /// A page with a drawing of carnet's own (`drawing`), whose texts are escaped already.
    pub(super) fn drawn<S: Serialize, V: Serialize>(
        &self,
        template: &str,
        site: &S,
        view: &V,
        drawing: &str,
    ) -> Result<String> {
        let seen = Seen { t: &self.texts.text, site, v: view, p: None };
        let mut context = Context::from_serialize(&seen).map_err(|e| page_error(template).cause(e))?;
        context.insert_value("drawing", tera::Value::safe_string(drawing));
        self.made(template, &context)
    }

    /// One page, looked at where a template of the firm's own may have had a part in it.
    fn made(&self, template: &str, context: &Context) -> Result<String> {
        let made = self.tera.render(template, context);
        let page = made.map_err(|e| engine_error(&e, template, &self.templates))?;
        if self.templates.any() {
            check_page(template, &page, &self.templates)?;
        }
        Ok(page)
    }

    /// Renders one page.
    pub fn page<S: Serialize, V: Serialize>(&self, template: &str, site: &S, view: &V) -> Result<String> {
        self.part(template, site, view, None)
    }

    /// Renders one file of a page with a long table, whose rows are markup already.
    pub(super) fn part<S: Serialize, V: Serialize>(
        &self,
        template: &str,
        site: &S,
        view: &V,
        part: Option<(&Paging, &str)>,
    ) -> Result<String> {
        let seen = Seen { t: &self.texts.text, site, v: view, p: part.map(|(paging, _)| paging) };
        let mut context = Context::from_serialize(&seen).map_err(|e| page_error(template).cause(e))?;
        if let Some((_, rows)) = part {
            context.insert_value("rows", tera::Value::safe_string(rows));
        }
        self.made(template, &context)
    }
}

/// A number as its language writes it; a protected count, which is a text, as it is.
fn number(texts: &Texts, n: &tera::Value) -> String {
    n.as_i64().map(|n| texts.number(n)).unwrap_or_else(|| n.as_str().unwrap_or_default().to_owned())
}

/// Escapes for element content and quoted attributes (HTML, section 13.3 «Serializing HTML fragments»), and shows
/// characters that HTML forbids or that reorder what follows as U+FFFD, the replacement character.
pub(super) fn escape(text: &str, out: &mut dyn Write) -> std::io::Result<()> {
    let mut buffer = [0; 4];
    for c in text.chars() {
        let part = match c {
            '&' => "&amp;",
            '<' => "&lt;",
            '>' => "&gt;",
            '"' => "&quot;",
            '\'' => "&#39;",
            '\n' | '\t' => " ",
            '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{fffe}' | '\u{ffff}' => "\u{fffd}",
            c if c.is_control() => "\u{fffd}",
            c => c.encode_utf8(&mut buffer),
        };
        out.write_all(part.as_bytes())?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::organisation::Lang;

    #[test]
    fn nothing_active_gets_through_the_escape() {
        let mut out = Vec::new();
        escape("<script>\"a\"&'b'\u{202e}\u{0}\nÉ", &mut out).unwrap();
        let text = String::from_utf8(out).unwrap();
        assert_eq!(text, "&lt;script&gt;&quot;a&quot;&amp;&#39;b&#39;\u{fffd}\u{fffd} É");
    }

    /// What templates name: `t.section.key`, `count(of="key")`, `label(of="kind")`.
    fn named(prefix: &str, end: fn(char) -> bool) -> Vec<(&'static str, String)> {
        let mut found = Vec::new();
        for (name, text) in TEMPLATES {
            for (at, _) in text.match_indices(prefix) {
                let own = text[..at].chars().next_back().is_none_or(|c| !c.is_alphanumeric());
                let rest = &text[at + prefix.len()..];
                if own {
                    found.push((name, rest.chars().take_while(|c| !end(*c)).collect()));
                }
            }
        }
        found
    }

    #[test]
    fn templates_name_only_messages_that_exist_and_leave_none_unused() {
        let texts = Texts::load(Lang::Fr).unwrap();
        let used = named("t.", |c| !(c.is_alphanumeric() || "._".contains(c)));
        assert!(used.len() > 50);
        for (template, path) in &used {
            let (section, key) = path.split_once('.').unwrap_or((path, ""));
            assert!(texts.text.get(section).is_some_and(|s| s.contains_key(key)), "{template}: t.{path}");
        }
        for (section, keys) in &texts.text {
            for key in keys.keys() {
                let path = format!("{section}.{key}");
                assert!(used.iter().any(|(_, p)| *p == path), "t.{path} is not used");
            }
        }
        for (template, key) in named("count(of=\"", |c| c == '"') {
            assert!(texts.counted(2, &key).is_some(), "{template}: {key}");
        }
        for (template, kind) in named("label(of=\"", |c| c == '"') {
            assert!(texts.label(&kind, "x").is_some(), "{template}: {kind}");
        }
    }

    #[test]
    fn no_template_switches_the_escape_off_or_carries_code() {
        for (name, text) in TEMPLATES {
            for bad in ["| safe", "|safe", "<script", "style=", "onclick", "http:", "https:", "javascript:"] {
                let text = text.replace("http://www.w3.org/2000/svg", "").replace("http-equiv", "");
                let text = text.replace("<script src=\"{{ site.root }}site.js\" defer", "");
                assert!(!text.contains(bad), "{name}: {bad}");
            }
        }
        for bad in ["@import", "url(", "http"] {
            assert!(!STYLE.contains(bad), "{bad}");
        }
        for bad in [
            "innerHTML",
            "eval",
            "http",
            "fetch",
            "import",
            "document.write",
            "Function",
            "cookie",
            "localStorage",
        ] {
            assert!(!SCRIPT.contains(bad), "{bad}");
        }
    }
}
