//! What a transfer is.

use jiff::SignedDuration;
use kernel::{DeliveryId, DocumentId, EntityId, LeadId, OrderId, Timestamp, TransferId};
use rust_decimal::Decimal;
use serde::Deserialize;
use utoipa::ToSchema;

platform::lifecycle! {
    /// Where a transfer stands (spec 4.8).
    pub enum TransferStatus: "transfer" {
        /// To be invoiced.
        Pending = "pending" => [Invoiced, Cancelled],
        /// Invoiced. Final: what is taken back then is credited by another.
        Invoiced = "invoiced" => [],
        /// Not owed: by hand, or as the unit was taken back.
        Cancelled = "cancelled" => [],
        /// It could not be priced; to be tried again, or cancelled when the unit is taken back.
        Error = "error" => [Pending, Cancelled],
    }
    born: [Pending, Error]
}

/// The code of a transfer without a price.
pub const PRICING_MISSING: &str = "pricing_missing";

/// How often a transfer in error is tried again by itself.
pub const MAX_ATTEMPTS: i32 = 5;

/// How long to wait after so many attempts: 1, 2, 4, 8 hours; none when it was tried often enough.
pub fn wait_after(attempts: i32) -> Option<SignedDuration> {
    let hours = (1..MAX_ATTEMPTS).contains(&attempts).then(|| 1_i64 << (attempts - 1));
    hours.map(SignedDuration::from_hours)
}

/// What a sent delivery says of a transfer.
#[derive(Clone, Debug)]
pub struct SentUnit {
    /// The delivery.
    pub delivery_id: DeliveryId,
    /// The lead.
    pub lead_id: LeadId,
    /// The entity that owns the lead; none when the lead is not there.
    pub owner: Option<EntityId>,
    /// The entity that delivered.
    pub entity_id: EntityId,
    /// The order.
    pub order_id: OrderId,
    /// The product.
    pub product: String,
    /// `normal` or `fallback_no_orders`.
    pub routing_mode: String,
    /// Whether it counts: sent, and not taken back.
    pub is_accepted: bool,
    /// When it was sent.
    pub accepted_at: Option<Timestamp>,
}

/// Why a sent delivery makes no transfer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoTransfer {
    /// It was delivered by the entity that owns the lead.
    SameEntity,
    /// The lead is not there.
    LeadNotFound,
    /// It was taken back before it could be settled.
    TakenBack,
}

impl NoTransfer {
    /// The word for the log.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SameEntity => "same_entity",
            Self::LeadNotFound => "lead_not_found",
            Self::TakenBack => "taken_back",
        }
    }
}

impl SentUnit {
    /// The entity that is owed, and when from; or why nobody is.
    pub fn owed(&self) -> Result<(EntityId, Timestamp), NoTransfer> {
        let owner = self.owner.ok_or(NoTransfer::LeadNotFound)?;
        if owner == self.entity_id {
            return Err(NoTransfer::SameEntity);
        }
        let sent = self.accepted_at.filter(|_| self.is_accepted);
        sent.map(|sent| (owner, sent)).ok_or(NoTransfer::TakenBack)
    }
}

/// A transfer that waits to be invoiced.
#[derive(Clone, Debug)]
pub struct PendingTransfer {
    /// The transfer.
    pub id: TransferId,
    /// The delivery it is for.
    pub delivery_id: DeliveryId,
    /// The product, by code.
    pub product: String,
    /// The product's name.
    pub product_name: String,
    /// Euros a unit, without VAT.
    pub unit_price: Decimal,
    /// 1, or −1 when it takes back one that was invoiced.
    pub units: i32,
    /// The transfer it takes back.
    pub credit_of: Option<TransferId>,
    /// The invoice of that one.
    pub credit_of_document: Option<DocumentId>,
}

/// What one entity is to charge another for a unit.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SetTransferPrice {
    /// The entity that owns the leads, by code.
    pub from: String,
    /// The entity that sells them, by code.
    pub to: String,
    /// The product.
    pub product: String,
    /// Euros a unit without VAT, at most four decimals; null takes the price away.
    pub unit_price_ht: Option<Decimal>,
}

/// Prices between entities; those not named stay.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SetTransferPrices {
    /// 1 to 200 prices.
    pub prices: Vec<SetTransferPrice>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_transfer_in_error_is_tried_five_times_and_less_and_less_often() {
        let hours: Vec<_> = (0..=6).map(|attempts| wait_after(attempts).map(|wait| wait.as_hours())).collect();
        assert_eq!(hours, [None, Some(1), Some(2), Some(4), Some(8), None, None]);
    }
}
