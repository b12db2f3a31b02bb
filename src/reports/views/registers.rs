//! The plain registers as they were read: what the pages show of processors, members, requests, breaches and wordings.

use crate::domain::breach::{Breach, Moment};
use crate::domain::registers::agreement::Agreement;
use crate::domain::registers::processor::Processor;
use crate::domain::registers::training::Training;
use crate::domain::request::{Request, Standing};
use crate::domain::zone::Day;
use crate::error::Result;
use crate::vault::members_list::Listed;
use crate::vault::registers::Stored;
use crate::vault::wordings::Held;
use crate::vault::{Snapshot, Vault};

/// Everything that is plain in the repository and no purpose. Sealed texts are not read.
pub struct Registers {
    pub processors: Vec<Stored<Processor>>,
    pub trainings: Vec<Stored<Training>>,
    pub agreements: Vec<Stored<Agreement>>,
    /// Newest first, with how each stands today.
    pub requests: Vec<(Request, Standing)>,
    /// Newest first.
    pub breaches: Vec<Breach>,
    pub members: Vec<Listed>,
    pub wordings: Vec<Held>,
    /// Entries of requests and breaches that cannot be read; the audit names them.
    pub unreadable: usize,
    pub today: Day,
    pub now: Moment,
}

impl Registers {
    pub fn read(vault: &Vault, at: Snapshot) -> Result<Registers> {
        let mut unreadable = 0;
        let mut requests = Vec::new();
        for (_, request) in vault.each_request(at)? {
            let read = request.and_then(|r| Ok((vault.today_for(&r)?, r)));
            match read {
                Ok((today, request)) => {
                    let standing = request.standing(today);
                    requests.push((request, standing));
                }
                Err(_) => unreadable += 1,
            }
        }
        requests
            .sort_by_key(|(r, _)| std::cmp::Reverse((r.reference.year_and_number(), r.reference.clone())));
        let mut breaches = Vec::new();
        for (_, breach) in vault.each_breach(at)? {
            match breach {
                Ok(breach) => breaches.push(breach),
                Err(_) => unreadable += 1,
            }
        }
        breaches.sort_by_key(|b| std::cmp::Reverse((b.reference.year_and_number(), b.reference.clone())));
        Ok(Registers {
            processors: vault.entries(at)?,
            trainings: vault.entries(at)?,
            agreements: vault.entries(at)?,
            requests,
            breaches,
            members: vault.members(at)?,
            wordings: vault.wordings(at)?,
            unreadable,
            today: vault.zone_and_today(at)?.1,
            now: vault.moment(),
        })
    }
}
