//! The files of a cluster: its place, its making, its log.

use std::fs::{self, File, OpenOptions, Permissions};
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use super::account::Account;
use super::{Binaries, Durability, ManagedError};

const LONGEST_LOG_BYTES: u64 = 16 * 1024 * 1024;
const LOG_TAIL_LINES: usize = 20;

/// The places of a data directory that concern PostgreSQL.
#[derive(Clone, Debug)]
pub(super) struct Cluster {
    pub(super) data_dir: PathBuf,
    pub(super) dir: PathBuf,
    pub(super) log: PathBuf,
}

impl Cluster {
    /// Finds the data directory, made when missing. One that we make may be entered but not listed by others, so that
    /// the account of the cluster gets through it even under a strict umask.
    pub(super) fn in_data_dir(data_dir: &Path) -> Result<Self, ManagedError> {
        if !data_dir.exists() {
            fs::create_dir_all(data_dir).map_err(ManagedError::io("Creating the data directory", data_dir))?;
            let restricted = fs::set_permissions(data_dir, Permissions::from_mode(0o711));
            restricted.map_err(ManagedError::io("Restricting", data_dir))?;
        }
        let data_dir = data_dir.canonicalize().map_err(ManagedError::io("Opening the data directory", data_dir))?;
        Ok(Self { dir: data_dir.join("postgres"), log: data_dir.join("postgres.log"), data_dir })
    }

    /// The major version that made the cluster, or none when there is no cluster yet.
    pub(super) fn major(&self) -> Result<Option<u32>, ManagedError> {
        match fs::read_to_string(self.dir.join("PG_VERSION")) {
            Ok(text) => Ok(text.trim().parse().ok()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(ManagedError::io("Reading the version of", &self.dir)(error)),
        }
    }

    /// Makes the cluster in a directory beside its place and moves it there when it is whole, so that a crash on the way
    /// leaves no half cluster.
    pub(super) async fn initialise(
        &self,
        binaries: &Binaries,
        account: &Account,
        durability: Durability,
    ) -> Result<(), ManagedError> {
        if self.dir.read_dir().is_ok_and(|mut entries| entries.next().is_some()) {
            return Err(ManagedError::NotACluster { dir: self.dir.clone() });
        }
        let staging = self.data_dir.join("postgres.new");
        match fs::remove_dir_all(&staging) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(ManagedError::io("Removing the unfinished", &staging)(error));
            }
            _ => account.make_private_dir(&staging)?,
        }
        self.initdb(&staging, binaries, account, durability).await?;
        fs::rename(&staging, &self.dir).map_err(ManagedError::io("Moving into place", &staging))?;
        let synced = File::open(&self.data_dir).and_then(|dir| dir.sync_all());
        synced.map_err(ManagedError::io("Writing to disk", &self.data_dir))
    }

    async fn initdb(
        &self,
        staging: &Path,
        binaries: &Binaries,
        account: &Account,
        durability: Durability,
    ) -> Result<(), ManagedError> {
        let mut output = String::new();
        for locale in locales(binaries.major()) {
            let mut command = account.command(&binaries.initdb());
            command.args(["-U", "comptoir_owner", "-A", "trust", "--encoding=UTF8"]).args(*locale);
            if durability == Durability::None {
                command.arg("--no-sync");
            }
            let done = command.arg("-D").arg(staging).output().await;
            let done = done.map_err(|source| ManagedError::Io {
                doing: format!("Running {} as the user {}", binaries.initdb().display(), account.name()),
                source,
            })?;
            if done.status.success() {
                return Ok(());
            }
            output = format!("{}{}", String::from_utf8_lossy(&done.stdout), String::from_utf8_lossy(&done.stderr));
        }
        Err(ManagedError::Initdb { dir: staging.to_path_buf(), account: account.name().to_owned(), output })
    }

    /// Opens the log, which is for us alone, to append to, setting a long one aside first. Returns its length too.
    pub(super) fn open_log(&self) -> Result<(File, u64), ManagedError> {
        if fs::metadata(&self.log).is_ok_and(|found| found.len() > LONGEST_LOG_BYTES) {
            let previous = self.log.with_extension("log.1");
            fs::rename(&self.log, previous).map_err(ManagedError::io("Setting aside", &self.log))?;
        }
        let opened = OpenOptions::new().append(true).create(true).mode(0o600).open(&self.log);
        let file = opened.map_err(ManagedError::io("Opening", &self.log))?;
        let length = file.metadata().map_err(ManagedError::io("Reading", &self.log))?.len();
        Ok((file, length))
    }

    /// The last lines of what was logged after the first `from` bytes.
    pub(super) fn log_tail(&self, from: u64) -> String {
        let mut bytes = Vec::new();
        let read = File::open(&self.log).and_then(|mut log| {
            log.seek(SeekFrom::Start(from))?;
            log.read_to_end(&mut bytes)
        });
        if read.is_err() {
            return "(the log cannot be read)".to_owned();
        }
        let text = String::from_utf8_lossy(&bytes);
        let lines: Vec<&str> = text.lines().collect();
        lines[lines.len().saturating_sub(LOG_TAIL_LINES)..].join("\n")
    }
}

/// What sorts text the same on every machine, best first: PostgreSQL's own rules from 17 on, else the system's, else
/// plain bytes where the system has none.
fn locales(major: u32) -> &'static [&'static [&'static str]] {
    if major >= 17 {
        &[&["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]]
    } else {
        &[&["--locale=C.UTF-8"], &["--locale=C"]]
    }
}
