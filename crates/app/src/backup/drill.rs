//! The restore drill: the newest backup is restored into a scratch database, compared, signed in to and worked with.

use std::path::Path;
use std::time::Instant;

use kernel::{ProofId, Timestamp};
use platform::backup::store::NewProof;
use platform::backup::{BackupKind, store as records};
use platform::secret::Sealer;
use platform::{Error, Platform, Result};
use serde::Serialize;
use sqlx::postgres::PgConnectOptions;
use sqlx::{ConnectOptions as _, Connection as _, PgConnection};

use super::manifest::About;
use super::programs::Programs;
use super::read::{self, Stored};
use super::restore::{Pouring, compare};
use super::{Backups, blocking, key, store, walk};
use crate::wiring;

/// Connections that working with the scratch database takes.
const CONNECTIONS: u32 = 4;

/// What a drill proved.
#[derive(Clone, Debug, Serialize)]
pub struct Proof {
    /// The backup that was restored.
    pub object: String,
    /// When it was begun.
    pub backup_started_at: Timestamp,
    /// How many control totals were compared, and are equal.
    pub figures: usize,
    /// How many migrations were newer than the backup, and were applied.
    pub migrations: usize,
    /// What was done, in order.
    pub steps: Vec<Step>,
}

/// One step of a drill.
#[derive(Clone, Debug, Serialize)]
pub struct Step {
    /// What was done.
    pub name: &'static str,
    /// How long it took.
    pub took_ms: u64,
}

impl Backups {
    /// Proves that a backup, the newest unless one is named, can be restored and worked with. The scratch database is removed
    /// whatever happens; no job of what was restored runs, and no mail leaves.
    ///
    /// Refused, with the reason recorded, when it cannot be.
    pub async fn drill(&self, name: Option<&str>, identity: Option<&Path>) -> Result<Proof> {
        let mut owner = self.begin().await?;
        let proven = self.drill_recorded(&mut owner, name, identity, None).await;
        Self::end(owner).await?;
        proven
    }

    /// The same under the lock that `owner` holds, for the `period` of a schedule.
    pub(super) async fn drill_recorded(
        &self,
        owner: &mut PgConnection,
        name: Option<&str>,
        identity: Option<&Path>,
        period: Option<Timestamp>,
    ) -> Result<Proof> {
        let object = self.choose(name).await?;
        let started = self.now();
        let proof = NewProof { id: ProofId::generate(started), period, worker: Self::worker(), object: object.clone() };
        records::insert_proof(owner, &proof, started).await?;
        let scratch = format!("comptoir_drill_{}", proof.id.uuid().simple());
        let proven = self.prove(owner, &object, &scratch, proof.id, identity).await;
        // What cannot be removed now is removed by the next one.
        if let Err(error) = store::drop_database(owner, &scratch).await {
            tracing::warn!(
                database = scratch,
                error = platform::redacted(&error.chain()),
                "the scratch database of a drill could not be removed"
            );
        }
        match &proven {
            Ok(proof_of) => {
                let report =
                    serde_json::to_value(proof_of).map_err(|error| Error::internal("writing a proof", error))?;
                records::finish_proof(owner, proof.id, self.now(), &report).await?;
            }
            Err(error) => records::fail_proof(owner, proof.id, self.now(), &self.reason(error)).await?,
        }
        proven
    }

    async fn choose(&self, name: Option<&str>) -> Result<String> {
        let (target, name) = (self.target()?, name.map(str::to_owned));
        blocking(move || {
            let Some(name) = name else {
                let newest = read::newest(&target, BackupKind::Dump, None)?;
                let none =
                    || Error::refused("no_such_backup", format!("There is no whole backup in {}.", target.place()));
                return Ok(newest.ok_or_else(none)?.about.object);
            };
            match read::find(&name, Some(target))? {
                Stored::At(_, object) => Ok(object),
                Stored::File(path) => {
                    let detail = format!("A drill is for backups at the target; restore {} itself.", path.display());
                    Err(Error::refused("no_such_backup", detail))
                }
            }
        })
        .await
    }

    async fn prove(
        &self,
        owner: &mut PgConnection,
        object: &str,
        scratch: &str,
        id: ProofId,
        identity: Option<&Path>,
    ) -> Result<Proof> {
        let mut steps = Steps::default();
        let into = self.owner_options()?.database(scratch);
        store::create_database(owner, scratch).await?;
        let about = self.pour(owner, object, into.clone(), identity).await?;
        steps.done("restored");
        let mut scratch_owner: PgConnection = into.options([("client_min_messages", "warning")]).connect().await?;
        let figures = compare(&mut scratch_owner, &about).await?;
        steps.done("control totals compared");
        let migrations = platform::schema::migrate(&mut scratch_owner).await?;
        steps.done("migrated");
        let app = self.database.app.clone().database(scratch);
        let platform = self.over(app, id).await?;
        steps.done("schema checked");
        store::forbid_jobs(&mut scratch_owner).await?;
        walk::sign_in_to_what_was_there(&platform, &mut scratch_owner, id).await?;
        steps.done("signed in");
        walk::route_a_lead(&platform, &mut scratch_owner, id).await?;
        steps.done("lead routed");
        scratch_owner.close().await?;
        let backup_started_at = about.started_at;
        Ok(Proof { object: object.to_owned(), backup_started_at, figures, migrations, steps: steps.0 })
    }

    async fn pour(
        &self,
        owner: &mut PgConnection,
        object: &str,
        into: PgConnectOptions,
        identity: Option<&Path>,
    ) -> Result<About> {
        let pouring = Pouring {
            stored: Stored::At(self.target()?, object.to_owned()),
            identities: key::identities(&self.config, identity)?,
            programs: Programs::locate(store::get_server(owner).await?.major)?,
            into,
            staged: None,
            progress: self.progress.clone(),
        };
        let (about, seal, _) = blocking(move || pouring.pour()).await?;
        match records::find_sha256(owner, object).await? {
            Some(recorded) if recorded != seal.sha256 => {
                let detail = format!("{object} is not the backup that was made: another SHA-256 was recorded.");
                Err(Error::refused("backup_replaced", detail))
            }
            _ => Ok(about),
        }
    }

    /// The service over the scratch database, without workers and without a way out for mail.
    ///
    /// Refused when its schema is not exactly this binary's.
    async fn over(&self, app: PgConnectOptions, id: ProofId) -> Result<Platform> {
        let pool = platform::connect(app, CONNECTIONS).await?;
        let differences = platform::schema::differences(&pool).await?;
        if !differences.is_empty() {
            let named: Vec<_> = differences.iter().take(5).map(String::as_str).collect();
            let detail = format!("The restored schema differs in {} places: {}.", differences.len(), named.join("; "));
            return Err(Error::refused("schema_differs", detail));
        }
        // What was sealed opens with the ring that the installation has, or the proof fails: the backup alone would not do.
        let secrets = Sealer::start(&pool, self.config.secret_keys.clone(), self.clock.clone()).await?;
        let options = platform::Options {
            secrets,
            mail_dir: self.data_dir().join("no-mail"),
            worker_name: format!("drill {id}"),
            unthrottled: true,
            ..platform::Options::default()
        };
        Ok(Platform::new(pool, self.clock.clone(), wiring::registry(), options))
    }
}

/// The steps so far, each timed from the one before.
struct Steps(Vec<Step>, Instant);

impl Default for Steps {
    fn default() -> Self {
        Self(Vec::new(), Instant::now())
    }
}

impl Steps {
    fn done(&mut self, name: &'static str) {
        let took_ms = u64::try_from(self.1.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.0.push(Step { name, took_ms });
        self.1 = Instant::now();
    }
}
