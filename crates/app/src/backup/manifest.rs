//! What a backup says about itself. It holds counts and sums, no personal data, so that it may lie beside the backup in the
//! clear.

use kernel::Timestamp;
use platform::backup::{BackupKind, Totals};
use platform::{Error, Result};
use serde::{Deserialize, Serialize};

/// The way backups are laid out; another number is another way.
pub(super) const FORMAT: u32 = 1;

/// The end of the name of a backup.
pub(super) const OBJECT: &str = ".comptoir";
/// The end of the name of what says what a backup holds.
pub(super) const MANIFEST: &str = ".manifest.json";

/// What is known before the first byte is written; it stands inside the backup too.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct About {
    /// How the backup is laid out.
    pub format: u32,
    /// What it holds.
    pub kind: BackupKind,
    /// The name of its object.
    pub object: String,
    /// The version of Comptoir that made it.
    pub comptoir: String,
    /// The newest migration of its schema.
    pub schema: i64,
    /// The version of PostgreSQL it comes from.
    pub postgres: String,
    /// When it was begun.
    pub started_at: Timestamp,
    /// The position in the WAL before its first byte was read.
    pub wal_position: String,
    /// The segment of the WAL that this position lies in: a base backup needs the archive from here on.
    pub wal_segment: String,
    /// Whose keys open it.
    pub recipients: Vec<String>,
    /// How many files of the data directory it holds.
    pub files: usize,
    /// What every table holds; empty in a base backup.
    pub totals: Totals,
}

/// What is known once it is whole.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// What it holds.
    #[serde(flatten)]
    pub about: About,
    /// When it was whole.
    pub finished_at: Timestamp,
    /// The size of its object.
    pub bytes: u64,
    /// The SHA-256 of its object, in lower-case hexadecimal digits.
    pub sha256: String,
}

impl About {
    /// Refused when this binary cannot read the backup: it is laid out in another way, or its schema is newer.
    pub(super) fn check_readable(&self) -> Result<()> {
        if self.format != FORMAT {
            let detail = format!(
                "{} is laid out in the way {}, and this binary knows {FORMAT}: restore it with the version {} that made it, or a newer one.",
                self.object, self.format, self.comptoir
            );
            return Err(Error::refused("backup_format", detail));
        }
        let newest = platform::schema::newest();
        if self.schema > newest {
            let detail = format!(
                "{} has the schema {:04} of Comptoir {}, which is newer than this binary's {newest:04}: restore it with that version, or a newer one.",
                self.object, self.schema, self.comptoir
            );
            return Err(Error::refused("backup_newer", detail));
        }
        Ok(())
    }
}

/// The name of a backup that was begun at `at`, such as `backup_20260214T010000Z.comptoir`.
pub(super) fn object_name(kind: BackupKind, at: Timestamp) -> String {
    let stem = match kind {
        BackupKind::Dump => "backup",
        BackupKind::Base => "base",
    };
    format!("{stem}_{}{OBJECT}", at.jiff().strftime("%Y%m%dT%H%M%SZ"))
}

/// The name of the manifest beside `object`.
pub(super) fn manifest_name(object: &str) -> String {
    format!("{}{MANIFEST}", object.strip_suffix(OBJECT).unwrap_or(object))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_backup_is_named_after_the_time_it_was_begun() {
        let at = "2026-02-14T01:00:09.5Z".parse().unwrap();
        let name = object_name(BackupKind::Dump, at);
        assert_eq!(name, "backup_20260214T010009Z.comptoir");
        assert_eq!(manifest_name(&name), "backup_20260214T010009Z.manifest.json");
        assert!(object_name(BackupKind::Base, at).starts_with("base_"));
    }
}
