//! The stages of a firm's pipeline: `[pipeline]` in `carnet.toml` (docs/format.md, "Deals").

use serde::Deserialize;

use super::ids::Slug;
use super::registers::unknown::nearest;
use crate::error::{Error, Result};

/// The two stages that every pipeline ends in.
pub const WON: &str = "won";
pub const LOST: &str = "lost";

/// `[pipeline]`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Pipeline {
    stages: Vec<Stage>,
    /// ISO 4217 code of amounts that are given without one.
    pub currency: Option<String>,
}

/// One stage: its name, or its name and how likely a deal in it is won, in percent.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged, expecting = "expected a stage: \"name\" or { name = \"name\", probability = 40 }")]
enum Stage {
    Name(Slug),
    Likely { name: Slug, probability: u8 },
}

/// Stages in their order, each with its probability in percent; without `won` and `lost`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stages(Vec<(Slug, u8)>);

impl Pipeline {
    /// The stages, checked; those of a usual pipeline where the firm names none.
    ///
    /// A stage without a probability has that of its place: of four stages, 20, 40, 60 and 80.
    pub fn stages(&self) -> Result<Stages> {
        let wrong = |what: &str| {
            Error::failed(what.to_owned())
                .at("carnet.toml, pipeline.stages")
                .hint("correct the line and commit it")
        };
        let usual = || {
            [("lead", 10), ("qualified", 30), ("proposal", 60), ("negotiation", 80)]
                .into_iter()
                .map(|(name, percent)| Ok((name.parse()?, percent)))
                .collect::<Result<Vec<(Slug, u8)>>>()
        };
        if self.stages.is_empty() {
            return usual().map(Stages);
        }
        let mut all: Vec<(Slug, u8)> = Vec::new();
        for (n, stage) in self.stages.iter().enumerate() {
            let spread = u8::try_from((n + 1) * 100 / (self.stages.len() + 1)).unwrap_or(100);
            let (name, percent) = match stage {
                Stage::Name(name) => (name, spread),
                Stage::Likely { name, probability } => (name, *probability),
            };
            if percent > 100 {
                return Err(wrong("a stage's probability is over 100 percent"));
            }
            if [WON, LOST].contains(&name.as_str()) || all.iter().any(|(known, _)| known == name) {
                return Err(wrong("a stage is named twice; `won` and `lost` are always there"));
            }
            all.push((name.clone(), percent));
        }
        Ok(Stages(all))
    }
}

impl Stages {
    /// Where new deals begin.
    pub fn first(&self) -> Result<Slug> {
        self.0.first().map(|(name, _)| name.clone()).ok_or_else(|| Error::failed("the pipeline has no stage"))
    }

    /// The names, in their order.
    pub fn names(&self) -> impl Iterator<Item = &Slug> {
        self.0.iter().map(|(name, _)| name)
    }

    /// The place of a stage; `won` and `lost`, and what is no stage any more, have none.
    pub fn place(&self, stage: &Slug) -> Option<usize> {
        self.0.iter().position(|(name, _)| name == stage)
    }

    /// How likely a deal in this stage is won, in percent; none for a stage that is gone.
    pub fn probability(&self, stage: &Slug) -> u8 {
        match stage.as_str() {
            WON => 100,
            _ => self.0.iter().find(|(name, _)| name == stage).map_or(0, |(_, percent)| *percent),
        }
    }

    /// The stage that somebody typed, `won` and `lost` among them.
    ///
    /// # Errors
    /// When there is none: the hint names the nearest.
    pub fn find(&self, text: &str) -> Result<Slug> {
        let text = text.trim().to_lowercase();
        let all: Vec<&str> = self.0.iter().map(|(name, _)| name.as_str()).chain([WON, LOST]).collect();
        if let Some(known) = all.iter().find(|name| **name == text) {
            return known.parse();
        }
        let hint = match nearest(&text, &all) {
            Some(near) => format!("did you mean `{near}`? The stages are {}", all.join(", ")),
            None => format!("the stages are {}", all.join(", ")),
        };
        Err(Error::usage("there is no such stage").at("stage").hint(hint))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stages_are_the_firms_own_or_the_usual_ones() {
        let usual = Pipeline::default().stages().unwrap();
        assert_eq!(usual.first().unwrap().as_str(), "lead");
        assert_eq!(usual.probability(&"proposal".parse().unwrap()), 60);
        let of = |text: &str| toml::from_str::<Pipeline>(text).map(|p| p.stages());
        let own = of("stages = [\"contact\", { name = \"devis\", probability = 50 }, \"accord\"]")
            .unwrap()
            .unwrap();
        let percents: Vec<u8> = own.names().map(|name| own.probability(name)).collect();
        assert_eq!(percents, [25, 50, 75]);
        assert_eq!(
            (own.probability(&"won".parse().unwrap()), own.probability(&"gone".parse().unwrap())),
            (100, 0)
        );
        for bad in [
            "stages = [\"a\", \"a\"]",
            "stages = [\"won\"]",
            "stages = [{ name = \"a\", probability = 101 }]",
        ] {
            assert!(of(bad).unwrap().is_err(), "{bad}");
        }
        assert!(of("stages = [\"A b\"]").is_err());
    }

    #[test]
    fn a_mistyped_stage_suggests_the_nearest() {
        let stages = Pipeline::default().stages().unwrap();
        assert_eq!(stages.find(" Won ").unwrap().as_str(), "won");
        let error = stages.find("propsal").unwrap_err();
        assert!(error.hint.unwrap().contains("did you mean `proposal`"));
    }
}
