//! What the books say: trial balance, account cards, aged balances, VAT.

mod aged;
pub mod file;
pub mod http;
pub mod store;
mod vat;
