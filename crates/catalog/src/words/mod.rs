//! Words that are the same for every tenant: units of measure, rates of VAT.

pub mod http;
pub mod units;
pub mod vat_rates;
