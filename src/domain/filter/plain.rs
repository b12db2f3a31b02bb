//! Whether a filter may stand in a plain file, for ever in its history.

use super::{Expr, Field, Filter, Kind, Term, Value};

/// Fields whose values are the firm's own words, never a person's.
const IMPERSONAL: [&str; 7] = ["book", "kind", "purpose", "basis", "lang", "every", "conflict"];

/// Words of the firm's that a person may yet have put a name into.
const MAYBE: [&str; 2] = ["tag", "country"];

/// Why a filter may not be saved in plain text, as a sentence; none when it may.
///
/// `is_name` says whether a text is (part of) the name of somebody that is known.
///
/// What the firm has declared is its own word, whoever is called so: `declared` says whether a value of a field is. Anything
/// else of such a field is a word only if it is shaped like one and nobody's name: `consent:jeanne@example.org` is not.
pub fn personal(
    filter: &Filter,
    is_name: &dyn Fn(&str) -> bool,
    declared: &dyn Fn(&str, &str) -> bool,
) -> Option<String> {
    filter.expr.as_ref().and_then(|expr| of(expr, is_name, declared))
}

fn of(expr: &Expr, is_name: &dyn Fn(&str) -> bool, declared: &dyn Fn(&str, &str) -> bool) -> Option<String> {
    match expr {
        Expr::And(list) | Expr::Or(list) => list.iter().find_map(|e| of(e, is_name, declared)),
        Expr::Not(inner) => of(inner, is_name, declared),
        Expr::Saved(..) => None,
        Expr::Term(Term::Anywhere(_)) => Some("words to search for may be somebody's name".to_owned()),
        Expr::Term(Term::Has(field)) => of_field(field, is_name),
        Expr::Term(Term::Is(field, _, value)) => {
            of_field(field, is_name).or_else(|| of_value(field, value, is_name, declared))
        }
    }
}

fn of_field(field: &Field, is_name: &dyn Fn(&str) -> bool) -> Option<String> {
    let own = field.custom.as_deref().is_some_and(is_name);
    own.then(|| "a field in it has somebody's name".to_owned())
}

fn of_value(
    field: &Field,
    value: &Value,
    is_name: &dyn Fn(&str) -> bool,
    declared: &dyn Fn(&str, &str) -> bool,
) -> Option<String> {
    let Value::Text { written, .. } = value else { return None };
    let name = field.name();
    let of_the_firm = matches!(field.kind(), Kind::Consent | Kind::Objection) || IMPERSONAL.contains(&name);
    if of_the_firm && declared(name, written) {
        return None;
    }
    if !of_the_firm && !MAYBE.contains(&name) {
        return Some(format!("`{name}:` may say something about a person"));
    }
    if is_name(written) {
        return Some(format!("a `{name}:` in it is somebody's name"));
    }
    let word = if of_the_firm { is_word(written) } else { !is_address(written) };
    (!word).then(|| format!("what `{name}:` says in it may be somebody's name, address or number"))
}

/// Whether it may be a slug, a pair of them or a span: no address, no number that reaches anybody, no running text.
fn is_word(text: &str) -> bool {
    text.chars().all(|c| c.is_alphanumeric() || "-_:/".contains(c)) && !is_address(text)
}

/// An e-mail address, or so many digits as a telephone number has.
pub fn is_address(text: &str) -> bool {
    text.contains('@') || text.chars().filter(char::is_ascii_digit).count() >= 6
}
