//! The PostgreSQL of the run: started with the first test, stopped by a watcher when the process is gone, however it ends.
//!
//! With `COMPTOIR_TEST_CITUS_URL`, an empty database of a Citus coordinator as its owner, the tenants of the tests live there,
//! distributed; databases that a test makes for itself stay with the private server.

use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use app::postgres::{Durability, ManagedOptions, ManagedPostgres, Role};
use platform::identity::PlainPassword;
use platform::tenancy::{NewAdmin, NewTenant};
use sqlx::ConnectOptions as _;
use sqlx::postgres::PgConnectOptions;

const DATABASE: &str = "comptoir_test";

pub(super) struct Cluster {
    managed: ManagedPostgres,
    /// The owner of the distributed database, if the tenants live in one.
    citus: Option<PgConnectOptions>,
    secret_keys: PathBuf,
}

impl Cluster {
    pub(super) fn owner(&self) -> PgConnectOptions {
        self.citus.clone().unwrap_or_else(|| self.managed.owner_options(DATABASE))
    }

    pub(super) fn app(&self) -> PgConnectOptions {
        let citus = self.citus.clone().map(|owner| owner.username("comptoir_app"));
        citus.unwrap_or_else(|| self.managed.app_options(DATABASE))
    }

    /// Another database of the cluster, empty: its owner and the service's role.
    pub(super) async fn database(&self, name: &str) -> (PgConnectOptions, PgConnectOptions) {
        self.managed.ensure_database(name).await.unwrap();
        (self.managed.owner_options(name), self.managed.app_options(name))
    }

    /// The file of the ring that every service over the database shares.
    pub(super) fn secret_keys(&self) -> &Path {
        &self.secret_keys
    }

    /// Where another program finds a database of the cluster: as its owner, and as the service's role.
    pub(super) fn urls(&self, name: &str) -> (String, String) {
        (self.managed.url(Role::Owner, name), self.managed.url(Role::App, name))
    }

    pub(super) fn app_url(&self) -> String {
        self.app().to_url_lossy().into()
    }

    /// A database of the cluster as the service's role.
    pub(super) fn url(&self, name: &str) -> String {
        self.managed.url(Role::App, name)
    }

    /// A database of the cluster as one of its roles.
    pub(super) fn url_as(&self, role: Role, name: &str) -> String {
        self.managed.url(role, name)
    }
}

/// The cluster with a migrated database.
pub(super) fn get() -> &'static Cluster {
    static CLUSTER: OnceLock<Cluster> = OnceLock::new();
    CLUSTER.get_or_init(|| {
        // A runtime of its own that lives as long as the process: each test brings another and takes it away again.
        std::thread::spawn(|| {
            let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
            let cluster = runtime.block_on(start());
            std::mem::forget(runtime);
            cluster
        })
        .join()
        .unwrap()
    })
}

async fn start() -> Cluster {
    let dir = tempfile::tempdir().unwrap().keep();
    std::fs::set_permissions(&dir, std::fs::Permissions::from_mode(0o711)).unwrap();
    let options =
        ManagedOptions { durability: Durability::None, max_connections: 400, ..ManagedOptions::new(dir.join("data")) };
    let managed = ManagedPostgres::start(options).await.unwrap();
    watch(managed.pid().unwrap(), &dir);
    managed.ensure_database(DATABASE).await.unwrap();
    let citus = std::env::var("COMPTOIR_TEST_CITUS_URL").ok().map(|url| url.parse::<PgConnectOptions>().unwrap());
    let mut owner = citus.clone().unwrap_or_else(|| managed.owner_options(DATABASE)).connect().await.unwrap();
    platform::schema::migrate(&mut owner).await.unwrap();
    // The first tenant becomes the default one: tests that begin together must not race for it.
    let first = NewTenant {
        slug: "default".into(),
        name: "Default".into(),
        time_zone: "Europe/Paris".into(),
        entities: vec![("DEF".into(), "Default".into())],
        admin: NewAdmin {
            email: "root@default.example".parse().unwrap(),
            name: "Root".into(),
            password: Some(PlainPassword::new(super::PASSWORD)),
        },
    };
    platform::tenancy::create(&mut owner, super::instant("2026-01-01T00:00:00Z"), &first).await.unwrap();
    if citus.is_some() {
        // Further in its life than a row may begin.
        let moved = "insert into platform.job (tenant_id, id, kind, key, payload, state, run_at, max_attempts, request_id, created_at)
             select id, gen_random_uuid(), 'moved', 'once', '{}', 'queued', now(), 1, 'test', now() from platform.tenant;
             update platform.job set state = 'running', lease_expires_at = now();
             update platform.job set state = 'done', lease_expires_at = null, finished_at = now()";
        sqlx::raw_sql(moved).execute(&mut owner).await.unwrap();
        platform::schema::distribute(&mut owner).await.unwrap();
    }
    Cluster { managed, citus, secret_keys: dir.join("secret-keys") }
}

/// Statics are not dropped, and a test run may be killed: a shell waits for this process to end, then stops the server
/// and removes its files.
#[expect(clippy::zombie_processes, reason = "it outlives this process")]
fn watch(postmaster: i32, dir: &std::path::Path) {
    let script = format!(
        "while kill -0 {} 2>/dev/null; do sleep 1; done; kill -INT {postmaster}; sleep 1; rm -rf '{}'",
        std::process::id(),
        dir.display()
    );
    Command::new("sh")
        .args(["-c", &script])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
}
