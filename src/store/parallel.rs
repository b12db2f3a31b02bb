//! Reading many objects on all cores: libgit2's handles belong to one thread each.

use rayon::prelude::*;

use super::Repo;
use crate::error::Result;

/// How many items each of some pieces of work gets: several pieces a core, so that none waits long.
pub fn chunk_size(items: usize) -> usize {
    items.div_ceil(rayon::current_num_threads().saturating_mul(4).max(1)).max(64)
}

impl Repo {
    /// Does `work` for every item, each piece of work with a handle of its own on the repository; in order.
    pub fn in_parallel<T: Sync, R: Send>(
        &self,
        items: &[T],
        work: impl Fn(&Repo, &T) -> R + Sync,
    ) -> Result<Vec<R>> {
        if items.len() < 16 {
            return Ok(items.iter().map(|item| work(self, item)).collect());
        }
        let size = chunk_size(items.len());
        let handles = items.chunks(size).map(|_| self.another()).collect::<Result<Vec<_>>>()?;
        let done: Vec<Vec<R>> = handles
            .into_par_iter()
            .zip(items.par_chunks(size))
            .map(|(repo, items)| items.iter().map(|item| work(&repo, item)).collect())
            .collect();
        Ok(done.into_iter().flatten().collect())
    }

    /// The same for few items that take long each: dealt out to one handle a core.
    pub fn dealt_out<T: Sync, R: Send>(
        &self,
        items: &[T],
        work: impl Fn(&Repo, &T) -> R + Sync,
    ) -> Result<Vec<R>> {
        let hands = rayon::current_num_threads().min(items.len()).max(1);
        let handles = (0..hands).map(|_| self.another()).collect::<Result<Vec<_>>>()?;
        let work = |repo: &Repo, first: usize| -> Vec<(usize, R)> {
            let own = items.iter().enumerate().skip(first).step_by(hands);
            own.map(|(at, item)| (at, work(repo, item))).collect()
        };
        let done: Vec<Vec<(usize, R)>> =
            handles.into_par_iter().enumerate().map(|(first, repo)| work(&repo, first)).collect();
        let mut done: Vec<(usize, R)> = done.into_iter().flatten().collect();
        done.sort_by_key(|(at, _)| *at);
        Ok(done.into_iter().map(|(_, result)| result).collect())
    }
}
