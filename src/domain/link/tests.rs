//! Links are made once, ended, begun anew, redirected; and read however they were written.

use super::*;

const TO: &str = "bbbbbbbb-1111-4111-8111-111111111111";
const OTHER: &str = "cccccccc-1111-4111-8111-111111111111";

fn text(more: &str) -> String {
    format!(
        "# hers\nid = \"aaaaaaaa-1111-4111-8111-111111111111\"\nbook = \"main\"\nname = \"A\"\nsource = \"s\"\n{more}\n\
         [[basis]]\npurpose = \"news\"\nbasis = \"consent\"\n"
    )
}

fn now() -> DateTime<Utc> {
    "2026-11-23T10:00:00Z".parse().unwrap()
}

fn wanted(role: &str, since: &str, until: &str) -> Wanted {
    let some = |text: &str| (text != "-").then(|| text.to_owned());
    Wanted { role: some(role), since: some(since), until: some(until) }
}

/// The text with the link put in.
fn linked(text: &str, to: &str, kind: &str, wanted: &Wanted) -> String {
    let mut doc = crate::domain::edit::document(text).unwrap();
    let contact = Contact::parse(text).unwrap();
    put(&mut doc, &contact, &to.parse().unwrap(), kind_of(kind).unwrap().0, wanted, now()).unwrap();
    doc.to_string()
}

fn links(text: &str) -> Vec<Link> {
    Contact::parse(text).unwrap().links
}

#[test]
fn a_link_is_changed_while_it_lasts_and_begun_anew_when_it_is_over() {
    let one = linked(&text(""), TO, "works-for", &wanted("Buyer", "2024-03", "-"));
    let same = linked(&one, TO, "works-for", &wanted("-", "-", "2025-06-30"));
    assert_eq!(links(&same).len(), 1, "{same}");
    assert!(
        same.contains("since = \"2024-03\"\nuntil = 2025-06-30\n") && same.starts_with("# hers"),
        "{same}"
    );
    assert!(links(&same)[0].is_over(now()) && !links(&one)[0].is_over(now()));
    let again = linked(&same, TO, "works-for", &wanted("Head", "2026", "-"));
    let both = links(&again);
    assert_eq!((both.len(), both[1].role.as_deref()), (2, Some("Head")));
    assert_ne!(both[0].id, both[1].id);
    // Two clones that make the same link make the same entry.
    assert_eq!(linked(&text(""), TO, "works-for", &wanted("Buyer", "2024-03", "-")), one);
    let none = linked(&one, TO, "works-for", &wanted("", "", "-"));
    assert_eq!((&links(&none)[0].role, &links(&none)[0].since), (&None, &None));
}

#[test]
fn lists_may_be_written_inline_and_anything_may_stand_in_them() {
    let inline = text(&format!("link = [{{ to = \"{TO}\", kind = \"works-for\", desk = 4 }}]"));
    let changed = linked(&inline, TO, "works-for", &wanted("Buyer", "-", "-"));
    assert_eq!(links(&changed).len(), 1);
    assert!(changed.contains("desk = 4") && changed.contains("role = \"Buyer\""), "{changed}");
    assert_eq!(links(&linked(&inline, OTHER, "friend", &wanted("-", "-", "-"))).len(), 2);
    let odd = text("link = [{ to = \"nobody\", kind = 'godmother', since = \"long ago\" }, {}]");
    let odd = links(&odd);
    assert_eq!((odd.len(), odd[0].is_over(now()), inverse(&odd[0].kind)), (2, false, "godmother"));
}

#[test]
fn what_ends_before_it_begins_is_refused() {
    let (doc, contact) = (text(""), Contact::parse(&text("")).unwrap());
    for (since, until) in [("2026-02-01", "2026-01-31"), ("2026-02", "2026-01"), ("2026", "2025-12-31")] {
        let mut doc = crate::domain::edit::document(&doc).unwrap();
        let kind = default_kind(ContactKind::Person, ContactKind::Organisation);
        assert!(
            put(&mut doc, &contact, &TO.parse().unwrap(), kind, &wanted("-", since, until), now()).is_err(),
            "{since} {until}"
        );
        assert_eq!(doc.to_string(), text(""));
    }
    assert!(links(&linked(&text(""), TO, "friend", &wanted("-", "2026-02", "2026-02-01"))).len() == 1);
    for bad in ["", "soon", "2026-13", "2026-02-30", "26", "2026-01-01T00:00:00Z"] {
        assert!(date(bad, "--since").is_err(), "{bad}");
    }
}

#[test]
fn kinds_have_two_sides_and_a_wrong_one_finds_the_nearest() {
    for kind in &KINDS {
        assert_eq!((inverse(kind.code), inverse(kind.inverse)), (kind.inverse, kind.code));
        assert_eq!(kind_of(kind.code).unwrap(), (kind, false));
    }
    assert!(kind_of("Parent of").unwrap().1 && !kind_of("works_for").unwrap().1);
    let hint = |text: &str| kind_of(text).unwrap_err().hint.unwrap_or_default();
    assert!(hint("colleage").contains("`colleague`"));
    assert!(hint("Jeanne Dupont").contains("--role") && !hint("Jeanne Dupont").contains("Jeanne"));
}

#[test]
fn a_merge_of_two_contacts_takes_links_along() {
    let both = linked(&text(""), TO, "works-for", &wanted("Buyer", "-", "-"));
    let both = linked(&both, OTHER, "works-for", &wanted("Buyer", "-", "-"));
    let (from, into): (ContactId, ContactId) = (TO.parse().unwrap(), OTHER.parse().unwrap());
    let after = redirect(&both, &from, &into).unwrap();
    assert_eq!(links(&after).len(), 1, "{after}");
    assert_eq!(links(&after)[0].to, OTHER);
    let own: ContactId = "aaaaaaaa-1111-4111-8111-111111111111".parse().unwrap();
    let alone = redirect(&linked(&text(""), TO, "friend", &wanted("-", "-", "-")), &from, &own).unwrap();
    assert_eq!(alone, text(""), "nobody is linked with themselves");
    let mut doc = crate::domain::edit::document(&both).unwrap();
    assert_eq!(remove(&mut doc, &|link| link.to == TO), 1);
    assert_eq!(remove(&mut doc, &|link| link.kind == "works-for"), 1);
    assert_eq!(doc.to_string(), text(""));
}
