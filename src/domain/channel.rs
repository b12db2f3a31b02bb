//! The ways to reach a person that the law tells apart.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A channel, as consent, objections and prospecting rules name it.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, clap::ValueEnum,
)]
#[serde(rename_all = "lowercase")]
pub enum Channel {
    Email,
    Sms,
    Phone,
    Post,
}

impl Channel {
    /// All four.
    pub const ALL: [Channel; 4] = [Channel::Email, Channel::Sms, Channel::Phone, Channel::Post];

    pub fn as_str(self) -> &'static str {
        match self {
            Channel::Email => "email",
            Channel::Sms => "sms",
            Channel::Phone => "phone",
            Channel::Post => "post",
        }
    }

    /// The channel that a file names, in any case; none when it is none of the four.
    pub fn of(text: &str) -> Option<Channel> {
        Channel::ALL.into_iter().find(|channel| channel.as_str().eq_ignore_ascii_case(text.trim()))
    }
}

impl fmt::Display for Channel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
