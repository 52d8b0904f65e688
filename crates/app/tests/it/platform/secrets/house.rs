//! An installation of its own: a database, a data directory with its ring, and as many services over them as are wanted.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::Arc;

use axum::http::Method;
use kernel::{Clock as _, ManualClock, SystemClock, TenantId, Timestamp, UserId};
use platform::identity::PlainPassword;
use platform::secret::{KeyRing, Place, Sealed, SealedColumn, Sealer, Source};
use platform::tenancy::{NewAdmin, NewTenant};
use platform::{Options, Platform};
use serde_json::{Value, json};
use sqlx::postgres::PgConnectOptions;
use sqlx::{Connection as _, PgConnection};
use totp_rs::{Builder, Secret};

use crate::support::{PASSWORD, TestApp, database_of_its_own, urls};

pub(super) const ROOT: &str = "root@house.example";

pub(super) struct House {
    name: &'static str,
    pub(super) dir: tempfile::TempDir,
    owner: PgConnectOptions,
    service: PgConnectOptions,
    pub(super) tenant: TenantId,
}

impl House {
    pub(super) async fn new(name: &'static str) -> Self {
        let (owner, service) = database_of_its_own(name).await;
        let mut conn = PgConnection::connect_with(&owner).await.unwrap();
        platform::schema::migrate(&mut conn).await.unwrap();
        let new = NewTenant {
            slug: "house".into(),
            name: "House".into(),
            time_zone: "Europe/Paris".into(),
            entities: vec![("ZR7".into(), "ZR7".into())],
            admin: NewAdmin {
                email: ROOT.parse().unwrap(),
                name: "Root".into(),
                password: Some(PlainPassword::new(PASSWORD)),
            },
        };
        let tenant = platform::tenancy::create(&mut conn, SystemClock.now(), &new).await.unwrap();
        Self { name, dir: tempfile::tempdir().unwrap(), owner, service, tenant }
    }

    pub(super) async fn owner(&self) -> PgConnection {
        PgConnection::connect_with(&self.owner).await.unwrap()
    }

    pub(super) fn file(&self) -> PathBuf {
        self.dir.path().join("secret-keys")
    }

    pub(super) fn ring(&self) -> KeyRing {
        Source::File(self.file()).read().unwrap().unwrap()
    }

    /// The keys of the ring, the one that seals first.
    pub(super) fn keys(&self) -> Vec<String> {
        self.ring().keys().map(|key| key.id().to_string()).collect()
    }

    /// Another service over the same database and ring, with a clock of its own; what stands in clear is sealed as at every start.
    pub(super) async fn instance(&self) -> TestApp {
        self.try_instance(&self.file()).await.unwrap()
    }

    pub(super) async fn try_instance(&self, ring: &Path) -> platform::Result<TestApp> {
        let clock = Arc::new(ManualClock::new(SystemClock.now()));
        let pool = platform::connect(self.service.clone(), 4).await?;
        let secrets = Sealer::start(&pool, Source::File(ring.to_owned()), clock.clone()).await?;
        let options = Options { secrets, unthrottled: true, ..Options::default() };
        let platform = Platform::new(pool, clock.clone(), app::wiring::registry(), options);
        platform::identity::seal_clear_factors(&platform).await?;
        Ok(TestApp::over(platform, clock, "house", self.tenant))
    }

    /// The program over this installation.
    pub(super) fn program(&self, args: &[&str]) -> Command {
        let (owner, service) = urls(self.name);
        let mut command = Command::new(env!("CARGO_BIN_EXE_comptoir"));
        command.arg("--data-dir").arg(self.dir.path()).args(args).stdin(Stdio::null());
        command.env("COMPTOIR_OWNER_URL", owner).env("COMPTOIR_DATABASE_URL", service);
        command
    }

    pub(super) fn run(&self, args: &[&str]) -> Output {
        self.program(args).output().unwrap()
    }

    /// What the program says when it does as it is told.
    pub(super) fn told(&self, args: &[&str]) -> String {
        let output = self.run(args);
        assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    /// What it says when it does not.
    pub(super) fn refusal(&self, args: &[&str]) -> String {
        refusal(&self.run(args))
    }

    pub(super) async fn value<T>(&self, sql: &'static str) -> T
    where
        T: for<'r> sqlx::Decode<'r, sqlx::Postgres> + sqlx::Type<sqlx::Postgres> + Send + Unpin,
    {
        sqlx::query_scalar(sql).fetch_one(&mut self.owner().await).await.unwrap()
    }

    /// Makes `count` users with a sealed secret of their own.
    pub(super) async fn people(&self, count: u32) {
        let (ring, at) = (self.ring(), SystemClock.now());
        let ids: Vec<UserId> = (0..count).map(|_| UserId::generate(at)).collect();
        let sealed: Vec<_> =
            ids.iter().map(|id| ring.seal(&of_user(*id), &secret_of(*id)).as_str().to_owned()).collect();
        let ids: Vec<_> = ids.into_iter().map(UserId::uuid).collect();
        sqlx::query(
            "insert into platform.user (id, email, name, password_hash, password_changed_at, created_at, updated_at, totp_secret_sealed)
             select id, id || '@house.example', 'N', 'x', $3, $3, $3, sealed from unnest($1, $2) as x (id, sealed)",
        )
        .bind(ids)
        .bind(sealed)
        .bind(at)
        .execute(&mut self.owner().await)
        .await
        .unwrap();
    }

    /// Proves that the ring opens every secret, and that each is its user's own.
    pub(super) async fn opens_everything(&self) {
        let ring = self.ring();
        let sql = "select id, totp_secret_sealed from platform.user where totp_secret_sealed is not null and name = 'N' order by id";
        let rows: Vec<(UserId, String)> = sqlx::query_as(sql).fetch_all(&mut self.owner().await).await.unwrap();
        assert!(!rows.is_empty());
        for (id, sealed) in rows {
            let opened = ring.open(&of_user(id), &Sealed::from_stored(sealed));
            assert_eq!(opened, Ok(secret_of(id)), "of {id}");
        }
    }
}

pub(super) fn refusal(output: &Output) -> String {
    assert!(!output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn secret_of(id: UserId) -> Vec<u8> {
    format!("the secret of {id}").into_bytes()
}

pub(super) fn column(table: &str) -> &'static SealedColumn {
    SealedColumn::all().into_iter().find(|column| column.table == table).unwrap()
}

/// The place of a user's second factor.
pub(super) fn of_user(id: UserId) -> Place {
    column("platform.user").place(TenantId::from_uuid(id.uuid()), id)
}

/// The code that an authenticator with this secret shows.
pub(super) fn code(secret: &str, at: Timestamp) -> String {
    let secret = Secret::try_from_base32(secret).unwrap();
    let totp = Builder::new().with_secret(secret).with_account_name("someone").build().unwrap();
    totp.generate(u64::try_from(at.jiff().as_second()).unwrap()).to_string()
}

/// Sets a second factor up for who has the session, and returns its secret.
pub(super) async fn enrol(app: &TestApp, token: &str) -> String {
    let begun = app.post("/api/auth/totp", json!({})).by(token).expect(200).await;
    let secret = begun["secret"].as_str().unwrap().to_owned();
    let confirm = json!({ "code": code(&secret, app.clock.now()) });
    app.post("/api/auth/totp/confirm", confirm).by(token).expect(200).await;
    secret
}

/// Signs in with the present code; the clock moves on first, for each code is good once.
pub(super) async fn sign_in(app: &TestApp, email: &str, secret: &str) -> (u16, Value) {
    app.clock.advance(jiff::SignedDuration::from_secs(30));
    let code = code(secret, app.clock.now());
    let body = json!({ "email": email, "password": PASSWORD, "tenant": app.slug, "totp": code });
    let answer = app.send(Method::POST, "/api/auth/login", Some(body)).await;
    (answer.status.as_u16(), answer.json)
}
