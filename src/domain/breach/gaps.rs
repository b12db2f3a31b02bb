//! What the register still lacks (Art. 33(5): the facts, the effects and the remedial action, so that the authority can
//! verify compliance), each with the flag that says it.

use super::{Breach, Risk, Texts};

/// One missing fact: what it is, and the flag of `breach edit` that gives it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Gap {
    pub what: &'static str,
    pub flag: &'static str,
}

/// Everything that is missing for the breach to be closed, in the order of the register.
pub fn gaps(breach: &Breach, texts: &Texts) -> Vec<Gap> {
    let mut gaps = Vec::new();
    let mut want = |there: bool, what: &'static str, flag: &'static str| {
        if !there {
            gaps.push(Gap { what, flag });
        }
    };
    let said = |text: &str| !text.trim().is_empty();
    want(breach.from.is_some(), "when it began", "--from");
    want(breach.to.is_some(), "when it ended", "--to");
    want(breach.origin.is_some(), "its origin", "--origin");
    want(!breach.kinds.is_empty(), "its kind", "--kind");
    want(said(&texts.facts), "the facts", "--facts");
    want(breach.cause.is_some(), "its cause", "--cause");
    want(said(&texts.cause), "how it came to it", "--why-cause");
    want(!breach.persons.is_empty(), "the categories of persons", "--persons");
    want(breach.persons_number.is_some(), "the approximate number of persons", "--persons-number");
    want(!breach.data.is_empty(), "the categories of data", "--data");
    want(breach.records_number.is_some(), "the approximate number of records", "--records-number");
    want(said(&texts.consequences), "the likely consequences", "--consequences");
    want(said(&texts.measures), "the measures taken or proposed", "--measures");
    want(breach.encryption.is_some(), "the state of encryption", "--encryption");
    want(breach.risk.is_some(), "the risk", "--risk");
    want(said(&texts.why_risk), "why the risk is that", "--why-risk");
    let risky = breach.risk.is_some_and(|risk| risk != Risk::Unlikely);
    match breach.notify {
        None => want(false, "the decision to notify the authority or not", "--notify"),
        Some(false) => {
            want(!risky, "a notification: a breach with a risk is notified (Art. 33(1))", "--notify");
            want(said(&texts.why_not_notified), "why the authority is not notified", "--why-not-notified");
        }
        Some(true) => {
            let filed = !breach.filings.is_empty();
            want(filed, "the filing with the authority: `carnet breach notify REF --filed …`", "--filed");
        }
    }
    let reasons = !breach.was_filed_late() || said(&texts.why_late);
    want(reasons, "the reasons for the delay (Art. 33(1))", "--why-late");
    let told = breach.informed.is_some() || breach.not_informed.is_some();
    match breach.risk {
        Some(Risk::High) => {
            want(told, "when the persons were informed, or the ground for not (Art. 34)", "--informed");
            let ground = breach.not_informed.is_none() || said(&texts.why_not_informed);
            want(ground, "how that ground is met (Art. 34(3))", "--why-not-informed");
        }
        _ => want(told, "whether the persons were informed, or the ground for not", "--not-informed"),
    }
    want(said(&texts.lessons), "the lessons", "--lessons");
    gaps
}

#[cfg(test)]
mod tests {
    use super::super::tests::{at, fresh};
    use super::super::{Cause, Data, Encryption, Ground, Kind, Origin, Persons};
    use super::*;

    fn full() -> (Breach, Texts) {
        let mut breach = fresh("2026-03-28T18:00:00+01:00");
        breach.from = Some(at("2026-03-28T08:00:00+01:00"));
        breach.to = breach.from;
        breach.origin = Some(Origin::LostOrStolenDevice);
        breach.cause = Some(Cause::InternalAccidental);
        breach.kinds = vec![Kind::Confidentiality];
        breach.persons = vec![Persons::Customers];
        breach.data = vec![Data::Contact];
        (breach.persons_number, breach.records_number) = (Some(3), Some(3));
        breach.encryption = Some(Encryption::KeySafe);
        breach.risk = Some(Risk::Unlikely);
        breach.notify = Some(false);
        breach.not_informed = Some(Ground::NoHighRisk);
        let x = || "x".to_owned();
        let texts = Texts {
            facts: x(),
            cause: x(),
            consequences: x(),
            measures: x(),
            why_risk: x(),
            why_not_notified: x(),
            lessons: x(),
            ..Texts::default()
        };
        (breach, texts)
    }

    fn flags(breach: &Breach, texts: &Texts) -> Vec<&'static str> {
        gaps(breach, texts).into_iter().map(|gap| gap.flag).collect()
    }

    #[test]
    fn a_full_entry_lacks_nothing_and_a_fresh_one_nearly_everything() {
        let (breach, texts) = full();
        assert_eq!(flags(&breach, &texts), Vec::<&str>::new());
        assert_eq!(flags(&fresh("2026-03-28T18:00:00Z"), &Texts::default()).len(), 19);
    }

    #[test]
    fn what_is_wanted_depends_on_the_risk_and_on_the_decision() {
        let (mut breach, mut texts) = full();
        breach.risk = Some(Risk::Risk);
        assert_eq!(flags(&breach, &texts), ["--notify"]);
        breach.notify = Some(true);
        assert_eq!(flags(&breach, &texts), ["--filed"]);
        breach.file("A-1", at("2026-04-02T10:00:00Z"), at("2026-04-03T10:00:00Z")).unwrap();
        assert_eq!(flags(&breach, &texts), ["--why-late"]);
        texts.why_late = "x".into();
        breach.risk = Some(Risk::High);
        assert_eq!(flags(&breach, &texts), ["--why-not-informed"]);
        breach.not_informed = None;
        assert_eq!(flags(&breach, &texts), ["--informed"]);
        breach.informed = Some("2026-04-02".parse().unwrap());
        assert_eq!(flags(&breach, &texts), Vec::<&str>::new());
        breach.notify = None;
        assert_eq!(flags(&breach, &texts), ["--notify"]);
    }
}
