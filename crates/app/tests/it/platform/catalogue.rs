//! Over all tables: isolation cannot be forgotten.

use std::collections::BTreeSet;

use sqlx::Connection as _;

use crate::support::{TestApp, app_connection, owner};

/// Tables that belong to no tenant, each with the reason.
const WITHOUT_TENANT: &[(&str, &str)] = &[
    ("platform.lifecycle_edge", "the moves of every lifecycle, the same for all"),
    ("platform.tenant", "the tenant itself: its id is compared"),
    ("platform.user", "a person may be a member of several tenants: seen through his memberships"),
    ("platform.worker_heartbeat", "a service instance works for all"),
];

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
async fn row_security_is_enabled_and_forced_with_both_checks_everywhere() {
    let bare = rows(
        "select n.nspname || '.' || c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace
         where c.relkind in ('r', 'p') and n.nspname in ('platform', 'parties', 'catalog', 'ledger', 'leads')
           and c.relname not in ('lifecycle_edge', 'worker_heartbeat') and not (c.relrowsecurity and c.relforcerowsecurity)",
    )
    .await;
    assert_eq!(bare, BTreeSet::new(), "without forced row security");
    let unchecked = rows(
        "select n.nspname || '.' || c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace
         where c.relkind in ('r', 'p') and not c.relispartition and n.nspname in ('platform', 'parties', 'catalog', 'ledger', 'leads')
           and c.relname not in ('lifecycle_edge', 'worker_heartbeat')
           and not exists (select from pg_policy p where p.polrelid = c.oid and p.polpermissive and p.polcmd = '*'
               and pg_get_expr(p.polqual, p.polrelid) like '%app.tenant%'
               and pg_get_expr(p.polwithcheck, p.polrelid) like '%app.tenant%')",
    )
    .await;
    assert_eq!(unchecked, BTreeSet::new(), "without both checks of the tenant");
    let unscoped = rows(
        "select n.nspname || '.' || c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace
         join pg_attribute a on a.attrelid = c.oid and a.attname = 'entity_id'
         where c.relkind in ('r', 'p') and not c.relispartition and n.nspname in ('platform', 'parties', 'catalog', 'ledger', 'leads')
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
async fn l_56_every_key_and_reference_begins_with_the_tenant() {
    let keys = rows(
        "select i.indexrelid::regclass::text from pg_index i join pg_class c on c.oid = i.indrelid
         join pg_namespace n on n.oid = c.relnamespace
         join pg_attribute t on t.attrelid = c.oid and t.attname = 'tenant_id'
         where (i.indisunique or i.indisprimary) and n.nspname in ('platform', 'parties', 'catalog', 'ledger', 'leads')
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
async fn the_services_role_can_bypass_nothing_and_change_nothing_that_is_for_good() {
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
        "select p.oid::regprocedure::text from pg_proc p where p.prosecdef and p.pronamespace::regnamespace::text in ('platform', 'parties', 'catalog', 'ledger', 'leads')
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
