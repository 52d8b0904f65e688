//! What a tenant decides about its alerts: the setting `watch.alerts`. What it leaves out is as the rule says.

use std::collections::BTreeMap;

use jiff::civil::Time;
use kernel::{Timestamp, Zone};
use platform::check::{AlertRule, CheckSeverity};
use platform::job::schedule;
use platform::{Error, Result, Role, Setting};
use serde::{Deserialize, Serialize};

use super::model::Audience;

/// The setting.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct AlertSettings {
    /// By kind of alert, what differs from its defaults.
    pub rules: BTreeMap<String, RuleSettings>,
    /// Mails about alerts that are not critical wait while it is quiet; none, never.
    pub quiet_hours: Option<QuietHours>,
    /// The least weight that is told by mail; none, no mail. The console shows every alert.
    pub mail_from: Option<CheckSeverity>,
}

impl Default for AlertSettings {
    fn default() -> Self {
        let quiet_hours = Some(QuietHours { from: "22:00".to_owned(), to: "07:00".to_owned() });
        Self { rules: BTreeMap::new(), quiet_hours, mail_from: Some(CheckSeverity::Warning) }
    }
}

impl Setting for AlertSettings {
    const KEY: &'static str = "watch.alerts";
}

/// What differs from the defaults of a kind of alert.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct RuleSettings {
    /// Whether it is looked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enabled: Option<bool>,
    /// From where on it is an alert.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub threshold: Option<i64>,
    /// When it is looked for, as a cron expression of five fields in the tenant's zone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cron: Option<String>,
    /// How much it weighs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub severity: Option<CheckSeverity>,
    /// Who is told.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub roles: Option<Vec<Role>>,
}

/// From when until when it is quiet, by the tenant's clock; the end belongs to the day. It may cross midnight.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct QuietHours {
    /// As `22:00`.
    pub from: String,
    /// As `07:00`.
    pub to: String,
}

/// A rule as it is in force in a tenant.
#[derive(Clone, Debug, PartialEq)]
pub struct RuleInForce {
    /// Whether it is looked for.
    pub enabled: bool,
    /// From where on it is an alert.
    pub threshold: i64,
    /// When it is looked for.
    pub cron: String,
    /// For whom, and how heavy.
    pub audience: Audience,
}

impl AlertSettings {
    /// `rule` as it is in force.
    pub fn of(&self, rule: &AlertRule) -> RuleInForce {
        let own = self.rules.get(rule.kind).cloned().unwrap_or_default();
        RuleInForce {
            enabled: own.enabled.unwrap_or(true),
            threshold: own.threshold.unwrap_or(rule.threshold),
            cron: own.cron.unwrap_or_else(|| rule.cron.to_owned()),
            audience: Audience {
                severity: own.severity.unwrap_or(rule.severity),
                roles: own.roles.unwrap_or_else(|| rule.roles.to_vec()),
            },
        }
    }

    /// Proves that every rule exists and every word means something.
    ///
    /// Invalid, naming the field.
    pub fn check(&self, rules: &[AlertRule]) -> Result<()> {
        for (kind, own) in &self.rules {
            if rules.iter().all(|rule| rule.kind != kind) {
                return Err(Error::invalid("rules", format!("there is no alert {kind}")));
            }
            own.check(kind)?;
        }
        match &self.quiet_hours {
            Some(quiet) => quiet.times().map(|_| ()),
            None => Ok(()),
        }
    }
}

impl RuleSettings {
    /// Proves that the rule means something.
    ///
    /// Invalid, naming the field.
    pub fn check(&self, kind: &str) -> Result<()> {
        let bad = |field: &str, why: String| Err(Error::invalid(format!("rules.{kind}.{field}"), why));
        if self.threshold.is_some_and(|threshold| !(0..=1_000_000).contains(&threshold)) {
            return bad("threshold", "must be between 0 and 1000000".to_owned());
        }
        if self.roles.as_ref().is_some_and(Vec::is_empty) {
            return bad("roles", "must name a role; switch the alert off instead".to_owned());
        }
        match self.cron.as_deref().map(schedule::check_cron) {
            Some(Err(why)) => bad("cron", why),
            Some(Ok(())) | None => Ok(()),
        }
    }
}

impl QuietHours {
    /// When it stops being quiet, if it is quiet at `at`.
    pub fn end_after(&self, at: Timestamp, zone: &Zone) -> Option<Timestamp> {
        let (from, to) = self.times().ok()?;
        let local = at.jiff().to_zoned(zone.jiff().clone());
        let (time, today) = (local.time(), local.date());
        let is_quiet = if from <= to { from <= time && time < to } else { time >= from || time < to };
        let day = if from > to && time >= from { today.tomorrow().ok()? } else { today };
        let end = day.to_datetime(to).to_zoned(zone.jiff().clone()).ok()?;
        is_quiet.then(|| Timestamp::from_jiff(end.timestamp()))
    }

    fn times(&self) -> Result<(Time, Time)> {
        let read = |field: &'static str, text: &str| {
            Time::strptime("%H:%M", text).map_err(|_| Error::invalid(field, "must be a time such as 22:00"))
        };
        Ok((read("quiet_hours.from", &self.from)?, read("quiet_hours.to", &self.to)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn quiet(from: &str, to: &str) -> QuietHours {
        QuietHours { from: from.to_owned(), to: to.to_owned() }
    }

    #[test]
    fn what_comes_in_quiet_hours_waits_for_their_end_over_midnight_and_summer_time() {
        let paris = Zone::named("Europe/Paris").unwrap();
        for (quiet, at, end) in [
            (quiet("22:00", "07:00"), "2026-02-10T22:10:00Z", Some("2026-02-11T06:00:00Z")),
            (quiet("22:00", "07:00"), "2026-02-11T00:30:00Z", Some("2026-02-11T06:00:00Z")),
            (quiet("22:00", "07:00"), "2026-02-11T06:00:00Z", None),
            (quiet("22:00", "07:00"), "2026-02-11T20:59:59Z", None),
            (quiet("22:00", "07:00"), "2026-03-28T22:00:00Z", Some("2026-03-29T05:00:00Z")),
            (quiet("12:00", "14:00"), "2026-02-10T11:00:00Z", Some("2026-02-10T13:00:00Z")),
            (quiet("12:00", "14:00"), "2026-02-10T13:00:00Z", None),
            (quiet("08:00", "08:00"), "2026-02-10T07:00:00Z", None),
        ] {
            let end: Option<Timestamp> = end.map(|end| end.parse().unwrap());
            assert_eq!(quiet.end_after(at.parse().unwrap(), &paris), end, "{quiet:?} at {at}");
        }
    }

    #[test]
    fn settings_that_mean_nothing_are_refused_by_the_field() {
        let refused = |settings: &AlertSettings| format!("{:?}", settings.check(&[]).unwrap_err());
        let rule = |own: RuleSettings| own.check("x").unwrap_err();
        let unknown = AlertSettings { rules: [("x".to_owned(), RuleSettings::default())].into(), ..Default::default() };
        assert!(refused(&unknown).contains("there is no alert x"));
        let loud = AlertSettings { quiet_hours: Some(quiet("25:00", "07:00")), ..Default::default() };
        assert!(refused(&loud).contains("quiet_hours.from"));
        for (own, field) in [
            (RuleSettings { threshold: Some(-1), ..Default::default() }, "rules.x.threshold"),
            (RuleSettings { roles: Some(Vec::new()), ..Default::default() }, "rules.x.roles"),
            (RuleSettings { cron: Some("every day".into()), ..Default::default() }, "rules.x.cron"),
            (RuleSettings { cron: Some("* * * * * *".into()), ..Default::default() }, "rules.x.cron"),
        ] {
            assert!(format!("{:?}", rule(own)).contains(field), "{field}");
        }
    }
}
