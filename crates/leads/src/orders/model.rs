//! What an order is.

use kernel::{BasisPoints, BuyerId, Date, EntityId, OrderId, Timestamp, Week};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::rules::departement::{Departement, DepartementPolicy, DepartementSet};

/// An order as it is stored.
#[derive(Clone, Debug)]
pub struct Order {
    /// The order.
    pub id: OrderId,
    /// Its entity, which is its buyer's.
    pub entity_id: EntityId,
    /// Its buyer.
    pub buyer_id: BuyerId,
    /// The product wanted.
    pub product: String,
    /// What may change.
    pub terms: Terms,
    /// Whether it takes leads now.
    pub active: bool,
    /// The last day of one that does not renew itself.
    pub ends_on: Option<Date>,
    /// When it was archived.
    pub archived_at: Option<Timestamp>,
}

/// What may change of an order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Terms {
    /// Where leads are wanted.
    pub departements: DepartementSet,
    /// Units a week; 0 = uncapped.
    #[serde(rename = "quota_semaine")]
    pub quota: i32,
    /// The wanted share of aged leads.
    #[serde(rename = "lb_target_pct")]
    pub lb_target: BasisPoints,
    /// 1 is served first, 10 last.
    #[serde(rename = "priorite")]
    pub priority: i32,
    /// Whether it goes on after its week.
    pub auto_renew: bool,
    /// Whether aged leads may take the place of suspicious ones even when no share of them is wanted.
    pub replace_suspicious: bool,
    /// Free text.
    pub notes: String,
}

impl Terms {
    /// What is wrong with them, as field and sentence.
    pub fn refusal(&self, policy: &DepartementPolicy) -> Option<(&'static str, String)> {
        if !(0..=1_000_000).contains(&self.quota) {
            return Some(("quota_semaine", "must be between 0 and 1 000 000; 0 = uncapped".to_owned()));
        }
        if !(1..=10).contains(&self.priority) {
            return Some(("priorite", "must be between 1 and 10; 1 is served first".to_owned()));
        }
        let refused = policy.refused_in(self.departements);
        if refused.is_empty() {
            return None;
        }
        let codes: Vec<_> = refused.into_iter().map(Departement::code).collect();
        Some(("departements", format!("not served here: {}", codes.join(", "))))
    }

    /// Whether leads may fit now that did not fit `before`.
    pub fn is_wider_than(&self, before: &Self) -> bool {
        let is_quota_raised = before.quota > 0 && (self.quota == 0 || self.quota > before.quota);
        let takes_aged = before.lb_target == BasisPoints::ZERO && self.lb_target > BasisPoints::ZERO;
        is_quota_raised || takes_aged || !before.departements.is_superset_of(self.departements)
    }

    /// The last day of an order that is activated in the week of `today`.
    pub fn ends_on(&self, today: Date) -> Option<Date> {
        (!self.auto_renew).then(|| Week::of(today).sunday())
    }
}

/// A new order.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateOrder {
    /// The entity, by code; needed where several are in scope. It is the buyer's.
    pub entity: Option<String>,
    /// The buyer.
    #[serde(alias = "client_id")]
    pub buyer_id: BuyerId,
    /// The product, by code.
    #[serde(alias = "produit")]
    pub product: String,
    /// Codes of départements, or `*`.
    pub departements: Vec<String>,
    /// Units a week; 0 (unless told) = uncapped.
    #[serde(default)]
    pub quota_semaine: i32,
    /// The wanted share of aged leads, `"0"` (unless told) to `"1"`.
    #[serde(default)]
    #[schema(value_type = String)]
    pub lb_target_pct: BasisPoints,
    /// 1 is served first, 10 last; 5 unless told.
    #[serde(default = "usual_priority")]
    pub priorite: i32,
    /// Whether it goes on after its week. On unless told.
    #[serde(default = "yes")]
    pub auto_renew: bool,
    /// Whether aged leads may take the place of suspicious ones even when no share of them is wanted.
    #[serde(default)]
    pub replace_suspicious: bool,
    /// Whether it takes leads at once. On unless told.
    #[serde(default = "yes")]
    pub active: bool,
    /// Free text.
    #[serde(default)]
    pub notes: String,
}

const fn usual_priority() -> i32 {
    5
}

const fn yes() -> bool {
    true
}

/// A change of an order; what is left out stays. Each field needs its own permission.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct UpdateOrder {
    /// Codes of départements, or `*` [commandes.edit_quota].
    pub departements: Option<Vec<String>>,
    /// Units a week; 0 = uncapped [commandes.edit_quota].
    pub quota_semaine: Option<i32>,
    /// The wanted share of aged leads, `"0"` to `"1"` [commandes.edit_lb_target].
    #[schema(value_type = Option<String>)]
    pub lb_target_pct: Option<BasisPoints>,
    /// 1 is served first, 10 last [commandes.edit_quota].
    pub priorite: Option<i32>,
    /// Whether it goes on after its week [commandes.edit_quota].
    pub auto_renew: Option<bool>,
    /// Whether aged leads may replace suspicious ones whatever the target [commandes.edit_lb_target].
    pub replace_suspicious: Option<bool>,
    /// Whether it takes leads now [commandes.activate_pause].
    pub active: Option<bool>,
    /// Free text [commandes.edit_quota].
    pub notes: Option<String>,
}

impl UpdateOrder {
    /// Whether it needs the permission for quota, départements, priority, renewal and notes.
    pub fn touches_quota(&self) -> bool {
        self.departements.is_some()
            || self.quota_semaine.is_some()
            || self.priorite.is_some()
            || self.auto_renew.is_some()
            || self.notes.is_some()
    }

    /// Whether it needs the permission for the aged-lead target.
    pub const fn touches_lb_target(&self) -> bool {
        self.lb_target_pct.is_some() || self.replace_suspicious.is_some()
    }
}

/// What an order used of a week.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, sqlx::FromRow)]
pub struct Used {
    /// Units routed in the week and not returned or cancelled.
    pub used: i32,
    /// Units sent in the week and not returned.
    pub accepted: i32,
    /// The aged ones among them.
    pub lb_accepted: i32,
}

impl Used {
    /// Units still wanted; none = unlimited.
    pub fn remaining(self, quota: i32) -> Option<i32> {
        (quota > 0).then(|| (quota - self.used).max(0))
    }

    /// Units sent, and the aged ones among them, as the rules count them.
    pub fn mix(self) -> (u32, u32) {
        let count = |units: i32| u32::try_from(units).unwrap_or(0);
        (count(self.accepted), count(self.lb_accepted))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn terms(quota: i32, codes: &[&str]) -> Terms {
        Terms {
            departements: DepartementSet::try_from_codes(codes).unwrap(),
            quota,
            lb_target: BasisPoints::ZERO,
            priority: 5,
            auto_renew: true,
            replace_suspicious: false,
            notes: String::new(),
        }
    }

    #[test]
    fn only_what_lets_more_in_is_wider() {
        let before = terms(10, &["75", "92"]);
        let rows = [
            (terms(10, &["75", "92"]), false),
            (terms(20, &["75", "92"]), true),
            (terms(0, &["75", "92"]), true),
            (terms(5, &["75"]), false),
            (terms(10, &["75", "93"]), true),
            (terms(10, &["*"]), true),
            (Terms { lb_target: BasisPoints::ONE, ..before.clone() }, true),
            (Terms { priority: 1, ..before.clone() }, false),
        ];
        for (after, wider) in rows {
            assert_eq!(after.is_wider_than(&before), wider, "{after:?}");
        }
        assert!(!terms(5, &["75"]).is_wider_than(&terms(0, &["75"])), "capping an uncapped order");
    }

    #[test]
    fn bad_terms_are_named() {
        let policy = DepartementPolicy::default();
        let field = |terms: &Terms| terms.refusal(&policy).map(|(field, _)| field);
        assert_eq!(field(&terms(0, &["*"])), None);
        assert_eq!(field(&terms(-1, &["75"])), Some("quota_semaine"));
        assert_eq!(field(&terms(0, &["75", "2A"])), Some("departements"));
        assert_eq!(field(&Terms { priority: 11, ..terms(0, &["75"]) }), Some("priorite"));
    }

    #[test]
    fn an_order_that_does_not_renew_ends_with_its_week() {
        let once = Terms { auto_renew: false, ..terms(0, &["75"]) };
        let wednesday: Date = "2026-02-11".parse().unwrap();
        assert_eq!(once.ends_on(wednesday), Some("2026-02-15".parse().unwrap()));
        assert_eq!(terms(0, &["75"]).ends_on(wednesday), None);
    }

    #[test]
    fn quota_zero_is_unlimited() {
        let used = Used { used: 12, ..Used::default() };
        assert_eq!([used.remaining(0), used.remaining(20), used.remaining(10)], [None, Some(8), Some(0)]);
    }
}
