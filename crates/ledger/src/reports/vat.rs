//! The route of the VAT return.

use std::collections::BTreeMap;

use kernel::Date;
use platform::http::{Api, Guard, Json, Query};
use platform::{Ctx, Permission, Result};
use rust_decimal::Decimal;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::routes;

use super::http::TrialQuery;
use super::store;
use crate::wire::{self, shown};

/// The route of this module.
pub(super) fn routes(api: Api) -> Api {
    api.route(routes!(vat_return), Guard::permit(Permission::LedgerView))
}

/// The VAT return between two days.
#[derive(Debug, Serialize, ToSchema)]
struct VatReturn {
    /// The first day.
    from: Date,
    /// The last day.
    to: Date,
    /// Each month, direction, category and rate.
    rows: Vec<VatReturnRow>,
    /// Output less input, by month.
    months: Vec<VatReturnMonth>,
    /// Invoiced, and due once it is paid: what the accounts of pending VAT hold on the last day.
    #[schema(value_type = String)]
    pending_on_receipt: Decimal,
}

/// A line of the VAT return.
#[derive(Debug, Serialize, ToSchema)]
struct VatReturnRow {
    /// The first day of the month.
    month: Date,
    /// `output` or `input`.
    direction: String,
    /// The category of UNTDID 5305.
    category: String,
    /// In percent.
    #[schema(value_type = String)]
    rate: Decimal,
    /// What it is computed of.
    #[schema(value_type = String)]
    base: Decimal,
    /// The VAT.
    #[schema(value_type = String)]
    vat: Decimal,
    /// What it is computed of, in the second currency.
    #[schema(value_type = String)]
    second_base: Decimal,
    /// The VAT in the second currency.
    #[schema(value_type = String)]
    second_vat: Decimal,
}

/// What is to be paid for a month.
#[derive(Debug, Serialize, ToSchema)]
struct VatReturnMonth {
    /// The first day of the month.
    month: Date,
    /// Collected.
    #[schema(value_type = String)]
    output: Decimal,
    /// Deducted.
    #[schema(value_type = String)]
    input: Decimal,
    /// To be paid; below zero, to be paid back.
    #[schema(value_type = String)]
    net: Decimal,
    /// To be paid, in the second currency.
    #[schema(value_type = String)]
    second_net: Decimal,
}

/// The VAT return: output and input by month, category and rate, for what is due; and what is pending until it is paid.
#[utoipa::path(get, path = "/api/ledger/vat-return", tag = "ledger", params(TrialQuery), responses((status = 200, body = VatReturn)))]
async fn vat_return(ctx: Ctx, Query(query): Query<TrialQuery>) -> Result<Json<VatReturn>> {
    let entity = wire::entity(&ctx, query.entity.as_deref())?;
    let to = wire::day_or_today(&ctx, entity, query.to)?;
    let (from, to) = wire::ordered(query.from.unwrap_or_else(|| Date::from_jiff(to.jiff().first_of_month())), to)?;
    let mut tx = ctx.read().await?;
    let sums = store::vat_sums(&mut tx, entity, (from, to)).await?;
    let pending = store::pending_vat(&mut tx, entity, to).await?;
    let mut months: BTreeMap<Date, (Decimal, Decimal, Decimal)> = BTreeMap::new();
    for sum in &sums {
        let (output, input, second) = months.entry(sum.month).or_default();
        if sum.direction == "output" {
            *output += sum.vat;
            *second += sum.second_vat;
        } else {
            *input += sum.vat;
            *second -= sum.second_vat;
        }
    }
    let row = |sum: store::VatSum| VatReturnRow {
        month: sum.month,
        direction: sum.direction,
        category: sum.category,
        rate: sum.rate.normalize(),
        base: shown(sum.base),
        vat: shown(sum.vat),
        second_base: shown(sum.second_base),
        second_vat: shown(sum.second_vat),
    };
    let month = |(month, (output, input, second)): (Date, (Decimal, Decimal, Decimal))| VatReturnMonth {
        month,
        output: shown(output),
        input: shown(input),
        net: shown(output - input),
        second_net: shown(second),
    };
    Ok(Json(VatReturn {
        from,
        to,
        rows: sums.into_iter().map(row).collect(),
        months: months.into_iter().map(month).collect(),
        pending_on_receipt: shown(pending),
    }))
}
