//! What is typed, what matches, where one stands and what is marked.

use std::collections::BTreeSet;

use fuzzy_matcher::FuzzyMatcher;
use fuzzy_matcher::skim::SkimMatcherV2;
use rayon::prelude::*;

use super::{Item, Key};
use crate::domain::fold::fold;

/// More is no search; it bounds what a paste can cost.
const LONGEST: usize = 100;

/// What a key led to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    Going,
    /// Places in the list, in its order; at least one.
    Chosen(Vec<usize>),
    Left,
}

/// A list that is being chosen from.
pub struct State<'a> {
    pub(super) items: &'a [Item],
    pub(super) several: bool,
    pub(super) query: String,
    /// Places of the items that match, the best first.
    pub(super) found: Vec<usize>,
    /// Where one stands in `found`, and what stands in the first row.
    pub(super) at: usize,
    pub(super) top: usize,
    pub(super) marked: BTreeSet<usize>,
    matcher: SkimMatcherV2,
}

impl<'a> State<'a> {
    pub fn new(items: &'a [Item], several: bool) -> State<'a> {
        State {
            items,
            several,
            query: String::new(),
            found: (0..items.len()).collect(),
            at: 0,
            top: 0,
            marked: BTreeSet::new(),
            matcher: SkimMatcherV2::default().respect_case(),
        }
    }

    /// What matches now, the best first.
    pub fn found(&self) -> &[usize] {
        &self.found
    }

    /// One key; `rows` is how many lines of the list are on the screen.
    pub fn press(&mut self, key: Key, rows: usize) -> Outcome {
        let last = self.found.len().saturating_sub(1);
        match key {
            Key::Char(c) => {
                if self.query.chars().count() < LONGEST {
                    self.query.push(c);
                    // Another letter can only take away.
                    let among = std::mem::take(&mut self.found);
                    self.narrow(among);
                }
            }
            Key::Backspace => {
                if self.query.pop().is_some() {
                    self.narrow((0..self.items.len()).collect());
                }
            }
            Key::Word => {
                let kept = self.query.trim_end().rfind(' ').map_or(0, |space| space + 1);
                self.query.truncate(kept);
                self.narrow((0..self.items.len()).collect());
            }
            Key::Clear => {
                self.query.clear();
                self.narrow((0..self.items.len()).collect());
            }
            Key::Up => self.at = self.at.saturating_sub(1),
            Key::Down => self.at = (self.at + 1).min(last),
            Key::PageUp => self.at = self.at.saturating_sub(rows),
            Key::PageDown => self.at = (self.at + rows).min(last),
            Key::First => self.at = 0,
            Key::Last => self.at = last,
            Key::Mark => self.mark(last),
            Key::Enter => return self.take(),
            Key::Leave => return Outcome::Left,
        }
        self.fit(rows);
        Outcome::Going
    }

    /// Keeps the line where one stands on a screen of `rows` lines.
    pub fn fit(&mut self, rows: usize) {
        let rows = rows.max(1);
        self.top = self.top.min(self.at).max((self.at + 1).saturating_sub(rows));
    }

    fn mark(&mut self, last: usize) {
        let Some(here) = self.found.get(self.at).filter(|_| self.several) else { return };
        if !self.marked.remove(here) {
            self.marked.insert(*here);
        }
        self.at = (self.at + 1).min(last);
    }

    fn take(&self) -> Outcome {
        match self.found.get(self.at) {
            _ if !self.marked.is_empty() => Outcome::Chosen(self.marked.iter().copied().collect()),
            Some(here) => Outcome::Chosen(vec![*here]),
            None => Outcome::Going,
        }
    }

    /// Those of `among` that have every word that was typed, the best first; alike ones in the list's order.
    fn narrow(&mut self, mut among: Vec<usize>) {
        let query = fold(&self.query);
        let words: Vec<&str> = query.split_whitespace().collect();
        (self.at, self.top) = (0, 0);
        if words.is_empty() {
            among.sort_unstable();
            self.found = among;
            return;
        }
        let (items, matcher) = (self.items, &self.matcher);
        let score = |place: &usize| -> Option<i64> {
            let text = &items.get(*place)?.text;
            words.iter().map(|word| matcher.fuzzy_match(text, word)).sum()
        };
        let mut scored: Vec<(i64, usize)> =
            among.par_iter().with_min_len(256).filter_map(|place| Some((-score(place)?, *place))).collect();
        scored.sort_unstable();
        self.found = scored.into_iter().map(|(_, place)| place).collect();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn items() -> Vec<Item> {
        ["Éloïse Cœur", "Jean-Luc Dupont", "Jeanne Dupont", "東京 太郎"]
            .map(|name| Item::new(name, "Atelier", "main"))
            .into()
    }

    fn typed(state: &mut State<'_>, text: &str) {
        text.chars().for_each(|c| assert_eq!(state.press(Key::Char(c), 10), Outcome::Going));
    }

    #[test]
    fn accents_order_and_gaps_do_not_count() {
        let items = items();
        for (text, found) in [
            ("eloise", vec![0]),
            ("CŒUR", vec![0]),
            // Its letters are in the other Dupont's line too, further apart: behind.
            ("dupont jeanne", vec![2, 1]),
            ("jdupont", vec![2, 1]),
            ("東", vec![3]),
            ("zz", vec![]),
        ] {
            let mut state = State::new(&items, false);
            typed(&mut state, text);
            assert_eq!(state.found(), found, "{text}");
        }
    }

    #[test]
    fn letter_by_letter_finds_the_same_as_at_once_and_backspace_brings_back() {
        let items: Vec<Item> =
            (0..500).map(|n| Item::new(format!("Person {n}"), format!("Firm {}", n % 7), "main")).collect();
        let mut slow = State::new(&items, false);
        typed(&mut slow, "per 4f6");
        slow.press(Key::Char('x'), 10);
        slow.press(Key::Backspace, 10);
        let mut fast = State::new(&items, false);
        typed(&mut fast, "per 4f6");
        assert!(!fast.found().is_empty());
        assert_eq!(slow.found(), fast.found());
        slow.press(Key::Word, 10);
        slow.press(Key::Word, 10);
        assert_eq!(slow.found().len(), 500);
    }

    #[test]
    fn marks_stay_while_one_types_and_only_where_several_may_be_chosen() {
        let items = items();
        let mut state = State::new(&items, true);
        typed(&mut state, "jeanne");
        state.press(Key::Mark, 10);
        state.press(Key::Clear, 10);
        state.press(Key::Mark, 10);
        assert_eq!(state.press(Key::Enter, 10), Outcome::Chosen(vec![0, 2]));
        let mut one = State::new(&items, false);
        one.press(Key::Mark, 10);
        one.press(Key::Down, 10);
        assert_eq!(one.press(Key::Enter, 10), Outcome::Chosen(vec![1]));
    }

    #[test]
    fn the_ends_hold_and_nothing_is_chosen_of_nothing() {
        let items = items();
        let mut state = State::new(&items, true);
        for key in [Key::Up, Key::PageUp, Key::Last, Key::Down, Key::PageDown] {
            state.press(key, 2);
            assert!(state.at < 4 && state.top <= state.at && state.at < state.top + 2);
        }
        assert_eq!(state.at, 3);
        typed(&mut state, "zzzz");
        assert_eq!(state.press(Key::Enter, 2), Outcome::Going);
        assert_eq!(state.press(Key::Mark, 2), Outcome::Going);
        assert_eq!(state.press(Key::Leave, 2), Outcome::Left);
        assert_eq!(State::new(&[], false).press(Key::Enter, 2), Outcome::Going);
    }
}
