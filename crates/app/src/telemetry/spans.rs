//! Spans to a collector, by OTLP over HTTP.
//!
//! A span that ends goes into a queue that is bounded and never waited for; a task of its own hands over what has gathered. Where the
//! collector is down or slow, spans are lost, and counted (`comptoir_trace_spans_total`), and nothing else suffers.

use std::sync::Arc;
use std::time::{Duration, Instant};

use opentelemetry::trace::TracerProvider as _;
use opentelemetry::{Context, KeyValue, global};
use opentelemetry_otlp::{Protocol, SpanExporter, WithExportConfig as _, WithHttpConfig as _};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::propagation::TraceContextPropagator;
use opentelemetry_sdk::trace::{Sampler, SdkTracerProvider, Span, SpanData, SpanExporter as _, SpanProcessor};
use platform::signal::{Outcome, Signals};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use tracing::{Level, Metadata, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::filter::{LevelFilter, filter_fn};
use tracing_subscriber::registry::LookupSpan;

use super::is_ours;
use crate::config::Config;

/// Spans that wait at most: some megabytes.
const QUEUE: usize = 8192;

/// Spans that are handed over at once.
const BATCH: usize = 512;

/// Spans gather for so long.
const GATHERING: Duration = Duration::from_millis(500);

/// How long the collector may take.
const LIMIT: Duration = Duration::from_secs(10);

/// How long the last spans of a process may take.
const FAREWELL: Duration = Duration::from_secs(2);

/// The layer that makes traces of our spans, and what hands them over; none where no collector is named.
pub(super) fn layer<S>(config: &Config) -> Option<(Box<dyn Layer<S> + Send + Sync>, Export)>
where
    S: Subscriber + for<'a> LookupSpan<'a> + Send + Sync,
{
    let url = config.otlp_url.as_ref()?;
    let exporter = match exporter(url.as_str()) {
        Ok(exporter) => exporter,
        Err(error) => {
            eprintln!("No traces: {error}");
            return None;
        }
    };
    let (sender, spans) = mpsc::channel(QUEUE);
    let provider = SdkTracerProvider::builder()
        .with_sampler(Sampler::ParentBased(Box::new(Sampler::TraceIdRatioBased(config.otlp_ratio.get()))))
        .with_span_processor(Queue(sender))
        .build();
    global::set_text_map_propagator(TraceContextPropagator::new());
    let layer = tracing_opentelemetry::layer()
        .with_tracer(provider.tracer("comptoir"))
        .with_location(false)
        .with_threads(false)
        .with_level(false)
        .with_target(false)
        .with_tracked_inactivity(false)
        .with_filter(filter_fn(is_traced).with_max_level_hint(LevelFilter::DEBUG));
    Some((layer.boxed(), Export { exporter, spans, _provider: provider }))
}

/// Spans of ours alone: what is said within them goes to the log.
fn is_traced(metadata: &Metadata<'_>) -> bool {
    metadata.is_span() && *metadata.level() <= Level::DEBUG && is_ours(metadata.target())
}

fn exporter(url: &str) -> Result<SpanExporter, Box<dyn std::error::Error>> {
    let mut exporter = SpanExporter::builder()
        .with_http()
        .with_http_client(platform::egress::collector(LIMIT)?)
        .with_protocol(Protocol::HttpBinary)
        .with_endpoint(format!("{url}/v1/traces"))
        .with_timeout(LIMIT)
        .build()?;
    let resource = Resource::builder_empty()
        .with_service_name("comptoir")
        .with_attribute(KeyValue::new("service.version", env!("CARGO_PKG_VERSION")))
        .with_attribute(KeyValue::new("service.instance.id", crate::runtime::worker_name()))
        .build();
    exporter.set_resource(&resource);
    Ok(exporter)
}

/// Where spans that ended wait.
#[derive(Debug)]
struct Queue(mpsc::Sender<SpanData>);

impl SpanProcessor for Queue {
    fn on_start(&self, _: &mut Span, _: &Context) {}

    fn on_end(&self, span: SpanData) {
        if span.span_context.is_sampled() && self.0.try_send(span).is_err() {
            count("lost", 1);
        }
    }

    fn force_flush(&self) -> OTelSdkResult {
        Ok(())
    }

    fn shutdown_with_timeout(&self, _: Duration) -> OTelSdkResult {
        Ok(())
    }
}

fn count(outcome: &'static str, spans: usize) {
    metrics::counter!("comptoir_trace_spans_total", "outcome" => outcome).increment(spans as u64);
}

/// Hands spans over to the collector.
pub struct Export {
    exporter: SpanExporter,
    spans: mpsc::Receiver<SpanData>,
    _provider: SdkTracerProvider,
}

impl Export {
    /// Hands over what gathers, until `stop`, and then what is left.
    pub async fn run(mut self, signals: Arc<Signals>, stop: CancellationToken) {
        let mut batch = Vec::with_capacity(BATCH);
        loop {
            let is_over = tokio::select! {
                () = stop.cancelled() => true,
                gathered = self.spans.recv_many(&mut batch, BATCH) => gathered == 0,
            };
            if is_over {
                break;
            }
            if batch.len() < BATCH {
                tokio::select! {
                    () = stop.cancelled() => {}
                    () = tokio::time::sleep(GATHERING) => {}
                }
            }
            self.hand_over(&mut batch, &signals, LIMIT).await;
        }
        self.hand_over(&mut batch, &signals, FAREWELL).await;
    }

    /// Hands over the batch with what came meanwhile.
    async fn hand_over(&mut self, batch: &mut Vec<SpanData>, signals: &Signals, limit: Duration) {
        while batch.len() < BATCH
            && let Ok(span) = self.spans.try_recv()
        {
            batch.push(span);
        }
        if batch.is_empty() {
            return;
        }
        let (spans, clock) = (batch.len(), Instant::now());
        let handed = tokio::time::timeout(limit, self.exporter.export(std::mem::take(batch))).await;
        let is_taken = matches!(handed, Ok(Ok(())));
        count(if is_taken { "sent" } else { "lost" }, spans);
        signals.service("otlp", if is_taken { Outcome::Fine } else { Outcome::Failed }, clock.elapsed());
        if let Ok(Err(error)) = handed {
            tracing::debug!(error = platform::redacted(&error.to_string()), spans, "the collector did not take spans");
        }
    }
}
