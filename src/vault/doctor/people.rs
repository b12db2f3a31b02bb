//! Members' certificates: what cannot be used, what soon cannot be, and what asks for more than carnet writes.

use chrono::{DateTime, Utc};

use super::Findings;
use crate::domain::ids::Slug;
use crate::error::Result;
use crate::vault::member::member_cert;
use crate::vault::{Snapshot, Vault};

/// How many days before a key expires it is named.
const SOON: i64 = 60;

/// Examines the certificate of every member, and that each member of a book has one.
pub(super) fn examine(vault: &Vault, at: Snapshot, found: &mut Findings) -> Result<()> {
    for (slug, book) in vault.all_books(at)? {
        for member in &book.members {
            if member_cert(&vault.repo, at.tree, member).is_err() {
                let remedy = format!("`carnet book revoke {slug} {member}`, or commit their certificate");
                found.found(format!("member {member} of book {slug} has no certificate"), &remedy);
            }
        }
    }
    let names = vault.repo.names(at.tree, "members")?;
    let members = names.iter().filter_map(|name| name.strip_suffix(".asc")?.parse::<Slug>().ok());
    for member in members {
        let Ok(cert) = member_cert(&vault.repo, at.tree, &member) else { continue };
        let fingerprint = cert.fingerprint();
        let rotate = format!("`carnet member rotate {member} {fingerprint}` takes it over");
        match cert.usability(vault.now.into()).refuse(&format!("member {member}")) {
            Err(e) => {
                found.found(e.message, e.hint.as_deref().unwrap_or_default());
                continue;
            }
            Ok(()) => {
                let until = cert.usable_until(vault.now.into()).map(DateTime::<Utc>::from);
                let left = until.map(|until| (until.date_naive(), (until - vault.now).num_days()));
                if let Some((day, days)) = left.filter(|(_, days)| *days <= SOON) {
                    found.found(
                        format!("the OpenPGP key of member {member} expires in {days} day(s), on {day}"),
                        &format!("{member} extends it, such as with `gpg --quick-set-expire {fingerprint} 2y`; {rotate}"),
                    );
                }
            }
        }
        if cert.asks_for_aead(vault.now.into()) {
            found.advice(
                &format!(
                    "the OpenPGP key of member {member} asks for OCB encryption, as GnuPG 2.3 and later write it and \
                     carnet cannot read it; carnet itself never writes it"
                ),
                &format!(
                    "`gpg --edit-key {fingerprint}`, there `setpref AES256 AES192 AES SHA512 SHA384 SHA256 SHA224 ZLIB \
                     BZIP2 ZIP` and `save`; {rotate}"
                ),
            );
        }
    }
    Ok(())
}
