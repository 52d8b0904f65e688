//! `/api/intercompany`.

use axum::response::Response;
use billing::documents::model::{Direction, DocumentStatus, Origin};
use billing::documents::store::{self as documents, DocumentFilter};
use billing::documents::view::{DocumentDetail, DocumentView, detail};
use kernel::{DeliveryId, DocumentId, EntityId, LeadId, OrderId, Page, PartyId, Timestamp, TransferId, Week};
use platform::http::{Api, Guard, Json, Path, Query, WeekQuery, cursor, limit};
use platform::{Ctx, Error, Permission, Result, Tx, Versioned, export};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;
use utoipa_axum::routes;

use super::invoices::IntercompanyTerms;
use super::model::{SetTransferPrices, TransferStatus};
use super::store::{self, Retry, TransferFilter, TransferRow};
use super::{file, invoices, ops};

/// The routes of this module.
pub fn routes(api: Api) -> Api {
    let view = || Guard::permit(Permission::IntercompanyView);
    let manage = || Guard::permit(Permission::IntercompanyManage);
    api.route(routes!(list_transfer_prices), view())
        .route(routes!(set_transfer_prices), manage())
        .route(routes!(get_intercompany_terms), view())
        .route(routes!(put_intercompany_terms), manage().tenant_wide())
        .route(routes!(list_transfers), view())
        .route(routes!(export_transfers), Guard::permit(Permission::LeadsExport))
        .route(routes!(cancel_transfer), manage())
        .route(routes!(retry_transfers), manage())
        .route(routes!(get_intercompany_health), view())
        .route(routes!(generate_invoices), manage())
        .route(routes!(list_intercompany_invoices), view())
        .route(routes!(get_intercompany_invoice), view())
        .route(routes!(reconcile_intercompany), view())
}

/// What one entity charges another for a unit.
#[derive(Debug, Serialize, ToSchema)]
struct TransferPriceView {
    /// The entity that owns the leads, by code.
    from: String,
    /// The entity that sells them, by code.
    to: String,
    /// The product.
    product: String,
    /// Euros a unit, without VAT.
    unit_price_ht: Decimal,
    /// When it was set.
    updated_at: Timestamp,
    /// By whom.
    updated_by: String,
}

/// Lists the prices between entities.
#[utoipa::path(get, path = "/api/intercompany/pricing", tag = "intercompany", responses((status = 200, body = Vec<TransferPriceView>)))]
async fn list_transfer_prices(ctx: Ctx) -> Result<Json<Vec<TransferPriceView>>> {
    let mut tx = ctx.read().await?;
    Ok(Json(prices(&mut tx).await?))
}

/// On which terms entities invoice each other, in the whole tenant.
#[utoipa::path(get, path = "/api/intercompany/terms", tag = "intercompany", responses((status = 200, body = Versioned<IntercompanyTerms>)))]
async fn get_intercompany_terms(ctx: Ctx) -> Result<Json<Versioned<IntercompanyTerms>>> {
    Ok(Json(ctx.read().await?.versioned_setting().await?))
}

/// On which terms entities are to invoice each other.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct PutIntercompanyTerms {
    /// The terms.
    value: IntercompanyTerms,
    /// The version that was seen; refused when there is a newer one.
    version: Option<i64>,
}

/// Says on which terms entities invoice each other, in the whole tenant. What is issued stays.
#[utoipa::path(put, path = "/api/intercompany/terms", tag = "intercompany", request_body = PutIntercompanyTerms, responses((status = 200, body = Versioned<IntercompanyTerms>)))]
async fn put_intercompany_terms(
    ctx: Ctx,
    Json(command): Json<PutIntercompanyTerms>,
) -> Result<Json<Versioned<IntercompanyTerms>>> {
    if let Some((field, why)) = command.value.refusal() {
        return Err(Error::invalid(format!("value.{field}"), why));
    }
    let mut tx = ctx.begin().await?;
    let stored = tx.put_setting(&command.value, command.version).await?;
    tx.commit().await?;
    Ok(Json(stored))
}

/// Sets prices between entities; those not named stay. They hold for what is sent from now on, and for what lacked a price.
#[utoipa::path(put, path = "/api/intercompany/pricing", tag = "intercompany", request_body = SetTransferPrices, responses((status = 200, body = Vec<TransferPriceView>)))]
async fn set_transfer_prices(ctx: Ctx, Json(command): Json<SetTransferPrices>) -> Result<Json<Vec<TransferPriceView>>> {
    let mut tx = ctx.begin().await?;
    ops::set_prices(&mut tx, &command.prices).await?;
    let prices = prices(&mut tx).await?;
    tx.commit().await?;
    Ok(Json(prices))
}

async fn prices(tx: &mut Tx) -> Result<Vec<TransferPriceView>> {
    let rows = store::list_prices(tx).await?;
    let ctx = tx.ctx();
    let view = |row: store::TransferPriceRow| TransferPriceView {
        from: ctx.entity_code(row.from).to_owned(),
        to: ctx.entity_code(row.to).to_owned(),
        product: row.product,
        unit_price_ht: row.unit_price.normalize(),
        updated_at: row.updated_at,
        updated_by: row.updated_by,
    };
    Ok(rows.into_iter().map(view).collect())
}

/// A unit that one entity owes another.
#[derive(Debug, Serialize, ToSchema)]
struct TransferView {
    /// The transfer.
    id: TransferId,
    /// The entity that owns the lead and is owed, by code.
    from: String,
    /// The entity that sold it and owes, by code.
    to: String,
    /// The delivery.
    delivery_id: DeliveryId,
    /// The lead.
    lead_id: LeadId,
    /// The order.
    order_id: OrderId,
    /// The product.
    product: String,
    /// 1, or -1 when it takes back one that was invoiced.
    units: i32,
    /// Euros a unit, without VAT; none in error.
    unit_price_ht: Option<Decimal>,
    /// The ISO week in which it was sent; of one that takes back, in which it was taken back.
    week: Week,
    /// `normal` or `fallback_no_orders`.
    routing_mode: String,
    /// Where it stands.
    status: TransferStatus,
    /// What is the matter, such as `pricing_missing`.
    error_code: Option<String>,
    /// The same for a person.
    error_message: Option<String>,
    /// How often it was tried.
    attempts: i32,
    /// When it is tried again by itself.
    retry_at: Option<Timestamp>,
    /// The invoice.
    document_id: Option<DocumentId>,
    /// The transfer that it takes back.
    credit_of: Option<TransferId>,
    /// When it was made.
    created_at: Timestamp,
    /// What the caller may do with it now: `cancel`.
    can: Vec<&'static str>,
}

impl TransferView {
    fn of(ctx: &Ctx, row: TransferRow) -> Self {
        let may = row.status == TransferStatus::Pending && ctx.may(Permission::IntercompanyManage);
        Self {
            id: row.id,
            from: ctx.entity_code(row.from_entity_id).to_owned(),
            to: ctx.entity_code(row.to_entity_id).to_owned(),
            delivery_id: row.delivery_id,
            lead_id: row.lead_id,
            order_id: row.order_id,
            product: row.product,
            units: row.units,
            unit_price_ht: row.unit_price.map(|price| price.normalize()),
            week: Week::of(row.week),
            routing_mode: row.routing_mode,
            status: row.status,
            error_code: row.error_code,
            error_message: row.error_message,
            attempts: row.attempts,
            retry_at: row.retry_at,
            document_id: row.document_id,
            credit_of: row.credit_of,
            created_at: row.created_at,
            can: may.then_some("cancel").into_iter().collect(),
        }
    }
}

/// Which transfers; all given conditions hold.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct TransferQuery {
    /// Only of this ISO week.
    week: Option<Week>,
    /// Only in this state.
    #[param(inline)]
    status: Option<TransferStatus>,
    /// Only in this direction, such as `ZR7->MDL`.
    direction: Option<String>,
    /// Only those of this invoice: the sale.
    document: Option<DocumentId>,
    /// Rows per page, 1 to 200.
    limit: Option<u16>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
}

impl TransferQuery {
    fn filter(self, ctx: &Ctx) -> Result<TransferFilter> {
        Ok(TransferFilter {
            id: None,
            week: self.week,
            status: self.status,
            direction: self.direction.as_deref().map(|text| direction(ctx, text)).transpose()?,
            document: self.document,
            after: cursor(self.cursor.as_deref())?,
        })
    }

    /// The conditions for the event log.
    fn told(&self) -> Value {
        json!({ "week": self.week, "status": self.status, "direction": self.direction, "document": self.document })
    }
}

/// All transfers of the list as a CSV file for spreadsheets, newest first. Takes the list's conditions, and no page.
#[utoipa::path(get, path = "/api/intercompany/transfers/export", tag = "intercompany", params(TransferQuery), responses((status = 200, description = "The file", body = String, content_type = "text/csv")))]
async fn export_transfers(ctx: Ctx, Query(query): Query<TransferQuery>) -> Result<Response> {
    let asked = export::Paging(query.limit, None, query.cursor.as_deref());
    export::record(&ctx, "export_transfers", Permission::IntercompanyView, asked, query.told()).await?;
    export::answer(&ctx, &file::SHEET, query.filter(&ctx)?, file::read).await
}

/// Lists what entities owe each other, newest first. Both sides see it.
#[utoipa::path(get, path = "/api/intercompany/transfers", tag = "intercompany", params(TransferQuery), responses((status = 200, body = Page<TransferView>)))]
async fn list_transfers(ctx: Ctx, Query(query): Query<TransferQuery>) -> Result<Json<Page<TransferView>>> {
    let rows = limit(query.limit)?;
    let filter = query.filter(&ctx)?;
    let mut tx = ctx.read().await?;
    let transfers = store::list_transfers(&mut tx, &filter, rows).await?;
    let page = Page::cut(transfers, rows, |row| (row.created_at, row.id.uuid()));
    Ok(Json(page.map(|row| TransferView::of(&ctx, row))))
}

fn direction(ctx: &Ctx, text: &str) -> Result<(EntityId, EntityId)> {
    let side = |code: &str| ctx.entity_by_code(code.trim()).map(|entity| entity.id);
    let sides = text.split_once("->").and_then(|(from, to)| side(from).zip(side(to)));
    sides.ok_or_else(|| Error::bad_parameter("direction", "must name two entities, such as ZR7->MDL"))
}

/// Why a transfer is not owed.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct CancelTransfer {
    /// 1 to 1000 characters.
    reason: String,
}

/// Cancels a pending transfer.
#[utoipa::path(post, path = "/api/intercompany/transfers/{id}/cancel", tag = "intercompany", params(("id" = TransferId, Path)), request_body = CancelTransfer, responses((status = 200, body = TransferView)))]
async fn cancel_transfer(
    ctx: Ctx,
    Path(id): Path<TransferId>,
    Json(command): Json<CancelTransfer>,
) -> Result<Json<TransferView>> {
    let mut tx = ctx.begin().await?;
    ops::cancel(&mut tx, id, &command.reason).await?;
    let filter = TransferFilter { id: Some(id), ..TransferFilter::default() };
    let row = store::list_transfers(&mut tx, &filter, kernel::Limit::default()).await?.pop();
    let view = TransferView::of(&ctx, row.ok_or_else(|| Error::not_found("transfer"))?);
    tx.commit().await?;
    Ok(Json(view))
}

/// What became of the transfers that were tried again.
#[derive(Debug, Serialize, ToSchema)]
struct TransfersRetried {
    /// Pending now, in their original week.
    fixed: i64,
    /// Still in error.
    left: i64,
}

/// Tries every transfer in error again, however often it was tried before.
#[utoipa::path(post, path = "/api/intercompany/retry-errors", tag = "intercompany", responses((status = 200, body = TransfersRetried)))]
async fn retry_transfers(ctx: Ctx) -> Result<Json<TransfersRetried>> {
    let mut tx = ctx.begin().await?;
    let (fixed, left) = ops::retry(&mut tx, Retry::All).await?;
    tx.commit().await?;
    Ok(Json(TransfersRetried { fixed, left }))
}

/// A price that transfers wait for.
#[derive(Debug, Serialize, ToSchema)]
struct MissingTransferPrice {
    /// The entity that owns the leads, by code.
    from: String,
    /// The entity that sells them, by code.
    to: String,
    /// The product.
    product: String,
    /// How many transfers wait for it.
    units: i64,
}

/// How the settlement between entities is.
#[derive(Debug, Serialize, ToSchema)]
struct IntercompanyHealth {
    /// `ok`, or `degraded` while a transfer is in error.
    status: &'static str,
    /// To be invoiced.
    pending: i64,
    /// In error.
    error: i64,
    /// Those among them that are no longer tried by themselves.
    given_up: i64,
    /// When the oldest of them was made.
    oldest_error_at: Option<Timestamp>,
    /// The prices they wait for.
    missing_prices: Vec<MissingTransferPrice>,
}

/// How the settlement between entities is: what waits, what is in error, which prices are missing.
#[utoipa::path(get, path = "/api/intercompany/health", tag = "intercompany", responses((status = 200, body = IntercompanyHealth)))]
async fn get_intercompany_health(ctx: Ctx) -> Result<Json<IntercompanyHealth>> {
    let mut tx = ctx.read().await?;
    let counts = store::count_transfers(&mut tx).await?;
    let missing = store::list_missing_prices(&mut tx).await?;
    let price = |(from, to, product, units)| MissingTransferPrice {
        from: ctx.entity_code(from).to_owned(),
        to: ctx.entity_code(to).to_owned(),
        product,
        units,
    };
    Ok(Json(IntercompanyHealth {
        status: if counts.error > 0 { "degraded" } else { "ok" },
        pending: counts.pending,
        error: counts.error,
        given_up: counts.given_up,
        oldest_error_at: counts.oldest_error_at,
        missing_prices: missing.into_iter().map(price).collect(),
    }))
}

/// What to invoice.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct GenerateInvoices {
    /// The last week to invoice; the one before this unless told.
    pub week: Option<Week>,
}

/// Invoices what entities owe each other up to a week, in the books of both. Who sees one entity alone invoices what it is owed.
/// Nothing pending makes no invoice; asked twice, it invoices once.
#[utoipa::path(post, path = "/api/intercompany/generate-invoices", tag = "intercompany", request_body = GenerateInvoices, responses((status = 200, body = invoices::IntercompanyRun)))]
async fn generate_invoices(ctx: Ctx, Json(command): Json<GenerateInvoices>) -> Result<Json<invoices::IntercompanyRun>> {
    let current = Week::at(ctx.now(), &ctx.tenant().zone);
    let week = command.week.unwrap_or_else(|| current.previous());
    if week > current {
        return Err(Error::invalid("week", "must not lie in the future"));
    }
    let owner = (!ctx.scope().whole_tenant).then(|| ctx.scope().entities.first().copied()).flatten();
    Ok(Json(invoices::invoice_until(&ctx, week, owner).await?))
}

/// Which invoices between entities.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct IntercompanyInvoiceQuery {
    /// Only for this week.
    #[param(value_type = Option<String>)]
    week: Option<Week>,
    /// Only in this direction, such as `ZR7->MDL`.
    direction: Option<String>,
    /// Only in this state: `draft`, `sent`, `paid`.
    #[param(value_type = Option<String>)]
    status: Option<DocumentStatus>,
    /// Rows per page, 1 to 200.
    limit: Option<u16>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
}

/// Lists invoices and credit notes between entities, newest first: sales of the entities in scope, and what they bought.
#[utoipa::path(get, path = "/api/intercompany/invoices", tag = "intercompany", params(IntercompanyInvoiceQuery), responses((status = 200, body = Page<DocumentView>)))]
async fn list_intercompany_invoices(
    ctx: Ctx,
    Query(query): Query<IntercompanyInvoiceQuery>,
) -> Result<Json<Page<DocumentView>>> {
    let rows = limit(query.limit)?;
    let mut tx = ctx.read().await?;
    let mut filter = DocumentFilter {
        origin: Some(Origin::Intercompany),
        week: query.week,
        status: query.status,
        after: cursor(query.cursor.as_deref())?,
        ..DocumentFilter::default()
    };
    if let Some(text) = &query.direction {
        let (from, to) = direction(&ctx, text)?;
        // The sale of one is the purchase of the other: who sees the seller alone reads sales.
        let sees_seller = ctx.scope().entities.contains(&from);
        let (own, other) = if sees_seller { (from, to) } else { (to, from) };
        filter.direction = Some(if sees_seller { Direction::Sale } else { Direction::Purchase });
        filter.party = Some(
            store::find_counterpart(&mut tx, own, other)
                .await?
                .unwrap_or_else(|| PartyId::from_uuid(uuid::Uuid::nil())),
        );
    }
    let documents = documents::list_documents(&mut tx, &filter, rows).await?;
    let page = Page::cut(documents, rows, |row| (row.created_at, row.id.uuid()));
    Ok(Json(page.map(|row| DocumentView::of(&ctx, row))))
}

/// An invoice between entities with the transfers that it is the sum of.
#[derive(Debug, Serialize, ToSchema)]
struct IntercompanyInvoiceView {
    /// The document.
    document: DocumentDetail,
    /// Its transfers, newest first; 200 at most.
    transfers: Vec<TransferView>,
}

/// One invoice between entities with its transfers.
#[utoipa::path(get, path = "/api/intercompany/invoices/{id}", tag = "intercompany", params(("id" = DocumentId, Path)), responses((status = 200, body = IntercompanyInvoiceView)))]
async fn get_intercompany_invoice(ctx: Ctx, Path(id): Path<DocumentId>) -> Result<Json<IntercompanyInvoiceView>> {
    let mut tx = ctx.read().await?;
    let row = documents::get_document(&mut tx, id).await?;
    if row.origin != Origin::Intercompany {
        return Err(Error::not_found("invoice"));
    }
    let sale = if row.direction == Direction::Sale { Some(id) } else { row.mirror_id };
    let filter = TransferFilter { document: sale, ..TransferFilter::default() };
    let transfers = store::list_transfers(&mut tx, &filter, limit(Some(200))?).await?;
    let document = detail(&mut tx, id).await?;
    Ok(Json(IntercompanyInvoiceView {
        document,
        transfers: transfers.into_iter().map(|row| TransferView::of(&ctx, row)).collect(),
    }))
}

/// The two sides of what entities invoiced each other in a week (spec 5.11).
#[utoipa::path(get, path = "/api/intercompany/reconciliation", tag = "intercompany", params(WeekQuery), responses((status = 200, body = Vec<store::Reconciled>)))]
async fn reconcile_intercompany(ctx: Ctx, Query(query): Query<WeekQuery>) -> Result<Json<Vec<store::Reconciled>>> {
    let (ctx, week) = query.within(&ctx)?;
    let mut tx = ctx.read().await?;
    Ok(Json(store::reconcile(&mut tx, week).await?))
}
