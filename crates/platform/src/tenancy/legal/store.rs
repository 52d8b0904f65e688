//! Every statement on what the law wants to know of entities.

use kernel::{EntityId, Timestamp};
use serde_json::Value;
use sqlx::error::BoxDynError;
use sqlx::postgres::{PgTypeInfo, PgValueRef};
use sqlx::types::Json;
use sqlx::{Decode, Postgres, Type};

use super::logo::{Logo, LogoKind};
use super::model::Legal;
use crate::{Error, Result, Tx};

/// An entity with its legal identity.
pub(super) struct LegalRow {
    pub(super) id: EntityId,
    pub(super) code: String,
    pub(super) name: String,
    pub(super) legal: Legal,
    pub(super) updated_at: Timestamp,
}

impl Type<Postgres> for Legal {
    fn type_info() -> PgTypeInfo {
        Json::<Value>::type_info()
    }

    fn compatible(ty: &PgTypeInfo) -> bool {
        Json::<Value>::compatible(ty)
    }
}

impl<'r> Decode<'r, Postgres> for Legal {
    fn decode(value: PgValueRef<'r>) -> Result<Self, BoxDynError> {
        Json::<Value>::decode(value).map(|Json(stored)| Self::from_stored(stored))
    }
}

pub(super) async fn get_legal(tx: &mut Tx, id: EntityId) -> Result<Legal> {
    let tenant = tx.tenant().uuid();
    let legal = sqlx::query_scalar!(
        r#"select legal as "legal: Legal" from platform.entity where tenant_id = $1 and id = $2"#,
        tenant,
        id.uuid()
    )
    .fetch_optional(tx.conn())
    .await?;
    legal.ok_or_else(|| Error::not_found("entity"))
}

/// The entity with this code, if there is one.
pub(super) async fn find_by_code(tx: &mut Tx, code: &str) -> Result<Option<LegalRow>> {
    let tenant = tx.tenant().uuid();
    let row = sqlx::query_as!(
        LegalRow,
        r#"select id as "id: EntityId", code, name, legal as "legal: Legal", updated_at as "updated_at: Timestamp"
           from platform.entity where tenant_id = $1 and code = $2"#,
        tenant,
        code
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(row)
}

/// The same, held until the transaction ends.
pub(super) async fn lock_by_code(tx: &mut Tx, code: &str) -> Result<Option<LegalRow>> {
    let tenant = tx.tenant().uuid();
    let row = sqlx::query_as!(
        LegalRow,
        r#"select id as "id: EntityId", code, name, legal as "legal: Legal", updated_at as "updated_at: Timestamp"
           from platform.entity where tenant_id = $1 and code = $2 for no key update"#,
        tenant,
        code
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(row)
}

pub(super) async fn update_legal(tx: &mut Tx, id: EntityId, legal: &Legal) -> Result<()> {
    let (tenant, now) = (tx.tenant().uuid(), tx.now());
    sqlx::query!(
        "update platform.entity set legal = $3, updated_at = $4 where tenant_id = $1 and id = $2",
        tenant,
        id.uuid(),
        Json(legal) as _,
        now as Timestamp
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

pub(super) async fn find_logo(tx: &mut Tx, id: EntityId) -> Result<Option<Logo>> {
    let tenant = tx.tenant().uuid();
    let row = sqlx::query!(
        r#"select content_type, bytes, sha256, width, height, updated_at as "updated_at: Timestamp"
           from platform.entity_logo where tenant_id = $1 and entity_id = $2"#,
        tenant,
        id.uuid()
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(row.map(|row| Logo {
        kind: if row.content_type == LogoKind::Png.content_type() { LogoKind::Png } else { LogoKind::Jpeg },
        bytes: row.bytes,
        sha256: row.sha256,
        width: row.width,
        height: row.height,
        updated_at: row.updated_at,
    }))
}

/// When an entity's logo was last changed; none without one.
pub(super) async fn find_logo_version(tx: &mut Tx, id: EntityId) -> Result<Option<Timestamp>> {
    let tenant = tx.tenant().uuid();
    let version = sqlx::query_scalar!(
        r#"select updated_at as "updated_at: Timestamp" from platform.entity_logo where tenant_id = $1 and entity_id = $2"#,
        tenant,
        id.uuid()
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(version)
}

pub(super) async fn upsert_logo(tx: &mut Tx, id: EntityId, logo: &Logo) -> Result<()> {
    let tenant = tx.tenant().uuid();
    sqlx::query!(
        "insert into platform.entity_logo (tenant_id, entity_id, content_type, bytes, sha256, width, height, updated_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8)
         on conflict (tenant_id, entity_id) do update
         set content_type = excluded.content_type, bytes = excluded.bytes, sha256 = excluded.sha256,
             width = excluded.width, height = excluded.height, updated_at = excluded.updated_at",
        tenant,
        id.uuid(),
        logo.kind.content_type(),
        logo.bytes,
        logo.sha256,
        logo.width,
        logo.height,
        logo.updated_at as Timestamp
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

pub(super) async fn delete_logo(tx: &mut Tx, id: EntityId) -> Result<bool> {
    let tenant = tx.tenant().uuid();
    let deleted =
        sqlx::query!("delete from platform.entity_logo where tenant_id = $1 and entity_id = $2", tenant, id.uuid())
            .execute(tx.conn())
            .await?;
    Ok(deleted.rows_affected() > 0)
}
