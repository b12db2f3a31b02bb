//! Templates of the firm's own: where they are taken from, what a broken one says, and what none may do.

use std::path::Path;

use crate::common::{Said, World};
use crate::html::words;
use crate::{commit_file, files, report, site};

/// One of carnet's own templates, changed.
fn changed(name: &str, from: &str, to: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("templates").join(name);
    let text = std::fs::read_to_string(path).unwrap();
    assert!(text.contains(from), "{name} has no {from}");
    text.replacen(from, to, 1)
}

/// Writes a file of `templates/`, committed.
fn put(world: &World, name: &str, text: &str) {
    std::fs::create_dir_all(world.firm().join("templates")).unwrap();
    commit_file(world, &format!("templates/{name}"), |_| text.to_owned());
}

fn take_away(world: &World, name: &str) {
    world.git(&["rm", "-q", &format!("templates/{name}")]).ok();
    world.git(&["commit", "-q", "--no-gpg-sign", "-m", "by hand"]).ok();
}

#[test]
fn a_template_of_the_commit_takes_the_place_of_carnets_and_the_pages_say_so() {
    let world = World::with_firm();
    let printed = world.carnet(&["report", "--template", "home.html"]).ok().out;
    assert_eq!(printed, changed("home.html", "", ""));
    put(&world, "home.html", &printed.replace("<h1>", "{% include \"_head.html\" %}<h1>"));
    put(&world, "_head.html", "<p>Chez {{ site.organisation }} & co.</p>");
    put(&world, "style.css", "body { background: url(\"data:image/png,x\") }");
    put(&world, "README.md", "not a template");
    let made = report(&world, &["--json"]).ok().json();
    assert_eq!(made["templates"], serde_json::json!(["_head.html", "home.html", "style.css"]));
    let first = site(&world);
    assert!(first["index.html"].contains("<p>Chez Atelier Martin & co.</p>"));
    assert!(first["style.css"].starts_with("body { background"));
    let check = words(&first["check.html"]);
    assert!(check.contains("templates/home.html") && check.contains("templates/_head.html"), "{check}");
    assert!(!check.contains("are a draft"), "{check}");
    let marker: serde_json::Value = serde_json::from_str(&first["carnet-site.json"]).unwrap();
    let sum = crate::common::said(
        world.command("sha256sum", &world.firm()).arg("templates/home.html").output().unwrap(),
    );
    assert_eq!(marker["templates"][1]["sha256"], sum.ok().out.split(' ').next().unwrap());
    let checked = world.carnet(&["report", "--check", "../site"]).ok();
    assert!(
        checked.err.contains("templates of the firm's own: _head.html, home.html, style.css."),
        "{}",
        checked.err
    );

    // What is not committed has no part in it: the same commit gives the same bytes.
    let file = world.firm().join("templates/home.html");
    std::fs::write(&file, "{{ broken").unwrap();
    report(&world, &[]).ok();
    let mut second = site(&world);
    let mut first = first;
    first.remove("SHA256SUMS.asc");
    second.remove("SHA256SUMS.asc");
    assert!(first == second, "an uncommitted template changed the site");
    world.git(&["checkout", "-q", "templates/home.html"]).ok();
    take_away(&world, "home.html");
    report(&world, &[]).ok();
    assert!(!site(&world)["index.html"].contains("Chez"));
}

#[test]
fn a_broken_template_is_named_with_file_line_and_variable_and_the_last_site_stays() {
    let world = World::with_firm();
    report(&world, &[]).ok();
    let good = files(&world.path().join("site"));
    let refused = |name: &str, text: &str, code: i32, said: &[&str]| {
        put(&world, name, text);
        let told: Said = report(&world, &[]).code(code);
        for part in said {
            assert!(told.err.contains(part), "{name}: no {part} in {}", told.err);
        }
        assert!(files(&world.path().join("site")) == good, "{name}: the last good site was touched");
        take_away(&world, name);
    };
    let home = |from: &str, to: &str| changed("home.html", from, to);
    refused(
        "home.html",
        &home("{{ t.home.lead }}", "{{ t.home.led }}"),
        1,
        &["templates/home.html, line 4", "t.home.led", "lead"],
    );
    refused(
        "home.html",
        &home("{{ t.home.lead }}", "{{ nothing }}"),
        1,
        &["templates/home.html, line 4", "`nothing`"],
    );
    refused(
        "home.html",
        &home("| label(of=\"page\") }}</a></h3>", "| lable(of=\"page\") }}</a></h3>"),
        1,
        &["line 15", "`lable`"],
    );
    refused("home.html", &home("{% endblock %}", ""), 1, &["templates/home.html, line 8", "unexpected end"]);
    refused("home.html", &home("base.html", "bsae.html"), 1, &["templates/home.html", "`bsae.html`"]);
    refused("home.html", &home("<h1>", "{% include \"_no.html\" %}<h1>"), 1, &["line 3", "`_no.html`"]);
    refused("hom.html", "x", 5, &["templates/hom.html", "`home.html`?"]);
    refused("site.js", "x", 5, &["templates/site.js", "cannot be replaced"]);
    refused("home.html", &home("<h1>", "<h1>{{ v.organisation | safe }}"), 1, &["line 3", "`safe`"]);
    // The template that one of carnet's own needs is gone: which page breaks is said, and where to look.
    refused(
        "parts.html",
        &changed("parts.html", "component mark(level", "component other(level")
            .replace("endcomponent mark", "endcomponent other"),
        1,
        &["`mark`", "template of your own"],
    );
    // A fault in one page leaves all of them.
    refused(
        "check.html",
        &changed("check.html", "{{ t.check.lead }}", "{{ v.signer.key }}"),
        1,
        &["templates/check.html, line 4", "v.signer"],
    );
    for dry in [&["report", "--template", "hom.html"][..], &["report", "--template", "../carnet.toml"]] {
        world.carnet(dry).code(3);
    }
}

#[test]
fn no_template_puts_code_or_another_host_on_a_page() {
    let world = World::with_firm();
    report(&world, &[]).ok();
    let good = files(&world.path().join("site"));
    let base = |from: &str, to: &str| ("base.html", changed("base.html", from, to));
    let home = |bad: &str| ("home.html", changed("home.html", "<h1>", &format!("{bad}<h1>")));
    let cases = [
        (home("<script>alert(1)</script>"), "a script"),
        (home("<p onclick=\"x()\">x</p>"), "`onclick`"),
        (home("<p style=\"color: red\">x</p>"), "`style`"),
        (home("<img alt=\"\" src=\"https://example.org/logo.png\">"), "https://example.org/logo.png"),
        (home("<a href=\"//example.org/\">x</a>"), "//example.org/"),
        (home("<a href=\"{{ \"java\" ~ \"script:x\" }}\">x</a>"), "javascript:x"),
        (home("<iframe src=\"audit.html\"></iframe>"), "<iframe>"),
        (base("script-src 'self'", "script-src 'self' 'unsafe-inline'"), "policy"),
        (base("<meta http-equiv=\"Content-Security-Policy\"", "<meta name=\"x\""), "policy"),
        (base("<meta charset=\"utf-8\">", "<link rel=\"icon\" href=\"data:image/png,x\">"), "policy"),
    ];
    for ((name, text), what) in cases {
        put(&world, name, &text);
        let told = report(&world, &[]).code(5);
        assert!(told.err.contains(what), "{what}: {}", told.err);
        assert!(files(&world.path().join("site")) == good, "{what}: the last good site was touched");
        take_away(&world, name);
    }
    put(&world, "style.css", "body { background: url(https://example.org/x.png) }");
    assert!(report(&world, &[]).code(5).err.contains("templates/style.css, line 1"));
}

#[test]
fn texts_of_the_registers_stay_inert_in_a_template_of_ones_own() {
    let world = World::with_firm();
    commit_file(&world, "carnet.toml", |t| {
        t.replace("\"Atelier Martin\"", "\"<script>alert(1)</script><a href='https://evil.example'>\"")
    });
    put(
        &world,
        "home.html",
        "{% extends \"base.html\" %}{% block content %}<h1 title=\"{{ v.organisation }}\">{{ v.organisation }}</h1>{% endblock %}",
    );
    report(&world, &[]).ok();
    let page = site(&world).remove("index.html").unwrap();
    assert_eq!(page.matches("<script").count(), 1);
    assert!(page.contains("<h1 title=\"&lt;script&gt;") && !page.contains("<a href='https"));
}

#[test]
fn templates_are_committed_as_they_lie_there_signed_and_one_that_is_gone_is_taken_away() {
    let world = World::with_firm();
    let dir = world.firm().join("templates");
    let save = |more: &[&str]| world.carnet(&[&["report", "--save-templates"], more].concat());
    let clean = || assert_eq!(world.git(&["status", "--porcelain"]).ok().out, "");
    assert!(save(&[]).ok().err.contains("has these templates already"));
    std::fs::create_dir_all(dir.join("pack/en")).unwrap();
    std::fs::write(dir.join("home.html"), changed("home.html", "<h1>", "<h1>Our ")).unwrap();
    std::fs::write(dir.join("README.md"), "Ours.\n").unwrap();
    std::fs::write(dir.join("notes.tmp~"), "left").unwrap();
    let head = world.head();
    let would = save(&["--dry-run"]).ok();
    assert!(would.err.contains("2 template(s)") && world.head() == head, "{}", would.err);
    assert_eq!(save(&[]).ok().out, "templates/README.md\ntemplates/home.html\n");
    assert!(world.git(&["log", "-1", "--format=%B"]).ok().out.contains("Carnet-Action: template-save"));
    std::fs::remove_file(dir.join("notes.tmp~")).unwrap();
    clean();
    report(&world, &[]).ok();
    assert!(site(&world)["index.html"].contains("<h1>Our "));
    // One that git knows is changed, one comes, one goes; what is broken or not a template's stops it.
    std::fs::write(dir.join("home.html"), changed("home.html", "<h1>", "<h1>Their ")).unwrap();
    assert!(world.carnet(&["purpose", "review", "prospects"]).code(1).err.contains("--save-templates"));
    std::fs::write(dir.join("_part.html"), "{% broken").unwrap();
    std::fs::remove_file(dir.join("README.md")).unwrap();
    let head = world.head();
    assert!(save(&[]).code(1).err.contains("templates/_part.html"));
    std::fs::write(dir.join("_part.html"), "<p>x</p>").unwrap();
    let settings = std::fs::read_to_string(world.firm().join("carnet.toml")).unwrap();
    std::fs::write(world.firm().join("carnet.toml"), format!("{settings}# by hand\n")).unwrap();
    assert!(save(&[]).code(1).err.contains("carnet.toml"));
    assert_eq!(world.head(), head, "nothing was committed");
    std::fs::write(world.firm().join("carnet.toml"), settings).unwrap();
    let saved = save(&["--json"]).ok().json();
    assert_eq!(
        saved["files"],
        serde_json::json!([
            { "path": "templates/README.md", "change": "removed" },
            { "path": "templates/_part.html", "change": "added" },
            { "path": "templates/home.html", "change": "changed" },
        ])
    );
    assert_eq!(saved["commit"], world.head());
    clean();
    world.carnet(&["verify"]).ok();
    // The letters are saved, too; the page on what changed names no file twice.
    std::fs::write(dir.join("pack/en/access.html"), "x").unwrap();
    assert_eq!(save(&["-q"]).ok().out, "templates/pack/en/access.html\n");
    report(&world, &[]).ok();
    let since = words(&site(&world)["since.html"]);
    assert!(since.contains("Templates changed 3") && !since.contains("Other changes 3"), "{since}");
}
