//! The files beside the database that a backup holds.

use std::fs::{self, OpenOptions, Permissions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use platform::{Error, Result};
use tempfile::TempDir;

/// What of the data directory is the business's and not in the database: mail that waits for a transport, and the keys that
/// open sealed columns. The cluster is dumped, backups and WAL archives are copies, and the key of the backups must lie elsewhere.
const KEPT: [&str; 2] = ["mail", "secret-keys"];

/// The folder of these files in a backup.
pub(super) const FOLDER: &str = "files";

/// The files of `data_dir` that a backup holds, by their names in it; folders hold files only.
pub(super) fn find(data_dir: &Path) -> Result<Vec<(String, PathBuf)>> {
    let mut found = Vec::new();
    for name in KEPT {
        let path = data_dir.join(name);
        let listed = collect(&path, name, &mut found);
        listed.map_err(|error| Error::refused("backup_files", format!("Cannot read {}: {error}.", path.display())))?;
    }
    Ok(found)
}

fn collect(path: &Path, name: &str, found: &mut Vec<(String, PathBuf)>) -> io::Result<()> {
    let kind = match fs::symlink_metadata(path) {
        Ok(metadata) => metadata.file_type(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error),
    };
    if kind.is_file() {
        found.push((name.to_owned(), path.to_path_buf()));
    } else if kind.is_dir() {
        let mut entries: Vec<_> = fs::read_dir(path)?.collect::<io::Result<_>>()?;
        entries.sort_by_key(fs::DirEntry::file_name);
        for entry in entries {
            let Ok(below) = entry.file_name().into_string() else {
                return Err(io::Error::other(format!("the name of {} is no text", entry.path().display())));
            };
            collect(&entry.path(), &format!("{name}/{below}"), found)?;
        }
    }
    Ok(())
}

/// What of these files is in `data_dir` already, if anything is: a restore overwrites nothing.
pub(super) fn find_any(data_dir: &Path) -> Result<Option<PathBuf>> {
    Ok(find(data_dir)?.into_iter().next().map(|(_, path)| path))
}

/// Files of a backup on their way into a data directory: beside their places until the database is restored.
pub(super) struct Staged {
    folder: TempDir,
    data_dir: PathBuf,
    names: Vec<String>,
}

impl Staged {
    pub(super) fn beside(data_dir: &Path) -> Result<Self> {
        let folder = fs::create_dir_all(data_dir)
            .and_then(|()| tempfile::Builder::new().prefix("restore-").tempdir_in(data_dir));
        let folder = folder.map_err(|error| {
            Error::refused("restore_files", format!("Cannot write to {}: {error}.", data_dir.display()))
        })?;
        Ok(Self { folder, data_dir: data_dir.to_path_buf(), names: Vec::new() })
    }

    /// Takes one file; a name that no backup of ours holds is refused.
    pub(super) fn take(&mut self, name: &str, content: &mut dyn Read) -> io::Result<()> {
        let first = name.split('/').next().unwrap_or_default();
        if !KEPT.contains(&first) {
            return Err(io::Error::new(io::ErrorKind::InvalidData, format!("a backup does not hold {name}")));
        }
        let path = self.folder.path().join(name);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent)?;
        }
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
        io::copy(content, &mut file)?;
        file.flush()?;
        file.sync_all()?;
        self.names.push(name.to_owned());
        Ok(())
    }

    /// Puts them into their places; returns how many there were.
    pub(super) fn settle(self) -> Result<usize> {
        let moved = self.names.iter().try_for_each(|name| {
            let (from, to) = (self.folder.path().join(name), self.data_dir.join(name));
            let folder = to.parent().unwrap_or(&self.data_dir);
            if !folder.exists() {
                fs::create_dir_all(folder)?;
                fs::set_permissions(folder, Permissions::from_mode(0o700))?;
            }
            fs::hard_link(&from, &to).or_else(|error| match error.kind() {
                io::ErrorKind::AlreadyExists => Err(error),
                _ => fs::rename(&from, &to),
            })
        });
        moved.map_err(|error| {
            let detail = format!("The files of the backup cannot be put into {}: {error}.", self.data_dir.display());
            Error::refused("restore_files", detail)
        })?;
        Ok(self.names.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_found_comes_back_to_its_place_and_nothing_is_overwritten() {
        let (from, to) = (TempDir::new().unwrap(), TempDir::new().unwrap());
        fs::create_dir_all(from.path().join("mail")).unwrap();
        fs::create_dir_all(from.path().join("postgres")).unwrap();
        for (name, content) in
            [("mail/1.eml", "a"), ("secret-keys", "k"), ("postgres/PG_VERSION", "15"), ("comptoir.lock", "")]
        {
            fs::write(from.path().join(name), content).unwrap();
        }
        let found = find(from.path()).unwrap();
        assert_eq!(found.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(), ["mail/1.eml", "secret-keys"]);
        let restore = || {
            let mut staged = Staged::beside(to.path()).unwrap();
            for (name, path) in &found {
                staged.take(name, &mut fs::File::open(path).unwrap()).unwrap();
            }
            staged.settle()
        };
        assert_eq!(restore().unwrap(), 2);
        assert_eq!(fs::read_to_string(to.path().join("mail/1.eml")).unwrap(), "a");
        assert_eq!(fs::metadata(to.path().join("secret-keys")).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(find_any(to.path()).unwrap(), Some(to.path().join("mail/1.eml")));
        assert!(restore().unwrap_err().told().contains("exists"));
        let refused = Staged::beside(to.path()).unwrap().take("postgres/PG_VERSION", &mut io::empty()).unwrap_err();
        assert!(refused.to_string().contains("does not hold"), "{refused}");
    }
}
