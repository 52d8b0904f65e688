//! `comptoir migrate`

use clap::Args;

/// `comptoir migrate`
#[derive(Clone, Args)]
pub struct Migrate {
    /// Then split the tables of the tenants over the nodes of the Citus cluster of which the database is the coordinator
    #[arg(long)]
    pub distribute: bool,
}
