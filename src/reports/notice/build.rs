//! From the registers to a notice, or to the list of what they do not say.

use super::phrases::Phrases;
use super::{Block, Facts, Missing, Notice, Section, retention};
use crate::domain::lawful::LegalBasis::{self, Consent, Contract, LegitimateInterests, PublicTask};
use crate::domain::organisation::Lang;
use crate::domain::registers::Record;
use crate::domain::registers::country::{Country, Safeguard, Standing};
use crate::domain::registers::words::Words;
use crate::error::Result;
use crate::reports::texts::Texts;

/// The notice of a purpose in `lang`; or what is missing for it, each once.
pub fn build(facts: &Facts<'_>, lang: Lang, indirect: bool) -> Result<Result<Notice, Vec<Missing>>> {
    let words = facts.purpose.words(lang, facts.firm_lang);
    let mut maker = Maker { facts, lang, words, phrases: Phrases::load(lang)?, missing: Vec::new() };
    let mut sections = vec![maker.controller()?, maker.purpose()?];
    if indirect {
        sections.push(maker.categories()?);
        sections.push(maker.source()?);
    } else {
        sections.push(maker.required()?);
    }
    sections.push(maker.recipients()?);
    sections.push(maker.transfers()?);
    sections.push(maker.retention()?);
    sections.push(maker.rights()?);
    if !maker.words.automated.is_empty() {
        let text = maker.phrases.set(&maker.words.automated);
        sections.push(maker.section("automated", vec![Block::Text(text)])?);
    } else if !facts.purpose.automated.is_empty() {
        maker.lack("automated");
    }
    sections.push(maker.complaint()?);
    let title = maker.text("title", |w| &w.title);
    let title = maker.phrases.say("title", &[("title", &title)])?;
    let day = Texts::load(lang)?.day(facts.now);
    let version = maker.phrases.say("version", &[("day", &day)])?;
    if maker.missing.is_empty() {
        return Ok(Ok(Notice { lang: lang.as_str(), title, sections, version }));
    }
    maker.missing.sort();
    maker.missing.dedup();
    Ok(Err(maker.missing))
}

struct Maker<'a> {
    facts: &'a Facts<'a>,
    lang: Lang,
    words: Words,
    phrases: Phrases,
    missing: Vec<Missing>,
}

impl Maker<'_> {
    fn section(&self, heading: &str, blocks: Vec<Block>) -> Result<Section> {
        Ok(Section { heading: self.phrases.say(heading, &[])?, blocks })
    }

    /// Notes that the purpose's record lacks a text in this language.
    fn lack(&mut self, key: &str) {
        let key = match self.lang == self.facts.firm_lang {
            true => key.to_owned(),
            false => format!("{}.{key}", self.lang.as_str()),
        };
        let slug = self.facts.slug;
        // A table or a list of rules is written in an editor.
        let set = if key == "retain" { String::new() } else { format!(" --set {key}=…") };
        self.missing.push(Missing {
            place: format!("registers/purposes/{slug}.toml"),
            command: format!("carnet purpose edit {slug}{set}"),
            key,
        });
    }

    fn lack_organisation(&mut self, key: &str) {
        self.missing.push(Missing {
            place: "carnet.toml".to_owned(),
            command: format!("carnet organisation edit --set {key}=…"),
            key: format!("organisation.{key}"),
        });
    }

    fn lack_processor(&mut self, name: &str, key: &str) {
        let command = match key {
            "" => format!("carnet processor add {name}"),
            key => format!("carnet processor edit {name} --set {key}=…"),
        };
        let place = format!("registers/processors/{name}.toml");
        self.missing.push(Missing { place, key: key.to_owned(), command });
    }

    /// A text of the record that must be there.
    fn text(&mut self, key: &str, of: impl Fn(&Words) -> &String) -> String {
        let text = of(&self.words).trim().to_owned();
        if text.is_empty() {
            self.lack(key);
        }
        text
    }

    /// A list of the record that must be in this language where it is in the firm's.
    fn list(&mut self, key: &str, of: impl Fn(&Words) -> &Vec<String>) -> Vec<String> {
        let own = Words::of(self.facts.purpose);
        let list = of(&self.words);
        let whole = list.len() == of(&own).len() && list.iter().all(|text| !text.trim().is_empty());
        let list = list.iter().map(|text| self.phrases.set(text)).collect();
        if !whole {
            self.lack(key);
        }
        list
    }

    fn controller(&mut self) -> Result<Section> {
        let firm = self.facts.organisation;
        let mut lines = vec![self.phrases.say("controller_is", &[("name", &firm.name)])?];
        for key in firm.missing() {
            // A firm elsewhere has no SIREN; the notice does not need it.
            if key != "siren" {
                self.lack_organisation(key);
            }
        }
        for (key, text) in [
            ("siren", &firm.siren),
            ("address", &firm.address),
            ("email", &firm.email),
            ("phone", &firm.phone),
            ("representative", &firm.representative),
            ("dpo", &firm.dpo),
        ] {
            if !text.trim().is_empty() {
                lines.push(self.phrases.say(key, &[(key, text)])?);
            }
        }
        if !self.facts.purpose.joint_controller.is_empty() {
            let joint = &self.facts.purpose.joint_controller;
            lines.push(self.phrases.say("joint", &[("joint", joint)])?);
        }
        if firm.dpo.trim().is_empty() && !firm.privacy_contact.trim().is_empty() {
            lines.push(self.phrases.say("privacy_contact", &[("contact", &firm.privacy_contact)])?);
        }
        self.section("controller", lines.into_iter().map(Block::Text).collect())
    }

    fn purpose(&mut self) -> Result<Section> {
        let purpose = self.text("purpose", |w| &w.purpose);
        let mut blocks = vec![Block::Text(self.phrases.say("purpose_is", &[("purpose", &purpose)])?)];
        let parts = self.list("sub_purposes", |w| &w.sub_purposes);
        if !parts.is_empty() {
            blocks.push(Block::Text(self.phrases.say("sub_purposes", &[])?));
            blocks.push(Block::List(parts));
        }
        let bases = &self.facts.purpose.bases;
        if bases.is_empty() {
            self.lack("bases");
        }
        let interest = match bases.contains(&LegitimateInterests) {
            true => self.text("legitimate_interest", |w| &w.legitimate_interest),
            false => String::new(),
        };
        let say =
            |basis: &LegalBasis| self.phrases.say(&format!("basis_{basis}"), &[("interest", &interest)]);
        let list = bases.iter().map(say).collect::<Result<Vec<String>>>()?;
        blocks.push(Block::Text(self.phrases.say("bases", &[])?));
        blocks.push(Block::List(list));
        if !self.facts.purpose.categories.sensitive.is_empty() {
            let ground = self.text("special_ground", |w| &w.special_ground);
            blocks.push(Block::Text(self.phrases.say("special", &[("ground", &ground)])?));
        }
        self.section("purpose", blocks)
    }

    fn categories(&mut self) -> Result<Section> {
        let said: Vec<&str> = self.words.categories.list().iter().map(|(code, _)| *code).collect();
        let own = self.facts.purpose.categories.list();
        let lacking: Vec<&str> =
            own.iter().map(|(code, _)| *code).filter(|code| !said.contains(code)).collect();
        for code in lacking {
            self.lack(&format!("categories.{code}"));
        }
        if own.is_empty() && self.facts.purpose.data.is_empty() {
            self.lack("categories.identity");
        }
        let mut list = Vec::new();
        for (code, text) in self.words.categories.list() {
            list.push(self.phrases.say(&format!("category_{code}"), &[("text", text)])?);
        }
        list.extend(self.list("data", |w| &w.data));
        let intro = self.phrases.say("categories_are", &[])?;
        self.section("categories", vec![Block::Text(intro), Block::List(list)])
    }

    fn source(&mut self) -> Result<Section> {
        let list = self.list("source", |w| &w.source);
        if list.is_empty() {
            self.lack("source");
        }
        let intro = self.phrases.say("source_is", &[])?;
        self.section("source", vec![Block::Text(intro), Block::List(list)])
    }

    fn required(&mut self) -> Result<Section> {
        let text = self.text("required", |w| &w.required);
        self.section("required", vec![Block::Text(self.phrases.set(&text))])
    }

    fn recipients(&mut self) -> Result<Section> {
        let mut list = self.list("recipients", |w| &w.recipients);
        list.extend(self.list("external", |w| &w.external));
        for (name, processor) in &self.facts.processors {
            let Some(processor) = processor else {
                self.lack_processor(name, "");
                continue;
            };
            let service = processor.service(self.lang, self.facts.firm_lang);
            if service.is_empty() {
                self.lack_processor(name, self.lang.pick("service_en", "service_fr"));
            }
            let country = processor.country.map(|country| self.country(country));
            let Some(country) = country else {
                self.lack_processor(name, "country");
                continue;
            };
            let places = [("name", processor.name.as_str()), ("service", service), ("country", &country)];
            list.push(self.phrases.say("processor", &places)?);
        }
        if list.is_empty() {
            self.lack("recipients");
        }
        let intro = self.phrases.say("recipients_are", &[])?;
        self.section("recipients", vec![Block::Text(intro), Block::List(list)])
    }

    /// The country's name, else its code.
    fn country(&self, country: Country) -> String {
        country.name(self.lang).unwrap_or(country.as_str()).to_owned()
    }

    fn transfers(&mut self) -> Result<Section> {
        let mut out: Vec<(String, Country, Option<Safeguard>, Option<String>)> = Vec::new();
        for transfer in &self.facts.purpose.transfer {
            out.push((transfer.to.clone(), transfer.country, transfer.safeguard, None));
        }
        for (name, processor) in &self.facts.processors {
            if let Some(processor) = processor
                && let Some(country) = processor.country
            {
                out.push((processor.name.clone(), country, processor.safeguard, Some(name.clone())));
            }
        }
        out.retain(|(_, country, ..)| country.standing() != Standing::Eea);
        if out.is_empty() {
            let text = self.text("transfers", |w| &w.transfers);
            return self.section("transfers", vec![Block::Text(self.phrases.set(&text))]);
        }
        let mut list = Vec::new();
        let mut copies = false;
        for (to, country, safeguard, processor) in out {
            let adequate = (country.standing() == Standing::Adequate).then_some(Safeguard::Adequacy);
            let Some(safeguard) = safeguard.or(adequate) else {
                match processor {
                    Some(name) => self.lack_processor(&name, "safeguard"),
                    None => self.lack("transfer.safeguard"),
                }
                continue;
            };
            copies |= matches!(safeguard, Safeguard::StandardClauses | Safeguard::BindingRules);
            let safeguard = self.phrases.say(&format!("safeguard_{}", safeguard.as_str()), &[])?;
            let country = self.country(country);
            let places = [("country", country.as_str()), ("to", &to), ("safeguard", &safeguard)];
            list.push(self.phrases.say("transfer", &places)?);
        }
        let mut blocks = vec![Block::Text(self.phrases.say("transfers_are", &[])?), Block::List(list)];
        if copies {
            blocks.push(Block::Text(self.phrases.say("transfers_copy", &[])?));
        }
        self.section("transfers", blocks)
    }

    fn retention(&mut self) -> Result<Section> {
        let rules = &self.facts.purpose.retain;
        if rules.is_empty() {
            let text = self.text("retention", |w| &w.retention);
            return self.section("retention", vec![Block::Text(self.phrases.set(&text))]);
        }
        let categories = self.list("retain", |w| &w.retain);
        let grounds = self.list("grounds", |w| &w.grounds);
        let list = retention::lines(&self.phrases, rules, &categories, &grounds)?;
        let intro = self.phrases.say("retention_is", &[])?;
        self.section("retention", vec![Block::Text(intro), Block::List(list)])
    }

    fn rights(&mut self) -> Result<Section> {
        let has = |wanted: &[LegalBasis]| wanted.iter().any(|basis| self.facts.purpose.bases.contains(basis));
        let french = self.facts.organisation.authority.trim().eq_ignore_ascii_case("CNIL");
        let rights = [
            ("right_access", true),
            ("right_rectification", true),
            ("right_erasure", true),
            ("right_restriction", true),
            ("right_portability", has(&[Consent, Contract])),
            ("right_objection", has(&[LegitimateInterests, PublicTask])),
            ("right_marketing", has(&[LegitimateInterests, Consent])),
            ("right_withdrawal", has(&[Consent])),
            ("right_directives", french),
        ];
        let list = rights.into_iter().filter(|(_, has)| *has).map(|(key, _)| self.phrases.say(key, &[]));
        let list = list.collect::<Result<Vec<String>>>()?;
        let firm = self.facts.organisation;
        let contact = if firm.dpo.trim().is_empty() { &firm.privacy_contact } else { &firm.dpo };
        let intro = self.phrases.say("rights_are", &[])?;
        let how = self.phrases.say("rights_how", &[("contact", contact)])?;
        self.section("rights", vec![Block::Text(intro), Block::List(list), Block::Text(how)])
    }

    fn complaint(&mut self) -> Result<Section> {
        let authority = self.facts.organisation.authority.trim();
        let text = match authority.eq_ignore_ascii_case("CNIL") {
            true => self.phrases.say("complaint_cnil", &[])?,
            false => self.phrases.say("complaint_other", &[("authority", authority)])?,
        };
        self.section("complaint", vec![Block::Text(text)])
    }
}
