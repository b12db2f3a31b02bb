//! How this command speaks at this terminal: language, colours, dates, and whether a pager shows what is long.

use std::path::Path;

use super::{Cli, Command};
use crate::output::lang::from_environment;
use crate::output::pager;
use crate::output::ui::Ui;
use crate::store::config::config_at;

/// From the flags, the environment and git's configuration, in this order.
pub fn ui(cli: &Cli) -> Ui {
    let lang = cli.messages.unwrap_or_else(from_environment);
    let ui = Ui::new(cli.json, cli.quiet, cli.no_input, cli.yes, lang).coloured(cli.color);
    if ui.width.is_none() {
        return ui.dated(cli.absolute);
    }
    // The configuration is read where somebody is there to see it.
    let config = |key: &str| config_at(cli.dir.as_deref().unwrap_or(Path::new(".")), key);
    let ui = ui.dated(cli.absolute || config("carnet.dates").is_some_and(|wish| wish == "absolute"));
    if cli.no_pager || !cli.command.as_ref().is_some_and(Command::shows) {
        return ui;
    }
    ui.paged(|| pager::program(|name| std::env::var(name).ok(), config("core.pager")))
}

impl Command {
    /// Whether it is there to be read. What makes, changes or sends something says so at once.
    fn shows(&self) -> bool {
        matches!(
            self,
            Command::Show(_)
                | Command::List(_)
                | Command::Find(_)
                | Command::Search(_)
                | Command::Query(_)
                | Command::Todo(_)
                | Command::Agenda(_)
                | Command::Deal(_)
                | Command::Pipeline(_)
                | Command::Tag(_)
                | Command::Dupes(_)
                | Command::History(_)
                | Command::Verify(_)
                | Command::Doctor(_)
                | Command::Book(_)
                | Command::Member(_)
                | Command::Consent(_)
                | Command::Lawful(_)
                | Command::Purpose(_)
                | Command::Processor(_)
                | Command::Training(_)
                | Command::Agreement(_)
                | Command::Organisation(_)
                | Command::Wording(_)
                | Command::Retention(_)
                | Command::Request(_)
                | Command::Breach(_)
                | Command::Audit(_)
                | Command::Duties(_)
                | Command::Start(_)
                | Command::Map(_)
                | Command::Notice(_)
                | Command::Report(_)
        )
    }
}
