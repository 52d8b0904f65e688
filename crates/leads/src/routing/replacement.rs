//! Spec 5.5: an aged lead takes the place of one that looks made up.

use std::time::Duration;

use kernel::LeadId;
use platform::{Result, Tx};

use super::assign::{self, Assignment};
use super::desk::Desk;
use super::model::{Chosen, DeskLead};
use super::store;

/// How long finding and assigning one may take; then the suspicious lead is delivered itself.
const TIME_LIMIT: Duration = Duration::from_secs(2);

/// Aged leads looked at.
const CANDIDATES: i64 = 50;

/// Delivers the oldest aged lead that the chosen buyer may get in the suspicious one's place; none when there is none or
/// the order takes no replacements. It fails open (spec 10): the suspicious lead is delivered itself then.
pub async fn replace(tx: &mut Tx, desk: &mut Desk, chosen: &Chosen, suspicious: &DeskLead) -> Result<Option<LeadId>> {
    if !chosen.takes_replacements {
        return Ok(None);
    }
    let replaced = tx.attempt(TIME_LIMIT, async |tx| {
        let Some(aged) = reserve(tx, desk, chosen).await? else { return Ok(None) };
        let assignment = chosen.assignment(&aged, "replacement", tx.now());
        let assignment = Assignment { replaced_suspicious_id: Some(suspicious.id), ..assignment };
        assign::assign(tx, &[assignment]).await?;
        Ok(Some(aged.id))
    });
    Ok(replaced.await?.unwrap_or_else(|error| {
        tracing::warn!(error = error.logged(), "a suspicious lead could not be replaced; it is delivered itself");
        None
    }))
}

/// Finds and reserves an aged lead; its row stays locked until the transaction ends.
async fn reserve(tx: &mut Tx, desk: &mut Desk, chosen: &Chosen) -> Result<Option<DeskLead>> {
    let aged = store::lock_aged_leads(tx, chosen, CANDIDATES).await?;
    let phones: Vec<_> = aged.iter().map(|lead| lead.phone.clone()).collect();
    desk.also_read_priors(tx, &phones).await?;
    let Some(found) = aged.into_iter().find(|lead| !desk.excludes(chosen.buyer_id, lead)) else { return Ok(None) };
    store::reserve_lead(tx, found.id).await?;
    desk.remember(&found, chosen.buyer_id);
    Ok(Some(found))
}
