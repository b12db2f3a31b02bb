//! What `find` searches of a contact: its values as one folded text.

use crate::domain::fold::fold_into;

/// All text of a contact file, folded, one value a line: what `find` searches.
///
/// Values of every key, known or not; binary properties of vCards (photos, sounds, keys) left out.
pub fn search_text(table: &toml::Table, out: &mut String) {
    for (key, value) in table {
        if key == "id" || key == "book" {
            continue;
        }
        search_value(value, out);
    }
}

fn search_value(value: &toml::Value, out: &mut String) {
    match value {
        toml::Value::String(s) if is_binary_property(s) => {}
        toml::Value::String(s) => {
            fold_into(s, out);
            out.push('\n');
        }
        toml::Value::Array(items) => items.iter().for_each(|item| search_value(item, out)),
        toml::Value::Table(table) => table.values().for_each(|value| search_value(value, out)),
        toml::Value::Boolean(_) => {}
        other => {
            fold_into(&other.to_string(), out);
            out.push('\n');
        }
    }
}

/// Whether a kept vCard line is a picture, a sound, a key or anything else in base64, which nobody searches.
fn is_binary_property(line: &str) -> bool {
    let Some((head, _)) = line.split_once(':') else { return false };
    let mut parts = head.split(';');
    let name = parts.next().unwrap_or_default();
    let name = name.rsplit('.').next().unwrap_or(name);
    ["PHOTO", "LOGO", "SOUND", "KEY"].iter().any(|n| name.eq_ignore_ascii_case(n))
        || is_property_name(name) && parts.any(is_base64)
}

/// A vCard property's name (RFC 6350, section 3.3): letters, digits and hyphens.
fn is_property_name(name: &str) -> bool {
    !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
}

/// A parameter that says base64: `ENCODING=b` (RFC 2426, section 5), `ENCODING=BASE64` or `BASE64` (vCard 2.1).
fn is_base64(parameter: &str) -> bool {
    let value = match parameter.split_once('=') {
        Some((name, value)) if name.trim().eq_ignore_ascii_case("ENCODING") => value,
        Some(_) => return false,
        None => return parameter.trim().eq_ignore_ascii_case("BASE64"),
    };
    let value = value.trim().trim_matches('"');
    value.eq_ignore_ascii_case("b") || value.eq_ignore_ascii_case("BASE64")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_keys_are_searched_but_photos_are_not() {
        let text = "shoe = 38\nname = \"Éloïse Petit\"\npurpose = \"prospects\"\n[custom]\ndog = \"Rex\"\n[vcard]\nproperties = [\"PHOTO;ENCODING=b:QUJD\", \"X-A:Zoé\"]\n";
        let mut out = String::new();
        search_text(&text.parse().unwrap(), &mut out);
        for found in ["eloise petit", "rex", "38", "x-a:zoe", "prospects"] {
            assert!(out.contains(found), "{found} in {out}");
        }
        assert!(!out.contains("qujd"));
    }

    #[test]
    fn base64_is_binary_whatever_the_property_and_texts_are_not() {
        for line in [
            "PHOTO:http://example.org/x.png",
            "item1.LOGO;TYPE=png:QUJD",
            "X-MS-CARDPICTURE;TYPE=JPEG;ENCODING=BASE64:QUJD",
            "X-ABC;encoding=\"b\":QUJD",
            "X-OLD;BASE64:QUJD",
        ] {
            assert!(is_binary_property(line), "{line}");
        }
        for line in [
            "X-A:ENCODING=b",
            "X-A;TYPE=b:text",
            "NOTE;ENCODING=QUOTED-PRINTABLE:=41",
            "we met;BASE64: a text",
            "KEY",
            "BASE64",
        ] {
            assert!(!is_binary_property(line), "{line}");
        }
    }
}
