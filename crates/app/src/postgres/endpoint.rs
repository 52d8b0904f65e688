//! Where the private PostgreSQL answers, and as whom to connect.

use std::env;
use std::fmt::Write as _;
use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use sha2::{Digest as _, Sha256};
use sqlx::postgres::{PgConnectOptions, PgSslMode};

use super::ManagedError;
use super::account::Account;
use super::postmaster;

const PORT: u16 = 5432;
const SOCKET: &str = ".s.PGSQL.5432";
const SOCKET_LOCK: &str = ".s.PGSQL.5432.lock";
/// `sun_path` less its closing zero.
const LONGEST_SOCKET_PATH: usize = if cfg!(target_os = "linux") { 107 } else { 103 };
const QUERY_VALUE: &AsciiSet = &NON_ALPHANUMERIC.remove(b'/').remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// The database role to connect as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Owns the schema: migrations and maintenance.
    Owner,
    /// The service, bound by row security.
    App,
}

impl Role {
    /// The role's name in the database.
    pub fn name(self) -> &'static str {
        match self {
            Self::Owner => "comptoir_owner",
            Self::App => "comptoir_app",
        }
    }
}

/// The socket of a private PostgreSQL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    socket_dir: PathBuf,
}

impl Endpoint {
    /// The endpoint of the cluster that runs in `data_dir`, or none when none does.
    pub fn of_running(data_dir: &Path) -> Option<Self> {
        let data_dir = data_dir.canonicalize().ok()?;
        let socket_dir = postmaster::running(&data_dir.join("postgres"))?.socket_dir?;
        Some(Self { socket_dir })
    }

    /// Chooses the socket's directory and makes it: inside the cluster or, when that path is too long for a socket, a
    /// private directory under the system's temporary one, always the same for the same cluster.
    pub(super) fn prepare(cluster: &Path, account: &Account) -> Result<Self, ManagedError> {
        let inside = cluster.join("socket");
        if fits(&inside) {
            account.make_private_dir(&inside)?;
            return Ok(Self { socket_dir: inside });
        }
        let digest = Sha256::digest(cluster.as_os_str().as_bytes());
        let name = digest.iter().take(8).fold("comptoir-".to_owned(), |mut name, byte| {
            // Writing to a String cannot fail.
            _ = write!(name, "{byte:02x}");
            name
        });
        let socket_dir = [env::temp_dir(), PathBuf::from("/tmp")]
            .into_iter()
            .find(|temp| fits(&temp.join(&name)) && account.check_reach(temp).is_ok())
            .unwrap_or_else(|| PathBuf::from("/tmp"))
            .join(name);
        // The temporary directory is everyone's: what lies there already is trusted only when it is ours.
        if socket_dir.symlink_metadata().is_err() {
            account.make_private_dir(&socket_dir)?;
        }
        if !account.owns_privately(&socket_dir) {
            return Err(ManagedError::UnsafeSocketDir { dir: socket_dir, account: account.name().to_owned() });
        }
        Ok(Self { socket_dir })
    }

    /// Removes the socket that a dead server left behind, with its lock: PostgreSQL takes the lock for held when the
    /// number of the dead server belongs to another process by now. The directory is this cluster's alone.
    pub(super) fn clear(&self) {
        for name in [SOCKET, SOCKET_LOCK] {
            // Nothing there is the usual case, and any other failure shows in what PostgreSQL says next.
            _ = fs::remove_file(self.socket_dir.join(name));
        }
    }

    /// The directory of the socket.
    pub fn socket_dir(&self) -> &Path {
        &self.socket_dir
    }

    /// How to connect as `role` to `database`.
    pub fn connect_options(&self, role: Role, database: &str) -> PgConnectOptions {
        PgConnectOptions::new_without_pgpass()
            .host("localhost")
            .port(PORT)
            .socket(&self.socket_dir)
            .username(role.name())
            .database(database)
            .ssl_mode(PgSslMode::Disable)
    }

    /// The same as a URL, for `psql` and other tools.
    pub fn url(&self, role: Role, database: &str) -> String {
        let socket_dir = self.socket_dir.to_string_lossy();
        format!(
            "postgres://{}@localhost/{}?host={}",
            role.name(),
            utf8_percent_encode(database, NON_ALPHANUMERIC),
            utf8_percent_encode(&socket_dir, QUERY_VALUE)
        )
    }
}

fn fits(dir: &Path) -> bool {
    dir.join(SOCKET).as_os_str().len() <= LONGEST_SOCKET_PATH
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_survives_blanks_and_leads_back_to_the_same_socket() {
        let endpoint = Endpoint { socket_dir: PathBuf::from("/srv/my data/é/postgres/socket") };
        let url = endpoint.url(Role::App, "comptoir");
        assert_eq!(url, "postgres://comptoir_app@localhost/comptoir?host=/srv/my%20data/%C3%A9/postgres/socket");
        let parsed: PgConnectOptions = url.parse().expect("a valid URL");
        assert_eq!(parsed.get_socket(), Some(&endpoint.socket_dir));
        assert_eq!((parsed.get_username(), parsed.get_database()), ("comptoir_app", Some("comptoir")));
    }

    #[test]
    fn a_path_of_a_socket_fits_up_to_the_limit() {
        let dir = |length: usize| PathBuf::from(format!("/{}", "d".repeat(length - 1)));
        assert!(fits(&dir(LONGEST_SOCKET_PATH - 14)));
        assert!(!fits(&dir(LONGEST_SOCKET_PATH - 13)));
    }
}
