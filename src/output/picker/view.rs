//! How the picker looks: a question, a line of help, and the list below.

use super::state::State;
use crate::domain::organisation::Lang;
use crate::output::table::{columns, cut};
use crate::output::text::inert;

/// Lines above the list.
const HEAD: usize = 2;

/// How many lines of the list a terminal of `height` lines shows.
pub fn rows(height: usize) -> usize {
    height.saturating_sub(HEAD).max(1)
}

/// The whole screen; `size` is columns and lines. No line is as wide as the terminal, so that none wraps.
pub fn view(state: &State<'_>, title: &str, size: (usize, usize), (plain, lang): (bool, Lang)) -> String {
    let width = size.0.saturating_sub(1).max(1);
    let mut out = String::from("\x1b[?25l\x1b[H");
    let head = format!("{title} {}", inert(&state.query));
    // The end of what is typed is what one wants to see.
    let head = match columns(&head) > width {
        true => tail(&head, width),
        false => head,
    };
    out.push_str(&head);
    out.push_str("\x1b[K\r\n");
    out.push_str(&cut(&help(state, lang), width));
    out.push_str("\x1b[K");
    let places: Vec<&str> = state.items.iter().map(|item| item.place.as_str()).collect();
    let one_place = places.windows(2).all(|pair| pair.first() == pair.last());
    for n in 0..rows(size.1) {
        let Some(place) = state.found.get(state.top + n) else { break };
        let Some(item) = state.items.get(*place) else { break };
        let here = state.top + n == state.at;
        let cells =
            [item.name.as_str(), item.more.as_str(), if one_place { "" } else { item.place.as_str() }];
        let line = format!(
            "{}{} {}",
            if here { '>' } else { ' ' },
            if state.marked.contains(place) { '*' } else { ' ' },
            line(&cells, width.saturating_sub(3))
        );
        let line = cut(&line, width);
        match here && !plain {
            true => out.push_str(&format!("\r\n\x1b[7m{line}\x1b[0m\x1b[K")),
            false => out.push_str(&format!("\r\n{line}\x1b[K")),
        }
    }
    out.push_str(&format!("\x1b[J\x1b[1;{}H\x1b[?25h", columns(&head) + 1));
    out
}

fn help(state: &State<'_>, lang: Lang) -> String {
    let count = format!("{}/{}", state.found.len(), state.items.len());
    match (state.marked.len(), state.several) {
        (0, true) => lang.fill("{} · Enter takes · Tab marks · Esc leaves", &[&count]),
        (0, false) => lang.fill("{} · Enter takes · Esc leaves", &[&count]),
        (marked, _) => lang.fill("{} · {} marked · Enter takes them · Esc leaves", &[&count, &marked]),
    }
}

/// Cells in columns: the first has half of the line, what is left goes to the others as they need it.
fn line(cells: &[&str; 3], width: usize) -> String {
    let [name, more, place] = cells.map(|cell| inert(cell));
    let place_width = if place.is_empty() { 0 } else { columns(&place).min(width / 5) };
    let left = width.saturating_sub(if place_width > 0 { place_width + 2 } else { 0 });
    let name_width = if more.is_empty() { left } else { (left / 2).min(40) };
    let mut out = padded(&cut(&name, name_width), name_width);
    if !more.is_empty() {
        let more_width = left.saturating_sub(name_width + 2).min(40);
        out.push_str("  ");
        out.push_str(&padded(&cut(&more, more_width), more_width));
    }
    if place_width > 0 {
        out.push_str("  ");
        out.push_str(&cut(&place, place_width));
    }
    out
}

fn padded(text: &str, width: usize) -> String {
    format!("{text}{}", " ".repeat(width.saturating_sub(columns(text))))
}

/// The end of `text`, in at most `width` columns.
fn tail(text: &str, width: usize) -> String {
    let mut from = text.len();
    for (place, _) in text.char_indices().rev() {
        if text.get(place..).is_none_or(|end| columns(end) + 1 > width) {
            break;
        }
        from = place;
    }
    format!("…{}", text.get(from..).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::super::{Item, Key};
    use super::*;

    /// The lines as a terminal shows them.
    fn lines(text: &str) -> Vec<String> {
        let mut plain = String::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('\x1b') {
            plain.push_str(before);
            let end = after.find(|c: char| c.is_ascii_alphabetic()).map_or(after.len(), |e| e + 1);
            rest = &after[end..];
        }
        plain.push_str(rest);
        plain.split("\r\n").map(str::to_owned).collect()
    }

    #[test]
    fn it_fits_any_terminal_and_names_are_inert() {
        let items = vec![
            Item::new(
                "Éloïse \x1b[31mred\u{202e}",
                "東京株式会社 and a very long name of a firm",
                "prospects",
            ),
            Item::new("Bob", "", "main"),
        ];
        let mut state = State::new(&items, true);
        for size in [(1, 1), (3, 2), (20, 3), (40, 10), (80, 24), (300, 60)] {
            state.fit(rows(size.1));
            let text = view(&state, "Which contact?", size, (false, Lang::En));
            let lines = lines(&text);
            assert!(lines.iter().all(|l| columns(l) < size.0.max(2)), "{size:?}: {lines:?}");
            assert!(lines.len() <= size.1.max(HEAD + 1), "{size:?}");
            assert!(!text.contains("\x1b[31m") && !text.contains('\u{202e}'));
        }
        let at_40 = lines(&view(&state, "Which contact?", (40, 10), (true, Lang::Fr)));
        assert!(
            at_40[2].contains("Éloïse") && at_40[2].contains("東京") && at_40[2].contains("pros"),
            "{at_40:?}"
        );
        for c in "a long text that does not fit at all".chars() {
            state.press(Key::Char(c), 5);
        }
        assert!(lines(&view(&state, "Which contact?", (40, 10), (true, Lang::Fr)))[0].ends_with("at all"));
    }
}
