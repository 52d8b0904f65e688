//! The database goes and comes back.

use std::time::{Duration, Instant};

use app::postgres::{ManagedOptions, ManagedPostgres, Role};
use serde_json::Value;
use tokio::time::sleep;

use super::{RECOVERY, load, only_unavailable};
use crate::support::load::check;
use crate::support::process::{Installation, Process};
use crate::support::smtp::{Behaviour, Sink};

const DATABASE: &str = "comptoir";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_that_is_restarted_and_killed_under_load_costs_answers_and_nothing_else() {
    let cluster = tempfile::tempdir().unwrap();
    // Durable: what is killed here has told what it committed.
    let options = ManagedOptions::new(cluster.path().join("data"));
    let mut postgres = ManagedPostgres::start(options.clone()).await.unwrap();
    let installation = over(&postgres).await;
    let sink = Sink::start(Behaviour::Accept).await;
    let process = installation.serve(&[("COMPTOIR_SMTP_URL", &sink.url)]).await;
    let (load, key) = load(&process, 4).await;
    load.next_acknowledged().await;

    let mut longest = Duration::ZERO;
    for is_killed in [false, true, false] {
        sleep(Duration::from_millis(700)).await;
        postgres = if is_killed {
            kill(&postgres);
            postgres
        } else {
            postgres.stop().await.unwrap();
            unavailable(&process).await;
            ManagedPostgres::start(options.clone()).await.unwrap()
        };
        if is_killed {
            unavailable(&process).await;
            postgres.restart().await.unwrap();
        }
        longest = longest.max(load.next_acknowledged().await);
        process.until("readiness", ready).await;
    }
    assert!(longest < RECOVERY, "it serves again after {longest:?}");
    let (acknowledged, seen) = load.end(process.port, &key).await;
    only_unavailable(&seen);
    let mailed = check(&mut installation.owner().await, &acknowledged, &sink).await;
    eprintln!(
        "database: restarted twice, killed once under load: the next lead was taken {longest:?} after it was back at the latest; {} \
         leads acknowledged, {} turned down with 503, {} answers lost, all sent again and there once; {mailed} mailed once",
        acknowledged.len(),
        seen.failed() - seen.broken,
        seen.broken
    );
    assert!(process.stop(), "it ends well");
    postgres.stop().await.unwrap();
}

/// An installation over a server of the test's own.
pub(super) async fn over(postgres: &ManagedPostgres) -> Installation {
    postgres.ensure_database(DATABASE).await.unwrap();
    let urls = (postgres.url(Role::App, DATABASE), postgres.url(Role::Owner, DATABASE));
    Installation::over(postgres.owner_options(DATABASE), postgres.app_options(DATABASE), urls).await
}

/// It lives, says that it is not ready, and says so soon.
async fn unavailable(process: &Process<'_>) {
    let asked = Instant::now();
    let (status, _) = process.call("GET", "/readyz", &[], &Value::Null).await.unwrap();
    assert_eq!(status, 503);
    assert!(asked.elapsed() < Duration::from_secs(12), "it was told after {:?}", asked.elapsed());
    assert_eq!(process.call("GET", "/healthz", &[], &Value::Null).await.unwrap().0, 200);
}

async fn ready(process: &Process<'_>) -> Option<()> {
    let answer = process.call("GET", "/readyz", &[], &Value::Null).await;
    answer.is_some_and(|(status, _)| status == 200).then_some(())
}

/// Kills the server and its sessions, as a machine does that loses power.
fn kill(postgres: &ManagedPostgres) {
    let server = postgres.pid().unwrap();
    let children = std::fs::read_to_string(format!("/proc/{server}/task/{server}/children")).unwrap();
    let all = children.split_whitespace().map(str::to_owned).chain([server.to_string()]);
    std::process::Command::new("kill").arg("-9").args(all).stderr(std::process::Stdio::null()).status().unwrap();
}
