//! `carnet lawful`

use chrono::{DateTime, Days, NaiveTime};

use super::{choose, lawful_many, moments};
use crate::context::Context;
use crate::domain::channel::Channel;
use crate::domain::ids::Slug;
use crate::domain::organisation::Lang;
use crate::domain::wording::Wanted;
use crate::error::Result;
use crate::vault::access::Access;
use crate::vault::judge::Answer;
use crate::vault::select::Match;
use crate::vault::wordings::Held;
use crate::vault::{Snapshot, Vault};

/// May this person be contacted for this purpose on this channel? "If it is not yes, it is no."
///
/// The answer names its rule and article, the deciding event, the text that the person was shown and the commit that
/// recorded it; exit code 0 for yes, 5 for no. --at answers what was KNOWN then: by the repository as this branch had it
/// at that moment, and by events timed until then. What was recorded later of that moment is said beside the answer.
/// A day alone is yes only when it was yes at its beginning and at its end (UTC).
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  carnet lawful jeanne@example.org --purpose newsletter --channel email || test $? = 5
  carnet lawful 3f9a2c1b --purpose prospects --channel phone --json || test $? = 5
  carnet lawful 3f9a2c1b --purpose newsletter --channel email --at 2026-04-01 || test $? = 5
  carnet list tag:vip -q | carnet lawful - --purpose newsletter --channel email || test $? = 5")]
pub struct Args {
    /// Which contact; `-` reads ids from standard input and answers for each: then yes is yes for all. Without, a terminal lets
    /// you choose.
    contact: Option<String>,
    #[arg(long)]
    pub(super) purpose: Slug,
    #[arg(long, value_enum)]
    pub(super) channel: Channel,
    /// A day or a moment of the past [default: now].
    #[arg(long, value_name = "WHEN")]
    at: Option<String>,
}

pub fn run(context: &Context, args: Args) -> Result<i32> {
    let vault = context.vault()?;
    let at = vault.snapshot()?;
    if args.contact.as_deref() == Some("-") {
        return lawful_many::run(context, &vault, at, &args);
    }
    let found = choose::named(context, &vault, at, args.contact.as_deref())?;
    let answer = answer(&vault, &found, &args)?;
    // An undeclared purpose is an answer here, and no reason not to record who asked.
    let purpose = vault.purposes(at)?.contains(&args.purpose).then(|| args.purpose.clone());
    vault.record(at, Access::of_one("lawful", &found.book, &found.id, purpose))?;
    let decision = &answer.decision;
    let wording = match &decision.wording {
        Some(hash) => text_of(&vault, at, hash),
        None => None,
    };
    let ui = &context.ui;
    let time = |moment| {
        DateTime::from_timestamp(moment, 0).unwrap_or_default().format("%Y-%m-%dT%H:%M:%SZ").to_string()
    };
    if ui.json {
        let data = serde_json::json!({
            "contact": found.id, "purpose": args.purpose, "channel": args.channel, "moment": time(answer.moment),
            "answers": if args.at.is_some() { "known-then" } else { "now" },
            "decision": decision,
            "reason": decision.rule.sentence(Lang::En),
            "wording": wording.as_ref().map(|w| serde_json::json!({ "held": w, "text": w.text })),
            "known": answer.known.map(|c| c.to_string()),
            "decided_by": answer.decided_by.map(|c| c.to_string()),
            "hindsight": answer.hindsight,
        });
        ui.data("carnet.lawful/1", &data)?;
    } else if ui.quiet {
        ui.raw(&format!("{}\n", decision.rule.as_str()))?;
    } else {
        print(context, &answer, wording.as_ref(), args.at.is_some().then(|| time(answer.moment)))?;
    }
    Ok(if decision.allowed { 0 } else { 5 })
}

/// Decides; a day alone at both its ends, the first no of which counts.
pub(super) fn answer(vault: &Vault, found: &Match, args: &Args) -> Result<Answer> {
    let decide = |moment| vault.reading(|_| vault.lawful(&found.id, &args.purpose, args.channel, moment));
    let day = match args.at.as_deref().map(moments::parse).transpose().map_err(|e| e.at("--at"))? {
        None => return decide(None),
        Some(moments::When::Moment(moment)) => return decide(Some(moment.timestamp())),
        Some(moments::When::Day(day)) => day,
    };
    let start = day.and_time(NaiveTime::MIN).and_utc();
    let end = start.checked_add_days(Days::new(1)).map_or(start.timestamp(), |end| end.timestamp() - 1);
    let first = decide(Some(start.timestamp()))?;
    match first.decision.allowed {
        true => decide(Some(end.min(vault.now.timestamp()))),
        false => Ok(first),
    }
}

/// The text of a wording, now, for its hash says that it is the one that was shown then.
fn text_of(vault: &Vault, at: Snapshot, hash: &str) -> Option<Held> {
    let hash = hash.strip_prefix("sha256:").unwrap_or(hash);
    vault.wording(at, &Wanted::Hash(hash.to_owned())).ok()
}

fn print(context: &Context, answer: &Answer, wording: Option<&Held>, then: Option<String>) -> Result<()> {
    let decision = &answer.decision;
    let lang = context.ui.lang;
    let width = if lang == Lang::Fr { 17 } else { 10 };
    let mut out = String::new();
    let mut line = |name: &str, value: String| out.push_str(&format!("{:<width$}{value}\n", lang.say(name)));
    let word = |yes: bool| lang.say(if yes { "yes" } else { "no" }).into_owned();
    line("answer", word(decision.allowed));
    if let Some(then) = then {
        line("when", lang.fill("{}, as known then", &[&then]));
    }
    line("reason", decision.rule.sentence(lang).to_owned());
    line("rule", format!("{} ({})", decision.rule.as_str(), decision.article));
    if let Some(basis) = decision.basis {
        line("basis", lang.say(&basis.to_string()).into_owned());
    }
    if let (Some(event), Some(time)) = (&decision.event, &decision.time) {
        line("event", lang.fill("{} of {}", &[event, time]));
    }
    if let Some(expires) = &decision.expires {
        line("expires", expires.clone());
    }
    match (&decision.wording, wording) {
        (Some(hash), Some(w)) => {
            line(
                "wording",
                lang.fill("{}/{}, version {}, SHA-256 {}", &[&w.slug, &w.number, &w.wording.version, hash]),
            );
        }
        (Some(hash), None) => line("wording", lang.fill("{} (not in the register)", &[hash])),
        (None, _) if decision.event.is_some() => {
            line("wording", lang.say("none is bound to the event").into_owned())
        }
        (None, _) => {}
    }
    if let Some(commit) = answer.decided_by {
        line("commit", commit.to_string());
    }
    match answer.known {
        Some(commit) => line("state of", commit.to_string()),
        None => line("state of", lang.say("no commit: there was no repository yet").into_owned()),
    }
    if let Some(since) = &answer.hindsight {
        let (word, why) = (word(since.allowed), since.rule.sentence(lang));
        line("hindsight", lang.fill("{}: {}, by what was recorded since", &[&word, &why]));
    }
    context.ui.lines(&out)?;
    if let Some(held) = wording {
        context.ui.lines(&format!("\n{}", held.text.trim_end()))?;
    }
    Ok(())
}
