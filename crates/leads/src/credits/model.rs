//! What a credit is.

use kernel::{BuyerId, CreditId, Date, OrderId, Timestamp, Week};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Why units are not invoiced.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema, sqlx::Type)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum CreditReason {
    /// The week ended.
    FinDeSemaine,
    /// A favour.
    GesteCommercial,
    /// We were late.
    Retard,
    /// They were not good.
    Qualite,
    /// Our mistake.
    Bug,
    /// Another.
    Autre,
}

impl CreditReason {
    /// The stored and wire form.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::FinDeSemaine => "fin_de_semaine",
            Self::GesteCommercial => "geste_commercial",
            Self::Retard => "retard",
            Self::Qualite => "qualite",
            Self::Bug => "bug",
            Self::Autre => "autre",
        }
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
