//! Schedules: cron expressions in the tenant's time zone. Each period becomes one job, whose key is the period.

use std::str::FromStr as _;

use croner::Cron;
use jiff::SignedDuration;
use kernel::{TenantId, Timestamp, Zone};

use super::round::Round;
use super::{Lane, NewJob};
use crate::tenancy;
use crate::{Actor, Platform, Result};

/// Scheduled work.
#[derive(Clone, Debug)]
pub struct Schedule {
    /// The job's name, such as `daily-delivery`.
    pub name: &'static str,
    /// When, as a cron expression of five fields in the tenant's zone.
    pub cron: &'static str,
    /// How the period is written in the key (strftime): `%Y-%m-%d` runs at most once a day.
    pub period: &'static str,
    /// What it does, for the operations page.
    pub about: &'static str,
}

/// What people choose is due no more often than this (spec/desk.md D-32).
const SHORTEST: SignedDuration = SignedDuration::from_mins(5);

/// A run missed while no instance was up is caught up within this time.
const CATCH_UP: SignedDuration = SignedDuration::from_hours(6);

/// A schedule that is kept: its expression was understood when it was registered.
#[derive(Clone, Debug)]
pub struct Planned {
    /// As it was registered.
    pub schedule: Schedule,
    cron: Cron,
}

impl Planned {
    /// Understands the expression of `schedule`.
    ///
    /// # Panics
    /// When it is none: schedules are written in the code.
    pub fn new(schedule: Schedule) -> Self {
        let cron = Cron::from_str(schedule.cron);
        let cron = cron.unwrap_or_else(|error| panic!("the cron expression of {}: {error}", schedule.name));
        Self { schedule, cron }
    }

    /// The latest time this was due in `zone`, not after `now` and not longer ago than the catch-up window.
    pub fn last_due(&self, now: Timestamp, zone: &Zone) -> Option<Timestamp> {
        self.last_named(now, zone).filter(|due| now.since(*due) <= CATCH_UP)
    }

    /// The latest time that the expression named in `zone`, not after `now`, however long ago.
    pub fn last_named(&self, now: Timestamp, zone: &Zone) -> Option<Timestamp> {
        latest(&self.cron, now, zone)
    }

    /// The next time this is due in `zone` after `now`.
    pub fn next_due(&self, now: Timestamp, zone: &Zone) -> Option<Timestamp> {
        let due = self.cron.find_next_occurrence(&now.jiff().to_zoned(zone.jiff().clone()), false).ok()?;
        Some(Timestamp::from_jiff(due.timestamp()))
    }

    /// The key of the period that `due` belongs to, such as `2026-02-14`.
    pub fn key(&self, due: Timestamp, zone: &Zone) -> String {
        due.jiff().to_zoned(zone.jiff().clone()).strftime(self.schedule.period).to_string()
    }
}

/// The latest time that `cron` named in `zone`, not after `now`; none when it is no cron expression.
pub fn last_occurrence(cron: &str, now: Timestamp, zone: &Zone) -> Option<Timestamp> {
    latest(&Cron::from_str(cron).ok()?, now, zone)
}

/// The latest time that `cron` named in `zone`, not after `now`; none when there was none.
pub fn latest(cron: &Cron, now: Timestamp, zone: &Zone) -> Option<Timestamp> {
    let due = cron.find_previous_occurrence(&now.jiff().to_zoned(zone.jiff().clone()), true).ok()?;
    Some(Timestamp::from_jiff(due.timestamp()))
}

/// Proves that `cron`, which a person chose, is an expression of five fields that is not due all the time; the sentence says why not.
pub fn check_cron(cron: &str) -> std::result::Result<(), String> {
    if cron.split_whitespace().count() != 5 {
        return Err("must have five fields: minute, hour, day, month, day of the week".to_owned());
    }
    let cron = Cron::from_str(cron).map_err(|error| format!("is no cron expression: {error}"))?;
    if is_hasty(&cron) {
        return Err(format!("must leave {} minutes between one time and the next", SHORTEST.as_secs() / 60));
    }
    Ok(())
}

/// Whether two of its times are closer than what people choose may be. What repeats by the hour shows within one.
fn is_hasty(cron: &Cron) -> bool {
    let after = |at: &jiff::Zoned| cron.find_next_occurrence(at, false).ok();
    let new_year = jiff::civil::date(2026, 1, 1).to_zoned(jiff::tz::TimeZone::UTC);
    let times: Vec<_> = std::iter::successors(new_year.ok().as_ref().and_then(after), after).take(61).collect();
    times.windows(2).any(|pair| pair[0].duration_until(&pair[1]) < SHORTEST)
}

/// Enqueues what is due in every tenant. Idempotent: a period that was enqueued before, by whichever instance, is not
/// enqueued again. What goes wrong in one tenant keeps no other waiting (spec/trade.md T-109).
///
/// Fails when the tenants could not be read, or with the first error of a tenant once all others had their turn.
pub async fn enqueue_due(platform: &Platform) -> Result<()> {
    enqueue_due_where(platform, |_| true).await
}

/// The same for some schedules only: for replays, which live through the business and watch over nothing.
pub async fn enqueue_due_where(platform: &Platform, is_wanted: impl Fn(&Schedule) -> bool + Send + Sync) -> Result<()> {
    let mut round = Round::default();
    for tenant in tenancy::tenant_ids(platform).await? {
        round.had("enqueueing schedules", tenant, enqueue_due_in(platform, tenant, &is_wanted).await);
    }
    round.end()
}

async fn enqueue_due_in(
    platform: &Platform,
    tenant: TenantId,
    is_wanted: &(impl Fn(&Schedule) -> bool + Send + Sync),
) -> Result<()> {
    let now = platform.now();
    let ctx = platform.act_in(tenant, Actor::System("scheduler"), "scheduler").await?;
    let mut tx = ctx.begin().await?;
    for planned in platform.registry().schedules().iter().filter(|planned| is_wanted(&planned.schedule)) {
        if let Some(due) = planned.last_due(now, &ctx.tenant().zone) {
            tx.enqueue_raw(NewJob {
                kind: planned.schedule.name.to_owned(),
                key: Some(planned.key(due, &ctx.tenant().zone)),
                payload: serde_json::json!({ "due": due }),
                run_at: now,
                max_attempts: 3,
                lane: Lane::Main,
                alone: true,
            });
        }
    }
    tx.commit().await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_schedule_keeps_its_hour_over_daylight_saving() {
        let paris = Zone::named("Europe/Paris").unwrap();
        let daily = Planned::new(Schedule { name: "daily", cron: "30 9 * * *", period: "%Y-%m-%d", about: "" });
        for (now, due) in [
            ("2026-03-28T08:30:00Z", Some("2026-03-28T08:30:00Z")),
            ("2026-03-29T08:00:00Z", Some("2026-03-29T07:30:00Z")),
            ("2026-03-29T14:00:00Z", None),
        ] {
            let due: Option<Timestamp> = due.map(|text| text.parse().unwrap());
            assert_eq!(daily.last_due(now.parse().unwrap(), &paris), due, "{now}");
        }
        let next = daily.next_due("2026-03-28T08:30:00Z".parse().unwrap(), &paris).unwrap();
        assert_eq!(next.to_string(), "2026-03-29T07:30:00Z");
        assert_eq!(daily.key(next, &paris), "2026-03-29");
    }
}
