//! Alerts about the ground: background work, mail, sign-ins.

use jiff::SignedDuration;
use kernel::{EntityId, Timestamp};
use serde_json::json;

use crate::backup::store;
use crate::check::CheckSeverity::{Critical, Warning};
use crate::check::{AlertUnit, AlertWords, Sighting};
use crate::{Registry, Result, Role, Tx, schema};

const OPERATORS: &[Role] = &[Role::SuperAdmin];

pub(super) fn register(registry: &mut Registry) {
    let dead = AlertWords {
        kind: "jobs_dead",
        title: ["Jobs that gave up", "Tâches abandonnées"],
        about: "job",
        condition: "more than {n} jobs of a kind are out of attempts",
        threshold: (0, AlertUnit::Units),
        cron: "*/5 * * * *",
        severity: Critical,
        roles: OPERATORS,
    };
    registry.alert(dead.looks(find_dead_jobs));
    let waiting = AlertWords {
        kind: "jobs_waiting",
        title: ["Jobs wait for a worker", "Tâches en attente d'un exécutant"],
        about: "job",
        condition: "a job has been due for more than {n} minutes",
        threshold: (15, AlertUnit::Minutes),
        cron: "*/5 * * * *",
        severity: Warning,
        roles: OPERATORS,
    };
    registry.alert(waiting.looks(find_waiting_jobs));
    let silent = AlertWords {
        kind: "worker_silent",
        title: ["An instance fell silent", "Une instance ne répond plus"],
        about: "worker",
        condition: "an instance that did not stop by itself has not been heard of for {n} minutes",
        threshold: (2, AlertUnit::Minutes),
        cron: "*/5 * * * *",
        severity: Warning,
        roles: OPERATORS,
    };
    registry.alert(silent.looks(find_silent_workers));
    let circuit = AlertWords {
        kind: "mail_server_failing",
        title: ["A mail server refuses", "Un serveur de courrier refuse"],
        about: "entity",
        condition: "the mail server of an entity failed {n} times in a row",
        threshold: (5, AlertUnit::Units),
        cron: "*/5 * * * *",
        severity: Critical,
        roles: &[Role::SuperAdmin, Role::Admin],
    };
    registry.alert(circuit.looks(find_failing_servers));
    let unknown = AlertWords {
        kind: "mail_unknown",
        title: ["Mails of which nobody knows whether they left", "Courriers au sort inconnu"],
        about: "mail",
        condition: "what became of a mail has been unknown for more than {n} minutes, and for less than 30 days",
        threshold: (0, AlertUnit::Minutes),
        cron: "*/5 * * * *",
        severity: Warning,
        roles: &[Role::SuperAdmin, Role::Admin],
    };
    registry.alert(unknown.looks(find_unknown_mails));
    let sign_ins = AlertWords {
        kind: "sign_ins_failing",
        title: ["Many sign-ins fail", "Nombreuses connexions refusées"],
        about: "user",
        condition: "more than {n} sign-ins failed within an hour",
        threshold: (30, AlertUnit::Units),
        cron: "*/5 * * * *",
        severity: Critical,
        roles: OPERATORS,
    };
    registry.alert(sign_ins.looks(find_failed_sign_ins));
    let backup = AlertWords {
        kind: "backup_old",
        title: ["The last backup is old", "La dernière sauvegarde est ancienne"],
        about: "backup",
        condition: "the last backup that succeeded is older than {n} hours",
        threshold: (BACKUP_HOURS, AlertUnit::Hours),
        cron: "20 * * * *",
        severity: Critical,
        roles: OPERATORS,
    };
    registry.alert(backup.looks(find_old_backup));
}

/// A backup may be as old as the audit lets it be, in hours.
const BACKUP_HOURS: i64 = super::backups::FRESH.as_hours();

/// The installation is backed up as a whole: there is one such alert in a tenant.
async fn find_old_backup(tx: Tx, hours: i64) -> Result<Vec<Sighting>> {
    let before = tx.now().minus(SignedDuration::from_hours(hours));
    let platform = tx.ctx().platform();
    let standing = store::get_standing(platform).await?;
    let known_since = match standing.last_success_at {
        Some(at) => at,
        None => schema::installed_at(platform.pool()).await?,
    };
    if known_since >= before {
        return Ok(Vec::new());
    }
    let text = standing.last_success_at.map_or_else(|| "never".to_owned(), |at| at.to_string());
    let details = json!({ "last_success_at": standing.last_success_at, "error": standing.last_error });
    Ok(vec![Sighting { subject: "installation".to_owned(), entity: None, text, details, severity: None }])
}

fn counted(subject: &str, entity: Option<EntityId>, name: &str, count: i64) -> Sighting {
    let details = json!({ "name": name, "count": count });
    Sighting { subject: subject.to_owned(), entity, text: format!("{name}: {count}"), details, severity: None }
}

async fn find_dead_jobs(mut tx: Tx, threshold: i64) -> Result<Vec<Sighting>> {
    let tenant = tx.tenant().uuid();
    let rows = sqlx::query!(
        r#"select kind, count(*) as "count!" from platform.job where tenant_id = $1 and state = 'dead'
           group by kind having count(*) > $2 order by kind"#,
        tenant,
        threshold
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows.into_iter().map(|row| counted(&row.kind, None, &row.kind, row.count)).collect())
}

async fn find_waiting_jobs(mut tx: Tx, minutes: i64) -> Result<Vec<Sighting>> {
    let (tenant, before) = (tx.tenant().uuid(), tx.now().minus(SignedDuration::from_mins(minutes)));
    let rows = sqlx::query!(
        r#"select kind, count(*) as "count!" from platform.job where tenant_id = $1 and state = 'queued' and run_at < $2
           group by kind order by kind"#,
        tenant,
        before as Timestamp
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows.into_iter().map(|row| counted(&row.kind, None, &row.kind, row.count)).collect())
}

async fn find_silent_workers(mut tx: Tx, minutes: i64) -> Result<Vec<Sighting>> {
    let before = tx.now().minus(SignedDuration::from_mins(minutes));
    let rows = sqlx::query!(
        r#"select worker, beat_at as "beat_at: Timestamp" from platform.worker_heartbeat where beat_at < $1 order by worker"#,
        before as Timestamp
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| Sighting {
            text: row.worker.clone(),
            details: json!({ "name": row.worker, "at": row.beat_at }),
            subject: row.worker,
            entity: None,
            severity: None,
        })
        .collect())
}

async fn find_failing_servers(mut tx: Tx, failures: i64) -> Result<Vec<Sighting>> {
    let tenant = tx.tenant().uuid();
    let rows = sqlx::query!(
        r#"select entity_id as "entity_id: EntityId", failures from platform.mail_circuit
           where tenant_id = $1 and failures >= $2 order by entity_id"#,
        tenant,
        i32::try_from(failures).unwrap_or(i32::MAX)
    )
    .fetch_all(tx.conn())
    .await?;
    let ctx = tx.ctx();
    let of = |id: EntityId, failures: i32| counted(&id.to_string(), Some(id), ctx.entity_code(id), i64::from(failures));
    Ok(rows.into_iter().map(|row| of(row.entity_id, row.failures)).collect())
}

async fn find_unknown_mails(mut tx: Tx, minutes: i64) -> Result<Vec<Sighting>> {
    let (tenant, since) = (tx.tenant().uuid(), tx.now().minus_days(30).first_uuid());
    let before = tx.now().minus(SignedDuration::from_mins(minutes));
    let rows = sqlx::query!(
        r#"select id, entity_id as "entity_id: EntityId", subject_kind from platform.mail
           where tenant_id = $1 and status = 'unknown' and id >= $2 and coalesce(settled_at, created_at) <= $3 order by id"#,
        tenant,
        since,
        before as Timestamp
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| Sighting {
            subject: row.id.to_string(),
            entity: row.entity_id,
            text: row.subject_kind.clone(),
            details: json!({ "about": row.subject_kind }),
            severity: None,
        })
        .collect())
}

async fn find_failed_sign_ins(mut tx: Tx, threshold: i64) -> Result<Vec<Sighting>> {
    let (tenant, since) = (tx.tenant().uuid(), tx.now().minus(SignedDuration::from_hours(1)).first_uuid());
    let count = sqlx::query_scalar!(
        r#"select count(*) as "count!" from platform.event where tenant_id = $1 and action = 'login_failed' and id >= $2"#,
        tenant,
        since
    )
    .fetch_one(tx.conn())
    .await?;
    let sighted = (count > threshold).then(|| counted("sign-in", None, "login_failed", count));
    Ok(sighted.into_iter().collect())
}
