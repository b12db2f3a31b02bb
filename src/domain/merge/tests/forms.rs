//! How the result is written: comments, order and unknown keys stay, in whatever form the texts are.

use super::*;
use crate::domain::merge::text::in_place;

#[test]
fn the_whole_text_is_as_a_person_would_merge_it() {
    let early = edited(&[
        ("title = \"Clerk\"", "# since May\ntitle = \"Manager\" # at last"),
        ("\"north\",", "\"north\",\n  \"vip\","),
        ("shoe = 38\n", "shoe = 38\n# her own words\nmotto = \"carpe diem\"\n"),
        (
            "# the end\n",
            "# the other call\n[[activity]]\nid = \"a2\"\ntime = 2026-02-02\nkind = \"call\"\n\n# over\n",
        ),
    ]);
    let late = edited(&[("dog = \"Rex\"", "dog = \"Max\""), ("[\"e@example.org\", ", "[")]);
    let (_, merged) = both_ways(Some(BASE), &early, &late);
    let expected = early.replace("dog = \"Rex\"", "dog = \"Max\"").replace("[\"e@example.org\", ", "[");
    assert_eq!(merged.text, expected);
}

#[test]
fn a_comment_that_one_side_changed_comes_over() {
    let (_, merged) = merged(&[("# as on her card", "# as she says")], &[("shoe = 38", "shoe = 39")]);
    assert!(merged.text.contains("# as she says") && !merged.text.contains("on her card"), "{}", merged.text);
}

#[test]
fn every_form_of_toml_is_changed_in_place() {
    let inline = edited(&[
        ("[custom]\ndog = \"Rex\"\ncat = \"Tom\"\n", ""),
        ("shoe = 38", "custom = { dog = \"Rex\", cat = \"Tom\" }\nshoe = 38"),
    ]);
    let dotted = edited(&[
        ("[custom]\ndog = \"Rex\"\ncat = \"Tom\"\n", ""),
        ("shoe = 38", "custom.dog = \"Rex\"\ncustom.cat = \"Tom\"\nshoe = 38"),
    ]);
    let start = BASE.find("[[basis]]").unwrap();
    let arrays = format!(
        "{}\nconsent = [{{ id = \"c1\", purpose = \"newsletter\", action = \"asked\", time = 2026-01-02 }}]\n\
         basis = [{{ purpose = \"prospects\", basis = \"consent\" }}]\n",
        BASE[..start].replace("[custom]\ndog = \"Rex\"\ncat = \"Tom\"\n", "custom.dog = \"Rex\"\n")
    );
    let forms = [BASE.to_owned(), inline, dotted, arrays];
    for base in &forms {
        for other in &forms {
            let early = base
                .replace("\"Rex\"", "\"Max\"")
                .replace("\"fair\"", "\"fair\"\nnote = '''\nSeveral\nlines'''");
            let late = other.replace("\"Clerk\"", "\"Boss\"").replace("\"Tom\"", "\"Tim\"");
            for base in [None, Some(base.as_str())] {
                let (contact, merged) = both_ways(base, &early, &late);
                let values = merged.text.parse().unwrap();
                assert!(in_place(base, &late, &early, &values).is_some(), "{early}\n----\n{late}");
                assert_eq!(contact.note.as_deref(), Some("Several\nlines"));
                assert!(merged.text.contains("our first customer") && merged.text.contains("her card"));
            }
        }
    }
}

#[test]
fn tables_of_both_sides_go_where_theirs_are() {
    let early = edited(&[("# the end", "[vcard]\nproperties = [\n  \"X-A:1\",\n]\n\n[deep.er]\nx = 1\n")]);
    let late = edited(&[("# the end", "[vcard]\nproperties = [\"X-B:2\"]\n\n[deep.down]\ny = 2\n")]);
    let (contact, merged) = both_ways(Some(BASE), &early, &late);
    assert_eq!(contact.vcard.properties, ["X-B:2", "X-A:1"]);
    assert!(in_place(Some(BASE), &late, &early, &merged.text.parse().unwrap()).is_some());
    assert!(merged.text.contains("[deep.er]\nx = 1") && merged.text.contains("[deep.down]\ny = 2"));
}
