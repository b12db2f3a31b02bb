//! Three clones of one served repository over the network of this machine: a real sshd, and git's own daemon.

use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::time::Duration;

use crate::common::served::{Server, daemon, free_port, is_listening};
use crate::common::team::newcomer;
use crate::common::{Said, World, said};
use crate::{alike, holds_key, sync_all};

/// An OpenSSH server on loopback, for the person who runs the tests and their key alone.
struct Sshd {
    child: Child,
    port: u16,
    /// What a client runs as ssh.
    client: String,
}

impl Drop for Sshd {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Where sshd is; it has to be run by its whole path.
fn sshd_program() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let usual = ["/usr/sbin", "/usr/local/sbin", "/sbin"].map(PathBuf::from);
    std::env::split_paths(&path).chain(usual).map(|dir| dir.join("sshd")).find(|p| p.is_file())
}

impl Sshd {
    /// Commands of clients run in `world`'s home with its clock, as on a machine of its own.
    fn start(world: &World) -> Option<Sshd> {
        let program = sshd_program()?;
        let dir = world.path().join("sshd");
        std::fs::create_dir(&dir).unwrap();
        // Where root's sshd puts its unprivileged half; a service manager would make it.
        let _ = std::fs::create_dir_all("/run/sshd");
        for key in ["host", "client"] {
            let mut keygen = world.command("ssh-keygen", &dir);
            said(keygen.args(["-q", "-t", "ed25519", "-N", "", "-C", "", "-f", key]).output().ok()?).ok();
        }
        let port = free_port();
        let read = |name: &str| std::fs::read_to_string(dir.join(name)).unwrap();
        std::fs::write(dir.join("authorized"), read("client.pub")).unwrap();
        std::fs::write(dir.join("known"), format!("[127.0.0.1]:{port} {}", read("host.pub"))).unwrap();
        let carnet = Path::new(env!("CARGO_BIN_EXE_carnet")).parent().unwrap();
        let path = std::env::var("PATH").unwrap_or_default();
        let (home, now) = (world.path().join("home"), &world.now);
        let session = format!(
            "#!/bin/sh\nexec env -i HOME={0} PATH='{1}:{path}' LC_ALL=C.UTF-8 TZ=UTC CARNET_NOW={now} \
             GIT_CONFIG_NOSYSTEM=1 GIT_CONFIG_GLOBAL=/dev/null sh -c \"cd {0} && $SSH_ORIGINAL_COMMAND\"\n",
            home.display(),
            carnet.display()
        );
        std::fs::write(dir.join("session"), session).unwrap();
        let d = dir.display();
        let config = format!(
            "Port {port}\nListenAddress 127.0.0.1\nHostKey {d}/host\nAuthorizedKeysFile {d}/authorized\n\
             PidFile none\nUsePAM no\nStrictModes no\nPasswordAuthentication no\nKbdInteractiveAuthentication no\n\
             PermitRootLogin yes\nForceCommand sh {d}/session\n"
        );
        std::fs::write(dir.join("config"), config).unwrap();
        let mut server = world.command(program, &dir);
        server.args(["-D", "-q", "-f"]).arg(dir.join("config")).args(["-E"]).arg(dir.join("log"));
        let child = server.stdout(Stdio::null()).stderr(Stdio::null()).spawn().ok()?;
        let client = format!(
            "ssh -F /dev/null -i {d}/client -o UserKnownHostsFile={d}/known -o IdentitiesOnly=yes \
             -o StrictHostKeyChecking=yes -o BatchMode=yes -o ConnectTimeout=10"
        );
        let sshd = Sshd { child, port, client };
        if !is_listening(port, Duration::from_secs(10)) {
            println!("sshd: {}", read("log"));
            return None;
        }
        Some(sshd)
    }
}

/// Ana's firm with members Bob and Eve, who have no clone yet.
fn firm() -> (World, [World; 2]) {
    let ana = World::with_firm();
    let members = ["bob", "eve"].map(|handle| {
        let (world, cert) = newcomer(&ana, handle);
        ana.carnet(&["member", "add", &cert, "--handle", handle, "--book", "main"]).ok();
        world
    });
    (ana, members)
}

/// The whole life of a firm over one address: clones, offline work, edits of one contact by all, an erasure, a
/// leaver, and what the server refuses. `ssh`: what git runs as ssh.
fn scenario(ana: &World, members: &[World; 2], url: &str, ssh: Option<&str>) {
    let [bob, eve] = members;
    let shared = ana.add("Shared Person", &["--email", "shared@example.org"]);
    let gone = ana.add("Gone Person", &["--email", "gone@example.org"]);
    ana.carnet(&["sync"]).ok();
    for world in members {
        let mut clone = world.command(env!("CARGO_BIN_EXE_carnet"), world.path());
        if let Some(ssh) = ssh {
            clone.env("GIT_SSH_COMMAND", ssh);
        }
        said(clone.args(["clone", url, "firm"]).output().unwrap()).ok();
        if let Some(ssh) = ssh {
            world.git(&["config", "core.sshCommand", ssh]).ok();
        }
    }
    let all = [ana, bob, eve];
    let added = all.map(|world| world.add("Offline Work", &[]));
    ana.carnet(&["edit", &shared, "--set", "title=Manager"]).ok();
    bob.carnet(&["edit", &shared, "--add-tag", "vip"]).ok();
    eve.carnet(&["edit", &shared, "--add-email", "home:other@example.org"]).ok();
    // All three at once: whoever is overtaken merges and tries again.
    std::thread::scope(|scope| {
        for world in all {
            scope.spawn(|| world.carnet(&["sync"]).ok());
        }
    });
    sync_all(&all);
    for world in all {
        for id in &added {
            world.carnet(&["show", id]).ok();
        }
        let shown = world.carnet(&["show", "--json", &shared]).ok().json();
        assert_eq!((&shown["title"], &shown["tags"][0]), (&"Manager".into(), &"vip".into()));
        assert_eq!(shown["emails"].as_array().unwrap().len(), 2);
    }
    let before = bob.head();
    ana.carnet(&["erase", &gone, "--reason", "request", "--yes"]).ok();
    eve.carnet(&["edit", &gone, "--set", "title=Late"]).ok();
    sync_all(&all);
    for world in all {
        assert!(!holds_key(world, &gone));
        world.carnet(&["show", &gone]).code(3);
    }
    // The server takes neither an older main nor anything unsigned.
    let push = |args: &[&str]| {
        let mut git = bob.command("git", &bob.firm());
        said(git.args(["push", "-q", "origin"]).args(args).output().unwrap())
    };
    assert!(push(&[&format!("+{before}:refs/heads/main")]).err.contains("rewrites history"));
    let unsigned = ["-c", "commit.gpgSign=false", "commit", "-q", "--allow-empty", "-m", "by hand"];
    bob.git(&unsigned).ok();
    assert!(push(&["main"]).err.contains("it is not signed"));
    bob.git(&["reset", "-q", "--hard", "HEAD~1"]).ok();
    sync_all(&all);
    sync_all(&all);
    let status = ana.carnet(&["erase", "--status", "--json"]).ok().json();
    assert_eq!(status[0]["confirmed"].as_array().unwrap().len(), 3, "{status}");
    sync_all(&all);
    alike(&all);
}

#[test]
fn three_clones_over_a_real_sshd() {
    let (ana, members) = firm();
    let Some(sshd) = Sshd::start(&ana) else {
        println!("SKIPPED: no OpenSSH server can be run here");
        eprintln!("SKIPPED: no OpenSSH server can be run here");
        return;
    };
    ana.git(&["config", "core.sshCommand", &sshd.client]).ok();
    let dir = ana.path().join("srv/firm.git");
    let url = format!("ssh://127.0.0.1:{}{}", sshd.port, dir.display());
    let made: Said = ana.carnet(&["remote", "init", &url]).ok();
    assert!(made.err.contains("remote `origin`") && dir.join("hooks/pre-receive").exists(), "{}", made.err);
    ana.carnet(&["remote", "init", &url]).code(1);
    scenario(&ana, &members, &url, Some(&sshd.client));
    Server { dir }.whole(&ana);
}

#[test]
fn three_clones_over_git_daemon() {
    let (ana, members) = firm();
    let server = Server::new(&ana);
    let daemon = daemon(&ana, ana.path());
    let url = format!("git://127.0.0.1:{}/served.git", daemon.1);
    ana.git(&["remote", "set-url", "origin", &url]).ok();
    scenario(&ana, &members, &url, None);
    server.whole(&ana);
}
