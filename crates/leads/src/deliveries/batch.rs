//! Preparing and sending many deliveries at once, one file a buyer and order.

use kernel::{BuyerId, OrderId};
use platform::{Result, Tx};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::model::DeliveryStatus;
use super::send::{self, Kind};
use super::store;
use crate::settings::model::DeliveryCalendars;

/// Which deliveries; all given conditions hold.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BatchCommand {
    /// Only of this entity, by code.
    pub entity: Option<String>,
    /// Only to this buyer.
    pub buyer_id: Option<BuyerId>,
    /// Only under this order.
    pub order_id: Option<OrderId>,
}

/// What became of them, in deliveries.
#[derive(Debug, Default, Serialize, ToSchema)]
pub struct BatchReport {
    /// Files made.
    pub files: usize,
    /// On their way, or prepared.
    pub taken: usize,
    /// Left as they are: their entity does not deliver today.
    pub skipped_calendar: usize,
    /// Failed or cancelled by the check before sending.
    pub dropped: usize,
    /// Left as they are: the entity's mail server failed too often.
    pub deferred: usize,
}

/// Sends everything prepared, on entities that deliver today.
pub async fn send_ready(tx: &mut Tx, command: &BatchCommand) -> Result<BatchReport> {
    take(tx, command, DeliveryStatus::ReadyToSend, &Kind::Send).await
}

/// Prepares the files of everything pending.
pub async fn prepare_pending(tx: &mut Tx, command: &BatchCommand) -> Result<BatchReport> {
    take(tx, command, DeliveryStatus::PendingCsv, &Kind::Prepare).await
}

async fn take(tx: &mut Tx, command: &BatchCommand, from: DeliveryStatus, kind: &Kind) -> Result<BatchReport> {
    let calendars = tx.setting::<DeliveryCalendars>().await?;
    let mut report = BatchReport::default();
    for group in store::list_groups(tx, from, command.buyer_id, command.order_id).await? {
        let ctx = tx.ctx();
        let entity = ctx.entity(group.entity_id);
        let today = entity.map(|entity| calendars.of(&entity.code).check(ctx.now().date_in(&entity.zone)));
        if *kind == Kind::Send && !matches!(today, Some(Ok(()))) {
            report.skipped_calendar += group.ids.len();
            continue;
        }
        let claimed = send::claim(tx, &group.ids, kind).await?;
        report.files += usize::from(!claimed.taken.is_empty());
        report.taken += claimed.taken.len();
        report.dropped += claimed.dropped.len();
        report.deferred += if claimed.deferred { group.ids.len() } else { 0 };
    }
    Ok(report)
}
