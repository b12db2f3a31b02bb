//! Members, their keys and trainings; books and whom their keys are encrypted to.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::Notes;
use crate::domain::audit::Finding;
use crate::domain::ids::Slug;
use crate::domain::moment;
use crate::domain::registers::agreement::Agreement;
use crate::domain::registers::training::Training;
use crate::error::Result;
use crate::vault::verify::recipient_problems;
use crate::vault::{Snapshot, Vault};

impl Vault {
    pub(super) fn audit_people(&self, at: Snapshot, notes: &mut Notes) -> Result<()> {
        let trainings = self.entries::<Training>(at)?;
        let mut last: BTreeMap<Slug, (NaiveDate, Option<NaiveDate>)> = BTreeMap::new();
        for training in &trainings {
            let t = &training.record;
            let Some(day) = moment::day(&t.date) else { continue };
            let next = t.next.as_ref().and_then(moment::day);
            let known = last.entry(t.member.clone()).or_insert((day, next));
            if day > known.0 {
                *known = (day, next);
            }
        }
        for member in self.members(at)? {
            notes.audit.counts.members += 1;
            let handle = &member.member;
            let place = format!("member {handle}");
            if member.state != "usable" {
                let found = Finding::error(
                    "key-unusable",
                    "Art. 32(1)",
                    &place,
                    format!("the key is {}", member.state),
                );
                notes.audit.findings.push(found.mend(format!("carnet member rotate {handle} FILE")));
            } else if let Some(day) = member.expires.as_ref().and_then(|day| day.parse::<NaiveDate>().ok()) {
                let command = format!("carnet member rotate {handle} FILE");
                if notes.is_soon(day) {
                    let found = Finding::warning(
                        "key-expires",
                        "Art. 32(1)",
                        &place,
                        format!("the key expires on {day}"),
                    );
                    notes.audit.findings.push(found.mend(&command));
                }
                notes.duty(day, ("key", "Art. 32(1)"), &place, "the member's key expires", command);
            }
            let command = format!("carnet training add {handle} --topic 'GDPR basics'");
            match last.get(handle) {
                None => {
                    let found = Finding::warning(
                        "no-training",
                        "Art. 32(4), 39(1)(b)",
                        &place,
                        "no training is recorded",
                    );
                    notes.audit.findings.push(found.mend(command));
                }
                Some((_, Some(next))) => {
                    if *next < notes.today {
                        let message = format!("the next training was due on {next}");
                        let found = Finding::warning("training-due", "Art. 32(4), 39(1)(b)", &place, message);
                        notes.audit.findings.push(found.mend(&command));
                    }
                    notes.duty(*next, ("training", "Art. 39(1)(b)"), &place, "training", command);
                }
                Some((_, None)) => {}
            }
        }
        for agreement in self.entries::<Agreement>(at)? {
            if let Some(day) = agreement.record.review.as_ref().and_then(moment::day) {
                let a = &agreement.record;
                let command = format!("carnet agreement add {} --kind {} --title '…'", a.member, a.kind);
                let place = format!("member {}", a.member);
                notes.duty(
                    day,
                    ("agreement", "Art. 29, 32(4)"),
                    place,
                    format!("{} to be renewed", a.kind),
                    command,
                );
            }
        }
        self.audit_recipients(at, notes)
    }

    /// Books whose keys are encrypted to others than their members.
    fn audit_recipients(&self, at: Snapshot, notes: &mut Notes) -> Result<()> {
        for (slug, _) in self.all_books(at)? {
            let place = format!("book {slug}");
            let Some(message) = self.keys.get(&format!("{slug}/book.pgp"))? else {
                notes
                    .audit
                    .not_checked
                    .push(format!("recipients of book {slug} (its key is not in this clone)"));
                continue;
            };
            for message in recipient_problems(&self.repo, at.tree, &slug, &message, self.now.into()) {
                let found = Finding::error("recipients-differ", "Art. 32(1)(b)", &place, message);
                notes.audit.findings.push(found.mend(format!("carnet book rekey {slug}")));
            }
        }
        Ok(())
    }
}
