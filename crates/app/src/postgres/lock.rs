//! One process per data directory.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read as _, Seek as _, Write as _};
use std::path::Path;
use std::time::Duration;

use super::ManagedError;

/// A lock that was just released can seem held for a moment: a child that is being started shares the file until it
/// becomes another program.
const ATTEMPTS: u32 = 25;
const PAUSE: Duration = Duration::from_millis(20);

/// Held while a process owns a data directory. The operating system releases it when the process ends, however it ends,
/// and PostgreSQL does not inherit it.
#[derive(Debug)]
pub(super) struct DataDirLock {
    _file: File,
}

impl DataDirLock {
    /// Takes the lock or says who holds it.
    pub(super) async fn acquire(data_dir: &Path) -> Result<Self, ManagedError> {
        let path = data_dir.join("comptoir.lock");
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(&path)
            .map_err(ManagedError::io("Opening", &path))?;
        let mut attempts = 0;
        while let Err(error) = file.try_lock() {
            match error {
                TryLockError::WouldBlock if attempts < ATTEMPTS => tokio::time::sleep(PAUSE).await,
                TryLockError::WouldBlock => {
                    return Err(ManagedError::InUse { data_dir: data_dir.to_path_buf(), holder: holder(&mut file) });
                }
                TryLockError::Error(source) => return Err(ManagedError::io("Locking", &path)(source)),
            }
            attempts += 1;
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
