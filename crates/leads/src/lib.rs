//! Lead selling (spec/leads.md): a lead enters, is stored whatever happens, routed to a buyer's order, delivered as a
//! CSV by e-mail, and can be followed, returned and re-routed.
//!
//! Tables owned: everything in the schema `leads`. A buyer is a party of `parties`, a product an item of `catalog`.
//!
//! Invariants: a lead is `routed` or `livre` exactly while a delivery holds it; one open delivery per lead; one active
//! order per entity, buyer and product; an order's quota counts the units routed in the ISO week and not returned;
//! `livre` comes from a sent delivery only. All routing of a tenant happens under one lock, a batch at a time. A unit paid in
//! advance is held, consumed, released and returned at most once; a sent unit is billed in the week of sending, at the price of
//! its day, and what crosses entities is charged between them once.
//!
//! Failure policy: intake fails closed and loses nothing (quarantine); routing fails open (the lead stays and is swept
//! later); the delivery lifecycle fails closed; the mail fails open (the delivery is `failed`, its file kept);
//! the ledger fails closed; transfers between entities fail open (an error that is tried again, the delivery unaffected).

pub mod activity;
pub mod billing;
pub mod bulk;
pub mod buyers;
mod changes;
pub mod credits;
pub mod daily;
pub mod deliveries;
pub mod departements;
pub mod erasure;
pub mod intake;
pub mod intercompany;
pub mod landing;
pub mod leads;
pub mod monitoring;
pub mod orders;
pub mod prepaid;
pub mod pricing;
pub mod providers;
pub mod quarantine;
pub mod routing;
pub mod rules;
mod scope;
pub mod settings;
pub mod tracking;
mod watching;

use std::sync::Arc;

use platform::Registry;
use platform::http::Api;

use intake::edge::Edge;

/// Every route of lead selling; `edge` is the state of its public side.
pub fn routes(api: Api, edge: &Arc<Edge>) -> Api {
    api.with(|api| intake::http::routes(api, edge))
        .with(|api| tracking::http::routes(api, edge))
        .with(landing::routes)
        .with(buyers::http::routes)
        .with(orders::http::routes)
        .with(pricing::http::routes)
        .with(prepaid::http::routes)
        .with(credits::http::routes)
        .with(billing::http::routes)
        .with(intercompany::http::routes)
        .with(providers::http::routes)
        .with(leads::http::routes)
        .with(erasure::http::routes)
        .with(quarantine::http::routes)
        .with(monitoring::http::routes)
        .with(routing::http::routes)
        .with(deliveries::http::routes)
        .with(settings::http::routes)
        .with(departements::http::routes)
        .with(activity::routes)
}

/// Every job and schedule of lead selling.
pub fn jobs(registry: &mut Registry) {
    billing::overdue::register(registry);
    deliveries::jobs::register(registry);
    daily::register(registry);
    erasure::register(registry);
    intercompany::jobs::register(registry);
    orders::jobs::register(registry);
    routing::jobs::register(registry);
    watching::register(registry);
}
