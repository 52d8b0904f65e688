//! Making a backup.

use std::io::{self, Write as _};
use std::path::PathBuf;

use age::x25519::Recipient;
use indicatif::ProgressBar;
use kernel::{BackupId, Timestamp, Zone};
use platform::backup::store::{Made, NewRun};
use platform::backup::{BackupKind, BackupState, Totals, read_totals, store as records};
use platform::{Error, Result};
use sqlx::postgres::PgConnectOptions;
use sqlx::{Connection as _, PgConnection};

use super::container::{Packer, Seal};
use super::manifest::{About, FORMAT, Manifest, manifest_name, object_name};
use super::programs::{Programs, Running};
use super::retention::{Keep, superfluous};
use super::target::Target;
use super::{Backups, base, blocking, files, key, read, store};

/// Where in a backup the dump lies.
pub(super) const DUMP: &str = "dump";
/// Where in a backup the files of the server lie.
pub(super) const BASE: &str = "base";
/// The first file of a backup.
pub(super) const ABOUT: &str = "about.json";

impl Backups {
    /// Makes a backup now.
    ///
    /// Refused when another is under way, when it has no target or no recipient, or when a program or the target fails; the
    /// reason is recorded, and nothing that looks whole remains.
    pub async fn make(&self, kind: BackupKind) -> Result<Manifest> {
        let mut owner = self.begin().await?;
        let made = self.make_recorded(&mut owner, kind, None).await;
        Self::end(owner).await?;
        made
    }

    /// The same under the lock that `owner` holds, for the `period` of a schedule.
    pub(super) async fn make_recorded(
        &self,
        owner: &mut PgConnection,
        kind: BackupKind,
        period: Option<Timestamp>,
    ) -> Result<Manifest> {
        let started = self.now();
        let object = object_name(kind, started);
        let run = NewRun {
            id: BackupId::generate(started),
            kind,
            period,
            worker: Self::worker(),
            target: self.target()?.place(),
            object: object.clone(),
        };
        records::insert_run(owner, &run, started).await?;
        match self.write(kind, &object, started).await {
            Ok(manifest) => {
                self.record(owner, &manifest).await?;
                self.retire(owner, kind).await;
                Ok(manifest)
            }
            Err(error) => {
                records::fail_run(owner, run.id, self.now(), &self.reason(&error)).await?;
                Err(error)
            }
        }
    }

    async fn record(&self, owner: &mut PgConnection, manifest: &Manifest) -> Result<()> {
        let value = serde_json::to_value(manifest).map_err(|error| Error::internal("writing a manifest", error))?;
        let bytes = i64::try_from(manifest.bytes).map_err(|error| Error::internal("counting bytes", error))?;
        let made = Made { bytes, sha256: &manifest.sha256, manifest: &value };
        records::finish_run(owner, &manifest.about.object, manifest.finished_at, &made).await?;
        Ok(())
    }

    async fn write(&self, kind: BackupKind, object: &str, started_at: Timestamp) -> Result<Manifest> {
        let recipients = key::recipients(&self.config, started_at)?;
        let files = files::find(&self.config.data_dir)?;
        // Held open until the dump is taken: it lends its view to pg_dump.
        let mut view = self.database.owner().await?;
        let server = store::get_server(&mut view).await?;
        let programs = Programs::locate(server.major)?;
        let (wal_position, wal_segment) = store::get_wal_position(&mut view).await?;
        let mut about = About {
            format: FORMAT,
            kind,
            object: object.to_owned(),
            comptoir: env!("CARGO_PKG_VERSION").to_owned(),
            schema: store::get_schema_version(&mut view).await?,
            postgres: server.version,
            started_at,
            wal_position,
            wal_segment,
            recipients: recipients.iter().map(ToString::to_string).collect(),
            files: files.len(),
            totals: Totals::new(),
        };
        let running = match kind {
            BackupKind::Dump => {
                store::require_whole_view(&mut view).await?;
                store::require_one_instant(&mut view).await?;
                let snapshot = store::begin_snapshot(&mut view).await?;
                about.schema = store::get_schema_version(&mut view).await?;
                about.totals = read_totals(&mut view).await?;
                programs.dump(&self.owner_options()?, &snapshot)?
            }
            BackupKind::Base => {
                base::require_archive(&self.config)?;
                programs.base(&self.owner_options()?)?
            }
        };
        let writing = Writing { about, recipients, files, running, progress: self.progress.clone() };
        let (target, clock) = (self.target()?, self.clock.clone());
        let manifest = blocking(move || writing.to(&target, || clock.now())).await?;
        // Its transaction has only read.
        view.close().await?;
        Ok(manifest)
    }

    pub(super) fn owner_options(&self) -> Result<PgConnectOptions> {
        self.database.owner.clone().ok_or_else(|| {
            Error::refused(
                "owner_unknown",
                "This needs the owner of the schema: set COMPTOIR_OWNER_URL or COMPTOIR_OWNER_URL_FILE.",
            )
        })
    }

    /// Removes what is no longer kept. A backup that succeeded stays a success though an older one cannot be removed.
    async fn retire(&self, owner: &mut PgConnection, kind: BackupKind) {
        let retired = match kind {
            BackupKind::Dump => self.retire_dumps(owner).await,
            BackupKind::Base => self.retire_bases(owner).await,
        };
        match retired {
            Ok(0) => {}
            Ok(count) => tracing::info!(count, "backups that are no longer kept were removed"),
            Err(error) => {
                tracing::error!(error = platform::redacted(&error.chain()), "old backups could not be removed");
            }
        }
    }

    async fn retire_dumps(&self, owner: &mut PgConnection) -> Result<usize> {
        let whole = self.own(owner, BackupKind::Dump).await?;
        let zone = records::find_installation(owner).await?.map_or_else(|| "UTC".to_owned(), |(zone, _)| zone);
        let zone = Zone::named(&zone).map_err(|error| Error::internal("reading the installation's zone", error))?;
        let proven = records::list_proven(owner).await?.into_iter().map(|(object, _)| object).collect();
        let whole: Vec<_> = whole.into_iter().map(|about| (about.object, about.started_at)).collect();
        let keep = Keep {
            daily: usize::from(self.config.backup.keep_daily),
            monthly: usize::from(self.config.backup.keep_monthly),
        };
        let gone: Vec<String> = superfluous(&whole, keep, &zone, &proven).into_iter().map(str::to_owned).collect();
        self.remove(gone).await
    }

    async fn retire_bases(&self, owner: &mut PgConnection) -> Result<usize> {
        let whole = self.own(owner, BackupKind::Base).await?;
        let keep = usize::from(self.config.backup.keep_base).max(1);
        let (gone, kept) = whole.split_at(whole.len().saturating_sub(keep));
        let removed = self.remove(gone.iter().map(|about| about.object.clone()).collect()).await?;
        if let Some(oldest) = kept.first() {
            base::prune_archive(&self.config, &oldest.wal_segment)?;
        }
        Ok(removed)
    }

    /// The whole backups of `kind` at the target that this installation made, the oldest first: what else lies there is never
    /// touched.
    async fn own(&self, owner: &mut PgConnection, kind: BackupKind) -> Result<Vec<About>> {
        let mut known = records::list_objects(owner, BackupState::Succeeded).await?;
        known.extend(records::list_objects(owner, BackupState::Abandoned).await?);
        let target = self.target()?;
        let found = blocking(move || read::manifests(&target)).await?;
        let own = found.into_iter().map(|manifest| manifest.about);
        Ok(own.filter(|about| about.kind == kind && known.contains(&about.object)).collect())
    }

    async fn remove(&self, objects: Vec<String>) -> Result<usize> {
        let target = self.target()?;
        blocking(move || {
            for object in &objects {
                // The manifest goes first: without it a backup no longer counts as whole.
                target.remove(&manifest_name(object))?;
                target.remove(object)?;
            }
            Ok(objects.len())
        })
        .await
    }
}

/// A backup with all that is needed to write it.
struct Writing {
    about: About,
    recipients: Vec<Recipient>,
    files: Vec<(String, PathBuf)>,
    running: Running,
    progress: ProgressBar,
}

impl Writing {
    /// Writes the object, then the manifest, without which it does not count.
    fn to(mut self, target: &Target, now: impl FnOnce() -> Timestamp) -> Result<Manifest> {
        let object = self.about.object.clone();
        let mut draft = target.create(&object)?;
        let seal = self.pack(&mut draft)?;
        // Only now is it known that the program gave all it had.
        self.running.finish()?;
        draft.keep().map_err(|error| unwritable(target, &error))?;
        let manifest = Manifest { about: self.about, finished_at: now(), bytes: seal.bytes, sha256: seal.sha256 };
        let written = write_manifest(target, &manifest);
        if written.is_err() {
            target.remove(&object)?;
        }
        written.map(|()| manifest)
    }

    fn pack(&mut self, draft: &mut Box<dyn super::target::Draft>) -> Result<Seal> {
        let failed =
            |error: io::Error| Error::refused("backup_unwritten", format!("Writing the backup failed: {error}."));
        let mtime = u64::try_from(self.about.started_at.jiff().as_second()).unwrap_or_default();
        let packer = Packer::try_new(draft, &self.recipients, mtime, self.progress.clone());
        let mut packer = packer.map_err(failed)?;
        let about =
            serde_json::to_vec_pretty(&self.about).map_err(|error| Error::internal("writing a manifest", error))?;
        packer.add(ABOUT, &about).map_err(failed)?;
        for (name, path) in &self.files {
            let content = match std::fs::read(path) {
                Ok(content) => content,
                // Somebody took it away since it was listed.
                Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                Err(error) => {
                    let detail = format!("Cannot read {}: {error}.", path.display());
                    return Err(Error::refused("backup_files", detail));
                }
            };
            packer.add(&format!("{}/{name}", files::FOLDER), &content).map_err(failed)?;
        }
        let folder = match self.about.kind {
            BackupKind::Dump => DUMP,
            BackupKind::Base => BASE,
        };
        let output = self.running.output().ok_or_else(|| Error::internal("reading a dump", "it has no output"))?;
        packer.add_stream(folder, output).map_err(failed)?;
        let (_, seal) = packer.finish().map_err(failed)?;
        Ok(seal)
    }
}

fn write_manifest(target: &Target, manifest: &Manifest) -> Result<()> {
    let text = serde_json::to_vec_pretty(manifest).map_err(|error| Error::internal("writing a manifest", error))?;
    let mut draft = target.create(&manifest_name(&manifest.about.object))?;
    draft.write_all(&text).and_then(|()| draft.keep()).map_err(|error| unwritable(target, &error))
}

fn unwritable(target: &Target, error: &io::Error) -> Error {
    Error::refused("backup_target", format!("The target failed while writing to {}: {error}.", target.place()))
}
