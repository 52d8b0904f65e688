//! What people are alerted of. A module lists its own; `watch` looks for it, tells once, and closes it when it is over.

use std::pin::Pin;
use std::sync::Arc;

use kernel::EntityId;
use serde_json::Value;

use super::CheckSeverity;
use crate::{Ctx, Result, Role, Tx};

crate::words! {
    /// What the threshold of an alert counts.
    AlertUnit {
        /// Minutes.
        Minutes = "minutes",
        /// Hours.
        Hours = "hours",
        /// Days.
        Days = "days",
        /// Things.
        Units = "units",
        /// Hundredths.
        Percent = "percent",
    }
}

type Looking = Pin<Box<dyn Future<Output = Result<Vec<Sighting>>> + Send>>;

/// One kind of alert with what holds until a tenant decides otherwise (spec/field.md 5.17).
#[derive(Clone)]
pub struct AlertRule {
    /// The name, such as `invoice_overdue_30days`.
    pub kind: &'static str,
    /// What it says of a thing, in English and in French, as the title of a mail.
    pub title: [&'static str; 2],
    /// What kind of thing it is about, such as `document`.
    pub about: &'static str,
    /// When a thing is sighted, with `{n}` for the threshold.
    pub condition: &'static str,
    /// The threshold.
    pub threshold: i64,
    /// What it counts.
    pub unit: AlertUnit,
    /// When it is looked for, as a cron expression of five fields in the tenant's zone.
    pub cron: &'static str,
    /// How much it weighs.
    pub severity: CheckSeverity,
    /// Who is told.
    pub roles: &'static [Role],
    look: Arc<dyn Fn(Tx, i64) -> Looking + Send + Sync>,
}

/// A thing that an alert is about, as it is now.
#[derive(Clone, Debug, PartialEq)]
pub struct Sighting {
    /// The thing: its id, or a word that names it. One alert of a kind is open for it at most.
    pub subject: String,
    /// The entity it belongs to.
    pub entity: Option<EntityId>,
    /// What distinguishes it, such as `FA-2026-00012`; no names, mails or phone numbers of consumers.
    pub text: String,
    /// What the screens show of it.
    pub details: Value,
    /// How much this one weighs, when not as much as its kind.
    pub severity: Option<CheckSeverity>,
}

/// An alert before it knows how it looks: everything but that.
pub struct AlertWords {
    /// The name, such as `invoice_overdue_30days`.
    pub kind: &'static str,
    /// What it says of a thing, in English and in French.
    pub title: [&'static str; 2],
    /// What kind of thing it is about.
    pub about: &'static str,
    /// When a thing is sighted, with `{n}` for the threshold.
    pub condition: &'static str,
    /// The threshold and what it counts.
    pub threshold: (i64, AlertUnit),
    /// When it is looked for.
    pub cron: &'static str,
    /// How much it weighs.
    pub severity: CheckSeverity,
    /// Who is told.
    pub roles: &'static [Role],
}

impl AlertWords {
    /// Looks with `look`, in a transaction that cannot write: everything that is past the threshold now.
    pub fn looks<F, Fut>(self, look: F) -> AlertRule
    where
        F: Fn(Tx, i64) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<Vec<Sighting>>> + Send + 'static,
    {
        let Self { kind, title, about, condition, threshold: (threshold, unit), cron, severity, roles } = self;
        let look: Arc<dyn Fn(Tx, i64) -> Looking + Send + Sync> =
            Arc::new(move |tx, threshold| -> Looking { Box::pin(look(tx, threshold)) });
        AlertRule { kind, title, about, condition, threshold, unit, cron, severity, roles, look }
    }
}

impl AlertRule {
    /// Everything that is past `threshold` now, in the tenant of `ctx`.
    pub async fn look(&self, ctx: &Ctx, threshold: i64) -> Result<Vec<Sighting>> {
        (self.look)(Tx::audit(ctx).await?, threshold).await
    }
}
