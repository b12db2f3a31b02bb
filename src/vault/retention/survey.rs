//! Reading every contact and judging it: nothing is changed, and no name leaves this file.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::{Days, NaiveDate};
use serde::Deserialize;

use super::super::oppose::Opposition;
use super::super::{Snapshot, Vault};
use super::{Block, Item, Only, RuleLine, Survey};
use crate::domain::ids::{ContactId, Slug};
use crate::domain::register;
use crate::domain::retention::judge::{self, Action, Rules, Standing, Start};
use crate::domain::retention::view::View;
use crate::domain::retention::warning::{self, Warning, Warnings};
use crate::domain::retention::{self, Notice, Rule};
use crate::error::{Error, Result};

/// What one contact comes to; what says who it is stays behind.
pub struct Judged {
    standings: Vec<Standing>,
    today: Action,
    ahead: Action,
    restricted: bool,
    objected: bool,
    archived: bool,
}

/// Counting contacts by rule in a pass that somebody else makes.
pub struct Counting {
    rules: Rules,
    lines: Vec<RuleLine>,
    counts: Counts,
    today: NaiveDate,
}

impl Counting {
    /// Judges one contact.
    pub fn judge(&self, view: &View) -> Judged {
        judge_one(view, &self.rules, self.today, self.today)
    }

    pub fn take(&mut self, judged: &Judged) {
        self.counts.take(judged, &mut self.lines, self.today);
    }

    /// Rules with their counts, and purposes whose contacts no rule applies to, with how many.
    pub fn done(self) -> (Vec<RuleLine>, BTreeMap<Slug, usize>) {
        (self.lines, self.counts.unruled)
    }
}

/// What may hold a contact back.
struct Held {
    /// The open rights request of each contact that has one.
    requests: HashMap<ContactId, String>,
    opposition: Opposition,
    /// Books that this member can open.
    mine: Vec<Slug>,
}

/// `[retention]` of `carnet.toml`, as far as it is about this.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Configured {
    retention: Own,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Own {
    #[serde(flatten)]
    notice: Notice,
    /// The rule of a purpose that declares none.
    default: Option<Rule>,
}

/// What a rights request says of retention (`registers/requests/<ref>.toml`).
#[derive(Deserialize)]
struct RequestView {
    contact: Option<ContactId>,
    answer: Option<toml::Value>,
    closed: Option<toml::Value>,
}

impl Vault {
    /// Judges every contact that this member can open, as on `today`.
    pub fn retention(&self, at: Snapshot, today: NaiveDate) -> Result<Survey> {
        let own = self.retention_settings(at)?;
        let (notice, rules) = (own.notice, self.rules_or(at, own.default.as_ref())?);
        let horizon = today.checked_add_days(Days::new(notice.warn_days.into())).unwrap_or(today);
        let warnings = self.warnings(at)?;
        let mine: Vec<Slug> = self.my_books(at)?.into_iter().map(|(slug, _)| slug).collect();
        let held = Held { requests: self.open_requests(at)?, opposition: self.opposition(at)?, mine };
        let mut survey = Survey {
            at,
            today,
            notice,
            lines: lines(&rules),
            rules,
            items: Vec::new(),
            contacts: 0,
            unruled: Vec::new(),
            everything: BTreeSet::new(),
            undated: Vec::new(),
            unreadable: Vec::new(),
            not_opened: Vec::new(),
        };
        let mut counts = Counts::default();
        for book in &held.mine {
            let rules = &survey.rules;
            let done = self.scan(at, book, |id, text| {
                Ok(judge_one(&View::of(text, book, id)?, rules, today, horizon))
            })?;
            for one in done {
                let judged = match one.found {
                    Ok(judged) => judged,
                    Err(e) => {
                        survey.unreadable.push((one.id, e.message));
                        continue;
                    }
                };
                survey.contacts += 1;
                counts.take(&judged, &mut survey.lines, today);
                if judged.standings.iter().any(|s| s.rules.iter().any(|r| r.1 == Start::Unknown)) {
                    survey.undated.push(one.id.clone());
                }
                let is_over = judged.today != Action::Nothing;
                let action = if is_over { judged.today.clone() } else { judged.ahead.clone() };
                if action == Action::Nothing {
                    continue;
                }
                let grace = warnings.grace(&one.id, &action);
                let block = self.block(at, (book, &one.id), &judged, &action, &survey.rules, &held)?;
                survey.items.push(Item {
                    id: one.id,
                    book: book.clone(),
                    blob: one.blob,
                    action,
                    is_over,
                    block,
                    grace,
                });
            }
        }
        survey.everything = counts.everything();
        survey.unruled = counts.unruled.into_iter().collect();
        survey.not_opened = self
            .all_books(at)?
            .into_iter()
            .map(|(slug, _)| slug)
            .filter(|slug| !held.mine.contains(slug))
            .collect();
        Ok(survey)
    }

    /// A count of contacts by rule, as on `today`, that has seen none yet.
    pub fn retention_counting(&self, at: Snapshot, today: NaiveDate) -> Result<Counting> {
        let rules = self.retention_rules(at)?;
        Ok(Counting { lines: lines(&rules), rules, counts: Counts::default(), today })
    }

    /// The rules of every declared purpose, or the firm's default where a purpose declares none.
    pub fn retention_rules(&self, at: Snapshot) -> Result<Rules> {
        self.rules_or(at, self.retention_settings(at)?.default.as_ref())
    }

    fn rules_or(&self, at: Snapshot, default: Option<&Rule>) -> Result<Rules> {
        let mut rules = Rules::new();
        for slug in self.purposes(at)? {
            let path = format!("registers/purposes/{slug}.toml");
            let bytes = self.repo.file(at.tree, &path)?.unwrap_or_default();
            let mut declared = retention::declared(&path, &String::from_utf8_lossy(&bytes))?.retain;
            if declared.is_empty() {
                declared.extend(default.cloned());
            }
            rules.insert(slug, declared);
        }
        Ok(rules)
    }

    fn retention_settings(&self, at: Snapshot) -> Result<Own> {
        let bytes = self.repo.file(at.tree, "carnet.toml")?.unwrap_or_default();
        let configured: Configured = register::parse("carnet.toml", &String::from_utf8_lossy(&bytes))?;
        if let Some(rule) = &configured.retention.default {
            rule.check("carnet.toml, retention.default")?;
        }
        Ok(configured.retention)
    }

    fn warnings(&self, at: Snapshot) -> Result<Warnings> {
        let mut all = Warnings::default();
        for file in self.repo.list(at.tree, warning::DIR)? {
            let path = format!("{}/{}", warning::DIR, file.path);
            if path.ends_with(".toml") {
                let text = String::from_utf8_lossy(&self.repo.blob(file.id)?).into_owned();
                all.add(register::parse::<Warning>(&path, &text)?);
            }
        }
        Ok(all)
    }

    /// The open rights request of each contact that has one. One that cannot be read is an error: it could be open.
    fn open_requests(&self, at: Snapshot) -> Result<HashMap<ContactId, String>> {
        const DIR: &str = "registers/requests";
        let mut open = HashMap::new();
        for file in self.repo.list(at.tree, DIR)? {
            let Some(reference) = file.path.strip_suffix(".toml") else { continue };
            let text = String::from_utf8_lossy(&self.repo.blob(file.id)?).into_owned();
            let request: RequestView = register::parse(&format!("{DIR}/{}", file.path), &text)?;
            if let (Some(contact), None, None) = (request.contact, request.answer, request.closed) {
                open.insert(contact, reference.to_owned());
            }
        }
        Ok(open)
    }

    fn block(
        &self,
        at: Snapshot,
        (book, id): (&Slug, &ContactId),
        judged: &Judged,
        action: &Action,
        rules: &Rules,
        held: &Held,
    ) -> Result<Option<Block>> {
        if judged.restricted {
            return Ok(Some(Block::Restricted));
        }
        if let Some(reference) = held.requests.get(id) {
            return Ok(Some(Block::Request(reference.clone())));
        }
        match action {
            Action::Archive { purpose, rule, .. } => {
                let archive = judge::archive_of(rules, purpose, *rule).map(|archive| &archive.book);
                Ok(archive.filter(|book| !held.mine.contains(book)).cloned().map(Block::NoArchive))
            }
            Action::Erase { .. } | Action::EraseArchived { .. } if judged.objected => {
                Ok((!self.objection_outlives(at, &held.opposition, book, id)?).then_some(Block::Objection))
            }
            _ => Ok(None),
        }
    }

    /// Whether the opposition list has what a contact objects to.
    fn objection_outlives(
        &self,
        at: Snapshot,
        list: &Opposition,
        book: &Slug,
        id: &ContactId,
    ) -> Result<bool> {
        let Some(opened) = self.open_contact(at, book, id)? else { return Ok(false) };
        self.objections_listed(at, list, &opened.contact)
    }
}

impl Survey {
    /// Refuses a purpose that nobody declared.
    pub fn check(&self, only: &Only<'_>) -> Result<()> {
        match only.purposes.iter().chain(only.everything).find(|purpose| !self.rules.contains_key(*purpose)) {
            None => Ok(()),
            Some(purpose) => Err(Error::not_found(format!("no purpose `{purpose}` is declared"))
                .hint("`carnet purpose list` shows them")),
        }
    }

    /// Items that a command is about and that `test` holds for; refused where a purpose would lose all its contacts.
    pub fn chosen(&self, only: &Only<'_>, test: impl Fn(&Item) -> bool) -> Result<Vec<&Item>> {
        self.check(only)?;
        let chosen: Vec<&Item> = self.items.iter().filter(|item| only.means(item) && test(item)).collect();
        let lost =
            |purpose: &&Slug| self.everything.contains(*purpose) && !only.everything.contains(*purpose);
        let all: BTreeSet<&Slug> = chosen.iter().flat_map(|item| item.purposes()).filter(lost).collect();
        match all.first() {
            None => Ok(chosen),
            Some(purpose) => Err(Error::refused(format!(
                "the rules of purpose `{purpose}` would take every contact out of it"
            ))
            .at(format!("registers/purposes/{purpose}.toml"))
            .hint(format!(
                "look at its `retain`; where it is meant, `--everything {purpose}` allows it, and `--purpose` leaves it out"
            ))),
        }
    }
}

fn judge_one(view: &View, rules: &Rules, today: NaiveDate, horizon: NaiveDate) -> Judged {
    let standings = judge::standings(view, rules, today);
    let now = judge::action(view, rules, &standings, today);
    let ahead = match now {
        Action::Nothing => judge::action(view, rules, &judge::standings(view, rules, horizon), horizon),
        _ => Action::Nothing,
    };
    let archived = view.archive.is_some();
    let (restricted, objected) = (view.is_restricted(today), view.is_objected(today));
    // An archived contact is under no rule but its archive's end.
    let standings = if archived { Vec::new() } else { standings };
    Judged { standings, today: now, ahead, restricted, objected, archived }
}

fn lines(rules: &Rules) -> Vec<RuleLine> {
    let line = |purpose: &Slug, number: usize, rule: &Rule| RuleLine {
        purpose: purpose.clone(),
        number,
        rule: rule.clone(),
        applies: 0,
        lasting: 0,
        undated: 0,
        over: 0,
    };
    rules
        .iter()
        .flat_map(|(purpose, rules)| rules.iter().enumerate().map(move |(n, rule)| line(purpose, n, rule)))
        .collect()
}

/// Sums over all contacts.
#[derive(Default)]
struct Counts {
    unruled: BTreeMap<Slug, usize>,
    /// Contacts of a purpose, and those of them for whom it is over.
    of_purpose: BTreeMap<Slug, (usize, usize)>,
}

impl Counts {
    fn take(&mut self, judged: &Judged, lines: &mut [RuleLine], today: NaiveDate) {
        if judged.archived {
            return;
        }
        for standing in &judged.standings {
            if !standing.ended && standing.rules.is_empty() {
                *self.unruled.entry(standing.purpose.clone()).or_default() += 1;
            }
            let of_purpose = self.of_purpose.entry(standing.purpose.clone()).or_default();
            of_purpose.0 += 1;
            of_purpose.1 += usize::from(standing.is_over(today));
            for (number, start, ends) in &standing.rules {
                let line = lines.iter_mut().find(|l| l.purpose == standing.purpose && l.number == *number);
                let Some(line) = line else { continue };
                line.applies += 1;
                line.lasting += usize::from(*start == Start::Lasts);
                line.undated += usize::from(*start == Start::Unknown);
                line.over += usize::from(ends.is_some_and(|ends| ends < today));
            }
        }
    }

    fn everything(&self) -> BTreeSet<Slug> {
        self.of_purpose.iter().filter(|(_, (all, over))| all == over).map(|(slug, _)| slug.clone()).collect()
    }
}

/// Refuses to go on from a survey of another commit: a contact could have written meanwhile.
pub(super) fn still(survey: &Survey, at: Snapshot) -> Result<()> {
    match survey.at.commit == at.commit {
        true => Ok(()),
        false => {
            Err(Error::failed("the repository was changed by another command meanwhile; nothing was done")
                .hint("run the command again"))
        }
    }
}
