//! (c) List pages over ten thousand and over a million leads.

use std::path::Path;
use std::time::Instant;

use serde_json::{Value, json};
use sqlx::{Connection as _, PgConnection};

use crate::client::Client;
use crate::service::Service;
use crate::setup::{self, Tenant};
use crate::{Failure, percentile};

const SMALL: u64 = 10_000;
const PAGES: usize = 300;
const PORT: u16 = 18_612;

struct Page {
    p95_ms: f64,
    cpu_ms: f64,
}

/// Measures every filter at both sizes, one service each, in one run.
pub(crate) async fn measure(binary: &Path, rows: u64) -> Result<Value, Failure> {
    let (small, large) = (pages(binary, SMALL).await?, pages(binary, rows).await?);
    println!("(c) list pages of 50, {SMALL} → {rows} leads");
    let mut figures = Vec::new();
    for ((name, small), (_, large)) in small.iter().zip(&large) {
        let ratio = large.p95_ms / small.p95_ms;
        println!(
            "    {name:44} p95 {:6.2} → {:6.2} ms  ratio {ratio:5.2} (≤ 1.5)  cpu {:.3} → {:.3} ms (≤ 0.6)",
            small.p95_ms, large.p95_ms, small.cpu_ms, large.cpu_ms
        );
        figures.push(json!({ "page": name, "small_p95_ms": small.p95_ms, "large_p95_ms": large.p95_ms, "ratio": ratio,
            "small_cpu_ms": small.cpu_ms, "large_cpu_ms": large.cpu_ms }));
    }
    Ok(Value::from(figures))
}

async fn pages(binary: &Path, rows: u64) -> Result<Vec<(String, Page)>, Failure> {
    let dir = crate::start::data_dir()?;
    let (service, _) = Service::start(binary, dir.path(), PORT).await?;
    let tenant = setup::tenant(&service).await?;
    let mut owner = PgConnection::connect(&service.owner_url()?).await?;
    sqlx::raw_sql(sqlx::AssertSqlSafe(include_str!("../sql/stock.sql").replace("@ROWS", &rows.to_string())))
        .execute(&mut owner)
        .await?;
    sqlx::raw_sql("vacuum analyze").execute(&mut owner).await?;
    let mut measured = Vec::new();
    for path in paths(&tenant) {
        measured.push((
            path.replace(&tenant.buyers[0], "…").replace(&tenant.orders[0], "…"),
            page(&service, &tenant, &path).await?,
        ));
    }
    service.stop()?;
    Ok(measured)
}

fn paths(tenant: &Tenant) -> Vec<String> {
    let (buyer, order) = (&tenant.buyers[0], &tenant.orders[0]);
    let mut paths: Vec<String> = [
        "/api/leads",
        "/api/leads?entity=ZR7",
        "/api/leads?product=PV",
        "/api/leads?status=routed",
        "/api/leads?status=invalid",
        "/api/leads?departement=75",
        "/api/leads?source=source7",
        "/api/leads?search=0620004242",
        "/api/leads?search=nom4242",
        "/api/leads?search=claire4242",
        "/api/deliveries",
        "/api/deliveries?entity=ZR7",
        "/api/deliveries?status=sent",
        "/api/deliveries?status=failed",
        "/api/deliveries?outcome=rejected",
        "/api/deliveries?product=PV",
    ]
    .map(str::to_owned)
    .into();
    paths.extend([
        format!("/api/leads?buyer={buyer}"),
        format!("/api/deliveries?buyer={buyer}"),
        format!("/api/deliveries?order={order}"),
    ]);
    paths
}

async fn page(service: &Service, tenant: &Tenant, path: &str) -> Result<Page, Failure> {
    let mut client = Client::connect(service.port).await?;
    let mut latencies = Vec::with_capacity(PAGES);
    for _ in 0..20 {
        client.get(path, Some(&tenant.token)).await?;
    }
    let before = service.cpu()?;
    for _ in 0..PAGES {
        let sent = Instant::now();
        let answer = client.get(path, Some(&tenant.token)).await?;
        if answer.status != 200 {
            return Err(format!("{path}: {} {}", answer.status, String::from_utf8_lossy(&answer.body)).into());
        }
        latencies.push(sent.elapsed().as_secs_f64() * 1000.0);
    }
    let cpu = service.cpu()?.per(before, PAGES);
    Ok(Page { p95_ms: percentile(&mut latencies, 0.95), cpu_ms: cpu.service + cpu.postgres })
}
