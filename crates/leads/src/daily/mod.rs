//! The daily run (spec 5.9). A: everything pending leaves, one mail a buyer and order. B: stock ages. C: what an order
//! still wants this week is filled from the stock and leaves too. D: the report.
//!
//! Failure policy: fail-open. A group or an order that fails is in the report, and the run goes on. Running it again
//! sends nothing again: only what is still pending is picked up, and only what an order still wants is filled.

mod fill;
mod store;

use std::collections::BTreeMap;

use platform::job::schedule::Schedule;
use platform::{Ctx, Registry, Result};
use serde::Serialize;
use serde_json::Value;

use crate::deliveries::model::DeliveryStatus;
use crate::deliveries::send::{self, Claimed, Kind};
use crate::deliveries::store::{Group, list_groups, lock_lines};
use crate::settings::model::{DeliveryCalendars, EmailPolicy};

/// Registers the daily run.
pub fn register(registry: &mut Registry) {
    let daily = Schedule {
        name: "daily-delivery",
        cron: "30 9 * * *",
        period: "%Y-%m-%d",
        about: "Sends everything pending, one file a buyer and order; ages the stock; fills what orders still want.",
    };
    registry.schedule(daily, |ctx, _, _| async move { run(&ctx).await });
}

/// What a run did. It is the run's entry in the job history.
#[derive(Debug, Default, Serialize)]
struct Report {
    pending: Sent,
    lb_marked: store::Aged,
    /// Per entity that delivers today, by code. Empty in simulation mode: what is simulated uses up no quota.
    filled: BTreeMap<String, Filled>,
}

/// What became of groups: how many deliveries are on their way, or prepared, or stay.
#[derive(Debug, Default, Serialize)]
struct Sent {
    processed: usize,
    sending: usize,
    ready_to_send: usize,
    skipped_calendar: usize,
    skipped_not_deliverable: usize,
    deferred: usize,
    errors: Vec<String>,
}

/// What an entity's orders got from the stock.
#[derive(Debug, Default, Serialize)]
struct Filled {
    fresh: usize,
    lb: usize,
    orders: usize,
    sending: Sent,
}

async fn run(ctx: &Ctx) -> Result<Value> {
    let mut report = Report::default();
    let mut tx = ctx.read().await?;
    let calendars = tx.setting::<DeliveryCalendars>().await?;
    let simulated = tx.setting::<EmailPolicy>().await?.simulation_mode;
    let groups = list_groups(&mut tx, DeliveryStatus::PendingCsv, None, None).await?;
    drop(tx);
    let delivers_today = |entity| {
        let entity = ctx.entity(entity)?;
        calendars.of(&entity.code).check(ctx.now().date_in(&entity.zone)).ok()
    };
    for group in groups {
        if delivers_today(group.entity_id).is_some() {
            report.pending.send(ctx, &group).await;
        } else {
            report.pending.processed += group.ids.len();
            report.pending.skipped_calendar += group.ids.len();
        }
    }
    let mut tx = ctx.begin().await?;
    report.lb_marked = store::mark_aged(&mut tx).await?;
    tx.commit().await?;
    let entities = ctx.tenant().entities.iter().filter(|entity| !simulated && delivers_today(entity.id).is_some());
    for entity in entities {
        let filled = fill::fill_entity(ctx, entity.id).await?;
        report.filled.insert(entity.code.clone(), filled);
    }
    serde_json::to_value(report).map_err(|error| platform::Error::internal("writing the run's report", error))
}

impl Sent {
    async fn send(&mut self, ctx: &Ctx, group: &Group) {
        self.processed += group.ids.len();
        match send_group(ctx, group).await {
            Ok((kind, claimed)) => self.count(&kind, &claimed, group.ids.len()),
            Err(error) => self.errors.push(format!("order {}: {}", group.order_id, error.chain())),
        }
    }

    fn count(&mut self, kind: &Kind, claimed: &Claimed, asked: usize) {
        self.skipped_not_deliverable += claimed.dropped.len();
        match kind {
            _ if claimed.deferred => self.deferred += asked,
            Kind::Prepare => self.ready_to_send += claimed.taken.len(),
            _ => self.sending += claimed.taken.len(),
        }
    }
}

/// One group in one transaction: sent, or only prepared when the buyer's files leave by hand.
async fn send_group(ctx: &Ctx, group: &Group) -> Result<(Kind, Claimed)> {
    let mut tx = ctx.begin().await?;
    // Somebody may have sent or cancelled one since the groups were read.
    let lines = lock_lines(&mut tx, &group.ids).await?;
    let pending: Vec<_> = lines.iter().filter(|line| line.status == DeliveryStatus::PendingCsv).collect();
    let kind = if pending.iter().all(|line| line.auto_send) { Kind::Send } else { Kind::Prepare };
    let ids: Vec<_> = pending.iter().map(|line| line.id).collect();
    let claimed = send::claim(&mut tx, &ids, &kind).await?;
    tx.commit().await?;
    Ok((kind, claimed))
}
