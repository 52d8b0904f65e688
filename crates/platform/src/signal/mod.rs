//! Signals: how the service runs, kept by itself: traffic, errors, latency and saturation of every route, job and other system.
//!
//! Each is measured once and goes two ways: to the metrics that others collect, and to the minute that this instance writes down.
//!
//! Tables owned: `signal_minute`, `instance_minute`, `slow_statement`. They are of the whole installation and name no tenant.
//!
//! Failure policy: fail-open. What cannot be written waits for the next minute, an hour at most; nobody waits for it.

pub mod http;
mod keep;
mod load;
mod slow;
pub mod store;
mod tally;

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard};
use std::time::Duration;

pub use keep::{gauge_load, keep, write_down};
pub use load::{InFlight, Load};
pub use slow::{SlowStatement, normalise};
pub use tally::{BOUNDS, Tally};

crate::words! {
    /// What a signal is about.
    Source {
        /// A route, as `METHOD /its/template`.
        Route = "route",
        /// The runs of a kind of job.
        Job = "job",
        /// How long jobs of a kind waited for a worker after they were due.
        Wait = "wait",
        /// Another system that the service depends on.
        Service = "service",
    }
}

/// How something ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// As it should.
    Fine,
    /// With a no: the caller's fault, or the other side's good right.
    Refused,
    /// With a failure.
    Failed,
}

impl Outcome {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Fine => "fine",
            Self::Refused => "refused",
            Self::Failed => "failed",
        }
    }

    /// What a status of HTTP means to who answers with it.
    pub const fn of_status(status: u16) -> Self {
        match status {
            0..400 => Self::Fine,
            400..500 => Self::Refused,
            _ => Self::Failed,
        }
    }
}

/// What was measured since the minute began.
pub(crate) type Tallies = HashMap<Source, HashMap<String, Tally>>;

/// The measures of one instance.
#[derive(Debug, Default)]
pub struct Signals {
    tallies: Mutex<Tallies>,
    slow: Mutex<slow::SlowStatements>,
    load: Load,
}

impl Signals {
    /// A request was answered. `method` and `route` are words of ours: a caller must not be able to make new ones.
    pub fn request(&self, method: &'static str, route: &str, status: u16, took: Duration) {
        let class =
            ["1xx", "2xx", "3xx", "4xx", "5xx"].get(usize::from(status / 100).wrapping_sub(1)).unwrap_or(&"other");
        let labels = [("method", method.to_owned()), ("route", route.to_owned()), ("class", (*class).to_owned())];
        metrics::counter!("comptoir_http_requests_total", &labels).increment(1);
        metrics::histogram!("comptoir_http_request_seconds", &labels).record(took.as_secs_f64());
        self.note(Source::Route, &format!("{method} {route}"), Outcome::of_status(status), took);
    }

    /// A job ran, `waited` after it was due; `outcome` in its own words is `ending`.
    pub fn job(&self, kind: &str, ending: &'static str, outcome: Outcome, took: Duration, waited: Duration) {
        metrics::counter!("comptoir_jobs_total", "kind" => kind.to_owned(), "outcome" => ending).increment(1);
        metrics::histogram!("comptoir_job_seconds", "kind" => kind.to_owned()).record(took.as_secs_f64());
        metrics::histogram!("comptoir_job_wait_seconds", "kind" => kind.to_owned()).record(waited.as_secs_f64());
        self.note(Source::Job, kind, outcome, took);
        self.note(Source::Wait, kind, Outcome::Fine, waited);
    }

    /// Another system was asked for something.
    pub fn service(&self, service: &'static str, outcome: Outcome, took: Duration) {
        metrics::counter!("comptoir_service_requests_total", "service" => service, "outcome" => outcome.as_str())
            .increment(1);
        metrics::histogram!("comptoir_service_seconds", "service" => service).record(took.as_secs_f64());
        self.note(Source::Service, service, outcome, took);
    }

    /// A statement of `origin`, a route or a kind of job, took longer than it should.
    pub fn slow_statement(&self, statement: &str, origin: &str, took: Duration) {
        metrics::counter!("comptoir_slow_statements_total").increment(1);
        self.slow.lock().expect("no one panics while holding the slow statements").note(statement, origin, took);
    }

    /// How full this instance is.
    pub fn load(&self) -> &Load {
        &self.load
    }

    fn note(&self, source: Source, name: &str, outcome: Outcome, took: Duration) {
        let mut tallies = self.tallies();
        let names = tallies.entry(source).or_default();
        match names.get_mut(name) {
            Some(tally) => tally.add(outcome, took),
            None => names.entry(name.to_owned()).or_default().add(outcome, took),
        }
    }

    fn tallies(&self) -> MutexGuard<'_, Tallies> {
        self.tallies.lock().expect("no one panics while holding the tallies")
    }

    /// Takes the slow statements that were noted, without when.
    pub fn take_slow(&self) -> Vec<SlowStatement> {
        self.slow.lock().expect("no one panics while holding the slow statements").take()
    }

    /// Takes what was measured, for the minute to be written down.
    fn take(&self) -> (Tallies, Vec<SlowStatement>) {
        (std::mem::take(&mut *self.tallies()), self.take_slow())
    }
}
