//! The ground: what holds over every table, every lifecycle, every route.

mod catalogue;
mod events;
mod jobs;
mod lifecycles;
mod problems;
mod routes;
mod sign_in;
