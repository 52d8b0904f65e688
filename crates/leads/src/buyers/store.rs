//! Every statement on `leads.buyer`; reads its party and its orders' weeks along.

use std::collections::HashMap;

use kernel::{BuyerId, Cursor, Date, EntityId, Limit, PartyId, Timestamp};
use platform::secret::{Sealed, SealedColumn};
use platform::{Error, Result, Tx};
use sqlx::{AssertSqlSafe, Postgres, QueryBuilder};

use super::crm::Crm;
use super::model::{Buyer, BuyerFields};

platform::constraint!("buyer_ratings_check", "global_rating", "A rating lies between 1 and 5.");

/// The key of a buyer's interface.
pub const API_KEY: SealedColumn = SealedColumn {
    table: "leads.buyer",
    column: "api_key_sealed",
    of_tenant: true,
    forget: "api_key_sealed = null",
    about: "keys of buyers' interfaces",
};

platform::inventory::submit! { API_KEY }

const COLUMNS: &str = "b.id, p.code, b.entity_id, p.name, p.contact_name, p.email, p.phone, p.notes, p.vat_rate, \
    p.payment_terms_days, p.legal_name, p.registration_number, p.siren, p.siret, p.vat_number, p.vat_category, p.vat_reason, \
    p.language, p.address_line1, p.address_line2, p.postal_code, p.city, p.country, p.electronic_address, \
    p.electronic_scheme, p.iban, p.currency, b.delivery_emails, b.api_endpoint, \
    b.api_key_sealed is not null as api_key_set, b.auto_send_enabled, b.active, b.client_group_key, \
    b.global_rating, b.payment_rating, b.lead_satisfaction_rating, b.discount_pressure_rating, b.client_status, \
    b.accounting_status, b.payment_terms, b.payment_method, b.last_payment_on, b.last_payment_amount, b.tags, \
    p.archived_at, b.created_at, b.updated_at";
const TABLES: &str = "leads.buyer b join parties.party p on p.tenant_id = b.tenant_id and p.id = b.id";

/// A buyer with what it received.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct BuyerRow {
    /// The buyer.
    #[sqlx(flatten)]
    pub buyer: Buyer,
    /// Units sent and not returned, ever.
    pub total_received: i64,
    /// Units sent in the current week and not returned.
    pub week_received: i64,
}

/// Which buyers; all given conditions hold.
#[derive(Clone, Debug, Default)]
pub struct BuyerFilter {
    /// Only those that buy now, or do not.
    pub active: Option<bool>,
    /// Literal text in name, contact or e-mail.
    pub search: Option<String>,
    /// Archived ones too.
    pub archived: bool,
    /// Only after this place of the list.
    pub after: Option<Cursor>,
}

/// Buyers in scope, newest first, one more than `limit`. `weeks` pairs each entity with the Monday it is in.
pub async fn list_buyers(
    tx: &mut Tx,
    filter: &BuyerFilter,
    weeks: &[(EntityId, Date)],
    limit: Limit,
) -> Result<Vec<BuyerRow>> {
    let mut sql = select_with_counts(tx, weeks);
    if let Some(active) = filter.active {
        sql.push(" and b.active = ").push_bind(active);
    }
    if !filter.archived {
        sql.push(" and p.archived_at is null");
    }
    if let Some(text) = &filter.search {
        sql.push(" and strpos(lower(p.name || ' ' || p.contact_name || ' ' || p.email), lower(").push_bind(text);
        sql.push(")) > 0");
    }
    if let Some(after) = filter.after {
        sql.push(" and (b.created_at, b.id) < (").push_bind(after.at).push(", ").push_bind(after.id).push(")");
    }
    sql.push(" order by b.created_at desc, b.id desc").push(limit.clause());
    Ok(sql.build_query_as().fetch_all(tx.conn()).await?)
}

/// One buyer within the caller's scope.
pub async fn get_buyer(tx: &mut Tx, id: BuyerId, weeks: &[(EntityId, Date)]) -> Result<BuyerRow> {
    let mut sql = select_with_counts(tx, weeks);
    sql.push(" and b.id = ").push_bind(id);
    let row: Option<BuyerRow> = sql.build_query_as().fetch_optional(tx.conn()).await?;
    row.ok_or_else(|| Error::not_found("buyer"))
}

fn select_with_counts(tx: &Tx, weeks: &[(EntityId, Date)]) -> QueryBuilder<Postgres> {
    let (entities, mondays): (Vec<_>, Vec<Date>) = weeks.iter().map(|(id, week)| (id.uuid(), *week)).unzip();
    let mut sql = QueryBuilder::<Postgres>::new(format!("select {COLUMNS}, received.total_received, "));
    sql.push("received.week_received from ").push(TABLES).push(" left join unnest(").push_bind(entities);
    sql.push("::uuid[], ")
        .push_bind(mondays)
        .push("::date[]) as now_in (entity_id, week) on now_in.entity_id = b.entity_id");
    sql.push(
        " cross join lateral (
             select coalesce(sum(w.accepted), 0)::bigint as total_received,
                 coalesce(sum(w.accepted) filter (where w.week = now_in.week), 0)::bigint as week_received
             from leads.standing_order o
             join leads.order_week w on w.tenant_id = o.tenant_id and w.order_id = o.id
             where o.tenant_id = b.tenant_id and o.buyer_id = b.id) received where b.tenant_id = ",
    );
    sql.push_bind(tx.tenant());
    sql
}

/// A buyer, held until the transaction ends.
///
/// Not found outside the caller's scope.
pub async fn lock_buyer(tx: &mut Tx, id: BuyerId) -> Result<Buyer> {
    let tenant = tx.tenant();
    let sql = format!("select {COLUMNS} from {TABLES} where b.tenant_id = $1 and b.id = $2 for no key update");
    let row: Option<Buyer> = sqlx::query_as(AssertSqlSafe(sql)).bind(tenant).bind(id).fetch_optional(tx.conn()).await?;
    row.ok_or_else(|| Error::not_found("buyer"))
}

/// The names of those of these buyers that are in the caller's scope.
pub async fn list_names(tx: &mut Tx, ids: &[BuyerId]) -> Result<HashMap<BuyerId, String>> {
    let tenant = tx.tenant().uuid();
    let ids: Vec<_> = ids.iter().map(|id| id.uuid()).collect();
    let rows = sqlx::query!(
        r#"select id as "id: BuyerId", name from parties.party where tenant_id = $1 and id = any($2) order by id"#,
        tenant,
        &ids
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows.into_iter().map(|row| (row.id, row.name)).collect())
}

/// Writes what lead selling knows of the new party `id`.
pub async fn insert_buyer(tx: &mut Tx, id: PartyId, entity: EntityId, fields: &BuyerFields) -> Result<()> {
    let (tenant, now) = (tx.tenant().uuid(), tx.now());
    sqlx::query!(
        "insert into leads.buyer (tenant_id, id, entity_id, delivery_emails, api_endpoint, auto_send_enabled,
             client_group_key, active, created_at, updated_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9)",
        tenant,
        id.uuid(),
        entity.uuid(),
        &fields.delivery_emails,
        fields.api_endpoint,
        fields.auto_send_enabled,
        fields.group_key(),
        fields.active,
        now as Timestamp
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Writes what lead selling knows of a buyer, beside its CRM fields.
pub async fn update_buyer(tx: &mut Tx, id: BuyerId, fields: &BuyerFields) -> Result<()> {
    let (tenant, now) = (tx.tenant().uuid(), tx.now());
    sqlx::query!(
        "update leads.buyer
         set delivery_emails = $3, api_endpoint = $4, auto_send_enabled = $5, client_group_key = $6, active = $7,
             updated_at = $8
         where tenant_id = $1 and id = $2",
        tenant,
        id.uuid(),
        &fields.delivery_emails,
        fields.api_endpoint,
        fields.auto_send_enabled,
        fields.group_key(),
        fields.active,
        now as Timestamp
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Keeps the key of a buyer's interface, or forgets it.
pub async fn update_api_key(tx: &mut Tx, id: BuyerId, key: Option<&Sealed>) -> Result<()> {
    let (tenant, now) = (tx.tenant().uuid(), tx.now());
    sqlx::query!(
        "update leads.buyer set api_key_sealed = $3, updated_at = $4 where tenant_id = $1 and id = $2",
        tenant,
        id.uuid(),
        key.map(Sealed::as_str),
        now as Timestamp
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Writes a buyer's CRM fields.
pub async fn update_crm(tx: &mut Tx, id: BuyerId, crm: &Crm) -> Result<()> {
    let (tenant, now) = (tx.tenant().uuid(), tx.now());
    sqlx::query!(
        "update leads.buyer
         set global_rating = $3, payment_rating = $4, lead_satisfaction_rating = $5, discount_pressure_rating = $6,
             client_status = $7, accounting_status = $8, payment_terms = $9, payment_method = $10, last_payment_on = $11,
             last_payment_amount = $12, tags = $13, updated_at = $14
         where tenant_id = $1 and id = $2",
        tenant,
        id.uuid(),
        crm.global_rating,
        crm.payment_rating,
        crm.lead_satisfaction_rating,
        crm.discount_pressure_rating,
        crm.client_status,
        crm.accounting_status,
        crm.payment_terms,
        crm.payment_method,
        crm.last_payment_on as Option<Date>,
        crm.last_payment_amount,
        &crm.tags,
        now as Timestamp
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// How many orders a buyer has, and how many of them are active.
pub async fn count_orders(tx: &mut Tx, id: BuyerId) -> Result<(i64, i64)> {
    let tenant = tx.tenant().uuid();
    let row = sqlx::query!(
        r#"select count(*) as "all!", count(*) filter (where active) as "active!"
           from leads.standing_order where tenant_id = $1 and buyer_id = $2"#,
        tenant,
        id.uuid()
    )
    .fetch_one(tx.conn())
    .await?;
    Ok((row.all, row.active))
}

/// Deletes a buyer without history; its party is archived by its owner.
pub async fn delete_buyer(tx: &mut Tx, id: BuyerId) -> Result<()> {
    let tenant = tx.tenant().uuid();
    sqlx::query!("delete from leads.buyer where tenant_id = $1 and id = $2", tenant, id.uuid())
        .execute(tx.conn())
        .await?;
    Ok(())
}
