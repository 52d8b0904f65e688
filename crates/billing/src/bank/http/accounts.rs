//! Routes of bank accounts.

use axum::http::StatusCode;
use kernel::{BankAccountId, Currency, Date, Iban, Timestamp};
use platform::http::{Api, Guard, Json, Path, Query, Tagged};
use platform::{Ctx, Error, Permission, Result, Tx, Versioned};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use statements::csv::StatementMapping;
use utoipa::ToSchema;
use utoipa_axum::routes;

use super::super::matching::{self, AT_ONCE, BankMatching};
use super::super::model::{BankLineState, BankSettings};
use super::super::ops::{self, NewBankAccount};
use super::super::store::accounts::{self, Balances, BankAccountRow};

/// The routes of this module.
pub(super) fn routes(api: Api) -> Api {
    let view = || Guard::permit(Permission::BillingView);
    let manage = || Guard::permit(Permission::BillingManage);
    api.route(routes!(list_bank_accounts), view())
        .route(routes!(create_bank_account), manage())
        .route(routes!(get_bank_account), view())
        .route(routes!(change_bank_account), manage())
        .route(routes!(match_bank_account), manage())
        .route(routes!(get_bank_settings), view())
        .route(routes!(put_bank_settings), manage().tenant_wide())
}

/// An account at a bank.
#[derive(Debug, Serialize, ToSchema)]
struct BankAccountView {
    /// The account.
    id: BankAccountId,
    /// Its entity, by code.
    entity: String,
    /// What people call it.
    name: String,
    /// Its IBAN.
    iban: Option<String>,
    /// The bank's own number, where there is no IBAN.
    number: Option<String>,
    /// Its currency.
    currency: Currency,
    /// Its account in the books, by code.
    ledger_account: String,
    /// How its tables are read.
    #[schema(value_type = Option<StatementMapping>)]
    csv_mapping: Option<Value>,
    /// Whether it is in use.
    active: bool,
    /// When it was opened here.
    created_at: Timestamp,
    /// By whom.
    created_by: String,
    /// When it was last changed.
    updated_at: Timestamp,
    /// What the caller may do with it now: `change`, `import`, `match`.
    can: Vec<&'static str>,
}

impl BankAccountView {
    fn of(ctx: &Ctx, row: BankAccountRow) -> Self {
        let may = ctx.may(Permission::BillingManage);
        let actions = [("change", true), ("import", row.active), ("match", row.active)];
        Self {
            id: row.id,
            entity: ctx.entity_code(row.entity_id).to_owned(),
            name: row.name,
            iban: row.iban,
            number: row.number,
            currency: row.currency,
            ledger_account: row.ledger_account,
            csv_mapping: row.csv_mapping,
            active: row.active,
            created_at: row.created_at,
            created_by: row.created_by,
            updated_at: row.updated_at,
            can: actions.into_iter().filter(|(_, now)| *now && may).map(|(action, _)| action).collect(),
        }
    }
}

/// An account at a bank, and whether bank and books agree.
#[derive(Debug, Serialize, ToSchema)]
struct BankAccountDetail {
    /// What lists show of it.
    #[serde(flatten)]
    head: BankAccountView,
    /// What the bank and the books say.
    reconciliation: BankReconciliation,
}

/// What the bank and the books say of an account, in its currency.
#[derive(Debug, Serialize, ToSchema)]
struct BankReconciliation {
    /// The closing balance of the latest statement that has one.
    statement_balance: Option<Decimal>,
    /// The last day of that statement.
    statement_on: Option<Date>,
    /// What stands in the books.
    ledger_balance: Decimal,
    /// The sum of the lines that wait, with and without suggestions.
    unmatched: Decimal,
    /// How many lines wait, with and without suggestions.
    unmatched_lines: i64,
    /// How many of those have suggestions.
    suggested_lines: i64,
    /// The sum of the lines that stay out of the books.
    ignored: Decimal,
    /// How many lines stay out of the books.
    ignored_lines: i64,
    /// How many lines are matched.
    matched_lines: i64,
    /// What nothing explains: the statement's balance less that of the books, the lines that wait and those that are ignored.
    /// Other than zero when the opening balance is not in the books, or something in the books is on no statement yet.
    difference: Option<Decimal>,
}

impl From<Balances> for BankReconciliation {
    fn from(balances: Balances) -> Self {
        let of = |state: BankLineState| {
            let found = balances.states.iter().find(|(word, ..)| word == state.as_str());
            found.map_or((0, Decimal::ZERO), |(_, lines, sum)| (*lines, *sum))
        };
        let (waiting, suggested) = (of(BankLineState::Unmatched), of(BankLineState::Suggested));
        let ignored = of(BankLineState::Ignored);
        let unmatched = waiting.1 + suggested.1;
        let statement_balance = balances.statement.map(|(closing, _)| closing);
        Self {
            statement_balance,
            statement_on: balances.statement.and_then(|(_, on)| on),
            ledger_balance: balances.ledger,
            unmatched,
            unmatched_lines: waiting.0 + suggested.0,
            suggested_lines: suggested.0,
            ignored: ignored.1,
            ignored_lines: ignored.0,
            matched_lines: of(BankLineState::Matched).0,
            difference: statement_balance.map(|closing| closing - balances.ledger - unmatched - ignored.1),
        }
    }
}

async fn detail(tx: &mut Tx, id: BankAccountId) -> Result<(Timestamp, BankAccountDetail)> {
    let ctx = tx.ctx().clone();
    let row = accounts::get_account(tx, id).await?;
    let balances = accounts::balances(tx, &row).await?;
    let updated_at = row.updated_at;
    Ok((updated_at, BankAccountDetail { head: BankAccountView::of(&ctx, row), reconciliation: balances.into() }))
}

/// Which accounts.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct BankAccountQuery {
    /// The entity, by code; `ALL` for those in scope.
    entity: Option<String>,
}

/// Lists bank accounts, by name.
#[utoipa::path(get, path = "/api/bank/accounts", tag = "billing", params(BankAccountQuery), responses((status = 200, body = Vec<BankAccountView>)))]
async fn list_bank_accounts(ctx: Ctx, Query(query): Query<BankAccountQuery>) -> Result<Json<Vec<BankAccountView>>> {
    let ctx = ctx.within(query.entity.as_deref())?;
    let rows = accounts::list_accounts(&mut ctx.read().await?).await?;
    Ok(Json(rows.into_iter().map(|row| BankAccountView::of(&ctx, row)).collect()))
}

/// A bank account to open.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct CreateBankAccount {
    /// The entity, by code; needed where several are in scope.
    entity: Option<String>,
    /// What people call it.
    name: String,
    /// Its IBAN.
    iban: Option<Iban>,
    /// The bank's own number, where there is no IBAN.
    number: Option<String>,
    /// Its currency; that of the books unless told.
    currency: Option<Currency>,
    /// Its account in the books, by code; that of the role `bank` unless told. No two bank accounts share one.
    ledger_account: Option<String>,
    /// How its tables are read; guessed for each file unless told.
    csv_mapping: Option<StatementMapping>,
}

/// Opens a bank account.
#[utoipa::path(post, path = "/api/bank/accounts", tag = "billing", request_body = CreateBankAccount, responses((status = 201, body = BankAccountDetail)))]
async fn create_bank_account(
    ctx: Ctx,
    Json(command): Json<CreateBankAccount>,
) -> Result<(StatusCode, Json<BankAccountDetail>)> {
    let entity = ctx.write_entity(command.entity.as_deref())?.id;
    let mut tx = ctx.begin().await?;
    let new = NewBankAccount {
        entity,
        name: command.name,
        iban: command.iban,
        number: command.number,
        currency: command.currency,
        ledger_account: command.ledger_account,
        csv_mapping: command.csv_mapping,
    };
    let id = ops::create_account(&mut tx, new).await?;
    let (_, view) = detail(&mut tx, id).await?;
    tx.commit().await?;
    Ok((StatusCode::CREATED, Json(view)))
}

/// One bank account: what its statements say, what the books say, and what waits between them.
#[utoipa::path(get, path = "/api/bank/accounts/{id}", tag = "billing", params(("id" = BankAccountId, Path)), responses((status = 200, body = BankAccountDetail)))]
async fn get_bank_account(ctx: Ctx, Path(id): Path<BankAccountId>) -> Result<Tagged<BankAccountDetail>> {
    let mut tx = ctx.read().await?;
    let (updated_at, view) = detail(&mut tx, id).await?;
    Ok(Tagged(updated_at, view))
}

/// What of a bank account changes; what is not told stays.
#[expect(clippy::option_option, reason = "left out, cleared and given are three things")]
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ChangeBankAccount {
    /// What people call it.
    name: Option<String>,
    /// How its tables are read; null takes the mapping away.
    #[serde(default, deserialize_with = "platform::changes::given")]
    #[schema(value_type = Option<StatementMapping>)]
    csv_mapping: Option<Option<StatementMapping>>,
    /// Whether it is in use.
    active: Option<bool>,
}

/// Changes a bank account. Its IBAN, its currency and its account in the books stay.
#[utoipa::path(patch, path = "/api/bank/accounts/{id}", tag = "billing", params(("id" = BankAccountId, Path), ("If-Match" = Option<String>, Header, description = "The `ETag` of the account it was changed from; refused when there is a newer one.")), request_body = ChangeBankAccount, responses((status = 200, body = BankAccountDetail)))]
async fn change_bank_account(
    ctx: Ctx,
    Path(id): Path<BankAccountId>,
    Json(command): Json<ChangeBankAccount>,
) -> Result<Tagged<BankAccountDetail>> {
    let mut tx = ctx.begin().await?;
    let change =
        ops::ChangeBankAccount { name: command.name, csv_mapping: command.csv_mapping, active: command.active };
    ops::change_account(&mut tx, id, change).await?;
    let (updated_at, view) = detail(&mut tx, id).await?;
    tx.commit().await?;
    Ok(Tagged(updated_at, view))
}

/// Looks again what the waiting lines of an account may be, and matches those that nothing else can be.
#[utoipa::path(post, path = "/api/bank/accounts/{id}/matching", tag = "billing", params(("id" = BankAccountId, Path)), responses((status = 200, body = BankMatching)))]
async fn match_bank_account(ctx: Ctx, Path(id): Path<BankAccountId>) -> Result<Json<BankMatching>> {
    Ok(Json(matching::match_account(&ctx, id, AT_ONCE).await?))
}

/// How bank lines are matched, in the whole tenant.
#[utoipa::path(get, path = "/api/bank/settings", tag = "billing", responses((status = 200, body = Versioned<BankSettings>)))]
async fn get_bank_settings(ctx: Ctx) -> Result<Json<Versioned<BankSettings>>> {
    let mut tx = ctx.read().await?;
    Ok(Json(tx.versioned_setting().await?))
}

/// How bank lines are to be matched.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct PutBankSettings {
    /// The settings.
    value: BankSettings,
    /// The version that was seen; refused when there is a newer one.
    version: Option<i64>,
}

/// Says how bank lines are matched, in the whole tenant.
#[utoipa::path(put, path = "/api/bank/settings", tag = "billing", request_body = PutBankSettings, responses((status = 200, body = Versioned<BankSettings>)))]
async fn put_bank_settings(ctx: Ctx, Json(command): Json<PutBankSettings>) -> Result<Json<Versioned<BankSettings>>> {
    let most = Decimal::ONE_HUNDRED;
    if command.value.max_difference < Decimal::ZERO || command.value.max_difference > most {
        return Err(Error::invalid("value.max_difference", "must lie between 0 and 100"));
    }
    if command.value.link_days > 400 {
        return Err(Error::invalid("value.link_days", "must lie between 0 and 400"));
    }
    let mut tx = ctx.begin().await?;
    let stored = tx.put_setting(&command.value, command.version).await?;
    tx.commit().await?;
    Ok(Json(stored))
}
