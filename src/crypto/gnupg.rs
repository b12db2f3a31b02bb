//! Secret keys in GnuPG's care: the `gpg` program, as git calls it. Agent, pinentry and cards come with it.

use std::io::Write;
use std::process::{Command, Stdio};
use std::time::SystemTime;

use zeroize::Zeroizing;

use super::{Cert, SecretKey};
use crate::error::{Error, Result};

/// A key in the user's GnuPG keyring or on a card.
pub struct GnupgKey {
    program: String,
    fingerprint: String,
    /// Never open a pinentry (`--no-input`).
    batch: bool,
}

impl GnupgKey {
    /// `program` is git's `gpg.program`, or `gpg`.
    pub fn new(program: impl Into<String>, fingerprint: impl Into<String>, batch: bool) -> Self {
        GnupgKey { program: program.into(), fingerprint: fingerprint.into(), batch }
    }

    /// The public certificate, from the user's keyring.
    pub fn certificate(&self) -> Result<Cert> {
        let out = self.run(
            &["--batch", "--armor", "--export-options", "export-minimal", "--export", &self.id()],
            &[],
        )?;
        if out.is_empty() {
            return Err(Error::no_key("GnuPG has no key with that fingerprint")
                .hint("`gpg --list-secret-keys` lists yours"));
        }
        Cert::parse(&out)
    }

    /// Whether GnuPG has the secret part, itself or on a card.
    pub fn has_secret(&self) -> Result<()> {
        self.run(&["--batch", "--with-colons", "--list-secret-keys", &self.id()], &[]).map(|_| ()).map_err(
            |e| {
                Error::no_key("GnuPG has no secret key with that fingerprint")
                    .cause(e)
                    .hint("`gpg --list-secret-keys` lists yours")
            },
        )
    }

    fn id(&self) -> String {
        format!("0x{}", self.fingerprint)
    }

    fn run(&self, args: &[&str], input: &[u8]) -> Result<Zeroizing<Vec<u8>>> {
        let mut command = Command::new(&self.program);
        command.args(["--quiet", "--no-verbose", "--no-auto-check-trustdb"]);
        if self.batch {
            command.args(["--batch", "--pinentry-mode", "error"]);
        }
        let mut child = command
            .args(args)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|e| {
                Error::no_key("GnuPG could not be started")
                    .at(self.program.clone())
                    .cause(e)
                    .hint("install gpg, or set `git config gpg.program`")
            })?;
        // Both inputs are far smaller than a pipe's buffer times what gpg reads before it answers.
        let mut stdin = child.stdin.take();
        let input = Zeroizing::new(input.to_vec());
        let writer = std::thread::spawn(move || {
            if let Some(pipe) = stdin.as_mut() {
                let _ = pipe.write_all(&input);
            }
        });
        let output = child.wait_with_output()?;
        let _ = writer.join();
        if output.status.success() {
            return Ok(Zeroizing::new(output.stdout));
        }
        let said = String::from_utf8_lossy(&output.stderr);
        let last = said.lines().rev().find(|l| !l.trim().is_empty()).unwrap_or("gpg failed");
        Err(Error::no_key("GnuPG could not use the key")
            .cause(last.trim_start_matches("gpg: "))
            .hint("try `gpg --sign` by hand, unlock the card or the agent, then try again"))
    }
}

impl SecretKey for GnupgKey {
    /// GnuPG stamps the signature itself; `at` is not used.
    fn sign(&self, data: &[u8], _at: SystemTime) -> Result<String> {
        let out = self.run(&["--armor", "--detach-sign", "--local-user", &self.id()], data)?;
        String::from_utf8(out.to_vec()).map_err(|e| Error::failed("signing failed").cause(e))
    }

    fn decrypt(&self, message: &[u8]) -> Result<Zeroizing<Vec<u8>>> {
        self.run(&["--decrypt"], message)
    }
}
