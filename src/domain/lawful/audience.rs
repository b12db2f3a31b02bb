//! Whom an address reaches: a consumer, a professional, or an organisation and nobody in it.

use serde::Serialize;

use super::Prospecting;
use crate::domain::channel::Channel;
use crate::domain::contact::{Contact, ContactKind};

/// What the prospecting rules tell apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Audience {
    Consumer,
    Professional,
    /// An address such as contact@ that belongs to nobody in particular.
    Generic,
}

/// Who is reached on `channel`; `address` is what would be used.
///
/// The contact's `audience` decides where it has one, and anything there but `professional` means a consumer.
/// Without it, an organisation and a person with an `org` are professionals, but for a person's own mail provider.
pub fn audience(contact: &Contact, channel: Channel, address: Option<&str>, rules: &Prospecting) -> Audience {
    let parts = address.filter(|_| channel == Channel::Email).and_then(|a| a.rsplit_once('@'));
    let parts = parts.map(|(local, domain)| (local.to_lowercase(), domain.to_lowercase()));
    let own = parts.as_ref().is_some_and(|(_, domain)| rules.own_mail.contains(domain));
    if let Some((local, _)) = &parts
        && !own
        && rules.generic.iter().any(|name| name.eq_ignore_ascii_case(local))
    {
        return Audience::Generic;
    }
    match contact.audience.as_deref().map(str::trim) {
        Some(text) if text.eq_ignore_ascii_case("professional") => Audience::Professional,
        Some(_) => Audience::Consumer,
        None if contact.kind == ContactKind::Organisation => Audience::Professional,
        None if contact.org.as_deref().is_some_and(|org| !org.trim().is_empty()) && !own => {
            Audience::Professional
        }
        None => Audience::Consumer,
    }
}
