//! Fresh and aged leads, ageing, and the stock that aged leads are taken from (leads §5.5, L-27, L-64).

use kernel::Timestamp;
use serde::{Deserialize, Serialize};

/// From this age in whole days an undelivered lead is aged.
pub const FRESH_DAYS: i64 = 8;

/// A delivered lead comes back into circulation when this many days have passed since it was last sent.
pub const RECYCLE_DAYS: i64 = 30;

/// The age of a lead in whole days; 0 for a lead of the future.
pub fn age_in_days(created_at: Timestamp, now: Timestamp) -> i64 {
    now.since(created_at).as_hours().max(0) / 24
}

/// Where a lead stands, as far as its stock is concerned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Status `new` or `no_open_orders`: waiting for a buyer.
    Waiting,
    /// Status `lb`: aged stock.
    Aged,
    /// Status `livre`: its current delivery was sent.
    Delivered,
    /// Any other status: routed, held, reserved, replaced, duplicate, invalid.
    Unavailable,
}

/// What decides whether a lead is fresh, ages, or can be given again.
#[derive(Clone, Copy, Debug)]
pub struct StockFacts {
    /// Where it stands.
    pub standing: Standing,
    /// When it came in.
    pub created_at: Timestamp,
    /// Already marked as aged.
    pub is_lb: bool,
    /// A delivery of it is pending, ready, sending or failed.
    pub has_open_delivery: bool,
    /// When a delivery of it was last sent, whatever its outcome.
    pub last_sent_at: Option<Timestamp>,
}

/// Fresh or aged. An aged lead never becomes fresh again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Freshness {
    /// Never delivered, younger than 8 days.
    Fresh,
    /// Aged or delivered before.
    Lb,
}

platform::words! {
    /// Why a lead was marked as aged.
    LbReason {
        /// Nobody took it for 8 days. Its status becomes `lb`.
        Age8Days = "age_8_days",
        /// It was delivered more than 30 days ago. Its status stays `livre`.
        AlreadyDelivered30Days = "already_delivered_30_days",
    }
}

impl StockFacts {
    /// Whether the lead counts as fresh or as aged `now`.
    pub fn freshness(&self, now: Timestamp) -> Freshness {
        let aged = self.is_lb || self.last_sent_at.is_some() || age_in_days(self.created_at, now) >= FRESH_DAYS;
        if aged { Freshness::Lb } else { Freshness::Fresh }
    }

    /// The daily ageing: why this lead is to be marked as aged `now`, if it is.
    pub fn ageing(&self, now: Timestamp) -> Option<LbReason> {
        if self.is_lb || self.has_open_delivery {
            return None;
        }
        match self.standing {
            Standing::Waiting if age_in_days(self.created_at, now) >= FRESH_DAYS => Some(LbReason::Age8Days),
            Standing::Delivered if self.last_sent_at.is_some() && self.is_rested(now) => {
                Some(LbReason::AlreadyDelivered30Days)
            }
            Standing::Waiting | Standing::Aged | Standing::Delivered | Standing::Unavailable => None,
        }
    }

    /// Whether the lead can be taken from the aged stock `now` (L-27).
    pub fn is_in_lb_pool(&self, now: Timestamp) -> bool {
        let stands_free = match self.standing {
            Standing::Aged => true,
            Standing::Waiting | Standing::Delivered => self.is_lb,
            Standing::Unavailable => false,
        };
        stands_free && !self.has_open_delivery && self.is_rested(now)
    }

    /// Whether the lead can be taken as a fresh one by the daily fill `now`.
    pub fn is_in_fresh_pool(&self, now: Timestamp) -> bool {
        self.standing == Standing::Waiting && !self.has_open_delivery && self.freshness(now) == Freshness::Fresh
    }

    /// Never sent, or last sent more than 30 × 24 h ago.
    fn is_rested(&self, now: Timestamp) -> bool {
        self.last_sent_at.is_none_or(|sent_at| sent_at < now.minus_days(RECYCLE_DAYS))
    }
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;
    use proptest::prelude::*;

    use super::*;

    fn now() -> Timestamp {
        "2026-02-11T10:00:00Z".parse().unwrap()
    }

    fn ago(days: i64) -> Timestamp {
        now().minus_days(days)
    }

    fn waiting(days: i64) -> StockFacts {
        let standing = Standing::Waiting;
        StockFacts { standing, created_at: ago(days), is_lb: false, has_open_delivery: false, last_sent_at: None }
    }

    fn delivered(days: i64) -> StockFacts {
        StockFacts { standing: Standing::Delivered, last_sent_at: Some(ago(days)), ..waiting(days) }
    }

    #[test]
    fn age_counts_whole_days() {
        let almost = ago(8).plus(SignedDuration::from_micros(1));
        let rows = [(ago(0), 0), (ago(1), 1), (almost, 7), (ago(8), 8), (ago(-3), 0)];
        for (created_at, days) in rows {
            assert_eq!(age_in_days(created_at, now()), days, "{created_at}");
        }
    }

    #[test]
    fn a_lead_is_fresh_until_it_is_aged_marked_or_delivered() {
        let rows = [
            (waiting(7), Freshness::Fresh),
            (waiting(8), Freshness::Lb),
            (StockFacts { is_lb: true, ..waiting(1) }, Freshness::Lb),
            (StockFacts { last_sent_at: Some(ago(1)), ..waiting(2) }, Freshness::Lb),
        ];
        for (facts, expected) in rows {
            assert_eq!(facts.freshness(now()), expected, "{facts:?}");
        }
    }

    #[test]
    fn l_64_delivered_leads_age_only_after_30_days() {
        let long_ago = ago(30).minus(SignedDuration::from_micros(1));
        let rows = [
            (waiting(7), None),
            (waiting(8), Some(LbReason::Age8Days)),
            (StockFacts { is_lb: true, ..waiting(20) }, None),
            (StockFacts { has_open_delivery: true, ..waiting(20) }, None),
            (StockFacts { standing: Standing::Unavailable, ..waiting(20) }, None),
            (StockFacts { standing: Standing::Aged, ..waiting(20) }, None),
            (delivered(29), None),
            (delivered(30), None),
            (StockFacts { last_sent_at: Some(long_ago), ..delivered(40) }, Some(LbReason::AlreadyDelivered30Days)),
            (delivered(31), Some(LbReason::AlreadyDelivered30Days)),
        ];
        for (facts, expected) in rows {
            assert_eq!(facts.ageing(now()), expected, "{facts:?}");
        }
    }

    #[test]
    fn l_27_the_pool_holds_only_available_leads() {
        let aged = StockFacts { standing: Standing::Aged, is_lb: true, ..waiting(20) };
        let rows = [
            (aged, true),
            (StockFacts { is_lb: true, ..waiting(20) }, true),
            (waiting(20), false),
            (StockFacts { is_lb: true, ..delivered(31) }, true),
            (StockFacts { is_lb: true, ..delivered(30) }, false),
            (delivered(31), false),
            (StockFacts { last_sent_at: Some(ago(29)), ..aged }, false),
            (StockFacts { has_open_delivery: true, ..aged }, false),
            (StockFacts { standing: Standing::Unavailable, ..aged }, false),
        ];
        for (facts, expected) in rows {
            assert_eq!(facts.is_in_lb_pool(now()), expected, "{facts:?}");
        }
    }

    #[test]
    fn the_fresh_pool_holds_only_waiting_fresh_leads() {
        let rows = [
            (waiting(7), true),
            (waiting(8), false),
            (StockFacts { has_open_delivery: true, ..waiting(1) }, false),
            (StockFacts { standing: Standing::Unavailable, ..waiting(1) }, false),
            (StockFacts { last_sent_at: Some(ago(1)), ..waiting(2) }, false),
        ];
        for (facts, expected) in rows {
            assert_eq!(facts.is_in_fresh_pool(now()), expected, "{facts:?}");
        }
    }

    #[test]
    fn reasons_are_stored_by_name() {
        for reason in [LbReason::Age8Days, LbReason::AlreadyDelivered30Days] {
            assert_eq!(serde_json::to_value(reason).unwrap(), reason.as_str());
        }
    }

    proptest! {
        #[test]
        fn aged_never_becomes_fresh_again(
            days in 0_i64..100, later in 0_i64..100, is_lb: bool, sent in prop::option::of(0_i64..100),
        ) {
            let facts = StockFacts { is_lb, last_sent_at: sent.map(ago), ..waiting(days) };
            prop_assume!(facts.freshness(now()) == Freshness::Lb);
            prop_assert_eq!(facts.freshness(ago(-later)), Freshness::Lb);
        }
    }
}
