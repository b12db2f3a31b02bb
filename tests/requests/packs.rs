//! Access and portability packs, rectifications, refusals: what goes out, and what is recorded of it.

use std::collections::BTreeSet;

use super::{entry, firm, last_access, open, place};

fn names(dir: &std::path::Path) -> BTreeSet<String> {
    std::fs::read_dir(dir).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect()
}

#[test]
fn an_access_pack_holds_all_of_it_and_its_hash_is_in_the_register() {
    let (world, id) = firm();
    world.carnet(&["show", &id]).ok();
    world.carnet(&["edit", &id, "--set", "title=Chef <b>"]).ok();
    std::fs::write(world.path().join("form.txt"), "signed: Jeanne").unwrap();
    std::fs::write(world.path().join("news.md"), "May we write to you?\n").unwrap();
    world.carnet(&["wording", "add", "newsletter", "../news.md"]).ok();
    let give = [
        "consent",
        "give",
        &id,
        "--purpose",
        "newsletter",
        "--wording",
        "newsletter",
        "--evidence",
        "../form.txt",
    ];
    world.carnet(&give).ok();
    let reference = open(&world, "access", &id, &[]);
    let (dir, out) = place(&world, "reply");
    let said = world.carnet(&["request", "answer", &reference, "--out", &out]).ok();
    let mut found = names(&dir);
    let evidence: Vec<String> = found.iter().filter(|name| name.starts_with("evidence-")).cloned().collect();
    assert_eq!(std::fs::read_to_string(dir.join(&evidence[0])).unwrap(), "signed: Jeanne");
    found.remove(&evidence[0]);
    let expected =
        ["SHA256SUMS", "contact.csv", "contact.vcf", "data.html", "data.json", "history.csv", "letter.html"];
    assert_eq!(found, expected.map(str::to_owned).into());
    let sum = |file: &str, args: &[&str]| {
        let mut run = world.command("sha256sum", &dir);
        super::common::said(run.args(args).arg(file).output().unwrap()).ok().out
    };
    assert_eq!(sum("SHA256SUMS", &["-c"]).matches(": OK").count(), 7);
    let hash = sum("SHA256SUMS", &[])[..64].to_owned();
    assert!(entry(&world, &reference).contains(&hash) && said.err.contains(&hash));
    use std::os::unix::fs::PermissionsExt;
    assert_eq!(dir.join("data.json").metadata().unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(dir.metadata().unwrap().permissions().mode() & 0o777, 0o700);

    let read = |name: &str| std::fs::read_to_string(dir.join(name)).unwrap();
    let page = read("data.html");
    for part in [
        "Jeanne Dupont",
        "jeanne@example.org",
        "haggles",
        "fair",
        "Chef &lt;b&gt;",
        "Prospects",
        "legitimate interests",
        "Finding customers",
        "3\u{a0}years",
        "European Economic Area",
        "contact shown",
        "contact edited",
        "CNIL",
    ] {
        assert!(page.contains(part), "{part}");
    }
    // Who of the firm read it is not said (CJEU, C-579/21).
    for name in ["Ana", "ana@"] {
        assert!(
            !page.contains(name) && !read("data.json").contains(name) && !read("history.csv").contains(name),
            "{name}"
        );
    }
    let json: serde_json::Value = serde_json::from_str(&read("data.json")).unwrap();
    assert_eq!(json["schema"], "carnet.personal-data/1");
    let data = &json["data"];
    assert_eq!((&data["record"]["note"], &data["request"]), (&"haggles".into(), &reference.as_str().into()));
    assert_eq!(data["purposes"][0]["id"], "prospects");
    let history: Vec<&str> =
        data["history"].as_array().unwrap().iter().map(|l| l["action"].as_str().unwrap()).collect();
    assert!(
        history.contains(&"show") && history.contains(&"add") && history.contains(&"edit"),
        "{history:?}"
    );
    assert!(
        read("contact.vcf").contains("FN:Jeanne Dupont")
            && read("contact.csv").contains("jeanne@example.org")
    );
    assert!(read("letter.html").contains("Art.\u{a0}77 GDPR"), "the letter names the complaint");

    let access = last_access(&world);
    assert!(
        access.contains("Carnet-Action: export")
            && access.contains(&format!("Carnet-Request: {reference}"))
            && access.contains(&id)
    );
    world.carnet(&["verify"]).ok();
}

#[test]
fn pages_are_in_the_persons_language_with_its_typography() {
    let (world, id) = firm();
    world.carnet(&["edit", &id, "--set", "lang=fr-FR"]).ok();
    let reference = open(&world, "access", &id, &[]);
    let (dir, out) = place(&world, "reply");
    world.carnet(&["request", "answer", &reference, "--out", &out]).ok();
    let read = |name: &str| std::fs::read_to_string(dir.join(name)).unwrap();
    let (letter, page) = (read("letter.html"), read("data.html"));
    assert!(
        letter.contains("<html lang=\"fr\">")
            && letter.contains("droit d’accès")
            && letter.contains("recours juridictionnel")
    );
    assert!(page.contains("Vos données à caractère personnel") && page.contains("intérêts légitimes"));
    let text = |html: &str| -> String {
        let body = html.split("</style>").nth(1).unwrap();
        body.split('<')
            .filter_map(|part| part.split_once('>').map(|(_, text)| text.to_owned()))
            .collect::<Vec<_>>()
            .join("\u{1}")
    };
    for bad in [" :", " ;", " !", "'", "&#39;"] {
        assert!(!text(&letter).contains(bad), "{bad:?} in the letter");
    }
    for html in [&letter, &page] {
        for bad in ["<script", "http://", "https://", "url("] {
            assert!(!html.contains(bad), "{bad}");
        }
    }
}

#[test]
fn what_is_left_out_is_said_and_makes_it_partial() {
    let (world, id) = firm();
    let reference = open(&world, "access", &id, &[]);
    let (dir, out) = place(&world, "reply");
    world.carnet(&["request", "answer", &reference, "--out", &out, "--leave-out", "note"]).ok();
    for name in names(&dir) {
        assert!(!std::fs::read_to_string(dir.join(&name)).unwrap().contains("haggles"), "{name}");
    }
    assert!(std::fs::read_to_string(dir.join("data.html")).unwrap().contains("rights of others"));
    let text = entry(&world, &reference);
    assert!(text.contains("decision = \"partly\"") && text.contains("left_out = [\"note\"]"), "{text}");
}

#[test]
fn portability_is_narrower_than_access() {
    let (world, id) = firm();
    let reference = open(&world, "portability", &id, &[]);
    let (dir, out) = place(&world, "reply");
    world.carnet(&["request", "answer", &reference, "--out", &out]).ok();
    let expected = ["SHA256SUMS", "contact.csv", "contact.vcf", "data.html", "data.json", "letter.html"];
    assert_eq!(names(&dir), expected.map(str::to_owned).into());
    for name in names(&dir) {
        let text = std::fs::read_to_string(dir.join(&name)).unwrap();
        assert!(
            !text.contains("haggles") && !text.contains("prospects") && !text.contains("Prospects"),
            "{name}"
        );
    }
    assert!(std::fs::read_to_string(dir.join("contact.vcf")).unwrap().contains("TEL:+33612345678"));
    // Nothing under consent or contract: nothing to take along, and a letter that says so.
    let other = world.add("Léon Petit", &[]);
    let reference = open(&world, "portability", &other, &[]);
    let said = world.carnet(&["request", "answer", &reference, "--out", "../none"]).code(5);
    assert!(said.err.contains("not-portable") && !world.path().join("none").exists());
    world.carnet(&["request", "answer", &reference, "--out", "../none", "--refuse", "not-portable"]).ok();
    let letter = std::fs::read_to_string(world.path().join("none/letter.html")).unwrap();
    assert!(
        letter.contains("neither on your consent nor on a contract") && letter.contains("judicial remedy")
    );
}

#[test]
fn a_rectification_is_told_before_and_after() {
    let (world, id) = firm();
    let reference = open(&world, "rectification", &id, &[]);
    let said = world.carnet(&["request", "answer", &reference, "--out", "../reply"]).code(5);
    assert!(said.err.contains("carnet edit") && !world.path().join("reply").exists());
    world.carnet(&["edit", &id, "--set", "name=Jeanne Dupond", "--add-email", "work:j@example.com"]).ok();
    world.carnet(&["request", "answer", &reference, "--out", "../reply", "--told", "mailing-house"]).ok();
    let letter = std::fs::read_to_string(world.path().join("reply/letter.html")).unwrap();
    for part in ["Jeanne Dupont", "Jeanne Dupond", "j@example.com", "mailing-house", "Art.\u{a0}19"] {
        assert!(letter.contains(part), "{part}");
    }
    assert!(!letter.contains("+33612345678"), "what did not change is not in it");
    assert!(entry(&world, &reference).contains("recipient = \"mailing-house\""));
}

#[test]
fn a_refusal_has_its_ground_and_the_remedies() {
    let (world, id) = firm();
    let reference = open(&world, "access", &id, &[]);
    let refuse = ["--refuse", "excessive", "--because", "The fifth letter of Me Roux in November."];
    world.carnet(&[&["request", "answer", &reference, "--out", "../reply"][..], &refuse].concat()).ok();
    let letter = std::fs::read_to_string(world.path().join("reply/letter.html")).unwrap();
    for part in
        ["excessive", "Art.\u{a0}12(5)", "The fifth letter", "Art.\u{a0}77", "CNIL", "judicial remedy"]
    {
        assert!(letter.contains(part), "{part}");
    }
    let text = entry(&world, &reference);
    assert!(
        text.contains("ground = \"excessive\"")
            && text.contains("what = \"companion\"")
            && !text.contains("Roux"),
        "{text}"
    );
    assert!(text.contains("until = \"2031-11-23\""), "{text}");
}

#[test]
fn a_firms_own_letter_replaces_the_embedded_one() {
    let (world, id) = firm();
    let dir = world.firm().join("templates/pack/en");
    std::fs::create_dir_all(&dir).unwrap();
    let own = "{% extends \"pack/letter.html\" %}{% block body %}<p>Hi {{ v.name }}, it's all here.</p>{% endblock %}";
    std::fs::write(dir.join("access.html"), own).unwrap();
    world.git(&["add", "templates"]).ok();
    world.git(&["-c", "commit.gpgSign=false", "commit", "-qm", "our letter"]).ok();
    let reference = open(&world, "access", &id, &[]);
    world.carnet(&["request", "answer", &reference, "--out", "../reply"]).ok();
    let letter = std::fs::read_to_string(world.path().join("reply/letter.html")).unwrap();
    assert!(letter.contains("Hi Jeanne Dupont, it’s all here."), "{letter}");
    std::fs::write(dir.join("access.html"), "{% if %}").unwrap();
    world.git(&["-c", "commit.gpgSign=false", "commit", "-qam", "broken"]).ok();
    let other = open(&world, "access", &id, &[]);
    let said = world.carnet(&["request", "answer", &other, "--out", "../two"]).code(1);
    assert!(said.err.contains("templates/pack") && !world.path().join("two").exists(), "{}", said.err);
}
