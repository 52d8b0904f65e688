//! Every statement on visitor sessions and their events.

use jiff::SignedDuration;
use kernel::{Timestamp, VisitorSessionId};
use platform::{Result, Tx};
use serde_json::Value;
use uuid::Uuid;

/// The same visitor on the same page within this time continues his session (spec 3.6).
const REUSE_WITHIN: SignedDuration = SignedDuration::from_mins(30);

/// What a landing page says of its visitor.
#[derive(Clone, Debug, Default)]
#[expect(missing_docs, reason = "the columns of leads.visitor_session")]
pub struct Visit {
    pub visitor_id: String,
    pub lp_code: String,
    pub form_code: String,
    pub liaison_code: String,
    pub referrer: String,
    pub user_agent: String,
    pub utm_source: String,
    pub utm_medium: String,
    pub utm_campaign: String,
    pub utm_content: String,
    pub utm_term: String,
    pub gclid: String,
    pub fbclid: String,
    pub ip: String,
}

/// The visitor's session on this page within the last half hour.
pub async fn find_recent_session(tx: &mut Tx, visitor_id: &str, lp_code: &str) -> Result<Option<VisitorSessionId>> {
    let (tenant, since) = (tx.tenant().uuid(), tx.now().minus(REUSE_WITHIN));
    let id = sqlx::query_scalar!(
        r#"select id as "id: VisitorSessionId" from leads.visitor_session
           where tenant_id = $1 and visitor_id = $2 and lp_code = $3 and created_at >= $4
           order by created_at desc, id desc limit 1"#,
        tenant,
        visitor_id,
        lp_code,
        since as Timestamp
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(id)
}

/// Opens a session.
pub async fn insert_session(tx: &mut Tx, visit: &Visit) -> Result<VisitorSessionId> {
    let (tenant, now) = (tx.tenant().uuid(), tx.now());
    let id = VisitorSessionId::generate(now);
    sqlx::query!(
        "insert into leads.visitor_session (tenant_id, id, visitor_id, lp_code, form_code, liaison_code, referrer, user_agent,
             utm_source, utm_medium, utm_campaign, utm_content, utm_term, gclid, fbclid, ip, status, created_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, 'active', $17)",
        tenant,
        id.uuid(),
        visit.visitor_id,
        visit.lp_code,
        visit.form_code,
        visit.liaison_code,
        visit.referrer,
        visit.user_agent,
        visit.utm_source,
        visit.utm_medium,
        visit.utm_campaign,
        visit.utm_content,
        visit.utm_term,
        visit.gclid,
        visit.fbclid,
        visit.ip,
        now as Timestamp
    )
    .execute(tx.conn())
    .await?;
    Ok(id)
}

/// The visitor of a session, if it exists.
pub async fn find_visitor(tx: &mut Tx, session: VisitorSessionId) -> Result<Option<String>> {
    let tenant = tx.tenant().uuid();
    let visitor = sqlx::query_scalar!(
        "select visitor_id from leads.visitor_session where tenant_id = $1 and id = $2",
        tenant,
        session.uuid()
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(visitor)
}

/// Records an event of a session. False when it is one that counts once and was there.
pub async fn insert_event(
    tx: &mut Tx,
    session: VisitorSessionId,
    visitor_id: &str,
    event: &str,
    details: &Value,
) -> Result<bool> {
    let (tenant, now) = (tx.tenant().uuid(), tx.now());
    let id: Uuid = VisitorSessionId::generate(now).uuid();
    let inserted = sqlx::query!(
        "insert into leads.tracking_event (tenant_id, id, session_id, visitor_id, event, details, at)
         values ($1, $2, $3, $4, $5, $6, $7)
         on conflict (tenant_id, session_id, event) where event in ('lp_visit', 'cta_click', 'form_start') do nothing",
        tenant,
        id,
        session.uuid(),
        visitor_id,
        event,
        details,
        now as Timestamp
    )
    .execute(tx.conn())
    .await?;
    Ok(inserted.rows_affected() == 1)
}
