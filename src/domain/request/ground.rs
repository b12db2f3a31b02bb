//! Why a right is not granted: the grounds that the GDPR knows, and to which right each belongs.

use serde::{Deserialize, Serialize};

use super::Kind;

/// A ground for refusing a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum Ground {
    /// Art. 12(5): manifestly unfounded, which the controller has to show.
    ManifestlyUnfounded,
    /// Art. 12(5): excessive, in particular by repetition, which the controller has to show.
    Excessive,
    /// Art. 12(2) and (6): it could not be established who asks.
    IdentityNotEstablished,
    /// Art. 15(4), 20(4): it would adversely affect the rights of others.
    RightsOfOthers,
    /// Art. 16: the data is accurate and complete as it is.
    AlreadyAccurate,
    /// Art. 17(3)(a): freedom of expression and information.
    FreedomOfExpression,
    /// Art. 17(3)(b): a legal obligation to keep the data.
    LegalObligation,
    /// Art. 17(1): none of the cases of erasure applies.
    StillNeeded,
    /// Art. 17(3)(e), 21(1): legal claims.
    LegalClaims,
    /// Art. 18(1): none of the four cases of restriction applies.
    NoCaseOfRestriction,
    /// Art. 20(1): neither consent nor a contract, or no automated means.
    NotPortable,
    /// Art. 21(1): compelling legitimate grounds; never against direct marketing (Art. 21(3)).
    CompellingGrounds,
}

impl Ground {
    pub fn as_str(self) -> &'static str {
        match self {
            Ground::ManifestlyUnfounded => "manifestly-unfounded",
            Ground::Excessive => "excessive",
            Ground::IdentityNotEstablished => "identity-not-established",
            Ground::RightsOfOthers => "rights-of-others",
            Ground::AlreadyAccurate => "already-accurate",
            Ground::FreedomOfExpression => "freedom-of-expression",
            Ground::LegalObligation => "legal-obligation",
            Ground::StillNeeded => "still-needed",
            Ground::LegalClaims => "legal-claims",
            Ground::NoCaseOfRestriction => "no-case-of-restriction",
            Ground::NotPortable => "not-portable",
            Ground::CompellingGrounds => "compelling-grounds",
        }
    }

    /// Every ground that a kind of request can be refused on.
    pub fn of(kind: Kind) -> &'static [Ground] {
        use Ground::{
            AlreadyAccurate, CompellingGrounds, Excessive, FreedomOfExpression, IdentityNotEstablished,
            LegalClaims, LegalObligation, ManifestlyUnfounded, NoCaseOfRestriction, NotPortable,
            RightsOfOthers, StillNeeded,
        };
        match kind {
            Kind::Access => &[ManifestlyUnfounded, Excessive, IdentityNotEstablished, RightsOfOthers],
            Kind::Rectification => &[ManifestlyUnfounded, Excessive, IdentityNotEstablished, AlreadyAccurate],
            Kind::Erasure => &[
                ManifestlyUnfounded,
                Excessive,
                IdentityNotEstablished,
                FreedomOfExpression,
                LegalObligation,
                LegalClaims,
                StillNeeded,
            ],
            Kind::Restriction => {
                &[ManifestlyUnfounded, Excessive, IdentityNotEstablished, NoCaseOfRestriction]
            }
            Kind::Portability => {
                &[ManifestlyUnfounded, Excessive, IdentityNotEstablished, RightsOfOthers, NotPortable]
            }
            Kind::Objection => {
                &[ManifestlyUnfounded, Excessive, IdentityNotEstablished, LegalClaims, CompellingGrounds]
            }
        }
    }

    /// Whether the controller bears the burden of showing it, so that reasons of its own must be given.
    pub fn needs_reasons(self) -> bool {
        matches!(
            self,
            Ground::ManifestlyUnfounded
                | Ground::Excessive
                | Ground::RightsOfOthers
                | Ground::StillNeeded
                | Ground::CompellingGrounds
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::ValueEnum;

    #[test]
    fn every_ground_belongs_somewhere_and_the_common_ones_everywhere() {
        for ground in Ground::value_variants() {
            assert!(Kind::ALL.iter().any(|kind| Ground::of(*kind).contains(ground)), "{ground:?}");
            let name = ground.to_possible_value().unwrap();
            assert_eq!(name.get_name(), ground.as_str());
        }
        for kind in Kind::ALL {
            assert!(Ground::of(kind).starts_with(&[Ground::ManifestlyUnfounded, Ground::Excessive]));
        }
    }
}
