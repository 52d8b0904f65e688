//! (c) List pages over ten thousand and over a million leads.

use std::path::Path;
use std::pin::pin;
use std::time::Instant;

use serde_json::{Value, json};
use sqlx::{Connection as _, PgConnection};
use tokio::signal::unix::{SignalKind, signal};

use crate::client::Client;
use crate::service::Service;
use crate::setup::{self, Tenant};
use crate::{Failure, percentile};

const SMALL: u64 = 10_000;
/// Pages read one after another, to learn how long one takes.
const ALONE: usize = 1000;
/// Pages each reader reads while processor time is counted.
const PAGES: usize = 400;
/// Connections that read at once while processor time is counted.
const READERS: usize = 8;
const PORT: u16 = 18_612;

/// What a page takes, in milliseconds.
struct Page {
    p95: f64,
    service: f64,
    postgres: f64,
}

impl Page {
    fn cpu(&self) -> f64 {
        self.service + self.postgres
    }
}

/// Measures every filter at both sizes, one service each, in one run.
pub(crate) async fn measure(binary: &Path, rows: u64) -> Result<Value, Failure> {
    let (small, large) = (pages(binary, SMALL).await?, pages(binary, rows).await?);
    println!("(c) list pages of 50, {SMALL} → {rows} leads");
    let mut figures = Vec::new();
    for ((name, small), (_, large)) in small.iter().zip(&large) {
        let ratio = large.p95 / small.p95;
        println!(
            "    {name:36} p95 {:5.2} → {:5.2} ms  ratio {ratio:4.2} (≤ 1.5)  cpu {:.3} → {:.3} ms (≤ 0.6: service {:.3}, PostgreSQL {:.3})",
            small.p95,
            large.p95,
            small.cpu(),
            large.cpu(),
            large.service,
            large.postgres
        );
        if large.cpu() > 0.6 {
            println!("        bound by {}", bound(name));
        }
        figures.push(json!({ "page": name, "small_p95_ms": small.p95, "large_p95_ms": large.p95, "ratio": ratio,
            "small_cpu_ms": small.cpu(), "large_cpu_ms": large.cpu(),
            "large_service_ms": large.service, "large_postgres_ms": large.postgres }));
    }
    Ok(Value::from(figures))
}

/// What a page costs beyond reading its rows.
fn bound(page: &str) -> &'static str {
    if page.contains("source=") {
        "one probe of the index for each source of the tenant, to find those that contain the text"
    } else if page.contains("search=nom") {
        "the 111 leads it finds, of which the newest 50 are wanted: a range of names has no order of time"
    } else {
        "the round trips of a request (sign-in, opening, the page) and the 50 rows read, sent and written as JSON"
    }
}

async fn pages(binary: &Path, rows: u64) -> Result<Vec<(String, Page)>, Failure> {
    let dir = crate::start::data_dir()?;
    let (service, _) = Service::start(binary, dir.path(), PORT).await?;
    let tenant = stocked(&service, rows).await?;
    let mut measured = Vec::new();
    let name = name_of_111(rows);
    for path in paths(&tenant, &name) {
        measured.push((
            path.replace(&tenant.buyers[0], "…").replace(&tenant.orders[0], "…").replace(&name, "nom42…"),
            page(&service, &tenant, &path).await?,
        ));
    }
    service.stop()?;
    Ok(measured)
}

/// A tenant with `rows` leads.
pub(crate) async fn stocked(service: &Service, rows: u64) -> Result<Tenant, Failure> {
    let tenant = setup::tenant(service).await?;
    let mut owner = PgConnection::connect(&service.owner_url()?).await?;
    let stock = include_str!("../sql/stock.sql").replace("@ROWS", &rows.to_string()).replace("@SLUG", setup::SLUG);
    sqlx::raw_sql(sqlx::AssertSqlSafe(stock.replace("@NOW", "now"))).execute(&mut owner).await?;
    drop(owner);
    setup::settle(service).await?;
    Ok(tenant)
}

/// Serves `rows` leads for whoever measures from outside, until it is told to stop. One line says that it is ready: the
/// address, who signs in, and the file of the password.
pub(crate) async fn serve(binary: &Path, rows: u64, port: u16) -> Result<(), Failure> {
    let mut told = pin!(told_to_stop()?);
    let dir = crate::start::data_dir()?;
    let (service, _) = Service::start(binary, dir.path(), port).await?;
    tokio::select! {
        tenant = stocked(&service, rows) => drop(tenant?),
        () = &mut told => return service.stop(),
    }
    let password = dir.path().join("password");
    std::fs::write(&password, setup::PASSWORD)?;
    println!("http://127.0.0.1:{port} {} {}", setup::EMAIL, password.display());
    told.await;
    service.stop()
}

fn told_to_stop() -> Result<impl Future<Output = ()>, Failure> {
    let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}

/// The beginning of 111 names (`nom42`, `nom420` …, `nom4200` …), so that the search finds as many at both sizes.
fn name_of_111(rows: u64) -> String {
    let digits = rows.max(1000).ilog10() as usize - 2;
    format!("nom{}", &"42424242"[..digits])
}

fn paths(tenant: &Tenant, name: &str) -> Vec<String> {
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
        format!("/api/leads?search={name}"),
        format!("/api/leads?buyer={buyer}"),
        format!("/api/deliveries?buyer={buyer}"),
        format!("/api/deliveries?order={order}"),
    ]);
    paths
}

async fn page(service: &Service, tenant: &Tenant, path: &str) -> Result<Page, Failure> {
    let mut latencies = Vec::new();
    read(service.port, tenant.token.clone(), path.to_owned(), 20).await?;
    latencies.extend(read(service.port, tenant.token.clone(), path.to_owned(), ALONE).await?);
    // What a page costs is counted while several people read: with one, half of it is waking up.
    let before = service.cpu()?;
    let readers: Vec<_> =
        (0..READERS).map(|_| tokio::spawn(read(service.port, tenant.token.clone(), path.to_owned(), PAGES))).collect();
    for reader in readers {
        reader.await??;
    }
    let cpu = service.cpu()?.per(before, PAGES * READERS);
    Ok(Page { p95: percentile(&mut latencies, 0.95), service: cpu.service, postgres: cpu.postgres })
}

/// Reads a page again and again over one connection; how long each took, in milliseconds.
async fn read(port: u16, token: String, path: String, times: usize) -> Result<Vec<f64>, Failure> {
    let mut client = Client::connect(port).await?;
    let mut latencies = Vec::with_capacity(times);
    for _ in 0..times {
        let sent = Instant::now();
        let answer = client.get(&path, Some(&token)).await?;
        if answer.status != 200 {
            return Err(format!("{path}: {} {}", answer.status, String::from_utf8_lossy(&answer.body)).into());
        }
        latencies.push(sent.elapsed().as_secs_f64() * 1000.0);
    }
    Ok(latencies)
}
