//! Gathering the proof of a consent: events, texts, evidence, and the signed commits that recorded them.

use chrono::DateTime;
use zeroize::Zeroizing;

use super::history::Wanted as Trail;
use super::select::Match;
use super::{Snapshot, Vault};
use crate::crypto::verify;
use crate::domain::channel::Channel;
use crate::domain::consent_proof::{ConsentProof, Proven, Recorded, Stands};
use crate::domain::ids::Slug;
use crate::domain::lawful::consent::state;
use crate::domain::register;
use crate::domain::wording::Wanted;
use crate::error::{Error, Result};
use crate::store::Oid;

/// The proof with the files that belong to it: name below the proof's directory, and content.
pub struct Gathered {
    pub proof: ConsentProof,
    pub files: Vec<(String, Zeroizing<Vec<u8>>)>,
}

impl Vault {
    /// Gathers the proof of one contact's consent for a purpose.
    ///
    /// # Errors
    /// When there is no event for the purpose, or evidence does not open.
    pub fn prove_consent(&self, at: Snapshot, one: &Match, purpose: &Slug) -> Result<Gathered> {
        let opened =
            self.open_contact(at, &one.book, &one.id)?.ok_or_else(|| super::object::gone(&one.id))?;
        let contact = opened.contact;
        let events: Vec<_> = contact.consents.iter().filter(|e| e.purpose == *purpose).cloned().collect();
        if events.is_empty() {
            return Err(Error::not_found("there is no consent event for this purpose")
                .hint("`carnet consent list CONTACT` shows what there is"));
        }
        let keys = self.contact_keys(&one.book, &one.id)?;
        let ids: Vec<&str> = events.iter().map(|e| e.id.as_str()).collect();
        let commits = self.commits_of_events(at, &one.id, &keys, &ids)?;
        let signers = self.trail(
            at,
            &Trail { contact: Some(one.id.clone()), changes: true, accesses: false, limit: None },
        )?;
        let mut files = Vec::new();
        let mut proven = Vec::with_capacity(events.len());
        for (event, commit) in events.into_iter().zip(commits) {
            let hash = event.wording.as_deref().map(|w| w.strip_prefix("sha256:").unwrap_or(w).to_owned());
            let held = hash.map(|hash| self.wording(at, &Wanted::Hash(hash))).and_then(Result::ok);
            let wording_name = held.map(|held| {
                let name = format!("wordings/{}.md", held.wording.sha256);
                put(&mut files, name, held.text.into_bytes());
                format!("{}/{} ({})", held.slug, held.number, held.wording.version)
            });
            if let Some(hash) = &event.evidence {
                let filed = self.evidence_of(at.tree, &one.id)?.into_iter().find(|f| f.sha256 == *hash);
                let filed = filed.ok_or_else(|| {
                    Error::failed("the evidence file that an event names is gone")
                        .at(crate::domain::evidence::path(&one.book, &one.id, hash))
                        .hint("`git log -- PATH` shows who removed it; restore it and commit")
                })?;
                let content = self.open_evidence(&one.book, &one.id, &filed)?;
                put(&mut files, format!("evidence/{hash}"), content.to_vec());
            }
            let recorded = match commit {
                None => None,
                Some(commit) => {
                    let line = signers.lines.iter().find(|line| line.commit == commit);
                    let member = line.and_then(|line| line.member.clone());
                    Some(self.recorded(commit, member, &one.id, &mut files)?)
                }
            };
            proven.push(Proven { event, wording_name, recorded });
        }
        let stands = Channel::ALL.into_iter().filter_map(|channel| {
            let state = state(&contact.consents, purpose, channel, self.now.timestamp())?;
            Some(Stands { channel, state: state.action, event: state.event.id.clone() })
        });
        let stands = stands.collect();
        let settings = self.settings(at)?;
        self.put_members(at, &mut files)?;
        put_sums(&mut files);
        let proof = ConsentProof {
            organisation: settings.organisation.name,
            dpo: settings.organisation.dpo,
            contact: one.id.clone(),
            name: contact.name,
            purpose: purpose.clone(),
            purpose_title: self.purpose_title(at, purpose)?,
            made: self.now_text(),
            tip: at.commit.to_string(),
            signer: self.me.handle.to_string(),
            key: self.me.fingerprint.clone(),
            events: proven,
            stands,
        };
        Ok(Gathered { proof, files })
    }

    /// A commit's facts; what was signed and the signature become files, so that gpg alone can check them.
    fn recorded(
        &self,
        commit: Oid,
        member: Option<String>,
        id: &crate::domain::ids::ContactId,
        files: &mut Vec<(String, Zeroizing<Vec<u8>>)>,
    ) -> Result<Recorded> {
        let signed = self.repo.signed(commit)?;
        let facts = self.repo.commit(commit)?;
        // The full fingerprint of the member's certificate then, where the signer is known.
        let handle = member.as_deref().and_then(|handle| handle.parse::<Slug>().ok());
        let cert = handle.map(|handle| super::member::member_cert(&self.repo, facts.tree, &handle));
        let key = match cert {
            Some(Ok(cert)) => Some(cert.fingerprint()),
            _ => signed.signature.as_deref().and_then(verify::issuer),
        };
        let file = self.repo.contact_files(facts.tree, id.fan(), &format!("{id}.toml.pgp"))?;
        put(files, format!("commits/{commit}.commit"), signed.payload);
        if let Some(signature) = signed.signature {
            put(files, format!("commits/{commit}.asc"), signature);
        }
        let time = DateTime::from_timestamp(facts.time, 0).unwrap_or_default();
        Ok(Recorded {
            commit: commit.to_string(),
            time: time.format("%Y-%m-%dT%H:%M:%SZ").to_string(),
            member,
            key,
            path: file.into_iter().next().map(|(path, _)| path).unwrap_or_default(),
        })
    }

    fn put_members(&self, at: Snapshot, files: &mut Vec<(String, Zeroizing<Vec<u8>>)>) -> Result<()> {
        for file in self.repo.list(at.tree, "members")?.into_iter().filter(|f| f.path.ends_with(".asc")) {
            put(files, format!("members/{}", file.path), self.repo.blob(file.id)?);
        }
        Ok(())
    }

    fn purpose_title(&self, at: Snapshot, purpose: &Slug) -> Result<String> {
        #[derive(serde::Deserialize)]
        struct Only {
            title: String,
        }
        let path = format!("registers/purposes/{purpose}.toml");
        let Some(bytes) = self.repo.file(at.tree, &path)? else { return Ok(purpose.to_string()) };
        Ok(register::parse::<Only>(&path, &String::from_utf8_lossy(&bytes))?.title)
    }
}

fn put(files: &mut Vec<(String, Zeroizing<Vec<u8>>)>, name: String, content: Vec<u8>) {
    if !files.iter().any(|(known, _)| *known == name) {
        files.push((name, Zeroizing::new(content)));
    }
}

/// What `sha256sum --check` reads: the names of texts and evidence are their hashes.
fn put_sums(files: &mut Vec<(String, Zeroizing<Vec<u8>>)>) {
    let named = |name: &str| {
        let hash = name.strip_prefix("wordings/").map(|n| n.trim_end_matches(".md"));
        hash.or_else(|| name.strip_prefix("evidence/")).map(|hash| format!("{hash}  {name}\n"))
    };
    let sums: String = files.iter().filter_map(|(name, _)| named(name)).collect();
    if !sums.is_empty() {
        put(files, "SHA256SUMS".into(), sums.into_bytes());
    }
}
