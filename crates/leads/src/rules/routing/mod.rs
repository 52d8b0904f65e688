//! Which order takes a lead (leads §5.4).
//!
//! A [`Book`] is built once from the orders of a tenant; a [`Usage`] says how far they are filled; [`decide`] walks
//! the orders of the lead's entity and product by priority and, where nobody there can take it, those of the entities
//! it may fall back to. Leads are decided one after another by counting each decision into the usage.

mod book;
mod cross_entity;
mod decide;
#[cfg(test)]
mod tests;
mod trace;
mod usage;

pub use book::{Book, BuyerFacts, OrderFacts};
pub use cross_entity::{CrossEntitySettings, EntitySwitches};
pub use decide::{
    Decision, EntityFacts, Exclusion, Exclusions, LeadFacts, Market, Outcome, RoutingMode, alternatives, decide,
};
pub use trace::{EntityTraceView, Gate, Omitted, OrderTraceView, Trace, TraceView, Verdict};
pub use usage::{OrderUsage, Usage};
