//! Every statement on `watch.audit_run`.

use kernel::{AuditRunId, Limit, Timestamp};
use platform::check::Section;
use platform::{Error, Result, Tx};
use serde_json::Value;
use uuid::Uuid;

use super::model::{AuditCause, AuditReport, AuditRun, CheckResult, FindingCounts};

/// Writes a run.
pub async fn insert_run(tx: &mut Tx, report: &AuditReport) -> Result<()> {
    let tenant = tx.tenant().uuid();
    let AuditReport { run, results } = report;
    let results = serde_json::to_value(results).map_err(|error| Error::internal("serialising an audit", error))?;
    let sections: Vec<_> = run.sections.iter().map(|section| section.as_str().to_owned()).collect();
    sqlx::query!(
        "insert into watch.audit_run (tenant_id, id, cause, asked_by, sections, started_at, finished_at, score, checks,
             critical, warning, info, results)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
        tenant,
        run.id.uuid(),
        run.cause.as_str(),
        run.asked_by,
        &sections,
        run.started_at as Timestamp,
        run.finished_at as Timestamp,
        run.score,
        run.checks,
        run.counts.critical,
        run.counts.warning,
        run.counts.info,
        results
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

struct RunRow {
    id: AuditRunId,
    cause: AuditCause,
    asked_by: String,
    sections: Vec<String>,
    started_at: Timestamp,
    finished_at: Timestamp,
    score: i32,
    checks: i32,
    critical: i32,
    warning: i32,
    info: i32,
}

impl From<RunRow> for AuditRun {
    fn from(row: RunRow) -> Self {
        let RunRow { id, cause, asked_by, sections, started_at, finished_at, score, checks, .. } = row;
        let counts = FindingCounts { critical: row.critical, warning: row.warning, info: row.info };
        // A section that this version does not know any more is left out.
        let sections = sections.iter().filter_map(|word| Section::of(word)).collect();
        Self { id, cause, asked_by, sections, started_at, finished_at, score, checks, counts }
    }
}

/// Runs newest first, one more than `limit`, from `since` on.
pub async fn list_runs(
    tx: &mut Tx,
    since: Option<Timestamp>,
    before: Option<Uuid>,
    limit: Limit,
) -> Result<Vec<AuditRun>> {
    let tenant = tx.tenant().uuid();
    let from = since.map_or_else(Uuid::nil, Timestamp::first_uuid);
    let rows = sqlx::query_as!(
        RunRow,
        r#"select id as "id: AuditRunId", cause as "cause: AuditCause", asked_by, sections, started_at as "started_at: Timestamp",
               finished_at as "finished_at: Timestamp", score, checks, critical, warning, info
           from watch.audit_run
           where tenant_id = $1 and id < $2 and id >= $3
           order by id desc limit $4"#,
        tenant,
        before.unwrap_or_else(Uuid::max),
        from,
        limit.probe()
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows.into_iter().map(AuditRun::from).collect())
}

/// One run with what each check found.
///
/// Not found when there is none.
pub async fn get_report(tx: &mut Tx, id: AuditRunId) -> Result<AuditReport> {
    let tenant = tx.tenant().uuid();
    let row = sqlx::query!(
        r#"select id as "id: AuditRunId", cause as "cause: AuditCause", asked_by, sections, started_at as "started_at: Timestamp",
               finished_at as "finished_at: Timestamp", score, checks, critical, warning, info, results
           from watch.audit_run where tenant_id = $1 and id = $2"#,
        tenant,
        id.uuid()
    )
    .fetch_optional(tx.conn())
    .await?
    .ok_or_else(|| Error::not_found("audit"))?;
    let run = RunRow {
        id: row.id,
        cause: row.cause,
        asked_by: row.asked_by,
        sections: row.sections,
        started_at: row.started_at,
        finished_at: row.finished_at,
        score: row.score,
        checks: row.checks,
        critical: row.critical,
        warning: row.warning,
        info: row.info,
    };
    Ok(AuditReport { run: run.into(), results: parse(row.results)? })
}

/// How each check ended when it was last run, whichever part of the audit that was; with when.
pub async fn list_latest(tx: &mut Tx, since: Timestamp) -> Result<Vec<(Timestamp, CheckResult)>> {
    let tenant = tx.tenant().uuid();
    let rows = sqlx::query!(
        r#"select distinct on (r ->> 'id') finished_at as "finished_at: Timestamp", r as "result!"
           from watch.audit_run cross join lateral jsonb_array_elements(results) r
           where tenant_id = $1 and id >= $2
           order by r ->> 'id', id desc"#,
        tenant,
        since.first_uuid()
    )
    .fetch_all(tx.conn())
    .await?;
    rows.into_iter().map(|row| Ok((row.finished_at, parse(row.result)?))).collect()
}

/// Forgets runs from before `before`; how many.
pub async fn delete_runs(tx: &mut Tx, before: Timestamp) -> Result<u64> {
    let tenant = tx.tenant().uuid();
    let deleted =
        sqlx::query!("delete from watch.audit_run where tenant_id = $1 and id < $2", tenant, before.first_uuid())
            .execute(tx.conn())
            .await?;
    Ok(deleted.rows_affected())
}

fn parse<T: serde::de::DeserializeOwned>(value: Value) -> Result<T> {
    serde_json::from_value(value).map_err(|error| Error::internal("reading a stored audit", error))
}
