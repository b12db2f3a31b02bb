//! `carnet init`

use std::io::Write;
use std::path::{Path, PathBuf};

use crate::context::Context;
use crate::crypto::gnupg::GnupgKey;
use crate::crypto::software::SoftwareKey;
use crate::crypto::{Cert, Secret, SecretKey, cert};
use crate::domain::email;
use crate::domain::ids::Slug;
use crate::domain::organisation::Lang;
use crate::error::{Error, Result};
use crate::vault::init::{Plan, check_empty, init};
use crate::vault::member::{Me, Provider};

/// Make a data repository with one member and one book.
///
/// Without --key a new software key is made and kept in $XDG_DATA_HOME/carnet/keys, locked with a passphrase.
/// With --key the secret key stays with GnuPG: agent, pinentry and smartcards work as usual.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  carnet init firm --organisation 'Atelier Martin' \\
    --member ana --name 'Ana Martin' --email ana@example.org
  carnet init firm --organisation 'Atelier Martin' \\
    --member ana --name 'Ana Martin' --email ana@example.org --key 0123…CDEF")]
pub struct Args {
    /// Where; must be empty or new [default: the current directory].
    #[arg(value_name = "DIR")]
    target: Option<PathBuf>,
    /// Name of the firm: the controller (Art. 4(7) GDPR).
    #[arg(long, value_name = "NAME")]
    organisation: String,
    /// Your short name here: lower-case letters, digits, hyphens.
    #[arg(long, value_name = "HANDLE")]
    member: Slug,
    /// Your name, as it stands in commits.
    #[arg(long)]
    name: String,
    /// Your e-mail address, as it stands in commits.
    #[arg(long)]
    email: String,
    /// Fingerprint of a key that GnuPG has, instead of a new software key.
    #[arg(long, value_name = "FINGERPRINT")]
    key: Option<String>,
    /// Language of what people outside the firm read [default: the terminal's].
    #[arg(long, value_enum)]
    lang: Option<Lang>,
    /// Name of the first book.
    #[arg(long, default_value = "main")]
    book: Slug,
    /// Keep the new key without a passphrase (for machines and demos).
    #[arg(long, conflicts_with = "key")]
    no_passphrase: bool,
}

pub fn run(context: &Context, args: Args) -> Result<i32> {
    let dir = args.target.as_ref().map_or_else(|| context.dir.clone(), |d| context.dir.join(d));
    let email = email::normalise(&args.email)
        .ok_or_else(|| Error::usage("that is not an e-mail address").at("--email"))?;
    let name = args.name.trim();
    if name.is_empty() || name.chars().any(|c| c.is_control() || "<>".contains(c)) {
        return Err(Error::usage("a name cannot be empty or hold <, > or control characters").at("--name"));
    }
    if args.organisation.trim().is_empty() {
        return Err(Error::usage("the organisation needs a name").at("--organisation"));
    }
    check_empty(&dir)?;
    if context.dry_run {
        return context.ui.would("would make a data repository and, without --key, a new software key");
    }
    let key = match &args.key {
        Some(fingerprint) => gnupg_key(context, fingerprint)?,
        None => software_key(context, name, &email, args.no_passphrase)?,
    };
    let plan = Plan {
        organisation: args.organisation.trim(),
        lang: args.lang.unwrap_or(context.ui.lang),
        book: args.book.clone(),
        me: Me {
            handle: args.member.clone(),
            name: name.to_owned(),
            email,
            fingerprint: key.cert.fingerprint(),
            provider: key.provider,
        },
        cert: key.cert.clone(),
        secret: &*key.secret,
        program: &context.program,
    };
    let made = init(&dir, &plan, &context.around);
    if let (Err(_), Some(file)) = (&made, &key.file) {
        let _ = std::fs::remove_file(file);
    }
    let commit = made?;
    report(context, &dir, &args, &key, commit)?;
    Ok(0)
}

/// A key that was made or found for a member.
pub(super) struct NewKey {
    pub(super) cert: Cert,
    secret: Box<dyn SecretKey>,
    provider: Provider,
    /// Where a software key is kept.
    pub(super) file: Option<PathBuf>,
}

fn gnupg_key(context: &Context, fingerprint: &str) -> Result<NewKey> {
    let fingerprint: String = fingerprint.trim_start_matches("0x").split_whitespace().collect();
    if ![40, 64].contains(&fingerprint.len()) || !fingerprint.chars().all(|c| c.is_ascii_hexdigit()) {
        return Err(Error::usage("--key wants the full fingerprint, 40 hex digits")
            .hint("`gpg --list-secret-keys` shows it"));
    }
    let key = GnupgKey::new("gpg", fingerprint.to_ascii_uppercase(), context.around.no_input);
    key.has_secret()?;
    let cert = key.certificate()?;
    Ok(NewKey { cert, secret: Box::new(key), provider: Provider::Gnupg, file: None })
}

/// Makes a software key and keeps it in the data home, locked unless `open`.
pub(super) fn software_key(context: &Context, name: &str, email: &str, open: bool) -> Result<NewKey> {
    let passphrase = if open { None } else { Some(new_passphrase(context)?) };
    let (cert, bytes) = cert::generate(name, email, passphrase.as_ref(), context.around.now.into())?;
    let file = SoftwareKey::path(&context.around.data_home, &cert.fingerprint());
    write_private(&file, &bytes)?;
    let ask = move || Ok(passphrase.clone().unwrap_or_else(|| Secret::from_text("")));
    let secret = SoftwareKey::load(&file, Box::new(ask))?;
    Ok(NewKey { cert, secret: Box::new(secret), provider: Provider::Software, file: Some(file) })
}

fn new_passphrase(context: &Context) -> Result<Secret> {
    if context.around.passphrase_file.is_some() {
        return locks(crate::vault::member::ask_passphrase(&context.around)?);
    }
    if !context.ui.may_ask {
        return Err(Error::no_key("a new key needs a passphrase and there is nobody to ask")
            .hint("run it in a terminal, set CARNET_PASSPHRASE_FILE, or give --no-passphrase"));
    }
    let ask = |prompt| rpassword::prompt_password(prompt).map(zeroize::Zeroizing::new);
    let first = ask("Passphrase for your new key: ")?;
    let second = ask("The same again: ")?;
    if first != second {
        return Err(Error::usage("the two passphrases differ; nothing was made"));
    }
    locks(Secret::from_text(&first))
}

fn locks(passphrase: Secret) -> Result<Secret> {
    if passphrase.is_empty() {
        return Err(
            Error::usage("an empty passphrase locks nothing").hint("--no-passphrase if that is meant")
        );
    }
    Ok(passphrase)
}

/// Writes a secret file: new, readable by its owner alone, complete or not there.
fn write_private(path: &Path, bytes: &[u8]) -> Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    let dir = path.parent().unwrap_or(Path::new("."));
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(dir)?;
    let mut file = tempfile::NamedTempFile::new_in(dir)?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    file.persist_noclobber(path).map_err(|e| Error::from(e.error).at(path.display().to_string()))?;
    Ok(())
}

fn report(context: &Context, dir: &Path, args: &Args, key: &NewKey, commit: crate::store::Oid) -> Result<()> {
    if context.ui.json {
        #[derive(serde::Serialize)]
        struct Made {
            directory: String,
            commit: String,
            member: String,
            fingerprint: String,
            key_file: Option<String>,
        }
        return context.ui.data(
            "carnet.init/1",
            &Made {
                directory: dir.display().to_string(),
                commit: commit.to_string(),
                member: args.member.to_string(),
                fingerprint: key.cert.fingerprint(),
                key_file: key.file.as_ref().map(|f| f.display().to_string()),
            },
        );
    }
    let ui = &context.ui;
    ui.note(&format!("Made a data repository in {}.", dir.display()));
    ui.note(&format!("Member {} signs with key {}.", args.member, key.cert.fingerprint()));
    if let Some(file) = &key.file {
        ui.note(&format!(
            "The secret key is in {}: back it up apart from this repository; without it nothing can be read.",
            file.display()
        ));
    }
    ui.note(
        "Next: `carnet add --name … --source … --basis customers:contract`, or `carnet import FILE.csv`.",
    );
    ui.note("`carnet start` leads through the eight steps of a firm that begins with data protection.");
    Ok(())
}
