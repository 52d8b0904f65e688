//! The ground: what holds over every table, every lifecycle, every route.

mod catalogue;
mod entity_legal;
mod events;
mod fuzz;
mod jobs;
mod lifecycles;
mod live;
mod notifications;
mod openapi;
mod problems;
mod recovery;
mod routes;
mod sign_in;
mod views;
