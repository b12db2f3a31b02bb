//! Running carnet on another machine, over the `ssh` that git would use for the same address.

use std::process::Command;

use super::remote::{Git, Said, last_words, spawn};
use crate::error::{Error, Result};

/// An address that git reaches over ssh.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    /// Host, with the user where one is named.
    pub host: String,
    pub port: Option<String>,
    /// As the remote shell sees it, from the user's home directory unless it is absolute.
    pub path: String,
}

impl Address {
    /// Reads `ssh://[user@]host[:port]/path` and `[user@]host:path` (git-clone(1), "GIT URLS").
    pub fn parse(url: &str) -> Option<Address> {
        let (host, port, path) = match url.strip_prefix("ssh://") {
            Some(rest) => {
                let (host, path) = rest.split_at(rest.find('/')?);
                let (name, port) = match host.rsplit_once(':').filter(|(_, port)| !port.contains(']')) {
                    Some((name, port)) => (name, Some(port.to_owned())),
                    None => (host, None),
                };
                // `/~/x` is the home directory's x; another user's home is the shell's business.
                let path = path.strip_prefix("/~/").unwrap_or(path);
                (name.replace(['[', ']'], ""), port, path)
            }
            None if url.contains("://") || super::remote::is_local_path(url) => return None,
            None => {
                let (host, path) = url.split_once(':')?;
                (host.to_owned(), None, path.strip_prefix("~/").unwrap_or(path))
            }
        };
        let numeric = port.as_ref().is_none_or(|port| port.parse::<u16>().is_ok());
        let sound = numeric && !host.is_empty() && !host.starts_with('-') && !path.is_empty();
        sound.then(|| Address { host, port, path: path.to_owned() })
    }
}

impl Git {
    /// Runs `command` at the address's host; what it says comes back when it ends well.
    pub fn run_at(&self, address: &Address, command: &str) -> Result<String> {
        let said = self.ssh(address, command)?;
        if said.ok {
            return Ok(said.out);
        }
        Err(match said.code {
            Some(127) => Error::failed("carnet is not installed there, or not on the PATH of its shell")
                .hint("install carnet on that machine, then try again"),
            Some(255) => Error::failed("the machine cannot be reached over ssh")
                .hint(format!("try `ssh {}` by hand", address.host)),
            _ => Error::failed("carnet failed on the other machine"),
        }
        .at(address.host.clone())
        .cause(last_words(&said.err)))
    }

    fn ssh(&self, address: &Address, command: &str) -> Result<Said> {
        let mut args: Vec<&str> = Vec::new();
        if let Some(port) = &address.port {
            args.extend(["-p", port]);
        }
        args.extend([address.host.as_str(), command]);
        let env = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
        let configured = self.run(&["config", "--get", "core.sshCommand"])?.out.trim().to_owned();
        let chosen = env("GIT_SSH_COMMAND").or(Some(configured).filter(|c| !c.is_empty()));
        let mut program = match (chosen, env("GIT_SSH")) {
            (Some(shell), _) => {
                let mut program = Command::new("sh");
                program.args(["-c", &format!("{shell} \"$@\""), "ssh"]);
                program
            }
            (None, Some(program)) => Command::new(program),
            (None, None) => {
                let mut program = Command::new("ssh");
                if !self.may_ask() {
                    program.args(["-o", "BatchMode=yes"]);
                }
                program
            }
        };
        program.args(args);
        spawn(program, self.may_ask())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read_as_git_reads_them() {
        let read = |url: &str| Address::parse(url).map(|a| (a.host, a.port.unwrap_or_default(), a.path));
        let is = |host: &str, port: &str, path: &str| Some((host.into(), port.into(), path.into()));
        assert_eq!(read("git@x.org:firm.git"), is("git@x.org", "", "firm.git"));
        assert_eq!(read("x.org:~/firm.git"), is("x.org", "", "firm.git"));
        assert_eq!(read("ssh://git@x.org:2222/srv/firm.git"), is("git@x.org", "2222", "/srv/firm.git"));
        assert_eq!(read("ssh://[::1]:22/~/firm.git"), is("::1", "22", "firm.git"));
        for other in
            ["/srv/x", "../a:b", "https://x.org/a", "-oProxyCommand=x:y", "ssh://-x/y", "ssh://x", "x:"]
        {
            assert_eq!(read(other), None, "{other}");
        }
    }
}
