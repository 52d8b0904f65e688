//! One process per data directory.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read as _, Seek as _, Write as _};
use std::path::Path;

use super::ManagedError;

/// Held while a process owns a data directory. The operating system releases it when the process ends, however it ends,
/// and PostgreSQL does not inherit it.
#[derive(Debug)]
pub(super) struct DataDirLock {
    _file: File,
}

impl DataDirLock {
    /// Takes the lock or says who holds it; never waits.
    pub(super) fn acquire(data_dir: &Path) -> Result<Self, ManagedError> {
        let path = data_dir.join("comptoir.lock");
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(&path)
            .map_err(ManagedError::io("Opening", &path))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(ManagedError::InUse { data_dir: data_dir.to_path_buf(), holder: holder(&mut file) });
            }
            Err(TryLockError::Error(source)) => return Err(ManagedError::io("Locking", &path)(source)),
        }
        // The process id is for the message to the second; the lock is what counts.
        file.set_len(0)
            .and_then(|()| file.rewind())
            .and_then(|()| writeln!(file, "{}", std::process::id()))
            .map_err(ManagedError::io("Writing", &path))?;
        Ok(Self { _file: file })
    }
}

fn holder(file: &mut File) -> String {
    let mut pid = String::new();
    match file.read_to_string(&mut pid) {
        Ok(_) if !pid.trim().is_empty() => format!("Another comptoir (process {})", pid.trim()),
        _ => "Another comptoir".to_owned(),
    }
}
