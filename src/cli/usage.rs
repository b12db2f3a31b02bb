//! What is wrong with a command line, said in French; in English clap says it itself.

use std::error::Error as _;

use clap::error::{ContextKind, ContextValue, Error, ErrorKind};

use crate::domain::organisation::Lang;

/// The language that `--lang` before the command names; an error comes before anything is parsed.
pub fn wished(args: &[String]) -> Option<Lang> {
    let mut args = args.iter().skip(1).map(String::as_str);
    while let Some(arg) = args.next().filter(|arg| arg.starts_with('-')) {
        let value = match arg {
            "--lang" => args.next(),
            "-C" | "--directory" => {
                args.next();
                None
            }
            _ => arg.strip_prefix("--lang="),
        };
        match value {
            Some("fr") => return Some(Lang::Fr),
            Some("en") => return Some(Lang::En),
            _ => {}
        }
    }
    None
}

/// The whole text of an error; `None` where clap's own is to be shown, as for help.
pub fn said(error: &Error, lang: Lang) -> Option<String> {
    if lang == Lang::En || !error.use_stderr() {
        return None;
    }
    let of = |kind| error.get(kind).map(text).unwrap_or_default();
    let argument = of(ContextKind::InvalidArg);
    let value = of(ContextKind::InvalidValue);
    let (message, nearest) = match error.kind() {
        ErrorKind::UnknownArgument => {
            (lang.fill("unexpected argument {}", &[&argument]), of(ContextKind::SuggestedArg))
        }
        ErrorKind::InvalidSubcommand => (
            lang.fill("there is no subcommand {}", &[&of(ContextKind::InvalidSubcommand)]),
            of(ContextKind::SuggestedSubcommand),
        ),
        ErrorKind::MissingRequiredArgument => {
            (lang.fill("these arguments are missing: {}", &[&argument]), String::new())
        }
        ErrorKind::InvalidValue if value.is_empty() => {
            (lang.fill("a value is missing for {}", &[&argument]), String::new())
        }
        ErrorKind::InvalidValue | ErrorKind::ValueValidation => {
            let why = error.source().map(|why| format!("{} {}", lang.colon(), lang.say(&why.to_string())));
            let values: [&dyn std::fmt::Display; 3] = [&value, &argument, &why.unwrap_or_default()];
            (lang.fill("{} is no value for {}{}", &values), of(ContextKind::SuggestedValue))
        }
        ErrorKind::ArgumentConflict => {
            let prior = of(ContextKind::PriorArg);
            (lang.fill("{} does not go with {}", &[&argument, &prior]), String::new())
        }
        _ => return None,
    };
    let mut out = format!("carnet: {message}\n");
    let mut more = |title: &str, text: String| {
        if !text.is_empty() {
            out.push_str(&format!("  {}{} {text}\n", lang.say(title), lang.colon()));
        }
    };
    more("nearest", nearest);
    more("possible values", of(ContextKind::ValidValue));
    let usage = of(ContextKind::Usage);
    more("usage", usage.trim_start_matches("Usage:").trim().to_owned());
    more("hint", lang.say("`--help` says more").into_owned());
    Some(out)
}

/// What clap tells of an error; lists with commas, without colours.
fn text(value: &ContextValue) -> String {
    match value {
        ContextValue::String(text) => text.clone(),
        ContextValue::Strings(texts) => texts.join(", "),
        ContextValue::StyledStr(text) => text.to_string(),
        ContextValue::StyledStrs(texts) => {
            texts.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
        }
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(line: &[&str]) -> Error {
        crate::cli::command().try_get_matches_from(line).unwrap_err()
    }

    #[test]
    fn errors_of_the_command_line_are_said_in_french_and_help_is_not() {
        for (line, part) in [
            (&["carnet", "list", "--foo"][..], "argument inattendu\u{a0}: --foo"),
            (&["carnet", "agnda"], "le plus proche\u{a0}: agenda"),
            (&["carnet", "erase", "x"], "il manque ces arguments\u{a0}: --reason <REASON>"),
            (&["carnet", "completions", "zz"], "valeurs possibles\u{a0}: bash"),
            (&["carnet", "agenda", "--days", "zz"], "zz n’est pas une valeur pour --days <N>"),
            (&["carnet", "book", "add", "Test"], "nom non valable pour un carnet"),
            (&["carnet", "show", "x", "--file", "--briefing"], "ne va pas avec"),
        ] {
            let said = said(&error(line), Lang::Fr).unwrap();
            assert!(said.contains(part) && said.contains("conseil\u{a0}: `--help`"), "{said}");
            assert_eq!(super::said(&error(line), Lang::En), None);
        }
        assert_eq!(said(&error(&["carnet", "list", "--help"]), Lang::Fr), None);
    }

    #[test]
    fn the_wished_language_stands_before_the_command() {
        let of = |line: &str| wished(&line.split(' ').map(str::to_owned).collect::<Vec<_>>());
        assert_eq!(of("carnet --lang fr list"), Some(Lang::Fr));
        assert_eq!(of("carnet -C --lang --lang=en list"), Some(Lang::En));
        assert_eq!(of("carnet notice --lang fr"), None);
        assert_eq!(of("carnet --lang"), None);
    }
}
