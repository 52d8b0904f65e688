//! The figures of dashboards and monitoring (leads §5.13). Percentages have one decimal, rounded half up, and are 0
//! where there is nothing to divide by.

use jiff::SignedDuration;
use rust_decimal::{Decimal, RoundingStrategy};
use serde::{Deserialize, Serialize};

const HUNDRED: Decimal = Decimal::ONE_HUNDRED;

/// `part` of `whole` in percent.
pub fn rate_pct(part: u64, whole: u64) -> Decimal {
    if whole == 0 {
        return Decimal::ZERO;
    }
    one_decimal(Decimal::from(part) * HUNDRED / Decimal::from(whole))
}

/// The change from `previous` to `current` in percent; 100 when there was nothing before.
pub fn delta_pct(current: u64, previous: u64) -> Decimal {
    match (current, previous) {
        (0, 0) => Decimal::ZERO,
        (_, 0) => HUNDRED,
        _ => one_decimal((Decimal::from(current) - Decimal::from(previous)) * HUNDRED / Decimal::from(previous)),
    }
}

fn one_decimal(value: Decimal) -> Decimal {
    value.round_dp_with_strategy(1, RoundingStrategy::MidpointAwayFromZero).normalize()
}

/// How much a traffic source hurts, 0 to 100, from its rates in percent.
pub fn toxicity(duplicate: Decimal, suspicious: Decimal, rejection: Decimal, delivered: Decimal) -> Decimal {
    score(Decimal::TWO * duplicate + suspicious + rejection - delivered)
}

/// How far a traffic source can be trusted, 0 to 80, from its rates in percent.
pub fn trust(valid: Decimal, delivered: Decimal, duplicate: Decimal, suspicious: Decimal) -> Decimal {
    score(Decimal::new(4, 1) * (valid + delivered) - Decimal::new(1, 1) * (duplicate + suspicious))
}

fn score(value: Decimal) -> Decimal {
    one_decimal(value.clamp(Decimal::ZERO, HUNDRED))
}

/// How a score is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Badge {
    /// Nothing to do.
    Good,
    /// To be watched.
    Medium,
    /// To be acted upon.
    Bad,
}

impl Badge {
    /// 70 and more is good, 40 and more medium.
    pub fn of_trust(trust: Decimal) -> Self {
        match trust {
            _ if trust >= Decimal::from(70) => Self::Good,
            _ if trust >= Decimal::from(40) => Self::Medium,
            _ => Self::Bad,
        }
    }

    /// 50 and more is bad, 20 and more medium.
    pub fn of_toxicity(toxicity: Decimal) -> Self {
        match toxicity {
            _ if toxicity >= Decimal::from(50) => Self::Bad,
            _ if toxicity >= Decimal::from(20) => Self::Medium,
            _ => Self::Good,
        }
    }
}

/// What a traffic source brought.
#[derive(Clone, Copy, Debug, Default)]
pub struct SourceCounts {
    /// Leads.
    pub total: u64,
    /// Those with a callable phone.
    pub valid: u64,
    /// Those with a suspicious phone.
    pub suspicious: u64,
    /// Those with status duplicate.
    pub duplicates: u64,
    /// Those delivered.
    pub delivered: u64,
    /// Deliveries rejected by the buyer.
    pub rejected: u64,
}

/// A traffic source in figures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct SourceScore {
    /// Callable phones of all leads.
    pub valid_pct: Decimal,
    /// Suspicious phones of all leads.
    pub suspicious_pct: Decimal,
    /// Duplicates of all leads.
    pub duplicate_pct: Decimal,
    /// Delivered of all leads.
    pub delivered_pct: Decimal,
    /// Rejected of all delivered.
    pub rejection_pct: Decimal,
    /// See [`toxicity`]; computed from the rates as shown.
    pub toxicity: Decimal,
    /// How the toxicity is shown.
    pub toxicity_badge: Badge,
    /// See [`trust`]; computed from the rates as shown.
    pub trust: Decimal,
    /// How the trust is shown.
    pub trust_badge: Badge,
}

impl SourceCounts {
    /// The rates and scores of these counts.
    pub fn score(&self) -> SourceScore {
        let of_total = |part| rate_pct(part, self.total);
        let (valid_pct, delivered_pct) = (of_total(self.valid), of_total(self.delivered));
        let (duplicate_pct, suspicious_pct) = (of_total(self.duplicates), of_total(self.suspicious));
        let rejection_pct = rate_pct(self.rejected, self.delivered);
        let toxicity = toxicity(duplicate_pct, suspicious_pct, rejection_pct, delivered_pct);
        let trust = trust(valid_pct, delivered_pct, duplicate_pct, suspicious_pct);
        SourceScore {
            valid_pct,
            suspicious_pct,
            duplicate_pct,
            delivered_pct,
            rejection_pct,
            toxicity,
            toxicity_badge: Badge::of_toxicity(toxicity),
            trust,
            trust_badge: Badge::of_trust(trust),
        }
    }
}

/// What became of the leads of a period.
#[derive(Clone, Copy, Debug, Default)]
pub struct QualityCounts {
    /// Leads.
    pub total: u64,
    /// Those routed or delivered.
    pub placed: u64,
    /// Those with a callable phone.
    pub valid_phones: u64,
    /// Those delivered with a callable phone.
    pub delivered_valid: u64,
}

/// The quality of a period in figures, each of all leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct QualityRates {
    /// Routed or delivered.
    pub deliverability_pct: Decimal,
    /// Callable phones.
    pub clean_pct: Decimal,
    /// Delivered with a callable phone.
    pub yield_pct: Decimal,
}

impl QualityCounts {
    /// The rates of these counts.
    pub fn rates(&self) -> QualityRates {
        QualityRates {
            deliverability_pct: rate_pct(self.placed, self.total),
            clean_pct: rate_pct(self.valid_phones, self.total),
            yield_pct: rate_pct(self.delivered_valid, self.total),
        }
    }
}

/// How one order stands in the week, for the coverage of a département.
#[derive(Clone, Copy, Debug)]
pub struct OrderLoad {
    /// Paused orders cover nothing.
    pub active: bool,
    /// Units a week; 0 = uncapped.
    pub quota: u32,
    /// Billable units of the week.
    pub billable: u32,
}

/// Whether a département has demand for a product.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CoverageStatus {
    /// An active order has room.
    OnRemaining,
    /// The active orders are full.
    Saturated,
    /// All orders are paused.
    InactiveBlocked,
    /// There is no order.
    NoOrder,
}

/// The demand for a product in a département.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Coverage {
    /// Sum of the active orders' quotas.
    pub quota: u64,
    /// Units still wanted; -1 = unlimited, as an active order is uncapped.
    pub remaining: i64,
    /// Whether there is demand.
    pub status: CoverageStatus,
}

/// Sums up the orders that cover a département for a product.
pub fn coverage(orders: &[OrderLoad]) -> Coverage {
    let active = || orders.iter().filter(|order| order.active);
    let quota = active().map(|order| u64::from(order.quota)).sum();
    let remaining = if active().any(|order| order.quota == 0) {
        -1
    } else {
        active().map(|order| i64::from(order.quota.saturating_sub(order.billable))).sum()
    };
    let status = match (orders.is_empty(), active().next().is_none()) {
        (true, _) => CoverageStatus::NoOrder,
        (false, true) => CoverageStatus::InactiveBlocked,
        (false, false) if remaining == 0 => CoverageStatus::Saturated,
        (false, false) => CoverageStatus::OnRemaining,
    };
    Coverage { quota, remaining, status }
}

/// The deliveries of a buyer in a period.
#[derive(Clone, Copy, Debug, Default)]
pub struct BuyerCounts {
    /// Sent, whatever the outcome.
    pub sent: u64,
    /// Rejected among them.
    pub rejected: u64,
    /// Removed among them.
    pub removed: u64,
}

impl BuyerCounts {
    /// Sent and neither rejected nor removed.
    pub const fn billable(&self) -> u64 {
        self.sent.saturating_sub(self.rejected).saturating_sub(self.removed)
    }

    /// Rejected of sent.
    pub fn reject_rate_pct(&self) -> Decimal {
        rate_pct(self.rejected, self.sent)
    }
}

platform::words! {
    /// How long after the first a duplicate came.
    DelayBucket {
        /// Less than an hour.
        Under1h = "under_1h",
        /// 1 to 24 hours, the end excluded.
        From1hTo24h = "from_1h_to_24h",
        /// 1 to 7 days, both included.
        From1dTo7d = "from_1d_to_7d",
        /// More than 7 days.
        Over7d = "over_7d",
    }
}

impl DelayBucket {
    /// The bucket of a delay.
    pub fn for_delay(delay: SignedDuration) -> Self {
        const HOUR: SignedDuration = SignedDuration::from_hours(1);
        const DAY: SignedDuration = SignedDuration::from_hours(24);
        const WEEK: SignedDuration = SignedDuration::from_hours(7 * 24);
        match delay {
            _ if delay < HOUR => Self::Under1h,
            _ if delay < DAY => Self::From1hTo24h,
            _ if delay <= WEEK => Self::From1dTo7d,
            _ => Self::Over7d,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn dec(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    #[test]
    fn rates_have_one_decimal_and_never_divide_by_nothing() {
        let rows =
            [(1, 3, "33.3"), (2, 3, "66.7"), (1, 8, "12.5"), (1, 16, "6.3"), (5, 0, "0"), (0, 5, "0"), (3, 3, "100")];
        for (part, whole, expected) in rows {
            assert_eq!(rate_pct(part, whole), dec(expected), "{part}/{whole}");
        }
        assert_eq!(rate_pct(1, 2000), dec("0.1"), "0.05 rounds half up");
    }

    #[test]
    fn deltas_follow_the_examples() {
        let rows = [(15, 10, "50.0"), (5, 0, "100"), (0, 0, "0"), (10, 15, "-33.3"), (0, 7, "-100"), (7, 7, "0")];
        for (current, previous, expected) in rows {
            assert_eq!(delta_pct(current, previous), dec(expected), "{current} after {previous}");
        }
    }

    #[test]
    fn scores_follow_the_examples_and_stay_in_bounds() {
        let d = |value: i64| Decimal::from(value);
        assert_eq!(toxicity(d(20), d(10), d(50), d(40)), d(60));
        assert_eq!(toxicity(d(0), d(0), d(0), d(100)), d(0));
        assert_eq!(toxicity(d(100), d(0), d(0), d(0)), d(100));
        assert_eq!(trust(d(90), d(60), d(10), d(5)), dec("58.5"));
        assert_eq!(trust(d(100), d(100), d(0), d(0)), d(80));
        assert_eq!(trust(d(0), d(0), d(100), d(100)), d(0));
    }

    #[test]
    fn badges_change_at_their_bounds() {
        let trust = ["80", "70", "69.9", "40", "39.9"].map(|value| Badge::of_trust(dec(value)));
        assert_eq!(trust, [Badge::Good, Badge::Good, Badge::Medium, Badge::Medium, Badge::Bad]);
        let toxicity = ["0", "19.9", "20", "49.9", "50"].map(|value| Badge::of_toxicity(dec(value)));
        assert_eq!(toxicity, [Badge::Good, Badge::Good, Badge::Medium, Badge::Medium, Badge::Bad]);
    }

    #[test]
    fn a_source_is_scored_from_its_counts() {
        let counts =
            SourceCounts { total: 200, valid: 180, suspicious: 10, duplicates: 20, delivered: 120, rejected: 30 };
        let score = counts.score();
        assert_eq!((score.rejection_pct, score.delivered_pct), (dec("25"), dec("60")));
        assert_eq!((score.toxicity, score.toxicity_badge), (dec("0"), Badge::Good));
        assert_eq!((score.trust, score.trust_badge), (dec("58.5"), Badge::Medium));
        assert_eq!(SourceCounts::default().score().trust, dec("0"));
    }

    #[test]
    fn quality_is_a_share_of_all_leads() {
        let rates = QualityCounts { total: 40, placed: 30, valid_phones: 36, delivered_valid: 25 }.rates();
        let expected = ["75", "90", "62.5"].map(dec);
        assert_eq!([rates.deliverability_pct, rates.clean_pct, rates.yield_pct], expected);
    }

    #[test]
    fn coverage_sums_active_orders() {
        let load = |active, quota, billable| OrderLoad { active, quota, billable };
        let rows: [(&[OrderLoad], u64, i64, CoverageStatus); 6] = [
            (&[], 0, 0, CoverageStatus::NoOrder),
            (&[load(false, 10, 0)], 0, 0, CoverageStatus::InactiveBlocked),
            (&[load(true, 10, 10), load(false, 10, 0)], 10, 0, CoverageStatus::Saturated),
            (&[load(true, 10, 4), load(true, 5, 9)], 15, 6, CoverageStatus::OnRemaining),
            (&[load(true, 10, 4), load(true, 0, 9)], 10, -1, CoverageStatus::OnRemaining),
            (&[load(true, 10, 10), load(false, 0, 0)], 10, 0, CoverageStatus::Saturated),
        ];
        for (orders, quota, remaining, status) in rows {
            assert_eq!(coverage(orders), Coverage { quota, remaining, status }, "{orders:?}");
        }
    }

    #[test]
    fn l_63_billable_excludes_rejected_and_removed() {
        let counts = BuyerCounts { sent: 20, rejected: 3, removed: 2 };
        assert_eq!((counts.billable(), counts.reject_rate_pct()), (15, dec("15")));
        assert_eq!(BuyerCounts::default().reject_rate_pct(), dec("0"));
    }

    #[test]
    fn delays_fall_into_their_buckets() {
        let hours = SignedDuration::from_hours;
        let rows = [
            (SignedDuration::from_mins(59), DelayBucket::Under1h),
            (hours(1), DelayBucket::From1hTo24h),
            (hours(23), DelayBucket::From1hTo24h),
            (hours(24), DelayBucket::From1dTo7d),
            (hours(7 * 24), DelayBucket::From1dTo7d),
            (hours(7 * 24 + 1), DelayBucket::Over7d),
        ];
        for (delay, bucket) in rows {
            assert_eq!(DelayBucket::for_delay(delay), bucket, "{delay}");
        }
        assert_eq!(serde_json::to_value(DelayBucket::From1dTo7d).unwrap(), "from_1d_to_7d");
    }

    proptest! {
        #[test]
        fn figures_never_panic_and_scores_stay_in_bounds(total: u64, a: u64, b: u64, c: u64, d: u64, e: u64) {
            let of_total = |part: u64| if total == 0 { 0 } else { part % total };
            let counts = SourceCounts {
                total,
                valid: of_total(a),
                suspicious: of_total(b),
                duplicates: of_total(c),
                delivered: of_total(d),
                rejected: of_total(e),
            };
            let score = counts.score();
            prop_assert!((Decimal::ZERO..=HUNDRED).contains(&score.toxicity));
            prop_assert!((Decimal::ZERO..=HUNDRED).contains(&score.trust));
            prop_assert!(score.toxicity.scale() <= 1);
            let _ = (delta_pct(a, b), rate_pct(a, b));
        }
    }
}
