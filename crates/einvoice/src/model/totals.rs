//! Sums.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::VatCategory;

/// VAT of one category and rate (BG-23).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VatBreakdown {
    /// The category (BT-118).
    pub category: VatCategory,
    /// The rate in percent (BT-119); zero where the category has none.
    pub rate: Decimal,
    /// What the rate is taken of (BT-116).
    pub base: Decimal,
    /// The VAT (BT-117).
    pub tax: Decimal,
    /// Why none is charged, or why at a lower rate, in words (BT-120).
    ///
    /// In the XML only for the categories that have a reason there; on the page always.
    pub reason: Option<String>,
    /// Why none is charged, as a code of the VATEX list (BT-121).
    pub reason_code: Option<String>,
}

/// The sums of a document (BG-22).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Totals {
    /// Sum of the lines' net amounts (BT-106).
    pub lines: Decimal,
    /// Sum of the allowances over the document (BT-107).
    pub allowances: Decimal,
    /// Sum of the charges over the document (BT-108).
    pub charges: Decimal,
    /// Total without VAT (BT-109).
    pub net: Decimal,
    /// Total VAT (BT-110).
    pub vat: Decimal,
    /// Total with VAT (BT-112).
    pub gross: Decimal,
    /// What was paid before, deposits among it (BT-113).
    pub prepaid: Decimal,
    /// What the amount due was rounded by (BT-114).
    pub rounding: Decimal,
    /// What is to be paid (BT-115).
    pub due: Decimal,
}
