//! Starting and stopping the private PostgreSQL.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use sqlx::postgres::PgConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _, Executor as _, PgConnection};
use tokio::time::{Instant, sleep, timeout};

use super::account::Account;
use super::cluster::Cluster;
use super::lock::DataDirLock;
use super::postmaster::{self, Postmaster};
use super::{Binaries, Durability, Endpoint, ManagedError, Role, settings};

/// How long a server may take to say anything.
const ANSWER_LIMIT: Duration = Duration::from_secs(20);
/// How long a server that says it is recovering may take: to break it off would only make the next start begin again.
const RECOVERY_LIMIT: Duration = Duration::from_mins(10);
const POLL_INTERVAL: Duration = Duration::from_millis(10);

/// What to start.
#[derive(Clone, Debug)]
pub struct ManagedOptions {
    /// The data directory; the cluster goes to `postgres` in it.
    pub data_dir: PathBuf,
    /// What a crash of the machine may cost.
    pub durability: Durability,
    /// How many sessions the server admits.
    pub max_connections: u32,
    /// The directory of the programs; without it they are looked for.
    pub bin_dir: Option<PathBuf>,
    /// The directory that the WAL is archived in, made when missing; without it none is.
    pub wal_archive: Option<PathBuf>,
}

impl ManagedOptions {
    /// A durable cluster in `data_dir` for a hundred sessions.
    pub fn new(data_dir: impl Into<PathBuf>) -> Self {
        Self {
            data_dir: data_dir.into(),
            durability: Durability::Full,
            max_connections: 100,
            bin_dir: None,
            wal_archive: None,
        }
    }

    fn binaries(&self, major: Option<u32>) -> Result<Binaries, ManagedError> {
        match (&self.bin_dir, major) {
            (Some(dir), Some(major)) => Binaries::in_dir_major(dir, major),
            (Some(dir), None) => Binaries::in_dir(dir),
            (None, Some(major)) => Binaries::locate_major(major),
            (None, None) => Binaries::locate(),
        }
    }
}

/// A running private PostgreSQL, which this process owns. Dropping it asks the server to stop without waiting for it;
/// [`ManagedPostgres::stop`] waits.
#[derive(Debug)]
pub struct ManagedPostgres {
    // Dropped in this order: the server is told to stop before the data directory is free.
    postmaster: Postmaster,
    endpoint: Endpoint,
    cluster: Cluster,
    account: Account,
    options: ManagedOptions,
    _lock: DataDirLock,
}

impl ManagedPostgres {
    /// Starts the cluster of a data directory, made on first use, and returns when it answers.
    pub async fn start(mut options: ManagedOptions) -> Result<Self, ManagedError> {
        let cluster = Cluster::in_data_dir(&options.data_dir)?;
        let account = Account::for_cluster(&cluster.dir)?;
        account.check_reach(&cluster.data_dir)?;
        let lock = DataDirLock::acquire(&cluster.data_dir).await?;
        let major = cluster.major()?;
        let binaries = options.binaries(major)?;
        if major.is_none() {
            tracing::info!(dir = %cluster.dir.display(), user = account.name(), "initialising a private PostgreSQL");
            cluster.initialise(&binaries, &account, options.durability).await?;
        }
        let stopped = postmaster::stop_left_behind(&cluster.dir).await;
        stopped.map_err(|pid| ManagedError::NotStopped { pid, log: cluster.log.clone() })?;
        if let Some(archive) = &mut options.wal_archive {
            *archive = prepare_archive(archive, &account)?;
        }
        let endpoint = Endpoint::prepare(&cluster.dir, &account)?;
        endpoint.clear();
        let launch = Launch { options: &options, cluster: &cluster, account: &account, endpoint: &endpoint };
        let postmaster = launch.run(&binaries).await?;
        Ok(Self { postmaster, endpoint, cluster, account, options, _lock: lock })
    }

    /// Starts the server again after it ended, at the same place and with the same settings; returns when it answers.
    pub async fn restart(&mut self) -> Result<(), ManagedError> {
        let binaries = self.options.binaries(self.cluster.major()?)?;
        let stopped = postmaster::stop_left_behind(&self.cluster.dir).await;
        stopped.map_err(|pid| ManagedError::NotStopped { pid, log: self.cluster.log.clone() })?;
        self.endpoint.clear();
        let Self { options, cluster, account, endpoint, .. } = &*self;
        let launch = Launch { options, cluster, account, endpoint };
        self.postmaster = launch.run(&binaries).await?;
        Ok(())
    }

    /// Where it answers.
    pub fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    /// How to connect as the owner of the schema.
    pub fn owner_options(&self, database: &str) -> PgConnectOptions {
        self.endpoint.connect_options(Role::Owner, database)
    }

    /// How to connect as the service.
    pub fn app_options(&self, database: &str) -> PgConnectOptions {
        self.endpoint.connect_options(Role::App, database)
    }

    /// The URL of `role` for `database`.
    pub fn url(&self, role: Role, database: &str) -> String {
        self.endpoint.url(role, database)
    }

    /// The server's process, or none when it has ended.
    pub fn pid(&self) -> Option<i32> {
        self.postmaster.pid()
    }

    /// Makes the database when it is missing.
    pub async fn ensure_database(&self, name: &str) -> Result<(), ManagedError> {
        let failed = |source| ManagedError::Database { doing: format!("creating the database {name}"), source };
        let mut connection = self.owner_options("postgres").connect().await.map_err(failed)?;
        let found = sqlx::query("select from pg_database where datname = $1").bind(name);
        if connection.fetch_optional(found).await.map_err(failed)?.is_none() {
            let statement = format!("create database \"{}\"", name.replace('"', "\"\""));
            connection.execute(AssertSqlSafe(statement)).await.map_err(failed)?;
        }
        connection.close().await.map_err(failed)
    }

    /// Waits until the server ends, which it does on its own only when something is badly wrong.
    pub async fn exited(&mut self) -> Result<ExitStatus, ManagedError> {
        self.postmaster.exited().await.map_err(ManagedError::io("Watching the PostgreSQL of", &self.cluster.dir))
    }

    /// The last lines of the server's log.
    pub fn log_tail(&self) -> String {
        self.cluster.log_tail(0)
    }

    /// Stops the server: cuts its sessions and waits for its last checkpoint, or stops it at once after ten seconds.
    pub async fn stop(self) -> Result<(), ManagedError> {
        let log = self.cluster.log;
        self.postmaster.stop().await.map_err(|pid| ManagedError::NotStopped { pid, log })
    }
}

/// Makes the directory of the WAL archive, for the account of the cluster alone; returns its path from the root.
fn prepare_archive(archive: &Path, account: &Account) -> Result<PathBuf, ManagedError> {
    if let Some(parent) = archive.parent().filter(|parent| !parent.as_os_str().is_empty()) {
        fs::create_dir_all(parent).map_err(ManagedError::io("Creating", parent))?;
    }
    account.make_private_dir(archive)?;
    let archive = archive.canonicalize().map_err(ManagedError::io("Opening", archive))?;
    account.check_reach(&archive)?;
    Ok(archive)
}

/// The private PostgreSQL for a short command, which may run beside `comptoir serve`.
#[derive(Debug)]
pub enum Access {
    /// Started for this command, which must stop it.
    Own(Box<ManagedPostgres>),
    /// Run by another process.
    Shared(Endpoint),
}

impl Access {
    /// Uses the server that another process runs on the data directory, or starts one.
    pub async fn open(options: ManagedOptions) -> Result<Self, ManagedError> {
        let data_dir = options.data_dir.clone();
        match ManagedPostgres::start(options).await {
            Ok(own) => Ok(Self::Own(Box::new(own))),
            // The other process may have only just taken the lock: wait for its server as it does.
            Err(in_use @ ManagedError::InUse { .. }) => {
                let found = timeout(ANSWER_LIMIT, answering(&data_dir)).await;
                found.map(Self::Shared).map_err(|_| in_use)
            }
            Err(error) => Err(error),
        }
    }

    /// Where it answers.
    pub fn endpoint(&self) -> &Endpoint {
        match self {
            Self::Own(own) => own.endpoint(),
            Self::Shared(endpoint) => endpoint,
        }
    }

    /// Stops the server if it was started for this command.
    pub async fn close(self) -> Result<(), ManagedError> {
        match self {
            Self::Own(own) => own.stop().await,
            Self::Shared(_) => Ok(()),
        }
    }
}

async fn answering(data_dir: &Path) -> Endpoint {
    loop {
        if let Some(endpoint) = Endpoint::of_running(data_dir)
            && ping(&endpoint).await.is_ok()
        {
            return endpoint;
        }
        sleep(POLL_INTERVAL * 5).await;
    }
}

struct Launch<'a> {
    options: &'a ManagedOptions,
    cluster: &'a Cluster,
    account: &'a Account,
    endpoint: &'a Endpoint,
}

enum Outcome {
    Ready,
    Ended(ExitStatus),
    Silent,
}

impl Launch<'_> {
    async fn run(&self, binaries: &Binaries) -> Result<Postmaster, ManagedError> {
        let deadline = Instant::now() + ANSWER_LIMIT;
        loop {
            let (mut postmaster, logged) = self.spawn(binaries)?;
            let why = match self.wait(&mut postmaster).await? {
                Outcome::Ready => return Ok(postmaster),
                Outcome::Ended(status) => format!("it ended with {status}"),
                Outcome::Silent => format!("it did not answer within {} seconds", ANSWER_LIMIT.as_secs()),
            };
            let log_tail = self.cluster.log_tail(logged);
            // Sessions of a server that was killed alone live on until they notice, and keep the next one out.
            if log_tail.contains("pre-existing shared memory block") && Instant::now() < deadline {
                sleep(POLL_INTERVAL * 20).await;
                continue;
            }
            // Nobody would wait for it to end.
            _ = postmaster.stop().await;
            return Err(ManagedError::NotStarted { why, log: self.cluster.log.clone(), log_tail });
        }
    }

    fn spawn(&self, binaries: &Binaries) -> Result<(Postmaster, u64), ManagedError> {
        let (log, logged) = self.cluster.open_log()?;
        let stdout = log.try_clone().map_err(ManagedError::io("Opening", &self.cluster.log))?;
        let ManagedOptions { durability, max_connections, .. } = *self.options;
        let mut command = self.account.command(&binaries.postgres());
        command
            .arg("-D")
            .arg(&self.cluster.dir)
            .args(settings::arguments(
                self.endpoint.socket_dir(),
                durability,
                max_connections,
                self.options.wal_archive.as_deref(),
            ))
            .stdin(Stdio::null())
            .stdout(stdout)
            .stderr(log)
            // Out of the terminal's group: Ctrl-C is for the service, which then stops the server in order.
            .process_group(0);
        let child = command.spawn().map_err(|source| ManagedError::Io {
            doing: format!("Running {} as the user {}", binaries.postgres().display(), self.account.name()),
            source,
        })?;
        Ok((Postmaster::new(child), logged))
    }

    async fn wait(&self, postmaster: &mut Postmaster) -> Result<Outcome, ManagedError> {
        let started = Instant::now();
        let mut limit = ANSWER_LIMIT;
        while started.elapsed() < limit {
            let exited = postmaster.try_exited();
            if let Some(status) = exited.map_err(ManagedError::io("Watching the PostgreSQL of", &self.cluster.dir))? {
                return Ok(Outcome::Ended(status));
            }
            match timeout(ANSWER_LIMIT, ping(self.endpoint)).await {
                Ok(Ok(())) => return Ok(Outcome::Ready),
                Ok(Err(error)) if is_starting_up(&error) && limit == ANSWER_LIMIT => {
                    tracing::info!("waiting for PostgreSQL to finish its recovery");
                    limit = RECOVERY_LIMIT;
                }
                _ => {}
            }
            sleep(POLL_INTERVAL).await;
        }
        Ok(Outcome::Silent)
    }
}

async fn ping(endpoint: &Endpoint) -> Result<(), sqlx::Error> {
    let mut connection: PgConnection = endpoint.connect_options(Role::Owner, "postgres").connect().await?;
    connection.ping().await?;
    connection.close().await
}

/// `cannot_connect_now`: the server is there and says that it starts, recovers or stops.
fn is_starting_up(error: &sqlx::Error) -> bool {
    error.as_database_error().and_then(sqlx::error::DatabaseError::code).is_some_and(|code| code == "57P03")
}
