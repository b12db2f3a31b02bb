//! Processors, trainings, what is due, and rules of retention.

use super::{has, made, table};

#[test]
fn the_firms_registers_are_told_in_both_languages() {
    let (_world, site) = made();
    has(
        &site,
        "en/processors.html",
        "rows",
        &[
            "HostCo GmbH | In order | hosting | Germany (European Economic Area) | in force until 28 February 2028 | 8 / 8 | –",
            "Posters Ltd | To correct | printing | the United States (adequacy decision for some recipients) | incomplete until 14 \
         February 2027 | 3 / 8 | –",
        ],
    );
    has(
        &site,
        "fr/processors.html",
        "rows",
        &[
            "HostCo GmbH | En ordre | hosting | Allemagne (Espace économique européen) | en vigueur jusqu’au 28 février 2028 | 8 / \
         8 | –",
            "Posters Ltd | À corriger | printing | États-Unis (décision d’adéquation pour certains destinataires) | incomplet \
         jusqu’au 14 février 2027 | 3 / 8 | –",
        ],
    );
    has(
        &site,
        "en/trainings.html",
        "rows",
        &[
            "ana | In order | 23 November 2026 GDPR basics Last change: 23 November 2026 , # | 1 September 2027 | 23 November \
             2026 confidentiality: Secrets , to be renewed on 1 October 2028 Last change: 23 November 2026 , #",
        ],
    );
    has(
        &site,
        "fr/trainings.html",
        "rows",
        &[
            "ana | En ordre | 23 novembre 2026 GDPR basics Dernière modification : 23 novembre 2026 , # | 1er septembre 2027 | 23 \
             novembre 2026 confidentialité : Secrets , à renouveler le 1er octobre 2028 Dernière modification : 23 novembre \
             2026 , #",
        ],
    );
    has(
        &site,
        "en/index.html",
        "due",
        &[
            "17 January 2027 in 2 days | Notification of a breach | Art. 33(1) | breach # | carnet breach notify #",
            "4 February 2027 in 20 days | Answer to a request | Art. 12(3) | request # | carnet request show #",
            "14 February 2027 in 30 days | End of a contract | Art. 28(3) | processor posters | carnet processor edit posters",
        ],
    );
    let rules = table(&site, "en/retention.html", "rows");
    let of = |purpose: &str| -> Vec<String> {
        let mine = rules.iter().filter(|row| row[0] == purpose);
        mine.map(|row| [&row[1..2], &row[5..]].concat().join(" ")).collect()
    };
    assert_eq!(of("Newsletter"), ["subscribers 3 0 0", "evidence of a consent that has ended 3 2 0"]);
    assert_eq!(of("Prospects"), ["prospects 3 0 0"]);
}
