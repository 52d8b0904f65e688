//! Routing: the shell around the pure engine of `rules::routing`.

pub mod http;
pub mod jobs;
