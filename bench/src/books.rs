//! (g) The books: a trial balance over many entries, and the FEC of a year.

use std::path::Path;
use std::time::Instant;

use serde_json::{Value, json};
use sqlx::{AssertSqlSafe, Connection as _, PgConnection};

use crate::client::Client;
use crate::service::Service;
use crate::{Failure, percentile, setup};

const PORT: u16 = 18_614;
/// How often the trial balance is read.
const READS: usize = 100;

/// Measures both over so many entries of three lines.
pub(crate) async fn measure(binary: &Path, entries: u64) -> Result<Value, Failure> {
    let dir = crate::start::data_dir()?;
    let (service, _) = Service::start(binary, dir.path(), PORT).await?;
    let tenant = setup::tenant(&service).await?;
    let year = stocked(&service, &tenant.token, entries).await?;
    let mut client = Client::connect(service.port).await?;
    let mut latencies = Vec::with_capacity(READS);
    for _ in 0..READS {
        let sent = Instant::now();
        let answer = client.get("/api/ledger/trial-balance?entity=ZR7&to=2199-12-31", Some(&tenant.token)).await?;
        latencies.push(sent.elapsed().as_secs_f64() * 1000.0);
        let balance: Value = serde_json::from_slice(&answer.body)?;
        if balance["total"]["balance"] != "0.00" || balance["accounts"].as_array().is_none_or(|rows| rows.len() < 6) {
            return Err(format!("no trial balance: {balance}").into());
        }
    }
    let (p50, p95) = (percentile(&mut latencies, 0.5), percentile(&mut latencies, 0.95));
    println!("(g) books of {entries} entries");
    println!("    trial balance                        p50 {p50:6.2} ms  p95 {p95:6.2} ms (≤ 200)");
    let idle = service.resident_mib()?;
    let mut most = idle;
    let clock = Instant::now();
    let path = format!("/api/ledger/fec?entity=ZR7&year={year}");
    let (bytes, lines) = client
        .stream(&path, &tenant.token, || {
            most = most.max(service.resident_mib().unwrap_or(most));
        })
        .await?;
    let seconds = clock.elapsed().as_secs_f64();
    let expected = entries * 3 + 3;
    if lines != expected {
        return Err(format!("the FEC has {lines} lines instead of {expected}").into());
    }
    #[expect(clippy::cast_precision_loss, reason = "a rate")]
    let rate = lines as f64 / seconds;
    println!(
        "    FEC of {lines} lines, {} MiB      {rate:9.0} lines/s (≥ 100000), resident {idle:.0} → {most:.0} MiB",
        bytes / (1 << 20)
    );
    service.stop()?;
    Ok(json!({ "entries": entries, "trial_balance_p50_ms": p50, "trial_balance_p95_ms": p95, "fec_lines": lines,
        "fec_lines_per_second": rate, "fec_bytes": bytes, "idle_mib": idle, "most_mib": most }))
}

/// Opens the books with one entry, and fills the year; which year that is.
async fn stocked(service: &Service, token: &str, entries: u64) -> Result<String, Failure> {
    let mut client = Client::connect(service.port).await?;
    let entry = json!({ "entity": "ZR7", "label": "Première écriture", "lines": [
        { "account": "471", "debit": "1.00" }, { "account": "512", "credit": "1.00" } ] });
    let answer = client.post("/api/ledger/entries", Some(token), entry.to_string()).await?;
    if answer.status != 201 {
        return Err(format!("no entry: {}", String::from_utf8_lossy(&answer.body)).into());
    }
    let mut owner = PgConnection::connect(&service.owner_url()?).await?;
    sqlx::raw_sql("update platform.entity set legal = '{\"siren\": \"732829320\"}' where code = 'ZR7'")
        .execute(&mut owner)
        .await?;
    let stock = include_str!("../sql/ledger.sql").replace("@ENTRIES", &entries.to_string());
    sqlx::raw_sql(AssertSqlSafe(stock)).execute(&mut owner).await?;
    let year = sqlx::query_scalar("select extract(year from ends_on)::integer::text from ledger.fiscal_year")
        .fetch_one(&mut owner)
        .await?;
    drop(owner);
    setup::settle(service).await?;
    Ok(year)
}
