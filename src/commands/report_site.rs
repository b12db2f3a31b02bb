//! `carnet report --out DIR`: the site, from one read of the contacts, written once or again and again.

use std::path::PathBuf;

use crate::context::Context;
use crate::domain::ids::Slug;
use crate::domain::organisation::Lang;
use crate::error::Result;
use crate::reports::Target;
use crate::reports::pages::{Counts, Made, Pages, Watch, facts, readable, write};
use crate::reports::since::Start;
use crate::reports::templates::Templates;
use crate::reports::views::Facts;
use crate::vault::access::Access;
use crate::vault::{Snapshot, Vault};

/// What was asked for.
pub struct Plan {
    pub out: PathBuf,
    /// The firm's own where there are none.
    pub langs: Option<Vec<Lang>>,
    pub made: Made,
    pub since: Option<String>,
    pub purpose: Option<Slug>,
}

/// What `--json` says.
#[derive(serde::Serialize)]
struct Written<'a> {
    index: String,
    commit: &'a str,
    langs: &'a [&'static str],
    pages: Vec<&'a str>,
    counts: &'a Counts,
    /// Templates of the firm's own.
    templates: Vec<&'a str>,
}

/// A site that is about to be made.
pub struct Site<'a> {
    context: &'a Context,
    plan: &'a Plan,
    pub vault: Vault,
}

/// What the pages are made of, and the commit that it was read at.
pub struct Read {
    pub at: Snapshot,
    langs: Vec<Lang>,
    facts: Facts,
}

impl<'a> Site<'a> {
    pub fn open(context: &'a Context, plan: &'a Plan) -> Result<Site<'a>> {
        Ok(Site { context, plan, vault: context.vault()? })
    }

    /// Everything that can be refused before a contact is read.
    fn prepared(&self, at: Snapshot) -> Result<(Vec<Lang>, Made)> {
        let (vault, plan) = (&self.vault, self.plan);
        let langs = match &plan.langs {
            Some(langs) => langs.clone(),
            None => vec![vault.settings(at)?.lang],
        };
        if let Some(purpose) = &plan.purpose {
            vault.check_purpose(at, purpose)?;
        }
        let since = plan.since.as_deref().map(|text| Start::named(vault, at, text)).transpose()?;
        Ok((langs, Made { since, ..plan.made }))
    }

    /// Refuses what no change of a template will mend.
    pub fn ready(&self) -> Result<()> {
        self.prepared(self.vault.snapshot()?)?;
        self.target().map(drop)
    }

    fn target(&self) -> Result<Target> {
        Target::check(&self.plan.out, &self.vault.repo)
    }

    /// Reads everything at a commit; the reading is recorded before anything of it is written.
    pub fn read(&self, at: Snapshot) -> Result<Read> {
        let vault = &self.vault;
        let (langs, made) = self.prepared(at)?;
        let bar = self.context.ui.progress(readable(vault, at)? as u64, "Reading contacts");
        let facts = facts(vault, at, &langs, made, &|| bar.inc(1));
        bar.finish_and_clear();
        Ok(Read { at, langs, facts: facts? })
    }

    /// The entry in the access trail.
    pub fn record(&self, read: &Read) -> Result<()> {
        let vault = &self.vault;
        vault.record(
            read.at,
            Access {
                action: if self.plan.made.exact { "report-exact" } else { "report" },
                contacts: Vec::new(),
                books: vault.my_books(read.at)?.into_iter().map(|(book, _)| book).collect(),
                count: Some(read.facts.figures.read),
                purpose: self.plan.purpose.clone(),
                ..Access::default()
            },
        )
    }

    /// Makes the pages with these templates and puts them in their place; `before` runs once they are whole.
    pub fn write(
        &self,
        read: &mut Read,
        templates: Templates,
        before: impl FnOnce(&Read) -> Result<()>,
    ) -> Result<Pages> {
        let target = self.target()?;
        read.facts.templates = templates;
        let vault = &self.vault;
        let bar = self.context.ui.progress(0, "Writing pages");
        let staged = target.stage(
            &vault.now_text(),
            |out| write(vault, read.at, &read.langs, &read.facts, &Bar(&bar), out),
            |sums| vault.sign_statement(sums),
        );
        bar.finish_and_clear();
        let staged = staged?;
        before(read)?;
        staged.publish()
    }

    /// Writes the site once.
    pub fn once(self) -> Result<i32> {
        let (vault, ui) = (&self.vault, &self.context.ui);
        let at = vault.snapshot()?;
        self.prepared(at)?;
        let target = self.target()?;
        let templates = Templates::of_tree(&vault.repo, at.tree)?;
        if self.context.dry_run {
            let total = readable(vault, at)?;
            return ui.would(&format!(
                "would read {total} contacts and write a site into {}",
                target.dir().display()
            ));
        }
        let mut read = self.read(at)?;
        let pages = self.write(&mut read, templates, |read| self.record(read))?;
        let index = target.dir().join("index.html").display().to_string();
        if ui.json {
            let files = pages.files.iter().map(String::as_str);
            return ui
                .data(
                    "carnet.report/1",
                    &Written {
                        index,
                        commit: &pages.commit,
                        langs: &pages.langs,
                        pages: files.filter(|path| path.ends_with(".html")).collect(),
                        counts: &pages.counts,
                        templates: pages.own.iter().map(|own| own.name.as_str()).collect(),
                    },
                )
                .map(|()| 0);
        }
        ui.lines(&index)?;
        ui.note(&format!("Read {} contacts; wrote {} files.", pages.counts.read, pages.files.len()));
        let closed = vault.all_books(at)?.len() - vault.my_books(at)?.len();
        if closed > 0 {
            ui.warn(&format!(
                "{closed} book(s) that you cannot open are left out: their contacts, entries and numbers"
            ));
        }
        Ok(0)
    }
}

/// How many pages are written, as a bar.
struct Bar<'a>(&'a indicatif::ProgressBar);

impl Watch for Bar<'_> {
    fn pages(&self, count: usize) {
        self.0.set_length(count as u64);
    }

    fn written(&self) {
        self.0.inc(1);
    }
}
