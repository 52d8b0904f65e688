//! The settings of backups: where to, for whom, when, how long.

use std::path::PathBuf;
use std::str::FromStr;

use age::x25519::Recipient;
use croner::Cron;
use kernel::{Timestamp, Zone};
use secrecy::SecretString;

use super::{ConfigError, Sources};

/// What an installation may set about its backups. Its `Debug` shows no secret.
#[derive(Clone, Debug)]
pub struct BackupSettings {
    /// Where backups go; none is `<data-dir>/backups` with a private PostgreSQL, and nowhere with one of the operator's.
    pub to: Option<BackupTo>,
    /// Whose keys open them; none is the key in `<data-dir>/backup-identity`.
    pub recipients: Vec<Recipient>,
    /// The file with the key that opens them here, for restores and drills; none is `<data-dir>/backup-identity`.
    pub identity_file: Option<PathBuf>,
    /// Of how many days the last backup is kept.
    pub keep_daily: u16,
    /// Of how many months the last backup is kept.
    pub keep_monthly: u16,
    /// How many base backups are kept.
    pub keep_base: u16,
    /// When the service makes one.
    pub schedule: Rhythm,
    /// When the service proves that the last one can be restored.
    pub drill: Rhythm,
    /// How to reach a store that speaks S3.
    pub s3: S3Settings,
    /// Where the private PostgreSQL archives its WAL; none archives none.
    pub wal_archive: Option<PathBuf>,
}

/// How to reach a store that speaks S3.
#[derive(Clone, Debug)]
pub struct S3Settings {
    /// Its address; none is that of AWS.
    pub endpoint: Option<String>,
    /// Its region.
    pub region: String,
    /// The id of the access key; none leaves it to the machine's own role.
    pub access_key: Option<SecretString>,
    /// The access key.
    pub secret_key: Option<SecretString>,
}

/// Where backups go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BackupTo {
    /// A folder.
    Folder(PathBuf),
    /// A bucket of a store that speaks S3, and what names in it begin with.
    Bucket {
        /// The bucket.
        name: String,
        /// Without slashes at its ends; may be empty.
        prefix: String,
    },
}

impl FromStr for BackupTo {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let Some(rest) = text.strip_prefix("s3://") else {
            return match text.split_once("://") {
                Some((scheme, _)) => {
                    Err(format!("`{scheme}://` is not supported: it is a folder or s3://bucket/prefix"))
                }
                None => Ok(Self::Folder(text.into())),
            };
        };
        let (name, prefix) = rest.split_once('/').unwrap_or((rest, ""));
        if name.is_empty() {
            return Err(format!("`{text}` must read s3://bucket/prefix"));
        }
        Ok(Self::Bucket { name: name.to_owned(), prefix: prefix.trim_matches('/').to_owned() })
    }
}

/// When something is due again and again: a cron expression, or never.
#[derive(Clone, Debug)]
pub struct Rhythm(Option<Cron>);

impl Rhythm {
    /// The latest time it was due in `zone`, not after `now`; none when it never is.
    pub fn last_due(&self, now: Timestamp, zone: &Zone) -> Option<Timestamp> {
        platform::job::schedule::latest(self.0.as_ref()?, now, zone)
    }
}

impl FromStr for Rhythm {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text == "off" {
            return Ok(Self(None));
        }
        let cron = Cron::from_str(text);
        cron.map(|cron| Self(Some(cron)))
            .map_err(|_| format!("`{text}` must be a cron expression such as `0 2 * * *`, or off"))
    }
}

impl BackupSettings {
    /// Reads the settings from where they are given.
    pub(super) fn load(sources: &Sources) -> Result<Self, ConfigError> {
        use super::defaults::{BACKUP_DRILL, BACKUP_SCHEDULE, KEEP_BASE, KEEP_DAILY, KEEP_MONTHLY, S3_REGION};
        let secret = |key| Ok(sources.secret::<String>(key)?.map(SecretString::from));
        Ok(Self {
            to: sources.optional("backup_to")?,
            recipients: sources.list("backup_recipient", parse_recipient)?,
            identity_file: sources.optional("backup_identity_file")?,
            keep_daily: sources.value("backup_keep_daily", KEEP_DAILY)?,
            keep_monthly: sources.value("backup_keep_monthly", KEEP_MONTHLY)?,
            keep_base: sources.value("backup_keep_base", KEEP_BASE)?,
            schedule: sources.value("backup_schedule", BACKUP_SCHEDULE)?,
            drill: sources.value("backup_drill", BACKUP_DRILL)?,
            s3: S3Settings {
                endpoint: sources.optional("backup_s3_endpoint")?,
                region: sources.value("backup_s3_region", S3_REGION)?,
                access_key: secret("backup_s3_access_key")?,
                secret_key: secret("backup_s3_secret_key")?,
            },
            wal_archive: sources.optional("wal_archive")?,
        })
    }
}

fn parse_recipient(text: &str) -> Result<Recipient, String> {
    text.parse().map_err(|_| format!("`{text}` is not the public key of an age identity (age1…)"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_is_a_folder_or_a_bucket() {
        let bucket = |name: &str, prefix: &str| BackupTo::Bucket { name: name.to_owned(), prefix: prefix.to_owned() };
        assert_eq!("/srv/backups".parse(), Ok(BackupTo::Folder("/srv/backups".into())));
        assert_eq!("s3://safe/comptoir/a/".parse(), Ok(bucket("safe", "comptoir/a")));
        assert_eq!("s3://safe".parse(), Ok(bucket("safe", "")));
        assert_eq!("s3:///x".parse::<BackupTo>(), Err("`s3:///x` must read s3://bucket/prefix".to_owned()));
        assert!("ftp://x/y".parse::<BackupTo>().unwrap_err().contains("`ftp://` is not supported"));
    }

    #[test]
    fn a_rhythm_keeps_its_hour_over_summer_time_and_catches_up_however_late() {
        let paris = Zone::named("Europe/Paris").unwrap();
        let nightly: Rhythm = "0 2 * * *".parse().unwrap();
        for (now, due) in [
            ("2026-02-11T09:00:00Z", "2026-02-11T01:00:00Z"),
            ("2026-02-11T00:59:59Z", "2026-02-10T01:00:00Z"),
            ("2026-07-01T12:00:00Z", "2026-07-01T00:00:00Z"),
        ] {
            assert_eq!(nightly.last_due(now.parse().unwrap(), &paris).unwrap().to_string(), due, "{now}");
        }
        let off: Rhythm = "off".parse().unwrap();
        assert_eq!(off.last_due("2026-02-11T09:00:00Z".parse().unwrap(), &paris), None);
        assert!("at night".parse::<Rhythm>().unwrap_err().contains("a cron expression"));
    }
}
