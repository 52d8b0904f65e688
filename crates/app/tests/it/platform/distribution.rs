//! Distributing the tenants over the nodes of Citus. Without one: what is refused, and that nothing in the schema or in the statements
//! of the service stands in its way. With `COMPTOIR_TEST_CITUS_URL` the whole suite runs over one, and what is where is looked at.

use std::collections::BTreeSet;
use std::path::Path;

use platform::schema::distribution::{self, ON_EVERY_NODE, WITH_THE_COORDINATOR};
use sqlx::{AssertSqlSafe, Connection as _, PgConnection};

use crate::support::{database_of_its_own, owner};

async fn migrated(name: &str) -> PgConnection {
    let (owner, _) = database_of_its_own(name).await;
    let mut owner = PgConnection::connect_with(&owner).await.unwrap();
    platform::schema::migrate(&mut owner).await.unwrap();
    owner
}

#[tokio::test]
async fn a_database_without_citus_is_not_distributed_and_the_command_says_what_is_missing() {
    let mut owner = migrated("comptoir_undistributed").await;
    let refused = platform::schema::distribute(&mut owner).await.unwrap_err();
    assert_eq!(refused.code(), "citus_missing", "{refused:?}");
    assert!(refused.to_string().contains("create extension citus"), "{refused}");
    assert!(!distribution::is_distributed(&mut owner).await.unwrap());
}

#[tokio::test]
async fn nothing_of_the_schema_stands_in_the_way_and_each_thing_that_would_is_named() {
    let mut owner = migrated("comptoir_obstacles").await;
    assert_eq!(distribution::obstacles(&mut owner).await.unwrap(), Vec::<String>::new());
    for (planted, named) in [
        (
            "create unique index lead_phone_key on leads.lead (phone, id)",
            "The unique index leads.lead_phone_key of leads.lead does not contain tenant_id, so no node could keep it.",
        ),
        (
            "create extension if not exists btree_gist;
             alter table leads.lead add constraint lead_once exclude using gist (phone with =) where (false)",
            "The constraint lead_once of leads.lead excludes rows without comparing tenant_id, so no node could keep it.",
        ),
        (
            "create table leads.thing (tenant_id uuid, id uuid)",
            "The column tenant_id of leads.thing may be empty, so its row would have no place.",
        ),
        (
            "create table leads.thing (tenant_id uuid not null, user_id uuid not null,
                 constraint thing_user_fkey foreign key (user_id) references platform.user (id))",
            "The reference thing_user_fkey of leads.thing goes to platform.user, which the coordinator keeps, so no node could check it.",
        ),
        (
            "alter table platform.saved_view add column lead_id uuid,
                 add constraint view_lead_fkey foreign key (tenant_id, lead_id) references leads.lead (tenant_id, id)",
            "The reference view_lead_fkey of platform.saved_view goes to leads.lead, which is split by tenant, so nobody could check it.",
        ),
        (
            "create table leads.thing (tenant_id uuid not null, owner_id uuid not null, lead_id uuid not null,
                 constraint thing_lead_fkey foreign key (owner_id, lead_id) references leads.lead (tenant_id, id))",
            "The reference thing_lead_fkey of leads.thing to leads.lead does not contain tenant_id, so it could lead to another node.",
        ),
        (
            "create policy looking on leads.lead using (exists (select from leads.buyer b where b.tenant_id = lead.tenant_id))",
            "The policy looking of leads.lead has a sub-select, which no node could evaluate.",
        ),
    ] {
        let mut tx = owner.begin().await.unwrap();
        sqlx::raw_sql(AssertSqlSafe(planted)).execute(&mut *tx).await.unwrap();
        assert_eq!(distribution::obstacles(&mut tx).await.unwrap(), [named]);
        tx.rollback().await.unwrap();
    }
}

/// Each table named is there, and none is named twice.
#[tokio::test]
async fn the_tables_that_are_not_split_are_there() {
    let mut owner = owner().await;
    let named: Vec<_> =
        ON_EVERY_NODE.iter().chain(WITH_THE_COORDINATOR).map(|(table, _)| (*table).to_owned()).collect();
    let found: Vec<String> = sqlx::query_scalar(
        "select n.nspname || '.' || c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace
         where c.relkind = 'r' and n.nspname || '.' || c.relname = any ($1)",
    )
    .bind(&named)
    .fetch_all(&mut owner)
    .await
    .unwrap();
    assert_eq!(found.iter().collect::<BTreeSet<_>>(), named.iter().collect());
    assert_eq!(found.len(), named.len());
}

/// The insert that begins at `start`: up to the parenthesis that closes what it stands in.
fn insert_at(query: &str, start: usize) -> &str {
    let mut depth = 0;
    for (at, byte) in query.bytes().enumerate().skip(start) {
        match byte {
            b'(' => depth += 1,
            b')' if depth == 0 => return &query[start..at],
            b')' => depth -= 1,
            _ => {}
        }
    }
    &query[start..]
}

/// An insert that returns nothing of what it selects is copied, which row security refuses, and counts rows that a conflict kept out.
#[test]
fn whatever_inserts_what_it_selects_returns_something() {
    let files = std::fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../.sqlx")).unwrap();
    let (mut seen, mut silent) = (0, Vec::new());
    for file in files {
        let query: serde_json::Value = serde_json::from_slice(&std::fs::read(file.unwrap().path()).unwrap()).unwrap();
        let query = query["query"].as_str().unwrap();
        for (start, _) in query.match_indices("insert into ") {
            let insert = insert_at(query, start);
            let table = insert["insert into ".len()..].split([' ', '\n']).next().unwrap();
            let stays = table == "platform.user" || WITH_THE_COORDINATOR.iter().any(|(kept, _)| *kept == table);
            let (columns, rest) = insert.split_once(')').unwrap();
            if stays || !columns.contains("tenant_id") || !rest.trim_start().starts_with("select ") {
                continue;
            }
            seen += 1;
            if !insert.contains("returning") {
                silent.push(insert.to_owned());
            }
        }
    }
    assert!(seen > 30, "{seen}");
    assert_eq!(silent, Vec::<String>::new());
}

#[tokio::test]
async fn over_citus_the_rows_of_a_tenant_are_on_one_node_a_second_run_changes_nothing_and_no_migration_runs() {
    let mut owner = owner().await;
    if !distribution::is_distributed(&mut owner).await.unwrap() {
        assert!(std::env::var("COMPTOIR_TEST_CITUS_URL").is_err(), "the suite was to run over Citus");
        return;
    }
    let mut older = owner.begin().await.unwrap();
    let newest = "delete from _sqlx_migrations where version = (select max(version) from _sqlx_migrations)";
    sqlx::raw_sql(newest).execute(&mut *older).await.unwrap();
    let refused = platform::schema::migrate(&mut older).await.unwrap_err();
    assert_eq!(refused.code(), "citus_upgrade");
    older.rollback().await.unwrap();
    let again = platform::schema::distribute(&mut owner).await.unwrap();
    assert_eq!((again.on_every_node, again.new), (ON_EVERY_NODE.len(), 0));
    assert!(again.by_tenant > 60, "{again:?}");
    let moved: i64 = sqlx::query_scalar(
        "select count(*) from platform.job j join platform.tenant t on t.id = j.tenant_id
         where t.slug = 'default' and j.kind = 'moved' and j.state = 'done'",
    )
    .fetch_one(&mut owner)
    .await
    .unwrap();
    assert_eq!(moved, 1, "what was there moved as it was");
    let groups: i64 =
        sqlx::query_scalar("select count(distinct p.colocationid) from pg_dist_partition p where p.partmethod = 'h'")
            .fetch_one(&mut owner)
            .await
            .unwrap();
    assert_eq!(groups, 1, "tables that are split alike");
    let mut expected =
        std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../migrations/schema.txt")).unwrap();
    expected.truncate(expected.trim_end().len());
    let found = platform::schema::describe(&mut owner).await.unwrap();
    let (expected, found): (BTreeSet<&str>, BTreeSet<&str>) =
        (expected.lines().collect(), found.iter().map(String::as_str).collect());
    assert_eq!(
        expected.symmetric_difference(&found).collect::<Vec<_>>(),
        Vec::<&&str>::new(),
        "the schema is what it was"
    );
}
