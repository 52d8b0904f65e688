//! What can keep the private PostgreSQL from running, as sentences for the person at the terminal.

use std::io;
use std::path::{Path, PathBuf};

/// Why the private PostgreSQL did not start, answer or stop.
#[derive(Debug, thiserror::Error)]
pub enum ManagedError {
    /// No directory holds `initdb` and `postgres` in a usable version.
    #[error(
        "No usable PostgreSQL was found: `initdb` and `postgres`, {wanted}. Looked in:{looked}\n\
         Install it (Debian and Ubuntu: `apt-get install postgresql`; Fedora: `dnf install postgresql-server`; \
         macOS: `brew install postgresql@17`), set COMPTOIR_PG_BIN to the directory that holds both programs, or use a \
         server of your own with --database-url."
    )]
    NoBinaries {
        /// The versions that would do.
        wanted: String,
        /// One line for each place, with what was wrong there.
        looked: String,
    },
    /// No directory holds the programs that back up and restore.
    #[error(
        "No usable `pg_dump`, `pg_restore` and `pg_basebackup` of PostgreSQL {server} or newer were found. Looked in:{looked}\n\
         Install them (Debian and Ubuntu: `apt-get install postgresql-client`), or set COMPTOIR_PG_BIN to their directory."
    )]
    NoClients {
        /// The major version of the server.
        server: u32,
        /// One line for each place, with what was wrong there.
        looked: String,
    },
    /// Another process holds the data directory.
    #[error(
        "{holder} already uses the data directory {}. Stop it first, or give this one another --data-dir.",
        data_dir.display()
    )]
    InUse {
        /// The data directory.
        data_dir: PathBuf,
        /// Who holds it, as far as it said.
        holder: String,
    },
    /// Started as root, and there is nobody else to run PostgreSQL as.
    #[error(
        "PostgreSQL refuses to run as root, and this system has neither a user `postgres` nor `nobody`. \
         Create one (`useradd --system postgres`) or start comptoir as an ordinary user."
    )]
    NoAccount,
    /// The account of the cluster cannot enter a directory above it.
    #[error(
        "PostgreSQL runs as the user {account}, who cannot enter {}, so {} is out of reach. \
         Run `chmod a+x {}`, or choose another --data-dir.",
        blocking.display(), data_dir.display(), blocking.display()
    )]
    Unreachable {
        /// The user PostgreSQL would run as.
        account: String,
        /// The topmost directory that user cannot enter.
        blocking: PathBuf,
        /// The data directory.
        data_dir: PathBuf,
    },
    /// The directory of the cluster holds something else.
    #[error("{} is not empty and is no PostgreSQL cluster. Move it away, or choose another --data-dir.", dir.display())]
    NotACluster {
        /// The directory.
        dir: PathBuf,
    },
    /// What is restored would overwrite a cluster.
    #[error("{} is not empty: a restore overwrites nothing. Choose another directory with --into-data-dir.", dir.display())]
    NotEmpty {
        /// The directory.
        dir: PathBuf,
    },
    /// The cluster belongs to another user, and only root could act as that user.
    #[error(
        "The PostgreSQL cluster {} belongs to the user {owner}, and comptoir runs as {account}. \
         Run it as {owner} or as root, or choose another --data-dir.",
        dir.display()
    )]
    ForeignCluster {
        /// The directory of the cluster.
        dir: PathBuf,
        /// Who owns it.
        owner: String,
        /// Who we are.
        account: String,
    },
    /// The directory of the socket was made by someone else.
    #[error("The socket directory {} is not a private directory of {account}. Remove it and start again.", dir.display())]
    UnsafeSocketDir {
        /// The directory.
        dir: PathBuf,
        /// Who should own it.
        account: String,
    },
    /// `initdb` failed.
    #[error("initdb could not create the PostgreSQL cluster {} as the user {account}:\n{output}", dir.display())]
    Initdb {
        /// The directory of the cluster.
        dir: PathBuf,
        /// The user it ran as.
        account: String,
        /// What it printed.
        output: String,
    },
    /// PostgreSQL ended, or did not answer in time.
    #[error("PostgreSQL did not start: {why}. The end of {} says:\n{log_tail}", log.display())]
    NotStarted {
        /// What was seen.
        why: String,
        /// Where its log is.
        log: PathBuf,
        /// The last lines it logged since this start.
        log_tail: String,
    },
    /// PostgreSQL did not end when told to.
    #[error("PostgreSQL (process {pid}) is still running after it was told to stop at once. Its log is {}.", log.display())]
    NotStopped {
        /// Its process.
        pid: i32,
        /// Where its log is.
        log: PathBuf,
    },
    /// A statement of the set-up failed.
    #[error("PostgreSQL refused while {doing}: {source}")]
    Database {
        /// What was being done.
        doing: String,
        /// What the server said.
        source: sqlx::Error,
    },
    /// The file system or the operating system refused.
    #[error("{doing} failed: {source}")]
    Io {
        /// What was being done.
        doing: String,
        /// What the system said.
        source: io::Error,
    },
}

impl ManagedError {
    /// For `map_err`: adds what was being done, and to what.
    pub(super) fn io(doing: &str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let doing = format!("{doing} {}", path.display());
        move |source| Self::Io { doing, source }
    }
}
