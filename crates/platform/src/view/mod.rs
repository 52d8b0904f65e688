//! Saved views: the conditions of a list under a name.
//!
//! Tables owned: `platform.saved_view`.
//!
//! Invariants: a view is its owner's to change; others see it when it is shared, and a super admin may take a shared one away.
//! A name is used once per owner and page.

pub mod http;
mod ops;
mod store;

use crate::constraint;

constraint!("saved_view_name_key", "name", "You have a view of this name on this page already.");
constraint!(
    "saved_view_page_check",
    "page",
    "must be 1 to 60 lower-case letters, digits, slashes, hyphens and underscores"
);
constraint!("saved_view_name_check", "name", "must have 1 to 60 characters");
constraint!("saved_view_query_check", "query", "must have at most 2000 characters");
