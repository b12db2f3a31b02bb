//! The data map as data, text and drawing.

use super::{clean, typed};

#[test]
fn the_map_shows_where_data_comes_from_lies_and_goes() {
    let world = clean();
    let id = world.add("Jeanne Dupont", &["--email", "jeanne@example.org"]);
    world
        .carnet(&[
            "processor",
            "add",
            "mailco",
            "--name",
            "MailCo & <Sons>",
            "--service",
            "mailing",
            "--country",
            "US",
        ])
        .ok();
    world
        .carnet(&[
            "purpose",
            "edit",
            "prospects",
            "--set",
            "processors+=mailco",
            "--set",
            "external+=the carrier",
        ])
        .ok();
    world.carnet(&["export", "--out", "../all.vcf"]).ok();
    let map = world.carnet(&["map", "--json"]).ok().json();
    let nodes: Vec<&str> =
        map["nodes"].as_array().unwrap().iter().map(|n| n["id"].as_str().unwrap()).collect();
    for id in [
        "source:trade fairs",
        "purpose:prospects",
        "book:main",
        "member:ana",
        "processor:mailco",
        "external:the carrier",
        "export:export",
    ] {
        assert!(nodes.contains(&id), "no {id} in {nodes:?}");
    }
    let link = |from: &str, to: &str| {
        let links = map["links"].as_array().unwrap();
        links
            .iter()
            .find(|l| l["from"] == from && l["to"] == to)
            .unwrap_or_else(|| panic!("no {from} to {to}"))
            .clone()
    };
    assert_eq!(link("purpose:prospects", "book:main")["contacts"], 1);
    for (from, to) in [
        ("source:trade fairs", "purpose:prospects"),
        ("book:main", "member:ana"),
        ("book:main", "processor:mailco"),
        ("purpose:prospects", "external:the carrier"),
        ("book:main", "export:export"),
    ] {
        link(from, to);
    }
    let text = world.carnet(&["map", "--lang", "fr"]).ok().out;
    for word in [
        "salons professionnels",
        "Personnes ayant accès",
        "intérêts légitimes",
        "États-Unis",
        "1\u{a0}contact",
    ] {
        assert!(text.contains(word), "no {word:?} in\n{text}");
    }
    for out in [&text, &map.to_string()] {
        assert!(!out.contains("Jeanne") && !out.contains("jeanne@") && !out.contains(&id), "{out}");
    }
}

/// Numbers of an attribute, in the order of the elements that match.
fn numbers(svg: &str, element: &str, attribute: &str) -> Vec<f64> {
    let begin = format!("<{element} ");
    let elements = svg.split(&begin).skip(1);
    elements
        .filter_map(|e| {
            e.split('>').next()?.split(&format!(" {attribute}=\"")).nth(1)?.split('"').next()?.parse().ok()
        })
        .collect()
}

#[test]
fn the_drawing_is_sound_and_no_box_lies_on_another() {
    let world = clean();
    for starter in ["invoicing", "support", "applicants"] {
        world.carnet(&["purpose", "add", "--starter", starter]).ok();
    }
    world.carnet(&["processor", "add", "mailco", "--name", "MailCo & <Sons>", "--service", "mailing"]).ok();
    world.add("Jeanne Dupont", &[]);
    for lang in ["en", "fr"] {
        let svg = world.carnet(&["map", "--format", "svg", "--lang", lang]).ok().out;
        assert!(svg.starts_with("<svg xmlns=") && svg.ends_with("</svg>\n"), "{svg}");
        assert!(
            svg.contains("MailCo &amp; &lt;Sons&gt;") && !svg.contains("<Sons>") && !svg.contains("<script")
        );
        // The first rectangle is the ground.
        let body = svg.split_once("fill=\"#ffffff\"/>").unwrap().1.replace("<rect ", "<rect  ");
        let [x, y, w, h] = ["x", "y", "width", "height"].map(|a| numbers(&body, "rect", a));
        assert!(x.len() > 12 && [y.len(), w.len(), h.len()] == [x.len(); 3], "{x:?} {y:?}");
        for a in 0..x.len() {
            for b in 0..a {
                let apart =
                    x[a] + w[a] <= x[b] || x[b] + w[b] <= x[a] || y[a] + h[a] <= y[b] || y[b] + h[b] <= y[a];
                assert!(apart, "boxes {a} and {b} of {lang}");
            }
        }
    }
    let checked = typed(
        &world,
        "carnet map --format svg > map.svg && python3 -c 'import xml.dom.minidom as m; m.parse(\"map.svg\")'",
    );
    assert_eq!(checked.code, 0, "{checked:?}");
}
