//! What a person gets who has exercised a right: a letter, and for access and portability their data.
//!
//! [`record`] says what of a contact is handed out and [`reads`] how it reads, [`trail`] what of its history, [`purposes`] what the register says of
//! what it is held for; [`letter`] and [`data`] are views of these, [`render`] turns them into pages, [`files`] writes
//! them outside the repository. Pages are whole in themselves: no script, no link, nothing fetched from anywhere.

pub mod data;
pub mod files;
pub mod letter;
pub mod purposes;
pub mod reads;
pub mod record;
pub mod render;
pub mod trail;

use crate::domain::organisation::{Lang, Settings};

/// The language of a person: as the contact says (BCP 47), else the firm's.
pub fn lang_of(contact: Option<&str>, settings: &Settings) -> Lang {
    let tag = contact.unwrap_or_default().to_ascii_lowercase();
    match tag.split(['-', '_']).next() {
        Some("fr") => Lang::Fr,
        Some("en") => Lang::En,
        _ => settings.lang,
    }
}
