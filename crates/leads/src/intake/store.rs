//! The statements of intake: each serves a whole batch.

use std::collections::HashMap;

use kernel::{Date, EntityId, LeadId, ProviderId, QuarantineId, Timestamp};
use platform::{Error, Result, Tx};
use serde::Serialize;
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::prepaid;
use crate::routing::assign::Assignment;

/// A provider as its key finds it.
#[derive(Clone, Debug)]
pub struct KeyedProvider {
    /// The provider.
    pub id: ProviderId,
    /// The hash of the key that found it.
    pub key_hash: Vec<u8>,
    /// Its one entity.
    pub entity_id: EntityId,
    /// Its name in views.
    pub slug: String,
    /// Whether it collects consent by contract.
    pub consent_by_contract: bool,
}

/// The active providers that hold these keys, by hash.
pub async fn find_providers(tx: &mut Tx, hashes: &[Vec<u8>]) -> Result<HashMap<Vec<u8>, KeyedProvider>> {
    if hashes.is_empty() {
        return Ok(HashMap::new());
    }
    let tenant = tx.tenant().uuid();
    let rows = sqlx::query_as!(
        KeyedProvider,
        r#"select p.id as "id: ProviderId", k.key_hash, p.entity_id as "entity_id: EntityId", p.slug, p.consent_by_contract
           from platform.api_key k
           join leads.provider p on p.tenant_id = k.tenant_id and p.id = k.subject_id and p.active
           where k.tenant_id = $1 and k.key_hash = any($2) and k.kind = 'provider' and k.revoked_at is null"#,
        tenant,
        hashes
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows.into_iter().map(|row| (row.key_hash.clone(), row)).collect())
}

/// What a visitor's session adds to his lead.
#[derive(Clone, Debug)]
pub struct SessionTraits {
    /// The session.
    pub id: Uuid,
    /// The landing page.
    pub lp_code: String,
    /// The page–form pair.
    pub liaison_code: String,
    /// Where he came from.
    pub utm_source: String,
    /// By which medium.
    pub utm_medium: String,
    /// By which campaign.
    pub utm_campaign: String,
}

/// The sessions among `ids` that exist.
pub async fn find_sessions(tx: &mut Tx, ids: &[Uuid]) -> Result<HashMap<Uuid, SessionTraits>> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let tenant = tx.tenant().uuid();
    let rows = sqlx::query_as!(
        SessionTraits,
        "select id, lp_code, liaison_code, utm_source, utm_medium, utm_campaign
         from leads.visitor_session where tenant_id = $1 and id = any($2)",
        tenant,
        ids
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows.into_iter().map(|row| (row.id, row)).collect())
}

/// The leads already stored under these idempotency keys.
pub async fn find_by_idempotency_keys(tx: &mut Tx, keys: &[String]) -> Result<HashMap<String, LeadId>> {
    if keys.is_empty() {
        return Ok(HashMap::new());
    }
    let tenant = tx.tenant().uuid();
    let rows = sqlx::query!(
        r#"select idempotency_key as "key!", id as "id: LeadId" from leads.lead
           where tenant_id = $1 and idempotency_key = any($2)"#,
        tenant,
        keys
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows.into_iter().map(|row| (row.key, row.id)).collect())
}

/// A wish to be the only submission of (session, phone) for five seconds.
#[derive(Clone, Debug)]
pub struct Claim {
    /// The session.
    pub session_id: String,
    /// The normalised phone.
    pub phone: String,
    /// The lead it would become.
    pub lead_id: LeadId,
}

/// Takes the claims that are free and says, per (session, phone), which lead holds it: the own one when it was taken.
/// The pairs must be distinct. A concurrent claim is waited for.
pub async fn take_claims(tx: &mut Tx, claims: &[Claim]) -> Result<HashMap<(String, String), LeadId>> {
    if claims.is_empty() {
        return Ok(HashMap::new());
    }
    let (tenant, now) = (tx.tenant().uuid(), tx.now());
    let sessions: Vec<_> = claims.iter().map(|claim| claim.session_id.clone()).collect();
    let phones: Vec<_> = claims.iter().map(|claim| claim.phone.clone()).collect();
    let leads: Vec<_> = claims.iter().map(|claim| claim.lead_id.uuid()).collect();
    // As a word of the statement: a node is not told of parameters that stand only where conflicts are settled.
    const { assert!(crate::rules::duplicate::DOUBLE_SUBMIT_WINDOW.as_secs() == 5) };
    sqlx::query!(
        "insert into leads.submission_claim as c (tenant_id, session_id, phone, claimed_at, lead_id)
         select $1, session_id, phone, $5, lead_id
         from unnest($2::text[], $3::text[], $4::uuid[]) as x (session_id, phone, lead_id)
         order by session_id, phone
         on conflict (tenant_id, session_id, phone) do update
         set claimed_at = excluded.claimed_at, lead_id = excluded.lead_id
         where excluded.claimed_at - c.claimed_at > interval '5 seconds'
         returning 1 as one",
        tenant,
        &sessions,
        &phones,
        &leads,
        now as Timestamp
    )
    .fetch_all(tx.conn())
    .await?;
    let rows = sqlx::query!(
        r#"select c.session_id, c.phone, c.lead_id as "lead_id: LeadId"
           from leads.submission_claim c
           join unnest($2::text[], $3::text[]) as x (session_id, phone) on c.session_id = x.session_id and c.phone = x.phone
           where c.tenant_id = $1"#,
        tenant,
        &sessions,
        &phones
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows.into_iter().map(|row| ((row.session_id, row.phone), row.lead_id)).collect())
}

/// A lead about to be stored; the names are the table's columns.
#[derive(Clone, Debug, Serialize)]
#[expect(missing_docs, reason = "the columns of leads.lead, explained in its migration and in the lead's view")]
pub struct NewLead {
    pub id: LeadId,
    pub entity_id: Option<EntityId>,
    pub owner_entity_id: Option<EntityId>,
    pub serving_entity_id: Option<EntityId>,
    pub product: Option<String>,
    pub departement: String,
    pub phone: String,
    pub phone_quality: &'static str,
    pub nom: String,
    pub prenom: String,
    pub email: String,
    pub status: &'static str,
    pub hold_reason: Option<String>,
    pub routing_reason: Option<String>,
    pub entity_locked: bool,
    pub provider_id: Option<ProviderId>,
    pub lead_source_type: &'static str,
    pub session_id: String,
    pub form_code: String,
    pub lp_code: String,
    pub liaison_code: String,
    pub source: String,
    pub utm_source: String,
    pub utm_medium: String,
    pub utm_campaign: String,
    pub ip: String,
    pub custom_fields: Map<String, Value>,
    pub consent: Option<bool>,
    pub consent_text_version: Option<String>,
    pub consent_at: Option<Timestamp>,
    pub consent_ip: Option<String>,
    pub newsletter: bool,
    pub delivery_id: Option<Uuid>,
    pub buyer_id: Option<Uuid>,
    pub routed_at: Option<Timestamp>,
    pub was_replaced: Option<bool>,
    pub replacement_lead_id: Option<LeadId>,
    pub idempotency_key: Option<String>,
    pub visitor_session: Option<Uuid>,
    pub provider_day: Option<Date>,
}

/// A decision that assigned nothing.
#[derive(Clone, Debug, Serialize)]
pub struct Unassigned {
    /// The decision.
    pub decision_id: Uuid,
    /// The lead.
    pub lead_id: LeadId,
    /// `no_open_orders` or `duplicate`.
    pub outcome: &'static str,
    /// Why.
    pub reason: String,
    /// Every candidate and why dropped.
    pub trace: Value,
}

/// What a batch writes.
#[derive(Debug, Default)]
pub struct Batch {
    /// The leads.
    pub leads: Vec<NewLead>,
    /// The deliveries of those that are routed.
    pub assignments: Vec<Assignment>,
    /// The decisions of those that could not be.
    pub unassigned: Vec<Unassigned>,
}

/// Stores a batch in one statement: leads, deliveries, quotas, decisions, converted sessions, providers' counts. The
/// foreign keys between a lead and its delivery hold when the transaction ends. Units paid in advance are held after it.
pub async fn insert_batch(tx: &mut Tx, batch: &Batch) -> Result<()> {
    let (tenant, now) = (tx.tenant().uuid(), tx.now());
    let json = |value: serde_json::Result<Value>| value.map_err(|error| Error::internal("serialising a batch", error));
    let leads = json(serde_json::to_value(&batch.leads))?;
    let assignments = json(serde_json::to_value(&batch.assignments))?;
    let unassigned = json(serde_json::to_value(&batch.unassigned))?;
    sqlx::query_file!("src/intake/insert_batch.sql", tenant, leads, assignments, unassigned, now as Timestamp)
        .fetch_one(tx.conn())
        .await?;
    prepaid::ops::hold(tx, &batch.assignments).await?;
    for assignment in &batch.assignments {
        tx.touch(Some(assignment.entity_id), "delivery");
    }
    Ok(())
}

/// Counts refusals of suspicious numbers per provider and day.
pub async fn count_refusal(tx: &mut Tx, provider: &KeyedProvider, day: Date) -> Result<()> {
    let tenant = tx.tenant().uuid();
    sqlx::query!(
        "insert into leads.provider_day as d (tenant_id, provider_id, entity_id, day, refused) values ($1, $2, $3, $4, 1)
         on conflict (tenant_id, provider_id, day) do update set refused = d.refused + 1",
        tenant,
        provider.id.uuid(),
        provider.entity_id.uuid(),
        day as Date
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// A payload that could not be used.
#[derive(Clone, Debug)]
pub struct Quarantined {
    /// Where it was posted.
    pub route: &'static str,
    /// Why it could not be used.
    pub reason: String,
    /// What the caller called it.
    pub content_type: String,
    /// The bytes, up to 64 KiB.
    pub body: Vec<u8>,
    /// Who sent it.
    pub ip: String,
}

/// Keeps a payload that could not be used.
pub async fn insert_quarantine(tx: &mut Tx, payload: &Quarantined) -> Result<QuarantineId> {
    let (tenant, now) = (tx.tenant().uuid(), tx.now());
    let id = QuarantineId::generate(now);
    let content_type: String = payload.content_type.chars().filter(|c| *c != '\0').take(200).collect();
    let reason: String = payload.reason.chars().filter(|c| *c != '\0').take(500).collect();
    sqlx::query!(
        "insert into leads.quarantine (tenant_id, id, received_at, route, reason, content_type, body, ip)
         values ($1, $2, $3, $4, $5, $6, $7, $8)",
        tenant,
        id.uuid(),
        now as Timestamp,
        payload.route,
        reason,
        content_type,
        payload.body,
        payload.ip
    )
    .execute(tx.conn())
    .await?;
    Ok(id)
}

/// How many leads a minute an active provider may send.
pub async fn find_provider_rate(tx: &mut Tx, provider: Uuid) -> Result<Option<u32>> {
    let tenant = tx.tenant().uuid();
    let rate = sqlx::query_scalar!(
        "select rate_per_minute from leads.provider where tenant_id = $1 and id = $2 and active",
        tenant,
        provider
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(rate.and_then(|rate| u32::try_from(rate).ok()))
}
