//! The figures of départements.

use std::collections::HashMap;

use kernel::{BuyerId, OrderId, Week};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::rules::departement::{Departement, DepartementSet};
use crate::rules::monitoring::{CoverageStatus, OrderLoad, coverage, delta_pct};

/// How long a period of the overview is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Period {
    /// A day.
    Day,
    /// An ISO week.
    #[default]
    Week,
}

/// A département and a product, the place of a figure.
pub type Place = (String, String);

/// Leads that came in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Produced {
    /// In the period.
    pub current: i64,
    /// In the one before.
    pub previous: i64,
}

/// Units that were sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sent {
    /// Neither rejected nor removed.
    pub billable: i64,
    /// Rejected or removed.
    pub non_billable: i64,
}

/// An order that wants leads somewhere.
#[derive(Clone, Debug)]
pub struct Demand {
    /// The order.
    pub order: OrderId,
    /// Its buyer.
    pub buyer: BuyerId,
    /// The product.
    pub product: String,
    /// Where.
    pub departements: DepartementSet,
    /// What it wants and got.
    pub load: OrderLoad,
}

/// A département and a product in a period.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct OverviewRow {
    /// The département.
    pub departement: Departement,
    /// Its name.
    pub name: &'static str,
    /// Its region.
    pub region: &'static str,
    /// The product.
    pub product: String,
    /// Leads that came in.
    pub produced: i64,
    /// Leads that came in in the period before.
    pub previous: i64,
    /// The change in percent.
    pub delta_pct: Decimal,
    /// Units sent in the period and neither rejected nor removed.
    pub billable: i64,
    /// Units sent in the period and rejected or removed.
    pub non_billable: i64,
    /// The weekly quotas of the active orders that cover it, together.
    pub quota: u64,
    /// Units still wanted in the week; -1 = unlimited.
    pub remaining: i64,
    /// Whether there is demand.
    pub status: CoverageStatus,
}

/// Everything the overview is made of.
pub struct Figures {
    /// Leads that came in.
    pub produced: HashMap<Place, Produced>,
    /// Units that were sent.
    pub sent: HashMap<Place, Sent>,
    /// The orders.
    pub demands: Vec<Demand>,
}

impl Figures {
    /// The row of a département and a product.
    pub fn row(&self, departement: Departement, product: &str) -> OverviewRow {
        let place = (departement.code().to_owned(), product.to_owned());
        let produced = self.produced.get(&place).copied().unwrap_or_default();
        let sent = self.sent.get(&place).copied().unwrap_or_default();
        let covers = |demand: &&Demand| demand.product == product && demand.departements.contains(departement);
        let loads: Vec<_> = self.demands.iter().filter(covers).map(|demand| demand.load).collect();
        let coverage = coverage(&loads);
        let count = |rows: i64| u64::try_from(rows).unwrap_or(0);
        OverviewRow {
            departement,
            name: departement.name(),
            region: departement.region(),
            product: product.to_owned(),
            produced: produced.current,
            previous: produced.previous,
            delta_pct: delta_pct(count(produced.current), count(produced.previous)),
            billable: sent.billable,
            non_billable: sent.non_billable,
            quota: coverage.quota,
            remaining: coverage.remaining,
            status: coverage.status,
        }
    }
}

/// A week of a département.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct WeekRow {
    /// The week.
    pub week: Week,
    /// Leads that came in.
    pub produced: i64,
    /// Units sent and neither rejected nor removed.
    pub billable: i64,
    /// Units sent and rejected or removed.
    pub non_billable: i64,
}

#[cfg(test)]
mod tests {
    use kernel::Timestamp;

    use super::*;

    fn demand(active: bool, codes: &[&str], quota: u32, billable: u32) -> Demand {
        let at: Timestamp = "2026-02-11T09:00:00Z".parse().unwrap();
        Demand {
            order: OrderId::generate(at),
            buyer: BuyerId::generate(at),
            product: "PV".into(),
            departements: DepartementSet::try_from_codes(codes).unwrap(),
            load: OrderLoad { active, quota, billable },
        }
    }

    fn figures(demands: Vec<Demand>) -> Figures {
        let place = ("75".to_owned(), "PV".to_owned());
        Figures {
            produced: [(place.clone(), Produced { current: 15, previous: 10 })].into(),
            sent: [(place, Sent { billable: 8, non_billable: 2 })].into(),
            demands,
        }
    }

    #[test]
    fn a_row_sums_up_the_orders_that_cover_it() {
        let figures = figures(vec![
            demand(true, &["75", "92"], 10, 4),
            demand(true, &["*"], 5, 9),
            demand(false, &["75"], 50, 0),
        ]);
        let row = figures.row("75".parse().unwrap(), "PV");
        assert_eq!((row.quota, row.remaining, row.status), (15, 6, CoverageStatus::OnRemaining));
        assert_eq!(row.delta_pct, Decimal::from(50));
        let row = figures.row("69".parse().unwrap(), "PV");
        assert_eq!((row.produced, row.remaining, row.status), (0, 0, CoverageStatus::Saturated));
        assert_eq!(figures.row("75".parse().unwrap(), "ITE").status, CoverageStatus::NoOrder);
    }
}
