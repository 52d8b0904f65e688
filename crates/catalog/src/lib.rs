//! The catalogue: what a tenant sells. Other tables refer to an item by its code, which never changes.
//!
//! Tables owned: everything in the schema `catalog`.
//!
//! Invariants: a code is unique within a tenant; an item is switched off, never deleted.
//!
//! Events out: `product_created`, `product_updated`. Failure policy: fail-closed.

pub mod items;

use platform::http::Api;

pub use items::model::Item;
pub use items::store;

/// Every route of the catalogue.
pub fn routes(api: Api) -> Api {
    api.with(items::http::routes)
}
