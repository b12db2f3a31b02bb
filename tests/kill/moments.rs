//! Moments to kill a command at: by the clock, and by system call.

use std::collections::HashMap;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use super::common::{World, said};

#[derive(Clone, Debug)]
pub enum Moment {
    /// So long after the start.
    Clock(Duration),
    /// As the process enters this system call for the n-th time.
    Call(String, usize),
}

const KILL: i32 = 9;

impl Moment {
    /// Runs carnet and kills it; false when it ended before. Programs that it had started end by themselves.
    pub fn strike(&self, world: &World, dir: &Path, args: &[&str]) -> bool {
        let carnet = env!("CARGO_BIN_EXE_carnet");
        match self {
            Moment::Clock(delay) => {
                let mut command = world.command(carnet, dir);
                let start = Instant::now();
                command.args(args).stdout(Stdio::null()).stderr(Stdio::null()).process_group(0);
                let mut child = command.spawn().unwrap();
                std::thread::sleep(delay.saturating_sub(start.elapsed()));
                let _ = child.kill();
                let status = child.wait().unwrap();
                let_end(child.id());
                status.signal() == Some(KILL)
            }
            Moment::Call(name, n) => {
                let inject = format!("inject={name}:signal=KILL:when={n}");
                let mut strace = world.command("strace", dir);
                let trace = format!("trace={name}");
                strace.args(["-qq", "-o", "/dev/null", "-e", &trace, "-e", &inject, carnet]).args(args);
                strace.stdout(Stdio::null()).stderr(Stdio::null()).process_group(0);
                let mut child = strace.spawn().unwrap();
                let status = child.wait().unwrap();
                let_end(child.id());
                status.signal() == Some(KILL)
            }
        }
    }
}

/// Waits until nobody of a process group is left (proc(5), `stat`: the third field after the name).
fn let_end(group: u32) {
    let is_of_group = |entry: std::fs::DirEntry| {
        let stat = std::fs::read_to_string(entry.path().join("stat")).unwrap_or_default();
        let mut fields = stat.rsplit_once(')').unwrap_or_default().1.split_whitespace();
        fields.next() != Some("Z") && fields.nth(1) == Some(&group.to_string())
    };
    let start = Instant::now();
    while start.elapsed() < Duration::from_secs(30) {
        if !std::fs::read_dir("/proc").unwrap().flatten().any(is_of_group) {
            return;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    panic!("a program that carnet had started does not end");
}

/// `n` delays spread over the time that an undisturbed run takes, and a little over it.
pub fn by_clock(run: &dyn Fn() -> Duration, n: usize) -> Vec<Moment> {
    let mut times: Vec<Duration> = (0..3).map(|_| run()).collect();
    times.sort();
    let mut seed = 0x0ca7_2e70_u64;
    (0..n)
        .map(|i| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let within = (seed >> 11) as f64 / (1_u64 << 53) as f64;
            Moment::Clock(times[1].mul_f64(1.05 * (i as f64 + within) / n as f64))
        })
        .collect()
}

/// System calls that change a file.
pub const CALLS: &str = "openat,write,pwrite64,ftruncate,rename,renameat,renameat2,link,linkat,unlink,unlinkat,mkdir,\
    mkdirat,rmdir,chmod,fchmod,utimensat";

/// Every call of an undisturbed run that changes a file, thinned out to about `n`; renames are always among them.
///
/// Empty, with a word about it, where strace cannot run.
pub fn by_call(world: &World, dir: &Path, args: &[&str], n: usize) -> Vec<Moment> {
    let log = world.path().join("trace");
    let mut strace = world.command("strace", dir);
    strace.args(["-qq", "-o"]).arg(&log).args(["-e", &format!("trace={CALLS}")]);
    let ran = strace.arg(env!("CARGO_BIN_EXE_carnet")).args(args).output().map(said);
    let Ok(trace) = ran.map_err(|e| e.to_string()).and_then(|s| match s.code {
        0 => std::fs::read_to_string(&log).map_err(|e| e.to_string()),
        _ => Err(s.err),
    }) else {
        println!("SKIPPED: kills by system call, for strace cannot run here");
        return Vec::new();
    };
    thinned(&trace, n)
}

/// The calls in what strace wrote, as far as they change a file, thinned out to about `n`.
pub fn thinned(trace: &str, n: usize) -> Vec<Moment> {
    let mut counts: HashMap<&str, usize> = HashMap::new();
    let (mut renames, mut others) = (Vec::new(), Vec::new());
    for line in trace.lines() {
        let Some((name, rest)) = line.split_once('(') else { continue };
        let count = counts.entry(name).or_default();
        *count += 1;
        let moment = Moment::Call(name.to_owned(), *count);
        match name {
            "openat" if !rest.contains("O_CREAT") => {}
            "rename" | "renameat" | "renameat2" => renames.push(moment),
            _ => others.push(moment),
        }
    }
    let room = n.saturating_sub(renames.len()).max(n / 2).max(1);
    let step = (others.len() / room).max(1);
    renames.into_iter().chain(others.into_iter().step_by(step)).collect()
}
