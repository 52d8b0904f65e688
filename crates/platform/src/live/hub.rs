//! What gathers in this process, and who of it is told.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, Mutex};

use kernel::{EntityId, TenantId, UserId};
use tokio::sync::{Notify, broadcast};
use tokio_util::sync::CancellationToken;

use super::wire::Change;
use crate::error::Kind;
use crate::{Error, Result};

/// Where something changed; without an entity, in the tenant as a whole.
pub(super) type Place = (TenantId, Option<EntityId>);

/// The kinds of things that changed.
pub(super) type Topics = BTreeSet<Cow<'static, str>>;

/// News that may wait for a slow stream before it is told to read everything again.
const BACKLOG: usize = 256;

/// Streams that one user may have open in one process.
const STREAMS_PER_USER: usize = 12;

/// What the streams of this process are told.
#[derive(Clone, Debug)]
pub(super) enum News {
    /// This changed.
    Changed(Arc<[Change]>),
    /// Something may have been missed.
    Refresh,
}

/// The hints of this process that wait to be sent, and its streams.
pub(crate) struct Hub {
    waiting: Mutex<BTreeMap<Place, Topics>>,
    gathered: Notify,
    news: broadcast::Sender<News>,
    seats: Arc<Mutex<HashMap<UserId, usize>>>,
    closing: CancellationToken,
}

impl Hub {
    pub(crate) fn new() -> Self {
        Self {
            waiting: Mutex::default(),
            gathered: Notify::new(),
            news: broadcast::Sender::new(BACKLOG),
            seats: Arc::default(),
            closing: CancellationToken::new(),
        }
    }

    /// Keeps hints until they are sent.
    pub(crate) fn note(&self, hints: impl IntoIterator<Item = (Place, Cow<'static, str>)>) {
        let mut hints = hints.into_iter().peekable();
        if hints.peek().is_none() {
            return;
        }
        let mut waiting = self.waiting.lock().expect("no one panics while holding the hints");
        for (place, topic) in hints {
            waiting.entry(place).or_default().insert(topic);
        }
        drop(waiting);
        self.gathered.notify_one();
    }

    /// Returns once there are hints to send.
    pub(super) async fn gathered(&self) {
        self.gathered.notified().await;
    }

    pub(super) fn take(&self) -> BTreeMap<Place, Topics> {
        std::mem::take(&mut *self.waiting.lock().expect("no one panics while holding the hints"))
    }

    /// Keeps hints that could not be sent for the next time.
    pub(super) fn put_back(&self, hints: BTreeMap<Place, Topics>) {
        self.note(hints.into_iter().flat_map(|(place, topics)| topics.into_iter().map(move |topic| (place, topic))));
    }

    /// Tells the streams. That there is none is no news.
    pub(super) fn tell(&self, news: News) {
        drop(self.news.send(news));
    }

    pub(super) fn news(&self) -> broadcast::Receiver<News> {
        self.news.subscribe()
    }

    /// Ends the streams.
    pub(super) fn close(&self) {
        self.closing.cancel();
    }

    pub(super) fn closing(&self) -> CancellationToken {
        self.closing.clone()
    }

    /// A place for one more stream of `user`.
    ///
    /// Throttled when he has as many open as he may.
    pub(super) fn seat(&self, user: UserId) -> Result<Seat> {
        let mut seats = self.seats.lock().expect("no one panics while holding the seats");
        let taken = seats.entry(user).or_default();
        if *taken >= STREAMS_PER_USER {
            let detail = format!("You have {STREAMS_PER_USER} live screens open: close one first.");
            return Err(Error::new(Kind::Throttled, "too_many_streams", detail).with_field("retry_after", "30"));
        }
        *taken += 1;
        metrics::gauge!("comptoir_live_streams").increment(1);
        Ok(Seat { user, seats: Arc::clone(&self.seats) })
    }
}

/// A stream's place among those of its user; free again when it is dropped.
pub(super) struct Seat {
    user: UserId,
    seats: Arc<Mutex<HashMap<UserId, usize>>>,
}

impl Drop for Seat {
    fn drop(&mut self) {
        metrics::gauge!("comptoir_live_streams").decrement(1);
        let mut seats = self.seats.lock().expect("no one panics while holding the seats");
        let left = seats.get(&self.user).map_or(0, |taken| taken.saturating_sub(1));
        if left == 0 {
            seats.remove(&self.user);
        } else {
            seats.insert(self.user, left);
        }
    }
}
