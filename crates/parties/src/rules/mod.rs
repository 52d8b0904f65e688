//! The rules that decide, over plain values.

pub mod vat;
pub mod vat_reasons;
