//! Every statement on `ledger.fiscal_year` and `ledger.period_lock`.

use kernel::{Date, EntityId, PeriodLockId, Timestamp};
use platform::{Error, Result, Tx};
use uuid::Uuid;

platform::constraint!("period_lock_dates_check", "ends_on", "A period begins before it ends.");
platform::constraint!("period_lock_reason_check", "reason", "A reason is needed.");
platform::constraint!("period_lock_lifted_check", "reason", "A lock is lifted once.");

/// A fiscal year.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the columns of ledger.fiscal_year")]
pub struct YearRow {
    pub id: Uuid,
    pub entity_id: EntityId,
    pub starts_on: Date,
    pub ends_on: Date,
    pub closed_at: Option<Timestamp>,
    pub closed_by: Option<String>,
}

/// The fiscal years of an entity that begin on these days, or all of them; the latest first.
pub async fn list_years(tx: &mut Tx, entity: EntityId, starts: Option<&[Date]>) -> Result<Vec<YearRow>> {
    let tenant = tx.tenant().uuid();
    let rows = sqlx::query_as!(
        YearRow,
        r#"select id, entity_id as "entity_id: EntityId", starts_on, ends_on, closed_at, closed_by
           from ledger.fiscal_year where tenant_id = $1 and entity_id = $2 and ($3::date[] is null or starts_on = any ($3))
           order by starts_on desc"#,
        tenant,
        entity.uuid(),
        starts as Option<&[Date]>
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows)
}

/// One fiscal year within the caller's scope.
pub async fn get_year(tx: &mut Tx, id: Uuid) -> Result<YearRow> {
    let tenant = tx.tenant().uuid();
    let row = sqlx::query_as!(
        YearRow,
        r#"select id, entity_id as "entity_id: EntityId", starts_on, ends_on, closed_at, closed_by
           from ledger.fiscal_year where tenant_id = $1 and id = $2"#,
        tenant,
        id
    )
    .fetch_optional(tx.conn())
    .await?;
    row.ok_or_else(|| Error::not_found("fiscal year"))
}

/// Opens fiscal years, each with its first and last day.
pub async fn insert_years(tx: &mut Tx, entity: EntityId, years: &[(Date, Date)]) -> Result<()> {
    let (tenant, now) = (tx.tenant().uuid(), tx.now());
    let ids: Vec<_> = years.iter().map(|_| kernel::EntryId::generate(now).uuid()).collect();
    let (starts, ends): (Vec<Date>, Vec<Date>) = years.iter().copied().unzip();
    sqlx::query!(
        "insert into ledger.fiscal_year (tenant_id, id, entity_id, starts_on, ends_on, opened_at)
         select $1, y.id, $2, y.starts_on, y.ends_on, $3 from unnest($4::uuid[], $5::date[], $6::date[]) as y (id, starts_on, ends_on)
         on conflict do nothing
         returning 1 as one",
        tenant,
        entity.uuid(),
        now as Timestamp,
        &ids,
        &starts as &[Date],
        &ends as &[Date]
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(())
}

/// Closes a fiscal year that is open; says whether it was.
pub async fn update_year_closed(tx: &mut Tx, id: Uuid) -> Result<bool> {
    let (tenant, now, actor) = (tx.tenant().uuid(), tx.now(), tx.ctx().actor().name().to_owned());
    let closed = sqlx::query!(
        "update ledger.fiscal_year set closed_at = $3, closed_by = $4 where tenant_id = $1 and id = $2 and closed_at is null",
        tenant,
        id,
        now as Timestamp,
        actor
    )
    .execute(tx.conn())
    .await?;
    Ok(closed.rows_affected() == 1)
}

/// Whether an entry of this source stands in a fiscal year.
pub async fn has_opening(tx: &mut Tx, entity: EntityId, year: Uuid) -> Result<bool> {
    let tenant = tx.tenant().uuid();
    let found = sqlx::query_scalar!(
        r#"select exists (select from ledger.entry where tenant_id = $1 and entity_id = $2 and source_kind in ('opening', 'year_close')
               and source_id = $3 and journal = 'AN') as "found!""#,
        tenant,
        entity.uuid(),
        year
    )
    .fetch_one(tx.conn())
    .await?;
    Ok(found)
}

/// Whether anything was posted before a day.
pub async fn has_entries_before(tx: &mut Tx, entity: EntityId, day: Date) -> Result<bool> {
    let tenant = tx.tenant().uuid();
    let found = sqlx::query_scalar!(
        r#"select exists (select from ledger.account_day where tenant_id = $1 and entity_id = $2 and day < $3) as "found!""#,
        tenant,
        entity.uuid(),
        day as Date
    )
    .fetch_one(tx.conn())
    .await?;
    Ok(found)
}

/// Those of `dates` that lie in a locked period or a closed fiscal year.
pub async fn locked_among(tx: &mut Tx, entity: EntityId, dates: &[Date]) -> Result<Vec<Date>> {
    let tenant = tx.tenant().uuid();
    let locked = sqlx::query_scalar!(
        r#"select d.on_day as "on_day!: Date" from unnest($3::date[]) as d (on_day)
           where exists (select from ledger.period_lock l where l.tenant_id = $1 and l.entity_id = $2 and l.locked
                   and d.on_day between l.starts_on and l.ends_on)
               or exists (select from ledger.fiscal_year y where y.tenant_id = $1 and y.entity_id = $2 and y.closed_at is not null
                   and d.on_day between y.starts_on and y.ends_on)
           order by d.on_day"#,
        tenant,
        entity.uuid(),
        dates as &[Date]
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(locked)
}

/// A lock of a period.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the columns of ledger.period_lock")]
pub struct LockRow {
    pub id: PeriodLockId,
    pub entity_id: EntityId,
    pub starts_on: Date,
    pub ends_on: Date,
    pub reason: String,
    pub locked: bool,
    pub locked_at: Timestamp,
    pub locked_by: String,
    pub unlocked_at: Option<Timestamp>,
    pub unlocked_by: Option<String>,
    pub unlock_reason: Option<String>,
}

/// The locks of an entity, the latest first.
pub async fn list_locks(tx: &mut Tx, entity: EntityId) -> Result<Vec<LockRow>> {
    let tenant = tx.tenant().uuid();
    let rows = sqlx::query_as!(
        LockRow,
        r#"select id as "id: PeriodLockId", entity_id as "entity_id: EntityId", starts_on, ends_on, reason, locked, locked_at, locked_by,
               unlocked_at, unlocked_by, unlock_reason
           from ledger.period_lock where tenant_id = $1 and entity_id = $2 order by id desc limit 500"#,
        tenant,
        entity.uuid()
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows)
}

/// One lock within the caller's scope, held until the transaction ends.
pub async fn lock_lock(tx: &mut Tx, id: PeriodLockId) -> Result<LockRow> {
    let tenant = tx.tenant().uuid();
    let row = sqlx::query_as!(
        LockRow,
        r#"select id as "id: PeriodLockId", entity_id as "entity_id: EntityId", starts_on, ends_on, reason, locked, locked_at, locked_by,
               unlocked_at, unlocked_by, unlock_reason
           from ledger.period_lock where tenant_id = $1 and id = $2 for no key update"#,
        tenant,
        id.uuid()
    )
    .fetch_optional(tx.conn())
    .await?;
    row.ok_or_else(|| Error::not_found("lock"))
}

/// Locks a period.
pub async fn insert_lock(tx: &mut Tx, entity: EntityId, (starts, ends): (Date, Date), reason: &str) -> Result<LockRow> {
    let (tenant, now, actor) = (tx.tenant().uuid(), tx.now(), tx.ctx().actor().name().to_owned());
    let id = PeriodLockId::generate(now);
    sqlx::query!(
        "insert into ledger.period_lock (tenant_id, id, entity_id, starts_on, ends_on, reason, locked_at, locked_by)
         values ($1, $2, $3, $4, $5, $6, $7, $8)",
        tenant,
        id.uuid(),
        entity.uuid(),
        starts as Date,
        ends as Date,
        reason,
        now as Timestamp,
        actor
    )
    .execute(tx.conn())
    .await?;
    lock_lock(tx, id).await
}

/// Lifts a lock.
pub async fn update_unlocked(tx: &mut Tx, id: PeriodLockId, reason: &str) -> Result<LockRow> {
    let (tenant, now, actor) = (tx.tenant().uuid(), tx.now(), tx.ctx().actor().name().to_owned());
    sqlx::query!(
        "update ledger.period_lock set locked = false, unlocked_at = $3, unlocked_by = $4, unlock_reason = $5
         where tenant_id = $1 and id = $2 and locked",
        tenant,
        id.uuid(),
        now as Timestamp,
        actor,
        reason
    )
    .execute(tx.conn())
    .await?;
    lock_lock(tx, id).await
}
