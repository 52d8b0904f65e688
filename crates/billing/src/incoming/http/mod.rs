//! Routes of suppliers' invoices.

mod view;

use std::collections::HashMap;

use axum::body::Body;
use axum::extract::Request;
use axum::http::StatusCode;
use axum::response::Response;
use kernel::{Date, IncomingInvoiceId, Page, PartyId};
use platform::http::{
    Api, FileKind, Guard, Json, Path, Query, Tagged, check_declared, cursor, limit, read_body, strangers_file,
};
use platform::{Ctx, Error, Permission, Result, Tx};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::routes;

use super::booking::{self, Booking};
use super::model::IncomingStatus;
use super::plan::Accounts;
use super::store::{self, IncomingFilter};
use super::{ops, supplier};
use view::{IncomingInvoiceDetail, IncomingInvoiceView, detail};

/// The routes of this module.
pub fn routes(api: Api) -> Api {
    let view = || Guard::permit(Permission::BillingView);
    let manage = || Guard::permit(Permission::BillingManage);
    api.route(routes!(list_incoming_invoices), view())
        .route(routes!(receive_invoice), manage())
        .route(routes!(get_incoming_invoice), view())
        .route(routes!(download_incoming_invoice), view())
        .route(routes!(set_incoming_supplier), manage())
        .route(routes!(approve_incoming_invoice), manage())
        .route(routes!(refuse_incoming_invoice), manage())
        .route(routes!(reopen_incoming_invoice), manage())
        .route(routes!(book_incoming_invoice), manage())
}

/// Which invoices of suppliers.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct IncomingQuery {
    /// The entity, by code; `ALL` for those in scope.
    entity: Option<String>,
    /// Only in this state.
    status: Option<IncomingStatus>,
    /// Only of this supplier.
    supplier: Option<PartyId>,
    /// Only issued from this day on.
    from: Option<Date>,
    /// Only issued until this day.
    to: Option<Date>,
    /// Only whose number or seller has this text.
    q: Option<String>,
    /// Rows per page, 1 to 200.
    limit: Option<u16>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
}

/// Lists suppliers' electronic invoices, the last received first.
#[utoipa::path(get, path = "/api/incoming-invoices", tag = "billing", params(IncomingQuery), responses((status = 200, body = Page<IncomingInvoiceView>)))]
async fn list_incoming_invoices(
    ctx: Ctx,
    Query(query): Query<IncomingQuery>,
) -> Result<Json<Page<IncomingInvoiceView>>> {
    let ctx = ctx.within(query.entity.as_deref())?;
    let rows = limit(query.limit)?;
    let filter = IncomingFilter {
        status: query.status,
        supplier: query.supplier,
        from: query.from,
        to: query.to,
        search: query.q.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty()),
        after: cursor(query.cursor.as_deref())?,
    };
    let mut tx = ctx.read().await?;
    let found = store::list_incoming(&mut tx, &filter, rows).await?;
    let page = Page::cut(found, rows, |row| (row.received_at, row.id.uuid()));
    Ok(Json(page.map(|row| IncomingInvoiceView::of(&ctx, row))))
}

/// Whose invoice comes in.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct ReceiveQuery {
    /// The entity that received it, by code; needed where several are in scope.
    entity: Option<String>,
    /// The file's name.
    file_name: Option<String>,
}

/// Takes a supplier's electronic invoice in: the body is the file as it came, 20 MB at most: a PDF with the invoice inside
/// (Factur-X, ZUGFeRD, XRechnung), or its XML (CII or UBL).
///
/// What it is, its bytes tell, never its sender. What cannot be read whole is refused with a code that says why: `incoming_format`,
/// `incoming_pdf`, `incoming_no_invoice`, `incoming_attachment`, `incoming_xml`, `incoming_not_invoice`, `incoming_too_large`. What is
/// read but odd (sums that do not add up, another buyer) is taken in and told of in `findings`. The same file, or the same invoice of
/// the seller in another file, is refused as `incoming_known_file` or `incoming_known`, with the earlier one as the field `known_id`.
#[utoipa::path(post, path = "/api/incoming-invoices", tag = "billing", params(ReceiveQuery), request_body(content = Vec<u8>, content_type = "application/octet-stream", description = "The file"), responses((status = 201, body = IncomingInvoiceDetail)))]
async fn receive_invoice(
    ctx: Ctx,
    Query(query): Query<ReceiveQuery>,
    request: Request<Body>,
) -> Result<(StatusCode, Tagged<IncomingInvoiceDetail>)> {
    let entity = ctx.write_entity(query.entity.as_deref())?.id;
    let (parts, body) = request.into_parts();
    let bytes = read_body(body, einvoice::MAX_FILE).await?.to_vec();
    // Pure, and long for large files: not on a thread that serves others.
    let read = tokio::task::spawn_blocking(move || ops::read(bytes)).await;
    let read = read.map_err(|lost| Error::internal("reading an invoice", lost))??;
    check_declared(&parts.headers, "file", read.media_types())?;
    let mut tx = ctx.begin().await?;
    let id = ops::receive(&mut tx, entity, read, query.file_name.as_deref().unwrap_or_default()).await?;
    Ok((StatusCode::CREATED, done(tx, id).await?))
}

/// Ends a change and shows what it made.
async fn done(mut tx: Tx, id: IncomingInvoiceId) -> Result<Tagged<IncomingInvoiceDetail>> {
    let (updated_at, view) = detail(&mut tx, id).await?;
    tx.commit().await?;
    Ok(Tagged(updated_at, view))
}

/// One supplier's invoice: what it says, what is odd about it, and who may be its supplier.
#[utoipa::path(get, path = "/api/incoming-invoices/{id}", tag = "billing", params(("id" = IncomingInvoiceId, Path)), responses((status = 200, body = IncomingInvoiceDetail)))]
async fn get_incoming_invoice(ctx: Ctx, Path(id): Path<IncomingInvoiceId>) -> Result<Tagged<IncomingInvoiceDetail>> {
    let mut tx = ctx.read().await?;
    let (updated_at, view) = detail(&mut tx, id).await?;
    Ok(Tagged(updated_at, view))
}

/// The file of a supplier's invoice, byte for byte as it came.
#[utoipa::path(get, path = "/api/incoming-invoices/{id}/file", tag = "billing", params(("id" = IncomingInvoiceId, Path)), responses((status = 200, description = "The file", body = Vec<u8>, content_type = "application/octet-stream")))]
async fn download_incoming_invoice(ctx: Ctx, Path(id): Path<IncomingInvoiceId>) -> Result<Response> {
    let mut tx = ctx.read().await?;
    let row = store::get_incoming(&mut tx, id).await?;
    let content = store::get_file(&mut tx, id).await?;
    let (kind, ending) = if row.format == "factur_x" { (FileKind::Pdf, "pdf") } else { (FileKind::Xml, "xml") };
    Ok(strangers_file(&format!("{}.{ending}", row.number), kind, content))
}

/// Who sells: one of the two.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct SetIncomingSupplier {
    /// A party that is known; it becomes a supplier with it.
    party_id: Option<PartyId>,
    /// Whether to create the supplier from what the invoice says of its seller.
    #[serde(default)]
    create: bool,
}

/// Says which supplier an invoice is of, or creates it from what the invoice says.
#[utoipa::path(post, path = "/api/incoming-invoices/{id}/supplier", tag = "billing", params(("id" = IncomingInvoiceId, Path)), request_body = SetIncomingSupplier, responses((status = 200, body = IncomingInvoiceDetail)))]
async fn set_incoming_supplier(
    ctx: Ctx,
    Path(id): Path<IncomingInvoiceId>,
    Json(command): Json<SetIncomingSupplier>,
) -> Result<Tagged<IncomingInvoiceDetail>> {
    let mut tx = ctx.begin().await?;
    match (command.party_id, command.create) {
        (Some(party), false) => supplier::link(&mut tx, id, party).await?,
        (None, true) => supplier::create(&mut tx, id).await?,
        (Some(_), true) | (None, false) => {
            return Err(Error::invalid("party_id", "is needed, unless the supplier is created"));
        }
    }
    done(tx, id).await
}

/// Says that an invoice is owed.
#[utoipa::path(post, path = "/api/incoming-invoices/{id}/approval", tag = "billing", params(("id" = IncomingInvoiceId, Path)), responses((status = 200, body = IncomingInvoiceDetail)))]
async fn approve_incoming_invoice(
    ctx: Ctx,
    Path(id): Path<IncomingInvoiceId>,
) -> Result<Tagged<IncomingInvoiceDetail>> {
    let mut tx = ctx.begin().await?;
    ops::approve(&mut tx, id).await?;
    done(tx, id).await
}

/// Why an invoice is not owed.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct RefuseIncoming {
    /// The reason, 1 to 500 characters.
    reason: String,
}

/// Says that an invoice is not owed, and why. Nothing is sent to the supplier.
#[utoipa::path(post, path = "/api/incoming-invoices/{id}/refusal", tag = "billing", params(("id" = IncomingInvoiceId, Path)), request_body = RefuseIncoming, responses((status = 200, body = IncomingInvoiceDetail)))]
async fn refuse_incoming_invoice(
    ctx: Ctx,
    Path(id): Path<IncomingInvoiceId>,
    Json(command): Json<RefuseIncoming>,
) -> Result<Tagged<IncomingInvoiceDetail>> {
    let mut tx = ctx.begin().await?;
    ops::refuse(&mut tx, id, &command.reason).await?;
    done(tx, id).await
}

/// Takes up again an invoice that was refused.
#[utoipa::path(post, path = "/api/incoming-invoices/{id}/reopening", tag = "billing", params(("id" = IncomingInvoiceId, Path)), responses((status = 200, body = IncomingInvoiceDetail)))]
async fn reopen_incoming_invoice(ctx: Ctx, Path(id): Path<IncomingInvoiceId>) -> Result<Tagged<IncomingInvoiceDetail>> {
    let mut tx = ctx.begin().await?;
    ops::reopen(&mut tx, id).await?;
    done(tx, id).await
}

/// How an invoice is booked; each part may be left out.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
struct BookIncoming {
    /// The day in the books; the invoice's own unless told. A later one where its own lies in a closed period.
    booked_on: Option<Date>,
    /// When it is due; as the invoice says unless told.
    due_on: Option<Date>,
    /// The account of costs or assets that its lines go to, by code; that of purchases unless told.
    account: Option<String>,
    /// The accounts of single lines.
    lines: Vec<BookIncomingLine>,
    /// The rate, in percent, at which the entity owes VAT that the supplier did not charge (`AE`, `K`); the standard rate of its
    /// country unless told.
    #[schema(value_type = Option<String>)]
    self_assessed_rate: Option<Decimal>,
}

/// Where a line goes.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct BookIncomingLine {
    /// The line's id in the invoice.
    line: String,
    /// The account of costs or assets, by code.
    account: String,
}

/// Enters an approved invoice in the purchase journal: its costs, its VAT, what is owed to the supplier, and the VAT that the entity
/// owes itself (reverse charge, acquisitions from the Union). A credit note mirrors it, and settles the invoice that it names when
/// that is in the books. From here on it is paid and matched as any other document of a supplier.
#[utoipa::path(post, path = "/api/incoming-invoices/{id}/booking", tag = "billing", params(("id" = IncomingInvoiceId, Path)), request_body = BookIncoming, responses((status = 200, body = IncomingInvoiceDetail)))]
async fn book_incoming_invoice(
    ctx: Ctx,
    Path(id): Path<IncomingInvoiceId>,
    Json(command): Json<BookIncoming>,
) -> Result<Tagged<IncomingInvoiceDetail>> {
    let of_line: HashMap<_, _> = command.lines.into_iter().map(|each| (each.line, each.account)).collect();
    let booking = Booking {
        booked_on: command.booked_on,
        due_on: command.due_on,
        accounts: Accounts { usual: command.account, of_line },
        self_assessed_rate: command.self_assessed_rate,
    };
    let mut tx = ctx.begin().await?;
    booking::book(&mut tx, id, booking).await?;
    done(tx, id).await
}
