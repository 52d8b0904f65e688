//! Point-in-time recovery: a private PostgreSQL that archives its WAL, back as it was at an instant.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use app::backup::{Backups, Until, restore_to};
use app::config::Config;
use app::runtime::{self, Database};
use indicatif::ProgressBar;
use kernel::{SystemClock, Timestamp};
use platform::backup::BackupKind;
use platform::tenancy::{NewAdmin, NewTenant};
use sqlx::PgConnection;

use super::Room;
use crate::support::{PASSWORD, instant, settings_with};

fn tenant(slug: &str) -> NewTenant {
    NewTenant {
        slug: slug.into(),
        name: slug.into(),
        time_zone: "Europe/Paris".into(),
        entities: vec![("ONE".into(), "One".into())],
        admin: NewAdmin {
            email: format!("root@{slug}.example").parse().unwrap(),
            name: "Root".into(),
            password: Some(platform::identity::PlainPassword::new(PASSWORD)),
        },
    }
}

async fn slugs(owner: &mut PgConnection) -> Vec<String> {
    sqlx::query_scalar("select slug from platform.tenant order by slug").fetch_all(owner).await.unwrap()
}

/// Has the WAL so far archived.
async fn archive(owner: &mut PgConnection) {
    let segment: String =
        sqlx::query_scalar("select pg_walfile_name(pg_switch_wal())").fetch_one(&mut *owner).await.unwrap();
    let deadline = Instant::now() + Duration::from_mins(1);
    loop {
        let archived: Option<String> =
            sqlx::query_scalar("select last_archived_wal from pg_stat_archiver").fetch_one(&mut *owner).await.unwrap();
        if archived.is_some_and(|archived| archived >= segment) {
            return;
        }
        assert!(Instant::now() < deadline, "the WAL is not archived");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

async fn restored_slugs(dir: &Path) -> Vec<String> {
    let config = settings_with(dir, &[]);
    let (database, access) = runtime::open_for_command(&config).await.unwrap();
    let pool = platform::connect(database.app.clone(), 2).await.unwrap();
    assert_eq!(platform::schema::differences(&pool).await.unwrap(), Vec::<String>::new());
    pool.close().await;
    let mut owner = database.owner().await.unwrap();
    let found = slugs(&mut owner).await;
    let left: i64 =
        sqlx::query_scalar("select count(*) from pg_settings where name like 'recovery_target_time' and setting <> ''")
            .fetch_one(&mut owner)
            .await
            .unwrap();
    assert_eq!(left, 0, "the order to replay is taken back");
    drop(owner);
    runtime::close(access).await.unwrap();
    found
}

fn archived(config: &Config) -> usize {
    std::fs::read_dir(config.backup.wal_archive.as_ref().unwrap()).unwrap().count()
}

#[tokio::test]
async fn a_row_written_after_the_instant_is_absent_and_what_was_before_is_there() {
    let home = tempfile::tempdir().unwrap();
    std::fs::set_permissions(home.path(), std::fs::Permissions::from_mode(0o711)).unwrap();
    let data = home.path().join("it's data");
    let config = settings_with(
        &data,
        &[("COMPTOIR_WAL_ARCHIVE", data.join("wal-archive").to_str().unwrap()), ("COMPTOIR_BACKUP_KEEP_BASE", "1")],
    );
    let server = runtime::start_private(&config).await.unwrap();
    let database = Database::private(server.endpoint());
    let mut owner = database.owner().await.unwrap();
    platform::schema::migrate(&mut owner).await.unwrap();
    let now = instant("2026-02-11T09:00:00Z");
    platform::tenancy::create(&mut owner, now, &tenant("first")).await.unwrap();
    let backups = Backups::new(&config, &database, Arc::new(SystemClock));
    let before = restore_before_any(&config, home.path()).await;
    assert!(before.contains("No base backup"), "{before}");

    let base = backups.make(BackupKind::Base).await.unwrap();
    backups.verify(&base.about.object, None).await.unwrap();
    platform::tenancy::create(&mut owner, now, &tenant("second")).await.unwrap();
    let time: String =
        sqlx::query_scalar("select to_char(clock_timestamp() at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')")
            .fetch_one(&mut owner)
            .await
            .unwrap();
    platform::tenancy::create(&mut owner, now, &tenant("third")).await.unwrap();
    archive(&mut owner).await;

    let until = Until::At(time.parse::<Timestamp>().unwrap());
    let then = home.path().join("then");
    let restored = restore_to(&config, None, None, until, &then, ProgressBar::hidden()).await.unwrap();
    assert_eq!(restored.about.object, base.about.object);
    assert!(restored.last_commit.is_some());
    assert_eq!(restored_slugs(&then).await, ["first", "second"]);

    let latest = home.path().join("latest");
    restore_to(&config, None, None, Until::Latest, &latest, ProgressBar::hidden()).await.unwrap();
    assert_eq!(restored_slugs(&latest).await, ["first", "second", "third"]);

    let overwriting = restore_to(&config, None, None, Until::Latest, &latest, ProgressBar::hidden()).await.unwrap_err();
    assert!(overwriting.told().contains("a restore overwrites nothing"), "{}", overwriting.told());
    let beyond = Until::At(base.finished_at.minus_days(-30));
    let beyond =
        restore_to(&config, None, None, beyond, &home.path().join("beyond"), ProgressBar::hidden()).await.unwrap_err();
    assert!(
        beyond.told().contains("recovery ended before configured recovery target was reached"),
        "{}",
        beyond.told()
    );

    // A newer base backup takes the place of the older one and of the WAL that only that one needed.
    let many = archived(&config);
    tokio::time::sleep(Duration::from_millis(1100)).await;
    let newer = backups.make(BackupKind::Base).await.unwrap();
    let listed: Vec<_> = backups.list().await.unwrap().into_iter().map(|listed| listed.manifest.about.object).collect();
    assert_eq!(listed, [newer.about.object]);
    archive(&mut owner).await;
    assert!(archived(&config) <= many, "{} of {many}", archived(&config));
    let dump = backups.make(BackupKind::Dump).await.unwrap();
    assert_eq!(backups.drill(None, None).await.unwrap().object, dump.about.object, "a drill takes the newest dump");
    drop(owner);
    server.stop().await.unwrap();
}

async fn restore_before_any(config: &Config, home: &Path) -> String {
    restore_to(config, None, None, Until::Latest, &home.join("nothing"), ProgressBar::hidden())
        .await
        .unwrap_err()
        .told()
}

#[tokio::test]
async fn without_archived_wal_or_on_a_server_of_the_operators_there_is_no_base_backup() {
    let room = Room::new("baseless").await;
    let refusal = room.backups().make(BackupKind::Base).await.unwrap_err().told();
    assert!(refusal.contains("COMPTOIR_WAL_ARCHIVE"), "{refusal}");
    let output = room.program(&["backup", "--base"]);
    let output = { output }.env("COMPTOIR_BACKUP_RECIPIENT", recipient()).output().unwrap();
    assert!(String::from_utf8_lossy(&output.stderr).contains("the server's own business"), "{output:?}");
    assert_eq!(room.names(), Vec::<String>::new());
}

fn recipient() -> String {
    age::x25519::Identity::generate().to_public().to_string()
}
