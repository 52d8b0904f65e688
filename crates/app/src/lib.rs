//! The one binary of Comptoir: command line, configuration, private PostgreSQL, router, OpenAPI, wiring, reports, workers.

pub mod backup;
pub mod cli;
pub mod commands;
pub mod config;
pub mod demo;
pub mod doctor;
pub mod http;
pub mod postgres;
pub mod reports;
pub mod runtime;
pub mod serve;
pub mod telemetry;
pub mod watching;
pub mod wiring;
