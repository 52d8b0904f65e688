//! Double submits, the 30-day rule and refusals for good (leads §5.3, L-08).

use jiff::SignedDuration;
use kernel::Timestamp;

/// Two posts of one phone in one session this close together are one request.
pub const DOUBLE_SUBMIT_WINDOW: SignedDuration = SignedDuration::from_secs(5);

/// How long a buyer keeps a phone + product to itself: 30 × 24 h.
pub const DUPLICATE_WINDOW_DAYS: i64 = 30;

/// Whether a post `now` repeats the lead of the same session and phone created at `first_at`.
pub fn is_double_submit(first_at: Timestamp, now: Timestamp) -> bool {
    first_at >= double_submit_from(now)
}

/// The earliest creation that makes a post `now` a double submit.
pub fn double_submit_from(now: Timestamp) -> Timestamp {
    now.minus(DOUBLE_SUBMIT_WINDOW)
}

/// The earliest assignment that still blocks a buyer `now`; the instant itself blocks.
pub fn duplicate_from(now: Timestamp) -> Timestamp {
    now.minus_days(DUPLICATE_WINDOW_DAYS)
}

/// An earlier delivery of the same phone and product to the buyer, whatever became of it once sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PriorDelivery {
    /// When it was assigned.
    pub routed_at: Timestamp,
    /// When it was sent, if it was.
    pub sent_at: Option<Timestamp>,
    /// Given up before it was sent: never counts.
    pub cancelled: bool,
}

impl PriorDelivery {
    /// Whether the buyer is excluded `now` because of this delivery.
    pub fn blocks(&self, now: Timestamp) -> bool {
        let assigned_at = self.sent_at.map_or(self.routed_at, |sent_at| sent_at.max(self.routed_at));
        !self.cancelled && assigned_at >= duplicate_from(now)
    }
}

platform::words! {
    /// Why we took a lead out of a delivery (leads §3.8).
    #[derive(Default)]
    RemovalReason {
        /// The buyer does not want it.
        RefusClient = "refus_client",
        /// The buyer had it already.
        Doublon = "doublon",
        /// Outside the wanted area.
        HorsZone = "hors_zone",
        /// Served under the wrong order.
        MauvaiseCommande = "mauvaise_commande",
        /// A test.
        Test = "test",
        /// Anything else.
        #[default]
        Autre = "autre",
    }
}

impl RemovalReason {
    /// Whether the removed phone + product is never proposed to that buyer again, as after a rejection.
    /// Any other removal leaves only the 30-day rule.
    pub const fn excludes_for_good(self) -> bool {
        match self {
            Self::RefusClient | Self::Doublon => true,
            Self::HorsZone | Self::MauvaiseCommande | Self::Test | Self::Autre => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    /// Midnight of a numbered day; today is day 40.
    fn day(number: i32) -> Timestamp {
        let first: kernel::Date = "2026-01-01".parse().unwrap();
        first.plus_days(number).start_in(&kernel::Zone::UTC)
    }

    fn routed(routed_at: Timestamp) -> PriorDelivery {
        PriorDelivery { routed_at, sent_at: None, cancelled: false }
    }

    #[test]
    fn a_second_post_within_five_seconds_is_a_double_submit() {
        let first = at("2026-02-11T10:00:00Z");
        for (now, expected) in [
            ("2026-02-11T10:00:00Z", true),
            ("2026-02-11T10:00:04.900Z", true),
            ("2026-02-11T10:00:05Z", true),
            ("2026-02-11T10:00:05.000001Z", false),
            ("2026-02-11T10:00:05.100Z", false),
        ] {
            assert_eq!(is_double_submit(first, at(now)), expected, "{now}");
        }
    }

    #[test]
    fn the_examples_of_the_30_day_rule_hold() {
        let now = day(40);
        let rows = [
            ("31 days ago", routed(day(9)), false),
            ("exactly 30 days ago", routed(day(10)), true),
            ("20 days ago", routed(day(20)), true),
            ("yesterday, still pending", routed(day(39)), true),
            ("routed 35 days ago, sent yesterday", PriorDelivery { sent_at: Some(day(39)), ..routed(day(5)) }, true),
            ("sent and rejected 3 days ago", PriorDelivery { sent_at: Some(day(37)), ..routed(day(36)) }, true),
            ("cancelled yesterday", PriorDelivery { cancelled: true, ..routed(day(39)) }, false),
        ];
        for (case, prior, blocked) in rows {
            assert_eq!(prior.blocks(now), blocked, "{case}");
        }
        assert!(!routed(day(10)).blocks(now.plus(SignedDuration::from_micros(1))));
    }

    #[test]
    fn l_08_only_a_buyers_refusal_excludes_for_good() {
        use RemovalReason::{Autre, Doublon, HorsZone, MauvaiseCommande, RefusClient, Test};
        let excluding = [RefusClient, Doublon, HorsZone, MauvaiseCommande, Test, Autre];
        let names = excluding.map(|reason| (reason.as_str(), reason.excludes_for_good()));
        let expected = [("refus_client", true), ("doublon", true), ("hors_zone", false)];
        assert_eq!(names[..3], expected);
        assert_eq!(names[3..], [("mauvaise_commande", false), ("test", false), ("autre", false)]);
        for reason in excluding {
            assert_eq!(serde_json::to_value(reason).unwrap(), reason.as_str());
        }
    }

    proptest! {
        #[test]
        fn once_a_buyer_is_free_again_it_stays_free(age_hours in 0_i64..2000, later_hours in 0_i64..2000) {
            let (then, now) = (day(0), day(0).plus(SignedDuration::from_hours(age_hours)));
            let later = now.plus(SignedDuration::from_hours(later_hours));
            prop_assert!(routed(then).blocks(now) || !routed(then).blocks(later));
            prop_assert_eq!(routed(then).blocks(now), age_hours <= 30 * 24);
        }
    }
}
