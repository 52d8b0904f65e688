//! The daily run (spec 5.9), step A: everything pending leaves, one mail a buyer and order.
//!
//! Failure policy: fail-open. A group that fails is in the report, and the run goes on.

use platform::job::schedule::Schedule;
use platform::{Ctx, Registry, Result};
use serde::Serialize;
use serde_json::Value;

use crate::deliveries::model::DeliveryStatus;
use crate::deliveries::send::{self, Claimed, Kind};
use crate::deliveries::store::{self, Group};
use crate::settings::model::DeliveryCalendars;

/// Registers the daily run.
pub fn register(registry: &mut Registry) {
    let daily = Schedule {
        name: "daily-delivery",
        cron: "30 9 * * *",
        period: "%Y-%m-%d",
        about: "Sends everything pending, one file a buyer and order.",
    };
    registry.schedule(daily, |ctx, _, _| async move { run(&ctx).await });
}

/// What a run did.
#[derive(Debug, Default, Serialize)]
struct Report {
    processed: usize,
    sent: usize,
    ready_to_send: usize,
    skipped_calendar: usize,
    skipped_not_deliverable: usize,
    deferred: usize,
    errors: Vec<String>,
}

/// Sends what is pending on entities that deliver today. Running it again sends nothing again: only what is still
/// pending is picked up.
pub async fn run(ctx: &Ctx) -> Result<Value> {
    let mut tx = ctx.begin().await?;
    let calendars = tx.setting::<DeliveryCalendars>().await?;
    let groups = store::list_groups(&mut tx, DeliveryStatus::PendingCsv).await?;
    tx.commit().await?;
    let mut report = Report::default();
    for group in groups {
        report.processed += group.ids.len();
        let today =
            ctx.entity(group.entity_id).map(|entity| (calendars.of(&entity.code), ctx.now().date_in(&entity.zone)));
        if today.is_none_or(|(calendar, date)| calendar.check(date).is_err()) {
            report.skipped_calendar += group.ids.len();
            continue;
        }
        match send_group(ctx, &group).await {
            Ok((kind, claimed)) => report.count(&kind, &claimed, group.ids.len()),
            Err(error) => report.errors.push(format!("order {}: {}", group.order_id, error.chain())),
        }
    }
    serde_json::to_value(report).map_err(|error| platform::Error::internal("writing the run's report", error))
}

/// One group in one transaction: sent, or only prepared when the buyer's files leave by hand.
async fn send_group(ctx: &Ctx, group: &Group) -> Result<(Kind, Claimed)> {
    let mut tx = ctx.begin().await?;
    // Somebody may have sent or cancelled one since the groups were read.
    let lines = store::lock_lines(&mut tx, &group.ids).await?;
    let pending: Vec<_> = lines.iter().filter(|line| line.status == DeliveryStatus::PendingCsv).collect();
    let kind = if pending.iter().all(|line| line.auto_send) { Kind::Send } else { Kind::Prepare };
    let ids: Vec<_> = pending.iter().map(|line| line.id).collect();
    let claimed = send::claim(&mut tx, &ids, &kind).await?;
    tx.commit().await?;
    Ok((kind, claimed))
}

impl Report {
    fn count(&mut self, kind: &Kind, claimed: &Claimed, asked: usize) {
        self.skipped_not_deliverable += claimed.dropped.len();
        match kind {
            _ if claimed.deferred => self.deferred += asked,
            Kind::Prepare => self.ready_to_send += claimed.taken.len(),
            _ => self.sent += claimed.taken.len(),
        }
    }
}
