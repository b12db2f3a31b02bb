//! An e-mail (RFC 5322) as an interaction: who, when, about what.

use mail_parser::{Address, MessageParser};

use super::meaning::single_line;
use crate::domain::email;

/// The longest text that is kept of a message, in characters: a trail of what was said, not an archive.
const LONGEST: usize = 2000;

/// What is kept of a message.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mail {
    /// Addresses in the form that is compared, each once: who wrote it. Where that is a mailing list or a machine that
    /// names somebody to reply to, it is them.
    pub from: Vec<String>,
    /// Nobody reads what is written to the sender: `noreply@`, a list, a mail server.
    pub is_machine: bool,
    /// The name that the first sender gives.
    pub name: Option<String>,
    /// To and Cc.
    pub to: Vec<String>,
    /// `Date`, RFC 3339.
    pub time: Option<String>,
    /// Subject and text, without quoted lines and attachments.
    pub text: String,
    /// `Message-ID`, without the angle brackets.
    pub id: Option<String>,
}

/// Reads a message; none when it has no header that an e-mail has.
pub fn read(bytes: &[u8]) -> Option<Mail> {
    let message = MessageParser::default().parse(bytes)?;
    if message.from().is_none() && message.subject().is_none() && message.date().is_none() {
        return None;
    }
    let addresses = |fields: &[Option<&Address<'_>>]| {
        let mut all: Vec<String> = Vec::new();
        for address in fields.iter().flatten().flat_map(|field| field.iter()) {
            if let Some(address) = address.address().and_then(email::normalise)
                && !all.contains(&address)
            {
                all.push(address);
            }
        }
        all
    };
    let sender = if message.from().is_some() { message.from() } else { message.sender() };
    let is_list = !message.list_id().is_empty() || !message.list_post().is_empty();
    let recipients = addresses(&[message.to(), message.cc()]);
    // A list that writes in its own name (`Paul via Forum <forum@…>`) is written to, as well.
    let is_machine =
        |from: &[String]| from.iter().any(|one| is_nobodys(one) || is_list && recipients.contains(one));
    let replied = message.reply_to().filter(|_| is_machine(&addresses(&[sender])));
    let sender = replied.filter(|field| !is_machine(&addresses(&[Some(*field)]))).or(sender);
    let name = sender.and_then(|field| field.first()).and_then(|first| first.name());
    let from = addresses(&[sender]);
    Some(Mail {
        is_machine: is_machine(&from),
        from,
        name: name.map(single_line).filter(|name| !name.is_empty()),
        to: addresses(&[message.to(), message.cc()]),
        time: message.date().filter(|d| d.is_valid()).map(|d| d.to_rfc3339()),
        text: text(message.subject(), message.body_text(0).as_deref()),
        id: message.message_id().map(str::to_owned),
    })
}

/// What stands before the @ of addresses behind which nobody is.
const NOBODYS: [&str; 8] = [
    "noreply",
    "donotreply",
    "nepasrepondre",
    "pasdereponse",
    "mailerdaemon",
    "postmaster",
    "bounce",
    "bounces",
];

/// Whether nobody reads what is written to this address.
fn is_nobodys(address: &str) -> bool {
    let local = address.split('@').next().unwrap_or_default();
    let plain: String = local.chars().filter(|c| c.is_alphanumeric()).collect();
    NOBODYS.contains(&plain.as_str())
        || local.ends_with("-bounces")
        || local.starts_with("bounce-")
        || local.starts_with("bounces+")
}

/// Subject, an empty line, and what the sender wrote: quoted lines and what stands behind a signature's mark go.
fn text(subject: Option<&str>, body: Option<&str>) -> String {
    let mut out = subject.unwrap_or_default().trim().to_owned();
    let lines = body.unwrap_or_default().lines().map(str::trim_end).take_while(|line| *line != "--");
    let own: Vec<&str> = lines.filter(|line| !line.starts_with('>')).collect();
    let own = own.join("\n");
    if !own.trim().is_empty() {
        out.push_str(if out.is_empty() { "" } else { "\n\n" });
        out.push_str(own.trim());
    }
    match out.char_indices().nth(LONGEST) {
        Some((at, _)) => format!("{}…", out.get(..at).unwrap_or_default()),
        None => out,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_real_message_gives_its_people_its_moment_and_its_own_words() {
        let message = "Received: from x\r\nMessage-ID: <abc@example.org>\r\nDate: Mon, 23 Nov 2026 09:15:00 +0100\r\n\
            From: =?utf-8?q?L=C3=A9a?= <Lea@Example.org>\r\nTo: ana@example.org, Bob <bob@example.org>\r\n\
            Cc: bob@example.org\r\nSubject: =?utf-8?b?UmU6IHByw6l2aXNpb24=?=\r\n\
            Content-Type: text/plain; charset=iso-8859-1\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n\
            Voil=E0.\r\n\r\n> what you wrote\r\n> more\r\n-- \r\nL=E9a\r\n";
        let mail = read(message.as_bytes()).unwrap();
        assert_eq!(mail.from, ["lea@example.org"]);
        assert_eq!(mail.name.as_deref(), Some("Léa"));
        assert_eq!(mail.to, ["ana@example.org", "bob@example.org"]);
        assert_eq!(mail.time.as_deref(), Some("2026-11-23T09:15:00+01:00"));
        assert_eq!(mail.text, "Re: prévision\n\nVoilà.");
        assert_eq!(mail.id.as_deref(), Some("abc@example.org"));
    }

    #[test]
    fn lists_and_machines_are_nobody_and_say_who_is() {
        let of = |text: &str| read(format!("{text}\nSubject: x\n\ny\n").as_bytes()).unwrap();
        let mail = of(
            "From: Paul via Forum <forum@lists.example>\nReply-To: Paul <paul@real.example>\nTo: forum@lists.example\nList-Id: <forum.lists.example>",
        );
        assert_eq!(
            (mail.from[0].as_str(), mail.name.as_deref(), mail.is_machine),
            ("paul@real.example", Some("Paul"), false)
        );
        // Who writes to a list in their own name is who they are.
        let mail = of(
            "From: Ana <ana@real.example>\nReply-To: forum@lists.example\nTo: forum@lists.example\nList-Id: <forum.lists.example>",
        );
        assert_eq!((mail.from[0].as_str(), mail.is_machine), ("ana@real.example", false));
        for machine in [
            "From: no-reply@shop.example",
            "From: MAILER-DAEMON@mx.example",
            "From: forum-bounces@lists.example\nReply-To: noreply@lists.example",
            "From: forum@lists.example\nTo: forum@lists.example\nList-Id: <x>\nReply-To: forum@lists.example",
        ] {
            assert!(of(machine).is_machine, "{machine}");
        }
        assert!(!of("From: reply@shop.example\nReply-To: other@shop.example").is_machine);
    }

    #[test]
    fn what_is_no_message_is_none_and_a_long_one_is_cut() {
        for bytes in [&b""[..], b"hello", b"\0\xff", b"just: a line\n\nx"] {
            assert_eq!(read(bytes), None, "{bytes:?}");
        }
        let long = format!("Subject: x\n\n{}", "é".repeat(5000));
        let text = read(long.as_bytes()).unwrap().text;
        assert!(text.chars().count() == LONGEST + 1 && text.ends_with('…'));
        assert!(read(b"Subject: x\nDate: never\n\n").unwrap().time.is_none());
    }

    proptest::proptest! {
        #[test]
        fn no_bytes_make_it_fail(bytes in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..200)) {
            let mut message = b"From: a@b.c\nDate: ".to_vec();
            message.extend(&bytes);
            let _ = (read(&bytes), read(&message));
        }
    }
}
