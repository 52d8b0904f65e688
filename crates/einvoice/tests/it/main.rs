//! The crate from outside: documents of every kind, judged by validators that were not written here.

mod check;
mod gates;
mod kinds;
mod page;
mod reading;
mod samples;
