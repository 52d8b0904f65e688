//! The service under measurement, and what the kernel's accounting says of it.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::Failure;
use crate::client::Client;

/// A running `comptoir serve` with its private PostgreSQL.
pub(crate) struct Service {
    child: Child,
    /// Where it serves.
    pub(crate) port: u16,
    /// Its data.
    pub(crate) data_dir: PathBuf,
    binary: PathBuf,
}

/// Processor time used so far.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Cpu {
    /// By the service, in seconds.
    pub(crate) service: f64,
    /// By PostgreSQL, in seconds.
    pub(crate) postgres: f64,
}

impl Service {
    /// Starts the service and waits for its first answer; returns how long that took.
    pub(crate) async fn start(binary: &Path, data_dir: &Path, port: u16) -> Result<(Self, Duration), Failure> {
        let clock = Instant::now();
        let child = Command::new(binary)
            .args([
                "serve",
                "--listen",
                &format!("127.0.0.1:{port}"),
                "--log",
                "warn",
                "--requests-per-minute",
                "10000000",
            ])
            .arg("--data-dir")
            .arg(data_dir)
            // Who is called by a webhook listens on this machine.
            .env("COMPTOIR_EGRESS_ALLOW", "127.0.0.1")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()?;
        let mut service = Self { child, port, data_dir: data_dir.to_owned(), binary: binary.to_owned() };
        while clock.elapsed() < Duration::from_mins(1) {
            if let Ok(mut client) = Client::connect(port).await
                && client.get("/readyz", None).await.is_ok_and(|answer| answer.status == 200)
            {
                return Ok((service, clock.elapsed()));
            }
            if let Some(status) = service.child.try_wait()? {
                return Err(format!("the service ended while starting: {status}").into());
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        Err("the service did not answer within a minute".into())
    }

    /// Runs a command of the binary on this service's data.
    pub(crate) fn run(&self, args: &[&str]) -> Result<String, Failure> {
        let output = Command::new(&self.binary).args(args).arg("--data-dir").arg(&self.data_dir).output()?;
        if !output.status.success() {
            return Err(format!("{args:?}: {}", String::from_utf8_lossy(&output.stderr)).into());
        }
        Ok(String::from_utf8(output.stdout)?.trim().to_owned())
    }

    /// The owner's connection string.
    pub(crate) fn owner_url(&self) -> Result<String, Failure> {
        self.run(&["db-url", "--owner"])
    }

    /// Resident memory of the service in MiB.
    pub(crate) fn resident_mib(&self) -> Result<f64, Failure> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let line = status.lines().find(|line| line.starts_with("VmRSS:")).ok_or("no VmRSS")?;
        let kib: f64 = line.split_whitespace().nth(1).ok_or("no figure")?.parse()?;
        Ok(kib / 1024.0)
    }

    /// Processor time so far, of the service and of its PostgreSQL with every backend, ended ones included.
    pub(crate) fn cpu(&self) -> Result<Cpu, Failure> {
        let postmaster = self.postmaster()?;
        let mut postgres = ticks(postmaster, true)?;
        for entry in std::fs::read_dir("/proc")? {
            let Ok(pid) = entry?.file_name().to_string_lossy().parse::<u32>() else { continue };
            if parent(pid) == Some(postmaster) {
                postgres += ticks(pid, false).unwrap_or(0.0);
            }
        }
        Ok(Cpu { service: ticks(self.child.id(), false)?, postgres })
    }

    /// The process id of the private PostgreSQL.
    pub(crate) fn postmaster(&self) -> Result<u32, Failure> {
        let file = std::fs::read_to_string(self.data_dir.join("postgres/postmaster.pid"))?;
        Ok(file.lines().next().ok_or("an empty postmaster.pid")?.trim().parse()?)
    }

    /// Kills the service and every process of its PostgreSQL.
    pub(crate) fn kill_everything(mut self) -> Result<(), Failure> {
        let postmaster = self.postmaster()?;
        let mut pids = vec![self.child.id(), postmaster];
        for entry in std::fs::read_dir("/proc")? {
            if let Ok(pid) = entry?.file_name().to_string_lossy().parse::<u32>()
                && parent(pid) == Some(postmaster)
            {
                pids.push(pid);
            }
        }
        let pids: Vec<_> = pids.iter().map(u32::to_string).collect();
        Command::new("kill").arg("-9").args(&pids).stderr(Stdio::null()).status()?;
        self.child.wait()?;
        Ok(())
    }

    /// Stops the service as an operator would.
    pub(crate) fn stop(mut self) -> Result<(), Failure> {
        Command::new("kill").arg("-TERM").arg(self.child.id().to_string()).status()?;
        self.child.wait()?;
        Ok(())
    }
}

impl Drop for Service {
    /// A benchmark that failed leaves no service behind.
    fn drop(&mut self) {
        if matches!(self.child.try_wait(), Ok(None)) {
            let stopped = Command::new("kill").arg("-TERM").arg(self.child.id().to_string()).status();
            if stopped.is_ok() {
                _ = self.child.wait();
            }
        }
    }
}

impl Cpu {
    /// What was used since `earlier`, in milliseconds per each of `count`.
    pub(crate) fn per(self, earlier: Self, count: usize) -> Self {
        let each =
            |now: f64, then: f64| (now - then) * 1000.0 / f64::from(u32::try_from(count.max(1)).unwrap_or(u32::MAX));
        Self { service: each(self.service, earlier.service), postgres: each(self.postgres, earlier.postgres) }
    }
}

/// The fields of `/proc/PID/stat` after the command's name, which may hold blanks.
fn stat(pid: u32) -> Result<Vec<String>, Failure> {
    let text = std::fs::read_to_string(format!("/proc/{pid}/stat"))?;
    let (_, rest) = text.rsplit_once(')').ok_or("an odd stat file")?;
    Ok(rest.split_whitespace().map(str::to_owned).collect())
}

fn parent(pid: u32) -> Option<u32> {
    stat(pid).ok()?.get(1)?.parse().ok()
}

/// utime + stime (+ those of ended children) in seconds; the kernel counts hundredths.
fn ticks(pid: u32, with_children: bool) -> Result<f64, Failure> {
    let fields = stat(pid)?;
    let last = if with_children { 14 } else { 12 };
    let mut total = 0.0;
    for field in fields.get(11..=last).ok_or("a short stat file")? {
        total += field.parse::<f64>()?;
    }
    Ok(total / 100.0)
}
