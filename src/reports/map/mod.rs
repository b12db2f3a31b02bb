//! The data map: where data comes from, what for, where it lies, who reads it, where it goes. No contact is named.
//!
//! Nodes stand in four columns, and what is drawn goes from one column to the next; the rest is in the nodes' details.

mod draw;
mod gather;

use serde::Serialize;

pub use gather::Known;

use crate::domain::organisation::Lang;
use crate::error::Result;
use crate::reports::texts::Texts;
use crate::vault::{Snapshot, Vault};

/// What a node is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    Source,
    Purpose,
    Book,
    Member,
    Processor,
    External,
    Export,
}

impl Kind {
    /// The column that it stands in.
    fn column(self) -> usize {
        match self {
            Kind::Source => 0,
            Kind::Purpose => 1,
            Kind::Book => 2,
            _ => 3,
        }
    }
}

/// One thing that data comes from, lies in or goes to.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Node {
    /// `purpose:customers`, `book:main`; the same whenever the map is drawn.
    pub id: String,
    pub kind: Kind,
    pub title: String,
    pub details: Vec<String>,
}

/// Data goes from one node to another.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Link {
    pub from: String,
    pub to: String,
    /// Contacts, where they are counted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contacts: Option<usize>,
}

/// One heading of the map with what stands below it.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Listing {
    pub heading: String,
    pub nodes: Vec<ListedNode>,
}

/// One node in words, and where data goes from it.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct ListedNode {
    pub title: String,
    pub details: Vec<String>,
    pub to: Vec<String>,
}

/// The whole map.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Map {
    pub lang: &'static str,
    pub title: String,
    pub nodes: Vec<Node>,
    pub links: Vec<Link>,
    #[serde(skip)]
    headings: [String; 5],
    #[serde(skip)]
    none: String,
}

impl Map {
    /// The map as the repository has it at `at`, in `lang`.
    pub fn read(vault: &Vault, at: Snapshot, lang: Lang) -> Result<Map> {
        gather::gather(vault, at, Texts::load(lang)?, None)
    }

    /// The same from what is known already, with members by their handles.
    pub fn with(vault: &Vault, at: Snapshot, lang: Lang, known: &Known<'_>) -> Result<Map> {
        gather::gather(vault, at, Texts::load(lang)?, Some(known))
    }

    /// What the drawing shows, for whoever does not see it: headings with their nodes.
    pub fn listing(&self) -> Vec<Listing> {
        let nodes = |group: usize| {
            let of_group = self.nodes.iter().filter(move |n| group_of(n.kind) == group);
            of_group.map(|node| ListedNode {
                title: node.title.clone(),
                details: node.details.clone(),
                to: self.targets(node).into_iter().map(str::to_owned).collect(),
            })
        };
        let listing = |(group, heading): (usize, &String)| Listing {
            heading: heading.clone(),
            nodes: nodes(group).collect(),
        };
        self.headings.iter().enumerate().map(listing).collect()
    }

    fn targets(&self, node: &Node) -> Vec<&str> {
        self.links
            .iter()
            .filter(|link| link.from == node.id)
            .filter_map(|link| self.nodes.iter().find(|n| n.id == link.to))
            .map(|n| n.title.as_str())
            .collect()
    }

    /// As plain text.
    pub fn text(&self) -> String {
        let mut out = format!("{}\n", self.title);
        for (group, heading) in self.headings.iter().enumerate() {
            out.push_str(&format!("\n{heading}\n"));
            let nodes: Vec<&Node> = self.nodes.iter().filter(|n| group_of(n.kind) == group).collect();
            if nodes.is_empty() {
                out.push_str(&format!("  {}\n", self.none));
            }
            for node in nodes {
                out.push_str(&format!("  {}\n", node.title));
                node.details.iter().for_each(|detail| out.push_str(&format!("      {detail}\n")));
                let to = self.targets(node);
                if !to.is_empty() {
                    out.push_str(&format!("      → {}\n", to.join(", ")));
                }
            }
        }
        out
    }

    /// As a drawing (SVG 1.1) that needs nothing else.
    pub fn svg(&self) -> Result<String> {
        draw::svg(self)
    }
}

/// Headings: sources, purposes, storage, access, exits.
fn group_of(kind: Kind) -> usize {
    match kind {
        Kind::Processor | Kind::External | Kind::Export => 4,
        other => other.column(),
    }
}
