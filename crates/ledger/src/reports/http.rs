//! Routes of the reports.

use std::collections::BTreeMap;

use axum::response::Response;
use kernel::{AccountId, Date, EntryId, EntryLineId, Page, PartyId, Zone};
use platform::http::{Api, Guard, Json, Path, Query, cursor, limit};
use platform::{Ctx, Permission, Result, export};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;
use utoipa_axum::routes;

use super::file;
use super::store::{self, CardFilter, CardRow, TrialRow};
use crate::wire::{self, shown};
use crate::{accounts, book};

/// The routes of this module.
pub fn routes(api: Api) -> Api {
    let view = || Guard::permit(Permission::LedgerView);
    api.route(routes!(trial_balance), view())
        .route(routes!(export_trial_balance), view())
        .route(routes!(account_card), view())
        .with(super::aged::routes)
        .with(super::vat::routes)
}

/// Which days of which books.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct TrialQuery {
    /// The entity, by code; needed where several are in scope.
    pub(super) entity: Option<String>,
    /// The first day of the movements; since the books or the last closed year began unless told.
    pub(super) from: Option<Date>,
    /// The last day; today unless told.
    pub(super) to: Option<Date>,
}

/// The trial balance.
#[derive(Debug, Serialize, ToSchema)]
struct TrialBalance {
    /// The first day of the movements, if one was asked for.
    from: Option<Date>,
    /// The last day.
    to: Date,
    /// The currency of the book.
    currency: Option<String>,
    /// Its second currency.
    second_currency: Option<String>,
    /// Each account that holds or moved something, by code.
    accounts: Vec<TrialLine>,
    /// The same by class.
    classes: Vec<TrialClass>,
    /// All together: the balance is zero.
    total: TrialSums,
}

/// What stood before, what moved, and what stands.
#[derive(Clone, Copy, Debug, Default, Serialize, ToSchema)]
struct TrialSums {
    /// Debit less credit before the first day.
    #[schema(value_type = String)]
    opening: Decimal,
    /// Debit.
    #[schema(value_type = String)]
    debit: Decimal,
    /// Credit.
    #[schema(value_type = String)]
    credit: Decimal,
    /// Debit less credit on the last day.
    #[schema(value_type = String)]
    balance: Decimal,
    /// Debit less credit before the first day, in the second currency.
    #[schema(value_type = String)]
    second_opening: Decimal,
    /// Debit in the second currency.
    #[schema(value_type = String)]
    second_debit: Decimal,
    /// Credit in the second currency.
    #[schema(value_type = String)]
    second_credit: Decimal,
    /// Debit less credit on the last day, in the second currency.
    #[schema(value_type = String)]
    second_balance: Decimal,
}

impl TrialSums {
    fn of(row: &TrialRow) -> Self {
        Self {
            opening: row.opening,
            debit: row.debit,
            credit: row.credit,
            balance: row.opening + row.debit - row.credit,
            second_opening: row.second_opening,
            second_debit: row.second_debit,
            second_credit: row.second_credit,
            second_balance: row.second_opening + row.second_debit - row.second_credit,
        }
    }

    fn plus(self, other: Self) -> Self {
        Self {
            opening: self.opening + other.opening,
            debit: self.debit + other.debit,
            credit: self.credit + other.credit,
            balance: self.balance + other.balance,
            second_opening: self.second_opening + other.second_opening,
            second_debit: self.second_debit + other.second_debit,
            second_credit: self.second_credit + other.second_credit,
            second_balance: self.second_balance + other.second_balance,
        }
    }

    fn shown(self) -> Self {
        Self {
            opening: shown(self.opening),
            debit: shown(self.debit),
            credit: shown(self.credit),
            balance: shown(self.balance),
            second_opening: shown(self.second_opening),
            second_debit: shown(self.second_debit),
            second_credit: shown(self.second_credit),
            second_balance: shown(self.second_balance),
        }
    }
}

/// An account of the trial balance.
#[derive(Debug, Serialize, ToSchema)]
struct TrialLine {
    /// The account.
    account_id: AccountId,
    /// Its code.
    code: String,
    /// Its French name.
    name_fr: String,
    /// Its English name.
    name_en: String,
    /// What it stands for.
    class: String,
    #[serde(flatten)]
    sums: TrialSums,
}

/// The accounts of a class together.
#[derive(Debug, Serialize, ToSchema)]
struct TrialClass {
    /// `asset`, `liability`, `equity`, `income` or `expense`.
    class: String,
    #[serde(flatten)]
    sums: TrialSums,
}

/// The trial balance of an entity: what every account held, moved and holds. Read from sums by day, whatever the number of entries.
#[utoipa::path(get, path = "/api/ledger/trial-balance", tag = "ledger", params(TrialQuery), responses((status = 200, body = TrialBalance)))]
async fn trial_balance(ctx: Ctx, Query(query): Query<TrialQuery>) -> Result<Json<TrialBalance>> {
    let entity = wire::entity(&ctx, query.entity.as_deref())?;
    let to = wire::day_or_today(&ctx, entity, query.to)?;
    if let Some(from) = query.from {
        wire::ordered(from, to)?;
    }
    let mut tx = ctx.read().await?;
    let book = book::store::find_book(&mut tx, entity).await?;
    let second = book.as_ref().and_then(|book| book.second).map(|second| second.currency.code());
    let rows = store::trial_balance(&mut tx, entity, (query.from, to), second).await?;
    let mut classes: BTreeMap<String, TrialSums> = BTreeMap::new();
    let mut total = TrialSums::default();
    for row in &rows {
        let sums = TrialSums::of(row);
        let class = classes.entry(row.class.clone()).or_default();
        *class = class.plus(sums);
        total = total.plus(sums);
    }
    let line = |row: TrialRow| TrialLine {
        account_id: row.account_id,
        sums: TrialSums::of(&row).shown(),
        code: row.code,
        name_fr: row.name_fr,
        name_en: row.name_en,
        class: row.class,
    };
    Ok(Json(TrialBalance {
        from: query.from,
        to,
        currency: book.map(|book| book.functional.code().to_owned()),
        second_currency: second.map(str::to_owned),
        accounts: rows.into_iter().map(line).collect(),
        classes: classes.into_iter().map(|(class, sums)| TrialClass { class, sums: sums.shown() }).collect(),
        total: total.shown(),
    }))
}

/// The trial balance as a CSV file: semicolons, decimal comma.
#[utoipa::path(get, path = "/api/ledger/trial-balance/export", tag = "ledger", params(TrialQuery), responses((status = 200, description = "The file", body = String, content_type = "text/csv")))]
async fn export_trial_balance(ctx: Ctx, Query(query): Query<TrialQuery>) -> Result<Response> {
    let entity = wire::entity(&ctx, query.entity.as_deref())?;
    let to = wire::day_or_today(&ctx, entity, query.to)?;
    if let Some(from) = query.from {
        wire::ordered(from, to)?;
    }
    let ctx = ctx.within(query.entity.as_deref())?;
    let told = json!({ "from": query.from, "to": to });
    export::record(&ctx, "export_trial_balance", Permission::LedgerView, export::Paging(None, None, None), told)
        .await?;
    export::answer(&ctx, &file::SHEET, (entity, query.from, to), file::read).await
}

/// Which lines of an account.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct CardQuery {
    /// The first day; since the books or the last closed year began unless told.
    from: Option<Date>,
    /// The last day; today unless told.
    to: Option<Date>,
    /// Only of this party.
    party: Option<PartyId>,
    /// Only lines that nothing settles.
    open: Option<bool>,
    /// Rows per page, 1 to 200.
    limit: Option<u16>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
}

/// The lines of an account, with its balance before and after each.
#[derive(Debug, Serialize, ToSchema)]
struct AccountCard {
    /// Debit less credit before the first line of this page.
    #[schema(value_type = String)]
    opening: Decimal,
    /// The lines, by day.
    items: Vec<CardLine>,
    /// Pass it as `cursor` to get the next page; absent on the last one.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
}

/// A line of an account.
#[derive(Debug, Serialize, ToSchema)]
struct CardLine {
    /// The line.
    id: EntryLineId,
    /// Its entry.
    entry_id: EntryId,
    /// The booking date.
    on: Date,
    /// The journal, by code.
    journal: String,
    /// The entry's number as people read it.
    reference: String,
    /// The number of the document.
    piece_ref: String,
    /// What it is about.
    label: String,
    /// The party.
    party_id: Option<PartyId>,
    /// The party's code.
    party_code: Option<String>,
    /// The party's name.
    party_name: Option<String>,
    /// Debit.
    #[schema(value_type = String)]
    debit: Decimal,
    /// Credit.
    #[schema(value_type = String)]
    credit: Decimal,
    /// Debit less credit of the account after this line.
    #[schema(value_type = String)]
    balance: Decimal,
    /// The second currency.
    second_currency: Option<String>,
    /// Debit in the second currency.
    #[schema(value_type = String)]
    second_debit: Decimal,
    /// Credit in the second currency.
    #[schema(value_type = String)]
    second_credit: Decimal,
    /// When it is to be paid.
    due_on: Option<Date>,
    /// The code of its lettering.
    letter: Option<String>,
}

impl CardLine {
    fn of(row: CardRow, balance: Decimal) -> Self {
        Self {
            id: row.id,
            entry_id: row.entry_id,
            on: row.entry_on,
            journal: row.journal,
            reference: row.reference,
            piece_ref: row.piece_ref,
            label: row.label,
            party_id: row.aux_party_id,
            party_code: row.aux_code,
            party_name: row.aux_name,
            debit: shown(row.debit),
            credit: shown(row.credit),
            balance: shown(balance),
            second_currency: row.second_currency,
            second_debit: shown(row.second_debit),
            second_credit: shown(row.second_credit),
            due_on: row.due_on,
            letter: row.letter,
        }
    }
}

/// The lines of an account between two days, with the running balance and what each is lettered with. Balances leave letterings
/// aside: they run over every line.
#[utoipa::path(get, path = "/api/ledger/accounts/{id}/card", tag = "ledger", params(("id" = AccountId, Path), CardQuery), responses((status = 200, body = AccountCard)))]
async fn account_card(
    ctx: Ctx,
    Path(id): Path<AccountId>,
    Query(query): Query<CardQuery>,
) -> Result<Json<AccountCard>> {
    let rows = limit(query.limit)?;
    let after = cursor(query.cursor.as_deref())?;
    let mut tx = ctx.read().await?;
    let account = accounts::store::get_account(&mut tx, id).await?;
    let to = wire::day_or_today(&ctx, account.entity_id, query.to)?;
    let from = match query.from {
        Some(from) => from,
        None => store::floor(&mut tx, account.entity_id, to).await?.max("1990-01-01".parse().unwrap_or(to)),
    };
    let (from, to) = wire::ordered(from, to)?;
    let filter = CardFilter {
        entity: account.entity_id,
        account: id,
        from,
        to,
        party: query.party,
        open_only: query.open.unwrap_or(false),
        after: after.map(|after| (after.at.date_in(&Zone::UTC), after.id)),
    };
    let opening = store::card_balance(&mut tx, &filter).await?;
    let lines = store::list_card(&mut tx, &filter, rows).await?;
    let key = |row: &CardRow| (row.entry_on.start_in(&Zone::UTC), row.id.uuid());
    let page = Page::cut(lines, rows, key);
    let mut balance = opening;
    let page = page.map(|row| {
        balance += row.debit - row.credit;
        CardLine::of(row, balance)
    });
    Ok(Json(AccountCard { opening: shown(opening), items: page.items, next_cursor: page.next_cursor }))
}
