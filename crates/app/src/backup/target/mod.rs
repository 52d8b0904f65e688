//! Where backups lie: a folder, or a bucket of a store that speaks S3.

mod bucket;
mod folder;

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::Path;

use platform::{Error, Result};

use crate::config::{BackupTo, Config};
use bucket::Bucket;
use folder::Folder;

/// Where backups lie.
pub(super) enum Target {
    Folder(Folder),
    Bucket(Bucket),
}

/// Something that is being written to a target. Nothing bears its name before it is kept, and dropping it removes it.
pub(super) trait Draft: Write + Send {
    /// Gives it its name, once all of it will outlast a loss of power.
    fn keep(self: Box<Self>) -> io::Result<()>;
}

impl Target {
    /// The target of the configuration; none when backups are the operator's business.
    pub(super) fn of(config: &Config) -> Result<Option<Self>> {
        Ok(match &config.backup.to {
            Some(BackupTo::Folder(folder)) => Some(Self::Folder(Folder::new(folder))),
            Some(BackupTo::Bucket { name, prefix }) => {
                Some(Self::Bucket(Bucket::try_new(name, prefix, &config.backup.s3)?))
            }
            None if config.database_url.is_none() => Some(Self::Folder(Folder::new(&config.data_dir.join("backups")))),
            None => None,
        })
    }

    /// Where it is, for people.
    pub(super) fn place(&self) -> String {
        match self {
            Self::Folder(folder) => folder.place(),
            Self::Bucket(bucket) => bucket.place(),
        }
    }

    /// The names of what lies there, in order. Call it, and all that follows, where blocking is allowed.
    pub(super) fn names(&self) -> Result<Vec<String>> {
        let found = match self {
            Self::Folder(folder) => folder.names(),
            Self::Bucket(bucket) => bucket.names(),
        };
        let mut names = found.map_err(|error| self.failed("listing", &error))?;
        names.sort_unstable();
        Ok(names)
    }

    /// Begins to write `name`.
    pub(super) fn create(&self, name: &str) -> Result<Box<dyn Draft>> {
        let draft = match self {
            Self::Folder(folder) => folder.create(name),
            Self::Bucket(bucket) => Ok(bucket.create(name)),
        };
        draft.map_err(|error| self.failed("writing to", &error))
    }

    /// Reads `name`.
    ///
    /// Refused, saying so, when there is no such thing.
    pub(super) fn open(&self, name: &str) -> Result<Box<dyn Read + Send>> {
        let reader = match self {
            Self::Folder(folder) => folder.open(name),
            Self::Bucket(bucket) => bucket.open(name),
        };
        reader.map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => {
                Error::refused("no_such_backup", format!("There is no {name} in {}.", self.place()))
            }
            _ => self.failed("reading", &error),
        })
    }

    /// Removes `name`; that it is gone already is fine.
    pub(super) fn remove(&self, name: &str) -> Result<()> {
        let removed = match self {
            Self::Folder(folder) => folder.remove(name),
            Self::Bucket(bucket) => bucket.remove(name),
        };
        match removed {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(self.failed("removing from", &error)),
            _ => Ok(()),
        }
    }

    /// Removes what somebody who was lost had written of `name`.
    pub(super) fn remove_draft(&self, name: &str) -> Result<()> {
        match self {
            Self::Folder(folder) => match folder.remove_draft(name) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => Err(self.failed("removing from", &error)),
                _ => Ok(()),
            },
            // The store keeps the parts of an unfinished upload to itself, until its own rules remove them.
            Self::Bucket(_) => Ok(()),
        }
    }

    fn failed(&self, doing: &str, error: &io::Error) -> Error {
        Error::refused("backup_target", format!("The target failed while {doing} {}: {error}.", self.place()))
    }
}

/// A backup that was brought as a file of its own.
pub(super) fn open_file(path: &Path) -> Result<Box<dyn Read + Send>> {
    let file = File::open(path);
    let file =
        file.map_err(|error| Error::refused("backup_file", format!("Cannot read {}: {error}.", path.display())))?;
    Ok(Box::new(file))
}
