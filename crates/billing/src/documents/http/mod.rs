//! Routes of documents: all of them under `/api/documents`, and the invoices of customers in [`invoices`].

mod invoices;
mod preview;

use axum::http::StatusCode;
use axum::response::Response;
use kernel::{Date, DocumentId, Page, PartyId, Week};
use platform::event::{StoredEvent, list_events_about};
use platform::http::{Api, FileKind, Guard, IdCursor, Json, PageQuery, Path, Query, Tagged, cursor, limit, own_file};
use platform::{Ctx, Error, Permission, Result, export};
use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::ToSchema;
use utoipa_axum::routes;

use super::billed::Billed;
use super::model::{Direction, DocumentKind, DocumentStatus, Origin, PaymentState};
use super::store::{self, DocumentFilter};
use super::view::{DocumentDetail, DocumentView, detail};
use super::write::{self, WriteDocument, WriteLine};
use super::{file, issue, ops};
use crate::house;

/// The routes of this module.
pub fn routes(api: Api) -> Api {
    let view = || Guard::permit(Permission::BillingView);
    let manage = || Guard::permit(Permission::BillingManage);
    api.route(routes!(list_documents), view())
        .route(routes!(export_documents), Guard::permit(Permission::LeadsExport))
        .route(routes!(create_document), manage())
        .route(routes!(get_document), view())
        .route(routes!(update_document), manage())
        .route(routes!(delete_document), manage())
        .route(routes!(issue_document), manage())
        .route(routes!(download_document), view())
        .route(routes!(credit_document), manage())
        .route(routes!(answer_document), manage())
        .route(routes!(convert_document), manage())
        .route(routes!(duplicate_document), manage())
        .route(routes!(list_document_activity), view())
        .with(preview::routes)
        .with(invoices::routes)
}

/// Kinds that are looked at together.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum DocumentGroup {
    /// What claims money: invoices and deposit invoices.
    Claims,
    /// What is entered in the books: those and credit notes.
    Invoices,
    /// What claims nothing: quotes and pro-formas.
    Offers,
}

impl DocumentGroup {
    fn kinds(self) -> Vec<DocumentKind> {
        let is_among = |kind: &&DocumentKind| match self {
            Self::Claims => kind.is_claim(),
            Self::Invoices => kind.is_fiscal(),
            Self::Offers => !kind.is_fiscal(),
        };
        DocumentKind::ALL.iter().filter(is_among).copied().collect()
    }
}

/// Which documents.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct DocumentQuery {
    /// The entity, by code; `ALL` for those in scope.
    entity: Option<String>,
    /// Only this kind.
    kind: Option<DocumentKind>,
    /// Only kinds of this group, where no kind is told.
    #[param(inline)]
    group: Option<DocumentGroup>,
    /// Only sales, or purchases.
    direction: Option<Direction>,
    /// Only in this state of a document, or with this much open: `draft`, `sent`, `paid`, `overdue`, `unpaid`, `partial`, …
    status: Option<String>,
    /// Only of this customer or supplier.
    party: Option<PartyId>,
    /// The same, by its name in lead selling.
    buyer: Option<PartyId>,
    /// Only made from this.
    origin: Option<Origin>,
    /// Only for this week.
    week: Option<Week>,
    /// Only issued from this day on.
    from: Option<Date>,
    /// Only issued until this day.
    to: Option<Date>,
    /// Only those made from this document: its credit notes, or the invoice that an offer became.
    of: Option<DocumentId>,
    /// Only those that bill this thing: `kind:reference`, such as `time_entry:4711`.
    bills: Option<String>,
    /// Only whose number, customer or subject has this text.
    search: Option<String>,
    /// Rows per page, 1 to 200.
    limit: Option<u16>,
    /// Rows passed over; better for few than for many, where `cursor` is.
    skip: Option<u16>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
}

impl DocumentQuery {
    fn filter(self, ctx: &Ctx) -> Result<DocumentFilter> {
        let (status, state) = match self.status.as_deref() {
            None => (None, None),
            Some("paid") => (Some(DocumentStatus::Paid), None),
            Some(word) => match (word.parse::<PaymentState>(), word.parse::<DocumentStatus>()) {
                (Ok(state), _) => (None, Some((state, today(ctx)))),
                (_, Ok(status)) => (Some(status), None),
                _ => return Err(Error::bad_parameter("status", "is no state of a document")),
            },
        };
        Ok(DocumentFilter {
            kinds: match (self.kind, self.group) {
                (Some(kind), _) => vec![kind],
                (None, group) => group.map(DocumentGroup::kinds).unwrap_or_default(),
            },
            direction: self.direction,
            status,
            state,
            party: self.party.or(self.buyer),
            origin: self.origin,
            not_origin: None,
            week: self.week,
            from: self.from,
            to: self.to,
            of: self.of,
            bills: self.bills.as_deref().map(Billed::of_query).transpose()?,
            search: self.search.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty()),
            after: cursor(self.cursor.as_deref())?,
        })
    }
}

impl DocumentQuery {
    /// The conditions for the event log: never what was searched for.
    fn told(&self) -> Value {
        json!({ "entity": self.entity, "kind": self.kind, "direction": self.direction, "status": self.status,
            "party": self.party.or(self.buyer), "origin": self.origin, "week": self.week, "from": self.from, "to": self.to,
            "searched": self.search.is_some() })
    }
}

/// The day in the entity in scope, or in the tenant where several are.
fn today(ctx: &Ctx) -> Date {
    let mut entities = ctx.entities();
    let only = entities.next().filter(|_| entities.next().is_none());
    ctx.now().date_in(only.map_or(&ctx.tenant().zone, |entity| &entity.zone))
}

async fn list(
    ctx: &Ctx,
    query: DocumentQuery,
    narrow: impl FnOnce(DocumentFilter) -> DocumentFilter,
) -> Result<Json<Page<DocumentView>>> {
    let ctx = ctx.within(query.entity.as_deref())?;
    let rows = limit(query.limit)?.skipping(query.skip);
    let filter = narrow(query.filter(&ctx)?);
    let mut tx = ctx.read().await?;
    let documents = store::list_documents(&mut tx, &filter, rows).await?;
    let page = Page::cut(documents, rows, |row| (row.created_at, row.id.uuid()));
    Ok(Json(page.map(|row| DocumentView::of(&ctx, row))))
}

/// Lists documents of every kind, newest first.
#[utoipa::path(get, path = "/api/documents", tag = "billing", params(DocumentQuery), responses((status = 200, body = Page<DocumentView>)))]
async fn list_documents(ctx: Ctx, Query(query): Query<DocumentQuery>) -> Result<Json<Page<DocumentView>>> {
    list(&ctx, query, |filter| filter).await
}

/// All documents of the list as a CSV file for spreadsheets, newest first. Takes the list's conditions, and no page.
#[utoipa::path(get, path = "/api/documents/export", tag = "billing", params(DocumentQuery), responses((status = 200, description = "The file", body = String, content_type = "text/csv")))]
async fn export_documents(ctx: Ctx, Query(query): Query<DocumentQuery>) -> Result<Response> {
    take(&ctx, query, ("export_documents", &file::DOCUMENTS), |filter| filter).await
}

async fn take(
    ctx: &Ctx,
    query: DocumentQuery,
    (action, sheet): (&'static str, &export::Sheet<24>),
    narrow: impl FnOnce(DocumentFilter) -> DocumentFilter,
) -> Result<Response> {
    let asked = export::Paging(query.limit, query.skip, query.cursor.as_deref());
    let ctx = ctx.within(query.entity.as_deref())?;
    export::record(&ctx, action, Permission::BillingView, asked, query.told()).await?;
    export::answer(&ctx, sheet, narrow(query.filter(&ctx)?), file::read).await
}

async fn create(ctx: &Ctx, command: WriteDocument) -> Result<(StatusCode, Tagged<DocumentDetail>)> {
    let entity = ctx.write_entity(command.entity.as_deref())?.id;
    let mut tx = ctx.begin().await?;
    let house = house::open(&mut tx, entity).await?;
    let draft = write::resolve(&mut tx, &house, command).await?;
    let written = ops::create_draft(&mut tx, &draft).await?;
    let view = detail(&mut tx, written.id).await?;
    tx.commit().await?;
    Ok((StatusCode::CREATED, Tagged(view.updated_at(), view)))
}

/// Writes a draft: an invoice, a deposit invoice, a quote or a pro-forma.
#[utoipa::path(post, path = "/api/documents", tag = "billing", request_body = WriteDocument, responses((status = 201, body = DocumentDetail)))]
async fn create_document(ctx: Ctx, Json(command): Json<WriteDocument>) -> Result<(StatusCode, Tagged<DocumentDetail>)> {
    create(&ctx, command).await
}

async fn show(ctx: &Ctx, id: DocumentId) -> Result<Tagged<DocumentDetail>> {
    let mut tx = ctx.read().await?;
    let view = detail(&mut tx, id).await?;
    Ok(Tagged(view.updated_at(), view))
}

/// One document with its lines, its VAT, who sold and bought, and what settles it.
#[utoipa::path(get, path = "/api/documents/{id}", tag = "billing", params(("id" = DocumentId, Path)), responses((status = 200, body = DocumentDetail)))]
async fn get_document(ctx: Ctx, Path(id): Path<DocumentId>) -> Result<Tagged<DocumentDetail>> {
    show(&ctx, id).await
}

async fn update(ctx: &Ctx, id: DocumentId, command: WriteDocument) -> Result<Tagged<DocumentDetail>> {
    let mut tx = ctx.begin().await?;
    let row = store::get_document(&mut tx, id).await?;
    let house = house::open(&mut tx, row.entity_id).await?;
    ops::expect_draft(&row)?;
    let written = write::revise(&mut tx, &house, &row, command).await?;
    ops::update_draft(&mut tx, id, |_| Ok(written)).await?;
    let view = detail(&mut tx, id).await?;
    tx.commit().await?;
    Ok(Tagged(view.updated_at(), view))
}

/// Writes a draft anew: all of it. What is issued is locked.
#[utoipa::path(put, path = "/api/documents/{id}", tag = "billing", params(("id" = DocumentId, Path), ("If-Match" = Option<String>, Header, description = "The version you saw")), request_body = WriteDocument, responses((status = 200, body = DocumentDetail)))]
async fn update_document(
    ctx: Ctx,
    Path(id): Path<DocumentId>,
    Json(command): Json<WriteDocument>,
) -> Result<Tagged<DocumentDetail>> {
    update(&ctx, id, command).await
}

/// Throws a draft away.
#[utoipa::path(delete, path = "/api/documents/{id}", tag = "billing", params(("id" = DocumentId, Path), ("If-Match" = Option<String>, Header, description = "The version you saw")), responses((status = 204)))]
async fn delete_document(ctx: Ctx, Path(id): Path<DocumentId>) -> Result<StatusCode> {
    let mut tx = ctx.begin().await?;
    ops::delete_draft(&mut tx, id).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// When to issue.
#[derive(Clone, Copy, Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct IssueDocument {
    /// The day of issue; today unless told. Not before the last number's.
    pub issue_on: Option<Date>,
}

async fn issue_one(ctx: &Ctx, id: DocumentId, command: IssueDocument) -> Result<Tagged<DocumentDetail>> {
    let mut tx = ctx.begin().await?;
    issue::issue(&mut tx, &[id], command.issue_on).await?;
    let view = detail(&mut tx, id).await?;
    tx.commit().await?;
    Ok(Tagged(view.updated_at(), view))
}

/// Issues a draft: draws its number, freezes it, sets its page and enters it in the books.
#[utoipa::path(post, path = "/api/documents/{id}/issuance", tag = "billing", params(("id" = DocumentId, Path)), request_body = IssueDocument, responses((status = 200, body = DocumentDetail)))]
async fn issue_document(
    ctx: Ctx,
    Path(id): Path<DocumentId>,
    Json(command): Json<IssueDocument>,
) -> Result<Tagged<DocumentDetail>> {
    issue_one(&ctx, id, command).await
}

/// What a document is downloaded as.
#[derive(Clone, Copy, Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum DocumentFormat {
    /// The page: Factur-X, a PDF/A-3 with the data inside.
    #[default]
    Pdf,
    /// The data, as UN/CEFACT CII.
    Cii,
    /// The data, as OASIS UBL.
    Ubl,
}

/// Which file.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct DownloadQuery {
    /// `pdf` (Factur-X), `cii` or `ubl`; `pdf` unless told.
    #[param(value_type = Option<String>)]
    format: Option<DocumentFormat>,
}

/// The file of a document: what was stored when it was issued, byte for byte. The page of a draft is set as it would be issued
/// today, without a number.
#[utoipa::path(get, path = "/api/documents/{id}/file", tag = "billing", params(("id" = DocumentId, Path), DownloadQuery), responses((status = 200, description = "The file", body = Vec<u8>, content_type = "application/pdf")))]
async fn download_document(
    ctx: Ctx,
    Path(id): Path<DocumentId>,
    Query(query): Query<DownloadQuery>,
) -> Result<Response> {
    let mut tx = ctx.read().await?;
    let row = store::get_document(&mut tx, id).await?;
    let format = query.format.unwrap_or_default();
    let name = row.number.clone().unwrap_or_else(|| format!("draft-{id}")).replace('/', "-");
    let (bytes, kind, ending) = match (format, row.status) {
        (DocumentFormat::Pdf, DocumentStatus::Draft) => (issue::preview(&mut tx, id).await?, FileKind::Pdf, "pdf"),
        (DocumentFormat::Pdf, _) => (store::get_file(&mut tx, id, "pdf").await?, FileKind::Pdf, "pdf"),
        (DocumentFormat::Cii, _) => (store::get_file(&mut tx, id, "cii").await?, FileKind::Xml, "xml"),
        (DocumentFormat::Ubl, _) => (as_ubl(&store::get_file(&mut tx, id, "cii").await?)?, FileKind::Xml, "ubl.xml"),
    };
    Ok(own_file(&format!("{name}.{ending}"), kind, bytes))
}

/// The stored data in the other syntax.
fn as_ubl(cii: &[u8]) -> Result<Vec<u8>> {
    let received = einvoice::read(cii).map_err(|error| Error::internal("reading a stored invoice", error))?;
    einvoice::ubl::write(&received.invoice).map_err(|error| Error::internal("writing a stored invoice", error))
}

/// What is taken back of an invoice.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreditDocument {
    /// Why, printed on the credit note.
    pub reason: String,
    /// The part that is taken back, under the invoice's discount in percent; all of it unless told.
    pub lines: Option<Vec<WriteLine>>,
}

/// Writes the draft of a credit note over an invoice, or over a part of it. All credit notes of an invoice together take back
/// no more than it amounts to.
#[utoipa::path(post, path = "/api/documents/{id}/credit-notes", tag = "billing", params(("id" = DocumentId, Path)), request_body = CreditDocument, responses((status = 201, body = DocumentDetail)))]
async fn credit_document(
    ctx: Ctx,
    Path(id): Path<DocumentId>,
    Json(command): Json<CreditDocument>,
) -> Result<(StatusCode, Tagged<DocumentDetail>)> {
    if command.reason.trim().is_empty() {
        return Err(Error::invalid("reason", "is needed"));
    }
    let mut tx = ctx.begin().await?;
    let lines = match command.lines {
        Some(lines) => {
            let row = store::get_document(&mut tx, id).await?;
            let house = house::open(&mut tx, row.entity_id).await?;
            let of = (row.party_id, super::invoice::language(&row), row.currency);
            Some(write::resolve_lines(&mut tx, &house, of, lines).await?)
        }
        None => None,
    };
    let written = ops::credit(&mut tx, id, lines, command.reason.trim()).await?;
    let view = detail(&mut tx, written.id).await?;
    tx.commit().await?;
    Ok((StatusCode::CREATED, Tagged(view.updated_at(), view)))
}

/// What a customer answered to an offer.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AnswerDocument {
    /// Whether he said yes.
    pub accepted: bool,
    /// How it is known: a signature, a mail, a call.
    pub evidence: String,
}

/// Writes down what a customer answered to an offer.
#[utoipa::path(post, path = "/api/documents/{id}/answer", tag = "billing", params(("id" = DocumentId, Path)), request_body = AnswerDocument, responses((status = 200, body = DocumentDetail)))]
async fn answer_document(
    ctx: Ctx,
    Path(id): Path<DocumentId>,
    Json(command): Json<AnswerDocument>,
) -> Result<Tagged<DocumentDetail>> {
    if command.evidence.trim().is_empty() {
        return Err(Error::invalid("evidence", "is needed: how is the answer known?"));
    }
    let answer = if command.accepted { ops::Answer::Accepted } else { ops::Answer::Refused };
    let mut tx = ctx.begin().await?;
    ops::answer_offer(&mut tx, id, answer, command.evidence.trim()).await?;
    let view = detail(&mut tx, id).await?;
    tx.commit().await?;
    Ok(Tagged(view.updated_at(), view))
}

/// What an offer becomes.
#[derive(Clone, Copy, Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ConvertDocument {
    /// `invoice` or `deposit_invoice`; an invoice unless told.
    pub kind: Option<DocumentKind>,
}

/// Makes the draft of an invoice from an accepted offer, once.
#[utoipa::path(post, path = "/api/documents/{id}/conversion", tag = "billing", params(("id" = DocumentId, Path)), request_body = ConvertDocument, responses((status = 201, body = DocumentDetail)))]
async fn convert_document(
    ctx: Ctx,
    Path(id): Path<DocumentId>,
    Json(command): Json<ConvertDocument>,
) -> Result<(StatusCode, Tagged<DocumentDetail>)> {
    let mut tx = ctx.begin().await?;
    let written = ops::convert_offer(&mut tx, id, command.kind.unwrap_or(DocumentKind::Invoice)).await?;
    let view = detail(&mut tx, written.id).await?;
    tx.commit().await?;
    Ok((StatusCode::CREATED, Tagged(view.updated_at(), view)))
}

/// How a document is copied.
#[derive(Clone, Copy, Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct DuplicateDocument {
    /// Whether the copy is the next version of a quote that was sent.
    pub revises: bool,
}

/// Writes a draft that says what a document says.
#[utoipa::path(post, path = "/api/documents/{id}/copies", tag = "billing", params(("id" = DocumentId, Path)), request_body = DuplicateDocument, responses((status = 201, body = DocumentDetail)))]
async fn duplicate_document(
    ctx: Ctx,
    Path(id): Path<DocumentId>,
    Json(command): Json<DuplicateDocument>,
) -> Result<(StatusCode, Tagged<DocumentDetail>)> {
    let mut tx = ctx.begin().await?;
    let written = ops::duplicate(&mut tx, id, command.revises).await?;
    let view = detail(&mut tx, written.id).await?;
    tx.commit().await?;
    Ok((StatusCode::CREATED, Tagged(view.updated_at(), view)))
}

/// Lists what happened to a document and what is related to it, newest first.
#[utoipa::path(get, path = "/api/documents/{id}/activity", tag = "billing", params(("id" = DocumentId, Path), PageQuery), responses((status = 200, body = Page<StoredEvent>)))]
async fn list_document_activity(
    ctx: Ctx,
    Path(id): Path<DocumentId>,
    Query(query): Query<PageQuery>,
) -> Result<Json<Page<StoredEvent>>> {
    let (rows, before) = query.by_id()?;
    let mut tx = ctx.read().await?;
    store::get_document(&mut tx, id).await?;
    let events = list_events_about(&mut tx, id.uuid(), before, rows).await?;
    Ok(Json(IdCursor::cut(events, rows, |event| event.id.uuid())))
}
