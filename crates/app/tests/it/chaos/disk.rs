//! The disk of the data directory is full.

use std::fs::{File, Permissions};
use std::io::Write as _;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use hyper::body::Bytes;
use sqlx::{Connection as _, PgConnection};
use tokio::time::sleep;

use super::{RECOVERY, only_unavailable};
use crate::support::load::{Balancer, Load, check, setup};
use crate::support::private::{Service, create_tenant, told};
use crate::support::process::send;
use crate::support::smtp::{Behaviour, Sink};

/// A small disk of its own, which root mounts; gone with the test.
struct Disk(tempfile::TempDir);

impl Disk {
    fn mount(megabytes: u32) -> Self {
        let dir = tempfile::tempdir().unwrap();
        std::fs::set_permissions(dir.path(), Permissions::from_mode(0o711)).unwrap();
        let owner = std::fs::metadata(dir.path()).unwrap().uid();
        let options = format!("size={megabytes}m,mode=711,uid={owner}");
        let mounted =
            as_root("mount", owner).args(["-t", "tmpfs", "-o", &options, "tmpfs"]).arg(dir.path()).output().unwrap();
        let why = String::from_utf8_lossy(&mounted.stderr);
        assert!(mounted.status.success(), "a disk of its own cannot be mounted ({why})");
        Self(dir)
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    /// Takes all the room that is left.
    fn fill(&self) -> PathBuf {
        let path = self.path().join("ballast");
        let mut file = File::create(&path).unwrap();
        for piece in [1 << 20, 4096, 1] {
            while file.write_all(&vec![0; piece]).is_ok() {}
        }
        path
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let owner = std::fs::metadata(self.path()).map_or(0, |found| found.uid());
        _ = as_root("umount", owner).arg("--lazy").arg(self.path()).status();
    }
}

/// A program that only root may run, for this user.
fn as_root(program: &str, user: u32) -> Command {
    if user == 0 {
        return Command::new(program);
    }
    let mut command = Command::new("sudo");
    command.args(["-n", program]);
    command
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk_costs_answers_and_nothing_else_and_with_room_again_it_serves_without_a_person() {
    let disk = Disk::mount(300);
    let sink = Sink::start(Behaviour::Accept).await;
    let data = disk.path().join("data");
    std::fs::create_dir(&data).unwrap();
    create_tenant(&data, "disk");
    let mut service = Service::start(&data, &sink.url).await;
    let (token, key) = setup(service.port, "root@disk.example", "disk").await;
    let balancer = Balancer::over(&[service.port]);
    let load = Load::start(4, &key, &balancer).sending(&token, &balancer);
    load.next_acknowledged().await;

    let owner_url = told(&data, &["db-url", "--owner"]);
    let ballast = disk.fill();
    let filled = Instant::now();
    let turned_down = async |at_least: usize| {
        let before = load.seen().failed();
        while load.seen().failed() - before < at_least {
            assert!(filled.elapsed() < Duration::from_mins(1), "leads are taken all the same: {:?}", load.seen());
            sleep(Duration::from_millis(50)).await;
        }
    };
    turned_down(10).await;
    let until_full = filled.elapsed();
    let first = service.postmaster();
    exhaust_wal(&owner_url).await;
    until_it_ended(&data).await;
    turned_down(5).await;
    let (status, _) = send(service.port, "GET", "/healthz", &[], Bytes::new()).await.unwrap();
    assert_eq!(status, 200, "the service itself lives");
    assert!(!service.has_ended());

    std::fs::remove_file(ballast).unwrap();
    let took = load.next_acknowledged().await;
    assert_ne!(service.postmaster(), first, "PostgreSQL had ended, and was started again");
    assert!(took < RECOVERY, "it serves again after {took:?}");
    let (acknowledged, seen) = load.end(service.port, &key).await;
    only_unavailable(&seen);
    let mut owner = PgConnection::connect(&owner_url).await.unwrap();
    let mailed = check(&mut owner, &acknowledged, &sink).await;
    eprintln!(
        "disk: full: leads turned down after {until_full:?}, PostgreSQL ended; with room again the next one was taken after {took:?}; {} acknowledged, {} \
         turned down with 503, {} answers lost, all sent again and there once; {mailed} mailed once",
        acknowledged.len(),
        seen.failed() - seen.broken,
        seen.broken
    );
    service.kill(true);
}

/// Writes until there is no room for the log that comes before every change: PostgreSQL then ends by itself.
async fn exhaust_wal(owner_url: &str) {
    let deadline = Instant::now() + Duration::from_secs(30);
    while let Ok(mut owner) = PgConnection::connect(owner_url).await {
        let write = "select pg_switch_wal() from pg_logical_emit_message(false, 'full', repeat('x', 1000000))";
        while sqlx::query(write).execute(&mut owner).await.is_ok() {
            assert!(Instant::now() < deadline, "the disk is not full");
        }
    }
}

/// Waits until no server runs on the cluster.
async fn until_it_ended(data: &Path) {
    let deadline = Instant::now() + Duration::from_secs(30);
    while app::postgres::Endpoint::of_running(data).is_some() {
        assert!(Instant::now() < deadline, "PostgreSQL goes on without room");
        sleep(Duration::from_millis(10)).await;
    }
}
