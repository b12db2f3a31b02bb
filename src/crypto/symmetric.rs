//! Messages sealed under a passphrase: contact files, contact keys, the index.
//!
//! The form is fixed (docs/format.md): one SKESKv4 with an encrypted session key, AES-256, one SEIPDv1
//! packet with its MDC (RFC 4880, sections 5.3 and 5.13). GnuPG 2.2 and later read it. The passphrase is
//! always 256 random bits written as text, so stretching it adds nothing and the S2K uses the smallest
//! iteration count that the standard allows (RFC 4880, section 3.7.1.3).

use std::io::{Read, Write};

use openpgp::crypto::{Password, S2K, SessionKey};
use openpgp::packet::skesk::SKESK4;
use openpgp::packet::{PKESK, SKESK};
use openpgp::parse::Parse;
use openpgp::parse::stream::{
    DecryptionHelper, DecryptorBuilder, MessageLayer, MessageStructure, VerificationHelper,
};
use openpgp::policy::StandardPolicy;
use openpgp::serialize::Serialize;
use openpgp::serialize::stream::{Encryptor, LiteralWriter, Message};
use openpgp::types::{HashAlgorithm, SymmetricAlgorithm};
use openpgp::{Cert, KeyHandle, Packet};
use sequoia_openpgp as openpgp;
use zeroize::Zeroizing;

use super::CryptoError;

const CIPHER: SymmetricAlgorithm = SymmetricAlgorithm::AES256;

/// The smallest S2K iteration count, in bytes hashed (coded count 0 of RFC 4880, section 3.7.1.3).
const SMALLEST_COUNT: u32 = 1024;

/// A passphrase of 256 random bits in text form, or any other text that opens a message.
pub struct Secret(Password);

impl Secret {
    /// Takes the text as it stands; surrounding white space is the caller's to trim.
    pub fn from_text(text: &str) -> Self {
        Secret(text.into())
    }

    /// Runs `f` on the text, which is kept encrypted in memory otherwise.
    pub fn expose<T>(&self, f: impl FnOnce(&[u8]) -> T) -> T {
        self.0.map(|bytes| f(bytes))
    }

    pub(super) fn password(&self) -> &Password {
        &self.0
    }
}

/// Seals `plaintext` under `secret`.
pub fn seal(secret: &Secret, plaintext: &[u8]) -> Result<Vec<u8>, CryptoError> {
    (|| -> openpgp::Result<Vec<u8>> {
        let session_key = SessionKey::new(CIPHER.key_size()?)?;
        let mut salt = [0u8; 8];
        openpgp::crypto::random(&mut salt)?;
        let s2k = S2K::Iterated { hash: HashAlgorithm::SHA256, salt, hash_bytes: SMALLEST_COUNT };
        let skesk = SKESK4::with_password(CIPHER, CIPHER, s2k, &session_key, secret.password())?;
        let mut out = Vec::with_capacity(plaintext.len() + 160);
        let mut message = Message::new(&mut out);
        Packet::from(SKESK::from(skesk)).serialize(&mut message)?;
        let message = Encryptor::with_session_key(message, CIPHER, session_key)?.build()?;
        let mut literal = LiteralWriter::new(message).build()?;
        literal.write_all(plaintext)?;
        literal.finalize()?;
        Ok(out)
    })()
    .map_err(CryptoError::sealing)
}

/// Opens a message that [`seal`] or `gpg --symmetric` made with one passphrase.
pub fn open(secret: &Secret, message: &[u8]) -> Result<Zeroizing<Vec<u8>>, CryptoError> {
    let policy = StandardPolicy::new();
    let helper = Helper { secret };
    let mut decryptor = DecryptorBuilder::from_bytes(message)
        .map_err(CryptoError::malformed)?
        .buffer_size(message.len().max(4096))
        .with_policy(&policy, None, helper)
        .map_err(CryptoError::opening)?;
    let mut plaintext = Zeroizing::new(Vec::with_capacity(message.len()));
    decryptor.read_to_end(&mut plaintext).map_err(|e| CryptoError::opening(e))?;
    Ok(plaintext)
}

struct Helper<'a> {
    secret: &'a Secret,
}

impl VerificationHelper for Helper<'_> {
    fn get_certs(&mut self, _ids: &[KeyHandle]) -> openpgp::Result<Vec<Cert>> {
        Ok(Vec::new())
    }
    fn check(&mut self, structure: MessageStructure) -> openpgp::Result<()> {
        for layer in structure {
            if let MessageLayer::SignatureGroup { .. } = layer {
                return Err(openpgp::Error::MalformedMessage("unexpected signature".into()).into());
            }
        }
        Ok(())
    }
}

impl DecryptionHelper for Helper<'_> {
    fn decrypt(
        &mut self,
        pkesks: &[PKESK],
        skesks: &[SKESK],
        _algo: Option<SymmetricAlgorithm>,
        decrypt: &mut dyn FnMut(Option<SymmetricAlgorithm>, &SessionKey) -> bool,
    ) -> openpgp::Result<Option<Cert>> {
        if !pkesks.is_empty() || skesks.len() != 1 {
            return Err(openpgp::Error::MalformedMessage("not exactly one key".into()).into());
        }
        let (algo, sk) = skesks[0].decrypt(self.secret.password())?;
        if decrypt(algo, &sk) { Ok(None) } else { Err(openpgp::Error::InvalidPassword.into()) }
    }
}
