//! A draft that is nowhere stored, as it would be once it was written: for who is still writing it. Pure but for what it reads.

use std::collections::HashMap;

use kernel::{DocumentId, DocumentLineId, Timestamp, Week};
use parties::Party;
use platform::{Result, Tx};
use rust_decimal::Decimal;
use sqlx::types::Json;

use super::batch::Batch;
use crate::documents::draft::{Draft, DraftLine};
use crate::documents::mentions::Mention;
use crate::documents::model::DocumentStatus;
use crate::documents::store::{self, DocumentRow, LineRow, VatRow};
use crate::documents::totals::{LineAmounts, Totals, VatAmounts};
use crate::house::House;

/// The rows that writing a draft would leave.
#[derive(Debug)]
pub struct Unwritten {
    /// The document.
    pub row: DocumentRow,
    /// Its lines.
    pub lines: Vec<LineRow>,
    /// Its VAT, highest rate first.
    pub vat: Vec<VatRow>,
}

/// What keeps a draft that is being written from being issued today, as [`super::dry_check`] says it of one that is stored.
///
/// Not found when what it takes back is out of scope.
pub async fn check_unwritten(
    tx: &mut Tx,
    house: House,
    party: Party,
    unwritten: Unwritten,
) -> Result<(Vec<Mention>, Vec<einvoice::Finding>)> {
    let Unwritten { row, lines, vat } = unwritten;
    let mut originals = HashMap::new();
    if let Some(original) = row.original_id {
        originals.insert(original, store::get_document(tx, original).await?);
    }
    let batch = Batch {
        house,
        lines: HashMap::from([(row.id, lines)]),
        vat: HashMap::from([(row.id, vat)]),
        parties: HashMap::from([(row.party_id, party)]),
        originals,
        rows: vec![row],
        taken_back: Vec::new(),
    };
    batch.keeps(tx).await
}

impl Unwritten {
    /// What `draft` becomes when it is written at `now`.
    pub fn of(draft: &Draft, totals: &Totals, party: &Party, now: Timestamp) -> Self {
        let id = DocumentId::generate(now);
        Self {
            row: row(id, draft, totals, (party, now)),
            lines: lines(id, draft, totals, now),
            vat: vat(id, draft, totals),
        }
    }
}

fn row(id: DocumentId, draft: &Draft, totals: &Totals, (party, now): (&Party, Timestamp)) -> DocumentRow {
    let (discount_pct, discount_amount) = draft.discount.columns();
    let text = draft.text.clone();
    DocumentRow {
        id,
        entity_id: draft.entity,
        kind: draft.kind,
        direction: draft.direction,
        status: DocumentStatus::Draft,
        origin: draft.origin,
        party_id: draft.party_id,
        party_name: party.fields.name.clone(),
        original_id: draft.original_id,
        original_number: None,
        source_id: draft.source_id,
        mirror_id: None,
        version: draft.version,
        number: None,
        issue_on: None,
        due_on: None,
        seller: None,
        buyer: None,
        rate: None,
        gross_functional: None,
        entry_id: None,
        line_id: None,
        pdf_sha256: None,
        vat_on_receipt: false,
        issued_at: None,
        issued_by: None,
        currency: draft.currency,
        language: draft.language.as_str().to_owned(),
        subject: text.subject,
        notes: text.notes,
        internal_notes: text.internal_notes,
        purchase_order: text.purchase_order,
        contract: text.contract,
        supply_from: draft.supply_from,
        supply_to: draft.supply_to,
        week: draft.week.map(Week::monday),
        valid_until: draft.valid_until,
        payment_terms_days: draft.payment_terms_days,
        payment_method: draft.payment_method,
        discount_pct,
        discount_amount,
        discount_reason: text.discount_reason,
        lines_net: totals.lines_net,
        discount: totals.discount,
        net: totals.net,
        vat: totals.vat_total,
        gross: totals.gross,
        paid: Decimal::ZERO,
        credited: Decimal::ZERO,
        payment_state: None,
        settled_on: None,
        disputed: false,
        created_at: now,
        created_by: String::new(),
        updated_at: now,
    }
}

fn lines(document_id: DocumentId, draft: &Draft, totals: &Totals, now: Timestamp) -> Vec<LineRow> {
    let priced = draft.lines.iter().zip(&totals.lines).zip(1_i32..);
    let row = |((line, amounts), position): ((&DraftLine, &LineAmounts), i32)| LineRow {
        id: DocumentLineId::generate(now),
        document_id,
        position,
        kind: line.kind,
        item_code: line.item_code.clone(),
        name: line.name.clone(),
        description: line.description.clone(),
        quantity: line.quantity,
        unit_code: line.unit_code.clone(),
        unit_price: line.unit_price,
        discount_pct: line.discount_pct,
        gross: amounts.gross,
        net: amounts.net,
        vat_category: line.vat.category,
        vat_rate: line.vat.rate,
        vat_reason: line.vat.reason.clone(),
        vat_reason_code: line.vat.reason_code.clone(),
        revenue_role: line.revenue.as_str().to_owned(),
        account: line.account.clone(),
        supply_from: line.supply_from,
        supply_to: line.supply_to,
        bills: Json(line.bills.clone()),
    };
    priced.map(row).collect()
}

fn vat(document_id: DocumentId, draft: &Draft, totals: &Totals) -> Vec<VatRow> {
    let row = |(group, reason, reason_code): (VatAmounts, String, Option<String>)| VatRow {
        document_id,
        category: group.key.category,
        rate: group.key.rate,
        lines_net: group.lines,
        discount: group.discount,
        base: group.base,
        vat: group.vat,
        reason,
        reason_code,
    };
    let mut rows: Vec<_> = draft.vat_with_reasons(totals).into_iter().map(row).collect();
    rows.sort_by(|a, b| b.rate.cmp(&a.rate).then_with(|| a.category.code().cmp(b.category.code())));
    rows
}
