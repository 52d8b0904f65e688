//! Finding the programs of PostgreSQL.

use std::cmp::Reverse;
use std::env;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::ManagedError;

/// The oldest major version the schema works on.
pub const OLDEST_MAJOR: u32 = 15;

/// A directory with `initdb` and `postgres` of a usable version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Binaries {
    dir: PathBuf,
    major: u32,
}

impl Binaries {
    /// The first usable version: in `COMPTOIR_PG_BIN` and nowhere else when that is set, otherwise on the PATH, then
    /// in the places where packages put it, newest first.
    pub fn locate() -> Result<Self, ManagedError> {
        match explicit_dir() {
            Some(dir) => Self::in_dir(&dir),
            None => search(usual_dirs(), None),
        }
    }

    /// As [`Binaries::locate`], but of exactly this major version: a cluster opens only with the one that made it.
    pub fn locate_major(major: u32) -> Result<Self, ManagedError> {
        search(explicit_dir().map_or_else(usual_dirs, |dir| vec![dir]), Some(major))
    }

    /// The programs in `dir`, or why they will not do.
    pub fn in_dir(dir: &Path) -> Result<Self, ManagedError> {
        search(vec![dir.to_path_buf()], None)
    }

    /// As [`Binaries::in_dir`], but of exactly this major version.
    pub fn in_dir_major(dir: &Path, major: u32) -> Result<Self, ManagedError> {
        search(vec![dir.to_path_buf()], Some(major))
    }

    /// The program that creates a cluster.
    pub fn initdb(&self) -> PathBuf {
        self.dir.join("initdb")
    }

    /// The server program.
    pub fn postgres(&self) -> PathBuf {
        self.dir.join("postgres")
    }

    /// The major version, such as 17.
    pub fn major(&self) -> u32 {
        self.major
    }
}

/// The directory of `pg_dump`, `pg_restore` and `pg_basebackup` for a server of the major version `server`: programs of the
/// same version where there are any, else of the next newer one, since older ones do not know the server.
pub fn locate_clients(server: u32) -> Result<PathBuf, ManagedError> {
    let dirs = explicit_dir().map_or_else(usual_dirs, |dir| vec![dir]);
    let mut looked = String::new();
    let mut best: Option<(u32, PathBuf)> = None;
    for dir in dirs {
        match version_in(&dir, "pg_dump", &CLIENTS) {
            Ok(major) if major < server => _ = write!(looked, "\n  {}: version {major}", dir.display()),
            Ok(major) if best.as_ref().is_none_or(|(found, _)| major < *found) => best = Some((major, dir)),
            Ok(_) => {}
            // Writing to a String cannot fail.
            Err(reason) => _ = write!(looked, "\n  {}: {reason}", dir.display()),
        }
    }
    best.map(|(_, dir)| dir).ok_or(ManagedError::NoClients { server, looked })
}

const CLIENTS: [&str; 3] = ["pg_dump", "pg_restore", "pg_basebackup"];

fn explicit_dir() -> Option<PathBuf> {
    env::var_os("COMPTOIR_PG_BIN").filter(|dir| !dir.is_empty()).map(PathBuf::from)
}

fn usual_dirs() -> Vec<PathBuf> {
    let on_path = env::var_os("PATH").map(|path| env::split_paths(&path).collect::<Vec<_>>()).unwrap_or_default();
    let packages =
        ["/usr/lib/postgresql", "/opt/homebrew/opt", "/usr/local/opt", "/home/linuxbrew/.linuxbrew/opt", "/usr"]
            .into_iter()
            .flat_map(|parent| package_dirs(Path::new(parent)));
    on_path.into_iter().chain(packages).collect()
}

/// `<parent>/15/bin` (Debian), `<parent>/postgresql@17/bin` (Homebrew), `<parent>/pgsql-16/bin` (Red Hat), newest first.
fn package_dirs(parent: &Path) -> Vec<PathBuf> {
    let Ok(entries) = parent.read_dir() else { return Vec::new() };
    let mut found: Vec<(u32, PathBuf)> = entries
        .flatten()
        .filter_map(|entry| {
            let name = entry.file_name().into_string().ok()?;
            let version = name.trim_start_matches("postgresql@").trim_start_matches("pgsql-");
            Some((version.parse().ok()?, entry.path().join("bin")))
        })
        .collect();
    found.sort_by_key(|(version, _)| Reverse(*version));
    found.into_iter().map(|(_, dir)| dir).collect()
}

fn search(dirs: Vec<PathBuf>, exactly: Option<u32>) -> Result<Binaries, ManagedError> {
    let mut looked = String::new();
    for dir in dirs {
        match usable(&dir, exactly) {
            Ok(binaries) => return Ok(binaries),
            // Writing to a String cannot fail.
            Err(reason) => _ = write!(looked, "\n  {}: {reason}", dir.display()),
        }
    }
    let wanted = match exactly {
        Some(major) => format!("version {major}, which made the cluster"),
        None => format!("version {OLDEST_MAJOR} or newer"),
    };
    Err(ManagedError::NoBinaries { wanted, looked })
}

fn usable(dir: &Path, exactly: Option<u32>) -> Result<Binaries, String> {
    let major = version_in(dir, "postgres", &["initdb", "postgres"])?;
    if major < OLDEST_MAJOR || exactly.is_some_and(|wanted| wanted != major) {
        return Err(format!("version {major}"));
    }
    Ok(Binaries { dir: dir.to_path_buf(), major })
}

/// The major version of `program` in `dir`, when all of `needed` are there.
fn version_in(dir: &Path, program: &str, needed: &[&str]) -> Result<u32, String> {
    if let Some(missing) = needed.iter().find(|name| !dir.join(name).is_file()) {
        return Err(format!("no `{missing}`"));
    }
    let output = Command::new(dir.join(program))
        .arg("--version")
        .output()
        .map_err(|error| format!("`{program}` cannot be run: {error}"))?;
    let text = String::from_utf8_lossy(&output.stdout);
    major_of(&text).ok_or_else(|| format!("`{program} --version` did not name a version ({})", output.status))
}

/// 15 of `postgres (PostgreSQL) 15.18 (Debian 15.18-0)`, 18 of `postgres (PostgreSQL) 18beta1`.
fn major_of(version: &str) -> Option<u32> {
    let (_, number) = version.split_once("(PostgreSQL) ")?;
    let digits = number.split(|c: char| !c.is_ascii_digit()).next()?;
    digits.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_major_version_is_read_from_releases_and_previews() {
        assert_eq!(major_of("postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)\n"), Some(15));
        assert_eq!(major_of("postgres (PostgreSQL) 18beta1"), Some(18));
        assert_eq!(major_of("Welcome"), None);
    }
}
