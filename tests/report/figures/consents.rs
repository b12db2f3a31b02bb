//! Consents, legal bases, wordings and books.

use super::{has, made};

#[test]
fn consents_and_bases_are_counted_as_they_were_said() {
    let (_world, site) = made();
    has(&site, "en/consent.html", "now", &["Newsletter | e-mail | 0 | 1 | 0 | 1 | 0 | 2"]);
    has(&site, "fr/consent.html", "events", &["Lettre d’information | courriel | 2 | 2 | 0 | 1 | 0 | 5"]);
    has(
        &site,
        "en/consent.html",
        "rates-table",
        &["Newsletter | December 2026 | 2 | 0 | 0", "Newsletter | January 2027 | 0 | 0 | 1"],
    );
    has(
        &site,
        "en/consent.html",
        "worded",
        &[
            "Newsletter | e-mail | letter/1 | 2 | 2 | 0 | 0 | 4",
            "Newsletter | e-mail | none named | 0 | 0 | 0 | 1 | 1",
        ],
    );
    has(&site, "fr/consent.html", "withdrawals", &["janvier 2027 | Lettre d’information | 1 | 0"]);
    has(
        &site,
        "en/consent.html",
        "bases",
        &[
            "Newsletter | consent, Art. 6(1)(a) | 3 | 1 | 1",
            "Prospects | legitimate interests, Art. 6(1)(f) | 3 | 0 | –",
        ],
    );
    has(
        &site,
        "fr/bases.html",
        "table-consent",
        &["Lettre d’information | déclarée | 3 | 1 | 1", "Prospects | déclarée | 0 | 0 | 0"],
    );
    has(
        &site,
        "en/wordings.html",
        "rows",
        &["letter/1 | 1 | English | 23 November 2026 newest | 4 | 2 | 0 | 0"],
    );
    has(
        &site,
        "en/books.html",
        "books",
        &["Contacts main | 3 | 3 | 0 | ana | Customers | 23 November 2026 , #", "Total | 3 | 3 | 0 |  |  | "],
    );
}
