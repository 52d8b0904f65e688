//! The network between the service and its database.

use std::time::{Duration, Instant};

use app::postgres::{Durability, ManagedOptions, ManagedPostgres, Role};
use serde_json::Value;
use tokio::time::{sleep, timeout};

use super::{RECOVERY, load, only_unavailable};
use crate::support::load::check;
use crate::support::process::{Installation, Process};
use crate::support::proxy::{Network, Proxy};
use crate::support::smtp::{Behaviour, Sink};

const DATABASE: &str = "comptoir";

/// Who asks whether it is ready is told within this, whatever the network does.
const ANSWERED_WITHIN: Duration = Duration::from_secs(20);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_network_that_is_cut_or_falls_silent_under_load_costs_answers_and_nothing_else() {
    let cluster = tempfile::tempdir().unwrap();
    let options = ManagedOptions { durability: Durability::None, ..ManagedOptions::new(cluster.path().join("data")) };
    let postgres = ManagedPostgres::start(options).await.unwrap();
    let proxy = Proxy::start(postgres.endpoint().socket_dir()).await;
    let installation = behind(&postgres, &proxy).await;
    let sink = Sink::start(Behaviour::Accept).await;
    let process = installation.serve(&[("COMPTOIR_SMTP_URL", &sink.url)]).await;
    let (load, key) = load(&process, 4).await;
    load.next_acknowledged().await;

    proxy.now(Network::Cut);
    let told_of_cut = unready(&process).await;
    proxy.now(Network::Fine);
    let after_cut = load.next_acknowledged().await;

    sleep(Duration::from_millis(500)).await;
    proxy.now(Network::Silent);
    let told_of_silence = unready(&process).await;
    // From here on new connections work; those that were there stay silent for good.
    proxy.now(Network::Fine);
    let after_silence = load.next_acknowledged().await;
    assert!(
        after_cut < RECOVERY && after_silence < RECOVERY,
        "it serves again after {after_cut:?} and {after_silence:?}"
    );

    let (acknowledged, seen) = load.end(process.port, &key).await;
    only_unavailable(&seen);
    let mailed = check(&mut installation.owner().await, &acknowledged, &sink).await;
    eprintln!(
        "network: cut: not ready after {told_of_cut:?}, the next lead taken {after_cut:?} after it was back; silent: not ready after \
         {told_of_silence:?}, the next lead taken {after_silence:?} after it was back; {} leads acknowledged, {} turned down with 503, \
         {} callers gave up after 5 s, all sent again and there once; {mailed} mailed once",
        acknowledged.len(),
        seen.failed() - seen.broken,
        seen.broken
    );
    proxy.now(Network::Cut);
    drop(process);
    postgres.stop().await.unwrap();
}

/// An installation that reaches its database over the proxy; the test reaches it without.
async fn behind(postgres: &ManagedPostgres, proxy: &Proxy) -> Installation {
    postgres.ensure_database(DATABASE).await.unwrap();
    let url = |role: Role| format!("postgres://{}@127.0.0.1:{}/{DATABASE}?sslmode=disable", role.name(), proxy.port);
    let urls = (url(Role::App), url(Role::Owner));
    Installation::over(postgres.owner_options(DATABASE), postgres.app_options(DATABASE), urls).await
}

/// How long until it says that it is not ready.
async fn unready(process: &Process<'_>) -> Duration {
    let asked = Instant::now();
    loop {
        let answer = timeout(ANSWERED_WITHIN, process.call("GET", "/readyz", &[], &Value::Null)).await;
        let (status, _) = answer.expect("who asks is answered").unwrap();
        if status == 503 {
            return asked.elapsed();
        }
        assert!(asked.elapsed() < ANSWERED_WITHIN, "it calls itself ready without a database");
        sleep(Duration::from_millis(50)).await;
    }
}
