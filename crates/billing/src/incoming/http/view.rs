//! Suppliers' invoices as people see them.

use einvoice::{Invoice, PaymentMeans};
use kernel::{Currency, Date, DocumentId, IncomingInvoiceId, PartyId, Timestamp};
use platform::{Ctx, Permission, Result, Tx};
use rust_decimal::Decimal;
use serde::Serialize;
use utoipa::ToSchema;

use super::super::model::{IncomingFinding, IncomingStatus};
use super::super::store::{self, IncomingRow};
use super::super::supplier::{self, SupplierLikeness};

/// A supplier's invoice in a list.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct IncomingInvoiceView {
    /// The invoice.
    id: IncomingInvoiceId,
    /// The entity that received it, by code.
    entity: String,
    /// Where it stands.
    status: IncomingStatus,
    /// What it came as: `factur_x`, `cii` or `ubl`.
    format: String,
    /// The file's name.
    file_name: String,
    /// The SHA-256 of the file, in lower-case hex.
    sha256: String,
    /// The bytes of the file.
    size: i32,
    /// `invoice`, `corrected`, `deposit`, `credit_note` or `deposit_credit_note`. The amounts of a credit note are positive.
    kind: String,
    /// The seller's number.
    number: String,
    /// The seller's date.
    issue_on: Date,
    /// When it is due.
    due_on: Option<Date>,
    /// The currency of its amounts.
    currency: Currency,
    /// The total without VAT.
    #[schema(value_type = String)]
    net: Decimal,
    /// The VAT.
    #[schema(value_type = String)]
    vat: Decimal,
    /// The total with VAT.
    #[schema(value_type = String)]
    gross: Decimal,
    /// What is left to pay, as the seller says.
    #[schema(value_type = String)]
    due: Decimal,
    /// The seller, as the invoice names it.
    seller_name: String,
    /// The supplier that it was linked with.
    party_id: Option<PartyId>,
    /// Its name.
    party_name: Option<String>,
    /// How many findings there are.
    finding_count: i32,
    /// When it came in.
    received_at: Timestamp,
    /// Who took it in.
    received_by: String,
    /// When it was approved.
    approved_at: Option<Timestamp>,
    /// By whom.
    approved_by: Option<String>,
    /// When it was refused.
    refused_at: Option<Timestamp>,
    /// By whom.
    refused_by: Option<String>,
    /// Why.
    refusal_reason: String,
    /// When it was booked.
    booked_at: Option<Timestamp>,
    /// By whom.
    booked_by: Option<String>,
    /// What it is in the books: see `/api/documents/{id}`.
    document_id: Option<DocumentId>,
    /// What is left to pay of it in the books, once it is booked.
    #[schema(value_type = Option<String>)]
    open: Option<Decimal>,
    /// What the caller may do with it now: `set_supplier`, `approve`, `refuse`, `reopen`, `book`.
    can: Vec<&'static str>,
}

impl IncomingInvoiceView {
    pub(super) fn of(ctx: &Ctx, row: IncomingRow) -> Self {
        use IncomingStatus::{Approved, Received, Refused};
        let may = ctx.may(Permission::BillingManage);
        let actions = [
            ("set_supplier", row.status == Received),
            ("approve", row.status == Received && row.party_id.is_some()),
            ("refuse", matches!(row.status, Received | Approved)),
            ("reopen", row.status == Refused),
            ("book", row.status == Approved),
        ];
        Self {
            id: row.id,
            entity: ctx.entity_code(row.entity_id).to_owned(),
            status: row.status,
            format: row.format,
            file_name: row.file_name,
            sha256: row.sha256,
            size: row.size,
            kind: row.kind,
            number: row.number,
            issue_on: row.issue_on,
            due_on: row.due_on,
            currency: row.currency,
            net: row.net.normalize(),
            vat: row.vat.normalize(),
            gross: row.gross.normalize(),
            due: row.due.normalize(),
            seller_name: row.seller_name,
            party_id: row.party_id,
            party_name: row.party_name,
            finding_count: row.finding_count,
            received_at: row.received_at,
            received_by: row.received_by,
            approved_at: row.approved_at,
            approved_by: row.approved_by,
            refused_at: row.refused_at,
            refused_by: row.refused_by,
            refusal_reason: row.refusal_reason,
            booked_at: row.booked_at,
            booked_by: row.booked_by,
            document_id: row.document_id,
            open: row.open.map(|open| open.normalize()),
            can: actions.into_iter().filter(|(_, now)| *now && may).map(|(action, _)| action).collect(),
        }
    }
}

/// A supplier's invoice: what it says, and what is odd about it.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct IncomingInvoiceDetail {
    /// What lists show of it.
    #[serde(flatten)]
    head: IncomingInvoiceView,
    /// Who sells.
    seller: IncomingParty,
    /// Who is billed.
    buyer: IncomingParty,
    /// Its lines.
    lines: Vec<IncomingLine>,
    /// Allowances and charges over the whole; what is taken off is below zero.
    adjustments: Vec<IncomingAdjustment>,
    /// VAT by category and rate.
    vat_breakdown: Vec<IncomingVat>,
    /// The sums, as the seller says them.
    totals: IncomingTotals,
    /// How it is to be paid.
    payment: Vec<IncomingPayment>,
    /// What is to be written on the payment.
    payment_reference: Option<String>,
    /// The terms of payment in words.
    payment_terms: Option<String>,
    /// Its texts.
    notes: Vec<String>,
    /// The entity's order that it names.
    purchase_order: Option<String>,
    /// The invoices that it credits, corrects or deducts.
    preceding: Vec<String>,
    /// What a person should know of it: broken rules, sums that do not add up, another buyer.
    findings: Vec<IncomingFinding>,
    /// What of the file was not taken over.
    warnings: Vec<IncomingFinding>,
    /// Who may be the supplier, the likeliest first, until it is said.
    proposals: Vec<SupplierProposal>,
}

/// A party that may be the supplier.
#[derive(Debug, Serialize, ToSchema)]
struct SupplierProposal {
    /// The party.
    party_id: PartyId,
    /// Its code.
    code: String,
    /// Its name.
    name: String,
    /// Why it may be.
    because: SupplierLikeness,
}

/// A seller or a buyer, as the invoice names it.
#[derive(Debug, Serialize, ToSchema)]
struct IncomingParty {
    /// Its full name.
    name: String,
    /// The name it trades under.
    trading_name: Option<String>,
    /// Its VAT number.
    vat_number: Option<String>,
    /// Its number in a register: a SIREN in France.
    registration: Option<String>,
    /// Its address, line by line.
    address: Vec<String>,
    /// Its country, two letters; `ZZ` where it is not known.
    country: String,
    /// Its mail address.
    email: Option<String>,
    /// Its phone.
    phone: Option<String>,
}

impl IncomingParty {
    fn of(party: einvoice::Party) -> Self {
        let address = party.address;
        let town = [address.postcode, address.city].into_iter().flatten().collect::<Vec<_>>().join(" ");
        let lines = [address.line1, address.line2, address.line3, Some(town), address.subdivision];
        let contact = party.contact.unwrap_or_default();
        Self {
            name: party.name,
            trading_name: party.trading_name,
            vat_number: party.vat_id,
            registration: party.legal_id.map(|id| id.value),
            address: lines.into_iter().flatten().filter(|line| !line.is_empty()).collect(),
            country: address.country.code().to_owned(),
            email: contact.email,
            phone: contact.phone,
        }
    }
}

/// A line of a supplier's invoice.
#[derive(Debug, Serialize, ToSchema)]
struct IncomingLine {
    /// Its id in the invoice.
    id: String,
    /// What was supplied.
    name: String,
    /// The same at length.
    description: Option<String>,
    /// How much of it.
    #[schema(value_type = String)]
    quantity: Decimal,
    /// The unit, by its code.
    unit: String,
    /// The price of one without VAT.
    #[schema(value_type = String)]
    unit_price: Decimal,
    /// What it amounts to without VAT.
    #[schema(value_type = String)]
    net: Decimal,
    /// The VAT category.
    vat_category: String,
    /// The VAT rate in percent.
    #[schema(value_type = String)]
    vat_rate: Decimal,
}

/// An allowance or a charge over the whole invoice.
#[derive(Debug, Serialize, ToSchema)]
struct IncomingAdjustment {
    /// Why.
    reason: Option<String>,
    /// How much; below zero where it is taken off.
    #[schema(value_type = String)]
    amount: Decimal,
    /// The VAT category.
    vat_category: String,
    /// The VAT rate in percent.
    #[schema(value_type = String)]
    vat_rate: Decimal,
}

/// VAT of one category and rate.
#[derive(Debug, Serialize, ToSchema)]
struct IncomingVat {
    /// The category: `S`, `Z`, `E`, `AE`, `K`, `G` or `O`.
    category: String,
    /// The rate in percent.
    #[schema(value_type = String)]
    rate: Decimal,
    /// What it is taken of.
    #[schema(value_type = String)]
    base: Decimal,
    /// The VAT.
    #[schema(value_type = String)]
    vat: Decimal,
    /// Why none is charged.
    reason: Option<String>,
}

/// The sums of a supplier's invoice.
#[derive(Debug, Serialize, ToSchema)]
struct IncomingTotals {
    /// The sum of the lines.
    #[schema(value_type = String)]
    lines: Decimal,
    /// What is taken off the whole.
    #[schema(value_type = String)]
    allowances: Decimal,
    /// What is added to the whole.
    #[schema(value_type = String)]
    charges: Decimal,
    /// The total without VAT.
    #[schema(value_type = String)]
    net: Decimal,
    /// The VAT.
    #[schema(value_type = String)]
    vat: Decimal,
    /// The total with VAT.
    #[schema(value_type = String)]
    gross: Decimal,
    /// What was paid before.
    #[schema(value_type = String)]
    prepaid: Decimal,
    /// What is left to pay.
    #[schema(value_type = String)]
    due: Decimal,
}

/// A way to pay.
#[derive(Debug, Serialize, ToSchema)]
struct IncomingPayment {
    /// `transfer`, `direct_debit`, `card`, `cash`, `cheque` or `other`.
    means: &'static str,
    /// The account to pay to.
    iban: Option<String>,
    /// Its bank.
    bic: Option<String>,
    /// The mandate under which it is drawn, or what else is to be known.
    text: Option<String>,
}

impl IncomingPayment {
    fn of(means: PaymentMeans) -> Self {
        let bare = |means| Self { means, iban: None, bic: None, text: None };
        match means {
            PaymentMeans::CreditTransfer { iban, bic, account_name } => {
                Self { iban: Some(iban), bic, text: account_name, ..bare("transfer") }
            }
            PaymentMeans::DirectDebit { mandate, .. } => Self { text: Some(mandate), ..bare("direct_debit") },
            PaymentMeans::Card { last_digits, .. } => Self { text: Some(last_digits), ..bare("card") },
            PaymentMeans::Cash => bare("cash"),
            PaymentMeans::Cheque => bare("cheque"),
            PaymentMeans::Other { text, .. } => Self { text, ..bare("other") },
        }
    }
}

/// One invoice with all that it says, and its version.
pub(super) async fn detail(tx: &mut Tx, id: IncomingInvoiceId) -> Result<(Timestamp, IncomingInvoiceDetail)> {
    let row = store::get_incoming(tx, id).await?;
    let (invoice, mut findings, warnings) = store::get_said(tx, id).await?;
    let mut proposals = Vec::new();
    match row.party_id {
        Some(party) => findings.extend(other_account(tx, &row, party).await?),
        None => proposals = supplier::propose(tx, row.entity_id, &invoice).await?,
    }
    let ctx = tx.ctx().clone();
    let proposal = |(because, party): (SupplierLikeness, parties::Party)| SupplierProposal {
        party_id: party.id,
        name: party.legal_name().to_owned(),
        code: party.code,
        because,
    };
    let proposals = proposals.into_iter().map(proposal).collect();
    let updated_at = row.updated_at;
    let view =
        IncomingInvoiceDetail { findings, warnings, proposals, ..said(IncomingInvoiceView::of(&ctx, row), invoice) };
    Ok((updated_at, view))
}

/// That a supplier wants to be paid on another account than it is known by: an old trick of swindlers.
async fn other_account(tx: &mut Tx, row: &IncomingRow, party: PartyId) -> Result<Option<IncomingFinding>> {
    let party = parties::get_party(tx, party).await?;
    let known = party.fields.identity.iban.as_ref().map(|iban| iban.as_str().to_owned());
    let is_other = known.zip(row.seller_iban.as_ref()).is_some_and(|(known, named)| known != *named);
    Ok(is_other.then(|| IncomingFinding {
        code: "C-OTHER-IBAN".to_owned(),
        term: "BT-84".to_owned(),
        message: "The account to pay to is not the one that the supplier is known by: ask the supplier by phone."
            .to_owned(),
    }))
}

fn said(head: IncomingInvoiceView, invoice: Invoice) -> IncomingInvoiceDetail {
    let totals = invoice.totals;
    IncomingInvoiceDetail {
        head,
        seller: IncomingParty::of(invoice.seller),
        buyer: IncomingParty::of(invoice.buyer),
        lines: invoice.lines.into_iter().map(line).collect(),
        adjustments: invoice.adjustments.into_iter().map(adjustment).collect(),
        vat_breakdown: invoice.vat.into_iter().map(vat).collect(),
        totals: IncomingTotals {
            lines: totals.lines,
            allowances: totals.allowances,
            charges: totals.charges,
            net: totals.net,
            vat: totals.vat,
            gross: totals.gross,
            prepaid: totals.prepaid,
            due: totals.due,
        },
        payment: invoice.payment.into_iter().map(IncomingPayment::of).collect(),
        payment_reference: invoice.payment_reference,
        payment_terms: invoice.payment_terms,
        notes: invoice.notes.into_iter().map(|note| note.text).collect(),
        purchase_order: invoice.references.purchase_order,
        preceding: invoice.references.preceding.into_iter().map(|preceding| preceding.number).collect(),
        findings: Vec::new(),
        warnings: Vec::new(),
        proposals: Vec::new(),
    }
}

fn line(line: einvoice::Line) -> IncomingLine {
    IncomingLine {
        id: line.id,
        name: line.name,
        description: line.description,
        quantity: line.quantity,
        unit: line.unit,
        unit_price: line.net_price,
        net: line.net,
        vat_category: line.category.code().to_owned(),
        vat_rate: line.rate,
    }
}

fn adjustment(each: einvoice::DocumentAdjustment) -> IncomingAdjustment {
    IncomingAdjustment {
        amount: each.adjustment.signed(),
        reason: each.adjustment.reason,
        vat_category: each.category.code().to_owned(),
        vat_rate: each.rate,
    }
}

fn vat(vat: einvoice::VatBreakdown) -> IncomingVat {
    IncomingVat {
        category: vat.category.code().to_owned(),
        rate: vat.rate,
        base: vat.base,
        vat: vat.tax,
        reason: vat.reason,
    }
}
