//! What happens around a service that runs, with real processes: nothing acknowledged is lost, nothing exists twice, and it recovers
//! without a person. Each test prints the figures that `docs/resilience.md` quotes.

mod clock;
mod database;
mod disk;
mod instances;
mod letters;
mod mail;
mod network;

use std::time::{Duration, Instant};

use sqlx::PgConnection;

use crate::support::load::{Balancer, Load, Seen, setup};
use crate::support::process::Process;

/// Within this it serves again, on a machine that is busy with other things.
const RECOVERY: Duration = Duration::from_secs(20);

/// Callers with the key of a new provider, and one who has what is pending sent all the while; the key too.
async fn load(process: &Process<'_>, callers: usize) -> (Load, String) {
    let (token, key) = setup(process.port, "root@own.example", "own").await;
    let balancer = Balancer::over(&[process.port]);
    (Load::start(callers, &key, &balancer).sending(&token, &balancer), key)
}

/// The instances' variables with those of a clock that is moved.
fn with_clock<'a>(clock: &'a [(&'static str, String)], sink: &'a str) -> Vec<(&'a str, &'a str)> {
    let moved = clock.iter().map(|(name, value)| (*name, value.as_str()));
    moved.chain([("COMPTOIR_SMTP_URL", sink)]).collect()
}

/// Waits until a statement counts none, or as many as it must.
async fn until_count(owner: &mut PgConnection, what: &str, sql: &'static str, is_reached: impl Fn(i64) -> bool) {
    let asked = Instant::now();
    loop {
        let count: i64 = sqlx::query_scalar(sql).fetch_one(&mut *owner).await.unwrap();
        if is_reached(count) {
            return;
        }
        assert!(asked.elapsed() < Duration::from_mins(1), "{what}: {count}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

/// Who was turned down was told to come again, and nothing else went wrong with him.
fn only_unavailable(seen: &Seen) {
    assert!(seen.turned_down.keys().all(|status| *status == 503), "{:?}", seen.turned_down);
}
