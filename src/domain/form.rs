//! The commented form that `add` opens in an editor, and reading it back.

use super::contact::Contact;
use super::draft::{Draft, basis_table};
use super::ids::{ContactId, Slug};
use crate::error::Result;

/// A form with `draft` filled in and every other field offered as a comment.
///
/// The form is the contact file itself: what the person leaves in it is what is kept.
/// `say` says the comments in the person's language.
pub fn render(
    draft: &Draft,
    (id, book): (&ContactId, &Slug),
    now: &str,
    purposes: &[Slug],
    say: &dyn Fn(&str) -> String,
) -> String {
    let text = draft.to_toml(id, book, now);
    let (head, tables) = match text.find("\n[") {
        Some(at) => text.split_at(at + 1),
        None => (text.as_str(), ""),
    };
    let mut out = String::new();
    for line in [
        "A new contact. Fill in what you know, save and close; leave the name empty to give up.",
        "Remove the # of a line to use it. Lines that you add stay as you write them.",
    ] {
        out.push_str(&format!("# {}\n", say(line)));
    }
    out.push('\n');
    out.push_str(head);
    for (key, example) in [
        ("given", "\"Jeanne\""),
        ("family", "\"Dupont\""),
        ("org", "\"Atelier Dupont\""),
        ("title", "\"Manager\""),
        ("emails", "[\"jeanne@example.org\", { value = \"j@example.com\", type = \"home\" }]"),
        ("phones", "[\"06 12 34 56 78\"]"),
        (
            "addresses",
            "[{ street = \"1 rue X\", postcode = \"75001\", locality = \"Paris\", country = \"FR\" }]",
        ),
        ("birthday", "\"1980-02-03\""),
        ("tags", "[\"vip\"]"),
        ("lang", "\"fr\""),
        ("note", "\"\"\"\n# several lines\n# \"\"\""),
    ] {
        if !head.lines().any(|line| line.starts_with(&format!("{key} ="))) {
            out.push_str(&format!("# {key} = {example}\n"));
        }
    }
    let names: Vec<&str> = purposes.iter().map(Slug::as_str).collect();
    for line in [
        "source: where the data comes from (Art. 14 GDPR), such as \"trade fair 2026\".",
        "basis: why you may hold it (Art. 6(1) GDPR).",
    ] {
        out.push_str(&format!("\n# {}", say(line)));
    }
    out.push_str(&format!("\n#   {} {}\n", say("Declared purposes:"), names.join(", ")));
    out.push_str(&format!(
        "#   {} consent, contract, legal-obligation, vital-interests, public-task, legitimate-interests\n\n",
        say("Bases:")
    ));
    if draft.bases.is_empty() {
        out.push_str("# [[basis]]\n# purpose = \"prospects\"\n# basis = \"legitimate-interests\"\n");
    }
    out.push_str(tables.trim_start_matches("basis = []\n"));
    out
}

/// Whether the person gave up: nothing but comments, or an empty name.
pub fn is_given_up(text: &str) -> bool {
    let table: toml::Table = match text.parse() {
        Ok(table) => table,
        Err(_) => {
            return text.lines().all(|l| l.trim().is_empty() || l.trim_start().starts_with('#'));
        }
    };
    table.get("name").and_then(toml::Value::as_str).is_none_or(|name| name.trim().is_empty())
}

/// Reads the form back, with the form's own comments removed and the person's kept.
pub fn read(text: &str, form: &str, today: &str) -> Result<String> {
    // First as the person sees it, so that an error's line is the line that they see.
    Contact::parse(text)?;
    let ours: std::collections::HashSet<&str> = form.lines().filter(|line| line.starts_with('#')).collect();
    let kept: Vec<&str> = text.lines().filter(|line| !ours.contains(line)).collect();
    let text = format!("{}\n", kept.join("\n").trim());
    Contact::parse(&text)?;
    // A basis starts today unless the person says otherwise.
    let mut doc = super::edit::document(&text)?;
    if let Some(bases) = doc.get_mut("basis").and_then(|b| b.as_array_of_tables_mut()) {
        for table in bases.iter_mut().filter(|t| !t.contains_key("since")) {
            let pair = "x:consent".parse()?;
            if let Some(since) = basis_table(&pair, today).get("since") {
                table["since"] = since.clone();
            }
        }
    }
    Ok(doc.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(draft: &Draft) -> (String, ContactId) {
        let id = ContactId::random();
        let book = "main".parse().unwrap();
        let purposes = ["prospects".parse().unwrap()];
        (render(draft, (&id, &book), "2026-11-23T10:00:00Z", &purposes, &|text| text.to_owned()), id)
    }

    #[test]
    fn an_untouched_form_is_giving_up_and_is_valid_toml() {
        let (text, _) = form(&Draft::default());
        assert!(text.parse::<toml::Table>().is_ok(), "{text}");
        assert!(is_given_up(&text));
    }

    #[test]
    fn a_filled_form_reads_back_without_our_comments_but_with_theirs() {
        let (text, id) = form(&Draft::default());
        let filled = text
            .replace("name = \"\"", "name = \"Ana\" # as on her card")
            .replace("source = \"\"", "source = \"fair\"")
            .replace("# [[basis]]\n# purpose", "[[basis]]\npurpose")
            .replace("# basis = \"leg", "basis = \"leg");
        let read = read(&filled, &text, "2026-11-23").unwrap();
        assert!(read.contains("# as on her card") && !read.contains("Fill in"), "{read}");
        let contact = Contact::parse(&read).unwrap();
        assert_eq!((contact.id, contact.bases.len()), (id, 1));
        assert_eq!(contact.bases[0].since.unwrap().to_string(), "2026-11-23");
    }
}
