//! The floor above all others: command line, configuration and the private PostgreSQL of the one binary, `comptoir`.

pub mod postgres;
