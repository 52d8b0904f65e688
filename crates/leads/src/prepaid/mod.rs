//! Units that buyers pay in advance (spec 3.10, 4.5).
//!
//! Invariants: a unit is held when it is routed, consumed when it is sent, released when it is given up before, returned when
//! it is taken back after, each once (L-09); nothing is ever held that was not bought; the columns of a balance are the sums of
//! its moves. Only routing lowers what is left, and routing happens under the tenant's lock (L-01).

pub mod http;
pub mod model;
pub mod ops;
pub mod store;
