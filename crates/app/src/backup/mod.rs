//! Backups of the whole installation, restores, and the drill that proves that the one leads to the other.
//!
//! A backup is one object, encrypted to the keys of its recipients, beside a manifest in the clear that says what is in it. It
//! holds a dump as of one instant, with the control totals of the same instant, and the files of the data directory that
//! PostgreSQL does not have. A base backup holds the files of the server instead, and leads, with the archived WAL, to any
//! later instant.
//!
//! Work on backups is for the owner of the schema. One lock lets one process at a time be at it, so that a record that is
//! still running when the lock is free belongs to somebody who was lost.
//!
//! Failure policy: fail-open. A backup or drill that fails leaves its reason in the records and in the log, nothing that looks
//! whole at the target, and the service undisturbed. A restore is all or nothing: one transaction into an empty database.

mod base;
mod container;
mod drill;
mod files;
mod key;
mod make;
mod manifest;
mod programs;
mod read;
mod restore;
mod retention;
mod schedule;
mod store;
mod target;
mod walk;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use indicatif::ProgressBar;
use kernel::{Clock, Timestamp};
use platform::backup::{BackupState, shortened, store as records};
use platform::signal::Signals;
use platform::{Error, Result};
use secrecy::ExposeSecret as _;
use sqlx::{Connection as _, PgConnection};

use crate::config::Config;
use crate::runtime::{self, Database};

pub use base::{RestoredTo, Until, restore_to};
pub use drill::{Proof, Step};
pub use manifest::{About, Manifest};
pub use read::Verified;
pub use restore::{Restored, Source, restore};
pub use retention::{Keep, superfluous};
pub use schedule::{keep_up, tick};

use target::Target;

/// The backups of one installation.
#[derive(Clone)]
pub struct Backups {
    config: Config,
    database: Database,
    clock: Arc<dyn Clock>,
    progress: ProgressBar,
    signals: Arc<Signals>,
}

/// A backup that lies at the target.
#[derive(Clone, Debug)]
pub struct Listed {
    /// What it says about itself.
    pub manifest: Manifest,
    /// When it was last proven to be restorable, if it was.
    pub proven_at: Option<Timestamp>,
}

impl Backups {
    /// The backups of the installation over `database`.
    pub fn new(config: &Config, database: &Database, clock: Arc<dyn Clock>) -> Self {
        let (config, database, progress) = (config.clone(), database.clone(), ProgressBar::hidden());
        Self { config, database, clock, progress, signals: Arc::default() }
    }

    /// The same with what is done by schedule measured there.
    #[must_use]
    pub fn measured(mut self, signals: Arc<Signals>) -> Self {
        self.signals = signals;
        self
    }

    /// The same with the bytes that pass shown to a person.
    #[must_use]
    pub fn showing(mut self, progress: ProgressBar) -> Self {
        self.progress = progress;
        self
    }

    /// The backups at the target that are whole, the oldest first.
    pub async fn list(&self) -> Result<Vec<Listed>> {
        let target = self.target()?;
        let manifests = blocking(move || read::manifests(&target)).await?;
        let mut owner = self.database.owner().await?;
        let proven = records::list_proven(&mut owner).await?;
        owner.close().await?;
        let proven_at = |object: &str| proven.iter().find(|(name, _)| name == object).map(|(_, at)| *at);
        let listed =
            manifests.into_iter().map(|manifest| Listed { proven_at: proven_at(&manifest.about.object), manifest });
        Ok(listed.collect())
    }

    /// Reads a backup from its first byte to its last: it is the one that was made, can be opened, and holds what it says.
    ///
    /// Refused, saying why, when it is not so; `identity` names another key than the installation's.
    pub async fn verify(&self, name: &str, identity: Option<&Path>) -> Result<Verified> {
        let (target, progress) = (self.target()?, self.progress.clone());
        let identities = key::identities(&self.config, identity)?;
        let object = name.to_owned();
        let verified = blocking(move || read::verify(&read::Stored::At(target, object), &identities, progress)).await?;
        let mut owner = self.database.owner().await?;
        let recorded = records::find_sha256(&mut owner, &verified.about.object).await?;
        owner.close().await?;
        verified.check_recorded(recorded.as_deref())?;
        Ok(verified)
    }

    fn now(&self) -> Timestamp {
        self.clock.now()
    }

    fn target(&self) -> Result<Target> {
        Target::of(&self.config)?.ok_or_else(|| {
            let detail = "The database is yours, and so are its backups, unless COMPTOIR_BACKUP_TO says where they go.";
            Error::refused("backup_to", detail)
        })
    }

    /// Takes the lock and clears away what those who were lost have left.
    ///
    /// Refused when somebody else is at work on backups.
    async fn begin(&self) -> Result<PgConnection> {
        let mut owner = self.database.owner().await?;
        if !records::lock(&mut owner).await? {
            owner.close().await?;
            return Err(Error::refused(
                "backup_busy",
                "Another backup or drill is under way; try again when it is done.",
            ));
        }
        if records::abandon_lost(&mut owner, self.now()).await? > 0 {
            tracing::warn!("a backup or drill was cut off; what it left behind is removed");
        }
        self.remove_left_behind(&mut owner).await?;
        Ok(owner)
    }

    /// Gives the lock back.
    async fn end(mut owner: PgConnection) -> Result<()> {
        records::unlock(&mut owner).await?;
        Ok(owner.close().await?)
    }

    async fn remove_left_behind(&self, owner: &mut PgConnection) -> Result<()> {
        for database in records::list_scratch(owner).await? {
            store::drop_database(owner, &database).await?;
        }
        let mut lost = records::list_objects(owner, BackupState::Abandoned).await?;
        lost.extend(records::list_objects(owner, BackupState::Failed).await?);
        let Some(target) = Target::of(&self.config)?.filter(|_| !lost.is_empty()) else { return Ok(()) };
        blocking(move || read::remove_drafts(&target, &lost)).await
    }

    /// The reason of a failure as it is recorded.
    fn reason(&self, error: &Error) -> String {
        let s3 = &self.config.backup.s3;
        let mut secrets: Vec<String> = [&self.database.owner, &Some(self.database.app.clone())]
            .into_iter()
            .filter_map(|database| programs::password_of(database.as_ref()?))
            .collect();
        secrets
            .extend([&s3.access_key, &s3.secret_key].into_iter().flatten().map(|key| key.expose_secret().to_owned()));
        shortened(&error.told(), &secrets.iter().map(String::as_str).collect::<Vec<_>>())
    }

    fn data_dir(&self) -> PathBuf {
        self.config.data_dir.clone()
    }

    fn worker() -> String {
        runtime::worker_name()
    }
}

/// Runs `work` on a thread that may block.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|panic| Error::internal("working on a backup", panic))?
}
