//! Restoring a dump: into an empty target, all of it or nothing.

use std::path::{Path, PathBuf};

use age::x25519::Identity;
use indicatif::ProgressBar;
use platform::backup::store::Made;
use platform::backup::{BackupKind, differences, read_totals, store as records};
use platform::{Error, Result};
use sqlx::Connection as _;
use sqlx::postgres::PgConnectOptions;

use super::container::Seal;
use super::files::{self, Staged};
use super::manifest::{About, Manifest};
use super::programs::Programs;
use super::read::{self, BROKEN, Part, Stored, Verified};
use super::target::Target;
use super::{blocking, key, store};
use crate::config::Config;
use crate::runtime::{self, Database};

/// Differences of control totals that a refusal names; there may be thousands.
const NAMED: usize = 10;
/// Connections that checking a restored database takes.
const CONNECTIONS: u32 = 2;

/// A backup to restore.
#[derive(Clone, Debug)]
pub struct Source {
    /// Its file, or its name at the target.
    pub name: String,
    /// The file of the identity that opens it; none is the installation's own.
    pub identity: Option<PathBuf>,
}

/// What was restored.
#[derive(Clone, Debug)]
pub struct Restored {
    /// The backup.
    pub about: About,
    /// How many files came back.
    pub files: usize,
    /// How many migrations were newer than the backup, and were applied.
    pub migrations: usize,
    /// How many control totals were compared, and are equal.
    pub figures: usize,
}

/// Restores a backup into the private PostgreSQL of the data directory `into`, or without one into the database of the
/// configuration.
///
/// Refused, and nothing changed, when the target is not empty, or the backup is damaged, cannot be opened or is newer than this
/// binary. Refused also when the control totals differ afterwards.
pub async fn restore(config: &Config, source: &Source, into: Option<&Path>, progress: ProgressBar) -> Result<Restored> {
    let identities = key::identities(config, source.identity.as_deref())?;
    let (stored, verified) = find_verified(config, source, &identities, &progress).await?;
    if verified.about.kind != BackupKind::Dump {
        let detail = format!("{} is a base backup: restore it with --to-time.", verified.about.object);
        return Err(Error::refused("backup_kind", detail));
    }
    let config = aimed_at(config, into);
    if let Some(path) = files::find_any(&config.data_dir)? {
        let detail = format!("{} is there already: a restore overwrites nothing.", path.display());
        return Err(Error::refused("target_not_empty", detail));
    }
    let (database, access) = runtime::open_for_command(&config).await?;
    let restored = fill(&config, &database, stored, identities, progress).await;
    runtime::close(access).await?;
    restored
}

/// The configuration with the private PostgreSQL of `into` as the database.
pub(super) fn aimed_at(config: &Config, into: Option<&Path>) -> Config {
    match into {
        None => config.clone(),
        Some(dir) => Config { data_dir: dir.to_path_buf(), database_url: None, owner_url: None, ..config.clone() },
    }
}

/// Finds what the source names, and reads all of it once: nothing is changed for the sake of a backup that cannot be used.
pub(super) async fn find_verified(
    config: &Config,
    source: &Source,
    identities: &[Identity],
    progress: &ProgressBar,
) -> Result<(Stored, Verified)> {
    let (target, name) = (Target::of(config)?, source.name.clone());
    let (identities, progress) = (identities.to_vec(), progress.clone());
    blocking(move || {
        let stored = read::find(&name, target)?;
        let verified = read::verify(&stored, &identities, progress)?;
        Ok((stored, verified))
    })
    .await
}

async fn fill(
    config: &Config,
    database: &Database,
    stored: Stored,
    identities: Vec<Identity>,
    progress: ProgressBar,
) -> Result<Restored> {
    let mut owner = database.owner().await?;
    if let Some(table) = store::find_any_table(&mut owner).await? {
        let detail = format!("The target is not empty: it has the table {table}. A restore overwrites nothing.");
        return Err(Error::refused("target_not_empty", detail));
    }
    store::ensure_service_role(&mut owner).await?;
    let server = store::get_server(&mut owner).await?;
    let into = database.owner.clone().ok_or_else(|| Error::internal("restoring", "the owner is not known"))?;
    let pouring = Pouring {
        stored,
        identities,
        programs: Programs::locate(server.major)?,
        into,
        staged: Some(Staged::beside(&config.data_dir)?),
        progress,
    };
    let (about, seal, staged) = blocking(move || pouring.pour()).await?;
    let files = staged.map_or(Ok(0), Staged::settle)?;
    let figures = compare(&mut owner, &about).await?;
    settle_record(&mut owner, &about, &seal).await?;
    let migrations = platform::schema::migrate(&mut owner).await?;
    store::analyze(&mut owner).await?;
    owner.close().await?;
    let pool = database.prepare(|| database.app.clone(), CONNECTIONS).await?;
    pool.close().await;
    Ok(Restored { about, files, migrations, figures })
}

/// Compares what every table holds with what it held; returns how many figures were compared.
pub(super) async fn compare(owner: &mut sqlx::PgConnection, about: &About) -> Result<usize> {
    let found = read_totals(owner).await?;
    let different = differences(&about.totals, &found);
    if different.is_empty() {
        return Ok(about.totals.values().flat_map(|tables| tables.values()).map(std::collections::BTreeMap::len).sum());
    }
    let named: Vec<_> = different.iter().take(NAMED).map(String::as_str).collect();
    let detail = format!(
        "What was restored differs from {} in {} control totals: {}.",
        about.object,
        different.len(),
        named.join("; ")
    );
    Err(Error::refused("totals_differ", detail))
}

/// The backup was still running in its own view of the world: here it is known to have succeeded.
async fn settle_record(owner: &mut sqlx::PgConnection, about: &About, seal: &Seal) -> Result<()> {
    let manifest = Manifest {
        about: about.clone(),
        finished_at: about.started_at,
        bytes: seal.bytes,
        sha256: seal.sha256.clone(),
    };
    let manifest = serde_json::to_value(manifest).map_err(|error| Error::internal("writing a manifest", error))?;
    let bytes = i64::try_from(seal.bytes).map_err(|error| Error::internal("counting bytes", error))?;
    let made = Made { bytes, sha256: &seal.sha256, manifest: &manifest };
    records::finish_run(owner, &about.object, about.started_at, &made).await?;
    Ok(())
}

/// A dump on its way into an empty database.
pub(super) struct Pouring {
    pub(super) stored: Stored,
    pub(super) identities: Vec<Identity>,
    pub(super) programs: Programs,
    pub(super) into: PgConnectOptions,
    /// Where its files go; none leaves them out.
    pub(super) staged: Option<Staged>,
    pub(super) progress: ProgressBar,
}

impl Pouring {
    /// Restores all of it in one transaction.
    pub(super) fn pour(mut self) -> Result<(About, Seal, Option<Staged>)> {
        let mut running = self.programs.restore(&self.into)?;
        let mut input = running.input().ok_or_else(|| Error::internal("restoring", "pg_restore has no input"))?;
        let poured = read::walk(&self.stored, &self.identities, self.progress, |name, part, content| match part {
            Part::Dump | Part::Base => std::io::copy(content, &mut input).map(|_| ()),
            Part::File => read::stage(&mut self.staged, name, content),
        });
        // It learns that there is no more.
        drop(input);
        match poured {
            Ok((about, seal)) => {
                running.finish()?;
                Ok((about, seal, self.staged))
            }
            Err(error) if error.code() == BROKEN => {
                running.finish()?;
                Err(error)
            }
            // Dropping it takes back what it has done so far.
            Err(error) => Err(error),
        }
    }
}
