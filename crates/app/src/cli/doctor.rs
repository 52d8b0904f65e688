//! `comptoir doctor`

use clap::Args;

/// `comptoir doctor`
#[derive(Clone, Args)]
pub struct Doctor {
    /// As JSON, for scripts
    #[arg(long)]
    pub json: bool,
    /// Less of the disk free than so many percent wants attention, less than half of it is broken
    #[arg(long, value_name = "PERCENT", default_value_t = 10, value_parser = clap::value_parser!(u8).range(0..=100))]
    pub least_free: u8,
}
