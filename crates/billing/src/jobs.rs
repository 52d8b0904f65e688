//! What billing does by itself.

use kernel::{Date, EntityId};
use platform::event::Severity;
use platform::job::schedule::Schedule;
use platform::{Ctx, Event, Registry, Result};
use serde_json::{Value, json};

use crate::bank::matching;
use crate::documents::overdue::store as overdue;
use crate::documents::{ops, store};
use crate::{reminders, sending, watching};

/// How many documents are told of, or pages read, in one transaction.
const PART: i64 = 500;

/// Registers the jobs, the checks and the alerts of this module.
pub fn register(registry: &mut Registry) {
    watching::register(registry);
    let daily = Schedule {
        name: "billing-daily",
        cron: "0 6 * * *",
        period: "%Y-%m-%d",
        about: "Marks invoices that are overdue, and lets offers expire whose time is over.",
    };
    registry.schedule(daily, |ctx, _, _| async move { mark_days(&ctx).await });
    let rehash = Schedule {
        name: "billing-rehash",
        cron: "30 2 * * *",
        period: "%Y-%m-%d",
        about: "Reads every stored page again and compares it with what was issued.",
    };
    registry.schedule(rehash, |ctx, _, _| async move { rehash_pages(&ctx).await });
    let reconcile = Schedule {
        name: "reconcile-payments",
        cron: "0 6 * * *",
        period: "%Y-%m-%d",
        about: "Matches what waits on bank accounts, and looks for balances that are not what settles them.",
    };
    registry.schedule(reconcile, |ctx, _, _| async move { matching::reconcile(&ctx).await });
    sending::jobs::register(registry);
    reminders::run::register(registry);
    registry.job(|ctx, _, job: matching::MatchAccount| async move {
        let outcome = matching::match_account(&ctx, job.account, usize::MAX).await?;
        serde_json::to_value(outcome).map_err(|error| platform::Error::internal("reporting a job", error))
    });
}

/// Marks what became overdue, as far as it takes (F-23: a thousand in one run, drafts never, each told once).
async fn mark_days(ctx: &Ctx) -> Result<Value> {
    let mut marked = 0;
    loop {
        let mut tx = ctx.begin().await?;
        let rows = overdue::mark_overdue(&mut tx, &days(ctx), PART).await?;
        for row in &rows {
            let details = json!({ "number": row.number, "due_on": row.due_on, "gross": row.gross });
            let event = Event::new("invoice_overdue", "document", row.id).entity(row.entity_id).details(details);
            tx.emit(event.related(row.party_id).severity(Severity::Warning));
        }
        tx.commit().await?;
        marked += rows.len();
        if rows.len() < usize::try_from(PART).unwrap_or(usize::MAX) {
            break;
        }
    }
    let mut tx = ctx.begin().await?;
    let expired = ops::expire_offers(&mut tx, &days(ctx)).await?;
    tx.commit().await?;
    Ok(json!({ "overdue": marked, "expired": expired }))
}

/// Each entity with the day there.
fn days(ctx: &Ctx) -> Vec<(EntityId, Date)> {
    ctx.entities().map(|entity| (entity.id, ctx.now().date_in(&entity.zone))).collect()
}

/// Compares stored pages with the hash they were issued under (spec/field.md 5.7).
async fn rehash_pages(ctx: &Ctx) -> Result<Value> {
    let (mut read, mut changed, mut after) = (0, 0, None);
    loop {
        let mut tx = ctx.begin().await?;
        let pages = store::list_page_hashes(&mut tx, after, PART).await?;
        for page in pages.iter().filter(|page| !page.is_whole) {
            let details = json!({ "number": page.number, "issued_as": page.issued_as });
            let event =
                Event::new("document_page_changed", "document", page.id).entity(page.entity_id).details(details);
            tx.emit(event.severity(Severity::Error));
            changed += 1;
        }
        read += pages.len();
        after = pages.last().map(|page| page.id);
        tx.commit().await?;
        if after.is_none() {
            return Ok(json!({ "read": read, "changed": changed }));
        }
    }
}
