//! Every statement on the tables of billing.

pub mod candidates;
pub mod ledger;
pub mod reading;
pub mod records;
