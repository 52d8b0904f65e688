//! Every statement on `parties.party`.

use kernel::{Email, EntityId, Iban, Limit, PartyId, Timestamp, VatCategory};
use platform::{Error, Result, Tx};
use rust_decimal::Decimal;
use sqlx::{AssertSqlSafe, Postgres, QueryBuilder};
use uuid::Uuid;

use super::identity::PartyIdentity;
use super::model::{Kind, Likeness, NewParty, Party, PartyFields, PartyRole};

platform::constraint!("party_buyer_email_key", "email", "Another buyer of this entity has this e-mail address.");
platform::constraint!("party_code_key", "code", "Another party has this code.");
platform::constraint!("party_code_check", "code", "A code is 1 to 20 of A-Z, 0-9, _, . and -.");
platform::constraint!("party_name_check", "name", "A name is needed.");
platform::constraint!("party_vat_rate_check", "vat_rate", "A VAT rate lies between 0 and 100.");
platform::constraint!("party_payment_terms_check", "payment_terms_days", "Payment terms lie between 0 and 365 days.");
platform::constraint!("party_consumer_check", "is_consumer", "Only a person is a consumer.");
platform::constraint!("party_siret_check", "siret", "A SIRET begins with its SIREN.");
platform::constraint!("party_vat_category_check", "vat_category", "This VAT category does not go with the VAT rate.");

const COLUMNS: &str = "id, code, entity_id, kind, roles, name, contact_name, email, phone, notes, vat_rate, \
    payment_terms_days, is_consumer, legal_name, registration_number, siren, siret, vat_number, vat_category, vat_reason, \
    language, address_line1, address_line2, postal_code, city, country, electronic_address, electronic_scheme, iban, \
    currency, archived_at, created_at, updated_at";

#[derive(sqlx::FromRow)]
struct Row {
    id: PartyId,
    code: String,
    entity_id: Option<EntityId>,
    kind: Kind,
    roles: Vec<String>,
    name: String,
    contact_name: String,
    email: String,
    phone: String,
    notes: String,
    vat_rate: Decimal,
    payment_terms_days: i32,
    is_consumer: bool,
    #[sqlx(flatten)]
    identity: PartyIdentity,
    archived_at: Option<Timestamp>,
    created_at: Timestamp,
    updated_at: Timestamp,
}

impl Row {
    fn into_party(self) -> Result<Party> {
        let email = Some(self.email).filter(|email| !email.is_empty()).map(|email| email.parse()).transpose();
        let email = email.map_err(|error| Error::internal("reading a stored e-mail address", error))?;
        Ok(Party {
            id: self.id,
            code: self.code,
            entity_id: self.entity_id,
            kind: self.kind,
            roles: self.roles.iter().filter_map(|role| PartyRole::from_stored(role)).collect(),
            fields: PartyFields {
                name: self.name,
                contact_name: self.contact_name,
                email,
                phone: self.phone,
                notes: self.notes,
                vat_rate: self.vat_rate.normalize(),
                payment_terms_days: self.payment_terms_days,
                is_consumer: self.is_consumer,
                identity: self.identity,
            },
            archived_at: self.archived_at,
            created_at: self.created_at,
            updated_at: self.updated_at,
        })
    }
}

/// Writes a new party and answers its code, which the database draws when it brings none.
pub(super) async fn insert_party(tx: &mut Tx, id: PartyId, party: &NewParty) -> Result<String> {
    let (tenant, now) = (tx.tenant().uuid(), tx.now());
    let roles: Vec<String> = party.roles.iter().map(|role| role.as_str().to_owned()).collect();
    let (fields, identity) = (&party.fields, &party.fields.identity);
    let code = sqlx::query_scalar!(
        "insert into parties.party (tenant_id, id, code, entity_id, kind, roles, name, contact_name, email, phone, notes,
             vat_rate, payment_terms_days, is_consumer, legal_name, registration_number, siren, siret, vat_number,
             vat_category, vat_reason, language, address_line1, address_line2, postal_code, city, country,
             electronic_address, electronic_scheme, iban, currency, created_at, updated_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23,
             $24, $25, $26, $27, $28, $29, $30, $31, $32, $32)
         returning code",
        tenant,
        id.uuid(),
        party.code as _,
        party.entity_id.map(EntityId::uuid),
        party.kind.as_str(),
        &roles,
        fields.name,
        fields.contact_name,
        fields.email.as_ref().map_or("", Email::as_str),
        fields.phone,
        fields.notes,
        fields.vat_rate,
        fields.payment_terms_days,
        fields.is_consumer,
        identity.legal_name,
        identity.registration_number,
        identity.siren.as_ref().map(kernel::Siren::as_str),
        identity.siret.as_ref().map(kernel::Siret::as_str),
        identity.vat_number.as_ref().map(kernel::VatNumber::as_str),
        identity.vat_category.map(VatCategory::as_str),
        identity.vat_reason,
        identity.language.as_str(),
        identity.address_line1,
        identity.address_line2,
        identity.postal_code,
        identity.city,
        identity.country.code(),
        identity.electronic_address,
        identity.electronic_scheme,
        identity.iban.as_ref().map(Iban::as_str),
        identity.currency.code(),
        now as Timestamp
    )
    .fetch_one(tx.conn())
    .await?;
    Ok(code)
}

/// Which parties; all given conditions hold.
#[derive(Clone, Debug, Default)]
pub struct PartyFilter {
    /// Only those that are this to the tenant.
    pub role: Option<PartyRole>,
    /// Literal text in code, names, contact, e-mail or SIREN.
    pub search: Option<String>,
    /// Archived ones too.
    pub archived: bool,
    /// Only those created before this one.
    pub before: Option<Uuid>,
}

/// Parties in scope, newest first, one more than `limit`.
pub async fn list_parties(tx: &mut Tx, filter: &PartyFilter, limit: Limit) -> Result<Vec<Party>> {
    let mut sql = QueryBuilder::<Postgres>::new(format!("select {COLUMNS} from parties.party where tenant_id = "));
    sql.push_bind(tx.tenant());
    if let Some(entities) = tx.ctx().counted_entities() {
        sql.push(" and (entity_id is null or entity_id = any(").push_bind(entities).push("))");
    }
    if let Some(role) = filter.role {
        sql.push(" and roles @> array[").push_bind(role.as_str()).push("]");
    }
    if !filter.archived {
        sql.push(" and archived_at is null");
    }
    if let Some(text) = &filter.search {
        sql.push(" and strpos(lower(concat_ws(' ', code, name, legal_name, contact_name, email, siren)), lower(");
        sql.push_bind(text).push(")) > 0");
    }
    if let Some(before) = filter.before {
        sql.push(" and id < ").push_bind(before);
    }
    sql.push(" order by id desc").push(limit.clause());
    let rows: Vec<Row> = sql.build_query_as().fetch_all(tx.conn()).await?;
    rows.into_iter().map(Row::into_party).collect()
}

/// A party within the caller's scope.
pub async fn get_party(tx: &mut Tx, id: PartyId) -> Result<Party> {
    read_party(tx, id, "").await
}

/// A party, held until the transaction ends.
pub(super) async fn lock_party(tx: &mut Tx, id: PartyId) -> Result<Party> {
    read_party(tx, id, " for no key update").await
}

async fn read_party(tx: &mut Tx, id: PartyId, locking: &str) -> Result<Party> {
    let tenant = tx.tenant();
    let sql = format!("select {COLUMNS} from parties.party where tenant_id = $1 and id = $2{locking}");
    let row: Option<Row> = sqlx::query_as(AssertSqlSafe(sql)).bind(tenant).bind(id).fetch_optional(tx.conn()).await?;
    row.ok_or_else(|| Error::not_found("party"))?.into_party()
}

/// The living parties of an entity, and of all, that pay from this account: at most two, which is enough to know whether
/// there is one.
pub(super) async fn list_by_iban(tx: &mut Tx, entity: EntityId, iban: &Iban) -> Result<Vec<Party>> {
    let tenant = tx.tenant();
    let sql = format!(
        "select {COLUMNS} from parties.party where tenant_id = $1 and iban = $2 and archived_at is null
             and (entity_id is null or entity_id = $3) order by id limit 2"
    );
    let query = sqlx::query_as(AssertSqlSafe(sql)).bind(tenant).bind(iban).bind(entity);
    let rows: Vec<Row> = query.fetch_all(tx.conn()).await?;
    rows.into_iter().map(Row::into_party).collect()
}

/// The living parties of an entity, and of all, that have a number, the account or the name of a stranger; ten at most.
pub async fn list_resembling(tx: &mut Tx, entity: EntityId, likeness: &Likeness) -> Result<Vec<Party>> {
    let tenant = tx.tenant();
    let sql = format!(
        "select {COLUMNS} from parties.party where tenant_id = $1 and archived_at is null and not is_consumer
             and (entity_id is null or entity_id = $2)
             and (vat_number = $3 or siren = $4 or iban = $5 or lower($6) in (lower(name), lower(legal_name)))
         order by (vat_number is not distinct from $3) desc, (siren is not distinct from $4) desc, id limit 10"
    );
    let query = sqlx::query_as(AssertSqlSafe(sql)).bind(tenant).bind(entity).bind(&likeness.vat_number);
    let query = query.bind(&likeness.siren).bind(&likeness.iban).bind(&likeness.name);
    let rows: Vec<Row> = query.fetch_all(tx.conn()).await?;
    rows.into_iter().map(Row::into_party).collect()
}

pub(super) async fn update_party(tx: &mut Tx, id: PartyId, fields: &PartyFields) -> Result<()> {
    let (tenant, now) = (tx.tenant().uuid(), tx.now());
    let identity = &fields.identity;
    sqlx::query!(
        "update parties.party
         set name = $3, contact_name = $4, email = $5, phone = $6, notes = $7, vat_rate = $8, payment_terms_days = $9,
             is_consumer = $10, legal_name = $11, registration_number = $12, siren = $13, siret = $14, vat_number = $15,
             vat_category = $16, vat_reason = $17, language = $18, address_line1 = $19, address_line2 = $20,
             postal_code = $21, city = $22, country = $23, electronic_address = $24, electronic_scheme = $25, iban = $26,
             currency = $27, updated_at = $28
         where tenant_id = $1 and id = $2",
        tenant,
        id.uuid(),
        fields.name,
        fields.contact_name,
        fields.email.as_ref().map_or("", Email::as_str),
        fields.phone,
        fields.notes,
        fields.vat_rate,
        fields.payment_terms_days,
        fields.is_consumer,
        identity.legal_name,
        identity.registration_number,
        identity.siren.as_ref().map(kernel::Siren::as_str),
        identity.siret.as_ref().map(kernel::Siret::as_str),
        identity.vat_number.as_ref().map(kernel::VatNumber::as_str),
        identity.vat_category.map(VatCategory::as_str),
        identity.vat_reason,
        identity.language.as_str(),
        identity.address_line1,
        identity.address_line2,
        identity.postal_code,
        identity.city,
        identity.country.code(),
        identity.electronic_address,
        identity.electronic_scheme,
        identity.iban.as_ref().map(Iban::as_str),
        identity.currency.code(),
        now as Timestamp
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

pub(super) async fn update_roles(tx: &mut Tx, id: PartyId, roles: &[PartyRole]) -> Result<()> {
    let (tenant, now) = (tx.tenant().uuid(), tx.now());
    let roles: Vec<String> = roles.iter().map(|role| role.as_str().to_owned()).collect();
    sqlx::query!(
        "update parties.party set roles = $3, updated_at = $4 where tenant_id = $1 and id = $2",
        tenant,
        id.uuid(),
        &roles,
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
