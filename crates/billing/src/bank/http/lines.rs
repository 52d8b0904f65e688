//! Routes of the lines of bank statements.

use axum::response::Response;
use kernel::{BankAccountId, BankLineId, Currency, Date, EntryId, Page, PartyId, PaymentId, StatementId, Timestamp};
use platform::http::{Api, Guard, Json, Path, Query, cursor, limit};
use platform::{Ctx, Error, Permission, Result, Tx, export};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;
use utoipa_axum::routes;

use super::super::file;
use super::super::model::{BankLineState, BankMatchKind, BankPaymentUse, BankRest};
use super::super::ops::{self, PostLine};
use super::super::settle::MatchLine;
use super::super::store::lines::{self, BankLineFilter, BankLineRow};
use super::super::store::matches::{self, BankMatchRow};
use super::super::suggestion::BankSuggestion;
use crate::documents::model::PayMethod;
use crate::payments::http::WriteAllocation;

/// The routes of this module.
pub(super) fn routes(api: Api) -> Api {
    let view = || Guard::permit(Permission::BillingView);
    let manage = || Guard::permit(Permission::BillingManage);
    api.route(routes!(list_bank_lines), view())
        .route(routes!(export_bank_lines), Guard::permit(Permission::LeadsExport))
        .route(routes!(get_bank_line), view())
        .route(routes!(match_bank_line), manage())
        .route(routes!(unmatch_bank_line), manage())
        .route(routes!(ignore_bank_line), manage())
        .route(routes!(post_bank_line), manage())
}

/// A movement of a bank account, and what became of it.
#[derive(Debug, Serialize, ToSchema)]
struct BankLineView {
    /// The line.
    id: BankLineId,
    /// Its entity, by code.
    entity: String,
    /// Its account.
    account_id: BankAccountId,
    /// The statement that brought it.
    statement_id: StatementId,
    /// The bank's id of it.
    external_id: String,
    /// The day of booking.
    booked_on: Date,
    /// The day from which interest counts.
    value_on: Option<Date>,
    /// Above zero when money came in.
    amount: Decimal,
    /// Of what.
    currency: Currency,
    /// What a person reads.
    label: String,
    /// Who paid, or was paid.
    counterparty: Option<String>,
    /// His IBAN.
    counterparty_iban: Option<String>,
    /// The reference that travels with the payment.
    end_to_end_id: Option<String>,
    /// The payer's text.
    remittance: Option<String>,
    /// Structured references.
    references: Vec<String>,
    /// The bank's code of the kind of movement.
    transaction_code: Option<String>,
    /// What the bank took within the amount.
    charges: Option<Decimal>,
    /// Whether an earlier payment came back.
    returned: bool,
    /// Why, by the bank's code.
    return_reason: Option<String>,
    /// Where it stands.
    state: BankLineState,
    /// What it may be, the best first.
    suggestions: Vec<BankSuggestion>,
    /// What it is matched with, and was.
    matches: Vec<BankMatchView>,
    /// When it was matched.
    matched_at: Option<Timestamp>,
    /// By whom.
    matched_by: Option<String>,
    /// Why it stays out of the books.
    ignore_reason: String,
    /// What the caller may do with it now: `match`, `post`, `ignore`, `unmatch`.
    can: Vec<&'static str>,
}

/// What a line is matched with, or was.
#[derive(Debug, Serialize, ToSchema)]
struct BankMatchView {
    /// How.
    kind: BankMatchKind,
    /// Its part of the line's amount.
    amount: Decimal,
    /// The payment.
    payment_id: Option<PaymentId>,
    /// The entry it made beside the payment's.
    entry_id: Option<EntryId>,
    /// Whether nobody was asked.
    automatic: bool,
    /// When.
    made_at: Timestamp,
    /// By whom.
    made_by: String,
    /// When it was undone.
    undone_at: Option<Timestamp>,
    /// By whom.
    undone_by: Option<String>,
    /// Why.
    undone_reason: String,
}

impl From<&BankMatchRow> for BankMatchView {
    fn from(row: &BankMatchRow) -> Self {
        Self {
            kind: row.kind,
            amount: row.amount,
            payment_id: row.payment_id,
            entry_id: row.entry_id,
            automatic: row.automatic,
            made_at: row.made_at,
            made_by: row.made_by.clone(),
            undone_at: row.undone_at,
            undone_by: row.undone_by.clone(),
            undone_reason: row.undone_reason.clone(),
        }
    }
}

impl BankLineView {
    fn of(ctx: &Ctx, row: BankLineRow, matches: &[BankMatchRow]) -> Result<Self> {
        let may = ctx.may(Permission::BillingManage);
        let waits = row.state.move_to(BankLineState::Matched).is_ok();
        let moved = !row.amount.is_zero();
        let live = matches.iter().filter(|found| found.line_id == row.id && found.undone_at.is_none());
        let is_final = live.clone().any(|found| found.kind == BankMatchKind::Bounced);
        let is_done = row.state == BankLineState::Ignored || row.state == BankLineState::Matched && !is_final;
        let actions = [("match", waits && moved), ("post", waits && moved), ("ignore", waits), ("unmatch", is_done)];
        let suggestions = row.suggestions()?;
        let references = row.references();
        Ok(Self {
            id: row.id,
            entity: ctx.entity_code(row.entity_id).to_owned(),
            account_id: row.account_id,
            statement_id: row.statement_id,
            external_id: row.external_id,
            booked_on: row.booked_on,
            value_on: row.value_on,
            amount: row.amount,
            currency: row.currency,
            label: row.label,
            counterparty: row.counterparty,
            counterparty_iban: row.counterparty_iban,
            end_to_end_id: row.end_to_end_id,
            remittance: row.remittance,
            references,
            transaction_code: row.transaction_code,
            charges: row.charges,
            returned: row.returned,
            return_reason: row.return_reason,
            state: row.state,
            suggestions,
            matches: matches.iter().filter(|found| found.line_id == row.id).map(BankMatchView::from).collect(),
            matched_at: row.matched_at,
            matched_by: row.matched_by,
            ignore_reason: row.ignore_reason,
            can: actions.into_iter().filter(|(_, now)| *now && may).map(|(action, _)| action).collect(),
        })
    }
}

async fn detail(tx: &mut Tx, id: BankLineId) -> Result<BankLineView> {
    let ctx = tx.ctx().clone();
    let row = lines::get_line(tx, id).await?;
    let matches = matches::list_matches(tx, &[id]).await?;
    BankLineView::of(&ctx, row, &matches)
}

/// Which lines.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct BankLineQuery {
    /// The entity, by code; `ALL` for those in scope.
    entity: Option<String>,
    /// Only of this account.
    account: Option<BankAccountId>,
    /// Only in this state.
    state: Option<BankLineState>,
    /// Only booked from this day on.
    from: Option<Date>,
    /// Only booked until this day.
    to: Option<Date>,
    /// Only with this text in label, name, IBAN or reference.
    search: Option<String>,
    /// Rows per page, 1 to 200.
    limit: Option<u16>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
}

impl BankLineQuery {
    fn filter(self) -> Result<BankLineFilter> {
        Ok(BankLineFilter {
            account: self.account,
            state: self.state,
            from: self.from,
            to: self.to,
            search: self.search,
            after: cursor(self.cursor.as_deref())?,
        })
    }

    /// The conditions for the event log: never what was searched for.
    fn told(&self) -> Value {
        json!({ "entity": self.entity, "account": self.account, "state": self.state, "from": self.from, "to": self.to,
            "searched": self.search.is_some() })
    }
}

/// All lines of the list as a CSV file for spreadsheets, the last booked first. Takes the list's conditions, and no page.
#[utoipa::path(get, path = "/api/bank/lines/export", tag = "billing", params(BankLineQuery), responses((status = 200, description = "The file", body = String, content_type = "text/csv")))]
async fn export_bank_lines(ctx: Ctx, Query(query): Query<BankLineQuery>) -> Result<Response> {
    let asked = export::Paging(query.limit, None, query.cursor.as_deref());
    let ctx = ctx.within(query.entity.as_deref())?;
    export::record(&ctx, "export_bank_lines", Permission::BillingView, asked, query.told()).await?;
    export::answer(&ctx, &file::SHEET, query.filter()?, file::read).await
}

/// Lists the lines of bank statements, the last booked first, each with what it may be and what it is matched with.
#[utoipa::path(get, path = "/api/bank/lines", tag = "billing", params(BankLineQuery), responses((status = 200, body = Page<BankLineView>)))]
async fn list_bank_lines(ctx: Ctx, Query(query): Query<BankLineQuery>) -> Result<Json<Page<BankLineView>>> {
    let ctx = ctx.within(query.entity.as_deref())?;
    let rows = limit(query.limit)?;
    let filter = query.filter()?;
    let mut tx = ctx.read().await?;
    let page = Page::cut(lines::list_lines(&mut tx, &filter, rows).await?, rows, lines::place);
    let ids: Vec<_> = page.items.iter().map(|row| row.id).collect();
    let matches = matches::list_matches(&mut tx, &ids).await?;
    let Page { items, next_cursor } = page;
    let items = items.into_iter().map(|row| BankLineView::of(&ctx, row, &matches)).collect::<Result<_>>()?;
    Ok(Json(Page { items, next_cursor }))
}

/// One line of a bank statement.
#[utoipa::path(get, path = "/api/bank/lines/{id}", tag = "billing", params(("id" = BankLineId, Path)), responses((status = 200, body = BankLineView)))]
async fn get_bank_line(ctx: Ctx, Path(id): Path<BankLineId>) -> Result<Json<BankLineView>> {
    let mut tx = ctx.read().await?;
    Ok(Json(detail(&mut tx, id).await?))
}

/// What a line is matched with: documents that it pays, or payments that are recorded already.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct MatchBankLine {
    /// The documents it pays, with how much of each; of an outgoing line the supplier's invoices, or credit notes to refund.
    #[serde(default)]
    payments: Vec<WriteAllocation>,
    /// Whose credit the rest becomes, where the documents do not tell; alone, all of the line is his credit.
    party_id: Option<PartyId>,
    /// The payment that it is, or that came back.
    payment_id: Option<PaymentId>,
    /// More of them: several payments that came in as one line.
    #[serde(default)]
    payment_ids: Vec<PaymentId>,
    /// What the line is to the payment. Money that went out for a payment that had come in is its return unless told.
    treat_as: Option<BankPaymentUse>,
    /// What becomes of the difference between the line and what it pays.
    rest: Option<BankRest>,
    /// How the money moved; as the bank's code tells it unless told.
    method: Option<PayMethod>,
    /// The day of the entries; that of the line unless told.
    on: Option<Date>,
}

/// Matches a line: records what it pays, or recognises what is recorded.
///
/// A part of a document may be paid, several documents by one line, and with `rest` more than is open: the rest becomes the
/// customer's credit. Amount, sign, currency and account must agree.
#[utoipa::path(post, path = "/api/bank/lines/{id}/match", tag = "billing", params(("id" = BankLineId, Path)), request_body = MatchBankLine, responses((status = 200, body = BankLineView)))]
async fn match_bank_line(
    ctx: Ctx,
    Path(id): Path<BankLineId>,
    Json(command): Json<MatchBankLine>,
) -> Result<Json<BankLineView>> {
    let mut tx = ctx.begin().await?;
    let command = MatchLine {
        documents: command.payments.iter().map(|share| (share.document_id, share.amount)).collect(),
        party: command.party_id,
        payments: command.payment_id.into_iter().chain(command.payment_ids).collect(),
        treat_as: command.treat_as,
        rest: command.rest,
        method: command.method,
        on: command.on,
    };
    ops::match_line(&mut tx, id, &command).await?;
    let view = detail(&mut tx, id).await?;
    tx.commit().await?;
    Ok(Json(view))
}

/// Why something is done to a line.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct BankLineReason {
    /// Why, 1 to 200 characters.
    reason: String,
}

/// Undoes what became of a line: payments that it made are taken back, links are cut, entries reversed. It waits again.
#[utoipa::path(post, path = "/api/bank/lines/{id}/unmatch", tag = "billing", params(("id" = BankLineId, Path)), request_body = BankLineReason, responses((status = 200, body = BankLineView)))]
async fn unmatch_bank_line(
    ctx: Ctx,
    Path(id): Path<BankLineId>,
    Json(command): Json<BankLineReason>,
) -> Result<Json<BankLineView>> {
    let mut tx = ctx.begin().await?;
    ops::unmatch_line(&mut tx, id, &command.reason).await?;
    let view = detail(&mut tx, id).await?;
    tx.commit().await?;
    Ok(Json(view))
}

/// Leaves a line out of the books.
#[utoipa::path(post, path = "/api/bank/lines/{id}/ignore", tag = "billing", params(("id" = BankLineId, Path)), request_body = BankLineReason, responses((status = 200, body = BankLineView)))]
async fn ignore_bank_line(
    ctx: Ctx,
    Path(id): Path<BankLineId>,
    Json(command): Json<BankLineReason>,
) -> Result<Json<BankLineView>> {
    let mut tx = ctx.begin().await?;
    ops::ignore_line(&mut tx, id, &command.reason).await?;
    let view = detail(&mut tx, id).await?;
    tx.commit().await?;
    Ok(Json(view))
}

/// What a line is posted to.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct PostBankLine {
    /// The account of the books, by code.
    account: String,
    /// What the entry is called; the line's own label unless told.
    #[serde(default)]
    label: String,
    /// The VAT in what went out, in percent: it is deducted.
    vat_rate: Option<Decimal>,
}

/// Posts a line to an account of the books: what the bank charges, interest, money between own accounts.
#[utoipa::path(post, path = "/api/bank/lines/{id}/post", tag = "billing", params(("id" = BankLineId, Path)), request_body = PostBankLine, responses((status = 200, body = BankLineView)))]
async fn post_bank_line(
    ctx: Ctx,
    Path(id): Path<BankLineId>,
    Json(command): Json<PostBankLine>,
) -> Result<Json<BankLineView>> {
    if command.label.chars().count() > 200 {
        return Err(Error::invalid("label", "must be 200 characters at most"));
    }
    let mut tx = ctx.begin().await?;
    let command = PostLine { account: command.account, label: command.label, vat_rate: command.vat_rate };
    ops::post_line(&mut tx, id, &command).await?;
    let view = detail(&mut tx, id).await?;
    tx.commit().await?;
    Ok(Json(view))
}
