//! The ground of Comptoir: one way to the data, access, lifecycles, events, jobs, settings, mail, HTTP.
//!
//! Tables owned: everything in the schema `platform`.
//!
//! Invariants: a [`Tx`] is the only way to SQL and [`Ctx::begin`] the only way to a `Tx`, so that no statement runs
//! without its tenant and no write without its permission; an event is written in the transaction of its change;
//! a job runs once however many instances there are; nothing is sent to the outside inside a transaction.
//!
//! Failure policy: fail-closed. What cannot be authenticated, scoped or committed does not happen.

pub mod backup;
pub mod capacity;
pub mod changes;
pub mod check;
mod ctx;
mod db;
mod digest;
pub mod egress;
mod error;
pub mod event;
pub mod export;
pub mod housekeeping;
pub mod http;
pub mod idempotency;
pub mod identity;
pub mod job;
mod lifecycle;
pub mod limits;
pub mod live;
pub mod mail;
pub mod notification;
mod permission;
pub mod reading;
mod redact;
mod replica;
pub mod schema;
pub mod secret;
pub mod setting;
pub mod signal;
pub mod tenancy;
pub mod trace;
mod turns;
mod tx;
pub mod view;
pub mod webhook;
mod words;

use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use ipnet::IpNet;
use kernel::{Clock, TenantId, Timestamp};
use sqlx::PgPool;
use tokio::sync::Notify;

pub use ctx::{Actor, Ctx, EntityRef, Scope, TenantFrame, names_all};
pub use db::{connect, connect_replica, describe_role};
pub use digest::sha256_hex;
pub use error::{Again, Constraint, Error, FieldError, Kind, Result};
pub use event::{Event, StoredEvent};
pub use inventory;
pub use job::{Job, JobRun, Registry};
pub use lifecycle::{IllegalMove, Lifecycle};
pub use permission::{Permission, Role, UnknownPermission, UnknownRole};
pub use setting::{Setting, Settings, Versioned};
pub use tx::Tx;

/// The text without what may be somebody's data: for logs, where a library says what it was given.
pub fn redacted(text: &str) -> String {
    redact::redacted(text)
}

/// Who asks whether the database answers is told within this, on a connection that hangs too.
const PING_LIMIT: Duration = Duration::from_secs(6);

/// Everything the service stands on; cheap to clone.
#[derive(Clone)]
pub struct Platform(Arc<Parts>);

struct Parts {
    primary: replica::Server,
    clock: Arc<dyn Clock>,
    registry: Registry,
    wake: Notify,
    limits: limits::Limits,
    readings: reading::Readings,
    local: tokio::sync::OnceCell<tx::Local>,
    replicas: replica::Replicas,
    live: live::Hub,
    egress: egress::Egress,
    options: Options,
}

/// What the operator decides.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Where mail goes when no SMTP is configured: `<data-dir>/mail`.
    pub mail_dir: PathBuf,
    /// The default transport of every entity that has none of its own, `smtp://` or `smtps://`.
    pub smtp_url: Option<String>,
    /// How browsers and mails reach this installation, such as `https://comptoir.example`.
    pub public_url: String,
    /// Peers whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<IpNet>,
    /// Networks that outgoing requests may reach although they are not public, by http too.
    pub egress_allow: Vec<IpNet>,
    /// The DNS servers that are asked about mail domains; none named, those of the system.
    pub dns_servers: Vec<SocketAddr>,
    /// What `/metrics` asks for as a bearer token; without it the route answers 404.
    pub metrics_token: Option<String>,
    /// What seals and opens the secrets of the database; without it none can be read or written.
    pub secrets: secret::Sealer,
    /// This instance's name in leases and heartbeats.
    pub worker_name: String,
    /// Where this instance measures itself.
    pub signals: Arc<signal::Signals>,
    /// How long sending a mail may take altogether; 30 s unless told (spec/leads.md 6.3).
    pub mail_limit: Option<Duration>,
    /// How often an open stream of live updates proves that its session still lives; 30 s unless told.
    pub live_check: Option<Duration>,
    /// How many requests a minute a user may make of the API, or who is not signed in from his address; 600 unless told.
    pub requests_per_minute: Option<NonZeroU32>,
    /// Replicas of the database that may be read, from [`connect_replica`].
    pub replicas: Vec<PgPool>,
    /// Whether rates are not looked at: for replays, where hours pass in milliseconds.
    pub unthrottled: bool,
}

impl Platform {
    /// Builds the platform over a pool of connections of the service's role.
    pub fn new(pool: PgPool, clock: Arc<dyn Clock>, registry: Registry, options: Options) -> Self {
        let limits = limits::Limits::new(options.unthrottled);
        let (primary, replicas) = (replica::Server::new(pool), replica::Replicas::new(options.replicas.clone()));
        let (wake, live) = (Notify::new(), live::Hub::new());
        let egress = egress::Egress::new(&options.egress_allow, Arc::new(egress::SystemLookup));
        let egress = egress.measured(Arc::clone(&options.signals));
        Self(Arc::new(Parts {
            primary,
            replicas,
            clock,
            registry,
            wake,
            limits,
            readings: reading::Readings::default(),
            local: tokio::sync::OnceCell::new(),
            live,
            egress,
            options,
        }))
    }

    /// The current instant.
    pub fn now(&self) -> Timestamp {
        self.0.clock.now()
    }

    /// The jobs, reactions and schedules this binary knows.
    pub fn registry(&self) -> &Registry {
        &self.0.registry
    }

    /// What the operator decided.
    pub fn options(&self) -> &Options {
        &self.0.options
    }

    /// What seals and opens secrets.
    pub fn secrets(&self) -> &secret::Sealer {
        &self.0.options.secrets
    }

    /// Rates per key.
    pub fn limits(&self) -> &limits::Limits {
        &self.0.limits
    }

    /// Who opened what lately.
    pub(crate) fn readings(&self) -> &reading::Readings {
        &self.0.readings
    }

    /// The database.
    pub(crate) fn primary(&self) -> &replica::Server {
        &self.0.primary
    }

    /// How its settings are set within a transaction; it is asked once.
    pub(crate) async fn local_settings(&self) -> Result<tx::Local> {
        let asked = self.0.local.get_or_try_init(async || {
            let sql = "select exists (select from pg_extension where extname = 'citus')";
            let is_distributed = sqlx::query_scalar(sql).fetch_one(self.pool()).await?;
            Ok::<_, Error>(tx::Local { is_distributed })
        });
        Ok(*asked.await?)
    }

    /// Its replicas.
    pub(crate) fn replicas(&self) -> &replica::Replicas {
        &self.0.replicas
    }

    /// The way out for HTTP.
    pub fn egress(&self) -> &egress::Egress {
        &self.0.egress
    }

    /// Where this instance measures itself.
    pub fn signals(&self) -> &signal::Signals {
        &self.0.options.signals
    }

    /// Where hints of changes gather, and whose streams are told of them.
    pub(crate) fn live(&self) -> &live::Hub {
        &self.0.live
    }

    /// Wakes the workers of this instance: there is something to do.
    pub(crate) fn wake_workers(&self) {
        self.0.wake.notify_one();
    }

    pub(crate) async fn woken(&self) {
        self.0.wake.notified().await;
    }

    pub(crate) fn pool(&self) -> &PgPool {
        &self.0.primary.pool
    }

    /// Acts as `actor` over the whole of the tenant `id`: for jobs, the public edge and the command line.
    ///
    /// Not found when there is no such tenant.
    pub async fn act_in(&self, id: TenantId, actor: Actor, request_id: &str) -> Result<Ctx> {
        let frame = tenancy::frame_by_id(self, id).await?;
        Ok(Ctx::whole_tenant(self.clone(), frame, actor, request_id))
    }

    /// Acts as `actor` over the whole of the tenant called `slug`, or of the default tenant.
    ///
    /// Not found when there is no such tenant.
    pub async fn act_in_named(&self, slug: Option<&str>, actor: Actor, request_id: &str) -> Result<Ctx> {
        let frame = tenancy::frame_by_slug(self, slug).await?;
        Ok(Ctx::whole_tenant(self.clone(), frame, actor, request_id))
    }

    /// Whether the database answers.
    pub async fn ping(&self) -> Result<()> {
        let asked = sqlx::query("select 1").execute(self.pool());
        tokio::time::timeout(PING_LIMIT, asked).await.map_err(Error::unavailable)??;
        Ok(())
    }

    /// Connections in use and connections idle.
    pub fn pool_state(&self) -> (u32, usize) {
        (self.pool().size(), self.pool().num_idle())
    }
}
