//! Forgotten passwords: a link by mail that sets a new one, once, within the hour.
//!
//! Tables owned: `platform.password_reset`.
//!
//! Invariants: the token is made when the mail is, stands in no row, job or log, and of a user's links only the last one works;
//! the mail goes by the operator's server, for who may set an entity's could read the links of those who hold more than he;
//! whoever asks learns neither by the answer nor by its time whether the address has an account.

pub(crate) mod http;
mod mail;
mod ops;
pub(crate) mod store;

pub(super) use mail::register;
