//! `carnet log`

use std::cell::RefCell;
use std::io::{IsTerminal, Read};

use chrono::{DateTime, Local, NaiveDateTime, NaiveTime, TimeDelta, Utc};

use super::{choose, deal, editor, many, pick};
use crate::context::Context;
use crate::domain::activity::minutes;
use crate::domain::channel::Channel;
use crate::domain::contact::{Activity, Contact};
use crate::domain::filter::{Span, day_word, written_day};
use crate::domain::objected::Objected;
use crate::domain::{events, ids, moment};
use crate::error::{At, Error, Kind as ErrorKind, Result};
use crate::interchange::mail::{self, Mail};
use crate::vault::Vault;
use crate::vault::select::Match;

/// Log a call, an e-mail, a meeting or a note.
///
/// The last word is the text, unless --text gives it; without either it comes from standard input, or from your
/// editor. An e-mail on standard input becomes an entry of its own: its sender is looked up (or, where you have
/// sent it, its recipients), its date, subject and text are taken, and a message is logged once.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  carnet log call jeanne@example.org 'asked for a quote' --direction in --duration 25m
  carnet log meeting 3f9a2c1b 'Atelier Rousseau' --text 'kick-off' --at '2026-11-20 14:00'
  carnet list tag:vip -q | carnet log note - --text 'sent the catalogue'
  carnet log email jeanne@example.org < message.eml")]
pub struct Args {
    /// What it was.
    kind: Kind,
    /// Contacts, then the text; `-` reads ids from standard input.
    #[arg(value_name = "CONTACT… TEXT")]
    words: Vec<String>,
    /// The text; then all other words are contacts.
    #[arg(short = 'm', long, value_name = "TEXT")]
    text: Option<String>,
    /// When: 2026-11-20, '2026-11-20 14:00', 14:00, yesterday, 3d (ago), RFC 3339 [default: now].
    #[arg(long, value_name = "TIME")]
    at: Option<String>,
    /// How long: 25m, 1h30.
    #[arg(long, value_name = "TIME")]
    duration: Option<String>,
    /// Whether it came from them or went to them.
    #[arg(long)]
    direction: Option<Direction>,
    /// The deal that it was about: an id, or words of its title.
    #[arg(long, value_name = "DEAL")]
    deal: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Kind {
    Call,
    Email,
    Meeting,
    Note,
}

impl Kind {
    fn as_str(self) -> &'static str {
        match self {
            Kind::Call => "call",
            Kind::Email => "email",
            Kind::Meeting => "meeting",
            Kind::Note => "note",
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Direction {
    In,
    Out,
}

pub fn run(context: &Context, args: Args) -> Result<i32> {
    let vault = context.vault_to_change()?;
    let (names, given) = split(&args);
    let mut activity = Activity {
        id: ids::event_id(),
        time: moment_of(args.at.as_deref(), vault.now)?,
        kind: args.kind.as_str().to_owned(),
        text: given.unwrap_or_default(),
        direction: args.direction.map(|d| if d == Direction::In { "in" } else { "out" }.to_owned()),
        duration: args.duration.as_deref().map(duration).transpose()?,
        message: None,
        deal: args.deal.as_deref().map(|text| deal::one(context, &vault, text)).transpose()?.map(|d| d.id),
    };
    let mut found = Vec::new();
    if activity.text.is_empty() && !names.iter().any(|n| n == "-") {
        let piped = piped()?;
        let mail = if args.kind == Kind::Email { mail::read(&piped) } else { None };
        match mail {
            Some(mail) => found = take(context, &vault, &mut activity, mail, &args)?,
            None => activity.text = utf8(piped)?,
        }
    }
    if found.is_empty() || !names.is_empty() {
        if names.is_empty() && !choose::possible(context) {
            return Err(Error::usage("with whom was it?")
                .hint("`carnet log call CONTACT TEXT`; only an e-mail on standard input says it by itself"));
        }
        found = many::contacts(context, &vault, &names)?;
    }
    if activity.text.trim().is_empty() {
        match write_text(context, &vault, &found, args.kind)? {
            Some(text) => activity.text = text,
            None => {
                context.ui.note("Nothing was logged.");
                return Ok(0);
            }
        }
    }
    activity.text = activity.text.trim().to_owned();
    save(context, &vault, &found, &activity)
}

/// Contacts, and the text where it was given.
fn split(args: &Args) -> (Vec<String>, Option<String>) {
    match (&args.text, args.words.split_last()) {
        (None, Some((last, rest))) if !rest.is_empty() => (rest.to_vec(), Some(last.clone())),
        (text, _) => (args.words.clone(), text.clone()),
    }
}

fn duration(text: &str) -> Result<u32> {
    minutes(text).ok_or_else(|| Error::usage("that is no duration").at("--duration").hint("25m, 1h, 1h30"))
}

/// What somebody pipes in; nothing from a terminal.
fn piped() -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut stdin = std::io::stdin().lock();
    if !stdin.is_terminal() {
        // Larger messages have attachments, of which nothing is kept.
        stdin.by_ref().take(64 << 20).read_to_end(&mut bytes).at("standard input")?;
    }
    Ok(bytes)
}

fn utf8(bytes: Vec<u8>) -> Result<String> {
    String::from_utf8(bytes).map_err(|_| {
        Error::usage("the text is not UTF-8").at("standard input").hint("iconv -f WINDOWS-1252 -t UTF-8")
    })
}

/// Fills the entry from a message, and finds with whom it was where no contact is named.
fn take(
    context: &Context,
    vault: &Vault,
    activity: &mut Activity,
    mail: Mail,
    args: &Args,
) -> Result<Vec<Match>> {
    // A colleague's address is the firm's: what they sent went out, and they are nobody's contact in it.
    let members = vault.members(vault.snapshot()?)?;
    let mut ours: Vec<String> = members.iter().map(|member| member.email.to_lowercase()).collect();
    ours.push(vault.me.email.to_lowercase());
    let sent = mail.from.iter().any(|address| ours.contains(address));
    if args.at.is_none()
        && let Some(time) = mail.time.as_deref().and_then(|time| DateTime::parse_from_rfc3339(time).ok())
    {
        activity.time = toml_time(time.with_timezone(&Utc))?;
    }
    activity.text = mail.text;
    activity.message = mail.id;
    activity.direction.get_or_insert_with(|| if sent { "out" } else { "in" }.to_owned());
    if !args.words.is_empty() {
        return Ok(Vec::new());
    }
    let others = if sent { mail.to } else { mail.from };
    if others.is_empty() {
        return Err(Error::usage(match sent {
            true => "the e-mail has no recipient",
            false => "the e-mail has no sender",
        })
        .hint("name the contact: `carnet log email CONTACT < message.eml`"));
    }
    let at = vault.snapshot()?;
    let mut found: Vec<Match> = Vec::new();
    for address in others.iter().filter(|address| !ours.contains(address)) {
        match pick::one(context, vault, at, address) {
            Ok(one) if found.iter().any(|known| known.id == one.id) => {}
            Ok(one) => found.push(one),
            Err(e) if e.kind == ErrorKind::NotFound => {}
            Err(e) => return Err(e),
        }
    }
    if found.is_empty() {
        return Err(Error::not_found(match sent {
            true => "no contact has an address of its recipients",
            false => "no contact has the sender's address",
        })
        .hint("`carnet add`, or name the contact: `carnet log email CONTACT < message.eml`"));
    }
    Ok(found)
}

fn write_text(context: &Context, vault: &Vault, found: &[Match], kind: Kind) -> Result<Option<String>> {
    let editor =
        ["VISUAL", "EDITOR"].iter().any(|name| std::env::var_os(name).is_some_and(|e| !e.is_empty()));
    if context.ui.no_input || !context.ui.may_ask && !editor {
        return Err(Error::usage("what is to be logged?")
            .hint("give the text: `carnet log call CONTACT TEXT`, or --text, or on standard input"));
    }
    let paths: Vec<String> = found.iter().map(|m| m.id.path(&m.book)).collect();
    vault.check_ready(&paths)?;
    let lang = context.ui.lang;
    let kind = lang.say(kind.as_str()).into_owned();
    let form =
        format!("\n# {}\n", lang.fill("The text of the {}; lines that begin with # are left out.", &[&kind]));
    editor::edit(context, &form, |text| {
        let own: Vec<&str> = text.lines().filter(|line| !line.starts_with('#')).collect();
        Ok(Some(own.join("\n").trim().to_owned()).filter(|text| !text.is_empty()))
    })
}

/// The moment of an interaction. A time without offset is the local one; a day alone stays a day.
fn moment_of(text: Option<&str>, now: DateTime<Utc>) -> Result<toml::value::Datetime> {
    let Some(text) = text else { return toml_time(now) };
    let text = text.trim();
    let wrong = || {
        Error::usage("that is no moment")
            .at("--at")
            .hint("2026-11-20, '2026-11-20 14:00', 14:00, yesterday, 3d, RFC 3339")
    };
    let local = |at: NaiveDateTime| at.and_local_timezone(Local).earliest().map(|at| at.with_timezone(&Utc));
    let today = now.with_timezone(&Local).date_naive();
    let clock = |text: &str| NaiveTime::parse_from_str(text, "%H:%M").ok();
    let day = match day_word(text) {
        Some(days) => today.checked_add_signed(TimeDelta::days(days)),
        None => written_day(text),
    };
    let at = if let Some(day) = day {
        day.to_string().parse().map_err(|_| wrong())?
    } else {
        let at = DateTime::parse_from_rfc3339(text).ok().map(|at| at.with_timezone(&Utc));
        let at = at.or_else(|| Span::parse(text)?.before(now));
        let at = at.or_else(|| local(today.and_time(clock(text)?)));
        let minute = |format| NaiveDateTime::parse_from_str(text, format).ok();
        let at = at.or_else(|| local(minute("%Y-%m-%d %H:%M").or_else(|| minute("%Y-%m-%dT%H:%M"))?));
        toml_time(at.ok_or_else(wrong)?)?
    };
    // A day of grace, for a date is one day everywhere in turn.
    let start = moment::start(&at).ok_or_else(wrong)?;
    if start > (now + TimeDelta::days(1)).timestamp() {
        return Err(Error::usage("that has not happened yet")
            .at("--at")
            .hint("`carnet todo add` is for what is to come"));
    }
    Ok(at)
}

/// Whether the firm reached somebody who objects to just that (Art. 21), for one purpose at least. What came from them, and a
/// note for oneself, reaches nobody.
fn objects(contact: &Contact, activity: &Activity, now: DateTime<Utc>) -> bool {
    let channel = match activity.kind.as_str() {
        "call" => Some(Channel::Phone),
        "email" => Some(Channel::Email),
        _ => None,
    };
    let says_no = |objected: &Objected| {
        objected.stands_at(now.timestamp())
            && Channel::of(&objected.channel).is_none_or(|objected| Some(objected) == channel)
    };
    activity.kind != "note"
        && activity.direction.as_deref() != Some("in")
        && contact.objections.iter().any(says_no)
}

fn toml_time(at: DateTime<Utc>) -> Result<toml::value::Datetime> {
    at.format("%Y-%m-%dT%H:%M:%SZ")
        .to_string()
        .parse()
        .map_err(|_| Error::usage("that moment is out of reach").at("--at"))
}

fn save(context: &Context, vault: &Vault, found: &[Match], activity: &Activity) -> Result<i32> {
    if context.dry_run {
        return context.ui.would(&format!(
            "would log this {} with {} contact(s); nothing was changed",
            activity.kind,
            found.len()
        ));
    }
    let objecting = RefCell::new(Vec::new());
    let done = vault.change_all(found, ("log with", "log"), &|contact, doc| {
        if objects(contact, activity, vault.now) {
            objecting.borrow_mut().push(contact.id.clone());
        }
        let known = activity.message.is_some()
            && contact.activities.iter().any(|old| old.message == activity.message);
        if known { Ok(()) } else { events::append(doc, "activity", activity) }
    })?;
    super::done_all(
        context,
        "carnet.log/1",
        &done,
        Some(&activity.id),
        &format!("Logged a{} {} with", if activity.kind == "email" { "n" } else { "" }, activity.kind),
    )?;
    match objecting.take().as_slice() {
        [] => {}
        [one] => context.ui.warn(&format!(
            "contact {0} has objected to being contacted so; `carnet show {0} --briefing` says for what",
            one.short()
        )),
        many => context.ui.warn(&format!(
            "{} of these contacts have objected to being contacted so; `carnet list has:objection` names them",
            many.len()
        )),
    }
    if done.changed.len() < found.len() {
        context.ui.note(&format!("{} had this message already.", found.len() - done.changed.len()));
    }
    Ok(0)
}
