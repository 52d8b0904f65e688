//! What the doctor says, and from where on something is wrong. Pure.

use std::fmt::Write as _;

use jiff::SignedDuration;
use kernel::Timestamp;
use serde::Serialize;

/// How something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// As it should be.
    Ok,
    /// It works, and a person should look before it does not.
    Attention,
    /// It does not work, or is about to lose something.
    Broken,
}

impl Status {
    const fn mark(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Attention => "attention",
            Self::Broken => "BROKEN",
        }
    }

    /// Broken from `broken` on, worth attention from `attention` on.
    fn of<T: PartialOrd + Copy>(value: T, attention: T, broken: T) -> Self {
        if value >= broken {
            Self::Broken
        } else if value >= attention {
            Self::Attention
        } else {
            Self::Ok
        }
    }
}

/// One line of the diagnosis.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// What it belongs to: machine, database, jobs, outside, safety or service.
    pub area: &'static str,
    /// What was looked at.
    pub name: &'static str,
    /// How it is.
    pub status: Status,
    /// What was seen.
    pub says: String,
    /// What to do next; nothing, where all is well.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub next: String,
}

impl Finding {
    pub(super) fn ok(area: &'static str, name: &'static str, says: impl Into<String>) -> Self {
        Self { area, name, status: Status::Ok, says: says.into(), next: String::new() }
    }

    pub(super) fn attention(area: &'static str, name: &'static str, says: impl Into<String>, next: &str) -> Self {
        Self { area, name, status: Status::Attention, says: says.into(), next: next.to_owned() }
    }

    pub(super) fn broken(area: &'static str, name: &'static str, says: impl Into<String>, next: &str) -> Self {
        Self { area, name, status: Status::Broken, says: says.into(), next: next.to_owned() }
    }

    /// With the status that was judged; what to do next is said where something is to be done.
    pub(super) fn judged(
        area: &'static str,
        name: &'static str,
        status: Status,
        says: impl Into<String>,
        next: &str,
    ) -> Self {
        let next = if status == Status::Ok { String::new() } else { next.to_owned() };
        Self { area, name, status, says: says.into(), next }
    }
}

/// Everything that was found.
#[derive(Clone, Debug, Serialize)]
pub struct Diagnosis {
    /// The version of this program.
    pub version: &'static str,
    /// When it looked.
    pub at: Timestamp,
    /// What it found, in the order in which to read it.
    pub findings: Vec<Finding>,
}

impl Diagnosis {
    /// How many findings are so.
    pub fn count(&self, status: Status) -> usize {
        self.findings.iter().filter(|finding| finding.status == status).count()
    }

    /// For people: a line each, what to do below it, and the sum.
    pub fn text(&self) -> String {
        let mut text = String::new();
        for finding in &self.findings {
            let what = format!("{}/{}", finding.area, finding.name);
            // Writing to a string cannot fail.
            _ = writeln!(text, "{:9}  {what:24}  {}", finding.status.mark(), finding.says);
            if !finding.next.is_empty() {
                _ = writeln!(text, "{:9}  {:24}  → {}", "", "", finding.next);
            }
        }
        let counts = [Status::Ok, Status::Attention, Status::Broken].map(|status| self.count(status));
        _ = writeln!(text, "\n{} ok, {} want attention, {} broken.", counts[0], counts[1], counts[2]);
        text
    }
}

/// From where on something is wrong.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Less of the disk free than so many percent wants attention, less than half of it is broken (spec/trade.md 10).
    pub least_free_percent: u8,
}

impl Default for Limits {
    fn default() -> Self {
        Self { least_free_percent: 10 }
    }
}

/// Room on a disk, in blocks.
pub(super) fn disk(free: u64, all: u64, limits: Limits) -> (Status, u64) {
    let percent = free.saturating_mul(100).checked_div(all).unwrap_or(100);
    let least = u64::from(limits.least_free_percent);
    let status = if percent * 2 < least {
        Status::Broken
    } else if percent < least {
        Status::Attention
    } else {
        Status::Ok
    };
    (status, percent)
}

/// Two clocks that differ: beyond two seconds leases and one-time passwords begin to suffer, beyond half a minute they fail.
pub(super) fn skew(apart: SignedDuration) -> Status {
    Status::of(apart.abs(), SignedDuration::from_secs(2), SignedDuration::from_secs(30))
}

/// Connections in use, of those there may be.
pub(super) fn connections(used: i64, all: i64) -> Status {
    Status::of(used * 100, all * 80, all * 95)
}

/// Somebody who waits for a lock.
pub(super) fn blocked(longest: SignedDuration) -> Status {
    Status::of(longest, SignedDuration::from_secs(2), SignedDuration::from_secs(30))
}

/// The age of the oldest transaction: the service ends its own after a minute of rest.
pub(super) fn transaction(age: SignedDuration) -> Status {
    Status::of(age, SignedDuration::from_mins(2), SignedDuration::from_mins(30))
}

/// How far a replica is behind.
pub(super) fn lag(behind: SignedDuration) -> Status {
    Status::of(behind, SignedDuration::from_secs(10), SignedDuration::from_mins(5))
}

/// For how long the oldest due job has been due.
pub(super) fn queue(oldest: SignedDuration) -> Status {
    Status::of(oldest, SignedDuration::from_mins(2), SignedDuration::from_mins(15))
}

/// Requests of the last hour that failed; a few among few say nothing.
pub(super) fn failures(requests: i64, errors: i64) -> Status {
    if errors < 3 {
        return Status::Ok;
    }
    Status::of(errors * 100, requests, requests * 5)
}

/// The age of the last backup, and of the last proof that one can be restored, where backups are ours.
pub(super) fn backup(age: Option<SignedDuration>, proven: Option<SignedDuration>) -> Status {
    let old = age
        .map_or(Status::Broken, |age| Status::of(age, SignedDuration::from_hours(26), SignedDuration::from_hours(72)));
    let unproven = proven.is_none_or(|age| age > SignedDuration::from_hours(24 * 9));
    old.max(if unproven { Status::Attention } else { Status::Ok })
}

/// A time in words that can be read at a glance.
pub(super) fn for_people(time: SignedDuration) -> String {
    let seconds = time.as_secs();
    match seconds.abs() {
        0..120 => format!("{seconds} s"),
        120..7200 => format!("{} min", seconds / 60),
        7200..172_800 => format!("{} h", seconds / 3600),
        _ => format!("{} days", seconds / 86_400),
    }
}

#[cfg(test)]
mod tests {
    use super::Status::{Attention, Broken, Ok};
    use super::*;

    #[test]
    fn limits_are_where_they_are_said_to_be() {
        let seconds = SignedDuration::from_secs;
        for (found, expected) in [
            (disk(10, 100, Limits::default()).0, Ok),
            (disk(9, 100, Limits::default()).0, Attention),
            (disk(4, 100, Limits::default()).0, Broken),
            (disk(0, 0, Limits::default()).0, Ok),
            (skew(seconds(-2)), Attention),
            (skew(seconds(1)), Ok),
            (skew(seconds(30)), Broken),
            (connections(79, 100), Ok),
            (connections(80, 100), Attention),
            (connections(95, 100), Broken),
            (blocked(seconds(1)), Ok),
            (blocked(seconds(30)), Broken),
            (transaction(seconds(120)), Attention),
            (lag(seconds(9)), Ok),
            (queue(seconds(119)), Ok),
            (queue(seconds(900)), Broken),
            (failures(2, 2), Ok),
            (failures(1000, 9), Ok),
            (failures(1000, 10), Attention),
            (failures(1000, 50), Broken),
            (failures(3, 3), Broken),
        ] {
            assert_eq!(found, expected);
        }
    }

    #[test]
    fn a_backup_is_to_be_young_and_proven() {
        let hours = |count| Some(SignedDuration::from_hours(count));
        for (age, proven, expected) in [
            (hours(3), hours(30), Ok),
            (hours(3), None, Attention),
            (hours(3), hours(24 * 10), Attention),
            (hours(27), hours(30), Attention),
            (hours(73), hours(30), Broken),
            (None, hours(30), Broken),
        ] {
            assert_eq!(backup(age, proven), expected);
        }
    }

    #[test]
    fn the_text_says_what_to_do_only_where_something_is_to_be_done() {
        let findings = vec![
            Finding::judged("machine", "disk", Ok, "half is free", "Make room."),
            Finding::broken("database", "reachable", "no answer", "Start it."),
        ];
        let diagnosis = Diagnosis { version: "1", at: "2026-02-11T09:00:00Z".parse().unwrap(), findings };
        let text = diagnosis.text();
        assert!(!text.contains("Make room.") && text.contains("→ Start it.") && text.contains("BROKEN"), "{text}");
        assert!(text.ends_with("1 ok, 0 want attention, 1 broken.\n"));
        let json = serde_json::to_value(&diagnosis).unwrap();
        assert_eq!((&json["findings"][1]["status"], json["findings"][0].get("next")), (&"broken".into(), None));
    }
}
