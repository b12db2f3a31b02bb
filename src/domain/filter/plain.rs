//! Whether a filter may stand in a plain file, for ever in its history.

use super::{Expr, Field, Filter, Kind, Term, Value};

/// Fields whose values are the firm's own words, never a person's.
const IMPERSONAL: [&str; 7] = ["book", "kind", "purpose", "basis", "lang", "every", "conflict"];

/// Words of the firm's that a person may yet have put a name into.
const MAYBE: [&str; 2] = ["tag", "country"];

/// Why a filter may not be saved in plain text, as a sentence; none when it may.
///
/// `is_name` says whether a text is (part of) the name of somebody that is known.
pub fn personal(filter: &Filter, is_name: &dyn Fn(&str) -> bool) -> Option<String> {
    filter.expr.as_ref().and_then(|expr| of(expr, is_name))
}

fn of(expr: &Expr, is_name: &dyn Fn(&str) -> bool) -> Option<String> {
    match expr {
        Expr::And(list) | Expr::Or(list) => list.iter().find_map(|e| of(e, is_name)),
        Expr::Not(inner) => of(inner, is_name),
        Expr::Saved(..) => None,
        Expr::Term(Term::Anywhere(_)) => Some("words to search for may be somebody's name".to_owned()),
        Expr::Term(Term::Has(field)) => of_field(field, is_name),
        Expr::Term(Term::Is(field, _, value)) => {
            of_field(field, is_name).or_else(|| of_value(field, value, is_name))
        }
    }
}

fn of_field(field: &Field, is_name: &dyn Fn(&str) -> bool) -> Option<String> {
    let own = field.custom.as_deref().is_some_and(is_name);
    own.then(|| "a field in it has somebody's name".to_owned())
}

fn of_value(field: &Field, value: &Value, is_name: &dyn Fn(&str) -> bool) -> Option<String> {
    let Value::Text { written, .. } = value else { return None };
    let name = field.name();
    match field.kind() {
        Kind::Consent | Kind::Objection => None,
        _ if IMPERSONAL.contains(&name) => None,
        _ if MAYBE.contains(&name) && is_name(written) => {
            Some(format!("a `{name}:` in it is somebody's name"))
        }
        _ if MAYBE.contains(&name) => None,
        _ => Some(format!("`{name}:` may say something about a person")),
    }
}
