//! A record in an editor: its text, with every key that it does not say offered as a comment.

use std::collections::HashSet;

use super::Record;
use super::field::{Field, Shape};

/// The record's text with what it could say besides, explained by `say` in the person's language; [`read`] takes the offers
/// out again.
pub fn render<R: Record>(text: &str, say: &dyn Fn(&str) -> String) -> String {
    let (plain, tables) = split(text);
    let table = text.parse::<toml::Table>().unwrap_or_default();
    let open: Vec<&Field> =
        R::FIELDS.iter().filter(|f| !f.about.is_empty() && !is_said(&table, f.key)).collect();
    let mut out = format!(
        "# {}\n# {}\n\n{plain}",
        say(R::ABOUT),
        say("Remove the # before a line to use it; keys of your own go under [custom].")
    );
    for field in open.iter().filter(|f| f.split().0.is_none() && !matches!(f.shape, Shape::Tables(_))) {
        out.push_str(&format!("# {}\n# {} = {}\n", say(field.about), field.key, field.example));
    }
    if !tables.is_empty() {
        out.push('\n');
    }
    for line in tables.lines() {
        out.push_str(line);
        out.push('\n');
        for field in open.iter().filter(|f| f.split().0.is_some_and(|t| line.trim_end() == format!("[{t}]")))
        {
            out.push_str(&format!("# {} = {}  # {}\n", field.split().1, field.example, say(field.about)));
        }
    }
    let mut last = None;
    for field in open {
        match (field.shape, field.split()) {
            (Shape::Tables(_), _) => {
                let lines = field.example.replace('\n', "\n# ");
                out.push_str(&format!("\n# {}\n# [[{}]]\n# {lines}\n", say(field.about), field.key));
            }
            (_, (Some(name), key)) if !is_said(&table, name) => {
                if last != Some(name) {
                    out.push_str(&format!("\n# [{name}]\n"));
                }
                last = Some(name);
                out.push_str(&format!("# {key} = {}  # {}\n", field.example, say(field.about)));
            }
            _ => {}
        }
    }
    out
}

/// What the person left of a form that was made for `text` and with `say`, without our comments and with theirs.
pub fn read<R: Record>(edited: &str, text: &str, say: &dyn Fn(&str) -> String) -> String {
    let form = render::<R>(text, say);
    let theirs: HashSet<&str> = text.lines().collect();
    let ours: HashSet<&str> =
        form.lines().filter(|line| line.starts_with('#') && !theirs.contains(line)).collect();
    let kept: Vec<&str> = edited.lines().filter(|line| !ours.contains(line)).collect();
    let mut out = String::new();
    let mut empty = true;
    for line in kept {
        // The offers had empty lines between them.
        if !(line.trim().is_empty() && empty) {
            out.push_str(line);
            out.push('\n');
        }
        empty = line.trim().is_empty();
    }
    format!("{}\n", out.trim_end())
}

/// The text before the first table, and the rest.
fn split(text: &str) -> (String, &str) {
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        // A line of a list or of a long text may begin so, too; then what is before it is no TOML.
        if line.starts_with('[') && text[..at].parse::<toml::Table>().is_ok() {
            break;
        }
        at += line.len();
    }
    let (plain, tables) = text.split_at(at);
    let end = if plain.is_empty() || plain.ends_with('\n') { "" } else { "\n" };
    (format!("{plain}{end}"), tables)
}

fn is_said(table: &toml::Table, key: &str) -> bool {
    let mut parts = key.split('.');
    let first = parts.next().and_then(|part| table.get(part));
    parts.try_fold(first, |at, part| at.map(|v| v.get(part))).flatten().is_some()
}

#[cfg(test)]
mod tests {
    use super::super::processor::Processor;
    use super::super::purpose::Purpose;
    use super::super::testing::example;
    use super::*;

    const TEXT: &str =
        "# ours\nname = \"MailCo\" # them\nservice = \"mail\"\n\n[contract]\ndate = 2026-01-01\n";

    fn same(text: &str) -> String {
        text.to_owned()
    }

    #[test]
    fn an_untouched_form_gives_the_text_back() {
        let form = render::<Processor>(TEXT, &same);
        assert!(form.contains("# breach_contact = ") && form.contains("# expires = "), "{form}");
        assert!(!form.contains("# name = \"MailCo") && form.parse::<toml::Table>().is_ok(), "{form}");
        assert_eq!(read::<Processor>(&form, TEXT, &same), TEXT);
    }

    #[test]
    fn every_offer_taken_is_a_record() {
        fn all_offers<R: Record>(text: &str) -> toml::Table {
            let form = render::<R>(text, &same);
            let taken: String = form
                .lines()
                .map(|line| match line.strip_prefix("# ") {
                    Some(rest) if rest.contains(" = ") || rest.starts_with('[') => format!("{rest}\n"),
                    _ => format!("{line}\n"),
                })
                .collect();
            let read = read::<R>(&taken, text, &same);
            let today = chrono::NaiveDate::from_ymd_opt(2026, 11, 25).unwrap();
            super::super::accept::<R>("x", &read, today).unwrap_or_else(|e| panic!("{e}\n{read}"));
            read.parse().unwrap()
        }
        let table = all_offers::<Processor>(TEXT);
        assert_eq!(table["contract"]["date"].to_string(), "2026-01-01");
        assert!(table["contract"].get("expires").is_some() && table.get("sub_processor").is_some());
        let (_, purpose) = example::<Purpose>();
        assert!(all_offers::<Purpose>("").len() >= toml::Table::try_from(purpose).unwrap().len() - 2);
    }
}
