//! Every contact of this member's books against the register, on all cores.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::look::{Against, Declared, Look, look};
use super::{Notes, Pass};
use crate::domain::audit::Finding;
use crate::domain::facet::Facet;
use crate::domain::ids::{ContactId, Slug};
use crate::error::Result;
use crate::vault::{Snapshot, Vault};

/// Contacts by book, what is wrong, and the purpose or field.
type Groups = BTreeMap<(Slug, &'static str, String), Vec<ContactId>>;

impl Vault {
    pub(super) fn audit_contacts<P: Pass>(
        &self,
        at: Snapshot,
        purposes: &BTreeMap<Slug, Declared>,
        notes: &mut Notes,
        also: &mut P,
    ) -> Result<()> {
        let against = Against {
            now: self.now.timestamp(),
            today: notes.today,
            horizon: notes.horizon,
            purposes: purposes.clone(),
            rules: self.retention_rules(at).unwrap_or_default(),
        };
        let mut groups = Groups::new();
        let mut endings: BTreeMap<(Slug, NaiveDate), usize> = BTreeMap::new();
        let mut expiries: BTreeMap<(Slug, NaiveDate), usize> = BTreeMap::new();
        for (slug, book) in self.all_books(at)? {
            if !book.members.contains(&self.me.handle) {
                notes.audit.not_checked.push(format!("contacts of book {slug} (you cannot open it)"));
                continue;
            }
            notes.audit.counts.books += 1;
            let other = &*also;
            let both = |facet: Facet| (look(&facet, &against), other.look(facet));
            for one in self.facets(at, &slug, also.may_remember(), both)? {
                notes.audit.counts.contacts += 1;
                let unreadable =
                    || Look { wrong: vec![("unreadable-contact", String::new())], ..Look::default() };
                let (found, others) = match one.found {
                    Ok((found, others)) => (found, Ok(others)),
                    Err(e) => (unreadable(), Err(e)),
                };
                also.take(&slug, others)?;
                for (code, about) in found.wrong {
                    groups.entry((slug.clone(), code, about)).or_default().push(one.id.clone());
                }
                if let Some(ending) = found.ending {
                    *endings.entry(ending).or_default() += 1;
                }
                for expiring in found.expiring.into_iter().filter(|(_, day)| *day >= notes.today) {
                    *expiries.entry(expiring).or_default() += 1;
                }
            }
        }
        notes.audit.findings.extend(groups.into_iter().map(finding));
        for ((purpose, ends), n) in endings {
            let what = format!("the period for {purpose} ends for {n} contact(s)");
            let command = format!("carnet retention due --purpose {purpose}");
            notes.duty(ends, ("retention", "Art. 5(1)(e)"), format!("purpose {purpose}"), what, command);
        }
        for ((purpose, day), n) in expiries {
            let what = format!("{n} consent(s) for {purpose} expire");
            let command = format!("carnet consent list --purpose {purpose}");
            notes.duty(day, ("consent", "Art. 7(1)"), format!("purpose {purpose}"), what, command);
        }
        Ok(())
    }
}

fn finding(((book, code, about), ids): ((Slug, &'static str, String), Vec<ContactId>)) -> Finding {
    let n = ids.len();
    let first = ids.first().map(|id| id.short().to_owned()).unwrap_or_default();
    let purpose = about.split(':').next().unwrap_or_default();
    let place = format!("book {book}");
    let error = |rule, what: String| Finding::error(code, rule, place.clone(), what);
    let warning = |rule, what: String| Finding::warning(code, rule, place.clone(), what);
    let mut finding = match code {
        "no-basis" => error("Art. 6(1)", format!("{n} contact(s) are held without any legal basis"))
            .mend(format!("carnet edit {first} --add-basis customers:contract")),
        "undeclared-purpose" => error("Art. 5(1)(b), 30(1)", format!("{n} contact(s) are held for the purpose {about}, which is not declared"))
            .mend(format!("carnet purpose add {about}")),
        "ended-purpose" => error("Art. 5(1)(b)", format!("{n} contact(s) are held for the purpose {about}, which has ended"))
            .mend(format!("carnet edit {first} --rm-basis {about}")),
        "undeclared-basis" => {
            let basis = about.split(':').nth(1).unwrap_or_default();
            error("Art. 6(1), 13(1)(c)", format!("{n} contact(s) rest on {basis} for {purpose}, a basis that its record does not have"))
                .mend(format!("carnet purpose edit {purpose} --set bases+={basis}"))
        }
        "no-consent" if about.ends_with(":no") => error("Art. 6(1)(a), 7(3)", format!("{n} contact(s) have said no to {purpose}, or taken their consent back, and are still held for it"))
            .mend(format!("carnet edit {first} --rm-basis {purpose}")),
        "no-consent" => error("Art. 6(1)(a), 7(1)", format!("{n} contact(s) are held for {about} on a consent that was not given, or has ended"))
            .mend(format!("carnet consent ask {first} --purpose {about} --wording WORDING --channel email --method METHOD")),
        "consent-unanswered" => warning("Art. 7", format!("{n} contact(s) were asked for a consent to {about} more than 30 days ago and have not answered"))
            .mend(format!("carnet consent list --purpose {about} --state asked")),
        "consent-without-wording" => warning("Art. 7(1)", format!("{n} consent(s) to {about} do not say which wording was agreed to"))
            .mend(format!("carnet consent list {first}")),
        "undeclared-field" => {
            let (field, purpose) = about.split_once(':').unwrap_or((&about, ""));
            let mend = match field {
                "custom" => format!("carnet edit {first}"),
                field => format!("carnet purpose edit {purpose} --set fields+={field}"),
            };
            let message = format!("{n} contact(s) have the field {field}, which none of their purposes declares");
            warning("Art. 5(1)(c), 30(1)(c)", message).mend(mend)
        }
        "retention-over" => error("Art. 5(1)(e)", format!("the period for {about} is over for {n} contact(s)"))
            .mend(format!("carnet retention due --purpose {about}")),
        _ => error("Art. 5(1)(f)", format!("{n} contact(s) cannot be read")).mend("carnet verify"),
    };
    finding.contacts = ids.iter().map(ToString::to_string).collect();
    finding
}
