//! Access chains over the months: two machines of one member, and what is dropped by rule.

use std::path::{Path, PathBuf};

use crate::common::{Said, World, said};
use crate::tools::{at, problems, with_keys};

/// A member with two machines: clones `firm` and `second` of one remote.
struct Machines {
    world: World,
    id: String,
}

impl Machines {
    fn new() -> Machines {
        let world = World::with_firm();
        let remote = world.path().join("remote.git");
        world.git(&["init", "-q", "--bare", "-b", "main", remote.to_str().unwrap()]).ok();
        world.git(&["remote", "add", "origin", remote.to_str().unwrap()]).ok();
        let id = world.add("Bob Stone", &[]);
        world.carnet(&["sync"]).ok();
        world.carnet_in(world.path(), &["clone", "remote.git", "second"]).ok();
        Machines { world, id }
    }
    fn first(&self) -> PathBuf {
        self.world.firm()
    }
    fn second(&self) -> PathBuf {
        self.world.path().join("second")
    }
    fn show(&mut self, dir: &Path, now: &str) {
        self.world.now = now.to_owned();
        self.world.carnet_in(dir, &["show", &self.id]).ok();
    }
    fn sync(&self, dir: &Path) -> Said {
        let said = self.world.carnet_in(dir, &["sync"]).ok();
        assert!(!said.err.contains("warning"), "{}", said.err);
        said
    }
    fn git(&self, dir: &Path, args: &[&str]) -> Said {
        self.world.git(&[&["-C", dir.to_str().unwrap()], args].concat())
    }
    /// Name and length of each of ana's chains.
    fn chains(&self, dir: &Path) -> Vec<(String, usize)> {
        let refs = self.git(dir, &["for-each-ref", "--format=%(refname)", "refs/carnet/access/"]).ok().out;
        let count = |name: &str| self.git(dir, &["rev-list", "--count", name]).ok().first().parse().unwrap();
        refs.lines().map(|name| (name["refs/carnet/access/".len()..].to_owned(), count(name))).collect()
    }
    #[track_caller]
    fn verified(&self, dir: &Path) {
        self.world.carnet_in(dir, &["verify"]).ok();
    }
}

fn owned(chains: &[(&str, usize)]) -> Vec<(String, usize)> {
    chains.iter().map(|(name, n)| ((*name).to_owned(), *n)).collect()
}

const NOVEMBER: &str = "refs/carnet/access/2026-11/ana";
const DECEMBER: &str = "refs/carnet/access/2026-12/ana";

/// Both machines read in November; the second one has synced and gone on in December when the first one syncs.
#[test]
fn entries_of_two_machines_that_meet_after_a_months_end_hang_together_and_none_can_be_removed() {
    let mut machines = Machines::new();
    let (first, second) = (machines.first(), machines.second());
    machines.show(&second, "2026-11-24T10:00:00Z");
    machines.sync(&second);
    for minute in 1..4 {
        machines.show(&first, &format!("2026-11-25T10:0{minute}:00Z"));
    }
    machines.show(&second, "2026-12-01T10:00:00Z");
    machines.sync(&second);
    machines.world.now = "2026-12-02T10:00:00Z".into();
    machines.sync(&first);
    machines.verified(&first);
    machines.sync(&second);
    machines.verified(&second);
    // The second machine's two, and the three that were written again behind its November; an entry ties them.
    let expected = owned(&[("2026-11/ana", 4), ("2026-12/ana", 2)]);
    assert_eq!((machines.chains(&first), machines.chains(&second)), (expected.clone(), expected));
    let history = machines.world.carnet(&["history", "--access", "--json"]).ok().json();
    let actions: Vec<&str> =
        history.as_array().unwrap().iter().map(|line| line["action"].as_str().unwrap()).collect();
    assert_eq!(actions, ["link", "show", "show", "show", "show", "show"]);
    // A second sync ties nothing again.
    machines.sync(&first);
    assert_eq!(machines.chains(&first), owned(&[("2026-11/ana", 4), ("2026-12/ana", 2)]));

    let tie = machines.world.git(&["rev-parse", DECEMBER]).ok().first();
    machines.world.git(&["update-ref", NOVEMBER, &format!("{NOVEMBER}~1")]).ok();
    let broken = ("broken-chain".to_owned(), format!("{} on {DECEMBER}", at(&tie)));
    assert_eq!(problems(&machines.world), [broken].into());
    // No sync hides it: the remote's is whole and comes back.
    machines.world.carnet(&["doctor", "--repair"]);
    assert_eq!(problems(&machines.world).len(), 1);
    machines.sync(&first);
    machines.verified(&first);
}

#[test]
fn what_a_chain_of_another_month_names_is_named_anew_when_it_is_written_again() {
    let mut machines = Machines::new();
    let (first, second) = (machines.first(), machines.second());
    // Offline over a month's end on both: each one's December follows its own November.
    for (dir, day) in [(&first, 24), (&second, 25)] {
        machines.show(dir, &format!("2026-11-{day}T10:00:00Z"));
        machines.show(dir, &format!("2026-12-{day}T10:00:00Z"));
    }
    machines.sync(&second);
    machines.sync(&first);
    machines.sync(&second);
    let expected = owned(&[("2026-11/ana", 2), ("2026-12/ana", 2)]);
    assert_eq!((machines.chains(&first), machines.chains(&second)), (expected.clone(), expected));
    machines.verified(&first);
    machines.verified(&second);
    // The second's December alone is written again where it was never pushed.
    machines.show(&first, "2027-01-05T10:00:00Z");
    machines.show(&second, "2027-01-06T10:00:00Z");
    machines.show(&second, "2027-02-06T10:00:00Z");
    machines.sync(&first);
    machines.sync(&second);
    machines.sync(&first);
    machines.verified(&first);
    machines.verified(&second);
    let february =
        machines.git(&first, &["show", "-s", "--format=%B", "refs/carnet/access/2027-02/ana"]).ok();
    let january = machines.git(&first, &["rev-parse", "refs/carnet/access/2027-01/ana"]).ok().first();
    assert!(february.out.contains(&format!("Carnet-Follows: {january} 2027-01")), "{}", february.out);
}

/// A command that began in November and ends in December, when another one has written already.
#[test]
fn an_entry_of_a_month_that_is_over_is_tied_to_the_next() {
    let mut machines = Machines::new();
    let first = machines.first();
    machines.show(&first, "2026-11-24T10:00:00Z");
    machines.show(&first, "2026-12-01T10:00:00Z");
    machines.show(&first, "2026-11-30T23:59:59Z");
    machines.world.now = "2026-12-01T12:00:00Z".into();
    machines.verified(&first);
    assert_eq!(machines.chains(&first), owned(&[("2026-11/ana", 2), ("2026-12/ana", 2)]));
    // The tie was lost with a crash: what grew and was not named is found, and tied by the doctor.
    machines.git(&first, &["update-ref", DECEMBER, &format!("{DECEMBER}~1")]).ok();
    let end = machines.git(&first, &["rev-parse", NOVEMBER]).ok().first();
    let untied = ("broken-chain".to_owned(), format!("{} on {NOVEMBER}", at(&end)));
    assert_eq!(problems(&machines.world), [untied].into());
    let said = machines.world.carnet(&["doctor"]).code(7);
    assert!(said.out.contains("2026-11"), "{}", said.out);
    machines.world.carnet(&["doctor", "--repair"]).ok();
    machines.verified(&first);
}

#[test]
fn months_beyond_the_rule_go_by_themselves_everywhere_and_do_not_come_back() {
    let mut machines = Machines::new();
    let (first, second) = (machines.first(), machines.second());
    machines.show(&first, "2026-11-24T10:00:00Z");
    machines.show(&first, "2026-12-24T10:00:00Z");
    machines.sync(&first);
    // This one has them, and is left alone for long.
    machines.world.now = "2026-12-25T10:00:00Z".into();
    machines.sync(&second);
    machines.show(&first, "2027-03-24T10:00:00Z");
    machines.world.now = "2027-12-20T10:00:00Z".into();
    let said = machines.world.carnet(&["doctor"]).code(7);
    assert!(said.out.contains("1 access chain") && said.out.contains("12 months"), "{}", said.out);
    assert_eq!(machines.chains(&first).len(), 3);
    let said = machines.sync(&first);
    assert!(said.err.contains("kept for 12 month(s) (carnet.toml): 1 older chain dropped"), "{}", said.err);
    let kept = owned(&[("2026-12/ana", 1), ("2027-03/ana", 1)]);
    assert_eq!(machines.chains(&first), kept);
    let remote = machines.world.path().join("remote.git");
    assert_eq!(machines.chains(&remote), kept);
    machines.verified(&first);
    // The stale clone drops its own, and brings nothing back; nor does a remote that somebody restored.
    machines.git(&second, &["push", "-q", "origin", NOVEMBER]).ok();
    assert_eq!(machines.chains(&remote).len(), 3);
    machines.sync(&second);
    assert_eq!((machines.chains(&second), machines.chains(&remote)), (kept.clone(), kept.clone()));
    machines.sync(&first);
    assert_eq!(machines.chains(&first), kept);
    let tracked =
        machines.git(&first, &["for-each-ref", "--format=%(refname)", "refs/carnet/remotes"]).ok().out;
    assert!(!tracked.contains("2026-11"), "{tracked}");
    // A clone that is made of a remote which still has them leaves them there.
    machines.git(&remote, &["update-ref", NOVEMBER, "refs/carnet/access/2026-12/ana"]).ok();
    machines.world.carnet_in(machines.world.path(), &["clone", "remote.git", "third"]).ok();
    assert_eq!(machines.chains(&machines.world.path().join("third")), kept);

    // In a month with nobody's sync they go with its first entry; the link is kept.
    machines.show(&first, "2028-01-05T10:00:00Z");
    assert_eq!(machines.chains(&first), owned(&[("2027-03/ana", 1), ("2028-01/ana", 1)]));
    machines.verified(&first);
    let entry =
        machines.git(&first, &["show", "-s", "--format=%B", "refs/carnet/access/2027-03/ana"]).ok().out;
    assert!(entry.contains(" 2026-12\n"), "{entry}");
    // Somebody long away: the last chain goes too, and a new one names its end.
    let last = machines.git(&first, &["rev-parse", "refs/carnet/access/2028-01/ana"]).ok().first();
    machines.world.now = "2030-06-01T10:00:00Z".into();
    machines.sync(&first);
    assert_eq!(machines.chains(&first), owned(&[("2030-06/ana", 1)]));
    let entry =
        machines.git(&first, &["show", "-s", "--format=%B", "refs/carnet/access/2030-06/ana"]).ok().out;
    assert!(entry.contains(&format!("Carnet-Follows: {last} 2028-01")), "{entry}");
    machines.verified(&first);
}

#[test]
fn a_month_that_is_missing_and_that_no_rule_has_dropped_is_found() {
    let mut machines = Machines::new();
    let first = machines.first();
    for month in ["2026-11", "2026-12", "2027-01"] {
        machines.show(&first, &format!("{month}-24T10:00:00Z"));
    }
    machines.verified(&first);
    let entry = |month: &str| {
        machines.git(&first, &["rev-parse", &format!("refs/carnet/access/{month}/ana")]).ok().first()
    };
    let (december, january) = (entry("2026-12"), entry("2027-01"));
    let broken = |id: &str, month: &str| {
        ("broken-chain".to_owned(), format!("{} on refs/carnet/access/{month}/ana", at(id)))
    };
    machines.git(&first, &["update-ref", "-d", DECEMBER]).ok();
    // Even when nothing of it is left among git's objects.
    machines.git(&first, &["-c", "gc.pruneExpire=now", "gc", "-q", "--prune=now"]).ok();
    machines.git(&first, &["cat-file", "-e", &december]).code(1);
    assert_eq!(problems(&machines.world), [broken(&january, "2027-01")].into());
    // The first month too, which no rule lets go yet: and in a year it may be gone.
    machines.git(&first, &["update-ref", "-d", NOVEMBER]).ok();
    assert_eq!(problems(&machines.world), [broken(&january, "2027-01")].into());
    machines.world.now = "2028-01-02T10:00:00Z".into();
    machines.verified(&first);
}

#[test]
fn what_an_earlier_rule_let_go_is_not_missed_under_a_longer_one() {
    let mut machines = Machines::new();
    let first = machines.first();
    with_keys(&machines.world);
    let text = std::fs::read_to_string(first.join("carnet.toml")).unwrap();
    // The signed commit says when the rule changed.
    let rule = |world: &World, months: u32, date: &str| {
        let text = text.replace("access_months = 12", &format!("access_months = {months}"));
        std::fs::write(first.join("carnet.toml"), text).unwrap();
        let mut git = world.command("git", &first);
        git.env("GIT_COMMITTER_DATE", date).args(["commit", "-q", "-a", "-m", "rule"]);
        said(git.output().unwrap()).ok();
    };
    rule(&machines.world, 1, "2026-11-23T10:00:01Z");
    machines.world.now = "2026-11-24T10:00:00Z".into();
    machines.world.carnet(&["show", &machines.id]).ok();
    machines.world.now = "2027-01-24T10:00:00Z".into();
    let said = machines.world.carnet(&["show", &machines.id]).ok();
    assert!(said.err.contains("kept for 1 month(s) (carnet.toml): 1 older chain dropped"), "{}", said.err);
    rule(&machines.world, 12, "2027-01-25T10:00:00Z");
    machines.world.now = "2027-01-26T10:00:00Z".into();
    machines.verified(&first);
    // Had the rule changed before the month was old enough, the month would be missed.
    machines.git(&first, &["reset", "-q", "--hard", "HEAD~1"]).ok();
    rule(&machines.world, 12, "2026-12-25T10:00:00Z");
    assert_eq!(problems(&machines.world).into_iter().map(|p| p.0).collect::<Vec<_>>(), ["broken-chain"]);
}
