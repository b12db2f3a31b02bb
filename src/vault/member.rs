//! Who is at the keyboard: the member that this clone belongs to, and their secret key.

use std::path::PathBuf;

use chrono::{DateTime, Utc};

use crate::crypto::gnupg::GnupgKey;
use crate::crypto::software::SoftwareKey;
use crate::crypto::{Cert, Secret, SecretKey};
use crate::domain::ids::Slug;
use crate::error::{Error, Kind, Result};
use crate::store::{Oid, Repo};

/// What a command finds around it, read once at the start.
#[derive(Clone, Debug)]
pub struct Surroundings {
    pub now: DateTime<Utc>,
    /// `$XDG_DATA_HOME`, or `~/.local/share`.
    pub data_home: PathBuf,
    /// `$CARNET_PASSPHRASE_FILE`: its first line unlocks the secret key.
    pub passphrase_file: Option<PathBuf>,
    /// Never ask anything.
    pub no_input: bool,
}

/// Which program keeps the secret key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Provider {
    /// A key file of carnet's.
    Software,
    /// GnuPG, its agent and cards.
    Gnupg,
}

impl Provider {
    pub fn as_str(self) -> &'static str {
        match self {
            Provider::Software => "software",
            Provider::Gnupg => "gnupg",
        }
    }
}

/// The member that this clone belongs to (git configuration, set by `init` and `clone`).
#[derive(Clone, Debug)]
pub struct Me {
    pub handle: Slug,
    pub name: String,
    pub email: String,
    pub fingerprint: String,
    pub provider: Provider,
}

impl Me {
    /// Reads `carnet.member`, `carnet.key`, `carnet.provider`, `user.name` and `user.email`.
    pub fn of(repo: &Repo) -> Result<Me> {
        if repo.config("carnet.keys")?.as_deref() == Some("none") {
            return Err(Error::no_key("this clone was made without keys: it belongs to no member")
                .hint("`carnet clone URL` makes one for a member; `carnet verify` and git work here"));
        }
        let need = |key: &str| {
            repo.config(key)?.filter(|v| !v.trim().is_empty()).ok_or_else(|| {
                Error::no_key(format!("git's `{key}` is not set in this clone"))
                    .hint(format!("`git config {key} …`; `carnet doctor` says more"))
            })
        };
        // Who commits is git's own matter and no matter of keys.
        let identity = |key: &str| need(key).map_err(|e| Error { kind: Kind::Failed, ..e });
        let provider = match need("carnet.provider")?.as_str() {
            "software" => Provider::Software,
            "gnupg" => Provider::Gnupg,
            _ => {
                return Err(Error::no_key("git's `carnet.provider` is neither `software` nor `gnupg`")
                    .hint("`git config carnet.provider software`"));
            }
        };
        Ok(Me {
            handle: need("carnet.member")?.parse()?,
            name: identity("user.name")?,
            email: identity("user.email")?,
            fingerprint: need("carnet.key")?,
            provider,
        })
    }

    /// The member's secret key, locked until it is used; refused when the certificate cannot be used now.
    pub fn secret_key(&self, repo: &Repo, around: &Surroundings) -> Result<Box<dyn SecretKey>> {
        let tree = repo.tree_of(repo.head()?)?;
        let cert = member_cert(repo, tree, &self.handle)?;
        if cert.fingerprint() != self.fingerprint {
            return Err(Error::no_key(
                "this clone's key is not the one that the data repository has for the member",
            )
            .at(format!("member {}", self.handle))
            .hint("`git config carnet.key FINGERPRINT`, if you changed keys"));
        }
        cert.usability(around.now.into()).refuse(&format!("member {}", self.handle))?;
        match self.provider {
            Provider::Gnupg => {
                let program = repo.config("gpg.program")?.unwrap_or_else(|| "gpg".into());
                Ok(Box::new(GnupgKey::new(program, self.fingerprint.clone(), around.no_input)))
            }
            Provider::Software => {
                let path = match repo.config("carnet.keyFile")? {
                    Some(path) => PathBuf::from(path),
                    None => SoftwareKey::path(&around.data_home, &self.fingerprint),
                };
                let around = around.clone();
                Ok(Box::new(SoftwareKey::load(&path, Box::new(move || ask_passphrase(&around)))?))
            }
        }
    }
}

/// The certificate of a member as committed.
pub fn member_cert(repo: &Repo, tree: Oid, handle: &Slug) -> Result<Cert> {
    let path = format!("members/{handle}.asc");
    let bytes = repo.file(tree, &path)?.ok_or_else(|| {
        Error::no_key(format!("`{handle}` is not a member of this data repository"))
            .hint("`git config carnet.member HANDLE` names the member of this clone")
    })?;
    Cert::parse(&bytes).map_err(|e| e.at(path))
}

/// The passphrase from `$CARNET_PASSPHRASE_FILE`, or from the person at the terminal.
pub fn ask_passphrase(around: &Surroundings) -> Result<Secret> {
    if let Some(path) = &around.passphrase_file {
        let text = zeroize::Zeroizing::new(std::fs::read_to_string(path).map_err(|e| {
            Error::no_key("the passphrase file cannot be read").at(path.display().to_string()).cause(e).hint(
                "CARNET_PASSPHRASE_FILE must name a readable file with the passphrase on its first line",
            )
        })?);
        return Ok(Secret::from_text(text.lines().next().unwrap_or_default()));
    }
    if around.no_input {
        return Err(no_terminal());
    }
    let text = zeroize::Zeroizing::new(
        rpassword::prompt_password("Passphrase of your carnet key: ").map_err(|_| no_terminal())?,
    );
    Ok(Secret::from_text(&text))
}

fn no_terminal() -> Error {
    Error::no_key("the secret key is locked and there is nobody to ask for its passphrase")
        .hint("run it in a terminal, or set CARNET_PASSPHRASE_FILE")
}
