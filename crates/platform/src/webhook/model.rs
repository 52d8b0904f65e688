//! What a webhook is, what it wants to be told, and when it is told again.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::SignedDuration;
use kernel::{EntityId, Timestamp, WebhookId};

use crate::{Error, Result};

/// Webhooks that a tenant may have: every event asks each of them.
pub(super) const MOST: i64 = 50;

/// Actions and beginnings that one may name.
const MOST_ACTIONS: usize = 100;

/// The secret before this one signs for so long after a rotation.
pub(super) const OVERLAP: SignedDuration = SignedDuration::from_hours(24);

/// One that took nothing for so long is switched off.
pub(super) const PATIENCE: SignedDuration = SignedDuration::from_hours(5 * 24);

/// The waits before a message is sent again, in seconds (spec/desk.md 6.4).
const WAITS_S: [i64; 10] = [60, 120, 240, 480, 960, 1920, 3600, 7200, 14_400, 28_800];

/// How often a message is sent at most: once, and after each wait.
#[expect(clippy::cast_possible_truncation, clippy::cast_possible_wrap, reason = "there are ten waits")]
pub(super) const TRIES: i32 = WAITS_S.len() as i32 + 1;

crate::words! {
    /// What became of a call.
    CallOutcome {
        /// It was taken: a status from 200 to 299.
        Delivered = "delivered",
        /// It was answered otherwise.
        Refused = "refused",
        /// It was not answered.
        Failed = "failed",
    }
}

/// A webhook, without its secret.
#[derive(Clone, Debug)]
pub(super) struct Webhook {
    pub(super) id: WebhookId,
    pub(super) entity_id: Option<EntityId>,
    pub(super) name: String,
    pub(super) url: String,
    pub(super) actions: Vec<String>,
    pub(super) active: bool,
    pub(super) previous_until: Option<Timestamp>,
    pub(super) failing_since: Option<Timestamp>,
    pub(super) resting_until: Option<Timestamp>,
    pub(super) rests: i32,
    pub(super) created_at: Timestamp,
    pub(super) updated_at: Timestamp,
}

/// How a webhook stands after a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Standing {
    pub(super) active: bool,
    pub(super) failing_since: Option<Timestamp>,
    pub(super) resting_until: Option<Timestamp>,
    pub(super) rests: i32,
}

/// What is known of a call when it is over.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ended {
    pub(super) outcome: CallOutcome,
    pub(super) status: Option<u16>,
    /// What the other side asked for in `Retry-After`.
    pub(super) asked: Option<SignedDuration>,
    pub(super) began_at: Timestamp,
    pub(super) at: Timestamp,
}

/// Why a webhook was switched off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SwitchedOff {
    /// The other side said that it wants no more (410).
    Gone,
    /// It took nothing for five days.
    Failing,
}

impl SwitchedOff {
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Gone => "gone",
            Self::Failing => "failing",
        }
    }
}

impl Webhook {
    /// How it stands after a call, and why it was switched off, if it was.
    ///
    /// Who does not answer, or asks for time, is left to rest: what else he is to be told waits without being tried, so that his own
    /// queue costs no time. A rest counts once, however many calls ran when it began.
    pub(super) fn after(&self, call: Ended) -> (Standing, Option<SwitchedOff>) {
        let fine = Standing { active: self.active, failing_since: None, resting_until: None, rests: 0 };
        if call.outcome == CallOutcome::Delivered {
            return (fine, None);
        }
        let failing_since = self.failing_since.unwrap_or(call.at);
        let failing = Standing { failing_since: Some(failing_since), ..fine };
        if call.status == Some(410) {
            return (Standing { active: false, ..failing }, Some(SwitchedOff::Gone));
        }
        if call.at.since(failing_since) >= PATIENCE {
            return (Standing { active: false, ..failing }, Some(SwitchedOff::Failing));
        }
        if call.outcome == CallOutcome::Refused && call.asked.is_none() {
            return (failing, None);
        }
        if self.resting_until.is_some_and(|until| until > call.began_at) {
            let same = Standing { resting_until: self.resting_until, rests: self.rests, ..failing };
            return (same, None);
        }
        let rests = self.rests.saturating_add(1);
        let wait = call.asked.unwrap_or_else(|| wait_after(rests));
        (Standing { resting_until: Some(call.at.plus(wait)), rests, ..failing }, None)
    }
}

/// The wait after the attempt `attempt`, which counts from 1.
pub(super) fn wait_after(attempt: i32) -> SignedDuration {
    let index = usize::try_from(attempt.saturating_sub(1)).unwrap_or(0).min(WAITS_S.len() - 1);
    SignedDuration::from_secs(WAITS_S[index])
}

/// Reads a `Retry-After` in seconds or as a date (RFC 9110 §10.2.3): ten seconds at least, eight hours at most. None where it cannot
/// be read.
pub(super) fn asked_wait(text: &str, now: Timestamp) -> Option<SignedDuration> {
    let text = text.trim();
    let wait = match text.parse::<u32>() {
        Ok(seconds) => SignedDuration::from_secs(i64::from(seconds)),
        Err(_) => jiff::fmt::rfc2822::parse(text).ok()?.timestamp().duration_since(now.jiff()),
    };
    Some(wait.clamp(SignedDuration::from_secs(10), SignedDuration::from_hours(8)))
}

/// Reads what is to be told: actions such as `invoice_paid`, or beginnings such as `invoice_*`; each once, in their order.
///
/// Invalid when one is neither, or there are none or too many.
pub(super) fn read_actions(given: &[String]) -> Result<Vec<String>> {
    let mut actions: Vec<_> = given.iter().map(|action| action.trim().to_owned()).collect();
    if let Some(index) = actions.iter().position(|action| !is_action(action)) {
        let why = "must be an action such as invoice_paid, or its beginning and a star, such as invoice_* or *";
        return Err(Error::invalid(format!("actions.{index}"), why));
    }
    if let Some(index) = actions.iter().position(|action| action.starts_with("webhook_")) {
        return Err(Error::invalid(format!("actions.{index}"), "what webhooks do is not told to webhooks"));
    }
    actions.sort_unstable();
    actions.dedup();
    if actions.is_empty() || actions.len() > MOST_ACTIONS {
        return Err(Error::invalid("actions", format!("must name 1 to {MOST_ACTIONS} actions")));
    }
    Ok(actions)
}

fn is_action(text: &str) -> bool {
    let stem = text.strip_suffix('*').unwrap_or(text);
    let plain = stem.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"_.".contains(&b));
    plain && text.len() <= 80 && !text.is_empty() && !stem.starts_with(|c: char| !c.is_ascii_lowercase())
}

/// Scheme, host and port: what of a URL may be told, for the rest may be a secret.
pub(super) fn origin(url: &str) -> String {
    url::Url::parse(url).map_or_else(|_| String::new(), |url| url.origin().ascii_serialization())
}

/// A secret as Standard Webhooks writes it, of these random bytes.
pub(super) fn write_secret(random: [u8; 32]) -> String {
    format!("whsec_{}", STANDARD.encode(random))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn webhook() -> Webhook {
        let created_at = at("2026-02-01T00:00:00Z");
        Webhook {
            id: WebhookId::generate(created_at),
            entity_id: None,
            name: "ERP".into(),
            url: "https://erp.example/in?token=x".into(),
            actions: vec!["*".into()],
            active: true,
            previous_until: None,
            failing_since: None,
            resting_until: None,
            rests: 0,
            created_at,
            updated_at: created_at,
        }
    }

    fn ended(outcome: CallOutcome, status: Option<u16>, at_: &str) -> Ended {
        Ended { outcome, status, asked: None, began_at: at(at_), at: at(at_) }
    }

    #[test]
    fn a_message_is_sent_again_as_the_specification_says() {
        let waits: Vec<_> = (1..=12).map(|attempt| wait_after(attempt).as_secs()).collect();
        assert_eq!(waits, [60, 120, 240, 480, 960, 1920, 3600, 7200, 14_400, 28_800, 28_800, 28_800]);
        assert_eq!((wait_after(0).as_secs(), TRIES), (60, 11));
    }

    #[test]
    fn what_the_other_side_asks_for_is_done_within_bounds() {
        let now = at("2026-02-11T09:00:00Z");
        for (text, seconds) in [
            ("120", Some(120)),
            (" 30 ", Some(30)),
            ("0", Some(10)),
            ("4294967295", Some(28_800)),
            ("Wed, 11 Feb 2026 09:05:00 GMT", Some(300)),
            ("Tue, 10 Feb 2026 09:05:00 GMT", Some(10)),
            ("Thu, 12 Feb 2099 09:05:00 GMT", Some(28_800)),
            ("-5", None),
            ("soon", None),
            ("", None),
        ] {
            assert_eq!(asked_wait(text, now).map(|wait| wait.as_secs()), seconds, "{text:?}");
        }
    }

    #[test]
    fn actions_are_exact_or_beginnings() {
        let read = |given: &[&str]| read_actions(&given.iter().map(ToString::to_string).collect::<Vec<_>>());
        assert_eq!(
            read(&["login", " invoice_*", "login", "delivery.sent"]).unwrap(),
            ["delivery.sent", "invoice_*", "login"]
        );
        assert_eq!(read(&["*"]).unwrap(), ["*"]);
        for (given, field) in [
            (&["ok", "Login"][..], "actions.1"),
            (&["in*voice"], "actions.0"),
            (&["**"], "actions.0"),
            (&[""], "actions.0"),
            (&["_x"], "actions.0"),
            (&["a b"], "actions.0"),
            (&["webhook_deleted"], "actions.0"),
            (&["webhook_*"], "actions.0"),
            (&[], "actions"),
        ] {
            assert_eq!(read(given).unwrap_err().fields()[0].field, field, "{given:?}");
        }
        let many: Vec<_> = (0..101).map(|n| format!("a{n}")).collect();
        assert_eq!(read_actions(&many).unwrap_err().fields()[0].field, "actions");
        assert!(read_actions(&["a".repeat(81)]).is_err());
    }

    #[test]
    fn what_is_told_of_a_url_holds_no_secret() {
        assert_eq!(origin("https://hooks.example:8443/T0/B0/secret?key=1#x"), "https://hooks.example:8443");
    }

    #[test]
    fn who_does_not_answer_rests_longer_each_time_and_a_rest_counts_once() {
        let mut webhook = webhook();
        let mut now = at("2026-02-11T09:00:00Z");
        for wait in [60, 120, 240] {
            let call = Ended { outcome: CallOutcome::Failed, status: None, asked: None, began_at: now, at: now };
            let (standing, off) = webhook.after(call);
            assert_eq!((standing.resting_until, off), (Some(now.plus(SignedDuration::from_secs(wait))), None));
            (webhook.resting_until, webhook.rests, webhook.failing_since) =
                (standing.resting_until, standing.rests, standing.failing_since);
            // Another call, which had begun before the rest.
            let (same, _) = webhook.after(call);
            assert_eq!((same.resting_until, same.rests), (webhook.resting_until, webhook.rests));
            now = webhook.resting_until.unwrap();
        }
        assert_eq!(webhook.failing_since, Some(at("2026-02-11T09:00:00Z")));
        let (standing, _) = webhook.after(ended(CallOutcome::Delivered, Some(200), "2026-02-11T10:00:00Z"));
        assert_eq!(standing, Standing { active: true, failing_since: None, resting_until: None, rests: 0 });
    }

    #[test]
    fn an_answer_of_failure_keeps_nothing_else_waiting_unless_it_asks_for_time() {
        let call = ended(CallOutcome::Refused, Some(500), "2026-02-11T09:00:00Z");
        let (standing, _) = webhook().after(call);
        assert_eq!((standing.resting_until, standing.failing_since), (None, Some(call.at)));
        let busy = Ended { status: Some(503), asked: Some(SignedDuration::from_secs(90)), ..call };
        assert_eq!(webhook().after(busy).0.resting_until, Some(at("2026-02-11T09:01:30Z")));
    }

    #[test]
    fn it_is_switched_off_when_it_is_gone_or_took_nothing_for_five_days() {
        let gone = webhook().after(ended(CallOutcome::Refused, Some(410), "2026-02-11T09:00:00Z"));
        assert_eq!((gone.0.active, gone.1), (false, Some(SwitchedOff::Gone)));
        let failing = Webhook { failing_since: Some(at("2026-02-06T09:00:00Z")), ..webhook() };
        for (when, off) in [("2026-02-11T08:59:59Z", None), ("2026-02-11T09:00:00Z", Some(SwitchedOff::Failing))] {
            let (standing, why) = failing.after(ended(CallOutcome::Refused, Some(500), when));
            assert_eq!((standing.active, why), (off.is_none(), off), "{when}");
        }
        let taken = failing.after(ended(CallOutcome::Delivered, Some(204), "2026-02-11T09:00:00Z"));
        assert_eq!((taken.0.active, taken.0.failing_since, taken.1), (true, None, None));
    }

    #[test]
    fn a_secret_is_one_of_the_standard() {
        let secret = write_secret([7; 32]);
        assert!(secret.starts_with("whsec_") && secret.len() == 6 + 44, "{secret}");
        assert!(standardwebhooks::Webhook::new(&secret).is_ok());
    }
}
