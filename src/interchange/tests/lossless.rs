//! Nothing that a card held is lost. calcard, which our own reading of a whole card does not rely on, is the
//! judge of what each side holds; where it misreads the original, the test says how.

use calcard::vcard::{VCardEntry, VCardParameterValue, VCardProperty, VCardValue};
use calcard::{Entry, Parser};
use proptest::prelude::*;

use super::*;

/// A property as calcard sees it: group, name, parameters, values.
type Fact = (String, String, Vec<(String, String)>, Vec<Vec<u8>>);

fn fact(entry: &VCardEntry) -> Fact {
    let param = |p: &calcard::vcard::VCardParameter| match &p.value {
        // `TEL;WORK` of version 2.1, where calcard does not know the word.
        VCardParameterValue::Null => ("TYPE".to_owned(), p.name.as_str().to_lowercase()),
        value => {
            let name = p.name.as_str().to_uppercase();
            let text = value.clone().into_text().into_owned();
            if name == "TYPE" { (name, text.to_lowercase()) } else { (name, text) }
        }
    };
    let mut params: Vec<_> = entry.params.iter().map(param).collect();
    params.sort();
    let value = |value: &VCardValue| match value {
        VCardValue::Binary(data) => data.data.clone(),
        VCardValue::Component(list) => list.join(",").into_bytes(),
        // A line break is \n in version 4.0, whatever it was in quoted-printable.
        VCardValue::Text(text) => text.replace("\r\n", "\n").into_bytes(),
        other => format!("{other:?}").into_bytes(),
    };
    let group = entry.group.clone().unwrap_or_default().to_lowercase();
    (group, entry.name.as_str().to_uppercase(), params, entry.values.iter().map(value).collect())
}

fn facts(text: &str) -> Vec<Vec<Fact>> {
    let mut parser = Parser::new(text);
    let mut cards = Vec::new();
    loop {
        match parser.entry() {
            Entry::VCard(card) => {
                let own = card.entries.iter().filter(|e| e.name != VCardProperty::Version);
                cards.push(own.map(fact).collect());
            }
            Entry::Eof => return cards,
            _ => {}
        }
    }
}

/// What calcard makes of an original that is not what the original says, by fixture.
const MISREAD: [(&str, &str, &str); 4] = [
    ("android-2.1.vcf", "TEL", "Android's X-CUSTOM(…) becomes three parameters"),
    ("samsung.vcf", "EMAIL", "Android's X-CUSTOM(…) becomes a parameter's name"),
    ("outlook-2.1.vcf", "NOTE", "UTF-8 beside quoted-printable without a charset becomes Latin-1"),
    ("evolution.vcf", "NOTE", "the backslash of C:\\Users is dropped"),
];

const FIXTURES: [&str; 10] = [
    "android-2.1.vcf",
    "evolution.vcf",
    "exchange.vcf",
    "gmail-3.0.vcf",
    "iphone.vcf",
    "nextcloud-davx5.vcf",
    "outlook-2.1.vcf",
    "samsung.vcf",
    "thunderbird.vcf",
    "windows-contacts.vcf",
];

#[test]
fn version_3_0_carries_what_every_device_had() {
    let own = |draft: &Draft| Draft {
        vcard: Vec::new(),
        custom: draft
            .custom
            .iter()
            .cloned()
            .collect::<std::collections::BTreeMap<_, _>>()
            .into_iter()
            .collect(),
        ..draft.clone()
    };
    for name in FIXTURES {
        for draft in drafts(&fixture(name), Format::Vcard) {
            let written =
                |draft: &Draft| write_linked_vcards(&[contact(draft)], &|_| Vec::new(), Version::V3).unwrap();
            let text = written(&draft);
            let unfolded = text.replace("\r\n ", "");
            for four in ["VERSION:4.0", "KIND:org", ":data:", "PREF="] {
                assert!(!unfolded.contains(four), "{name}: {four}: {unfolded}");
            }
            assert!(unfolded.contains("\r\nN:") || unfolded.contains("\r\nN;"), "{name}: {unfolded}");
            assert_eq!(facts(&text).len(), 1, "{name}");
            let again = drafts(text.as_bytes(), Format::Vcard).remove(0);
            let mut wanted = own(&draft);
            if wanted.family.is_none()
                && wanted.given.is_none()
                && again.family.as_deref() == Some(&draft.name)
            {
                // 3.0 demands an N: a name without parts stands there whole.
                wanted.family = again.family.clone();
            }
            assert_eq!(own(&again), wanted, "{name}");
            // What no field holds is there, too, under its own name or under that which 3.0 has for it.
            let names = |lines: &[String]| -> Vec<String> {
                let name = |line: &String| line.split([':', ';']).next().unwrap_or_default().to_uppercase();
                let mut names: Vec<String> =
                    lines.iter().map(name).filter(|name| name != "UID" && name != "N").collect();
                names.sort();
                names
            };
            let (before, after) = (names(&draft.vcard), names(&again.vcard));
            let lost: Vec<&String> = before.iter().filter(|name| !after.contains(name)).collect();
            assert!(
                lost.iter().all(|name| ["KIND", "BDAY", "X-ABSHOWAS"].contains(&name.as_str())),
                "{name}: {lost:?}"
            );
            assert_eq!(
                written(&again),
                written(&drafts(written(&again).as_bytes(), Format::Vcard).remove(0)),
                "{name}"
            );
        }
    }
}

#[test]
fn every_property_of_every_device_goes_in_and_out() {
    for name in FIXTURES {
        let bytes = fixture(name);
        let (text, _) = charset::text(&bytes).unwrap();
        let drafts = drafts(&bytes, Format::Vcard);
        let originals = facts(&text);
        assert_eq!(drafts.len(), originals.len(), "{name}");
        for (draft, originals) in drafts.iter().zip(originals) {
            let mut written = facts(&write_vcards(&[contact(draft)]).unwrap()).remove(0);
            let mut lost = Vec::new();
            for original in originals {
                match written.iter().position(|fact| *fact == original) {
                    Some(at) => drop(written.swap_remove(at)),
                    None => lost.push(original.1),
                }
            }
            let misread: Vec<&str> = MISREAD.iter().filter(|m| m.0 == name).map(|m| m.1).collect();
            lost.retain(|property| !misread.contains(&property.as_str()));
            assert_eq!(lost, [""; 0], "{name}: lost");
            let ours = ["UID", "KIND"].into_iter().chain(misread);
            let added: Vec<String> = written.into_iter().map(|fact| fact.1).collect();
            let added: Vec<&String> =
                added.iter().filter(|name| !ours.clone().any(|our| our == *name)).collect();
            assert_eq!(added, [""; 0], "{name}: added");
        }
    }
}

#[test]
fn what_calcard_misreads_is_kept_as_it_was_meant() {
    for (name, expected) in [
        ("android-2.1.vcf", "TEL;TYPE=\"Atelier été\":0142685300"),
        ("samsung.vcf", "EMAIL;TYPE=perso:hoa.nguyen@example.org"),
        ("outlook-2.1.vcf", "NOTE:Treffen in Lyon\\, nächste Woche\\;\\nAngebot über 5 € schicken: 20=0"),
        ("evolution.vcf", "NOTE:Likes \\, commas\\; and C:\\\\Users."),
    ] {
        let lines = exported(&contact(&drafts(&fixture(name), Format::Vcard)[0]));
        assert!(lines.iter().any(|line| line == expected), "{name}: {lines:#?}");
    }
}

#[test]
fn a_second_time_around_changes_nothing() {
    for name in FIXTURES {
        for draft in drafts(&fixture(name), Format::Vcard) {
            let text = write_vcards(&[contact(&draft)]).unwrap();
            let mut again = drafts(text.as_bytes(), Format::Vcard).remove(0);
            let mut once = draft.clone();
            for draft in [&mut once, &mut again] {
                draft.vcard.retain(|line| !line.starts_with("UID:"));
                draft.vcard.sort();
            }
            assert_eq!(again, once, "{name}");
        }
    }
}

#[test]
fn a_card_of_plain_properties_keeps_no_lines() {
    let draft = card(
        "VERSION:4.0\nFN:Ana Petit\nN:Petit;Ana;;;\nNICKNAME:An,Annie\nORG:Acme\nTITLE:Chief\nROLE:Lead\n\
         BDAY:19800203\nLANG:fr\nEMAIL;TYPE=work:ana@example.org\nTEL;TYPE=cell:+33612345678\n\
         ADR;TYPE=HOME:;;1 rue X;Paris;;75001;France\nURL:https://example.org/a,b;c\nCATEGORIES:vip,a\\,b\n\
         NOTE:one\\, two\\nthree\nX-CARNET-FIELD:size\\;eu;38",
    );
    assert_eq!(draft.vcard, [""; 0]);
    assert_eq!(draft.custom, [("size;eu".to_owned(), "38".to_owned())]);
    let older =
        card("FN:Jo\nN:;Jo;;;\nBDAY:1980-02-03\nURL:http\\://example.org\nTEL;TYPE=CELL:+33612345678");
    assert_eq!(older.vcard, [""; 0], "3.0 escapes and dates say the same");
}

#[test]
fn export_is_version_4_with_a_uid_folded() {
    let contact = contact(&card("FN:Jo\nN:;Jo;;;\nNOTE:".to_owned().as_str().trim_end_matches("NOTE:")));
    let text = write_vcards(std::slice::from_ref(&contact)).unwrap();
    assert!(text.starts_with("BEGIN:VCARD\r\nVERSION:4.0\r\n") && text.ends_with("END:VCARD\r\n"), "{text}");
    assert!(text.contains(&format!("UID:urn:uuid:{}\r\n", contact.id)));
    let long = contact_with_note(&"ü".repeat(300));
    assert!(write_vcards(&[long]).unwrap().split("\r\n").all(|line| line.len() <= 75));
}

fn contact_with_note(note: &str) -> Contact {
    contact(&Draft { name: "Jo".into(), note: Some(note.into()), ..Draft::default() })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    /// Any contact of our own fields goes out as vCard and comes in as it was, without a kept line.
    #[test]
    fn own_fields_survive_a_vcard(draft in any_draft()) {
        let text = write_vcards(&[contact(&draft)]).unwrap();
        let mut again = drafts(text.as_bytes(), Format::Vcard).remove(0);
        again.vcard.retain(|line| !line.starts_with("UID:urn:uuid:"));
        let mut expected = draft;
        expected.custom.sort();
        again.custom.sort();
        prop_assert_eq!(again, expected);
    }

    /// Any parameters and groups on any mapped property come out again.
    #[test]
    fn any_decoration_survives(
        name in "(item[1-9]\\.)?(TEL|EMAIL|URL|ORG|TITLE|NOTE|NICKNAME|CATEGORIES|ADR|LANG|X-[A-Z]{1,6})",
        params in "(;(TYPE=[a-z]{1,6}|PREF=[1-9]|X-[A-Z]{1,4}=[a-z0-9]{1,6}|LANGUAGE=fr)){0,3}",
        value in "[a-z@.;+0-9]{1,20}",
        twice in any::<bool>(),
    ) {
        let line = format!("{name}{params}:{value}");
        let lines = if twice { format!("{line}\n{line}") } else { line.clone() };
        let out = exported(&contact(&card(&format!("VERSION:4.0\nFN:Jo\nN:;Jo;;;\n{lines}"))));
        let original = crate::interchange::line::Line::parse(&line).unwrap();
        let same = |text: &String| {
            let written = crate::interchange::line::Line::parse(text).unwrap();
            written.head() == original.head() && value::same(&original.name, &written.value, &original.value)
        };
        prop_assert_eq!(out.iter().filter(|text| same(text)).count(), 1 + usize::from(twice), "{:?}", out);
    }
}

pub(super) fn any_text() -> impl Strategy<Value = String> {
    // Any characters, with what the formats give a meaning over-represented; no white space at the ends, which
    // fields of one line do not keep, and no control characters.
    "([^\\p{C}\\p{Z}]|[,;:\\\\\"'=a-zé]){1,3}( ?([^\\p{C}\\p{Z}]|[,;:\\\\\"'=@+a-zé]){1,4}){0,3}"
}

pub(super) fn any_draft() -> impl Strategy<Value = Draft> {
    let text = || proptest::option::of(any_text());
    let kind = || proptest::option::of("work|home|mobile|fax|work, fax|été");
    let typed = |value: &'static str| {
        (value, kind()).prop_map(|(value, kind)| crate::domain::contact::Typed { value, kind })
    };
    let distinct = |mut list: Vec<crate::domain::contact::Typed>| {
        let mut seen = std::collections::BTreeSet::new();
        list.retain(|typed| seen.insert(typed.value.clone()));
        list
    };
    let emails = proptest::collection::vec(typed("[a-zé]{1,6}@[a-z]{1,6}\\.org"), 0..4).prop_map(distinct);
    let phones = proptest::collection::vec(typed("\\+336[1-7][0-9]{7}|[0-9]{3,5} [a-z]{2,5}"), 0..3)
        .prop_map(distinct);
    let urls =
        proptest::collection::vec(typed("https://[a-z]{1,6}\\.org/[a-z,;?=]{0,6}"), 0..3).prop_map(distinct);
    let address = (any_text(), text(), "[0-9]{0,5}", "[A-Z]{0,2}", kind()).prop_map(
        |(street, extended, postcode, country, kind)| crate::domain::contact::Address {
            street,
            extended: extended.unwrap_or_default(),
            postcode,
            country,
            kind,
            ..Default::default()
        },
    );
    let addresses = proptest::collection::vec(address, 0..3).prop_map(|mut list| {
        list.dedup_by(|a, b| a == b);
        if list.len() == 2 && list[0] == list[1] {
            list.truncate(1)
        }
        list
    });
    let tags =
        proptest::collection::btree_set(any_text(), 0..4).prop_map(|set| set.into_iter().collect::<Vec<_>>());
    let custom = proptest::collection::btree_map(
        "[a-z]{1,8}( [a-zé;:\",=]{1,5})?|email|note 2|custom\\.x",
        any_text(),
        0..3,
    )
    .prop_map(|map| map.into_iter().collect::<Vec<_>>());
    let birthday = proptest::option::of("19[0-9]{2}-0[1-9]-[12][0-8]|--1[0-2]-[12][0-9]");
    let names = (any_text(), text(), text(), text(), text(), text());
    let about = (text(), text(), text(), birthday, proptest::option::of("fr|en-GB"), any::<bool>());
    let note = proptest::option::of("([^\\p{C}]|\n){0,20}[^\\p{C}\\p{Z}]([^\\p{C}]|\n){0,3}");
    (names, about, emails, phones, addresses, urls, tags, custom, note).prop_map(
        |(names, about, emails, phones, addresses, urls, tags, custom, note)| {
            let (name, given, family, additional, prefix, suffix) = names;
            let (org, title, role, birthday, lang, is_org) = about;
            // "note 2" continues a note, so that there must be one.
            let note =
                note.or_else(|| custom.iter().any(|(key, _)| key == "note 2").then(|| "first".to_owned()));
            let mut custom = custom;
            custom.retain(|(key, text)| key != "note 2" || Some(text) != note.as_ref());
            Draft {
                kind: if is_org {
                    crate::domain::contact::ContactKind::Organisation
                } else {
                    Default::default()
                },
                name,
                given,
                family,
                additional,
                prefix,
                suffix,
                org,
                title,
                role,
                birthday,
                lang,
                emails,
                phones,
                addresses,
                urls,
                tags,
                custom,
                note,
                ..Draft::default()
            }
        },
    )
}
