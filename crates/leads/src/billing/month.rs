//! The summary of a month: each unit in the month of its send date, however its week lies (spec 5.10).

use std::collections::BTreeMap;

use kernel::{BuyerId, Week};
use platform::{Result, Tx};
use serde::Serialize;
use utoipa::ToSchema;

use super::model::{BillingRecordStatus, Month, count};
use super::week::{self, RecordView};
use crate::rules::billing::{Amounts, RowStatuses, by_month};
use crate::rules::pricing::BillingMode;

/// What a buyer owes for a product for a month.
#[derive(Clone, Debug, Serialize, ToSchema)]
struct MonthRow {
    /// The buyer.
    buyer_id: BuyerId,
    /// The buyer's name.
    buyer_name: String,
    /// The product.
    product: String,
    /// Sent in the month and not taken back.
    units_billable: i64,
    /// Credited among them.
    units_free: i64,
    /// Billable and not free.
    units_invoiced: i64,
    /// What that comes to, in euros: of a week that lies in two months, the share of its units.
    #[serde(flatten)]
    amounts: Amounts,
    /// `overdue`, `not_invoiced`, `invoiced` or `paid`, of all its records together.
    status: &'static str,
}

/// A month of billing, without what was paid in advance.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct BillingMonth {
    /// The month, `YYYY-MM`.
    #[schema(value_type = String)]
    month: Month,
    /// Whether some of its weeks are not built: their rows are computed from what is known now.
    is_preview: bool,
    /// Sent in the month and not taken back, however it is paid.
    units_billable: i64,
    /// What is invoiced after the weeks, in euros.
    #[serde(flatten)]
    amounts: Amounts,
    /// By buyer and product.
    rows: Vec<MonthRow>,
}

/// Reads a month over every entity in scope.
pub(super) async fn read_month(tx: &mut Tx, month: Month) -> Result<BillingMonth> {
    let within = (month.first(), month.next());
    let entities = tx.ctx().entities().count();
    let (mut is_preview, mut units_billable) = (false, 0);
    let mut rows: BTreeMap<(String, BuyerId, String), (MonthRow, RowStatuses)> = BTreeMap::new();
    let mut next = Week::of(month.first());
    while next.monday() < month.next() {
        let sheet = week::sheet(tx, next, within).await?;
        is_preview |= sheet.built.len() < entities;
        for (record, units) in sheet.rows {
            units_billable += units;
            if record.billing_mode == BillingMode::WeeklyInvoice && units > 0 {
                add(&mut rows, &record, units);
            }
        }
        next = next.next();
    }
    let rows: Vec<_> = rows.into_values().map(|(row, statuses)| MonthRow { status: statuses.word(), ..row }).collect();
    let amounts = rows.iter().map(|row| row.amounts).sum();
    Ok(BillingMonth { month, is_preview, units_billable, amounts, rows })
}

fn add(rows: &mut BTreeMap<(String, BuyerId, String), (MonthRow, RowStatuses)>, record: &RecordView, units: i64) {
    let elsewhere = count(record.units_billable - units);
    let shares =
        by_month(record.amounts, [count(record.units_free), count(record.units_invoiced)], &[count(units), elsewhere]);
    let Some((amounts, [free, invoiced])) = shares.into_iter().next() else { return };
    let key = (record.buyer_name.clone(), record.buyer_id, record.product.clone());
    let (row, statuses) = rows.entry(key).or_insert_with(|| {
        let row = MonthRow {
            buyer_id: record.buyer_id,
            buyer_name: record.buyer_name.clone(),
            product: record.product.clone(),
            units_billable: 0,
            units_free: 0,
            units_invoiced: 0,
            amounts: Amounts::default(),
            status: "not_invoiced",
        };
        (row, RowStatuses { overdue: false, not_invoiced: false, invoiced: false, paid: false })
    });
    row.units_billable += units;
    row.units_free += i64::from(free);
    row.units_invoiced += i64::from(invoiced);
    row.amounts = row.amounts + amounts;
    match record.status {
        BillingRecordStatus::NotInvoiced => statuses.not_invoiced = true,
        BillingRecordStatus::Invoiced => statuses.invoiced = true,
        BillingRecordStatus::Overdue => statuses.overdue = true,
        BillingRecordStatus::Paid => statuses.paid = true,
    }
}
