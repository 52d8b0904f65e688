//! Spec 5.5: an aged lead takes the place of one that looks made up.

use platform::{Result, Tx};

use super::assign::{self, Assignment};
use super::desk::{Chosen, Desk, DeskLead};
use super::store;

/// Aged leads looked at.
const CANDIDATES: i64 = 50;

/// Finds and reserves the oldest aged lead that the chosen buyer may get; none when the order takes no replacements.
/// The row stays locked until the transaction ends.
pub async fn reserve(tx: &mut Tx, desk: &mut Desk, chosen: &Chosen) -> Result<Option<DeskLead>> {
    if !chosen.takes_replacements {
        return Ok(None);
    }
    let aged = store::lock_aged_leads(tx, chosen, CANDIDATES).await?;
    let phones: Vec<_> = aged.iter().map(|lead| lead.phone.clone()).collect();
    desk.also_read_priors(tx, &phones).await?;
    let Some(found) = aged.into_iter().find(|lead| !desk.excludes(chosen.buyer_id, lead)) else { return Ok(None) };
    store::reserve_lead(tx, found.id).await?;
    desk.remember(&found, chosen.buyer_id);
    Ok(Some(found))
}

/// Delivers the reserved lead under the chosen order, in the suspicious one's place.
pub async fn assign(tx: &mut Tx, aged: &DeskLead, chosen: &Chosen, suspicious: &DeskLead) -> Result<()> {
    let assignment =
        Assignment { replaced_suspicious_id: Some(suspicious.id), ..chosen.assignment(aged, "replacement", tx.now()) };
    assign::assign(tx, &[assignment]).await
}
