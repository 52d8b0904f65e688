//! Read-only views over several modules: the cockpit and its weeks, the health of the system, the search.
//!
//! Failure policy: fail-open. Each widget reads in a transaction of its own; one that fails is named in `_errors` and the
//! rest is shown (L-19).

pub mod cockpit;
pub mod health;
pub mod search;
mod store;
pub mod trend;
mod widget;

use platform::http::Api;

/// The routes of this module.
pub fn routes(api: Api) -> Api {
    api.with(cockpit::routes).with(health::routes).with(search::routes).with(trend::routes)
}
