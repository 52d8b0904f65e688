//! Schedules: cron expressions in the tenant's time zone. Each period becomes one job, whose key is the period.

use std::str::FromStr as _;

use croner::Cron;
use jiff::SignedDuration;
use kernel::{Timestamp, Zone};

use super::NewJob;
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

/// A run missed while no instance was up is caught up within this time.
const CATCH_UP: SignedDuration = SignedDuration::from_hours(6);

impl Schedule {
    /// The latest time this was due in `zone`, not after `now` and not longer ago than the catch-up window.
    pub fn last_due(&self, now: Timestamp, zone: &Zone) -> Option<Timestamp> {
        let cron = Cron::from_str(self.cron).ok()?;
        let due = cron.find_previous_occurrence(&now.jiff().to_zoned(zone.jiff().clone()), true).ok()?;
        let due = Timestamp::from_jiff(due.timestamp());
        (now.since(due) <= CATCH_UP).then_some(due)
    }

    /// The next time this is due in `zone` after `now`.
    pub fn next_due(&self, now: Timestamp, zone: &Zone) -> Option<Timestamp> {
        let cron = Cron::from_str(self.cron).ok()?;
        let due = cron.find_next_occurrence(&now.jiff().to_zoned(zone.jiff().clone()), false).ok()?;
        Some(Timestamp::from_jiff(due.timestamp()))
    }

    /// The key of the period that `due` belongs to, such as `2026-02-14`.
    pub fn key(&self, due: Timestamp, zone: &Zone) -> String {
        due.jiff().to_zoned(zone.jiff().clone()).strftime(self.period).to_string()
    }
}

/// Enqueues what is due in every tenant. Idempotent: a period that was enqueued before, by whichever instance, is not
/// enqueued again.
pub async fn enqueue_due(platform: &Platform) -> Result<()> {
    let now = platform.now();
    for tenant in tenancy::tenant_ids(platform).await? {
        let ctx = platform.act_in(tenant, Actor::System("scheduler"), "scheduler").await?;
        let mut tx = ctx.begin().await?;
        for schedule in platform.registry().schedules() {
            if let Some(due) = schedule.last_due(now, &ctx.tenant().zone) {
                tx.enqueue_raw(NewJob {
                    kind: schedule.name.to_owned(),
                    key: Some(schedule.key(due, &ctx.tenant().zone)),
                    payload: serde_json::json!({ "due": due }),
                    run_at: now,
                    max_attempts: 3,
                });
            }
        }
        tx.commit().await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAILY: Schedule = Schedule { name: "daily", cron: "30 9 * * *", period: "%Y-%m-%d", about: "" };

    #[test]
    fn a_schedule_keeps_its_hour_over_daylight_saving() {
        let paris = Zone::named("Europe/Paris").unwrap();
        for (now, due) in [
            ("2026-03-28T08:30:00Z", Some("2026-03-28T08:30:00Z")),
            ("2026-03-29T08:00:00Z", Some("2026-03-29T07:30:00Z")),
            ("2026-03-29T14:00:00Z", None),
        ] {
            let due: Option<Timestamp> = due.map(|text| text.parse().unwrap());
            assert_eq!(DAILY.last_due(now.parse().unwrap(), &paris), due, "{now}");
        }
        let next = DAILY.next_due("2026-03-28T08:30:00Z".parse().unwrap(), &paris).unwrap();
        assert_eq!(next.to_string(), "2026-03-29T07:30:00Z");
        assert_eq!(DAILY.key(next, &paris), "2026-03-29");
    }
}
