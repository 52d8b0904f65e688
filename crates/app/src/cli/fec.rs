//! `comptoir fec …`

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use ledger::fec::write::FecDelimiter;

/// FEC: the accounting file that French tax inspections ask for.
#[derive(Clone, Subcommand)]
pub enum FecCommand {
    /// Check any FEC by the published rules; it need not come from here, and no database is needed
    #[command(after_help = "Example:\n  comptoir fec verify 732829320FEC20251231.txt\n\n\
        Ends with 0 when no rule is broken, and with 1 otherwise. Warnings break no rule.")]
    Verify(FecVerify),
    /// Write the FEC of a fiscal year
    #[command(after_help = "Example:\n  comptoir fec export --tenant demo --entity ZR7 --year 2025 .\n\n\
        FILE may be a directory: the file then gets the name that the rules ask for.")]
    Export(FecExport),
}

/// `comptoir fec verify`
#[derive(Clone, Args)]
pub struct FecVerify {
    /// The file; its name is checked too
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// As JSON, for scripts
    #[arg(long)]
    pub json: bool,
    /// How many findings to show; all are counted
    #[arg(long, value_name = "N", default_value_t = 100)]
    pub max: u32,
}

/// `comptoir fec export`
#[derive(Clone, Args)]
pub struct FecExport {
    /// The slug of the tenant
    #[arg(long, value_name = "SLUG", value_parser = super::tenant::parse_slug)]
    pub tenant: String,
    /// The code of the entity
    #[arg(long, value_name = "CODE")]
    pub entity: String,
    /// The calendar year in which the fiscal year ends
    #[arg(long, value_name = "YYYY")]
    pub year: i16,
    /// What separates columns
    #[arg(long, value_name = "DELIMITER", default_value = "tab")]
    pub delimiter: DelimiterArg,
    /// Where to write it: a file, or a directory
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
}

/// What separates columns.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum DelimiterArg {
    /// A tab
    Tab,
    /// A vertical bar
    Pipe,
}

impl From<DelimiterArg> for FecDelimiter {
    fn from(delimiter: DelimiterArg) -> Self {
        match delimiter {
            DelimiterArg::Tab => Self::Tab,
            DelimiterArg::Pipe => Self::Pipe,
        }
    }
}
