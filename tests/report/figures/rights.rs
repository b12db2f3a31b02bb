//! Requests, breaches and erasures.

use super::{facts, has, made};

#[test]
fn rights_and_breaches_are_told_with_their_terms_in_both_languages() {
    let (_world, site) = made();
    has(
        &site,
        "en/requests.html",
        "rows",
        &[
            "# | rectification, Art. 16 | 4 January 2027 by post | 4 February 2027 | – | running open | #",
            "# | access, Art. 15 | 4 December 2026 by e-mail | 4 January 2027 | 11 December 2026 granted | in time closed | #",
        ],
    );
    has(
        &site,
        "fr/requests.html",
        "rows",
        &[
            "# | rectification, art. 16 | 4 janvier 2027 par courrier | 4 février 2027 | – | en cours ouverte | #",
            "# | accès, art. 15 | 4 décembre 2026 par courriel | 4 janvier 2027 | 11 décembre 2026 acceptée | dans le délai close | #",
        ],
    );
    has(
        &site,
        "en/requests.html",
        "deadlines-table",
        &[
            "# | 4 January 2027 | 4 February 2027 | – | running",
            "# | 4 December 2026 | 4 January 2027 | 11 December 2026 | in time",
        ],
    );
    let told = |page: &str, terms: &[(&str, &str)]| {
        let facts = facts(&site, page);
        for (term, of) in terms {
            assert_eq!(facts.get(*term).map(String::as_str), Some(*of), "{page}: {facts:?}");
        }
    };
    told(
        "en/requests.html",
        &[
            ("Requests received", "2"),
            ("Waiting for an answer", "1"),
            ("Answered", "1"),
            ("Of these, in time", "1"),
            ("Median time to the answer", "7 days"),
        ],
    );
    told("fr/requests.html", &[("Demandes reçues", "2"), ("Délai médian de réponse", "7 jours")]);
    has(
        &site,
        "en/breaches.html",
        "rows",
        &[
            "# | To check the clock runs | 14 January 2027, 10:00 | 17 January 2027, 10:00 48 hours left | – | –",
            "# | To check not to be notified, not closed | 10 December 2026, 08:00 | 13 December 2026, 08:00 | – | the breach is \
         not likely to result in a high risk (Art. 34(1))",
        ],
    );
    has(
        &site,
        "fr/breaches.html",
        "clocks-table",
        // What is not to be notified has no clock.
        &["# | 14 janvier 2027 à 10 h 00 | 17 janvier 2027 à 10 h 00 | – | en cours"],
    );
    has(
        &site,
        "en/erasures.html",
        "rows",
        &[
            "4 January 2027, 09:00 | # | main | request of the person | 2026-014 | contact file, its key and every earlier version \
         | 1 | Erased | #",
        ],
    );
    has(&site, "fr/erasures.html", "by-trigger", &["demande de la personne | 1 |  | 4 janvier 2027"]);
    has(
        &site,
        "en/erasures.html",
        "clones",
        &[
            "# | In order confirmed by every known clone | ana # , 4 January 2027 | – | – | carnet erase --certificate #",
        ],
    );
}
