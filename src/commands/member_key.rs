//! A member's certificate from a file or from GnuPG, by full fingerprint only.

use std::path::PathBuf;

use crate::context::Context;
use crate::crypto::Cert;
use crate::crypto::gnupg::GnupgKey;
use crate::crypto::software::SoftwareKey;
use crate::error::{Error, Result};
use crate::vault::Vault;
use crate::vault::member::Provider;

/// A full fingerprint, however it was spaced.
pub(super) fn fingerprint(text: &str) -> Option<String> {
    let hex: String = text.trim().trim_start_matches("0x").split_whitespace().collect();
    let full = [40, 64].contains(&hex.len()) && hex.chars().all(|c| c.is_ascii_hexdigit());
    full.then(|| hex.to_ascii_uppercase())
}

/// The certificate in a file, or the one that GnuPG has under a full fingerprint.
pub(super) fn certificate(context: &Context, vault: &Vault, source: &str) -> Result<Cert> {
    if let Some(key) = fingerprint(source) {
        let program = vault.repo.config("gpg.program")?.unwrap_or_else(|| "gpg".into());
        let cert = GnupgKey::new(program, key.clone(), true).certificate()?;
        if cert.fingerprint() != key {
            return Err(Error::usage("that is a subkey's fingerprint")
                .at(key)
                .hint(format!("the certificate's own is {}", cert.fingerprint())));
        }
        return Ok(cert);
    }
    let path = context.dir.join(PathBuf::from(source));
    let looks_like_id = source.trim_start_matches("0x").chars().all(|c| c.is_ascii_hexdigit());
    if looks_like_id && !path.exists() {
        return Err(Error::usage("a short key id can belong to anybody's key")
            .hint("give all 40 digits: `gpg --fingerprint NAME` shows them"));
    }
    let bytes = std::fs::read(&path).map_err(|e| match e.kind() {
        std::io::ErrorKind::NotFound => Error::not_found("there is no such file")
            .at(path.display().to_string())
            .hint("`gpg --armor --export FINGERPRINT > FILE` writes one"),
        _ => Error::from(e).at(path.display().to_string()),
    })?;
    Cert::parse_public(&bytes).map_err(|e| e.at(source))
}

/// Who keeps the secret part of a certificate of this member's own.
pub(super) fn provider_of(context: &Context, vault: &Vault, cert: &Cert) -> Result<Provider> {
    let key = cert.fingerprint();
    if SoftwareKey::path(&context.around.data_home, &key).is_file() {
        return Ok(Provider::Software);
    }
    if key == vault.me.fingerprint {
        return Ok(vault.me.provider);
    }
    let program = vault.repo.config("gpg.program")?.unwrap_or_else(|| "gpg".into());
    GnupgKey::new(program, key, true).has_secret()?;
    Ok(Provider::Gnupg)
}
