//! Which vCard lines a contact keeps word for word, beside its own fields.
//!
//! A line is kept when export could not write it again from the contact's fields alone: it has a parameter, a
//! group or a property that no field holds. What becomes of it afterwards is `said`'s affair.

use toml_edit::DocumentMut;

use super::line::Line;
use super::meaning::Meaning;
use super::said::{Fate, Said};
use super::slots::{draft_of, slots, tags_line};
use super::value;
use crate::domain::contact::Contact;
use crate::domain::draft::Draft;

/// Lines that the writer makes itself.
const FRAME: [&str; 3] = ["BEGIN", "END", "VERSION"];

/// The lines of a contact's card without its frame: each slot as its kept lines or fresh, then the rest.
pub(super) fn lines(draft: &Draft, kept: &[Line]) -> Vec<Line> {
    let slots = slots(draft);
    let said = Said::by(kept);
    let fates = said.fates(&slots);
    let mut of_slot: Vec<Vec<usize>> = vec![Vec::new(); slots.len()];
    for (i, fate) in fates.iter().enumerate() {
        if let Fate::Slot(slot) = fate {
            of_slot[*slot].push(i);
        }
    }
    let mut out = Vec::new();
    for (slot, of_slot) in slots.into_iter().zip(of_slot) {
        match &slot.meaning {
            Meaning::Tags(tags) => {
                let kept = said.tags(&of_slot);
                let fresh: Vec<&String> = tags.iter().filter(|tag| !kept.contains(tag)).collect();
                out.extend((!fresh.is_empty()).then(|| tags_line(fresh.into_iter())));
            }
            _ if of_slot.is_empty() => out.extend(slot.fresh),
            _ => {}
        }
        out.extend(of_slot.into_iter().map(|i| kept[i].clone()));
    }
    let rest = kept.iter().zip(&fates).filter(|(_, fate)| **fate == Fate::Stays);
    out.extend(rest.map(|(line, _)| line.clone()));
    out.retain(|line| !line.is_any(&FRAME));
    out
}

/// Which of a card's lines its draft must keep, so that [`lines`] gives all of them back.
pub(super) fn to_keep(draft: &Draft, originals: &[Line]) -> Vec<Line> {
    let mut keep = Said::by(originals).owning();
    let heads: Vec<_> = originals.iter().map(Line::head).collect();
    // What is missing from the export is kept. A kept line pushes out the fresh line of its slot, which may have
    // stood for another original, and so on; few cards need a third round.
    for _ in 0..5 {
        let written = lines(draft, &chosen(originals, &keep));
        let mut written: Vec<_> = written.iter().map(|line| (line.head(), line)).collect();
        let before = keep.clone();
        // Kept lines find themselves first, so that of two equal lines the second is seen to be missing.
        let (kept, fresh): (Vec<usize>, Vec<usize>) = (0..originals.len()).partition(|i| before[*i]);
        for i in kept.into_iter().chain(fresh) {
            let original = &originals[i];
            let found = written.iter().position(|(head, line)| {
                *head == heads[i] && value::same(&original.name, &line.value, &original.value)
            });
            match found {
                Some(at) => drop(written.swap_remove(at)),
                None => keep[i] = true,
            }
        }
        if keep == before {
            break;
        }
    }
    chosen(originals, &keep)
}

fn chosen(lines: &[Line], keep: &[bool]) -> Vec<Line> {
    lines.iter().zip(keep).filter(|(_, keep)| **keep).map(|(line, _)| line.clone()).collect()
}

/// Removes the kept vCard lines whose value is no longer in the contact from its file's text, and says how
/// many; to be called at every edit. A text that is no contact stays as it is.
pub fn reconcile(doc: &mut DocumentMut) -> usize {
    if doc.get("vcard").is_none() {
        return 0;
    }
    let Ok(contact) = toml::from_str::<Contact>(&doc.to_string()) else { return 0 };
    let draft = draft_of(&contact);
    let parsed: Vec<Option<Line>> = draft.vcard.iter().map(|text| Line::parse(text)).collect();
    let kept: Vec<Line> = parsed.iter().flatten().cloned().collect();
    let mut fates = Said::by(&kept).fates(&slots(&draft)).into_iter();
    // What a person wrote there that is no property is theirs to remove.
    let goes: Vec<bool> =
        parsed.iter().map(|line| line.is_some() && fates.next() == Some(Fate::Goes)).collect();
    let Some(vcard) = doc.get_mut("vcard").and_then(|item| item.as_table_like_mut()) else { return 0 };
    let Some(list) = vcard.get_mut("properties").and_then(|item| item.as_array_mut()) else { return 0 };
    let mut each = goes.iter();
    list.retain(|_| each.next() != Some(&true));
    if list.is_empty() {
        vcard.remove("properties");
        if vcard.is_empty() {
            doc.remove("vcard");
        }
    }
    goes.into_iter().filter(|goes| *goes).count()
}
