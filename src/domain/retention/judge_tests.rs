//! Tests of the judgement: month ends and leap days, which events count, several purposes, archives.

use super::*;
use crate::domain::retention::declared;

const TODAY: &str = "2026-11-23";

fn date(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn rules() -> Rules {
    let rule = |slug: &str, text: &str| (slug.parse().unwrap(), declared(slug, text).unwrap().retain);
    BTreeMap::from([
        rule("prospects", "[[retain]]\ncategory = \"p\"\nafter = \"last-contact\"\nmonths = 36\n"),
        rule(
            "customers",
            "[[retain]]\ncategory = \"c\"\nafter = \"relationship-end\"\nmonths = 36\n\
             [[retain]]\ncategory = \"accounts\"\ntags = [\"Account\"]\nafter = \"last-activity\"\nmonths = 24\n\
             [[retain]]\ncategory = \"invoices\"\ntags = [\"invoiced\"]\nafter = \"relationship-end\"\nmonths = 36\n\
             then = \"archive\"\narchive = { book = \"archive\", months = 120, ground = \"L123-22\" }\n",
        ),
        rule("newsletter", "[[retain]]\ncategory = \"n\"\nafter = \"consent-end\"\nmonths = 1\n"),
        rule("support", ""),
    ])
}

fn view(created: &str, rest: &str) -> View {
    View::parse(&format!(
        "id = \"3f9a2c1b-7c1e-4d5a-9a53-0d4c2f6f1e77\"\nbook = \"main\"\ncreated = {created}\n{rest}"
    ))
    .unwrap()
}

fn basis(purpose: &str, basis: &str, more: &str) -> String {
    format!("[[basis]]\npurpose = \"{purpose}\"\nbasis = \"{basis}\"\n{more}\n")
}

fn prospect(more: &str) -> String {
    format!("{}{more}", basis("prospects", "legitimate-interests", ""))
}

fn act(time: &str, kind: &str, direction: &str) -> String {
    format!("[[activity]]\nid = \"a\"\ntime = {time}\nkind = \"{kind}\"\ndirection = \"{direction}\"\n")
}

fn judged(view: &View, today: &str) -> Action {
    let (rules, today) = (rules(), date(today));
    action(view, &rules, &standings(view, &rules, today), today)
}

fn slug(text: &str) -> Slug {
    text.parse().unwrap()
}

#[test]
fn a_period_ends_with_the_last_hour_of_its_last_day() {
    for (from, months, last) in [
        ("2023-01-31", 1, "2023-02-28"),
        ("2024-01-31", 1, "2024-02-29"),
        ("2024-02-29", 36, "2027-02-28"),
        ("2024-02-29", 48, "2028-02-29"),
        ("2023-11-30", 3, "2024-02-29"),
        ("2023-03-31", 13, "2024-04-30"),
        ("2023-12-31", 0, "2023-12-31"),
    ] {
        assert_eq!(last_day(date(from), months), Some(date(last)), "{from} + {months}");
    }
    assert_eq!(last_day(NaiveDate::MAX, 1), None);
    let leap = view("2024-02-29T10:00:00Z", &prospect(""));
    assert_eq!(judged(&leap, "2027-02-28"), Action::Nothing);
    let erase = Action::Erase { purpose: slug("prospects"), rule: 0, ends: date("2027-02-28") };
    assert_eq!(judged(&leap, "2027-03-01"), erase);
}

#[test]
fn only_what_came_from_the_person_prolongs() {
    let of = |acts: &str| judged(&view("2020-01-15", &prospect(acts)), TODAY);
    let ends = |last: &str| Action::Erase { purpose: slug("prospects"), rule: 0, ends: date(last) };
    assert_eq!(of(""), ends("2023-01-15"));
    for none in [("2026-01-01", "email", "out"), ("2026-01-01", "open", "in"), ("2027-01-01", "email", "in")]
    {
        assert_eq!(of(&act(none.0, none.1, none.2)), ends("2023-01-15"), "{none:?}");
    }
    assert_eq!(of(&act("2022-05-31T23:30:00Z", "email", "in")), ends("2025-05-31"));
    assert_eq!(of(&act("2026-01-01", "click", "out")), Action::Nothing);
    let yes = "[[consent]]\nid = \"c\"\npurpose = \"prospects\"\naction = \"granted\"\ntime = 2025-01-01\n";
    assert_eq!(of(yes), Action::Nothing);
    let elsewhere = yes.replace("\"prospects\"", "\"newsletter\"");
    assert_eq!(of(&elsewhere), ends("2023-01-15"));
}

#[test]
fn a_relationship_lasts_until_its_contract_ends() {
    let of = |bases: String| judged(&view("2010-01-01", &bases), TODAY);
    assert_eq!(of(basis("customers", "contract", "")), Action::Nothing);
    let ended = |until: &str| basis("customers", "contract", &format!("until = {until}"));
    assert_eq!(of(ended("2023-11-23")), Action::Nothing);
    let erase = |ends: &str| Action::Erase { purpose: slug("customers"), rule: 0, ends: date(ends) };
    assert_eq!(of(ended("2023-11-22")), erase("2026-11-22"));
    assert_eq!(of(ended("2027-01-01")), Action::Nothing);
    // The contract decides, whatever other basis is open.
    let both = ended("2020-05-01") + &basis("customers", "legitimate-interests", "");
    assert_eq!(of(both), erase("2023-05-01"));
    assert_eq!(of(ended("2020-05-01") + &ended("2025-01-01")), Action::Nothing);
}

#[test]
fn an_inactive_account_ends_though_the_contract_does_not() {
    let account = |acts: &str| {
        let text = format!("tags = [\"account\"]\n{}{acts}", basis("customers", "contract", ""));
        judged(&view("2020-01-01", &text), TODAY)
    };
    let erase = |ends: &str| Action::Erase { purpose: slug("customers"), rule: 1, ends: date(ends) };
    assert_eq!(account(""), erase("2022-01-01"));
    assert_eq!(account(&act("2024-06-30", "meeting", "both")), erase("2026-06-30"));
    assert_eq!(account(&act("2025-06-30", "call", "in")), Action::Nothing);
    assert_eq!(account(&act("2025-06-30", "call", "out")), erase("2022-01-01"));
}

#[test]
fn a_purpose_that_is_over_ends_alone_while_another_goes_on() {
    let two = view("2020-01-01", &(prospect("") + &basis("customers", "contract", "")));
    let end = Action::End { purposes: vec![(slug("prospects"), 0, date("2023-01-01"))] };
    assert_eq!(judged(&two, TODAY), end);
    // Ended already: nothing is left to do. What the person said since was about the other purpose.
    let ended = basis("prospects", "legitimate-interests", "until = 2024-01-01");
    let acts = act("2026-10-01", "email", "in");
    let open = view("2020-01-01", &(ended.clone() + &basis("customers", "contract", "") + &acts));
    assert_eq!(judged(&open, TODAY), Action::Nothing);
    let both = view("2020-01-01", &(ended + &basis("customers", "contract", "until = 2022-02-28") + &acts));
    let erase = Action::Erase { purpose: slug("customers"), rule: 0, ends: date("2025-02-28") };
    assert_eq!(judged(&both, TODAY), erase);
}

#[test]
fn a_purpose_without_a_rule_holds_the_contact_while_its_basis_is_open() {
    let with = |support: &str| {
        judged(&view("2020-01-01", &(prospect("") + &basis("support", "contract", support))), TODAY)
    };
    assert!(matches!(with(""), Action::End { .. }));
    assert!(matches!(with("until = 2025-01-01"), Action::Erase { .. }));
    let alone = |until: &str| judged(&view("2001-01-01", &basis("support", "contract", until)), TODAY);
    assert_eq!((alone(""), alone("until = 2002-01-01")), (Action::Nothing, Action::Nothing));
}

#[test]
fn a_consent_lasts_until_a_no_or_its_expiry() {
    let of = |events: &[(&str, &str, &str, &str)]| {
        let mut text = basis("newsletter", "consent", "");
        for (time, action, channel, expires) in events {
            text += &format!(
                "[[consent]]\nid = \"c\"\npurpose = \"newsletter\"\ntime = {time}\naction = \"{action}\"\n"
            );
            if !channel.is_empty() {
                text += &format!("channel = \"{channel}\"\n");
            }
            if !expires.is_empty() {
                text += &format!("expires = {expires}\n");
            }
        }
        judged(&view("2020-01-01", &text), TODAY)
    };
    let erase = |ends: &str| Action::Erase { purpose: slug("newsletter"), rule: 0, ends: date(ends) };
    let yes = ("2024-01-01", "granted", "email", "");
    assert_eq!(of(&[]), Action::Nothing);
    assert_eq!(of(&[yes]), Action::Nothing);
    assert_eq!(of(&[yes, ("2026-01-31", "withdrawn", "email", "")]), erase("2026-02-28"));
    assert_eq!(of(&[yes, ("2026-01-31", "withdrawn", "", "")]), erase("2026-02-28"));
    assert_eq!(of(&[yes, ("2026-01-31", "withdrawn", "sms", "")]), Action::Nothing);
    assert_eq!(of(&[("2024-01-01", "granted", "email", "2026-05-31")]), erase("2026-06-30"));
    assert_eq!(of(&[yes, ("2024-01-01", "refused", "email", "")]), erase("2024-02-01"));
    assert_eq!(
        of(&[("2024-01-01", "refused", "", ""), ("2025-01-01", "granted", "email", "")]),
        Action::Nothing
    );
}

#[test]
fn evidence_is_archived_and_goes_when_the_archive_is_over() {
    let customer = |until: &str| {
        let text =
            format!("tags = [\"invoiced\"]\n{}", basis("customers", "contract", &format!("until = {until}")));
        judged(&view("2010-01-01", &text), TODAY)
    };
    assert_eq!(
        customer("2020-06-30"),
        Action::Archive {
            purpose: slug("customers"),
            rule: 2,
            ends: date("2023-06-30"),
            until: date("2030-06-30")
        }
    );
    assert_eq!(customer("2025-06-30"), Action::Nothing);
    // Ten years have passed: there is nothing left to archive it for.
    assert!(matches!(customer("2016-11-22"), Action::Erase { .. }));
    assert!(matches!(customer("2016-11-23"), Action::Archive { .. }));
    let archived = |until: &str| {
        let table = format!(
            "[archive]\npurpose = \"customers\"\nsince = 2020-01-01\nuntil = {until}\nground = \"x\"\n"
        );
        judged(&view("2010-01-01", &format!("{}{table}", basis("customers", "legal-obligation", ""))), TODAY)
    };
    assert_eq!(archived("2026-11-23"), Action::Nothing);
    assert_eq!(
        archived("2026-11-22"),
        Action::EraseArchived { purpose: slug("customers"), ends: date("2026-11-22") }
    );
}

#[test]
fn a_contact_without_any_date_is_not_erased() {
    let text = "id = \"3f9a2c1b-7c1e-4d5a-9a53-0d4c2f6f1e77\"\nbook = \"main\"\n";
    let view = View::parse(&format!("{text}{}", prospect(""))).unwrap();
    assert_eq!(judged(&view, TODAY), Action::Nothing);
    assert_eq!(standings(&view, &rules(), date(TODAY))[0].rules[0].1, Start::Unknown);
}

proptest::proptest! {
    #[test]
    fn a_period_is_as_long_as_its_months_and_grows_with_them(days in 0_u64..40_000, months in 0_u32..1200) {
        let start = date("1970-01-01") + chrono::Days::new(days);
        let (ends, next) = (last_day(start, months).unwrap(), last_day(start, months + 1).unwrap());
        use chrono::Datelike;
        // The same day of the month, or the last one of a month that has no such day.
        let month_ends = (ends + chrono::Days::new(1)).day() == 1;
        proptest::prop_assert!(ends.day() == start.day() || ends.day() < start.day() && month_ends);
        let counted = (ends.year() - start.year()) * 12 + ends.month() as i32 - start.month() as i32;
        proptest::prop_assert_eq!(counted, months as i32);
        proptest::prop_assert!((28..=31).contains(&(next - ends).num_days()));
    }
}
