//! The command line: global flags, the list of commands, and the one place that prints an error.

pub mod complete;
mod help;
mod terminal;
mod usage;

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};

use crate::commands;
use crate::context::{Context, data_home, now};
use crate::domain::organisation::Lang;
use crate::error::{Error, Result};
use crate::hooks::Waiting;
use crate::output::Colours;
use crate::output::text::is_active_text;
use crate::output::ui::{Ui, usage_error};
use crate::vault::Surroundings;

/// A CRM in a git repository: encrypted contacts, signed trails, GDPR registers.
#[derive(Debug, Parser)]
#[command(
    name = "carnet",
    version,
    max_term_width = 100,
    after_help = "\
Start with `carnet init DIR --organisation NAME --member HANDLE --name YOU --email YOU@…`.
Exit codes: 0 done, 1 failed, 2 usage, 3 not found, 4 ambiguous, 5 refused by a rule, 6 no key, 7 problems found."
)]
pub struct Cli {
    /// Work in this directory.
    #[arg(short = 'C', long = "directory", value_name = "DIR", env = "CARNET_DIR", global = true)]
    dir: Option<PathBuf>,
    /// Print data as JSON with a versioned schema.
    #[arg(long, global = true)]
    json: bool,
    /// Print ids only, and no messages.
    #[arg(short, long, global = true)]
    quiet: bool,
    /// Never ask anything: fail instead.
    #[arg(long, global = true)]
    no_input: bool,
    /// Show what would be done and change nothing.
    #[arg(long, global = true)]
    dry_run: bool,
    /// Answer yes to every question.
    #[arg(long, global = true)]
    yes: bool,
    /// Language of messages [default: by CARNET_LANG, else the locale]; stands before the command, for some have a
    /// `--lang` of their own for what they write.
    #[arg(long = "lang", id = "messages", value_name = "LANG", value_enum)]
    messages: Option<Lang>,
    /// Colours: on a terminal unless NO_COLOR says otherwise, or as told.
    #[arg(long, alias = "colour", global = true, value_enum, value_name = "WHEN", default_value_t)]
    color: Colours,
    /// Write everything at once, however long it is.
    #[arg(long, global = true)]
    no_pager: bool,
    /// Run none of your hooks (`carnet hooks`).
    #[arg(long, global = true)]
    no_hooks: bool,
    /// Dates rather than `3 days ago`, on a terminal too.
    #[arg(long, global = true)]
    absolute: bool,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    Init(commands::init::Args),
    Clone(commands::clone::Args),
    Add(commands::add::Args),
    Edit(commands::edit::Args),
    Show(commands::show::Args),
    List(commands::list::Args),
    Find(commands::find::Args),
    Search(commands::search::Args),
    Log(commands::log::Args),
    Todo(commands::todo::Args),
    Agenda(commands::agenda::Args),
    Deal(commands::deal::Args),
    Pipeline(commands::pipeline::Args),
    Tag(commands::tag::Args),
    Link(commands::link::Args),
    Unlink(commands::unlink::Args),
    Query(commands::query::Args),
    Dupes(commands::dupes::Args),
    Merge(commands::merge::Args),
    Undo(commands::undo::Args),
    Import(commands::import::Args),
    Export(commands::export::Args),
    Erase(commands::erase::Args),
    Doctor(commands::doctor::Args),
    History(commands::history::Args),
    HistoryPurge(commands::history_purge::Args),
    Verify(commands::verify::Args),
    Book(commands::book::Args),
    Breach(commands::breach::Args),
    Member(commands::member::Args),
    Key(commands::key::Args),
    Consent(commands::consent::Args),
    Lawful(commands::lawful::Args),
    Mailing(commands::mailing::Args),
    Object(commands::object::Args),
    Purpose(commands::purpose::Args),
    Processor(commands::processor::Args),
    Training(commands::training::Args),
    Agreement(commands::agreement::Args),
    Organisation(commands::organisation::Args),
    Notice(commands::notice::Args),
    Audit(commands::audit::Args),
    Start(commands::start::Args),
    Map(commands::map::Args),
    Duties(commands::duties::Args),
    Remote(commands::remote::Args),
    Report(commands::report::Args),
    Request(commands::request::Args),
    Retention(commands::retention::Args),
    Sync(commands::sync::Args),
    Wording(commands::wording::Args),
    Completions(commands::completions::Args),
    Man(commands::man::Args),
    #[command(hide = true)]
    Complete(commands::complete::Args),
    #[command(hide = true)]
    Hook(commands::hook::Args),
    Hooks(commands::hooks::Args),
    #[command(hide = true)]
    Textconv(commands::textconv::Args),
    #[command(hide = true)]
    MergeDriver(commands::merge_driver::Args),
}

/// Runs the program and returns its exit code.
pub fn run(args: impl IntoIterator<Item = OsString>) -> i32 {
    let args: Vec<OsString> = args.into_iter().collect();
    let parsed = command().try_get_matches_from(&args).and_then(|m| Cli::from_arg_matches(&m));
    let cli = match parsed {
        Ok(cli) => cli,
        Err(e) => {
            let args: Vec<String> = args.iter().map(|a| a.to_string_lossy().into_owned()).collect();
            let lang = usage::wished(&args).unwrap_or_else(crate::output::lang::from_environment);
            // Errors quote the argument; whoever wrote a script may have put anybody's name there.
            match usage::said(&e, lang) {
                Some(said) => usage_error(&said),
                None if args.iter().any(|a| is_active_text(a)) && e.use_stderr() => {
                    usage_error(&e.render().to_string());
                }
                None => drop(e.print()),
            }
            return e.exit_code();
        }
    };
    let ui = terminal::ui(&cli);
    let done = context(&cli, ui.clone()).and_then(|context| {
        let done = match cli.command {
            Some(command) => dispatch(&context, command),
            None => commands::welcome::run(&context),
        };
        ui.finish();
        context.hooks.run(&context.ui);
        done
    });
    let code = done.unwrap_or_else(|error| ui.fail(&error));
    ui.finish();
    code
}

/// The whole command line, for help, completions and man pages.
pub fn command() -> clap::Command {
    help::grouped(Cli::command())
}

/// `~/firm` as a shell would have it: mail clients (aerc), cron and other programs hand a path on as it stands in their
/// settings. A directory that is really called `~` is meant where there is one.
fn at_home(dir: &Path) -> PathBuf {
    match (dir.strip_prefix("~"), std::env::var_os("HOME").filter(|home| !home.is_empty())) {
        (Ok(rest), Some(home)) if !Path::new("~").is_dir() => PathBuf::from(home).join(rest),
        _ => dir.to_owned(),
    }
}

fn context(cli: &Cli, ui: Ui) -> Result<Context> {
    let dir = match &cli.dir {
        Some(dir) => at_home(dir),
        None => {
            std::env::current_dir().map_err(|e| Error::from(e).hint("change to a directory that exists"))?
        }
    };
    let program = std::env::current_exe().ok().and_then(|p| p.to_str().map(str::to_owned));
    Ok(Context {
        around: Surroundings {
            now: now()?,
            data_home: data_home()?,
            passphrase_file: std::env::var_os("CARNET_PASSPHRASE_FILE").map(PathBuf::from),
            no_input: !ui.may_ask,
        },
        ui,
        dir,
        dry_run: cli.dry_run,
        program: program.unwrap_or_else(|| "carnet".into()),
        hooks: Rc::new(Waiting::new(cli.no_hooks)),
    })
}

fn dispatch(context: &Context, command: Command) -> Result<i32> {
    match command {
        Command::Init(args) => commands::init::run(context, args),
        Command::Clone(args) => commands::clone::run(context, args),
        Command::Add(args) => commands::add::run(context, args),
        Command::Edit(args) => commands::edit::run(context, args),
        Command::Show(args) => commands::show::run(context, args),
        Command::List(args) => commands::list::run(context, args),
        Command::Find(args) => commands::find::run(context, args),
        Command::Search(args) => commands::search::run(context, args),
        Command::Log(args) => commands::log::run(context, args),
        Command::Todo(args) => commands::todo::run(context, args),
        Command::Agenda(args) => commands::agenda::run(context, args),
        Command::Deal(args) => commands::deal::run(context, args),
        Command::Pipeline(args) => commands::pipeline::run(context, &args),
        Command::Tag(args) => commands::tag::run(context, args),
        Command::Link(args) => commands::link::run(context, &args),
        Command::Unlink(args) => commands::unlink::run(context, &args),
        Command::Query(args) => commands::query::run(context, args),
        Command::Dupes(args) => commands::dupes::run(context, args),
        Command::Merge(args) => commands::merge::run(context, args),
        Command::Undo(args) => commands::undo::run(context, &args),
        Command::Import(args) => commands::import::run(context, args),
        Command::Export(args) => commands::export::run(context, args),
        Command::Doctor(args) => commands::doctor::run(context, args),
        Command::Erase(args) => commands::erase::run(context, args),
        Command::HistoryPurge(args) => commands::history_purge::run(context, args),
        Command::History(args) => commands::history::run(context, args),
        Command::Verify(args) => commands::verify::run(context, args),
        Command::Book(args) => commands::book::run(context, args),
        Command::Breach(args) => commands::breach::run(context, args),
        Command::Member(args) => commands::member::run(context, args),
        Command::Key(args) => commands::key::run(context, args),
        Command::Consent(args) => commands::consent::run(context, args),
        Command::Lawful(args) => commands::lawful::run(context, args),
        Command::Mailing(args) => commands::mailing::run(context, args),
        Command::Object(args) => commands::object::run(context, args),
        Command::Purpose(args) => commands::purpose::run(context, args),
        Command::Processor(args) => commands::processor::run(context, args),
        Command::Training(args) => commands::training::run(context, args),
        Command::Agreement(args) => commands::agreement::run(context, args),
        Command::Organisation(args) => commands::organisation::run(context, args),
        Command::Notice(args) => commands::notice::run(context, args),
        Command::Audit(args) => commands::audit::run(context, args),
        Command::Start(args) => commands::start::run(context, args),
        Command::Map(args) => commands::map::run(context, args),
        Command::Duties(args) => commands::duties::run(context, args),
        Command::Remote(args) => commands::remote::run(context, args),
        Command::Report(args) => commands::report::run(context, args),
        Command::Request(args) => commands::request::run(context, args),
        Command::Retention(args) => commands::retention::run(context, args),
        Command::Sync(args) => commands::sync::run(context, args),
        Command::Wording(args) => commands::wording::run(context, args),
        Command::Completions(args) => commands::completions::run(context, args),
        Command::Man(args) => commands::man::run(context, args),
        Command::Complete(args) => commands::complete::run(context, args),
        Command::Hooks(args) => commands::hooks::run(context, args),
        Command::Hook(args) => commands::hook::run(context, args),
        Command::Textconv(args) => commands::textconv::run(context, args),
        Command::MergeDriver(args) => commands::merge_driver::run(context, args),
    }
}
