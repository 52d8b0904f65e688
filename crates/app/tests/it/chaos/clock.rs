//! The machine's clock jumps while the service runs.

use jiff::SignedDuration;

use super::{RECOVERY, only_unavailable, until_count, with_clock};
use crate::support::faketime::MovedClock;
use crate::support::load::{Balancer, Load, check, setup};
use crate::support::process::Installation;
use crate::support::smtp::{Behaviour, Sink};

/// How far the clock is ahead of the true one, one after the other: three hours on, two back, three days on, one back.
const JUMPS: [i64; 4] = [3, 1, 73, 49];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_clock_that_jumps_on_and_back_under_load_loses_nothing_and_runs_nothing_twice() {
    let (installation, clock) = (Installation::new("clock").await, MovedClock::new());
    let sink = Sink::start(Behaviour::Accept).await;
    let variables = clock.variables();
    let process = installation.serve(&with_clock(&variables, &sink.url)).await;
    let mut owner = installation.owner().await;
    let (_, key) = setup(process.port, "root@own.example", "own").await;
    let load = Load::start(3, &key, &Balancer::over(&[process.port]));
    let mut longest = load.next_acknowledged().await;
    for hours in JUMPS {
        clock.set(SignedDuration::from_hours(hours));
        longest = longest.max(load.next_acknowledged().await);
        // Who signs in after a jump is let in, whatever became of older sessions.
        setup_again(process.port).await;
        if hours == 73 {
            let ran = "select count(*) from platform.job where kind = 'seal-events' and state = 'done' and run_at > now() + interval '72 hours'";
            until_count(&mut owner, "schedules go on after a jump of days", ran, |count| count > 0).await;
        }
    }
    assert!(longest < RECOVERY, "leads are taken after a jump: {longest:?}");
    let (acknowledged, seen) = load.end(process.port, &key).await;
    only_unavailable(&seen);
    assert_eq!(seen.failed(), 0, "nobody is turned down for a clock: {seen:?}");
    check(&mut owner, &acknowledged, &sink).await;
    let twice: i64 = sqlx::query_scalar(
        "select count(*) from (select from platform.job_run where key is not null and status = 'success'
         group by tenant_id, kind, key having count(*) > 1) x",
    )
    .fetch_one(&mut owner)
    .await
    .unwrap();
    assert_eq!(twice, 0, "each period of a schedule ran once");
    eprintln!(
        "clock: +3 h, -2 h, +3 days, -1 day under load: {} leads acknowledged, 0 turned down, the longest wait after a jump {longest:?}",
        acknowledged.len()
    );
    assert!(process.stop(), "it ends well");
}

async fn setup_again(port: u16) {
    let body =
        serde_json::json!({ "email": "root@own.example", "password": crate::support::PASSWORD, "tenant": "own" });
    let body = hyper::body::Bytes::from(body.to_string());
    let (status, answer) = crate::support::process::send(port, "POST", "/api/auth/login", &[], body).await.unwrap();
    assert_eq!(status, 200, "{answer}");
}
