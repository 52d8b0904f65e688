//! Following the invoice of a record that is made elsewhere (spec 4.6).

use kernel::{BillingRecordId, Date, DocumentId, Timestamp, is_exact};
use platform::event::Event;
use platform::{Ctx, Error, Result, Tx};
use rust_decimal::Decimal;
use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::candidates::note_of_records;
use super::model::{BillingRecordStatus, Record, Tracking};
use super::store::{ledger, records as store};
use crate::changes::{changes, given};
use crate::rules::pricing::BillingMode;

/// A change of a record's tracking; what is left out stays, `null` clears.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct TrackRecord {
    /// Where it stands now.
    pub status: Option<BillingRecordStatus>,
    /// The number of the invoice made elsewhere; at most 100 characters.
    #[serde(deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    pub external_invoice_number: Option<Option<String>>,
    /// Its total with VAT, in euros.
    #[serde(deserialize_with = "given")]
    #[schema(value_type = Option<Decimal>)]
    pub external_invoice_ttc: Option<Option<Decimal>>,
    /// When it was issued; today when it becomes invoiced and nothing is said.
    #[serde(deserialize_with = "given")]
    #[schema(value_type = Option<Date>)]
    pub issued_on: Option<Option<Date>>,
    /// When it is to be paid; by the buyer's terms when it becomes invoiced and nothing is said.
    #[serde(deserialize_with = "given")]
    #[schema(value_type = Option<Date>)]
    pub due_on: Option<Option<Date>>,
    /// When it was paid; today when it becomes paid and nothing is said.
    #[serde(deserialize_with = "given")]
    #[schema(value_type = Option<Date>)]
    pub paid_on: Option<Option<Date>>,
    /// Why, when it takes a step back.
    pub reason: Option<String>,
}

impl TrackRecord {
    fn applied_to(self, tracking: &Tracking) -> Tracking {
        let number = self
            .external_invoice_number
            .map(|number| number.map(|number| number.trim().to_owned()).filter(|number| !number.is_empty()));
        Tracking {
            external_invoice_number: number.unwrap_or_else(|| tracking.external_invoice_number.clone()),
            external_invoice_ttc: self.external_invoice_ttc.unwrap_or(tracking.external_invoice_ttc),
            issued_on: self.issued_on.unwrap_or(tracking.issued_on),
            due_on: self.due_on.unwrap_or(tracking.due_on),
            paid_on: self.paid_on.unwrap_or(tracking.paid_on),
        }
    }
}

/// Changes what is known of a record's invoice.
///
/// Not found out of scope; refused when the invoice was made here, when units paid in advance are to be invoiced, and for a
/// move that the lifecycle does not allow; invalid for a step back without a reason.
pub async fn track_record(tx: &mut Tx, id: BillingRecordId, command: TrackRecord) -> Result<()> {
    let (entity, week) = store::find_week(tx, id).await?;
    ledger::lock_week(tx, entity, week).await?;
    let before = store::lock_record(tx, id).await?;
    tx.ctx().expect_version(before.updated_at)?;
    if before.document_id.is_some() {
        let detail = "The invoice of this record was made here: it follows its invoice.";
        return Err(Error::refused("record_has_document", detail));
    }
    let status = command.status.unwrap_or(before.status);
    let reason = command.reason.as_deref().map(str::trim).filter(|reason| !reason.is_empty()).map(str::to_owned);
    check_move(&before, status, reason.as_deref())?;
    let tracking = dated(tx, &before, status, command.applied_to(&before.tracking));
    check_tracking(&tracking, status)?;
    let Some(changed) = changes(&told(&before.tracking, before.status), &told(&tracking, status)) else {
        return Ok(());
    };
    let after = Record { status, tracking, ..before.clone() };
    store::update_tracking(tx, &after).await?;
    if before.status == BillingRecordStatus::NotInvoiced && status != before.status {
        note_of_records(tx, &[id]).await?;
    }
    let details = json!({ "week": week, "changes": changed, "reason": reason });
    let event = Event::new("billing_record_updated", "billing_record", id).entity(entity);
    tx.emit(event.related(before.buyer_id).related(before.order_id).details(details));
    Ok(())
}

fn check_move(before: &Record, to: BillingRecordStatus, reason: Option<&str>) -> Result<()> {
    if to == before.status {
        return Ok(());
    }
    if before.mode == BillingMode::Prepaid {
        let detail = "Units paid in advance are not invoiced after the week.";
        return Err(Error::refused("record_prepaid", detail));
    }
    before.status.move_to(to)?;
    if before.status.is_step_back(to) && reason.is_none_or(|reason| reason.chars().count() > 1000) {
        return Err(Error::invalid("reason", "a step back needs a reason of 1 to 1000 characters"));
    }
    Ok(())
}

/// The dates that follow from a move, where nothing was said of them.
fn dated(tx: &Tx, before: &Record, status: BillingRecordStatus, mut tracking: Tracking) -> Tracking {
    let zone = tx.ctx().entity(before.entity_id).map_or(&tx.ctx().tenant().zone, |entity| &entity.zone);
    let today = tx.now().date_in(zone);
    if status == BillingRecordStatus::Invoiced && before.status == BillingRecordStatus::NotInvoiced {
        let issued = *tracking.issued_on.get_or_insert(today);
        tracking.due_on.get_or_insert(issued.plus_days(before.payment_terms_days));
    }
    if status == BillingRecordStatus::Paid {
        tracking.paid_on.get_or_insert(today);
    } else if before.status == BillingRecordStatus::Paid {
        tracking.paid_on = None;
    }
    tracking
}

fn check_tracking(tracking: &Tracking, status: BillingRecordStatus) -> Result<()> {
    if tracking.external_invoice_number.as_ref().is_some_and(|number| number.chars().count() > 100) {
        return Err(Error::invalid("external_invoice_number", "must be at most 100 characters"));
    }
    if tracking.external_invoice_ttc.is_some_and(|total| total < Decimal::ZERO || !is_exact(total, 2)) {
        return Err(Error::invalid("external_invoice_ttc", "must be an amount of at most two decimals, not negative"));
    }
    if tracking.issued_on.zip(tracking.due_on).is_some_and(|(issued, due)| due < issued) {
        return Err(Error::invalid("due_on", "must not be before the day of issue"));
    }
    if tracking.paid_on.is_some() && status != BillingRecordStatus::Paid {
        return Err(Error::invalid("paid_on", "only a paid record has one"));
    }
    Ok(())
}

fn told(tracking: &Tracking, status: BillingRecordStatus) -> serde_json::Value {
    json!({ "status": status, "external_invoice_number": tracking.external_invoice_number,
        "external_invoice_ttc": tracking.external_invoice_ttc.map(|total| total.normalize()),
        "issued_on": tracking.issued_on, "due_on": tracking.due_on, "paid_on": tracking.paid_on })
}

/// The records of an invoice follow it, once it is paid, overdue or open again. Safe to run again; documents of other origins
/// have no records.
pub async fn follow_invoice(ctx: &Ctx, document: DocumentId, to: BillingRecordStatus, at: Timestamp) -> Result<Value> {
    let mut tx = ctx.begin().await?;
    let on = at.date_in(&ctx.tenant().zone);
    let moved = super::mark_settled(&mut tx, document, to, Some(on)).await?;
    tx.commit().await?;
    Ok(json!({ "records": moved }))
}
