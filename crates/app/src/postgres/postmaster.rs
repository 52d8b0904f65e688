//! The server process: telling whether one runs on a cluster, and ending it.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus};
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tokio::process::Child;
use tokio::time::{sleep, timeout};

const FAST_STOP_LIMIT: Duration = Duration::from_secs(10);
const IMMEDIATE_STOP_LIMIT: Duration = Duration::from_secs(5);

/// A server process that we started. Dropping it asks it to stop and does not wait.
#[derive(Debug)]
pub(super) struct Postmaster {
    child: Child,
}

impl Postmaster {
    pub(super) fn new(child: Child) -> Self {
        Self { child }
    }

    pub(super) fn pid(&self) -> Option<i32> {
        self.child.id().and_then(|pid| i32::try_from(pid).ok())
    }

    /// How it ended, if it has.
    pub(super) fn try_exited(&mut self) -> io::Result<Option<ExitStatus>> {
        self.child.try_wait()
    }

    pub(super) async fn exited(&mut self) -> io::Result<ExitStatus> {
        self.child.wait().await
    }

    /// Ends it: sessions are cut and a checkpoint written, then, when that takes too long, at once, which leaves the
    /// next start to recover. The process that would not even do that is returned.
    pub(super) async fn stop(mut self) -> Result<(), i32> {
        let Some(pid) = self.pid() else { return Ok(()) };
        for (signal, limit) in stop_signals() {
            send(pid, signal);
            if timeout(limit, self.child.wait()).await.is_ok() {
                return Ok(());
            }
        }
        Err(pid)
    }
}

impl Drop for Postmaster {
    fn drop(&mut self) {
        if let (Some(pid), Ok(None)) = (self.pid(), self.child.try_wait()) {
            send(pid, Signal::SIGINT);
        }
    }
}

/// A server process that somebody else started.
#[derive(Debug)]
pub(super) struct Running {
    pub(super) pid: i32,
    /// Where it listens, once it does.
    pub(super) socket_dir: Option<PathBuf>,
}

/// The server that runs on `cluster`, if one does.
pub(super) fn running(cluster: &Path) -> Option<Running> {
    let text = fs::read_to_string(pid_file(cluster)).ok()?;
    let mut lines = text.lines();
    // Process, data directory, start time, port, socket directory, address, shared memory, status.
    let pid = lines.next()?.trim().parse().ok()?;
    let socket_dir = lines.nth(3).filter(|line| !line.is_empty()).map(PathBuf::from);
    is_server_of(cluster, pid).then_some(Running { pid, socket_dir })
}

/// Ends the server that a killed service left behind.
///
/// It is stopped, not adopted: its settings are those of the binary that started it, it is not our child, so that its
/// end would go unseen, and it may be on its way out already. A fast stop takes a fraction of a second and loses
/// nothing.
/// The caller holds the lock of the data directory, so nobody is served by it. The process that does not end is returned.
pub(super) async fn stop_left_behind(cluster: &Path) -> Result<(), i32> {
    let Some(left) = running(cluster) else {
        forget_stale_pid(cluster);
        return Ok(());
    };
    tracing::warn!(pid = left.pid, "stopping the PostgreSQL that a killed service left behind");
    for (signal, limit) in stop_signals() {
        send(left.pid, signal);
        let ended = timeout(limit, async {
            while is_server_of(cluster, left.pid) {
                sleep(Duration::from_millis(10)).await;
            }
        });
        if ended.await.is_ok() {
            forget_stale_pid(cluster);
            return Ok(());
        }
    }
    Err(left.pid)
}

/// Removes the `postmaster.pid` of a server that is gone. PostgreSQL does so itself, unless the number belongs to some
/// other process by now, as it soon does in a container, or to a corpse that nobody buries: then it would refuse to
/// start. Sessions that outlived their server still keep a second one out, by the shared memory they hold.
fn forget_stale_pid(cluster: &Path) {
    // A failure shows in what PostgreSQL says next.
    _ = fs::remove_file(pid_file(cluster));
}

fn pid_file(cluster: &Path) -> PathBuf {
    cluster.join("postmaster.pid")
}

fn stop_signals() -> [(Signal, Duration); 2] {
    [(Signal::SIGINT, FAST_STOP_LIMIT), (Signal::SIGQUIT, IMMEDIATE_STOP_LIMIT)]
}

fn send(pid: i32, signal: Signal) {
    // It may have ended in between.
    _ = kill(Pid::from_raw(pid), signal);
}

/// Whether the process is a living server of this cluster, not a stranger that got its number: a server works in its
/// data directory. The dead who are not yet buried have no working directory.
fn is_server_of(cluster: &Path, pid: i32) -> bool {
    if Path::new("/proc/self/cwd").exists() {
        return fs::read_link(format!("/proc/{pid}/cwd")).is_ok_and(|cwd| cwd == cluster);
    }
    let listing = Command::new("ps").args(["-o", "command=", "-p", &pid.to_string()]).output();
    listing.is_ok_and(|ps| String::from_utf8_lossy(&ps.stdout).contains(&*cluster.to_string_lossy()))
}
