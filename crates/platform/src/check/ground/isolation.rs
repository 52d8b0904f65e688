//! Isolation, read from the catalogue and tried live: in a transaction that is rolled back, as the service's role.

use sqlx::AssertSqlSafe;
use sqlx::error::DatabaseError;
use sqlx::postgres::PgDatabaseError;
use uuid::Uuid;

use super::WITHOUT_TENANT;
use super::catalogue::{Table, list_tables};
use crate::check::CheckSeverity::Critical;
use crate::check::{Check, Evidence, Outcome, Section, Tally};
use crate::{Ctx, Registry, Result, Tx, db, tenancy};

/// Rows of these may be read by an entity that they do not belong to, each with the reason.
const SHARED_BETWEEN_ENTITIES: &[(&str, &str)] = &[
    ("leads.lead", "an entity that serves another's lead reads it"),
    ("platform.entity", "entities know of each other"),
];

/// Tables without a tenant whose rows are nevertheless those of some only, which row security looks after.
const GUARDED_WITHOUT_TENANT: &[&str] = &["platform.tenant", "platform.user"];

/// Of so many other tenants, rows are looked for.
const OTHERS: usize = 50;

pub(super) fn register(registry: &mut Registry) {
    let check = |id, proves| Check::called(id, Section::Isolation, Critical, proves);
    let policy_mend = "As the owner, bring the policy back as migrations/ says (platform.protect writes it), and find out who \
        changed it: `comptoir check` lists what differs from the schema of this version.";
    registry.check(
        check("isolation.row_security", "Row security is on, and forced, on every table that holds a tenant's rows.")
            .how("pg_class: relrowsecurity and relforcerowsecurity of every table but those on the short list without a tenant")
            .mend(policy_mend)
            .reads(row_security),
    );
    registry.check(
        check("isolation.policies", "Every policy compares the tenant, and the entity where there is one, for reading and for writing.")
            .how("pg_policy: the conditions of every policy on every table with a tenant; no policy opens what another closes")
            .mend(policy_mend)
            .reads(policies),
    );
    registry.check(
        check("isolation.keys", "Every key and every reference begins with the tenant, so that no row refers into another.")
            .how("pg_index and pg_constraint: the first column of each unique index and of each foreign key between tables with a tenant")
            .mend("The schema was changed by hand: bring it back as migrations/ says.")
            .reads(keys),
    );
    registry.check(
        check("isolation.service_role", "The role that serves can bypass nothing, owns nothing and can create nothing.")
            .how("pg_roles, the owners of relations, and the privileges of the role on schemas and on definer functions")
            .mend("As the owner: alter role comptoir_app nosuperuser nobypassrls nocreaterole nocreatedb; reassign what it owns; \
                revoke create on the schemas, and execute on definer functions from public.")
            .reads(service_role),
    );
    registry.check(
        check(
            "isolation.nobody_sees_nothing",
            "A transaction that does not say for whom it is sees no row of any tenant.",
        )
        .how("reads every table with a tenant without saying which tenant")
        .mend(policy_mend)
        .reads(nobody),
    );
    registry.check(
        check("isolation.read_across", "What belongs to other tenants cannot be read.")
            .how("reads every table, as this tenant, for rows of the others")
            .mend(policy_mend)
            .reads(read_across),
    );
    registry.check(
        check("isolation.write_across", "Nothing can be written into another tenant, nor changed or deleted there.")
            .how("tries to insert into, change and delete from every table in another tenant, in a transaction that is rolled back")
            .mend(policy_mend)
            .probes(write_across),
    );
    registry.check(
        check("isolation.entities", "Who works in one entity reads no rows of the others.")
            .how("reads every table with an entity for rows of the others, with each entity in scope in turn")
            .mend(policy_mend)
            .reads(between_entities),
    );
}

async fn row_security(mut tx: Tx) -> Result<Outcome> {
    let without = WITHOUT_TENANT.iter().map(|(table, _)| *table);
    let exempt: Vec<_> =
        without.filter(|table| !GUARDED_WITHOUT_TENANT.contains(table)).map(ToOwned::to_owned).collect();
    sqlx::query_as!(
        Tally,
        r#"with subject as (
               select format('%I.%I', n.nspname, c.relname) as name, c.relrowsecurity and c.relforcerowsecurity as is_safe,
                   case when not c.relrowsecurity then 'row security is off' else 'row security is not forced' end as what
               from pg_class c join pg_namespace n on n.oid = c.relnamespace
               where c.relkind in ('r', 'p') and n.nspname not in ('pg_catalog', 'information_schema', 'public')
                 and n.nspname not like 'pg\_%'
           )
           select count(*) as "examined!", count(*) filter (where not is_safe) as "found!",
               array_agg(jsonb_build_object('text', name || ': ' || what) order by name) filter (where not is_safe) as samples
           from subject where name <> all($1)"#,
        &exempt
    )
    .fetch_one(tx.conn())
    .await?
    .outcome()
}

/// Of a table: at least one policy for every command, and none that does not compare what it must.
async fn policies(mut tx: Tx) -> Result<Outcome> {
    let exempt: Vec<_> = WITHOUT_TENANT.iter().map(|(table, _)| (*table).to_owned()).collect();
    let rows = sqlx::query!(
        r#"select format('%I.%I', n.nspname, c.relname) as "table!", p.polname as "policy?",
               p.polcmd = '*' as "is_general?", coalesce(pg_get_expr(p.polqual, p.polrelid), '') as "reading!",
               coalesce(pg_get_expr(p.polwithcheck, p.polrelid), '') as "writing!",
               array(select a.attname::text from pg_attribute a where a.attrelid = c.oid and not a.attisdropped
                   and a.attname in ('entity_id', 'from_entity_id', 'to_entity_id')) as "entities!"
           from pg_class c join pg_namespace n on n.oid = c.relnamespace
           left join pg_policy p on p.polrelid = c.oid and p.polpermissive
           where c.relkind in ('r', 'p') and not c.relispartition
             and n.nspname not in ('pg_catalog', 'information_schema', 'public') and n.nspname not like 'pg\_%'
             and format('%I.%I', n.nspname, replace(c.relname, '"', '')) <> all($1)
             and format('%s.%s', n.nspname, c.relname) <> all($1)
           order by 1, 2"#,
        &exempt
    )
    .fetch_all(tx.conn())
    .await?;
    let mut evidence = Vec::new();
    for row in &rows {
        let Some(policy) = &row.policy else {
            evidence.push(Evidence::text(format!("{}: has no policy", row.table)));
            continue;
        };
        let wanted = ["app.tenant"].into_iter().chain((!row.entities.is_empty()).then_some("app.entities"));
        let lacks = |expression: &str| wanted.clone().find(|word| !expression.contains(word));
        for (doing, expression) in [("reading", &row.reading), ("writing", &row.writing)] {
            if let Some(word) = lacks(expression) {
                evidence.push(Evidence::text(format!(
                    "{}: policy {policy} does not compare {word} for {doing}",
                    row.table
                )));
            }
        }
        if row.is_general == Some(false) {
            evidence.push(Evidence::text(format!("{}: policy {policy} is for one command only", row.table)));
        }
    }
    Ok(Outcome::of(rows.len(), evidence))
}

async fn keys(mut tx: Tx) -> Result<Outcome> {
    sqlx::query_as!(
        Tally,
        r#"with subject as (
               select i.indexrelid::regclass::text as name, 'a unique index that does not begin with the tenant' as what,
                   i.indkey[0] = t.attnum as is_safe
               from pg_index i join pg_class c on c.oid = i.indrelid join pg_namespace n on n.oid = c.relnamespace
               join pg_attribute t on t.attrelid = c.oid and t.attname = 'tenant_id'
               where i.indisunique and n.nspname not in ('pg_catalog', 'information_schema', 'public') and n.nspname not like 'pg\_%'
               union all
               select k.conrelid::regclass || '.' || k.conname, 'a reference that could leave the tenant', k.conkey[1] = t.attnum
               from pg_constraint k
               join pg_attribute t on t.attrelid = k.conrelid and t.attname = 'tenant_id'
               join pg_attribute f on f.attrelid = k.confrelid and f.attname = 'tenant_id'
               where k.contype = 'f'
           )
           select count(*) as "examined!", count(*) filter (where not is_safe) as "found!",
               array_agg(jsonb_build_object('text', name || ': ' || what) order by name) filter (where not is_safe) as samples
           from subject"#
    )
    .fetch_one(tx.conn())
    .await?
    .outcome()
}

async fn service_role(mut tx: Tx) -> Result<Outcome> {
    let reason = db::describe_role(tx.conn()).await?;
    let loose = sqlx::query_scalar!(
        r#"select 'may create in the schema ' || n.nspname as "text!" from pg_namespace n
           where n.nspname not like 'pg\_%' and has_schema_privilege(n.oid, 'create')
           union all
           select p.oid::regprocedure::text || ' runs with its owner''s rights and may be called by anyone, or its search path is not pinned'
           from pg_proc p join pg_namespace n on n.oid = p.pronamespace
           where p.prosecdef and n.nspname not in ('pg_catalog', 'information_schema', 'public') and n.nspname not like 'pg\_%'
             and (has_function_privilege('public', p.oid, 'execute')
                 or not coalesce(p.proconfig, '{}') && array['search_path=pg_catalog'])
           order by 1"#
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(Outcome::of_texts(1, reason.into_iter().chain(loose)))
}

async fn nobody(mut tx: Tx) -> Result<Outcome> {
    let tables = readable(&mut tx).await?;
    sqlx::raw_sql("set local app.tenant = ''; set local app.entities = ''; set local app.whole_tenant = 'off'")
        .execute(tx.conn())
        .await?;
    let seen = tables_with_rows(&mut tx, &tables, "true", &[]).await?;
    Ok(Outcome::of_texts(
        tables.len(),
        seen.into_iter().map(|table| format!("{table}: rows are seen by nobody in particular")),
    ))
}

async fn read_across(mut tx: Tx) -> Result<Outcome> {
    let others = others(tx.ctx()).await?;
    if others.is_empty() {
        return Ok(Outcome::NotApplicable("There is one tenant only.".to_owned()));
    }
    let tables = readable(&mut tx).await?;
    let seen = tables_with_rows(&mut tx, &tables, "tenant_id = any($1)", &others).await?;
    Ok(Outcome::of_texts(
        tables.len(),
        seen.into_iter().map(|table| format!("{table}: rows of another tenant are seen")),
    ))
}

async fn others(ctx: &Ctx) -> Result<Vec<Uuid>> {
    let all = tenancy::tenant_ids(ctx.platform()).await?;
    Ok(all.into_iter().filter(|id| *id != ctx.tenant().id).take(OTHERS).map(kernel::TenantId::uuid).collect())
}

async fn readable(tx: &mut Tx) -> Result<Vec<Table>> {
    let tables = list_tables(tx).await?;
    Ok(tables.into_iter().filter(|table| table.has_tenant && table.may_select).collect())
}

/// Those of the tables in which a row that meets the condition is seen.
async fn tables_with_rows(tx: &mut Tx, tables: &[Table], condition: &str, ids: &[Uuid]) -> Result<Vec<String>> {
    let parts: Vec<_> = tables
        .iter()
        .map(|Table { name, .. }| format!("select '{name}' where exists (select 1 from {name} where {condition})"))
        .collect();
    let sql = format!("with given as (select $1::uuid[]) {}", parts.join(" union all "));
    Ok(sqlx::query_scalar(AssertSqlSafe(sql)).bind(ids).fetch_all(tx.conn()).await?)
}

/// A row that is refused is refused by row security or by a privilege (42501), or by a trigger, which PostgreSQL runs before row
/// security looks. Anything else that happens, even a refusal by another rule, says that row security let it pass.
async fn write_across(ctx: Ctx) -> Result<Outcome> {
    let mut tx = ctx.begin().await?;
    // What row security let pass is never to wait for anybody, nor anybody for it.
    sqlx::raw_sql("set local statement_timeout = '5s'; set local lock_timeout = '200ms'").execute(tx.conn()).await?;
    let tables: Vec<_> = list_tables(&mut tx).await?.into_iter().filter(|table| table.has_tenant).collect();
    let mut targets = others(&ctx).await?;
    // Where there is no other tenant, nobody's rows cannot be changed, and none can be put there.
    targets.push(Uuid::from_u128(u128::MAX >> 1));
    let is_distributed = tx.is_distributed();
    let mut evidence = Vec::new();
    for table in &tables {
        for (doing, sql) in attempts(table, is_distributed) {
            if let Some(what) = attempt(&mut tx, &sql, &targets).await? {
                evidence.push(Evidence::text(format!("{}: {doing} in another tenant: {what}", table.name)));
            }
        }
    }
    Ok(Outcome::of(tables.len(), evidence))
}

fn attempts(table: &Table, is_distributed: bool) -> Vec<(&'static str, String)> {
    let Table { name, may_insert, may_delete, may_select, updatable, .. } = table;
    // One row is enough where one can be named across nodes.
    let one = if is_distributed {
        "where tenant_id = any($1)".to_owned()
    } else {
        format!("where ctid = any(array(select ctid from {name} where tenant_id = any($1) limit 1))")
    };
    let mut attempts = Vec::new();
    if *may_insert {
        attempts.push(("inserting", format!("insert into {name} (tenant_id) values (($1::uuid[])[1])")));
    }
    if let (Some(column), true) = (updatable, may_select) {
        attempts.push(("changing", format!("update {name} set {column} = {column} {one}")));
    }
    if *may_delete && *may_select {
        attempts.push(("deleting", format!("delete from {name} {one}")));
    }
    attempts
}

/// What came of an attempt, when it was not refused as it must be.
async fn attempt(tx: &mut Tx, sql: &str, targets: &[Uuid]) -> Result<Option<String>> {
    const REFUSED: &str = "42501";
    sqlx::raw_sql("savepoint attempt").execute(tx.conn()).await?;
    let done = sqlx::query(AssertSqlSafe(sql.to_owned())).bind(targets).execute(tx.conn()).await;
    sqlx::raw_sql("rollback to savepoint attempt; release savepoint attempt").execute(tx.conn()).await?;
    match done {
        Ok(done) if done.rows_affected() == 0 => Ok(None),
        Ok(done) => Ok(Some(format!("{} rows", done.rows_affected()))),
        Err(sqlx::Error::Database(refusal)) if refusal.code().as_deref() == Some(REFUSED) => Ok(None),
        Err(sqlx::Error::Database(refusal)) if is_of_a_trigger(&*refusal) => Ok(None),
        Err(sqlx::Error::Database(refusal)) => Ok(Some(format!("not stopped by row security ({})", refusal.message()))),
        Err(error) => Err(error.into()),
    }
}

/// Whether the error was raised within a function: `PL/pgSQL function … line …` stands in its context.
fn is_of_a_trigger(refusal: &dyn DatabaseError) -> bool {
    refusal
        .try_downcast_ref::<PgDatabaseError>()
        .and_then(PgDatabaseError::r#where)
        .is_some_and(|context| context.contains("PL/pgSQL function"))
}

async fn between_entities(mut tx: Tx) -> Result<Outcome> {
    let entities: Vec<_> = tx.ctx().tenant().entities.iter().map(|entity| (entity.id, entity.code.clone())).collect();
    if entities.len() < 2 {
        return Ok(Outcome::NotApplicable("There is one entity only.".to_owned()));
    }
    let shared = |name: &str| SHARED_BETWEEN_ENTITIES.iter().any(|(table, _)| *table == name);
    let tables: Vec<_> =
        readable(&mut tx).await?.into_iter().filter(|table| table.has_entity && !shared(&table.name)).collect();
    let mut evidence = Vec::new();
    for (entity, code) in &entities {
        tx.narrow_to(*entity).await?;
        let others: Vec<_> = entities.iter().filter(|(id, _)| id != entity).map(|(id, _)| id.uuid()).collect();
        let seen = tables_with_rows(&mut tx, &tables, "entity_id = any($1)", &others).await?;
        evidence.extend(
            seen.into_iter().map(|table| Evidence::text(format!("{table}: {code} sees rows of another entity"))),
        );
    }
    Ok(Outcome::of(tables.len() * entities.len(), evidence))
}
