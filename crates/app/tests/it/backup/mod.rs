//! Backups and restores, with the programs of PostgreSQL on this machine.

mod bucket;
mod crash;
mod damage;
mod drill;
mod recovery;
mod schedule;
mod upgrade;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use app::backup::Backups;
use app::config::Config;
use app::postgres::Role;
use app::runtime::{self, Database};
use kernel::ManualClock;
use platform::identity::PlainPassword;
use platform::tenancy::{NewAdmin, NewTenant};
use serde_json::json;
use sqlx::postgres::PgConnectOptions;
use sqlx::{ConnectOptions as _, PgConnection};

use crate::support::{PASSWORD, TestApp, database_of_its_own, instant, settings_with, url_of};

/// A Wednesday, 10:00 in Paris.
const NOW: &str = "2026-02-11T09:00:00Z";

/// An installation with a database of its own: a tenant with a routed lead, and a folder for backups.
struct Room {
    app: TestApp,
    config: Config,
    database: Database,
    owner: PgConnectOptions,
    clock: Arc<ManualClock>,
    data: tempfile::TempDir,
    name: String,
}

impl Room {
    async fn new(name: &str) -> Self {
        Self::with(name, &[]).await
    }

    async fn with(name: &str, variables: &[(&str, &str)]) -> Self {
        let data = tempfile::tempdir().unwrap();
        let config = settings_with(data.path(), variables);
        let name = format!("comptoir_{name}");
        let (owner, service) = database_of_its_own(&name).await;
        let database = Database { app: service, owner: Some(owner.clone()) };
        let clock = Arc::new(ManualClock::new(instant(NOW)));
        let platform = runtime::platform(&config, &database, clock.clone()).await.unwrap();
        let new = NewTenant {
            slug: "martin".into(),
            name: "Martin".into(),
            time_zone: "Europe/Paris".into(),
            entities: vec![("MRT".into(), "Martin Énergie".into())],
            admin: NewAdmin {
                email: "claire@martin.example".parse().unwrap(),
                name: "Claire".into(),
                password: Some(PlainPassword::new(PASSWORD)),
            },
        };
        let mut connection = owner.connect().await.unwrap();
        let tenant = platform::tenancy::create(&mut connection, instant("2026-02-01T09:00:00Z"), &new).await.unwrap();
        let app = TestApp::over(platform, clock.clone(), "martin", tenant);
        let app = app.signed_in("claire@martin.example", PASSWORD).await;
        app.post("/api/products", json!({ "code": "PV", "name": "PV" })).expect(201).await;
        app.form("PV-001", "MRT", "PV").await;
        app.order("MRT", "Acme", json!({})).await;
        app.lead(json!({})).expect(201).await;
        Self { app, config, database, owner, clock, data, name }
    }

    fn backups(&self) -> Backups {
        Backups::new(&self.config, &self.database, self.clock.clone())
    }

    async fn owner(&self) -> PgConnection {
        self.owner.connect().await.unwrap()
    }

    fn folder(&self) -> PathBuf {
        self.data.path().join("backups")
    }

    fn object(&self, name: &str) -> PathBuf {
        self.folder().join(name)
    }

    /// The program over this installation, as over a server of the operator's.
    fn program(&self, args: &[&str]) -> std::process::Command {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_comptoir"));
        command.arg("--data-dir").arg(self.data.path()).args(args);
        command.env("COMPTOIR_DATABASE_URL", url_of(Role::App, &self.name));
        command.env("COMPTOIR_OWNER_URL", url_of(Role::Owner, &self.name));
        command.env("COMPTOIR_BACKUP_TO", self.folder());
        command
    }

    /// The settings of an installation with the empty database `name` that knows the backups of this one.
    async fn beside(&self, name: &str, data: &Path) -> Config {
        let name = format!("comptoir_{name}");
        database_of_its_own(&name).await;
        settings_with(
            data,
            &[
                ("COMPTOIR_DATABASE_URL", &url_of(Role::App, &name)),
                ("COMPTOIR_OWNER_URL", &url_of(Role::Owner, &name)),
                ("COMPTOIR_BACKUP_TO", self.folder().to_str().unwrap()),
                ("COMPTOIR_BACKUP_IDENTITY_FILE", self.data.path().join("backup-identity").to_str().unwrap()),
            ],
        )
    }

    /// How the records of backups stand: state and reason, the oldest first.
    async fn runs(&self) -> Vec<(String, Option<String>)> {
        sqlx::query_as("select state, error from platform.backup_run order by started_at, id")
            .fetch_all(&mut self.owner().await)
            .await
            .unwrap()
    }

    async fn proofs(&self) -> Vec<(String, Option<String>)> {
        sqlx::query_as("select state, error from platform.restore_proof order by started_at, id")
            .fetch_all(&mut self.owner().await)
            .await
            .unwrap()
    }

    /// What lies in the folder, hidden or not.
    fn names(&self) -> Vec<String> {
        let Ok(entries) = std::fs::read_dir(self.folder()) else { return Vec::new() };
        let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    async fn scratch_databases(&self) -> i64 {
        // Other tests drill at the same time: only those of this room's proofs count.
        sqlx::query_scalar(
            "select count(*) from platform.restore_proof p
             join pg_database d on d.datname = 'comptoir_drill_' || replace(p.id::text, '-', '')",
        )
        .fetch_one(&mut self.owner().await)
        .await
        .unwrap()
    }

    fn tick(&self) {
        self.clock.advance(jiff::SignedDuration::from_secs(1));
    }
}
