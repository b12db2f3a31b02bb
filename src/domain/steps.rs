//! The eight steps of a firm that begins, and which findings of an audit belong to which.

use serde::Serialize;

use super::audit::Audit;

/// One step, as it stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Step {
    pub number: usize,
    pub title: &'static str,
    pub done: bool,
    /// What is done, or what is not.
    pub what: String,
    /// The command that leads on; none where it is done. Words in capitals are for the firm to fill in.
    pub next: Option<String>,
}

/// What is not in the audit and counts all the same.
#[derive(Clone, Debug, Default)]
pub struct Besides {
    /// Whether a plan for incidents is among the agreements.
    pub incident_plan: bool,
    /// A member to name in a hint.
    pub member: String,
    /// Whether the repository has a remote: another copy.
    pub remote: bool,
}

const TITLES: [&str; 8] = [
    "Audit: what the firm holds",
    "Data map",
    "Legal bases and consent",
    "Training",
    "Processes",
    "Security",
    "Documentation",
    "Incident plan",
];

/// The step of a finding, from 0; one that is in no list belongs to the documentation.
fn step_of(code: &str) -> usize {
    match code {
        "organisation-wrong" | "organisation-incomplete" | "unreadable-contact" => 0,
        "unreadable-record" | "purpose-incomplete" | "purpose-wrong" | "unknown-processor"
        | "undeclared-field" => 1,
        "no-basis"
        | "undeclared-purpose"
        | "ended-purpose"
        | "undeclared-basis"
        | "no-consent"
        | "consent-unanswered"
        | "consent-without-wording" => 2,
        "no-training" | "training-due" => 3,
        "never-reviewed" | "review-due" | "no-retention-rule" | "retention-over" | "no-notice"
        | "request-late" | "request-soon" => 4,
        "key-unusable" | "key-expires" | "recipients-differ" => 5,
        "breach-late" | "breach-running" | "breach-open" => 7,
        _ => 6,
    }
}

/// The eight steps, from what an audit found.
pub fn steps(audit: &Audit, besides: &Besides) -> Vec<Step> {
    let step = |(n, title): (usize, &'static str)| {
        let found: Vec<_> = audit.findings.iter().filter(|f| step_of(f.code) == n).collect();
        let (what, next) = match (found.first(), unstarted(n, audit, besides)) {
            (Some(first), _) => {
                let more = match found.len() {
                    1 => String::new(),
                    n => format!(" (and {} more)", n - 1),
                };
                (format!("{}: {}{more}", first.place, first.message), Some(first.command.clone()))
            }
            (None, Some((what, next))) => (what.to_owned(), Some(next)),
            (None, None) => (done(n, audit, besides), None),
        };
        Step { number: n + 1, title, done: next.is_none(), what, next }
    };
    TITLES.into_iter().enumerate().map(step).collect()
}

/// What is to be done although nothing is wrong.
fn unstarted(n: usize, audit: &Audit, besides: &Besides) -> Option<(&'static str, String)> {
    match n {
        0 if audit.counts.contacts == 0 => Some((
            "no contact is held yet",
            "carnet import FILE.csv --source 'SOURCE' --basis customers:contract".to_owned(),
        )),
        1 if audit.counts.purposes == 0 => {
            Some(("no purpose is declared", "carnet purpose add --starter customers".to_owned()))
        }
        7 if !besides.incident_plan => Some((
            "no plan says who does what when data is lost",
            format!("carnet agreement add {} --kind incident-plan --title 'Incident plan'", besides.member),
        )),
        _ => None,
    }
}

fn done(n: usize, audit: &Audit, besides: &Besides) -> String {
    let c = audit.counts;
    match n {
        0 => format!("{} contact(s) in {} book(s)", c.contacts, c.books),
        1 => format!("{} purpose(s), {} processor(s); `carnet map` draws them", c.purposes, c.processors),
        2 => "every contact rests on a declared basis".to_owned(),
        3 => format!("{} member(s), all trained", c.members),
        4 => "reviewed, with retention and notices; `carnet duties` says what comes next".to_owned(),
        5 if !besides.remote => {
            "keys are in order; there is no other copy yet: `carnet remote init PATH`".to_owned()
        }
        5 => "keys and recipients are in order; there is a remote".to_owned(),
        6 => "contracts and safeguards are recorded; `carnet report --out DIR` publishes the registers"
            .to_owned(),
        _ => "a plan is recorded, and no breach is open".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::audit::{Counts, Finding};
    use super::*;

    #[test]
    fn each_step_leads_on_until_all_is_done() {
        let besides = Besides { incident_plan: false, member: "ana".into(), remote: false };
        let mut audit = Audit { counts: Counts { purposes: 3, ..Counts::default() }, ..Audit::default() };
        let open = |audit: &Audit, besides: &Besides| -> Vec<usize> {
            steps(audit, besides).iter().filter(|s| !s.done).map(|s| s.number).collect()
        };
        assert_eq!(open(&audit, &besides), [1, 8]);
        audit.counts.contacts = 2;
        assert_eq!(open(&audit, &besides), [8]);
        let besides = Besides { incident_plan: true, ..besides };
        assert_eq!(open(&audit, &besides), [0; 0]);
        for (code, number) in [
            ("organisation-wrong", 1),
            ("undeclared-field", 2),
            ("no-consent", 3),
            ("no-training", 4),
            ("never-reviewed", 5),
            ("key-expires", 6),
            ("contract-expired", 7),
            ("breach-late", 8),
        ] {
            audit.findings = vec![Finding::error(code, "", "x", "y").mend("carnet z")];
            assert_eq!(open(&audit, &besides), [number], "{code}");
            assert_eq!(steps(&audit, &besides)[number - 1].next.as_deref(), Some("carnet z"));
        }
    }
}
