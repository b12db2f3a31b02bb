//! The answer to each kind of request: which letter, which files, which decision.

use super::answer::Wishes;
use super::reply::Reply;
use crate::context::Context;
use crate::domain::lawful::LegalBasis;
use crate::domain::moment;
use crate::domain::register::{Erasure, Trigger};
use crate::domain::request::{Decision, Ground, Kind, Request};
use crate::domain::zone::Day;
use crate::error::{Error, Result};
use crate::reports::pack::data::{Data, Facts, machine_files};
use crate::reports::pack::letter::{Letter, Which, changes};
use crate::reports::pack::record::Relation;
use crate::reports::pack::{purposes, record, trail};
use crate::vault::erase::Order;
use crate::vault::requests::Subject;
use crate::vault::select::Match;
use crate::vault::snapshot::Opened;
use crate::vault::{Snapshot, Vault};

/// A reply that is ready to be written.
pub(super) struct Made {
    pub which: Which,
    pub decision: Decision,
    pub letter: Letter,
    /// Everything that comes with the letter.
    pub files: Vec<(String, Vec<u8>)>,
}

/// A refusal with its ground.
pub(super) fn refusal(
    reply: &Reply<'_>,
    request: &Request,
    day: Day,
    ground: Ground,
    because: Option<&str>,
) -> Result<Made> {
    let mut letter = reply.letter(request, day)?;
    letter.refuse(ground, because);
    Ok(Made { which: Which::Refusal, decision: Decision::Refused, letter, files: Vec::new() })
}

/// What the decision would be; what would be refused is refused here, too.
pub(super) fn foresee(reply: &Reply<'_>, request: &Request, wishes: &Wishes<'_>) -> Result<Decision> {
    Ok(match &reply.subject {
        Subject::Unknown => {
            check_nobody(reply, wishes)?;
            Decision::NoData
        }
        Subject::Erased(_) => Decision::AlreadyErased,
        Subject::Held(opened) => match request.kind {
            Kind::Access | Kind::Portability => data(reply, request, wishes, opened)?.decision,
            Kind::Rectification => rectification(reply, request, wishes, opened)?.decision,
            Kind::Erasure => {
                check_erasable(reply, opened)?;
                Decision::Granted
            }
            Kind::Restriction | Kind::Objection => Decision::Granted,
        },
    })
}

/// Makes the reply; an erasure happens here, for its certificate is part of the reply.
pub(super) fn make(
    context: &Context,
    reply: &Reply<'_>,
    request: &Request,
    wishes: &Wishes<'_>,
) -> Result<Made> {
    let opened = match &reply.subject {
        Subject::Unknown => {
            check_nobody(reply, wishes)?;
            let letter = reply.letter(request, wishes.day)?;
            return Ok(Made { which: Which::Nothing, decision: Decision::NoData, letter, files: Vec::new() });
        }
        Subject::Erased(line) => return erased_before(reply, request, wishes.day, line),
        Subject::Held(opened) => opened,
    };
    match request.kind {
        Kind::Access | Kind::Portability => data(reply, request, wishes, opened),
        Kind::Rectification => rectification(reply, request, wishes, opened),
        Kind::Erasure => erasure(context, reply, request, wishes, opened),
        Kind::Restriction => plain(reply, request, wishes.day, Which::Restriction),
        Kind::Objection => plain(reply, request, wishes.day, Which::Objection),
    }
}

fn plain(reply: &Reply<'_>, request: &Request, day: Day, which: Which) -> Result<Made> {
    let letter = reply.letter(request, day)?;
    Ok(Made { which, decision: Decision::Granted, letter, files: Vec::new() })
}

/// The person's data, to read and for machines.
fn data(reply: &Reply<'_>, request: &Request, wishes: &Wishes<'_>, opened: &Opened) -> Result<Made> {
    let (vault, at) = (reply.vault, reply.at);
    let is_access = request.kind == Kind::Access;
    let langs = (reply.lang, reply.settings.lang);
    let record = match is_access {
        true => record::access(&opened.text, &relations(vault, at, opened)?, wishes.leave_out)?,
        false => {
            record::portable(&opened.text, vault.now.timestamp(), wishes.leave_out)?.ok_or_else(|| {
                Error::refused(
                    "nothing is held about this person under consent or contract (Art. 20(1) GDPR)",
                )
                .at(format!("request {}", request.reference))
                .hint("--refuse not-portable; the right of access gives the person what there is")
            })?
        }
    };
    let (history, unreadable) = match is_access {
        true => trail::of(vault, at, &opened.contact.id, request.zone()?, langs)?,
        false => Default::default(),
    };
    let purposes = purposes::of(vault, at, &record.contact, langs.0, langs.1)?;
    let facts = Facts { record, purposes, history, unreadable };
    let mut letter = reply.letter(request, wishes.day)?;
    letter.left_out.clone_from(&facts.record.left_out);
    let page = Data::new(&reply.settings, request, reply.lang.as_str(), wishes.day, &facts);
    let mut files = vec![("data.html".to_owned(), reply.pages()?.data(&page)?)];
    files.extend(machine_files(&reply.settings, request, &vault.now_text(), &facts)?);
    if is_access {
        files.extend(evidence(reply, opened)?);
    }
    let which = if is_access { Which::Access } else { Which::Portability };
    let decision = if letter.left_out.is_empty() { Decision::Granted } else { Decision::Partly };
    Ok(Made { which, decision, letter, files })
}

/// How the person is related to others, in whichever file it stands, as far as this member can see it.
fn relations(vault: &Vault, at: Snapshot, opened: &Opened) -> Result<Vec<Relation>> {
    let all = vault.links(at)?.with(opened.contact.id.as_str(), vault.now).into_iter();
    let told = all.map(|one| Relation {
        kind: one.kind,
        organisation: Some(one.with.name).filter(|_| one.with.organisation),
        role: one.role,
        since: one.since,
        until: one.until,
    });
    Ok(told.collect())
}

/// The evidence of the person's consents, each file as it was given.
fn evidence(reply: &Reply<'_>, opened: &Opened) -> Result<Vec<(String, Vec<u8>)>> {
    let id = &opened.contact.id;
    let mut files = Vec::new();
    for file in reply.vault.evidence_of(reply.at.tree, id)? {
        let bytes = reply.vault.open_evidence(&opened.book, id, &file)?;
        files.push((format!("evidence-{}", file.sha256.get(..12).unwrap_or(&file.sha256)), bytes.to_vec()));
    }
    Ok(files)
}

/// What was changed since the request was entered.
fn rectification(reply: &Reply<'_>, request: &Request, wishes: &Wishes<'_>, opened: &Opened) -> Result<Made> {
    let place = format!("request {}", request.reference);
    let before = reply.vault.text_at(reply.at, &request.base, &opened.contact.id)?.ok_or_else(|| {
        Error::failed("the contact as it was when the request was entered cannot be opened any more")
            .at(place.clone())
            .hint("`carnet history ID --diff` shows what can be read; --refuse, or enter the request anew and edit then")
    })?;
    let mut letter = reply.letter(request, wishes.day)?;
    letter.changes = changes(&before, &opened.text);
    if letter.changes.is_empty() {
        return Err(Error::refused("nothing of the contact has changed since the request was entered")
            .at(place)
            .hint(format!(
                "`carnet edit {} --set KEY=VALUE` first, then answer; or --refuse already-accurate",
                opened.contact.id.short()
            )));
    }
    Ok(Made { which: Which::Rectification, decision: Decision::Granted, letter, files: Vec::new() })
}

/// Erases through the same code as `carnet erase`, and encloses the certificate.
fn erasure(
    context: &Context,
    reply: &Reply<'_>,
    request: &Request,
    wishes: &Wishes<'_>,
    opened: &Opened,
) -> Result<Made> {
    let id = &opened.contact.id;
    check_erasable(reply, opened)?;
    context.ui.confirm(&format!("Erase contact {} for good? This cannot be undone.", id.short()))?;
    let one = Match { book: opened.book.clone(), id: id.clone(), name: String::new(), email: String::new() };
    let order = Order {
        contacts: std::slice::from_ref(&one),
        trigger: Trigger::Request,
        request: Some(request.reference.as_str()),
        keep_opposition: wishes.keep_opposition,
    };
    let erased = reply.vault.erase(&order, &|_| {})?;
    let line = erased.entries.into_iter().map(|(line, _)| line).next();
    let line =
        line.ok_or_else(|| Error::failed("the erasure has no line in the ledger").hint("`carnet verify`"))?;
    certified(reply, request, wishes.day, &line)
}

/// The reply to an erasure that has happened: its certificate, proven again.
fn certified(reply: &Reply<'_>, request: &Request, day: Day, line: &Erasure) -> Result<Made> {
    let certificate = reply.vault.certificate(&line.contact)?;
    let name = format!("{}.{}.txt", certificate.stem(), reply.lang.as_str());
    let text = certificate.text(reply.lang, &name);
    let signature = reply.vault.sign_statement(text.as_bytes())?;
    let mut letter = reply.letter(request, day)?;
    letter.state_erasure(line, request.zone()?);
    let files = vec![(format!("{name}.asc"), signature.into_bytes()), (name, text.into_bytes())];
    Ok(Made { which: Which::Erasure, decision: Decision::Granted, letter, files })
}

/// Somebody whose contact is in the ledger: by this very request, or before it.
fn erased_before(reply: &Reply<'_>, request: &Request, day: Day, line: &Erasure) -> Result<Made> {
    if request.kind == Kind::Erasure && line.request.as_deref() == Some(request.reference.as_str()) {
        return certified(reply, request, day, line);
    }
    let mut letter = reply.letter(request, day)?;
    letter.state_erasure(line, request.zone()?);
    Ok(Made { which: Which::Nothing, decision: Decision::AlreadyErased, letter, files: Vec::new() })
}

/// Refuses to erase what a legal obligation in force keeps (Art. 17(3)(b)).
fn check_erasable(reply: &Reply<'_>, opened: &Opened) -> Result<()> {
    let now = reply.vault.now.timestamp();
    let bound = opened.contact.bases.iter().find(|basis| {
        let lasts = basis.until.as_ref().and_then(moment::end).is_none_or(|end| end > now);
        lasts && basis.basis == LegalBasis::LegalObligation
    });
    let Some(basis) = bound else { return Ok(()) };
    let id = opened.contact.id.short();
    Err(Error::refused(format!(
        "a legal obligation keeps this contact for the purpose `{}` (Art. 17(3)(b) GDPR)",
        basis.purpose
    ))
    .at(format!("contact {id}"))
    .hint(format!(
        "--refuse legal-obligation; or, where it is over, `carnet edit {id} --rm-basis {}` first",
        basis.purpose
    )))
}

/// Says that nobody is known only when everything was searched and nothing found.
fn check_nobody(reply: &Reply<'_>, wishes: &Wishes<'_>) -> Result<()> {
    let (vault, at) = (reply.vault, reply.at);
    let closed = vault.books_out_of_reach(at)?;
    if !closed.is_empty() {
        let names: Vec<&str> = closed.iter().map(|slug| slug.as_str()).collect();
        return Err(Error::no_key("nobody can say that no data is held without searching every book")
            .at(format!("books {}", names.join(", ")))
            .hint("a member who can open all books answers this request"));
    }
    let Some(private) = &reply.private else { return Ok(()) };
    let requester = private.requester.as_deref().and_then(|text| text.lines().next());
    let mut found: Vec<String> = Vec::new();
    for text in private.identifiers.iter().map(String::as_str).chain(requester) {
        let matches = vault.matches(at, text, reply.settings.country())?;
        found.extend(matches.into_iter().map(|one| one.id.short().to_owned()));
    }
    found.sort();
    found.dedup();
    if found.is_empty() || wishes.not_them {
        return Ok(());
    }
    Err(Error::refused(format!("{} contact(s) fit what the person said of themselves", found.len()))
        .at(format!("contact {}", found.join(", ")))
        .hint("--contact ID, if one of them is this person; --not-them, if none is"))
}
