//! Building the ledger of a week (spec 5.10): deleted and made anew in one transaction, as often as wanted, until something of
//! it is invoiced (L-42).

use std::collections::HashMap;

use kernel::{BillingRecordId, BuyerId, EntityId, OrderId, Week};
use platform::event::Event;
use platform::{Ctx, EntityRef, Error, Result, Tx};
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;

use super::model::{Draft, Record, Tracking, records};
use super::store::candidates;
use super::store::ledger::{self, Span};
use super::store::records::{self as stored, NewRecord};
use crate::rules::billing::Amounts;
use crate::rules::pricing::BillingMode;

/// What a build made of an entity's week.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct LedgerBuilt {
    /// The entity, by code.
    pub entity: String,
    /// The week.
    pub week: Week,
    /// How often it was built by now.
    pub generation: i32,
    /// Records.
    pub records: usize,
    /// Units sent.
    pub units: i64,
    /// Units sent and not taken back.
    pub billable: i64,
    /// What is to be invoiced after the week, in euros.
    #[serde(flatten)]
    pub amounts: Amounts,
}

/// Builds a week for each entity in scope, all or none.
///
/// Refused for a week of which something is invoiced, overdue or paid, here or elsewhere.
pub async fn build_ledger(tx: &mut Tx, week: Week) -> Result<Vec<LedgerBuilt>> {
    let mut entities: Vec<_> = tx.ctx().entities().cloned().collect();
    entities.sort_by_key(|entity| entity.id);
    let mut built = Vec::new();
    for entity in &entities {
        built.push(build_entity(tx, entity, week).await?);
    }
    Ok(built)
}

async fn build_entity(tx: &mut Tx, entity: &EntityRef, week: Week) -> Result<LedgerBuilt> {
    hold_open_week(tx, entity.id, week).await?;
    let former = stored::lock_records(tx, entity.id, week).await?;
    candidates::release_week(tx, entity.id, week).await?;
    ledger::delete_week(tx, entity.id, week).await?;
    let groups = ledger::insert_lines(tx, span(entity, week)).await?;
    let (units, billable) = groups
        .iter()
        .fold((0, 0), |(units, billable), group| (units + group.units_sent, billable + group.units_billable));
    let credits = ledger::list_credit_totals(tx, entity.id, week).await?;
    let new = kept(tx, records(groups, credits), former);
    stored::insert_records(tx, entity.id, week, &new).await?;
    let generation = ledger::finish_week(tx, entity.id, week).await?;
    let weekly = new.iter().filter(|(_, draft, _)| draft.group.mode == BillingMode::WeeklyInvoice);
    let built = LedgerBuilt {
        entity: entity.code.clone(),
        week,
        generation,
        records: new.len(),
        units,
        billable,
        amounts: weekly.map(|(_, draft, _)| draft.amounts).sum(),
    };
    let event = Event::new("ledger_built", "entity", entity.id).entity(entity.id);
    tx.emit(event.details(json!({ "week": week, "generation": generation, "records": built.records, "units": units,
        "billable": billable, "net": built.amounts.net })));
    Ok(built)
}

/// Drafts with the ids and the tracking of the records they take the place of; new ids for the others.
fn kept(tx: &Tx, drafts: Vec<Draft>, former: Vec<Record>) -> Vec<NewRecord> {
    type Key = (BuyerId, String, OrderId, i32);
    let mut former: HashMap<Key, (BillingRecordId, Tracking)> = former
        .into_iter()
        .map(|record| {
            ((record.buyer_id, record.product, record.order_id, record.position), (record.id, record.tracking))
        })
        .collect();
    let now = tx.now();
    let new = |draft: Draft| {
        let key = (draft.group.buyer_id, draft.group.product.clone(), draft.group.order_id, draft.position);
        let (id, tracking) =
            former.remove(&key).unwrap_or_else(|| (BillingRecordId::generate(now), Tracking::default()));
        (id, draft, tracking)
    };
    drafts.into_iter().map(new).collect()
}

/// The instants of an entity's week, in its zone (L-24).
pub(super) fn span(entity: &EntityRef, week: Week) -> Span {
    let (from, to) = week.bounds(&entity.zone);
    Span { entity: entity.id, week, from, to }
}

/// Holds an entity's week of which nothing is invoiced yet.
///
/// Refused when something is.
pub async fn hold_open_week(tx: &mut Tx, entity: EntityId, week: Week) -> Result<()> {
    ledger::lock_week(tx, entity, week).await?;
    if stored::has_locked(tx, entity, week).await? {
        let code = code(tx.ctx(), entity);
        let detail = format!("Something of the week {week} of {code} is invoiced: it no longer changes.");
        return Err(Error::refused("week_locked", detail));
    }
    Ok(())
}

fn code(ctx: &Ctx, entity: EntityId) -> String {
    ctx.entity_code(entity).to_owned()
}
