//! The six legal bases, and the pair that a contact needs: a declared purpose and a basis for it.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::domain::ids::Slug;
use crate::error::Error;

/// One of the six legal bases of Art. 6(1) GDPR.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LegalBasis {
    /// Art. 6(1)(a)
    Consent,
    /// Art. 6(1)(b)
    Contract,
    /// Art. 6(1)(c)
    LegalObligation,
    /// Art. 6(1)(d)
    VitalInterests,
    /// Art. 6(1)(e)
    PublicTask,
    /// Art. 6(1)(f)
    LegitimateInterests,
}

impl LegalBasis {
    /// All six, in the order of the article.
    pub const ALL: [LegalBasis; 6] = [
        LegalBasis::Consent,
        LegalBasis::Contract,
        LegalBasis::LegalObligation,
        LegalBasis::VitalInterests,
        LegalBasis::PublicTask,
        LegalBasis::LegitimateInterests,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            LegalBasis::Consent => "consent",
            LegalBasis::Contract => "contract",
            LegalBasis::LegalObligation => "legal-obligation",
            LegalBasis::VitalInterests => "vital-interests",
            LegalBasis::PublicTask => "public-task",
            LegalBasis::LegitimateInterests => "legitimate-interests",
        }
    }
}

impl fmt::Display for LegalBasis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for LegalBasis {
    type Err = Error;
    fn from_str(text: &str) -> Result<Self, Error> {
        LegalBasis::ALL.into_iter().find(|b| b.as_str() == text).ok_or_else(|| {
            let all: Vec<_> = LegalBasis::ALL.iter().map(|b| b.as_str()).collect();
            Error::usage("not a legal basis of Art. 6(1) GDPR").hint(format!("one of: {}", all.join(", ")))
        })
    }
}

/// What `--basis PURPOSE:BASIS` says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PurposeBasis {
    pub purpose: Slug,
    pub basis: LegalBasis,
}

impl FromStr for PurposeBasis {
    type Err = Error;
    fn from_str(text: &str) -> Result<Self, Error> {
        let (purpose, basis) = text.split_once(':').ok_or_else(|| {
            Error::usage("a basis is written PURPOSE:BASIS")
                .hint("for example --basis prospects:legitimate-interests")
        })?;
        Ok(PurposeBasis { purpose: purpose.trim().parse()?, basis: basis.trim().parse()? })
    }
}

impl fmt::Display for PurposeBasis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.purpose, self.basis)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_six_bases_read_back() {
        for basis in LegalBasis::ALL {
            assert_eq!(basis.as_str().parse::<LegalBasis>().unwrap(), basis);
        }
        assert!("consentement".parse::<LegalBasis>().is_err());
    }

    #[test]
    fn a_pair_needs_both_halves() {
        let pair: PurposeBasis = "prospects:legitimate-interests".parse().unwrap();
        assert_eq!(pair.to_string(), "prospects:legitimate-interests");
        for bad in ["prospects", ":consent", "prospects:", "a:b:consent", "../x:consent"] {
            assert!(bad.parse::<PurposeBasis>().is_err(), "{bad}");
        }
    }
}
