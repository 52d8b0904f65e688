//! Watch: the self-audit, which proves a live installation check by check, and the alerts, which tell people what is wrong
//! now (design §1, §12; spec/field.md 5.17, 7, 10.2).
//!
//! Tables owned: everything in the schema `watch`.
//!
//! Invariants: a check changes nothing; a check that could not be run counts as a finding; of a kind, one alert is open for a
//! thing at most; an alert closes itself when what it told of is over, and by nothing else.
//!
//! Events out: `audit_finished`, `alert_opened`, `alert_repeated`, `alert_acknowledged`, `alert_resolved`,
//! `alert_check_failed`.
//!
//! Failure policy: fail-open. A check or an alert that fails stops no other, is told of, and never touches what it looks at.

pub mod alerts;
pub mod audit;

use platform::Registry;
use platform::http::Api;

/// Every route of watch.
pub fn routes(api: Api) -> Api {
    api.with(audit::http::routes).with(alerts::http::routes)
}

/// The jobs, schedules and alerts of watch itself.
pub fn register(registry: &mut Registry) {
    audit::jobs::register(registry);
    alerts::jobs::register(registry);
}

/// Whether a schedule is one of watch's own: it looks at how things are, so that a replay of the past can do without it.
pub fn is_schedule(name: &str) -> bool {
    [alerts::jobs::CHECK, alerts::jobs::FORGET, audit::jobs::NIGHTLY].contains(&name)
}

/// Has the audit run as soon as there is a worker.
pub fn enqueue_audit(tx: &mut platform::Tx) -> platform::Result<()> {
    tx.enqueue(&audit::jobs::RunAudit { sections: Vec::new(), asked_by: tx.ctx().actor().name().to_owned() })
}
