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
use crate::error::Result;

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
        let policy = StandardPolicy::new();
        let mut keys = HashMap::new();
        for Cert(cert) in certs {
            let Ok(valid) = cert.with_policy(&policy, None) else { continue };
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
        let signature = parse(signature).ok_or(Unsound::Malformed)?;
        let issuers = signature.get_issuers();
        let handle = issuers.first().ok_or(Unsound::Malformed)?;
        let id = openpgp::KeyID::from(handle.clone()).to_hex();
        let signing = self.keys.get(&id).ok_or_else(|| Unsound::UnknownKey(shown(handle)))?;
        let at = signature.signature_creation_time().ok_or(Unsound::Malformed)?;
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
