//! What sources, duplicates, entities and aged leads came to over a period (spec 5.13).

pub mod http;
mod store;
