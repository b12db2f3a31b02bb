//! `--watch`, as a process of its own: it builds again, keeps the last good site, and ends on a signal.

use std::io::{BufRead, BufReader};
use std::process::{Child, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use crate::common::World;

struct Watching {
    child: Child,
    lines: Receiver<String>,
}

impl Watching {
    fn start(world: &World) -> Watching {
        let mut command = world.command(env!("CARGO_BIN_EXE_carnet"), &world.firm());
        command.args(["report", "--out", "../site", "--watch"]).stderr(Stdio::piped()).stdout(Stdio::null());
        let mut child = command.spawn().unwrap();
        let (tell, lines) = channel();
        let said = BufReader::new(child.stderr.take().unwrap());
        std::thread::spawn(move || said.lines().map_while(Result::ok).all(|line| tell.send(line).is_ok()));
        Watching { child, lines }
    }

    /// The next line that has this in it.
    #[track_caller]
    fn says(&self, what: &str) -> String {
        let until = Instant::now() + Duration::from_secs(60);
        let mut all = Vec::new();
        while let Ok(line) = self.lines.recv_timeout(until.saturating_duration_since(Instant::now())) {
            if line.contains(what) {
                return line;
            }
            all.push(line);
        }
        panic!("it never said {what}: {all:#?}");
    }
}

impl Drop for Watching {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn a_site_is_built_again_while_a_template_is_written() {
    let world = World::with_firm();
    world.add("A", &[]);
    let home = world.firm().join("templates/home.html");
    let page = |what: &str| {
        let text = std::fs::read_to_string(world.path().join("site/index.html")).unwrap();
        assert!(text.contains(what), "no {what}");
    };
    let reads = || world.git(&["rev-list", "--count", "refs/carnet/access/2026-11/ana"]).ok().first();
    let mut watching = Watching::start(&world);
    watching.says("Built: ");
    page("<h1>Data protection registers</h1>");
    let once = reads();

    std::fs::create_dir(world.firm().join("templates")).unwrap();
    let own = |title: &str| {
        format!("{{% extends \"base.html\" %}}{{% block content %}}<h1>{title}</h1>{{% endblock %}}")
    };
    std::fs::write(&home, own("One {{ v.organisation }}")).unwrap();
    assert!(watching.says("Built again: ").ends_with("templates/home.html."));
    page("<h1>One Atelier Martin</h1>");
    let check = std::fs::read_to_string(world.path().join("site/check.html")).unwrap();
    assert!(check.contains("these pages are a draft"), "the work tree's templates are told apart");

    // Broken: one line says where, and the last good site stays.
    std::fs::write(&home, own("Two {{ v.nothing }}")).unwrap();
    let line = watching.says("templates/home.html, line 1");
    assert!(line.contains("v.nothing"), "{line}");
    page("<h1>One Atelier Martin</h1>");
    std::fs::write(&home, own("Three")).unwrap();
    watching.says("Built again: ");
    page("<h1>Three</h1>");
    assert_eq!(reads(), once, "contacts were read once: templates alone need no new reading");

    // A new commit: read again, and said.
    world.add("B", &[]);
    assert!(watching.says("Built again: ").contains("; commit"));
    page(&world.head());

    let id = watching.child.id().to_string();
    crate::common::said(world.command("kill", world.path()).args(["-INT", &id]).output().unwrap()).ok();
    watching.says("the last good site stays");
    assert_eq!(watching.child.wait().unwrap().code(), Some(0));
    page("<h1>Three</h1>");
    let beside: Vec<_> = std::fs::read_dir(world.path()).unwrap().map(|e| e.unwrap().file_name()).collect();
    assert!(!beside.iter().any(|name| name.to_string_lossy().contains("carnet-")), "{beside:?}");
}

#[test]
fn what_no_template_mends_ends_it_at_once() {
    let world = World::with_firm();
    world.carnet(&["report", "--watch"]).code(2);
    world.carnet(&["report", "--out", "inside", "--watch"]).code(5);
    world.carnet(&["report", "--out", "../site", "--since", "nonsense", "--watch"]).code(3);
    world.carnet(&["report", "--out", "../site", "--watch", "--dry-run"]).ok();
}
