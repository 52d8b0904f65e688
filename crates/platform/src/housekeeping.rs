//! What the ground does for itself, by schedule: seals events, makes next month's partitions, forgets what is over.

use serde_json::{Value, json};

use crate::job::schedule::Schedule;
use crate::{Ctx, Registry, Result, capacity, check, event, idempotency, identity, job, mail, webhook};

/// Finished jobs are kept this long; their history stays.
const FINISHED_JOBS_DAYS: i64 = 30;

/// Failed sign-ins of an address are remembered this long after the last.
const SIGN_IN_FAILURES_DAYS: i64 = 7;

/// An instance that fell silent is shown for so long.
const SILENT_WORKER_DAYS: i64 = 7;

/// Calls of webhooks are kept this long.
const WEBHOOK_ATTEMPTS_DAYS: i64 = 30;

/// Registers the schedules and the checks of the platform.
pub fn register(registry: &mut Registry) {
    check::ground::register(registry);
    let seal = Schedule {
        name: "seal-events",
        cron: "*/10 * * * *",
        period: "%Y-%m-%dT%H:%M",
        about: "Seals the events that have settled, so that tampering shows.",
    };
    registry.schedule(seal, |ctx, _, _| async move { event::seal::seal_events(ctx).await });
    let mail = Schedule {
        name: "mail-reaper",
        cron: "*/5 * * * *",
        period: "%Y-%m-%dT%H:%M",
        about: "Flags mails whose process was lost while it sent them.",
    };
    registry.schedule(mail, |ctx, _, _| async move { mail::reap_lost(&ctx).await });
    mail::domain::register(registry);
    capacity::register(registry);
    let partitions = Schedule {
        name: "partitions",
        cron: "10 2 * * *",
        period: "%Y-%m-%d",
        about: "Makes the partitions of this and the next month.",
    };
    registry.schedule(partitions, |ctx, _, _| async move { make_partitions(&ctx).await });
    let forget = Schedule {
        name: "housekeeping",
        cron: "20 2 * * *",
        period: "%Y-%m-%d",
        about: "Forgets answered idempotency keys, ended sessions and links, finished jobs and old calls of webhooks.",
    };
    registry.schedule(forget, |ctx, _, _| async move { forget_what_is_over(&ctx).await });
    let factors = Schedule {
        name: "seal-secrets",
        cron: "30 2 * * *",
        period: "%Y-%m-%d",
        about: "Seals secrets that a service of an older version left in clear.",
    };
    registry.schedule(factors, |ctx, _, _| async move {
        let sealed = identity::seal_clear_factors(ctx.platform()).await?;
        Ok(json!({ "second_factors": sealed }))
    });
}

async fn make_partitions(ctx: &Ctx) -> Result<Value> {
    let mut tx = ctx.begin().await?;
    let made =
        sqlx::query_scalar!(r#"select platform.ensure_partitions($1) as "made!""#, tx.now() as kernel::Timestamp)
            .fetch_one(tx.conn())
            .await?;
    tx.commit().await?;
    Ok(json!({ "made": made }))
}

async fn forget_what_is_over(ctx: &Ctx) -> Result<Value> {
    let mut tx = ctx.begin().await?;
    let keys = idempotency::forget_old(&mut tx).await?;
    let sessions = identity::delete_expired_sessions(&mut tx).await?;
    let before = tx.now().minus_days(SIGN_IN_FAILURES_DAYS);
    let addresses = identity::forget_failures(&mut tx, before).await?;
    let resets = identity::delete_expired_resets(&mut tx).await?;
    let before = tx.now().minus_days(FINISHED_JOBS_DAYS);
    let jobs = job::store::delete_finished_jobs(&mut tx, before).await?;
    let silent = tx.now().minus_days(SILENT_WORKER_DAYS);
    job::store::delete_silent_workers(&mut tx, silent).await?;
    let before = tx.now().minus_days(WEBHOOK_ATTEMPTS_DAYS);
    let calls = webhook::delete_attempts_before(&mut tx, before).await?;
    tx.commit().await?;
    Ok(
        json!({ "idempotency_keys": keys, "sessions": sessions, "failed_addresses": addresses, "password_resets": resets, "jobs": jobs, "webhook_calls": calls }),
    )
}
