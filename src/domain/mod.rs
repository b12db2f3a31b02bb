//! Pure types and rules: no I/O, no clock, no cryptography.
//!
//! Everything here can be tested with values alone. What a contact file holds, which bases and purposes
//! exist, how text is folded for search, how an audit trailer is written: nothing about where it is kept.

pub mod activity;
pub mod after;
pub mod audit;
pub mod breach;
pub mod certificate;
pub mod channel;
pub mod consent_proof;
pub mod contact;
pub mod deal;
pub mod draft;
pub mod dupes;
pub mod edit;
pub mod email;
pub mod events;
pub mod evidence;
pub mod facet;
pub mod filter;
pub mod fold;
pub mod form;
pub mod ids;
pub mod lawful;
pub mod link;
pub mod mention;
pub mod merge;
pub mod moment;
pub mod money;
pub mod objected;
pub mod objection;
pub mod organisation;
pub mod phone;
pub mod pipeline;
pub mod policy;
pub mod purge;
pub mod record;
pub mod reference;
pub mod register;
pub mod registers;
pub mod request;
pub mod retention;
pub mod selector;
pub mod stages;
pub mod steps;
pub mod supplement;
pub mod telling;
pub mod trailer;
pub mod unite;
pub mod wording;
pub mod zone;
