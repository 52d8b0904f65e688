//! Leads as an outside caller sends them: each with a key, again when there was no answer, and now and then a second time.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use hyper::body::Bytes;
use serde_json::{Value, json};
use sqlx::PgConnection;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use super::PASSWORD;
use super::process::{self, Lost};
use super::smtp::Sink;

/// How long a caller waits for an answer before he gives up and sends it again.
const CALLER_PATIENCE: Duration = Duration::from_secs(5);

/// What came of one attempt.
pub(crate) type Outcome = Result<u16, Lost>;

/// What the callers know.
#[derive(Default)]
pub(crate) struct Known {
    next: AtomicUsize,
    /// Sent without an answer: to be sent again with the same key.
    open: Mutex<BTreeSet<usize>>,
    /// Acknowledged, with the id that was answered.
    acknowledged: Mutex<BTreeMap<usize, String>>,
}

impl Known {
    /// What was acknowledged so far.
    pub(crate) fn acknowledged(&self) -> BTreeMap<usize, String> {
        self.acknowledged.lock().unwrap().clone()
    }

    /// Sends one lead: one without an answer, else a new one; in some rounds one that was acknowledged.
    pub(crate) async fn post(&self, port: u16, key: &str, round: usize) -> Outcome {
        let again = self.open.lock().unwrap().pop_first();
        let acknowledged =
            (round % 10 == 9).then(|| self.acknowledged.lock().unwrap().last_key_value().map(|(n, _)| *n)).flatten();
        let n = again.or(acknowledged).unwrap_or_else(|| self.next.fetch_add(1, Ordering::SeqCst));
        let lead = json!({ "session_id": format!("s{n}"), "form_code": "X", "phone": phone(n), "nom": "Nom",
            "departement": "75", "produit": "PV" });
        let (token, once) = (format!("Bearer {key}"), format!("lead-{n}"));
        let headers = [("authorization", token.as_str()), ("idempotency-key", once.as_str())];
        let asked = process::send(port, "POST", "/api/public/leads", &headers, Bytes::from(lead.to_string()));
        let answer = timeout(CALLER_PATIENCE, asked).await.unwrap_or(Err(Lost::Broken));
        let Ok((200 | 201, answer)) = answer else {
            assert!(answer.as_ref().is_ok_and(|(status, _)| *status >= 500) || answer.is_err(), "lead {n}: {answer:?}");
            if acknowledged.is_none() || again.is_some() {
                self.open.lock().unwrap().insert(n);
            }
            return answer.map(|(status, _)| status);
        };
        let id = answer["lead_id"].as_str().unwrap().to_owned();
        let before = self.acknowledged.lock().unwrap().insert(n, id.clone());
        assert!(before.is_none_or(|before| before == id), "lead {n} has two ids");
        Ok(201)
    }
}

fn phone(n: usize) -> String {
    format!("06{:08}", 31_450_000 + n)
}

/// The instances that callers are sent to, in turn.
#[derive(Default)]
pub(crate) struct Balancer {
    ports: Mutex<Vec<u16>>,
    turn: AtomicUsize,
}

impl Balancer {
    pub(crate) fn over(ports: &[u16]) -> Arc<Self> {
        Arc::new(Self { ports: Mutex::new(ports.to_vec()), turn: AtomicUsize::default() })
    }

    fn next(&self) -> u16 {
        let ports = self.ports.lock().unwrap();
        ports[self.turn.fetch_add(1, Ordering::SeqCst) % ports.len()]
    }

    /// Follows `/readyz` of these instances as a balancer does: who is not ready gets no new callers, unless nobody is.
    pub(crate) async fn follow(&self, all: &[u16]) {
        loop {
            let mut ready = Vec::new();
            for port in all {
                let asked = process::send(*port, "GET", "/readyz", &[], Bytes::new());
                if let Ok(Ok((200, _))) = timeout(Duration::from_secs(2), asked).await {
                    ready.push(*port);
                }
            }
            if !ready.is_empty() {
                *self.ports.lock().unwrap() = ready;
            }
            sleep(Duration::from_millis(50)).await;
        }
    }
}

/// What the callers met.
#[derive(Clone, Debug, Default)]
pub(crate) struct Seen {
    pub(crate) acknowledged: usize,
    /// By status.
    pub(crate) turned_down: BTreeMap<u16, usize>,
    /// Connections that nobody took; another instance is asked at once.
    pub(crate) refused: usize,
    /// No answer in time, or a broken one.
    pub(crate) broken: usize,
    /// The longest that an acknowledged lead took.
    pub(crate) longest: Duration,
    /// When the last lead that was acknowledged was sent.
    last: Option<Instant>,
}

impl Seen {
    fn note(&mut self, began: Instant, outcome: Outcome) {
        match outcome {
            Ok(status @ 500..) => *self.turned_down.entry(status).or_default() += 1,
            Ok(_) => {
                self.acknowledged += 1;
                self.longest = self.longest.max(began.elapsed());
                self.last = self.last.max(Some(began));
            }
            Err(Lost::Refused) => self.refused += 1,
            Err(Lost::Broken) => self.broken += 1,
        }
    }

    /// How many requests that were taken failed.
    pub(crate) fn failed(&self) -> usize {
        self.broken + self.turned_down.values().sum::<usize>()
    }
}

/// Callers that go on until they are told to end.
pub(crate) struct Load {
    pub(crate) known: Arc<Known>,
    seen: Arc<Mutex<Seen>>,
    ends: Arc<AtomicBool>,
    callers: JoinSet<()>,
}

impl Load {
    /// So many callers with this key of a provider.
    pub(crate) fn start(callers: usize, key: &str, balancer: &Arc<Balancer>) -> Self {
        let mut load =
            Self { known: Arc::default(), seen: Arc::default(), ends: Arc::default(), callers: JoinSet::new() };
        for _ in 0..callers {
            let (known, seen, ends) = (load.known.clone(), load.seen.clone(), load.ends.clone());
            let (key, balancer) = (key.to_owned(), balancer.clone());
            load.callers.spawn(async move {
                for round in 0.. {
                    if ends.load(Ordering::SeqCst) {
                        return;
                    }
                    let began = Instant::now();
                    let outcome = known.post(balancer.next(), &key, round).await;
                    seen.lock().unwrap().note(began, outcome);
                    sleep(Duration::from_millis(if outcome == Ok(201) { 2 } else { 25 })).await;
                }
            });
        }
        load
    }

    /// Has what is pending prepared and sent all the while.
    pub(crate) fn sending(mut self, token: &str, balancer: &Arc<Balancer>) -> Self {
        let (token, balancer, ends) = (token.to_owned(), balancer.clone(), self.ends.clone());
        self.callers.spawn(async move {
            while !ends.load(Ordering::SeqCst) {
                _ = timeout(CALLER_PATIENCE, prepare_and_send(balancer.next(), &token)).await;
                sleep(Duration::from_millis(100)).await;
            }
        });
        self
    }

    /// What was met so far.
    pub(crate) fn seen(&self) -> Seen {
        self.seen.lock().unwrap().clone()
    }

    /// How long until a lead that is sent from now on is acknowledged.
    pub(crate) async fn next_acknowledged(&self) -> Duration {
        let asked = Instant::now();
        while self.seen().last.is_none_or(|last| last < asked) {
            assert!(asked.elapsed() < Duration::from_mins(1), "nothing is acknowledged any more: {:?}", self.seen());
            sleep(Duration::from_millis(5)).await;
        }
        asked.elapsed()
    }

    /// Ends the callers, and sends again what has no answer yet.
    pub(crate) async fn end(mut self, port: u16, key: &str) -> (BTreeMap<usize, String>, Seen) {
        self.ends.store(true, Ordering::SeqCst);
        while let Some(caller) = self.callers.join_next().await {
            caller.unwrap();
        }
        while !self.known.open.lock().unwrap().is_empty() {
            assert_eq!(
                self.known.post(port, key, 0).await,
                Ok(201),
                "what had no answer is taken when it is sent again"
            );
        }
        (self.known.acknowledged(), self.seen())
    }
}

/// Prepares and sends what is pending, once; an error when there is no answer.
pub(crate) async fn prepare_and_send(port: u16, token: &str) -> Result<(), Lost> {
    let bearer = format!("Bearer {token}");
    let headers = [("authorization", bearer.as_str()), ("x-entity-scope", "ZR7")];
    for batch in ["generate-csv", "send-ready"] {
        let path = format!("/api/deliveries/batch/{batch}");
        let (status, answer) = process::send(port, "POST", &path, &headers, Bytes::from_static(b"{}")).await?;
        assert!(status == 200 || status == 409 || status == 503, "{batch}: {status} {answer}");
    }
    Ok(())
}

/// Signs in, and makes buyers with and without a quota and a provider: the session and the provider's key.
pub(crate) async fn setup(port: u16, email: &str, tenant: &str) -> (String, String) {
    let body = |value: &Value| Bytes::from(value.to_string());
    let login = json!({ "email": email, "password": PASSWORD, "tenant": tenant });
    let (_, signed_in) = process::send(port, "POST", "/api/auth/login", &[], body(&login)).await.unwrap();
    let token = signed_in["token"].as_str().unwrap().to_owned();
    let bearer = format!("Bearer {token}");
    let ask = async |method: &str, path: &str, value: Value| {
        let headers = [("authorization", bearer.as_str()), ("x-entity-scope", "ZR7")];
        let (status, answer) = process::send(port, method, path, &headers, body(&value)).await.unwrap();
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

/// Proves that nothing acknowledged is lost, nothing is there twice, no quota is exceeded and nothing was mailed twice. Returns how
/// many leads were mailed.
pub(crate) async fn check(owner: &mut PgConnection, acknowledged: &BTreeMap<usize, String>, sink: &Sink) -> usize {
    let stored: Vec<(String, String)> =
        sqlx::query_as("select id::text, phone from leads.lead").fetch_all(&mut *owner).await.unwrap();
    let by_id: BTreeMap<_, _> = stored.iter().cloned().collect();
    for (n, id) in acknowledged {
        assert_eq!(by_id.get(id), Some(&phone(*n)), "lead {n} was acknowledged and is not there");
    }
    let people: BTreeSet<_> = stored.iter().map(|(_, phone)| phone).collect();
    assert_eq!(people.len(), stored.len(), "each exactly once, also where the answer was lost and it was sent again");
    for (what, sql) in INVARIANTS {
        let count: i64 = sqlx::query_scalar(*sql).fetch_one(&mut *owner).await.unwrap();
        assert_eq!(count, 0, "{what}");
    }
    let mut mailed: BTreeMap<String, usize> = BTreeMap::new();
    for body in sink.bodies() {
        for phone in phones_in(&body) {
            *mailed.entry(phone).or_default() += 1;
        }
    }
    let twice: Vec<_> = mailed.iter().filter(|(_, times)| **times > 1).collect();
    assert!(twice.is_empty(), "mailed twice: {twice:?}");
    let sent: Vec<String> =
        sqlx::query_scalar("select phone from leads.delivery where status = 'sent'").fetch_all(owner).await.unwrap();
    assert!(sent.iter().all(|phone| mailed.contains_key(phone)), "what is called sent was taken by the server");
    sent.len()
}

/// What is never so, and the rows where it is.
const INVARIANTS: &[(&str, &str)] = &[
    (
        "no quota is exceeded",
        "select count(*) from leads.order_week w join leads.standing_order o on o.id = w.order_id
         where o.quota > 0 and w.used > o.quota",
    ),
    (
        "the figure is the truth",
        "select count(*) from leads.order_week w where w.used <> (select count(*) from leads.delivery d
         where d.order_id = w.order_id and d.quota_week = w.week and d.status <> 'cancelled')",
    ),
    (
        "routed means an open delivery, delivered a sent one",
        "select count(*) from leads.lead l left join leads.delivery d on d.id = l.delivery_id
         where (l.status = 'routed') <> coalesce(d.status in ('pending_csv', 'ready_to_send', 'sending', 'failed'), false)
            or (l.status = 'livre') <> coalesce(d.status = 'sent', false)",
    ),
    ("no lead waits without a decision", "select count(*) from leads.lead where status = 'new'"),
    (
        "no job is done twice",
        "select count(*) from (select from platform.job_run where status = 'success' group by tenant_id, job_id having count(*) > 1) x",
    ),
];

/// The phones of the CSV file in a mail; it is plain ASCII and travels as it is.
fn phones_in(mail: &str) -> Vec<String> {
    let rows = mail.lines().skip_while(|line| !line.starts_with("nom,prenom,telephone")).skip(1);
    rows.take_while(|line| !line.is_empty()).map(|line| line.split(',').nth(2).unwrap().to_owned()).collect()
}
