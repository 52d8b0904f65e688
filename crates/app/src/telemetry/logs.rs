//! Records on stderr, as text or JSON.

use std::io::IsTerminal as _;
use std::panic::PanicHookInfo;

use tracing::{Level, Metadata, Subscriber};
use tracing_subscriber::filter::{FilterExt as _, LevelFilter, filter_fn};
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::{EnvFilter, Layer, fmt};

use super::is_ours;
use crate::config::LogFormat;

/// The layer that writes. A record within a request or a job bears its request id.
pub(super) fn layer<S>(filter: &str, format: LogFormat) -> Box<dyn Layer<S> + Send + Sync>
where
    S: Subscriber + for<'a> LookupSpan<'a> + Send + Sync,
{
    let lines = fmt::layer().with_writer(std::io::stderr).with_ansi(std::io::stderr().is_terminal());
    let lines = match format {
        LogFormat::Json => lines.json().flatten_event(true).with_span_list(false).boxed(),
        LogFormat::Text => lines.boxed(),
    };
    let told = filter_fn(is_told).with_max_level_hint(LevelFilter::TRACE);
    lines.with_filter(EnvFilter::new(filter).and(told)).boxed()
}

/// Slow statements are told of once a minute, without their values, by `platform::signal`.
fn is_told(record: &Metadata<'_>) -> bool {
    is_ours(record.target()) || (*record.level() <= Level::INFO && record.target() != "sqlx::query")
}

/// Has panics told like everything else, without the values that their messages quote.
pub fn log_panics() {
    std::panic::set_hook(Box::new(|panic: &PanicHookInfo<'_>| {
        let at = panic.location().map_or_else(|| "somewhere".to_owned(), ToString::to_string);
        let message = panic.payload_as_str().unwrap_or_default();
        tracing::error!(at, panic = platform::redacted(message), "something panicked");
    }));
}
