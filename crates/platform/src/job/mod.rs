//! Jobs: background work as rows, written in the transaction that needs them, run once, kept when they fail.
//!
//! A job has an optional key (unique per kind: a schedule's is its period), a lease, bounded retries with backoff and
//! a dead letter that a person reads and requeues. Reactions and schedules are jobs too.

mod alone {
    pub(super) mod store;
}
pub mod http;
mod lane;
mod registry;
mod round;
pub mod schedule;
pub mod store;
mod worker;

use jiff::SignedDuration;
use kernel::{JobId, Timestamp};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

pub use registry::{Handler, Registry};
pub use worker::{run_due, run_due_in, run_now, run_until_idle, work};

use crate::event::StoredEvent;
use crate::{Error, Result};

crate::constraint!("job_alone_key", "job", "runs at this moment: it never overlaps itself");

crate::lifecycle! {
    /// Where a job stands.
    pub enum JobState: "job" {
        /// Waits for its time and a worker.
        Queued = "queued" => [Running],
        /// A worker holds its lease.
        Running = "running" => [Done, Queued, Dead],
        /// Finished.
        Done = "done" => [],
        /// Out of attempts: a person must look.
        Dead = "dead" => [Queued],
    }
    born: [Queued]
}

crate::words! {
    /// Which workers do a job.
    Lane {
        /// Those of the business.
        Main = "main",
        /// Those that wait for other systems, so that nobody else has to.
        Outside = "outside",
    }
}

/// Work that can be enqueued with [`Tx::enqueue`](crate::Tx::enqueue). The struct is its payload.
pub trait Job: Serialize + DeserializeOwned + Send + Sync + 'static {
    /// The kind, such as `leads.send_batch`.
    const KIND: &'static str;

    /// How often it is tried before it becomes a dead letter.
    const MAX_ATTEMPTS: i32 = 8;

    /// Which workers do it.
    const LANE: Lane = Lane::Main;

    /// The idempotency key: a second job of this kind with the same key is not enqueued.
    fn key(&self) -> Option<String> {
        None
    }
}

/// What a handler knows of the run it is in.
#[derive(Clone, Debug)]
pub struct JobRun {
    /// The job.
    pub id: JobId,
    /// The kind.
    pub kind: String,
    /// The idempotency key; a schedule's period.
    pub key: Option<String>,
    /// Counts from 1.
    pub attempt: i32,
    /// Whether a worker before this one was lost while it ran: what it did outside is unknown.
    pub was_lost: bool,
}

/// How long a worker may hold a job before another takes it over.
pub const LEASE: SignedDuration = SignedDuration::from_mins(15);

#[derive(PartialEq)]
pub(crate) struct NewJob {
    pub(crate) kind: String,
    pub(crate) key: Option<String>,
    pub(crate) payload: Value,
    pub(crate) run_at: Timestamp,
    pub(crate) max_attempts: i32,
    pub(crate) lane: Lane,
    /// Whether it waits for another of its kind that runs: scheduled work never overlaps itself (spec/desk.md D-70).
    pub(crate) alone: bool,
}

impl NewJob {
    pub(crate) fn typed<J: Job>(job: &J, run_at: Timestamp) -> Result<Self> {
        let payload = serde_json::to_value(job).map_err(|error| Error::internal("serialising a job", error))?;
        let kind = J::KIND.to_owned();
        Ok(Self { kind, key: job.key(), payload, run_at, max_attempts: J::MAX_ATTEMPTS, lane: J::LANE, alone: false })
    }

    pub(crate) fn reaction(kind: &str, event: &StoredEvent) -> Self {
        let payload = serde_json::to_value(event).expect("an event is plain data and always serialises");
        let key = Some(event.id.to_string());
        Self { kind: kind.to_owned(), key, payload, run_at: event.at, max_attempts: 8, lane: Lane::Main, alone: false }
    }
}

/// The wait before attempt `attempt + 1`: doubling from 10 s, an hour at most.
pub(crate) fn backoff(attempt: i32) -> SignedDuration {
    let doublings = u32::try_from(attempt.saturating_sub(1)).unwrap_or(0).min(9);
    SignedDuration::from_secs((10_i64 << doublings).min(3600))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn backoff_doubles_up_to_an_hour() {
        let waits: Vec<_> = [1, 2, 3, 9, 10, 40].map(|attempt| backoff(attempt).as_secs()).into();
        assert_eq!(waits, [10, 20, 40, 2560, 3600, 3600]);
    }
}
