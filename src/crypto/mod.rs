//! The only place that names Sequoia: messages, certificates, signatures, secret keys.
//!
//! Bytes and texts go in and out; no file of the data repository is named here, and no rule about who may
//! do what is decided here.

pub mod cert;
pub mod digest;
pub mod gnupg;
pub mod keyed;
pub mod recipients;
pub mod secret_key;
pub mod software;
pub mod symmetric;
pub mod trial;
pub mod verify;

pub use cert::{Cert, Usability};
pub use secret_key::SecretKey;
pub use symmetric::Secret;

use crate::error::Error;

fn malformed(e: impl std::fmt::Display) -> Error {
    Error::failed("not a well-formed OpenPGP message of ours").cause(e)
}
