//! `comptoir backup` and `comptoir restore`

use std::path::PathBuf;

use clap::{Args, Subcommand};
use kernel::Timestamp;

use crate::backup::Until;

/// `comptoir backup`
#[derive(Clone, Args)]
#[command(
    args_conflicts_with_subcommands = true,
    after_help = "The service makes one every night and proves every week that it can be restored.\n\n\
    Settings, as variables or in lower case without COMPTOIR_ in comptoir.toml:\n  \
    COMPTOIR_BACKUP_TO             a folder, or s3://bucket/prefix; for one installation alone\n                                 \
    [default: <data-dir>/backups with the private PostgreSQL]\n  \
    COMPTOIR_BACKUP_RECIPIENT      public keys of age identities, separated by commas\n                                 \
    [default: that of <data-dir>/backup-identity, which is made]\n  \
    COMPTOIR_BACKUP_IDENTITY_FILE  the key that opens them here [default: <data-dir>/backup-identity]\n  \
    COMPTOIR_BACKUP_SCHEDULE       a cron expression in the default tenant's zone, or off [default: 0 2 * * *]\n  \
    COMPTOIR_BACKUP_DRILL          the same for drills [default: 0 4 * * 0]\n  \
    COMPTOIR_BACKUP_KEEP_DAILY     of how many days the last one stays [default: 30]\n  \
    COMPTOIR_BACKUP_KEEP_MONTHLY   of how many months the last one stays [default: 12]\n  \
    COMPTOIR_BACKUP_KEEP_BASE      how many base backups stay [default: 2]\n  \
    COMPTOIR_BACKUP_S3_ENDPOINT    the address of the store [default: that of AWS]\n  \
    COMPTOIR_BACKUP_S3_REGION      its region [default: us-east-1]\n  \
    COMPTOIR_BACKUP_S3_ACCESS_KEY, COMPTOIR_BACKUP_S3_SECRET_KEY, or each with _FILE   its keys\n  \
    COMPTOIR_WAL_ARCHIVE           where the private PostgreSQL archives its WAL [default: nowhere]\n\n\
    Examples:\n  \
    comptoir backup                 back everything up now\n  \
    comptoir backup list            what there is, and what was proven\n  \
    comptoir backup verify backup_20260214T010000Z\n  \
    comptoir backup drill           restore the newest into a scratch database and work with it\n  \
    comptoir backup --base          the start of point-in-time recovery"
)]
pub struct Backup {
    /// What else than backing up.
    #[command(subcommand)]
    pub command: Option<BackupCommand>,
    /// The files of the private PostgreSQL, from which archived WAL leads to any later instant
    #[arg(long)]
    pub base: bool,
}

/// What else than backing up.
#[derive(Clone, Subcommand)]
pub enum BackupCommand {
    /// List the backups at the target
    List,
    /// Read a backup from its first byte to its last: it is the one that was made, and can be opened
    Verify(BackupNamed),
    /// Prove that a backup can be restored and worked with, in a scratch database
    Drill(BackupDrill),
}

/// `comptoir backup verify`
#[derive(Clone, Args)]
pub struct BackupNamed {
    /// The backup, as `comptoir backup list` shows it
    pub name: String,
    /// The file of the age identity that opens it [default: the installation's own]
    #[arg(long, value_name = "FILE")]
    pub identity: Option<PathBuf>,
}

/// `comptoir backup drill`
#[derive(Clone, Args)]
pub struct BackupDrill {
    /// The backup, as `comptoir backup list` shows it [default: the newest]
    pub name: Option<String>,
    /// The file of the age identity that opens it [default: the installation's own]
    #[arg(long, value_name = "FILE")]
    pub identity: Option<PathBuf>,
}

/// `comptoir restore`
#[derive(Clone, Args)]
#[command(
    after_help = "Nothing is overwritten: the target must be empty. Without --into-data-dir it is the database of the \
    configuration, with COMPTOIR_OWNER_URL where that is one of your own.\n\n\
    Examples:\n  \
    comptoir restore backup_20260214T010000Z --into-data-dir /srv/restored\n  \
    comptoir restore /mnt/usb/backup_20260214T010000Z.comptoir --identity key.txt --into-data-dir /srv/restored\n  \
    comptoir restore --to-time 2026-02-14T09:30:00Z --into-data-dir /srv/restored"
)]
pub struct Restore {
    /// The backup: a file, or its name at COMPTOIR_BACKUP_TO
    #[arg(value_name = "NAME|FILE", required_unless_present = "to_time")]
    pub name: Option<String>,
    /// The data directory of a private PostgreSQL, made when missing
    #[arg(long, value_name = "DIR")]
    pub into_data_dir: Option<PathBuf>,
    /// The file of the age identity that opens it [default: the installation's own]
    #[arg(long, value_name = "FILE")]
    pub identity: Option<PathBuf>,
    /// Replay the archived WAL over a base backup up to this instant, as RFC 3339, or `latest`
    #[arg(long, value_name = "INSTANT", requires = "into_data_dir", value_parser = parse_until)]
    pub to_time: Option<Until>,
}

fn parse_until(text: &str) -> Result<Until, String> {
    if text == "latest" {
        return Ok(Until::Latest);
    }
    let at: Result<Timestamp, _> = text.parse();
    at.map(Until::At).map_err(|_| "it must read like 2026-02-14T09:30:00Z, or latest".to_owned())
}
