//! Trainings and agreements of the members (Art. 29, 32(4), 39(1)(b)), with the days when they are due again.

use serde::Serialize;

use super::{Facts, date};
use crate::reports::cites::Cite;

#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct View {
    pub trainings: usize,
    pub agreements: usize,
    pub members: Vec<Member>,
}

/// One member. Days are midnight UTC in seconds since 1970.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Member {
    pub handle: String,
    /// Whether the member left: still in the register of trainings, no more among the members.
    pub left: bool,
    /// Newest first.
    pub trainings: Vec<Training>,
    pub agreements: Vec<Agreement>,
    pub next: Option<i64>,
    pub level: &'static str,
}

#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Training {
    pub date: Option<i64>,
    pub topic: String,
    pub material: String,
    pub next: Option<i64>,
    /// Its last change.
    pub changed: Option<Cite>,
}

#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Agreement {
    pub date: Option<i64>,
    /// A code of `agreement`.
    pub kind: String,
    pub title: String,
    pub document: String,
    pub review: Option<i64>,
    /// Its last change.
    pub changed: Option<Cite>,
}

pub fn view(facts: &Facts) -> View {
    let registers = &facts.registers;
    let mut handles: Vec<String> = registers.members.iter().map(|m| m.member.to_string()).collect();
    let members = handles.len();
    let named = registers.trainings.iter().map(|t| &t.record.member);
    for handle in named.chain(registers.agreements.iter().map(|a| &a.record.member)) {
        if !handles.iter().any(|known| known == handle.as_str()) {
            handles.push(handle.to_string());
        }
    }
    let written = |dir: &str, name: &str| facts.cites.register(&facts.trails, &format!("{dir}/{name}"));
    let today = registers.today.seconds();
    let member = |(n, handle): (usize, String)| {
        let of = |member: &crate::domain::ids::Slug| member.as_str() == handle;
        let mut trainings: Vec<Training> = registers
            .trainings
            .iter()
            .filter(|t| of(&t.record.member))
            .map(|t| Training {
                date: date(Some(&t.record.date)),
                topic: t.record.topic.clone(),
                material: t.record.material.clone(),
                next: date(t.record.next.as_ref()),
                changed: written("trainings", &t.name),
            })
            .collect();
        trainings.sort_by_key(|t| std::cmp::Reverse(t.date));
        let mut agreements: Vec<Agreement> = registers
            .agreements
            .iter()
            .filter(|a| of(&a.record.member))
            .map(|a| Agreement {
                date: date(Some(&a.record.date)),
                kind: a.record.kind.clone(),
                title: a.record.title.clone(),
                document: a.record.document.clone(),
                review: date(a.record.review.as_ref()),
                changed: written("agreements", &a.name),
            })
            .collect();
        agreements.sort_by_key(|a| std::cmp::Reverse(a.date));
        let next = trainings.first().and_then(|t| t.next);
        let left = n >= members;
        let due = |day: Option<i64>| day.is_some_and(|day| day < today);
        let level = match trainings.first() {
            _ if left => "none",
            None => "look",
            Some(_) if due(next) || agreements.iter().any(|a| due(a.review)) => "look",
            Some(_) => "good",
        };
        Member { handle, left, trainings, agreements, next, level }
    };
    View {
        trainings: registers.trainings.len(),
        agreements: registers.agreements.len(),
        members: handles.into_iter().enumerate().map(member).collect(),
    }
}
