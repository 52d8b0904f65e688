//! What can be known without the database: settings, data directory, disk.

use std::net::IpAddr;
use std::path::Path;

use nix::sys::statvfs::statvfs;
use nix::unistd::{AccessFlags, access};
use platform::secret::Source;

use super::model::{self, Finding, Limits};
use crate::config::Config;

pub(super) fn findings(config: &Config, limits: Limits) -> Vec<Finding> {
    vec![settings(config), address(config), data_dir(&config.data_dir), disk(&config.data_dir, limits), ring(config)]
}

/// It was read, or we would not be here.
fn settings(config: &Config) -> Finding {
    let database = if config.database_url.is_some() { "a database of your own" } else { "a private PostgreSQL" };
    let owner = if config.database_url.is_some() && config.owner_url.is_none() { ", its owner unknown" } else { "" };
    let mail = if config.smtp_url.is_some() { "a mail server" } else { "no mail server" };
    let says = format!("comptoir {} over {database}{owner}; {mail} by default", env!("CARGO_PKG_VERSION"));
    Finding::ok("machine", "settings", says)
}

/// The certificate is the proxy's: what we know is whether people are sent over HTTPS.
fn address(config: &Config) -> Finding {
    let url = config.reached_at(config.listen);
    let host = url.split_once("://").map_or("", |(_, rest)| rest).split(['/', ':']).next().unwrap_or_default();
    let is_here = host == "localhost" || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback());
    if url.starts_with("https://") || is_here {
        return Finding::ok("machine", "address", url);
    }
    let next =
        "Put a proxy with a certificate in front and tell: --public-url https://…; sessions do not survive plain HTTP.";
    Finding::attention("machine", "address", format!("{url} is not HTTPS"), next)
}

fn data_dir(dir: &Path) -> Finding {
    let next = "Mount it, or give it to the user that serves: mail, files, keys and the private PostgreSQL live there.";
    let shown = dir.display();
    match access(dir, AccessFlags::R_OK | AccessFlags::W_OK | AccessFlags::X_OK) {
        Ok(()) => Finding::ok("machine", "data_dir", format!("{shown} can be written")),
        Err(error) => Finding::broken("machine", "data_dir", format!("{shown}: {}", error.desc()), next),
    }
}

fn disk(dir: &Path, limits: Limits) -> Finding {
    let next = "Make room, or give more: a full disk stops the database. Old backups and mail files may go first.";
    match statvfs(dir) {
        Ok(found) => {
            let (status, percent) = model::disk(found.blocks_available(), found.blocks(), limits);
            let free = found.blocks_available().saturating_mul(found.fragment_size()) >> 20;
            Finding::judged("machine", "disk", status, format!("{percent} % free, {free} MiB"), next)
        }
        Err(error) => Finding::broken("machine", "disk", format!("it cannot be asked: {}", error.desc()), next),
    }
}

fn ring(config: &Config) -> Finding {
    let Source::File(file) = &config.secret_keys else {
        return Finding::ok("machine", "secret_keys", "given by the environment");
    };
    let next = "Bring the file back from its copy: docs/secrets.md. Without it no second factor and no mail password can be read.";
    let shown = file.display();
    match access(file.as_path(), AccessFlags::R_OK) {
        Ok(()) => Finding::ok("machine", "secret_keys", format!("{shown} can be read")),
        Err(nix::Error::ENOENT) => {
            Finding::attention("machine", "secret_keys", format!("{shown} is not there; a first start makes it"), next)
        }
        Err(error) => Finding::broken("machine", "secret_keys", format!("{shown}: {}", error.desc()), next),
    }
}
