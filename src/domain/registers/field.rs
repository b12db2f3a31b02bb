//! One key of a record, as the form, `--set` and the check of unknown keys need it.

/// What a key holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    Text,
    /// One of these words.
    Word(&'static [&'static str]),
    /// A list of texts.
    List,
    /// A date, or a moment with an offset.
    Date,
    /// True or false.
    Flag,
    Number,
    /// A list of tables with these keys; changed in an editor only.
    Tables(&'static [&'static str]),
}

/// One key of a record.
#[derive(Clone, Copy, Debug)]
pub struct Field {
    /// Dotted where it is in a table: `contract.expires`.
    pub key: &'static str,
    pub shape: Shape,
    /// One line for the form; a field without is not offered there.
    pub about: &'static str,
    /// As TOML: a value, or for a list of tables the lines of one.
    pub example: &'static str,
}

impl Field {
    pub const fn new(key: &'static str, shape: Shape, about: &'static str, example: &'static str) -> Field {
        Field { key, shape, about, example }
    }

    /// The first part of the key.
    pub fn top(&self) -> &'static str {
        self.key.split('.').next().unwrap_or(self.key)
    }

    /// The table that the key is in, and its last part.
    pub fn split(&self) -> (Option<&'static str>, &'static str) {
        match self.key.rsplit_once('.') {
            Some((table, name)) => (Some(table), name),
            None => (None, self.key),
        }
    }
}
