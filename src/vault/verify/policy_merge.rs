//! What a merge's signing policy must be when the merge itself changes nothing.
//!
//! Each member is as the one side has it that changed it. Where both sides changed the same member, neither gains
//! what the other took away: so a merge never needs a right that its sides did not use, and every clone comes to the
//! same policy.

use std::collections::BTreeSet;

use super::rules::{flags, handles, is_extension};
use crate::crypto::verify::keyring;
use crate::domain::policy::{Authorization, Policy};

/// A merged policy.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Merged {
    pub policy: Policy,
    /// Members that both sides changed, each in another way; what was taken away stays away.
    pub twice: BTreeSet<String>,
    /// Members to whom both sides gave another key: nobody can tell which one counts. Empty for the file's version.
    pub undecided: BTreeSet<String>,
}

/// Merges the policies of a merge's sides, which come from `base`.
pub fn merged(base: &Policy, sides: &[&Policy]) -> Merged {
    let mut out = Merged::default();
    let versions = changed(&base.version, sides.iter().map(|p| &p.version));
    out.policy.version = versions.first().map_or(base.version, |v| **v);
    if versions.len() > 1 {
        out.undecided.insert(String::new());
    }
    let lists = changed(&base.commit_goodlist, sides.iter().map(|p| &p.commit_goodlist));
    let good = |commit: &&String| lists.iter().all(|list| list.contains(commit));
    out.policy.commit_goodlist = match lists.first() {
        None => base.commit_goodlist.clone(),
        Some(first) => first.iter().filter(good).cloned().collect(),
    };
    for handle in handles(std::iter::once(base).chain(sides.iter().copied())) {
        let was = base.authorization.get(handle);
        let all: Vec<Option<&Authorization>> = sides.iter().map(|p| p.authorization.get(handle)).collect();
        let different = changed(&was, all.iter());
        let result = match different[..] {
            [] => was.cloned(),
            [one] => one.cloned(),
            _ => {
                out.twice.insert(handle.to_owned());
                let one = stricter(was, &different);
                if one.is_err() {
                    out.undecided.insert(handle.to_owned());
                }
                one.unwrap_or_default()
            }
        };
        if let Some(result) = result {
            out.policy.authorization.insert(handle.to_owned(), result);
        }
    }
    out
}

/// The versions that differ from `base`, each once.
fn changed<'a, T: PartialEq + 'a>(base: &T, sides: impl Iterator<Item = &'a T>) -> Vec<&'a T> {
    let mut changed: Vec<&T> = Vec::new();
    for side in sides {
        if side != base && !changed.contains(&side) {
            changed.push(side);
        }
    }
    changed
}

/// One side gave the member this key, and the other another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Undecided;

/// One member's entry where the sides changed it differently: who is removed stays removed; a right that a side took
/// away stays away; one that a side gave stands, unless another side took something away or replaced the key.
fn stricter(
    base: Option<&Authorization>,
    sides: &[&Option<&Authorization>],
) -> Result<Option<Authorization>, Undecided> {
    let Some(sides) = sides.iter().map(|side| **side).collect::<Option<Vec<_>>>() else { return Ok(None) };
    let old = base.map(flags);
    let is_taken = |side: &Authorization| {
        let flags_gone = old.is_some_and(|old| old.iter().zip(flags(side)).any(|(was, is)| *was && !is));
        flags_gone || base.is_some_and(|base| !is_extension(&base.keyring, &side.keyring))
    };
    let right = |n: usize| {
        let has = |side: &Authorization| flags(side).get(n).copied().unwrap_or_default();
        match old.and_then(|old| old.get(n).copied()) {
            // Both made the entry: what both gave. Or it was there, and nobody took it away.
            None | Some(true) => sides.iter().all(|side| has(side)),
            Some(false) => {
                let giver = sides.iter().position(|side| has(side));
                giver.is_some_and(|by| sides.iter().enumerate().all(|(n, side)| n == by || !is_taken(side)))
            }
        }
    };
    Ok(Some(Authorization {
        sign_commit: right(0),
        sign_tag: right(1),
        sign_archive: right(2),
        add_user: right(3),
        retire_user: right(4),
        audit: right(5),
        keyring: keys(base.map(|base| base.keyring.as_str()), &sides)?,
    }))
}

/// The member's certificates: a replaced key stays out of use, and two extensions of one certificate are one.
fn keys(base: Option<&str>, sides: &[&Authorization]) -> Result<String, Undecided> {
    let replaced = |ring: &str| base.is_some_and(|base| !is_extension(base, ring));
    let mut rings: Vec<&str> = sides.iter().map(|side| side.keyring.as_str()).collect();
    if rings.iter().any(|ring| replaced(ring)) {
        rings.retain(|ring| replaced(ring));
    }
    rings.sort_unstable();
    rings.dedup();
    let [first, rest @ ..] = &rings[..] else { return Err(Undecided) };
    let mut out = (*first).to_owned();
    for other in rest {
        if is_extension(&out, other) {
            out = (*other).to_owned();
        } else if !is_extension(other, &out) {
            let (Ok(one), Ok(other)) = (keyring(&out), keyring(other)) else { return Err(Undecided) };
            let ([one], [other]) = (&one[..], &other[..]) else { return Err(Undecided) };
            let both = one.merged(other).and_then(|both| both.armoured());
            out = both.map_err(|_| Undecided)?;
        }
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn may(flags: [bool; 6]) -> Authorization {
        let [sign_commit, sign_tag, sign_archive, add_user, retire_user, audit] = flags;
        let keyring = String::new();
        Authorization { sign_commit, sign_tag, sign_archive, add_user, retire_user, audit, keyring }
    }

    fn policy(members: &[(&str, Authorization)]) -> Policy {
        let authorization = members.iter().map(|(name, a)| ((*name).to_owned(), a.clone())).collect();
        Policy { authorization, ..Policy::default() }
    }

    const NONE: [bool; 6] = [false; 6];
    const SIGNS: [bool; 6] = [true, false, false, false, false, false];
    const ADDS: [bool; 6] = [true, false, false, true, false, false];
    const ALL: [bool; 6] = [true; 6];

    /// Both ways round, for every clone has to come to the same.
    #[track_caller]
    fn comes_to(base: &Policy, one: &Policy, other: &Policy) -> Merged {
        let found = merged(base, &[one, other]);
        assert_eq!(found, merged(base, &[other, one]));
        assert!(found.undecided.is_empty(), "{found:?}");
        found
    }

    #[test]
    fn each_sides_change_is_taken() {
        let base = policy(&[("ana", may(ALL)), ("bob", may(SIGNS))]);
        let added = policy(&[("ana", may(ALL)), ("bob", may(SIGNS)), ("eve", may(SIGNS))]);
        let retired = policy(&[("ana", may(ALL))]);
        let found = comes_to(&base, &added, &retired);
        assert_eq!(found.policy, policy(&[("ana", may(ALL)), ("eve", may(SIGNS))]));
        assert!(found.twice.is_empty());
    }

    #[test]
    fn what_one_side_took_away_stays_away() {
        let base = policy(&[("ana", may(ALL)), ("bob", may(SIGNS))]);
        let promoted = policy(&[("ana", may(ALL)), ("bob", may(ADDS))]);
        let retired = policy(&[("ana", may(ALL))]);
        let found = comes_to(&base, &promoted, &retired);
        assert_eq!((&found.policy, found.twice.len()), (&retired, 1));
        let silenced = policy(&[("ana", may(ALL)), ("bob", may(NONE))]);
        assert_eq!(comes_to(&base, &promoted, &silenced).policy, silenced);
        // Two rights taken by two sides are both gone; two given, with nothing taken, both stand.
        let base = policy(&[("bob", may(ADDS))]);
        let (one, other) = (policy(&[("bob", may(SIGNS))]), policy(&[("bob", may(NONE))]));
        assert_eq!(comes_to(&base, &one, &other).policy, other);
        let two = [true, true, false, true, false, false];
        let three = [true, false, true, true, false, false];
        let both = [true, true, true, true, false, false];
        let (one, other) = (policy(&[("bob", may(two))]), policy(&[("bob", may(three))]));
        assert_eq!(comes_to(&base, &one, &other).policy, policy(&[("bob", may(both))]));
        // Whom both sides added can do what both say.
        let (one, other) = (policy(&[("eve", may(ADDS))]), policy(&[("eve", may(two))]));
        assert_eq!(comes_to(&Policy::default(), &one, &other).policy, policy(&[("eve", may(ADDS))]));
    }

    #[test]
    fn a_commit_is_good_without_signature_only_where_both_sides_say_so() {
        let list = |commits: &[&str]| Policy {
            commit_goodlist: commits.iter().map(|c| (*c).to_owned()).collect(),
            ..Policy::default()
        };
        let found = comes_to(&list(&["a"]), &list(&["a", "b"]), &list(&["c"]));
        assert_eq!(found.policy, list(&[]));
    }

    #[test]
    fn two_other_keys_for_one_member_are_not_guessed() {
        let with =
            |keyring: &str| policy(&[("bob", Authorization { keyring: keyring.to_owned(), ..may(SIGNS) })]);
        let found = merged(&with("x"), &[&with("y"), &with("z")]);
        assert!(found.undecided.contains("bob"));
    }
}
