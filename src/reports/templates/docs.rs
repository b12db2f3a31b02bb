//! docs/templates.md, the part that lists what each template sees: written from the views' own types, so that it cannot
//! be stale. `CARNET_BLESS=1 cargo test --lib templates::docs` writes it anew.

use std::fmt::Write;

use schemars::{JsonSchema, Schema, generate::SchemaSettings};
use serde_json::Value;

use super::{STYLESHEET, names};
use crate::domain::organisation::Lang;
use crate::reports::audience::Audience;
use crate::reports::nominative::View as Named;
use crate::reports::pages::site_view::SiteView;
use crate::reports::pages::table::PAGES;
use crate::reports::paging::Paging;
use crate::reports::render::TEMPLATES;
use crate::reports::texts::Texts;
use crate::reports::views;

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/templates.md");
const BEGIN: &str = "<!-- begin: written by a test from the types of the views -->\n";
const END: &str = "<!-- end -->\n";

/// What each page's template sees as `v`.
fn views() -> Vec<(&'static str, Schema)> {
    vec![
        ("home", schema::<views::home::View>()),
        ("audit", schema::<views::audit::View>()),
        ("since", schema::<views::review::View>()),
        ("map", schema::<views::map::View>()),
        ("check", schema::<views::check::View>()),
        ("processing", schema::<views::processing::View>()),
        ("purpose", schema::<views::purpose::View>()),
        ("bases", schema::<views::bases::View>()),
        ("consent", schema::<views::consent::View>()),
        ("wordings", schema::<views::wordings::View>()),
        ("retention", schema::<views::retention::View>()),
        ("processors", schema::<views::processors::View>()),
        ("requests", schema::<views::requests::View>()),
        ("erasures", schema::<views::erasures::View>()),
        ("breaches", schema::<views::breaches::View>()),
        ("books", schema::<views::books::View>()),
        ("trainings", schema::<views::trainings::View>()),
        ("access", schema::<views::access::View>()),
        ("changes", schema::<views::changes::View>()),
        ("nominative", schema::<Named<'_>>()),
    ]
}

fn schema<T: JsonSchema>() -> Schema {
    let settings = SchemaSettings::draft2020_12().for_serialize();
    settings.into_generator().into_root_schema_for::<T>()
}

/// A table of every path below `root`.
fn table(root: &str, schema: &Schema) -> String {
    let root_value = schema.as_value();
    let mut out = String::from("| Variable | Type | Meaning |\n|---|---|---|\n");
    let mut rows = Vec::new();
    walk(root, root_value, root_value, 0, &mut rows);
    for (path, kind, meaning) in rows.into_iter().skip(1) {
        let _ = writeln!(out, "| `{path}` | {kind} | {meaning} |");
    }
    out
}

type Rows = Vec<(String, String, String)>;

fn walk(path: &str, schema: &Value, root: &Value, depth: usize, rows: &mut Rows) {
    assert!(depth < 12, "{path} goes on for ever");
    let described = schema["description"].as_str();
    let (schema, optional) = resolved(schema, root);
    let described = described.or(schema["description"].as_str()).unwrap_or_default();
    let meaning = described.split_whitespace().collect::<Vec<_>>().join(" ").replace('|', "\\|");
    let mut kind = kind(schema);
    if optional {
        kind.push_str(", or none");
    }
    rows.push((path.to_owned(), kind, meaning));
    for part in schema["properties"].as_object().into_iter().flatten() {
        walk(&format!("{path}.{}", part.0), part.1, root, depth + 1, rows);
    }
    if schema["items"].is_object() {
        inside(&format!("{path}[]"), &schema["items"], root, depth, rows);
    }
    if schema["additionalProperties"].is_object() {
        inside(&format!("{path}[KEY]"), &schema["additionalProperties"], root, depth, rows);
    }
    for fixed in schema["prefixItems"].as_array().into_iter().flatten().enumerate() {
        inside(&format!("{path}[{}]", fixed.0), fixed.1, root, depth, rows);
    }
}

/// Elements of a list: a line of their own only where they are no maps.
fn inside(path: &str, schema: &Value, root: &Value, depth: usize, rows: &mut Rows) {
    let at = rows.len();
    walk(path, schema, root, depth + 1, rows);
    let maps = resolved(schema, root).0["properties"].is_object();
    if maps && rows.len() > at + 1 {
        rows.remove(at);
    }
}

/// Follows references, and says whether there may be nothing.
fn resolved<'a>(schema: &'a Value, root: &'a Value) -> (&'a Value, bool) {
    if let Some(name) = schema["$ref"].as_str().and_then(|path| path.strip_prefix("#/$defs/")) {
        return resolved(&root["$defs"][name], root);
    }
    if let Some(any) = schema["anyOf"].as_array() {
        let some: Vec<&Value> = any.iter().filter(|one| one["type"] != "null").collect();
        if let [one] = some.as_slice() {
            return (resolved(one, root).0, some.len() < any.len());
        }
    }
    let optional = schema["type"].as_array().is_some_and(|types| types.iter().any(|t| t == "null"));
    (schema, optional)
}

fn kind(schema: &Value) -> String {
    let word = |name: &str| match name {
        "string" => "text",
        "integer" | "number" => "number",
        "boolean" => "yes or no",
        "array" => "list",
        "object" => "map",
        other => panic!("what is {other}?"),
    };
    if let Some(codes) = schema["enum"].as_array() {
        let codes: Vec<String> =
            codes.iter().filter_map(|code| code.as_str().map(|code| format!("`{code}`"))).collect();
        return codes.join(", ");
    }
    if let Some(code) = schema["const"].as_str() {
        return format!("`{code}`");
    }
    match &schema["type"] {
        Value::String(name) => word(name).to_owned(),
        Value::Array(names) => {
            let names: Vec<&str> = names.iter().filter_map(Value::as_str).filter(|n| *n != "null").collect();
            match names.as_slice() {
                // A count of persons, which may be a text ([`crate::reports::small::Count`]).
                ["integer", "string"] => "count".to_owned(),
                _ => names.into_iter().map(word).collect::<Vec<_>>().join(" or "),
            }
        }
        _ => {
            let several = schema["oneOf"].as_array().or(schema["anyOf"].as_array());
            let kinds: std::collections::BTreeSet<String> = several.into_iter().flatten().map(kind).collect();
            assert!(!kinds.is_empty(), "what is {schema}?");
            kinds.into_iter().collect::<Vec<_>>().join(" or ")
        }
    }
}

/// Names after `{% WORD`, in the order in which they come.
fn tags(text: &str, word: &str) -> Vec<String> {
    let begin = format!("{{% {word} ");
    let found = text.match_indices(&begin).map(|(at, _)| &text[at + begin.len()..]);
    found.map(|rest| rest.split(" -%}").next().unwrap().split(" %}").next().unwrap().to_owned()).collect()
}

fn written() -> String {
    let mut out = String::new();
    let mut say = |text: &str| out.push_str(text);
    let texts = Texts::load(Lang::En).unwrap();
    say("## Every page: `site`\n\n");
    say(&table("site", &schema::<SiteView<'_>>()));
    say(
        "\n## Pages with a long table: `p`\n\n`access.html`, `changes.html`, `requests.html`, `erasures.html` and \
         `nominative.html` see which part of it they are; `access.html` and `changes.html` also see `rows`, the table's rows as \
         carnet has written them.\n\n",
    );
    say(&table("p", &schema::<Paging>()));
    say("\n## Components\n\nIn `parts.html`; every template can use them.\n\n");
    let parts = TEMPLATES.iter().find(|(name, _)| *name == "parts.html").unwrap().1;
    for component in tags(parts, "component") {
        say(&format!("- `{component}`\n"));
    }
    say("\n## Words: `t`\n\n");
    for (section, keys) in &texts.text {
        let keys: Vec<String> = keys.keys().map(|key| format!("`{key}`")).collect();
        say(&format!("- `t.{section}`: {}\n", keys.join(", ")));
    }
    say("\n## Frames\n\n");
    for name in ["base.html", "trail.html", "choose.html", "parts.html"] {
        let text = TEMPLATES.iter().find(|(known, _)| *known == name).unwrap().1;
        let blocks: Vec<String> = tags(text, "block").iter().map(|block| format!("`{block}`")).collect();
        if !blocks.is_empty() {
            say(&format!("- `{name}` has the blocks {}\n", blocks.join(", ")));
        }
    }
    for (code, schema) in views() {
        let page = PAGES.iter().find(|page| page.code == code);
        let title = texts.label("page", code).unwrap();
        say(&format!("\n## `{code}.html`: {title}\n\n"));
        match page {
            Some(page) => {
                let whom: Vec<&str> = [Audience::Dpo, Audience::Authority, Audience::Public]
                    .into_iter()
                    .filter(|audience| page.is_for(*audience))
                    .map(Audience::as_str)
                    .collect();
                say(&format!("Makes `{}`, for {}.\n\n", page.file, whom.join(", ")));
            }
            None if code == "purpose" => say("Makes `purpose-SLUG.html`, one for each purpose.\n\n"),
            None => say("Makes the pages of `carnet report --nominative`; no page of the site.\n\n"),
        }
        if code == "map" {
            say("Also sees `drawing`, the map that carnet has drawn.\n\n");
        }
        say(&table("v", &schema));
    }
    out
}

#[test]
fn every_template_and_every_variable_is_in_the_docs() {
    let file = std::fs::read_to_string(FILE).unwrap();
    let (before, rest) = file.split_once(BEGIN).expect("the mark where the list begins");
    let (listed, after) = rest.split_once(END).expect("the mark where the list ends");
    let written = written();
    for name in names() {
        assert!(written.contains(&format!("`{name}`")) || before.contains(&format!("`{name}`")), "{name}");
    }
    assert!(before.contains(&format!("`{STYLESHEET}`")));
    if std::env::var_os("CARNET_BLESS").is_some() {
        std::fs::write(FILE, format!("{before}{BEGIN}{written}{END}{after}")).unwrap();
    } else {
        let differs = listed.lines().zip(written.lines()).find(|(a, b)| a != b);
        assert!(listed == written, "docs/templates.md is stale (CARNET_BLESS=1 writes it): {differs:?}");
    }
    // Each page of the table has its view above.
    for page in PAGES {
        assert!(written.contains(&format!("## `{}`: ", page.template)), "{}", page.code);
    }
}

/// Filters that the text before the list explains.
#[test]
fn every_filter_that_carnets_own_templates_use_is_explained() {
    let file = std::fs::read_to_string(FILE).unwrap();
    let before = file.split_once(BEGIN).unwrap().0;
    let mut used = std::collections::BTreeSet::new();
    for (_, text) in TEMPLATES {
        for part in text.split("{{").skip(1).filter_map(|rest| rest.split("}}").next()) {
            for filter in part.split(" | ").skip(1) {
                used.insert(filter.split(|c: char| !(c.is_alphanumeric() || c == '_')).next().unwrap());
            }
        }
    }
    assert!(used.len() > 8, "{used:?}");
    for filter in used {
        assert!(before.contains(&format!("| `{filter}")), "the filter {filter} is not explained");
    }
}
