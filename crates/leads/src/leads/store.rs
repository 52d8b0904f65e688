//! Every statement on leads outside intake and routing.

use std::collections::{BTreeSet, HashMap};

use kernel::{BuyerId, Cursor, DeliveryId, EntityId, LeadId, Limit, NoteId, ProviderId, Timestamp};
use platform::{Error, Result, Tx};
use serde::{Deserialize as _, Serialize};
use serde_json::Value;
use sqlx::{Postgres, QueryBuilder};
use utoipa::ToSchema;
use uuid::Uuid;

use super::model::LeadStatus;
use crate::routing::tried::EntityTried;
use crate::rules::phone::beginning;
use crate::rules::routing::{OrderTraceView, TraceView};

/// A lead in a list.
#[derive(Clone, Debug, Serialize, sqlx::FromRow, ToSchema)]
pub struct LeadRow {
    /// The lead.
    pub id: LeadId,
    /// Its entity.
    pub entity_id: Option<EntityId>,
    /// Its product.
    pub product: Option<String>,
    /// Where the person lives.
    pub departement: String,
    /// The phone, normalised when it is valid.
    pub phone: String,
    /// `valid`, `suspicious` or `invalid`.
    pub phone_quality: String,
    /// The family name.
    pub nom: String,
    /// The first name.
    pub prenom: String,
    /// The e-mail address.
    pub email: String,
    /// Where it stands.
    pub status: LeadStatus,
    /// Why it is held.
    pub hold_reason: Option<String>,
    /// Why it was routed, or not.
    pub routing_reason: Option<String>,
    /// The source.
    pub source: String,
    /// `provider`, `internal_lp` or `direct`.
    pub lead_source_type: String,
    /// The provider it came from.
    pub provider_id: Option<ProviderId>,
    /// The delivery that holds it.
    pub delivery_id: Option<DeliveryId>,
    /// The buyer of that delivery.
    pub buyer_id: Option<BuyerId>,
    /// Whether it is aged stock.
    pub is_lb: bool,
    /// When it was routed.
    pub routed_at: Option<Timestamp>,
    /// When it was delivered.
    pub delivered_at: Option<Timestamp>,
    /// When it came in.
    pub created_at: Timestamp,
}

const COLUMNS: &str = "id, entity_id, product, departement, phone, phone_quality, nom, prenom, email, status, hold_reason, \
    routing_reason, source, lead_source_type, provider_id, delivery_id, buyer_id, is_lb, routed_at, delivered_at, created_at";

/// Which leads; all given conditions hold.
#[derive(Clone, Debug, Default)]
pub struct LeadFilter {
    /// Of one of these entities.
    pub entities: Option<Vec<Uuid>>,
    /// For this product.
    pub product: Option<String>,
    /// In this state.
    pub status: Option<LeadStatus>,
    /// From this département.
    pub departement: Option<String>,
    /// From sources that contain this text.
    pub source: Option<String>,
    /// With this buyer.
    pub buyer: Option<BuyerId>,
    /// Begins of phone, name or e-mail, literally.
    pub search: Option<String>,
    /// From this instant on, and before this one.
    pub bounds: Option<(Timestamp, Timestamp)>,
    /// After this place of the list.
    pub after: Option<Cursor>,
}

const NEWEST: &str = " order by created_at desc, id desc";

/// Leads newest first, one more than `limit`.
pub async fn list_leads(tx: &mut Tx, filter: &LeadFilter, limit: Limit) -> Result<Vec<LeadRow>> {
    let mut sql = QueryBuilder::<Postgres>::new("");
    if let Some(text) = &filter.source {
        // Asked for by itself: a node that is given the function with the rest cannot ask the others what it asks.
        let sources: Vec<String> =
            sqlx::query_scalar("select leads.sources_containing($1)").bind(text).fetch_all(tx.conn()).await?;
        // Each source's newest, from its part of the index, and of these the newest.
        sql.push("select newest.* from unnest(").push_bind(sources);
        sql.push("::text[]) as of(wanted) cross join lateral (");
    }
    sql.push(format!("select {COLUMNS} from leads.lead where tenant_id = ")).push_bind(tx.tenant());
    if filter.source.is_some() {
        sql.push(" and source = of.wanted");
    }
    match filter.entities.as_deref() {
        Some([one]) => sql.push(" and entity_id = ").push_bind(one),
        Some(several) => sql.push(" and entity_id = any(").push_bind(several).push(")"),
        None => &mut sql,
    };
    if let Some(product) = &filter.product {
        sql.push(" and product = ").push_bind(product);
    }
    if let Some(status) = filter.status {
        sql.push(" and status = ").push_bind(status);
    }
    if let Some(departement) = &filter.departement {
        sql.push(" and departement = ").push_bind(departement);
    }
    if let Some(buyer) = filter.buyer {
        sql.push(" and buyer_id = ").push_bind(buyer);
    }
    if let Some(text) = &filter.search {
        push_search(&mut sql, text);
    }
    if let Some((from, to)) = filter.bounds {
        sql.push(" and created_at >= ").push_bind(from).push(" and created_at < ").push_bind(to);
    }
    if let Some(after) = filter.after {
        sql.push(" and (created_at, id) < (").push_bind(after.at).push(", ").push_bind(after.id).push(")");
    }
    if filter.source.is_some() {
        sql.push(NEWEST).push(limit.part_clause()).push(") as newest");
    }
    sql.push(NEWEST).push(limit.clause());
    Ok(sql.build_query_as().fetch_all(tx.conn()).await?)
}

/// Literal beginnings, as ranges: patterns would neither be literal nor, under row security, use an index. A text of
/// digits is a phone; one with an `@` a mail address; any other the beginning of a name.
fn push_search(sql: &mut QueryBuilder<Postgres>, text: &str) {
    if let Some(digits) = beginning(text) {
        let end = format!("{digits}~");
        sql.push(" and phone ~>=~ ").push_bind(digits).push(" and phone ~<~ ").push_bind(end);
        return;
    }
    let low = text.trim().to_lowercase();
    let high = format!("{low}\u{10FFFF}");
    let column = if low.contains('@') { "email_key" } else { "name_key" };
    sql.push(format!(" and {column} >= ")).push_bind(low).push(format!(" and {column} < ")).push_bind(high);
}

/// A lead with everything that is known of it.
#[derive(Clone, Debug, Serialize, sqlx::FromRow, ToSchema)]
pub struct LeadDetail {
    /// What lists show.
    #[serde(flatten)]
    #[sqlx(flatten)]
    pub lead: LeadRow,
    /// The entity it came in for.
    pub owner_entity_id: Option<EntityId>,
    /// Whether it may leave its entity.
    pub entity_locked: bool,
    /// The visitor's session.
    pub session_id: String,
    /// The form.
    pub form_code: String,
    /// The landing page.
    pub lp_code: String,
    /// The page–form pair.
    pub liaison_code: String,
    /// The campaign.
    pub utm_campaign: String,
    /// The secondary fields.
    #[schema(value_type = Object)]
    pub custom_fields: Value,
    /// Whether the person consented; absent when the caller did not say.
    pub consent: Option<bool>,
    /// The version of the text consented to.
    pub consent_text_version: Option<String>,
    /// When.
    pub consent_at: Option<Timestamp>,
    /// From which address.
    pub consent_ip: Option<String>,
    /// Whether the person wants the newsletter.
    pub newsletter: bool,
    /// Why it is aged stock.
    pub lb_reason: Option<String>,
    /// Whether an aged lead took its place.
    pub was_replaced: Option<bool>,
    /// Which one.
    pub replacement_lead_id: Option<LeadId>,
    /// When its personal data was erased.
    pub erased_at: Option<Timestamp>,
}

/// A lead within the caller's scope.
pub async fn get_lead(tx: &mut Tx, id: LeadId) -> Result<LeadDetail> {
    let tenant = tx.tenant();
    let sql = format!(
        "select {COLUMNS}, owner_entity_id, entity_locked, session_id, form_code, lp_code, liaison_code, utm_campaign, custom_fields,
             consent, consent_text_version, consent_at, consent_ip, newsletter, lb_reason, was_replaced, replacement_lead_id, erased_at
         from leads.lead where tenant_id = $1 and id = $2"
    );
    let lead: Option<LeadDetail> =
        sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(tenant).bind(id).fetch_optional(tx.conn()).await?;
    lead.ok_or_else(|| Error::not_found("lead"))
}

/// A routing decision.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct DecisionRow {
    /// When it was made.
    pub decided_at: Timestamp,
    /// What made it: `intake`, `sweep`, …
    pub cause: String,
    /// What became of the lead.
    pub outcome: String,
    /// Why.
    pub reason: String,
    /// Every entity tried, in order; every candidate that was looked at closely, why dropped, why chosen.
    pub entities: Vec<EntityTried>,
}

/// The last decisions about a lead, newest first; orders of entities out of scope are left out of the traces.
pub async fn list_decisions(tx: &mut Tx, id: LeadId) -> Result<Vec<DecisionRow>> {
    let tenant = tx.tenant().uuid();
    let rows = sqlx::query!(
        r#"select decided_at as "decided_at: Timestamp", cause, outcome, reason, trace from leads.routing_decision
           where tenant_id = $1 and lead_id = $2 order by id desc limit 50"#,
        tenant,
        id.uuid()
    )
    .fetch_all(tx.conn())
    .await?;
    let mut traces = Vec::with_capacity(rows.len());
    for row in &rows {
        let trace = TraceView::deserialize(&row.trace);
        traces.push(trace.map_err(|error| Error::internal("reading a stored trace", error))?);
    }
    let buyers = traces.iter().flat_map(|trace| &trace.entities).flat_map(|entity| &entity.orders);
    let names = list_buyer_names(tx, buyers.map(|order| order.buyer).collect()).await?;
    let ctx = tx.ctx();
    let told = |trace: TraceView| {
        let name = |order: &OrderTraceView| names.get(&order.buyer).cloned();
        trace.entities.into_iter().map(|tried| EntityTried::of(ctx, tried, &ctx.scope().entities, name)).collect()
    };
    let decisions = rows.into_iter().zip(traces).map(|(row, trace)| DecisionRow {
        decided_at: row.decided_at,
        cause: row.cause,
        outcome: row.outcome,
        reason: row.reason,
        entities: told(trace),
    });
    Ok(decisions.collect())
}

async fn list_buyer_names(tx: &mut Tx, buyers: BTreeSet<BuyerId>) -> Result<HashMap<BuyerId, String>> {
    let tenant = tx.tenant().uuid();
    let ids: Vec<_> = buyers.iter().map(|buyer| buyer.uuid()).collect();
    let rows = sqlx::query!(
        r#"select b.id as "id: BuyerId", p.name from leads.buyer b
           join parties.party p on p.tenant_id = b.tenant_id and p.id = b.id
           where b.tenant_id = $1 and b.id = any($2) order by b.id"#,
        tenant,
        &ids
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows.into_iter().map(|row| (row.id, row.name)).collect())
}

/// How many leads of the entities in scope that came in within the bounds stand where.
pub async fn count_by_status(tx: &mut Tx, from: Timestamp, to: Timestamp) -> Result<Vec<(LeadStatus, i64)>> {
    let entities = tx.ctx().counted_entities();
    let tenant = tx.tenant().uuid();
    let rows = sqlx::query!(
        r#"select status as "status: LeadStatus", count(*) as "count!" from leads.lead
           where tenant_id = $1 and created_at >= $2 and created_at < $3 and ($4::uuid[] is null or entity_id = any($4))
           group by status order by status"#,
        tenant,
        from as Timestamp,
        to as Timestamp,
        entities.as_deref()
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows.into_iter().map(|row| (row.status, row.count)).collect())
}

/// Moves a lead that no delivery holds. False when it stands elsewhere by now.
pub async fn update_status(
    tx: &mut Tx,
    id: LeadId,
    from: LeadStatus,
    to: LeadStatus,
    hold_reason: Option<&str>,
) -> Result<bool> {
    let (tenant, now) = (tx.tenant().uuid(), tx.now());
    let moved = sqlx::query!(
        "update leads.lead set status = $4, hold_reason = $5, updated_at = $6 where tenant_id = $1 and id = $2 and status = $3",
        tenant,
        id.uuid(),
        from.as_str(),
        to.as_str(),
        hold_reason,
        now as Timestamp
    )
    .execute(tx.conn())
    .await?;
    Ok(moved.rows_affected() == 1)
}

/// Whether a delivery of the lead ever was, or it took part in a replacement.
pub async fn has_history(tx: &mut Tx, id: LeadId) -> Result<bool> {
    let tenant = tx.tenant().uuid();
    // Deliveries of other entities count too, and only their existence is told.
    tx.across_entities().await?;
    let has = sqlx::query_scalar!(
        r#"select exists (select from leads.delivery where tenant_id = $1 and lead_id = $2)
               or exists (select from leads.lead where tenant_id = $1 and id = $2
                   and (replacement_lead_id is not null or status in ('replaced_by_lb', 'reserved_for_replacement'))) as "has!""#,
        tenant,
        id.uuid()
    )
    .fetch_one(tx.conn())
    .await?;
    Ok(has)
}

/// Deletes a lead with its decisions and notes; the visitor's session forgets it.
pub async fn delete_lead(tx: &mut Tx, id: LeadId) -> Result<()> {
    let tenant = tx.tenant().uuid();
    sqlx::query!(
        "with session as (
             update leads.visitor_session set status = 'active', lead_id = null where tenant_id = $1 and lead_id = $2
         ), claim as (
             delete from leads.submission_claim where tenant_id = $1 and lead_id = $2
         )
         delete from leads.lead where tenant_id = $1 and id = $2",
        tenant,
        id.uuid()
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// A note on a lead.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct NoteRow {
    /// The note.
    pub id: NoteId,
    /// Its text.
    pub text: String,
    /// Who wrote it.
    pub author: String,
    /// When.
    pub created_at: Timestamp,
}

/// Writes a note.
pub async fn insert_note(tx: &mut Tx, lead: LeadId, text: &str) -> Result<NoteRow> {
    let (tenant, now) = (tx.tenant().uuid(), tx.now());
    let id = NoteId::generate(now);
    let (author_id, author) = (tx.ctx().actor().id(), tx.ctx().actor().name().to_owned());
    sqlx::query!(
        "insert into leads.lead_note (tenant_id, id, lead_id, body, author_id, author_name, created_at) values ($1, $2, $3, $4, $5, $6, $7)",
        tenant,
        id.uuid(),
        lead.uuid(),
        text,
        author_id,
        author,
        now as Timestamp
    )
    .execute(tx.conn())
    .await?;
    Ok(NoteRow { id, text: text.to_owned(), author, created_at: now })
}

/// The notes on a lead, newest first.
pub async fn list_notes(tx: &mut Tx, lead: LeadId) -> Result<Vec<NoteRow>> {
    let tenant = tx.tenant().uuid();
    let rows = sqlx::query_as!(
        NoteRow,
        r#"select id as "id: NoteId", body as text, author_name as author, created_at from leads.lead_note
           where tenant_id = $1 and lead_id = $2 order by id desc limit 200"#,
        tenant,
        lead.uuid()
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows)
}
