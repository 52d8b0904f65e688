//! Documents as people see them.

use kernel::{Currency, Date, DocumentId, DocumentLineId, EntryId, PartyId, PaymentId, Timestamp, VatCode, Week};
use platform::{Ctx, Permission, Result, Tx};
use rust_decimal::Decimal;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

use super::billed::Billed;
use super::model::{Direction, DocumentKind, DocumentStatus, LineKind, Origin, PayMethod, PaymentState};
use super::store::{self, DocumentRow, LineRow, VatRow};
use super::totals::Discount;
use super::vat::LineVat;
use crate::payments::store::{Of, Settlement, list_settlements};

/// A document in a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct DocumentView {
    /// The document.
    id: DocumentId,
    /// Its entity, by code.
    entity: String,
    /// Its kind.
    kind: DocumentKind,
    /// Who claims.
    direction: Direction,
    /// Where it stands.
    status: DocumentStatus,
    /// What is still open on it today; none for a draft and for an offer.
    payment_state: Option<PaymentState>,
    /// What it was made from.
    origin: Origin,
    /// Its number, once it is issued.
    number: Option<String>,
    /// Counts the revisions of a quote.
    version: i32,
    /// The customer or supplier.
    party_id: PartyId,
    /// Its name.
    party_name: String,
    /// What a credit note takes back.
    original_id: Option<DocumentId>,
    /// Its number.
    original_number: Option<String>,
    /// The offer it was made from.
    source_id: Option<DocumentId>,
    /// The same document in the books of the other entity.
    mirror_id: Option<DocumentId>,
    /// The day of issue.
    issue_on: Option<Date>,
    /// The day it is due.
    due_on: Option<Date>,
    /// Days since it was due, when something is open on it.
    days_late: Option<i64>,
    /// Until when an offer stands.
    valid_until: Option<Date>,
    /// The week it bills.
    week: Option<Week>,
    /// What it is about.
    subject: String,
    /// The currency of its amounts.
    currency: Currency,
    /// Without VAT.
    net: Decimal,
    /// All VAT.
    vat: Decimal,
    /// With VAT; positive on a credit note too.
    gross: Decimal,
    /// What payments settled; of a credit note, what it was used for.
    paid: Decimal,
    /// What credit notes took back.
    credited: Decimal,
    /// What is still open.
    balance: Decimal,
    /// Whether the customer contests it.
    disputed: bool,
    /// When it was last changed.
    updated_at: Timestamp,
    /// What the caller may do with it now: `edit`, `delete`, `issue`, `pay`, `credit`, `answer`, `convert`, `revise`, `refund`.
    can: Vec<&'static str>,
}

impl DocumentView {
    /// A document as the caller sees it.
    pub fn of(ctx: &Ctx, row: DocumentRow) -> Self {
        let zone = ctx.entity(row.entity_id).map_or(&ctx.tenant().zone, |entity| &entity.zone);
        let today = ctx.now().date_in(zone);
        let settled = row.settled();
        let state = row.state(today);
        let late = row.due_on.filter(|_| state == Some(PaymentState::Overdue));
        Self {
            can: if ctx.may(Permission::BillingManage) { allowed(&row) } else { Vec::new() },
            id: row.id,
            entity: ctx.entity_code(row.entity_id).to_owned(),
            kind: row.kind,
            direction: row.direction,
            status: row.status,
            payment_state: state,
            origin: row.origin,
            number: row.number,
            version: row.version,
            party_id: row.party_id,
            party_name: row.party_name,
            original_id: row.original_id,
            original_number: row.original_number,
            source_id: row.source_id,
            mirror_id: row.mirror_id,
            issue_on: row.issue_on,
            due_on: row.due_on,
            days_late: late.map(|due| i64::from((today.jiff() - due.jiff()).get_days())),
            valid_until: row.valid_until,
            week: row.week.map(Week::of),
            subject: row.subject,
            currency: row.currency,
            net: row.net,
            vat: row.vat,
            gross: row.gross,
            paid: row.paid,
            credited: row.credited,
            balance: if row.kind.is_fiscal() { settled.balance() } else { Decimal::ZERO },
            disputed: row.disputed,
            updated_at: row.updated_at,
        }
    }
}

fn allowed(row: &DocumentRow) -> Vec<&'static str> {
    let is = |status| row.status == status;
    let (is_sale, is_draft) = (row.direction == Direction::Sale, is(DocumentStatus::Draft));
    let is_issued = is(DocumentStatus::Sent) || is(DocumentStatus::Paid);
    let (is_claim, is_note) = (row.kind.is_claim(), row.kind == DocumentKind::CreditNote);
    let is_offer = !row.kind.is_fiscal();
    let is_open = row.settled().balance() > Decimal::ZERO;
    let actions = [
        ("edit", is_draft && is_sale),
        ("delete", is_draft),
        ("issue", is_draft && is_sale && row.gross > Decimal::ZERO),
        ("pay", is_claim && is(DocumentStatus::Sent)),
        ("credit", is_claim && is_sale && is_issued && row.credited < row.gross),
        ("refund", is_note && is_sale && is_issued && is_open),
        ("answer", is_offer && is(DocumentStatus::Sent)),
        ("convert", is_offer && is(DocumentStatus::Accepted)),
        ("revise", row.kind == DocumentKind::Quote && !is_draft && !is(DocumentStatus::Converted)),
    ];
    actions.into_iter().filter(|(_, now)| *now).map(|(action, _)| action).collect()
}

/// A line as people see it. Sent back in a change, it says the same.
#[derive(Debug, Serialize, ToSchema)]
pub struct DocumentLineView {
    /// The line.
    id: DocumentLineId,
    /// What stands on it.
    kind: LineKind,
    /// The item of the catalogue.
    item: String,
    /// What was sold, in a line.
    name: String,
    /// What was sold, at length.
    description: String,
    /// How many.
    quantity: Decimal,
    /// The unit.
    unit_code: String,
    /// The price of one without VAT.
    unit_price: Decimal,
    /// What is taken off the line, in percent.
    discount_pct: Decimal,
    /// Quantity by price.
    gross: Decimal,
    /// What is left after its discount.
    net: Decimal,
    /// Its VAT.
    vat: LineVat,
    /// The role of the account its revenue is booked on.
    revenue_role: String,
    /// The account by its code, where it is none that plays a role: of what a supplier billed.
    #[serde(skip_serializing_if = "Option::is_none")]
    account: Option<String>,
    /// The first day of its supply.
    supply_from: Option<Date>,
    /// The last day of its supply.
    supply_to: Option<Date>,
    /// What was done or consumed that it bills.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    bills: Vec<Billed>,
}

impl From<LineRow> for DocumentLineView {
    fn from(row: LineRow) -> Self {
        Self {
            vat: row.line_vat(),
            id: row.id,
            kind: row.kind,
            item: row.item_code,
            name: row.name,
            description: row.description,
            quantity: row.quantity.normalize(),
            unit_code: row.unit_code,
            unit_price: row.unit_price,
            discount_pct: row.discount_pct,
            gross: row.gross,
            net: row.net,
            revenue_role: row.revenue_role,
            account: row.account,
            supply_from: row.supply_from,
            supply_to: row.supply_to,
            bills: row.bills.0,
        }
    }
}

/// VAT of a document under one rate.
#[derive(Debug, Serialize, ToSchema)]
pub struct DocumentVatView {
    /// The category of EN 16931.
    category: VatCode,
    /// The rate in percent.
    rate: Decimal,
    /// What VAT is due on.
    base: Decimal,
    /// The VAT.
    vat: Decimal,
    /// Why it is not the usual rate.
    reason: String,
}

impl From<VatRow> for DocumentVatView {
    fn from(row: VatRow) -> Self {
        Self { category: row.category, rate: row.rate.normalize(), base: row.base, vat: row.vat, reason: row.reason }
    }
}

/// What settles a document, or what it settles.
#[derive(Debug, Serialize, ToSchema)]
pub struct SettlementView {
    /// The settlement.
    id: Uuid,
    /// The document that is settled.
    document_id: DocumentId,
    /// Its number.
    document_number: Option<String>,
    /// Its kind.
    document_kind: Option<DocumentKind>,
    /// By this payment.
    payment_id: Option<PaymentId>,
    /// How that was made.
    method: Option<PayMethod>,
    /// By this credit note.
    credit_note_id: Option<DocumentId>,
    /// Its number.
    credit_note_number: Option<String>,
    /// How much.
    amount: Decimal,
    /// The day.
    made_on: Date,
    /// The day it was given up, such as when the payment bounced.
    released_on: Option<Date>,
    /// Why.
    release_reason: String,
}

impl From<Settlement> for SettlementView {
    fn from(settlement: Settlement) -> Self {
        let row = settlement.allocation;
        Self {
            document_number: settlement.document_number,
            document_kind: settlement.document_kind.parse().ok(),
            method: settlement.method.and_then(|word| word.parse().ok()),
            credit_note_number: settlement.credit_note_number,
            id: row.id,
            document_id: row.document_id,
            payment_id: row.payment_id,
            credit_note_id: row.credit_note_id,
            amount: row.amount,
            made_on: row.made_on,
            released_on: row.released_on,
            release_reason: row.release_reason,
        }
    }
}

/// A document with all that it says.
#[derive(Debug, Serialize, ToSchema)]
pub struct DocumentDetail {
    /// What lists show of it.
    #[serde(flatten)]
    head: DocumentView,
    /// The language of its page.
    language: String,
    /// What is printed under it.
    notes: String,
    /// What only the house reads.
    internal_notes: String,
    /// The customer's order number.
    purchase_order: String,
    /// The contract.
    contract: String,
    /// The first day of the supply.
    supply_from: Option<Date>,
    /// The last day of the supply.
    supply_to: Option<Date>,
    /// Days it may take to pay.
    payment_terms_days: i32,
    /// How it is to be paid.
    payment_method: PayMethod,
    /// What is taken off the whole.
    discount: Discount,
    /// Why.
    discount_reason: String,
    /// The sum of its lines.
    lines_net: Decimal,
    /// What its discount takes off.
    discount_total: Decimal,
    /// Its lines, in their order.
    lines: Vec<DocumentLineView>,
    /// Its VAT, highest rate first.
    vat_lines: Vec<DocumentVatView>,
    /// Who sold, as it was when it was issued.
    seller: Option<Value>,
    /// Who bought, as it was when it was issued.
    buyer: Option<Value>,
    /// What settles it, and was given up again.
    settlements: Vec<SettlementView>,
    /// What a credit note was used for.
    used_for: Vec<SettlementView>,
    /// One unit of its currency in that of the books, where they differ.
    rate: Option<Decimal>,
    /// Its entry in the books.
    entry_id: Option<EntryId>,
    /// The SHA-256 of its page, in lower-case hex.
    pdf_sha256: Option<String>,
    /// When it was issued.
    issued_at: Option<Timestamp>,
    /// Who issued it.
    issued_by: Option<String>,
    /// When nothing was left to pay.
    settled_on: Option<Date>,
    /// When it was written.
    created_at: Timestamp,
    /// Who wrote it.
    created_by: String,
}

impl DocumentDetail {
    /// When it was last changed.
    pub fn updated_at(&self) -> Timestamp {
        self.head.updated_at
    }
}

/// Reads a document with all that it says.
///
/// Not found out of scope.
pub async fn detail(tx: &mut Tx, id: DocumentId) -> Result<DocumentDetail> {
    let ctx = tx.ctx().clone();
    let row = store::get_document(tx, id).await?;
    let lines = store::list_lines(tx, &[id]).await?;
    let vat = store::list_vat(tx, &[id]).await?;
    let settlements = list_settlements(tx, Of::Document(id)).await?;
    let used_for = list_settlements(tx, Of::CreditNote(id)).await?;
    Ok(DocumentDetail {
        language: row.language.clone(),
        notes: row.notes.clone(),
        internal_notes: row.internal_notes.clone(),
        purchase_order: row.purchase_order.clone(),
        contract: row.contract.clone(),
        supply_from: row.supply_from,
        supply_to: row.supply_to,
        payment_terms_days: row.payment_terms_days,
        payment_method: row.payment_method,
        discount: Discount::of_columns(row.discount_pct, row.discount_amount),
        discount_reason: row.discount_reason.clone(),
        lines_net: row.lines_net,
        discount_total: row.discount,
        lines: lines.into_iter().map(DocumentLineView::from).collect(),
        vat_lines: vat.into_iter().map(DocumentVatView::from).collect(),
        seller: row.seller.clone(),
        buyer: row.buyer.clone(),
        settlements: settlements.into_iter().map(SettlementView::from).collect(),
        used_for: used_for.into_iter().map(SettlementView::from).collect(),
        rate: row.rate,
        entry_id: row.entry_id,
        pdf_sha256: row.pdf_sha256.clone(),
        issued_at: row.issued_at,
        issued_by: row.issued_by.clone(),
        settled_on: row.settled_on,
        created_at: row.created_at,
        created_by: row.created_by.clone(),
        head: DocumentView::of(&ctx, row),
    })
}
