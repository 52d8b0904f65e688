//! The mail server is down, then takes connections and says nothing.

use std::time::{Duration, Instant};

use jiff::SignedDuration;
use serde_json::json;
use sqlx::PgConnection;
use tokio::time::sleep;

use super::{only_unavailable, with_clock};
use crate::support::faketime::MovedClock;
use crate::support::load::{Balancer, Load, check, prepare_and_send, setup};
use crate::support::process::{Installation, free_port};
use crate::support::smtp::{Behaviour, Sink};

/// The longest that a lead may take while mail cannot be sent.
const USUAL: Duration = Duration::from_secs(4);

/// Deliveries that have not left.
const WAITING: &str =
    "select count(*) from leads.delivery where status in ('pending_csv', 'ready_to_send', 'sending', 'failed')";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_hour_without_a_mail_server_and_minutes_of_its_silence_delay_mail_and_nothing_else() {
    let (installation, clock) = (Installation::new("mail").await, MovedClock::new());
    let (port, variables) = (free_port(), clock.variables());
    let process = installation.serve(&with_clock(&variables, &format!("smtp://127.0.0.1:{port}"))).await;
    let mut owner = installation.owner().await;
    let (token, key) = setup(process.port, "root@own.example", "own").await;
    let load = Load::start(1, &key, &Balancer::over(&[process.port]));
    load.next_acknowledged().await;
    let passes = async |minutes: i64| {
        clock.set(SignedDuration::from_mins(minutes));
        prepare_and_send(process.port, &token).await.unwrap();
        sleep(Duration::from_millis(700)).await;
    };
    for minutes in [0, 12, 24, 36, 48, 60] {
        passes(minutes).await;
    }
    let kept: i64 = sqlx::query_scalar(WAITING).fetch_one(&mut owner).await.unwrap();
    assert!(kept > 0, "what could not be sent is kept");

    let sink = Sink::at(port, Behaviour::Hole).await;
    for minutes in [66, 72] {
        passes(minutes).await;
    }
    assert_eq!(sink.bodies().len(), 0);
    let during = load.seen();
    sink.now(Behaviour::Accept);
    let (acknowledged, seen) = load.end(process.port, &key).await;
    only_unavailable(&seen);
    assert_eq!(seen.failed(), 0, "leads come in all the while: {seen:?}");
    assert!(during.longest < USUAL, "a lead took {:?}", during.longest);

    // A server that failed five times is left alone for five minutes, and what it refused for good waits for the press on "retry".
    let (back, mut presses) = (Instant::now(), 0);
    while sqlx::query_scalar::<_, i64>(WAITING).fetch_one(&mut owner).await.unwrap() > 0 {
        assert!(presses < 30, "not everything leaves: {}", standing(&mut owner).await);
        presses += 1;
        let failed: Vec<uuid::Uuid> =
            sqlx::query_scalar("select id from leads.delivery where status = 'failed' limit 200")
                .fetch_all(&mut owner)
                .await
                .unwrap();
        if !failed.is_empty() {
            process.ask("POST", "/api/deliveries/batch/reset", json!({ "ids": failed })).await;
        }
        passes(72 + 6 * presses).await;
    }
    let took = back.elapsed();
    let mailed = check(&mut owner, &acknowledged, &sink).await;
    assert!(mailed >= usize::try_from(kept).unwrap(), "{mailed} of {kept}");
    eprintln!(
        "mail: refused for an hour, silent for 12 minutes more: {} leads taken meanwhile, the longest in {:?}; {kept} deliveries waited; \
         once it was back all {mailed} left, once, within {took:?} and {presses} rounds of six minutes",
        during.acknowledged, during.longest
    );
    assert!(process.stop(), "it ends well");
}

/// What became of deliveries and of the jobs that send them.
async fn standing(owner: &mut PgConnection) -> String {
    let sql = "select string_agg(line, '; ') from (
        select format('%s deliveries %s (%s)', count(*), status, last_error) as line from leads.delivery group by status, last_error
        union all
        select format('%s jobs %s due %s of %s (%s)', count(*), state, max(run_at), kind, last_error) from platform.job
        where kind = 'leads.send_batch' group by state, kind, last_error) x";
    sqlx::query_scalar(sql).fetch_one(owner).await.unwrap()
}
