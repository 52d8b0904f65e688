//! Routing: the shell around the pure engine of `rules::routing`.

pub mod assign;
pub mod desk;
pub mod http;
pub mod jobs;
pub mod model;
pub mod replacement;
pub mod simulate;
pub mod store;
pub mod sweep;
pub mod tried;

/// The tenant's lock under which every routing decision is made: quotas, the 30-day rule and the pools are read and
/// written by one transaction at a time, a batch of leads at a time.
pub const ROUTING_LOCK: &str = "leads.routing";
