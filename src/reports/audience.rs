//! For whom a report is made. What each audience gets stands with the pages ([`super::pages::table::PAGES`]); a register as
//! a file goes where its page goes.

use serde::Serialize;

use super::data::Register;
use super::pages::table::PAGES;

/// Whom a page or a report is for. Each sees what is for those after it, too.
///
/// The authority gets the registers that the GDPR asks for (Art. 5(2), 7(1), 12, 17, 28, 30, 32, 33(5)); findings of an
/// internal audit, the trails and the trainings and agreements of single members are the firm's own, and are handed over
/// when they are asked for (Art. 58(1)(a)). The record of processing need not be public, yet nothing forbids it; of
/// what the public gets, figures about persons and names of members are left out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Audience {
    /// The data protection officer and the firm itself: everything.
    #[default]
    Dpo,
    /// The supervisory authority: the registers that the law asks for.
    Authority,
    /// Anybody: processing, periods and wordings; no figures about persons, no trails, no members.
    Public,
}

impl Audience {
    pub fn as_str(self) -> &'static str {
        match self {
            Audience::Dpo => "dpo",
            Audience::Authority => "authority",
            Audience::Public => "public",
        }
    }

    /// Whether it gets this register: when it gets a page that shows it.
    pub fn has(self, register: Register) -> bool {
        PAGES.iter().any(|page| page.is_for(self) && Register::of_page(page.code).contains(&register))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_register_goes_where_its_page_goes() {
        let of =
            |audience: Audience| Register::ALL.into_iter().filter(|r| audience.has(*r)).collect::<Vec<_>>();
        assert_eq!(of(Audience::Dpo), Register::ALL);
        assert_eq!(of(Audience::Public), [Register::Processing, Register::Retention, Register::Wordings]);
        let kept =
            [Register::Trainings, Register::Agreements, Register::Access, Register::Changes, Register::Audit];
        assert!(kept.iter().all(|r| !Audience::Authority.has(*r)));
        assert!(
            [Register::Requests, Register::Breaches, Register::Consents]
                .iter()
                .all(|r| Audience::Authority.has(*r))
        );
    }
}
