//! Tables in and out.

use proptest::prelude::*;

use super::lossless::any_draft;
use super::*;
use crate::domain::contact::ContactKind;

fn rows(text: &str) -> Vec<Row> {
    read(text.as_bytes(), Format::Csv, &options()).unwrap()
}

fn one(text: &str) -> Draft {
    rows(text).remove(0).draft.unwrap()
}

#[test]
fn the_plain_header_in_any_order() {
    let draft = one("tags,email,note,name,organisation,phone,Pointure\n\
                     \"vip; ami\",ana@example.org,\"a\nb\",Ana Petit,Acme,06 12 34 56 78,38\n");
    assert_eq!((draft.name.as_str(), draft.org.as_deref()), ("Ana Petit", Some("Acme")));
    assert_eq!(
        (draft.emails[0].value.as_str(), draft.phones[0].value.as_str()),
        ("ana@example.org", "+33612345678")
    );
    assert_eq!(
        (draft.tags.clone(), draft.note.as_deref()),
        (vec!["vip".to_owned(), "ami".into()], Some("a\nb"))
    );
    assert_eq!(
        (draft.custom, draft.kind),
        (vec![("Pointure".to_owned(), "38".to_owned())], ContactKind::Person)
    );
}

#[test]
fn exports_of_other_programs() {
    let google = drafts(&fixture("google-csv.csv"), Format::Csv).remove(0);
    assert_eq!((google.name.as_str(), google.birthday.as_deref()), ("Éloïse Lefèvre", Some("1980-03-22")));
    let emails: Vec<_> = google.emails.iter().map(|e| (e.value.as_str(), e.kind.as_deref())).collect();
    let home = Some("home");
    assert_eq!(
        emails,
        [("eloise@example.org", Some("work")), ("elo@example.org", home), ("e.l@example.org", home)]
    );
    assert_eq!(google.tags, ["Clients"]);
    assert_eq!(google.addresses[0].kind.as_deref(), Some("work"));
    assert_eq!(google.note.as_deref(), Some("Deux\nlignes"));
    let outlook = read(&fixture("outlook.csv"), Format::Csv, &options()).unwrap().remove(0);
    assert!(outlook.notes.is_empty(), "what concerns the whole file is said of the file");
    let outlook = outlook.draft.unwrap();
    assert_eq!((outlook.prefix.as_deref(), outlook.title.as_deref()), (Some("Mme"), Some("Directrice")));
    assert_eq!((outlook.addresses.len(), outlook.addresses[0].extended.as_str()), (1, "Bât. 2"));
    assert_eq!(outlook.phones[1].kind.as_deref(), Some("work, fax"));
    assert_eq!(outlook.note.as_deref(), Some("été à l’hôtel"));
    let utf16 = drafts(&fixture("table-utf16.csv"), Format::Csv).remove(0);
    assert_eq!((utf16.name.as_str(), utf16.family.as_deref()), ("Zoé Lefèvre", Some("Lefèvre")));
}

#[test]
fn a_row_without_a_name_is_named_after_what_it_has() {
    for (row, name, kind) in [
        ("A,,", "A", ContactKind::Person),
        (",jo@example.org,", "jo@example.org", ContactKind::Person),
        (",jo@example.org,Acme", "jo@example.org", ContactKind::Person),
        (",info@example.org,Acme", "Acme", ContactKind::Organisation),
        (",,Acme", "Acme", ContactKind::Organisation),
    ] {
        let draft = one(&format!("name,email,company\n{row}\n"));
        assert_eq!((draft.name.as_str(), draft.kind), (name, kind), "{row}");
    }
    let rows = rows("name,email,company,phone\n,,,0612345678\n");
    assert_eq!(rows[0].draft, Err("the row has no name, e-mail address or organisation".into()));
}

#[test]
fn bad_rows_are_told_one_by_one_without_their_content() {
    let rows = rows(
        "name,email,basis\nA,secret at home,\nB,b@example.org,whatever\nC,c@example.org\n\
                     D,d@example.org,,x\n,,\nE,e@example.org,prospects:consent\n",
    );
    let reasons: Vec<_> = rows.iter().map(|row| row.draft.as_ref().err().map(String::as_str)).collect();
    let basis = Some("a basis is not written PURPOSE:BASIS");
    assert_eq!(reasons, [None, basis, None, Some("the row has 4 cells and the header 3"), None]);
    assert_eq!(rows[2].notes, ["the row has 2 cells and the header 3: the rest is empty"]);
    assert_eq!(rows[4].place, "row 7");
    assert_eq!(rows[0].notes, ["the e-mail address is not one and was kept as a custom field"]);
    assert_eq!(rows[0].draft.as_ref().unwrap().custom, [("email".to_owned(), "secret at home".to_owned())]);
    let said: Vec<_> = rows.iter().map(|row| (&row.place, &row.notes, row.draft.as_ref().err())).collect();
    assert!(!format!("{said:?}").contains("secret"));
}

#[test]
fn what_a_form_says_instead_of_an_address_is_not_one() {
    for nothing in ["néant", "-", "N.C.", "NC", "aucun", "/", "?", "pas d'adresse"] {
        let draft = one(&format!("name,email,phone\nA,{nothing},{nothing}\n"));
        assert!(draft.emails.is_empty() && draft.phones.is_empty() && draft.custom.is_empty(), "{nothing}");
    }
    let row = rows("name;phone\nA;6,12E+08\n").remove(0);
    assert_eq!(row.notes, ["a spreadsheet has rounded the phone number; it was kept as a custom field"]);
    assert_eq!(row.draft.unwrap().custom, [("phone".to_owned(), "6,12E+08".to_owned())]);
    assert_eq!(one("name,email\nA,a@b.example / c@d.example\n").emails.len(), 2);
}

#[test]
fn whole_files_that_are_no_table_are_refused() {
    for (bytes, message) in [
        (&b""[..], "empty"),
        (b"\xEF\xBB\xBF\n \n", "empty"),
        (b"name,email\n", "no rows"),
        (b"foo,bar\n1,2\n", "no column"),
        (b"name\nAndr\x82\n", "neither UTF-8"),
        (b"na\0me\nA\n", "NUL"),
    ] {
        let error = read(bytes, Format::Csv, &options()).unwrap_err();
        assert!(error.message.contains(message), "{error}");
    }
}

#[test]
fn several_addresses_dates_and_sources() {
    let draft = one("nom;courriel;date de naissance;source;base légale;type;langue\n\
                     Ana;Ana <ana@example.org>;03/02/1980;salon 2026;prospects:consent;société;fr\n");
    assert_eq!(
        (draft.emails[0].value.as_str(), draft.birthday.as_deref()),
        ("ana@example.org", Some("1980-02-03"))
    );
    assert_eq!(
        (draft.source.as_str(), draft.bases[0].to_string().as_str()),
        ("salon 2026", "prospects:consent")
    );
    assert_eq!((draft.kind, draft.lang.as_deref()), (ContactKind::Organisation, Some("fr")));
    for cell in ["a@example.org; b@example.org", "Al <a@example.org>, Bo <b@example.org>", "a@b.org c@d.org"]
    {
        assert_eq!(one(&format!("name,email\nA,\"{cell}\"\n")).emails.len(), 2, "{cell}");
    }
    let twice = one("name,type,custom.type\nA,prospect,b\n").custom;
    assert_eq!(twice, [("type".to_owned(), "prospect".to_owned()), ("type 2".to_owned(), "b".to_owned())]);
    let odd = rows("name,birthday,type\nA,next week,prospect\n").remove(0);
    let custom =
        [("birthday".to_owned(), "next week".to_owned()), ("type".to_owned(), "prospect".to_owned())];
    assert_eq!((odd.draft.unwrap().custom, odd.notes.len()), (custom.to_vec(), 1));
}

#[test]
fn formulas_leave_inert_and_come_back() {
    let draft = Draft { name: "=cmd|' /C calc'!A0".into(), note: Some("@x".into()), ..Draft::default() };
    let draft = Draft { custom: vec![("=key".into(), "'=1".into())], ..draft };
    let mut out = Vec::new();
    write_csv(&[contact(&draft)], &mut out).unwrap();
    let text = String::from_utf8(out).unwrap();
    assert!(text.lines().all(|line| !line.contains(",=") && !line.starts_with('=')), "{text}");
    assert!(text.contains("'=cmd") && text.contains("'=key") && text.contains("''=1"), "{text}");
    let again = one(&text);
    assert_eq!((again.name, again.note, again.custom), (draft.name, draft.note, draft.custom));
}

#[test]
fn the_plain_columns_are_always_there() {
    let mut out = Vec::new();
    write_csv(&[contact(&Draft { name: "A".into(), ..Draft::default() })], &mut out).unwrap();
    let text = String::from_utf8(out).unwrap();
    assert_eq!(
        text,
        "name,organisation,email,phone,tags,note,kind,source,basis\nA,,,,,,person,test,prospects:consent\n"
    );
}

#[test]
fn a_day_that_is_none_is_left_out_and_an_amount_of_nothing_is_not() {
    for (cell, kept) in [
        ("0/0/00", false),
        ("0000-00-00", false),
        ("00.00.0000", false),
        ("0.00", true),
        ("0-", true),
        ("0.0.0", true),
    ] {
        let table = format!("name,custom.due\nAda,{cell}\n");
        let rows = read(table.as_bytes(), Format::Csv, &options()).unwrap();
        let custom = &rows[0].draft.as_ref().unwrap().custom;
        let expected = kept.then(|| ("due".to_owned(), cell.to_owned()));
        assert_eq!(custom.first(), expected.as_ref(), "{cell}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    /// Any contacts go out as one table and come in as they were.
    #[test]
    fn own_fields_survive_a_table(drafts in proptest::collection::vec(any_draft(), 1..4)) {
        let contacts: Vec<Contact> = drafts.iter().map(contact).collect();
        let mut out = Vec::new();
        write_csv(&contacts, &mut out).unwrap();
        let rows = read(&out, Format::Csv, &options()).unwrap();
        prop_assert_eq!(rows.len(), drafts.len());
        for (row, mut expected) in rows.into_iter().zip(drafts) {
            let mut again = row.draft.unwrap();
            expected.source = "test".into();
            expected.bases = vec!["prospects:consent".parse().unwrap()];
            expected.custom.sort();
            again.custom.sort();
            prop_assert_eq!(again, expected);
        }
    }
}
