//! `carnet key`: software keys of this machine, without any data repository.

use std::path::PathBuf;

use super::init::software_key;
use crate::context::Context;
use crate::crypto::Cert;
use crate::crypto::software::SoftwareKey;
use crate::domain::email;
use crate::error::{At, Error, Result};
use crate::output::Table;

/// Make, list and export software keys; none of this needs a data repository.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    New(New),
    /// List the software keys of this machine.
    #[command(after_help = "Examples:\n  carnet key list\n  carnet key list --json")]
    List,
    /// Print the public certificate of a software key.
    #[command(
        after_help = "Example:\n  carnet key export 0123456789ABCDEF0123456789ABCDEF01234567 > bob.asc"
    )]
    Export {
        /// Full fingerprint.
        fingerprint: String,
    },
}

/// Make a software key, and print its public certificate for whoever adds you as a member.
///
/// The secret key goes to $XDG_DATA_HOME/carnet/keys, locked with a passphrase. Back it up: nobody can make it again.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  carnet key new --name 'Bob Stone' --email bob@example.org > bob.asc
  carnet member add bob.asc --handle bob --book main   # by a member who may add users")]
struct New {
    /// Your name.
    #[arg(long)]
    name: String,
    /// Your e-mail address.
    #[arg(long)]
    email: String,
    /// Keep the key without a passphrase (for machines and demos).
    #[arg(long)]
    no_passphrase: bool,
}

pub fn run(context: &Context, args: Args) -> Result<i32> {
    match args.command {
        Command::New(args) => new(context, &args),
        Command::List => list(context),
        Command::Export { fingerprint } => export(context, &fingerprint),
    }
}

fn new(context: &Context, args: &New) -> Result<i32> {
    let email = email::normalise(&args.email)
        .ok_or_else(|| Error::usage("that is not an e-mail address").at("--email"))?;
    let name = args.name.trim();
    if name.is_empty() || name.chars().any(|c| c.is_control() || "<>".contains(c)) {
        return Err(Error::usage("a name cannot be empty or hold <, > or control characters").at("--name"));
    }
    if context.dry_run {
        return context.ui.would("would make a software key");
    }
    let made = software_key(context, name, &email, args.no_passphrase)?;
    let file = made.file.as_ref().map(|f| f.display().to_string()).unwrap_or_default();
    let ui = &context.ui;
    if ui.json {
        let data = serde_json::json!({
            "key": made.cert.fingerprint(), "key_file": file, "certificate": made.cert.armoured()?,
        });
        ui.data("carnet.key-new/1", &data)?;
        return Ok(0);
    }
    ui.raw(&made.cert.armoured()?)?;
    ui.note(&format!("Fingerprint: {}", made.cert.fingerprint()));
    ui.note(&format!("The secret key is in {file}: back it up; nobody can make it again."));
    ui.note("Give the certificate, printed on standard output, to a member who may add users, and compare fingerprints.");
    Ok(0)
}

/// The software keys here: where each is, and its certificate.
fn keys(context: &Context) -> Result<Vec<(PathBuf, Cert)>> {
    let probe = SoftwareKey::path(&context.around.data_home, "x");
    let Some(dir) = probe.parent().filter(|dir| dir.is_dir()) else { return Ok(Vec::new()) };
    let mut found = Vec::new();
    for entry in std::fs::read_dir(dir).at(dir.display())? {
        let path = entry?.path();
        if path.extension().is_some_and(|e| e == "pgp") {
            let bytes = zeroize::Zeroizing::new(std::fs::read(&path).at(path.display())?);
            found.push((path.clone(), Cert::parse(&bytes).map_err(|e| e.at(path.display().to_string()))?));
        }
    }
    found.sort_by_key(|(path, _)| path.clone());
    Ok(found)
}

fn list(context: &Context) -> Result<i32> {
    let now = context.around.now.into();
    let ui = &context.ui;
    let keys = keys(context)?;
    if ui.json {
        let item = |(path, cert): &(PathBuf, Cert)| {
            let (name, email) = cert.user(now);
            serde_json::json!({
                "key": cert.fingerprint(), "name": name, "email": email,
                "state": cert.usability(now).word(), "key_file": path.display().to_string(),
            })
        };
        ui.data("carnet.keys/1", &keys.iter().map(item).collect::<Vec<_>>())?;
        return Ok(0);
    }
    if ui.quiet {
        ui.raw(&keys.iter().map(|(_, cert)| format!("{}\n", cert.fingerprint())).collect::<String>())?;
        return Ok(0);
    }
    if keys.is_empty() {
        ui.note("No software keys here; `carnet key new` makes one.");
        return Ok(0);
    }
    let mut table = Table::new(&["KEY", "NAME", "E-MAIL", "STATE"]).words(&["STATE"]);
    for (_, cert) in &keys {
        let (name, email) = cert.user(now);
        table.row([cert.fingerprint(), name, email, cert.usability(now).word().to_owned()]);
    }
    ui.raw(&table.render_in(ui.lang, None))?;
    Ok(0)
}

fn export(context: &Context, fingerprint: &str) -> Result<i32> {
    let wanted: String = fingerprint.trim_start_matches("0x").split_whitespace().collect();
    let wanted = wanted.to_ascii_uppercase();
    let found = keys(context)?.into_iter().find(|(_, cert)| cert.fingerprint() == wanted);
    let (_, cert) = found.ok_or_else(|| {
        Error::not_found("there is no software key with that fingerprint here")
            .hint("`carnet key list` shows them")
    })?;
    context.ui.raw(&cert.armoured()?)?;
    Ok(0)
}
