//! Routes of entries.

use axum::http::StatusCode;
use axum::response::Response;
use kernel::{AccountId, Date, EntityId, EntryId, EntryLineId, LetteringId, Page, PartyId, Timestamp};
use platform::http::{Api, Guard, IdCursor, Json, Path, Query, limit};
use platform::{Ctx, Error, Permission, Result, Tx, export};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;
use utoipa_axum::routes;
use uuid::Uuid;

use super::model::{Account, Aux, Journal, NewEntry, NewLine, Second};
use super::store::{self, EntryFilter, EntryRow, LineRow, VatRow};
use super::{file, ops};
use crate::book;
use crate::rules::derive::Conversion;
use crate::rules::rates::RateType;
use crate::wire::{self, shown};

/// The routes of this module.
pub fn routes(api: Api) -> Api {
    let view = || Guard::permit(Permission::LedgerView);
    let manage = || Guard::permit(Permission::LedgerManage);
    api.route(routes!(list_entries), view())
        .route(routes!(export_entries), view())
        .route(routes!(post_entry), manage())
        .route(routes!(get_entry), view())
        .route(routes!(reverse_entry), manage())
}

/// An entry as a list shows it.
#[derive(Debug, Serialize, ToSchema)]
struct LedgerEntryView {
    /// The entry.
    id: EntryId,
    /// Its entity, by code.
    entity: String,
    /// Its journal, by code.
    journal: String,
    /// Its number in the journal and fiscal year.
    number: i64,
    /// The number as people read it.
    reference: String,
    /// The booking date.
    on: Date,
    /// The number of the document.
    piece_ref: String,
    /// The date of the document.
    piece_on: Date,
    /// What it is about.
    label: String,
    /// What it comes from: `manual`, or a kind of document.
    source_kind: String,
    /// Which one.
    source_id: Uuid,
    /// The second currency.
    second_currency: Option<String>,
    /// Units of it for one of the book's; none = not applicable.
    #[schema(value_type = Option<String>)]
    second_rate: Option<Decimal>,
    /// What it moves: the sum of one side.
    #[schema(value_type = String)]
    total: Decimal,
    /// The same in the second currency.
    #[schema(value_type = String)]
    second_total: Decimal,
    /// The entry that it takes back.
    reverses: Option<EntryId>,
    /// The entry that takes it back.
    reversed_by: Option<EntryId>,
    /// When it was posted.
    posted_at: Timestamp,
    /// Who posted it.
    posted_by: String,
    /// What the caller may do with it now: `reverse`.
    can: Vec<&'static str>,
}

impl LedgerEntryView {
    fn of(ctx: &Ctx, row: EntryRow) -> Self {
        let may_reverse =
            row.source_kind == ops::MANUAL && row.reversed_by.is_none() && ctx.may(Permission::LedgerManage);
        Self {
            id: row.id,
            entity: ctx.entity_code(row.entity_id).to_owned(),
            journal: row.journal,
            number: row.number,
            reference: row.reference,
            on: row.entry_on,
            piece_ref: row.piece_ref,
            piece_on: row.piece_on,
            label: row.label,
            source_kind: row.source_kind,
            source_id: row.source_id,
            second_currency: row.second_currency,
            second_rate: row.second_rate.map(|rate| rate.normalize()),
            total: shown(row.total),
            second_total: shown(row.second_total),
            reverses: row.reverses,
            reversed_by: row.reversed_by,
            posted_at: row.posted_at,
            posted_by: row.posted_by,
            can: if may_reverse { vec!["reverse"] } else { vec![] },
        }
    }
}

/// An entry with its lines.
#[derive(Debug, Serialize, ToSchema)]
struct LedgerEntryDetail {
    #[serde(flatten)]
    entry: LedgerEntryView,
    /// Its lines.
    lines: Vec<LedgerLineView>,
    /// What it says for the VAT return.
    vat: Vec<LedgerVatLineView>,
}

/// A line of an entry.
#[derive(Debug, Serialize, ToSchema)]
struct LedgerLineView {
    /// The line.
    id: EntryLineId,
    /// Its account.
    account_id: AccountId,
    /// The account's code.
    account: String,
    /// The account's French name.
    name_fr: String,
    /// The account's English name.
    name_en: String,
    /// The party.
    party_id: Option<PartyId>,
    /// The party's code when it was posted.
    party_code: Option<String>,
    /// The party's name when it was posted.
    party_name: Option<String>,
    /// What it is about.
    label: String,
    /// Debit.
    #[schema(value_type = String)]
    debit: Decimal,
    /// Credit.
    #[schema(value_type = String)]
    credit: Decimal,
    /// Debit in the second currency.
    #[schema(value_type = String)]
    second_debit: Decimal,
    /// Credit in the second currency.
    #[schema(value_type = String)]
    second_credit: Decimal,
    /// When it is to be paid.
    due_on: Option<Date>,
    /// What it is lettered with.
    lettering_id: Option<LetteringId>,
    /// The code of the lettering.
    letter: Option<String>,
}

impl From<LineRow> for LedgerLineView {
    fn from(row: LineRow) -> Self {
        Self {
            id: row.id,
            account_id: row.account_id,
            account: row.account_code,
            name_fr: row.account_name_fr,
            name_en: row.account_name_en,
            party_id: row.aux_party_id,
            party_code: row.aux_code,
            party_name: row.aux_name,
            label: row.label,
            debit: shown(row.debit),
            credit: shown(row.credit),
            second_debit: shown(row.second_debit),
            second_credit: shown(row.second_credit),
            due_on: row.due_on,
            lettering_id: row.lettering_id,
            letter: row.letter,
        }
    }
}

/// What an entry says for the VAT return.
#[derive(Debug, Serialize, ToSchema)]
struct LedgerVatLineView {
    /// `output` or `input`.
    direction: String,
    /// The category of UNTDID 5305.
    category: String,
    /// In percent.
    #[schema(value_type = String)]
    rate: Decimal,
    /// What it is computed of.
    #[schema(value_type = String)]
    base: Decimal,
    /// The VAT.
    #[schema(value_type = String)]
    vat: Decimal,
    /// What it is computed of, in the second currency.
    #[schema(value_type = String)]
    second_base: Decimal,
    /// The VAT in the second currency.
    #[schema(value_type = String)]
    second_vat: Decimal,
    /// The day that decides in which return it stands.
    tax_on: Date,
}

impl From<VatRow> for LedgerVatLineView {
    fn from(row: VatRow) -> Self {
        Self {
            direction: row.direction,
            category: row.category,
            rate: row.rate.normalize(),
            base: shown(row.base),
            vat: shown(row.vat),
            second_base: shown(row.second_base),
            second_vat: shown(row.second_vat),
            tax_on: row.tax_on,
        }
    }
}

/// Which entries.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct EntryQuery {
    /// The entity, by code.
    entity: Option<String>,
    /// Only of this journal, by code.
    journal: Option<String>,
    /// Only those with a line on this account, by code.
    account: Option<String>,
    /// Only those with a line of this party.
    party: Option<PartyId>,
    /// Only booked on this day or later.
    from: Option<Date>,
    /// Only booked on this day or before.
    to: Option<Date>,
    /// Only those whose document or label holds it, or whose reference it is.
    search: Option<String>,
    /// Rows per page, 1 to 200.
    limit: Option<u16>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
}

impl EntryQuery {
    fn filter(self) -> Result<EntryFilter> {
        Ok(EntryFilter {
            journal: self.journal.map(|code| code.to_ascii_uppercase()),
            account: self.account,
            party: self.party,
            from: self.from.map(|day| wire::bounded("from", day)).transpose()?,
            to: self.to.map(|day| wire::bounded("to", day)).transpose()?,
            search: self.search,
            before: self.cursor.as_deref().map(IdCursor::decode).transpose()?,
        })
    }
}

/// Lists entries, the last posted first.
#[utoipa::path(get, path = "/api/ledger/entries", tag = "ledger", params(EntryQuery), responses((status = 200, body = Page<LedgerEntryView>)))]
async fn list_entries(ctx: Ctx, Query(query): Query<EntryQuery>) -> Result<Json<Page<LedgerEntryView>>> {
    let ctx = ctx.within(query.entity.as_deref())?;
    let rows = limit(query.limit)?;
    let filter = query.filter()?;
    let mut tx = ctx.read().await?;
    let entries = store::list_entries(&mut tx, &filter, rows).await?;
    Ok(Json(IdCursor::cut(entries, rows, |row| row.id.uuid()).map(|row| LedgerEntryView::of(&ctx, row))))
}

/// All lines of the entries between two days as a CSV file, by journal and number: semicolons, decimal comma.
#[utoipa::path(get, path = "/api/ledger/entries/export", tag = "ledger", params(EntryQuery), responses((status = 200, description = "The file", body = String, content_type = "text/csv")))]
async fn export_entries(ctx: Ctx, Query(query): Query<EntryQuery>) -> Result<Response> {
    let asked = export::Paging(query.limit, None, query.cursor.as_deref());
    let entity = wire::entity(&ctx, query.entity.as_deref())?;
    let ctx = ctx.within(query.entity.as_deref())?;
    let told = json!({ "journal": query.journal, "from": query.from, "to": query.to });
    export::record(&ctx, "export_ledger_entries", Permission::LedgerView, asked, told).await?;
    let lines = file::JournalLines::first(entity, query.filter()?);
    export::answer(&ctx, &file::SHEET, lines, file::read).await
}

/// One entry with its lines.
#[utoipa::path(get, path = "/api/ledger/entries/{id}", tag = "ledger", params(("id" = EntryId, Path)), responses((status = 200, body = LedgerEntryDetail)))]
async fn get_entry(ctx: Ctx, Path(id): Path<EntryId>) -> Result<Json<LedgerEntryDetail>> {
    let mut tx = ctx.read().await?;
    Ok(Json(detail(&ctx, &mut tx, id).await?))
}

async fn detail(ctx: &Ctx, tx: &mut Tx, id: EntryId) -> Result<LedgerEntryDetail> {
    let entry = store::get_entry(tx, id).await?;
    let lines = store::list_lines(tx, id).await?;
    let vat = store::list_vat_lines(tx, id).await?;
    Ok(LedgerEntryDetail {
        entry: LedgerEntryView::of(ctx, entry),
        lines: lines.into_iter().map(LedgerLineView::from).collect(),
        vat: vat.into_iter().map(LedgerVatLineView::from).collect(),
    })
}

/// An entry that a person enters.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct PostLedgerEntry {
    /// The entity, by code; needed where several are in scope.
    entity: Option<String>,
    /// The booking date; today unless told.
    on: Option<Date>,
    /// The number of the document, if there is one.
    #[serde(default)]
    piece_ref: String,
    /// The date of the document; the booking date unless told.
    piece_on: Option<Date>,
    /// What it is about.
    label: String,
    /// The second currency; needed in books that have one.
    second: Option<PostLedgerSecond>,
    /// Its lines: two or more, debit and credit equal in each currency.
    lines: Vec<PostLedgerLine>,
}

/// The second currency of an entry.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct PostLedgerSecond {
    /// ISO 4217.
    #[schema(examples("USD"))]
    currency: String,
    /// Units of it for one of the book's; amounts that lines leave out are derived with it.
    #[schema(value_type = Option<String>, examples("1.08"))]
    rate: Option<Decimal>,
    /// Of which market.
    rate_type: Option<RateType>,
}

/// A line of an entry that a person enters.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct PostLedgerLine {
    /// The account, by code.
    #[schema(examples("471000"))]
    account: String,
    /// The party, on accounts whose lines name one.
    party_id: Option<PartyId>,
    /// The party's code; the one it bore last unless told.
    party_code: Option<String>,
    /// What it is about; the entry's label unless told.
    label: Option<String>,
    /// Debit.
    #[schema(value_type = Option<String>, examples("100.00"))]
    debit: Option<Decimal>,
    /// Credit.
    #[schema(value_type = Option<String>)]
    credit: Option<Decimal>,
    /// Debit in the second currency.
    #[schema(value_type = Option<String>)]
    second_debit: Option<Decimal>,
    /// Credit in the second currency.
    #[schema(value_type = Option<String>)]
    second_credit: Option<Decimal>,
    /// When it is to be paid.
    due_on: Option<Date>,
}

/// Posts an entry in the journal of miscellaneous operations.
#[utoipa::path(post, path = "/api/ledger/entries", tag = "ledger", request_body = PostLedgerEntry, responses((status = 201, body = LedgerEntryDetail)))]
async fn post_entry(ctx: Ctx, Json(body): Json<PostLedgerEntry>) -> Result<(StatusCode, Json<LedgerEntryDetail>)> {
    let entity = ctx.write_entity(body.entity.as_deref())?.id;
    let mut tx = ctx.begin().await?;
    let entry = entry(&mut tx, entity, body).await?;
    let posted = ops::post_by_hand(&mut tx, entry).await?;
    let view = detail(&ctx, &mut tx, posted.id).await?;
    tx.commit().await?;
    Ok((StatusCode::CREATED, Json(view)))
}

async fn entry(tx: &mut Tx, entity: EntityId, body: PostLedgerEntry) -> Result<NewEntry> {
    let book = book::ops::book(tx, entity).await?;
    let second = match body.second {
        None => None,
        Some(second) => {
            let currency = wire::currency("second.currency", &second.currency)?;
            if second.rate.is_some_and(|rate| rate <= Decimal::ZERO || rate > Decimal::from(1_000_000_000_000_i64)) {
                return Err(Error::invalid("second.rate", "must be above zero, with at most six decimals"));
            }
            Some(Second { currency, rate: second.rate, rate_type: second.rate_type })
        }
    };
    let conversion = second.and_then(|second| {
        let second_decimals = book.second_decimals(second.currency);
        second.rate.map(|rate| Conversion { rate, functional_decimals: book.functional_decimals, second_decimals })
    });
    let mut lines = Vec::with_capacity(body.lines.len());
    for (at, line) in body.lines.into_iter().enumerate() {
        lines.push(manual_line(tx, (entity, at), line, conversion).await?);
    }
    let on = body.on.unwrap_or_else(|| crate::periods::today(tx, entity));
    Ok(NewEntry {
        entity,
        journal: Journal::Miscellaneous,
        on,
        piece_ref: body.piece_ref,
        piece_on: body.piece_on.unwrap_or(on),
        label: body.label,
        source_kind: ops::MANUAL,
        source_id: EntryId::generate(tx.now()).uuid(),
        second,
        lines,
        vat: Vec::new(),
        reverses: None,
    })
}

async fn manual_line(
    tx: &mut Tx,
    (entity, at): (EntityId, usize),
    line: PostLedgerLine,
    conversion: Option<Conversion>,
) -> Result<NewLine> {
    let aux = match line.party_id {
        None => None,
        Some(party) => {
            let found = store::party_of(tx, entity, party).await?;
            let found =
                found.ok_or_else(|| Error::invalid(format!("lines.{at}.party_id"), "there is no such party"))?;
            Some(aux_of(party, found, line.party_code))
        }
    };
    let (debit, credit) = (line.debit.unwrap_or_default(), line.credit.unwrap_or_default());
    let derived = conversion.map(|conversion| {
        let of = |amount: Decimal| {
            if amount.abs() < Decimal::from(1_000_000_000_000_i64) { conversion.second(amount) } else { amount }
        };
        (of(debit), of(credit))
    });
    let second = match (line.second_debit, line.second_credit) {
        (None, None) => derived,
        (debit, credit) => Some((debit.unwrap_or_default(), credit.unwrap_or_default())),
    };
    Ok(NewLine {
        account: Account::Code(line.account.trim().to_owned()),
        aux,
        label: line.label,
        debit,
        credit,
        second,
        due_on: line.due_on.map(|day| wire::bounded("due_on", day)).transpose()?,
    })
}

/// A party in the books: under the code told, else the one it bore last, else one made of its id.
pub(crate) fn aux_of(party_id: PartyId, (name, last): (String, Option<String>), told: Option<String>) -> Aux {
    let made = || {
        let id = party_id.uuid().simple().to_string().to_ascii_uppercase();
        format!("P{}", id.get(24..).unwrap_or(&id))
    };
    Aux { party_id, code: told.or(last).unwrap_or_else(made), name: name.chars().take(300).collect() }
}

/// How an entry is taken back.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ReverseLedgerEntry {
    /// The booking date of the reversal; today unless told.
    on: Option<Date>,
    /// Why.
    label: String,
}

/// Takes back an entry that a person entered, by its exact mirror.
///
/// Refused for entries that come from a document: cancel the document, and its entry goes with it.
#[utoipa::path(post, path = "/api/ledger/entries/{id}/reversal", tag = "ledger", params(("id" = EntryId, Path)), request_body = ReverseLedgerEntry, responses((status = 201, body = LedgerEntryDetail)))]
async fn reverse_entry(
    ctx: Ctx,
    Path(id): Path<EntryId>,
    Json(body): Json<ReverseLedgerEntry>,
) -> Result<(StatusCode, Json<LedgerEntryDetail>)> {
    let mut tx = ctx.begin().await?;
    let entity = store::get_entry(&mut tx, id).await?.entity_id;
    let on = body.on.unwrap_or_else(|| crate::periods::today(&tx, entity));
    let posted = ops::reverse_by_hand(&mut tx, id, on, &body.label).await?;
    let view = detail(&ctx, &mut tx, posted.id).await?;
    tx.commit().await?;
    Ok((StatusCode::CREATED, Json(view)))
}
