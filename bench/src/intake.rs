//! (a) leads per second against pgbench, (b) all of them wanting one order, (e) memory.

use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use sqlx::{Connection as _, PgConnection};

use crate::client::Client;
use crate::service::Service;
use crate::setup::{self, Tenant};
use crate::{Failure, percentile};

/// Connections that post at once.
pub(crate) const CLIENTS: usize = 64;
const PORT: u16 = 18_611;

/// What a load came to.
pub(crate) struct Load {
    accepted: usize,
    /// Leads accepted per second.
    pub(crate) per_second: f64,
    mean_ms: f64,
    p95_ms: f64,
    cpu: crate::service::Cpu,
    peak_mib: f64,
}

/// Measures intake on a fresh service.
pub(crate) async fn measure(binary: &Path, pg_bin: &Path, seconds: u64) -> Result<Value, Failure> {
    let dir = crate::start::data_dir()?;
    let (service, _) = Service::start(binary, dir.path(), PORT).await?;
    let tenant = setup::tenant(&service).await?;
    // Idle is at rest: hashing the password of the sign-in above took 19 MiB for a moment.
    tokio::time::sleep(std::time::Duration::from_secs(3)).await;
    let idle_mib = service.resident_mib()?;
    let counter = Arc::new(AtomicU64::new(0));
    load(&service, &counter, CLIENTS, 2).await?;
    setup::settle(&service).await?;

    let one = load(&service, &counter, 1, seconds.min(5)).await?;
    let pgbench_one = pgbench(&service, &tenant, pg_bin, 1, seconds.min(5))?;
    let spread = load(&service, &counter, CLIENTS, seconds).await?;
    let reference = pgbench(&service, &tenant, pg_bin, 16, seconds)?;
    let quota = i32::try_from(spread.accepted / 2)?;
    setup::orders(&service, 1, quota).await?;
    let hot = load(&service, &counter, CLIENTS, seconds).await?;
    let used = used(&service).await?;

    let show = |name: &str, load: &Load| {
        println!(
            "{name:34} {:8.0} leads/s  mean {:6.2} ms  p95 {:6.2} ms  cpu/lead: service {:.3} ms, postgres {:.3} ms",
            load.per_second, load.mean_ms, load.p95_ms, load.cpu.service, load.cpu.postgres
        );
    };
    println!("(a) intake → routed → committed, over HTTP");
    show("    64 clients", &spread);
    show("    1 client", &one);
    println!(
        "    pgbench, 16 clients              {:8.0} leads/s  cpu/lead: postgres {:.3} ms",
        reference.0, reference.1
    );
    println!(
        "    pgbench, 1 client                {:8.0} leads/s  mean {:6.2} ms",
        pgbench_one.0,
        1000.0 / pgbench_one.0
    );
    println!("    ratio service ÷ pgbench          {:8.2}  (aim 2, at least 1.5)", spread.per_second / reference.0);
    println!("    added with one client            {:8.2} ms (below 5)", one.mean_ms - 1000.0 / pgbench_one.0);
    println!("(b) all leads wanting one order");
    show("    64 clients", &hot);
    println!("    ratio (b) ÷ (a)                  {:8.2}  (at least 0.7)", hot.per_second / spread.per_second);
    println!("    quota {quota}, used {used}");
    println!("(e) resident memory: idle {idle_mib:.0} MiB (≤ 60), during (a) {:.0} MiB (≤ 250)", spread.peak_mib);
    service.stop()?;
    let figures = |load: &Load| {
        json!({ "per_second": load.per_second, "mean_ms": load.mean_ms, "p95_ms": load.p95_ms,
            "service_cpu_ms": load.cpu.service, "postgres_cpu_ms": load.cpu.postgres })
    };
    Ok(json!({ "spread": figures(&spread), "one_client": figures(&one), "hot": figures(&hot),
        "pgbench_per_second": reference.0, "pgbench_cpu_ms": reference.1, "pgbench_one_per_second": pgbench_one.0,
        "ratio": spread.per_second / reference.0, "hot_ratio": hot.per_second / spread.per_second,
        "quota": quota, "used": used, "idle_mib": idle_mib, "loaded_mib": spread.peak_mib }))
}

/// Posts leads over so many connections for so long.
pub(crate) async fn load(
    service: &Service,
    counter: &Arc<AtomicU64>,
    clients: usize,
    seconds: u64,
) -> Result<Load, Failure> {
    let before = service.cpu()?;
    let clock = Instant::now();
    let until = clock + Duration::from_secs(seconds);
    let mut tasks = Vec::with_capacity(clients);
    for _ in 0..clients {
        let mut client = Client::connect(service.port).await?;
        let counter = Arc::clone(counter);
        tasks.push(tokio::spawn(async move {
            let mut latencies = Vec::new();
            while Instant::now() < until {
                let n = counter.fetch_add(1, Ordering::Relaxed);
                let sent = Instant::now();
                let answer = client.post("/api/public/leads", None, lead(n)).await?;
                if answer.status != 201 {
                    return Err(format!("{}: {}", answer.status, String::from_utf8_lossy(&answer.body)).into());
                }
                latencies.push(sent.elapsed().as_secs_f64() * 1000.0);
            }
            Ok::<_, Failure>(latencies)
        }));
    }
    let mut latencies = Vec::new();
    let mut peak_mib = 0.0_f64;
    while Instant::now() < until {
        peak_mib = peak_mib.max(service.resident_mib()?);
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    for task in tasks {
        latencies.extend(task.await??);
    }
    let elapsed = clock.elapsed().as_secs_f64();
    let accepted = latencies.len();
    let count = f64::from(u32::try_from(accepted)?);
    let mean_ms = latencies.iter().sum::<f64>() / count;
    let cpu = service.cpu()?.per(before, accepted);
    Ok(Load { accepted, per_second: count / elapsed, mean_ms, p95_ms: percentile(&mut latencies, 0.95), cpu, peak_mib })
}

/// A phone of its own. The digit 9 before and 1 after keep it from looking made up.
pub(crate) fn phone(n: u64) -> String {
    format!("06{:03}91{:03}", (n / 1000) % 1000, n % 1000)
}

/// The n-th lead.
fn lead(n: u64) -> String {
    let phone = phone(n);
    json!({ "session_id": format!("bench-{n}"), "form_code": "BENCH", "phone": phone, "nom": "Martin", "prenom": "Claire",
        "email": format!("claire{n}@example.org"), "departement": "75", "produit": "PV", "ville": "Paris",
        "api_key": setup::KEY })
    .to_string()
}

async fn used(service: &Service) -> Result<i64, Failure> {
    let mut owner = PgConnection::connect(&service.owner_url()?).await?;
    let sql = "select coalesce(sum(w.used), 0) from leads.order_week w join leads.standing_order o on o.id = w.order_id where o.active";
    Ok(sqlx::query_scalar(sql).fetch_one(&mut owner).await?)
}

/// The same statements, one transaction per lead, over the same socket, as the same role. Returns leads per second and
/// milliseconds of PostgreSQL's processor time per lead.
fn pgbench(
    service: &Service,
    tenant: &Tenant,
    pg_bin: &Path,
    clients: usize,
    seconds: u64,
) -> Result<(f64, f64), Failure> {
    let mut script = tempfile::NamedTempFile::new()?;
    std::io::Write::write_all(&mut script, one_lead(tenant).as_bytes())?;
    let url = service.run(&["db-url"])?;
    let before = service.cpu()?;
    let output = Command::new(pg_bin.join("pgbench"))
        .args(["-n", "-M", "prepared", "-c", &clients.to_string(), "-j", "2", "-T", &seconds.to_string()])
        .arg("-f")
        .arg(script.path())
        .arg(url)
        .output()?;
    let text = String::from_utf8(output.stdout)?;
    let rate = |name: &str| {
        let line = text.lines().find(|line| line.starts_with(name))?;
        line.split('=').nth(1)?.split_whitespace().next()?.parse::<f64>().ok()
    };
    let failure = || format!("pgbench said: {text}{}", String::from_utf8_lossy(&output.stderr));
    let per_second = rate("tps").ok_or_else(failure)?;
    let done = text.lines().find(|line| line.contains("actually processed:")).ok_or_else(failure)?;
    let done: usize =
        done.rsplit(':').next().unwrap_or_default().trim().split('/').next().unwrap_or_default().parse()?;
    Ok((per_second, service.cpu()?.per(before, done).postgres))
}

/// `bench/sql/one_lead.sql` with this tenant's ids; the insert is the service's own file. Each lead takes the lock of its
/// phone only and one of seven orders, so that the transactions wait for each other less than they would have to.
fn one_lead(tenant: &Tenant) -> String {
    let insert = include_str!("../../crates/leads/src/intake/insert_batch.sql")
        .replace("$1", "'@TENANT'::uuid")
        .replace("$2", &filled(include_str!("../sql/lead.json")))
        .replace("$3", &filled(include_str!("../sql/delivery.json")))
        .replace("$4", "'[]'::jsonb")
        .replace("$5", "now()");
    let events = include_str!("../sql/events.sql").replace("@ROWS", &filled(include_str!("../sql/event.json")));
    let script = include_str!("../sql/one_lead.sql")
        .replace("@BOOK", &line(include_str!("../sql/book.sql")))
        .replace("@PRIORS", &line(include_str!("../sql/priors.sql")))
        .replace("@SHARED", &line(include_str!("../sql/shared.sql")))
        .replace("@INSERT", &line(&insert))
        .replace("@EVENTS", &line(&events));
    let list = |ids: &[String]| ids.iter().map(|id| format!("'{id}'")).collect::<Vec<_>>().join(",");
    script
        .replace("@BUYERS", &list(&tenant.buyers))
        .replace("@ORDERS", &list(&tenant.orders))
        .replace("@PROVIDER", &tenant.provider)
        .replace("@TENANT", &tenant.id)
        .replace("@ENTITIES", &tenant.entities.join(","))
        .replace("@ENTITY", &tenant.entities[0])
        .replace("@OTHER", &tenant.entities[1])
}

/// A JSON row with its ids filled in by PostgreSQL.
fn filled(template: &str) -> String {
    let mut sql = format!("'{}'", template.trim());
    for (mark, value) in [
        ("#ID#", "md5(:n::bigint::text)"),
        ("#DID#", "md5('d' || :n::bigint)"),
        ("#PHONE#", "'06' || :n::bigint"),
        ("#BUYER#", "(array[@BUYERS])[:k::int]"),
        ("#ORDER#", "(array[@ORDERS])[:k::int]"),
    ] {
        sql = format!("replace({sql}, '{mark}', {value})");
    }
    format!("{sql}::jsonb")
}

/// pgbench takes one statement a line when it is given none of its own separators.
fn line(sql: &str) -> String {
    sql.split_whitespace().collect::<Vec<_>>().join(" ").trim_end_matches(';').to_owned()
}
