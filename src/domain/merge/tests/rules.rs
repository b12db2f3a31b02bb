//! One test for each rule of docs/format.md, "Merging".

use super::*;
use crate::domain::contact::ConsentAction;
use crate::domain::merge::{Fate, Why, fate, resolve};

const TITLE: &str = "title = \"Clerk\"";
const END: &str = "# the end";
const BASIS: &str = "basis = \"legitimate-interests\"\nsince = 2026-01-01\n";

fn event(id: &str, action: &str, time: &str, more: &str) -> String {
    format!(
        "[[consent]]\nid = \"{id}\"\npurpose = \"newsletter\"\naction = \"{action}\"\ntime = {time}\n{more}\n{END}"
    )
}

#[test]
fn edits_of_different_fields_both_stand_without_a_note() {
    let (contact, merged) = merged(
        &[(TITLE, "title = \"Manager\""), ("dog = \"Rex\"", "dog = \"Max\"")],
        &[("shoe = 38", "shoe = 39\nlang = \"fr\""), ("cat = \"Tom\"\n", "")],
    );
    assert_eq!(contact.title.as_deref(), Some("Manager"));
    assert_eq!(contact.lang.as_deref(), Some("fr"));
    assert_eq!(contact.custom.len(), 1);
    assert_eq!(contact.custom["dog"].as_str(), Some("Max"));
    assert!(merged.text.contains("shoe = 39\n"));
    assert_eq!(merged.notes, []);
    assert!(contact.conflicts.is_empty());
}

#[test]
fn of_one_field_the_later_stands_and_the_other_is_noted() {
    let (contact, merged) = merged(&[(TITLE, "title = \"Boss\"")], &[(TITLE, "title = \"Chief\"")]);
    assert_eq!(contact.title.as_deref(), Some("Chief"));
    let [note] = &contact.conflicts[..] else { panic!("{:?}", contact.conflicts) };
    assert_eq!((note.field.as_str(), note.why.as_str()), ("title", "changed-twice"));
    assert_eq!(note.kept.as_ref().unwrap().as_str(), Some("Chief"));
    assert_eq!(note.other.as_ref().unwrap().as_str(), Some("Boss"));
    assert_eq!(note.who.as_deref(), Some("Early"));
    assert_eq!(note.when.unwrap().to_string(), "1970-01-01T00:16:40Z");
    assert_eq!(merged.notes.len(), 1);
}

#[test]
fn at_one_second_the_text_decides_on_every_clone() {
    let (a, b) = (edited(&[(TITLE, "title = \"A\"")]), edited(&[(TITLE, "title = \"B\"")]));
    let one = merge(Some(BASE), &side(&a, 7), &side(&b, 7)).unwrap();
    assert_eq!(merge(Some(BASE), &side(&b, 7), &side(&a, 7)).unwrap(), one);
    assert_eq!(Contact::parse(&one.text).unwrap().title.as_deref(), Some("B"));
}

#[test]
fn what_one_removed_and_the_other_changed_stays_with_a_note() {
    for (early, late) in [("", "title = \"Boss\""), ("title = \"Boss\"", "")] {
        let (contact, merged) = merged(&[(TITLE, early)], &[(TITLE, late)]);
        assert_eq!(contact.title.as_deref(), Some("Boss"));
        assert_eq!((merged.notes[0].why, &merged.notes[0].other), (Why::Removed, &None));
    }
    let (contact, merged) = merged(
        &[(", { value = \"x@example.org\", type = \"home\" }", "")],
        &[("type = \"home\"", "type = \"work\"")],
    );
    assert_eq!(contact.emails.len(), 2);
    assert_eq!((merged.notes[0].field.as_str(), merged.notes[0].why), ("emails", Why::Removed));
}

#[test]
fn lists_are_united_and_a_removal_is_respected() {
    let (contact, merged) = merged(
        &[("\"north\",", "\"north\",\n  \"vip\","), ("[\"e@example.org\", ", "[")],
        &[("  \"old\", # since 2019\n", ""), ("[\"e@example.org\"", "[\"E@example.org\", \"n@example.org\"")],
    );
    assert_eq!(contact.tags, ["north", "vip"]);
    let emails: Vec<_> = contact.emails.iter().map(|e| e.value.as_str()).collect();
    // The address that one side removed was respelt on the other.
    assert_eq!(emails, ["E@example.org", "n@example.org", "x@example.org"]);
    assert_eq!(merged.notes.len(), 1);
    let (contact, merged) = super::merged(
        &[("\"e@example.org\"", "{ value = \"e@example.org\" }")],
        &[("[\"e@example.org\", ", "[")],
    );
    assert_eq!((contact.emails.len(), merged.notes.len()), (1, 0));
}

#[test]
fn what_one_removed_does_not_come_back_because_the_other_repeats_it() {
    let (contact, _) = merged(&[("\"north\",", "\"north\", \"old\",")], &[("  \"old\", # since 2019\n", "")]);
    assert_eq!(contact.tags, ["north"]);
    let (contact, _) = merged(&[("\"north\",", "\"north\", \"old\",")], &[("Clerk", "Baker")]);
    assert_eq!(contact.tags, ["old", "north", "old"]);
}

#[test]
fn unknown_lists_of_numbers_are_one_value() {
    let at = |x: &str| edited(&[("shoe = 38", &format!("shoe = 38\nplace = [{x}]"))]);
    let (_, merged) = both_ways(None, &at("1.5, 2.5"), &at("3.5, 2.5"));
    assert!(merged.text.contains("place = [3.5, 2.5]"));
    assert_eq!(merged.notes[0].other.as_ref().unwrap().as_array().unwrap().len(), 2);
}

#[test]
fn events_are_never_lost_even_when_a_side_removed_them() {
    let start = BASE.find("# first asked").unwrap();
    let without = &BASE[..start];
    let late = edited(&[(END, &event("c2", "granted", "2026-02-01", ""))]);
    let (contact, merged) = both_ways(Some(BASE), without, &late);
    let ids: Vec<_> = contact.consents.iter().map(|c| c.id.as_str()).collect();
    assert_eq!(ids, ["c1", "c2"]);
    assert_eq!(contact.activities.len(), 1);
    assert!(merged.notes.iter().all(|n| n.why == Why::Protected) && merged.notes.len() == 2);
}

#[test]
fn a_withdrawal_beats_a_grant_that_did_not_know_of_it() {
    let yes = edited(&[(END, &event("g", "granted", "2026-02-09T10:00:00Z", "channel = \"email\""))]);
    for (no, time, counted) in [
        ("withdrawn", "2026-02-01", true),
        ("refused", "2026-02-01", true),
        ("withdrawn", "2026-03-01", false),
    ] {
        let no = edited(&[(END, &event("w", no, time, ""))]);
        let (contact, _) = both_ways(Some(BASE), &no, &yes);
        let added: Vec<_> = contact.consents.iter().filter(|c| c.id == "merge-w-g").collect();
        assert_eq!(added.len(), usize::from(counted));
        if let [added] = added[..] {
            assert_eq!(added.channel.as_deref(), Some("email"));
            assert_eq!(added.time.to_string(), "2026-02-09T10:00:00Z");
        }
        // Merged again by another clone, it is the same event.
        let again = both_ways(Some(BASE), &yes, &no).0;
        assert_eq!(again.consents.len(), contact.consents.len());
    }
    let other = edited(&[(END, &event("w", "withdrawn", "2026-02-01", "channel = \"post\""))]);
    assert_eq!(both_ways(Some(BASE), &other, &yes).0.consents.len(), 3);
    // A grant that knew of the withdrawal stands.
    let base = edited(&[(END, &event("w", "withdrawn", "2026-02-01", ""))]);
    let knew = base.replace(END, &event("g", "granted", "2026-02-09", ""));
    let (contact, _) = both_ways(Some(&base), &knew, &base.replace(TITLE, ""));
    assert_eq!(contact.consents.len(), 3);
}

#[test]
fn of_two_versions_of_one_event_the_no_stands() {
    let is = |action: &str| edited(&[("action = \"asked\"", &format!("action = \"{action}\""))]);
    for (early, late) in [("withdrawn", "granted"), ("granted", "withdrawn")] {
        let (contact, merged) = both_ways(Some(BASE), &is(early), &is(late));
        assert_eq!(contact.consents[0].action, ConsentAction::Withdrawn);
        assert_eq!((contact.consents.len(), merged.notes[0].why), (1, Why::Protected));
    }
}

#[test]
fn a_basis_that_one_side_ended_stays_ended() {
    let ended = (BASIS, "basis = \"legitimate-interests\"\nsince = 2026-01-01\nuntil = 2026-05-01\n");
    let contract = (BASIS, "basis = \"contract\"\nsince = 2026-01-01\n");
    for (early, late) in [(ended, contract), (contract, ended)] {
        let (contact, merged) = merged(&[early], &[late]);
        assert_eq!(contact.bases[0].basis.as_str(), "contract");
        assert_eq!(contact.bases[0].until.unwrap().to_string(), "2026-05-01");
        assert_eq!(merged.notes, []);
    }
    // Two ends: the earlier. An end that somebody took back stands, and the attempt is noted.
    let sooner =
        (BASIS, "basis = \"legitimate-interests\"\nsince = 2026-01-01\nuntil = 2026-04-30T10:00:00Z\n");
    let (contact, merged) = merged(&[ended], &[sooner]);
    assert_eq!(contact.bases[0].until.unwrap().to_string(), "2026-04-30T10:00:00Z");
    assert_eq!(merged.notes[0].field, "basis.until");
    let base = edited(&[ended]);
    let (contact, merged) = both_ways(Some(&base), BASE, &base.replace(TITLE, ""));
    assert!(contact.bases[0].until.is_some());
    assert_eq!(merged.notes[0].why, Why::Protected);
}

#[test]
fn a_basis_removed_and_changed_stays_but_ended() {
    let prospects = format!("[[basis]]\npurpose = \"prospects\"\n{BASIS}\n");
    let changed = (BASIS, "basis = \"contract\"\nsince = 2026-01-01\n");
    let (contact, merged) = merged(&[(&prospects, "")], &[changed]);
    assert_eq!(contact.bases[0].until.unwrap().to_string(), "1970-01-01");
    assert_eq!(merged.notes[0].why, Why::Removed);
    let (contact, _) = super::merged(&[(&prospects, "")], &[(TITLE, "")]);
    assert_eq!(contact.bases.len(), 1);
    // Each removed the other's: the contact stays valid, and no basis is in force.
    let newsletter = "[[basis]]\npurpose = \"newsletter\"\nbasis = \"consent\"\nsince = 2026-01-01\n";
    let (contact, _) = super::merged(&[(&prospects, "")], &[(newsletter, "")]);
    assert!(contact.bases.len() == 2 && contact.bases.iter().all(|b| b.until.is_some()));
}

#[test]
fn several_bases_for_one_purpose_are_kept_apart() {
    let more = |basis: &str| {
        format!("[[basis]]\npurpose = \"prospects\"\nbasis = \"{basis}\"\n\n# first asked at the fair")
    };
    let (contact, _) = merged(
        &[("# first asked at the fair", &more("consent"))],
        &[("# first asked at the fair", &more("contract"))],
    );
    assert_eq!(contact.bases.len(), 4);
}

#[test]
fn objections_and_restrictions_survive() {
    let objection = format!("[[objection]]\nid = \"o\"\nchannel = \"email\"\n\n{END}");
    let set = edited(&[
        (END, &objection),
        ("shoe = 38", "restricted = true"),
        (BASIS, &format!("{BASIS}objected = 2026-02-02\n")),
    ]);
    let survives = |contact: &Contact, text: &str| {
        assert!(text.contains("[[objection]]") && text.contains("objected = 2026-02-02"), "{text}");
        assert!(text.contains("restricted = true") && contact.bases.len() == 2);
    };
    for lifted in [BASE.to_owned(), edited(&[("shoe = 38", "restricted = false")])] {
        for base in [Some(BASE), None, Some(set.as_str())] {
            let other = lifted.replace(TITLE, "title = \"Boss\"");
            let set = set.replace("Rex", "Max");
            let (contact, merged) = both_ways(base, &other, &set);
            survives(&contact, &merged.text);
            let (contact, merged) = both_ways(base, &set, &other);
            survives(&contact, &merged.text);
        }
    }
}

#[test]
fn two_adds_of_one_id_lose_nothing() {
    let late = edited(&[("\"e@example.org\"", "\"late@example.org\""), (TITLE, "title = \"Boss\"")]);
    let (contact, merged) = both_ways(None, BASE, &late);
    assert_eq!(contact.emails.len(), 3);
    assert_eq!(contact.title.as_deref(), Some("Boss"));
    assert_eq!(merged.notes.len(), 1);
}

#[test]
fn different_contacts_and_broken_texts_are_refused_without_their_content() {
    let other = BASE.replace("3f9a2c1b", "3f9a2c1c");
    assert!(merge(None, &side(BASE, 1), &side(&other, 2)).is_err());
    let broken = BASE.replace("name = ", "name = [");
    let error = merge(None, &side(BASE, 1), &side(&broken, 2)).unwrap_err().to_string();
    assert!(!error.contains("Petit") && error.contains("line 5"), "{error}");
    // A base that cannot be read removes nothing.
    let (early, late) = (edited(&[(TITLE, "")]), edited(&[("shoe = 38", "")]));
    let merged = merge(Some(&broken), &side(&early, 1), &side(&late, 2)).unwrap();
    assert!(merged.text.contains("Clerk") && merged.text.contains("shoe"));
}

#[test]
fn notes_are_resolved_by_field_or_by_one_side() {
    let (_, first) = merged(
        &[(TITLE, "title = \"A\""), ("\"Rex\"", "\"Max\"")],
        &[(TITLE, "title = \"B\""), ("\"Rex\"", "\"Bob\"")],
    );
    assert_eq!(first.notes.len(), 2);
    let mut doc = crate::domain::edit::document(&first.text).unwrap();
    resolve(&mut doc, "title").unwrap();
    assert!(resolve(&mut doc, "title").is_err());
    let resolved = doc.to_string();
    let edited = first.text.replace("shoe = 38", "shoe = 40");
    let (contact, _) = both_ways(Some(&first.text), &resolved, &edited);
    assert_eq!(contact.conflicts.len(), 1);
    resolve(&mut doc, "custom.dog").unwrap();
    assert!(!doc.to_string().contains("conflict"));
}

#[test]
fn erasure_beats_any_edit_and_an_edit_beats_a_plain_removal() {
    let (a, b, c) = (Some(1), Some(2), Some(3));
    for (erased, base, ours, theirs, expected) in [
        (true, a, b, c, Fate::Erased),
        (true, a, None, c, Fate::Erased),
        (true, a, None, None, Fate::Erased),
        (false, a, None, None, Fate::Absent),
        (false, a, a, None, Fate::Absent),
        (false, a, None, a, Fate::Absent),
        (false, a, b, None, Fate::Ours),
        (false, a, None, b, Fate::Theirs),
        (false, None, None, b, Fate::Theirs),
        (false, a, b, a, Fate::Ours),
        (false, a, a, b, Fate::Theirs),
        (false, a, b, b, Fate::Ours),
        (false, a, b, c, Fate::Merge),
        (false, None, b, c, Fate::Merge),
    ] {
        assert_eq!(fate(erased, base, ours, theirs), expected, "{erased} {base:?} {ours:?} {theirs:?}");
    }
}
