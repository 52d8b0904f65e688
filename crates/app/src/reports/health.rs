//! `/api/system/health`: whether a person must look, and where (spec leads 10).

use kernel::Timestamp;
use platform::http::{Api, Guard, Json};
use platform::{Ctx, Permission, Result, Tx, mail};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::routes;

use super::store;
use leads::intercompany::store as transfers;

/// Runs that failed within these days count.
const DAYS: i64 = 7;
/// A job due for longer than this waits for a worker that does not come.
const OVERDUE: jiff::SignedDuration = jiff::SignedDuration::from_mins(15);

/// What runs each day and did not succeed for longer than this was missed.
const MISSED: jiff::SignedDuration = jiff::SignedDuration::from_hours(36);

/// The routes of this module.
pub(super) fn routes(api: Api) -> Api {
    api.route(routes!(health), Guard::permit(Permission::DashboardView).fail_open())
}

/// How something is, from best to worst.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum Status {
    /// Nothing to do.
    Ok,
    /// To be watched.
    Warning,
    /// Something does not work.
    Degraded,
}

/// The health of the tenant's work.
#[derive(Debug, Serialize, ToSchema)]
struct Health {
    /// The worst of its parts.
    status: Status,
    /// The parts.
    modules: Modules,
}

/// The parts.
#[derive(Debug, Serialize, ToSchema)]
struct Modules {
    /// Background work.
    cron: Part<Cron>,
    /// Deliveries.
    deliveries: Part<Deliveries>,
    /// The settlement between entities.
    intercompany: Part<Intercompany>,
    /// Invoices, and what keeps watch over them.
    invoices: Part<Invoices>,
    /// Mail servers.
    mail: Part<Mail>,
}

/// A part with its figures; without them when they could not be read, which counts as degraded.
#[derive(Debug, Serialize, ToSchema)]
struct Part<T> {
    /// How it is.
    status: Status,
    /// The figures.
    #[serde(skip_serializing_if = "Option::is_none")]
    figures: Option<T>,
}

/// Background work.
#[derive(Debug, Serialize, ToSchema)]
struct Cron {
    /// Runs that failed within seven days.
    failed_runs_7d: i64,
    /// Jobs out of attempts, for a person to requeue.
    dead_letters: i64,
    /// Jobs due for longer than 15 minutes.
    overdue: i64,
    /// The last sign of life of a worker.
    last_beat_at: Option<Timestamp>,
}

/// Deliveries.
#[derive(Debug, Serialize, ToSchema)]
struct Deliveries {
    /// Not sent.
    failed: i64,
    /// Those among them of which nobody knows whether they arrived.
    outcome_unknown: i64,
    /// Being sent for too long.
    stuck: i64,
}

/// The settlement between entities.
#[derive(Debug, Serialize, ToSchema)]
struct Intercompany {
    /// Transfers in error.
    error: i64,
    /// Those among them that are no longer tried by themselves.
    given_up: i64,
    /// When the oldest of them was made.
    oldest_error_at: Option<Timestamp>,
    /// Directions and products of them that lack a price.
    missing_prices: usize,
}

/// Invoices, and what keeps watch over them.
#[derive(Debug, Serialize, ToSchema)]
struct Invoices {
    /// Invoices of customers that are due and not paid.
    overdue: i64,
    /// Stored pages that were not what was issued, when they were last read again.
    changed_pages: i64,
    /// Balances that were not what settles them, when they were last computed again.
    drifted_balances: i64,
    /// The daily jobs of billing that did not succeed within 36 hours.
    missed_jobs: Vec<String>,
}

/// Mail servers.
#[derive(Debug, Serialize, ToSchema)]
struct Mail {
    /// Entities, by code, whose server failed so often that it is left alone for some minutes.
    left_alone: Vec<String>,
}

/// The health of the tenant's work: jobs, deliveries, the settlement between entities, invoices, mail. The worst of them is the whole.
#[utoipa::path(get, path = "/api/system/health", tag = "system", responses((status = 200, body = Health)))]
async fn health(ctx: Ctx) -> Json<Health> {
    let modules = Modules {
        cron: part(&ctx, "cron", cron).await,
        deliveries: part(&ctx, "deliveries", deliveries).await,
        intercompany: part(&ctx, "intercompany", intercompany).await,
        invoices: part(&ctx, "invoices", invoices).await,
        mail: part(&ctx, "mail", mail_servers).await,
    };
    let parts = [
        modules.cron.status,
        modules.deliveries.status,
        modules.intercompany.status,
        modules.invoices.status,
        modules.mail.status,
    ];
    let status = parts.into_iter().max().unwrap_or(Status::Ok);
    Json(Health { status, modules })
}

async fn part<T>(ctx: &Ctx, name: &str, read: impl AsyncFnOnce(&mut Tx) -> Result<(Status, T)>) -> Part<T> {
    let read = async {
        let mut tx = ctx.read().await?;
        read(&mut tx).await
    };
    match read.await {
        Ok((status, figures)) => Part { status, figures: Some(figures) },
        Err(error) => {
            tracing::warn!(part = name, error = error.logged(), "the health of a part could not be read");
            Part { status: Status::Degraded, figures: None }
        }
    }
}

async fn cron(tx: &mut Tx) -> Result<(Status, Cron)> {
    let now = tx.now();
    let found = store::count_jobs(tx, now.minus_days(DAYS), now.plus(-OVERDUE)).await?;
    let cron = Cron {
        failed_runs_7d: found.failed_runs,
        dead_letters: found.dead,
        overdue: found.overdue,
        last_beat_at: found.last_beat_at,
    };
    let status =
        if found.dead > 0 || found.overdue > 0 || found.failed_runs > 0 { Status::Degraded } else { Status::Ok };
    Ok((status, cron))
}

async fn deliveries(tx: &mut Tx) -> Result<(Status, Deliveries)> {
    let found = store::count_troubled_deliveries(tx).await?;
    let status = if found.failed + found.stuck > 0 { Status::Degraded } else { Status::Ok };
    Ok((status, Deliveries { failed: found.failed, outcome_unknown: found.unknown, stuck: found.stuck }))
}

async fn intercompany(tx: &mut Tx) -> Result<(Status, Intercompany)> {
    let found = transfers::count_transfers(tx).await?;
    let missing = if found.error > 0 { transfers::list_missing_prices(tx).await?.len() } else { 0 };
    let status = if found.error > 0 { Status::Degraded } else { Status::Ok };
    let figures = Intercompany {
        error: found.error,
        given_up: found.given_up,
        oldest_error_at: found.oldest_error_at,
        missing_prices: missing,
    };
    Ok((status, figures))
}

async fn invoices(tx: &mut Tx) -> Result<(Status, Invoices)> {
    let days = tx.ctx().entities().map(|entity| (entity.id, tx.now().date_in(&entity.zone))).collect::<Vec<_>>();
    let overdue = store::count_overdue(tx, &days).await?;
    let before = tx.now().plus(-MISSED);
    let watches = store::list_watches(tx, before).await?;
    let told = |name: &str, figure: &str| {
        let run = watches.iter().find(|watch| watch.kind == name).and_then(|watch| watch.result.as_ref());
        run.and_then(|result| result[figure].as_i64()).unwrap_or_default()
    };
    let figures = Invoices {
        overdue,
        changed_pages: told("billing-rehash", "changed"),
        drifted_balances: told("reconcile-payments", "drifted"),
        missed_jobs: watches.iter().filter(|watch| watch.is_missed).map(|watch| watch.kind.clone()).collect(),
    };
    let is_broken = figures.changed_pages + figures.drifted_balances > 0 || !figures.missed_jobs.is_empty();
    let status = match (is_broken, overdue > 0) {
        (true, _) => Status::Degraded,
        (false, true) => Status::Warning,
        (false, false) => Status::Ok,
    };
    Ok((status, figures))
}

async fn mail_servers(tx: &mut Tx) -> Result<(Status, Mail)> {
    let entities: Vec<_> = tx.ctx().entities().map(|entity| (entity.id, entity.code.clone())).collect();
    let mut left_alone = Vec::new();
    for (id, code) in entities {
        if mail::circuit_open_until(tx, id).await?.is_some() {
            left_alone.push(code);
        }
    }
    let status = if left_alone.is_empty() { Status::Ok } else { Status::Warning };
    Ok((status, Mail { left_alone }))
}
