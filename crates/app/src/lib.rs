//! The one binary of Comptoir: command line, configuration, router, OpenAPI, wiring, reports, workers.

pub mod http;
pub mod telemetry;
pub mod wiring;
