//! Keys: backups are encrypted to the public keys of their recipients, and opened with an identity (age, X25519).

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use age::secrecy::ExposeSecret as _;
use age::x25519::{Identity, Recipient};
use kernel::Timestamp;
use platform::{Error, Result};

use crate::config::Config;

/// The file of the identity that is made when the operator names no recipient.
const OWN_IDENTITY: &str = "backup-identity";

/// Whose keys will open a backup: those the operator named. Without any, a private installation uses the identity of its own,
/// made at the first backup.
///
/// Refused when a database of the operator's is to be backed up for nobody.
pub(super) fn recipients(config: &Config, now: Timestamp) -> Result<Vec<Recipient>> {
    if !config.backup.recipients.is_empty() {
        return Ok(config.backup.recipients.clone());
    }
    let file = identity_file(config, None);
    if !file.exists() {
        if config.database_url.is_some() {
            let detail = "Nobody could open a backup: set COMPTOIR_BACKUP_RECIPIENT to the public key (age1…) of an age identity, \
                which `age-keygen` makes.";
            return Err(Error::refused("backup_recipient", detail));
        }
        make_identity(&file, now)?;
    }
    Ok(read_identities(&file)?.iter().map(Identity::to_public).collect())
}

/// The identities that open backups: of the file `named`, else of the setting, else of the installation itself.
pub(super) fn identities(config: &Config, named: Option<&Path>) -> Result<Vec<Identity>> {
    read_identities(&identity_file(config, named))
}

fn identity_file(config: &Config, named: Option<&Path>) -> PathBuf {
    let chosen = named.map(Path::to_path_buf).or_else(|| config.backup.identity_file.clone());
    chosen.unwrap_or_else(|| config.data_dir.join(OWN_IDENTITY))
}

fn read_identities(file: &Path) -> Result<Vec<Identity>> {
    let unusable = |why: String| {
        let detail = format!(
            "The identity in {} {why}. It opens the backups; name its file with --identity or COMPTOIR_BACKUP_IDENTITY_FILE.",
            file.display()
        );
        Error::refused("backup_identity", detail)
    };
    let text = fs::read_to_string(file).map_err(|error| unusable(format!("cannot be read: {error}")))?;
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    let parsed: Result<Vec<Identity>, &str> = lines.map(str::parse).collect();
    let identities = parsed.map_err(|why| unusable(format!("is not one of age (AGE-SECRET-KEY-1…): {why}")))?;
    if identities.is_empty() {
        return Err(unusable("is missing: the file holds no key".to_owned()));
    }
    Ok(identities)
}

/// Makes the installation's own identity, readable by nobody else, unless another process was faster.
fn make_identity(file: &Path, now: Timestamp) -> Result<()> {
    let identity = Identity::generate();
    let text = format!(
        "# The key that opens the backups of this installation. Without it no backup can be restored:\n\
         # keep a copy away from this machine. Made at {now}.\n# public key: {}\n{}\n",
        identity.to_public(),
        identity.to_string().expose_secret()
    );
    let folder = file.parent().unwrap_or(Path::new("."));
    let made = fs::create_dir_all(folder).and_then(|()| {
        let mut draft = tempfile::NamedTempFile::new_in(folder)?;
        draft.write_all(text.as_bytes())?;
        draft.as_file().sync_all()?;
        match draft.persist_noclobber(file) {
            Err(error) if error.error.kind() != io::ErrorKind::AlreadyExists => Err(error.error),
            _ => fs::File::open(folder)?.sync_all(),
        }
    });
    made.map_err(|error| {
        Error::refused(
            "backup_identity",
            format!("The key of the backups cannot be written to {}: {error}.", file.display()),
        )
    })?;
    tracing::warn!(
        file = %file.display(),
        "a key was made that opens the backups. KEEP A COPY OF THIS FILE AWAY FROM THIS MACHINE: without it no backup can be restored"
    );
    Ok(())
}
