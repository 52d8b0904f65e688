//! `comptoir leads`

use clap::{ArgGroup, Args, Subcommand};
use kernel::Email;

use super::tenant::parse_slug;

/// `comptoir leads`
#[derive(Clone, Subcommand)]
pub enum LeadsCommand {
    /// Erase what identifies a person from his leads, and keep the figures
    #[command(
        after_help = "Example:\n  comptoir leads erase --tenant martin --phone 0612345678 --reason \"request of 14 February\""
    )]
    Erase(LeadsErase),
}

/// `comptoir leads erase`
#[derive(Clone, Args)]
#[command(group = ArgGroup::new("person").required(true).args(["phone", "email"]))]
pub struct LeadsErase {
    /// The slug of the tenant
    #[arg(long, value_name = "SLUG", value_parser = parse_slug)]
    pub tenant: String,
    /// The person's telephone number
    #[arg(long)]
    pub phone: Option<String>,
    /// The person's e-mail address
    #[arg(long)]
    pub email: Option<Email>,
    /// Why, for the record
    #[arg(long, value_parser = clap::builder::NonEmptyStringValueParser::new())]
    pub reason: String,
}
