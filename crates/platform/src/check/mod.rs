//! Checks of the self-audit. A module lists its own next to what they check; `watch` runs them and keeps what they find.
//!
//! A check proves one sentence about a live installation. It reads as the service's role, within a tenant, and changes
//! nothing: whatever it tries is rolled back. A check that cannot be run has proven nothing, which counts as a finding.

mod alert;
pub mod ground;
mod probe;

use std::sync::Arc;

pub use alert::{AlertRule, AlertUnit, AlertWords, Sighting};
pub use probe::{EVIDENCE, Evidence, Outcome, Tally};

use crate::{Ctx, Result, Tx};
use probe::{Probe, Probing};

crate::words! {
    /// The part of the audit's report that a check belongs to.
    Section {
        /// What reacts to what, and that it stays contained.
        Architecture = "architecture",
        /// Every route behind its guard.
        Endpoints = "endpoints",
        /// Tenants and entities apart.
        Isolation = "isolation",
        /// Nothing in a state that it cannot be in.
        Lifecycles = "lifecycles",
        /// Leads, deliveries, quotas.
        Leads = "leads",
        /// Books, documents, payments.
        Money = "money",
        /// Background work.
        Jobs = "jobs",
        /// The database's shape and upkeep.
        Schema = "schema",
        /// Secrets, sessions, headers, origins.
        Security = "security",
        /// What the world's mail servers think of ours.
        MailDomain = "mail_domain",
        /// Backups and their proof.
        Backups = "backups",
        /// Room to grow.
        Capacity = "capacity",
    }

    /// How much a finding or an alert weighs (spec/field.md 5.17).
    CheckSeverity {
        /// Good to know.
        Info = "info",
        /// Somebody should look soon.
        Warning = "warning",
        /// Somebody must look now.
        Critical = "critical",
    }
}

/// One check: what it proves, how, and what to do when it finds something.
#[derive(Clone)]
pub struct Check {
    /// The name, such as `money.entries_balance`: its section and what it proves.
    pub id: &'static str,
    /// The part of the report.
    pub section: Section,
    /// How much a finding weighs.
    pub severity: CheckSeverity,
    /// The sentence that is proven.
    pub proves: &'static str,
    /// What is looked at.
    pub how: &'static str,
    /// What to do about a finding.
    pub mend: &'static str,
    /// What its evidence is about, such as `document`: the console opens it by its id.
    pub about: Option<&'static str>,
    probe: Probe,
}

impl Check {
    /// A check that has not been told yet how it looks.
    pub fn called(id: &'static str, section: Section, severity: CheckSeverity, proves: &'static str) -> Unprobed {
        debug_assert!(id.split_once('.').is_some_and(|(prefix, _)| prefix == section.as_str()), "{id}");
        Unprobed { id, section, severity, proves, how: "", mend: "", about: None }
    }

    /// Runs it in the tenant of `ctx`.
    pub async fn run(&self, ctx: Ctx) -> Result<Outcome> {
        (self.probe)(ctx).await
    }
}

/// A check before it knows how it looks.
#[must_use]
pub struct Unprobed {
    id: &'static str,
    section: Section,
    severity: CheckSeverity,
    proves: &'static str,
    how: &'static str,
    mend: &'static str,
    about: Option<&'static str>,
}

impl Unprobed {
    /// What is looked at.
    pub fn how(self, how: &'static str) -> Self {
        Self { how, ..self }
    }

    /// What to do about a finding.
    pub fn mend(self, mend: &'static str) -> Self {
        Self { mend, ..self }
    }

    /// What the ids of its evidence are ids of.
    pub fn about(self, kind: &'static str) -> Self {
        Self { about: Some(kind), ..self }
    }

    /// Looks with `probe`.
    pub fn probes<F, Fut>(self, probe: F) -> Check
    where
        F: Fn(Ctx) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<Outcome>> + Send + 'static,
    {
        let probe: Probe = Arc::new(move |ctx| -> Probing { Box::pin(probe(ctx)) });
        let Self { id, section, severity, proves, how, mend, about } = self;
        debug_assert!(!how.is_empty() && !mend.is_empty(), "{id} says neither how it looks nor how to mend");
        Check { id, section, severity, proves, how, mend, about, probe }
    }

    /// Looks in a transaction that cannot write and takes one core at most.
    pub fn reads<F, Fut>(self, read: F) -> Check
    where
        F: Fn(Tx) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<Outcome>> + Send + 'static,
    {
        let read = Arc::new(read);
        self.probes(move |ctx| {
            let read = Arc::clone(&read);
            async move { read(Tx::audit(&ctx).await?).await }
        })
    }
}
