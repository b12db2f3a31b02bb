//! For whom a report is made, and what goes into it.

use super::data::Register;

/// Whom a report is for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, clap::ValueEnum)]
pub enum Audience {
    /// Anybody: what the firm does with data, and in which words it asks. No figures, no trails, no members.
    Public,
    /// The data protection officer and the firm itself: everything.
    #[default]
    Dpo,
    /// The supervisory authority: the registers that the GDPR asks for (Art. 5(2), 7(1), 12, 17, 28, 30, 32, 33(5)).
    Authority,
}

impl Audience {
    pub fn as_str(self) -> &'static str {
        match self {
            Audience::Public => "public",
            Audience::Dpo => "dpo",
            Audience::Authority => "authority",
        }
    }

    /// Whether it gets this register.
    ///
    /// The record of processing need not be public, yet nothing forbids it, and wordings are public by their nature.
    /// The authority gets what the law names; findings of an internal audit and the trainings and agreements of
    /// single members are the firm's own, and are handed over only when they are asked for (Art. 58(1)(a)).
    pub fn has(self, register: Register) -> bool {
        match self {
            Audience::Dpo => true,
            Audience::Public => {
                matches!(register, Register::Processing | Register::Retention | Register::Wordings)
            }
            Audience::Authority => {
                !matches!(register, Register::Audit | Register::Trainings | Register::Agreements)
            }
        }
    }

    /// Whether it gets the page of this code.
    pub fn has_page(self, page: &str) -> bool {
        match self {
            Audience::Dpo => true,
            Audience::Public => {
                matches!(page, "processing" | "retention" | "wordings" | "notice" | "notices" | "choose")
            }
            Audience::Authority => !matches!(page, "audit" | "trainings" | "agreements"),
        }
    }

    /// Whether it gets figures about persons, names of members and the trails.
    pub fn is_inside(self) -> bool {
        self != Audience::Public
    }
}
