//! The drawing: boxes in four columns, each as high as its text, and curves between neighbours.
//!
//! Curves run in the gaps between columns only, so that none crosses a box.

use std::collections::BTreeMap;

use unicode_width::UnicodeWidthStr;

use super::{Link, Map, Node, group_of};
use crate::error::{Error, Result};
use crate::reports::render::escape;

const MARGIN: f64 = 30.0;
const COLUMN: f64 = 236.0;
const GAP: f64 = 90.0;
const PAD: f64 = 12.0;
const BETWEEN: f64 = 16.0;
const TITLE_LINE: f64 = 19.0;
const DETAIL_LINE: f64 = 16.0;
/// Characters that fit into a box, of the title (14 px, bold) and of details (12 px), with room to spare: fonts differ.
const TITLE_CHARS: usize = 24;
const DETAIL_CHARS: usize = 31;
const TOP: f64 = 104.0;

struct Box<'a> {
    node: &'a Node,
    x: f64,
    y: f64,
    height: f64,
    title: Vec<String>,
    details: Vec<String>,
}

pub fn svg(map: &Map) -> Result<String> {
    let (boxes, headings, height) = lay_out(map);
    let width = 2.0 * MARGIN + 4.0 * COLUMN + 3.0 * GAP;
    let title = text(&map.title)?;
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\" \
         role=\"img\" aria-labelledby=\"t\" lang=\"{}\" font-family=\"Helvetica, Arial, 'Liberation Sans', sans-serif\">\n\
         <title id=\"t\">{title}</title>\n<rect class=\"paper\" width=\"{width}\" height=\"{height}\" fill=\"#ffffff\"/>\n\
         <text class=\"title\" x=\"{MARGIN}\" y=\"48\" font-size=\"22\" font-weight=\"bold\" fill=\"#1b2733\">{title}</text>\n",
        map.lang
    );
    for (x, y, heading) in headings {
        let heading = text(&heading)?;
        out.push_str(&format!("<text class=\"heading\" x=\"{x}\" y=\"{y}\" font-size=\"15\" font-weight=\"bold\" fill=\"#3d5166\">{heading}</text>\n"));
    }
    for path in curves(map, &boxes) {
        out.push_str(&path);
    }
    for b in &boxes {
        out.push_str(&draw(b)?);
    }
    Ok(out + "</svg>\n")
}

fn lay_out(map: &Map) -> (Vec<Box<'_>>, Vec<(f64, f64, String)>, f64) {
    let mut boxes: Vec<Box<'_>> = Vec::new();
    let mut headings = Vec::new();
    let mut bottom: f64 = TOP;
    for column in 0..4 {
        let x = MARGIN + column as f64 * (COLUMN + GAP);
        let mut y = TOP;
        for (group, heading) in map.headings.iter().enumerate().filter(|(group, _)| (*group).min(3) == column)
        {
            if group == 4 {
                y += 34.0;
            }
            headings.push((x, y - 12.0, heading.clone()));
            for node in map.nodes.iter().filter(|n| group_of(n.kind) == group) {
                let title = wrap(&node.title, TITLE_CHARS);
                let details: Vec<String> = node.details.iter().flat_map(|d| wrap(d, DETAIL_CHARS)).collect();
                let height = 2.0 * PAD + title.len() as f64 * TITLE_LINE + details.len() as f64 * DETAIL_LINE;
                boxes.push(Box { node, x, y, height, title, details });
                y += height + BETWEEN;
            }
        }
        bottom = bottom.max(y);
    }
    (boxes, headings, bottom + MARGIN)
}

/// Curves between neighbouring columns. Where several end at one box, they end below one another, in the order of
/// their other ends.
fn curves(map: &Map, boxes: &[Box<'_>]) -> Vec<String> {
    let find = |id: &str| boxes.iter().find(|b| b.node.id == id);
    let drawn: Vec<(&Link, &Box<'_>, &Box<'_>)> = map
        .links
        .iter()
        .filter_map(|link| Some((link, find(&link.from)?, find(&link.to)?)))
        .filter(|(_, from, to)| to.node.kind.column() == from.node.kind.column() + 1)
        .collect();
    let mut out: BTreeMap<&str, Vec<f64>> = BTreeMap::new();
    let mut into: BTreeMap<&str, Vec<f64>> = BTreeMap::new();
    for (link, from, to) in &drawn {
        out.entry(&link.from).or_default().push(to.y);
        into.entry(&link.to).or_default().push(from.y);
    }
    out.values_mut().chain(into.values_mut()).for_each(|ys| ys.sort_by(f64::total_cmp));
    let place = |b: &Box<'_>, ys: &[f64], y: f64| {
        let n = ys.iter().position(|other| *other == y).unwrap_or(0);
        b.y + b.height * (n as f64 + 1.0) / (ys.len() as f64 + 1.0)
    };
    let curve = |(link, from, to): &(&Link, &Box<'_>, &Box<'_>)| {
        let (x1, x2) = (from.x + COLUMN, to.x);
        let y1 = place(from, out.get(link.from.as_str()).map_or(&[], Vec::as_slice), to.y);
        let y2 = place(to, into.get(link.to.as_str()).map_or(&[], Vec::as_slice), from.y);
        let middle = (x1 + x2) / 2.0;
        format!(
            "<path d=\"M{x1:.1} {y1:.1}C{middle:.1} {y1:.1} {middle:.1} {y2:.1} {x2:.1} {y2:.1}\" fill=\"none\" stroke=\"#7c90a6\" stroke-width=\"1.5\"/>\n\
             <path d=\"M{x2:.1} {y2:.1}l-7 -4v8z\" fill=\"#7c90a6\"/>\n"
        )
    };
    drawn.iter().map(curve).collect()
}

fn draw(b: &Box<'_>) -> Result<String> {
    // Told apart by their columns and headings, too: colour is never alone.
    let group = group_of(b.node.kind);
    let (fill, stroke) = match group {
        0 => ("#eef4fb", "#5b86b5"),
        1 => ("#fdf5e6", "#b98a34"),
        2 => ("#eaf6ee", "#4f9468"),
        3 => ("#f3effa", "#7d66ad"),
        _ => ("#fbeeee", "#b65c5c"),
    };
    let (x, y, height) = (b.x, b.y, b.height);
    let mut out = format!(
        "<rect class=\"group{group}\" x=\"{x}\" y=\"{y:.1}\" width=\"{COLUMN}\" height=\"{height:.1}\" rx=\"6\" fill=\"{fill}\" stroke=\"{stroke}\" stroke-width=\"1.2\"/>\n"
    );
    let (x, mut y) = (x + PAD, y + PAD);
    for line in &b.title {
        y += TITLE_LINE;
        let line = text(line)?;
        let base = y - 5.0;
        out.push_str(&format!("<text class=\"title\" x=\"{x}\" y=\"{base:.1}\" font-size=\"14\" font-weight=\"bold\" fill=\"#1b2733\">{line}</text>\n"));
    }
    for line in &b.details {
        y += DETAIL_LINE;
        let line = text(line)?;
        let base = y - 4.0;
        out.push_str(&format!(
            "<text class=\"detail\" x=\"{x}\" y=\"{base:.1}\" font-size=\"12\" fill=\"#3a4856\">{line}</text>\n"
        ));
    }
    Ok(out)
}

fn text(text: &str) -> Result<String> {
    let mut out = Vec::new();
    escape(text, &mut out)?;
    String::from_utf8(out).map_err(|e| Error::failed("the map could not be drawn").cause(e))
}

/// Lines of at most `width` columns; a word that is longer is cut.
fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let mut line = String::new();
    for word in text.split(' ').filter(|word| !word.is_empty()) {
        let needed = if line.is_empty() { word.width() } else { line.width() + 1 + word.width() };
        if needed > width && !line.is_empty() {
            lines.push(std::mem::take(&mut line));
        }
        if !line.is_empty() {
            line.push(' ');
        }
        for c in word.chars() {
            if line.width() + unicode_width::UnicodeWidthChar::width(c).unwrap_or(0) > width {
                lines.push(std::mem::take(&mut line));
            }
            line.push(c);
        }
    }
    if !line.is_empty() {
        lines.push(line);
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_fit_and_nothing_is_lost() {
        let text = "identité et coordonnées, anticonstitutionnellementetplusencore 東京 x";
        for width in [5, 12, 31] {
            let lines = wrap(text, width);
            assert!(lines.iter().all(|line| line.width() <= width && !line.is_empty()), "{lines:?}");
            let joined: String = lines.concat();
            assert_eq!(joined.replace(' ', ""), text.replace(' ', ""));
        }
        assert_eq!(wrap("", 5), [""; 0]);
    }
}
