//! The job that reminds: on working days, for the entities that switched it on.

use kernel::{Date, DocumentId, EntityId, ReminderId};
use platform::job::schedule::Schedule;
use platform::{Ctx, Registry, Result};
use serde_json::{Value, json};

use super::model::ReminderSettings;
use super::ops::{self, Desk};
use super::store;
use crate::documents::store as documents;

/// How many invoices are looked at in one transaction.
const PART: i64 = 200;

/// Registers the job.
pub fn register(registry: &mut Registry) {
    let daily = Schedule {
        name: "billing-reminders",
        cron: "0 10 * * 1-5",
        period: "%Y-%m-%d",
        about: "Asks for what is late, step by step, for the entities that switched it on.",
    };
    registry.schedule(daily, |ctx, _, _| async move { remind(&ctx).await });
}

/// Plans the next step of everything that is late and sends what is due, however much it is; safe to run again.
async fn remind(ctx: &Ctx) -> Result<Value> {
    let settings = ctx.setting::<ReminderSettings>().await?;
    let mut days = Vec::new();
    for entity in ctx.entities() {
        let (policy, today) = (settings.of(&entity.code), ctx.now().date_in(&entity.zone));
        if policy.enabled && policy.works_on(today) {
            days.push((entity.id, today));
        }
    }
    if days.is_empty() {
        return Ok(json!({ "planned": 0, "mailed": 0 }));
    }
    let planned = plan_all(ctx, &settings, &days).await?;
    let (mailed, unreachable) = send_all(ctx, &days).await?;
    Ok(json!({ "planned": planned, "mailed": mailed, "unreachable": unreachable }))
}

async fn plan_all(ctx: &Ctx, settings: &ReminderSettings, days: &[(EntityId, Date)]) -> Result<u64> {
    let (mut planned, mut after): (u64, Option<DocumentId>) = (0, None);
    loop {
        let mut tx = ctx.begin().await?;
        let late = store::list_unplanned(&mut tx, days, after, PART).await?;
        after = late.last().map(|row| row.document_id);
        let steps = ops::steps(&tx, settings, &late)?;
        planned += store::plan(&mut tx, &steps).await?;
        tx.commit().await?;
        if after.is_none() {
            return Ok(planned);
        }
    }
}

/// Hands everything due to the mail; says how much, and of how much nobody can be written to.
async fn send_all(ctx: &Ctx, days: &[(EntityId, Date)]) -> Result<(usize, usize)> {
    let (mut mailed, mut unreachable, mut after): (usize, usize, Option<ReminderId>) = (0, 0, None);
    let mut desk = Desk::default();
    loop {
        let mut tx = ctx.begin().await?;
        let due = store::list_due(&mut tx, days, after, PART).await?;
        let Some(last) = due.last() else { return Ok((mailed, unreachable)) };
        after = Some(last.id);
        // Invoices first, as whoever settles them does.
        let ids: Vec<_> = due.iter().map(|due| due.document_id).collect();
        let rows = documents::lock_documents(&mut tx, &ids).await?;
        let ids: Vec<_> = due.iter().map(|due| due.id).collect();
        for reminder in store::lock_free(&mut tx, &ids).await? {
            let open = rows.iter().find(|row| row.id == reminder.document_id && !row.settled().balance().is_zero());
            let Some(row) = open else { continue };
            let is_free = reminder.status == super::model::ReminderStatus::Planned && !reminder.is_on_its_way();
            if !is_free || reminder.is_suspended {
                continue;
            }
            if desk.send(&mut tx, &reminder, row).await? {
                mailed += 1;
            } else {
                unreachable += 1;
            }
        }
        tx.commit().await?;
    }
}
