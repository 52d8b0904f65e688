//! The floor above all others: command line, configuration and the private PostgreSQL of the one binary, `comptoir`.

pub mod cli;
pub mod config;
pub mod postgres;
