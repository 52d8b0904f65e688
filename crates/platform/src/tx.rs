//! The transaction: the only way to SQL.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::time::Duration;

use kernel::{EntityId, TenantId, Timestamp};
use sqlx::{AssertSqlSafe, PgConnection, Postgres, Transaction};

use crate::event::{self, Event, StoredEvent};
use crate::job::{self, Job, NewJob};
use crate::setting::{self, Setting, Settings, Versioned};
use crate::{Ctx, Error, Result, idempotency, live};

/// An open transaction, bound to its tenant, scope and actor, with its time frozen. Dropping it rolls back.
pub struct Tx {
    inner: Transaction<'static, Postgres>,
    ctx: Ctx,
    now: Timestamp,
    events: Vec<StoredEvent>,
    jobs: Vec<NewJob>,
    touched: Vec<(Option<EntityId>, &'static str)>,
    widened: bool,
}

impl Tx {
    pub(crate) async fn begin(ctx: &Ctx) -> Result<Self> {
        let mut tx = Self::open(ctx, "begin").await?;
        if let Some(claim) = ctx.take_idempotency_claim() {
            idempotency::claim(&mut tx, &claim).await?;
        }
        Ok(tx)
    }

    pub(crate) async fn read(ctx: &Ctx) -> Result<Self> {
        Self::open(ctx, "begin read only").await
    }

    async fn open(ctx: &Ctx, begin: &'static str) -> Result<Self> {
        let statement = opening(begin, ctx);
        let pool = ctx.platform().pool().clone();
        // Who asked may go away meanwhile, and what he awaits with him. Given up halfway, the connection would go back to the
        // pool with its transaction open, for sqlx rolls back only what it knows to have begun: so this goes on without him.
        let beginning = tokio::spawn(async move { pool.begin_with(AssertSqlSafe(statement)).await });
        let inner = beginning.await.map_err(|lost| Error::internal("beginning a transaction", lost))??;
        let (ctx, now) = (ctx.clone(), ctx.now());
        Ok(Self { inner, ctx, now, events: Vec::new(), jobs: Vec::new(), touched: Vec::new(), widened: false })
    }

    /// The connection, for the statements of a `store.rs`.
    pub fn conn(&mut self) -> &mut PgConnection {
        &mut self.inner
    }

    /// The frozen time: every row and event of this transaction bears it.
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// Who acts, where and for which request.
    pub fn ctx(&self) -> &Ctx {
        &self.ctx
    }

    /// The tenant every statement must name.
    pub fn tenant(&self) -> TenantId {
        self.ctx.tenant().id
    }

    /// Widens the scope to every entity of the tenant. For the few operations whose rule reaches over entities
    /// (routing, returning a lead that another entity owns), after the actor's own right to the subject was checked.
    pub async fn across_entities(&mut self) -> Result<()> {
        let all: Vec<_> = self.ctx.tenant().entities.iter().map(|entity| entity.id).collect();
        let statement = scope_statements(&all, true);
        sqlx::raw_sql(AssertSqlSafe(statement)).execute(&mut *self.inner).await?;
        self.widened = true;
        Ok(())
    }

    /// Goes back to the actor's own scope.
    pub(crate) async fn narrow(&mut self) -> Result<()> {
        let statement = own_scope(&self.ctx);
        sqlx::raw_sql(AssertSqlSafe(statement)).execute(&mut *self.inner).await?;
        self.widened = false;
        Ok(())
    }

    /// Records that something happened; written, with the jobs of its reactions, when the transaction commits.
    pub fn emit(&mut self, event: Event) {
        let stored = event.stored(&self.ctx, self.now);
        for kind in self.ctx.platform().registry().reactions_to(stored.action.as_ref()) {
            self.jobs.push(NewJob::reaction(kind, &stored));
        }
        self.events.push(stored);
    }

    /// Enqueues a job, due at once; it becomes visible when the transaction commits.
    pub fn enqueue<J: Job>(&mut self, job: &J) -> Result<()> {
        self.enqueue_at(job, self.now)
    }

    /// Enqueues a job, due at once, unless this transaction enqueues one like it already.
    pub fn enqueue_once<J: Job>(&mut self, job: &J) -> Result<()> {
        let new = NewJob::typed(job, self.now)?;
        if !self.jobs.contains(&new) {
            self.jobs.push(new);
        }
        Ok(())
    }

    /// Enqueues a job, due at `run_at`.
    pub fn enqueue_at<J: Job>(&mut self, job: &J, run_at: Timestamp) -> Result<()> {
        self.jobs.push(NewJob::typed(job, run_at)?);
        Ok(())
    }

    /// Tells the screens that are open, once this is committed, that a thing of this kind changed: for what changes besides the
    /// subjects of events. Without an entity, in the tenant as a whole.
    pub fn touch(&mut self, entity: Option<EntityId>, subject_kind: &'static str) {
        if !self.touched.contains(&(entity, subject_kind)) {
            self.touched.push((entity, subject_kind));
        }
    }

    pub(crate) fn enqueue_raw(&mut self, job: NewJob) {
        self.jobs.push(job);
    }

    /// Reads a setting; a missing row is the default, a partial one is merged over it.
    pub async fn setting<S: Setting>(&mut self) -> Result<S> {
        Ok(setting::read::<S>(self).await?.value)
    }

    /// Reads every setting whose key starts with `prefix`, in one statement.
    pub async fn settings(&mut self, prefix: &str) -> Result<Settings> {
        setting::read_all(self, prefix).await
    }

    /// Reads a setting with its version.
    pub async fn versioned_setting<S: Setting>(&mut self) -> Result<Versioned<S>> {
        setting::read::<S>(self).await
    }

    /// Writes a setting and its event; `expected` is the version the writer has seen.
    ///
    /// Conflict when the setting was changed meanwhile.
    pub async fn put_setting<S: Setting>(&mut self, value: &S, expected: Option<i64>) -> Result<Versioned<S>> {
        setting::write(self, value, expected).await
    }

    /// Waits for the tenant's lock called `name`, held until the transaction ends.
    pub async fn lock(&mut self, name: &str) -> Result<()> {
        let key = format!("{}/{name}", self.tenant());
        sqlx::query("select pg_advisory_xact_lock(hashtextextended($1, 0))").bind(key).execute(self.conn()).await?;
        Ok(())
    }

    /// Does `work` within a time limit, so that its failure leaves the transaction as it was before: for a part of the
    /// work that may fail open, or by itself. The inner result is the work's own; the outer fails only when the transaction is
    /// lost. However it ends, the scope is the one before.
    pub async fn attempt<T>(
        &mut self,
        limit: Duration,
        work: impl AsyncFnOnce(&mut Self) -> Result<T>,
    ) -> Result<Result<T>> {
        let (events, jobs, widened) = (self.events.len(), self.jobs.len(), self.widened);
        let begin = format!("savepoint attempt; set local statement_timeout = {}", limit.as_millis());
        sqlx::raw_sql(AssertSqlSafe(begin)).execute(self.conn()).await?;
        let result = work(self).await;
        let mut end = if result.is_ok() {
            "set local statement_timeout to default; release savepoint attempt".to_owned()
        } else {
            self.events.truncate(events);
            self.jobs.truncate(jobs);
            "rollback to savepoint attempt; release savepoint attempt".to_owned()
        };
        if self.widened && !widened {
            write!(end, "; {}", own_scope(&self.ctx)).expect("writing to a string cannot fail");
        }
        sqlx::raw_sql(AssertSqlSafe(end)).execute(self.conn()).await?;
        self.widened = widened;
        Ok(result)
    }

    /// Writes the events and jobs collected so far and commits; wakes the workers when there is work for them, and leaves a
    /// hint for the screens that show what changed.
    pub async fn commit(mut self) -> Result<()> {
        let events = std::mem::take(&mut self.events);
        let jobs = std::mem::take(&mut self.jobs);
        let now = self.now;
        let due = jobs.iter().any(|job| job.run_at <= now);
        event::store::insert_events(&mut self, &events).await?;
        if job::store::insert_jobs(&mut self, &jobs).await? > 0 {
            self.touch(None, live::JOB);
        }
        let tenant = self.tenant();
        self.inner.commit().await?;
        let platform = self.ctx.platform();
        let touched = self.touched.into_iter().map(|(entity, topic)| (entity, Cow::Borrowed(topic)));
        let hints = touched.chain(events.into_iter().map(|event| (event.entity_id, event.subject_kind)));
        platform.live().note(hints.map(|(entity, topic)| ((tenant, entity), topic)));
        if due {
            platform.wake_workers();
        }
        Ok(())
    }
}

fn opening(begin: &str, ctx: &Ctx) -> String {
    format!("{begin}; set local app.tenant = '{}'; {}", ctx.tenant().id, own_scope(ctx))
}

fn own_scope(ctx: &Ctx) -> String {
    let scope = ctx.scope();
    scope_statements(&scope.entities, scope.whole_tenant)
}

/// Only ids and fixed words go into the text: nothing here can come from a caller.
fn scope_statements(entities: &[EntityId], whole_tenant: bool) -> String {
    let mut statement = String::with_capacity(96 + entities.len() * 37);
    statement.push_str("set local app.entities = '{");
    for (index, entity) in entities.iter().enumerate() {
        let comma = if index == 0 { "" } else { "," };
        write!(statement, "{comma}{entity}").expect("writing to a string cannot fail");
    }
    let whole = if whole_tenant { "on" } else { "off" };
    write!(statement, "}}'; set local app.whole_tenant = '{whole}'").expect("writing to a string cannot fail");
    statement
}
