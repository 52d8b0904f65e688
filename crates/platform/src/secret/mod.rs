//! Secrets at rest: sealed with a key that the database does not hold.
//!
//! Tables owned: `platform.secret_key`.
//!
//! Invariants: a column of sealed values is called `…_sealed` and declared once ([`SealedColumn`]); a value opens in the row
//! it was sealed for and nowhere else; nothing is stored under a key that the database does not know or that is retired; a key
//! that seals something is never dropped from the ring by this program.
//!
//! Failure policy: fail-closed. Without its ring the service does not start; there is no key to fall back on. A ring that
//! cannot be used when it is read again leaves the one before in force, and the log says so.

mod file;
mod keeping;
mod key;
mod keyring;
pub mod operator;
mod sealed;
mod source;
mod store;

use std::fmt;
use std::sync::{Arc, RwLock};

use jiff::SignedDuration;
use kernel::{Clock, Timestamp};
use sqlx::PgPool;
use tokio::sync::Mutex;

pub use key::{Key, KeyId};
pub use keyring::{KeyRing, RingError, Unopened};
pub use sealed::{Place, PlainSecret, Sealed, SealedColumn};
pub use source::Source;

use crate::{Error, Result};
use file::Stamp;

/// How often the ring's file is looked at, at most: a rotation is in force everywhere within that time (D-07: 5 minutes).
const LOOK_EVERY: SignedDuration = SignedDuration::from_mins(1);

/// Seals and opens with the ring of the installation, as it is now. Cheap to clone. The default one has no ring, and refuses.
#[derive(Clone, Default)]
pub struct Sealer(Option<Arc<Inner>>);

struct Inner {
    pool: PgPool,
    source: Source,
    clock: Arc<dyn Clock>,
    state: RwLock<State>,
    looking: Mutex<()>,
}

#[derive(Clone)]
struct State {
    ring: Arc<KeyRing>,
    stamp: Option<Stamp>,
    looked_at: Timestamp,
}

impl Sealer {
    /// Reads the ring and proves that it is the one of this database; makes the first one where none is in use.
    ///
    /// Refused when it lacks a key that is in use, or cannot be read: the sentence says which, and what to do.
    pub async fn start(pool: &PgPool, source: Source, clock: Arc<dyn Clock>) -> Result<Self> {
        let state = read(pool, &source, clock.now()).await?;
        let (state, looking) = (RwLock::new(state), Mutex::new(()));
        Ok(Self(Some(Arc::new(Inner { pool: pool.clone(), source, clock, state, looking }))))
    }

    /// Seals `secret` for `place` and nowhere else.
    pub async fn seal(&self, place: &Place, secret: &[u8]) -> Result<Sealed> {
        Ok(self.inner()?.current().await.seal(place, secret))
    }

    /// Opens what was sealed for `place`.
    ///
    /// Internal when it does not open: it was changed, moved, or sealed with a key that is gone.
    pub async fn open(&self, place: &Place, sealed: &Sealed) -> Result<Vec<u8>> {
        let inner = self.inner()?;
        let opened = match inner.current().await.open(place, sealed) {
            // Somebody rotated a moment ago.
            Err(Unopened::UnknownKey(_)) => {
                inner.look_again(|_| true).await;
                inner.ring().open(place, sealed)
            }
            opened => opened,
        };
        opened.map_err(|why| {
            let Place { table, column, id, .. } = place;
            Error::internal("opening a sealed value", format!("{table}.{column} of {id}: {why}"))
        })
    }

    /// The key that seals now.
    pub async fn key(&self) -> Result<KeyId> {
        Ok(self.inner()?.current().await.first().id())
    }

    fn inner(&self) -> Result<&Inner> {
        self.0.as_deref().ok_or_else(|| Error::internal("looking for the secret keys", "no ring was given"))
    }
}

impl Inner {
    /// The ring, read again when it is time to look and its file has changed.
    async fn current(&self) -> Arc<KeyRing> {
        let now = self.clock.now();
        let is_due = |state: &State| now.since(state.looked_at).abs() >= LOOK_EVERY;
        if is_due(&self.state()) {
            self.look_again(is_due).await;
        }
        self.ring()
    }

    /// Reads the ring again when its file has changed, unless somebody did so meanwhile. One that cannot be used changes nothing.
    async fn look_again(&self, is_due: impl Fn(&State) -> bool) {
        let _alone = self.looking.lock().await;
        let before = self.state();
        if !is_due(&before) {
            return;
        }
        let read = self.read_changed(&before).await;
        let mut state = self.state.write().unwrap_or_else(std::sync::PoisonError::into_inner);
        state.looked_at = self.clock.now();
        match read {
            Ok(None) => {}
            Ok(Some(new)) => {
                tracing::info!(key = %new.ring.first().id(), keys = new.ring.keys().count(), "the secret keys were read again");
                *state = new;
            }
            Err(error) => {
                tracing::error!(
                    error = crate::redacted(&error.chain()),
                    "the secret keys cannot be read again: those from before stay in force"
                );
            }
        }
    }

    async fn read_changed(&self, before: &State) -> Result<Option<State>> {
        if stamp(&self.source)? == before.stamp {
            return Ok(None);
        }
        read(&self.pool, &self.source, self.clock.now()).await.map(Some)
    }

    fn state(&self) -> State {
        self.state.read().unwrap_or_else(std::sync::PoisonError::into_inner).clone()
    }

    fn ring(&self) -> Arc<KeyRing> {
        self.state().ring
    }
}

impl fmt::Debug for Sealer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Some(inner) => write!(f, "Sealer({:?})", inner.ring()),
            None => f.write_str("Sealer(none)"),
        }
    }
}

/// The stamp is taken first: what changes while the ring is read is read again.
async fn read(pool: &PgPool, source: &Source, now: Timestamp) -> Result<State> {
    let stamp = stamp(source)?;
    let mut tx = pool.begin().await?;
    let ring = Arc::new(keeping::settle(&mut tx, source, now).await?);
    tx.commit().await?;
    Ok(State { ring, stamp, looked_at: now })
}

fn stamp(source: &Source) -> Result<Option<Stamp>> {
    match source {
        Source::File(path) => file::stamp(path),
        Source::Text(_) => Ok(None),
    }
}

/// Why the ring of `source` cannot serve this database; nothing when it can. Makes and changes nothing.
pub async fn differences(pool: &PgPool, source: &Source) -> Result<Option<String>> {
    let mut conn = pool.acquire().await?;
    match keeping::inspect(&mut conn, source).await {
        Ok(()) => Ok(None),
        Err(error) if error.kind() == crate::Kind::Refused => Ok(Some(error.to_string())),
        Err(error) => Err(error),
    }
}
