//! The transaction: the only way to SQL.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::time::{Duration, Instant};

use kernel::{EntityId, TenantId, Timestamp};
use sqlx::{AssertSqlSafe, PgConnection, Postgres, Transaction};

use crate::event::{self, Event, StoredEvent};
use crate::job::{self, Job, NewJob};
use crate::replica::{self, Server};
use crate::setting::{self, Setting, Settings, Versioned};
use crate::signal::Outcome;
use crate::trace::{self, TxSpan};
use crate::turns::Place;
use crate::{Ctx, Error, Result, db, idempotency, live};

/// How long a transaction may take to begin: getting a connection is bounded by itself, and one that hangs is given up.
const BEGIN_LIMIT: Duration = Duration::from_secs(10);

/// For a turn at the database one waits behind one's own tenant, and as long as for a lock: longer than for a connection.
const WAIT: Duration = Duration::from_secs(10);

/// An open transaction, bound to its tenant, scope and actor, with its time frozen. Dropping it rolls back.
pub struct Tx {
    inner: Transaction<'static, Postgres>,
    /// Let go of after the transaction.
    _place: Place,
    ctx: Ctx,
    now: Timestamp,
    events: Vec<StoredEvent>,
    jobs: Vec<NewJob>,
    touched: Vec<(Option<EntityId>, &'static str)>,
    widened: bool,
    local: Local,
    span: TxSpan,
}

impl Tx {
    pub(crate) async fn begin(ctx: &Ctx) -> Result<Self> {
        let mut tx = Self::on_primary(ctx, "begin").await?;
        if let Some(claim) = ctx.take_idempotency_claim() {
            idempotency::claim(&mut tx, &claim).await?;
        }
        Ok(tx)
    }

    pub(crate) async fn read(ctx: &Ctx) -> Result<Self> {
        let begin = "begin read only";
        if let Some(seen) = ctx.may_read_replicas()
            && let Some(replica) = ctx.platform().replicas().next()
        {
            // Before it begins: what fails here leaves no transaction open.
            let begin = format!("{}; {begin}", replica::check(seen));
            if let Some(tx) = replica.opened(Self::open(ctx, &replica.server, "replica", &begin).await) {
                ctx.note_replica();
                return Ok(tx);
            }
        }
        Self::on_primary(ctx, begin).await
    }

    /// Opens a transaction that cannot write, for a check of the audit: it may take its time, and one core at most.
    pub(crate) async fn audit(ctx: &Ctx) -> Result<Self> {
        let local = ctx.platform().local_settings().await?;
        let (limit, cores) =
            (local.set("statement_timeout", Some("2min")), local.set("max_parallel_workers_per_gather", Some("0")));
        Self::on_primary(ctx, &format!("begin read only; {limit}; {cores}")).await
    }

    async fn on_primary(ctx: &Ctx, begin: &str) -> Result<Self> {
        let primary = ctx.platform().primary();
        let busy = primary.pool.size().saturating_sub(u32::try_from(primary.pool.num_idle()).unwrap_or(u32::MAX));
        let _waiting = ctx.platform().signals().load().open(busy);
        Self::open(ctx, primary, "postgresql", begin).await
    }

    async fn open(ctx: &Ctx, server: &Server, service: &'static str, begin: &str) -> Result<Self> {
        let local = ctx.platform().local_settings().await?;
        let tenant = local.set("app.tenant", Some(&ctx.tenant().id.to_string()));
        let statement = format!("{begin}; {tenant}; {}{}", local.own_scope(ctx), local.of_the_session());
        let span = tracing::debug_span!(
            "transaction",
            request_id = ctx.request_id(),
            begin,
            statements = tracing::field::Empty,
            outcome = tracing::field::Empty
        );
        let (pool, clock) = (server.pool.clone(), Instant::now());
        let place = tokio::time::timeout(WAIT, server.turns.place(ctx.tenant().id)).await.ok().flatten();
        let place = place.ok_or(sqlx::Error::PoolTimedOut)?;
        // Who asked may go away meanwhile, and what he awaits with him. Given up halfway, the connection would go back to the
        // pool with its transaction open, for sqlx rolls back only what it knows to have begun: so this goes on without him.
        let begin = async move { pool.begin_with(AssertSqlSafe(statement)).await };
        let beginning = tokio::spawn(tokio::time::timeout(BEGIN_LIMIT, begin));
        let answer = beginning.await.map_err(|lost| Error::internal("beginning a transaction", lost))?;
        let answer = answer.unwrap_or(Err(sqlx::Error::PoolTimedOut));
        let outcome = if answer.is_ok() { Outcome::Fine } else { Outcome::Failed };
        ctx.platform().signals().service(service, outcome, clock.elapsed());
        let (inner, ctx, now) = (answer?, ctx.clone(), ctx.now());
        let (events, jobs, touched) = (Vec::new(), Vec::new(), Vec::new());
        Ok(Self {
            inner,
            _place: place,
            ctx,
            now,
            events,
            jobs,
            touched,
            widened: false,
            local,
            span: TxSpan::new(span),
        })
    }

    /// The connection, for the statements of a `store.rs`.
    pub fn conn(&mut self) -> &mut PgConnection {
        self.span.count();
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
        let statement = self.local.scope(&all, true);
        sqlx::raw_sql(AssertSqlSafe(statement)).execute(&mut *self.inner).await?;
        self.widened = true;
        Ok(())
    }

    /// Whether the tables of the tenants are split over nodes.
    pub(crate) fn is_distributed(&self) -> bool {
        self.local.is_distributed
    }

    /// Narrows the scope to one entity, as who works there alone has it: for the audit.
    pub(crate) async fn narrow_to(&mut self, entity: EntityId) -> Result<()> {
        sqlx::raw_sql(AssertSqlSafe(self.local.scope(&[entity], false))).execute(&mut *self.inner).await?;
        self.widened = true;
        Ok(())
    }

    /// Goes back to the actor's own scope.
    pub(crate) async fn narrow(&mut self) -> Result<()> {
        let statement = self.local.own_scope(&self.ctx);
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

    /// The `traceparent` for whoever goes on with this work; none where nobody traces.
    pub(crate) fn trace_parent(&self) -> Option<String> {
        trace::parent_of(self.span.span())
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
        let limited = self.local.set("statement_timeout", Some(&limit.as_millis().to_string()));
        let begin = format!("savepoint attempt; {limited}");
        sqlx::raw_sql(AssertSqlSafe(begin)).execute(self.conn()).await?;
        let result = work(self).await;
        let mut end = if result.is_ok() {
            format!("{}; release savepoint attempt", self.local.set("statement_timeout", None))
        } else {
            self.events.truncate(events);
            self.jobs.truncate(jobs);
            "rollback to savepoint attempt; release savepoint attempt".to_owned()
        };
        if self.widened && !widened {
            write!(end, "; {}", self.local.own_scope(&self.ctx)).expect("writing to a string cannot fail");
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
        let told = event::store::insert_events(&mut self, &events).await? > 0;
        let due = told || jobs.iter().any(|job| job.run_at <= now);
        if job::store::insert_jobs(&mut self, &jobs).await? > 0 || told {
            self.touch(None, live::JOB);
        }
        let tenant = self.tenant();
        self.inner.commit().await?;
        self.span.committed();
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

/// How a setting is given a value until the transaction ends.
#[derive(Clone, Copy)]
pub(crate) struct Local {
    /// Whether the database is split over nodes, each of which has to be told: it is told of a statement with the whole text that it came in,
    /// so the statement is made by a function, out of a text of its own.
    pub(crate) is_distributed: bool,
}

impl Local {
    /// The statement that sets it to `value`, or to what it is by default. Only ids, numbers and fixed words go into the text: nothing here
    /// can come from a caller.
    fn set(self, setting: &str, value: Option<&str>) -> String {
        match (self.is_distributed, value) {
            (false, Some(value)) => format!("set local {setting} = '{value}'"),
            (false, None) => format!("set local {setting} to default"),
            (true, Some(value)) => format!("select platform.set_local('{setting}', '{value}')"),
            (true, None) => format!("select platform.set_local('{setting}', null)"),
        }
    }

    /// What the session was told when it connected, and the nodes were not.
    fn of_the_session(self) -> String {
        if !self.is_distributed {
            return String::new();
        }
        let set = |setting, value| self.set(setting, Some(value));
        format!("; {}; {}", set("lock_timeout", db::LOCK_TIMEOUT), set("TimeZone", db::TIME_ZONE))
    }

    fn own_scope(self, ctx: &Ctx) -> String {
        let scope = ctx.scope();
        self.scope(&scope.entities, scope.whole_tenant)
    }

    fn scope(self, entities: &[EntityId], whole_tenant: bool) -> String {
        let mut ids = String::with_capacity(2 + entities.len() * 37);
        ids.push('{');
        for (index, entity) in entities.iter().enumerate() {
            let comma = if index == 0 { "" } else { "," };
            write!(ids, "{comma}{entity}").expect("writing to a string cannot fail");
        }
        ids.push('}');
        let whole = if whole_tenant { "on" } else { "off" };
        format!("{}; {}", self.set("app.entities", Some(&ids)), self.set("app.whole_tenant", Some(whole)))
    }
}
