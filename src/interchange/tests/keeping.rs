//! Kept lines follow the contact: what is rectified or removed does not come back from a copy beside it.

use super::*;
use crate::domain::contact::Typed;
use crate::domain::edit::{Change, apply};

fn kept(doc: &DocumentMut) -> Vec<String> {
    Contact::parse(&doc.to_string()).unwrap().vcard.properties
}

fn change(doc: &mut DocumentMut, change: Change) {
    apply(doc, &change, "2026-11-24").unwrap();
}

#[test]
fn nothing_goes_while_nothing_changes() {
    for name in ["iphone.vcf", "outlook-2.1.vcf", "evolution.vcf", "exchange.vcf", "nextcloud-davx5.vcf"] {
        for draft in drafts(&fixture(name), Format::Vcard) {
            let mut doc = document(&draft);
            let before = doc.to_string();
            assert_eq!((reconcile(&mut doc), doc.to_string()), (0, before), "{name}");
        }
    }
}

#[test]
fn a_removed_number_takes_its_label_along_and_leaves_the_others() {
    let mut doc = document(&drafts(&fixture("iphone.vcf"), Format::Vcard)[0]);
    let before = kept(&doc);
    change(&mut doc, Change::Remove("phones", "+33142685300".into()));
    assert_eq!(reconcile(&mut doc), 3, "the number, its label and the revision");
    let gone: Vec<_> = before.into_iter().filter(|line| !kept(&doc).contains(line)).collect();
    assert_eq!(
        gone,
        ["item2.TEL:01 42 68 53 00", "item2.X-ABLabel:_$!<AssistantPhone>!$_", "REV:20240308T091244Z"]
    );
    assert_eq!(reconcile(&mut doc), 0);
    assert!(!doc.to_string().contains("01 42 68 53 00"));
}

#[test]
fn a_changed_name_takes_along_how_it_was_filed_and_pronounced() {
    let mut doc = document(&drafts(&fixture("evolution.vcf"), Format::Vcard)[0]);
    change(&mut doc, Change::Set("name".into(), "Jane Doe".into()));
    change(&mut doc, Change::Set("given".into(), "Jane".into()));
    reconcile(&mut doc);
    let text = doc.to_string();
    assert!(
        !text.contains("John;") && !text.contains("FILE-AS") && !text.contains("Doe\\\\, John"),
        "{text}"
    );
    let lines = exported(&Contact::parse(&text).unwrap());
    assert!(
        lines.contains(&"FN:Jane Doe".to_owned()) && lines.iter().any(|line| line.starts_with("N:Doe;Jane;"))
    );
    assert!(
        lines.iter().any(|line| line.starts_with("X-EVOLUTION-MANAGER")),
        "what is not about the name stays"
    );
}

#[test]
fn a_moved_address_takes_its_label_and_place_along() {
    let mut doc = document(&drafts(&fixture("exchange.vcf"), Format::Vcard)[0]);
    assert!(kept(&doc).iter().any(|line| line.starts_with("LABEL")));
    doc["addresses"][0]["street"] = toml_edit::value("2 Parnell Sq");
    reconcile(&mut doc);
    assert!(!kept(&doc).iter().any(|line| line.contains("Connell") || line.starts_with("GEO")));
}

#[test]
fn export_drops_what_changed_even_before_anything_reconciled() {
    let draft =
        card("FN:Jo\nN:;Jo;;;\nTEL;TYPE=CELL,VOICE:06 12 34 56 78\nEMAIL;TYPE=INTERNET:jo@example.org");
    let mut doc = document(&draft);
    change(&mut doc, Change::Remove("phones", "+33612345678".into()));
    change(&mut doc, Change::Add("phones", Typed { value: "+33698765432".into(), kind: None }));
    let lines = exported(&Contact::parse(&doc.to_string()).unwrap());
    assert_eq!(lines, ["FN:Jo", "N:;Jo;;;", "EMAIL;TYPE=INTERNET:jo@example.org", "TEL:+33698765432"]);
}

#[test]
fn a_removed_tag_and_a_changed_kind_are_gone() {
    let mut doc =
        document(&card("FN:Acme\nORG:Acme\nX-ABShowAs:COMPANY\nCATEGORIES;X-A=1:a,b\nCATEGORIES:c"));
    assert_eq!(kept(&doc).len(), 3, "{:?}", kept(&doc));
    change(&mut doc, Change::RemoveTag("b".into()));
    change(&mut doc, Change::Set("kind".into(), "person".into()));
    reconcile(&mut doc);
    let lines = exported(&Contact::parse(&doc.to_string()).unwrap());
    assert!(
        lines.contains(&"CATEGORIES:a".to_owned()) && lines.contains(&"CATEGORIES:c".to_owned()),
        "{lines:?}"
    );
    assert!(
        !lines.iter().any(|line| line.contains("COMPANY")) && lines.contains(&"KIND:individual".to_owned())
    );
}

#[test]
fn a_further_title_lives_in_a_field_of_its_own() {
    let draft = card("FN:Jo\nN:;Jo;;;\nTITLE;X-A=1:Chief\nTITLE;X-A=2:Lead");
    assert_eq!(draft.custom, [("title 2".to_owned(), "Lead".to_owned())]);
    let mut doc = document(&draft);
    change(&mut doc, Change::Set("title".into(), "Boss".into()));
    assert_eq!(reconcile(&mut doc), 1);
    assert_eq!(kept(&doc), ["TITLE;X-A=2:Lead"]);
    change(&mut doc, Change::Set("custom.title 2".into(), String::new()));
    assert_eq!(reconcile(&mut doc), 1);
    assert!(!doc.to_string().contains("vcard"), "the empty table goes too");
}

#[test]
fn comments_stay_and_foreign_text_is_left_alone() {
    let text = file_text(&card("FN:Jo\nN:;Jo;;;\nEMAIL;X-A=1:jo@example.org\nX-B:2"));
    let text = format!("# ours\n{}", text.replace("\"X-B:2\"", "\"X-B:2\", # why\n  \"not a property\""));
    let mut doc = crate::domain::edit::document(&text).unwrap();
    change(&mut doc, Change::Remove("emails", "jo@example.org".into()));
    assert_eq!(reconcile(&mut doc), 1);
    let after = doc.to_string();
    assert!(
        after.starts_with("# ours\n") && after.contains("# why") && after.contains("not a property"),
        "{after}"
    );
    for text in ["", "name = 1\n[vcard]\nproperties = [\"X:1\"]\n", "vcard = 3\n"] {
        let mut doc: DocumentMut = text.parse().unwrap();
        assert_eq!((reconcile(&mut doc), doc.to_string()), (0, text.to_owned()));
    }
}

#[test]
fn a_line_written_by_hand_cannot_break_the_card() {
    let mut draft = card("FN:Jo\nN:;Jo;;;");
    draft.vcard =
        vec!["X-A:1\r\nEND:VCARD\r\nBEGIN:VCARD\r\nFN:Evil".into(), "END:VCARD".into(), "nonsense".into()];
    let text = write_vcards(&[contact(&draft)]).unwrap();
    assert_eq!(text.matches("END:VCARD\r\n").count(), 1, "{text}");
    assert_eq!(drafts(text.as_bytes(), Format::Vcard).len(), 1);
}
