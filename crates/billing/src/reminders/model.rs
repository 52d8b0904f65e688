//! The steps of a reminder and when each is due. Pure.

use std::collections::{BTreeMap, BTreeSet};

use kernel::Date;
use platform::Setting;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

platform::words! {
    /// How urgently an invoice is asked for.
    ReminderStep {
        /// Politely.
        First = "first",
        /// Again.
        Second = "second",
        /// For the last time before a formal notice.
        Final = "final",
        /// A formal notice (*mise en demeure*).
        Legal = "legal",
    }
}

platform::lifecycle! {
    /// Where a reminder stands.
    pub enum ReminderStatus: "reminder" {
        /// It waits for its day, or for a mail server that takes it.
        Planned = "planned" => [Sent, Cancelled],
        /// A mail server took it.
        Sent = "sent" => [Bounced],
        /// It came back.
        Bounced = "bounced" => [Sent],
        /// It is no longer needed: the invoice is paid or credited. Planned again when a payment bounces.
        Cancelled = "cancelled" => [Planned, Sent],
    }
    born: [Planned]
}

/// When each entity reminds. Keys are entity codes; an entity without a row reminds nobody by itself.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ReminderSettings {
    /// The entities.
    pub per_entity: BTreeMap<String, ReminderPolicy>,
}

/// When an entity reminds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ReminderPolicy {
    /// Whether reminders are planned and sent by themselves; off unless told, so that nobody is written to unasked.
    pub enabled: bool,
    /// Days after the due day until the first; 3 unless told.
    pub first_days: u16,
    /// Days after the due day until the second; 10 unless told.
    pub second_days: u16,
    /// Days after the due day until the final; 20 unless told.
    pub final_days: u16,
    /// Days after the due day until the formal notice; 40 unless told.
    pub legal_days: u16,
    /// Days besides weekends on which nothing is sent.
    pub closed_days: BTreeSet<Date>,
}

impl Default for ReminderPolicy {
    fn default() -> Self {
        let closed_days = BTreeSet::new();
        Self { enabled: false, first_days: 3, second_days: 10, final_days: 20, legal_days: 40, closed_days }
    }
}

impl Setting for ReminderSettings {
    const KEY: &'static str = "billing.reminders";
}

impl ReminderSettings {
    /// When an entity reminds.
    pub fn of(&self, entity: &str) -> ReminderPolicy {
        self.per_entity.get(entity).cloned().unwrap_or_default()
    }
}

/// Nobody waits longer for a step.
const MOST_DAYS: u16 = 365;
/// So many closed days are kept.
const MOST_CLOSED: usize = 400;

impl ReminderPolicy {
    /// Days after the due day until a step.
    pub const fn days(&self, step: ReminderStep) -> u16 {
        match step {
            ReminderStep::First => self.first_days,
            ReminderStep::Second => self.second_days,
            ReminderStep::Final => self.final_days,
            ReminderStep::Legal => self.legal_days,
        }
    }

    /// What is wrong with it, as field and sentence.
    pub fn refusal(&self) -> Option<(&'static str, &'static str)> {
        let days = ReminderStep::ALL.iter().map(|step| self.days(*step));
        let fields = ["first_days", "second_days", "final_days", "legal_days"];
        let mut before = 0;
        for (field, days) in fields.into_iter().zip(days) {
            if !(1..=MOST_DAYS).contains(&days) {
                return Some((field, "must be between 1 and 365"));
            }
            if days <= before {
                return Some((field, "must be later than the step before"));
            }
            before = days;
        }
        (self.closed_days.len() > MOST_CLOSED).then_some(("closed_days", "must have at most 400"))
    }

    /// Whether reminders are sent on a day.
    pub fn works_on(&self, day: Date) -> bool {
        day.weekday() < 5 && !self.closed_days.contains(&day)
    }

    /// The next step of an invoice and its day: after the last that was sent, no earlier than as far behind it as the steps are
    /// apart, so that what was late for long is not asked for four times in a week. None after the last.
    pub fn next(&self, due_on: Date, last: Option<(ReminderStep, Date)>) -> Option<(ReminderStep, Date)> {
        let step = match last {
            None => ReminderStep::First,
            Some((last, _)) => *ReminderStep::ALL.iter().find(|step| **step > last)?,
        };
        let due = due_on.plus_days(self.days(step).into());
        let apart = |(last, sent_on): (ReminderStep, Date)| {
            sent_on.plus_days(i32::from(self.days(step)) - i32::from(self.days(last)))
        };
        Some((step, last.map_or(due, |last| due.max(apart(last)))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Date {
        text.parse().unwrap()
    }

    #[test]
    fn steps_come_three_ten_twenty_and_forty_days_after_the_due_day() {
        let (policy, due) = (ReminderPolicy::default(), day("2026-03-01"));
        let mut last = None;
        for (step, on) in [
            (ReminderStep::First, "2026-03-04"),
            (ReminderStep::Second, "2026-03-11"),
            (ReminderStep::Final, "2026-03-21"),
            (ReminderStep::Legal, "2026-04-10"),
        ] {
            let next = policy.next(due, last);
            assert_eq!(next, Some((step, day(on))));
            last = next;
        }
        assert_eq!(policy.next(due, last), None);
    }

    #[test]
    fn what_is_late_for_long_begins_with_the_first_and_keeps_the_distance() {
        let (policy, due) = (ReminderPolicy::default(), day("2026-01-01"));
        assert_eq!(policy.next(due, None), Some((ReminderStep::First, day("2026-01-04"))));
        let sent = Some((ReminderStep::First, day("2026-06-01")));
        assert_eq!(policy.next(due, sent), Some((ReminderStep::Second, day("2026-06-08"))));
    }

    #[test]
    fn nothing_is_sent_at_weekends_and_on_closed_days() {
        let policy = ReminderPolicy { closed_days: [day("2026-12-25")].into(), ..ReminderPolicy::default() };
        for (on, works) in [("2026-12-24", true), ("2026-12-25", false), ("2026-12-26", false), ("2026-12-28", true)] {
            assert_eq!(policy.works_on(day(on)), works, "{on}");
        }
    }

    #[test]
    fn steps_follow_each_other() {
        let policy = |second_days, legal_days| ReminderPolicy { second_days, legal_days, ..ReminderPolicy::default() };
        assert_eq!(policy(10, 40).refusal(), None);
        assert_eq!(policy(3, 40).refusal().unwrap().0, "second_days");
        assert_eq!(policy(10, 366).refusal().unwrap().0, "legal_days");
        assert_eq!(policy(0, 40).refusal().unwrap().0, "second_days");
    }
}
