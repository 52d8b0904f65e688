//! The ground: what holds over every table, every lifecycle, every route.

mod catalogue;
mod lifecycles;
mod routes;
