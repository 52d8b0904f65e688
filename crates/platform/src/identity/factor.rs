//! The secret of a second factor at rest: sealed, and for a while yet in clear, where the version before left it.

use kernel::UserId;

use super::account::store::{self, TOTP_SECRET};
use crate::secret::{Sealed, Sealer};
use crate::{Platform, Result};

/// Secrets that are sealed in one transaction.
const BATCH: i32 = 500;

/// The secret of a second factor, as it is stored.
#[derive(Clone)]
pub(crate) enum StoredFactor {
    /// In clear: written by a service of the version before, beside this one or before it.
    Clear(Vec<u8>),
    /// Sealed.
    Sealed(Sealed),
}

impl StoredFactor {
    /// What the two columns hold. What stands in clear is the newer of the two: this version never leaves it standing.
    pub(crate) fn of(clear: Option<Vec<u8>>, sealed: Option<Sealed>) -> Option<Self> {
        clear.map(Self::Clear).or(sealed.map(Self::Sealed))
    }

    /// The secret.
    pub(crate) async fn open(&self, secrets: &Sealer, user: UserId) -> Result<Vec<u8>> {
        match self {
            Self::Clear(secret) => Ok(secret.clone()),
            Self::Sealed(sealed) => secrets.open(&TOTP_SECRET.place_of(user), sealed).await,
        }
    }
}

/// Seals a fresh secret for its user.
pub(super) async fn seal(sealer: &Sealer, user: UserId, secret: &[u8]) -> Result<Sealed> {
    sealer.seal(&TOTP_SECRET.place_of(user), secret).await
}

/// Seals the secrets of second factors that stand in clear; how many. Doing it again, or at once in two instances, does nothing
/// more.
pub async fn seal_clear_factors(platform: &Platform) -> Result<i64> {
    let mut done = 0;
    loop {
        let mut tx = platform.pool().begin().await?;
        store::lock_clear(&mut tx).await?;
        let clear = store::list_clear(&mut tx, BATCH).await?;
        if clear.is_empty() {
            return Ok(done);
        }
        let mut sealed = Vec::with_capacity(clear.len());
        for (user, secret) in &clear {
            sealed.push(seal(platform.secrets(), *user, secret).await?);
        }
        done += store::seal_clear(&mut tx, &clear, &sealed).await?;
        tx.commit().await?;
    }
}
