//! What the service tells of itself: logs, metrics, traces, and which statements are slow.
//!
//! Logs and traces hold no personal data: words of ours, ids, codes and figures. Other crates are heard from level info on only,
//! whatever is asked for: below that they tell what passes through them.

mod logs;
mod spans;
mod statements;

use std::sync::Arc;

use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use platform::signal::{BOUNDS, Signals};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

pub use logs::log_panics;
pub use spans::Export;

use crate::config::Config;

/// The crates of this workspace, as the targets of spans and records begin.
pub const OUR_CRATES: &[&str] = &[
    "app",
    "billing",
    "catalog",
    "comptoir",
    "einvoice",
    "kernel",
    "leads",
    "ledger",
    "parties",
    "platform",
    "statements",
    "watch",
];

/// Whether a span or record is ours rather than another crate's.
fn is_ours(target: &str) -> bool {
    OUR_CRATES.contains(&target.split("::").next().unwrap_or_default())
}

/// What a process that serves measures itself with.
#[derive(Default)]
pub struct Telemetry {
    /// Where it measures.
    pub signals: Arc<Signals>,
    /// What hands its spans over, where they are wanted.
    pub export: Option<Export>,
}

/// Sends logs to stderr: for a command that does not serve, and says nothing but what is wrong.
pub fn init_for_command(config: &Config) {
    // It fails when they already go somewhere.
    _ = tracing_subscriber::registry().with(logs::layer("warn", config.log_format)).try_init();
}

/// Sends logs to stderr, gathers slow statements, and makes traces where a collector is named.
pub fn init(config: &Config) -> Telemetry {
    let signals = Arc::<Signals>::default();
    let (layer, export) = spans::layer(config).unzip();
    let registry = tracing_subscriber::registry()
        .with(logs::layer(config.log.as_str(), config.log_format))
        .with(statements::layer(Arc::clone(&signals)))
        .with(layer);
    // It fails when somebody else listens already.
    _ = registry.try_init();
    Telemetry { signals, export }
}

/// Starts to collect metrics for the whole process.
pub fn init_metrics() -> PrometheusHandle {
    let recorder = builder().build_recorder();
    let handle = recorder.handle();
    if metrics::set_global_recorder(recorder).is_err() {
        tracing::warn!("metrics are collected elsewhere already; /metrics stays empty");
    }
    handle
}

/// A handle that collects nothing: for commands that do not serve.
pub fn no_metrics() -> PrometheusHandle {
    builder().build_recorder().handle()
}

fn builder() -> PrometheusBuilder {
    PrometheusBuilder::new().set_buckets(&BOUNDS).expect("the buckets are not empty")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    use super::*;

    #[test]
    fn every_crate_of_the_workspace_is_ours() {
        let crates = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        let found = std::fs::read_dir(crates).unwrap().map(|dir| dir.unwrap().file_name().into_string().unwrap());
        // The binary of app is called comptoir.
        let found: BTreeSet<_> = found.chain(["comptoir".to_owned()]).collect();
        assert_eq!(OUR_CRATES.iter().map(|name| (*name).to_owned()).collect::<BTreeSet<_>>(), found);
        assert!(is_ours("platform::tx") && is_ours("leads") && !is_ours("sqlx::query") && !is_ours("leadsman"));
    }
}
