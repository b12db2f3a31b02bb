//! Keyed fingerprints (HMAC-SHA-256, RFC 2104 and FIPS 180-4): equal texts are recognised, and without the key
//! nothing can be tried out.

use hmac::{Hmac, Mac};
use sha2::Sha256;

use super::Secret;
use crate::error::{Error, Result};

/// The fingerprint of `text` under `secret`, as 64 lower-case hex digits.
pub fn fingerprint(secret: &Secret, text: &str) -> Result<String> {
    let key = secret.to_message();
    let mut mac = Hmac::<Sha256>::new_from_slice(key.trim_ascii_end())
        .map_err(|e| Error::failed("a fingerprint could not be made").cause(e))?;
    mac.update(text.as_bytes());
    Ok(mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_hmac_sha_256_of_the_key_as_it_is_written() {
        // RFC 4231, section 4.3 (test case 2).
        let made = fingerprint(&Secret::from_text("Jefe\n"), "what do ya want for nothing?").unwrap();
        assert_eq!(made, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
        assert_ne!(made, fingerprint(&Secret::from_text("Jefa"), "what do ya want for nothing?").unwrap());
    }
}
