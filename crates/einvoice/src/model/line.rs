//! Lines, allowances and charges.

use kernel::Date;
pub use kernel::VatCode as VatCategory;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// From a day to a day, both within.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Period {
    /// Its first day (BT-73, BT-134).
    pub start: Option<Date>,
    /// Its last day (BT-74, BT-135).
    pub end: Option<Date>,
}

/// Whether an adjustment takes away or adds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// It takes away.
    Allowance,
    /// It adds.
    Charge,
}

/// An allowance or a charge (BG-20, BG-21, BG-27, BG-28).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Adjustment {
    /// Which of both.
    pub direction: Direction,
    /// How much, not negative (BT-92, BT-99, BT-136, BT-141).
    pub amount: Decimal,
    /// What `percent` was taken of (BT-93, BT-100, BT-137, BT-142).
    pub base: Option<Decimal>,
    /// The percentage (BT-94, BT-101, BT-138, BT-143).
    pub percent: Option<Decimal>,
    /// Why (BT-97, BT-104, BT-139, BT-144).
    pub reason: Option<String>,
    /// Why, as a code of UNTDID 5189 (`95` discount) or 7161 (BT-98, BT-105, BT-140, BT-145).
    pub reason_code: Option<String>,
}

impl Adjustment {
    /// An allowance of `amount` because of `reason`.
    pub fn allowance(amount: Decimal, reason: &str) -> Self {
        let (base, percent, reason_code) = (None, None, None);
        Self { direction: Direction::Allowance, amount, base, percent, reason: Some(reason.to_owned()), reason_code }
    }

    /// A charge of `amount` because of `reason`.
    pub fn charge(amount: Decimal, reason: &str) -> Self {
        Self { direction: Direction::Charge, ..Self::allowance(amount, reason) }
    }

    /// The amount with its sign: what it does to a sum.
    pub fn signed(&self) -> Decimal {
        match self.direction {
            Direction::Allowance => -self.amount,
            Direction::Charge => self.amount,
        }
    }
}

/// An allowance or a charge over the whole document (BG-20, BG-21).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DocumentAdjustment {
    /// What it is.
    #[serde(flatten)]
    pub adjustment: Adjustment,
    /// The VAT category whose base it changes (BT-95, BT-102).
    pub category: VatCategory,
    /// The rate whose base it changes, in percent (BT-96, BT-103).
    pub rate: Decimal,
}

/// A line (BG-25).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// Unlike every other of the document (BT-126).
    pub id: String,
    /// What was supplied, in short (BT-153).
    pub name: String,
    /// What was supplied, at length (BT-154).
    pub description: Option<String>,
    /// A text about the line (BT-127).
    pub note: Option<String>,
    /// How much of it (BT-129); may be negative.
    pub quantity: Decimal,
    /// The unit, a code of UN/ECE recommendation 20 or 21: `C62` piece, `HUR` hour, `MTK` m² (BT-130).
    pub unit: String,
    /// What one `price_base` of it costs, without VAT, after the price discount; not negative (BT-146).
    pub net_price: Decimal,
    /// How many units the price is for, when not one (BT-149).
    pub price_base: Option<Decimal>,
    /// The price before its discount (BT-148).
    pub gross_price: Option<Decimal>,
    /// What the price was lowered by (BT-147).
    pub price_discount: Option<Decimal>,
    /// Allowances and charges on the line (BG-27, BG-28).
    pub adjustments: Vec<Adjustment>,
    /// Quantity × net price − allowances + charges, as the caller rounded it (BT-131).
    pub net: Decimal,
    /// How VAT is treated (BT-151).
    pub category: VatCategory,
    /// The rate in percent (BT-152); zero where the category has none.
    pub rate: Decimal,
    /// The seller's number of the item (BT-155).
    pub seller_item_id: Option<String>,
    /// The buyer's number of the item (BT-156).
    pub buyer_item_id: Option<String>,
    /// The period the line is for (BG-26).
    pub period: Option<Period>,
}
