//! The members of a tenant: who may sign in here, with which role, in which entity.

pub(crate) mod http;
pub(crate) mod model;
mod ops;
pub(crate) mod store;

pub use ops::SecondFactor;
