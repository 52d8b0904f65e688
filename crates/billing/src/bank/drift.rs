//! Balances that drifted: what a document says of itself is not what settles it.

use platform::event::Severity;
use platform::{Event, Result, Tx};
use serde_json::json;

use super::store::candidates;

/// Recomputes every document's balance from what settles it and tells of each that differs; returns how many do.
///
/// Nothing is corrected: a person looks first.
pub async fn report(tx: &mut Tx) -> Result<usize> {
    let drifted = candidates::list_drift(tx).await?;
    for drift in &drifted {
        let stored = json!({ "paid": drift.paid, "credited": drift.credited, "status": drift.status });
        let computed = json!({ "paid": drift.paid_by, "credited": drift.credited_by });
        let details = json!({ "number": drift.number, "gross": drift.gross, "stored": stored, "computed": computed });
        let event = Event::new("payment_drift", "document", drift.id)
            .entity(drift.entity_id)
            .related(drift.party_id)
            .details(details);
        tx.emit(event.severity(Severity::Error));
    }
    Ok(drifted.len())
}
