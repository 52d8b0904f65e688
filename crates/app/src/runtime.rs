//! The database and the platform for a command: the private PostgreSQL, or one of the operator's.

use std::sync::Arc;
use std::time::Duration;

use kernel::{Clock, SystemClock};
use log::LevelFilter;
use platform::secret::Sealer;
use platform::signal::Signals;
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
#[derive(Clone)]
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

/// Opens the platform over `database`, with the ring of secret keys that it uses, and seals what stands in clear.
pub async fn platform(config: &Config, database: &Database, clock: Arc<dyn Clock>) -> Result<Platform> {
    open(config, database, clock, Arc::default(), Vec::new()).await
}

/// The same for a process that serves: it measures itself, and reads replicas.
pub async fn measured(config: &Config, database: &Database, signals: Arc<Signals>) -> Result<Platform> {
    let connect = |options| platform::connect_replica(telling_what_is_slow(config, options), config.db_pool.get());
    let replicas = config.replica_urls.options().map(connect).collect();
    open(config, database, Arc::new(SystemClock), signals, replicas).await
}

/// What is not slow is not told of at all, which spares every statement the question whether it should be.
fn telling_what_is_slow(config: &Config, options: PgConnectOptions) -> PgConnectOptions {
    let slow = Duration::from_millis(config.slow_query_ms.get().into());
    options.log_statements(LevelFilter::Off).log_slow_statements(LevelFilter::Warn, slow)
}

async fn open(
    config: &Config,
    database: &Database,
    clock: Arc<dyn Clock>,
    signals: Arc<Signals>,
    replicas: Vec<sqlx::PgPool>,
) -> Result<Platform> {
    let app = telling_what_is_slow(config, database.app.clone());
    let pool = database.prepare(|| app.clone(), config.db_pool.get()).await?;
    let options = Options { signals, replicas, ..options(config, sealer(config, &pool).await?) };
    let platform = Platform::new(pool, clock, wiring::registry(), options);
    let sealed = platform::identity::seal_clear_factors(&platform).await?;
    if sealed > 0 {
        tracing::info!(second_factors = sealed, "secrets that stood in clear were sealed");
    }
    Ok(platform)
}

/// The keys have the age of the machine's clock, whatever time the work is done for.
async fn sealer(config: &Config, pool: &sqlx::PgPool) -> Result<Sealer> {
    let started = Sealer::start(pool, config.secret_keys.clone(), Arc::new(SystemClock)).await;
    if started.is_err() {
        // Its connections would else be lost to a private PostgreSQL that is stopped, each with a warning.
        pool.close().await;
    }
    started
}

/// The platform for a replay: its own clock, and no rates, since hours pass in milliseconds. Commits do not wait for the disk:
/// what a crash would take can be replayed again.
pub async fn replay(config: &Config, database: &Database, clock: Arc<dyn Clock>) -> Result<Platform> {
    let unhurried = || database.app.clone().options([("synchronous_commit", "off")]);
    let pool = database.prepare(unhurried, config.db_pool.get()).await?;
    let options = Options { unthrottled: true, ..options(config, sealer(config, &pool).await?) };
    Ok(Platform::new(pool, clock, wiring::registry(), options))
}

fn options(config: &Config, secrets: Sealer) -> Options {
    Options {
        secrets,
        mail_limit: None,
        live_check: None,
        mail_dir: config.data_dir.join("mail"),
        smtp_url: config.smtp_url.as_ref().map(|url| url.expose_secret().to_owned()),
        public_url: config.reached_at(config.listen),
        trusted_proxies: config.trusted_proxies.clone(),
        egress_allow: config.egress_allow.clone(),
        dns_servers: config.dns_servers.clone(),
        requests_per_minute: config.requests_per_minute,
        metrics_token: config.metrics_token.as_ref().map(|token| token.expose_secret().to_owned()),
        worker_name: worker_name(),
        signals: Arc::default(),
        replicas: Vec::new(),
        unthrottled: false,
    }
}

/// Names this instance in leases and heartbeats.
pub(crate) fn worker_name() -> String {
    let host = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    let host = if host.trim().is_empty() { "localhost" } else { host.trim() };
    format!("{host}:{}", std::process::id())
}

/// How the private PostgreSQL of the configuration runs.
pub fn managed_options(config: &Config) -> ManagedOptions {
    ManagedOptions { wal_archive: config.backup.wal_archive.clone(), ..ManagedOptions::new(&config.data_dir) }
}

/// Starts the private PostgreSQL of the configuration with its database.
pub async fn start_private(config: &Config) -> Result<ManagedPostgres> {
    let managed = ManagedPostgres::start(managed_options(config)).await.map_err(|error| refused(&error))?;
    managed.ensure_database(DATABASE).await.map_err(|error| refused(&error))?;
    Ok(managed)
}

/// The database for a short command, which may run beside `comptoir serve`, with what must be closed afterwards.
pub async fn open_for_command(config: &Config) -> Result<(Database, Option<Access>)> {
    if let Some(database) = Database::external(config) {
        return Ok((database, None));
    }
    let access = Access::open(managed_options(config)).await.map_err(|error| refused(&error))?;
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
