//! The catalogue: what a tenant sells, in which units, at which price and rate. Other tables refer to an item by its code,
//! which never changes.
//!
//! Tables owned: everything in the schema `catalog`.
//!
//! Invariants: a code is unique within a tenant; an item is switched off, never deleted; of a day an item has one price a
//! currency at most: the one that is valid from the latest day that has come.
//!
//! Events out: `product_created`, `product_updated`, `product_price_set`. Failure policy: fail-closed.

pub mod items;
pub mod prices;
pub mod words;

use platform::http::Api;

pub use items::model::Item;
pub use items::store;
pub use prices::model::ItemPrice;
pub use prices::store::price_on;
pub use words::units::{Unit, find_unit, units};
pub use words::vat_rates::{VatRate, is_standard_rate, vat_rates};

/// Every route of the catalogue.
pub fn routes(api: Api) -> Api {
    api.with(items::http::routes).with(prices::http::routes).with(words::http::routes)
}
