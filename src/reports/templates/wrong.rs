//! What is wrong with a template, as one sentence with its file and line.

use tera::ErrorKind;

use super::{Templates, place};
use crate::error::Error;

/// How many of the names that the engine offers instead are told.
const OFFERED: usize = 8;

/// The engine refused the templates: before any page, or while it made one (`page`).
pub(in crate::reports) fn engine_error(e: &tera::Error, page: &str, templates: &Templates) -> Error {
    let Some(found) = Found::of(e) else {
        return page_error(page).cause(e);
    };
    let Some(text) = templates.text_of(&found.file) else {
        // carnet's own, which a firm's can break by what it no longer defines.
        let blame = if templates.any() { hint(&found.file, false) } else { String::new() };
        let error = page_error(&format!("{}, line {}", found.file, found.line)).cause(found.message);
        return if blame.is_empty() { error } else { error.hint(blame) };
    };
    let lines = text.lines().count().max(1);
    let variable = variable(text, &found).map(|path| format!("`{path}`: ")).unwrap_or_default();
    Error::failed("a template of your own is broken")
        .at(format!("{}, line {}", place(&found.file), found.line.min(lines)))
        .cause(format!("{variable}{}", found.message))
        .hint(hint(&found.file, true))
}

/// The whole variable of which the engine names a part: `t.home.led` where it says that there is no `led`.
fn variable(text: &str, found: &Found) -> Option<String> {
    let line: Vec<char> = text.lines().nth(found.line.checked_sub(1)?)?.chars().collect();
    let of_path = |c: &char| c.is_alphanumeric() || ['_', '.'].contains(c);
    let (before, after) = line.split_at_checked(found.column)?;
    let begin = before.iter().rev().take_while(|c| of_path(c)).count();
    let end = after.iter().take_while(|c| of_path(c)).count();
    let path: String = line.get(before.len() - begin..before.len() + end)?.iter().collect();
    let named = found.message.contains("is not defined") || found.message.contains("undefined");
    (named && path.contains('.') && path.starts_with(char::is_alphabetic)).then_some(path)
}

/// A page that could not be made, for no fault of the firm's templates.
pub(in crate::reports) fn page_error(page: &str) -> Error {
    Error::failed("a page could not be made").at(page.to_owned())
}

fn hint(file: &str, own: bool) -> String {
    match (own, file.starts_with('_')) {
        (true, true) => "docs/templates.md lists what each page's template sees".to_owned(),
        (true, false) => format!(
            "`carnet report --template {file}` prints carnet's own; docs/templates.md lists what it sees"
        ),
        _ => {
            "a template of your own may have replaced what this one needs: take away one after another from \
              `templates/`"
                .to_owned()
        }
    }
}

/// One fault.
struct Found {
    file: String,
    /// From 1.
    line: usize,
    /// From 0, in characters.
    column: usize,
    message: String,
}

impl Found {
    fn of(e: &tera::Error) -> Option<Found> {
        match e.kind() {
            ErrorKind::SyntaxError(report) | ErrorKind::RenderingError(report) => Some(Found {
                file: report.filename().to_owned(),
                line: report.span().start_line,
                column: report.span().start_col,
                message: sentence(report.message()),
            }),
            ErrorKind::MissingParent { current, parent } => Some(Found {
                file: current.clone(),
                line: 1,
                column: 0,
                message: format!("it extends `{parent}`, and there is no such template"),
            }),
            ErrorKind::CircularExtend { tpl, .. } | ErrorKind::CircularInclude { tpl, .. } => Some(Found {
                file: tpl.clone(),
                line: 1,
                column: 0,
                message: "it extends or includes itself".to_owned(),
            }),
            ErrorKind::Msg(text) => Found::in_report(text),
            _ => None,
        }
    }

    /// The first of several reports, which the engine gives as text: `error: MESSAGE`, then ` --> FILE:LINE:COLUMN`.
    fn in_report(text: &str) -> Option<Found> {
        let mut lines = text.lines();
        let message = lines.next()?.strip_prefix("error: ");
        if let Some(message) = message {
            let mut at = lines.next()?.trim_start().strip_prefix("--> ")?.rsplitn(3, ':');
            let (column, line, file) = (at.next()?, at.next()?, at.next()?);
            let column = column.parse::<usize>().ok()?.saturating_sub(1);
            let (file, line) = (file.to_owned(), line.parse().ok()?);
            return Some(Found { file, line, column, message: sentence(message) });
        }
        // ``Component `x` is defined in both `a` and `b```: the firm's own comes from either.
        let (_, files) = text.split_once("is defined in both `")?;
        let files: Vec<&str> = files.split('`').filter(|f| f.ends_with(".html")).collect();
        let own = files.iter().find(|f| f.starts_with('_')).or_else(|| files.first())?;
        Some(Found { file: (*own).to_owned(), line: 1, column: 0, message: sentence(text) })
    }
}

/// The engine's sentence with a long list of what there is instead cut short.
fn sentence(message: &str) -> String {
    for list in [" Available fields: ", " Available variables: "] {
        if let Some((said, names)) = message.split_once(list) {
            let mut all: Vec<&str> = names.split(", ").collect();
            let missing = said.split('`').nth(1).unwrap_or_default();
            // What may have been meant comes first.
            let far = |name: &&str| (1000.0 * (1.0 - strsim::jaro_winkler(missing, name))) as u32;
            all.sort_by_key(far);
            let some = all.iter().take(OFFERED).copied().collect::<Vec<_>>().join(", ");
            let more = if all.len() > OFFERED { ", …" } else { "" };
            return format!("{} There is: {some}{more}", lower(said));
        }
    }
    lower(message)
}

/// A sentence that stands after a colon.
fn lower(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(|c| c.to_lowercase().chain(chars).collect()).unwrap_or_default()
}
