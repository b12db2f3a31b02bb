//! The registers themselves: what they do not say, what was never reviewed, what is due.

use std::collections::{BTreeMap, BTreeSet};

use super::Notes;
use super::look::Declared;
use crate::domain::audit::Finding;
use crate::domain::ids::Slug;
use crate::domain::moment;
use crate::domain::organisation::Organisation;
use crate::domain::register;
use crate::domain::registers::Record;
use crate::domain::registers::processor::{ContractState, Processor};
use crate::domain::registers::purpose::{Purpose, fields_of_category};
use crate::error::Result;
use crate::vault::{Snapshot, Vault};

impl Vault {
    /// Looks through the registers; gives back what contacts are compared with.
    pub(super) fn audit_records(&self, at: Snapshot, notes: &mut Notes) -> Result<BTreeMap<Slug, Declared>> {
        let organisation = self.settings(at)?.organisation;
        self.audit_organisation(&organisation, notes);
        let processors = self.readable::<Processor>(at, notes)?;
        let names: BTreeSet<&str> = processors.iter().map(|(name, _)| name.as_str()).collect();
        let mut declared = BTreeMap::new();
        for (name, purpose) in self.readable::<Purpose>(at, notes)? {
            notes.audit.counts.purposes += 1;
            purpose_findings(&name, &purpose, &names, notes);
            if let Ok(slug) = name.parse::<Slug>() {
                declared.insert(slug, declared_of(&purpose, notes));
            }
        }
        for (name, processor) in &processors {
            notes.audit.counts.processors += 1;
            processor_findings(name, processor, notes);
        }
        Ok(declared)
    }

    /// The entries that can be read; the others are findings.
    fn readable<R: Record>(&self, at: Snapshot, notes: &mut Notes) -> Result<Vec<(String, R)>> {
        let mut all = Vec::new();
        for name in self.repo.names(at.tree, R::DIR)? {
            let Some(name) = name.strip_suffix(".toml") else { continue };
            let Ok((path, text, _)) = self.entry_text::<R>(at, name) else { continue };
            match register::parse::<R>(&path, &text) {
                Ok(record) => all.push((name.to_owned(), record)),
                Err(e) => {
                    let found = Finding::error("unreadable-record", "Art. 5(2)", path, e.to_string());
                    notes.audit.findings.push(found.mend(format!("carnet {} edit {name}", R::NOUN)));
                }
            }
        }
        Ok(all)
    }

    fn audit_organisation(&self, organisation: &Organisation, notes: &mut Notes) {
        if let Err(e) = organisation.check(notes.today) {
            let found = Finding::error("organisation-wrong", "Art. 30(1)(a)", "carnet.toml", e.message);
            notes.audit.findings.push(found.mend("carnet organisation edit"));
        }
        let missing = organisation.missing();
        if !missing.is_empty() {
            let set: Vec<String> =
                missing.iter().map(|key| format!("--set {key}='{}'", key.to_uppercase())).collect();
            let message = format!("the organisation lacks: {}", missing.join(", "));
            let found =
                Finding::error("organisation-incomplete", "Art. 13(1)(a), 30(1)(a)", "carnet.toml", message);
            notes.audit.findings.push(found.mend(format!("carnet organisation edit {}", set.join(" "))));
        }
    }
}

fn declared_of(purpose: &Purpose, notes: &Notes) -> Declared {
    let categories = purpose.categories.list();
    let of_categories =
        categories.iter().flat_map(|(code, _)| fields_of_category(code)).map(|f| (*f).to_owned());
    Declared {
        bases: purpose.bases.clone(),
        ended: purpose.until.as_ref().and_then(moment::day).is_some_and(|day| day < notes.today),
        fields: of_categories.chain(purpose.fields.iter().cloned()).collect(),
    }
}

fn purpose_findings(name: &str, purpose: &Purpose, processors: &BTreeSet<&str>, notes: &mut Notes) {
    let place = format!("registers/purposes/{name}.toml");
    let edit = format!("carnet purpose edit {name}");
    let mut found = Vec::new();
    let missing = purpose.missing();
    if !missing.is_empty() {
        let message = format!("the record does not say: {}", missing.join(", "));
        found.push(Finding::error("purpose-incomplete", "Art. 30(1)", &place, message).mend(&edit));
    }
    if let Err(e) = purpose.check(notes.today) {
        found.push(Finding::error("purpose-wrong", "Art. 30(1)", &place, e.message).mend(&edit));
    }
    for processor in purpose.processors.iter().filter(|p| !processors.contains(p.as_str())) {
        let message = format!("it names the processor {processor}, which is not in the register");
        found.push(
            Finding::error("unknown-processor", "Art. 28(3)", &place, message)
                .mend(format!("carnet processor add {processor}")),
        );
    }
    if purpose.retain.is_empty() {
        let message = "no rule says how long its data is kept";
        found.push(
            Finding::warning("no-retention-rule", "Art. 5(1)(e), 30(1)(f)", &place, message).mend(&edit),
        );
    }
    if let Some(dpia) = &purpose.dpia
        && dpia.criteria.len() >= 2
        && dpia.date.is_none()
        && (dpia.needed != Some(false) || dpia.reason.trim().is_empty())
    {
        let message =
            "two or more criteria are met, and there is neither an impact assessment nor a reason for none";
        found.push(
            Finding::error("no-dpia", "Art. 35", &place, message)
                .mend(format!("{edit} --set dpia.date={}", notes.today)),
        );
    }
    let ended = purpose.until.as_ref().and_then(moment::day).is_some_and(|day| day < notes.today);
    if !ended {
        review(("purpose", name, &place, "Art. 5(2), 30(1)"), purpose, purpose.reviewed.is_some(), notes);
    }
    notes.audit.findings.extend(found);
}

/// Never reviewed, or past the day of the next review; the day itself goes into the agenda.
fn review<R: Record>(
    (noun, name, place, rule): (&str, &str, &str, &'static str),
    record: &R,
    reviewed: bool,
    notes: &mut Notes,
) {
    let command = format!("carnet {noun} review {name}");
    match record.review().and_then(moment::day) {
        Some(day) => {
            if day < notes.today {
                let message = format!("the review was due on {day}");
                notes
                    .audit
                    .findings
                    .push(Finding::warning("review-due", rule, place, message).mend(&command));
            }
            notes.duty(day, ("review", rule), place, format!("review of the {noun} {name}"), command);
        }
        None if !reviewed => {
            let found = Finding::warning("never-reviewed", rule, place, "it was never reviewed");
            notes.audit.findings.push(found.mend(command));
        }
        None => {}
    }
}

fn processor_findings(name: &str, processor: &Processor, notes: &mut Notes) {
    let place = format!("registers/processors/{name}.toml");
    let edit = format!("carnet processor edit {name}");
    let today = notes.today;
    let mut found = Vec::new();
    if !processor.is_active(today) {
        if processor.deleted.is_none() {
            let message = "it works for you no more, and nothing says that the data was deleted or returned";
            found.push(
                Finding::warning("processor-not-deleted", "Art. 28(3)(g)", &place, message)
                    .mend(format!("{edit} --set deleted={today}")),
            );
        }
        notes.audit.findings.extend(found);
        return;
    }
    let expires = processor.contract.as_ref().and_then(|c| c.expires.as_ref()).and_then(moment::day);
    match processor.contract_state(today) {
        ContractState::None => {
            let message = "there is no contract";
            found.push(
                Finding::error("processor-without-contract", "Art. 28(3)", &place, message)
                    .mend(format!("{edit} --set contract.date=DATE")),
            );
        }
        ContractState::Expired => {
            let message = "its contract has expired";
            found.push(
                Finding::error("contract-expired", "Art. 28(3)", &place, message)
                    .mend(format!("{edit} --set contract.expires=DATE")),
            );
        }
        ContractState::Incomplete => {
            let points: Vec<String> = processor.open_points().iter().map(|c| format!("({c})")).collect();
            let message =
                format!("its contract is not known to have the points {} of Art. 28(3)", points.join(", "));
            found.push(Finding::error("contract-incomplete", "Art. 28(3)", &place, message).mend(&edit));
        }
        ContractState::InForce => {
            if let Some(day) = expires.filter(|day| notes.is_soon(*day)) {
                let message = format!("its contract expires on {day}");
                found.push(Finding::warning("contract-expires", "Art. 28(3)", &place, message).mend(&edit));
            }
        }
    }
    if let Some(day) = expires {
        notes.duty(
            day,
            ("contract", "Art. 28(3)"),
            &place,
            format!("contract with the processor {name}"),
            &edit,
        );
    }
    if processor.lacks_safeguard() {
        let message = "data leaves the European Economic Area, and nothing says on what ground";
        found.push(
            Finding::error("no-safeguard", "Art. 44, 46", &place, message)
                .mend(format!("{edit} --set safeguard=standard-clauses")),
        );
    }
    review(("processor", name, &place, "Art. 28(1)"), processor, processor.reviewed.is_some(), notes);
    notes.audit.findings.extend(found);
}
