//! Whom PostgreSQL runs as: ourselves, or as root an unprivileged user, because PostgreSQL refuses to run as root.

use std::env;
use std::fs::{self, Permissions};
use std::io;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown, lchown};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};

use nix::unistd::{Uid, User, getegid, geteuid};
use tokio::process::Command;

use super::ManagedError;

/// The account of a cluster.
#[derive(Clone, Debug)]
pub(super) struct Account {
    uid: u32,
    gid: u32,
    name: String,
    /// We are root and become this account for PostgreSQL.
    switch: bool,
}

impl Account {
    /// As an ordinary user, that user. As root, the owner of the existing cluster, else `postgres`, else `nobody`.
    pub(super) fn for_cluster(cluster: &Path) -> Result<Self, ManagedError> {
        let me = geteuid();
        let owner = fs::metadata(cluster).ok().map(|found| found.uid());
        if !me.is_root() {
            let account =
                Self { uid: me.as_raw(), gid: getegid().as_raw(), name: user_name(me.as_raw()), switch: false };
            return match owner {
                Some(owner) if owner != account.uid => Err(ManagedError::ForeignCluster {
                    dir: cluster.to_path_buf(),
                    owner: user_name(owner),
                    account: account.name,
                }),
                _ => Ok(account),
            };
        }
        let existing = owner.filter(|uid| *uid != 0).and_then(|uid| User::from_uid(Uid::from_raw(uid)).ok().flatten());
        let user = existing
            .or_else(|| ["postgres", "nobody"].iter().find_map(|name| User::from_name(name).ok().flatten()))
            .ok_or(ManagedError::NoAccount)?;
        Ok(Self { uid: user.uid.as_raw(), gid: user.gid.as_raw(), name: user.name, switch: true })
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// A command that runs as this account. Its environment holds only what finds programs and libraries: our own has
    /// secrets (`COMPTOIR_SMTP_URL`), and PostgreSQL would obey `PGPORT` and its kin.
    pub(super) fn command(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        command.env_clear().env("LC_ALL", "C").current_dir("/");
        for name in ["PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH"] {
            if let Some(value) = env::var_os(name) {
                command.env(name, value);
            }
        }
        if self.switch {
            // Becoming another user also drops root's supplementary groups.
            command.uid(self.uid).gid(self.gid);
        }
        command
    }

    /// Makes `dir` a private directory of this account.
    pub(super) fn make_private_dir(&self, dir: &Path) -> Result<(), ManagedError> {
        match fs::create_dir(dir) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
                return Err(ManagedError::io("Creating", dir)(error));
            }
            _ => {}
        }
        fs::set_permissions(dir, Permissions::from_mode(0o700)).map_err(ManagedError::io("Restricting", dir))?;
        if self.switch {
            chown(dir, Some(self.uid), Some(self.gid)).map_err(ManagedError::io("Handing over", dir))?;
        }
        Ok(())
    }

    /// Hands everything below `dir`, and `dir`, to this account.
    pub(super) fn hand_over(&self, dir: &Path) -> Result<(), ManagedError> {
        if !self.switch {
            return Ok(());
        }
        for entry in fs::read_dir(dir).map_err(ManagedError::io("Reading", dir))? {
            let entry = entry.map_err(ManagedError::io("Reading", dir))?;
            let path = entry.path();
            match entry.file_type().map_err(ManagedError::io("Reading", &path))? {
                kind if kind.is_dir() => self.hand_over(&path)?,
                _ => lchown(&path, Some(self.uid), Some(self.gid)).map_err(ManagedError::io("Handing over", &path))?,
            }
        }
        chown(dir, Some(self.uid), Some(self.gid)).map_err(ManagedError::io("Handing over", dir))
    }

    /// Whether `dir` is a directory (not a link to one) of this account that nobody else may enter.
    pub(super) fn owns_privately(&self, dir: &Path) -> bool {
        fs::symlink_metadata(dir)
            .is_ok_and(|found| found.is_dir() && found.uid() == self.uid && found.mode() & 0o777 == 0o700)
    }

    /// Fails, naming the directory, when this account cannot enter `dir` or a directory above it.
    pub(super) fn check_reach(&self, dir: &Path) -> Result<(), ManagedError> {
        match self.blocking_dir(dir) {
            Some(blocking) if !self.enters(dir) => {
                Err(ManagedError::Unreachable { account: self.name.clone(), blocking, data_dir: dir.to_path_buf() })
            }
            _ => Ok(()),
        }
    }

    /// The topmost directory whose mode keeps this account out.
    fn blocking_dir(&self, dir: &Path) -> Option<PathBuf> {
        if !self.switch {
            return None;
        }
        let mut path: Vec<&Path> = dir.ancestors().collect();
        path.reverse();
        path.into_iter()
            .find(|step| fs::metadata(step).is_ok_and(|found| !self.may_enter(&found)))
            .map(Path::to_path_buf)
    }

    fn may_enter(&self, dir: &fs::Metadata) -> bool {
        let bit = if dir.uid() == self.uid {
            0o100
        } else if dir.gid() == self.gid {
            0o010
        } else {
            0o001
        };
        dir.mode() & bit != 0
    }

    /// Tries it for real, because an access list may grant what the mode does not show.
    fn enters(&self, dir: &Path) -> bool {
        let mut probe = std::process::Command::new("true");
        probe.uid(self.uid).gid(self.gid).current_dir(dir);
        probe.status().is_ok_and(|status| status.success())
    }
}

fn user_name(uid: u32) -> String {
    User::from_uid(Uid::from_raw(uid)).ok().flatten().map_or_else(|| uid.to_string(), |user| user.name)
}
