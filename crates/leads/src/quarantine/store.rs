//! Reading the quarantine; intake writes it.

use kernel::{Cursor, Limit, QuarantineId, Timestamp};
use platform::{Error, Result, Tx};
use serde::Serialize;
use utoipa::ToSchema;

/// A payload that could not be used.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct QuarantineRow {
    /// Its id.
    pub id: QuarantineId,
    /// When it came in.
    pub received_at: Timestamp,
    /// Where it was sent.
    pub route: String,
    /// Why it could not be used.
    pub reason: String,
    /// What it claimed to be.
    pub content_type: String,
    /// Its length.
    pub bytes: i32,
    /// The caller's address.
    pub ip: String,
}

/// The quarantine newest first, one row more than `limit`.
pub async fn list(tx: &mut Tx, after: Option<Cursor>, limit: Limit) -> Result<Vec<QuarantineRow>> {
    let tenant = tx.tenant().uuid();
    let (at, id) = after.map_or((None, None), |after| (Some(after.at), Some(after.id)));
    let rows = sqlx::query_as!(
        QuarantineRow,
        r#"select id as "id: QuarantineId", received_at, route, reason, content_type, octet_length(body) as "bytes!", ip
           from leads.quarantine
           where tenant_id = $1 and ($2::timestamptz is null or (received_at, id) < ($2, $3::uuid))
           order by received_at desc, id desc limit $4"#,
        tenant,
        at as Option<Timestamp>,
        id,
        limit.probe()
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows)
}

/// A quarantined payload with its body.
pub async fn get(tx: &mut Tx, id: QuarantineId) -> Result<(QuarantineRow, Vec<u8>)> {
    let tenant = tx.tenant().uuid();
    let row = sqlx::query!(
        r#"select id as "id: QuarantineId", received_at, route, reason, content_type, octet_length(body) as "bytes!", ip, body
           from leads.quarantine where tenant_id = $1 and id = $2"#,
        tenant,
        id.uuid()
    )
    .fetch_optional(tx.conn())
    .await?;
    let row = row.ok_or_else(|| Error::not_found("payload"))?;
    let found = QuarantineRow {
        id: row.id,
        received_at: row.received_at,
        route: row.route,
        reason: row.reason,
        content_type: row.content_type,
        bytes: row.bytes,
        ip: row.ip,
    };
    Ok((found, row.body))
}
