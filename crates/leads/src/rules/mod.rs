//! The rules that decide, as pure functions over plain values: no SQL, HTTP, clock or randomness here. Everything
//! can be proven by tables and properties, and replayed over other numbers. Sections are those of the leads
//! specification.

pub mod ageing;
pub mod billing;
pub mod calendar;
pub mod csv_file;
pub mod deliverability;
pub mod departement;
pub mod duplicate;
pub mod fill;
pub mod intake;
pub mod mix;
pub mod monitoring;
pub mod overlap;
pub mod phone;
pub mod pricing;
pub mod replacement;
pub mod routing;
pub mod transfers;
