//! What is taken back after it was invoiced becomes a candidate for a credit note (L-43).

use kernel::{BillingRecordId, DeliveryId};
use platform::event::{Event, Severity};
use platform::{Error, Result, Tx};
use serde_json::json;
use uuid::Uuid;

use super::model::{CreditCandidateStatus, count};
use super::store::candidates as store;
use crate::rules::billing::Terms;

/// A sent delivery was taken back: if it was invoiced, what was invoiced for it is to be credited.
pub async fn note_returned(tx: &mut Tx, delivery: DeliveryId) -> Result<()> {
    match store::lock_record_of(tx, delivery).await? {
        Some(record) => note_of_records(tx, &[record]).await,
        None => Ok(()),
    }
}

/// Held records were invoiced: what was taken back since their week was built is to be credited. Units that were free, and
/// those beyond the units invoiced, cost nothing and are not.
pub(super) async fn note_of_records(tx: &mut Tx, records: &[BillingRecordId]) -> Result<()> {
    let mut taken = std::collections::HashMap::new();
    for returned in store::list_returned(tx, records).await? {
        let before = taken.entry(returned.record_id).or_insert(count(returned.candidates));
        let left = count(returned.units_invoiced).saturating_sub(*before);
        if left == 0 {
            continue;
        }
        *before += 1;
        let terms =
            Terms { unit_price: returned.unit_price, discount_pct: returned.discount_pct, vat_rate: returned.vat_rate };
        let amounts = terms.amounts_of_last(left);
        let id = store::insert_candidate(tx, &returned, amounts).await?;
        let event = Event::new("credit_candidate_opened", "credit_candidate", id).entity(returned.entity_id);
        let event = event.severity(Severity::Warning).related(returned.delivery_id).related(returned.buyer_id);
        tx.emit(event.details(json!({ "record_id": returned.record_id, "net": amounts.net, "vat": amounts.vat })));
    }
    Ok(())
}

/// Nothing is credited for a candidate, for a reason.
///
/// Not found out of scope; invalid without a reason; refused when it was credited or dismissed.
pub async fn dismiss(tx: &mut Tx, id: Uuid, reason: &str) -> Result<()> {
    let reason = reason.trim();
    if reason.is_empty() || reason.chars().count() > 1000 {
        return Err(Error::invalid("reason", "must be 1 to 1000 characters"));
    }
    let (entity, buyer, delivery, status) = store::lock_candidate(tx, id).await?;
    status.move_to(CreditCandidateStatus::Dismissed)?;
    store::dismiss(tx, id, reason).await?;
    let event = Event::new("credit_candidate_dismissed", "credit_candidate", id).entity(entity);
    tx.emit(event.related(delivery).related(buyer).details(json!({ "reason": reason })));
    Ok(())
}
