//! Every statement on `ledger.account` and `ledger.posting_role`.

use kernel::{AccountId, EntityId, Timestamp};
use platform::{Error, Result, Tx};
use uuid::Uuid;

use super::model::{AccountRow, NewAccount};
use super::role::Role;

platform::constraint!("account_code_key", "code", "This entity has an account with this code.");
platform::constraint!(
    "account_code_check",
    "code",
    "A code is two digits or three, then up to 17 digits, capitals or dashes."
);
platform::constraint!("account_name_check", "name_fr", "An account has a name of at most 120 characters.");
platform::constraint!("account_kept", "code", "An account keeps its code and its class.");
platform::constraint!("posting_role_account_fkey", "account", "There is no such account in this book.");

/// Writes the accounts and roles of a chart.
pub async fn insert_chart(tx: &mut Tx, entity: EntityId, chart: &[(NewAccount, Vec<Role>)]) -> Result<()> {
    let accounts: Vec<_> = chart.iter().map(|(account, _)| account.clone()).collect();
    let ids = insert_accounts(tx, entity, &accounts).await?;
    let played =
        chart.iter().zip(ids).flat_map(|((_, roles), id)| roles.iter().map(move |role| (*role, String::new(), id)));
    insert_roles(tx, entity, &played.collect::<Vec<_>>()).await
}

/// Writes accounts; their ids in the same order.
///
/// Conflict when a code is taken.
pub async fn insert_accounts(tx: &mut Tx, entity: EntityId, accounts: &[NewAccount]) -> Result<Vec<AccountId>> {
    let (tenant, now) = (tx.tenant().uuid(), tx.now());
    let ids: Vec<_> = accounts.iter().map(|_| AccountId::generate(now)).collect();
    let of = |field: fn(&NewAccount) -> &str| -> Vec<String> {
        accounts.iter().map(|account| field(account).to_owned()).collect()
    };
    sqlx::query!(
        "insert into ledger.account (tenant_id, id, entity_id, code, stem, name_fr, name_en, class, normal_balance, postable,
             is_auxiliary, created_at, updated_at)
         select $1, a.id, $2, a.code, a.stem, a.name_fr, a.name_en, a.class, a.side, a.postable, a.aux, $3, $3
         from unnest($4::uuid[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[], $11::boolean[],
             $12::boolean[]) as a (id, code, stem, name_fr, name_en, class, side, postable, aux)
         returning 1 as one",
        tenant,
        entity.uuid(),
        now as Timestamp,
        &ids.iter().map(|id| id.uuid()).collect::<Vec<_>>(),
        &of(|account| &account.code),
        &of(|account| &account.stem),
        &of(|account| &account.name_fr),
        &of(|account| &account.name_en),
        &of(|account| account.class.as_str()),
        &of(|account| account.normal_balance.as_str()),
        &accounts.iter().map(|account| account.postable).collect::<Vec<_>>(),
        &accounts.iter().map(|account| account.is_auxiliary).collect::<Vec<_>>()
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(ids)
}

/// Writes which accounts play which roles, over what was there.
pub async fn insert_roles(tx: &mut Tx, entity: EntityId, roles: &[(Role, String, AccountId)]) -> Result<()> {
    let (tenant, now) = (tx.tenant().uuid(), tx.now());
    sqlx::query!(
        "insert into ledger.posting_role (tenant_id, entity_id, role, qualifier, account_id, updated_at)
         select $1, $2, r.role, r.qualifier, r.account_id, $3 from unnest($4::text[], $5::text[], $6::uuid[]) as r (role, qualifier, account_id)
         on conflict (tenant_id, entity_id, role, qualifier) do update set account_id = excluded.account_id, updated_at = excluded.updated_at
         returning 1 as one",
        tenant,
        entity.uuid(),
        now as Timestamp,
        &roles.iter().map(|(role, ..)| role.as_str().to_owned()).collect::<Vec<_>>(),
        &roles.iter().map(|(_, qualifier, _)| qualifier.clone()).collect::<Vec<_>>(),
        &roles.iter().map(|(.., id)| id.uuid()).collect::<Vec<_>>()
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(())
}

/// Takes a role from its account; says whether it had one.
pub async fn delete_role(tx: &mut Tx, entity: EntityId, role: Role, qualifier: &str) -> Result<bool> {
    let tenant = tx.tenant().uuid();
    let gone = sqlx::query!(
        "delete from ledger.posting_role where tenant_id = $1 and entity_id = $2 and role = $3 and qualifier = $4",
        tenant,
        entity.uuid(),
        role.as_str(),
        qualifier
    )
    .execute(tx.conn())
    .await?;
    Ok(gone.rows_affected() > 0)
}

/// An account that plays a role.
#[derive(Clone, Debug)]
pub struct PlayedRole {
    /// The role's word.
    pub role: String,
    /// The VAT rate that it plays it for; empty for every rate.
    pub qualifier: String,
    /// The account.
    pub account: AccountRow,
}

/// The accounts of a book that play these roles, or every role.
pub async fn list_roles(tx: &mut Tx, entity: EntityId, roles: Option<&[String]>) -> Result<Vec<PlayedRole>> {
    let tenant = tx.tenant().uuid();
    let rows = sqlx::query!(
        r#"select r.role, r.qualifier, a.id as "id: AccountId", a.entity_id as "entity_id: EntityId", a.code, a.stem, a.name_fr, a.name_en,
               a.class, a.normal_balance, a.postable, a.is_auxiliary, a.active, a.created_at, a.updated_at
           from ledger.posting_role r join ledger.account a on a.tenant_id = r.tenant_id and a.id = r.account_id
           where r.tenant_id = $1 and r.entity_id = $2 and ($3::text[] is null or r.role = any ($3)) order by r.role, r.qualifier"#,
        tenant,
        entity.uuid(),
        roles
    )
    .fetch_all(tx.conn())
    .await?;
    let played = rows.into_iter().map(|row| PlayedRole {
        role: row.role,
        qualifier: row.qualifier,
        account: AccountRow {
            id: row.id,
            entity_id: row.entity_id,
            code: row.code,
            stem: row.stem,
            name_fr: row.name_fr,
            name_en: row.name_en,
            class: row.class,
            normal_balance: row.normal_balance,
            postable: row.postable,
            is_auxiliary: row.is_auxiliary,
            active: row.active,
            created_at: row.created_at,
            updated_at: row.updated_at,
        },
    });
    Ok(played.collect())
}

/// The accounts of a book with these codes, padded or as the chart writes them.
pub async fn list_by_code(tx: &mut Tx, entity: EntityId, codes: &[String]) -> Result<Vec<AccountRow>> {
    let tenant = tx.tenant().uuid();
    let rows = sqlx::query_as!(
        AccountRow,
        r#"select id as "id: AccountId", entity_id as "entity_id: EntityId", code, stem, name_fr, name_en, class, normal_balance, postable,
               is_auxiliary, active, created_at, updated_at
           from ledger.account where tenant_id = $1 and entity_id = $2 and (code = any ($3) or stem = any ($3)) order by code"#,
        tenant,
        entity.uuid(),
        codes
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows)
}

/// The accounts of a book, by code, in pages: those after the code `after` whose code or name holds `search`.
pub async fn list_accounts(
    tx: &mut Tx,
    entity: EntityId,
    filter: &AccountFilter,
    rows: i64,
) -> Result<Vec<AccountRow>> {
    let tenant = tx.tenant().uuid();
    let found = sqlx::query_as!(
        AccountRow,
        r#"select id as "id: AccountId", entity_id as "entity_id: EntityId", code, stem, name_fr, name_en, class, normal_balance, postable,
               is_auxiliary, active, created_at, updated_at
           from ledger.account
           where tenant_id = $1 and entity_id = $2 and code > $3 and ($4::text is null or class = $4)
             and ($5::boolean is null or active = $5)
             and ($6::text is null or starts_with(code, $6) or strpos(lower(name_fr), lower($6)) > 0 or strpos(lower(name_en), lower($6)) > 0)
           order by code limit $7"#,
        tenant,
        entity.uuid(),
        filter.after,
        filter.class,
        filter.active,
        filter.search,
        rows
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(found)
}

/// Which accounts of a list.
#[derive(Clone, Debug, Default)]
pub struct AccountFilter {
    /// Only after this code.
    pub after: String,
    /// Only of this class.
    pub class: Option<String>,
    /// Only those in use, or not.
    pub active: Option<bool>,
    /// Only those whose code begins with it, or whose name holds it.
    pub search: Option<String>,
}

/// One account within the caller's scope.
pub async fn get_account(tx: &mut Tx, id: AccountId) -> Result<AccountRow> {
    let tenant = tx.tenant().uuid();
    let row = sqlx::query_as!(
        AccountRow,
        r#"select id as "id: AccountId", entity_id as "entity_id: EntityId", code, stem, name_fr, name_en, class, normal_balance, postable,
               is_auxiliary, active, created_at, updated_at
           from ledger.account where tenant_id = $1 and id = $2"#,
        tenant,
        id.uuid()
    )
    .fetch_optional(tx.conn())
    .await?;
    row.ok_or_else(|| Error::not_found("account"))
}

/// An account about to be changed, held until the transaction ends.
///
/// Not found outside the caller's scope; stale when the caller saw an older version.
pub async fn lock_account(tx: &mut Tx, id: AccountId) -> Result<AccountRow> {
    let tenant = tx.tenant().uuid();
    let row = sqlx::query_as!(
        AccountRow,
        r#"select id as "id: AccountId", entity_id as "entity_id: EntityId", code, stem, name_fr, name_en, class, normal_balance, postable,
               is_auxiliary, active, created_at, updated_at
           from ledger.account where tenant_id = $1 and id = $2 for no key update"#,
        tenant,
        id.uuid()
    )
    .fetch_optional(tx.conn())
    .await?
    .ok_or_else(|| Error::not_found("account"))?;
    tx.ctx().expect_version(row.updated_at)?;
    Ok(row)
}

/// Writes the names of an account and whether it is in use.
pub async fn update_account(tx: &mut Tx, account: &AccountRow) -> Result<()> {
    let (tenant, now) = (tx.tenant().uuid(), tx.now());
    sqlx::query!(
        "update ledger.account set name_fr = $3, name_en = $4, active = $5, updated_at = $6 where tenant_id = $1 and id = $2",
        tenant,
        account.id.uuid(),
        account.name_fr,
        account.name_en,
        account.active,
        now as Timestamp
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Whether an account plays a role.
pub async fn plays_a_role(tx: &mut Tx, id: Uuid) -> Result<Option<String>> {
    let tenant = tx.tenant().uuid();
    let role = sqlx::query_scalar!(
        "select role from ledger.posting_role where tenant_id = $1 and account_id = $2 order by role limit 1",
        tenant,
        id
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(role)
}
