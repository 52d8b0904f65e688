//! What a signed-in user does to his own account: password and second factor.

pub(crate) mod http;
mod ops;
pub(crate) mod store;

pub(crate) use ops::{forgive_sign_ins, set_password};
