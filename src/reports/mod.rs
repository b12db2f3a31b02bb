//! The static site: what the firm's registers say, as pages that need no server and no script.
//!
//! One read of the contacts becomes figures ([`figures`]), the trails become rows ([`trails`]), each page
//! has a small view of these ([`views`]), and templates see nothing but views ([`render`]). Views are
//! numbers, codes and texts of the registers; language comes in with the templates' filters ([`texts`]).
//! No text of a contact file gets past [`figures`].

pub mod audience;
pub mod breach;
pub mod check;
pub mod cites;
pub mod data;
pub mod figures;
pub mod manifest;
pub mod map;
mod markup;
pub mod nominative;
pub mod notice;
pub mod out;
pub mod pack;
pub mod pages;
mod paging;
pub mod pictures;
pub mod reading;
pub mod render;
mod rows;
pub mod since;
pub mod site;
pub mod small;
pub mod templates;
pub mod texts;
pub mod trails;
pub mod views;

pub use crate::domain::moment;
pub use pages::Pages;
pub use site::Target;
