//! Members' certificates: reading, describing, and whether one can be used.

use std::time::SystemTime;

use openpgp::cert::{CertBuilder, CipherSuite, Preferences};
use openpgp::parse::Parse;
use openpgp::policy::StandardPolicy;
use openpgp::serialize::SerializeInto;
use openpgp::types::{Features, KeyFlags, RevocationStatus};
use sequoia_openpgp as openpgp;
use zeroize::Zeroizing;

use super::symmetric::Secret;
use crate::error::{Error, Result};

/// A public certificate (RFC 4880, section 11.1).
#[derive(Clone)]
pub struct Cert(pub(super) openpgp::Cert);

const EXPORT: &str = "`gpg --armor --export FINGERPRINT > FILE` writes one";

/// What a certificate can be used for at a moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Usability {
    Usable,
    Expired,
    Revoked,
    NoEncryptionKey,
    NoSigningKey,
    Invalid(String),
}

impl Usability {
    /// One word or two for a list.
    pub fn word(&self) -> &'static str {
        match self {
            Usability::Usable => "usable",
            Usability::Expired => "expired",
            Usability::Revoked => "revoked",
            Usability::NoEncryptionKey => "cannot encrypt",
            Usability::NoSigningKey => "cannot sign",
            Usability::Invalid(_) => "invalid",
        }
    }

    /// Why the certificate cannot be used, with what to do; nothing when it can.
    pub fn refuse(&self, who: &str) -> Result<()> {
        let (what, hint) = match self {
            Usability::Usable => return Ok(()),
            Usability::Expired => (
                format!("the OpenPGP key of {who} has expired"),
                "extend it and commit the new certificate with `carnet member rotate`; of several members who have left, \
                 `carnet member remove` takes all fingerprints at once",
            ),
            Usability::Revoked => {
                (format!("the OpenPGP key of {who} is revoked"), "give the member a new key")
            }
            Usability::NoEncryptionKey => (
                format!("the OpenPGP key of {who} has no usable encryption subkey"),
                "add an encryption subkey to it, then try again",
            ),
            Usability::NoSigningKey => (
                format!("the OpenPGP key of {who} has no usable signing key"),
                "add a signing subkey to it, then try again",
            ),
            Usability::Invalid(why) => {
                let error = Error::no_key(format!("the OpenPGP key of {who} is not valid")).cause(why);
                return Err(error.hint(
                    "`gpg --list-keys` shows its algorithm and date; make a new one where it is too weak",
                ));
            }
        };
        Err(Error::no_key(what).hint(hint))
    }
}

impl Cert {
    /// Reads one certificate, armoured or binary; secret parts are dropped.
    pub fn parse(bytes: &[u8]) -> Result<Cert> {
        let cert = openpgp::Cert::from_bytes(bytes)
            .map_err(|e| Error::failed("not an OpenPGP certificate").cause(e))?;
        Ok(Cert(cert.strip_secret_key_material()))
    }

    /// Reads one public certificate; a file with a secret key is refused, for it should not go round.
    pub fn parse_public(bytes: &[u8]) -> Result<Cert> {
        let mut certs = openpgp::cert::CertParser::from_bytes(bytes)
            .map_err(|e| Error::failed("not an OpenPGP certificate").cause(e).hint(EXPORT))?;
        let cert = match (certs.next(), certs.next()) {
            (Some(Ok(cert)), None) => cert,
            (Some(Err(e)), _) => {
                return Err(Error::failed("not an OpenPGP certificate").cause(e).hint(EXPORT));
            }
            (None, _) => return Err(Error::failed("there is no OpenPGP certificate in it").hint(EXPORT)),
            (Some(_), Some(_)) => {
                return Err(Error::failed("there is more than one certificate in it")
                    .hint("put the member's certificate into a file of its own"));
            }
        };
        if cert.is_tsk() {
            return Err(Error::refused(
                "that is a secret key, and a member hands over the public certificate only",
            )
            .hint("`gpg --armor --export FINGERPRINT`, or `carnet key export FINGERPRINT`, writes that"));
        }
        Ok(Cert(cert))
    }

    /// The certificate with what another version of it knows besides: revocations, extensions, subkeys.
    pub fn merged(&self, other: &Cert) -> Result<Cert> {
        let merged = self.0.clone().merge_public(other.0.clone());
        merged.map(Cert).map_err(|e| Error::failed("two certificates are not of one key").cause(e))
    }

    /// Whether the certificate holds everything that an earlier version of it held.
    pub fn extends(&self, earlier: &Cert) -> bool {
        self.merged(earlier).is_ok_and(|merged| merged.0 == self.0)
    }

    /// Name and e-mail address of the primary user id, as far as it has them.
    pub fn user(&self, at: SystemTime) -> (String, String) {
        let policy = StandardPolicy::new();
        let valid = self.0.with_policy(&policy, at).ok();
        let user = valid.and_then(|v| v.primary_userid().ok().map(|u| u.userid().clone()));
        let Some(user) = user.or_else(|| self.0.userids().next().map(|u| u.userid().clone())) else {
            return Default::default();
        };
        let text = |part: openpgp::Result<Option<&str>>| part.ok().flatten().unwrap_or_default().to_owned();
        match (text(user.name()), text(user.email())) {
            (name, email) if name.is_empty() && email.is_empty() => {
                (String::from_utf8_lossy(user.value()).into_owned(), email)
            }
            both => both,
        }
    }

    /// Upper-case hex fingerprint of the primary key.
    pub fn fingerprint(&self) -> String {
        self.0.fingerprint().to_hex()
    }

    /// The certificate in ASCII armour.
    pub fn armoured(&self) -> Result<String> {
        let bytes = self
            .0
            .armored()
            .to_vec()
            .map_err(|e| Error::failed("a certificate could not be written").cause(e))?;
        String::from_utf8(bytes).map_err(|e| Error::failed("a certificate could not be written").cause(e))
    }

    /// Whether the certificate can both sign and be encrypted to at `at`, and if not, why.
    pub fn usability(&self, at: SystemTime) -> Usability {
        let policy = StandardPolicy::new();
        if let RevocationStatus::Revoked(_) = self.0.revocation_status(&policy, at) {
            return Usability::Revoked;
        }
        let valid = match self.0.with_policy(&policy, at) {
            Ok(valid) => valid,
            Err(e) => return Usability::Invalid(e.to_string()),
        };
        if valid.alive().is_err() {
            return Usability::Expired;
        }
        let keys = || valid.keys().supported().alive().revoked(false);
        if keys().for_storage_encryption().for_transport_encryption().next().is_none() {
            return Usability::NoEncryptionKey;
        }
        if keys().for_signing().next().is_none() {
            return Usability::NoSigningKey;
        }
        Usability::Usable
    }

    /// Until when the certificate can both sign and be encrypted to, if that ends: when it expires itself, or the
    /// last of its encryption subkeys or of its signing keys does. For one that is usable at `at`.
    pub fn usable_until(&self, at: SystemTime) -> Option<SystemTime> {
        let policy = StandardPolicy::new();
        let valid = self.0.with_policy(&policy, at).ok()?;
        let keys = || valid.keys().supported().alive().revoked(false);
        // None of a kind that never expires: as long as the last one.
        let last = |ends: Vec<Option<SystemTime>>| -> Option<SystemTime> {
            ends.into_iter().collect::<Option<Vec<_>>>()?.into_iter().max()
        };
        let encryption = keys().for_storage_encryption().for_transport_encryption();
        let encryption = last(encryption.map(|key| key.key_expiration_time()).collect());
        let signing = last(keys().for_signing().map(|key| key.key_expiration_time()).collect());
        let own = valid.primary_key().key_expiration_time();
        [own, encryption, signing].into_iter().flatten().min()
    }

    /// Whether the certificate asks for a form of encryption that carnet neither writes nor reads: OCB of GnuPG 2.3 and
    /// later (bit 2 of the features, draft-koch-librepgp), or SEIPD version 2 (RFC 9580).
    pub fn asks_for_aead(&self, at: SystemTime) -> bool {
        let policy = StandardPolicy::new();
        let Ok(valid) = self.0.with_policy(&policy, at) else { return false };
        let asks = |features: Option<Features>| {
            features.is_some_and(|f| {
                f.supports_seipdv2() || f.as_bitfield().as_bytes().first().is_some_and(|byte| byte & 2 != 0)
            })
        };
        asks(valid.features()) || valid.userids().any(|user| asks(user.features()))
    }
}

/// A new key pair: certify and sign with the primary key, decrypt with a subkey; Curve25519, version 4.
///
/// Returns the certificate and the secret key file (transferable secret key, binary). The features name
/// SEIPDv1 only: Sequoia would otherwise advertise SEIPDv2, which GnuPG 2.2 and 2.4 cannot read.
pub fn generate(
    name: &str,
    email: &str,
    passphrase: Option<&Secret>,
    at: SystemTime,
) -> Result<(Cert, Zeroizing<Vec<u8>>)> {
    let made = || -> openpgp::Result<(openpgp::Cert, Vec<u8>)> {
        let storage = KeyFlags::empty().set_storage_encryption().set_transport_encryption();
        // People have names that are no RFC 2822 phrase; gpg takes any text before the address, too.
        let user = openpgp::packet::UserID::from_address(name, None, email)
            .unwrap_or_else(|_| openpgp::packet::UserID::from(format!("{name} <{email}>")));
        let (cert, _revocation) = CertBuilder::new()
            .set_cipher_suite(CipherSuite::Cv25519)
            .set_features(Features::empty().set_seipdv1())?
            .set_creation_time(at)
            .set_primary_key_flags(KeyFlags::empty().set_certification().set_signing())
            .add_userid(user)
            .add_subkey(storage, None, None)
            .set_password(passphrase.map(|p| p.password().clone()))
            .generate()?;
        let secret = cert.as_tsk().to_vec()?;
        Ok((cert, secret))
    };
    let (cert, secret) = made().map_err(|e| {
        Error::failed("the key could not be made").cause(e).hint("check the name and the e-mail address")
    })?;
    Ok((Cert(cert.strip_secret_key_material()), Zeroizing::new(secret)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    const DAY: Duration = Duration::from_secs(86_400);

    fn made(
        at: SystemTime,
        features: u8,
        change: impl FnOnce(CertBuilder<'static>) -> CertBuilder<'static>,
    ) -> Cert {
        let builder = CertBuilder::new()
            .set_features(Features::new([features]))
            .unwrap()
            .set_creation_time(at)
            .set_primary_key_flags(KeyFlags::empty().set_certification().set_signing())
            .add_userid("Ana <ana@example.org>");
        Cert(change(builder).generate().unwrap().0)
    }

    #[test]
    fn a_certificate_is_usable_as_long_as_its_last_keys_are() {
        let at = SystemTime::UNIX_EPOCH + DAY * 20_000;
        let storage = || KeyFlags::empty().set_storage_encryption().set_transport_encryption();
        let never = made(at, 1, |b| b.add_subkey(storage(), None, None));
        assert_eq!(never.usable_until(at + DAY), None);
        let whole = made(at, 1, |b| b.set_validity_period(DAY * 30).add_subkey(storage(), None, None));
        assert_eq!(whole.usable_until(at + DAY), Some(at + DAY * 30));
        // The subkey ends before the certificate does; a second one lasts longer.
        let one = made(at, 1, |b| b.set_validity_period(DAY * 30).add_subkey(storage(), DAY * 10, None));
        assert_eq!(one.usable_until(at + DAY), Some(at + DAY * 10));
        let two =
            made(at, 1, |b| b.add_subkey(storage(), DAY * 10, None).add_subkey(storage(), DAY * 20, None));
        assert_eq!(two.usable_until(at + DAY), Some(at + DAY * 20));
        assert_eq!(two.usable_until(at + DAY * 15), Some(at + DAY * 20));
    }

    #[test]
    fn what_a_certificate_asks_for_is_read_from_its_features() {
        let at = SystemTime::UNIX_EPOCH + DAY * 20_000;
        // MDC alone; GnuPG 2.3 and later: MDC, OCB, version 5 keys; RFC 9580: SEIPD version 2.
        for (features, asks) in [(0x01, false), (0x07, true), (0x09, true)] {
            assert_eq!(made(at, features, |b| b).asks_for_aead(at + DAY), asks, "{features}");
        }
    }
}
