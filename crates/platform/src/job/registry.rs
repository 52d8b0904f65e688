//! What this binary can do in the background.

use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use serde::de::DeserializeOwned;
use serde_json::Value;
use tracing::Instrument as _;

use super::schedule::{Planned, Schedule};
use super::{Job, JobRun};
use crate::check::{AlertRule, Check};
use crate::event::StoredEvent;
use crate::{Ctx, Error, Result};

type Running = Pin<Box<dyn Future<Output = Result<Value>> + Send>>;

/// Runs one job; the context acts over the whole tenant. What it returns is kept as the run's result.
pub type Handler = Arc<dyn Fn(Ctx, JobRun, Value) -> Running + Send + Sync>;

/// The jobs, reactions, schedules, checks and alerts of the modules, collected at start-up.
#[derive(Default)]
pub struct Registry {
    handlers: BTreeMap<String, Handler>,
    reactions: BTreeMap<&'static str, Vec<String>>,
    schedules: Vec<Planned>,
    checks: Vec<Check>,
    alerts: Vec<AlertRule>,
}

impl Registry {
    /// Registers the handler of the jobs `J`.
    pub fn job<J, F, Fut>(&mut self, run: F)
    where
        J: Job,
        F: Fn(Ctx, JobRun, J) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<Value>> + Send + 'static,
    {
        self.add(J::KIND.to_owned(), run);
    }

    /// Registers a reaction: `run` is enqueued as a job in the transaction of every event called `action`.
    pub fn on<F, Fut>(&mut self, action: &'static str, name: &'static str, run: F)
    where
        F: Fn(Ctx, JobRun, StoredEvent) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<Value>> + Send + 'static,
    {
        let kind = format!("on.{action}.{name}");
        self.reactions.entry(action).or_default().push(kind.clone());
        self.add(kind, move |ctx: Ctx, job, event: StoredEvent| {
            let span =
                tracing::debug_span!("reaction", otel.name = name, event = action, request_id = ctx.request_id());
            run(ctx, job, event).instrument(span)
        });
    }

    /// Registers scheduled work.
    pub fn schedule<F, Fut>(&mut self, schedule: Schedule, run: F)
    where
        F: Fn(Ctx, JobRun, Value) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<Value>> + Send + 'static,
    {
        self.add(schedule.name.to_owned(), run);
        self.schedules.push(Planned::new(schedule));
    }

    /// Registers a check of the self-audit.
    pub fn check(&mut self, check: Check) {
        assert!(self.checks.iter().all(|known| known.id != check.id), "the check {} is registered twice", check.id);
        self.checks.push(check);
    }

    /// Registers something that people are alerted of.
    pub fn alert(&mut self, rule: AlertRule) {
        assert!(self.alerts.iter().all(|known| known.kind != rule.kind), "the alert {} is registered twice", rule.kind);
        self.alerts.push(rule);
    }

    fn add<P, F, Fut>(&mut self, kind: String, run: F)
    where
        P: DeserializeOwned,
        F: Fn(Ctx, JobRun, P) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<Value>> + Send + 'static,
    {
        let run = Arc::new(run);
        let handler: Handler = Arc::new(move |ctx, job, payload| {
            let run = Arc::clone(&run);
            Box::pin(async move {
                let payload = serde_json::from_value(payload)
                    .map_err(|error| Error::internal("reading a job's payload", error))?;
                run(ctx, job, payload).await
            })
        });
        assert!(!self.handlers.contains_key(&kind), "the job {kind} is registered twice");
        self.handlers.insert(kind, handler);
    }

    /// The handler of `kind`: for the worker alone, who measures what runs (spec/desk.md D-66).
    pub(super) fn handler(&self, kind: &str) -> Option<Handler> {
        self.handlers.get(kind).cloned()
    }

    /// Every kind of job, for the command line and the operations page.
    pub fn kinds(&self) -> impl Iterator<Item = &str> {
        self.handlers.keys().map(String::as_str)
    }

    /// The schedules.
    pub fn schedules(&self) -> &[Planned] {
        &self.schedules
    }

    /// The checks of the self-audit.
    pub fn checks(&self) -> &[Check] {
        &self.checks
    }

    /// What people are alerted of.
    pub fn alerts(&self) -> &[AlertRule] {
        &self.alerts
    }

    /// Every reaction as (action, job kind).
    pub fn reactions(&self) -> impl Iterator<Item = (&'static str, &str)> {
        self.reactions.iter().flat_map(|(action, kinds)| kinds.iter().map(|kind| (*action, kind.as_str())))
    }

    pub(crate) fn reactions_to(&self, action: &str) -> Vec<&str> {
        self.reactions.get(action).into_iter().flatten().map(String::as_str).collect()
    }
}
