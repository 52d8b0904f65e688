//! What a balance is.

use kernel::{BuyerId, DeliveryId, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// How much is left (spec 4.5).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "UPPERCASE")]
pub enum PrepaidStatus {
    /// More than 10 units.
    Ok,
    /// 1 to 10 units.
    Low,
    /// Nothing: the buyer's orders take no leads.
    Blocked,
}

impl PrepaidStatus {
    /// The status of so many units left.
    pub const fn of(remaining: i32) -> Self {
        match remaining {
            ..=0 => Self::Blocked,
            1..=10 => Self::Low,
            _ => Self::Ok,
        }
    }
}

/// A buyer's balance of a product, in units.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PrepaidBalance {
    /// The product.
    pub product: String,
    /// Bought, ever.
    pub purchased: i32,
    /// Held by leads that are routed and not sent yet.
    pub held: i32,
    /// Sent and not taken back.
    pub delivered: i32,
    /// Left: bought, neither delivered nor held.
    pub remaining: i32,
    /// How much that is.
    pub status: PrepaidStatus,
}

/// A balance with the buyer whose it is.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct BuyerBalance {
    /// The buyer.
    pub buyer_id: BuyerId,
    /// The buyer's name.
    pub buyer_name: String,
    /// The balance.
    #[serde(flatten)]
    pub balance: PrepaidBalance,
}

impl PrepaidBalance {
    /// A balance with nothing in it.
    pub const fn empty(product: String) -> Self {
        Self { product, purchased: 0, held: 0, delivered: 0, remaining: 0, status: PrepaidStatus::Blocked }
    }
}

platform::words! {
    /// Why a balance changed.
    PrepaidMoveKind {
        /// Units were bought.
        Purchase = "purchase",
        /// A lead was routed.
        Hold = "hold",
        /// Its delivery was given up before it was sent.
        Release = "release",
        /// It was sent.
        Consume = "consume",
        /// It was taken back after.
        Return = "return",
    }
}

impl PrepaidMoveKind {
    /// What a unit of it does to the units held and to those delivered.
    pub const fn effect(self) -> (i32, i32) {
        match self {
            Self::Purchase => (0, 0),
            Self::Hold => (1, 0),
            Self::Release => (-1, 0),
            Self::Consume => (-1, 1),
            Self::Return => (0, -1),
        }
    }
}

/// A change of a balance.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PrepaidMove {
    /// The change.
    pub id: Uuid,
    /// The product.
    pub product: String,
    /// Why.
    pub kind: PrepaidMoveKind,
    /// How many units.
    pub units: i32,
    /// The delivery it is about.
    pub delivery_id: Option<DeliveryId>,
    /// What was noted.
    pub note: String,
    /// Who did it.
    pub author: String,
    /// When.
    pub created_at: Timestamp,
}

/// Units that a buyer bought.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AddPrepaidUnits {
    /// Of this product.
    pub product: String,
    /// How many: 1 to 1 000 000.
    pub units: i32,
    /// Such as the invoice they were paid by; at most 1000 characters.
    #[serde(default)]
    pub note: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_status_is_that_of_the_specification() {
        let rows = [
            (-1, PrepaidStatus::Blocked),
            (0, PrepaidStatus::Blocked),
            (1, PrepaidStatus::Low),
            (10, PrepaidStatus::Low),
            (11, PrepaidStatus::Ok),
        ];
        for (remaining, status) in rows {
            assert_eq!(PrepaidStatus::of(remaining), status, "{remaining}");
        }
    }
}
