//! Routes of fiscal years and locked periods.

use axum::http::StatusCode;
use kernel::{Date, PeriodLockId, Timestamp};
use platform::http::{Api, Guard, Json, Path, Query};
use platform::{Ctx, Permission, Result};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::routes;
use uuid::Uuid;

use super::store::{self, LockRow, YearRow};
use super::{close_year, ops};
use crate::book::http::BookQuery;
use crate::wire;

/// The routes of this module.
pub fn routes(api: Api) -> Api {
    let view = || Guard::permit(Permission::LedgerView);
    let manage = || Guard::permit(Permission::LedgerManage);
    api.route(routes!(list_locks), view())
        .route(routes!(lock_period), manage())
        .route(routes!(unlock_period), manage())
        .route(routes!(list_years), view())
        .route(routes!(close_fiscal_year), manage())
}

/// A lock of a period.
#[derive(Debug, Serialize, ToSchema)]
struct LedgerLockView {
    /// The lock.
    id: PeriodLockId,
    /// Its entity, by code.
    entity: String,
    /// The first day that is closed.
    starts_on: Date,
    /// The last day that is closed.
    ends_on: Date,
    /// Why.
    reason: String,
    /// Whether it closes anything; not once it was lifted.
    locked: bool,
    /// When it was set.
    locked_at: Timestamp,
    /// Who set it.
    locked_by: String,
    /// When it was lifted.
    unlocked_at: Option<Timestamp>,
    /// Who lifted it.
    unlocked_by: Option<String>,
    /// Why it was lifted.
    unlock_reason: Option<String>,
}

impl LedgerLockView {
    fn of(ctx: &Ctx, row: LockRow) -> Self {
        Self {
            id: row.id,
            entity: ctx.entity_code(row.entity_id).to_owned(),
            starts_on: row.starts_on,
            ends_on: row.ends_on,
            reason: row.reason,
            locked: row.locked,
            locked_at: row.locked_at,
            locked_by: row.locked_by,
            unlocked_at: row.unlocked_at,
            unlocked_by: row.unlocked_by,
            unlock_reason: row.unlock_reason,
        }
    }
}

/// Lists the locks of an entity, the latest first, those lifted included.
#[utoipa::path(get, path = "/api/ledger/locks", tag = "ledger", params(BookQuery), responses((status = 200, body = Vec<LedgerLockView>)))]
async fn list_locks(ctx: Ctx, Query(query): Query<BookQuery>) -> Result<Json<Vec<LedgerLockView>>> {
    let entity = wire::entity(&ctx, query.entity.as_deref())?;
    let mut tx = ctx.read().await?;
    let locks = store::list_locks(&mut tx, entity).await?;
    Ok(Json(locks.into_iter().map(|row| LedgerLockView::of(&ctx, row)).collect()))
}

/// A period that is to be locked.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct LockLedgerPeriod {
    /// The entity, by code; needed where several are in scope.
    entity: Option<String>,
    /// The first day.
    starts_on: Date,
    /// The last day.
    ends_on: Date,
    /// Why.
    reason: String,
}

/// Locks a period: nothing is posted on its days, by whatever way.
#[utoipa::path(post, path = "/api/ledger/locks", tag = "ledger", request_body = LockLedgerPeriod, responses((status = 201, body = LedgerLockView)))]
async fn lock_period(ctx: Ctx, Json(body): Json<LockLedgerPeriod>) -> Result<(StatusCode, Json<LedgerLockView>)> {
    let entity = ctx.write_entity(body.entity.as_deref())?.id;
    let days = (wire::bounded("starts_on", body.starts_on)?, wire::bounded("ends_on", body.ends_on)?);
    let mut tx = ctx.begin().await?;
    let row = ops::lock_period(&mut tx, entity, days, &body.reason).await?;
    tx.commit().await?;
    Ok((StatusCode::CREATED, Json(LedgerLockView::of(&ctx, row))))
}

/// Why a lock is lifted.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct UnlockLedgerPeriod {
    /// Why.
    reason: String,
}

/// Lifts a lock; the event log says who and why.
#[utoipa::path(post, path = "/api/ledger/locks/{id}/unlock", tag = "ledger", params(("id" = PeriodLockId, Path)), request_body = UnlockLedgerPeriod, responses((status = 200, body = LedgerLockView)))]
async fn unlock_period(
    ctx: Ctx,
    Path(id): Path<PeriodLockId>,
    Json(body): Json<UnlockLedgerPeriod>,
) -> Result<Json<LedgerLockView>> {
    let mut tx = ctx.begin().await?;
    let row = ops::unlock_period(&mut tx, id, &body.reason).await?;
    tx.commit().await?;
    Ok(Json(LedgerLockView::of(&ctx, row)))
}

/// A fiscal year.
#[derive(Debug, Serialize, ToSchema)]
struct LedgerYearView {
    /// The year.
    id: Uuid,
    /// Its entity, by code.
    entity: String,
    /// Its first day.
    starts_on: Date,
    /// Its last day.
    ends_on: Date,
    /// When it was closed.
    closed_at: Option<Timestamp>,
    /// Who closed it.
    closed_by: Option<String>,
}

impl LedgerYearView {
    fn of(ctx: &Ctx, row: YearRow) -> Self {
        Self {
            id: row.id,
            entity: ctx.entity_code(row.entity_id).to_owned(),
            starts_on: row.starts_on,
            ends_on: row.ends_on,
            closed_at: row.closed_at,
            closed_by: row.closed_by,
        }
    }
}

/// Lists the fiscal years of an entity, the latest first. A year opens with its first entry.
#[utoipa::path(get, path = "/api/ledger/years", tag = "ledger", params(BookQuery), responses((status = 200, body = Vec<LedgerYearView>)))]
async fn list_years(ctx: Ctx, Query(query): Query<BookQuery>) -> Result<Json<Vec<LedgerYearView>>> {
    let entity = wire::entity(&ctx, query.entity.as_deref())?;
    let mut tx = ctx.read().await?;
    let years = store::list_years(&mut tx, entity, None).await?;
    Ok(Json(years.into_iter().map(|row| LedgerYearView::of(&ctx, row)).collect()))
}

/// A fiscal year that was closed.
#[derive(Debug, Serialize, ToSchema)]
struct LedgerYearClosed {
    /// The year.
    year: LedgerYearView,
    /// The entry that carries its balances into the next year; none when there was nothing to carry.
    opening: Option<String>,
}

/// Closes a fiscal year that is over: its balances are carried into the next, and nothing is posted in it any more.
#[utoipa::path(post, path = "/api/ledger/years/{id}/closing", tag = "ledger", params(("id" = Uuid, Path)), responses((status = 200, body = LedgerYearClosed)))]
async fn close_fiscal_year(ctx: Ctx, Path(id): Path<Uuid>) -> Result<Json<LedgerYearClosed>> {
    let mut tx = ctx.begin().await?;
    let (year, posted) = close_year(&mut tx, id).await?;
    tx.commit().await?;
    let opening = posted.map(|posted| posted.reference);
    Ok(Json(LedgerYearClosed { year: LedgerYearView::of(&ctx, year), opening }))
}
