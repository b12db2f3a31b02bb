//! From the registers, the books' indexes and the access chains to the map.

use std::collections::{BTreeMap, BTreeSet};

use super::{Kind, Link, Map, Node};
use crate::domain::ids::Slug;
use crate::domain::organisation::Lang;
use crate::domain::registers::processor::Processor;
use crate::domain::registers::purpose::Purpose;
use crate::error::Result;
use crate::reports::texts::{Texts, typeset};
use crate::reports::trails::{Step, Then, Trails};
use crate::vault::registers::Stored;
use crate::vault::{Snapshot, Vault};

struct Gathered {
    texts: Texts,
    firm: Lang,
    nodes: Vec<Node>,
    links: BTreeSet<Link>,
}

/// What somebody has read already, for a map that names no member.
pub struct Known<'a> {
    pub accesses: &'a [Step],
    /// Contacts of each book that can be opened, and of them by purpose.
    pub books: &'a BTreeMap<Slug, (usize, BTreeMap<String, usize>)>,
    /// Purposes whose links say no number: some of theirs are small.
    pub quiet: &'a BTreeSet<Slug>,
}

pub fn gather(vault: &Vault, at: Snapshot, texts: Texts, known: Option<&Known<'_>>) -> Result<Map> {
    let settings = vault.settings(at)?;
    let mut g = Gathered { texts, firm: settings.lang, nodes: Vec::new(), links: BTreeSet::new() };
    let mut purposes: Vec<Stored<Purpose>> = vault.entries(at)?;
    purposes.retain(|p| {
        p.record.until.as_ref().and_then(crate::domain::moment::day).is_none_or(|day| day >= vault.day())
    });
    let held = g.books(vault, at, known)?;
    g.purposes(&purposes, &held, known.map(|k| k.quiet));
    let members = vault.members(at)?;
    for member in &members {
        let handle = member.member.as_str();
        match known {
            // Pages that leave the firm name no member.
            Some(_) => g.node(Kind::Member, handle, handle, Vec::new()),
            None => g.node(Kind::Member, handle, &member.name, vec![format!("({handle})")]),
        };
        for book in &member.books {
            g.link(format!("book:{book}"), format!("member:{}", member.member), None);
        }
    }
    g.exits(vault, at, &purposes, &held)?;
    match known {
        Some(known) => g.exports(known.accesses),
        None => {
            let mine = vault.mine(at)?;
            g.exports(
                &Trails::read(&vault.repo, &vault.me, Then::at(vault.now.timestamp()), at, &mine)?.accesses,
            );
        }
    }
    g.say_what_for();
    g.nodes.sort_by(|a, b| {
        (a.kind.column(), super::group_of(a.kind)).cmp(&(b.kind.column(), super::group_of(b.kind)))
    });
    let heading = |code: &str| g.texts.label("map", code).unwrap_or_default();
    let headings = ["sources", "purposes", "books", "members", "exits"].map(heading);
    let title = format!("{} ({})", heading("title"), settings.organisation.name);
    let none = heading("none");
    Ok(Map {
        lang: g.texts.lang.as_str(),
        title,
        headings,
        none,
        links: g.links.into_iter().collect(),
        nodes: g.nodes,
    })
}

/// Contacts by purpose and book, of the books that this member can open.
type Held = BTreeMap<Slug, BTreeMap<String, usize>>;

impl Gathered {
    fn node(&mut self, kind: Kind, id: &str, title: &str, details: Vec<String>) -> String {
        let name = match kind {
            Kind::Source => "source",
            Kind::Purpose => "purpose",
            Kind::Book => "book",
            Kind::Member => "member",
            Kind::Processor => "processor",
            Kind::External => "external",
            Kind::Export => "export",
        };
        let id = format!("{name}:{id}");
        if !self.nodes.iter().any(|n| n.id == id) {
            let set = |text: &str| typeset(self.texts.lang, text);
            let details = details.iter().map(|d| set(d)).collect();
            self.nodes.push(Node { id: id.clone(), kind, title: set(title), details });
        }
        id
    }

    fn link(&mut self, from: String, to: String, contacts: Option<usize>) {
        self.links.insert(Link { from, to, contacts });
    }

    fn label(&self, kind: &str, code: &str) -> String {
        self.texts.label(kind, code).unwrap_or_else(|| code.to_owned())
    }

    fn contacts(&self, n: usize) -> String {
        self.texts.counted(i64::try_from(n).unwrap_or(i64::MAX), "books").unwrap_or_default()
    }

    fn books(&mut self, vault: &Vault, at: Snapshot, known: Option<&Known<'_>>) -> Result<Held> {
        let mut held = Held::new();
        for (slug, book) in vault.all_books(at)? {
            let mut details = vec![format!("({slug})")];
            if let Some(known) = known {
                let of_book = known.books.get(&slug);
                details.push(of_book.map_or_else(|| self.label("map", "closed"), |b| self.contacts(b.0)));
                held.extend(of_book.map(|(_, by_purpose)| (slug.clone(), by_purpose.clone())));
                self.node(Kind::Book, slug.as_str(), &book.title, details);
                continue;
            }
            if book.members.contains(&vault.me.handle) {
                let index = vault.index(at, &slug)?;
                let rows = index.rows();
                details.push(self.contacts(rows.len()));
                for row in rows {
                    let purposes: BTreeSet<&str> =
                        row.bases.lines().filter_map(|line| Some(line.split_once(':')?.0)).collect();
                    for purpose in purposes {
                        *held.entry(slug.clone()).or_default().entry(purpose.to_owned()).or_default() += 1;
                    }
                }
            } else {
                details.push(self.label("map", "closed"));
            }
            self.node(Kind::Book, slug.as_str(), &book.title, details);
        }
        Ok(held)
    }

    fn purposes(&mut self, purposes: &[Stored<Purpose>], held: &Held, quiet: Option<&BTreeSet<Slug>>) {
        for purpose in purposes {
            let words = purpose.record.words(self.texts.lang, self.firm);
            let own = purpose.record.words(self.firm, self.firm);
            let title = if words.title.is_empty() { &own.title } else { &words.title };
            let bases = purpose.record.bases.iter().map(|b| self.label("basis", b.as_str()));
            let categories = purpose.record.categories.list();
            let categories = categories.iter().map(|(code, _)| self.label("category", code));
            let details = bases.chain(categories).collect();
            let id = self.node(Kind::Purpose, &purpose.name, title, details);
            let sources = if words.source.is_empty() { &own.source } else { &words.source };
            for (n, source) in sources.iter().enumerate() {
                // In either language a source is the same one.
                let key = own.source.get(n).unwrap_or(source);
                let from = self.node(Kind::Source, key, source, Vec::new());
                self.link(from, id.clone(), None);
            }
            let silent = quiet.is_some_and(|quiet| quiet.iter().any(|slug| slug.as_str() == purpose.name));
            for (book, by_purpose) in held {
                if let Some(n) = by_purpose.get(&purpose.name) {
                    self.link(id.clone(), format!("book:{book}"), (!silent).then_some(*n));
                }
            }
        }
    }

    fn exits(
        &mut self,
        vault: &Vault,
        at: Snapshot,
        purposes: &[Stored<Purpose>],
        held: &Held,
    ) -> Result<()> {
        let processors: BTreeMap<String, Processor> = vault
            .entries::<Processor>(at)?
            .into_iter()
            .filter(|p| p.record.is_active(vault.day()))
            .map(|p| (p.name, p.record))
            .collect();
        for (name, processor) in &processors {
            let mut details = vec![self.label("map", "processor")];
            let service = processor.service(self.texts.lang, self.firm);
            details.push(if service.is_empty() { processor.service.clone() } else { service.to_owned() });
            if let Some(country) = processor.country {
                details.push(country.name(self.texts.lang).unwrap_or(country.as_str()).to_owned());
            }
            self.node(Kind::Processor, name, &processor.name, details);
        }
        for purpose in purposes {
            let books: Vec<&Slug> =
                held.iter().filter(|(_, p)| p.contains_key(&purpose.name)).map(|(book, _)| book).collect();
            let words = purpose.record.words(self.texts.lang, self.firm);
            let own = &purpose.record.external;
            let named = purpose.record.processors.iter().filter(|p| processors.contains_key(p.as_str()));
            let mut to: Vec<String> = named.map(|p| format!("processor:{p}")).collect();
            for (n, external) in own.iter().enumerate() {
                let title = words.external.get(n).unwrap_or(external).clone();
                let detail = self.label("map", "external");
                to.push(self.node(Kind::External, external, &title, vec![detail]));
            }
            for to in to {
                self.link(format!("purpose:{}", purpose.name), to.clone(), None);
                for book in &books {
                    self.link(format!("book:{book}"), to.clone(), None);
                }
            }
        }
        Ok(())
    }

    /// Says in each recipient what it gets data for: no line goes there from a purpose that holds nobody yet.
    fn say_what_for(&mut self) {
        let title = |id: &str| self.nodes.iter().find(|n| n.id == id).map(|n| n.title.clone());
        let mut lines: Vec<(String, String)> = Vec::new();
        for node in self.nodes.iter().filter(|n| matches!(n.kind, Kind::Processor | Kind::External)) {
            let from = self.links.iter().filter(|l| l.to == node.id && l.from.starts_with("purpose:"));
            let titles: Vec<String> = from.filter_map(|l| title(&l.from)).collect();
            if !titles.is_empty() {
                lines.push((node.id.clone(), format!("← {}", titles.join(", "))));
            }
        }
        for (id, line) in lines {
            if let Some(node) = self.nodes.iter_mut().find(|n| n.id == id) {
                node.details.push(line);
            }
        }
    }

    /// Exports and mailings, as the access chains have them.
    fn exports(&mut self, accesses: &[Step]) {
        let mut by_action: BTreeMap<&'static str, (usize, i64, BTreeSet<Slug>)> = BTreeMap::new();
        for step in accesses {
            let Some(entry) = &step.entry else { continue };
            let action = match entry.action.as_str() {
                "export" | "hook" => "export",
                "mailing" => "mailing",
                _ => continue,
            };
            let known = by_action.entry(action).or_insert((0, step.time, BTreeSet::new()));
            known.0 += 1;
            known.1 = known.1.max(step.time);
            known.2.extend(entry.books.iter().cloned());
        }
        for (action, (times, last, books)) in by_action {
            let details = vec![format!("{times} ×, {} {}", self.label("map", "last"), self.texts.day(last))];
            let id = self.node(Kind::Export, action, &self.label("map", action), details);
            for book in books {
                self.link(format!("book:{book}"), id.clone(), None);
            }
        }
    }
}
