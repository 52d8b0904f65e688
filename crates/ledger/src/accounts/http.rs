//! Routes of accounts and roles.

use axum::http::StatusCode;
use kernel::{AccountId, Page, Timestamp};
use platform::http::{Api, Guard, Json, Path, Query, Tagged, limit};
use platform::{Ctx, Error, Permission, Result};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::routes;

use super::model::{AccountClass, AccountRow, NormalBalance};
use super::ops::{self, ChangeAccount, CreateAccount};
use super::role::Role;
use super::store::{self, AccountFilter};
use crate::book::http::BookQuery;
use crate::wire;

/// The routes of this module.
pub fn routes(api: Api) -> Api {
    let view = || Guard::permit(Permission::LedgerView);
    let manage = || Guard::permit(Permission::LedgerManage);
    api.route(routes!(list_accounts), view())
        .route(routes!(create_account), manage())
        .route(routes!(get_account), view())
        .route(routes!(change_account), manage())
        .route(routes!(list_roles), view())
        .route(routes!(set_role), manage())
}

/// An account.
#[derive(Debug, Serialize, ToSchema)]
struct LedgerAccountView {
    /// The account.
    id: AccountId,
    /// Its entity, by code.
    entity: String,
    /// Its code, padded to the digits of the book.
    code: String,
    /// Its French name.
    name_fr: String,
    /// Its English name.
    name_en: String,
    /// `asset`, `liability`, `equity`, `income` or `expense`.
    class: String,
    /// `debit` or `credit`.
    normal_balance: String,
    /// Whether lines may be posted to it.
    postable: bool,
    /// Whether its lines name parties.
    is_auxiliary: bool,
    /// Whether it is in use.
    active: bool,
    /// When it was last changed.
    updated_at: Timestamp,
}

impl LedgerAccountView {
    fn of(ctx: &Ctx, row: AccountRow) -> Self {
        Self {
            id: row.id,
            entity: ctx.entity_code(row.entity_id).to_owned(),
            code: row.code,
            name_fr: row.name_fr,
            name_en: row.name_en,
            class: row.class,
            normal_balance: row.normal_balance,
            postable: row.postable,
            is_auxiliary: row.is_auxiliary,
            active: row.active,
            updated_at: row.updated_at,
        }
    }
}

/// Which accounts.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct AccountQuery {
    /// The entity, by code; needed where several are in scope.
    entity: Option<String>,
    /// Only of this class.
    class: Option<AccountClass>,
    /// Only those in use, or not.
    active: Option<bool>,
    /// Only those whose code begins with it, or whose name holds it.
    search: Option<String>,
    /// Rows per page, 1 to 200.
    limit: Option<u16>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
}

/// Lists the accounts of an entity, by code.
#[utoipa::path(get, path = "/api/ledger/accounts", tag = "ledger", params(AccountQuery), responses((status = 200, body = Page<LedgerAccountView>)))]
async fn list_accounts(ctx: Ctx, Query(query): Query<AccountQuery>) -> Result<Json<Page<LedgerAccountView>>> {
    let entity = wire::entity(&ctx, query.entity.as_deref())?;
    let rows = limit(query.limit)?;
    let filter = AccountFilter {
        after: query.cursor.unwrap_or_default(),
        class: query.class.map(|class| class.as_str().to_owned()),
        active: query.active,
        search: query.search,
    };
    let mut tx = ctx.read().await?;
    let mut found = store::list_accounts(&mut tx, entity, &filter, rows.probe()).await?;
    let size = usize::from(rows.get());
    let is_more = found.len() > size;
    found.truncate(size);
    // The code itself is the place in the list.
    let next_cursor = found.last().filter(|_| is_more).map(|row| row.code.clone());
    let items = found.into_iter().map(|row| LedgerAccountView::of(&ctx, row)).collect();
    Ok(Json(Page { items, next_cursor }))
}

/// One account.
#[utoipa::path(get, path = "/api/ledger/accounts/{id}", tag = "ledger", params(("id" = AccountId, Path)), responses((status = 200, body = LedgerAccountView)))]
async fn get_account(ctx: Ctx, Path(id): Path<AccountId>) -> Result<Tagged<LedgerAccountView>> {
    let mut tx = ctx.read().await?;
    let row = store::get_account(&mut tx, id).await?;
    Ok(Tagged(row.updated_at, LedgerAccountView::of(&ctx, row)))
}

/// A new account.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct CreateLedgerAccount {
    /// The entity, by code; needed where several are in scope.
    entity: Option<String>,
    /// Its code; zeros are added up to the digits of the book.
    code: String,
    /// Its French name.
    name_fr: String,
    /// Its English name; the French one when it is left out.
    name_en: Option<String>,
    /// What it stands for.
    class: AccountClass,
    /// The side where it usually stands; the class's unless told.
    normal_balance: Option<NormalBalance>,
    /// Whether lines may be posted to it. On unless told.
    #[serde(default = "yes")]
    postable: bool,
    /// Whether its lines name parties.
    #[serde(default)]
    is_auxiliary: bool,
}

const fn yes() -> bool {
    true
}

/// Creates an account.
#[utoipa::path(post, path = "/api/ledger/accounts", tag = "ledger", request_body = CreateLedgerAccount, responses((status = 201, body = LedgerAccountView)))]
async fn create_account(
    ctx: Ctx,
    Json(body): Json<CreateLedgerAccount>,
) -> Result<(StatusCode, Json<LedgerAccountView>)> {
    let entity = ctx.write_entity(body.entity.as_deref())?.id;
    let command = CreateAccount {
        code: body.code,
        name_fr: body.name_fr,
        name_en: body.name_en,
        class: body.class,
        postable: body.postable,
        is_auxiliary: body.is_auxiliary,
        normal_balance: body.normal_balance,
    };
    let mut tx = ctx.begin().await?;
    let id = ops::create_account(&mut tx, entity, command).await?;
    let row = store::get_account(&mut tx, id).await?;
    tx.commit().await?;
    Ok((StatusCode::CREATED, Json(LedgerAccountView::of(&ctx, row))))
}

/// A change of an account; what is left out stays. Code and class never change.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
struct ChangeLedgerAccount {
    /// Its French name.
    name_fr: Option<String>,
    /// Its English name.
    name_en: Option<String>,
    /// Whether it is in use.
    active: Option<bool>,
}

/// Renames an account, takes it out of use or back into it.
#[utoipa::path(put, path = "/api/ledger/accounts/{id}", tag = "ledger", params(("id" = AccountId, Path), ("If-Match" = Option<String>, Header, description = "The `ETag` of the version the change is made to; refused when there is a newer one.")), request_body = ChangeLedgerAccount, responses((status = 200, body = LedgerAccountView)))]
async fn change_account(
    ctx: Ctx,
    Path(id): Path<AccountId>,
    Json(body): Json<ChangeLedgerAccount>,
) -> Result<Tagged<LedgerAccountView>> {
    let command = ChangeAccount { name_fr: body.name_fr, name_en: body.name_en, active: body.active };
    let mut tx = ctx.begin().await?;
    ops::change_account(&mut tx, id, command).await?;
    let row = store::get_account(&mut tx, id).await?;
    tx.commit().await?;
    Ok(Tagged(row.updated_at, LedgerAccountView::of(&ctx, row)))
}

/// Which account plays a role.
#[derive(Debug, Serialize, ToSchema)]
struct LedgerRoleView {
    /// The role.
    role: &'static str,
    /// The VAT rate it is for, in percent; none = every rate.
    rate: Option<String>,
    /// The account, by code; none = postings that need it are refused.
    account: Option<String>,
    /// The account's French name.
    name_fr: Option<String>,
    /// The account's English name.
    name_en: Option<String>,
}

/// Lists the roles with the accounts that play them, those without one included.
#[utoipa::path(get, path = "/api/ledger/roles", tag = "ledger", params(BookQuery), responses((status = 200, body = Vec<LedgerRoleView>)))]
async fn list_roles(ctx: Ctx, Query(query): Query<BookQuery>) -> Result<Json<Vec<LedgerRoleView>>> {
    let entity = wire::entity(&ctx, query.entity.as_deref())?;
    let mut tx = ctx.read().await?;
    let played = store::list_roles(&mut tx, entity, None).await?;
    let mut views = Vec::new();
    for role in Role::ALL {
        let mut is_played = false;
        for row in played.iter().filter(|row| row.role == role.as_str()) {
            is_played |= row.qualifier.is_empty();
            views.push(LedgerRoleView {
                role: role.as_str(),
                rate: (!row.qualifier.is_empty()).then(|| row.qualifier.clone()),
                account: Some(row.account.code.clone()),
                name_fr: Some(row.account.name_fr.clone()),
                name_en: Some(row.account.name_en.clone()),
            });
        }
        if !is_played {
            views.push(LedgerRoleView { role: role.as_str(), rate: None, account: None, name_fr: None, name_en: None });
        }
    }
    Ok(Json(views))
}

/// Which account is to play a role.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct SetLedgerRole {
    /// The entity, by code; needed where several are in scope.
    entity: Option<String>,
    /// The role.
    role: String,
    /// The VAT rate it is for, in percent; every rate when it is left out.
    #[schema(value_type = Option<String>, examples("20"))]
    rate: Option<Decimal>,
    /// The account, by code; none takes the role away.
    account: Option<String>,
}

/// Gives a role to an account, or takes it away: what is posted from then on goes there.
#[utoipa::path(put, path = "/api/ledger/roles", tag = "ledger", request_body = SetLedgerRole, responses((status = 200, body = Vec<LedgerRoleView>)))]
async fn set_role(ctx: Ctx, Json(body): Json<SetLedgerRole>) -> Result<Json<Vec<LedgerRoleView>>> {
    let entity = ctx.write_entity(body.entity.as_deref())?.id;
    let role: Role = body.role.parse().map_err(|why: String| Error::invalid("role", why))?;
    let mut tx = ctx.begin().await?;
    ops::set_role(&mut tx, entity, role, body.rate, body.account.as_deref()).await?;
    tx.commit().await?;
    list_roles(ctx, Query(BookQuery { entity: body.entity })).await
}
