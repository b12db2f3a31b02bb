//! A notice as plain text, Markdown or one HTML page.

use super::{Block, Notice};
use crate::error::{Error, Result};
use crate::reports::render::escape;

/// What a notice is written as.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    #[default]
    Text,
    /// One page that needs nothing else.
    Html,
    /// Markdown (CommonMark).
    Md,
}

/// The notice as a text that ends with a line break.
pub fn render(notice: &Notice, format: Format) -> Result<String> {
    match format {
        Format::Text => Ok(text(notice)),
        Format::Md => Ok(markdown(notice)),
        Format::Html => html(notice),
    }
}

fn text(notice: &Notice) -> String {
    let mut out = format!("{}\n", notice.title);
    for section in &notice.sections {
        out.push_str(&format!("\n{}\n", section.heading.to_uppercase()));
        for block in &section.blocks {
            match block {
                Block::Text(text) => out.push_str(&format!("{text}\n")),
                Block::List(items) => items.iter().for_each(|item| out.push_str(&format!("  – {item}\n"))),
            }
        }
    }
    out + &format!("\n{}\n", notice.version)
}

fn markdown(notice: &Notice) -> String {
    let mut out = format!("# {}\n", plain(&notice.title));
    for section in &notice.sections {
        out.push_str(&format!("\n## {}\n", plain(&section.heading)));
        for block in &section.blocks {
            match block {
                Block::Text(text) => out.push_str(&format!("\n{}\n", plain(text))),
                Block::List(items) => {
                    out.push('\n');
                    items.iter().for_each(|item| out.push_str(&format!("- {}\n", plain(item))));
                }
            }
        }
    }
    out + &format!("\n{}\n", plain(&notice.version))
}

/// A text of which Markdown makes nothing else: its punctuation is escaped (CommonMark 0.31, section 2.4).
fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if "\\`*_[]<>#|~&!".contains(c) {
            out.push('\\');
        }
        out.push(if c.is_control() { ' ' } else { c });
    }
    out
}

fn html(notice: &Notice) -> Result<String> {
    let e = |text: &str| -> Result<String> {
        let mut out = Vec::new();
        escape(text, &mut out)?;
        String::from_utf8(out).map_err(|e| Error::failed("a notice could not be written").cause(e))
    };
    let title = e(&notice.title)?;
    let mut out = format!(
        "<!doctype html>\n<html lang=\"{}\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>{title}</title>\n\
         <style>body{{font:1rem/1.5 system-ui,sans-serif;max-width:42rem;margin:2rem auto;padding:0 1rem}}\
         h1{{font-size:1.5rem;line-height:1.25}}h2{{font-size:1.1rem;margin:1.5em 0 .3em}}p,ul{{margin:.3em 0}}</style>\n\
         </head>\n<body>\n<main>\n<h1>{title}</h1>\n",
        notice.lang
    );
    for section in &notice.sections {
        out.push_str(&format!("<section>\n<h2>{}</h2>\n", e(&section.heading)?));
        for block in &section.blocks {
            match block {
                Block::Text(text) => out.push_str(&format!("<p>{}</p>\n", e(text)?)),
                Block::List(items) => {
                    out.push_str("<ul>\n");
                    for item in items {
                        out.push_str(&format!("<li>{}</li>\n", e(item)?));
                    }
                    out.push_str("</ul>\n");
                }
            }
        }
        out.push_str("</section>\n");
    }
    Ok(out + &format!("<footer><p>{}</p></footer>\n</main>\n</body>\n</html>\n", e(&notice.version)?))
}
