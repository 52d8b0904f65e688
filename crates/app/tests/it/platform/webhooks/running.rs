//! Webhooks while the service runs, is killed, calls the strangers of others, and grows old.

use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use axum::http::Method;
use kernel::{Clock as _, ManualClock, SystemClock};
use platform::event::Severity;
use platform::identity::PlainPassword;
use platform::secret::Sealer;
use platform::tenancy::{NewAdmin, NewTenant};
use platform::{Actor, Event, Options, Platform};
use rustls::pki_types::PrivateKeyDer;
use serde_json::json;
use sqlx::Connection as _;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;

use super::{app, attempts, happens, hook, make};
use crate::support::receiver::{Behaviour, Received, Receiver, loopback};
use crate::support::{
    PASSWORD, TestApp, database_of_its_own, instant, secret_keys, secret_keys_file, service_pool, service_url,
};

#[tokio::test]
async fn d_69_two_workers_deliver_once_and_a_rolled_back_event_is_never_told() {
    let (app, receiver) = (app().await, Receiver::willing().await);
    make(&app, hook(&receiver, &["thing_done"])).await;
    let pool = service_pool().await;
    let secrets = Sealer::start(&pool, secret_keys(), app.clock.clone()).await.unwrap();
    let (egress_allow, worker_name) = (loopback(), "second".to_owned());
    let options = Options { egress_allow, worker_name, secrets, ..Options::default() };
    let second = Platform::new(pool, app.clock.clone(), app::wiring::registry(), options);
    let ctx = app.platform.act_in(app.tenant, Actor::System("test"), "test").await.unwrap();
    let mut lost = ctx.begin().await.unwrap();
    lost.emit(Event::new("thing_done", "thing", app.tenant));
    drop(lost);
    for _ in 0..20 {
        happens(&app, "thing_done", None, json!({})).await;
    }
    let work = async |platform: &Platform| while platform::job::run_due_in(platform, app.tenant).await.unwrap() > 0 {};
    tokio::join!(work(&app.platform), work(&second));
    let mut ids: Vec<_> = receiver.received().iter().map(|request| request.header("webhook-id").to_owned()).collect();
    assert_eq!(ids.len(), 20);
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), 20, "each once");
}

/// The service as a process of its own over a database of the tests; killed when it is dropped.
struct Process(std::process::Child);

impl Process {
    fn start(database: &str, data_dir: &std::path::Path, authorities: Option<&std::path::Path>) -> Self {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_comptoir"));
        command.arg("--data-dir").arg(data_dir).args(["serve", "--listen", "127.0.0.1:0", "--log", "error"]);
        command.env("COMPTOIR_DATABASE_URL", service_url(database)).env("COMPTOIR_EGRESS_ALLOW", "127.0.0.1");
        command.env("COMPTOIR_SECRET_KEYS_FILE", secret_keys_file());
        if let Some(file) = authorities {
            command.env("SSL_CERT_FILE", file);
        }
        Self(command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap())
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        _ = self.0.kill();
        _ = self.0.wait();
    }
}

#[tokio::test]
async fn a_service_that_is_killed_while_it_calls_has_the_message_sent_again_under_the_same_id() {
    const DATABASE: &str = "webhooks_killed";
    let (receiver, other) = (Receiver::start(Behaviour::Silent).await, Receiver::willing().await);
    let (app, _) = two_tenants(DATABASE, &receiver, &other).await;
    app.clock.set(SystemClock.now());
    happens(&app, "thing_done", None, json!({})).await;
    let files = tempfile::tempdir().unwrap();
    let first = Process::start(DATABASE, files.path(), None);
    receiver.until(1).await;
    drop(first);
    receiver.now(Behaviour::Answer(200, String::new()));
    let mut owner = sqlx::PgConnection::connect_with(&database_of_its_own(DATABASE).await.0).await.unwrap();
    let expired =
        "update platform.job set lease_expires_at = now() where kind = 'webhook.deliver' and state = 'running'";
    assert_eq!(sqlx::query(expired).execute(&mut owner).await.unwrap().rows_affected(), 1, "it was under way");
    let _second = Process::start(DATABASE, files.path(), None);
    let calls = receiver.until(2).await;
    let same = |request: &Received| (request.header("webhook-id").to_owned(), request.body.clone());
    assert_eq!(same(&calls[0]), same(&calls[1]));
}

/// A receiver behind TLS: its certificate, where it is called, and how many requests came whole.
async fn encrypted_receiver() -> (String, String, Arc<AtomicUsize>) {
    let made = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).unwrap();
    let key = PrivateKeyDer::try_from(made.signing_key.serialize_der()).unwrap();
    let ring = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(ring).with_safe_default_protocol_versions().unwrap();
    let config = config.with_no_client_auth().with_single_cert(vec![made.cert.der().clone()], key).unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("https://127.0.0.1:{}/in", listener.local_addr().unwrap().port());
    let came = Arc::new(AtomicUsize::default());
    let count = Arc::clone(&came);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            // Who does not trust the certificate hangs up here.
            let Ok(mut stream) = acceptor.accept(stream).await else { continue };
            let mut head = Vec::new();
            while !head.ends_with(b"}}") && stream.read_buf(&mut head).await.is_ok_and(|read| read > 0) {}
            count.fetch_add(usize::from(head.starts_with(b"POST /in HTTP/1.1\r\n")), Ordering::SeqCst);
            _ = stream.write_all(b"HTTP/1.1 204 No Content\r\n\r\n").await;
        }
    });
    (made.cert.pem(), url, came)
}

#[tokio::test]
async fn a_call_is_encrypted_for_a_certificate_that_the_machine_trusts_and_for_no_other() {
    const DATABASE: &str = "webhooks_encrypted";
    let (certificate, trusted_url, trusted) = encrypted_receiver().await;
    let (_, other_url, other) = encrypted_receiver().await;
    let (receiver, alive) = (Receiver::willing().await, Receiver::willing().await);
    let (app, _) = two_tenants(DATABASE, &receiver, &alive).await;
    let trusting = json!({ "name": "trusted", "url": trusted_url, "actions": ["thing_done"] });
    let (trusting, _) = make(&app, trusting).await;
    let (doubting, _) = make(&app, json!({ "name": "other", "url": other_url, "actions": ["thing_done"] })).await;
    app.clock.set(SystemClock.now());
    happens(&app, "thing_done", None, json!({})).await;
    let files = tempfile::tempdir().unwrap();
    let authorities = files.path().join("authorities.pem");
    std::fs::write(&authorities, certificate).unwrap();
    let _process = Process::start(DATABASE, &files.path().join("data"), Some(&authorities));
    let mut owner = sqlx::PgConnection::connect_with(&database_of_its_own(DATABASE).await.0).await.unwrap();
    let deadline = tokio::time::Instant::now() + Duration::from_secs(30);
    let outcomes = loop {
        let sql = "select array_agg(webhook_id || ' ' || outcome || ' ' || answer order by webhook_id) from platform.webhook_attempt
            where webhook_id = any($1::uuid[])";
        let ids = [trusting.as_str(), doubting.as_str()];
        let found: Option<Vec<String>> = sqlx::query_scalar(sql).bind(ids).fetch_one(&mut owner).await.unwrap();
        if found.as_ref().is_some_and(|found| found.len() == 2) {
            break found.unwrap();
        }
        assert!(tokio::time::Instant::now() < deadline, "{found:?}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    };
    let expected = [format!("{trusting} delivered "), format!("{doubting} failed egress_unreachable")];
    assert_eq!(outcomes, expected);
    assert_eq!((trusted.load(Ordering::SeqCst), other.load(Ordering::SeqCst)), (1, 0));
}

#[tokio::test]
async fn calls_are_forgotten_after_30_days_and_go_with_their_webhook() {
    let (app, receiver) = (app().await, Receiver::willing().await);
    let (id, _) = make(&app, hook(&receiver, &["thing_done"])).await;
    happens(&app, "thing_done", None, json!({})).await;
    app.run_jobs().await;
    app.at("2026-03-13T08:00:00Z").await;
    happens(&app, "thing_done", None, json!({})).await;
    app.run_jobs().await;
    app.run("housekeeping").await;
    assert_eq!(attempts(&app, &id).await.len(), 2, "29 days later");
    app.at("2026-03-14T09:00:00Z").await;
    app.run("housekeeping").await;
    assert_eq!(attempts(&app, &id).await.len(), 1);
    happens(&app, "thing_done", None, json!({})).await;
    app.send(Method::DELETE, &format!("/api/webhooks/{id}"), None).by(&app.root).expect(204).await;
    app.run_jobs().await;
    assert_eq!(receiver.received().len(), 2, "what waited is not sent");
    assert_eq!(app.value::<i64>("select count(*) from platform.webhook_attempt where tenant_id = $1").await, 0);
    assert_eq!(app.get("/api/operations/jobs?state=dead").expect(200).await["items"], json!([]));
}

#[tokio::test]
async fn an_event_that_nobody_wants_enqueues_nothing_and_a_jobs_id_bears_its_instant() {
    let (app, receiver) = (app().await, Receiver::willing().await);
    let count = "select count(*) from platform.job where tenant_id = $1 and kind = 'webhook.deliver'";
    happens(&app, "thing_done", None, json!({})).await;
    assert_eq!(app.value::<i64>(count).await, 0);
    make(&app, hook(&receiver, &["other", "thing"])).await;
    happens(&app, "thing_done", None, json!({})).await;
    assert_eq!(app.value::<i64>(count).await, 0, "an action is exact without its star");
    happens(&app, "other", None, json!({})).await;
    let job: String =
        app.value("select id || ' ' || lane || ' ' || max_attempts from platform.job where tenant_id = $1 and kind = 'webhook.deliver'").await;
    let event: String =
        app.value("select id::text from platform.event where tenant_id = $1 and action = 'other'").await;
    let (id, rest) = job.split_once(' ').unwrap();
    assert_eq!((&id[..18], rest), (&event[..18], "outside 11"));
    assert_eq!(uuid::Uuid::parse_str(id).unwrap().get_version_num(), 7);
}

#[tokio::test]
async fn a_warning_that_is_told_says_so() {
    let (app, receiver) = (app().await, Receiver::willing().await);
    make(&app, hook(&receiver, &["trouble"])).await;
    let ctx = app.platform.act_in(app.tenant, Actor::System("test"), "test").await.unwrap();
    let mut tx = ctx.begin().await.unwrap();
    tx.emit(Event::new("trouble", "thing", app.tenant).severity(Severity::Warning));
    tx.commit().await.unwrap();
    app.run_jobs().await;
    assert_eq!(receiver.received()[0].json()["data"]["severity"], "warning");
}

/// Two tenants in a database of their own, for workers take what is due wherever it is.
async fn two_tenants(name: &str, receiver: &Receiver, alive: &Receiver) -> (TestApp, TestApp) {
    let (owner, service) = database_of_its_own(name).await;
    let mut owner = sqlx::PgConnection::connect_with(&owner).await.unwrap();
    platform::schema::migrate(&mut owner).await.unwrap();
    let clock = Arc::new(ManualClock::new(instant("2026-02-11T09:00:00Z")));
    let pool = platform::connect(service, 8).await.unwrap();
    let secrets = Sealer::start(&pool, secret_keys(), clock.clone()).await.unwrap();
    let (egress_allow, worker_name) = (loopback(), name.to_owned());
    let options = Options { egress_allow, worker_name, secrets, unthrottled: true, ..Options::default() };
    let platform = Platform::new(pool, clock.clone(), app::wiring::registry(), options);
    let mut apps = Vec::new();
    // The first has the smaller id: its turn comes first.
    for (slug, receiver) in [("first", receiver), ("second", alive)] {
        let email = format!("root@{slug}.example");
        let new = NewTenant {
            slug: slug.into(),
            name: slug.into(),
            time_zone: "Europe/Paris".into(),
            entities: vec![("ONE".into(), "One".into())],
            admin: NewAdmin {
                email: email.parse().unwrap(),
                name: "Root".into(),
                password: Some(PlainPassword::new(PASSWORD)),
            },
        };
        clock.advance(jiff::SignedDuration::from_secs(1));
        let tenant = platform::tenancy::create(&mut owner, clock.now(), &new).await.unwrap();
        let app = TestApp::over(platform.clone(), clock.clone(), slug, tenant).signed_in(&email, PASSWORD).await;
        make(&app, hook(receiver, &["thing_done"])).await;
        app.run_jobs().await;
        apps.push(app);
    }
    let second = apps.pop().unwrap();
    (apps.pop().unwrap(), second)
}

#[tokio::test]
async fn d_135_ten_thousand_events_for_who_does_not_answer_keep_no_other_tenants_jobs_waiting() {
    let (dead, alive) = (Receiver::start(Behaviour::Silent).await, Receiver::willing().await);
    let (first, second) = two_tenants("webhooks_crowd", &dead, &alive).await;
    let ctx = first.platform.act_in(first.tenant, Actor::System("test"), "test").await.unwrap();
    let mut tx = ctx.begin().await.unwrap();
    for _ in 0..10_000 {
        tx.emit(Event::new("thing_done", "thing", first.tenant));
    }
    tx.commit().await.unwrap();
    let stop = CancellationToken::new();
    let workers = tokio::spawn(platform::job::work(first.platform.clone(), 4, stop.clone()));
    dead.until(2).await;
    for _ in 0..50 {
        happens(&second, "thing_done", None, json!({})).await;
    }
    alive.until(50).await;
    // The schedules of both tenants are the business's own jobs: they run though the calls wait.
    let deadline = tokio::time::Instant::now() + Duration::from_secs(30);
    let mut owner = sqlx::PgConnection::connect_with(&database_of_its_own("webhooks_crowd").await.0).await.unwrap();
    loop {
        let waiting: Vec<String> = sqlx::query_scalar(
            "select format('%s %s: %s', kind, state, last_error) from platform.job
             where lane = 'main' and state in ('queued', 'running') and run_at <= $1",
        )
        .bind(first.clock.now())
        .fetch_all(&mut owner)
        .await
        .unwrap();
        let done: i64 = sqlx::query_scalar("select count(*) from platform.job_run where kind = 'seal-events'")
            .fetch_one(&mut owner)
            .await
            .unwrap();
        if waiting.is_empty() && done == 2 {
            break;
        }
        assert!(tokio::time::Instant::now() < deadline, "{waiting:?} wait, {done} of 2 were done");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(dead.received().len(), 2, "no more than its share was tried meanwhile");
    stop.cancel();
    workers.abort();
    _ = workers.await;
}

#[tokio::test]
async fn who_does_not_answer_is_left_to_rest_and_told_everything_when_he_is_back() {
    let (app, receiver) = (app().await, Receiver::willing().await);
    let (id, _) = make(&app, hook(&receiver, &["thing_done"])).await;
    // A port where nobody listens any more.
    let gone = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let path = format!("/api/webhooks/{id}");
    app.put(&path, json!({ "url": format!("http://127.0.0.1:{gone}/") })).expect(200).await;
    for _ in 0..30 {
        happens(&app, "thing_done", None, json!({})).await;
    }
    app.run_jobs().await;
    assert_eq!(attempts(&app, &id).await.len(), 1, "one call shows that nobody is there; the others wait untried");
    let resting = app.get(&path).expect(200).await;
    assert!(resting["resting_until"].is_string() && resting["failing_since"].is_string(), "{resting}");
    app.put(&path, json!({ "url": receiver.url() })).expect(200).await;
    app.run_jobs().await;
    assert_eq!(receiver.received().len(), 29, "another address has no need to rest");
    app.clock.advance(jiff::SignedDuration::from_secs(60));
    app.run_jobs().await;
    assert_eq!(receiver.received().len(), 30, "and the one that failed comes at its time");
}
