//! Rows of the trails as markup, without the template engine: a hundred thousand of them in two languages are written
//! while one waits. Templates see them as `rows`.

use super::markup::Markup;
use super::texts::{Texts, iso};
use super::views::{PurposeName, access, changes};
use crate::error::Result;

/// Writes rows in one language.
pub(super) struct Rows<'a> {
    texts: &'a Texts,
    unknown: &'a str,
    out: Markup,
}

impl<'a> Rows<'a> {
    pub(super) fn new(texts: &'a Texts) -> Rows<'a> {
        let unknown = texts.text.get("site").and_then(|site| site.get("unknown")).map_or("–", String::as_str);
        Rows { texts, unknown, out: Markup::default() }
    }

    pub(super) fn into_string(self) -> String {
        self.out.into_string()
    }

    /// One line of the access trail: time, member, action, count, contact, purposes, commit.
    pub(super) fn access(&mut self, row: &access::Row) -> Result<()> {
        self.out.raw("<tr><td><time datetime=\"");
        self.start(row.time, row.member.as_deref(), &row.action, row.count, row.contact.as_deref())?;
        self.out.raw("</td><td>");
        if row.purposes.is_empty() {
            self.out.text(self.unknown)?;
        }
        for (n, purpose) in row.purposes.iter().enumerate() {
            self.out.raw(if n > 0 { ", " } else { "" });
            self.purpose(purpose)?;
        }
        self.end(&row.commit)
    }

    /// One line of the change trail: time, member, action, count, contact, books, fields, commit.
    /// Registers' pages link to it by its commit.
    pub(super) fn change(&mut self, row: &changes::Row) -> Result<()> {
        self.out.raw("<tr id=\"c");
        self.out.text(&row.commit)?;
        self.out.raw("\"><td><time datetime=\"");
        self.start(row.time, row.member.as_deref(), &row.action, row.count, row.contact.as_deref())?;
        self.out.raw("</td><td>");
        self.list(&row.books, None)?;
        self.out.raw("</td><td class=\"fields\">");
        self.list(&row.fields, Some("field"))?;
        self.end(&row.commit)
    }

    fn start(
        &mut self,
        time: i64,
        member: Option<&str>,
        action: &str,
        count: Option<usize>,
        contact: Option<&str>,
    ) -> Result<()> {
        self.out.text(&iso(time))?;
        self.out.raw("\">");
        self.out.text(&self.texts.moment(time))?;
        self.out.raw("</time></td><td>");
        self.out.text(member.unwrap_or(self.unknown))?;
        self.out.raw("</td><td>");
        self.out.text(&self.texts.label("action", action).unwrap_or_else(|| action.to_owned()))?;
        self.out.raw("</td><td class=\"n\">");
        match count.and_then(|n| i64::try_from(n).ok()) {
            Some(count) => self.out.text(&self.texts.number(count))?,
            None => self.out.raw("–"),
        }
        self.out.raw("</td><td>");
        match contact {
            Some(contact) => self.code(contact)?,
            None => self.out.raw("–"),
        }
        Ok(())
    }

    fn end(&mut self, commit: &str) -> Result<()> {
        self.out.raw("</td><td>");
        self.code(commit)?;
        self.out.raw("</td></tr>\n");
        Ok(())
    }

    fn code(&mut self, text: &str) -> Result<()> {
        self.out.raw("<code>");
        self.out.text(text)?;
        self.out.raw("</code>");
        Ok(())
    }

    fn list(&mut self, items: &[String], label: Option<&str>) -> Result<()> {
        if items.is_empty() {
            self.out.raw("–");
        }
        for (n, item) in items.iter().enumerate() {
            self.out.raw(if n > 0 { ", " } else { "" });
            match label.and_then(|kind| self.texts.label(kind, item)) {
                Some(word) => self.out.text(&word)?,
                None => self.out.text(item)?,
            }
        }
        Ok(())
    }

    fn purpose(&mut self, purpose: &PurposeName) -> Result<()> {
        match (&purpose.title, &purpose.slug) {
            (Some(title), _) if !title.is_empty() => {
                self.out.raw("<bdi lang=\"");
                self.out.raw(purpose.lang);
                self.out.raw("\">");
                self.out.text(title)?;
                self.out.raw("</bdi>");
                Ok(())
            }
            (_, Some(slug)) => self.code(slug),
            _ => self.out.text(self.unknown),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::organisation::Lang;

    #[test]
    fn a_row_says_the_same_as_its_view_and_its_texts_are_inert() {
        let texts = Texts::load(Lang::Fr).unwrap();
        let mut rows = Rows::new(&texts);
        let name = PurposeName { slug: Some("news".into()), title: Some("<b>Lettre".into()), lang: "fr" };
        rows.access(&access::Row {
            time: 1_793_522_700,
            member: None,
            action: "show".into(),
            count: Some(10_000),
            contact: Some("3f9a2c1b".into()),
            purposes: vec![name, PurposeName { slug: Some("x".into()), title: None, lang: "fr" }],
            commit: "<c>".into(),
        })
        .unwrap();
        assert_eq!(
            rows.into_string(),
            "<tr><td><time datetime=\"2026-11-01T08:45:00Z\">1er\u{a0}novembre\u{a0}2026 à\u{a0}8\u{a0}h\u{a0}45</time></td>\
             <td>non précisé</td><td>affichage d’un contact</td><td class=\"n\">10\u{202f}000</td><td><code>3f9a2c1b</code></td>\
             <td><bdi lang=\"fr\">&lt;b&gt;Lettre</bdi>, <code>x</code></td><td><code>&lt;c&gt;</code></td></tr>\n"
        );
        let mut rows = Rows::new(&texts);
        rows.change(&changes::Row {
            time: 0,
            member: Some("ana".into()),
            action: "<x>".into(),
            count: None,
            contact: None,
            books: Vec::new(),
            fields: vec!["tags".into(), "other".into()],
            commit: "c".into(),
        })
        .unwrap();
        let row = rows.into_string();
        assert!(
            row.contains("<td>ana</td><td>&lt;x&gt;</td><td class=\"n\">–</td><td>–</td><td>–</td>"),
            "{row}"
        );
        assert!(row.contains("<td class=\"fields\">étiquettes, autres champs</td>"), "{row}");
    }
}
