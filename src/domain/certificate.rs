//! The erasure certificate: what was destroyed and what remains, for somebody who has git and gpg and no carnet.
//!
//! Facts and their wording only; nobody is named in it but the firm and the member who signs. Whoever makes one has
//! run the proof first ([`crate::vault::certificate`]).

use std::fmt::Write;

use serde::Serialize;

use super::organisation::Lang;
use super::register::Erasure;

/// A clone of the repository, as the certificate names it.
#[derive(Clone, Debug, Serialize)]
pub struct Clone {
    pub clone: String,
    pub member: String,
    /// When it confirmed, or since when it is waited for (RFC 3339, UTC).
    pub time: String,
}

/// Everything that the certificate states.
#[derive(Clone, Debug, Serialize)]
pub struct Certificate {
    pub organisation: String,
    pub dpo: String,
    /// The ledger's entry.
    #[serde(flatten)]
    pub line: Erasure,
    /// The signed commit of the erasure.
    pub commit: String,
    /// When the proof was run (RFC 3339, UTC), and on which commit of the branch.
    pub checked: String,
    pub tip: String,
    pub signer: String,
    /// Fingerprint of the key that signs.
    pub key: String,
    /// Git's ids of the versions that history still holds, as ciphertext.
    pub ciphertexts: Vec<String>,
    /// The same of earlier versions of other contacts that mentioned this one.
    pub mention_ciphertexts: Vec<String>,
    /// The record of a purge that has taken its versions out of history, where there was one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub purged: Option<String>,
    pub keys_tried: usize,
    pub books_not_tried: Vec<String>,
    pub confirmed: Vec<Clone>,
    pub pending: Vec<Clone>,
    /// Clones of members who were removed (`time`) and had not confirmed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub removed: Vec<Clone>,
}

impl Certificate {
    /// The files' common name.
    pub fn stem(&self) -> String {
        let day = self.checked.get(..10).unwrap_or_default();
        format!("erasure-{}-{day}", self.line.contact.short())
    }

    /// Commands that check it, each a line for a shell at the top of a clone, with what they show.
    pub fn checks(&self, lang: Lang, file: &str) -> Vec<(String, &'static str)> {
        let (tip, id) = (&self.tip, &self.line.contact);
        let mut checks = vec![
            (
                format!(
                    "for f in $(git ls-tree --name-only {tip} members/ | grep '[.]asc$'); do git show \"{tip}:$f\" | gpg --import; done"
                ),
                lang.pick(
                    "the members' certificates, into your keyring",
                    "les certificats des membres, dans votre trousseau",
                ),
            ),
            (
                format!("gpg --verify {file}.asc {file}"),
                lang.pick(
                    "this statement is signed by the key named above",
                    "cette attestation est signée par la clé nommée ci-dessus",
                ),
            ),
            (
                format!("git verify-commit {}", self.commit),
                lang.pick(
                    "the erasure was committed by a member",
                    "l'effacement a été enregistré par un membre",
                ),
            ),
            (
                format!("git show --no-patch --format='%H %aI%n%B' {}", self.commit),
                lang.pick("its date and its facts", "sa date et ses faits"),
            ),
            (
                format!("git show {tip}:registers/erasures/{id}.toml"),
                lang.pick("the ledger's entry", "l'inscription au registre"),
            ),
            (
                format!("! git ls-tree -r --name-only {tip} contacts | grep -F {id}"),
                lang.pick(
                    "the file is in no book (nothing is shown)",
                    "le fichier n'est dans aucun carnet (rien ne s'affiche)",
                ),
            ),
        ];
        if !self.ciphertexts.is_empty() {
            let fan = id.fan();
            checks.push((
                format!(
                    "git log --format= --raw --no-abbrev -m {tip} -- ':(glob)contacts/*/{fan}/{id}.toml.pgp' ':(glob)evidence/*/{fan}/{id}/**'"
                ),
                lang.pick(
                    "every version that history has of it: those of section 3, and no other",
                    "toutes les versions qu'en a l'historique : celles de la section 3, et aucune autre",
                ),
            ));
        }
        let blobs = [&self.ciphertexts[..], &self.mention_ciphertexts[..]].concat();
        if !blobs.is_empty() {
            checks.push((
                format!(
                    "for v in {}; do git cat-file blob $v | gpg --batch --list-only --list-packets; done",
                    blobs.join(" ")
                ),
                lang.pick(
                    "each version: one `symkey enc packet`, no recipient, then the encrypted data",
                    "chaque version : un `symkey enc packet`, aucun destinataire, puis les données chiffrées",
                ),
            ));
        }
        const STORE: &str = ".git/carnet/keys.git";
        checks.push((
            format!(
                "test -e {STORE} || {{ git init -q --bare {STORE} && git --git-dir={STORE} fetch -q \"$(git remote get-url origin)\" +refs/carnet/keys:refs/carnet/keys; }}"
            ),
            lang.pick(
                "the key store, from the remote where this clone has none",
                "le magasin de clés, depuis le dépôt distant si ce clone n'en a pas",
            ),
        ));
        checks.push((
            format!("git --git-dir={STORE} ls-tree refs/carnet/keys"),
            lang.pick("it is there: a directory for each book", "il est là : un répertoire par carnet"),
        ));
        checks.push((
            format!("! git --git-dir={STORE} ls-tree -r --name-only refs/carnet/keys | grep -F {id}"),
            lang.pick(
                "it has no key for this record (nothing is shown)",
                "il n'a aucune clé pour cette fiche (rien ne s'affiche)",
            ),
        ));
        for key in &self.line.destroyed {
            checks.push((
                format!("! git --git-dir={STORE} cat-file -e {key}"),
                lang.pick("this key is not in the key store", "cette clé n'est pas dans le magasin de clés"),
            ));
        }
        checks
    }

    /// The statement as text; `file` is the name that it will have.
    pub fn text(&self, lang: Lang, file: &str) -> String {
        let mut out = String::new();
        let p = |en: &'static str, fr: &'static str| lang.pick(en, fr);
        let mut line = |text: String| {
            let _ = writeln!(out, "{text}");
        };
        let line_of = &self.line;
        line(p("CERTIFICATE OF ERASURE", "ATTESTATION D'EFFACEMENT").into());
        line(p("(Article 17 of Regulation (EU) 2016/679)", "(article 17 du règlement (UE) 2016/679)").into());
        line(String::new());
        let none = p("none", "aucune");
        let why = match line_of.trigger.as_str() {
            "request" => p("at the person's request", "à la demande de la personne"),
            "retention" => p("the retention period was over", "la durée de conservation était écoulée"),
            _ => p("the data should not have been held", "les données n'auraient pas dû être détenues"),
        };
        for (name, value) in [
            (p("Controller", "Responsable de traitement"), self.organisation.as_str()),
            (p("Data protection contact", "Contact protection des données"), self.dpo.as_str()),
            (p("Record", "Fiche"), line_of.contact.as_str()),
            (p("Book", "Carnet"), line_of.book.as_str()),
            (p("Erased on", "Effacée le"), &line_of.time),
            (p("Reason", "Motif"), why),
            (
                p("Reference of the request", "Référence de la demande"),
                line_of.request.as_deref().unwrap_or(none),
            ),
            (p("Commit of the erasure", "Commit de l'effacement"), &self.commit),
            (p("Checked on", "Vérifié le"), &self.checked),
            (p("At commit", "Au commit"), &self.tip),
            (p("Signed by", "Signé par"), &self.signer),
            (p("With key", "Avec la clé"), &self.key),
        ] {
            if !value.is_empty() {
                line(format!("{name}: {value}"));
            }
        }
        self.destroyed(lang, &mut line);
        self.remaining(lang, &mut line);
        self.clones(lang, &mut line);
        line(String::new());
        line(p("5. HOW TO CHECK", "5. COMMENT VÉRIFIER").into());
        line(
            p(
                "With git and gpg, at the top of a clone of the repository, with this file and its signature there:",
                "Avec git et gpg, à la racine d'un clone du dépôt, avec ce fichier et sa signature :",
            )
            .into(),
        );
        for (command, shows) in self.checks(lang, file) {
            line(format!("  # {shows}"));
            line(format!("  $ {command}"));
        }
        out
    }

    fn destroyed(&self, lang: Lang, line: &mut impl FnMut(String)) {
        let p = |en: &'static str, fr: &'static str| lang.pick(en, fr);
        let n = self.ciphertexts.len();
        line(String::new());
        line(p("1. WHAT WAS DESTROYED", "1. CE QUI A ÉTÉ DÉTRUIT").into());
        line(match lang {
            Lang::En => format!(
                "The record's file, and the key that opened it and its {n} version(s) in history. Key messages destroyed:"
            ),
            Lang::Fr => format!(
                "Le fichier de la fiche, et la clé qui l'ouvrait ainsi que ses {n} version(s) dans l'historique. Messages de clé détruits :"
            ),
        });
        for key in &self.line.destroyed {
            line(format!("  {key}"));
        }
        if self.line.mentions > 0 {
            let (m, v) = (self.line.mentions, self.mention_ciphertexts.len());
            line(match lang {
                Lang::En => format!(
                    "{m} other record(s) mentioned it. The mentions were taken out, and the keys of the {v} earlier version(s) destroyed."
                ),
                Lang::Fr => format!(
                    "{m} autre(s) fiche(s) la mentionnai(en)t. Les mentions ont été retirées, et les clés des {v} version(s) antérieure(s) détruites."
                ),
            });
        }
        line(String::new());
        line(p("2. WHY THE REST CANNOT BE READ", "2. POURQUOI LE RESTE EST ILLISIBLE").into());
        let (tried, all) = (self.keys_tried, n + self.mention_ciphertexts.len());
        line(match lang {
            Lang::En => format!(
                "Each version is encrypted (AES-256) under a random key of its record, which was kept outside history and is destroyed. At the time of checking, {all} version(s) were tried with the {tried} key(s) that are left: none opens. The key store held nothing else."
            ),
            Lang::Fr => format!(
                "Chaque version est chiffrée (AES-256) par une clé aléatoire propre à sa fiche, conservée hors de l'historique et détruite. Lors de la vérification, {all} version(s) ont été essayées avec les {tried} clé(s) restantes : aucune ne s'ouvre. Le magasin de clés ne contenait rien d'autre."
            ),
        });
        if !self.books_not_tried.is_empty() {
            let books = self.books_not_tried.join(", ");
            line(match lang {
                Lang::En => format!(
                    "Not tried, for the signer cannot open them: keys of the books {books}. None of them belongs to this record."
                ),
                Lang::Fr => format!(
                    "Non essayées, le signataire ne pouvant les ouvrir : les clés des carnets {books}. Aucune n'appartient à cette fiche."
                ),
            });
        }
    }

    fn remaining(&self, lang: Lang, line: &mut impl FnMut(String)) {
        let p = |en: &'static str, fr: &'static str| lang.pick(en, fr);
        line(String::new());
        line(p("3. WHAT REMAINS", "3. CE QUI SUBSISTE").into());
        line(p(
            "The ledger's entry and the trail, under the random number above and without a name; and ciphertext in history:",
            "L'inscription au registre et la trace, sous le numéro aléatoire ci-dessus et sans nom ; et, dans l'historique, du texte chiffré :",
        ).into());
        for id in self.ciphertexts.iter().chain(&self.mention_ciphertexts) {
            line(format!("  {id}"));
        }
        if let Some(record) = &self.purged {
            line(match lang {
                Lang::En => format!(
                    "History was rewritten without its versions ({record}); the other clones named below hold none since their next sync."
                ),
                Lang::Fr => format!(
                    "L'historique a été réécrit sans ses versions ({record}) ; les autres clones nommés ci-dessous n'en détiennent plus dès leur synchronisation suivante."
                ),
            });
        }
        if let Some(kept) = &self.line.kept {
            let (n, ground, until) = (kept.entries, &kept.ground, &kept.until);
            line(match lang {
                Lang::En => format!(
                    "Kept until {until} ({ground}): {n} keyed fingerprint(s) on the opposition list, so that the person is not taken in again."
                ),
                Lang::Fr => format!(
                    "Conservées jusqu'au {until} ({ground}) : {n} empreinte(s) à clé sur la liste d'opposition, afin que la personne ne soit pas réenregistrée."
                ),
            });
        }
        line(p(
            "Not covered: what somebody copied or exported outside carnet, and backups of a key store that no clone has opened since.",
            "Non couverts : ce que quelqu'un a copié ou exporté hors de carnet, et les sauvegardes d'un magasin de clés qu'aucun clone n'a ouvertes depuis.",
        ).into());
    }

    fn clones(&self, lang: Lang, line: &mut impl FnMut(String)) {
        let p = |en: &'static str, fr: &'static str| lang.pick(en, fr);
        line(String::new());
        line(p("4. CLONES", "4. CLONES").into());
        for one in &self.confirmed {
            let (clone, member, time) = (&one.clone, &one.member, &one.time);
            line(match lang {
                Lang::En => format!("  {clone} ({member}): confirmed {time}"),
                Lang::Fr => format!("  {clone} ({member}) : confirmé le {time}"),
            });
        }
        for one in &self.pending {
            let (clone, member, time) = (&one.clone, &one.member, &one.time);
            line(match lang {
                Lang::En => format!("  {clone} ({member}): NOT CONFIRMED, pending since {time}"),
                Lang::Fr => format!("  {clone} ({member}) : NON CONFIRMÉ, en attente depuis le {time}"),
            });
        }
        for one in &self.removed {
            let (clone, member, time) = (&one.clone, &one.member, &one.time);
            line(match lang {
                Lang::En => format!(
                    "  {clone} ({member}): NOT CONFIRMED; member removed on {time}, who gets no new keys"
                ),
                Lang::Fr => format!(
                    "  {clone} ({member}) : NON CONFIRMÉ ; membre retiré le {time}, qui ne reçoit plus de clés"
                ),
            });
        }
    }
}
