//! `carnet map`: the data map.

use crate::context::Context;
use crate::domain::organisation::Lang;
use crate::error::Result;
use crate::reports::map::Map;

/// Draw the data map: where data comes from, what for, where it lies, who reads it, where it goes.
///
/// From the registers, the books and the access trail. No contact is named: they are counted.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  carnet map
  carnet map --format svg --lang fr > map.svg
  carnet map --json")]
pub struct Args {
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    /// Language [default: that of carnet.toml].
    #[arg(long)]
    lang: Option<Lang>,
}

#[derive(Clone, Copy, Debug, Default, clap::ValueEnum)]
enum Format {
    #[default]
    Text,
    /// A drawing (SVG) that needs nothing else.
    Svg,
}

pub fn run(context: &Context, args: Args) -> Result<i32> {
    let vault = context.vault()?;
    let map = vault.reading(|at| {
        let lang = args.lang.map_or_else(|| vault.settings(at).map(|s| s.lang), Ok)?;
        Map::read(&vault, at, lang)
    })?;
    let ui = &context.ui;
    match (ui.json, ui.quiet, args.format) {
        (true, ..) => ui.data("carnet.map/1", &map)?,
        (_, true, Format::Text) => {
            ui.lines(&map.nodes.iter().map(|n| format!("{}\n", n.id)).collect::<String>())?
        }
        (_, _, Format::Text) => ui.lines(&map.text())?,
        (_, _, Format::Svg) => ui.lines(&map.svg()?)?,
    }
    Ok(0)
}
