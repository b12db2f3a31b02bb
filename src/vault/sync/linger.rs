//! Keys that were replaced or destroyed and that a remote keeps all the same: nobody but its owner can make it forget.

use std::collections::BTreeSet;

use super::{Remote, Synced};
use crate::error::Result;
use crate::store::Oid;
use crate::vault::Vault;
use crate::vault::confirm_remote::Holding;

impl Vault {
    /// One key message of those that the remote had and that are no more; none where keys were only added.
    pub(super) fn replaced_key(&self) -> Result<Option<Oid>> {
        let (_, there) = self.synced()?;
        let here: BTreeSet<Oid> = self.keys.list()?.into_iter().map(|entry| entry.id).collect();
        Ok(there.into_values().find(|id| !here.contains(id)))
    }

    /// Says where the remote still gives out a key that was destroyed, or cannot be asked.
    pub(super) fn state_lingering(&self, remote: &Remote, done: &mut Synced) -> Result<()> {
        let Some(id) = done.replaced_key.take() else { return Ok(()) };
        let asked = self.remote_to_ask(&remote.name, &remote.keys_url)?;
        let what = match asked.holds(&BTreeSet::from([id]))?.holds {
            Holding::Gone => return Ok(()),
            Holding::Held => "the remote still gives out keys that were replaced or destroyed",
            Holding::Unknown => "the remote may still hold keys that were replaced or destroyed",
        };
        done.warnings.push(what.to_owned());
        done.warnings.push(
            "a forge, or a repository that git alone made, keeps them as long as it likes: have the keys on a server of \
             your own, by `carnet remote init`, and `git config carnet.keysRemote URL` (new clones: `carnet clone \
             --keys-remote URL`)"
                .to_owned(),
        );
        Ok(())
    }
}
