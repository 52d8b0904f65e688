//! Where the ring comes from.

use std::path::PathBuf;

use super::file;
use super::keyring::KeyRing;
use crate::{Error, Result};

/// Where the operator keeps the ring.
#[derive(Clone, Debug)]
pub enum Source {
    /// In a file, which the service makes where none is and none can be missing.
    File(PathBuf),
    /// In a variable of the environment: the service can only read it.
    Text(KeyRing),
}

impl Source {
    /// The ring as it is now; none when its file is not there.
    ///
    /// Refused when there is something else in its place.
    pub fn read(&self) -> Result<Option<KeyRing>> {
        match self {
            Self::File(path) => Ok(file::read(path)?.map(|(ring, _)| ring)),
            Self::Text(ring) => Ok(Some(ring.clone())),
        }
    }

    /// Makes the first ring and returns it, or the one that somebody else made just before.
    pub(super) fn create(&self, ring: KeyRing) -> Result<KeyRing> {
        let Self::File(path) = self else { return Ok(ring) };
        if file::create(path, &ring)? {
            tracing::info!(file = %path.display(), key = %ring.first().id(), "a first secret key was made: keep a copy of its file");
            return Ok(ring);
        }
        self.read()?.ok_or_else(|| Error::refused("secret_keys", format!("{} came and went.", path.display())))
    }

    /// How messages call it.
    pub fn name(&self) -> String {
        match self {
            Self::File(path) => path.display().to_string(),
            Self::Text(_) => "COMPTOIR_SECRET_KEYS".to_owned(),
        }
    }
}
