//! The re-routing sweep as a job.

use platform::{Job, Registry, Result, Tx};
use serde::{Deserialize, Serialize};

/// Registers the jobs of this module.
pub fn register(_: &mut Registry) {}

/// Routes blocked stock again (spec 5.7).
#[derive(Debug, Serialize, Deserialize)]
pub struct Sweep {
    /// What made it necessary, such as `order_activated`.
    pub why: String,
}

impl Job for Sweep {
    const KIND: &'static str = "leads.sweep";
}

/// Asks for a sweep once this transaction is committed.
pub fn request_sweep(tx: &mut Tx, why: &str) -> Result<()> {
    tx.enqueue(&Sweep { why: why.to_owned() })
}
