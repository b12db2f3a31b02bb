//! What carnet needs of a member's secret key, whoever holds it.

use std::time::SystemTime;

use zeroize::Zeroizing;

use crate::error::Result;

/// A member's secret key: a software key file ([`super::software`]) or GnuPG ([`super::gnupg`]).
pub trait SecretKey: Send + Sync {
    /// A detached, ASCII-armoured signature over `data` (RFC 4880, section 11.4).
    fn sign(&self, data: &[u8], at: SystemTime) -> Result<String>;

    /// Opens a message that is encrypted to this key.
    fn decrypt(&self, message: &[u8]) -> Result<Zeroizing<Vec<u8>>>;
}
