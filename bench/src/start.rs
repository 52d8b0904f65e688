//! (f) From nothing running to the first answer.

use std::path::Path;
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::Failure;
use crate::service::Service;
use crate::setup;

const PORT: u16 = 18_613;

/// A directory that PostgreSQL's own user can reach.
pub(crate) fn data_dir() -> Result<TempDir, Failure> {
    use std::os::unix::fs::PermissionsExt as _;
    let dir = tempfile::tempdir()?;
    std::fs::set_permissions(dir.path(), std::fs::Permissions::from_mode(0o711))?;
    Ok(dir)
}

/// Measures starts of an initialised directory: after an orderly stop, and after everything was killed.
pub(crate) async fn measure(binary: &Path) -> Result<Value, Failure> {
    let dir = data_dir()?;
    let (service, first) = Service::start(binary, dir.path(), PORT).await?;
    setup::tenant(&service).await?;
    service.stop()?;
    let (service, orderly) = Service::start(binary, dir.path(), PORT).await?;
    service.kill_everything()?;
    let (service, killed) = Service::start(binary, dir.path(), PORT).await?;
    service.stop()?;
    let ms = |duration: Duration| duration.as_secs_f64() * 1000.0;
    println!(
        "(f) to the first answer: new directory {:.0} ms, cold start {:.0} ms, after SIGKILL of everything {:.0} ms (≤ 2000)",
        ms(first),
        ms(orderly),
        ms(killed)
    );
    Ok(json!({ "new_ms": ms(first), "cold_ms": ms(orderly), "killed_ms": ms(killed) }))
}
