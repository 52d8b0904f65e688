//! Trying transfers in error again, every hour and when a price is set.

use kernel::Week;
use platform::job::schedule::Schedule;
use platform::{Ctx, Error, Job, Registry, Result, Tx};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::store::Retry;
use super::{invoices, ops};

/// Registers the jobs of this module.
pub fn register(registry: &mut Registry) {
    registry.job(|ctx, _, _: RetryTransfers| async move { run(&ctx, Retry::All).await });
    let hourly = Schedule {
        name: "transfer-retry",
        cron: "7 * * * *",
        period: "%Y-%m-%dT%H",
        about: "Tries transfers between entities again that could not be priced.",
    };
    registry.schedule(hourly, |ctx, _, _| async move { run(&ctx, Retry::Due).await });
    let weekly = Schedule {
        name: "intercompany-invoices",
        cron: "0 8 * * 1",
        period: "%G-W%V",
        about: "Invoices what entities owe each other up to the week before.",
    };
    registry.schedule(weekly, |ctx, _, _| async move { invoice(&ctx).await });
}

/// Invoices what is pending up to the week before this one. What could not be is told in the report, and stays pending.
async fn invoice(ctx: &Ctx) -> Result<Value> {
    let week = Week::at(ctx.now(), &ctx.tenant().zone).previous();
    let run = invoices::invoice_until(ctx, week, None).await?;
    serde_json::to_value(run).map_err(|error| Error::internal("writing a report", error))
}

/// Tries every transfer in error again.
#[derive(Debug, Serialize, Deserialize)]
pub struct RetryTransfers {}

impl Job for RetryTransfers {
    const KIND: &'static str = "leads.retry_transfers";
}

/// Asks for transfers in error to be tried again once this transaction is committed.
pub fn request_retry(tx: &mut Tx) -> Result<()> {
    tx.enqueue_once(&RetryTransfers {})
}

async fn run(ctx: &Ctx, which: Retry) -> Result<Value> {
    let mut tx = ctx.begin().await?;
    let (fixed, left) = ops::retry(&mut tx, which).await?;
    tx.commit().await?;
    Ok(json!({ "fixed": fixed, "left": left }))
}
