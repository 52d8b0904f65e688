//! The audit over a million leads: how long it takes, and what intake loses meanwhile.

use std::path::Path;
use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Instant;

use serde_json::{Value, json};
use tokio::process::Command;

use crate::service::Service;
use crate::{Failure, intake, lists, percentile};

const PORT: u16 = 18_613;

/// Loads with and without an audit beside, one after the other: each pair gives a ratio.
const PAIRS: usize = 5;

/// What an audit told.
struct Audit {
    seconds: f64,
    /// Each check with its milliseconds, the slowest first.
    checks: Vec<(String, u64)>,
    findings: Vec<String>,
}

/// Measures an audit alone, then intake with and without one.
pub(crate) async fn measure(binary: &Path, rows: u64, seconds: u64) -> Result<Value, Failure> {
    let dir = crate::start::data_dir()?;
    let (service, _) = Service::start(binary, dir.path(), PORT).await?;
    lists::stocked(&service, rows).await?;
    let alone = audit(binary, &service).await?;
    println!("(audit) over {rows} leads: {:.1} s (≤ 60), {} checks", alone.seconds, alone.checks.len());
    for (check, ms) in alone.checks.iter().take(5) {
        println!("    {check:36} {ms:6} ms");
    }
    println!("    findings: {}", alone.findings.join(", "));
    let counter = Arc::new(AtomicU64::new(0));
    intake::load(&service, &counter, intake::CLIENTS, 2).await?;
    let mut ratios = Vec::new();
    for pair in 0..PAIRS {
        let without =
            async || Ok::<_, Failure>(intake::load(&service, &counter, intake::CLIENTS, seconds).await?.per_second);
        let beside = async || loaded(binary, &service, &counter, seconds).await;
        // What changes with time, as the tables grow, must count for neither: each comes first in turn.
        let (without, with) = if pair % 2 == 0 {
            (without().await?, beside().await?)
        } else {
            let with = beside().await?;
            (without().await?, with)
        };
        println!("    pair {}: {without:6.0} leads/s alone, {with:6.0} beside an audit", pair + 1);
        ratios.push(with / without);
    }
    let ratio = percentile(&mut ratios, 0.5);
    println!("    intake beside an audit ÷ alone, the median: {ratio:.2} (at least 0.9)");
    service.stop()?;
    let checks: Value = alone.checks.iter().map(|(check, ms)| json!({ "check": check, "ms": ms })).collect();
    Ok(
        json!({ "seconds": alone.seconds, "checks": checks, "findings": alone.findings, "intake_ratio": ratio, "ratios": ratios }),
    )
}

/// Intake for so long while one audit follows the other; leads per second.
async fn loaded(binary: &Path, service: &Service, counter: &Arc<AtomicU64>, seconds: u64) -> Result<f64, Failure> {
    let audits = async {
        loop {
            audit(binary, service).await?;
        }
    };
    tokio::select! {
        load = intake::load(service, counter, intake::CLIENTS, seconds) => Ok(load?.per_second),
        failed = audits => failed,
    }
}

/// One audit of the service's data. It ends with an error when there is a finding, which is none of the measurement.
async fn audit(binary: &Path, service: &Service) -> Result<Audit, Failure> {
    let clock = Instant::now();
    let mut command = Command::new(binary);
    command.args(["audit", "--json", "--data-dir"]).arg(&service.data_dir).stderr(Stdio::null()).kill_on_drop(true);
    let output = command.output().await?;
    let seconds = clock.elapsed().as_secs_f64();
    let report: Value = serde_json::from_slice(&output.stdout)?;
    let results = report.pointer("/0/results").or_else(|| report.pointer("/results"));
    let results = results.and_then(Value::as_array).ok_or("the report has no results")?;
    let text = |result: &Value, field: &str| result[field].as_str().unwrap_or_default().to_owned();
    let mut checks: Vec<_> =
        results.iter().map(|result| (text(result, "id"), result["ms"].as_u64().unwrap_or(0))).collect();
    checks.sort_by_key(|(_, ms)| std::cmp::Reverse(*ms));
    let found = results.iter().filter(|result| matches!(result["status"].as_str(), Some("found" | "failed")));
    Ok(Audit { seconds, checks, findings: found.map(|result| text(result, "id")).collect() })
}
