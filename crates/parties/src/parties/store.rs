//! Every statement on `parties.party`.

use kernel::{EntityId, PartyId, Timestamp};
use platform::{Error, Result, Tx};
use rust_decimal::Decimal;

use super::model::{Kind, Party, PartyFields, PartyRole};

platform::constraint!("party_buyer_email_key", "email", "Another buyer of this entity has this e-mail address.");
platform::constraint!("party_name_check", "name", "A name is needed.");
platform::constraint!("party_vat_rate_check", "vat_rate", "A VAT rate lies between 0 and 100.");
platform::constraint!("party_payment_terms_check", "payment_terms_days", "Payment terms lie between 0 and 365 days.");

pub(super) async fn insert_party(tx: &mut Tx, party: &Party, kind: Kind, roles: &[PartyRole]) -> Result<()> {
    let tenant = tx.tenant().uuid();
    let roles: Vec<String> = roles.iter().map(|role| role.as_str().to_owned()).collect();
    let fields = &party.fields;
    sqlx::query!(
        "insert into parties.party (tenant_id, id, entity_id, kind, roles, name, contact_name, email, phone, notes, vat_rate,
             payment_terms_days, created_at, updated_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $13)",
        tenant,
        party.id.uuid(),
        party.entity_id.map(EntityId::uuid),
        kind.as_str(),
        &roles,
        fields.name,
        fields.contact_name,
        fields.email.as_str(),
        fields.phone,
        fields.notes,
        fields.vat_rate,
        fields.payment_terms_days,
        party.created_at as Timestamp
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

struct Row {
    id: PartyId,
    entity_id: Option<EntityId>,
    name: String,
    contact_name: String,
    email: String,
    phone: String,
    notes: String,
    vat_rate: Decimal,
    payment_terms_days: i32,
    archived_at: Option<Timestamp>,
    created_at: Timestamp,
    updated_at: Timestamp,
}

/// A party, held until the transaction ends.
pub(super) async fn lock_party(tx: &mut Tx, id: PartyId) -> Result<Party> {
    let tenant = tx.tenant().uuid();
    let row = sqlx::query_as!(
        Row,
        r#"select id as "id: PartyId", entity_id as "entity_id: EntityId", name, contact_name, email, phone, notes,
               vat_rate, payment_terms_days, archived_at, created_at, updated_at
           from parties.party where tenant_id = $1 and id = $2 for no key update"#,
        tenant,
        id.uuid()
    )
    .fetch_optional(tx.conn())
    .await?
    .ok_or_else(|| Error::not_found("party"))?;
    let email = row.email.parse().map_err(|error| Error::internal("reading a stored e-mail address", error))?;
    let fields = PartyFields {
        name: row.name,
        contact_name: row.contact_name,
        email,
        phone: row.phone,
        notes: row.notes,
        vat_rate: row.vat_rate,
        payment_terms_days: row.payment_terms_days,
    };
    Ok(Party {
        id: row.id,
        entity_id: row.entity_id,
        fields,
        archived_at: row.archived_at,
        created_at: row.created_at,
        updated_at: row.updated_at,
    })
}

pub(super) async fn update_party(tx: &mut Tx, id: PartyId, fields: &PartyFields) -> Result<()> {
    let (tenant, now) = (tx.tenant().uuid(), tx.now());
    sqlx::query!(
        "update parties.party
         set name = $3, contact_name = $4, email = $5, phone = $6, notes = $7, vat_rate = $8, payment_terms_days = $9,
             updated_at = $10
         where tenant_id = $1 and id = $2",
        tenant,
        id.uuid(),
        fields.name,
        fields.contact_name,
        fields.email.as_str(),
        fields.phone,
        fields.notes,
        fields.vat_rate,
        fields.payment_terms_days,
        now as Timestamp
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

pub(super) async fn archive_party(tx: &mut Tx, id: PartyId) -> Result<bool> {
    let (tenant, now) = (tx.tenant().uuid(), tx.now());
    let archived = sqlx::query!(
        "update parties.party set archived_at = $3, updated_at = $3
         where tenant_id = $1 and id = $2 and archived_at is null",
        tenant,
        id.uuid(),
        now as Timestamp
    )
    .execute(tx.conn())
    .await?;
    Ok(archived.rows_affected() > 0)
}

/// The entity of a party within the caller's scope; the inner none is a party of the whole tenant.
pub(crate) async fn find_entity(tx: &mut Tx, id: PartyId) -> Result<Option<Option<EntityId>>> {
    let tenant = tx.tenant().uuid();
    let entity = sqlx::query_scalar!(
        r#"select entity_id as "entity_id: EntityId" from parties.party where tenant_id = $1 and id = $2"#,
        tenant,
        id.uuid()
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(entity)
}
