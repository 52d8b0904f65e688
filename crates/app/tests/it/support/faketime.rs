//! A clock that a test moves under a process that runs, by libfaketime (Debian: libfaketime; `script/test` installs it).
//!
//! What the process measures durations by goes on as ever; only the time of day moves.

use std::path::{Path, PathBuf};

use jiff::SignedDuration;

/// The clock of a process.
pub(crate) struct MovedClock {
    dir: tempfile::TempDir,
    library: PathBuf,
}

impl MovedClock {
    pub(crate) fn new() -> Self {
        let clock = Self { dir: tempfile::tempdir().unwrap(), library: library() };
        clock.set(SignedDuration::ZERO);
        clock
    }

    /// Moves it to so far after the real time, or before it.
    pub(crate) fn set(&self, ahead: SignedDuration) {
        let (file, next) = (self.file(), self.dir.path().join("next"));
        std::fs::write(&next, format!("{:+}\n", ahead.as_secs())).unwrap();
        std::fs::rename(next, file).unwrap();
    }

    /// What the process is started with.
    pub(crate) fn variables(&self) -> Vec<(&'static str, String)> {
        vec![
            ("LD_PRELOAD", self.library.display().to_string()),
            ("FAKETIME_TIMESTAMP_FILE", self.file().display().to_string()),
            ("FAKETIME_NO_CACHE", "1".to_owned()),
            ("FAKETIME_DONT_FAKE_MONOTONIC", "1".to_owned()),
        ]
    }

    fn file(&self) -> PathBuf {
        self.dir.path().join("clock")
    }
}

fn library() -> PathBuf {
    let places = std::fs::read_dir("/usr/lib").unwrap().map(|entry| entry.unwrap().path());
    let mut found = places.map(|place| place.join("faketime/libfaketimeMT.so.1")).filter(|file| Path::exists(file));
    found.next().expect("libfaketime is missing: script/test installs it (Debian: apt-get install libfaketime)")
}
