//! The rules that the starter purposes come with, in French and English.
//!
//! CNIL, « Référentiel relatif aux traitements de données à caractère personnel mis en œuvre aux fins de gestion des
//! activités commerciales » (2022); Code de commerce, Art. L123-22 (accounts, ten years); Code civil, Art. 2224 and
//! Code de la consommation, Art. L213-1 (contracts, five and ten years). A firm changes them in the record.

use super::{After, Archive, Fate, Rule};
use crate::domain::lawful::LegalBasis;
use crate::domain::organisation::Lang;

/// The rules of a starter purpose; none for a purpose that is not one.
pub fn rules(purpose: &str, lang: Lang) -> Vec<Rule> {
    let t = |en: &'static str, fr: &'static str| lang.pick(en, fr);
    match purpose {
        "customers" => vec![
            erase(t("customers", "clients"), After::RelationshipEnd, 36),
            tagged(
                erase(t("inactive accounts", "comptes inactifs"), After::LastActivity, 24),
                t("account", "compte"),
            ),
            tagged(
                archive(
                    t("contract evidence", "preuve des contrats"),
                    60,
                    contract(lang),
                    LegalBasis::LegitimateInterests,
                ),
                t("contract", "contrat"),
            ),
            tagged(
                archive(
                    t("accounting evidence", "pièces comptables"),
                    120,
                    accounts(lang),
                    LegalBasis::LegalObligation,
                ),
                t("invoiced", "facture"),
            ),
        ],
        "prospects" => vec![erase("prospects", After::LastContact, 36)],
        "newsletter" => vec![
            erase(t("subscribers", "abonnés"), After::LastContact, 36),
            erase(
                t("evidence of a consent that has ended", "preuve d’un consentement qui a pris fin"),
                After::ConsentEnd,
                36,
            ),
        ],
        "invoicing" => vec![archived_after(t("accounting evidence", "pièces comptables"), accounts(lang))],
        "support" => vec![erase(t("requests for help", "demandes d’assistance"), After::LastActivity, 36)],
        "applicants" | "recruitment" => {
            vec![erase(t("candidates not taken", "candidats non retenus"), After::LastContact, 24)]
        }
        _ => Vec::new(),
    }
}

fn erase(category: &str, after: After, months: u32) -> Rule {
    Rule {
        category: category.to_owned(),
        tags: Vec::new(),
        kind: None,
        after,
        months,
        then: Fate::Erase,
        archive: None,
    }
}

/// Evidence of a relationship: used for three years after its end, then locked away.
fn archive(category: &str, months: u32, ground: &str, basis: LegalBasis) -> Rule {
    let book = "archive".to_owned().try_into().ok();
    let archive =
        book.map(|book| Archive { book, months, ground: ground.to_owned(), basis, fields: Vec::new() });
    Rule { then: Fate::Archive, archive, ..erase(category, After::RelationshipEnd, 36) }
}

/// Invoices are of no daily use once the relationship is over.
fn archived_after(category: &str, ground: &str) -> Rule {
    Rule { months: 0, ..archive(category, 120, ground, LegalBasis::LegalObligation) }
}

fn tagged(rule: Rule, tag: &str) -> Rule {
    Rule { tags: vec![tag.to_owned()], ..rule }
}

fn accounts(lang: Lang) -> &'static str {
    lang.pick("French Commercial Code, Art. L123-22", "Code de commerce, art. L123-22")
}

fn contract(lang: Lang) -> &'static str {
    lang.pick("French Civil Code, Art. 2224 (limitation)", "Code civil, art. 2224 (prescription)")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_starters_keep_the_usual_periods_and_are_sound() {
        for lang in [Lang::En, Lang::Fr] {
            for purpose in ["customers", "prospects", "newsletter", "invoicing", "support", "applicants"] {
                let rules = rules(purpose, lang);
                assert!(!rules.is_empty(), "{purpose}");
                rules.iter().for_each(|rule| rule.check(purpose).unwrap());
            }
            assert_eq!(rules("prospects", lang)[0].months, 36);
            let kept: Vec<u32> =
                rules("customers", lang).iter().filter_map(|r| Some(r.archive.as_ref()?.months)).collect();
            assert_eq!(kept, [60, 120]);
        }
    }
}
