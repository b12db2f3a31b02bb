//! What holds of a person's consent at a moment (Art. 4(11), 7), from the events alone.

use crate::domain::channel::Channel;
use crate::domain::contact::{Consent, ConsentAction};
use crate::domain::ids::Slug;
use crate::domain::moment;

/// Whether an event is about this purpose and channel: one without a channel is about each, one that names an
/// unknown channel counts where it says no.
pub fn concerns(event: &Consent, purpose: &Slug, channel: Channel) -> bool {
    if event.purpose != *purpose {
        return false;
    }
    match event.channel.as_deref() {
        None => true,
        Some(text) => match Channel::of(text) {
            Some(named) => named == channel,
            None => is_no(event.action),
        },
    }
}

fn is_no(action: ConsentAction) -> bool {
    matches!(action, ConsentAction::Refused | ConsentAction::Withdrawn | ConsentAction::Expired)
}

/// Of two events at one moment the one that protects the person more counts.
fn caution(action: ConsentAction) -> u8 {
    match action {
        ConsentAction::Asked => 0,
        ConsentAction::Granted => 1,
        ConsentAction::Expired => 2,
        ConsentAction::Refused => 3,
        ConsentAction::Withdrawn => 4,
    }
}

/// A consent's state with the event that decides it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct State<'a> {
    pub event: &'a Consent,
    /// The event's action, or `Expired` for a grant whose time is over.
    pub action: ConsentAction,
}

/// The state at a moment (seconds since 1970); none where there was no event by then.
///
/// Asking again neither gives nor takes anything, so `asked` is the state only where nothing else was said. An
/// event whose moment cannot be read counts where it says no, and never where it says yes.
pub fn state<'a>(events: &'a [Consent], purpose: &Slug, channel: Channel, at: i64) -> Option<State<'a>> {
    let by_then = |event: &&Consent| match moment::start(&event.time) {
        Some(time) => time <= at,
        None => is_no(event.action),
    };
    let rank = |event: &&Consent| {
        (
            event.action != ConsentAction::Asked,
            moment::start(&event.time).unwrap_or(i64::MAX),
            caution(event.action),
        )
    };
    let event =
        events.iter().filter(|event| concerns(event, purpose, channel)).filter(by_then).max_by_key(rank)?;
    let over = event.expires.as_ref().and_then(moment::end).is_some_and(|end| end <= at);
    let action = match event.action {
        ConsentAction::Granted if over => ConsentAction::Expired,
        action => action,
    };
    Some(State { event, action })
}

/// The latest time by then that the person was asked, and so informed that they may say no.
pub fn asked<'a>(events: &'a [Consent], purpose: &Slug, channel: Channel, at: i64) -> Option<&'a Consent> {
    events
        .iter()
        .filter(|event| event.action == ConsentAction::Asked && concerns(event, purpose, channel))
        .filter_map(|event| Some((moment::start(&event.time).filter(|time| *time <= at)?, event)))
        .max_by_key(|(time, _)| *time)
        .map(|(_, event)| event)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(action: ConsentAction, day: &str, channel: Option<&str>, expires: Option<&str>) -> Consent {
        Consent {
            id: format!("{}-{day}", action.as_str()),
            purpose: "news".parse().unwrap(),
            channel: channel.map(str::to_owned),
            action,
            time: day.parse().unwrap(),
            method: None,
            source: None,
            collector: None,
            wording: None,
            evidence: None,
            expires: expires.map(|e| e.parse().unwrap()),
        }
    }

    fn at(day: &str) -> i64 {
        moment::start_of_text(day).unwrap()
    }

    #[test]
    fn the_latest_word_counts_and_asking_again_takes_nothing() {
        use ConsentAction::*;
        let news = "news".parse().unwrap();
        let events = [
            event(Granted, "2026-01-10", Some("email"), None),
            event(Asked, "2026-02-01", None, None),
            event(Withdrawn, "2026-03-01", None, None),
            event(Granted, "2026-04-01", Some("sms"), Some("2026-04-30")),
        ];
        let state = |channel, day: &str| state(&events, &news, channel, at(day)).map(|s| s.action);
        assert_eq!(state(Channel::Email, "2026-01-09"), None);
        assert_eq!(state(Channel::Email, "2026-02-02"), Some(Granted));
        assert_eq!(state(Channel::Sms, "2026-02-02"), Some(Asked));
        assert_eq!(state(Channel::Email, "2026-05-01"), Some(Withdrawn));
        // The last day of an expiry still counts; the day after does not.
        assert_eq!(state(Channel::Sms, "2026-04-30"), Some(Granted));
        assert_eq!(state(Channel::Sms, "2026-05-01"), Some(Expired));
    }

    #[test]
    fn at_one_moment_the_no_counts_and_an_unknown_channel_only_says_no() {
        use ConsentAction::*;
        let news = "news".parse().unwrap();
        let both = [event(Withdrawn, "2026-01-01", None, None), event(Granted, "2026-01-01", None, None)];
        assert_eq!(state(&both, &news, Channel::Email, at("2026-01-02")).unwrap().action, Withdrawn);
        let odd = [event(Granted, "2026-01-01", Some("fax"), None)];
        assert!(state(&odd, &news, Channel::Email, at("2026-01-02")).is_none());
        let odd = [event(Refused, "2026-01-01", Some("fax"), None)];
        assert_eq!(state(&odd, &news, Channel::Email, at("2026-01-02")).unwrap().action, Refused);
    }
}
