//! Doing what was warned of: erasures, archives and ended bases in one commit, through the code of `erase`.

use super::super::Vault;
use super::super::erase::{Erased, Order};
use super::super::erase_beside::{Beside, name_in};
use super::super::erase_mentions::Mentions;
use super::super::select::Match;
use super::{Item, Survey};
use crate::domain::ids::Slug;
use crate::domain::register::Trigger;
use crate::domain::retention::judge::{Action, archive_of};
use crate::domain::retention::rewrite;
use crate::domain::trailer::Entry;
use crate::error::{Error, Result};
use crate::store::Oid;

/// What was done.
#[derive(Debug)]
pub struct Applied {
    pub commit: Oid,
    /// The erasures with their proofs, where there were any.
    pub erased: Option<Erased>,
    pub archived: usize,
    pub ended: usize,
}

/// What would be done beyond what the survey says.
#[derive(Clone, Debug, Default)]
pub struct Foreseen {
    /// Versions in history that would become unreadable.
    pub versions: usize,
    /// Contacts that mentions would be taken out of.
    pub mentions: usize,
}

impl Vault {
    /// What [`Vault::apply_retention`] would do.
    pub fn foresee_retention(&self, items: &[&Item]) -> Result<Foreseen> {
        let gone = matches(items);
        if gone.is_empty() {
            return Ok(Foreseen::default());
        }
        let foreseen = self.foresee_erasure(&gone)?;
        Ok(Foreseen { versions: foreseen.versions.iter().sum(), mentions: foreseen.mentions.len() })
    }

    /// Carries out the items of a survey; refused when the repository has changed since it was made.
    pub fn apply_retention(
        &self,
        survey: &Survey,
        items: &[&Item],
        progress: &dyn Fn(u64),
    ) -> Result<Applied> {
        super::survey::still(survey, self.snapshot()?)?;
        let beside = items
            .iter()
            .filter(|item| !is_erasure(&item.action))
            .map(|item| self.beside(survey, item))
            .collect::<Result<Vec<_>>>()?;
        let archived = beside.iter().filter(|one| one.archive.is_some()).count();
        let ended = beside.len() - archived;
        let gone = matches(items);
        if gone.is_empty() {
            let commit = self.stage_alone(survey, &beside)?;
            self.forget_moved(&beside)?;
            return Ok(Applied { commit, erased: None, archived, ended });
        }
        let order =
            Order { contacts: &gone, trigger: Trigger::Retention, request: None, keep_opposition: false };
        let erased = self.erase_beside(&order, &beside, progress)?;
        Ok(Applied { commit: erased.commit, erased: Some(erased), archived, ended })
    }

    fn stage_alone(&self, survey: &Survey, beside: &[Beside]) -> Result<Oid> {
        let (commit, ()) = self.write(|at, staged| {
            super::survey::still(survey, at)?;
            self.stage_beside(at, staged, beside, &mut Mentions::default(), &[])?;
            let mut entry = Entry::new(format!("retention: apply to {}", beside.len()), "retention");
            name_in(&mut entry, beside);
            Ok((entry, ()))
        })?;
        commit.ok_or_else(|| Error::usage("there is nothing to apply"))
    }

    /// Takes what was moved out of the indexes of the books that it left, as the erasure does for its own.
    fn forget_moved(&self, beside: &[Beside]) -> Result<()> {
        let mut books: Vec<&Slug> = beside.iter().filter(|b| b.archive.is_some()).map(|b| &b.book).collect();
        books.sort();
        books.dedup();
        if books.is_empty() { Ok(()) } else { self.settle_indexes(&books) }
    }

    fn beside(&self, survey: &Survey, item: &Item) -> Result<Beside> {
        let gone =
            || Error::not_found("a contact is gone since it was looked at").hint("run the command again");
        let (text, _) = self.contact_text(survey.at, &item.book, &item.id)?.ok_or_else(gone)?;
        let (archive, text) = match &item.action {
            Action::Archive { purpose, rule, until, .. } => {
                let archive = archive_of(&survey.rules, purpose, *rule).ok_or_else(gone)?;
                let text = rewrite::archived(&text, archive, purpose, survey.today, *until)?;
                (Some(archive.book.clone()), text)
            }
            _ => (None, rewrite::end_bases(&text, &item.purposes(), survey.today)?),
        };
        // What is written must be a contact that opens again.
        super::super::snapshot::check_place(&text, archive.as_ref().unwrap_or(&item.book), &item.id)?;
        Ok(Beside { id: item.id.clone(), book: item.book.clone(), archive, text })
    }
}

fn is_erasure(action: &Action) -> bool {
    matches!(action, Action::Erase { .. } | Action::EraseArchived { .. })
}

fn matches(items: &[&Item]) -> Vec<Match> {
    let one = |item: &&Item| Match {
        book: item.book.clone(),
        id: item.id.clone(),
        name: String::new(),
        email: String::new(),
    };
    items.iter().filter(|item| is_erasure(&item.action)).map(one).collect()
}
