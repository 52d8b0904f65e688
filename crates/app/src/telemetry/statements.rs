//! Catches the statements that the driver finds slow, with the route or the job that ran them.

use std::sync::Arc;
use std::time::Duration;

use platform::signal::Signals;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id};
use tracing::{Event, Level, Metadata, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::filter::{LevelFilter, filter_fn};
use tracing_subscriber::layer::Context;
use tracing_subscriber::registry::LookupSpan;

use super::is_ours;

/// Where the driver tells of statements; only of slow ones at the level of a warning.
const TARGET: &str = "sqlx::query";

/// The layer that hands slow statements to `signals`. It looks at nothing else: a statement that is fast never gets here.
pub(super) fn layer<S>(signals: Arc<Signals>) -> impl Layer<S> + Send + Sync
where
    S: Subscriber + for<'a> LookupSpan<'a> + Send + Sync,
{
    SlowStatements(signals).with_filter(filter_fn(is_wanted).with_max_level_hint(LevelFilter::INFO))
}

fn is_wanted(metadata: &Metadata<'_>) -> bool {
    if metadata.is_span() {
        *metadata.level() == Level::INFO && is_ours(metadata.target())
    } else {
        metadata.target() == TARGET && *metadata.level() == Level::WARN
    }
}

struct SlowStatements(Arc<Signals>);

/// What a request or a job is called.
struct Origin(String);

#[derive(Default)]
struct Told {
    name: String,
    summary: String,
    statement: String,
    seconds: f64,
}

impl Visit for Told {
    fn record_str(&mut self, field: &Field, value: &str) {
        match field.name() {
            "otel.name" => value.clone_into(&mut self.name),
            "summary" => value.clone_into(&mut self.summary),
            "db.statement" => value.clone_into(&mut self.statement),
            _ => {}
        }
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        if field.name() == "elapsed_secs" {
            self.seconds = value;
        }
    }

    fn record_debug(&mut self, _: &Field, _: &dyn std::fmt::Debug) {}
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for SlowStatements {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let mut told = Told::default();
        attributes.record(&mut told);
        if let Some(span) = context.span(id).filter(|_| !told.name.is_empty()) {
            span.extensions_mut().insert(Origin(told.name));
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let mut told = Told::default();
        event.record(&mut told);
        let statement = if told.statement.is_empty() { &told.summary } else { &told.statement };
        let origin = context.event_scope(event).and_then(|mut scope| {
            scope.find_map(|span| span.extensions().get::<Origin>().map(|origin| origin.0.clone()))
        });
        let took = Duration::try_from_secs_f64(told.seconds).unwrap_or_default();
        self.0.slow_statement(statement, origin.as_deref().unwrap_or("service"), took);
    }
}

#[cfg(test)]
mod tests {
    use tracing_subscriber::layer::SubscriberExt as _;

    use super::*;

    #[test]
    fn a_slow_statement_is_caught_with_its_origin_and_a_fast_one_is_not() {
        let signals = Arc::<Signals>::default();
        let subscriber = tracing_subscriber::registry().with(layer(Arc::clone(&signals)));
        tracing::subscriber::with_default(subscriber, || {
            let request = tracing::info_span!(target: "app::http", "request", otel.name = "GET /api/x");
            request.in_scope(|| {
                tracing::warn!(target: TARGET, summary = "select a", db.statement = "\nselect a from b where c = 'Jean'\n", elapsed_secs = 0.75);
                tracing::debug!(target: TARGET, summary = "select fast", elapsed_secs = 0.001);
            });
            tracing::warn!(target: TARGET, summary = "select 1", db.statement = "", elapsed_secs = 0.5);
        });
        let mut slow = signals.take_slow();
        slow.sort_by(|one, other| one.origin.cmp(&other.origin));
        let told: Vec<_> =
            slow.iter().map(|slow| (slow.origin.as_str(), slow.statement.as_str(), slow.longest_us)).collect();
        assert_eq!(told, [("GET /api/x", "select a from b where c = ?", 750_000), ("service", "select ?", 500_000)]);
    }
}
