//! Looking for what people are alerted of, and what follows from it.

use std::collections::{BTreeMap, BTreeSet};

use kernel::{AlertId, Timestamp};
use platform::check::{AlertRule, CheckSeverity, Sighting};
use platform::event::{Severity, word_id};
use platform::job::schedule::last_occurrence;
use platform::{Ctx, Error, Event, Result, Role, Tx};
use serde_json::{Value, json};

use super::mails::{self, Urgency};
use super::model::{Alert, AlertState, Audience, Telling};
use super::settings::{AlertSettings, RuleInForce};
use super::store;

/// So many failures of one kind in a row are told of.
const TOLD_FAILURES: i32 = 2;

/// Looks for every kind that is due; each by itself: one that fails stops no other (spec/field.md 10.1).
pub async fn check_due(ctx: &Ctx) -> Result<Value> {
    let settings = ctx.setting::<AlertSettings>().await?;
    let last = store::list_checks(&mut ctx.read().await?).await?;
    let (mut found, mut failed) = (BTreeMap::new(), Vec::new());
    for rule in ctx.platform().registry().alerts() {
        let in_force = settings.of(rule);
        let Some(due) = last_occurrence(&in_force.cron, ctx.now(), &ctx.tenant().zone) else { continue };
        if last.iter().any(|last| last.kind == rule.kind && last.due_at >= due) {
            continue;
        }
        match check_rule(ctx, rule, &in_force, &settings, due).await {
            Ok(count) => {
                found.insert(rule.kind, count);
            }
            Err(error) => {
                tracing::warn!(alert = rule.kind, error = error.logged(), "an alert could not be looked for");
                failed.push(rule.kind);
            }
        }
    }
    Ok(json!({ "found": found, "failed": failed }))
}

/// Looks for every kind now, due or not: how many things of each, and which kinds failed.
pub async fn check_all(ctx: &Ctx) -> Result<(BTreeMap<&'static str, usize>, Vec<&'static str>)> {
    let (mut found, mut failed) = (BTreeMap::new(), Vec::new());
    for rule in ctx.platform().registry().alerts() {
        match check_kind(ctx, rule.kind).await {
            Ok(count) => {
                found.insert(rule.kind, count);
            }
            Err(error) => {
                tracing::warn!(alert = rule.kind, error = error.logged(), "an alert could not be looked for");
                failed.push(rule.kind);
            }
        }
    }
    Ok((found, failed))
}

/// Looks for one kind now.
///
/// Not found when there is no such kind.
pub async fn check_kind(ctx: &Ctx, kind: &str) -> Result<usize> {
    let rule = ctx.platform().registry().alerts().iter().find(|rule| rule.kind == kind);
    let rule = rule.ok_or_else(|| Error::not_found("alert"))?;
    let settings = ctx.setting::<AlertSettings>().await?;
    check_rule(ctx, rule, &settings.of(rule), &settings, ctx.now()).await
}

/// Looks for one kind and settles what was sighted; how much that was. One that is switched off sights nothing, so that
/// what was open closes.
async fn check_rule(
    ctx: &Ctx,
    rule: &AlertRule,
    in_force: &RuleInForce,
    settings: &AlertSettings,
    due: Timestamp,
) -> Result<usize> {
    let looked = if in_force.enabled { rule.look(ctx, in_force.threshold).await } else { Ok(Vec::new()) };
    let mut tx = ctx.begin().await?;
    match looked {
        Ok(sighted) => {
            store::put_check(&mut tx, rule.kind, due, Ok(sighted.len())).await?;
            settle(&mut tx, rule, &in_force.audience, &sighted, settings).await?;
            tx.commit().await?;
            Ok(sighted.len())
        }
        Err(error) => {
            let failures = store::put_check(&mut tx, rule.kind, due, Err(&error.told())).await?;
            if failures == TOLD_FAILURES {
                let details = json!({ "kind": rule.kind, "failures": failures });
                let event = Event::new("alert_check_failed", "alert_rule", word_id(rule.kind)).details(details);
                tx.emit(event.severity(Severity::Error));
            }
            tx.commit().await?;
            Err(error)
        }
    }
}

/// Opens, sees again and closes the alerts of one kind, and tells of what is new or over.
async fn settle(
    tx: &mut Tx,
    rule: &AlertRule,
    audience: &Audience,
    sighted: &[Sighting],
    settings: &AlertSettings,
) -> Result<()> {
    // Two looks for a kind at once would each close what only the other has seen.
    tx.lock(&format!("alert/{}", rule.kind)).await?;
    let told = store::put_sighted(tx, rule.kind, rule.about, audience, sighted).await?;
    let resolved = store::resolve_unseen(tx, rule.kind, sighted).await?;
    let ids: Vec<_> = told.iter().map(|(id, _)| *id).collect();
    let mut alerts = store::list_by_ids(tx, &ids).await?;
    for alert in &alerts {
        let is_new = told.contains(&(alert.id, Telling::Opened));
        let action = if is_new { "alert_opened" } else { "alert_repeated" };
        tx.emit(event(action, rule, alert, audience).severity(event_severity(alert.severity)));
    }
    for alert in store::list_by_ids(tx, &resolved).await? {
        tx.emit(event("alert_resolved", rule, &alert, audience));
    }
    alerts.retain(|alert| settings.mail_from.is_some_and(|least| alert.severity >= least));
    for urgency in [Urgency::Critical, Urgency::Usual] {
        let of_it = alerts.iter().filter(|alert| Urgency::for_severity(alert.severity) == urgency);
        let entities: BTreeSet<_> = of_it.map(|alert| alert.entity_id).collect();
        mails::enqueue(tx, &audience.roles, &entities, urgency, settings.quiet_hours.as_ref()).await?;
    }
    Ok(())
}

/// What people are notified of; by whom it may be seen stands with it.
fn event(action: &'static str, rule: &AlertRule, alert: &Alert, audience: &Audience) -> Event {
    let roles: Vec<_> = audience.roles.iter().map(|role| role.key()).collect();
    let details = json!({ "kind": rule.kind, "severity": alert.severity, "text": alert.text, "about": rule.about,
        "subject": alert.subject, "roles": roles });
    let event = Event::new(action, "alert", alert.id.uuid()).entity(alert.entity_id).details(details);
    match alert.subject.parse::<uuid::Uuid>() {
        Ok(subject) => event.related(subject),
        Err(_) => event,
    }
}

/// An alert is at least a warning to those it is for.
fn event_severity(severity: CheckSeverity) -> Severity {
    match severity {
        CheckSeverity::Info | CheckSeverity::Warning => Severity::Warning,
        CheckSeverity::Critical => Severity::Error,
    }
}

/// Notes that a person knows of an alert; whoever does so again changes the note.
///
/// Not found when it is not for his role; refused when it is over.
pub async fn acknowledge(tx: &mut Tx, id: AlertId, note: Option<&str>) -> Result<Alert> {
    let role = role_of(tx.ctx());
    let alert = store::lock_alert(tx, id, role).await?;
    if alert.state != AlertState::Acknowledged {
        alert.state.move_to(AlertState::Acknowledged)?;
    }
    let by = tx.ctx().actor().name().to_owned();
    store::acknowledge(tx, id, &by, note).await?;
    let details = json!({ "kind": alert.kind, "note": note });
    tx.emit(Event::new("alert_acknowledged", "alert", id.uuid()).entity(alert.entity_id).details(details));
    store::lock_alert(tx, id, role).await
}

/// From where on another kind of alert tells; none when it is switched off.
///
/// Not found when there is no such kind.
pub async fn threshold_of(tx: &mut Tx, kind: &str) -> Result<Option<i64>> {
    let settings = tx.setting::<AlertSettings>().await?;
    let platform = tx.ctx().platform();
    let rule = platform.registry().alerts().iter().find(|rule| rule.kind == kind);
    let in_force = settings.of(rule.ok_or_else(|| Error::not_found("alert"))?);
    Ok(in_force.enabled.then_some(in_force.threshold))
}

/// The role whose alerts the caller sees; none for super admins and the service, who see all.
pub fn role_of(ctx: &Ctx) -> Option<Role> {
    ctx.role().filter(|role| !role.is_above_all())
}
