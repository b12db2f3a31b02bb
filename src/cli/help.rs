//! `carnet --help`: the commands under headings, which clap has not for subcommands.

use std::fmt::Write;

/// Headings and the commands under each, in the order in which one meets them.
const GROUPS: [(&str, &[&str]); 6] = [
    (
        "Every day",
        &[
            "init", "add", "edit", "show", "list", "find", "query", "log", "todo", "agenda", "deal",
            "pipeline", "tag", "link", "unlink", "search", "import", "export", "dupes", "merge", "undo",
        ],
    ),
    ("Team", &["clone", "sync", "remote", "member", "book", "key"]),
    ("Consent and rights", &["consent", "wording", "lawful", "mailing", "object", "request", "erase"]),
    (
        "Registers and duties",
        &[
            "start",
            "audit",
            "duties",
            "organisation",
            "purpose",
            "notice",
            "retention",
            "breach",
            "processor",
            "training",
            "agreement",
            "map",
            "report",
        ],
    ),
    ("Trail", &["history", "verify", "doctor", "history-purge"]),
    ("Help", &["completions", "hooks", "man", "help"]),
];

/// The command with a help text that lists its subcommands by group.
pub fn grouped(command: clap::Command) -> clap::Command {
    let mut text = String::new();
    let mut rest: Vec<&clap::Command> = command.get_subcommands().filter(|c| !c.is_hide_set()).collect();
    for (heading, names) in GROUPS {
        let _ = writeln!(text, "{heading}:");
        for name in names {
            if let Some(at) = rest.iter().position(|c| c.get_name() == *name) {
                line(&mut text, rest.remove(at));
            } else if *name == "help" {
                let _ = writeln!(text, "  {name:<14}Print this message or the help of the given command");
            }
        }
        text.push('\n');
    }
    if !rest.is_empty() {
        text.push_str("More:\n");
        rest.into_iter().for_each(|command| line(&mut text, command));
        text.push('\n');
    }
    command.help_template(format!(
        "{{about-with-newline}}\n{{usage-heading}} {{usage}}\n\n{text}Options:\n{{options}}{{after-help}}"
    ))
}

fn line(text: &mut String, command: &clap::Command) {
    let about = command.get_about().map(ToString::to_string).unwrap_or_default();
    let _ = writeln!(text, "  {:<14}{}", command.get_name(), about.lines().next().unwrap_or_default());
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_command_has_its_heading_and_every_name_its_command() {
        let command = crate::cli::command();
        let names: Vec<&str> =
            command.get_subcommands().filter(|c| !c.is_hide_set()).map(clap::Command::get_name).collect();
        let grouped: Vec<&str> = super::GROUPS.iter().flat_map(|(_, names)| names.iter().copied()).collect();
        for name in &names {
            assert_eq!(grouped.iter().filter(|g| *g == name).count(), 1, "{name}");
        }
        assert!(grouped.iter().all(|name| *name == "help" || names.contains(name)));
        assert!(!crate::cli::command().render_help().to_string().contains("More:"));
    }
}
