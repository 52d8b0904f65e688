//! The guard against serving one company from two entities (leads §5.6). It fails open: whatever goes wrong around
//! it, the lead is delivered as routed.

use std::collections::BTreeSet;
use std::time::Duration;

use kernel::{BuyerId, OrderId, Timestamp};
use serde::{Deserialize, Serialize};

/// A send of the other entity counts for this many days.
pub const OVERLAP_WINDOW_DAYS: i64 = 30;

/// How many other orders are looked at.
pub const MAX_ALTERNATIVES: usize = 10;

/// How long looking may take; then leads are routed as if the guard were off.
pub const TIME_LIMIT: Duration = Duration::from_millis(500);

/// The routing reason of a lead that the guard moved.
pub const OVERLAP_ALTERNATIVE: &str = "overlap_alternative";

/// The kill switch (leads §5.14).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default)]
pub struct OverlapGuard {
    /// Whether the guard looks at all.
    pub enabled: bool,
}

impl Default for OverlapGuard {
    fn default() -> Self {
        Self { enabled: true }
    }
}

/// The key of a company: all its mailboxes, lower case, sorted, joined by `|`. Empty when it has none.
pub fn client_group_key<'a>(emails: impl IntoIterator<Item = &'a str>) -> String {
    let emails = emails.into_iter().map(|email| email.trim().to_lowercase()).filter(|email| !email.is_empty());
    emails.collect::<BTreeSet<_>>().into_iter().collect::<Vec<_>>().join("|")
}

/// Whether two companies share a mailbox, by their keys.
pub fn shares_mailbox(key: &str, other: &str) -> bool {
    key.split('|').any(|email| !email.is_empty() && other.split('|').any(|its| its == email))
}

/// Another open order of the entity, in routing order.
#[derive(Clone, Copy, Debug)]
pub struct Alternative {
    /// The order.
    pub order: OrderId,
    /// Its buyer.
    pub buyer: BuyerId,
    /// The buyer too shares a mailbox with a buyer of another entity.
    pub is_shared: bool,
    /// The buyer had the phone and product within 30 days, or refused it for good.
    pub is_excluded: bool,
}

/// What the guard looks at.
#[derive(Clone, Copy, Debug)]
pub struct OverlapFacts<'a> {
    /// The chosen buyer.
    pub buyer: BuyerId,
    /// It shares a mailbox with a buyer of another entity.
    pub is_shared: bool,
    /// When another entity last sent something to that company.
    pub last_sent_elsewhere_at: Option<Timestamp>,
    /// The other open orders, in routing order.
    pub alternatives: &'a [Alternative],
}

/// What the guard does to a routed lead.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OverlapDecision {
    /// Nothing to see.
    NoEffect,
    /// Deliver under this order instead, with reason [`OVERLAP_ALTERNATIVE`].
    Switch(OrderId),
    /// Deliver as routed, with `is_shared_client_30d` and `overlap_fallback_delivery` set.
    KeepFlagged,
}

/// Decides whether the routed lead goes to another buyer.
pub fn guard(setting: OverlapGuard, facts: &OverlapFacts<'_>, now: Timestamp) -> OverlapDecision {
    let recent = facts.last_sent_elsewhere_at.is_some_and(|at| at >= now.minus_days(OVERLAP_WINDOW_DAYS));
    if !setting.enabled || !facts.is_shared || !recent {
        return OverlapDecision::NoEffect;
    }
    let suits = |other: &&Alternative| other.buyer != facts.buyer && !other.is_shared && !other.is_excluded;
    let found = facts.alternatives.iter().take(MAX_ALTERNATIVES).find(suits);
    found.map_or(OverlapDecision::KeepFlagged, |other| OverlapDecision::Switch(other.order))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> Timestamp {
        "2026-02-11T10:00:00Z".parse().unwrap()
    }

    fn buyer(number: i64) -> BuyerId {
        BuyerId::from_uuid(now().minus_days(number).first_uuid())
    }

    fn order(number: i64) -> OrderId {
        OrderId::from_uuid(now().minus_days(number).first_uuid())
    }

    fn alternative(number: i64) -> Alternative {
        Alternative { order: order(number), buyer: buyer(number), is_shared: false, is_excluded: false }
    }

    fn decide(is_shared: bool, sent_days_ago: Option<i64>, alternatives: &[Alternative]) -> OverlapDecision {
        let last_sent_elsewhere_at = sent_days_ago.map(|days| now().minus_days(days));
        let facts = OverlapFacts { buyer: buyer(0), is_shared, last_sent_elsewhere_at, alternatives };
        guard(OverlapGuard::default(), &facts, now())
    }

    #[test]
    fn the_examples_of_the_specification_hold() {
        let one = [alternative(1)];
        assert_eq!(decide(false, Some(1), &one), OverlapDecision::NoEffect);
        assert_eq!(decide(true, None, &one), OverlapDecision::NoEffect);
        assert_eq!(decide(true, Some(31), &one), OverlapDecision::NoEffect);
        assert_eq!(decide(true, Some(30), &one), OverlapDecision::Switch(order(1)));
        assert_eq!(decide(true, Some(1), &one), OverlapDecision::Switch(order(1)));
        assert_eq!(decide(true, Some(1), &[]), OverlapDecision::KeepFlagged);
    }

    #[test]
    fn the_first_suitable_of_ten_alternatives_is_taken() {
        let same = Alternative { buyer: buyer(0), ..alternative(1) };
        let shared = Alternative { is_shared: true, ..alternative(2) };
        let excluded = Alternative { is_excluded: true, ..alternative(3) };
        let decide = |alternatives: &[Alternative]| decide(true, Some(0), alternatives);
        let found = decide(&[same, shared, excluded, alternative(4), alternative(5)]);
        assert_eq!(found, OverlapDecision::Switch(order(4)));
        assert_eq!(decide(&[same, shared, excluded]), OverlapDecision::KeepFlagged);
        let mut many = vec![shared; MAX_ALTERNATIVES];
        many.push(alternative(4));
        assert_eq!(decide(&many), OverlapDecision::KeepFlagged);
    }

    #[test]
    fn the_kill_switch_stops_the_guard() {
        let off: OverlapGuard = serde_json::from_str(r#"{"enabled": false}"#).unwrap();
        let facts =
            OverlapFacts { buyer: buyer(0), is_shared: true, last_sent_elsewhere_at: Some(now()), alternatives: &[] };
        assert_eq!(guard(off, &facts, now()), OverlapDecision::NoEffect);
        assert_eq!(serde_json::from_str::<OverlapGuard>("{}").unwrap(), OverlapGuard::default());
    }

    #[test]
    fn a_company_is_the_set_of_its_mailboxes() {
        let key = client_group_key(["B@x.example", " a@x.example", "", "b@X.example"]);
        assert_eq!(key, "a@x.example|b@x.example");
        assert!(shares_mailbox(&key, &client_group_key(["c@x.example", "A@x.example"])));
        assert!(!shares_mailbox(&key, &client_group_key(["aa@x.example"])));
        assert!(!shares_mailbox("", ""));
    }
}
