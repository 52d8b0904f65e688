//! Every statement on `parties.party_contact`.

use kernel::{Email, EntityId, Limit, PartyContactId, PartyId, Timestamp};
use platform::{Error, Result, Tx};
use uuid::Uuid;

use super::model::{ContactKind, PartyContact, SavePartyContact};

platform::constraint!(
    "party_contact_default_key",
    "is_default",
    "Another contact of this kind became the default meanwhile."
);
platform::constraint!("party_contact_name_check", "name", "A contact needs a name.");

/// The contacts of a party, newest first, one more than `limit`; only those older than `before`.
pub async fn list_contacts(
    tx: &mut Tx,
    party: PartyId,
    before: Option<Uuid>,
    limit: Limit,
) -> Result<Vec<PartyContact>> {
    let tenant = tx.tenant().uuid();
    let found = sqlx::query_as!(
        PartyContact,
        r#"select id as "id: PartyContactId", party_id as "party_id: PartyId", kind as "kind: ContactKind", is_default, name, job_title, email as "email: Email", phone,
               updated_at as "updated_at: Timestamp"
           from parties.party_contact
           where tenant_id = $1 and party_id = $2 and ($3::uuid is null or id < $3)
           order by id desc limit $4"#,
        tenant,
        party.uuid(),
        before,
        limit.probe()
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(found)
}

/// The contact to take of a kind, if one is.
pub async fn find_default(tx: &mut Tx, party: PartyId, kind: ContactKind) -> Result<Option<PartyContact>> {
    let tenant = tx.tenant().uuid();
    let found = sqlx::query_as!(
        PartyContact,
        r#"select id as "id: PartyContactId", party_id as "party_id: PartyId", kind as "kind: ContactKind", is_default, name, job_title, email as "email: Email", phone,
               updated_at as "updated_at: Timestamp"
           from parties.party_contact where tenant_id = $1 and party_id = $2 and kind = $3 and is_default"#,
        tenant,
        party.uuid(),
        kind.as_str()
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(found)
}

/// A contact. Whoever changes it holds its party, so it needs no lock of its own.
pub(super) async fn get_contact(tx: &mut Tx, id: PartyContactId) -> Result<PartyContact> {
    let tenant = tx.tenant().uuid();
    let found = sqlx::query_as!(
        PartyContact,
        r#"select id as "id: PartyContactId", party_id as "party_id: PartyId", kind as "kind: ContactKind", is_default, name, job_title, email as "email: Email", phone,
               updated_at as "updated_at: Timestamp"
           from parties.party_contact where tenant_id = $1 and id = $2"#,
        tenant,
        id.uuid()
    )
    .fetch_optional(tx.conn())
    .await?;
    found.ok_or_else(|| Error::not_found("contact"))
}

/// Makes room for another default of a kind.
pub(super) async fn clear_default(tx: &mut Tx, party: PartyId, kind: ContactKind) -> Result<()> {
    let (tenant, now) = (tx.tenant().uuid(), tx.now());
    sqlx::query!(
        "update parties.party_contact set is_default = false, updated_at = $4
         where tenant_id = $1 and party_id = $2 and kind = $3 and is_default",
        tenant,
        party.uuid(),
        kind.as_str(),
        now as Timestamp
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Writes a new contact of a party that belongs to `entity`.
pub(super) async fn insert_contact(
    tx: &mut Tx,
    id: PartyContactId,
    (party, entity): (PartyId, Option<EntityId>),
    save: &SavePartyContact,
) -> Result<()> {
    let (tenant, now) = (tx.tenant().uuid(), tx.now());
    sqlx::query!(
        "insert into parties.party_contact (tenant_id, id, entity_id, party_id, kind, is_default, name, job_title, email, phone,
             created_at, updated_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $11)",
        tenant,
        id.uuid(),
        entity.map(EntityId::uuid),
        party.uuid(),
        save.kind.as_str(),
        save.is_default,
        save.name,
        save.job_title,
        save.email.as_ref().map(Email::as_str),
        save.phone,
        now as Timestamp
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

pub(super) async fn update_contact(tx: &mut Tx, id: PartyContactId, save: &SavePartyContact) -> Result<()> {
    let (tenant, now) = (tx.tenant().uuid(), tx.now());
    sqlx::query!(
        "update parties.party_contact
         set kind = $3, is_default = $4, name = $5, job_title = $6, email = $7, phone = $8, updated_at = $9
         where tenant_id = $1 and id = $2",
        tenant,
        id.uuid(),
        save.kind.as_str(),
        save.is_default,
        save.name,
        save.job_title,
        save.email.as_ref().map(Email::as_str),
        save.phone,
        now as Timestamp
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

pub(super) async fn delete_contact(tx: &mut Tx, id: PartyContactId) -> Result<()> {
    let tenant = tx.tenant().uuid();
    sqlx::query!("delete from parties.party_contact where tenant_id = $1 and id = $2", tenant, id.uuid())
        .execute(tx.conn())
        .await?;
    Ok(())
}
