//! `comptoir user`

use std::path::PathBuf;

use clap::{Args, Subcommand};
use kernel::Email;

/// `comptoir user`
#[derive(Clone, Subcommand)]
pub enum UserCommand {
    /// Give a user another password and end his sessions
    #[command(after_help = "Example:\n  comptoir user reset-password --email claire@martin.example --password-file -")]
    ResetPassword(UserResetPassword),
    /// List the users with their tenants and roles
    List,
}

/// `comptoir user reset-password`
#[derive(Clone, Args)]
pub struct UserResetPassword {
    /// The e-mail address he signs in with
    #[arg(long)]
    pub email: Email,
    /// A file that holds the password; - reads standard input
    #[arg(long, value_name = "FILE")]
    pub password_file: PathBuf,
    /// He has to choose another before anything else, as he alone should know his password
    #[arg(long)]
    pub must_change: bool,
}
