//! Every statement on `leads.provider`; reads its days along.

use kernel::{Cursor, EntityId, Limit, ProviderId, Timestamp};
use platform::{Error, Result, Tx};
use sqlx::{AssertSqlSafe, Postgres, QueryBuilder};

use super::model::{Provider, ProviderFields};

platform::constraint!("provider_slug_key", "slug", "Another provider has this slug.");
platform::constraint!("provider_slug_check", "slug", "A slug is of a-z, 0-9, _ and -.");
platform::constraint!("provider_name_check", "name", "A provider needs a name.");
platform::constraint!("provider_rate_check", "rate_per_minute", "A rate lies between 1 and 1 000 000.");

/// Both tables are restricted by the tenant itself ($1): with it, Citus hands a lock on the row to its node.
const SELECT: &str = "select v.id, v.entity_id, v.name, v.slug, v.contact_email, v.notes, v.consent_by_contract, \
    v.rate_per_minute, v.active, v.archived_at, v.created_at, v.updated_at, sent.total_leads, sent.refused \
    from leads.provider v cross join lateral ( \
        select coalesce(sum(received), 0)::bigint as total_leads, coalesce(sum(d.refused), 0)::bigint as refused \
        from leads.provider_day d where d.tenant_id = $1 and d.provider_id = v.id) sent \
    where v.tenant_id = ";

/// Which providers; all given conditions hold.
#[derive(Clone, Debug, Default)]
pub struct ProviderFilter {
    /// Only those whose leads are taken, or are not.
    pub active: Option<bool>,
    /// Archived ones too.
    pub archived: bool,
    /// Only after this place of the list.
    pub after: Option<Cursor>,
}

/// Providers in scope, newest first, one more than `limit`.
pub async fn list_providers(tx: &mut Tx, filter: &ProviderFilter, limit: Limit) -> Result<Vec<Provider>> {
    let mut sql = QueryBuilder::<Postgres>::new(SELECT);
    sql.push_bind(tx.tenant());
    if let Some(active) = filter.active {
        sql.push(" and v.active = ").push_bind(active);
    }
    if !filter.archived {
        sql.push(" and v.archived_at is null");
    }
    if let Some(after) = filter.after {
        sql.push(" and (v.created_at, v.id) < (").push_bind(after.at).push(", ").push_bind(after.id).push(")");
    }
    sql.push(" order by v.created_at desc, v.id desc").push(limit.clause());
    Ok(sql.build_query_as().fetch_all(tx.conn()).await?)
}

/// One provider within the caller's scope.
pub async fn get_provider(tx: &mut Tx, id: ProviderId) -> Result<Provider> {
    read(tx, id, "").await
}

/// A provider, held until the transaction ends.
///
/// Not found outside the caller's scope.
pub async fn lock_provider(tx: &mut Tx, id: ProviderId) -> Result<Provider> {
    read(tx, id, " for no key update of v").await
}

async fn read(tx: &mut Tx, id: ProviderId, lock: &'static str) -> Result<Provider> {
    let tenant = tx.tenant();
    let sql = format!("{SELECT} $1 and v.id = $2{lock}");
    let row: Option<Provider> =
        sqlx::query_as(AssertSqlSafe(sql)).bind(tenant).bind(id).fetch_optional(tx.conn()).await?;
    row.ok_or_else(|| Error::not_found("provider"))
}

/// Writes a new provider.
pub async fn insert_provider(tx: &mut Tx, id: ProviderId, entity: EntityId, fields: &ProviderFields) -> Result<()> {
    let (tenant, now) = (tx.tenant().uuid(), tx.now());
    sqlx::query!(
        "insert into leads.provider (tenant_id, id, entity_id, name, slug, contact_email, notes, consent_by_contract,
             rate_per_minute, active, created_at, updated_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $11)",
        tenant,
        id.uuid(),
        entity.uuid(),
        fields.name,
        fields.slug,
        fields.contact_email,
        fields.notes,
        fields.consent_by_contract,
        fields.rate_per_minute,
        fields.active,
        now as Timestamp
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Writes what may change of a provider.
pub async fn update_provider(tx: &mut Tx, id: ProviderId, fields: &ProviderFields) -> Result<()> {
    let (tenant, now) = (tx.tenant().uuid(), tx.now());
    sqlx::query!(
        "update leads.provider
         set name = $3, slug = $4, contact_email = $5, notes = $6, consent_by_contract = $7, rate_per_minute = $8,
             active = $9, updated_at = $10
         where tenant_id = $1 and id = $2",
        tenant,
        id.uuid(),
        fields.name,
        fields.slug,
        fields.contact_email,
        fields.notes,
        fields.consent_by_contract,
        fields.rate_per_minute,
        fields.active,
        now as Timestamp
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Whether a provider ever sent a lead.
pub async fn has_leads(tx: &mut Tx, id: ProviderId) -> Result<bool> {
    let tenant = tx.tenant().uuid();
    let found = sqlx::query_scalar!(
        r#"select exists (select from leads.lead where tenant_id = $1 and provider_id = $2)
               or exists (select from leads.provider_day where tenant_id = $1 and provider_id = $2 and received > 0)
               as "found!""#,
        tenant,
        id.uuid()
    )
    .fetch_one(tx.conn())
    .await?;
    Ok(found)
}

/// Archives a provider.
pub async fn archive_provider(tx: &mut Tx, id: ProviderId) -> Result<()> {
    let (tenant, now) = (tx.tenant().uuid(), tx.now());
    sqlx::query!(
        "update leads.provider set active = false, archived_at = $3, updated_at = $3 where tenant_id = $1 and id = $2",
        tenant,
        id.uuid(),
        now as Timestamp
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Deletes a provider that never sent a lead.
pub async fn delete_provider(tx: &mut Tx, id: ProviderId) -> Result<()> {
    let tenant = tx.tenant().uuid();
    sqlx::query!("delete from leads.provider where tenant_id = $1 and id = $2", tenant, id.uuid())
        .execute(tx.conn())
        .await?;
    Ok(())
}
