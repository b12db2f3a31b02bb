//! Which member a new clone belongs to: whoever of the data repository has a secret key on this machine.

use crate::crypto::Cert;
use crate::crypto::gnupg::GnupgKey;
use crate::crypto::software::SoftwareKey;
use crate::domain::ids::Slug;
use crate::error::{Error, Kind, Result};
use crate::store::{Oid, Repo};

use super::member::{Me, Provider, Surroundings, member_cert};

/// What the command line says about the member.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    pub member: Option<Slug>,
    /// Full fingerprint, upper-case hex.
    pub key: Option<String>,
}

/// The member at `tree` whose secret key is here, as software key or with GnuPG.
///
/// Fails with exit code 6 when there is none, and with 4 when there are several.
pub fn find(repo: &Repo, tree: Oid, wanted: &Wanted, around: &Surroundings) -> Result<Me> {
    let mut found: Vec<(Slug, Cert, Provider)> = Vec::new();
    let mut asked_for = false;
    for name in repo.names(tree, "members")? {
        let Some(handle) = name.strip_suffix(".asc").and_then(|name| name.parse::<Slug>().ok()) else {
            continue;
        };
        if wanted.member.as_ref().is_some_and(|member| *member != handle) {
            continue;
        }
        // A certificate that cannot be read is `verify`'s to report.
        let Ok(cert) = member_cert(repo, tree, &handle) else { continue };
        if wanted.key.as_ref().is_some_and(|key| *key != cert.fingerprint()) {
            continue;
        }
        asked_for = true;
        if let Some(provider) = keeper(repo, &cert, around)? {
            found.push((handle, cert, provider));
        }
    }
    if found.len() > 1 {
        let names: Vec<&str> = found.iter().map(|(handle, ..)| handle.as_str()).collect();
        return Err(Error::new(Kind::Ambiguous, "secret keys of several members are on this machine")
            .at(names.join(", "))
            .hint("name one with --member HANDLE"));
    }
    match found.pop() {
        Some((handle, cert, provider)) => me(repo, handle, &cert, provider, around),
        None if (wanted.member.is_some() || wanted.key.is_some()) && !asked_for => {
            Err(Error::not_found("the data repository has no member of that name with that key")
                .hint("ask a colleague for `carnet member list`"))
        }
        None => Err(Error::no_key("no secret key on this machine belongs to a member").hint(
            "`carnet key new` makes one, and a colleague adds it with `carnet member add`; \
             --without-keys makes a clone that cannot open contacts",
        )),
    }
}

/// Who has the secret part of a certificate, if anybody on this machine. A software key is asked first: it is a file.
fn keeper(repo: &Repo, cert: &Cert, around: &Surroundings) -> Result<Option<Provider>> {
    let fingerprint = cert.fingerprint();
    if SoftwareKey::path(&around.data_home, &fingerprint).is_file() {
        return Ok(Some(Provider::Software));
    }
    let program = repo.config("gpg.program")?.unwrap_or_else(|| "gpg".into());
    let gnupg = GnupgKey::new(program, fingerprint, around.no_input);
    Ok(gnupg.has_secret().is_ok().then_some(Provider::Gnupg))
}

/// Name and address come from the certificate, else from git's own configuration.
fn me(repo: &Repo, handle: Slug, cert: &Cert, provider: Provider, around: &Surroundings) -> Result<Me> {
    let (name, email) = cert.user(around.now.into());
    let or = |own: String, key: &str, last: String| -> Result<String> {
        let own = own.trim().to_owned();
        let set = if own.is_empty() { repo.config(key)? } else { Some(own) };
        Ok(set.filter(|value| !value.trim().is_empty()).unwrap_or(last))
    };
    Ok(Me {
        name: or(name, "user.name", handle.to_string())?,
        email: or(email, "user.email", format!("{handle}@carnet.invalid"))?,
        handle,
        fingerprint: cert.fingerprint(),
        provider,
    })
}
