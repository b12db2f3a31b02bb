//! `carnet member`: who may sign here, and with which key.

use super::member_key::{certificate, fingerprint, provider_of};
use super::member_list;
use crate::context::Context;
use crate::domain::email;
use crate::domain::ids::Slug;
use crate::domain::register::Member;
use crate::error::{Error, Result};
use crate::vault::members::NewMember;
use crate::vault::members_list::Listed;

/// Add, list, remove members, and give them new keys.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    Add(Add),
    List(member_list::List),
    Remove(Remove),
    Rotate(Rotate),
}

/// Add a member: certificate, signing policy and books in one signed commit.
///
/// The certificate comes from a file, or by full fingerprint from your GnuPG keyring. Compare the fingerprint with its
/// owner's, in person or by telephone: whoever has that key reads the books.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  carnet member add bob.asc --handle bob --book main
  carnet member add 0123456789ABCDEF0123456789ABCDEF01234567 --handle bob \\
    --book main --book prospects
  carnet member add carl.asc --handle carl --admin

The new member makes a key with `carnet key new … > bob.asc`, or has one in GnuPG.")]
struct Add {
    /// The certificate: a file, or a full fingerprint (40 hex digits).
    #[arg(value_name = "FILE|FINGERPRINT")]
    source: String,
    /// Short name here: lower-case letters, digits, hyphens.
    #[arg(long)]
    handle: Slug,
    /// Name, where it is not the one of the certificate.
    #[arg(long)]
    name: Option<String>,
    /// E-mail address, where it is not the one of the certificate.
    #[arg(long)]
    email: Option<String>,
    /// A book that the member may open; repeat for several.
    #[arg(long)]
    book: Vec<Slug>,
    /// May add and remove members, too (with the rights that you have).
    #[arg(long)]
    admin: bool,
}

/// Remove a member, or several: from the policy, from every book, and each of these gets new keys.
///
/// What the member copied until then stays readable to them; the report that is printed, and kept under
/// registers/departures, says which books and how many contacts that is.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  carnet member list
  carnet member remove 0123456789ABCDEF0123456789ABCDEF01234567
  carnet member remove 0123456789ABCDEF0123456789ABCDEF01234567 --yes --json")]
struct Remove {
    /// Full fingerprint of the member's key; several members whose keys have expired leave a book together.
    #[arg(value_name = "FINGERPRINT", required = true)]
    keys: Vec<String>,
}

/// Give a member another key, or commit their key's newer certificate (an extended expiry, say).
///
/// Book keys stay the same and are encrypted to the new key. If the old key was stolen, run `carnet book rekey` for each
/// book, too. A newer certificate of your own key takes no right; another key takes that of adding and retiring users.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  carnet member rotate bob bob-2027.asc
  carnet member rotate ana 0123456789ABCDEF0123456789ABCDEF01234567")]
struct Rotate {
    handle: Slug,
    /// The certificate: a file, or a full fingerprint (40 hex digits).
    #[arg(value_name = "FILE|FINGERPRINT")]
    source: String,
}

pub fn run(context: &Context, args: Args) -> Result<i32> {
    match args.command {
        Command::Add(args) => add(context, args),
        Command::List(args) => member_list::run(context, &args),
        Command::Remove(args) => remove(context, &args),
        Command::Rotate(args) => rotate(context, &args),
    }
}

fn add(context: &Context, args: Add) -> Result<i32> {
    let vault = context.vault()?;
    let cert = certificate(context, &vault, &args.source)?;
    let text = |t: &Option<String>, flag: &str| match t.as_deref().map(str::trim) {
        Some(t) if t.is_empty() || t.chars().any(|c| c.is_control() || "<>".contains(c)) => {
            Err(Error::usage("it cannot be empty or hold <, > or control characters").at(flag.to_owned()))
        }
        t => Ok(t.map(str::to_owned)),
    };
    let address = args.email.as_deref().map(|e| {
        email::normalise(e).ok_or_else(|| Error::usage("that is not an e-mail address").at("--email"))
    });
    let mut books = args.book;
    books.sort();
    books.dedup();
    let new = NewMember {
        about: Member { name: text(&args.name, "--name")?, email: address.transpose()? },
        handle: args.handle,
        cert,
        admin: args.admin,
        books,
    };
    let ui = &context.ui;
    let key = new.cert.fingerprint();
    if context.dry_run {
        vault.check_addition(&new)?;
        return ui.would(&format!("would add {} with key {key}", new.handle));
    }
    member_list::acknowledge(context, &vault, Some(&new.books))?;
    let commit = vault.add_member(&new)?;
    if ui.json {
        let data = serde_json::json!({
            "member": new.handle, "key": key, "books": new.books, "admin": new.admin, "commit": commit.to_string(),
        });
        ui.data("carnet.member-add/1", &data)?;
        return Ok(0);
    }
    ui.raw(&format!("{key}\n"))?;
    ui.note(&format!("Added member {}.", new.handle));
    ui.note("Compare the fingerprint with its owner's, in person or by telephone.");
    match &new.books[..] {
        [] => ui.note(&format!("They can open no book yet: `carnet book grant BOOK {}`.", new.handle)),
        books => ui.note(&format!("They can open: {}.", list(books))),
    }
    Ok(0)
}

fn remove(context: &Context, args: &Remove) -> Result<i32> {
    let vault = context.vault()?;
    let at = vault.snapshot()?;
    let members = vault.members(at)?;
    let mut leaving: Vec<&Listed> = Vec::new();
    for text in &args.keys {
        let member = by_fingerprint(&members, text)?;
        if !leaving.iter().any(|other| other.key == member.key) {
            leaving.push(member);
        }
    }
    let handles: Vec<Slug> = leaving.iter().map(|m| m.member.clone()).collect();
    let mut books: Vec<Slug> = leaving.iter().flat_map(|m| m.books.clone()).collect();
    books.sort();
    books.dedup();
    let ui = &context.ui;
    if context.dry_run {
        vault.check_removal(&handles)?;
        return ui.would(&format!("would remove {} and make new keys for: {}", list(&handles), list(&books)));
    }
    member_list::acknowledge(context, &vault, Some(&books))?;
    let who: Vec<String> = leaving.iter().map(|m| format!("{} ({})", m.member, m.key)).collect();
    ui.confirm(&format!("Remove {}?", who.join(", ")))?;
    let bar = super::book::progress(context, &vault, at, &books)?;
    let left = vault.remove_members(&handles, &|n| bar.inc(n));
    bar.finish_and_clear();
    super::book::report_left(context, "carnet.member-remove/1", &left?)
}

fn by_fingerprint<'a>(members: &'a [Listed], text: &str) -> Result<&'a Listed> {
    let Some(key) = fingerprint(text) else {
        let error = Error::usage("a member is removed by the full fingerprint of their key");
        return Err(match members.iter().find(|m| m.member.as_str() == text) {
            Some(m) => error.hint(format!("{}'s is {}: `carnet member remove {}`", m.member, m.key, m.key)),
            None => error.hint("`carnet member list` shows the fingerprints"),
        });
    };
    members.iter().find(|m| m.key == key).ok_or_else(|| {
        Error::not_found("no member has that key").hint("`carnet member list` shows who has which key")
    })
}

fn rotate(context: &Context, args: &Rotate) -> Result<i32> {
    let vault = context.vault()?;
    let cert = certificate(context, &vault, &args.source)?;
    let own = args.handle == vault.me.handle;
    let at = vault.snapshot()?;
    // A key that this member has nowhere would shut them out.
    let provider = if own { Some(provider_of(context, &vault, &cert)?) } else { None };
    let books: Vec<Slug> = vault
        .my_books(at)?
        .into_iter()
        .filter(|(_, b)| b.members.contains(&args.handle))
        .map(|(s, _)| s)
        .collect();
    let ui = &context.ui;
    if context.dry_run {
        vault.check_rotation(&args.handle, &cert)?;
        return ui.would(&format!("would give {} the key {}", args.handle, cert.fingerprint()));
    }
    member_list::acknowledge(context, &vault, Some(&books))?;
    let done = vault.rotate_member(&args.handle, &cert)?;
    if let (Some(provider), false) = (provider, done.refreshed) {
        let key = cert.fingerprint();
        for (name, value) in
            [("carnet.key", key.as_str()), ("user.signingKey", &key), ("carnet.provider", provider.as_str())]
        {
            vault.repo.set_config(name, value)?;
        }
        let now = context.vault()?;
        now.carry_pins(&vault)?;
    }
    for book in &done.left {
        ui.warn(&format!(
            "the key of book {book} is still encrypted to the old key: a member of it has to run `carnet book rekey {book}`"
        ));
    }
    let key = cert.fingerprint();
    if ui.json {
        let data = serde_json::json!({
            "member": args.handle, "key": key, "books": done.books, "not_yet": done.left,
            "refreshed": done.refreshed, "commit": done.commit.to_string(),
        });
        ui.data("carnet.member-rotate/1", &data)?;
        return Ok(0);
    }
    ui.raw(&format!("{key}\n"))?;
    match done.refreshed {
        true => ui.note(&format!("Committed the newer certificate of {}.", args.handle)),
        false => {
            ui.note(&format!(
                "{} has a new key. If the old one was stolen, run `carnet book rekey` for: {}.",
                args.handle,
                list(&done.books)
            ));
        }
    }
    Ok(0)
}

fn list(books: &[Slug]) -> String {
    match books {
        [] => "no book".to_owned(),
        books => books.iter().map(Slug::as_str).collect::<Vec<_>>().join(", "),
    }
}
