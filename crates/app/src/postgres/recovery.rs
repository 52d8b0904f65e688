//! A cluster made of the files of another, which replays archived WAL when it first starts.

use std::fmt::Write as _;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use super::account::Account;
use super::cluster::Cluster;
use super::lock::DataDirLock;
use super::{ManagedError, settings};

/// What a cluster replays before it serves.
#[derive(Clone, Debug)]
pub struct Recovery {
    /// Where the WAL was archived.
    pub wal_archive: PathBuf,
    /// The instant to stop at, as PostgreSQL reads it; none is the end of the archive.
    pub until: Option<String>,
}

/// The directory of a cluster that is being filled, beside its place. The data directory is locked meanwhile.
#[derive(Debug)]
pub struct StagedCluster {
    cluster: Cluster,
    account: Account,
    dir: PathBuf,
    _lock: DataDirLock,
}

impl StagedCluster {
    /// Makes the directory, empty, in a data directory that has no cluster.
    pub async fn begin(data_dir: &Path) -> Result<Self, ManagedError> {
        let cluster = Cluster::in_data_dir(data_dir)?;
        let account = Account::for_cluster(&cluster.dir)?;
        account.check_reach(&cluster.data_dir)?;
        let lock = DataDirLock::acquire(&cluster.data_dir).await?;
        if cluster.dir.read_dir().is_ok_and(|mut entries| entries.next().is_some()) {
            return Err(ManagedError::NotEmpty { dir: cluster.dir });
        }
        let dir = cluster.data_dir.join("postgres.new");
        match fs::remove_dir_all(&dir) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(ManagedError::io("Removing the unfinished", &dir)(error));
            }
            _ => account.make_private_dir(&dir)?,
        }
        Ok(Self { cluster, account, dir, _lock: lock })
    }

    /// Where the files go.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// Moves the files into their place, with the order to replay.
    pub fn place(self, recovery: &Recovery) -> Result<(), ManagedError> {
        let archive = recovery.wal_archive.canonicalize();
        let archive = archive.map_err(ManagedError::io("Opening the WAL archive", &recovery.wal_archive))?;
        let mut lines = format!("restore_command = {}\n", literal(&settings::restore_command(&archive)));
        // Writing to a String cannot fail.
        _ = writeln!(lines, "recovery_target_action = 'promote'");
        if let Some(until) = &recovery.until {
            _ = writeln!(lines, "recovery_target_time = {}", literal(until));
        }
        let file = self.dir.join("postgresql.auto.conf");
        let appended = OpenOptions::new().append(true).create(true).open(&file);
        appended.and_then(|mut file| file.write_all(lines.as_bytes())).map_err(ManagedError::io("Writing", &file))?;
        let signal = self.dir.join("recovery.signal");
        fs::write(&signal, "").map_err(ManagedError::io("Writing", &signal))?;
        self.account.hand_over(&self.dir)?;
        fs::rename(&self.dir, &self.cluster.dir).map_err(ManagedError::io("Moving into place", &self.dir))?;
        let synced = File::open(&self.cluster.data_dir).and_then(|dir| dir.sync_all());
        synced.map_err(ManagedError::io("Writing to disk", &self.cluster.data_dir))
    }
}

/// As the file of settings reads it, where a backslash escapes what follows.
fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\\', r"\\").replace('\'', "''"))
}

#[cfg(test)]
mod tests {
    use super::literal;

    #[test]
    fn a_setting_survives_quotes_and_backslashes() {
        assert_eq!(literal(r"it's \ it"), r"'it''s \\ it'");
    }
}
