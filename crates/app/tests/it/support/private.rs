//! The service as a process of its own with a PostgreSQL of its own, as it is installed by default.

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use hyper::body::Bytes;

use super::PASSWORD;
use super::process::{free_port, send};

/// The service as a process of its own, on a data directory that outlives it.
pub(crate) struct Service<'a> {
    child: Child,
    pub(crate) port: u16,
    data_dir: &'a Path,
}

fn comptoir(data_dir: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_comptoir"));
    command.arg("--data-dir").arg(data_dir).stdout(Stdio::null()).stderr(Stdio::null());
    command
}

/// What the program answers to these arguments, which it must take.
pub(crate) fn told(data_dir: &Path, args: &[&str]) -> String {
    let output = comptoir(data_dir).args(args).stdout(Stdio::piped()).stderr(Stdio::piped()).output().unwrap();
    assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

impl<'a> Service<'a> {
    pub(crate) async fn start(data_dir: &'a Path, smtp: &str) -> Self {
        let port = free_port();
        let child = comptoir(data_dir)
            .args(["serve", "--log", "warn", "--listen", &format!("127.0.0.1:{port}")])
            .env("COMPTOIR_SMTP_URL", smtp)
            // One user makes the load of many.
            .env("COMPTOIR_REQUESTS_PER_MINUTE", "1000000")
            .spawn()
            .unwrap();
        let mut service = Self { child, port, data_dir };
        let deadline = Instant::now() + Duration::from_mins(1);
        while send(port, "GET", "/readyz", &[], Bytes::new()).await.map_or(true, |(status, _)| status != 200) {
            assert!(Instant::now() < deadline, "it does not come up again");
            assert!(service.child.try_wait().unwrap().is_none(), "it ended while starting");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        service
    }

    /// Whether it has ended.
    pub(crate) fn has_ended(&mut self) -> bool {
        self.child.try_wait().unwrap().is_some()
    }

    /// The number of its PostgreSQL, which must have been started once.
    pub(crate) fn postmaster(&self) -> Option<String> {
        let file = std::fs::read_to_string(self.data_dir.join("postgres/postmaster.pid")).ok()?;
        file.lines().next().map(str::to_owned)
    }

    /// Kills the service; its PostgreSQL too, where that is asked, as when the machine loses power.
    pub(crate) fn kill(mut self, everything: bool) {
        if everything {
            let postmaster = self.postmaster().unwrap();
            let children = std::fs::read_to_string(format!("/proc/{postmaster}/task/{postmaster}/children")).unwrap();
            self.child.kill().unwrap();
            let all = children.split_whitespace().chain([postmaster.as_str()]);
            Command::new("kill").arg("-9").args(all).stderr(Stdio::null()).status().unwrap();
        } else {
            self.child.kill().unwrap();
        }
        self.child.wait().unwrap();
    }
}

impl Drop for Service<'_> {
    fn drop(&mut self) {
        _ = self.child.kill();
    }
}

/// Makes the tenant `slug` with the entity `ZR7` and the administrator `root@SLUG.example` in a data directory.
pub(crate) fn create_tenant(data_dir: &Path, slug: &str) {
    std::fs::set_permissions(data_dir, Permissions::from_mode(0o711)).unwrap();
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), PASSWORD).unwrap();
    let (admin, password) = (format!("root@{slug}.example"), file.path().to_str().unwrap());
    let whom = ["--name", slug, "--slug", slug, "--entity", "ZR7:ZR7", "--admin-email", &admin];
    told(data_dir, &[&["tenant", "create"][..], &whom, &["--admin-password-file", password]].concat());
}
