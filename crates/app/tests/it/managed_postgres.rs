//! The private PostgreSQL on the programs of this machine.

use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use app::postgres::{Access, Durability, Endpoint, ManagedError, ManagedOptions, ManagedPostgres, Role};
use nix::sys::signal::{Signal, kill};
use nix::unistd::{Pid, geteuid};
use sqlx::{ConnectOptions as _, Executor as _, PgConnection};
use tempfile::TempDir;

/// A data directory that the unprivileged account of the cluster can reach.
fn data_dir() -> TempDir {
    let dir = TempDir::new().unwrap();
    fs::set_permissions(dir.path(), Permissions::from_mode(0o711)).unwrap();
    dir
}

fn quick(data_dir: &Path) -> ManagedOptions {
    ManagedOptions { durability: Durability::None, max_connections: 10, ..ManagedOptions::new(data_dir) }
}

async fn owner(postgres: &ManagedPostgres) -> PgConnection {
    postgres.owner_options("comptoir").connect().await.unwrap()
}

/// Kills the server and everything it started, as a machine that loses power would.
fn kill_all(server: i32) {
    let children = fs::read_to_string(format!("/proc/{server}/task/{server}/children")).unwrap_or_default();
    for pid in children.split_whitespace().map(|pid| pid.parse().unwrap()).chain([server]) {
        _ = kill(Pid::from_raw(pid), Signal::SIGKILL);
    }
}

fn socket_file(endpoint: &Endpoint) -> PathBuf {
    endpoint.socket_dir().join(".s.PGSQL.5432")
}

#[tokio::test]
async fn it_initialises_starts_answers_on_a_private_socket_and_stops() {
    let dir = data_dir();
    let postgres = ManagedPostgres::start(quick(dir.path())).await.unwrap();
    postgres.ensure_database("comptoir").await.unwrap();
    postgres.ensure_database("comptoir").await.unwrap();

    let mut connection = owner(&postgres).await;
    let seen: (String, String, String) =
        sqlx::query_as("select current_user::text, current_setting('listen_addresses'), current_setting('TimeZone')")
            .fetch_one(&mut connection)
            .await
            .unwrap();
    assert_eq!(seen, ("comptoir_owner".into(), String::new(), "UTC".into()));
    connection.execute("create role comptoir_app login").await.unwrap();
    let url: sqlx::postgres::PgConnectOptions = postgres.url(Role::App, "comptoir").parse().unwrap();
    url.connect().await.unwrap();
    assert_eq!(fs::metadata(postgres.endpoint().socket_dir()).unwrap().mode() & 0o777, 0o700);
    assert_eq!(Endpoint::of_running(dir.path()).as_ref(), Some(postgres.endpoint()));

    let (pid, socket) = (postgres.pid().unwrap(), socket_file(postgres.endpoint()));
    postgres.stop().await.unwrap();
    assert!(kill(Pid::from_raw(pid), None).is_err());
    assert!(!socket.exists());
    assert_eq!(Endpoint::of_running(dir.path()), None);
}

#[tokio::test]
async fn it_recovers_a_committed_row_after_everything_was_killed() {
    let dir = data_dir();
    let options = ManagedOptions { durability: Durability::Full, ..quick(dir.path()) };
    let mut postgres = ManagedPostgres::start(options.clone()).await.unwrap();
    postgres.ensure_database("comptoir").await.unwrap();
    let mut connection = owner(&postgres).await;
    connection.execute("create table kept (n int); insert into kept values (42)").await.unwrap();

    // More than once, as what else runs beside it slows one start or another.
    let mut fastest = Duration::MAX;
    for _ in 0..3 {
        kill_all(postgres.pid().unwrap());
        drop(postgres);
        let started = Instant::now();
        postgres = ManagedPostgres::start(options.clone()).await.unwrap();
        fastest = fastest.min(started.elapsed());

        let kept: i32 = sqlx::query_scalar("select n from kept").fetch_one(&mut owner(&postgres).await).await.unwrap();
        assert_eq!(kept, 42);
    }
    assert!(fastest < Duration::from_secs(2), "recovered after {fastest:?}");
    postgres.stop().await.unwrap();
}

#[tokio::test]
async fn it_replaces_a_server_whose_service_was_killed() {
    let dir = data_dir();
    let postgres = ManagedPostgres::start(quick(dir.path())).await.unwrap();
    let left_behind = postgres.pid().unwrap();
    let mut session = postgres.owner_options("postgres").connect().await.unwrap();
    // Moving the cluster away from the lock stands for the death of the process that holds it.
    let moved = data_dir();
    fs::rename(dir.path().join("postgres"), moved.path().join("postgres")).unwrap();

    let next = ManagedPostgres::start(quick(moved.path())).await.unwrap();

    assert_ne!(next.pid(), Some(left_behind));
    assert!(session.execute("select 1").await.is_err());
    next.stop().await.unwrap();
}

#[tokio::test]
async fn it_starts_although_a_stranger_has_the_number_of_the_dead_server() {
    let dir = data_dir();
    let postgres = ManagedPostgres::start(quick(dir.path())).await.unwrap();
    let lock_files =
        ["postgres/postmaster.pid", "postgres/socket/.s.PGSQL.5432.lock"].map(|name| dir.path().join(name));
    let contents = lock_files.clone().map(|file| fs::read_to_string(file).unwrap());
    postgres.stop().await.unwrap();
    let mut stranger = tokio::process::Command::new("sleep").arg("60").kill_on_drop(true).spawn().unwrap();
    for (file, content) in lock_files.iter().zip(contents) {
        let (_, rest) = content.split_once('\n').unwrap();
        fs::write(file, format!("{}\n{rest}", stranger.id().unwrap())).unwrap();
    }

    let postgres = ManagedPostgres::start(quick(dir.path())).await.unwrap();

    assert_eq!(stranger.try_wait().unwrap(), None, "the stranger was left alone");
    postgres.stop().await.unwrap();
}

#[tokio::test]
async fn a_second_start_on_the_directory_is_refused_and_a_short_command_shares() {
    let dir = data_dir();
    let postgres = ManagedPostgres::start(quick(dir.path())).await.unwrap();

    let refused = ManagedPostgres::start(quick(dir.path())).await.unwrap_err();
    assert!(matches!(refused, ManagedError::InUse { .. }), "{refused:?}");
    let expected = format!("Another comptoir (process {}) already uses the data directory", std::process::id());
    assert!(refused.to_string().starts_with(&expected), "{refused}");

    let shared = Access::open(quick(dir.path())).await.unwrap();
    assert_eq!(shared.endpoint(), postgres.endpoint());
    shared.close().await.unwrap();
    postgres.stop().await.unwrap();

    let own = Access::open(quick(dir.path())).await.unwrap();
    assert!(matches!(own, Access::Own(_)));
    own.close().await.unwrap();
}

#[tokio::test]
async fn a_path_too_long_for_a_socket_gets_a_private_one_elsewhere() {
    let dir = data_dir();
    let deep = dir.path().join("d".repeat(90));
    let postgres = ManagedPostgres::start(quick(&deep)).await.unwrap();

    let socket_dir = postgres.endpoint().socket_dir().to_path_buf();
    assert!(!socket_dir.starts_with(dir.path()), "{}", socket_dir.display());
    assert_eq!(fs::metadata(&socket_dir).unwrap().mode() & 0o777, 0o700);
    assert!(socket_file(postgres.endpoint()).as_os_str().len() <= 107);
    postgres.stop().await.unwrap();

    let again = ManagedPostgres::start(quick(&deep)).await.unwrap();
    assert_eq!(again.endpoint().socket_dir(), socket_dir);
    again.stop().await.unwrap();

    // Someone else's directory in that place is not used.
    fs::set_permissions(&socket_dir, Permissions::from_mode(0o777)).unwrap();
    let refused = ManagedPostgres::start(quick(&deep)).await.unwrap_err();
    assert!(matches!(refused, ManagedError::UnsafeSocketDir { .. }), "{refused:?}");
    fs::remove_dir_all(socket_dir).unwrap();
}

#[tokio::test]
async fn unusable_programs_are_named_with_the_remedy() {
    let (dir, empty) = (data_dir(), data_dir());
    let old = empty.path().join("old");
    fs::create_dir(&old).unwrap();
    for name in ["initdb", "postgres"] {
        fs::write(old.join(name), "#!/bin/sh\necho 'postgres (PostgreSQL) 14.9'\n").unwrap();
        fs::set_permissions(old.join(name), Permissions::from_mode(0o755)).unwrap();
    }
    for (bin_dir, reason) in [(empty.path(), "no `initdb`"), (&old, "version 14")] {
        let options = ManagedOptions { bin_dir: Some(bin_dir.to_path_buf()), ..quick(dir.path()) };
        let refused = ManagedPostgres::start(options).await.unwrap_err().to_string();
        for part in [&bin_dir.display().to_string(), reason, "version 15 or newer", "apt-get install postgresql"] {
            assert!(refused.contains(part), "{part} in {refused}");
        }
    }
}

#[tokio::test]
async fn what_is_no_cluster_is_left_alone() {
    let dir = data_dir();
    fs::create_dir(dir.path().join("postgres")).unwrap();
    fs::write(dir.path().join("postgres/holiday.jpg"), "").unwrap();

    let refused = ManagedPostgres::start(quick(dir.path())).await.unwrap_err();

    assert!(matches!(refused, ManagedError::NotACluster { .. }), "{refused:?}");
    assert!(dir.path().join("postgres/holiday.jpg").exists());
}

#[tokio::test]
async fn a_server_that_ends_at_once_shows_the_end_of_its_log() {
    let dir = data_dir();
    ManagedPostgres::start(quick(dir.path())).await.unwrap().stop().await.unwrap();
    fs::write(dir.path().join("postgres/postgresql.conf"), "no_such_setting = on\n").unwrap();

    let refused = ManagedPostgres::start(quick(dir.path())).await.unwrap_err().to_string();

    assert!(refused.contains("postgres.log") && refused.contains("no_such_setting"), "{refused}");
}

#[tokio::test]
async fn as_root_a_directory_that_the_account_cannot_enter_is_named() {
    if !geteuid().is_root() {
        return;
    }
    let parent = data_dir();
    fs::set_permissions(parent.path(), Permissions::from_mode(0o700)).unwrap();
    let blocking = parent.path().canonicalize().unwrap();

    let refused = ManagedPostgres::start(quick(&parent.path().join("data"))).await.unwrap_err();

    assert!(matches!(&refused, ManagedError::Unreachable { blocking: named, .. } if *named == blocking), "{refused:?}");
    assert!(refused.to_string().contains(&format!("chmod a+x {}", blocking.display())), "{refused}");
}
