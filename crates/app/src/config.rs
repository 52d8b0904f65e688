//! The configuration: flags, then `COMPTOIR_*` variables, then `comptoir.toml`, then defaults.
//!
//! A setting comes from the first of these that has it. Secrets come from the environment or from a file that is named,
//! never from a flag, which every user of the machine could read, nor from `comptoir.toml`, which gets copied about.

mod sources;
#[cfg(test)]
mod tests;
mod values;

use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::path::PathBuf;

use ipnet::IpNet;
use secrecy::SecretString;

pub use sources::{ConfigError, Flags, Sources, process_environment};
pub use values::{DatabaseUrl, LogFilter, LogFormat, PublicUrl, SmtpUrl};

/// The defaults, as `--help` shows them.
pub mod defaults {
    /// `listen`
    pub const LISTEN: &str = "127.0.0.1:8080";
    /// `data_dir`
    pub const DATA_DIR: &str = "./data";
    /// `log`
    pub const LOG: &str = "info";
    /// `log_format`
    pub const LOG_FORMAT: &str = "text";
    /// `workers`
    pub const WORKERS: &str = "4";
    /// `db_pool`
    pub const DB_POOL: &str = "16";
}

/// Everything that an installation may set. Its `Debug` shows no secret.
#[derive(Clone, Debug)]
pub struct Config {
    /// Where HTTP is served.
    pub listen: SocketAddr,
    /// Where the private PostgreSQL, files and undelivered mail live.
    pub data_dir: PathBuf,
    /// The database as the service's role; without it a private PostgreSQL runs in the data directory.
    pub database_url: Option<DatabaseUrl>,
    /// The same database as the owner of the schema, for migrations.
    pub owner_url: Option<DatabaseUrl>,
    /// The mail transport for entities without one of their own; without any, mail goes to files.
    pub smtp_url: Option<SmtpUrl>,
    /// How browsers and mails reach this installation.
    pub public_url: Option<PublicUrl>,
    /// Whose word about the address of the client is believed.
    pub trusted_proxies: Vec<IpNet>,
    /// What a caller of the metrics must present.
    pub metrics_token: Option<SecretString>,
    /// Which log records are written.
    pub log: LogFilter,
    /// How they are written.
    pub log_format: LogFormat,
    /// How many jobs run at once in this process; with 0 it only serves.
    pub workers: u16,
    /// How many database connections it keeps.
    pub db_pool: NonZeroU32,
}

impl Config {
    /// Reads the settings from where they are given.
    pub fn load(sources: &Sources) -> Result<Self, ConfigError> {
        let config = Self {
            listen: sources.value("listen", defaults::LISTEN)?,
            data_dir: sources.value("data_dir", defaults::DATA_DIR)?,
            database_url: sources.secret("database_url")?,
            owner_url: sources.secret("owner_url")?,
            smtp_url: sources.secret("smtp_url")?,
            public_url: sources.optional("public_url")?,
            trusted_proxies: sources.list("trusted_proxies", values::parse_net)?,
            metrics_token: sources.secret::<String>("metrics_token")?.map(SecretString::from),
            log: sources.value("log", defaults::LOG)?,
            log_format: sources.value("log_format", defaults::LOG_FORMAT)?,
            workers: sources.value("workers", defaults::WORKERS)?,
            db_pool: sources.value("db_pool", defaults::DB_POOL)?,
        };
        if config.owner_url.is_some() && config.database_url.is_none() {
            return Err(ConfigError::OwnerAlone);
        }
        Ok(config)
    }

    /// How browsers and mails reach this installation: as it was told, or where it listens.
    pub fn reached_at(&self, listening: SocketAddr) -> String {
        self.public_url.as_ref().map_or_else(|| format!("http://{listening}"), |url| url.as_str().to_owned())
    }
}
