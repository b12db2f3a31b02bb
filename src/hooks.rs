//! The hooks of one command: what each is told is gathered as its change is committed, while the keys are open; they are
//! run when the command is over and holds no lock. Nothing that goes wrong is more than a warning, for the change has happened.

use std::cell::{OnceCell, RefCell};
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use crate::domain::after::{Hook, event_of, parse};
use crate::domain::trailer::Entry;
use crate::error::{Error, Result};
use crate::output::Ui;
use crate::store::Oid;
use crate::store::hooks::{self, End};
use crate::vault::Vault;

/// A hook that is to be run.
struct Run {
    hook: Hook,
    event: &'static str,
    root: PathBuf,
    record: Zeroizing<Vec<u8>>,
}

/// What a command has to run when it is over.
#[derive(Default)]
pub struct Waiting {
    /// `--no-hooks`
    off: bool,
    hooks: OnceCell<Vec<Hook>>,
    runs: RefCell<Vec<Run>>,
    trouble: RefCell<Vec<Error>>,
}

impl Waiting {
    /// None are run with `--no-hooks`, nor where CARNET_NO_HOOKS is set.
    pub fn new(off: bool) -> Waiting {
        let off = off || std::env::var_os("CARNET_NO_HOOKS").is_some_and(|value| !value.is_empty());
        Waiting { off, ..Waiting::default() }
    }

    /// Takes what was committed. No lock is held.
    pub fn committed(&self, vault: &Vault, entry: &Entry, commit: Oid) {
        let Some(event) = event_of(&entry.action).filter(|_| !self.off) else { return };
        let root = vault.repo.root();
        for hook in self.hooks.get_or_init(|| self.load(root)).iter().filter(|hook| hook.is_for(event)) {
            match vault.told_of(hook, event, entry, commit) {
                Ok(record) => {
                    let mut record = Zeroizing::new(record.to_string().into_bytes());
                    record.push(b'\n');
                    let root = root.to_path_buf();
                    self.runs.borrow_mut().push(Run { hook: hook.clone(), event, root, record });
                }
                Err(e) => self.trouble.borrow_mut().push(e.at(format!("hook {}", hook.program()))),
            }
        }
    }

    fn load(&self, root: &Path) -> Vec<Hook> {
        let Some(file) = hooks::file() else { return Vec::new() };
        let read = hooks::read(&file, Some(root));
        let all = read
            .and_then(|text| parse(&text.unwrap_or_default()))
            .map_err(|e| e.at(file.display().to_string()));
        let mut all = all.unwrap_or_else(|e| {
            self.trouble.borrow_mut().push(e);
            Vec::new()
        });
        all.retain(|hook| match &hook.repository {
            Some(only) => {
                only.canonicalize().is_ok_and(|only| root.canonicalize().is_ok_and(|root| root == only))
            }
            None => true,
        });
        all
    }

    /// Runs them, one after the other.
    pub fn run(&self, ui: &Ui) {
        for run in self.runs.take() {
            let place = format!("hook {}", run.hook.program());
            if let Err(e) = one(run) {
                self.trouble.borrow_mut().push(e.at(place));
            }
        }
        self.trouble.take().iter().for_each(|error| ui.warn_of(error));
    }
}

fn one(run: Run) -> Result<()> {
    let Run { hook, event, root, record } = run;
    let program = hooks::program(hook.program(), &root)?;
    let passed = hooks::ENVIRONMENT.iter().map(|name| (*name).to_owned()).chain(hook.env.iter().cloned());
    let mut environment: Vec<_> =
        passed.filter_map(|name| Some((name.clone(), std::env::var_os(&name)?))).collect();
    // A hook that calls carnet starts no hooks.
    environment.push(("CARNET_NO_HOOKS".to_owned(), "1".into()));
    environment.push(("CARNET_EVENT".to_owned(), event.into()));
    environment.push(("CARNET_DIR".to_owned(), root.into_os_string()));
    let args = hook.run.get(1..).unwrap_or_default();
    let what = match hooks::run(&program, args, &environment, record, hook.timeout)? {
        End::Done => return Ok(()),
        End::Code(code) => format!("the hook failed with exit code {code}"),
        End::Signal(number) => format!("the hook was ended by signal {number}"),
        End::TimedOut => format!("the hook took longer than {:?} and was killed", hook.timeout),
        End::Interrupted => "the hook was interrupted and killed".to_owned(),
    };
    Err(Error::failed(format!("{what}; the change is committed all the same")))
}
