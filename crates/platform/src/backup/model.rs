//! The states of backups and proofs.

use kernel::Timestamp;

/// How long the reason of a failure may be, in characters (spec/trade.md §7).
const LONGEST_ERROR: usize = 500;

crate::words! {
    /// What a backup holds.
    BackupKind {
        /// Everything in the database, as of one instant, and the files beside it.
        Dump = "dump",
        /// The files of the server, from which archived WAL leads to any later instant.
        Base = "base",
    }
}

crate::lifecycle! {
    /// Where a backup stands.
    pub enum BackupState: "backup_run" {
        /// Being made.
        Running = "running" => [Succeeded, Failed, Abandoned],
        /// Whole, at its target.
        Succeeded = "succeeded" => [],
        /// Given up, with a reason.
        Failed = "failed" => [],
        /// Whoever made it was lost.
        Abandoned = "abandoned" => [],
    }
    born: [Running]
}

crate::lifecycle! {
    /// Where the proof of a restore stands.
    pub enum ProofState: "restore_proof" {
        /// Under way.
        Running = "running" => [Succeeded, Failed, Abandoned],
        /// The backup was restored, compared and worked with.
        Succeeded = "succeeded" => [],
        /// It could not be, with a reason.
        Failed = "failed" => [],
        /// Whoever tried was lost.
        Abandoned = "abandoned" => [],
    }
    born: [Running]
}

/// How the installation's backups stand.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// When the last backup that succeeded was begun: what it holds is as old.
    pub last_success_at: Option<Timestamp>,
    /// How the last backup ended, or that it is running.
    pub last_state: Option<BackupState>,
    /// Why the last backup failed, if it did.
    pub last_error: Option<String>,
    /// When the last restore was proven.
    pub last_proven_at: Option<Timestamp>,
    /// How the last proof ended, or that it is running.
    pub last_proof_state: Option<ProofState>,
    /// Why the last proof failed, if it did.
    pub last_proof_error: Option<String>,
}

/// The reason of a failure as it is kept: at most 500 characters, with each of `secrets` blotted out.
pub fn shortened(reason: &str, secrets: &[&str]) -> String {
    let mut text = reason.trim().to_owned();
    for secret in secrets.iter().filter(|secret| !secret.is_empty()) {
        text = text.replace(secret, "…");
    }
    match text.char_indices().nth(LONGEST_ERROR) {
        None => text,
        Some(_) => text.chars().take(LONGEST_ERROR - 1).chain(['…']).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_is_kept_short_and_without_secrets() {
        assert_eq!(shortened(" denied for hunter2 at db \n", &["hunter2", ""]), "denied for … at db");
        let long = shortened(&"é".repeat(700), &[]);
        assert_eq!((long.chars().count(), long.ends_with("é…")), (500, true));
        assert_eq!(shortened(&"é".repeat(500), &[]).chars().count(), 500);
    }
}
