//! Over all tables: isolation cannot be forgotten.

use std::collections::BTreeSet;

use platform::check::ground::WITHOUT_TENANT;
use platform::secret::SealedColumn;
use sqlx::Connection as _;

use crate::support::{TestApp, app_connection, database_of_its_own, owner};

/// Rows that are never changed once written.
const APPEND_ONLY: &[&str] = &[
    "platform.event",
    "platform.event_link",
    "platform.event_seal",
    "platform.job_run",
    "parties.party_note",
    "ledger.entry",
    "ledger.entry_line",
    "ledger.vat_line",
    "billing.bank_statement",
    "billing.incoming_file",
    "leads.batch_line",
    "leads.prepaid_move",
    "leads.send_attempt",
];

const TABLES: &str = "select n.nspname || '.' || c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where c.relkind in ('r', 'p') and n.nspname not in ('pg_catalog', 'information_schema', 'public') and n.nspname not like 'pg\\_%'";

async fn rows(sql: &'static str) -> BTreeSet<String> {
    TestApp::new().await;
    sqlx::query_scalar(sql).fetch_all(&mut owner().await).await.unwrap().into_iter().collect()
}

async fn tables_with(column: &str) -> BTreeSet<String> {
    let sql = format!(
        "{TABLES} and exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = '{column}' and not a.attisdropped)"
    );
    sqlx::query_scalar(sqlx::AssertSqlSafe(sql)).fetch_all(&mut owner().await).await.unwrap().into_iter().collect()
}

#[tokio::test]
async fn every_table_has_a_tenant_but_a_short_list() {
    let all = rows(TABLES).await;
    let without: BTreeSet<_> = all.difference(&tables_with("tenant_id").await).cloned().collect();
    let expected: BTreeSet<_> = WITHOUT_TENANT.iter().map(|(table, _)| (*table).to_owned()).collect();
    assert_eq!(without, expected);
}

#[tokio::test]
async fn t_12_row_security_is_enabled_and_forced_with_both_checks_everywhere() {
    let bare = rows(
        "select n.nspname || '.' || c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace
         where c.relkind in ('r', 'p') and n.nspname not in ('pg_catalog', 'information_schema', 'public') and n.nspname not like 'pg\\_%'
           and c.relname not in ('lifecycle_edge', 'secret_key', 'backup_run', 'restore_proof', 'worker_heartbeat', 'capacity_day', 'instance_minute', 'sign_in_guard', 'signal_minute', 'slow_statement') and not (c.relrowsecurity and c.relforcerowsecurity)",
    )
    .await;
    assert_eq!(bare, BTreeSet::new(), "without forced row security");
    let unchecked = rows(
        "select n.nspname || '.' || c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace
         where c.relkind in ('r', 'p') and not c.relispartition and n.nspname not in ('pg_catalog', 'information_schema', 'public') and n.nspname not like 'pg\\_%'
           and c.relname not in ('lifecycle_edge', 'secret_key', 'backup_run', 'restore_proof', 'worker_heartbeat', 'capacity_day', 'instance_minute', 'sign_in_guard', 'signal_minute', 'slow_statement')
           and not exists (select from pg_policy p where p.polrelid = c.oid and p.polpermissive and p.polcmd = '*'
               and pg_get_expr(p.polqual, p.polrelid) like '%app.tenant%'
               and pg_get_expr(p.polwithcheck, p.polrelid) like '%app.tenant%')",
    )
    .await;
    assert_eq!(unchecked, BTreeSet::new(), "without both checks of the tenant");
    let unscoped = rows(
        "select n.nspname || '.' || c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace
         join pg_attribute a on a.attrelid = c.oid and a.attname = 'entity_id'
         where c.relkind in ('r', 'p') and not c.relispartition and n.nspname not in ('pg_catalog', 'information_schema', 'public') and n.nspname not like 'pg\\_%'
           and not exists (select from pg_policy p where p.polrelid = c.oid
               and pg_get_expr(p.polqual, p.polrelid) like '%app.entities%'
               and pg_get_expr(p.polwithcheck, p.polrelid) like '%app.entities%')",
    )
    .await;
    assert_eq!(unscoped, BTreeSet::new(), "with an entity and without its scope");
    let between = rows(
        "select distinct n.nspname || '.' || c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace
         join pg_attribute a on a.attrelid = c.oid and a.attname in ('from_entity_id', 'to_entity_id')
         where c.relkind in ('r', 'p') and not exists (select from pg_policy p where p.polrelid = c.oid
               and pg_get_expr(p.polqual, p.polrelid) like '%from_entity_id = ANY%app.entities%to_entity_id = ANY%app.entities%'
               and pg_get_expr(p.polwithcheck, p.polrelid) like '%from_entity_id = ANY%app.entities%to_entity_id = ANY%app.entities%')",
    )
    .await;
    assert_eq!(between, BTreeSet::new(), "between two entities and without both their scopes");
}

#[tokio::test]
async fn t_26_every_sealed_column_is_known_to_what_rotates_and_is_guarded_by_form_and_key() {
    let named = rows(
        "select n.nspname || '.' || c.relname || '.' || a.attname from pg_attribute a join pg_class c on c.oid = a.attrelid
         join pg_namespace n on n.oid = c.relnamespace
         where c.relkind in ('r', 'p') and not c.relispartition and not a.attisdropped and a.attname like '%\\_sealed'
           and n.nspname not in ('pg_catalog', 'information_schema')",
    )
    .await;
    let declared: BTreeSet<_> =
        SealedColumn::all().iter().map(|column| format!("{}.{}", column.table, column.column)).collect();
    assert_eq!(named, declared);
    assert!(declared.len() >= 3, "{declared:?}");
    let with_tenant = tables_with("tenant_id").await;
    for column in SealedColumn::all() {
        assert_eq!(column.of_tenant, with_tenant.contains(column.table), "{}", column.table);
        assert!(column.forget.contains(&format!("{} = null", column.column)), "{}", column.forget);
    }
    let guarded = rows(
        "select n.nspname || '.' || c.relname || '.' || t.tgname from pg_trigger t join pg_class c on c.oid = t.tgrelid
         join pg_namespace n on n.oid = c.relnamespace
         where t.tgfoid = 'platform.hold_secret_key'::regproc and t.tgenabled = 'O'
           and exists (select from pg_constraint k where k.conrelid = c.oid and k.contype = 'c'
               and pg_get_constraintdef(k.oid) like '%' || t.tgname || ' ~ ''^v1%')",
    )
    .await;
    assert_eq!(guarded, declared, "with a check of the form, and of the key");
}

#[tokio::test]
async fn d_74_every_instant_has_its_zone() {
    let naive = rows(
        "select format('%s.%s.%s', table_schema, table_name, column_name) from information_schema.columns
         where data_type in ('timestamp without time zone', 'time without time zone') and table_schema not in ('pg_catalog', 'information_schema')
           and table_name <> '_sqlx_migrations'",
    )
    .await;
    assert_eq!(naive, BTreeSet::new());
    let ambient = rows(
        "select p.oid::regprocedure::text from pg_proc p join pg_namespace n on n.oid = p.pronamespace
         where n.nspname not in ('pg_catalog', 'information_schema', 'public') and p.prosrc ~* 'localtime|current_date'",
    )
    .await;
    assert_eq!(ambient, BTreeSet::new(), "functions that take today from the server's zone");
    let banned: toml::Table = include_str!("../../../../../clippy.toml").parse().unwrap();
    for call in ["std::time::SystemTime::now", "jiff::Timestamp::now", "jiff::Zoned::now"] {
        assert!(format!("{:?}", banned["disallowed-methods"]).contains(call), "{call}");
    }
}

#[tokio::test]
async fn t_31_no_column_is_a_floating_point_number() {
    let floating = rows(
        "select format('%s.%s.%s', table_schema, table_name, column_name) from information_schema.columns
         where data_type in ('real', 'double precision') and table_schema not in ('pg_catalog', 'information_schema')",
    )
    .await;
    assert_eq!(floating, BTreeSet::new());
}

#[tokio::test]
async fn l_56_every_key_and_reference_begins_with_the_tenant() {
    let keys = rows(
        "select i.indexrelid::regclass::text from pg_index i join pg_class c on c.oid = i.indrelid
         join pg_namespace n on n.oid = c.relnamespace
         join pg_attribute t on t.attrelid = c.oid and t.attname = 'tenant_id'
         where (i.indisunique or i.indisprimary) and n.nspname not in ('pg_catalog', 'information_schema', 'public') and n.nspname not like 'pg\\_%'
           and i.indkey[0] <> t.attnum",
    )
    .await;
    assert_eq!(keys, BTreeSet::new(), "unique without the tenant first");
    let references = rows(
        "select k.conname::text from pg_constraint k
         join pg_attribute t on t.attrelid = k.conrelid and t.attname = 'tenant_id'
         join pg_attribute f on f.attrelid = k.confrelid and f.attname = 'tenant_id'
         where k.contype = 'f' and k.conkey[1] <> t.attnum",
    )
    .await;
    assert_eq!(references, BTreeSet::new(), "references that could leave the tenant");
}

#[tokio::test]
async fn t_15_the_services_role_can_bypass_nothing_and_change_nothing_that_is_for_good() {
    let (bypasses, owned): (bool, i64) = {
        TestApp::new().await;
        sqlx::query_as(
            "select rolsuper or rolbypassrls or rolcreaterole or rolcreatedb,
                 (select count(*) from pg_class where relowner = r.oid) from pg_roles r where rolname = 'comptoir_app'",
        )
        .fetch_one(&mut owner().await)
        .await
        .unwrap()
    };
    assert_eq!((bypasses, owned), (false, 0));
    let (as_owner, _) = database_of_its_own("comptoir_bypassed").await;
    let refusal = platform::connect(as_owner, 1).await.unwrap_err();
    assert_eq!(refusal.code(), "unsafe_role", "requests have no other pool");
    for table in ["platform.backup_run", "platform.restore_proof"] {
        let may: bool = sqlx::query_scalar(
            "select has_any_column_privilege('comptoir_app', $1, 'insert') or has_any_column_privilege('comptoir_app', $1, 'update')
                 or has_table_privilege('comptoir_app', $1, 'delete')
                 or has_column_privilege('comptoir_app', 'platform.backup_run', 'manifest', 'select')",
        )
        .bind(table)
        .fetch_one(&mut owner().await)
        .await
        .unwrap();
        assert!(!may, "{table} is the owner's to write");
    }
    for table in APPEND_ONLY {
        let may: bool = sqlx::query_scalar(
            "select has_table_privilege('comptoir_app', $1, 'update') or has_table_privilege('comptoir_app', $1, 'delete')
                 or has_table_privilege('comptoir_app', $1, 'truncate')",
        )
        .bind(table)
        .fetch_one(&mut owner().await)
        .await
        .unwrap();
        assert!(!may, "{table} can be changed");
    }
    let loose = rows(
        "select p.oid::regprocedure::text from pg_proc p where p.prosecdef and p.pronamespace::regnamespace::text not in ('pg_catalog', 'information_schema', 'public') and p.pronamespace::regnamespace::text not like 'pg\\_%'
           and (has_function_privilege('public', p.oid, 'execute') or not coalesce(p.proconfig, '{}') && array['search_path=pg_catalog'])",
    )
    .await;
    assert_eq!(loose, BTreeSet::new(), "definer functions that anyone may call, or whose search path is not pinned");
}

#[tokio::test]
async fn a_connection_that_forgot_who_it_is_sees_nothing_and_one_tenant_never_sees_another() {
    let (app, other) = (TestApp::new().await, TestApp::new().await);
    for app in [&app, &other] {
        app.form("PV-001", "ZR7", "PV").await;
        app.order("ZR7", "Acme", serde_json::json!({})).await;
        app.lead(serde_json::json!({})).expect(201).await;
    }
    // Partitions are reached through their parents only: the service holds no right on them.
    let partitions =
        rows("select c.oid::regclass::text from pg_class c where c.relispartition and c.relkind = 'r'").await;
    let tables = &tables_with("tenant_id").await - &partitions;
    assert!(tables.len() > 25, "{tables:?}");
    for table in tables {
        let count = format!("select count(*) filter (where tenant_id <> '{}'), count(*) from {table}", app.tenant);
        let mut forgetful = app_connection().await;
        let seen: (i64, i64) =
            sqlx::query_as(sqlx::AssertSqlSafe(count.clone())).fetch_one(&mut forgetful).await.unwrap();
        assert_eq!(seen.1, 0, "{table} shows rows to nobody in particular");
        let mut tx = forgetful.begin().await.unwrap();
        let entities: String =
            sqlx::query_scalar("select array_agg(id)::text from platform.entity where tenant_id = $1")
                .bind(app.tenant.uuid())
                .fetch_one(&mut owner().await)
                .await
                .unwrap();
        let opening = format!(
            "set local app.tenant = '{}'; set local app.entities = '{entities}'; set local app.whole_tenant = 'on'",
            app.tenant
        );
        sqlx::raw_sql(sqlx::AssertSqlSafe(opening)).execute(&mut *tx).await.unwrap();
        let seen: (i64, i64) = sqlx::query_as(sqlx::AssertSqlSafe(count)).fetch_one(&mut *tx).await.unwrap();
        assert_eq!(seen.0, 0, "{table} shows another tenant's rows");
    }
}

/// Functions that run with the owner's rights and that the service may call, each with why it needs them and what keeps it to its caller.
const DEFINERS: &[(&str, &str)] = &[
    ("leads.sources_containing(text)", "reads names of sources of the tenant of the transaction"),
    (
        "platform.authenticate(bytea,timestamp with time zone)",
        "before a tenant is known: who has the hash of a session",
    ),
    (
        "platform.claim_jobs(uuid,text,timestamp with time zone,interval,integer)",
        "workers act for all: jobs of the tenant named",
    ),
    ("platform.claim_lane_jobs(uuid,text,text,timestamp with time zone,interval,integer)", "the same of one lane"),
    ("platform.clear_totp_secrets(integer)", "secrets in clear of older versions, to be sealed"),
    ("platform.create_user(uuid,text,text,text,timestamp with time zone)", "a person belongs to no tenant yet"),
    (
        "platform.end_all_sessions(uuid,uuid)",
        "a person's sessions in every tenant: of members of the tenant of the transaction",
    ),
    (
        "platform.end_password_resets(uuid)",
        "a person's links in every tenant: of members of the tenant of the transaction",
    ),
    ("platform.end_sessions(uuid,uuid)", "as end_all_sessions, for the version before"),
    (
        "platform.ensure_partitions(timestamp with time zone)",
        "makes the partitions of a month; it takes nothing but the instant",
    ),
    ("platform.forget_sign_in_failures(timestamp with time zone)", "of addresses that were quiet; it tells how many"),
    ("platform.forgive_sign_ins(uuid)", "of members of the tenant of the transaction"),
    ("platform.job_queue(timestamp with time zone)", "figures of the queue of all tenants, without what they hold"),
    ("platform.key_owner(bytea)", "before a tenant is known: who has the hash of a key"),
    ("platform.memberships_of(uuid)", "before a tenant is known: where a person who proved himself may go"),
    (
        "platform.note_failed_sign_in(uuid,timestamp with time zone,integer,timestamp with time zone)",
        "for the version before",
    ),
    (
        "platform.note_sign_in_failure(text,timestamp with time zone,integer,timestamp with time zone)",
        "before a tenant is known",
    ),
    (
        "platform.password_reset_owner(bytea,timestamp with time zone)",
        "before a tenant is known: who has the hash of a link",
    ),
    ("platform.seal_totp_secrets(uuid[],bytea[],text[])", "changes nothing but what it is shown in clear"),
    ("platform.sign_in_account(text)", "before a tenant is known: the account of an address"),
    ("platform.sign_in_candidate(text)", "the same, for the version before"),
    ("platform.sign_in_lock(text)", "before a tenant is known"),
    ("platform.tenant_frame(uuid,text)", "a tenant by id or name: its frame"),
    ("platform.tenant_ids()", "workers act for all: which tenants there are"),
    ("platform.tenants_with_due_jobs(timestamp with time zone)", "workers act for all"),
    ("platform.tenants_with_due_lane_jobs(text,timestamp with time zone)", "the same of one lane"),
];

#[tokio::test]
async fn t_14_f_73_f_74_what_runs_with_the_owners_rights_is_on_a_list_and_views_see_what_their_reader_sees() {
    let found = rows(
        "select p.oid::regprocedure::text from pg_proc p join pg_namespace n on n.oid = p.pronamespace
         where p.prosecdef and has_function_privilege('comptoir_app', p.oid, 'execute') and n.nspname not in ('pg_catalog', 'information_schema')",
    )
    .await;
    let known: BTreeSet<_> = DEFINERS.iter().map(|(function, _)| (*function).to_owned()).collect();
    assert_eq!(found, known);
    let blind = rows(
        "select c.oid::regclass::text from pg_class c join pg_namespace n on n.oid = c.relnamespace
         where c.relkind in ('v', 'm') and n.nspname not in ('pg_catalog', 'information_schema', 'public')
           and not coalesce(c.reloptions, '{}') @> array['security_invoker=true']",
    )
    .await;
    assert_eq!(blind, BTreeSet::new(), "views that see with their owner's eyes");
    let (app, other) = (TestApp::new().await, TestApp::new().await);
    app.member("viewer", "ZR7").await;
    // As the service's role, in a transaction of another tenant: nothing of this one's people is touched.
    let victim: uuid::Uuid =
        app.value("select user_id from platform.membership where tenant_id = $1 and role = 'viewer'").await;
    let mut conn = crate::support::app_connection().await;
    let tenant = format!("set app.tenant = '{}'", other.tenant);
    sqlx::raw_sql(sqlx::AssertSqlSafe(tenant)).execute(&mut conn).await.unwrap();
    for call in ["select platform.end_all_sessions($1, null)::text", "select platform.forgive_sign_ins($1)::text"] {
        let done: Option<String> = sqlx::query_scalar(call).bind(victim).fetch_one(&mut conn).await.unwrap();
        assert!(matches!(done.as_deref(), Some("0" | "false")), "{call}: {done:?}");
    }
    for call in ["select platform.end_sessions($1, null)", "select platform.end_password_resets($1)"] {
        sqlx::query(call).bind(victim).execute(&mut conn).await.unwrap();
    }
    let sessions = "select count(*) from platform.session s join platform.membership m on m.tenant_id = s.tenant_id and m.user_id = s.user_id
        where s.tenant_id = $1 and m.role = 'viewer'";
    assert_eq!(app.value::<i64>(sessions).await, 1);
}

#[tokio::test]
async fn t_25_f_75_a_role_that_is_none_is_refused_by_the_database_and_the_known_ones_are_those_of_the_code() {
    let found = rows(
        "select unnest(regexp_matches(pg_get_constraintdef(oid), '''([a-z_]+)''', 'g')) from pg_constraint where conname = 'membership_role_check'",
    )
    .await;
    let known: BTreeSet<_> = platform::Role::ALL.iter().map(|role| role.key().to_owned()).collect();
    assert_eq!(found, known);
    let app = TestApp::new().await;
    for role in ["owner", "SUPER_ADMIN", "", "admin "] {
        let set = "update platform.membership set role = $2 where tenant_id = $1";
        let done = sqlx::query(set).bind(app.tenant.uuid()).bind(role).execute(&mut owner().await).await;
        assert!(done.unwrap_err().to_string().contains("membership_role_check"), "{role:?}");
        let user = serde_json::json!({ "email": "x@y.example", "name": "X", "role": role, "entity": "ZR7",
            "password": crate::support::PASSWORD });
        assert_eq!(app.post("/api/auth/users", user).await.status, 422, "{role:?}");
    }
}
