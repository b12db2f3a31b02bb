//! The proof of a consent (Art. 7(1)): what was said, to which text, and how anybody can check it with git and gpg.
//!
//! Facts and their wording only; [`crate::vault::consent_proof`] gathers them.

use std::fmt::Write;

use serde::Serialize;

use super::channel::Channel;
use super::contact::{Consent, ConsentAction};
use super::ids::{ContactId, Slug};
use super::organisation::Lang;

/// A signed commit that recorded an event.
#[derive(Clone, Debug, Serialize)]
pub struct Recorded {
    pub commit: String,
    /// RFC 3339, UTC.
    pub time: String,
    /// The member whose key signed it, as the signing policy of the time has it.
    pub member: Option<String>,
    /// Fingerprint or id of the key that the signature names.
    pub key: Option<String>,
    /// The contact's file in that commit.
    pub path: String,
}

impl Recorded {
    /// The book that the contact was in.
    fn book(&self) -> &str {
        self.path.split('/').nth(1).unwrap_or_default()
    }
}

/// One event with what it rests on.
#[derive(Clone, Debug, Serialize)]
pub struct Proven {
    #[serde(flatten)]
    pub event: Consent,
    /// `<slug>/<n>` and version of the wording, where the register has it.
    pub wording_name: Option<String>,
    /// None where no commit of the branch holds the event.
    pub recorded: Option<Recorded>,
}

/// Where the person stands on one channel.
#[derive(Clone, Debug, Serialize)]
pub struct Stands {
    pub channel: Channel,
    pub state: ConsentAction,
    pub event: String,
}

/// Everything that the proof states.
#[derive(Clone, Debug, Serialize)]
pub struct ConsentProof {
    pub organisation: String,
    pub dpo: String,
    pub contact: ContactId,
    pub name: String,
    pub purpose: Slug,
    pub purpose_title: String,
    /// When it was made (RFC 3339, UTC) and at which commit of the branch.
    pub made: String,
    pub tip: String,
    pub signer: String,
    pub key: String,
    pub events: Vec<Proven>,
    pub stands: Vec<Stands>,
}

impl ConsentProof {
    /// Commands that check it, a line each, run in the directory of the proof.
    pub fn checks(&self, lang: Lang) -> Vec<(String, &'static str)> {
        let mut checks = vec![(
            "gpg --import members/*.asc".to_owned(),
            lang.pick(
                "the members' certificates, into your keyring",
                "les certificats des membres, dans votre trousseau",
            ),
        )];
        checks.push((
            "for f in *.txt *.json; do gpg --verify \"$f.asc\" \"$f\"; done".to_owned(),
            lang.pick("these statements are signed", "ces attestations sont signées"),
        ));
        checks.push((
            "for c in commits/*.commit; do gpg --verify \"${c%.commit}.asc\" \"$c\"; done".to_owned(),
            lang.pick(
                "each commit was signed by the member named",
                "chaque commit a été signé par le membre nommé",
            ),
        ));
        if self.events.iter().any(|e| e.event.wording.is_some() || e.event.evidence.is_some()) {
            checks.push((
                "sha256sum --check SHA256SUMS".to_owned(),
                lang.pick(
                    "texts and evidence are those that the events name",
                    "textes et pièces sont ceux que nomment les événements",
                ),
            ));
        }
        let clone = lang.pick("REPOSITORY", "DEPOT");
        for commit in self.commits() {
            checks.push((
                format!("git -C {clone} verify-commit {commit}"),
                lang.pick("the same, in the data repository", "de même, dans le dépôt de données"),
            ));
        }
        for event in &self.events {
            if let Some(r) = &event.recorded {
                checks.push((
                    format!(
                        "(cd {clone} && sh read-contact.sh {} {} {}) # docs/read-contact.sh of carnet",
                        r.book(),
                        self.contact,
                        r.commit
                    ),
                    lang.pick(
                        "the contact as that commit has it, with the event",
                        "la fiche telle que ce commit la contient, avec l'événement",
                    ),
                ));
            }
        }
        checks
    }

    /// The commits, each once, in the order of the events.
    pub fn commits(&self) -> Vec<&str> {
        let mut all: Vec<&str> = Vec::new();
        for recorded in self.events.iter().filter_map(|e| e.recorded.as_ref()) {
            if !all.contains(&recorded.commit.as_str()) {
                all.push(&recorded.commit);
            }
        }
        all
    }

    /// The statement as text.
    pub fn text(&self, lang: Lang) -> String {
        let mut out = String::new();
        let p = |en: &'static str, fr: &'static str| lang.pick(en, fr);
        let colon = p(":", " :");
        let mut line = |text: &str| {
            let _ = writeln!(out, "{text}");
        };
        line(p("PROOF OF CONSENT", "PREUVE DU CONSENTEMENT"));
        line(p(
            "(Article 7(1) of Regulation (EU) 2016/679)",
            "(article 7, paragraphe 1, du règlement (UE) 2016/679)",
        ));
        line("");
        for (name, value) in [
            (p("Controller", "Responsable de traitement"), self.organisation.as_str()),
            (p("Data protection contact", "Contact protection des données"), self.dpo.as_str()),
            (p("Person", "Personne concernée"), &self.name),
            (p("Record", "Fiche"), self.contact.as_str()),
            (p("Purpose", "Finalité"), &self.purpose_title),
            (p("Made on", "Établie le"), &self.made),
            (p("At commit", "Au commit"), &self.tip),
            (p("Signed by", "Signée par"), &format!("{} ({})", self.signer, self.key)),
        ] {
            if !value.is_empty() {
                line(&format!("{name}{colon} {value}"));
            }
        }
        line("");
        line(p("WHERE THE PERSON STANDS", "ÉTAT À CE JOUR"));
        if self.stands.is_empty() {
            line(p("No consent was ever given or refused.", "Aucun consentement n'a été donné ni refusé."));
        }
        for stand in &self.stands {
            line(&format!(
                "- {}{colon} {} ({} {})",
                channel(lang, Some(stand.channel.as_str())),
                action(lang, stand.state),
                p("event", "événement"),
                stand.event
            ));
        }
        line("");
        line(p("EVENTS", "ÉVÉNEMENTS"));
        for proven in &self.events {
            let e = &proven.event;
            line("");
            line(&format!(
                "{}{colon} {} – {}",
                e.time,
                action(lang, e.action),
                channel(lang, e.channel.as_deref())
            ));
            let wording = e.wording.as_ref().map(|hash| match &proven.wording_name {
                Some(name) => format!("{name}, wordings/{hash}.md"),
                None => format!("{hash} ({})", p("not in the register", "absent du registre")),
            });
            let evidence = e.evidence.as_ref().map(|hash| format!("evidence/{hash}"));
            let expires = e.expires.as_ref().map(|day| day.to_string());
            for (name, value) in [
                (p("Event", "Événement"), Some(&e.id)),
                (p("Method", "Moyen"), e.method.as_ref()),
                (p("Source", "Source"), e.source.as_ref()),
                (p("Taken down by", "Recueilli par"), e.collector.as_ref()),
                (p("Text shown", "Texte présenté"), wording.as_ref()),
                (p("Evidence", "Pièce justificative"), evidence.as_ref()),
                (p("Holds until", "Valable jusqu'au"), expires.as_ref()),
            ] {
                if let Some(value) = value {
                    line(&format!("  {name}{colon} {value}"));
                }
            }
            match &proven.recorded {
                Some(r) => {
                    let member = r.member.as_deref().unwrap_or(p("no known member", "aucun membre connu"));
                    let key = r.key.as_deref().unwrap_or("?");
                    line(&format!(
                        "  {}{colon} {}, {}",
                        p("Recorded by commit", "Enregistré par le commit"),
                        r.commit,
                        r.time
                    ));
                    line(&format!("  {}{colon} {member} ({key})", p("Signature", "Signature")));
                }
                None => line(&format!(
                    "  {}",
                    p("No commit of the branch holds it.", "Aucun commit de la branche ne le contient.")
                )),
            }
        }
        line("");
        line(p(
            "HOW TO CHECK IT (in this directory; REPOSITORY is a clone of the data repository)",
            "COMMENT LA VÉRIFIER (dans ce répertoire ; DEPOT est un clone du dépôt de données)",
        ));
        for (command, shows) in self.checks(lang) {
            line(&format!("  # {shows}"));
            line(&format!("  {command}"));
        }
        out
    }
}

fn action(lang: Lang, action: ConsentAction) -> &'static str {
    let (en, fr) = match action {
        ConsentAction::Asked => ("asked", "sollicité"),
        ConsentAction::Granted => ("granted", "donné"),
        ConsentAction::Refused => ("refused", "refusé"),
        ConsentAction::Withdrawn => ("withdrawn", "retiré"),
        ConsentAction::Expired => ("expired", "expiré"),
    };
    lang.pick(en, fr)
}

fn channel(lang: Lang, text: Option<&str>) -> String {
    let Some(text) = text else { return lang.pick("every channel", "tous les canaux").to_owned() };
    match Channel::of(text) {
        Some(Channel::Email) => lang.pick("e-mail", "courriel").to_owned(),
        Some(Channel::Sms) => "SMS".to_owned(),
        Some(Channel::Phone) => lang.pick("telephone", "téléphone").to_owned(),
        Some(Channel::Post) => lang.pick("post", "courrier postal").to_owned(),
        None => text.to_owned(),
    }
}
