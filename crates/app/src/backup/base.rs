//! Point-in-time recovery of the private PostgreSQL: base backups, the archived WAL, and restoring to an instant.

use std::fs;
use std::io;
use std::path::Path;
use std::time::Duration;

use indicatif::ProgressBar;
use kernel::Timestamp;
use platform::backup::BackupKind;
use platform::{Error, Result};
use sqlx::{Connection as _, PgConnection};

use super::files::Staged;
use super::manifest::About;
use super::read::{self, Part, Stored};
use super::restore::{Source, aimed_at, find_verified};
use super::target::Target;
use super::{blocking, files, key, store};
use crate::config::Config;
use crate::postgres::{ManagedOptions, ManagedPostgres, Recovery, StagedCluster};
use crate::runtime::{self, DATABASE, Database};

const POLL: Duration = Duration::from_millis(100);
/// Connections that checking a restored database takes.
const CONNECTIONS: u32 = 2;

/// Up to when WAL is replayed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Until {
    /// The end of the archive.
    Latest,
    /// The last transaction that was committed by this instant.
    At(Timestamp),
}

/// What was restored.
#[derive(Clone, Debug)]
pub struct RestoredTo {
    /// The base backup it came from.
    pub about: About,
    /// How many files came back, as they were when the base backup was made.
    pub files: usize,
    /// When the last transaction that is there was committed, as PostgreSQL says it; none when there is none since the base
    /// backup.
    pub last_commit: Option<String>,
}

/// Refused, saying what to set, where a base backup would lead nowhere.
pub(super) fn require_archive(config: &Config) -> Result<()> {
    if config.database_url.is_some() {
        let detail =
            "A base backup is of the private PostgreSQL; that of a server of yours is the server's own business.";
        return Err(Error::refused("external_database", detail));
    }
    if config.backup.wal_archive.is_none() {
        let detail = "A base backup leads to later instants only with archived WAL: set COMPTOIR_WAL_ARCHIVE to a directory and restart.";
        return Err(Error::refused("wal_archive", detail));
    }
    Ok(())
}

/// Removes the segments of the archive that no kept base backup needs: those before `segment`.
pub(super) fn prune_archive(config: &Config, segment: &str) -> Result<usize> {
    let Some(archive) = &config.backup.wal_archive else { return Ok(0) };
    let pruned = fs::read_dir(archive).and_then(|entries| {
        let mut removed = 0;
        for entry in entries {
            let entry = entry?;
            if entry.file_name().to_str().is_some_and(|name| is_before(name, segment)) {
                fs::remove_file(entry.path())?;
                removed += 1;
            }
        }
        Ok(removed)
    });
    pruned.map_err(|error: io::Error| {
        Error::refused("wal_archive", format!("Removing old WAL from {} failed: {error}.", archive.display()))
    })
}

/// Whether the archived file `name` is a segment, or a note about one, before `segment`, on whatever timeline.
fn is_before(name: &str, segment: &str) -> bool {
    const TIMELINE: usize = 8;
    const LENGTH: usize = 24;
    let Some(stem) = name.strip_suffix(".gz").and_then(|stem| stem.get(..LENGTH)) else { return false };
    stem.bytes().all(|byte| byte.is_ascii_hexdigit())
        && segment.len() == LENGTH
        && stem[TIMELINE..] < segment[TIMELINE..]
}

/// Restores a base backup, the newest that was whole in time unless one is named, into the private PostgreSQL of the data
/// directory `into`, and replays the archived WAL of the configuration up to `until`.
///
/// Refused, and nothing changed, when `into` has a cluster or there is no such backup. Refused when the archive does not reach
/// to the instant; what was restored by then can be removed.
pub async fn restore_to(
    config: &Config,
    source: Option<Source>,
    identity: Option<&Path>,
    until: Until,
    into: &Path,
    progress: ProgressBar,
) -> Result<RestoredTo> {
    let Some(wal_archive) = config.backup.wal_archive.clone() else {
        return Err(Error::refused(
            "wal_archive",
            "Replaying WAL needs COMPTOIR_WAL_ARCHIVE, the directory it was archived in.",
        ));
    };
    let source = match source {
        Some(source) => source,
        None => Source { name: choose(config, until).await?, identity: identity.map(Path::to_path_buf) },
    };
    let identities = key::identities(config, source.identity.as_deref())?;
    let (stored, verified) = find_verified(config, &source, &identities, &progress).await?;
    check_usable(&verified.about, until)?;
    if let Some(path) = files::find_any(into)? {
        let detail = format!("{} is there already: a restore overwrites nothing.", path.display());
        return Err(Error::refused("target_not_empty", detail));
    }
    let cluster = StagedCluster::begin(into).await.map_err(|error| runtime::refused(&error))?;
    let staged = Staged::beside(into)?;
    let (cluster, staged) = blocking(move || {
        let staged = unfold(&stored, &identities, cluster.dir(), staged, progress)?;
        Ok((cluster, staged))
    })
    .await?;
    let until = match until {
        Until::Latest => None,
        // PostgreSQL reads its settings before it knows any zone by name, `Z` included.
        Until::At(at) => Some(at.jiff().strftime("%Y-%m-%d %H:%M:%S%.6f+00").to_string()),
    };
    cluster.place(&Recovery { wal_archive, until }).map_err(|error| runtime::refused(&error))?;
    let files = staged.settle()?;
    let last_commit = replay(&aimed_at(config, Some(into))).await?;
    Ok(RestoredTo { about: verified.about, files, last_commit })
}

async fn choose(config: &Config, until: Until) -> Result<String> {
    let target = Target::of(config)?
        .ok_or_else(|| Error::refused("backup_to", "COMPTOIR_BACKUP_TO says not where backups are."))?;
    let by = match until {
        Until::Latest => None,
        Until::At(at) => Some(at),
    };
    blocking(move || {
        let newest = read::newest(&target, BackupKind::Base, by)?;
        let newest = newest.ok_or_else(|| {
            let detail =
                format!("No base backup in {} was whole by then; `comptoir backup list` shows them.", target.place());
            Error::refused("no_such_backup", detail)
        })?;
        Ok(newest.about.object)
    })
    .await
}

fn check_usable(about: &About, until: Until) -> Result<()> {
    if about.kind != BackupKind::Base {
        let detail = format!("{} is a dump, as of one instant: restore it without --to-time.", about.object);
        return Err(Error::refused("backup_kind", detail));
    }
    match until {
        Until::At(at) if at < about.started_at => {
            let detail = format!("{} was begun at {}, after that: name an older one.", about.object, about.started_at);
            Err(Error::refused("backup_too_new", detail))
        }
        _ => Ok(()),
    }
}

/// Puts the files of the server into `dir`: the parts of the backup, one after the other, are a tar archive.
fn unfold(
    stored: &Stored,
    identities: &[age::x25519::Identity],
    dir: &Path,
    staged: Staged,
    progress: ProgressBar,
) -> Result<Staged> {
    let failed =
        |error: io::Error| Error::refused("restore_files", format!("Writing to {} failed: {error}.", dir.display()));
    let (reader, mut writer) = io::pipe().map_err(failed)?;
    let mut staged = Some(staged);
    let (walked, unpacked) = std::thread::scope(|scope| {
        let unpacking = scope.spawn(move || {
            let mut archive = tar::Archive::new(reader);
            archive.set_preserve_permissions(true);
            archive.unpack(dir)?;
            // What stands after the end of the archive is padding.
            io::copy(&mut archive.into_inner(), &mut io::sink()).map(|_| ())
        });
        let walked = read::walk(stored, identities, progress, |name, part, content| match part {
            Part::Dump | Part::Base => io::copy(content, &mut writer).map(|_| ()),
            Part::File => read::stage(&mut staged, name, content),
        });
        drop(writer);
        (walked, unpacking.join())
    });
    let unpacked = unpacked.map_err(|_| Error::internal("unpacking a base backup", "a thread was lost"))?;
    unpacked.map_err(failed)?;
    walked?;
    staged.ok_or_else(|| Error::internal("unpacking a base backup", "its files were lost"))
}

/// Starts the server, waits until it has replayed what it was told to, proves the schema and stops it.
async fn replay(config: &Config) -> Result<Option<String>> {
    let options = ManagedOptions::new(&config.data_dir);
    let mut server = ManagedPostgres::start(options).await.map_err(|error| runtime::refused(&error))?;
    let replayed = settle(&mut server).await;
    server.stop().await.map_err(|error| runtime::refused(&error))?;
    replayed
}

async fn settle(server: &mut ManagedPostgres) -> Result<Option<String>> {
    let database = Database::private(server.endpoint());
    let mut owner = wait_until_replayed(&database, server).await?;
    let last_commit = store::find_last_commit(&mut owner).await?;
    store::forget_recovery(&mut owner).await?;
    owner.close().await?;
    let pool = database.prepare(|| database.app.clone(), CONNECTIONS).await?;
    pool.close().await;
    Ok(last_commit)
}

/// However long it takes: it ends by itself where it cannot go on.
async fn wait_until_replayed(database: &Database, server: &mut ManagedPostgres) -> Result<PgConnection> {
    loop {
        if let Ok(ended) = tokio::time::timeout(POLL, server.exited()).await {
            let how = ended.map_or_else(|error| error.to_string(), |status| status.to_string());
            let detail = format!(
                "PostgreSQL could not replay the archived WAL up to that instant ({how}). The end of its log says:\n{}",
                server.log_tail()
            );
            return Err(Error::refused("not_replayed", detail));
        }
        // A server that is about to give up no longer answers; the next round sees it end.
        if let Ok(mut owner) = database.owner().await
            && let Ok(false) = store::is_recovering(&mut owner).await
        {
            tracing::debug!(database = DATABASE, "the WAL is replayed");
            return Ok(owner);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_lies_before_the_oldest_base_backup_goes() {
        let oldest = "000000020000000000000010";
        for (name, expected) in [
            ("00000001000000000000000F.gz", true),
            ("000000020000000000000010.gz", false),
            ("000000010000000100000000.gz", false),
            ("00000001000000000000000F.00000028.backup.gz", true),
            ("00000002.history.gz", false),
            ("00000001000000000000000F", false),
            ("00000001000000000000000F.gz.partial", false),
            ("holiday-pictures-of-2026-at-sea.gz", false),
        ] {
            assert_eq!(is_before(name, oldest), expected, "{name}");
        }
    }
}
