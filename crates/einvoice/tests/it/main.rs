//! The crate from outside: documents of every kind, judged by validators that were not written here.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
#![expect(clippy::assigning_clones, reason = "samples are written to be read")]

mod check;
mod gates;
mod kinds;
mod page;
mod reading;
mod samples;
