//! Every statement on `watch.alert` and `watch.alert_check`.

use kernel::{AlertId, EntityId, Limit, Timestamp};
use platform::check::{CheckSeverity, Sighting};
use platform::{Error, Result, Role, Tx};
use serde_json::{Value, json};
use sqlx::{Postgres, QueryBuilder};
use uuid::Uuid;

use super::model::{Alert, AlertState, Audience, TELL_AGAIN, Telling};

/// Writes what was sighted of a kind: opens what is new, sees again what is open, and says whom to tell of. What a person
/// acknowledged opens again when it weighs more than it did.
pub async fn put_sighted(
    tx: &mut Tx,
    kind: &str,
    about: &str,
    audience: &Audience,
    sighted: &[Sighting],
) -> Result<Vec<(AlertId, Telling)>> {
    let (tenant, now) = (tx.tenant().uuid(), tx.now());
    let rows: Vec<Value> = sighted
        .iter()
        .map(|one| {
            json!({ "id": AlertId::generate(now), "entity_id": one.entity, "subject": one.subject, "text": one.text,
                "details": one.details, "severity": one.severity.unwrap_or(audience.severity) })
        })
        .collect();
    // As a word of the statement: a node is not told of parameters that stand only where conflicts are settled.
    const { assert!(TELL_AGAIN.as_secs() == 24 * 3600) };
    let rows = sqlx::query!(
        r#"with seen as (
               select distinct on (subject) * from jsonb_to_recordset($2)
                   as x (id uuid, entity_id uuid, subject text, text text, details jsonb, severity text)
               order by subject
           )
           insert into watch.alert as alert (tenant_id, id, entity_id, kind, subject_kind, subject, text, details, severity,
               roles, state, opened_at, last_seen_at, told_at)
           select $1, id, entity_id, $3, $4, subject, text, details, severity, $5, 'open', $6, $6, $6 from seen
           on conflict (tenant_id, kind, subject) where state <> 'resolved' do update
           set text = excluded.text, details = excluded.details, severity = excluded.severity, roles = excluded.roles,
               last_seen_at = excluded.last_seen_at,
               state = case when alert.state = 'acknowledged'
                       and array_position(array['info', 'warning', 'critical'], alert.severity)
                           < array_position(array['info', 'warning', 'critical'], excluded.severity)
                   then 'open' else alert.state end,
               told_at = case when alert.severity <> excluded.severity
                       or (alert.state = 'open' and excluded.told_at - alert.told_at >= interval '24 hours')
                   then excluded.told_at else alert.told_at end
           returning id as "id: AlertId", opened_at = last_seen_at as "is_new!", told_at = last_seen_at as "tell!""#,
        tenant,
        Value::from(rows),
        kind,
        about,
        &keys(&audience.roles),
        now as Timestamp
    )
    .fetch_all(tx.conn())
    .await?;
    let telling = |is_new| if is_new { Telling::Opened } else { Telling::Repeated };
    Ok(rows.into_iter().filter(|row| row.tell).map(|row| (row.id, telling(row.is_new))).collect())
}

/// Closes what is open of a kind and was not seen now; which.
pub async fn resolve_unseen(tx: &mut Tx, kind: &str, sighted: &[Sighting]) -> Result<Vec<AlertId>> {
    let (tenant, now) = (tx.tenant().uuid(), tx.now());
    let seen: Vec<_> = sighted.iter().map(|one| one.subject.clone()).collect();
    let resolved = sqlx::query_scalar!(
        r#"update watch.alert set state = 'resolved', resolved_at = $3
           where tenant_id = $1 and kind = $2 and state <> 'resolved' and subject <> all($4)
           returning id as "id: AlertId""#,
        tenant,
        kind,
        now as Timestamp,
        &seen
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(resolved)
}

/// When a kind was last due and looked for, and how often that failed in a row.
pub struct LastCheck {
    /// The kind.
    pub kind: String,
    /// The time it was due.
    pub due_at: Timestamp,
    /// When it ran.
    pub ran_at: Timestamp,
    /// How many things were sighted.
    pub found: i32,
    /// Failures in a row.
    pub failures: i32,
    /// What the last one said.
    pub error: Option<String>,
}

/// The last look for each kind.
pub async fn list_checks(tx: &mut Tx) -> Result<Vec<LastCheck>> {
    let tenant = tx.tenant().uuid();
    let rows = sqlx::query_as!(
        LastCheck,
        r#"select kind, due_at as "due_at: Timestamp", ran_at as "ran_at: Timestamp", found, failures, error
           from watch.alert_check where tenant_id = $1 order by kind"#,
        tenant
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows)
}

/// Keeps how a look for a kind ended: how many things, or why not. Says how often it failed in a row.
pub async fn put_check(tx: &mut Tx, kind: &str, due: Timestamp, outcome: Result<usize, &str>) -> Result<i32> {
    let (tenant, now) = (tx.tenant().uuid(), tx.now());
    let found = outcome.map_or(0, |found| i32::try_from(found).unwrap_or(i32::MAX));
    let error = outcome.err().map(|error| error.chars().take(500).collect::<String>());
    let failures = sqlx::query_scalar!(
        "insert into watch.alert_check as c (tenant_id, kind, due_at, ran_at, found, failures, error)
         values ($1, $2, $3, $4, $5, case when $6::text is null then 0 else 1 end, $6)
         on conflict (tenant_id, kind) do update
         set due_at = excluded.due_at, ran_at = excluded.ran_at, error = excluded.error,
             found = case when excluded.error is null then excluded.found else c.found end,
             failures = case when excluded.error is null then 0 else c.failures + 1 end
         returning failures",
        tenant,
        kind,
        due as Timestamp,
        now as Timestamp,
        found,
        error
    )
    .fetch_one(tx.conn())
    .await?;
    Ok(failures)
}

/// Which alerts; all given conditions hold.
#[derive(Clone, Debug, Default)]
pub struct AlertFilter {
    /// In one of these states; none named, any.
    pub states: Vec<AlertState>,
    /// Of this kind.
    pub kind: Option<String>,
    /// Of this weight.
    pub severity: Option<CheckSeverity>,
    /// About this thing.
    pub subject: Option<String>,
    /// For who has this role; none, for anyone.
    pub role: Option<Role>,
    /// Of which people were told at this instant or later.
    pub told_from: Option<Timestamp>,
    /// Only older than this one.
    pub before: Option<Uuid>,
}

#[derive(sqlx::FromRow)]
struct Row {
    id: AlertId,
    kind: String,
    entity_id: Option<EntityId>,
    subject_kind: String,
    subject: String,
    text: String,
    details: Value,
    severity: CheckSeverity,
    state: AlertState,
    opened_at: Timestamp,
    last_seen_at: Timestamp,
    told_at: Timestamp,
    acknowledged_at: Option<Timestamp>,
    acknowledged_by: Option<String>,
    note: Option<String>,
    resolved_at: Option<Timestamp>,
}

impl From<Row> for Alert {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            kind: row.kind,
            entity_id: row.entity_id,
            subject_kind: row.subject_kind,
            subject: row.subject,
            text: row.text,
            details: row.details,
            severity: row.severity,
            state: row.state,
            opened_at: row.opened_at,
            last_seen_at: row.last_seen_at,
            told_at: row.told_at,
            acknowledged_at: row.acknowledged_at,
            acknowledged_by: row.acknowledged_by,
            note: row.note,
            resolved_at: row.resolved_at,
        }
    }
}

const COLUMNS: &str = "id, kind, entity_id, subject_kind, subject, text, details, severity, state, opened_at, last_seen_at, \
    told_at, acknowledged_at, acknowledged_by, note, resolved_at";

/// Alerts within scope, newest first, one more than `limit`.
pub async fn list_alerts(tx: &mut Tx, filter: &AlertFilter, limit: Limit) -> Result<Vec<Alert>> {
    let mut sql = QueryBuilder::<Postgres>::new(format!("select {COLUMNS} from watch.alert where tenant_id = "));
    sql.push_bind(tx.tenant());
    if !filter.states.is_empty() {
        let words: Vec<_> = filter.states.iter().map(|state| state.as_str()).collect();
        sql.push(" and state = any(").push_bind(words).push(")");
    }
    if let Some(kind) = &filter.kind {
        sql.push(" and kind = ").push_bind(kind);
    }
    if let Some(severity) = filter.severity {
        sql.push(" and severity = ").push_bind(severity);
    }
    if let Some(subject) = &filter.subject {
        sql.push(" and subject = ").push_bind(subject);
    }
    if let Some(role) = filter.role {
        sql.push(" and roles @> array[").push_bind(role.key()).push("]");
    }
    if let Some(from) = filter.told_from {
        sql.push(" and told_at >= ").push_bind(from);
    }
    if let Some(before) = filter.before {
        sql.push(" and id < ").push_bind(before);
    }
    sql.push(" order by id desc").push(limit.clause());
    let rows: Vec<Row> = sql.build_query_as().fetch_all(tx.conn()).await?;
    Ok(rows.into_iter().map(Alert::from).collect())
}

/// These alerts, the oldest first.
pub async fn list_by_ids(tx: &mut Tx, ids: &[AlertId]) -> Result<Vec<Alert>> {
    let mut sql = QueryBuilder::<Postgres>::new(format!("select {COLUMNS} from watch.alert where tenant_id = "));
    let ids: Vec<_> = ids.iter().map(|id| id.uuid()).collect();
    sql.push_bind(tx.tenant()).push(" and id = any(").push_bind(ids).push(") order by id");
    let rows: Vec<Row> = sql.build_query_as().fetch_all(tx.conn()).await?;
    Ok(rows.into_iter().map(Alert::from).collect())
}

/// Alerts of a kind that opened or closed at `since` or later, the oldest first.
pub async fn list_changed(tx: &mut Tx, kind: &str, since: Timestamp) -> Result<Vec<Alert>> {
    let mut sql = QueryBuilder::<Postgres>::new(format!("select {COLUMNS} from watch.alert where tenant_id = "));
    sql.push_bind(tx.tenant()).push(" and kind = ").push_bind(kind);
    sql.push(" and (opened_at >= ").push_bind(since).push(" or resolved_at >= ").push_bind(since);
    sql.push(") order by id");
    let rows: Vec<Row> = sql.build_query_as().fetch_all(tx.conn()).await?;
    Ok(rows.into_iter().map(Alert::from).collect())
}

/// Locks an alert within scope.
///
/// Not found when there is none for who has `role`.
pub async fn lock_alert(tx: &mut Tx, id: AlertId, role: Option<Role>) -> Result<Alert> {
    let mut sql = QueryBuilder::<Postgres>::new(format!("select {COLUMNS} from watch.alert where tenant_id = "));
    sql.push_bind(tx.tenant()).push(" and id = ").push_bind(id);
    if let Some(role) = role {
        sql.push(" and roles @> array[").push_bind(role.key()).push("]");
    }
    sql.push(" for update");
    let row: Option<Row> = sql.build_query_as().fetch_optional(tx.conn()).await?;
    row.map(Alert::from).ok_or_else(|| Error::not_found("alert"))
}

/// Notes that a person knows.
pub async fn acknowledge(tx: &mut Tx, id: AlertId, by: &str, note: Option<&str>) -> Result<()> {
    let (tenant, now) = (tx.tenant().uuid(), tx.now());
    let changed = sqlx::query!(
        "update watch.alert set state = 'acknowledged', acknowledged_at = $3, acknowledged_by = $4, note = $5
         where tenant_id = $1 and id = $2 and state in ('open', 'acknowledged')",
        tenant,
        id.uuid(),
        now as Timestamp,
        by,
        note
    )
    .execute(tx.conn())
    .await?;
    if changed.rows_affected() == 1 { Ok(()) } else { Err(Error::conflict("The alert was closed meanwhile.")) }
}

/// How many alerts are open, by kind and weight, for who has `role`.
pub async fn count_open(tx: &mut Tx, role: Option<Role>) -> Result<Vec<(String, CheckSeverity, i64)>> {
    let tenant = tx.tenant().uuid();
    let rows = sqlx::query!(
        r#"select kind, severity as "severity: CheckSeverity", count(*) as "count!"
           from watch.alert
           where tenant_id = $1 and state = 'open' and ($2::text is null or roles @> array[$2])
           group by kind, severity order by kind, severity"#,
        tenant,
        role.map(Role::key)
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows.into_iter().map(|row| (row.kind, row.severity, row.count)).collect())
}

/// Forgets what was over before `before`; how many.
pub async fn delete_resolved(tx: &mut Tx, before: Timestamp) -> Result<u64> {
    let tenant = tx.tenant().uuid();
    let deleted = sqlx::query!(
        "delete from watch.alert where tenant_id = $1 and state = 'resolved' and resolved_at < $2",
        tenant,
        before as Timestamp
    )
    .execute(tx.conn())
    .await?;
    Ok(deleted.rows_affected())
}

fn keys(roles: &[Role]) -> Vec<String> {
    roles.iter().map(|role| role.key().to_owned()).collect()
}
