//! `comptoir leads …`

use clap::{ArgGroup, Args, Subcommand};
use kernel::Email;

/// Leads: the people who asked for an offer.
#[derive(Clone, Subcommand)]
pub enum LeadsCommand {
    /// Erase a person's data everywhere in a tenant; it cannot be undone
    #[command(after_help = "Example:\n  comptoir leads erase --tenant demo --phone '06 12 34 56 79'")]
    Erase(LeadsErase),
}

/// `comptoir leads erase`
#[derive(Clone, Args)]
#[command(group = ArgGroup::new("person").required(true).multiple(true))]
pub struct LeadsErase {
    /// The slug of the tenant
    #[arg(long, value_name = "SLUG", value_parser = super::tenant::parse_slug)]
    pub tenant: String,
    /// The person's phone, in any French spelling
    #[arg(long, value_name = "PHONE", group = "person")]
    pub phone: Option<String>,
    /// The person's e-mail address
    #[arg(long, value_name = "ADDRESS", group = "person")]
    pub email: Option<Email>,
}
