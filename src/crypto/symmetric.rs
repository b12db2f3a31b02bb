//! Messages sealed under a passphrase: contact files, contact keys, the index.
//!
//! The form is fixed (docs/format.md, "Sealed messages"): one SKESKv4 with an encrypted session key,
//! AES-256, one SEIPDv1 packet with its MDC (RFC 4880, sections 5.3 and 5.13). GnuPG 2.2 and later read it.
//! The passphrase is always 256 random bits written as text, so stretching it adds nothing and the S2K uses
//! the smallest iteration count that the standard allows (RFC 4880, section 3.7.1.3).

use std::io::{Read, Write};

use openpgp::crypto::{Password, S2K, SessionKey};
use openpgp::packet::skesk::SKESK4;
use openpgp::packet::{PKESK, SKESK};
use openpgp::parse::stream::{
    DecryptionHelper, DecryptorBuilder, MessageLayer, MessageStructure, VerificationHelper,
};
use openpgp::parse::{PacketParser, PacketParserResult, Parse};
use openpgp::policy::StandardPolicy;
use openpgp::serialize::Serialize;
use openpgp::serialize::stream::{Encryptor, LiteralWriter, Message};
use openpgp::types::{HashAlgorithm, SymmetricAlgorithm};
use openpgp::{Cert, KeyHandle, Packet};
use sequoia_openpgp as openpgp;
use zeroize::Zeroizing;

use super::digest::sha256;
use super::malformed;
use crate::error::{Error, Result};

pub(super) const CIPHER: SymmetricAlgorithm = SymmetricAlgorithm::AES256;

/// The smallest S2K iteration count, in bytes hashed (coded count 0 of RFC 4880, section 3.7.1.3).
const SMALLEST_COUNT: u32 = 1024;

/// A passphrase: 256 random bits in text form for books and contacts, a person's own for a key file.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Password);

impl Secret {
    /// A new secret of 256 random bits, as 64 lower-case hex digits.
    pub fn random() -> Result<Self> {
        let mut bytes = Zeroizing::new([0u8; 32]);
        openpgp::crypto::random(&mut bytes[..])
            .map_err(|e| Error::failed("the system gives no random numbers").cause(e))?;
        let mut text = Zeroizing::new(String::with_capacity(64));
        for byte in bytes.iter() {
            text.push(char::from_digit(u32::from(byte >> 4), 16).unwrap_or('0'));
            text.push(char::from_digit(u32::from(byte & 15), 16).unwrap_or('0'));
        }
        Ok(Secret::from_text(&text))
    }

    /// Takes the text as it stands, without a final line break.
    pub fn from_text(text: &str) -> Self {
        Secret(text.trim_end_matches(['\r', '\n']).into())
    }

    /// Takes the key of a key message: its first line.
    pub fn from_message(plaintext: &[u8]) -> Result<Self> {
        let mut all = Secret::all_from_message(plaintext)?;
        Ok(all.swap_remove(0))
    }

    /// Takes all keys of a key message, one a line, the current one first; there is at least one.
    pub fn all_from_message(plaintext: &[u8]) -> Result<Vec<Self>> {
        let text = std::str::from_utf8(plaintext).unwrap_or_default();
        let all: Vec<Secret> =
            text.lines().filter(|line| !line.trim().is_empty()).map(Secret::from_text).collect();
        match all.len() {
            0 => Err(Error::failed("a key message does not hold a key")),
            _ => Ok(all),
        }
    }

    /// Several keys as one message, the current one first.
    pub fn to_message_of(all: &[Secret]) -> Zeroizing<Vec<u8>> {
        // Room for all at once: a buffer that grows would leave copies behind.
        let mut out = Zeroizing::new(Vec::with_capacity(all.len().saturating_mul(128)));
        for secret in all {
            out.extend_from_slice(&secret.to_message());
        }
        out
    }

    /// The secret with a line break, as key messages hold it (`gpg --passphrase-fd` reads one line).
    pub fn to_message(&self) -> Zeroizing<Vec<u8>> {
        self.0.map(|bytes| {
            let mut out = Zeroizing::new(Vec::with_capacity(bytes.len() + 1));
            out.extend_from_slice(bytes);
            out.push(b'\n');
            out
        })
    }

    /// SHA-256 of the text, in hex: tells whether two secrets are one without showing either.
    pub fn digest(&self) -> String {
        self.0.map(|text| sha256(text))
    }

    /// Whether there is nothing in it, so that it would lock nothing.
    pub fn is_empty(&self) -> bool {
        self.0.map(|bytes| bytes.is_empty())
    }

    pub(super) fn password(&self) -> &Password {
        &self.0
    }
}

/// Seals `plaintext` under `secret`.
pub fn seal(secret: &Secret, plaintext: &[u8]) -> Result<Vec<u8>> {
    let sealed = || -> openpgp::Result<Vec<u8>> {
        let session_key = SessionKey::new(CIPHER.key_size()?)?;
        let mut salt = [0u8; 8];
        openpgp::crypto::random(&mut salt)?;
        let s2k = S2K::Iterated { hash: HashAlgorithm::SHA256, salt, hash_bytes: SMALLEST_COUNT };
        let skesk = SKESK4::with_password(CIPHER, CIPHER, s2k, &session_key, secret.password())?;
        message(vec![Packet::from(SKESK::from(skesk))], session_key, plaintext)
    };
    sealed().map_err(|e| Error::failed("a message could not be sealed").cause(e))
}

/// One SEIPDv1 message behind the given key packets; never SEIPDv2, never OCB (docs/threat-model.md).
pub(super) fn message(
    keys: Vec<Packet>,
    session_key: SessionKey,
    plaintext: &[u8],
) -> openpgp::Result<Vec<u8>> {
    let mut out = Vec::with_capacity(plaintext.len() + 160);
    let mut message = Message::new(&mut out);
    for key in keys {
        key.serialize(&mut message)?;
    }
    let message = Encryptor::with_session_key(message, CIPHER, session_key)?.build()?;
    let mut literal = LiteralWriter::new(message).build()?;
    literal.write_all(plaintext)?;
    literal.finalize()?;
    Ok(out)
}

/// Opens a message that [`seal`], or `gpg --symmetric` with the same passphrase, made.
///
/// Anything but exactly one passphrase packet and an integrity-protected body is refused: a stranger who
/// re-encrypts a file, or adds a key of their own, does not pass.
pub fn open(secret: &Secret, message: &[u8]) -> Result<Zeroizing<Vec<u8>>> {
    check_body(message)?;
    let policy = StandardPolicy::new();
    let helper = Helper { secret };
    let mut decryptor = DecryptorBuilder::from_bytes(message)
        .map_err(malformed)?
        .buffer_size(message.len().max(4096))
        .with_policy(&policy, None, helper)
        .map_err(not_opened)?;
    let mut plaintext = Zeroizing::new(Vec::with_capacity(message.len()));
    decryptor.read_to_end(&mut plaintext).map_err(not_opened)?;
    Ok(plaintext)
}

/// The shortest SEIPDv1 body: version, prefix of a block and two bytes, MDC packet (RFC 4880, section 5.13).
const SHORTEST_BODY: usize = 1 + 18 + 22;

/// Refuses an encrypted body that is too short to be one.
///
/// Sequoia 2.4.2 panics on such a body (`PacketParser::decrypt`, an `unwrap` behind its `Reserve` reader), so
/// it never gets to see one.
pub(super) fn check_body(message: &[u8]) -> Result<()> {
    let mut next = PacketParser::from_bytes(message).map_err(malformed)?;
    while let PacketParserResult::Some(mut parser) = next {
        if matches!(parser.packet, Packet::SEIP(_)) {
            let body = parser.buffer_unread_content().map_err(malformed)?;
            return if body.len() < SHORTEST_BODY { Err(malformed("it is cut short")) } else { Ok(()) };
        }
        next = parser.next().map_err(malformed)?.1;
    }
    Err(malformed("it is not encrypted, or without integrity protection"))
}

fn not_opened(e: impl std::fmt::Display) -> Error {
    Error::failed("the message does not open with its key").cause(e)
}

struct Helper<'a> {
    secret: &'a Secret,
}

impl VerificationHelper for Helper<'_> {
    fn get_certs(&mut self, _ids: &[KeyHandle]) -> openpgp::Result<Vec<Cert>> {
        Ok(Vec::new())
    }
    fn check(&mut self, structure: MessageStructure) -> openpgp::Result<()> {
        check_layers(structure)
    }
}

/// The message must be encrypted on the outside and unsigned within.
pub(super) fn check_layers(structure: MessageStructure) -> openpgp::Result<()> {
    let bad = |what: &str| Err(openpgp::Error::MalformedMessage(what.into()).into());
    let mut layers = structure.into_iter();
    match layers.next() {
        Some(MessageLayer::Encryption { .. }) => {}
        _ => return bad("it is not encrypted"),
    }
    if layers.any(|layer| !matches!(layer, MessageLayer::Compression { .. })) {
        return bad("it holds more than one plain layer");
    }
    Ok(())
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
            return Err(openpgp::Error::MalformedMessage("it has other keys than its own".into()).into());
        }
        let (algo, session_key) = skesks[0].decrypt(self.secret.password())?;
        if decrypt(algo, &session_key) { Ok(None) } else { Err(openpgp::Error::InvalidPassword.into()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sealed_opens_with_its_secret_and_no_other() {
        let (ours, other) = (Secret::random().unwrap(), Secret::random().unwrap());
        let message = seal(&ours, "Éloïse".as_bytes()).unwrap();
        assert_eq!(open(&ours, &message).unwrap().as_slice(), "Éloïse".as_bytes());
        assert!(open(&other, &message).is_err());
    }

    #[test]
    fn a_key_message_holds_the_current_key_first() {
        let (new, old) = (Secret::random().unwrap(), Secret::random().unwrap());
        let message = Secret::to_message_of(&[new.clone(), old.clone()]);
        assert_eq!(Secret::from_message(&message).unwrap().to_message(), new.to_message());
        let all = Secret::all_from_message(&message).unwrap();
        assert_eq!(all[1].to_message(), old.to_message());
        assert!(Secret::all_from_message(b"\n \n").is_err() && Secret::from_message(&[0xff]).is_err());
    }

    #[test]
    fn every_truncation_and_flip_is_refused() {
        let secret = Secret::random().unwrap();
        let message = seal(&secret, b"some text of a contact").unwrap();
        for end in 0..message.len() {
            assert!(open(&secret, &message[..end]).is_err(), "cut at {end}");
        }
        for at in 0..message.len() {
            let mut bad = message.clone();
            bad[at] ^= 1;
            let opened = open(&secret, &bad);
            assert!(
                opened.is_err() || opened.unwrap().as_slice() == b"some text of a contact",
                "flip at {at}"
            );
        }
        let mut doubled = message.clone();
        doubled.extend_from_slice(&message);
        assert!(open(&secret, &doubled).is_err());
    }

    #[test]
    fn a_plain_message_is_not_taken_for_a_sealed_one() {
        let mut out = Vec::new();
        let mut literal = LiteralWriter::new(Message::new(&mut out)).build().unwrap();
        literal.write_all(b"id = 1").unwrap();
        literal.finalize().unwrap();
        assert!(open(&Secret::random().unwrap(), &out).is_err());
    }

    #[test]
    fn a_second_key_is_refused_even_if_ours_opens_it() {
        let (ours, stranger) = (Secret::random().unwrap(), Secret::random().unwrap());
        let mut out = Vec::new();
        let message = Message::new(&mut out);
        let message =
            Encryptor::with_passwords(message, [ours.password().clone(), stranger.password().clone()])
                .build()
                .unwrap();
        let mut literal = LiteralWriter::new(message).build().unwrap();
        literal.write_all(b"x").unwrap();
        literal.finalize().unwrap();
        assert!(open(&ours, &out).is_err());
    }
}
