//! A secret key in a file of its own: a transferable secret key, locked with a passphrase or not.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::time::SystemTime;

use openpgp::crypto::{KeyPair, SessionKey};
use openpgp::packet::PKESK;
use openpgp::packet::key::{SecretParts, UnspecifiedRole};
use openpgp::parse::Parse;
use openpgp::policy::StandardPolicy;
use openpgp::serialize::stream::{Armorer, Message, Signer};
use openpgp::types::SymmetricAlgorithm;
use sequoia_openpgp as openpgp;
use zeroize::Zeroizing;

use super::SecretKey;
use super::recipients;
use super::symmetric::Secret;
use crate::error::{Error, Result};

/// Asks for the passphrase, at most once, and only when the key is locked.
pub type AskPassphrase = Box<dyn Fn() -> Result<Secret> + Send + Sync>;

/// A software key, unlocked when it is first needed.
pub struct SoftwareKey {
    cert: openpgp::Cert,
    ask: AskPassphrase,
    passphrase: OnceLock<Secret>,
}

impl SoftwareKey {
    /// Reads the key file; its secret stays locked until it is used.
    pub fn load(path: &Path, ask: AskPassphrase) -> Result<Self> {
        let bytes = Zeroizing::new(std::fs::read(path).map_err(|e| {
            Error::no_key("the secret key file cannot be read")
                .at(path.display().to_string())
                .cause(e)
                .hint("copy it from your backup, or set `git config carnet.keyFile PATH`")
        })?);
        let cert = openpgp::Cert::from_bytes(&bytes[..]).map_err(|e| {
            Error::no_key("the secret key file is damaged")
                .at(path.display().to_string())
                .cause(e)
                .hint("copy it from your backup")
        })?;
        if !cert.is_tsk() {
            return Err(Error::no_key("the key file holds no secret key")
                .at(path.display().to_string())
                .hint("copy it from your backup"));
        }
        Ok(SoftwareKey { cert, ask, passphrase: OnceLock::new() })
    }

    /// Where the key with this fingerprint is kept: `$XDG_DATA_HOME/carnet/keys`, never in a repository.
    pub fn path(data_home: &Path, fingerprint: &str) -> PathBuf {
        data_home.join("carnet").join("keys").join(format!("{fingerprint}.pgp"))
    }

    fn unlock(&self, key: openpgp::packet::Key<SecretParts, UnspecifiedRole>) -> Result<KeyPair> {
        let key = if key.has_unencrypted_secret() {
            key
        } else {
            let secret = match self.passphrase.get() {
                Some(secret) => secret.clone(),
                None => (self.ask)()?,
            };
            let key = key.decrypt_secret(secret.password()).map_err(|_| {
                Error::no_key("wrong passphrase for the secret key").hint("try again; nothing was changed")
            })?;
            let _ = self.passphrase.set(secret);
            key
        };
        key.into_keypair().map_err(|e| Error::no_key("the secret key cannot be used").cause(e))
    }

    fn open_session(&self, pkesk: &PKESK) -> Result<Option<(Option<SymmetricAlgorithm>, SessionKey)>> {
        let Some(recipient) = pkesk.recipient() else { return Ok(None) };
        for key in self.cert.keys().secret().key_handle(recipient) {
            let mut pair = self.unlock(key.key().clone().role_into_unspecified())?;
            if let Some(found) = pkesk.decrypt(&mut pair, None) {
                return Ok(Some(found));
            }
        }
        Ok(None)
    }
}

impl SecretKey for SoftwareKey {
    fn sign(&self, data: &[u8], at: SystemTime) -> Result<String> {
        let policy = StandardPolicy::new();
        let key = self
            .cert
            .keys()
            .with_policy(&policy, at)
            .supported()
            .alive()
            .revoked(false)
            .for_signing()
            .secret()
            .next()
            .ok_or_else(|| {
                Error::no_key("the secret key cannot sign: it is expired, revoked or has no signing part")
                    .hint("extend or replace the key")
            })?;
        let pair = self.unlock(key.key().clone().role_into_unspecified())?;
        let signed = || -> openpgp::Result<Vec<u8>> {
            let mut out = Vec::new();
            let message =
                Armorer::new(Message::new(&mut out)).kind(openpgp::armor::Kind::Signature).build()?;
            let mut signer = Signer::new(message, pair)?.detached().creation_time(at).build()?;
            signer.write_all(data)?;
            signer.finalize()?;
            Ok(out)
        };
        let signature = signed().map_err(|e| Error::failed("signing failed").cause(e))?;
        String::from_utf8(signature).map_err(|e| Error::failed("signing failed").cause(e))
    }

    fn decrypt(&self, message: &[u8]) -> Result<Zeroizing<Vec<u8>>> {
        recipients::decrypt(message, &mut |pkesk| self.open_session(pkesk))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::cert;
    use crate::error::Kind;

    fn key(passphrase: Option<&str>, asked: Option<&'static str>) -> (cert::Cert, SoftwareKey) {
        let dir = tempfile::tempdir().unwrap();
        let secret = passphrase.map(Secret::from_text);
        let now = SystemTime::now();
        let (cert, tsk) = cert::generate("Ana", "ana@example.org", secret.as_ref(), now).unwrap();
        let path = dir.path().join("k");
        std::fs::write(&path, &tsk[..]).unwrap();
        let ask: AskPassphrase =
            Box::new(move || asked.map(Secret::from_text).ok_or_else(|| Error::no_key("nobody to ask")));
        (cert, SoftwareKey::load(&path, ask).unwrap())
    }

    #[test]
    fn a_book_key_opens_for_its_member_alone() {
        let (ana, ana_key) = key(None, None);
        let (_, eve_key) = key(None, None);
        let secret = Secret::random().unwrap();
        let message = recipients::encrypt(&secret, &[ana], SystemTime::now()).unwrap();
        assert_eq!(ana_key.decrypt(&message).unwrap(), secret.to_message());
        assert_eq!(eve_key.decrypt(&message).err().unwrap().kind, Kind::NoKey);
    }

    #[test]
    fn a_locked_key_wants_its_passphrase() {
        let (cert, right) = key(Some("sésame"), Some("sésame"));
        assert!(right.sign(b"x", SystemTime::now()).unwrap().contains("BEGIN PGP SIGNATURE"));
        let (_, wrong) = key(Some("sésame"), Some("sesame"));
        let error = wrong.sign(b"x", SystemTime::now()).unwrap_err();
        assert_eq!((error.kind, error.message.contains("wrong passphrase")), (Kind::NoKey, true));
        assert_eq!(cert.usability(SystemTime::now()), cert::Usability::Usable);
        assert!(!cert.asks_for_aead(SystemTime::now()));
    }
}
