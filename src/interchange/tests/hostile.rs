//! Files that are broken, huge or made to harm.

use proptest::prelude::*;

use super::*;

fn first(bytes: &[u8]) -> Row {
    read(bytes, Format::Vcard, &options()).unwrap().remove(0)
}

#[test]
fn every_encoding_of_a_card() {
    let text = "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Zoé 😀 שלום\r\nEND:VCARD\r\n";
    let le: Vec<u8> =
        [0xFF, 0xFE].into_iter().chain(text.encode_utf16().flat_map(u16::to_le_bytes)).collect();
    let be: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
    let marked = [b"\xEF\xBB\xBF", text.as_bytes()].concat();
    for bytes in [text.as_bytes(), &marked, &le, &be] {
        assert_eq!(first(bytes).draft.unwrap().name, "Zoé 😀 שלום");
    }
    assert!(read(&le[..le.len() - 1], Format::Vcard, &options()).is_err(), "half a character");
}

#[test]
fn one_bad_card_does_not_spoil_the_others() {
    let rows = read(
        b"BEGIN:VCARD\nFN:A\0B\nEND:VCARD\nBEGIN:VCARD\nFN:Andr\x82\nEND:VCARD\nBEGIN:VCARD\nFN:Fine\nEND:VCARD\n",
        Format::Vcard,
        &options(),
    )
    .unwrap();
    assert_eq!(rows[0].draft, Err("line 2 holds NUL bytes".into()));
    assert_eq!(rows[1].draft, Err("line 5 holds text that is neither UTF-8 nor Windows-1252".into()));
    assert_eq!(rows[2].draft.as_ref().unwrap().name, "Fine");
}

#[test]
fn broken_frames_are_read_and_told() {
    let rows = read(b"hello\nBEGIN:VCARD\nFN:A\nBEGIN:VCARD\nFN:B", Format::Vcard, &options()).unwrap();
    assert_eq!(rows[0].notes.len(), 2, "{:?}", rows[0].notes);
    assert_eq!((rows[1].draft.as_ref().unwrap().name.as_str(), rows[1].notes.len()), ("B", 1));
    for none in [&b""[..], b"hello", b"FN:A\nEND:VCARD"] {
        assert!(read(none, Format::Vcard, &options()).is_err());
    }
}

#[test]
fn huge_fields_are_refused_with_their_place() {
    let note = "x".repeat(10 << 20);
    let card = format!("BEGIN:VCARD\nFN:A\nNOTE:{note}\nEND:VCARD\nBEGIN:VCARD\nFN:B\nEND:VCARD\n");
    let rows = read(card.as_bytes(), Format::Vcard, &options()).unwrap();
    assert_eq!(rows[0].draft, Err("the property in line 3 is larger than 4 MB".into()));
    assert!(rows[1].draft.is_ok());
    let table = format!("name,note\nA,{note}\nB,\n");
    let rows = read(table.as_bytes(), Format::Csv, &options()).unwrap();
    assert_eq!(rows[0].draft, Err("a cell is larger than 1 MB".into()));
    assert!(rows[1].draft.is_ok());
    let many = format!("BEGIN:VCARD\nFN:A\n{}END:VCARD\n", "X-A:1\n".repeat(2001));
    assert!(first(many.as_bytes()).draft.unwrap_err().contains("2000 properties"));
}

#[test]
fn names_that_attack_stay_text() {
    let nasty = "\u{202e}<script>alert(1)</script>\u{1b}[31m $(rm -rf) ]]> \"\"\" ../../x";
    let draft = card(&format!("FN:{nasty}\nN:;Jo;;;"));
    let again = contact(&draft);
    assert_eq!(again.name, nasty.replace('\u{1b}', ""), "control characters have no place in vCard text");
    let out = write_vcards(&[again]).unwrap();
    assert!(!out.contains('\u{1b}') && out.contains("<script>"));
}

/// Bytes that look like what the readers look for.
fn soup(words: &'static [&'static str]) -> impl Strategy<Value = Vec<u8>> {
    let word = prop_oneof![
        6 => proptest::sample::select(words).prop_map(|word| word.as_bytes().to_vec()),
        2 => "\\PC{0,6}".prop_map(String::into_bytes),
        1 => proptest::collection::vec(any::<u8>(), 0..4),
    ];
    proptest::collection::vec(word, 0..60).prop_map(|words| words.concat())
}

const VCARD: &[&str] = &[
    "BEGIN:VCARD\r\n",
    "END:VCARD\n",
    "VERSION:2.1\n",
    "VERSION:4.0\r\n",
    "\n",
    "\n ",
    "\r",
    "=\n",
    "=C3=A9",
    "=",
    "\\n",
    "\\",
    ";",
    ":",
    ",",
    "\"",
    ".",
    "item1.",
    "FN",
    "N",
    "TEL",
    "EMAIL",
    "ADR",
    "ORG",
    "BDAY",
    "CATEGORIES",
    "PHOTO",
    "AGENT:\n",
    "X-ABLabel",
    "LABEL",
    "REV",
    "X-CARNET-FIELD:",
    "TYPE=",
    "PREF=1",
    "ENCODING=QUOTED-PRINTABLE",
    "ENCODING=b",
    "CHARSET=UTF-16",
    "CHARSET=x",
    "X-CUSTOM(",
    ")",
    "19800229",
    "1980-02-31",
    "tel:+33",
    "06 12 34 56 78",
    ";ext=1",
    "a@b.c",
    "data:image/png;base64,",
    "QUJD",
    "é",
];

const CSV: &[&str] = &[
    "name",
    "email",
    "phone",
    "tags",
    "address 2",
    "basis",
    "custom.",
    "type",
    "\n",
    "\r\n",
    ",",
    ";",
    "\t",
    "\"",
    "\"\"",
    "'=",
    "=",
    " ::: ",
    "sep=;\n",
    "a@b.c",
    "06 12",
    "prospects:consent",
    "31/12/1999",
    "é",
    "\u{feff}",
    "\0",
];

fn survives(bytes: &[u8]) {
    let _ = detect(bytes, None);
    for format in [Format::Vcard, Format::Csv] {
        let Ok(rows) = read(bytes, format, &options()) else { continue };
        let fine: Vec<Contact> =
            rows.into_iter().filter_map(|row| row.draft.ok()).map(|draft| contact(&draft)).collect();
        let cards = write_vcards(&fine).unwrap();
        let again = read(cards.as_bytes(), Format::Vcard, &options()).unwrap_or_default();
        let again = again.iter().filter(|row| row.draft.is_ok()).count();
        assert_eq!(again, fine.len(), "as many cards out as in: {}", cards.escape_debug());
        write_csv(&fine, std::io::sink()).unwrap();
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn arbitrary_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        survives(&bytes);
    }

    #[test]
    fn card_like_bytes_never_panic(bytes in soup(VCARD)) {
        survives(&bytes);
        survives(&[b"BEGIN:VCARD\nFN:A\n", bytes.as_slice()].concat());
    }

    #[test]
    fn table_like_bytes_never_panic(bytes in soup(CSV)) {
        survives(&bytes);
        survives(&[b"name,email,note\nA,b@example.org,", bytes.as_slice()].concat());
    }

    /// Cutting a real file anywhere, or flipping a byte of it, is survived.
    #[test]
    fn damaged_files_never_panic(which in 0..4usize, at in any::<proptest::sample::Index>(), byte in any::<u8>()) {
        let mut bytes = fixture(["iphone.vcf", "outlook-2.1.vcf", "nextcloud-davx5.vcf", "google-csv.csv"][which]);
        let at = at.index(bytes.len());
        survives(&bytes[..at]);
        bytes[at] = byte;
        survives(&bytes);
    }
}
