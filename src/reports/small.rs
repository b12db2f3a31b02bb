//! Small counts of persons, protected: who is one of three people behind a figure is easily found out.
//!
//! A count from 1 to just below the threshold is given as that range. A total over parts of which one is protected
//! is given as the range that follows from the parts as they are published: it is a function of what the reader has
//! already, so that a total minus the others never gives a protected part away.

use std::fmt;

use serde::{Serialize, Serializer};

/// A count as it is published.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Count {
    Exact(usize),
    /// At least and at most; `usize::MAX` for no bound.
    Between {
        low: usize,
        high: usize,
    },
}

impl Count {
    fn bounds(self) -> (usize, usize) {
        match self {
            Count::Exact(n) => (n, n),
            Count::Between { low, high } => (low, high),
        }
    }

    fn of(low: usize, high: usize) -> Count {
        if low >= high { Count::Exact(low) } else { Count::Between { low, high } }
    }

    pub fn is_exact(self) -> bool {
        matches!(self, Count::Exact(_))
    }

    /// The sum of counts that exclude each other, as it follows from them.
    pub fn sum(parts: impl IntoIterator<Item = Count>) -> Count {
        let (low, high) = parts
            .into_iter()
            .map(Count::bounds)
            .fold((0usize, 0usize), |sum, part| (sum.0.saturating_add(part.0), sum.1.saturating_add(part.1)));
        Count::of(low, high)
    }
}

impl From<usize> for Count {
    fn from(n: usize) -> Count {
        Count::Exact(n)
    }
}

impl fmt::Display for Count {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Count::Exact(n) => n.fmt(f),
            Count::Between { low, high: usize::MAX } => write!(f, "≥ {low}"),
            Count::Between { low, high } => write!(f, "{low}–{high}"),
        }
    }
}

#[cfg(test)]
impl schemars::JsonSchema for Count {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Count".into()
    }
    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": ["integer", "string"] })
    }
    fn inline_schema() -> bool {
        true
    }
}

/// A number, or a text such as `1–4`, which templates print as it is.
impl Serialize for Count {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match self {
            Count::Exact(n) => to.serialize_u64(u64::try_from(*n).unwrap_or(u64::MAX)),
            Count::Between { .. } => to.collect_str(self),
        }
    }
}

/// How counts are published.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Protection {
    /// Counts from 1 to one below this are protected; 0 and 1 protect none.
    pub below: usize,
}

impl Protection {
    /// Every count as it is.
    pub const NONE: Protection = Protection { below: 0 };

    /// One count.
    pub fn count(self, n: usize) -> Count {
        if n > 0 && n < self.below { Count::of(1, self.below - 1) } else { Count::Exact(n) }
    }

    /// Whether a count is small or not, and nothing more: for figures that others could be worked out from.
    pub fn coarse(self, n: usize) -> Count {
        if n < self.below { self.count(n) } else { Count::Between { low: self.below, high: usize::MAX } }
    }

    /// Whether `n` would be protected.
    pub fn hides(self, n: usize) -> bool {
        !self.count(n).is_exact()
    }

    /// How many are in at least one of groups that may overlap: `n` itself when every group is published as it is, else
    /// what follows from the groups as published.
    pub fn union(self, n: usize, groups: impl IntoIterator<Item = usize>) -> Count {
        let groups: Vec<Count> = groups.into_iter().map(|g| self.count(g)).collect();
        if groups.iter().all(|g| g.is_exact()) {
            return self.count(n);
        }
        let low = groups.iter().map(|g| g.bounds().0).max().unwrap_or(0);
        Count::of(low, Count::sum(groups).bounds().1)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const FIVE: Protection = Protection { below: 5 };

    #[test]
    fn only_counts_from_one_to_four_are_protected() {
        let said: Vec<String> = [0, 1, 4, 5, 6].iter().map(|n| FIVE.count(*n).to_string()).collect();
        assert_eq!(said, ["0", "1–4", "1–4", "5", "6"]);
        assert_eq!(Protection::NONE.count(1), Count::Exact(1));
        assert_eq!(serde_json::to_string(&[FIVE.count(2), FIVE.count(7)]).unwrap(), "[\"1–4\",7]");
    }

    proptest! {
        /// Whatever protected parts really are, what is published is the same: nothing can be worked out from it.
        #[test]
        fn a_total_says_nothing_of_a_protected_part(parts in prop::collection::vec(0usize..12, 1..6), other in 1usize..5) {
            let publish = |parts: &[usize]| {
                let counts: Vec<Count> = parts.iter().map(|n| FIVE.count(*n)).collect();
                let total = Count::sum(counts.clone());
                let bounds = total.bounds();
                assert!((bounds.0..=bounds.1).contains(&parts.iter().sum()));
                (counts, total, FIVE.union(parts.iter().sum(), parts.to_vec()))
            };
            let changed: Vec<usize> = parts.iter().map(|n| if FIVE.hides(*n) { other } else { *n }).collect();
            prop_assert_eq!(publish(&parts), publish(&changed));
        }
    }
}
