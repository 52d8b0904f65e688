//! A world in order, and copies of it in which something was broken by hand.

use std::collections::BTreeSet;
use std::sync::Arc;

use app::runtime::{self, Database};
use kernel::Clock as _;
use kernel::{ManualClock, SystemClock, Timestamp};
use platform::identity::PlainPassword;
use platform::secret::Sealer;
use platform::tenancy::{NewAdmin, NewTenant};
use platform::{Actor, Ctx, Platform};
use sqlx::{AssertSqlSafe, Connection as _, PgConnection};
use tokio::sync::OnceCell;
use watch::audit::model::{AuditCause, AuditReport};
use watch::audit::ops::{Assignment, run_audit};

use crate::support::{PASSWORD, demo, secret_keys, secret_keys_file, settings_with};

/// The database that every copy is made of: the demo, beside a second tenant, at an instant when all is well.
struct Base {
    name: String,
    at: Timestamp,
}

/// What time and the world would have brought: backups that were proven, a mail server, what DNS says of its domain.
const IN_ORDER: &str = "
    -- What is planted in it stays until the audit looks.
    alter table platform.idempotency_key set (autovacuum_enabled = off);
    set session_replication_role = replica;
    update public._sqlx_migrations set installed_on = installed_on - interval '60 days';
    update platform.entity set mail_from = 'leads@demo.example'
        where code = 'ZR7' and tenant_id = (select id from platform.tenant where slug = 'demo');
    insert into platform.backup_run (id, kind, state, worker, target, object, started_at, finished_at, bytes, sha256, manifest)
        values (gen_random_uuid(), 'dump', 'succeeded', 'here', 'a folder', 'backup_1', now() - interval '9 hours', now() - interval '8 hours',
            1, repeat('a', 64), '{}');
    insert into platform.restore_proof (id, state, worker, object, started_at, finished_at, report)
        values (gen_random_uuid(), 'succeeded', 'here', 'backup_1', now() - interval '7 hours', now() - interval '6 hours', '{}');
    update platform.\"user\" set totp_confirmed_at = now();
    -- The ring is as old as the clock of whichever test began it.
    update platform.secret_key set created_at = now() - interval '60 days';
    insert into platform.setting (tenant_id, key, value, version, updated_at, updated_by)
        select tenant_id, 'mail.smtp', jsonb_build_object('per_entity', jsonb_build_object(code, jsonb_build_object('url', 'smtp://127.0.0.1:9'))),
            1, now(), 'test'
        from platform.entity where mail_from is not null and tenant_id = (select id from platform.tenant where slug = 'demo')
        order by code limit 1;
    insert into platform.mail_domain (tenant_id, domain, asked_at, answered_at, problems)
        select tenant_id, split_part(mail_from, '@', 2), now(), now(), '{}' from platform.entity
        where mail_from is not null and tenant_id = (select id from platform.tenant where slug = 'demo') order by code limit 1;
    insert into platform.capacity_day
        select (now() - n * interval '1 day')::date, pg_database_size(current_database()) - n * 1000 from generate_series(0, 10) n
        on conflict (day) do update set database_bytes = excluded.database_bytes;
    set session_replication_role = origin;
";

static BASE: OnceCell<Base> = OnceCell::const_new();

async fn base() -> &'static Base {
    BASE.get_or_init(|| async {
        let name = "comptoir_audited".to_owned();
        let data = tempfile::tempdir().unwrap();
        let ring = secret_keys_file().display().to_string();
        let config = settings_with(data.path(), &[("COMPTOIR_SECRET_KEYS_FILE", &ring)]);
        let (owner, service) = demo::copy(&name).await;
        let database = Database { app: service, owner: Some(owner.clone()) };
        let mut as_owner = PgConnection::connect_with(&owner).await.unwrap();
        let other = NewTenant {
            slug: "other".into(),
            name: "Other".into(),
            time_zone: "Europe/Paris".into(),
            entities: vec![("AAA".into(), "AAA".into())],
            admin: NewAdmin { email: "root@other.example".parse().unwrap(), name: "Root".into(), password: Some(PlainPassword::new(PASSWORD)) },
        };
        let other = platform::tenancy::create(&mut as_owner, SystemClock.now(), &other).await.unwrap();
        for sql in [
            "insert into leads.provider (tenant_id, id, entity_id, slug, name, consent_by_contract, active, rate_per_minute, created_at, updated_at)
             select tenant_id, gen_random_uuid(), id, 'theirs', 'Theirs', false, true, 60, now(), now() from platform.entity where tenant_id = $1",
        ] {
            sqlx::query(sql).bind(other.uuid()).execute(&mut as_owner).await.unwrap();
        }
        let at = SystemClock.now();
        let clock = Arc::new(ManualClock::new(at));
        let platform = runtime::replay(&config, &database, clock).await.unwrap();
        platform::job::run_until_idle(&platform).await.unwrap();
        platform::job::schedule::enqueue_due(&platform).await.unwrap();
        platform::job::run_until_idle(&platform).await.unwrap();
        let mut owner = PgConnection::connect_with(&owner).await.unwrap();
        sqlx::query("insert into platform.worker_heartbeat values ('here', '1', $1, $1, 0)")
            .bind(at)
            .execute(&mut owner)
            .await
            .unwrap();
        sqlx::raw_sql(IN_ORDER).execute(&mut owner).await.unwrap();
        sqlx::raw_sql("vacuum analyze").execute(&mut owner).await.unwrap();
        Base { name, at }
    })
    .await
}

/// A copy of the world.
pub(super) struct World {
    pub(super) ctx: Ctx,
    pub(super) owner: PgConnection,
    name: String,
    _data: tempfile::TempDir,
}

impl World {
    /// A copy called `name`.
    pub(super) async fn copy(name: &str) -> Self {
        let base = base().await;
        let name = format!("audited_{}", name.replace('.', "_"));
        let data = tempfile::tempdir().unwrap();
        let mail_dir = data.path().join("mail");
        std::fs::create_dir(&mail_dir).unwrap();
        let (owner, service) = demo::copy_of(&base.name, &name).await;
        let clock = Arc::new(ManualClock::new(base.at));
        let pool = platform::connect(service, 3).await.unwrap();
        let options = platform::Options {
            mail_dir,
            secrets: Sealer::start(&pool, secret_keys(), clock.clone()).await.unwrap(),
            public_url: "https://comptoir.example".to_owned(),
            worker_name: "here".to_owned(),
            unthrottled: true,
            ..platform::Options::default()
        };
        let platform = Platform::new(pool, clock, app::wiring::registry(), options);
        let mut owner = PgConnection::connect_with(&owner).await.unwrap();
        let tenant = demo::tenant(&mut owner).await;
        let ctx = platform.act_in(tenant, Actor::System("test"), "test").await.unwrap();
        Self { ctx, owner, name, _data: data }
    }

    /// Writes past every trigger, as only the owner of the cluster can.
    pub(super) async fn plant(&mut self, sql: &str) {
        let sql = sql.replace("$tenant", &format!("'{}'::uuid", self.ctx.tenant().id));
        let is_of_rows =
            ["insert ", "update ", "delete ", "with "].iter().any(|word| sql.trim_start().starts_with(word));
        sqlx::raw_sql("set session_replication_role = replica").execute(&mut self.owner).await.unwrap();
        let done = sqlx::raw_sql(AssertSqlSafe(sql.clone())).execute(&mut self.owner).await.unwrap();
        assert!(!is_of_rows || done.rows_affected() > 0, "nothing was planted: {sql}");
        sqlx::raw_sql("set session_replication_role = origin").execute(&mut self.owner).await.unwrap();
        // What it did is counted at once, and not when PostgreSQL finds the time.
        sqlx::raw_sql("select pg_stat_force_next_flush()").execute(&mut self.owner).await.unwrap();
    }

    pub(super) async fn audit(&self) -> AuditReport {
        let assignment = Assignment { sections: Vec::new(), cause: AuditCause::Command, asked_by: "test".to_owned() };
        run_audit(&self.ctx, assignment, |_, _| {}).await.unwrap()
    }

    /// What the audit finds. How full the disk is, is of this machine and not of the world.
    pub(super) async fn findings(&self) -> BTreeSet<String> {
        let report = self.audit().await;
        report
            .results
            .into_iter()
            .filter(|result| result.is_finding() && result.id != "capacity.disk")
            .map(|result| result.id)
            .collect()
    }

    /// Takes the copy away.
    pub(super) async fn drop(self) {
        let Self { ctx, owner, name, .. } = self;
        drop((ctx, owner));
        let mut cluster = crate::support::owner().await;
        let sql = format!("drop database {name} with (force)");
        sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut cluster).await.unwrap();
    }
}
