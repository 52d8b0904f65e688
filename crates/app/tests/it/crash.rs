//! The service is killed 25 times under load, and nothing acknowledged is lost, nothing is sent twice, no quota exceeded.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use http_body_util::{BodyExt as _, Full};
use hyper::body::Bytes;
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use sqlx::{Connection as _, PgConnection};
use tokio::net::TcpStream;

use crate::support::PASSWORD;
use crate::support::smtp::{Behaviour, Sink};

const KILLS: usize = 25;
const POSTERS: usize = 6;

/// The service as a process of its own, on a data directory that outlives it.
struct Service<'a> {
    child: Child,
    port: u16,
    data_dir: &'a Path,
}

fn comptoir(data_dir: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_comptoir"));
    command.arg("--data-dir").arg(data_dir).stdout(Stdio::null()).stderr(Stdio::null());
    command
}

fn told(data_dir: &Path, args: &[&str]) -> String {
    let output = comptoir(data_dir).args(args).stdout(Stdio::piped()).stderr(Stdio::piped()).output().unwrap();
    assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

impl<'a> Service<'a> {
    async fn start(data_dir: &'a Path, smtp: &str) -> Self {
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let child = comptoir(data_dir)
            .args(["serve", "--log", "warn", "--listen", &format!("127.0.0.1:{port}")])
            .env("COMPTOIR_SMTP_URL", smtp)
            .spawn()
            .unwrap();
        let mut service = Self { child, port, data_dir };
        let deadline = Instant::now() + Duration::from_mins(1);
        while call(port, "GET", "/readyz", &[], &Value::Null).await.is_none_or(|(status, _)| status != 200) {
            assert!(Instant::now() < deadline, "it does not come up again");
            assert!(service.child.try_wait().unwrap().is_none(), "it ended while starting");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        service
    }

    /// Kills the service; its PostgreSQL too, where that is asked, as when the machine loses power.
    fn kill(mut self, everything: bool) {
        if everything {
            let file = std::fs::read_to_string(self.data_dir.join("postgres/postmaster.pid")).unwrap();
            let postmaster = file.lines().next().unwrap().trim();
            let children = std::fs::read_to_string(format!("/proc/{postmaster}/task/{postmaster}/children")).unwrap();
            self.child.kill().unwrap();
            let all = children.split_whitespace().chain([postmaster]);
            Command::new("kill").arg("-9").args(all).stderr(Stdio::null()).status().unwrap();
        } else {
            self.child.kill().unwrap();
        }
        self.child.wait().unwrap();
    }
}

impl Drop for Service<'_> {
    fn drop(&mut self) {
        _ = self.child.kill();
    }
}

/// One request over a connection of its own; none when no whole answer came back.
async fn call(port: u16, method: &str, path: &str, headers: &[(&str, &str)], body: &Value) -> Option<(u16, Value)> {
    let stream = TcpStream::connect(("127.0.0.1", port)).await.ok()?;
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.ok()?;
    tokio::spawn(connection);
    let mut request = hyper::Request::builder().method(method).uri(path).header("host", "localhost");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let body = if body.is_null() { Bytes::new() } else { Bytes::from(body.to_string()) };
    let request = request.header("content-type", "application/json").body(Full::new(body)).unwrap();
    let response = sender.send_request(request).await.ok()?;
    let status = response.status().as_u16();
    let body = response.into_body().collect().await.ok()?.to_bytes();
    Some((status, serde_json::from_slice(&body).unwrap_or(Value::Null)))
}

/// What the callers know.
#[derive(Default)]
struct Known {
    next: AtomicUsize,
    /// Sent without an answer: to be sent again with the same key.
    open: Mutex<BTreeSet<usize>>,
    /// Acknowledged, with the id that was answered.
    acknowledged: Mutex<BTreeMap<usize, String>>,
}

fn phone(n: usize) -> String {
    format!("06{:08}", 31_450_000 + n)
}

/// Posts leads until the service is gone: new ones, those without an answer, and now and then one that was acknowledged.
async fn post(port: u16, key: &str, known: &Known) {
    for round in 0.. {
        let again = known.open.lock().unwrap().pop_first();
        let acknowledged =
            (round % 10 == 9).then(|| known.acknowledged.lock().unwrap().last_key_value().map(|(n, _)| *n)).flatten();
        let n = again.or(acknowledged).unwrap_or_else(|| known.next.fetch_add(1, Ordering::SeqCst));
        let lead = json!({ "session_id": format!("s{n}"), "form_code": "X", "phone": phone(n), "nom": "Nom", "departement": "75",
            "produit": "PV" });
        let (token, once) = (format!("Bearer {key}"), format!("lead-{n}"));
        let headers = [("authorization", token.as_str()), ("idempotency-key", once.as_str())];
        let answer = call(port, "POST", "/api/public/leads", &headers, &lead).await;
        let Some((200 | 201, answer)) = answer else {
            assert!(answer.is_none_or(|(status, _)| status >= 500), "lead {n} was refused");
            if acknowledged.is_none() || again.is_some() {
                known.open.lock().unwrap().insert(n);
            }
            return;
        };
        let id = answer["lead_id"].as_str().unwrap().to_owned();
        let before = known.acknowledged.lock().unwrap().insert(n, id.clone());
        assert!(before.is_none_or(|before| before == id), "lead {n} has two ids");
    }
}

/// Prepares and sends what is pending until the service is gone.
async fn send(port: u16, token: &str) {
    let bearer = format!("Bearer {token}");
    let headers = [("authorization", bearer.as_str()), ("x-entity-scope", "ZR7")];
    loop {
        for batch in ["generate-csv", "send-ready"] {
            let answer = call(port, "POST", &format!("/api/deliveries/batch/{batch}"), &headers, &json!({})).await;
            let Some((status, answer)) = answer else { return };
            assert!(status == 200 || status == 409 || status == 503, "{batch}: {status} {answer}");
        }
        tokio::time::sleep(Duration::from_millis(30)).await;
    }
}

async fn setup(service: &Service<'_>, tenant: &str) -> (String, String) {
    let port = service.port;
    let login = json!({ "email": "root@crash.example", "password": PASSWORD, "tenant": tenant });
    let (_, signed_in) = call(port, "POST", "/api/auth/login", &[], &login).await.unwrap();
    let token = signed_in["token"].as_str().unwrap().to_owned();
    let bearer = format!("Bearer {token}");
    let ask = async |method: &str, path: &str, body: Value| {
        let headers = [("authorization", bearer.as_str()), ("x-entity-scope", "ZR7")];
        let (status, answer) = call(port, method, path, &headers, &body).await.unwrap();
        assert!(status < 300, "{path}: {answer}");
        answer
    };
    ask("POST", "/api/products", json!({ "code": "PV", "name": "PV" })).await;
    let days = json!({ "per_entity": { "ZR7": { "enabled_days": [0, 1, 2, 3, 4, 5, 6] } } });
    ask("PUT", "/api/settings/delivery-calendar", days).await;
    for (n, quota) in [40, 150, 400, 0].into_iter().enumerate() {
        let email = format!("buyer{n}@buyer.example");
        let buyer = ask("POST", "/api/clients", json!({ "name": format!("Buyer {n}"), "email": email })).await;
        let order = json!({ "buyer_id": buyer["id"], "product": "PV", "departements": ["*"], "quota_semaine": quota, "priorite": n + 1 });
        ask("POST", "/api/commandes", order).await;
    }
    let provider = json!({ "name": "Load", "slug": "load", "consent_by_contract": true, "rate_per_minute": 1_000_000 });
    let provider = ask("POST", "/api/providers", provider).await;
    (token, provider["api_key"].as_str().unwrap().to_owned())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_25_times_under_load_it_loses_nothing_sends_nothing_twice_and_keeps_every_quota() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::set_permissions(dir.path(), Permissions::from_mode(0o711)).unwrap();
    let sink = Sink::start(Behaviour::Accept).await;
    let password = dir.path().join("password");
    std::fs::write(&password, PASSWORD).unwrap();
    let created = [
        "tenant",
        "create",
        "--name",
        "Crash",
        "--slug",
        "crash",
        "--entity",
        "ZR7:ZR7",
        "--admin-email",
        "root@crash.example",
    ];
    told(dir.path(), &[&created[..], &["--admin-password-file", password.to_str().unwrap()]].concat());
    let known = Arc::new(Known::default());
    let service = Service::start(dir.path(), &sink.url).await;
    let (token, key) = setup(&service, "crash").await;
    let mut running = Some(service);
    for round in 0..KILLS {
        let service = match running.take() {
            Some(service) => service,
            None => Service::start(dir.path(), &sink.url).await,
        };
        let port = service.port;
        let mut callers = tokio::task::JoinSet::new();
        for _ in 0..POSTERS {
            let (known, key) = (Arc::clone(&known), key.clone());
            callers.spawn(async move { post(port, &key, &known).await });
        }
        let admin = token.clone();
        callers.spawn(async move { send(port, &admin).await });
        tokio::time::sleep(Duration::from_millis(rand::random_range(30..900))).await;
        service.kill(round % 5 == 4);
        while let Some(caller) = callers.join_next().await {
            caller.unwrap();
        }
    }
    let service = Service::start(dir.path(), &sink.url).await;
    let acknowledged = known.acknowledged.lock().unwrap().clone();
    assert!(acknowledged.len() > 200, "there was load: {}", acknowledged.len());
    check(dir.path(), &acknowledged, &sink).await;
    service.kill(true);
}

async fn check(data_dir: &Path, acknowledged: &BTreeMap<usize, String>, sink: &Sink) {
    let mut owner = PgConnection::connect(&told(data_dir, &["db-url", "--owner"])).await.unwrap();
    let stored: Vec<(String, String)> =
        sqlx::query_as("select id::text, phone from leads.lead").fetch_all(&mut owner).await.unwrap();
    let by_id: BTreeMap<_, _> = stored.iter().cloned().collect();
    for (n, id) in acknowledged {
        assert_eq!(by_id.get(id), Some(&phone(*n)), "lead {n} was acknowledged and is not there");
    }
    let people: BTreeSet<_> = stored.iter().map(|(_, phone)| phone).collect();
    assert_eq!(people.len(), stored.len(), "each exactly once, also where the answer was lost and it was sent again");

    let none = async |owner: &mut PgConnection, what: &str, sql: &'static str| {
        let count: i64 = sqlx::query_scalar(sql).fetch_one(owner).await.unwrap();
        assert_eq!(count, 0, "{what}");
    };
    none(
        &mut owner,
        "no quota is exceeded",
        "select count(*) from leads.order_week w join leads.standing_order o on o.id = w.order_id
        where o.quota > 0 and w.used > o.quota",
    )
    .await;
    none(
        &mut owner,
        "the figure is the truth",
        "select count(*) from leads.order_week w where w.used <> (select count(*) from leads.delivery d
        where d.order_id = w.order_id and d.quota_week = w.week and d.status <> 'cancelled')",
    )
    .await;
    none(&mut owner, "routed means an open delivery, delivered a sent one", "select count(*) from leads.lead l left join leads.delivery d on d.id = l.delivery_id
        where (l.status = 'routed') <> coalesce(d.status in ('pending_csv', 'ready_to_send', 'sending', 'failed'), false)
           or (l.status = 'livre') <> coalesce(d.status = 'sent', false)").await;
    none(&mut owner, "no lead waits without a decision", "select count(*) from leads.lead where status = 'new'").await;

    let mut mailed: BTreeMap<String, usize> = BTreeMap::new();
    for body in sink.bodies() {
        for phone in phones_in(&body) {
            *mailed.entry(phone).or_default() += 1;
        }
    }
    let twice: Vec<_> = mailed.iter().filter(|(_, times)| **times > 1).collect();
    assert!(twice.is_empty(), "mailed twice: {twice:?}");
    let sent: Vec<String> = sqlx::query_scalar("select phone from leads.delivery where status = 'sent'")
        .fetch_all(&mut owner)
        .await
        .unwrap();
    assert!(!sent.is_empty(), "something was sent");
    assert!(sent.iter().all(|phone| mailed.contains_key(phone)), "what is called sent was taken by the server");
}

/// The phones of the CSV file in a mail; it is plain ASCII and travels as it is.
fn phones_in(mail: &str) -> Vec<String> {
    let rows = mail.lines().skip_while(|line| !line.starts_with("nom,prenom,telephone")).skip(1);
    rows.take_while(|line| !line.is_empty()).map(|line| line.split(',').nth(2).unwrap().to_owned()).collect()
}
