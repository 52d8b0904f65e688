//! The invoices of customers, under the names that the specification gives their routes (spec/leads.md 6.2).

use axum::http::StatusCode;
use axum::response::Response;
use kernel::{Currency, Date, DocumentId, Page, PartyId, PaymentId};
use platform::http::{Api, Guard, Json, Path, Query, Tagged};
use platform::{Ctx, Error, Permission, Result, Tx};
use rust_decimal::Decimal;
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_axum::routes;

use super::{DocumentQuery, IssueDocument, create, file, issue_one, list, show, take, today, update};
use crate::documents::model::{Direction, DocumentKind, DocumentStatus, Origin, PayMethod};
use crate::documents::overdue;
use crate::documents::store::{self, DocumentFilter, InvoiceFigures};
use crate::documents::view::{DocumentDetail, DocumentView, detail};
use crate::documents::write::WriteDocument;
use crate::house;
use crate::payments::model::{PaymentDirection, PaymentSource};
use crate::payments::ops::{self as payments, Receipt};

/// The routes of this module.
pub(super) fn routes(api: Api) -> Api {
    let view = || Guard::permit(Permission::BillingView);
    let manage = || Guard::permit(Permission::BillingManage);
    api.route(routes!(list_invoices), view())
        .route(routes!(export_invoices), Guard::permit(Permission::LeadsExport))
        .route(routes!(create_invoice), manage())
        .route(routes!(show_overdue), view())
        .route(routes!(show_invoice_figures), view())
        .route(routes!(get_invoice), view())
        .route(routes!(update_invoice), manage())
        .route(routes!(send_invoice), manage())
        .route(routes!(mark_invoice_paid), manage())
}

/// Lists the invoices and credit notes of customers, newest first; those between entities are settled elsewhere.
#[utoipa::path(get, path = "/api/invoices", tag = "billing", params(DocumentQuery), responses((status = 200, body = Page<DocumentView>)))]
async fn list_invoices(ctx: Ctx, Query(query): Query<DocumentQuery>) -> Result<Json<Page<DocumentView>>> {
    list(&ctx, query, of_customers).await
}

fn of_customers(filter: DocumentFilter) -> DocumentFilter {
    DocumentFilter {
        kinds: if filter.kinds.is_empty() {
            vec![DocumentKind::Invoice, DocumentKind::DepositInvoice, DocumentKind::CreditNote]
        } else {
            filter.kinds
        },
        direction: Some(Direction::Sale),
        not_origin: Some(Origin::Intercompany),
        ..filter
    }
}

/// All invoices and credit notes of the list as a CSV file for spreadsheets, newest first. Takes the list's conditions, and no
/// page.
#[utoipa::path(get, path = "/api/invoices/export", tag = "billing", params(DocumentQuery), responses((status = 200, description = "The file", body = String, content_type = "text/csv")))]
async fn export_invoices(ctx: Ctx, Query(query): Query<DocumentQuery>) -> Result<Response> {
    take(&ctx, query, ("export_invoices", &file::INVOICES), of_customers).await
}

/// Writes the draft of an invoice.
#[utoipa::path(post, path = "/api/invoices", tag = "billing", request_body = WriteDocument, responses((status = 201, body = DocumentDetail)))]
async fn create_invoice(ctx: Ctx, Json(command): Json<WriteDocument>) -> Result<(StatusCode, Tagged<DocumentDetail>)> {
    create(&ctx, command).await
}

/// One invoice with its lines, its VAT, who sold and bought, and what settles it.
#[utoipa::path(get, path = "/api/invoices/{id}", tag = "billing", params(("id" = DocumentId, Path)), responses((status = 200, body = DocumentDetail)))]
async fn get_invoice(ctx: Ctx, Path(id): Path<DocumentId>) -> Result<Tagged<DocumentDetail>> {
    show(&ctx, id).await
}

/// Writes the draft of an invoice anew: all of it. What is issued is locked.
#[utoipa::path(put, path = "/api/invoices/{id}", tag = "billing", params(("id" = DocumentId, Path), ("If-Match" = Option<String>, Header, description = "The version you saw")), request_body = WriteDocument, responses((status = 200, body = DocumentDetail)))]
async fn update_invoice(
    ctx: Ctx,
    Path(id): Path<DocumentId>,
    Json(command): Json<WriteDocument>,
) -> Result<Tagged<DocumentDetail>> {
    update(&ctx, id, command).await
}

/// Issues the draft of an invoice: draws its number, freezes it, sets its page and enters it in the books.
#[utoipa::path(post, path = "/api/invoices/{id}/send", tag = "billing", params(("id" = DocumentId, Path)), request_body = IssueDocument, responses((status = 200, body = DocumentDetail)))]
async fn send_invoice(
    ctx: Ctx,
    Path(id): Path<DocumentId>,
    Json(command): Json<IssueDocument>,
) -> Result<Tagged<DocumentDetail>> {
    issue_one(&ctx, id, command).await
}

/// Invoices that are due and not paid, by customer (spec/leads.md 5.12).
#[utoipa::path(get, path = "/api/invoices/overdue-dashboard", tag = "billing", params(EntityQuery), responses((status = 200, body = overdue::OverdueDashboard)))]
async fn show_overdue(ctx: Ctx, Query(query): Query<EntityQuery>) -> Result<Json<overdue::OverdueDashboard>> {
    let ctx = ctx.within(query.entity.as_deref())?;
    let today = today(&ctx);
    let mut tx = ctx.read().await?;
    let customers = overdue::store::list_overdue(&mut tx, today).await?;
    Ok(Json(overdue::OverdueDashboard::of(customers, today)))
}

/// Which entity.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct EntityQuery {
    /// The entity, by code; `ALL` for those in scope.
    entity: Option<String>,
}

/// Whose figures.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct FiguresQuery {
    /// The entity, by code; `ALL` for those in scope.
    entity: Option<String>,
    /// Only of this customer.
    party: Option<PartyId>,
}

/// Drafts, what is open, what is overdue and what was issued this month, by currency.
#[utoipa::path(get, path = "/api/invoices/figures", tag = "billing", params(FiguresQuery), responses((status = 200, body = Vec<InvoiceFigures>)))]
async fn show_invoice_figures(ctx: Ctx, Query(query): Query<FiguresQuery>) -> Result<Json<Vec<InvoiceFigures>>> {
    let ctx = ctx.within(query.entity.as_deref())?;
    let today = today(&ctx);
    let mut tx = ctx.read().await?;
    Ok(Json(store::list_figures(&mut tx, query.party, (today, Date::from_jiff(today.jiff().first_of_month()))).await?))
}

/// How an invoice was paid.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct MarkPaid {
    /// How.
    pub method: PayMethod,
    /// When; today unless told.
    pub on: Option<Date>,
    /// What the payer wrote.
    #[serde(default)]
    pub reference: String,
}

/// Records that all that is open on an invoice was paid.
#[utoipa::path(post, path = "/api/invoices/{id}/mark-paid", tag = "billing", params(("id" = DocumentId, Path)), request_body = MarkPaid, responses((status = 200, body = DocumentDetail)))]
async fn mark_invoice_paid(
    ctx: Ctx,
    Path(id): Path<DocumentId>,
    Json(command): Json<MarkPaid>,
) -> Result<Tagged<DocumentDetail>> {
    let mut tx = ctx.begin().await?;
    pay_in_full(&mut tx, id, command).await?;
    let view = detail(&mut tx, id).await?;
    tx.commit().await?;
    Ok(Tagged(view.updated_at(), view))
}

async fn pay_in_full(tx: &mut Tx, id: DocumentId, command: MarkPaid) -> Result<PaymentId> {
    let row = store::lock_document(tx, id).await?;
    if !row.kind.is_claim() {
        return Err(Error::refused("document_kind", "Only an invoice is paid."));
    }
    row.status.move_to(DocumentStatus::Paid)?;
    let house = house::open(tx, row.entity_id).await?;
    let (open, currency): (Decimal, Currency) = (row.settled().balance(), row.currency);
    let direction = match row.direction {
        Direction::Sale => PaymentDirection::In,
        Direction::Purchase => PaymentDirection::Out,
    };
    let receipt = Receipt {
        entity: row.entity_id,
        party: row.party_id,
        direction,
        method: command.method,
        amount: open,
        currency,
        on: command.on.unwrap_or(house.today),
        reference: if command.reference.is_empty() {
            row.number.clone().unwrap_or_default()
        } else {
            command.reference
        },
        note: String::new(),
        source: PaymentSource::Manual,
        external_id: None,
        account: None,
        shares: vec![(id, open)],
    };
    payments::record(tx, receipt).await
}
