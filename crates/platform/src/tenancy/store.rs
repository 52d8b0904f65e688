//! Every statement on tenants and entities that the service runs.

use kernel::{EntityId, Timestamp};

use super::legal::Legal;
use crate::{Error, Result, Tx};

/// A legal entity.
#[derive(Clone, Debug)]
pub(crate) struct Entity {
    pub(crate) id: EntityId,
    pub(crate) code: String,
    pub(crate) name: String,
    pub(crate) legal: Legal,
    pub(crate) mail_from: Option<String>,
    pub(crate) time_zone: String,
    pub(crate) active: bool,
    pub(crate) updated_at: Timestamp,
}

/// Every entity of the tenant, in its order.
pub(crate) async fn list_entities(tx: &mut Tx) -> Result<Vec<Entity>> {
    let tenant = tx.tenant().uuid();
    let entities = sqlx::query_as!(
        Entity,
        r#"select id as "id: EntityId", code, name, legal as "legal: Legal", mail_from, time_zone, active, updated_at
           from platform.entity where tenant_id = $1 order by position, id"#,
        tenant
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(entities)
}

/// Reads an entity, or says that there is none.
pub(super) async fn get_entity(tx: &mut Tx, id: EntityId) -> Result<Entity> {
    let tenant = tx.tenant().uuid();
    let entity = sqlx::query_as!(
        Entity,
        r#"select id as "id: EntityId", code, name, legal as "legal: Legal", mail_from, time_zone, active, updated_at
           from platform.entity where tenant_id = $1 and id = $2"#,
        tenant,
        id.uuid()
    )
    .fetch_optional(tx.conn())
    .await?;
    entity.ok_or_else(|| Error::not_found("entity"))
}

/// Reads an entity and holds it until the transaction ends.
pub(super) async fn lock_entity(tx: &mut Tx, id: EntityId) -> Result<Entity> {
    let tenant = tx.tenant().uuid();
    let entity = sqlx::query_as!(
        Entity,
        r#"select id as "id: EntityId", code, name, legal as "legal: Legal", mail_from, time_zone, active, updated_at
           from platform.entity where tenant_id = $1 and id = $2 for update"#,
        tenant,
        id.uuid()
    )
    .fetch_optional(tx.conn())
    .await?;
    entity.ok_or_else(|| Error::not_found("entity"))
}

pub(super) async fn update_entity(
    tx: &mut Tx,
    id: EntityId,
    name: &str,
    legal: &Legal,
    mail_from: Option<&str>,
) -> Result<Entity> {
    let (tenant, now) = (tx.tenant().uuid(), tx.now());
    let entity = sqlx::query_as!(
        Entity,
        r#"update platform.entity set name = $3, legal = $4, mail_from = $5, updated_at = $6
           where tenant_id = $1 and id = $2
           returning id as "id: EntityId", code, name, legal as "legal: Legal", mail_from, time_zone, active, updated_at"#,
        tenant,
        id.uuid(),
        name,
        sqlx::types::Json(legal) as _,
        mail_from,
        now as Timestamp
    )
    .fetch_one(tx.conn())
    .await?;
    Ok(entity)
}

/// The address that each entity's mail comes from, where one is set, with the entity's code.
pub(crate) async fn list_senders(tx: &mut Tx) -> Result<Vec<(String, String)>> {
    let tenant = tx.tenant().uuid();
    let rows = sqlx::query!(
        r#"select code, mail_from as "mail_from!" from platform.entity
           where tenant_id = $1 and mail_from is not null order by position, id"#,
        tenant
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows.into_iter().map(|row| (row.code, row.mail_from)).collect())
}

/// The address that an entity's mail comes from, if one is set.
pub(crate) async fn find_sender(tx: &mut Tx, entity: EntityId) -> Result<Option<String>> {
    let tenant = tx.tenant().uuid();
    let sender = sqlx::query_scalar!(
        "select mail_from from platform.entity where tenant_id = $1 and id = $2",
        tenant,
        entity.uuid()
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(sender.flatten())
}
