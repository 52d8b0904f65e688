//! Writing down each minute, and forgetting what is old.

use std::collections::VecDeque;
use std::time::Duration;

use jiff::SignedDuration;
use kernel::Timestamp;
use tokio_util::sync::CancellationToken;

use super::store::{self, InstanceMinute, Minute};
use super::{Signals, SlowStatement};
use crate::{Error, Platform, Result};

/// Minutes that wait for a database that does not answer.
const WAITING: usize = 60;

/// Writing one takes no longer, on a connection that hangs neither.
const WRITING: Duration = Duration::from_secs(20);

/// The minutes are kept for so long.
const KEPT: SignedDuration = SignedDuration::from_hours(48);

/// Slow statements are kept for so many weeks.
const KEPT_WEEKS: i64 = 8;

/// Writes down each minute as it ends, until `stop`, and what there is of the last one then.
pub async fn keep(platform: Platform, stop: CancellationToken) {
    let mut waiting = VecDeque::new();
    loop {
        let began = minute_of(platform.now());
        let rest = began.plus(SignedDuration::from_mins(1)).since(platform.now()).unsigned_abs();
        let is_over = tokio::select! {
            () = stop.cancelled() => true,
            () = tokio::time::sleep(rest.max(Duration::from_millis(100))) => false,
        };
        write_down(&platform, began, &mut waiting).await;
        if is_over {
            return;
        }
        if began.jiff().as_second() % 3600 == 0
            && let Err(error) = store::forget(&platform, began.minus(KEPT), began.minus_days(7 * KEPT_WEEKS)).await
        {
            tracing::warn!(error = error.logged(), "old signals could not be forgotten");
        }
    }
}

/// Closes the minute that began at `at` and writes it down, after those that still wait.
pub async fn write_down(platform: &Platform, at: Timestamp, waiting: &mut VecDeque<Minute>) {
    let minute = close(platform, at).await;
    for slow in &minute.slow {
        tell(slow);
    }
    waiting.push_back(minute);
    while waiting.len() > WAITING {
        waiting.pop_front();
        metrics::counter!("comptoir_signal_minutes_lost_total").increment(1);
    }
    while let Some(oldest) = waiting.front() {
        let written = tokio::time::timeout(WRITING, store::insert_minute(platform, oldest)).await;
        if let Err(error) = written.unwrap_or_else(|late| Err(Error::unavailable(late))) {
            tracing::warn!(
                error = error.logged(),
                waiting = waiting.len(),
                "the signals of a minute could not be written"
            );
            return;
        }
        waiting.pop_front();
    }
}

async fn close(platform: &Platform, at: Timestamp) -> Minute {
    let (tallies, mut slow) = platform.signals().take();
    let now = platform.now();
    for statement in &mut slow {
        statement.last_seen_at = now;
    }
    // A database that is down has no queue to be read: the minute shows what else there was.
    let queue = tokio::time::timeout(WRITING, store::job_queue(platform.pool(), now)).await;
    let queue = queue.ok().and_then(Result::ok).unwrap_or_default();
    let most = platform.signals().load().take_most();
    let count = |level: u32| i32::try_from(level).unwrap_or(i32::MAX);
    let oldest = queue.iter().filter_map(|kind| kind.oldest_due_at).min();
    let instance = InstanceMinute {
        at,
        worker: platform.options().worker_name.clone(),
        db_pool: count(platform.pool().options().get_max_connections()),
        db_busiest: count(most.busy),
        db_waiting: count(most.waiting),
        requests_busiest: count(most.requests),
        memory_bytes: memory_bytes().unwrap_or(0),
        jobs_due: queue.iter().map(|kind| kind.due).sum(),
        jobs_dead: queue.iter().map(|kind| kind.dead).sum(),
        oldest_due_seconds: oldest.map_or(0, |since| now.since(since).as_secs().max(0)),
    };
    Minute { tallies, slow, instance }
}

fn tell(slow: &SlowStatement) {
    let longest_ms = slow.longest_us / 1000;
    tracing::warn!(
        origin = slow.origin,
        runs = slow.runs,
        longest_ms,
        statement = slow.statement,
        "a statement was slow"
    );
}

fn minute_of(at: Timestamp) -> Timestamp {
    let second = at.jiff().as_second();
    Timestamp::from_jiff(
        jiff::Timestamp::new(second - second.rem_euclid(60), 0).expect("a minute that has begun is an instant"),
    )
}

/// Shows to the metrics how full this instance is, and what waits.
pub async fn gauge_load(platform: &Platform) -> Result<()> {
    let (size, idle) = platform.pool_state();
    let idle = u32::try_from(idle).unwrap_or(u32::MAX);
    let load: &Signals = platform.signals();
    metrics::gauge!("comptoir_db_connections").set(f64::from(size));
    metrics::gauge!("comptoir_db_connections_idle").set(f64::from(idle));
    metrics::gauge!("comptoir_db_connections_max").set(f64::from(platform.pool().options().get_max_connections()));
    metrics::gauge!("comptoir_db_waiting").set(f64::from(load.load().waiting()));
    metrics::gauge!("comptoir_http_requests_in_flight").set(f64::from(load.load().requests()));
    metrics::gauge!("process_resident_memory_bytes").set(exact(memory_bytes().unwrap_or(0)));
    let now = platform.now();
    let queue = store::job_queue(platform.pool(), now).await?;
    // A kind of which nothing waits any more goes back to nothing.
    let quiet = platform.registry().kinds().filter(|kind| queue.iter().all(|queued| queued.kind != *kind));
    for kind in quiet.map(store::QueuedKind::none_of).chain(queue.iter().cloned()) {
        let age = kind.oldest_due_at.map_or(0, |since| now.since(since).as_secs().max(0));
        for (state, count) in [("due", kind.due), ("running", kind.running), ("dead", kind.dead)] {
            metrics::gauge!("comptoir_jobs", "kind" => kind.kind.clone(), "state" => state).set(exact(count));
        }
        metrics::gauge!("comptoir_job_oldest_due_seconds", "kind" => kind.kind).set(exact(age));
    }
    Ok(())
}

#[expect(clippy::cast_precision_loss, reason = "a gauge is a float, and is exact up to 2^53")]
fn exact(count: i64) -> f64 {
    count as f64
}

/// What of this process is in memory; none where the system does not say.
fn memory_bytes() -> Option<i64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.split_whitespace().next()?.parse::<i64>().ok().map(|kb| kb * 1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_minute_begins_at_its_first_second() {
        for (at, began) in
            [("2026-02-11T09:00:59.999999Z", "2026-02-11T09:00:00Z"), ("2026-02-11T09:01:00Z", "2026-02-11T09:01:00Z")]
        {
            assert_eq!(minute_of(at.parse().unwrap()), began.parse().unwrap());
        }
    }
}
