//! The routes of alerts.

use std::collections::BTreeMap;

use kernel::{AlertId, Page, Timestamp};
use platform::check::{AlertUnit, CheckSeverity};
use platform::http::{Api, Guard, IdCursor, Json, Path, Query, limit};
use platform::job::schedule::last_occurrence;
use platform::{Ctx, Permission, Result, Role, Versioned};
use serde::{Deserialize, Serialize};
use utoipa_axum::routes;

use super::model::{Alert, AlertState};
use super::ops;
use super::settings::{AlertSettings, QuietHours, RuleSettings};
use super::store::{self, AlertFilter};

/// The routes of this module.
pub fn routes(api: Api) -> Api {
    let view = || Guard::permit(Permission::DashboardView);
    let settings = || Guard::permit(Permission::SettingsAccess).tenant_wide();
    api.route(routes!(list_alerts), view())
        .route(routes!(count_alerts), view())
        .route(routes!(acknowledge_alert), view())
        .route(routes!(check_alerts), Guard::permit(Permission::OperationsManage).tenant_wide())
        .route(routes!(list_alert_rules), settings())
        .route(routes!(get_alert_settings), settings())
        .route(routes!(put_alert_settings), settings())
}

/// Which alerts.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct AlertQuery {
    /// Only in this state; without it, what is going on, acknowledged or not.
    #[param(inline)]
    state: Option<AlertState>,
    /// Only of this kind.
    kind: Option<String>,
    /// Only of this weight.
    #[param(inline)]
    severity: Option<CheckSeverity>,
    /// Only about this thing.
    subject: Option<String>,
    /// Rows per page, 1 to 200.
    limit: Option<u16>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
}

/// An alert with what you may do about it.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct AlertView {
    /// The alert.
    #[serde(flatten)]
    alert: Alert,
    /// The code of its entity.
    #[serde(skip_serializing_if = "Option::is_none")]
    entity: Option<String>,
    /// What you may do: `acknowledge`.
    can: Vec<&'static str>,
}

impl AlertView {
    fn of(ctx: &Ctx, alert: Alert) -> Self {
        let entity = alert.entity_id.map(|id| ctx.entity_code(id).to_owned());
        let can = if alert.state == AlertState::Resolved { Vec::new() } else { vec!["acknowledge"] };
        Self { alert, entity, can }
    }
}

/// Lists the alerts for your role, newest first.
#[utoipa::path(get, path = "/api/alerts", tag = "alerts", params(AlertQuery), responses((status = 200, body = Page<AlertView>)))]
async fn list_alerts(ctx: Ctx, Query(query): Query<AlertQuery>) -> Result<Json<Page<AlertView>>> {
    let limit = limit(query.limit)?;
    let filter = AlertFilter {
        states: query.state.map_or_else(|| vec![AlertState::Open, AlertState::Acknowledged], |state| vec![state]),
        kind: query.kind,
        severity: query.severity,
        subject: query.subject,
        role: ops::role_of(&ctx),
        told_from: None,
        before: query.cursor.as_deref().map(IdCursor::decode).transpose()?,
    };
    let mut tx = ctx.read().await?;
    let rows = store::list_alerts(&mut tx, &filter, limit).await?;
    let page = IdCursor::cut(rows, limit, |alert| alert.id.uuid());
    Ok(Json(page.map(|alert| AlertView::of(&ctx, alert))))
}

/// How many alerts are open.
#[derive(Debug, Default, Serialize, utoipa::ToSchema)]
struct AlertCounts {
    /// All of them.
    total: i64,
    /// Those for which somebody must look now.
    critical: i64,
    /// By kind.
    kinds: BTreeMap<String, i64>,
}

/// Counts the open alerts for your role that nobody has acknowledged.
#[utoipa::path(get, path = "/api/alerts/counts", tag = "alerts", responses((status = 200, body = AlertCounts)))]
async fn count_alerts(ctx: Ctx) -> Result<Json<AlertCounts>> {
    let mut tx = ctx.read().await?;
    let mut counts = AlertCounts::default();
    for (kind, severity, count) in store::count_open(&mut tx, ops::role_of(&ctx)).await? {
        counts.total += count;
        if severity == CheckSeverity::Critical {
            counts.critical += count;
        }
        *counts.kinds.entry(kind).or_default() += count;
    }
    Ok(Json(counts))
}

/// What a person notes of an alert.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct AcknowledgeAlert {
    /// What is being done about it, 1 to 500 characters.
    #[serde(default)]
    note: Option<String>,
}

/// Notes that you know of an alert: nobody is reminded of it any more, unless it gets worse. It closes by itself when what it
/// tells of is over.
#[utoipa::path(post, path = "/api/alerts/{id}/acknowledgement", tag = "alerts", params(("id" = AlertId, Path)), request_body = AcknowledgeAlert, responses((status = 200, body = AlertView)))]
async fn acknowledge_alert(
    ctx: Ctx,
    Path(id): Path<AlertId>,
    Json(body): Json<AcknowledgeAlert>,
) -> Result<Json<AlertView>> {
    let note = body.note.as_deref().map(str::trim).filter(|note| !note.is_empty());
    if note.is_some_and(|note| note.chars().count() > 500) {
        return Err(platform::Error::invalid("note", "must be 500 characters at most"));
    }
    let mut tx = ctx.begin().await?;
    let alert = ops::acknowledge(&mut tx, id, note).await?;
    tx.commit().await?;
    Ok(Json(AlertView::of(&ctx, alert)))
}

/// What came of looking for every kind of alert.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct AlertsChecked {
    /// How many things were sighted, by kind.
    found: BTreeMap<&'static str, usize>,
    /// The kinds that could not be looked for.
    failed: Vec<&'static str>,
}

/// Looks for every kind of alert now, due or not.
#[utoipa::path(post, path = "/api/alerts/checks", tag = "alerts", responses((status = 200, body = AlertsChecked)))]
async fn check_alerts(ctx: Ctx) -> Result<Json<AlertsChecked>> {
    let (found, failed) = ops::check_all(&ctx).await?;
    Ok(Json(AlertsChecked { found, failed }))
}

/// A kind of alert: its defaults, and how it is in force.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct AlertRuleView {
    /// The name, such as `invoice_overdue_30days`.
    kind: &'static str,
    /// What it says of a thing.
    title: &'static str,
    /// What kind of thing it is about.
    about: &'static str,
    /// When a thing is sighted, with `{n}` for the threshold.
    condition: &'static str,
    /// What the threshold counts.
    unit: AlertUnit,
    /// What holds unless you decide otherwise.
    defaults: RuleValues,
    /// What holds.
    in_force: RuleValues,
    /// When it was last looked for.
    ran_at: Option<Timestamp>,
    /// How many things were sighted then.
    found: i32,
    /// How often looking failed in a row.
    failures: i32,
    /// What the last failure said.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
    /// Whether its time has come since it was last looked for.
    due: bool,
}

/// What may be decided about a kind of alert.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct RuleValues {
    /// Whether it is looked for.
    enabled: bool,
    /// From where on it is an alert.
    threshold: i64,
    /// When it is looked for, as a cron expression in the tenant's zone.
    cron: String,
    /// How much it weighs.
    severity: CheckSeverity,
    /// Who is told.
    roles: Vec<Role>,
}

/// Lists every kind of alert with its defaults and how it is in force.
#[utoipa::path(get, path = "/api/alert-rules", tag = "alerts", responses((status = 200, body = Vec<AlertRuleView>)))]
async fn list_alert_rules(ctx: Ctx) -> Result<Json<Vec<AlertRuleView>>> {
    let mut tx = ctx.read().await?;
    let settings = tx.setting::<AlertSettings>().await?;
    let mut last = store::list_checks(&mut tx).await?;
    let rules = ctx.platform().registry().alerts().iter().map(|rule| {
        let own = settings.of(rule);
        let last = last.iter().position(|last| last.kind == rule.kind).map(|index| last.swap_remove(index));
        let came = last_occurrence(&own.cron, ctx.now(), &ctx.tenant().zone);
        AlertRuleView {
            kind: rule.kind,
            title: rule.title[0],
            about: rule.about,
            condition: rule.condition,
            unit: rule.unit,
            defaults: RuleValues {
                enabled: true,
                threshold: rule.threshold,
                cron: rule.cron.to_owned(),
                severity: rule.severity,
                roles: rule.roles.to_vec(),
            },
            in_force: RuleValues {
                enabled: own.enabled,
                threshold: own.threshold,
                cron: own.cron,
                severity: own.audience.severity,
                roles: own.audience.roles,
            },
            ran_at: last.as_ref().map(|last| last.ran_at),
            found: last.as_ref().map_or(0, |last| last.found),
            failures: last.as_ref().map_or(0, |last| last.failures),
            due: came.is_some_and(|came| last.as_ref().is_none_or(|last| last.due_at < came)),
            error: last.and_then(|last| last.error),
        }
    });
    Ok(Json(rules.collect()))
}

/// What is decided about alerts: what differs from the defaults of each kind, quiet hours, mails.
#[utoipa::path(get, path = "/api/settings/alerts", tag = "alerts", responses((status = 200, body = Versioned<AlertSettings>)))]
async fn get_alert_settings(ctx: Ctx) -> Result<Json<Versioned<AlertSettings>>> {
    Ok(Json(ctx.read().await?.versioned_setting::<AlertSettings>().await?))
}

/// What changes about alerts; what is left out stays.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(clippy::option_option, reason = "left out, cleared and given are three things")]
struct ChangeAlertSettings {
    /// The version that you have seen.
    version: Option<i64>,
    /// What differs for these kinds; an empty object brings the defaults back.
    #[serde(default)]
    rules: BTreeMap<String, RuleSettings>,
    /// Mails about alerts that are not critical wait while it is quiet; null, never.
    #[serde(default, deserialize_with = "platform::changes::given")]
    #[schema(value_type = Option<QuietHours>)]
    quiet_hours: Option<Option<QuietHours>>,
    /// The least weight that is told by mail; null, no mail.
    #[serde(default, deserialize_with = "platform::changes::given")]
    #[schema(value_type = Option<CheckSeverity>)]
    mail_from: Option<Option<CheckSeverity>>,
}

/// Changes what is decided about alerts; it holds from the next look on.
#[utoipa::path(put, path = "/api/settings/alerts", tag = "alerts", request_body = ChangeAlertSettings, responses((status = 200, body = Versioned<AlertSettings>)))]
async fn put_alert_settings(ctx: Ctx, Json(body): Json<ChangeAlertSettings>) -> Result<Json<Versioned<AlertSettings>>> {
    let mut tx = ctx.begin().await?;
    let mut settings = tx.setting::<AlertSettings>().await?;
    settings.rules.extend(body.rules);
    settings.quiet_hours = body.quiet_hours.unwrap_or(settings.quiet_hours);
    settings.mail_from = body.mail_from.unwrap_or(settings.mail_from);
    settings.check(ctx.platform().registry().alerts())?;
    settings.rules.retain(|_, own| *own != RuleSettings::default());
    let stored = tx.put_setting(&settings, body.version).await?;
    tx.commit().await?;
    Ok(Json(stored))
}
