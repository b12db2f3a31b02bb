//! Trying many secrets on one message, for the proof that an erased contact opens with none of them.

use openpgp::packet::SKESK;
use openpgp::parse::{PacketParser, PacketParserResult, Parse};
use openpgp::{Packet, parse::PacketParserBuilder};
use sequoia_openpgp as openpgp;

use super::malformed;
use super::symmetric::{Secret, open};
use crate::error::Result;

/// A message's key packets, parsed once so that trying a secret costs one S2K and one block.
pub struct Locked<'a> {
    message: &'a [u8],
    skesks: Vec<SKESK>,
    /// Public-key recipients; a message of ours has none.
    pub pkesks: usize,
    encrypted: bool,
}

impl<'a> Locked<'a> {
    /// Reads the key packets in front of the encrypted body.
    pub fn parse(message: &'a [u8]) -> Result<Self> {
        let mut locked = Locked { message, skesks: Vec::new(), pkesks: 0, encrypted: false };
        let mut next: PacketParserResult<'a> =
            PacketParserBuilder::from_bytes(message).map_err(malformed)?.build().map_err(malformed)?;
        while let PacketParserResult::Some(parser) = next {
            match &parser.packet {
                Packet::SKESK(skesk) => locked.skesks.push(skesk.clone()),
                Packet::PKESK(_) => locked.pkesks += 1,
                body => {
                    locked.encrypted = matches!(body, Packet::SEIP(_));
                    break;
                }
            }
            next = PacketParser::next(parser).map_err(malformed)?.1;
        }
        Ok(locked)
    }

    /// Whether there is anything to open: a message that is not encrypted reads without any secret.
    pub fn is_locked(&self) -> bool {
        self.encrypted
    }

    /// Whether `secret` opens the message.
    ///
    /// The first byte of a decrypted session key names its cipher (RFC 4880, section 5.3), which rules out
    /// all but a few wrong secrets; the few are tried in full.
    pub fn opens_with(&self, secret: &Secret) -> bool {
        self.skesks.iter().any(|skesk| match skesk.decrypt(secret.password()) {
            Ok((Some(algo), key)) if algo.key_size().ok() != Some(key.len()) => false,
            Ok(_) => open(secret, self.message).is_ok(),
            Err(_) => false,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::symmetric::seal;

    #[test]
    fn only_the_right_secret_of_many_opens() {
        let secrets: Vec<Secret> = (0..300).map(|_| Secret::random().unwrap()).collect();
        let message = seal(&secrets[7], b"x").unwrap();
        let locked = Locked::parse(&message).unwrap();
        let open: Vec<usize> = (0..300).filter(|i| locked.opens_with(&secrets[*i])).collect();
        assert_eq!(open, [7]);
        assert_eq!(locked.pkesks, 0);
    }
}
