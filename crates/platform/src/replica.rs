//! Streaming replicas of the database answer what only reads, as new as the request that asks (design §8).
//!
//! A request is recognised on the primary, which says at the same time how far everything that was acknowledged until then is written
//! (`pg_current_wal_flush_lsn`). A replica that has not replayed as much within a moment is not read: the primary answers instead. So
//! whoever reads sees what he wrote, wherever he wrote it, and what anyone was told of, with no state kept between requests.

use std::fmt;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use sqlx::PgPool;

use crate::turns::Turns;
use crate::{Error, Result};

/// How long a replica may take to get as far as the request that asks: the answer of the primary is worth no longer wait.
const CATCHING_UP: Duration = Duration::from_millis(50);

/// How often it is looked whether it has.
const LOOK_EVERY: Duration = Duration::from_millis(2);

/// A replica that failed is left alone for so long.
const REST: Duration = Duration::from_secs(5);

/// The states that [`check`] raises.
const BEHIND: &str = "CT001";
const NO_REPLICA: &str = "CT002";

/// A position in the write-ahead log, as PostgreSQL writes it: `16/B374D848`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Written(String);

impl Written {
    /// A position as the database told it; none for anything else, as it becomes a part of a statement.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (high, low) = text.split_once('/')?;
        let is_hex = |part: &str| (1..=8).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_hexdigit());
        (is_hex(high) && is_hex(low)).then(|| Self(text.to_owned()))
    }
}

impl fmt::Display for Written {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A database that transactions are opened on, and whose turn it is there.
pub(crate) struct Server {
    pub(crate) pool: PgPool,
    pub(crate) turns: Turns,
}

impl Server {
    pub(crate) fn new(pool: PgPool) -> Self {
        let turns = Turns::new(pool.options().get_max_connections());
        Self { pool, turns }
    }
}

/// A replica that may be read.
pub(crate) struct Replica {
    pub(crate) server: Server,
    resting_until: Mutex<Option<Instant>>,
}

impl Replica {
    /// Leaves it alone for a while; whether it was in use until now.
    fn rest(&self) -> bool {
        let mut resting = self.resting_until.lock().expect("no one panics while holding the rest");
        let was_in_use = resting.is_none_or(|until| until <= Instant::now());
        *resting = Some(Instant::now() + REST);
        was_in_use
    }

    fn rests(&self) -> bool {
        let resting = self.resting_until.lock().expect("no one panics while holding the rest");
        resting.is_some_and(|until| until > Instant::now())
    }

    /// What became of opening a transaction on it, counted; what was opened.
    pub(crate) fn opened<T>(&self, opened: Result<T>) -> Option<T> {
        let (outcome, tx) = match opened {
            Ok(tx) => ("read", Some(tx)),
            Err(error) if is_behind(&error) => ("behind", None),
            Err(error) => {
                if self.rest() {
                    let host = self.server.pool.connect_options().get_host().to_owned();
                    tracing::warn!(
                        replica = host,
                        error = error.logged(),
                        "a replica fails; the primary is read meanwhile"
                    );
                }
                ("failed", None)
            }
        };
        count(outcome);
        tx
    }
}

/// The replicas, read in turn.
pub(crate) struct Replicas {
    all: Vec<Replica>,
    next: AtomicUsize,
}

impl Replicas {
    pub(crate) fn new(pools: Vec<PgPool>) -> Self {
        let replica = |pool| Replica { server: Server::new(pool), resting_until: Mutex::default() };
        Self { all: pools.into_iter().map(replica).collect(), next: AtomicUsize::new(0) }
    }

    pub(crate) fn are_none(&self) -> bool {
        self.all.is_empty()
    }

    /// The one whose turn it is among those that did not fail just now.
    pub(crate) fn next(&self) -> Option<&Replica> {
        let first = self.next.fetch_add(1, Ordering::Relaxed);
        let in_turn = (0..self.all.len()).map(|step| &self.all[first.wrapping_add(step) % self.all.len()]);
        in_turn.into_iter().find(|replica| !replica.rests())
    }
}

/// A request that a replica was reading for failed, and is asked again on the primary.
pub(crate) fn count_lost() {
    count("lost");
}

fn count(outcome: &'static str) {
    metrics::counter!("comptoir_replica_reads_total", "outcome" => outcome).increment(1);
}

fn is_behind(error: &Error) -> bool {
    let cause = std::error::Error::source(error).and_then(|cause| cause.downcast_ref::<sqlx::Error>());
    matches!(cause, Some(sqlx::Error::Database(refusal)) if refusal.code().as_deref() == Some(BEHIND))
}

/// A statement that waits until a replica has replayed so much, and fails where it does not get there or the server is no replica.
pub(crate) fn check(written: &Written) -> String {
    let looks = CATCHING_UP.as_millis() / LOOK_EVERY.as_millis();
    let pause = LOOK_EVERY.as_secs_f64();
    format!(
        "do $$ begin
             if not pg_is_in_recovery() then raise exception 'this server is no replica' using errcode = '{NO_REPLICA}'; end if;
             for look in 0..{looks} loop
                 if pg_last_wal_replay_lsn() >= '{written}' then return; end if;
                 perform pg_sleep({pause});
             end loop;
             raise exception 'the replica is behind' using errcode = '{BEHIND}';
         end $$"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_position_becomes_part_of_a_statement() {
        for text in ["0/0", "16/B374D848", "ffffffff/FFFFFFFF"] {
            assert_eq!(Written::parse(text).unwrap().to_string(), text);
        }
        for text in ["", "/", "0", "0/", "/0", "0/0/0", "0/0'; drop", "123456789/0", "0/g", " 0/0", "-1/0"] {
            assert_eq!(Written::parse(text), None, "{text}");
        }
    }

    #[tokio::test]
    async fn they_are_read_in_turn_and_one_that_failed_is_left_alone() {
        let pools = ["a", "b", "c"].map(|host| PgPool::connect_lazy(&format!("postgres://{host}/x")).unwrap());
        let replicas = Replicas::new(pools.to_vec());
        let read = || replicas.next().map(|replica| replica.server.pool.connect_options().get_host().to_owned());
        let turns: Vec<_> = (0..6).filter_map(|_| read()).collect();
        assert_eq!(turns, ["a", "b", "c", "a", "b", "c"]);
        assert!(replicas.all[1].rest() && !replicas.all[1].rest(), "told once");
        let turns: Vec<_> = (0..6).filter_map(|_| read()).collect();
        assert_eq!(turns, ["a", "c", "c", "a", "c", "c"]);
        replicas.all[0].rest();
        replicas.all[2].rest();
        assert_eq!(read(), None);
        assert!(Replicas::new(Vec::new()).next().is_none());
    }
}
