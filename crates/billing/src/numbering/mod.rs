//! Legal numbers: gapless per entity, series and year, drawn when a document is issued (spec/field.md 5.7).

pub mod http;
pub mod model;
pub mod ops;
pub mod store;
