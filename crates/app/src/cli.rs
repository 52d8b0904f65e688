//! The command line: the tree of commands and their help. What they do is elsewhere.

mod audit;
mod backup;
mod doctor;
mod fec;
mod job;
mod leads;
mod migrate;
mod secrets;
mod serve;
mod tenant;
#[cfg(test)]
mod tests;
mod user;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

pub use audit::Audit;
pub use backup::{Backup, BackupCommand, BackupDrill, BackupNamed, Restore};
pub use doctor::Doctor;
pub use fec::{DelimiterArg, FecCommand, FecExport, FecVerify};
pub use job::{JobCommand, JobList, JobRequeue, JobRun};
pub use leads::{LeadsCommand, LeadsErase};
pub use migrate::Migrate;
pub use secrets::{SecretsCommand, SecretsForget, SecretsRotate};
pub use serve::Serve;
pub use tenant::{EntityArg, TenantCommand, TenantCreate};
pub use user::{UserCommand, UserResetPassword};

use crate::config::Flags;

/// Comptoir, the business platform you host yourself.
#[derive(Clone, Parser)]
#[command(
    name = "comptoir",
    version,
    propagate_version = true,
    disable_help_subcommand = true,
    after_help = "Examples:\n  \
        comptoir serve --demo                             try it, with a private PostgreSQL and demo data\n  \
        comptoir serve --listen 0.0.0.0:8080              serve the network\n  \
        psql \"$(comptoir db-url)\"                         look into the database while it serves\n\n\
        Settings come from flags, then COMPTOIR_* variables, then comptoir.toml. `comptoir serve --help` lists them all."
)]
pub struct Cli {
    /// Settings that every command takes.
    #[command(flatten)]
    pub global: Global,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// Settings that every command takes.
#[derive(Clone, Args)]
pub struct Global {
    /// The configuration file [env: COMPTOIR_CONFIG] [default: comptoir.toml, if there is one]
    #[arg(long, global = true, value_name = "FILE", help_heading = "Settings")]
    pub config: Option<PathBuf>,
    /// Where the private PostgreSQL, files and undelivered mail live [env: COMPTOIR_DATA_DIR] [default: ./data]
    #[arg(long, global = true, value_name = "DIR", help_heading = "Settings")]
    pub data_dir: Option<String>,
    /// A PostgreSQL of your own, as the role comptoir_app, instead of the private one. Other users of the machine can read
    /// flags: give a password by the variable, or by a file in COMPTOIR_DATABASE_URL_FILE [env: COMPTOIR_DATABASE_URL]
    #[arg(long, global = true, value_name = "URL", help_heading = "Settings")]
    pub database_url: Option<String>,
}

/// What to do.
#[derive(Clone, Subcommand)]
pub enum Command {
    /// Serve the platform
    Serve(Box<Serve>),
    /// Bring the schema of the database to the version of this binary
    #[command(after_help = "Example:\n  COMPTOIR_OWNER_URL=postgres://owner@db/comptoir \
        COMPTOIR_DATABASE_URL=postgres://comptoir_app@db/comptoir comptoir migrate\n\n\
        A database of your own is migrated as the owner of its schema: COMPTOIR_OWNER_URL or COMPTOIR_OWNER_URL_FILE.")]
    Migrate(Migrate),
    /// Say whether this installation could serve, and what differs if not
    Check,
    /// Say what is wrong and what to do next: for the first ten minutes of an incident
    #[command(
        after_help = "It reads, changes nothing, takes less than ten seconds, and works while the database is down.\n\n\
        Examples:\n  comptoir doctor\n  comptoir doctor --json | jq '.findings[] | select(.status != \"ok\")'\n\n\
        Ends with 1 when something is broken, and with 0 otherwise."
    )]
    Doctor(Doctor),
    /// Prove the installation check by check, and print what an auditor would
    #[command(
        after_help = "Examples:\n  comptoir audit                                    every check, in every tenant\n  \
        comptoir audit --section isolation --section money\n  \
        comptoir audit --html report.html --since 2026-02-01\n\n\
        Ends with 0 when nothing was found, and with 1 otherwise. The report is kept, and shows in the console."
    )]
    Audit(Audit),
    /// Data to try things with
    #[command(subcommand)]
    Demo(DemoCommand),
    /// Print every route with its guard, scope and failure policy
    Routes(Routes),
    /// Print the states of everything that has a lifecycle, and the moves between them
    Lifecycles(Lifecycles),
    /// Print the OpenAPI document
    #[command(after_help = "Example:\n  comptoir openapi > openapi.json")]
    Openapi,
    /// Tenants: the organisations that use this installation
    #[command(subcommand)]
    Tenant(TenantCommand),
    /// Users: the people who sign in
    #[command(subcommand)]
    User(UserCommand),
    /// Jobs: scheduled and queued work
    #[command(subcommand)]
    Job(JobCommand),
    /// Leads: the people who asked for an offer
    #[command(subcommand)]
    Leads(LeadsCommand),
    /// FEC: the accounting file that French tax inspections ask for
    #[command(subcommand)]
    Fec(FecCommand),
    /// Secret keys: what seals the secrets in the database
    #[command(subcommand)]
    Secrets(SecretsCommand),
    /// Back everything up: list, verify and prove backups
    Backup(Backup),
    /// Restore a backup into an empty target
    Restore(Restore),
    /// Print the URL of the database, for psql and other tools
    #[command(
        after_help = "Examples:\n  psql \"$(comptoir db-url)\"\n  pg_dump \"$(comptoir db-url --owner)\" > backup.sql"
    )]
    DbUrl(DbUrl),
}

/// Data to try things with.
#[derive(Clone, Subcommand)]
pub enum DemoCommand {
    /// Load a tenant with users, buyers, orders and leads
    #[command(after_help = "Example:\n  comptoir demo load --leads 10000 --tenant demo")]
    Load(DemoLoad),
}

/// `comptoir demo load`
#[derive(Clone, Args)]
pub struct DemoLoad {
    /// How many leads
    #[arg(long, value_name = "N", default_value_t = 3200)]
    pub leads: u32,
    /// The slug of the tenant, made when missing
    #[arg(long, value_name = "SLUG", default_value = "demo", value_parser = tenant::parse_slug)]
    pub tenant: String,
}

/// `comptoir routes`
#[derive(Clone, Args)]
pub struct Routes {
    /// As JSON, for scripts
    #[arg(long)]
    pub json: bool,
}

/// `comptoir lifecycles`
#[derive(Clone, Args)]
pub struct Lifecycles {
    /// As Mermaid diagrams, for documents
    #[arg(long)]
    pub mermaid: bool,
}

/// `comptoir db-url`
#[derive(Clone, Args)]
pub struct DbUrl {
    /// As the owner of the schema, whom row security does not stop from changing it
    #[arg(long)]
    pub owner: bool,
}

impl Cli {
    /// The settings among the flags.
    pub fn flags(&self) -> Flags {
        let flags = Flags::new(self.global.config.clone())
            .with("data_dir", self.global.data_dir.as_ref())
            .with("database_url", self.global.database_url.as_ref());
        match &self.command {
            Command::Serve(serve) => serve.settings.add_to(flags),
            _ => flags,
        }
    }
}
