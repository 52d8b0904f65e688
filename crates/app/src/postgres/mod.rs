//! The private PostgreSQL of an installation without a database URL: found, initialised, started on a Unix socket only,
//! stopped with the service, and recoverable when everything is killed.
//!
//! The cluster lives in `<data-dir>/postgres`, its log in `<data-dir>/postgres.log`. `<data-dir>/comptoir.lock` is
//! held while it runs: one process owns a data directory, others may attach to what it runs.
//!
//! Access rests on the file system: every local role is trusted, and the socket lies in a directory that only the
//! account of the cluster (and root) may enter. Nothing listens on the network.

mod account;
mod cluster;
mod endpoint;
mod error;
mod locate;
mod lock;
mod managed;
mod postmaster;
mod recovery;
mod settings;

pub use endpoint::{Endpoint, Role};
pub use error::ManagedError;
pub use locate::{Binaries, OLDEST_MAJOR, locate_clients};
pub use managed::{Access, ManagedOptions, ManagedPostgres};
pub use recovery::{Recovery, StagedCluster};
pub use settings::Durability;
