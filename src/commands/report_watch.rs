//! `carnet report --watch`: the site again whenever a template of the work tree or the branch changes.
//!
//! The templates are looked at five times a second: a dozen small files. What a system tells of changes is not told on
//! network and container file systems, and is told of every step in which an editor saves.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, SystemTime};

use super::report_site::{Plan, Read, Site};
use crate::context::{self, Context};
use crate::error::{At, Error, Result};
use crate::reports::pages::Pages;
use crate::reports::templates::{DIR, Templates};
use crate::store::Oid;

const PAUSE: Duration = Duration::from_millis(200);

/// What can change, as far as one look tells.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Seen {
    head: Oid,
    /// Files below `templates/` of the work tree, with time and length.
    files: Vec<(String, Option<SystemTime>, u64)>,
}

/// What `--json` says of each build.
#[derive(serde::Serialize)]
struct Built<'a> {
    commit: &'a str,
    files: usize,
    /// What changed since the last one: paths below `templates/`, or `commit`.
    changed: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
}

pub fn run(context: &Context, plan: &Plan) -> Result<i32> {
    let stop = Arc::new(AtomicBool::new(false));
    for signal in [signal_hook::consts::SIGINT, signal_hook::consts::SIGTERM] {
        signal_hook::flag::register(signal, Arc::clone(&stop)).at("--watch")?;
    }
    let mut site = Site::open(context, plan)?;
    if context.dry_run {
        return site.once();
    }
    site.ready()?;
    let ui = &context.ui;
    ui.note(&format!(
        "Watching {DIR}/ and the branch; the site is in {}. Ctrl-C ends it.",
        plan.out.display()
    ));
    let (mut built, mut read): (Option<Seen>, Option<Read>) = (None, None);
    while !stop.load(Ordering::Relaxed) {
        let now = look(&site)?;
        if built.as_ref() == Some(&now) {
            std::thread::sleep(PAUSE);
            continue;
        }
        // An editor saves in steps: what it leaves is what two looks agree on.
        std::thread::sleep(PAUSE);
        if built.is_some() && look(&site)? != now {
            continue;
        }
        let changed = changes(built.as_ref(), &now);
        let result = build(&mut site, &mut read, now.head);
        tell(context, now.head, &changed, result)?;
        built = Some(now);
    }
    ui.note("Ended; the last good site stays.");
    Ok(0)
}

fn look(site: &Site<'_>) -> Result<Seen> {
    let repo = &site.vault.repo;
    Ok(Seen { head: repo.head()?, files: files(&repo.root().join(DIR)) })
}

fn files(dir: &Path) -> Vec<(String, Option<SystemTime>, u64)> {
    // What goes away while it is listed is listed next time.
    let found = walkdir::WalkDir::new(dir).sort_by_file_name().into_iter().filter_map(|e| e.ok());
    let found = found.filter(|entry| entry.file_type().is_file()).filter_map(|entry| {
        let meta = entry.metadata().ok()?;
        let path = entry.path().strip_prefix(dir).ok()?.to_string_lossy().into_owned();
        Some((path, meta.modified().ok(), meta.len()))
    });
    found.collect()
}

fn changes(before: Option<&Seen>, now: &Seen) -> Vec<String> {
    let Some(before) = before else { return Vec::new() };
    let differ = |a: &Seen, b: &Seen| -> Vec<String> {
        a.files.iter().filter(|file| !b.files.contains(file)).map(|(path, ..)| path.clone()).collect()
    };
    let mut paths = differ(now, before);
    paths.extend(differ(before, now));
    paths.sort();
    paths.dedup();
    let mut changed: Vec<String> = paths.into_iter().map(|path| format!("{DIR}/{path}")).collect();
    if before.head != now.head {
        changed.insert(0, "commit".to_owned());
    }
    changed
}

/// Contacts are read again for a new commit only, and only then is there a new entry in the access trail.
fn build(site: &mut Site<'_>, read: &mut Option<Read>, head: Oid) -> Result<Pages> {
    let repo = &site.vault.repo;
    let committed = Templates::of_tree(repo, repo.tree_of(head)?).ok();
    let mut templates = Templates::of_work_tree(repo.root())?;
    if let Some(committed) = committed.filter(|committed| committed.own() == templates.own()) {
        templates = committed;
    }
    if read.as_ref().is_none_or(|read| read.at.commit != head) {
        site.vault.now = context::now()?;
        let at = site.vault.snapshot()?;
        let fresh = site.read(at)?;
        site.record(&fresh)?;
        *read = Some(fresh);
    }
    let Some(read) = read else { return Err(Error::failed("nothing was read")) };
    site.write(read, templates, |_| Ok(()))
}

/// One line: what was built and why, or what is wrong.
fn tell(context: &Context, head: Oid, changed: &[String], result: Result<Pages>) -> Result<()> {
    let ui = &context.ui;
    if ui.json {
        let error = result.as_ref().err().map(ToString::to_string);
        let files = result.as_ref().map_or(0, |pages| pages.files.len());
        return ui.data("carnet.report-watch/1", &Built { commit: &head.to_string(), files, changed, error });
    }
    match result {
        Ok(pages) if changed.is_empty() => ui.note(&format!("Built: {} files.", pages.files.len())),
        Ok(pages) => ui.note(&format!("Built again: {} files; {}.", pages.files.len(), changed.join(", "))),
        Err(e) => drop(ui.fail(&e)),
    }
    Ok(())
}
