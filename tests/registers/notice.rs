//! The information of Art. 13 and 14.

use super::common::World;
use super::introduce;

#[test]
fn what_the_registers_lack_is_named_and_there_is_no_text() {
    let world = World::with_firm();
    let said = world.carnet(&["notice", "--purpose", "customers"]).code(7);
    assert_eq!(said.out, "");
    for what in ["carnet.toml: organisation.address", "carnet organisation edit --set privacy_contact="] {
        assert!(said.err.contains(what), "{}", said.err);
    }
    introduce(&world);
    world.carnet(&["purpose", "add", "p", "--title", "T", "--description", "d", "--basis", "contract"]).ok();
    let lacks = world.carnet(&["notice", "--purpose", "p", "--json"]).code(7).json();
    let keys: Vec<&str> =
        lacks["missing"].as_array().unwrap().iter().map(|m| m["key"].as_str().unwrap()).collect();
    assert_eq!(keys, ["recipients", "required", "retention", "transfers"]);
    assert!(lacks["notice"].is_null() && lacks["text"].is_null());
    let lacks =
        world.carnet(&["notice", "--purpose", "p", "--lang", "fr", "--indirect", "--json"]).code(7).json();
    let keys: Vec<&str> =
        lacks["missing"].as_array().unwrap().iter().map(|m| m["key"].as_str().unwrap()).collect();
    for key in ["fr.purpose", "fr.title", "fr.source", "fr.categories.identity"] {
        assert!(keys.contains(&key), "{keys:?}");
    }
    world.carnet(&["notice", "--purpose", "nothing"]).code(3);
    world.carnet(&["purpose", "edit", "customers", "--set", "processors+=ghost"]).ok();
    let said = world.carnet(&["notice", "--purpose", "customers"]).code(7);
    assert!(said.err.contains("registers/processors/ghost.toml"), "{}", said.err);
}

#[test]
fn a_notice_has_everything_that_the_articles_ask_for_in_both_languages() {
    let world = World::with_firm();
    introduce(&world);
    for starter in ["invoicing", "support", "applicants"] {
        world.carnet(&["purpose", "add", "--starter", starter]).ok();
    }
    let all = ["customers", "prospects", "newsletter", "invoicing", "support", "applicants"];
    for (lang, words) in [
        (
            "fr",
            [
                "Responsable du traitement",
                "base légale",
                "Destinataires",
                "Durée de conservation",
                "Vos droits",
                "réclamation",
                "Transferts",
            ],
        ),
        (
            "en",
            [
                "Who is responsible",
                "legal basis",
                "receives your data",
                "How long",
                "Your rights",
                "complaint",
                "Transfers",
            ],
        ),
    ] {
        for purpose in all {
            for more in [&[][..], &["--indirect"]] {
                let args =
                    [&["notice", "--purpose", purpose, "--lang", lang, "--format", "md"], more].concat();
                let text = world.carnet(&args).ok().out;
                for word in words {
                    assert!(text.contains(word), "{purpose} {lang}: no {word:?} in\n{text}");
                }
                for hole in ["{", "}", "::", ": .", "..", " ,", "()"] {
                    assert!(!text.contains(hole), "{purpose} {lang}: {hole:?} in\n{text}");
                }
                assert!(text.contains("rgpd@example.org") && text.contains("CNIL"));
            }
        }
    }
}

#[test]
fn the_french_text_is_set_as_french_is() {
    let world = World::with_firm();
    introduce(&world);
    let text = world.carnet(&["notice", "--purpose", "customers", "--lang", "fr"]).ok().out;
    for bad in [" :", " ;", " ?", "'", "Art."] {
        assert!(!text.contains(bad), "{bad:?} in\n{text}");
    }
    for good in [
        "la relation client",
        "jusqu’à 10\u{a0}ans à compter du même événement",
        "art.\u{a0}15 du RGPD",
        "notre intérêt légitime (art.\u{a0}6,\u{a0}§\u{a0}1,\u{a0}f), du RGPD)\u{a0}: entretenir",
        "Version du 23\u{a0}novembre\u{a0}2026.",
    ] {
        assert!(text.contains(good), "no {good:?} in\n{text}");
    }
}

#[test]
fn rights_follow_the_basis_and_art_14_adds_categories_and_source() {
    let world = World::with_firm();
    introduce(&world);
    let text =
        |args: &[&str]| world.carnet(&[&["notice", "--lang", "en", "--purpose"], args].concat()).ok().out;
    let newsletter = text(&["newsletter"]);
    assert!(newsletter.contains("withdraw your consent") && newsletter.contains("portability"));
    assert!(!newsletter.contains("particular situation"));
    world.carnet(&["purpose", "add", "--starter", "invoicing"]).ok();
    let invoicing = text(&["invoicing"]);
    for no in ["withdraw your consent", "portability", "direct marketing", "particular situation"] {
        assert!(!invoicing.contains(no), "{no}");
    }
    let (direct, indirect) = (text(&["prospects"]), text(&["prospects", "--indirect"]));
    assert!(direct.contains("All data is optional.") && !direct.contains("trade fairs"));
    assert!(indirect.contains("trade fairs") && indirect.contains("professional life: firm, job title"));
}

#[test]
fn processors_and_transfers_are_told() {
    let world = World::with_firm();
    introduce(&world);
    let add = ["processor", "add", "mailco", "--name", "MailCo", "--service", "mailing", "--country", "US"];
    world.carnet(&add).ok();
    world.carnet(&["purpose", "edit", "newsletter", "--set", "processors+=mailco"]).ok();
    let said = world.carnet(&["notice", "--purpose", "newsletter", "--lang", "fr"]).code(7);
    assert!(said.err.contains("safeguard") && said.err.contains("service_fr"), "{}", said.err);
    let set = ["--set", "safeguard=standard-clauses", "--set", "service_fr=envoi de la lettre"];
    world.carnet(&[&["processor", "edit", "mailco"], &set[..]].concat()).ok();
    let text = world.carnet(&["notice", "--purpose", "newsletter", "--lang", "fr"]).ok().out;
    assert!(text.contains("MailCo, notre sous-traitant\u{a0}: envoi de la lettre (États-Unis)"), "{text}");
    assert!(text.contains("États-Unis (MailCo), sur le fondement suivant\u{a0}: clauses types"), "{text}");
    assert!(!text.contains("Aucune donnée n’est transférée"), "{text}");
    // One that works for the firm no more gets nothing.
    world.carnet(&["processor", "edit", "mailco", "--set", "until=2026-11-22"]).ok();
    let text = world.carnet(&["notice", "--purpose", "newsletter", "--lang", "fr"]).ok().out;
    assert!(!text.contains("MailCo") && text.contains("Aucune donnée n’est transférée"), "{text}");
}

#[test]
fn nothing_of_a_record_becomes_markup() {
    let world = World::with_firm();
    introduce(&world);
    let set = ["purpose", "edit", "customers", "--set", "required=<b>*all*</b> & [x](y)"];
    world.carnet(&set).ok();
    let notice =
        |format: &str| world.carnet(&["notice", "--purpose", "customers", "--format", format]).ok().out;
    let html = notice("html");
    assert!(html.starts_with("<!doctype html>\n<html lang=\"en\">") && html.ends_with("</html>\n"));
    assert!(html.contains("<p>&lt;b&gt;*all*&lt;/b&gt; &amp; [x](y)</p>"), "{html}");
    assert!(notice("md").contains("\\<b\\>\\*all\\*\\</b\\> \\& \\[x\\](y)"));
    assert!(notice("text").contains("<b>*all*</b> & [x](y)"));
}
