//! What moved on a customer's account, what stands on it and what is open (spec/trade.md, SOA; spec/leads.md 12): a *relevé de
//! compte*. A buyer of leads has one as well.
//!
//! It is read from documents and payments, and from what the books alone know (entered by hand, opening balances), so that it
//! comes to what the books say of the customer. Nothing is written.

pub mod http;
pub mod model;
mod page;
pub mod read;
pub mod store;
