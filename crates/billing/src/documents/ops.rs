//! The only writers of drafts and offers. What is issued is written by [`super::issue`].

use kernel::{Date, DocumentId, DocumentLineId, EntityId, Language};
use platform::{Error, Event, Result, Tx};
use rust_decimal::Decimal;
use serde_json::json;

use super::draft::{Draft, DraftLine};
use super::left::Left;
use super::model::{Direction, DocumentKind, DocumentStatus, LineKind, Origin};
use super::store::{self, DocumentRow};
use super::totals::{Discount, Totals};
use crate::house;

/// A draft as it was written.
#[derive(Clone, Debug)]
pub struct Written {
    /// The document.
    pub id: DocumentId,
    /// Its lines, in their order.
    pub lines: Vec<DocumentLineId>,
    /// What it amounts to.
    pub totals: Totals,
}

/// Writes a new draft. Numbers, totals and states are the service's own (F-07).
///
/// Invalid where a field is; not found when its customer is not in the entity.
pub async fn create_draft(tx: &mut Tx, draft: &Draft) -> Result<Written> {
    let house = house::open(tx, draft.entity).await?;
    let totals = draft.checked(house.standard_rate())?;
    if draft.kind == DocumentKind::CreditNote {
        expect_original(tx, draft, &totals).await?;
    }
    let id = DocumentId::generate(tx.now());
    store::insert_document(tx, id, draft, &totals).await?;
    let lines = write_parts(tx, id, draft, &totals).await?;
    let details = json!({ "kind": draft.kind, "net": totals.net, "gross": totals.gross, "currency": draft.currency });
    let event = Event::new("invoice_created", "document", id).entity(draft.entity).details(details);
    tx.emit(event.related(draft.party_id));
    Ok(Written { id, lines, totals })
}

/// Writes a draft whose amounts somebody else computed: what a supplier says of its own document. Nothing is computed anew, and no
/// event tells of it: it is entered in the books at once.
pub(crate) async fn create_stated(tx: &mut Tx, draft: &Draft, totals: &Totals) -> Result<DocumentId> {
    let id = DocumentId::generate(tx.now());
    store::insert_document(tx, id, draft, totals).await?;
    write_parts(tx, id, draft, totals).await?;
    Ok(id)
}

async fn write_parts(tx: &mut Tx, id: DocumentId, draft: &Draft, totals: &Totals) -> Result<Vec<DocumentLineId>> {
    if draft.lines.is_empty() {
        return Ok(Vec::new());
    }
    let lines = store::insert_lines(tx, id, draft.entity, &draft.lines, totals).await?;
    store::bind_billed(tx, (draft.entity, id), &draft.lines, &lines).await?;
    store::insert_vat(tx, id, draft.entity, &draft.vat_with_reasons(totals)).await?;
    Ok(lines)
}

/// What a credit note takes back was issued, is no credit note, and is of the same customer, entity and currency; and no more
/// is taken back than it amounts to (spec/field.md 4.8, F-13). The original stays held, so that two cannot pass at once.
pub(super) async fn expect_original(tx: &mut Tx, draft: &Draft, totals: &Totals) -> Result<DocumentRow> {
    let missing = || Error::invalid("original_id", "is needed: a credit note takes back an invoice");
    let id = draft.original_id.ok_or_else(missing)?;
    let original = store::lock_documents(tx, &[id]).await?.pop().ok_or_else(|| Error::not_found("document"))?;
    if original.status == DocumentStatus::Draft {
        return Err(Error::refused("original_draft", "The original is a draft: throw it away instead."));
    }
    if !original.kind.is_claim() {
        return Err(Error::refused("original_kind", "Only an invoice is taken back."));
    }
    if (original.entity_id, original.party_id, original.currency, original.direction)
        != (draft.entity, draft.party_id, draft.currency, draft.direction)
    {
        return Err(Error::refused(
            "original_other",
            "A credit note has the customer, entity and currency of its original.",
        ));
    }
    let left = store::get_left(tx, id).await?;
    left.expect_room(&Left::asked(totals), original.number.as_deref().unwrap_or_default())?;
    Ok(original)
}

/// Writes a draft anew.
///
/// Not found out of scope; refused when it is issued; stale when the caller saw an older version; invalid where a field is.
pub async fn update_draft(tx: &mut Tx, id: DocumentId, change: impl FnOnce(Draft) -> Result<Draft>) -> Result<()> {
    let row = store::lock_document(tx, id).await?;
    expect_draft(&row)?;
    let before = of_row(tx, &row).await?;
    let draft = change(before.clone())?;
    let house = house::open(tx, draft.entity).await?;
    let totals = draft.checked(house.standard_rate())?;
    if draft == before {
        return Ok(());
    }
    if draft.kind == DocumentKind::CreditNote {
        expect_original(tx, &draft, &totals).await?;
    }
    store::delete_parts(tx, id).await?;
    store::update_draft(tx, id, &draft, &totals).await?;
    write_parts(tx, id, &draft, &totals).await?;
    let details =
        json!({ "old": { "net": row.net, "gross": row.gross }, "new": { "net": totals.net, "gross": totals.gross } });
    tx.emit(
        Event::new("invoice_updated", "document", id).entity(row.entity_id).related(draft.party_id).details(details),
    );
    Ok(())
}

/// Throws a draft away.
///
/// Not found out of scope; refused when it is issued.
pub async fn delete_draft(tx: &mut Tx, id: DocumentId) -> Result<()> {
    let row = store::lock_document(tx, id).await?;
    expect_draft(&row)?;
    store::delete_draft(tx, id).await?;
    let details = json!({ "kind": row.kind, "gross": row.gross, "currency": row.currency });
    tx.emit(Event::new("invoice_deleted", "document", id).entity(row.entity_id).related(row.party_id).details(details));
    Ok(())
}

/// Proves that a document may still be written.
pub fn expect_draft(row: &DocumentRow) -> Result<()> {
    if row.status == DocumentStatus::Draft { Ok(()) } else { Err(row.locked()) }
}

/// What a stored document says, as a draft: to be changed, copied or taken back.
pub async fn of_row(tx: &mut Tx, row: &DocumentRow) -> Result<Draft> {
    let lines = store::list_lines(tx, &[row.id]).await?;
    let lines = lines.into_iter().map(draft_line).collect::<Result<_>>()?;
    Ok(Draft {
        entity: row.entity_id,
        kind: row.kind,
        direction: row.direction,
        origin: row.origin,
        party_id: row.party_id,
        original_id: row.original_id,
        source_id: row.source_id,
        version: row.version,
        currency: row.currency,
        language: super::invoice::language(row),
        text: row.text(),
        supply_from: row.supply_from,
        supply_to: row.supply_to,
        week: row.week.map(kernel::Week::of),
        valid_until: row.valid_until,
        payment_terms_days: row.payment_terms_days,
        payment_method: row.payment_method,
        discount: Discount::of_columns(row.discount_pct, row.discount_amount),
        lines,
    })
}

fn draft_line(row: store::LineRow) -> Result<DraftLine> {
    let revenue = ledger::Role::of(&row.revenue_role)
        .ok_or_else(|| Error::internal("reading a line's account", row.revenue_role.clone()))?;
    let vat = row.line_vat();
    Ok(DraftLine {
        kind: row.kind,
        item_code: row.item_code,
        name: row.name,
        description: row.description,
        quantity: row.quantity,
        unit_code: row.unit_code,
        unit_price: row.unit_price,
        discount_pct: row.discount_pct,
        vat,
        revenue,
        account: row.account,
        supply_from: row.supply_from,
        supply_to: row.supply_to,
        bills: row.bills.0,
    })
}

/// A draft of a credit note over all of an invoice, or over the part that `lines` name; the reason is printed. A part has the
/// invoice's discount in percent; a discount in money is not divided.
///
/// Refused as a credit note is whose original is not what it must be.
pub async fn credit(tx: &mut Tx, original: DocumentId, lines: Option<Vec<DraftLine>>, reason: &str) -> Result<Written> {
    let row = store::get_document(tx, original).await?;
    let whole = of_row(tx, &row).await?.billing_nothing();
    let draft = Draft {
        kind: DocumentKind::CreditNote,
        original_id: Some(original),
        source_id: None,
        discount: match whole.discount {
            Discount::Amount(_) if lines.is_some() => Discount::None,
            discount => discount,
        },
        lines: lines.unwrap_or_else(|| whole.lines.clone()),
        text: super::draft::DocumentText {
            notes: reason.to_owned(),
            internal_notes: String::new(),
            ..whole.text.clone()
        },
        ..whole
    };
    create_draft(tx, &draft).await
}

/// Ties a sale and the same purchase in the books of another entity to each other, while both are drafts.
pub async fn pair(tx: &mut Tx, sale: DocumentId, purchase: DocumentId) -> Result<()> {
    store::set_mirror(tx, sale, purchase).await?;
    store::set_mirror(tx, purchase, sale).await
}

/// The answer of a customer to an offer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Yes.
    Accepted,
    /// No.
    Refused,
}

/// Writes down a customer's answer to an offer, with the evidence of it.
///
/// Refused when it is no offer, or its time is over: from the end of its last day an offer can only expire.
pub async fn answer_offer(tx: &mut Tx, id: DocumentId, answer: Answer, evidence: &str) -> Result<()> {
    let row = store::lock_document(tx, id).await?;
    let house = house::open(tx, row.entity_id).await?;
    if row.kind.is_fiscal() {
        return Err(Error::refused("document_kind", "Only an offer is accepted or refused."));
    }
    if answer == Answer::Accepted && row.valid_until.is_some_and(|until| until < house.today) {
        return Err(Error::refused("quote_expired", "Its time is over: send a new one."));
    }
    let (to, action) = match answer {
        Answer::Accepted => (DocumentStatus::Accepted, "quote_accepted"),
        Answer::Refused => (DocumentStatus::Refused, "quote_refused"),
    };
    row.status.move_to(to)?;
    store::update_status(tx, &row, to).await?;
    let details = json!({ "number": row.number, "evidence": evidence });
    tx.emit(Event::new(action, "document", id).entity(row.entity_id).related(row.party_id).details(details));
    Ok(())
}

/// Makes the draft of an invoice from an accepted offer, once.
///
/// Refused when it is not accepted; conflict when it was converted before.
pub async fn convert_offer(tx: &mut Tx, id: DocumentId, kind: DocumentKind) -> Result<Written> {
    let row = store::lock_document(tx, id).await?;
    if !kind.is_claim() {
        return Err(Error::invalid("kind", "an offer becomes an invoice"));
    }
    row.status.move_to(DocumentStatus::Converted)?;
    let offer = of_row(tx, &row).await?;
    let draft = Draft { kind, source_id: Some(id), valid_until: None, version: 1, ..offer };
    let written = create_draft(tx, &draft).await?;
    store::update_status(tx, &row, DocumentStatus::Converted).await?;
    let details = json!({ "number": row.number, "into": written.id });
    tx.emit(Event::new("quote_converted", "document", id).entity(row.entity_id).related(written.id).details(details));
    Ok(written)
}

/// A new draft that says what a document says: a copy, or the next version of an offer that was sent.
pub async fn duplicate(tx: &mut Tx, id: DocumentId, revises: bool) -> Result<Written> {
    let row = store::get_document(tx, id).await?;
    let copy = of_row(tx, &row).await?.billing_nothing();
    if row.kind == DocumentKind::CreditNote {
        return Err(Error::refused("document_kind", "A credit note is not copied: write one from its invoice."));
    }
    if revises && row.kind != DocumentKind::Quote {
        return Err(Error::refused("document_kind", "Only a quote is revised."));
    }
    let version = if revises { row.version + 1 } else { 1 };
    let draft = Draft { source_id: None, origin: Origin::Manual, week: None, version, valid_until: None, ..copy };
    create_draft(tx, &draft).await
}

/// Lines that take off a deposit that was billed and issued before, one for each of its rates.
///
/// Refused when it is no issued deposit of this customer.
pub async fn deposit_lines(tx: &mut Tx, draft: &Draft, deposit: DocumentId) -> Result<Vec<DraftLine>> {
    let row = store::get_document(tx, deposit).await?;
    let fits = row.kind == DocumentKind::DepositInvoice
        && row.status != DocumentStatus::Draft
        && row.direction == Direction::Sale;
    if !fits || (row.entity_id, row.party_id, row.currency) != (draft.entity, draft.party_id, draft.currency) {
        return Err(Error::refused("deposit_other", "It is no issued deposit invoice of this customer."));
    }
    let number = row.number.clone().unwrap_or_default();
    let name = match draft.language {
        Language::Fr => format!("Acompte déjà facturé ({number})"),
        Language::En => format!("Deposit billed before ({number})"),
    };
    let vat = store::list_vat(tx, &[deposit]).await?;
    let line = |group: store::VatRow| DraftLine {
        kind: LineKind::Deposit,
        unit_price: -group.base,
        revenue: ledger::Role::CustomerDeposits,
        ..DraftLine::service(
            name.clone(),
            Decimal::ONE,
            Decimal::ZERO,
            super::vat::LineVat {
                category: group.category,
                rate: group.rate,
                reason: group.reason,
                reason_code: group.reason_code,
            },
        )
    };
    Ok(vat.into_iter().map(line).collect())
}

/// Offers whose last day is over expire; returns how many did.
pub async fn expire_offers(tx: &mut Tx, days: &[(EntityId, Date)]) -> Result<usize> {
    let rows = store::lock_outlived_offers(tx, days).await?;
    for row in &rows {
        store::update_status(tx, row, DocumentStatus::Expired).await?;
        let details = json!({ "number": row.number, "valid_until": row.valid_until });
        tx.emit(
            Event::new("quote_expired", "document", row.id)
                .entity(row.entity_id)
                .related(row.party_id)
                .details(details),
        );
    }
    Ok(rows.len())
}
