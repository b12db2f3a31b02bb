//! The string literals of a source file, each with the call or macro in which it stands.

use proc_macro2::{Delimiter, TokenStream, TokenTree};

/// A literal: its text with `{}` for each value, and the call or macro in which it stands.
pub struct Found {
    pub text: String,
    pub call: String,
}

pub fn literals(source: &str) -> Vec<Found> {
    let mut found = Vec::new();
    walk(source.parse().expect("Rust"), "", &mut found);
    found
}

fn walk(tokens: TokenStream, call: &str, found: &mut Vec<Found>) {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        at += 1;
        match token {
            TokenTree::Punct(p) if p.as_char() == '#' => {
                let bang = matches!(tokens.get(at), Some(TokenTree::Punct(p)) if p.as_char() == '!');
                let Some(TokenTree::Group(attribute)) = tokens.get(at + usize::from(bang)) else { continue };
                if attribute.delimiter() != Delimiter::Bracket {
                    continue;
                }
                at += 1 + usize::from(bang);
                let text = attribute.stream().to_string().replace(' ', "");
                if text.starts_with("cfg(test") || text == "test" {
                    at = after_item(&tokens, at);
                }
            }
            TokenTree::Group(group) => {
                let name =
                    (0..at - 1).rev().map(|n| tokens[n].to_string()).take_while(|t| t != ";" && t != ",");
                let name =
                    name.take(2).find(|t| t != "!" && t.chars().all(|c| c.is_alphanumeric() || c == '_'));
                walk(group.stream(), name.as_deref().unwrap_or(call), found);
            }
            TokenTree::Literal(literal) => {
                if let Ok(text) = syn::parse_str::<syn::LitStr>(&literal.to_string()) {
                    found.push(Found { text: pattern(&text.value()), call: call.to_owned() });
                }
            }
            _ => {}
        }
    }
}

/// Where the item that begins at `at` is over.
fn after_item(tokens: &[TokenTree], mut at: usize) -> usize {
    while let Some(token) = tokens.get(at) {
        at += 1;
        match token {
            TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => break,
            TokenTree::Punct(p) if p.as_char() == ';' => break,
            _ => {}
        }
    }
    at
}

/// A format string with `{}` for each value.
pub fn pattern(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(open) = rest.find(['{', '}']) {
        let (before, after) = rest.split_at(open);
        out.push_str(before);
        match (after.get(..2), after.find('}')) {
            (Some("{{" | "}}"), _) => {
                out.push_str(&after[..1]);
                rest = &after[2..];
            }
            (_, Some(close)) if after.starts_with('{') => {
                out.push_str("{}");
                rest = &after[close + 1..];
            }
            _ => {
                out.push_str(&after[..1]);
                rest = &after[1..];
            }
        }
    }
    out + rest
}
