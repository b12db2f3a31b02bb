//! What the cards of each device and program are understood to say.

use super::*;
use crate::domain::contact::ContactKind;

fn typed(list: &[crate::domain::contact::Typed]) -> Vec<(&str, &str)> {
    list.iter().map(|t| (t.value.as_str(), t.kind.as_deref().unwrap_or_default())).collect()
}

#[test]
fn an_iphones_groups_labels_and_firms() {
    let cards = drafts(&fixture("iphone.vcf"), Format::Vcard);
    let person = &cards[0];
    assert_eq!(
        (person.name.as_str(), person.given.as_deref()),
        ("Mme Éloïse Marie Anne Lefèvre", Some("Éloïse"))
    );
    assert_eq!(person.additional.as_deref(), Some("Marie Anne"));
    assert_eq!(
        (person.org.as_deref(), person.birthday.as_deref()),
        (Some("Atelier Lefèvre"), Some("--03-22"))
    );
    assert_eq!(
        typed(&person.emails),
        [("eloise@atelier-lefevre.example", "work"), ("elo@example.org", "Famille")]
    );
    assert_eq!(
        typed(&person.phones),
        [
            ("+33612345678", "mobile"),
            ("+33698765432", "iphone, mobile"),
            ("+33142685301", "work, fax"),
            ("+33142685300", "assistantphone"),
        ]
    );
    assert_eq!(person.addresses[0].street, "12 rue de la Paix\nBât. B");
    assert_eq!(
        person.note.as_deref(),
        Some("Préfère le matin, avant 10h.\nN'aime pas le téléphone; écrire.")
    );
    assert!(
        person
            .vcard
            .iter()
            .any(|line| line.starts_with("PHOTO;") && line.contains(":data:image/jpeg;base64,"))
    );
    assert_eq!((cards[1].kind, cards[1].name.as_str()), (ContactKind::Organisation, "Boulangerie Martin"));
    assert_eq!(cards[1].given, None);
}

#[test]
fn outlooks_old_encodings() {
    let rows = read(&fixture("outlook-2.1.vcf"), Format::Vcard, &options()).unwrap();
    let draft = rows[0].draft.as_ref().unwrap();
    assert_eq!(rows[0].notes, ["text that is not UTF-8 was read as Windows-1252"]);
    assert_eq!((draft.name.as_str(), draft.family.as_deref()), ("Dr. Jörg Müller", Some("Müller")));
    assert_eq!(draft.additional.as_deref(), Some("Karl,Heinz"), "version 2.1 has no lists");
    assert_eq!(
        (draft.org.as_deref(), draft.role.as_deref()),
        (Some("Müller & Söhne GmbH"), Some("Einkäufer"))
    );
    assert_eq!(draft.birthday.as_deref(), Some("1971-05-04"));
    let kinds: Vec<_> = typed(&draft.phones).into_iter().map(|(_, kind)| kind).collect();
    assert_eq!((draft.phones[0].value.as_str(), kinds), ("+49301234599", vec!["fax", "work", "mobile"]));
}

#[test]
fn other_programs() {
    let gmail = drafts(&fixture("gmail-3.0.vcf"), Format::Vcard).remove(0);
    assert_eq!(typed(&gmail.urls)[1], ("https://blog.example.es", "BLOG"));
    assert_eq!(gmail.tags, ["myContacts", "Clientes, España"]);
    assert_eq!(gmail.note.as_deref(), Some("\"Cliente\" desde 2019\nColor: azul"));
    let android = drafts(&fixture("android-2.1.vcf"), Format::Vcard).remove(0);
    assert_eq!((android.name.as_str(), android.family.as_deref()), ("Жан Дюпон", Some("Дюпон")));
    assert_eq!(typed(&android.phones)[1], ("+33142685300", "atelier été"));
    assert_eq!(android.note.as_deref(), Some("Très grand\nclient 😀"));
    let nextcloud = drafts(&fixture("nextcloud-davx5.vcf"), Format::Vcard).remove(0);
    assert_eq!(typed(&nextcloud.emails)[0], ("ana@example.org", "home"), "the preferred one first");
    assert_eq!(nextcloud.phones[1].value, "+38512345678;ext=42");
    assert_eq!((nextcloud.lang.as_deref(), nextcloud.title.as_deref()), (Some("hr"), Some("Voditeljica")));
    let custom = [("lang 2".to_owned(), "en".to_owned()), ("title 2".to_owned(), "Head of sales".to_owned())];
    let mut sorted = nextcloud.custom.clone();
    sorted.sort();
    assert_eq!(sorted, custom);
    let exchange = read(&fixture("exchange.vcf"), Format::Vcard, &options()).unwrap().remove(0);
    assert_eq!(exchange.notes.len(), 2, "two addresses that are none: {:?}", exchange.notes);
    assert_eq!(exchange.draft.unwrap().emails.len(), 1);
    let thunderbird = drafts(&fixture("thunderbird.vcf"), Format::Vcard).remove(0);
    assert_eq!(thunderbird.birthday.as_deref(), Some("1867-11-07"));
}

#[test]
fn a_name_is_composed_where_there_is_none() {
    for (lines, name, kind) in [
        ("N:Doe;Jo;;Dr;", "Dr Jo Doe", ContactKind::Person),
        ("FN: \nN:Doe;;;;", "Doe", ContactKind::Person),
        ("ORG:Acme;Sales", "Acme", ContactKind::Organisation),
        ("FN:Acme\nORG:ACME", "Acme", ContactKind::Organisation),
        ("FN:Frank Dawson\nORG:Lotus", "Frank Dawson", ContactKind::Person),
        ("EMAIL:jo@example.org", "jo@example.org", ContactKind::Person),
        ("NICKNAME:Jo", "Jo", ContactKind::Person),
        ("TEL:06 12 34 56 78", "+33612345678", ContactKind::Person),
        ("FN:Fire brigade\nKIND:org", "Fire brigade", ContactKind::Organisation),
        ("FN:Friends\nX-ADDRESSBOOKSERVER-KIND:group", "Friends", ContactKind::Organisation),
        ("FN:Jo\nORG:Jo\nKIND:individual", "Jo", ContactKind::Person),
    ] {
        let draft = card(lines);
        assert_eq!((draft.name.as_str(), draft.kind), (name, kind), "{lines}");
    }
    let rows = read(b"BEGIN:VCARD\nNOTE:x\nEND:VCARD", Format::Vcard, &options()).unwrap();
    assert!(rows[0].draft.as_ref().unwrap_err().contains("no name"));
}

#[test]
fn a_kind_that_a_reader_would_miss_is_written() {
    let person = Draft { name: "Jo".into(), org: Some("Jo".into()), ..Draft::default() };
    assert!(exported(&contact(&person)).contains(&"KIND:individual".to_owned()));
    let firm = Draft { name: "Acme".into(), kind: ContactKind::Organisation, ..Draft::default() };
    assert!(exported(&contact(&firm)).contains(&"KIND:org".to_owned()));
    let plain = Draft { name: "Jo".into(), ..Draft::default() };
    assert_eq!(exported(&contact(&plain)), ["FN:Jo"]);
}

#[test]
fn places_tell_card_and_line() {
    let text = b"BEGIN:VCARD\nFN:A\nEND:VCARD\n\nBEGIN:VCARD\nFN:B\nEND:VCARD\n";
    let places: Vec<_> =
        read(text, Format::Vcard, &options()).unwrap().into_iter().map(|row| row.place).collect();
    assert_eq!(places, ["card 1 (line 1)", "card 2 (line 5)"]);
}

#[test]
fn formats_are_told_apart() {
    for (bytes, name, expected) in [
        (&b"BEGIN:VCARD\nFN:A"[..], None, Some(Format::Vcard)),
        (b"junk\nbegin:vcard\n", Some("x.csv"), Some(Format::Vcard)),
        (b"name,email\nA,b@c", None, Some(Format::Csv)),
        (b"a;b\n1;2", Some("export.CSV"), Some(Format::Csv)),
        (b"a;b\n1;2", None, None),
        (b"FN:A", Some("a.vcf"), Some(Format::Vcard)),
        (b"PK\x03\x04rest", Some("a.csv"), None),
        (b"{\"name\": 1}", None, None),
        (b"", Some("a.csv"), None),
    ] {
        assert_eq!(detect(bytes, name).ok(), expected, "{name:?}");
    }
    assert_eq!(detect(&fixture("table-utf16.csv"), None).unwrap(), Format::Csv);
}
