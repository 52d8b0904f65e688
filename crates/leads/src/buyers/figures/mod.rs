//! What buyers received: figures over their deliveries and orders. Reads only.

pub mod http;
pub mod model;
pub mod store;
