//! Figures of a buyer.

use std::collections::BTreeMap;

use kernel::{BuyerId, Date, DeliveryId, LeadId, Timestamp, Week};
use rust_decimal::Decimal;
use serde::Serialize;
use utoipa::ToSchema;

use super::super::model::GroupBy;
use crate::rules::departement::{Departement, DepartementPolicy, DepartementSet};
use crate::rules::monitoring::BuyerCounts;

/// A lead that a buyer was given.
#[derive(Clone, Debug, Serialize, sqlx::FromRow, ToSchema)]
pub struct BuyerLead {
    /// The delivery that gave it.
    pub delivery_id: DeliveryId,
    /// The lead.
    pub lead_id: LeadId,
    /// The product it was sold as.
    pub product: String,
    /// Its département.
    pub departement: String,
    /// Its phone.
    pub phone: String,
    /// The family name; empty once erased, or once another entity serves the lead.
    pub nom: String,
    /// The first name.
    pub prenom: String,
    /// The e-mail address.
    pub email: String,
    /// Where the delivery stands.
    pub status: String,
    /// What became of it once sent.
    pub outcome: Option<String>,
    /// When it was assigned.
    pub created_at: Timestamp,
    /// When it was last sent.
    pub last_sent_at: Option<Timestamp>,
}

/// The deliveries of a buyer, counted.
#[derive(Clone, Copy, Debug, Default, Serialize, sqlx::FromRow, ToSchema)]
pub struct Totals {
    /// Sent, whatever the outcome.
    pub sent: i64,
    /// Returned by the buyer, of the sent.
    pub rejected: i64,
    /// Withdrawn by us, of the sent.
    pub removed: i64,
    /// Failed and not yet sent.
    pub failed: i64,
    /// Waiting to be sent.
    pub pending: i64,
    /// Given up before they were sent.
    pub cancelled: i64,
    /// When the last one was sent.
    pub last_sent_at: Option<Timestamp>,
}

impl Totals {
    /// The counts of the rule for what is billable.
    pub fn counts(&self) -> BuyerCounts {
        let count = |rows: i64| u64::try_from(rows).unwrap_or(0);
        BuyerCounts { sent: count(self.sent), rejected: count(self.rejected), removed: count(self.removed) }
    }
}

/// The deliveries of a buyer as figures.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Performance {
    /// Sent, whatever the outcome.
    pub sent: u64,
    /// Sent, and neither rejected nor removed.
    pub billable: u64,
    /// Returned by the buyer.
    pub rejected: u64,
    /// Withdrawn by us.
    pub removed: u64,
    /// Failed and not yet sent.
    pub failed: i64,
    /// Rejected of sent, in percent.
    pub reject_rate: Decimal,
}

impl From<&Totals> for Performance {
    fn from(totals: &Totals) -> Self {
        let counts = totals.counts();
        Self {
            sent: counts.sent,
            billable: counts.billable(),
            rejected: counts.rejected,
            removed: counts.removed,
            failed: totals.failed,
            reject_rate: counts.reject_rate_pct(),
        }
    }
}

/// One period of a performance.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PeriodPerformance {
    /// `2026-02-14`, `2026-W07` or `2026-02`.
    pub period: String,
    /// Its first day.
    pub from: Date,
    /// Its figures.
    #[serde(flatten)]
    pub figures: Performance,
}

/// A buyer's performance (spec 5.13).
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Summary {
    /// The buyer.
    pub buyer_id: BuyerId,
    /// How it is cut.
    pub group_by: GroupBy,
    /// The first day.
    pub from: Date,
    /// The last day.
    pub to: Date,
    /// All periods together.
    pub total: Performance,
    /// The periods with deliveries, newest first.
    pub periods: Vec<PeriodPerformance>,
    /// When something was last sent to it.
    pub last_delivery_at: Option<Timestamp>,
    /// The first day after today on which its entity delivers.
    pub next_delivery_day: Option<Date>,
}

/// All deliveries of a buyer, ever.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Stats {
    /// The figures.
    #[serde(flatten)]
    pub figures: Performance,
    /// Waiting to be sent.
    pub pending: i64,
    /// Given up before they were sent.
    pub cancelled: i64,
    /// When something was last sent to it.
    pub last_delivery_at: Option<Timestamp>,
}

/// The week of one of a buyer's orders in its départements.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct BuyerCoverage {
    /// The week.
    #[schema(value_type = String)]
    pub week: Week,
    /// The départements its active orders cover.
    pub departements: Vec<CoveredDepartement>,
}

/// What a buyer wants and received in a département.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct CoveredDepartement {
    /// The code.
    pub departement: Departement,
    /// The name.
    pub name: &'static str,
    /// The products ordered there.
    pub products: Vec<String>,
    /// Units sent there in the week and not returned.
    pub delivered: i64,
    /// The weekly quotas of the orders that cover it, together; none = unlimited.
    pub quota: Option<i64>,
}

/// An active order, as coverage needs it.
#[derive(Clone, Debug)]
pub struct CoveringOrder {
    /// The product.
    pub product: String,
    /// Its départements.
    pub departements: DepartementSet,
    /// Units a week; 0 = uncapped.
    pub quota: i64,
}

/// What orders cover, with what was delivered per département.
pub fn covered(
    orders: &[CoveringOrder],
    delivered: &BTreeMap<String, i64>,
    policy: &DepartementPolicy,
) -> Vec<CoveredDepartement> {
    let served = Departement::every().filter(|departement| policy.accepts(*departement));
    let row = |departement: Departement| {
        let covering: Vec<_> = orders.iter().filter(|order| order.departements.contains(departement)).collect();
        if covering.is_empty() {
            return None;
        }
        let mut products: Vec<_> = covering.iter().map(|order| order.product.clone()).collect();
        products.sort_unstable();
        products.dedup();
        let is_capped = covering.iter().all(|order| order.quota > 0);
        Some(CoveredDepartement {
            departement,
            name: departement.name(),
            products,
            delivered: delivered.get(departement.code()).copied().unwrap_or(0),
            quota: is_capped.then(|| covering.iter().map(|order| order.quota).sum()),
        })
    };
    served.filter_map(row).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn order(product: &str, codes: &[&str], quota: i64) -> CoveringOrder {
        let departements = DepartementSet::try_from_codes(codes).unwrap();
        CoveringOrder { product: product.into(), departements, quota }
    }

    #[test]
    fn an_uncapped_order_makes_a_departement_unlimited() {
        let orders = [order("PV", &["75", "92"], 10), order("PAC", &["92"], 0)];
        let rows = covered(&orders, &[("75".to_owned(), 4)].into(), &DepartementPolicy::default());
        let seen: Vec<_> = rows.iter().map(|row| (row.departement.code(), row.delivered, row.quota)).collect();
        assert_eq!(seen, [("75", 4, Some(10)), ("92", 0, None)]);
        assert_eq!(rows[1].products, ["PAC", "PV"]);
    }

    #[test]
    fn everywhere_means_the_departements_that_are_served() {
        assert_eq!(covered(&[order("PV", &["*"], 5)], &BTreeMap::new(), &DepartementPolicy::default()).len(), 94);
    }

    #[test]
    fn l_63_billable_excludes_rejected_and_removed() {
        let totals = Totals { sent: 10, rejected: 2, removed: 1, ..Totals::default() };
        assert_eq!(Performance::from(&totals).billable, 7);
    }
}
