//! Records whose invoice was made elsewhere and is not paid in time (spec 5.12): marked by a job, not by opening a page. Those
//! invoiced here follow their invoice.

use kernel::{Date, EntityId, Week};
use platform::event::{Event, Severity};
use platform::job::schedule::Schedule;
use platform::{Ctx, Registry, Result};
use serde_json::{Value, json};

use super::model::BillingRecordStatus;
use super::store::records;

/// How many are told of in one transaction.
const PART: i64 = 500;

/// Registers the job.
pub fn register(registry: &mut Registry) {
    let daily = Schedule {
        name: "billing-records-overdue",
        cron: "15 6 * * *",
        period: "%Y-%m-%d",
        about: "Marks records overdue whose invoice was made elsewhere and was due before today.",
    };
    registry.schedule(daily, |ctx, _, _| async move { mark(&ctx).await });
}

/// Marks what became overdue, however much it is, each told once.
async fn mark(ctx: &Ctx) -> Result<Value> {
    let days: Vec<(EntityId, Date)> =
        ctx.entities().map(|entity| (entity.id, ctx.now().date_in(&entity.zone))).collect();
    let mut marked = 0;
    loop {
        let mut tx = ctx.begin().await?;
        let late = records::mark_overdue(&mut tx, &days, PART).await?;
        for record in &late {
            let (old, new) = (BillingRecordStatus::Invoiced, BillingRecordStatus::Overdue);
            let changes = json!({ "status": { "old": old, "new": new } });
            let details = json!({ "week": Week::of(record.week), "due_on": record.due_on, "changes": changes });
            let event = Event::new("billing_record_updated", "billing_record", record.id).entity(record.entity_id);
            let event = event.related(record.buyer_id).related(record.order_id).details(details);
            tx.emit(event.severity(Severity::Warning));
        }
        tx.commit().await?;
        marked += late.len();
        if late.len() < usize::try_from(PART).unwrap_or(usize::MAX) {
            return Ok(json!({ "overdue": marked }));
        }
    }
}
