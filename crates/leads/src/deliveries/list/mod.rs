//! Reading deliveries.

mod store;

pub use store::{
    DeliveryCounts, DeliveryFilter, DeliveryRow, count_deliveries, find_file, get_delivery, list_deliveries,
};
