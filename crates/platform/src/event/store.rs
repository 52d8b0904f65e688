//! Every statement on `platform.event` and its links.

use kernel::{EntityId, EventId, Limit, TenantId, Timestamp};
use serde_json::Value;
use sqlx::{PgConnection, Postgres, QueryBuilder};
use uuid::Uuid;

use super::{Severity, StoredEvent};
use crate::webhook::Deliver;
use crate::{Error, Job as _, Result, Role, Tx};

/// Appends the events of a transaction in one statement, and the jobs that tell them to other systems; how many those are.
pub(crate) async fn insert_events(tx: &mut Tx, events: &[StoredEvent]) -> Result<i64> {
    let (tenant, trace) = (tx.tenant(), tx.trace_parent());
    insert_traced(tx.conn(), tenant, events, trace.as_deref()).await
}

/// Appends events of `tenant` over a connection of the owner, for what the operator does.
pub(crate) async fn insert_events_of(conn: &mut PgConnection, tenant: TenantId, events: &[StoredEvent]) -> Result<i64> {
    insert_traced(conn, tenant, events, None).await
}

/// Who has no webhook pays for them with the look at an empty index. What webhooks do is told to none: it would tell of itself. A
/// job's id bears the event's instant, as if the service had made it.
async fn insert_traced(
    conn: &mut PgConnection,
    tenant: TenantId,
    events: &[StoredEvent],
    trace: Option<&str>,
) -> Result<i64> {
    if events.is_empty() {
        return Ok(0);
    }
    let tenant = tenant.uuid();
    let rows = serde_json::to_value(events).map_err(|error| Error::internal("serialising events", error))?;
    let told = sqlx::query_scalar!(
        r#"with row as (
             select * from jsonb_to_recordset($2) as x (id uuid, at timestamptz, entity_id uuid, actor_kind text,
                 actor_id uuid, actor_name text, action text, subject_kind text, subject_id uuid, related uuid[],
                 details jsonb, severity text, request_id text)
         ), link as (
             insert into platform.event_link (tenant_id, related_id, event_id)
             select distinct $1::uuid, r, row.id from row, unnest(row.related) r
             returning 1
         ), told as (
             insert into platform.job (tenant_id, id, kind, key, payload, state, lane, run_at, max_attempts, request_id, created_at,
                 trace_parent)
             select $1, (left(row.id::text, 18) || '-8' || left(mark, 3) || '-' || right(mark, 12))::uuid, $3,
                 w.id || '/' || row.id, jsonb_build_object('webhook_id', w.id, 'event_id', row.id), 'queued', $4,
                 row.at, $5, row.request_id, row.at, $6
             from platform.webhook w
             join row on w.entity_id is null or w.entity_id = row.entity_id
             cross join lateral md5(w.id::text || row.id::text) mark
             where w.tenant_id = $1 and w.active
               and not starts_with(row.action, 'webhook_') and not starts_with(coalesce(row.details ->> 'job', ''), 'webhook.')
               and exists (
                   select from unnest(w.actions) wanted
                   where wanted = row.action or (right(wanted, 1) = '*' and starts_with(row.action, left(wanted, -1))))
             returning 1
         ), stored as (
             insert into platform.event (tenant_id, id, at, entity_id, actor_kind, actor_id, actor_name, action,
                 subject_kind, subject_id, details, severity, request_id)
             select $1, id, at, entity_id, actor_kind, actor_id, actor_name, action, subject_kind, subject_id, details,
                 severity, request_id
             from row
             returning 1
         )
         select count(*) as "count!" from told"#,
        tenant,
        rows,
        Deliver::KIND,
        Deliver::LANE.as_str(),
        Deliver::MAX_ATTEMPTS,
        trace
    )
    .fetch_one(conn)
    .await?;
    Ok(told)
}

/// What a list of events may be narrowed by; all given conditions hold.
#[derive(Clone, Debug, Default)]
pub(crate) struct EventFilter {
    /// The action.
    pub(crate) action: Option<String>,
    /// One of these actions; none named, any.
    pub(crate) any_action: &'static [&'static str],
    /// What it happened to.
    pub(crate) subject_kind: Option<String>,
    /// The thing it happened to, or is related to.
    pub(crate) about: Option<Uuid>,
    /// Who did it.
    pub(crate) actor_id: Option<Uuid>,
    /// The entity; others are outside row security anyway.
    pub(crate) entity_id: Option<EntityId>,
    /// From this instant on.
    pub(crate) from: Option<Timestamp>,
    /// Before this instant.
    pub(crate) to: Option<Timestamp>,
    /// Literal text in action, actor or details.
    pub(crate) search: Option<String>,
    /// Only what a person is notified of.
    pub(crate) notable: Option<Notable>,
    /// Only older than this event.
    pub(crate) before: Option<EventId>,
}

/// What a person is notified of.
#[derive(Clone, Debug)]
pub(crate) struct Notable {
    /// Events about these kinds of things.
    pub(crate) kinds: Kinds,
    /// Alerts say for which roles they are; none, for any.
    pub(crate) role: Option<Role>,
}

impl Notable {
    /// Adds the condition to a statement on events.
    pub(crate) fn push(&self, sql: &mut QueryBuilder<Postgres>) {
        sql.push(" and severity <> 'info'");
        self.kinds.push(sql);
        if let Some(role) = self.role {
            sql.push(" and (subject_kind <> 'alert' or details -> 'roles' ? ").push_bind(role.key()).push(")");
        }
    }
}

/// Kinds of things that events are about.
#[derive(Clone, Debug)]
pub(crate) enum Kinds {
    /// These.
    Only(Vec<&'static str>),
    /// All others.
    AllBut(Vec<&'static str>),
}

impl Kinds {
    fn push(&self, sql: &mut QueryBuilder<Postgres>) {
        match self {
            Self::Only(kinds) => sql.push(" and subject_kind = any(").push_bind(kinds.clone()),
            Self::AllBut(kinds) => sql.push(" and subject_kind <> all(").push_bind(kinds.clone()),
        };
        sql.push(")");
    }
}

#[derive(sqlx::FromRow)]
struct Row {
    id: EventId,
    at: Timestamp,
    entity_id: Option<EntityId>,
    actor_kind: String,
    actor_id: Option<Uuid>,
    actor_name: String,
    action: String,
    subject_kind: String,
    subject_id: Uuid,
    details: Value,
    severity: String,
    request_id: String,
}

impl From<Row> for StoredEvent {
    fn from(row: Row) -> Self {
        let severity = match row.severity.as_str() {
            "error" => Severity::Error,
            "warning" => Severity::Warning,
            _ => Severity::Info,
        };
        Self {
            id: row.id,
            at: row.at,
            entity_id: row.entity_id,
            actor_kind: row.actor_kind.into(),
            actor_id: row.actor_id,
            actor_name: row.actor_name,
            action: row.action.into(),
            subject_kind: row.subject_kind.into(),
            subject_id: row.subject_id,
            related: Vec::new(),
            details: row.details,
            severity,
            request_id: row.request_id,
        }
    }
}

const COLUMNS: &str = "id, at, entity_id, actor_kind, actor_id, actor_name, action, subject_kind, subject_id, details, severity, request_id";

/// Events newest first, one more than `limit`.
pub(crate) async fn list_events(tx: &mut Tx, filter: &EventFilter, limit: Limit) -> Result<Vec<StoredEvent>> {
    let mut sql = QueryBuilder::<Postgres>::new(format!("select {COLUMNS} from platform.event where tenant_id = "));
    sql.push_bind(tx.tenant());
    if let Some(about) = filter.about {
        sql.push(" and id in (select id from platform.event where tenant_id = ").push_bind(tx.tenant());
        sql.push(" and subject_id = ").push_bind(about);
        sql.push(" union select event_id from platform.event_link where tenant_id = ").push_bind(tx.tenant());
        sql.push(" and related_id = ").push_bind(about).push(")");
    }
    if let Some(action) = &filter.action {
        sql.push(" and action = ").push_bind(action);
    }
    if !filter.any_action.is_empty() {
        sql.push(" and action = any(").push_bind(filter.any_action).push(")");
    }
    if let Some(kind) = &filter.subject_kind {
        sql.push(" and subject_kind = ").push_bind(kind);
    }
    if let Some(actor) = filter.actor_id {
        sql.push(" and actor_id = ").push_bind(actor);
    }
    if let Some(entity) = filter.entity_id {
        sql.push(" and entity_id = ").push_bind(entity);
    }
    if let Some(from) = filter.from {
        sql.push(" and id >= ").push_bind(from.first_uuid());
    }
    if let Some(to) = filter.to {
        sql.push(" and id < ").push_bind(to.first_uuid());
    }
    if let Some(notable) = &filter.notable {
        notable.push(&mut sql);
    }
    if let Some(before) = filter.before {
        sql.push(" and id < ").push_bind(before);
    }
    if let Some(text) = &filter.search {
        sql.push(" and strpos(lower(action || ' ' || actor_name || ' ' || details::text), lower(").push_bind(text);
        sql.push(")) > 0");
    }
    sql.push(" order by id desc").push(limit.clause());
    let rows: Vec<Row> = sql.build_query_as().fetch_all(tx.conn()).await?;
    Ok(rows.into_iter().map(StoredEvent::from).collect())
}

/// One event within the caller's scope.
pub(crate) async fn get_event(tx: &mut Tx, id: EventId) -> Result<StoredEvent> {
    let tenant = tx.tenant();
    let sql = format!("select {COLUMNS} from platform.event where tenant_id = $1 and id = $2");
    let row: Option<Row> =
        sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(tenant).bind(id).fetch_optional(tx.conn()).await?;
    row.map(StoredEvent::from).ok_or_else(|| Error::not_found("event"))
}

/// The distinct actions recorded so far, found by hopping over the index.
pub(crate) async fn list_actions(tx: &mut Tx) -> Result<Vec<String>> {
    let tenant = tx.tenant().uuid();
    let actions = sqlx::query_scalar!(
        r#"with recursive hop as (
             (select action from platform.event where tenant_id = $1 order by action limit 1)
             union all
             select (select e.action from platform.event e where e.tenant_id = $1 and e.action > hop.action
                     order by e.action limit 1)
             from hop where hop.action is not null
         )
         select action as "action!" from hop where action is not null order by action"#,
        tenant
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(actions)
}
