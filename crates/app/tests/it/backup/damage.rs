//! What is not as it was made is noticed, told and recorded; nothing is restored from it.

use std::fs;

use app::backup::{Source, restore};
use indicatif::ProgressBar;
use platform::backup::BackupKind;
use sqlx::Connection as _;

use super::Room;
use crate::support::database_of_its_own;

#[tokio::test]
async fn t_07_a_flipped_byte_fails_verification_drill_and_restore_and_the_reason_is_recorded() {
    let room = Room::new("flipped").await;
    let made = room.backups().make(BackupKind::Dump).await.unwrap();
    let object = made.about.object.clone();
    assert_eq!(room.backups().verify(&object, None).await.unwrap().sha256, made.sha256);
    let mut bytes = fs::read(room.object(&object)).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(room.object(&object), bytes).unwrap();

    let verified = room.backups().verify(&object, None).await.unwrap_err().told();
    room.tick();
    let drilled = room.backups().drill(None, None).await.unwrap_err().told();
    let data = tempfile::tempdir().unwrap();
    let config = room.beside("flipped_again", data.path()).await;
    let source = Source { name: object.clone(), identity: None };
    let restored = restore(&config, &source, None, ProgressBar::hidden()).await.unwrap_err().told();

    let expected = format!("The backup {object} in the folder {} cannot be used:", room.folder().display());
    for refusal in [&verified, &drilled, &restored] {
        assert!(refusal.starts_with(&expected), "{refusal}");
    }
    let proofs = room.proofs().await;
    assert_eq!(proofs.len(), 1);
    assert_eq!(
        (proofs[0].0.as_str(), proofs[0].1.as_deref().map(|error| &drilled[..error.len()] == error)),
        ("failed", Some(true))
    );
    assert_eq!(room.scratch_databases().await, 0);
    let (owner, _) = database_of_its_own("comptoir_flipped_again").await;
    let mut owner = sqlx::PgConnection::connect_with(&owner).await.unwrap();
    let tables: i64 = sqlx::query_scalar("select count(*) from pg_namespace where nspname = 'platform'")
        .fetch_one(&mut owner)
        .await
        .unwrap();
    assert_eq!(tables, 0, "the target is as empty as it was");
    // The newest backup, though nobody has proven it, outlives any retention; the older, damaged one is still listed.
    assert_eq!(room.backups().list().await.unwrap()[0].proven_at, None);
}

#[tokio::test]
async fn a_backup_that_was_replaced_by_another_good_one_is_noticed() {
    let room = Room::new("replaced").await;
    let first = room.backups().make(BackupKind::Dump).await.unwrap();
    // Of several on one day only the last stays.
    room.clock.set(crate::support::instant("2026-02-12T09:00:00Z"));
    let second = room.backups().make(BackupKind::Dump).await.unwrap();
    let (first, second) = (first.about.object, second.about.object);
    fs::copy(room.object(&first), room.object(&second)).unwrap();
    let refusal = room.backups().verify(&second, None).await.unwrap_err().told();
    assert!(refusal.contains("its manifest says"), "{refusal}");
    // With its manifest rewritten to fit, only the records tell.
    let manifest = |object: &str| room.object(&object.replace(".comptoir", ".manifest.json"));
    let forged = fs::read_to_string(manifest(&first)).unwrap().replace("\"bytes\"", " \"bytes\"");
    fs::write(manifest(&first), forged).unwrap();
    let tamper = "update platform.backup_run set sha256 = repeat('0', 64) where object = $1";
    sqlx::query(tamper).bind(&first).execute(&mut room.owner().await).await.unwrap();
    let refusal = room.backups().verify(&first, None).await.unwrap_err().told();
    assert!(refusal.contains("is not the backup that was made"), "{refusal}");
}

#[tokio::test]
async fn another_identity_does_not_open_a_backup_and_says_which_file_it_was() {
    let room = Room::new("stranger").await;
    let made = room.backups().make(BackupKind::Dump).await.unwrap();
    let other = room.data.path().join("other-key");
    let identity = age::x25519::Identity::generate();
    fs::write(&other, age::secrecy::ExposeSecret::expose_secret(&identity.to_string())).unwrap();

    let refusal = room.backups().verify(&made.about.object, Some(&other)).await.unwrap_err().told();
    assert!(refusal.contains("cannot be used: No matching keys found"), "{refusal}");
    fs::write(&other, "not a key\n").unwrap();
    let refusal = room.backups().verify(&made.about.object, Some(&other)).await.unwrap_err().told();
    assert!(refusal.contains(&format!("The identity in {} is not one of age", other.display())), "{refusal}");
    let missing = room.data.path().join("nowhere");
    let refusal = room.backups().verify(&made.about.object, Some(&missing)).await.unwrap_err().told();
    assert!(refusal.contains("cannot be read") && refusal.contains("--identity"), "{refusal}");
}

#[tokio::test]
async fn the_key_that_is_made_is_nobody_elses_and_a_manifest_holds_no_personal_data() {
    use std::os::unix::fs::PermissionsExt as _;
    let room = Room::new("clear").await;
    let made = room.backups().make(BackupKind::Dump).await.unwrap();
    let bits = |path: std::path::PathBuf| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(bits(room.data.path().join("backup-identity")), 0o600);
    assert_eq!((bits(room.folder()), bits(room.object(&made.about.object))), (0o700, 0o600));
    let manifest = fs::read_to_string(room.object(&made.about.object.replace(".comptoir", ".manifest.json"))).unwrap();
    for personal in ["claire", "Claire", "0612345679", "612345679", "Acme"] {
        assert!(!manifest.contains(personal), "{personal}");
    }
    let object = fs::read(room.object(&made.about.object)).unwrap();
    assert!(object.starts_with(b"age-encryption.org/v1"), "an age file, which other tools open too");
}

#[tokio::test]
async fn without_a_recipient_a_database_of_the_operators_is_not_backed_up_for_nobody() {
    let room = Room::new("nobody").await;
    let data = tempfile::tempdir().unwrap();
    let mut config = room.beside("nobody_else", data.path()).await;
    config.backup.identity_file = None;
    let backups = app::backup::Backups::new(&config, &room.database, room.clock.clone());
    let refusal = backups.make(BackupKind::Dump).await.unwrap_err().told();
    assert!(refusal.contains("COMPTOIR_BACKUP_RECIPIENT"), "{refusal}");
    assert_eq!(room.runs().await[0].0, "failed");
    config.backup.to = None;
    let backups = app::backup::Backups::new(&config, &room.database, room.clock.clone());
    assert!(backups.make(BackupKind::Dump).await.unwrap_err().told().contains("COMPTOIR_BACKUP_TO"));
    let bound = database_of_its_own("comptoir_bound").await.1;
    let bound = app::runtime::Database { app: bound, owner: None };
    let backups = app::backup::Backups::new(&room.config, &bound, room.clock.clone());
    assert!(backups.make(BackupKind::Dump).await.unwrap_err().told().contains("COMPTOIR_OWNER_URL"));
}
