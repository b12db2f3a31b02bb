//! Colours with a meaning: one list of what is worth a colour, and how each looks on a terminal.
//!
//! What a colour says stands in words beside it, so that nothing is lost without colours (WCAG 1.4.1, pipes, `NO_COLOR`).

use anstyle::{AnsiColor, Style};

/// What a text is about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tone {
    #[default]
    Plain,
    /// Headings of tables and sections.
    Heading,
    /// Overdue, lost through neglect, refused, objected to.
    Late,
    /// Due today.
    Today,
    /// Won, in order, may be done.
    Good,
    /// Erased, destroyed: it does not come back.
    Gone,
    /// Beside the matter: ids, what was only read.
    Faint,
}

impl Tone {
    fn style(self) -> Style {
        let coloured = |colour: AnsiColor| Style::new().fg_color(Some(colour.into()));
        match self {
            Tone::Plain => Style::new(),
            Tone::Heading => Style::new().bold(),
            Tone::Late => coloured(AnsiColor::Red),
            Tone::Today => coloured(AnsiColor::Yellow),
            Tone::Good => coloured(AnsiColor::Green),
            Tone::Gone => coloured(AnsiColor::Magenta),
            Tone::Faint => Style::new().dimmed(),
        }
    }

    /// `text`, which must be inert, between this tone's sequences; as it is where nobody wants colours.
    pub fn paint(self, text: &str, colours: bool) -> String {
        if !colours || self == Tone::Plain || text.is_empty() {
            return text.to_owned();
        }
        let style = self.style();
        format!("{style}{text}{style:#}")
    }
}

/// When colours are wanted (`--color`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Colours {
    /// On a terminal that has them, unless the environment says otherwise (`NO_COLOR`, `CLICOLOR`, `CLICOLOR_FORCE`, `TERM`).
    #[default]
    Auto,
    Always,
    Never,
}

impl Colours {
    /// What that comes to for a stream; never [`anstream::ColorChoice::Auto`].
    pub fn on(self, stream: &impl anstream::stream::RawStream) -> anstream::ColorChoice {
        match self {
            Colours::Auto => anstream::AutoStream::choice(stream),
            Colours::Always => anstream::ColorChoice::Always,
            Colours::Never => anstream::ColorChoice::Never,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tone_ends_where_its_text_ends_and_is_nothing_without_colours() {
        assert_eq!(Tone::Late.paint("2 days ago", true), "\x1b[31m2 days ago\x1b[0m");
        assert_eq!(Tone::Late.paint("2 days ago", false), "2 days ago");
        assert_eq!(Tone::Plain.paint("x", true), "x");
        assert_eq!(Tone::Heading.paint("", true), "");
    }
}
