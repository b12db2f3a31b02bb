//! Checking detached signatures against a fixed set of certificates, many times over.

use std::collections::HashMap;
use std::time::{Duration, SystemTime};

use openpgp::cert::amalgamation::ValidAmalgamation;
use openpgp::packet::Key;
use openpgp::packet::Signature;
use openpgp::packet::key::{PublicParts, UnspecifiedRole};
use openpgp::parse::{PacketParser, PacketParserResult, Parse};
use openpgp::policy::{HashAlgoSecurity, Policy as _, StandardPolicy};
use openpgp::types::{RevocationStatus, RevocationType};
use openpgp::{KeyHandle, Packet};
use sequoia_openpgp as openpgp;

use super::cert::Cert;
use super::malformed;
use super::symmetric::check_body;
use crate::error::{Error, Result};

/// Signing keys of some certificates, prepared once so that checking costs one hash and one curve operation.
#[derive(Default)]
pub struct Verifier {
    keys: HashMap<String, SigningKey>,
}

struct SigningKey {
    key: Key<PublicParts, UnspecifiedRole>,
    cert: String,
    from: SystemTime,
    until: Option<SystemTime>,
    revoked: Option<Revoked>,
}

/// How much two machines' clocks may differ before it counts: one day.
pub const CLOCKS: Duration = Duration::from_secs(24 * 60 * 60);

/// A hard revocation counts for all time; a soft one from its own moment on.
#[derive(Clone, Copy)]
enum Revoked {
    Hard,
    Since(SystemTime),
}

/// Why a signature does not count.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unsound {
    /// Not one OpenPGP signature.
    Malformed,
    /// By a key that is none of the certificates'.
    UnknownKey(String),
    /// The text is not what was signed.
    Bad,
    Expired,
    Revoked,
}

impl std::fmt::Display for Unsound {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Unsound::Malformed => f.write_str("the signature is malformed"),
            Unsound::UnknownKey(id) => write!(f, "signed by {id}, which no member had"),
            Unsound::Bad => f.write_str("the signature does not fit what it signs"),
            Unsound::Expired => f.write_str("signed when the key was not valid"),
            Unsound::Revoked => f.write_str("signed with a revoked key"),
        }
    }
}

impl Verifier {
    /// Prepares the signing keys of `certs`; a certificate that is wholly invalid gives none.
    pub fn new(certs: &[Cert]) -> Verifier {
        Verifier::at(certs, SystemTime::now())
    }

    /// The same with another moment as now. Of two versions of a certificate the later one counts.
    pub fn at(certs: &[Cert], now: SystemTime) -> Verifier {
        let policy = StandardPolicy::new();
        let mut keys = HashMap::new();
        for Cert(cert) in certs {
            let Ok(valid) = cert.with_policy(&policy, now) else { continue };
            let cert_revoked = revoked(&valid.revocation_status());
            let cert_until = valid.primary_key().key_expiration_time();
            for key in valid.keys().supported().for_signing() {
                let until = [cert_until, key.key_expiration_time()].into_iter().flatten().min();
                let signing = SigningKey {
                    key: key.key().clone().role_into_unspecified(),
                    cert: cert.fingerprint().to_hex(),
                    from: key.key().creation_time(),
                    until,
                    revoked: cert_revoked.or(revoked(&key.revocation_status())),
                };
                keys.insert(key.key().keyid().to_hex(), signing);
            }
        }
        Verifier { keys }
    }

    /// Checks `signature` (armoured or binary) over `data`; the certificate's fingerprint when it is sound.
    pub fn check(&self, signature: &[u8], data: &[u8]) -> Result<String, Unsound> {
        self.check_later(signature, data, None)
    }

    /// The same for data that names what was made at `after`: it was signed later than that, give or take what clocks
    /// differ ([`CLOCKS`]), whatever time the signature claims. So a key that has expired or was replaced since signs
    /// nothing new by putting the clock back.
    pub fn check_later(
        &self,
        signature: &[u8],
        data: &[u8],
        after: Option<SystemTime>,
    ) -> Result<String, Unsound> {
        let signature = parse(signature).ok_or(Unsound::Malformed)?;
        let issuers = signature.get_issuers();
        let handle = issuers.first().ok_or(Unsound::Malformed)?;
        let id = openpgp::KeyID::from(handle.clone()).to_hex();
        let signing = self.keys.get(&id).ok_or_else(|| Unsound::UnknownKey(shown(handle)))?;
        let claimed = signature.signature_creation_time().ok_or(Unsound::Malformed)?;
        let at =
            after.and_then(|after| after.checked_sub(CLOCKS)).map_or(claimed, |after| claimed.max(after));
        let policy = StandardPolicy::new();
        if policy.signature(&signature, HashAlgoSecurity::CollisionResistance).is_err() {
            return Err(Unsound::Bad);
        }
        signature.verify_message(&signing.key, data).map_err(|_| Unsound::Bad)?;
        match signing.revoked {
            Some(Revoked::Hard) => return Err(Unsound::Revoked),
            Some(Revoked::Since(t)) if at >= t => return Err(Unsound::Revoked),
            _ => {}
        }
        if at < signing.from || signing.until.is_some_and(|until| at >= until) {
            return Err(Unsound::Expired);
        }
        Ok(signing.cert.clone())
    }
}

/// The moment that a signature claims, in seconds since 1970.
pub fn signed_at(signature: &[u8]) -> Option<Duration> {
    parse(signature)?.signature_creation_time()?.duration_since(SystemTime::UNIX_EPOCH).ok()
}

/// The key that a signature says it is by (long key id, upper-case hex); not checked.
pub fn issuer(signature: &[u8]) -> Option<String> {
    let handle = parse(signature)?.get_issuers().into_iter().next()?;
    Some(openpgp::KeyID::from(handle).to_hex())
}

/// All certificates of a keyring in a signing policy, one armoured block or several bytes on end.
pub fn keyring(text: &str) -> Result<Vec<Cert>> {
    let broken = |e: &dyn std::fmt::Display| Error::failed("a keyring cannot be read").cause(e);
    let parser = openpgp::cert::CertParser::from_bytes(text.as_bytes()).map_err(|e| broken(&e))?;
    parser.map(|cert| cert.map(|c| Cert(c.strip_secret_key_material())).map_err(|e| broken(&e))).collect()
}

/// Long key ids of every key and subkey of a certificate.
pub fn key_ids(Cert(cert): &Cert) -> Vec<String> {
    cert.keys().map(|key| key.key().keyid().to_hex()).collect()
}

/// Long key ids of a certificate's encryption subkeys: those that a message is encrypted to at `now`, and all
/// that ever were meant for it, so that an expired one is not taken for a stranger's.
pub fn encryption_ids(Cert(cert): &Cert, now: SystemTime) -> (Vec<String>, Vec<String>) {
    let policy = StandardPolicy::new();
    let ever = || cert.keys().with_policy(&policy, now).for_storage_encryption().for_transport_encryption();
    let usable = ever().supported().alive().revoked(false);
    (usable.map(|k| k.key().keyid().to_hex()).collect(), ever().map(|k| k.key().keyid().to_hex()).collect())
}

/// The key packets in front of an encrypted message.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Recipients {
    /// Long key ids that it is encrypted to.
    pub ids: Vec<String>,
    /// Recipients that are not named (RFC 4880, section 5.1).
    pub hidden: usize,
    /// Passphrases that open it.
    pub passphrases: usize,
}

/// Reads the outside of an encrypted message: any number of key packets, then exactly one body with integrity
/// protection (RFC 4880, section 11.3). Nothing is decrypted.
pub fn recipients(message: &[u8]) -> Result<Recipients> {
    check_body(message)?;
    let mut found = Recipients::default();
    let mut next = PacketParser::from_bytes(message).map_err(malformed)?;
    while let PacketParserResult::Some(parser) = next {
        let (packet, rest) = parser.next().map_err(malformed)?;
        match packet {
            Packet::PKESK(p) => match p.recipient() {
                Some(handle) => found.ids.push(openpgp::KeyID::from(handle).to_hex()),
                None => found.hidden += 1,
            },
            Packet::SKESK(_) => found.passphrases += 1,
            _ => {}
        }
        next = rest;
    }
    match next {
        PacketParserResult::EOF(end) => end.is_message().map_err(malformed)?,
        PacketParserResult::Some(_) => {}
    }
    Ok(found)
}

fn shown(handle: &KeyHandle) -> String {
    handle.to_hex()
}

fn parse(bytes: &[u8]) -> Option<Signature> {
    let first = PacketParser::from_bytes(bytes).ok()?;
    let PacketParserResult::Some(parser) = first else { return None };
    let (packet, rest) = parser.next().ok()?;
    match (packet, rest) {
        (Packet::Signature(signature), PacketParserResult::EOF(_)) => Some(signature),
        _ => None,
    }
}

fn revoked(status: &RevocationStatus) -> Option<Revoked> {
    let RevocationStatus::Revoked(signatures) = status else { return None };
    let mut worst = None;
    for signature in signatures {
        let soft = signature
            .reason_for_revocation()
            .is_some_and(|(reason, _)| reason.revocation_type() == RevocationType::Soft);
        match (soft, signature.signature_creation_time()) {
            (true, Some(at)) => {
                worst.get_or_insert(Revoked::Since(at));
            }
            _ => worst = Some(Revoked::Hard),
        }
    }
    worst
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::cert;
    use crate::crypto::software::SoftwareKey;
    use crate::crypto::{Secret, SecretKey};

    #[test]
    fn the_outside_of_a_message_tells_its_keys() {
        let now = SystemTime::now();
        let (ana, _) = cert::generate("Ana", "ana@example.org", None, now).unwrap();
        let secret = Secret::random().unwrap();
        let message = crate::crypto::recipients::encrypt(&secret, std::slice::from_ref(&ana), now).unwrap();
        let (usable, all) = encryption_ids(&ana, now);
        assert_eq!((usable.len(), &usable), (1, &all));
        let expected = Recipients { ids: usable, ..Recipients::default() };
        assert_eq!(recipients(&message).unwrap(), expected);
        let sealed = crate::crypto::symmetric::seal(&secret, b"x").unwrap();
        assert_eq!(recipients(&sealed).unwrap(), Recipients { passphrases: 1, ..Recipients::default() });
        assert!(recipients(&[sealed.clone(), sealed.clone()].concat()).is_err());
        assert!(recipients(&sealed[..sealed.len() - 1]).is_err());
        let two = format!("{}{}", ana.armoured().unwrap(), "junk");
        assert_eq!(keyring(&two).unwrap()[0].fingerprint(), ana.fingerprint());
    }

    #[test]
    fn only_the_signed_text_by_a_known_key_is_sound() {
        let dir = tempfile::tempdir().unwrap();
        let now = SystemTime::now();
        let (ana, tsk) = cert::generate("Ana", "ana@example.org", None, now).unwrap();
        let (eve, _) = cert::generate("Eve", "eve@example.org", None, now).unwrap();
        let path = dir.path().join("k");
        std::fs::write(&path, &tsk[..]).unwrap();
        let key = SoftwareKey::load(&path, Box::new(|| Ok(Secret::from_text("")))).unwrap();
        let signature = key.sign(b"tree 1", now).unwrap();
        let verifier = Verifier::new(&[ana.clone(), eve.clone()]);
        assert_eq!(verifier.check(signature.as_bytes(), b"tree 1"), Ok(ana.fingerprint()));
        assert_eq!(verifier.check(signature.as_bytes(), b"tree 2"), Err(Unsound::Bad));
        assert_eq!(verifier.check(b"junk", b"tree 1"), Err(Unsound::Malformed));
        assert!(matches!(
            Verifier::new(&[eve]).check(signature.as_bytes(), b"tree 1"),
            Err(Unsound::UnknownKey(_))
        ));
        let early = key.sign(b"x", now - Duration::from_secs(3600));
        assert!(early.is_err(), "a key cannot sign before it was made");
    }
}
