//! Reading deliveries.

mod store;

pub use store::{DeliveryFilter, DeliveryRow, find_file, get_delivery, list_deliveries};
