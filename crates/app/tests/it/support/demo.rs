//! The demo, loaded once for the run; who wants it takes a copy.

use app::runtime::Database;
use kernel::{Clock as _, SystemClock, TenantId, Timestamp};
use sqlx::postgres::PgConnectOptions;
use sqlx::{AssertSqlSafe, Connection as _, PgConnection};
use tokio::sync::OnceCell;

use super::{database_of_its_own, secret_keys_file, settings_with};

/// As many as fill every week; the whole 3 200 only take longer.
const LEADS: u32 = 640;

const LOADED: &str = "comptoir_demo";

/// What stays of the load beside its database.
struct Loaded {
    /// The password of the demo's users.
    password: String,
    /// When it was loaded: no schedule was missed until then.
    at: Timestamp,
}

static DEMO: OnceCell<Loaded> = OnceCell::const_new();

async fn loaded() -> &'static Loaded {
    DEMO.get_or_init(|| async {
        let (data, at) = (tempfile::tempdir().unwrap(), SystemClock.now());
        let ring = secret_keys_file().display().to_string();
        let config = settings_with(data.path(), &[("COMPTOIR_SECRET_KEYS_FILE", &ring)]);
        let (owner, service) = database_of_its_own(LOADED).await;
        let database = Database { app: service, owner: Some(owner) };
        assert!(app::demo::load(&config, &database, "demo", LEADS).await.unwrap());
        assert!(!app::demo::load(&config, &database, "demo", LEADS).await.unwrap(), "once is enough");
        let password = std::fs::read_to_string(app::demo::password_file(&config)).unwrap().trim().to_owned();
        Loaded { password, at }
    })
    .await
}

/// A database called `name` that holds the demo: its owner and the service's role.
pub(crate) async fn copy(name: &str) -> (PgConnectOptions, PgConnectOptions) {
    loaded().await;
    copy_of(LOADED, name).await
}

/// A database called `name` that holds what `template` holds, to which nobody may be connected.
pub(crate) async fn copy_of(template: &str, name: &str) -> (PgConnectOptions, PgConnectOptions) {
    let sql = format!("create database {name} template {template} strategy file_copy");
    let (maker, _) = database_of_its_own("postgres").await;
    let mut maker = PgConnection::connect_with(&maker).await.unwrap();
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut maker).await.unwrap();
    database_of_its_own(name).await
}

/// The password of the demo's users.
pub(crate) async fn password() -> &'static str {
    &loaded().await.password
}

/// When the demo was loaded.
pub(crate) async fn at() -> Timestamp {
    loaded().await.at
}

/// The demo's tenant in the database of this owner.
pub(crate) async fn tenant(owner: &mut PgConnection) -> TenantId {
    let id: uuid::Uuid =
        sqlx::query_scalar("select id from platform.tenant where slug = 'demo'").fetch_one(owner).await.unwrap();
    TenantId::from_uuid(id)
}
