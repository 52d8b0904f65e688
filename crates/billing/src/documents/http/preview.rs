//! What a draft says before it is written, and what keeps one that is written from being issued.

use kernel::{Currency, DocumentId};
use platform::http::{Api, Guard, Json, Path, Query};
use platform::{Ctx, Permission, Result, Tx};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::routes;

use crate::documents::draft::Draft;
use crate::documents::issue::{self, Unwritten};
use crate::documents::mentions::Mention;
use crate::documents::store;
use crate::documents::view::{DocumentLineView, DocumentVatView};
use crate::documents::write::{self, WriteDocument};
use crate::house::{self, House};

/// The routes of this module.
pub(super) fn routes(api: Api) -> Api {
    let view = || Guard::permit(Permission::BillingView);
    api.route(routes!(preview_document), view()).route(routes!(check_document), view())
}

/// What keeps a draft from being issued.
#[derive(Debug, Serialize, ToSchema)]
struct DocumentCheck {
    /// Whether it can be issued as it is.
    can_issue: bool,
    /// What the law asks for, met or not.
    mentions: Vec<Mention>,
    /// What an electronic invoice would be refused for.
    findings: Vec<EinvoiceFinding>,
}

/// A rule of electronic invoices that a document breaks.
#[derive(Debug, Serialize, ToSchema)]
struct EinvoiceFinding {
    /// The rule.
    code: String,
    /// What it says.
    message: String,
}

impl DocumentCheck {
    fn of((mentions, findings): (Vec<Mention>, Vec<einvoice::Finding>)) -> Self {
        let finding =
            |finding: einvoice::Finding| EinvoiceFinding { code: finding.code.to_owned(), message: finding.message };
        let findings: Vec<_> = findings.into_iter().map(finding).collect();
        Self { can_issue: findings.is_empty() && mentions.iter().all(|mention| mention.is_met), mentions, findings }
    }
}

/// Tells what keeps a draft from being issued, before it is tried.
#[utoipa::path(get, path = "/api/documents/{id}/check", tag = "billing", params(("id" = DocumentId, Path)), responses((status = 200, body = DocumentCheck)))]
async fn check_document(ctx: Ctx, Path(id): Path<DocumentId>) -> Result<Json<DocumentCheck>> {
    let mut tx = ctx.read().await?;
    Ok(Json(DocumentCheck::of(issue::dry_check(&mut tx, id).await?)))
}

/// Which draft is written anew.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct PreviewQuery {
    /// The draft that is being changed; a new one unless told.
    document: Option<DocumentId>,
}

/// What a draft says, computed as it is when it is written, and kept nowhere.
#[derive(Debug, Serialize, ToSchema)]
struct DocumentPreview {
    /// The currency of its amounts.
    currency: Currency,
    /// Days it may take to pay.
    payment_terms_days: i32,
    /// Its lines, in their order, with what was left out filled in.
    lines: Vec<DocumentLineView>,
    /// Its VAT, highest rate first.
    vat_lines: Vec<DocumentVatView>,
    /// The sum of its lines.
    lines_net: Decimal,
    /// What its discount takes off.
    discount_total: Decimal,
    /// Without VAT.
    net: Decimal,
    /// All VAT.
    vat: Decimal,
    /// With VAT.
    gross: Decimal,
    /// What would keep it from being issued.
    check: DocumentCheck,
}

/// Tells what a draft would say and what would keep it from being issued, and writes nothing: for who is still typing.
#[utoipa::path(post, path = "/api/documents/preview", tag = "billing", params(PreviewQuery), request_body = WriteDocument, responses((status = 200, body = DocumentPreview)))]
async fn preview_document(
    ctx: Ctx,
    Query(query): Query<PreviewQuery>,
    Json(command): Json<WriteDocument>,
) -> Result<Json<DocumentPreview>> {
    let (house, draft, mut tx) = if let Some(id) = query.document {
        let mut tx = ctx.read().await?;
        let row = store::get_document(&mut tx, id).await?;
        let house = house::open(&mut tx, row.entity_id).await?;
        let draft = write::revise(&mut tx, &house, &row, command).await?;
        (house, draft, tx)
    } else {
        let entity = ctx.write_entity(command.entity.as_deref())?.id;
        let mut tx = ctx.read().await?;
        let house = house::open(&mut tx, entity).await?;
        let draft = write::resolve(&mut tx, &house, command).await?;
        (house, draft, tx)
    };
    Ok(Json(preview(&mut tx, house, &draft).await?))
}

async fn preview(tx: &mut Tx, house: House, draft: &Draft) -> Result<DocumentPreview> {
    let totals = draft.checked(house.standard_rate())?;
    let party = parties::get_party(tx, draft.party_id).await?;
    let unwritten = || Unwritten::of(draft, &totals, &party, tx.now());
    let (shown, checked) = (unwritten(), unwritten());
    let check = DocumentCheck::of(issue::check_unwritten(tx, house, party, checked).await?);
    Ok(DocumentPreview {
        currency: draft.currency,
        payment_terms_days: draft.payment_terms_days,
        lines: shown.lines.into_iter().map(DocumentLineView::from).collect(),
        vat_lines: shown.vat.into_iter().map(DocumentVatView::from).collect(),
        lines_net: totals.lines_net,
        discount_total: totals.discount,
        net: totals.net,
        vat: totals.vat_total,
        gross: totals.gross,
        check,
    })
}
