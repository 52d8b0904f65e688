//! The route of the aged balance.

use std::collections::BTreeMap;

use kernel::{Date, PartyId};
use platform::http::{Api, Guard, Json, Query};
use platform::{Ctx, Permission, Result};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::routes;

use super::store::{self, OpenRow};
use crate::accounts::role::Role;
use crate::rules::aged::{AgedAmounts, age};
use crate::wire::{self, shown};

/// The route of this module.
pub(super) fn routes(api: Api) -> Api {
    api.route(routes!(aged_balance), Guard::permit(Permission::LedgerView))
}

/// Of whom what is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum AgedSide {
    /// What customers owe.
    Customers,
    /// What is owed to suppliers.
    Suppliers,
}

/// Which aged balance.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct AgedQuery {
    /// The entity, by code; needed where several are in scope.
    entity: Option<String>,
    /// Customers unless told.
    side: Option<AgedSide>,
    /// The day; today unless told.
    on: Option<Date>,
}

/// What is open, by party and age.
#[derive(Debug, Serialize, ToSchema)]
struct AgedBalance {
    /// The day.
    on: Date,
    /// Of whom.
    side: AgedSide,
    /// Each party with something open, by name.
    parties: Vec<AgedParty>,
    /// All together.
    total: AgedAmounts,
}

/// What is open of a party.
#[derive(Debug, Serialize, ToSchema)]
struct AgedParty {
    /// The party; none for lines that name none.
    party_id: Option<PartyId>,
    /// Its code.
    code: Option<String>,
    /// Its name.
    name: Option<String>,
    #[serde(flatten)]
    amounts: AgedAmounts,
}

/// What customers owe, or what is owed to suppliers, by how long it is due. What was paid is taken off the oldest first.
#[utoipa::path(get, path = "/api/ledger/aged-balance", tag = "ledger", params(AgedQuery), responses((status = 200, body = AgedBalance)))]
async fn aged_balance(ctx: Ctx, Query(query): Query<AgedQuery>) -> Result<Json<AgedBalance>> {
    let entity = wire::entity(&ctx, query.entity.as_deref())?;
    let on = wire::day_or_today(&ctx, entity, query.on)?;
    let side = query.side.unwrap_or(AgedSide::Customers);
    let roles: &[Role] = match side {
        AgedSide::Customers => &[Role::Customers, Role::DoubtfulCustomers, Role::CustomerAdvances],
        AgedSide::Suppliers => &[Role::Suppliers, Role::SupplierAdvances],
    };
    let mut tx = ctx.read().await?;
    let rows = store::list_open(&mut tx, entity, roles, on).await?;
    let sign = if side == AgedSide::Customers { Decimal::ONE } else { -Decimal::ONE };
    let (parties, total) = aged(rows, sign, on);
    Ok(Json(AgedBalance { on, side, parties, total: shown_ages(total) }))
}

fn aged(rows: Vec<OpenRow>, sign: Decimal, on: Date) -> (Vec<AgedParty>, AgedAmounts) {
    let mut by_party: BTreeMap<Option<PartyId>, Vec<OpenRow>> = BTreeMap::new();
    for row in rows {
        by_party.entry(row.party).or_default().push(row);
    }
    let mut total = AgedAmounts::default();
    let mut parties = Vec::new();
    for (party_id, open) in by_party {
        let amounts: Vec<_> = open.iter().map(|row| (row.due_on, row.amount * sign)).collect();
        let amounts = age(&amounts, on);
        if amounts == AgedAmounts::default() {
            continue;
        }
        total = total.plus(amounts);
        let last = open.into_iter().next_back();
        let (code, name) = last.map(|row| (row.aux_code, row.aux_name)).unwrap_or_default();
        parties.push(AgedParty { party_id, code, name, amounts: shown_ages(amounts) });
    }
    parties.sort_by(|a, b| a.name.cmp(&b.name));
    (parties, total)
}

fn shown_ages(amounts: AgedAmounts) -> AgedAmounts {
    AgedAmounts {
        not_due: shown(amounts.not_due),
        days_0_30: shown(amounts.days_0_30),
        days_31_60: shown(amounts.days_31_60),
        days_61_90: shown(amounts.days_61_90),
        days_91_plus: shown(amounts.days_91_plus),
        unallocated: shown(amounts.unallocated),
        balance: shown(amounts.balance),
    }
}
