//! The configuration: flags, then `COMPTOIR_*` variables, then `comptoir.toml`, then defaults.
//!
//! A setting comes from the first of these that has it. Secrets come from the environment or from a file that is named,
//! never from a flag, which every user of the machine could read, nor from `comptoir.toml`, which gets copied about.

mod backup;
mod sources;
#[cfg(test)]
mod tests;
mod values;

use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::path::PathBuf;

use ipnet::IpNet;
use platform::secret::Source;
use secrecy::SecretString;

pub use backup::{BackupSettings, BackupTo, Rhythm, S3Settings};
pub use sources::{ConfigError, Flags, Sources, process_environment};
pub use values::{DatabaseUrl, LogFilter, LogFormat, PublicUrl, Ratio, ReplicaUrls, SmtpUrl};

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
    /// `drain_seconds`
    pub const DRAIN_SECONDS: &str = "0";
    /// `slow_query_ms`
    pub const SLOW_QUERY_MS: &str = "500";
    /// `otlp_ratio`
    pub const OTLP_RATIO: &str = "1";
    /// `db_pool`
    pub const DB_POOL: &str = "16";
    /// `backup_keep_daily` (spec/field.md §7)
    pub const KEEP_DAILY: &str = "30";
    /// `backup_keep_monthly` (spec/field.md §7)
    pub const KEEP_MONTHLY: &str = "12";
    /// `backup_keep_base`
    pub const KEEP_BASE: &str = "2";
    /// `backup_schedule`: daily at two (spec/field.md §7)
    pub const BACKUP_SCHEDULE: &str = "0 2 * * *";
    /// `backup_drill`: on Sundays at four
    pub const BACKUP_DRILL: &str = "0 4 * * 0";
    /// `backup_s3_region`
    pub const S3_REGION: &str = "us-east-1";
}

/// The file of the secret keys in the data directory, unless another is named.
pub const SECRET_KEYS: &str = "secret-keys";

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
    /// Streaming replicas of it, as the service's role, for what only reads.
    pub replica_urls: ReplicaUrls,
    /// The mail transport for entities without one of their own; without any, mail goes to files.
    pub smtp_url: Option<SmtpUrl>,
    /// How browsers and mails reach this installation.
    pub public_url: Option<PublicUrl>,
    /// Whose word about the address of the client is believed.
    pub trusted_proxies: Vec<IpNet>,
    /// Networks that outgoing requests may reach although they are not public.
    pub egress_allow: Vec<IpNet>,
    /// The DNS servers that are asked about mail domains.
    pub dns_servers: Vec<SocketAddr>,
    /// Requests a minute that a user, or an address without a session, may make of the API.
    pub requests_per_minute: Option<NonZeroU32>,
    /// What a caller of the metrics must present.
    pub metrics_token: Option<SecretString>,
    /// Where the ring of secret keys is.
    pub secret_keys: Source,
    /// Which log records are written.
    pub log: LogFilter,
    /// How they are written.
    pub log_format: LogFormat,
    /// How many jobs run at once in this process, and as many calls to other systems beside them; with 0 it only serves.
    pub workers: u16,
    /// How many database connections it keeps.
    pub db_pool: NonZeroU32,
    /// How many seconds requests are still taken after the signal to stop, while `/readyz` already says no.
    pub drain_seconds: u16,
    /// From how many milliseconds on a statement is slow.
    pub slow_query_ms: NonZeroU32,
    /// The collector that traces go to, by OTLP over HTTP; without it there are none.
    pub otlp_url: Option<PublicUrl>,
    /// Which part of the traces that begin here are made.
    pub otlp_ratio: Ratio,
    /// Its backups.
    pub backup: BackupSettings,
}

impl Config {
    /// Reads the settings from where they are given.
    pub fn load(sources: &Sources) -> Result<Self, ConfigError> {
        let data_dir: PathBuf = sources.value("data_dir", defaults::DATA_DIR)?;
        let secret_keys = match sources.secret_or_path("secret_keys")? {
            Some(Ok(ring)) => Source::Text(ring),
            Some(Err(path)) => Source::File(path),
            None => Source::File(data_dir.join(SECRET_KEYS)),
        };
        let config = Self {
            listen: sources.value("listen", defaults::LISTEN)?,
            data_dir,
            database_url: sources.secret("database_url")?,
            owner_url: sources.secret("owner_url")?,
            replica_urls: sources.secret("replica_urls")?.unwrap_or_default(),
            smtp_url: sources.secret("smtp_url")?,
            public_url: sources.optional("public_url")?,
            trusted_proxies: sources.list("trusted_proxies", values::parse_net)?,
            egress_allow: sources.list("egress_allow", values::parse_net)?,
            dns_servers: sources.list("dns_servers", values::parse_dns_server)?,
            metrics_token: sources.secret::<String>("metrics_token")?.map(SecretString::from),
            secret_keys,
            log: sources.value("log", defaults::LOG)?,
            log_format: sources.value("log_format", defaults::LOG_FORMAT)?,
            workers: sources.value("workers", defaults::WORKERS)?,
            db_pool: sources.value("db_pool", defaults::DB_POOL)?,
            drain_seconds: sources.value("drain_seconds", defaults::DRAIN_SECONDS)?,
            requests_per_minute: sources.optional("requests_per_minute")?,
            slow_query_ms: sources.value("slow_query_ms", defaults::SLOW_QUERY_MS)?,
            otlp_url: sources.optional("otlp_url")?,
            otlp_ratio: sources.value("otlp_ratio", defaults::OTLP_RATIO)?,
            backup: BackupSettings::load(sources)?,
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
