//! What kind of thing is sold.

use serde::{Deserialize, Serialize};

/// Goods or a service: the law of VAT treats them apart (directive 2006/112/CE, art. 14 and 24).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, sqlx::Type, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum Supply {
    /// Something done for somebody.
    #[default]
    Service,
    /// A thing handed over.
    Goods,
}

impl Supply {
    /// The stored form.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Service => "service",
            Self::Goods => "goods",
        }
    }
}

/// Why and whether VAT is charged, as a person states it of a customer or of what is sold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, sqlx::Type, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum VatCategory {
    /// VAT is charged at some rate above zero.
    Standard,
    /// The customer owes the VAT.
    ReverseCharge,
    /// Goods go to a business in another member state of the European Union.
    IntraCommunity,
    /// Goods leave the European Union.
    Export,
    /// The law exempts it.
    Exempt,
    /// It is supplied outside of the seller's country, for VAT.
    OutOfScope,
}

impl VatCategory {
    /// The stored form.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Standard => "standard",
            Self::ReverseCharge => "reverse_charge",
            Self::IntraCommunity => "intra_community",
            Self::Export => "export",
            Self::Exempt => "exempt",
            Self::OutOfScope => "out_of_scope",
        }
    }
}
