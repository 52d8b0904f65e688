//! Rates per key: so many requests a minute, in bursts of as many.

use std::collections::HashMap;
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use governor::clock::{Clock as _, DefaultClock};
use governor::middleware::StateInformationMiddleware;
use governor::state::keyed::DefaultKeyedStateStore;
use governor::{Quota, RateLimiter};

use crate::error::Kind;
use crate::{Error, Result};

/// The limiters of this instance, one per bucket and rate.
#[derive(Default)]
pub struct Limits {
    limiters: Mutex<HashMap<Rate, Arc<Limiter>>>,
    off: bool,
}

/// A limiter that tells how much is left.
type Limiter = RateLimiter<String, DefaultKeyedStateStore<String>, DefaultClock, StateInformationMiddleware>;

/// A bucket and how many a minute fit in.
type Rate = (&'static str, u32);

impl Limits {
    /// Limiters that count, or let everything through when `off`.
    pub(crate) fn new(off: bool) -> Self {
        Self { limiters: Mutex::default(), off }
    }

    /// Counts one request of `key` in `bucket`.
    ///
    /// Throttled when `key` has used up its `per_minute`; the sentence says how long to wait.
    pub fn check(&self, bucket: &'static str, key: &str, per_minute: u32) -> Result<()> {
        self.count(bucket, key, per_minute).map(drop)
    }

    /// The same; how many more `key` may make at once.
    pub fn count(&self, bucket: &'static str, key: &str, per_minute: u32) -> Result<u32> {
        if self.off {
            return Ok(per_minute);
        }
        let limiter = self.limiter(bucket, per_minute);
        let until = match limiter.check_key(&key.to_owned()) {
            Ok(state) => return Ok(state.remaining_burst_capacity()),
            Err(until) => until,
        };
        let wait = until.wait_time_from(DefaultClock::default().now()).max(Duration::from_secs(1)).as_secs();
        metrics::counter!("comptoir_throttled_total", "bucket" => bucket).increment(1);
        let detail = format!("Too many requests; try again in {wait} s.");
        Err(Error::new(Kind::Throttled, "throttled", detail).with_field("retry_after", wait.to_string()))
    }

    /// Forgets keys that are back at their full rate.
    pub fn forget_idle(&self) {
        for limiter in self.limiters.lock().expect("no one panics while holding the limiters").values() {
            limiter.retain_recent();
        }
    }

    fn limiter(&self, bucket: &'static str, per_minute: u32) -> Arc<Limiter> {
        let rate = NonZeroU32::new(per_minute).unwrap_or(NonZeroU32::MIN);
        let mut limiters = self.limiters.lock().expect("no one panics while holding the limiters");
        let limiter = limiters
            .entry((bucket, per_minute))
            .or_insert_with(|| Arc::new(RateLimiter::keyed(Quota::per_minute(rate)).with_middleware()));
        Arc::clone(limiter)
    }
}
