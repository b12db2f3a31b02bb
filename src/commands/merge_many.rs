//! `carnet merge -`: pairs on standard input, as `carnet dupes -q` writes them, in one commit.

use std::collections::BTreeMap;
use std::io::Read;

use serde::Serialize;

use super::add::accept;
use super::many;
use super::merge::{open, say_readers};
use crate::context::Context;
use crate::domain::ids::ContactId;
use crate::domain::unite::unite;
use crate::error::{At, Error, Kind, Result};
use crate::vault::select::Match;
use crate::vault::unite::Union;
use crate::vault::{Snapshot, Vault};

/// Who becomes part of whom, as JSON has it.
#[derive(Serialize)]
struct Merged<'a> {
    into: &'a ContactId,
    from: Vec<&'a ContactId>,
}

/// Merges all pairs: the first of each stays. Of three that are one, what the pairs say together counts.
pub fn run(context: &Context, auto: bool) -> Result<i32> {
    if !auto {
        return Err(Error::usage("many are merged without the editor only").at("-").hint(
            "`carnet dupes --min 80 -q | carnet merge - --auto`: A's values stay, B's are noted beside them",
        ));
    }
    let vault = context.vault()?;
    let at = vault.snapshot()?;
    let pairs = pairs(&vault, at)?;
    if pairs.is_empty() && !context.ui.json {
        context.ui.note("No pairs were given; nothing was merged.");
        return Ok(0);
    }
    let (unions, noted) = unions(&vault, at, &pairs)?;
    let gone: usize = unions.iter().map(|one| one.from.len()).sum();
    let moved: Vec<_> =
        unions.iter().flat_map(|one| one.from.iter().map(|(from, _)| (&one.into.0, from))).collect();
    let crossing = say_readers(context, &vault, at, &moved)?;
    if context.dry_run {
        return context.ui.would(&format!(
            "would make {gone} contact(s) part of {} other(s); {noted} field(s) differ",
            unions.len()
        ));
    }
    if crossing {
        context.ui.confirm("Merge them all the same?")?;
    }
    let commit = vault.unite(&unions)?;
    let mut books: Vec<_> =
        unions.iter().flat_map(|one| one.from.iter().chain([&one.into])).map(|(one, _)| &one.book).collect();
    books.sort();
    books.dedup();
    vault.settle_indexes(&books)?;
    let ui = &context.ui;
    if ui.json {
        let merged: Vec<Merged<'_>> = unions
            .iter()
            .map(|one| Merged {
                into: &one.into.0.id,
                from: one.from.iter().map(|(from, _)| &from.id).collect(),
            })
            .collect();
        let commit = commit.map(|commit| commit.to_string());
        let data = serde_json::json!({ "merged": merged, "noted": noted, "commit": commit });
        return ui.data("carnet.merge-many/1", &data).map(|()| 0);
    }
    ui.raw(&unions.iter().map(|one| format!("{}\n", one.into.0.id)).collect::<String>())?;
    ui.note(&format!("Made {gone} contact(s) part of {} other(s).", unions.len()));
    if noted > 0 {
        ui.note(&format!(
            "{noted} field(s) differ: `carnet list has:conflict` names the contacts with notes."
        ));
    }
    Ok(0)
}

/// The pairs on standard input, one a line; all are found, or nothing is done.
fn pairs(vault: &Vault, at: Snapshot) -> Result<Vec<(Match, Match)>> {
    let mut text = String::new();
    std::io::stdin().lock().read_to_string(&mut text).at("standard input")?;
    let (mut pairs, mut unknown) = (Vec::new(), Vec::new());
    for (n, line) in text.lines().enumerate() {
        let place = || format!("line {}", n + 1);
        let line = line.split('#').next().unwrap_or_default().to_ascii_lowercase();
        let words: Vec<&str> = line.split_whitespace().collect();
        let (a, b) = match words.as_slice() {
            [] => continue,
            [a, b] => (*a, *b),
            _ => {
                return Err(Error::usage("a line names two contacts by their ids")
                    .at(place())
                    .hint("`carnet dupes -q` writes such lines"));
            }
        };
        match (many::by_id(vault, at, a), many::by_id(vault, at, b)) {
            (Ok(a), Ok(b)) if a.id == b.id => {
                return Err(Error::refused("these two are one contact already")
                    .at(place())
                    .hint("name two contacts; `carnet dupes` lists pairs"));
            }
            (Ok(a), Ok(b)) => pairs.push((a, b)),
            (Err(e), _) | (_, Err(e)) if e.kind == Kind::NotFound => unknown.push(place()),
            (Err(e), _) | (_, Err(e)) => return Err(e.at(place())),
        }
    }
    match unknown.is_empty() {
        true => Ok(pairs),
        false => Err(many::not_found(&unknown, "changed")),
    }
}

/// What becomes of whom, and how many fields differ.
fn unions(vault: &Vault, at: Snapshot, pairs: &[(Match, Match)]) -> Result<(Vec<Union>, usize)> {
    let settings = vault.settings(at)?;
    let mut order = Vec::new();
    let mut open_ones: BTreeMap<ContactId, Union> = BTreeMap::new();
    let mut part_of: BTreeMap<ContactId, ContactId> = BTreeMap::new();
    let mut noted = 0;
    for (a, b) in pairs {
        for one in [a, b] {
            if !part_of.contains_key(&one.id) && !open_ones.contains_key(&one.id) {
                let opened = open(vault, one)?;
                let old = opened.text.to_string();
                let union = Union { into: (one.clone(), opened.blob), from: vec![], text: old.clone(), old };
                open_ones.insert(one.id.clone(), union);
                order.push(one.id.clone());
            }
        }
        let root = |id: &ContactId| {
            let mut id = id.clone();
            while let Some(into) = part_of.get(&id) {
                id = into.clone();
            }
            id
        };
        let (a, b) = (root(&a.id), root(&b.id));
        // The two were made one by pairs before.
        if a == b {
            continue;
        }
        let Some(from) = open_ones.remove(&b) else { continue };
        let Some(into) = open_ones.get_mut(&a) else { continue };
        let merged = unite(&into.text, &from.text, vault.now.timestamp())?;
        noted += merged.notes.len();
        into.text = merged.text;
        into.from.push(from.into);
        into.from.extend(from.from);
        part_of.insert(b, a);
    }
    let mut unions = Vec::new();
    for id in order {
        let Some(mut one) = open_ones.remove(&id) else { continue };
        let (found, _) = &one.into;
        one.text = accept(vault, at, &settings, &one.text, &found.id, &found.book)?;
        unions.push(one);
    }
    Ok((unions, noted))
}
