//! Counting what happened, and reading off how long it took. Pure.

use std::time::Duration;

use super::Outcome;

/// The upper bounds of the buckets, in seconds; what took longer than the last has a bucket of its own.
pub const BOUNDS: [f64; 13] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];

/// The same in microseconds.
const BOUNDS_US: [i64; 13] = [
    1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000, 2_500_000, 5_000_000, 10_000_000,
];

/// What happened to one route, job or other system.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// How often.
    pub runs: i64,
    /// How often with a no.
    pub refused: i64,
    /// How often with a failure.
    pub errors: i64,
    /// How long it took altogether, in microseconds.
    pub total_us: i64,
    /// How long the longest took, in microseconds.
    pub longest_us: i64,
    /// How many took up to each bound, and how many longer than all.
    pub buckets: [i64; BOUNDS.len() + 1],
}

impl Tally {
    pub(super) fn add(&mut self, outcome: Outcome, took: Duration) {
        let us = i64::try_from(took.as_micros()).unwrap_or(i64::MAX);
        self.runs += 1;
        self.refused += i64::from(outcome == Outcome::Refused);
        self.errors += i64::from(outcome == Outcome::Failed);
        self.total_us = self.total_us.saturating_add(us);
        self.longest_us = self.longest_us.max(us);
        let bucket = BOUNDS_US.iter().position(|bound| us <= *bound).unwrap_or(BOUNDS.len());
        self.buckets[bucket] += 1;
    }

    pub(super) fn merge(&mut self, other: &Self) {
        self.runs += other.runs;
        self.refused += other.refused;
        self.errors += other.errors;
        self.total_us = self.total_us.saturating_add(other.total_us);
        self.longest_us = self.longest_us.max(other.longest_us);
        self.buckets.iter_mut().zip(other.buckets).for_each(|(bucket, more)| *bucket += more);
    }

    /// The time, in microseconds, within which `percent` of 100 were done: as exact as the buckets are, and never beyond the longest.
    pub fn percentile_us(&self, percent: i64) -> i64 {
        let all: i64 = self.buckets.iter().sum();
        let wanted = (all * percent + 99) / 100;
        let mut below = 0;
        for (index, count) in self.buckets.iter().enumerate() {
            if *count > 0 && below + count >= wanted {
                let from = if index == 0 { 0 } else { BOUNDS_US[index - 1] };
                let to = BOUNDS_US.get(index).copied().unwrap_or(self.longest_us).min(self.longest_us).max(from);
                return from + (to - from) * (wanted - below) / count;
            }
            below += count;
        }
        0
    }

    /// The mean, in microseconds.
    pub fn mean_us(&self) -> i64 {
        if self.runs == 0 { 0 } else { self.total_us / self.runs }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of_ms(times: impl IntoIterator<Item = u64>) -> Tally {
        let mut tally = Tally::default();
        times.into_iter().for_each(|ms| tally.add(Outcome::Fine, Duration::from_millis(ms)));
        tally
    }

    #[test]
    fn the_bounds_are_the_same_in_both_units() {
        for (seconds, us) in BOUNDS.iter().zip(BOUNDS_US) {
            assert_eq!(Duration::from_secs_f64(*seconds).as_micros(), u128::try_from(us).unwrap());
        }
    }

    #[test]
    fn percentiles_lie_in_the_bucket_of_their_rank_and_never_beyond_the_longest() {
        let hundred = of_ms(1..=100);
        for (percent, from, to) in [(50, 25_000, 50_000), (95, 50_000, 100_000), (99, 50_000, 100_000)] {
            let found = hundred.percentile_us(percent);
            assert!((from..=to).contains(&found), "p{percent} = {found}");
        }
        assert!(hundred.percentile_us(95) <= hundred.percentile_us(99));
        assert_eq!(of_ms([3]).percentile_us(99), 3_000);
        assert_eq!(of_ms([30_000]).percentile_us(50), 30_000_000);
        assert_eq!(Tally::default().percentile_us(99), 0);
    }

    #[test]
    fn refusals_and_failures_are_told_apart() {
        let mut tally = Tally::default();
        for outcome in [Outcome::Fine, Outcome::Refused, Outcome::Failed, Outcome::Failed] {
            tally.add(outcome, Duration::from_millis(2));
        }
        assert_eq!((tally.runs, tally.refused, tally.errors, tally.mean_us()), (4, 1, 2, 2_000));
    }
}
