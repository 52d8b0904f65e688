//! What the books say: trial balance, account cards, aged balances, VAT.

pub mod file;
pub mod http;
pub mod store;
