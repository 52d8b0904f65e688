//! `/api/billing`.

use axum::response::Response;
use kernel::{BillingRecordId, BuyerId, Cursor, DocumentId, Page, Week};
use platform::http::{Api, Guard, Json, Path, Query, Tagged, WeekQuery, cursor, limit};
use platform::{Ctx, Permission, Result, export};
use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::ToSchema;
use utoipa_axum::routes;
use uuid::Uuid;

use super::build::{self, LedgerBuilt};
use super::model::{BillingRecordStatus, CreditCandidateStatus, Month};
use super::month::{BillingMonth, read_month};
use super::store::candidates::{self as candidates_store, CandidateFilter, CreditCandidate};
use super::store::reading::{self, LedgerLine, RecordFilter};
use super::tracking::{self, TrackRecord};
use super::week::{BillingWeek, RecordView, read_week};
use super::{candidates, file, invoices, model};
use crate::rules::pricing::BillingMode;

/// The routes of this module.
pub fn routes(api: Api) -> Api {
    let view = || Guard::permit(Permission::BillingView);
    let manage = || Guard::permit(Permission::BillingManage);
    api.route(routes!(get_billing_week), view())
        .route(routes!(get_month_summary), view())
        .route(routes!(build_ledger), manage())
        .route(routes!(list_billing_records), view())
        .route(routes!(get_billing_record), view())
        .route(routes!(export_billing_records), Guard::permit(Permission::LeadsExport))
        .route(routes!(track_billing_record), manage())
        .route(routes!(list_ledger_lines), view())
        .route(routes!(list_credit_candidates), view())
        .route(routes!(dismiss_credit_candidate), manage())
        .route(routes!(invoice_week), manage())
        .route(routes!(credit_candidates), manage())
}

/// A week of billing: its figures, what is invoiced after it, what was paid in advance.
#[utoipa::path(get, path = "/api/billing/week", tag = "billing", params(WeekQuery), responses((status = 200, body = BillingWeek)))]
async fn get_billing_week(ctx: Ctx, Query(query): Query<WeekQuery>) -> Result<Json<BillingWeek>> {
    let (ctx, week) = query.within(&ctx)?;
    let mut tx = ctx.read().await?;
    Ok(Json(read_week(&mut tx, week).await?))
}

/// Which month.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct MonthQuery {
    /// Only of this entity, by code.
    entity: Option<String>,
    /// The month, `YYYY-MM`.
    #[param(value_type = String)]
    month: Month,
}

/// A month of billing, by buyer and product: each unit in the month of its send date.
#[utoipa::path(get, path = "/api/billing/month-summary", tag = "billing", params(MonthQuery), responses((status = 200, body = BillingMonth)))]
async fn get_month_summary(ctx: Ctx, Query(query): Query<MonthQuery>) -> Result<Json<BillingMonth>> {
    let mut tx = ctx.within(query.entity.as_deref())?.read().await?;
    Ok(Json(read_month(&mut tx, query.month).await?))
}

/// Builds the ledger of a week, of each entity in scope, all or none; built again, it is made anew. Refused once something of
/// it is invoiced.
#[utoipa::path(post, path = "/api/billing/week/{week}/build-ledger", tag = "billing", params(("week" = Week, Path)), responses((status = 200, body = Vec<LedgerBuilt>)))]
async fn build_ledger(ctx: Ctx, Path(week): Path<Week>) -> Result<Json<Vec<LedgerBuilt>>> {
    let mut tx = ctx.begin().await?;
    let built = build::build_ledger(&mut tx, week).await?;
    tx.commit().await?;
    Ok(Json(built))
}

/// Which records; all given conditions hold.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct RecordQuery {
    /// Only of this entity, by code.
    entity: Option<String>,
    /// Only of this ISO week.
    week: Option<Week>,
    /// Only of this buyer.
    buyer: Option<BuyerId>,
    /// Only of this product.
    product: Option<String>,
    /// Only in this state.
    #[param(inline)]
    status: Option<BillingRecordStatus>,
    /// Only those paid in this way.
    #[param(inline)]
    billing_mode: Option<BillingMode>,
    /// Only those that this invoice charges.
    document: Option<DocumentId>,
    /// Only of weeks with days in this month, `YYYY-MM`.
    #[param(value_type = Option<String>)]
    month: Option<Month>,
    /// Rows per page, 1 to 200.
    limit: Option<u16>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
}

impl RecordQuery {
    fn filter(self) -> Result<RecordFilter> {
        Ok(RecordFilter {
            week: self.week,
            buyer: self.buyer,
            product: self.product,
            status: self.status,
            mode: self.billing_mode,
            document: self.document,
            month: self.month,
            after: cursor(self.cursor.as_deref())?,
        })
    }

    /// The conditions for the event log.
    fn told(&self) -> Value {
        json!({ "entity": self.entity, "week": self.week, "buyer": self.buyer, "product": self.product, "status": self.status,
            "billing_mode": self.billing_mode, "document": self.document, "month": self.month })
    }
}

/// All records of the list as a CSV file for spreadsheets, newest first. Takes the list's conditions, and no page.
#[utoipa::path(get, path = "/api/billing/records/export", tag = "billing", params(RecordQuery), responses((status = 200, description = "The file", body = String, content_type = "text/csv")))]
async fn export_billing_records(ctx: Ctx, Query(query): Query<RecordQuery>) -> Result<Response> {
    let asked = export::Paging(query.limit, None, query.cursor.as_deref());
    let ctx = ctx.within(query.entity.as_deref())?;
    export::record(&ctx, "export_billing_records", Permission::BillingView, asked, query.told()).await?;
    export::answer(&ctx, &file::SHEET, query.filter()?, file::read).await
}

/// Lists the records of built weeks, newest first.
#[utoipa::path(get, path = "/api/billing/records", tag = "billing", params(RecordQuery), responses((status = 200, body = Page<RecordView>)))]
async fn list_billing_records(ctx: Ctx, Query(query): Query<RecordQuery>) -> Result<Json<Page<RecordView>>> {
    let ctx = ctx.within(query.entity.as_deref())?;
    let rows = limit(query.limit)?;
    let filter = query.filter()?;
    let mut tx = ctx.read().await?;
    let records = reading::list_records(&mut tx, &filter, rows).await?;
    let page = Page::cut(records, rows, |row| (row.created_at, row.id.uuid()));
    Ok(Json(page.map(|row| RecordView::of(&ctx, row))))
}

/// One record.
#[utoipa::path(get, path = "/api/billing/records/{id}", tag = "billing", params(("id" = BillingRecordId, Path)), responses((status = 200, body = RecordView)))]
async fn get_billing_record(ctx: Ctx, Path(id): Path<BillingRecordId>) -> Result<Tagged<RecordView>> {
    let mut tx = ctx.read().await?;
    let record = reading::get_record(&mut tx, id).await?;
    Ok(Tagged(record.updated_at, RecordView::of(&ctx, record)))
}

/// Changes what is known of the invoice of a record that is made elsewhere; what is left out stays, `null` clears. A step back
/// needs a reason.
#[utoipa::path(put, path = "/api/billing/records/{id}", tag = "billing", params(("id" = BillingRecordId, Path), ("If-Match" = Option<String>, Header, description = "The `ETag` of the version the change is made to; refused when there is a newer one.")), request_body = TrackRecord, responses((status = 200, body = RecordView)))]
async fn track_billing_record(
    ctx: Ctx,
    Path(id): Path<BillingRecordId>,
    Json(command): Json<TrackRecord>,
) -> Result<Tagged<RecordView>> {
    let mut tx = ctx.begin().await?;
    tracking::track_record(&mut tx, id, command).await?;
    let record = reading::get_record(&mut tx, id).await?;
    tx.commit().await?;
    Ok(Tagged(record.updated_at, RecordView::of(&ctx, record)))
}

/// Which page of the lines.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct LineQuery {
    /// Rows per page, 1 to 200.
    limit: Option<u16>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
}

/// Lists the units of a record in the order of sending: deliveries, leads and what each was counted as.
#[utoipa::path(get, path = "/api/billing/records/{id}/lines", tag = "billing", params(("id" = BillingRecordId, Path), LineQuery), responses((status = 200, body = Page<LedgerLine>)))]
async fn list_ledger_lines(
    ctx: Ctx,
    Path(id): Path<BillingRecordId>,
    Query(query): Query<LineQuery>,
) -> Result<Json<Page<LedgerLine>>> {
    let (rows, after): (_, Option<Cursor>) = (limit(query.limit)?, cursor(query.cursor.as_deref())?);
    let mut tx = ctx.read().await?;
    let record = reading::get_record(&mut tx, id).await?;
    let lines = reading::list_lines(&mut tx, &record, after, rows).await?;
    Ok(Json(Page::cut(lines, rows, |line| (line.sent_at, line.delivery_id.uuid()))))
}

/// Which candidates; all given conditions hold.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct CandidateQuery {
    /// Only of this entity, by code.
    entity: Option<String>,
    /// Only in this state.
    #[param(inline)]
    status: Option<model::CreditCandidateStatus>,
    /// Only of this buyer.
    buyer: Option<BuyerId>,
    /// Only invoiced for this ISO week.
    week: Option<Week>,
    /// Rows per page, 1 to 200.
    limit: Option<u16>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
}

/// Lists what was taken back after it was invoiced, newest first.
#[utoipa::path(get, path = "/api/billing/credit-candidates", tag = "billing", params(CandidateQuery), responses((status = 200, body = Page<CreditCandidate>)))]
async fn list_credit_candidates(ctx: Ctx, Query(query): Query<CandidateQuery>) -> Result<Json<Page<CreditCandidate>>> {
    let ctx = ctx.within(query.entity.as_deref())?;
    let rows = limit(query.limit)?;
    let filter = CandidateFilter {
        id: None,
        status: query.status,
        buyer: query.buyer,
        week: query.week,
        after: cursor(query.cursor.as_deref())?,
    };
    let mut tx = ctx.read().await?;
    let found = candidates_store::list_candidates(&mut tx, &filter, rows).await?;
    let page = Page::cut(found, rows, |row| (row.created_at, row.id));
    Ok(Json(page.map(|row| told_to(&ctx, row))))
}

fn told_to(ctx: &Ctx, mut candidate: CreditCandidate) -> CreditCandidate {
    let may = candidate.status.move_to(CreditCandidateStatus::Dismissed).is_ok() && ctx.may(Permission::BillingManage);
    candidate.can = may.then_some("dismiss").into_iter().collect();
    candidate
}

/// Why nothing is credited.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct DismissCandidate {
    /// 1 to 1000 characters.
    reason: String,
}

/// Decides that nothing is credited for a candidate.
#[utoipa::path(post, path = "/api/billing/credit-candidates/{id}/dismiss", tag = "billing", params(("id" = String, Path)), request_body = DismissCandidate, responses((status = 200, body = CreditCandidate)))]
async fn dismiss_credit_candidate(
    ctx: Ctx,
    Path(id): Path<Uuid>,
    Json(command): Json<DismissCandidate>,
) -> Result<Json<CreditCandidate>> {
    let mut tx = ctx.begin().await?;
    candidates::dismiss(&mut tx, id, &command.reason).await?;
    let filter = CandidateFilter { id: Some(id), ..CandidateFilter::default() };
    let found = candidates_store::list_candidates(&mut tx, &filter, kernel::Limit::default()).await?.pop();
    let candidate = found.ok_or_else(|| platform::Error::not_found("candidate"))?;
    tx.commit().await?;
    Ok(Json(told_to(&ctx, candidate)))
}

/// Whom to invoice.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct InvoiceBillingWeek {
    /// The entity, by code; needed where several are in scope.
    pub entity: Option<String>,
    /// Only this buyer; every buyer that owes something unless told.
    pub buyer_id: Option<BuyerId>,
}

/// Issues the invoices of a built week, one for each buyer. Each line is a record of the ledger and leads to its deliveries and
/// leads. What keeps a buyer's invoice from being issued is told, and keeps no other.
#[utoipa::path(post, path = "/api/billing/week/{week}/invoices", tag = "billing", params(("week" = Week, Path)), request_body = InvoiceBillingWeek, responses((status = 200, body = invoices::WeekInvoiced)))]
async fn invoice_week(
    ctx: Ctx,
    Path(week): Path<Week>,
    Json(command): Json<InvoiceBillingWeek>,
) -> Result<Json<invoices::WeekInvoiced>> {
    let entity = ctx.write_entity(command.entity.as_deref())?.id;
    let mut tx = ctx.begin().await?;
    let answer = invoices::invoice_week(&mut tx, entity, week, command.buyer_id).await?;
    tx.commit().await?;
    Ok(Json(answer))
}

/// Whom to credit.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreditBuyer {
    /// The entity, by code; needed where several are in scope.
    pub entity: Option<String>,
    /// The buyer.
    pub buyer_id: BuyerId,
}

/// Issues the credit notes of what was taken back from a buyer after it was invoiced, one for each invoice.
#[utoipa::path(post, path = "/api/billing/credit-candidates/credit", tag = "billing", request_body = CreditBuyer, responses((status = 200, body = Vec<invoices::BuyerInvoice>)))]
async fn credit_candidates(ctx: Ctx, Json(command): Json<CreditBuyer>) -> Result<Json<Vec<invoices::BuyerInvoice>>> {
    let entity = ctx.write_entity(command.entity.as_deref())?.id;
    let mut tx = ctx.begin().await?;
    let notes = invoices::credit_buyer(&mut tx, entity, command.buyer_id).await?;
    tx.commit().await?;
    Ok(Json(notes))
}
