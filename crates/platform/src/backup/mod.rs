//! Backups and restore proofs of the whole installation: their records, and the control totals that a restored database is
//! compared by. Making and restoring them is the business of the binary.
//!
//! Tables owned: `platform.backup_run`, `platform.restore_proof`. Both belong to no tenant: the installation is backed up as
//! one. Only the owner of the schema writes them; the service reads how they stand.
//!
//! Failure policy: fail-open. A backup that fails is recorded with its reason and disturbs nothing else.

mod model;
pub mod store;
mod totals;

pub use model::{BackupKind, BackupState, ProofState, Standing, shortened};
pub use totals::{Totals, differences, read_totals};
