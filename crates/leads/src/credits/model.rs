//! What a credit is.

use kernel::{BuyerId, CreditId, Date, OrderId, Timestamp, Week};
use serde::Deserialize;
use utoipa::ToSchema;

platform::words! {
    /// Why units are not invoiced.
    CreditReason {
        /// The week ended.
        FinDeSemaine = "fin_de_semaine",
        /// A favour.
        GesteCommercial = "geste_commercial",
        /// We were late.
        Retard = "retard",
        /// They were not good.
        Qualite = "qualite",
        /// Our mistake.
        Bug = "bug",
        /// Another.
        Autre = "autre",
    }
}

/// Units of an order's week that are not to be invoiced.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AddCredit {
    /// An order of the buyer.
    pub order_id: OrderId,
    /// The order's product.
    pub product: String,
    /// The ISO week in which the units were sent.
    pub week: Week,
    /// How many units: 1 to 1 000 000.
    pub quantity: i32,
    /// Why.
    pub reason: CreditReason,
    /// More about it; at most 1000 characters.
    #[serde(default)]
    pub note: String,
}

/// A credit as it is stored.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the columns of leads.credit")]
pub struct CreditRow {
    pub id: CreditId,
    pub buyer_id: BuyerId,
    pub order_id: OrderId,
    pub product: String,
    pub week: Date,
    pub quantity: i32,
    pub reason: CreditReason,
    pub note: String,
    pub author_name: String,
    pub created_at: Timestamp,
}
