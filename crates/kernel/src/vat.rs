//! How VAT is treated.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A VAT category (UNCL 5305, the subset of EN 16931 that France knows, BR-FR-15).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, utoipa::ToSchema)]
pub enum VatCode {
    /// At a rate above zero.
    S,
    /// At a rate of zero.
    Z,
    /// Exempt, with a reason.
    E,
    /// Reverse charge: the buyer owes it.
    AE,
    /// Intra-community supply of goods.
    K,
    /// Export outside the Union.
    G,
    /// Outside the scope of VAT.
    O,
}

impl VatCode {
    /// Every category.
    pub const ALL: [Self; 7] = [Self::S, Self::Z, Self::E, Self::AE, Self::K, Self::G, Self::O];

    /// Its code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::S => "S",
            Self::Z => "Z",
            Self::E => "E",
            Self::AE => "AE",
            Self::K => "K",
            Self::G => "G",
            Self::O => "O",
        }
    }

    /// The category of a code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|category| category.code() == code)
    }

    /// Whether no VAT is charged for a reason that the invoice must name (BR-E-10, BR-AE-10, BR-IC-10, BR-G-10, BR-O-10).
    pub const fn needs_reason(self) -> bool {
        !matches!(self, Self::S | Self::Z)
    }
}

impl fmt::Display for VatCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// The text is no VAT category.
#[derive(Debug, thiserror::Error)]
#[error("{0:?} is no VAT category of EN 16931")]
pub struct UnknownVatCode(String);

impl FromStr for VatCode {
    type Err = UnknownVatCode;

    fn from_str(code: &str) -> Result<Self, Self::Err> {
        Self::from_code(code).ok_or_else(|| UnknownVatCode(code.to_owned()))
    }
}

impl TryFrom<String> for VatCode {
    type Error = UnknownVatCode;

    fn try_from(code: String) -> Result<Self, Self::Error> {
        code.parse()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn categories_are_read_back() {
        for category in VatCode::ALL {
            assert_eq!(category.code().parse::<VatCode>().unwrap(), category);
        }
        assert!("s".parse::<VatCode>().is_err());
    }
}
