//! The soak: a mixed load at a bounded rate for a long time. What it looks for is what a short test cannot see: memory that grows,
//! answers that get slower, an error now and then.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio::time::{MissedTickBehavior, interval, sleep};

use crate::client::{Answer, Client};
use crate::service::Service;
use crate::setup::{self, EMAIL, KEY, PASSWORD, Tenant};
use crate::{Failure, intake, percentile};

const PORT: u16 = 18_619;

/// How often memory is looked at.
const SAMPLE: Duration = Duration::from_secs(5);

/// Memory may grow by so much from the middle third to the last.
const GROWTH: f64 = 1.10;

/// What was met since it was last taken.
#[derive(Default)]
struct Tally {
    latencies_ms: Vec<f64>,
    errors: BTreeMap<String, usize>,
}

/// What every caller shares.
struct Shared {
    tally: Mutex<Tally>,
    token: String,
    party: String,
    next: AtomicU64,
}

/// What a caller does, at most so often.
#[derive(Clone, Copy, Debug)]
enum Work {
    Intake,
    Lists,
    SignIn,
    Invoice,
    Export,
}

/// Each kind of caller: how many, and the pause between two rounds of each, in milliseconds.
const CALLERS: [(Work, usize, u64); 5] = [
    (Work::Intake, 4, 200),
    (Work::Lists, 1, 1_200),
    (Work::SignIn, 1, 12_000),
    (Work::Invoice, 1, 6_000),
    (Work::Export, 1, 20_000),
];

/// Holds the load on a fresh service.
///
/// Fails when there were errors, when no webhook was called, or when memory grew.
pub(crate) async fn hold(binary: &Path, minutes: u64) -> Result<(), Failure> {
    let dir = crate::start::data_dir()?;
    let (service, _) = Service::start(binary, dir.path(), PORT).await?;
    let tenant = setup::tenant(&service).await?;
    let (hook, calls) = receiver().await?;
    let party = prepare(&tenant, hook).await?;
    let (tally, next) = (Mutex::default(), AtomicU64::new(0));
    let shared = Arc::new(Shared { tally, token: tenant.token, party, next });
    let mut callers = JoinSet::new();
    for (work, count, every_ms) in CALLERS {
        for _ in 0..count {
            callers.spawn(repeat(Arc::clone(&shared), work, Duration::from_millis(every_ms)));
        }
    }
    println!("{} for {minutes} min. Memory is the service's, without PostgreSQL.", binary.display());
    println!("minute  requests/s   p50 ms   p95 ms   p99 ms  memory MiB  errors");
    let (mut memory, mut errors) = (Vec::new(), 0);
    for minute in 1..=minutes {
        errors += watch(minute, &service, &shared, &mut memory).await?;
    }
    callers.shutdown().await;
    let called = calls.load(Ordering::SeqCst);
    println!("{called} webhooks were called");
    service.stop()?;
    judge(errors, called, &memory)
}

/// Lets a minute pass, prints it, and returns how many errors it had.
async fn watch(minute: u64, service: &Service, shared: &Shared, memory: &mut Vec<f64>) -> Result<usize, Failure> {
    let clock = Instant::now();
    while clock.elapsed() < Duration::from_mins(1) {
        sleep(SAMPLE).await;
        memory.push(service.resident_mib()?);
    }
    let Tally { mut latencies_ms, errors } =
        std::mem::take(&mut *shared.tally.lock().map_err(|_| "a caller panicked")?);
    let rate = f64::from(u32::try_from(latencies_ms.len())?) / clock.elapsed().as_secs_f64();
    let [p50, p95, p99] = [0.5, 0.95, 0.99].map(|share| percentile(&mut latencies_ms, share));
    let resident = memory.last().copied().unwrap_or_default();
    let told = if errors.is_empty() { "none".to_owned() } else { format!("{errors:?}") };
    println!("{minute:6} {rate:11.1} {p50:8.1} {p95:8.1} {p99:8.1} {resident:11.1}  {told}");
    Ok(errors.values().sum())
}

fn judge(errors: usize, called: u64, memory: &[f64]) -> Result<(), Failure> {
    let third = memory.len() / 3;
    let mean = |part: &[f64]| part.iter().sum::<f64>() / f64::from(u32::try_from(part.len().max(1)).unwrap_or(1));
    let (middle, last) = (mean(&memory[third..2 * third]), mean(&memory[2 * third..]));
    println!("memory: {middle:.1} MiB in the middle third, {last:.1} MiB in the last");
    if errors > 0 {
        return Err(format!("{errors} requests failed").into());
    }
    if called == 0 {
        return Err("no webhook was called".into());
    }
    if last > middle * GROWTH {
        return Err(format!("memory grew from {middle:.1} to {last:.1} MiB").into());
    }
    Ok(())
}

/// Gives the entity what an invoice asks for, a customer, and a webhook; returns the customer.
async fn prepare(tenant: &Tenant, hook: u16) -> Result<String, Failure> {
    let legal = json!({ "legal_name": "ZR7 Énergie", "legal_form": "SAS", "share_capital": "10000.00",
        "address": { "line1": "1 rue de la Paix", "postal_code": "75002", "city": "Paris", "country": "FR" },
        "siret": "73282932000074", "vat_number": "FR44732829320", "register": "RCS", "register_city": "Paris",
        "ape_code": "43.22B", "iban": "FR7630006000011234567890189", "bic": "AGRIFRPP" });
    let party = json!({ "entity": "ZR7", "name": "Soak", "siren": "443061841", "address_line1": "8 rue de Londres",
        "postal_code": "75009", "city": "Paris", "email": "soak@client.example" });
    let hook = json!({ "name": "soak", "url": format!("http://127.0.0.1:{hook}/in"), "actions": ["*"] });
    let mut client = Client::connect(PORT).await?;
    let token = Some(tenant.token.as_str());
    read(&client.put("/api/entities/ZR7/legal", token, legal.to_string()).await?)?;
    read(&client.post("/api/webhooks", token, hook.to_string()).await?)?;
    let party = read(&client.post("/api/parties", token, party.to_string()).await?)?;
    Ok(party["id"].as_str().ok_or("a party without an id")?.to_owned())
}

fn read(answer: &Answer) -> Result<Value, Failure> {
    if answer.status >= 300 {
        return Err(format!("{}: {}", answer.status, String::from_utf8_lossy(&answer.body)).into());
    }
    Ok(serde_json::from_slice(&answer.body).unwrap_or(Value::Null))
}

/// Works at this pace for ever; each request is measured, each failure counted by its class.
async fn repeat(shared: Arc<Shared>, work: Work, pace: Duration) {
    let mut ticks = interval(pace);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut client = None;
    loop {
        ticks.tick().await;
        if let Err(failure) = round(&shared, work, &mut client).await {
            client = None;
            let class = format!("{work:?} {}", failure.to_string().chars().take(80).collect::<String>());
            *shared.tally.lock().expect("no caller panics").errors.entry(class).or_default() += 1;
        }
    }
}

async fn round(shared: &Shared, work: Work, client: &mut Option<Client>) -> Result<(), Failure> {
    if client.is_none() {
        *client = Some(Client::connect(PORT).await?);
    }
    let Some(client) = client else { return Err("no connection".into()) };
    let (token, n) = (Some(shared.token.as_str()), shared.next.fetch_add(1, Ordering::SeqCst));
    match work {
        Work::Intake => {
            let lead = json!({ "session_id": format!("soak-{n}"), "form_code": "X", "phone": intake::phone(n),
                "nom": "Nom", "departement": "75", "produit": "PV" });
            measured(shared, client.post("/api/public/leads", Some(KEY), lead.to_string())).await?;
        }
        Work::Lists => {
            let pages =
                ["/api/leads?limit=50", "/api/deliveries?limit=50", "/api/documents?limit=50", "/api/parties?limit=50"];
            let page = pages[usize::try_from(n)? % pages.len()];
            measured(shared, client.get(page, token)).await?;
        }
        Work::SignIn => {
            let login = json!({ "email": EMAIL, "password": PASSWORD }).to_string();
            let session = measured(shared, client.post("/api/auth/login", None, login)).await?;
            let token = session["token"].as_str().ok_or("a session without a token")?.to_owned();
            measured(shared, client.post("/api/auth/logout", Some(&token), "{}".to_owned())).await?;
        }
        Work::Invoice => {
            let draft = json!({ "entity": "ZR7", "party_id": shared.party, "lines": [{ "name": "Prestation", "unit_price": "120.00" }] });
            let draft = measured(shared, client.post("/api/documents", token, draft.to_string())).await?;
            let path = format!("/api/documents/{}/issuance", draft["id"].as_str().ok_or("a draft without an id")?);
            measured(shared, client.post(&path, token, "{}".to_owned())).await?;
        }
        Work::Export => {
            measured(shared, client.get("/api/leads/export", token)).await?;
        }
    }
    Ok(())
}

async fn measured(shared: &Shared, asked: impl Future<Output = Result<Answer, Failure>>) -> Result<Value, Failure> {
    let clock = Instant::now();
    let answer = asked.await?;
    let took = clock.elapsed().as_secs_f64() * 1000.0;
    shared.tally.lock().expect("no caller panics").latencies_ms.push(took);
    read(&answer)
}

/// Somebody who is called and answers 204; his port, and how often he was called.
async fn receiver() -> Result<(u16, Arc<AtomicU64>), Failure> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let port = listener.local_addr()?.port();
    let calls = Arc::new(AtomicU64::new(0));
    let count = Arc::clone(&calls);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(answer(stream, Arc::clone(&count)));
        }
    });
    Ok((port, calls))
}

/// Reads one request, whose body has a length, and answers it.
async fn answer(mut stream: TcpStream, calls: Arc<AtomicU64>) -> Result<(), Failure> {
    let mut text = Vec::new();
    loop {
        if stream.read_buf(&mut text).await? == 0 {
            return Ok(());
        }
        let so_far = String::from_utf8_lossy(&text).to_ascii_lowercase();
        let Some((head, body)) = so_far.split_once("\r\n\r\n") else { continue };
        let length = head.lines().find_map(|line| line.strip_prefix("content-length:")).unwrap_or("0");
        if body.len() >= length.trim().parse::<usize>()? {
            break;
        }
    }
    calls.fetch_add(1, Ordering::SeqCst);
    stream.write_all(b"HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n").await?;
    Ok(())
}
