//! Counts the statements that the service sends in this test: those of pools that tell of their statements, on this thread.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tracing::subscriber::DefaultGuard;
use tracing::{Event, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::layer::{Context, SubscriberExt as _};

use super::{Answer, Call};

struct Counter(Arc<AtomicUsize>);

impl<S: Subscriber> Layer<S> for Counter {
    fn on_event(&self, _: &Event<'_>, _: Context<'_, S>) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

/// Counts until it is dropped.
pub(crate) struct Statements {
    count: Arc<AtomicUsize>,
    _guard: DefaultGuard,
}

impl Statements {
    pub(crate) fn counted() -> Self {
        let count = Arc::<AtomicUsize>::default();
        let layer = Counter(Arc::clone(&count)).with_filter(filter_fn(|metadata| metadata.target() == "sqlx::query"));
        let subscriber = tracing_subscriber::registry().with(layer);
        Self { count, _guard: tracing::subscriber::set_default(subscriber) }
    }

    /// How many statements this request takes, asked twice: what is done once an hour is not of the request.
    pub(crate) async fn of<'a>(&self, ask: impl Fn() -> Call<'a>) -> (usize, Answer) {
        ask().await;
        self.count.store(0, Ordering::SeqCst);
        let answer = ask().await;
        (self.count.load(Ordering::SeqCst), answer)
    }
}
