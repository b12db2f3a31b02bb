//! Messages to members: book keys, each readable by every member of the book.

use std::io::Read;

use openpgp::KeyHandle;
use openpgp::Packet;
use openpgp::crypto::SessionKey;
use openpgp::packet::pkesk::PKESK3;
use openpgp::packet::{PKESK, SKESK};
use openpgp::parse::stream::{DecryptionHelper, DecryptorBuilder, MessageStructure, VerificationHelper};
use openpgp::parse::{PacketParser, PacketParserResult, Parse};
use openpgp::policy::StandardPolicy;
use openpgp::types::SymmetricAlgorithm;
use sequoia_openpgp as openpgp;
use zeroize::Zeroizing;

use super::cert::Cert;
use super::symmetric::{CIPHER, check_body, check_layers, message};
use super::{Secret, malformed};
use crate::error::{Error, Result};

/// Encrypts `secret` to every encryption subkey of every certificate; none is left out in silence.
pub fn encrypt(secret: &Secret, certs: &[Cert], at: std::time::SystemTime) -> Result<Vec<u8>> {
    let policy = StandardPolicy::new();
    if certs.is_empty() {
        return Err(Error::failed("a book needs at least one member"));
    }
    for cert in certs {
        cert.usability(at).refuse(&format!("recipient {}", cert.fingerprint()))?;
    }
    let encrypted = || -> openpgp::Result<Vec<u8>> {
        let session_key = SessionKey::new(CIPHER.key_size()?)?;
        let mut packets = Vec::new();
        for cert in certs {
            let keys = cert
                .0
                .keys()
                .with_policy(&policy, at)
                .supported()
                .alive()
                .revoked(false)
                .for_storage_encryption()
                .for_transport_encryption();
            for key in keys {
                let mut pkesk = PKESK3::for_recipient(CIPHER, &session_key, key.key())?;
                pkesk.set_recipient(Some(key.key().keyid()));
                packets.push(Packet::PKESK(pkesk.into()));
            }
        }
        message(packets, session_key, &secret.to_message())
    };
    encrypted().map_err(|e| Error::failed("a book key could not be encrypted to its members").cause(e))
}

/// Key ids (long, upper-case hex) that a message is encrypted to.
pub fn key_ids(bytes: &[u8]) -> Result<Vec<String>> {
    let mut ids = Vec::new();
    let mut next: PacketParserResult = PacketParser::from_bytes(bytes).map_err(malformed)?;
    while let PacketParserResult::Some(parser) = next {
        let (packet, rest) = parser.next().map_err(malformed)?;
        match packet {
            Packet::PKESK(p) => ids.extend(p.recipient().map(|r| openpgp::KeyID::from(r).to_hex())),
            _ => break,
        }
        next = rest;
    }
    Ok(ids)
}

/// Gives the session key of one of `pkesks`, where the caller has a key for it.
pub(super) type TrySessionKey<'a> =
    &'a mut dyn FnMut(&PKESK) -> Result<Option<(Option<SymmetricAlgorithm>, SessionKey)>>;

/// Opens a message to recipients with whatever secret key `unlock` finds.
pub(super) fn decrypt(bytes: &[u8], unlock: TrySessionKey<'_>) -> Result<Zeroizing<Vec<u8>>> {
    check_body(bytes)?;
    let policy = StandardPolicy::new();
    let mut refusal = None;
    let helper = Helper { unlock, refusal: &mut refusal };
    let opened = (|| {
        let mut decryptor = DecryptorBuilder::from_bytes(bytes)?.with_policy(&policy, None, helper)?;
        let mut plaintext = Zeroizing::new(Vec::new());
        decryptor.read_to_end(&mut plaintext)?;
        Ok::<_, openpgp::anyhow::Error>(plaintext)
    })();
    opened.map_err(|e| {
        refusal.unwrap_or_else(|| {
            Error::no_key("this key does not open the book")
                .cause(e)
                .hint("ask a member of the book to grant you access")
        })
    })
}

struct Helper<'a> {
    unlock: TrySessionKey<'a>,
    refusal: &'a mut Option<Error>,
}

impl VerificationHelper for Helper<'_> {
    fn get_certs(&mut self, _ids: &[KeyHandle]) -> openpgp::Result<Vec<openpgp::Cert>> {
        Ok(Vec::new())
    }
    fn check(&mut self, structure: MessageStructure) -> openpgp::Result<()> {
        check_layers(structure)
    }
}

impl DecryptionHelper for Helper<'_> {
    fn decrypt(
        &mut self,
        pkesks: &[PKESK],
        _skesks: &[SKESK],
        _algo: Option<SymmetricAlgorithm>,
        decrypt: &mut dyn FnMut(Option<SymmetricAlgorithm>, &SessionKey) -> bool,
    ) -> openpgp::Result<Option<openpgp::Cert>> {
        for pkesk in pkesks {
            match (self.unlock)(pkesk) {
                Ok(Some((algo, key))) if decrypt(algo, &key) => return Ok(None),
                Ok(_) => {}
                Err(e) => {
                    *self.refusal = Some(e);
                    break;
                }
            }
        }
        Err(openpgp::Error::InvalidSessionKey("no key for this message".into()).into())
    }
}
