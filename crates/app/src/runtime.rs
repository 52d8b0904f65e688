//! The database and the platform for a command: the private PostgreSQL, or one of the operator's.

use std::path::Path;
use std::sync::Arc;

use kernel::Clock;
use platform::{Error, Options, Platform, Result};
use secrecy::ExposeSecret as _;
use sqlx::postgres::PgConnectOptions;
use sqlx::{ConnectOptions as _, PgConnection};

use crate::config::Config;
use crate::postgres::{Access, ManagedOptions, ManagedPostgres, Role};
use crate::wiring;

/// The name of the database in the private PostgreSQL.
pub const DATABASE: &str = "comptoir";

/// How to reach the database in its two roles.
pub struct Database {
    /// The service's role.
    pub app: PgConnectOptions,
    /// The owner of the schema; absent when the operator keeps it to himself.
    pub owner: Option<PgConnectOptions>,
}

impl Database {
    /// The operator's database.
    ///
    /// `None` when the configuration names none.
    pub fn external(config: &Config) -> Option<Self> {
        let app = config.database_url.as_ref()?.options();
        Some(Self { app, owner: config.owner_url.as_ref().map(crate::config::DatabaseUrl::options) })
    }

    /// The database of a private PostgreSQL.
    pub fn private(endpoint: &crate::postgres::Endpoint) -> Self {
        Self {
            app: endpoint.connect_options(Role::App, DATABASE),
            owner: Some(endpoint.connect_options(Role::Owner, DATABASE)),
        }
    }

    /// A connection as the owner.
    ///
    /// Refused, saying what to set, when the owner is not known.
    pub async fn owner(&self) -> Result<PgConnection> {
        let Some(options) = &self.owner else {
            return Err(Error::refused(
                "owner_unknown",
                "This needs the owner of the schema: set COMPTOIR_OWNER_URL or COMPTOIR_OWNER_URL_FILE.",
            ));
        };
        // "already exists, skipping" is no news to anybody.
        Ok(options.clone().options([("client_min_messages", "warning")]).connect().await?)
    }

    /// Migrates when the owner is known, and proves that the schema is exactly this binary's.
    pub async fn prepare(&self, pool: impl Fn() -> PgConnectOptions, connections: u32) -> Result<sqlx::PgPool> {
        if self.owner.is_some() {
            let mut owner = self.owner().await?;
            let new = platform::schema::migrate(&mut owner).await?;
            if new > 0 {
                tracing::info!(migrations = new, "the schema was migrated");
            }
        }
        let pool = platform::connect(pool(), connections).await?;
        let differences = platform::schema::differences(&pool).await?;
        if differences.is_empty() {
            return Ok(pool);
        }
        let shown: Vec<_> = differences.iter().take(10).map(String::as_str).collect();
        let detail = format!(
            "The schema is not the one this binary was built with ({} differences; `comptoir check` lists them): {}",
            differences.len(),
            shown.join("; ")
        );
        Err(Error::refused("schema_differs", detail))
    }
}

/// Opens the platform over `database`.
pub async fn platform(config: &Config, database: &Database, clock: Arc<dyn Clock>) -> Result<Platform> {
    let pool = database.prepare(|| database.app.clone(), config.db_pool.get()).await?;
    Ok(Platform::new(pool, clock, wiring::registry(), options(config)))
}

/// The platform for a replay: its own clock, and no rates, since hours pass in milliseconds. Commits do not wait for the disk:
/// what a crash would take can be replayed again.
pub async fn replay(config: &Config, database: &Database, clock: Arc<dyn Clock>) -> Result<Platform> {
    let unhurried = || database.app.clone().options([("synchronous_commit", "off")]);
    let pool = database.prepare(unhurried, config.db_pool.get()).await?;
    Ok(Platform::new(pool, clock, wiring::registry(), Options { unthrottled: true, ..options(config) }))
}

fn options(config: &Config) -> Options {
    Options {
        mail_limit: None,
        live_check: None,
        mail_dir: config.data_dir.join("mail"),
        smtp_url: config.smtp_url.as_ref().map(|url| url.expose_secret().to_owned()),
        public_url: config.reached_at(config.listen),
        trusted_proxies: config.trusted_proxies.clone(),
        metrics_token: config.metrics_token.as_ref().map(|token| token.expose_secret().to_owned()),
        worker_name: worker_name(),
        unthrottled: false,
    }
}

/// Names this instance in leases and heartbeats.
fn worker_name() -> String {
    let host = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    let host = if host.trim().is_empty() { "localhost" } else { host.trim() };
    format!("{host}:{}", std::process::id())
}

/// Starts the private PostgreSQL of `data_dir` with its database.
pub async fn start_private(data_dir: &Path) -> Result<ManagedPostgres> {
    let managed = ManagedPostgres::start(ManagedOptions::new(data_dir)).await.map_err(|error| refused(&error))?;
    managed.ensure_database(DATABASE).await.map_err(|error| refused(&error))?;
    Ok(managed)
}

/// The database for a short command, which may run beside `comptoir serve`, with what must be closed afterwards.
pub async fn open_for_command(config: &Config) -> Result<(Database, Option<Access>)> {
    if let Some(database) = Database::external(config) {
        return Ok((database, None));
    }
    let access = Access::open(ManagedOptions::new(&config.data_dir)).await.map_err(|error| refused(&error))?;
    if let Access::Own(own) = &access {
        own.ensure_database(DATABASE).await.map_err(|error| refused(&error))?;
    }
    Ok((Database::private(access.endpoint()), Some(access)))
}

/// Stops what was started for a command.
pub async fn close(access: Option<Access>) -> Result<()> {
    match access {
        Some(access) => access.close().await.map_err(|error| refused(&error)),
        None => Ok(()),
    }
}

/// What PostgreSQL's own sentence says is what the operator needs to read.
pub fn refused<E: std::fmt::Display>(error: &E) -> Error {
    Error::refused("postgres", error.to_string())
}
