//! How full an instance is: requests under way, connections in use and waited for.

use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

/// How many there are, and how many there were at most since somebody last asked.
#[derive(Debug, Default)]
struct Level {
    now: AtomicU32,
    most: AtomicU32,
}

impl Level {
    fn rise(&self) {
        let now = self.now.fetch_add(1, Relaxed) + 1;
        self.most.fetch_max(now, Relaxed);
    }

    fn fall(&self) {
        self.now.fetch_sub(1, Relaxed);
    }

    fn now(&self) -> u32 {
        self.now.load(Relaxed)
    }

    fn take_most(&self) -> u32 {
        self.most.swap(self.now(), Relaxed)
    }
}

/// How full an instance is.
#[derive(Debug, Default)]
pub struct Load {
    requests: Level,
    opening: Level,
    busiest: AtomicU32,
}

/// What the minute saw at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Most {
    pub(super) requests: u32,
    pub(super) waiting: u32,
    pub(super) busy: u32,
}

impl Load {
    /// A request begins; it is over when what this returns is dropped.
    pub fn request(&self) -> InFlight<'_> {
        InFlight::new(&self.requests)
    }

    /// Somebody waits for a connection of which `busy` are in use.
    pub(crate) fn open(&self, busy: u32) -> InFlight<'_> {
        self.busiest.fetch_max(busy, Relaxed);
        InFlight::new(&self.opening)
    }

    /// Requests under way.
    pub fn requests(&self) -> u32 {
        self.requests.now()
    }

    /// How many wait for a transaction to begin.
    pub fn waiting(&self) -> u32 {
        self.opening.now()
    }

    pub(super) fn take_most(&self) -> Most {
        Most {
            requests: self.requests.take_most(),
            waiting: self.opening.take_most(),
            busy: self.busiest.swap(0, Relaxed),
        }
    }
}

/// One that is under way until it is dropped.
#[derive(Debug)]
pub struct InFlight<'a>(&'a Level);

impl<'a> InFlight<'a> {
    fn new(level: &'a Level) -> Self {
        level.rise();
        Self(level)
    }
}

impl Drop for InFlight<'_> {
    fn drop(&mut self) {
        self.0.fall();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_most_of_a_minute_is_forgotten_with_it_but_what_is_under_way_is_not() {
        let load = Load::default();
        let stays = load.request();
        drop((load.request(), load.request()));
        drop(load.open(7));
        assert_eq!(load.take_most(), Most { requests: 3, waiting: 1, busy: 7 });
        assert_eq!(load.take_most(), Most { requests: 1, waiting: 0, busy: 0 });
        drop(stays);
        assert_eq!(load.requests(), 0);
    }
}
