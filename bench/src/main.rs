//! The benchmarks of Comptoir. Each prints ratios taken in one run, since the machine is shared: against `pgbench` doing
//! the same statements one transaction per lead, and against the size of the data. Beside each rate stands the processor
//! time per request from the kernel's accounting, which stays put where rates do not.

mod audit;
mod books;
mod client;
mod intake;
mod lists;
mod service;
mod setup;
mod soak;
mod start;
mod week;

use std::path::PathBuf;

use clap::Parser;
use serde_json::{Value, json};

type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Measures a release build of comptoir.
#[derive(Parser)]
struct Args {
    /// The binary to measure.
    #[arg(long, default_value = "target/release/comptoir")]
    binary: PathBuf,
    /// The routing engine's own measurement.
    #[arg(long, default_value = "target/release/examples/routing_rate")]
    routing: PathBuf,
    /// The measurement of issuing.
    #[arg(long, default_value = "target/release/examples/issue_rate")]
    issuing: PathBuf,
    /// Documents that it issues in each of its ways.
    #[arg(long, default_value_t = 600)]
    documents: u64,
    /// The directory of pgbench.
    #[arg(long, default_value = ".")]
    pg_bin: PathBuf,
    /// Seconds per load.
    #[arg(long, default_value_t = 10)]
    seconds: u64,
    /// Leads of the large data set of the list pages.
    #[arg(long, default_value_t = 1_000_000)]
    rows: u64,
    /// Entries of the books whose trial balance and FEC are measured.
    #[arg(long, default_value_t = 2_000_000)]
    entries: u64,
    /// Also write the figures to this file.
    #[arg(long)]
    json: Option<PathBuf>,
    /// Only these parts, such as `a,b`.
    #[arg(long, value_delimiter = ',', default_value = "a,b,c,d,e,f,g,week-ledger,issue,audit")]
    only: Vec<String>,
    /// Measure nothing, but serve the large data set of the list pages on this port until told to stop.
    #[arg(long, value_name = "PORT")]
    serve: Option<u16>,
    /// Measure nothing else, but hold a mixed load for so many minutes; fails on an error, and on memory that grows.
    #[arg(long, value_name = "MINUTES")]
    soak: Option<u64>,
}

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let args = Args::parse();
    if let Some(port) = args.serve {
        return lists::serve(&args.binary, args.rows, port).await;
    }
    if let Some(minutes) = args.soak {
        return soak::hold(&args.binary, minutes.max(1)).await;
    }
    let wants = |part: &str| args.only.iter().any(|only| only == part);
    let mut figures = serde_json::Map::new();
    if wants("a") || wants("b") || wants("e") {
        figures.insert("intake".into(), intake::measure(&args.binary, &args.pg_bin, args.seconds).await?);
    }
    if wants("c") {
        figures.insert("lists".into(), lists::measure(&args.binary, args.rows).await?);
    }
    if wants("d") {
        let output = std::process::Command::new(&args.routing).output()?;
        let text = String::from_utf8(output.stdout)?;
        println!("(d) routing alone\n{text}");
        figures.insert("routing".into(), json!(text.trim()));
    }
    if wants("issue") {
        let output = std::process::Command::new(&args.issuing).arg(args.documents.to_string()).output()?;
        let text = String::from_utf8(output.stdout)?;
        if !output.status.success() {
            return Err(format!("issuing: {}", String::from_utf8_lossy(&output.stderr)).into());
        }
        println!("{text}");
        figures.insert("issue".into(), json!(text.trim()));
    }
    if wants("f") {
        figures.insert("start".into(), start::measure(&args.binary).await?);
    }
    if wants("week-ledger") {
        figures.insert("week_ledger".into(), week::measure(&args.binary).await?);
    }
    if wants("g") {
        figures.insert("books".into(), books::measure(&args.binary, args.entries).await?);
    }
    if wants("audit") {
        figures.insert("audit".into(), audit::measure(&args.binary, args.rows, args.seconds).await?);
    }
    if let Some(file) = &args.json {
        std::fs::write(file, serde_json::to_string_pretty(&Value::Object(figures))?)?;
    }
    Ok(())
}

/// The `share` percentile of `values`, in the unit they are in.
fn percentile(values: &mut [f64], share: f64) -> f64 {
    values.sort_by(f64::total_cmp);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "an index"
    )]
    let index = ((values.len() as f64 * share) as usize).min(values.len().saturating_sub(1));
    values.get(index).copied().unwrap_or(0.0)
}
