//! Distributing a migrated database over the nodes of Citus: every table of the tenants by `tenant_id`, all of a tenant's rows on one
//! node; what all tenants read as a copy on every node; what is looked up before a tenant is known with the coordinator alone.

use sqlx::{AssertSqlSafe, Connection as _, PgConnection};

use crate::{Error, Result};

/// Tables that every node holds whole, each with the reason; in the order in which they refer to each other.
pub const ON_EVERY_NODE: &[(&str, &str)] = &[
    ("platform.tenant", "every row of a tenant refers to it"),
    ("platform.entity", "every row of an entity refers to it, and so do memberships, which the coordinator keeps"),
    ("platform.lifecycle_edge", "the triggers of every state read it"),
    ("platform.secret_key", "the triggers of every sealed secret read it"),
];

/// Tables of the tenants that the coordinator keeps, each with the reason.
pub const WITH_THE_COORDINATOR: &[(&str, &str)] = &[
    ("platform.api_key", "looked up by its hash, before a tenant is known"),
    ("platform.membership", "joined to users, who may be members of several tenants"),
    ("platform.password_reset", "looked up by its token, before a tenant is known"),
    ("platform.saved_view", "belongs to a user"),
    ("platform.session", "looked up by its token, before a tenant is known"),
];

/// Where the tables went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Distributed {
    /// Copied to every node.
    pub on_every_node: usize,
    /// Split by tenant over the nodes.
    pub by_tenant: usize,
    /// Split by tenant or copied in this run; what was before it stayed as it was.
    pub new: usize,
}

/// Whether the database has been distributed.
pub async fn is_distributed(conn: &mut PgConnection) -> Result<bool> {
    if !has_citus(conn).await? {
        return Ok(false);
    }
    Ok(sqlx::query_scalar("select exists (select from pg_dist_partition where partmethod = 'h')")
        .fetch_one(conn)
        .await?)
}

async fn has_citus(conn: &mut PgConnection) -> Result<bool> {
    let sql = "select exists (select from pg_extension where extname = 'citus')";
    Ok(sqlx::query_scalar(sql).fetch_one(conn).await?)
}

/// Distributes what is not distributed yet, in one transaction, under the lock of migrations.
///
/// Refused when the database is not the coordinator of a Citus cluster, when the owner may not read past row security, and when a
/// constraint could not hold on the nodes; nothing was changed then.
pub async fn distribute(owner: &mut PgConnection) -> Result<Distributed> {
    refuse_unready(owner).await?;
    let obstacles = obstacles(owner).await?;
    if !obstacles.is_empty() {
        return Err(Error::refused("not_distributable", format!("Nothing was distributed. {}", obstacles.join(" "))));
    }
    let mut tx = owner.begin().await?;
    for sql in [
        "set local citus.enable_unsafe_triggers = on",
        "set local citus.multi_shard_modify_mode = sequential",
        "set local client_min_messages = warning",
    ] {
        sqlx::raw_sql(sql).execute(&mut *tx).await?;
    }
    let held = hold(&mut tx).await?;
    let mut new = 0;
    for (table, _) in ON_EVERY_NODE {
        // A table that refers to one is known to Citus, too, and stays with the coordinator.
        let sql =
            "select exists (select from pg_dist_partition where logicalrelid = $1::text::regclass and repmodel = 't')";
        let is_there: bool = sqlx::query_scalar(sql).bind(*table).fetch_one(&mut *tx).await?;
        if !is_there {
            sqlx::query("select create_reference_table($1::text::regclass)").bind(*table).execute(&mut *tx).await?;
            new += 1;
        }
    }
    while let Some((table, beside)) = next(&mut tx).await? {
        let sql = "select create_distributed_table($1::text::regclass, 'tenant_id', colocate_with => $2)";
        let beside = beside.as_deref().unwrap_or("none");
        sqlx::query(sql).bind(&table).bind(beside).execute(&mut *tx).await?;
        // Its rows are on the nodes now; Citus keeps what the table held before until it is told to forget.
        let sql = "select truncate_local_data_after_distributing_table($1::text::regclass)";
        sqlx::query(sql).bind(&table).execute(&mut *tx).await?;
        new += 1;
    }
    for statement in held {
        sqlx::raw_sql(AssertSqlSafe(statement)).execute(&mut *tx).await?;
    }
    settle(&mut tx).await?;
    let (on_every_node, by_tenant): (i64, i64) = sqlx::query_as(
        "select count(*) filter (where p.partmethod = 'n'), count(*) filter (where p.partmethod = 'h' and not c.relispartition)
         from pg_dist_partition p join pg_class c on c.oid = p.logicalrelid
         where p.partmethod = 'h' or p.repmodel = 't'",
    )
    .fetch_one(&mut *tx)
    .await?;
    tx.commit().await?;
    let whole = |count: i64| usize::try_from(count).unwrap_or_default();
    Ok(Distributed { on_every_node: whole(on_every_node), by_tenant: whole(by_tenant), new })
}

async fn refuse_unready(owner: &mut PgConnection) -> Result<()> {
    if !has_citus(owner).await? {
        let detail = "This database has no Citus. Install it on every node, add it to shared_preload_libraries, and run \
                      `create extension citus` in this database on each.";
        return Err(Error::refused("citus_missing", detail));
    }
    let (is_coordinator, nodes): (bool, i64) = sqlx::query_as(
        "select coalesce(bool_or(groupid = 0), false) and (select groupid = 0 from pg_dist_local_group),
             count(*) filter (where isactive and shouldhaveshards and noderole = 'primary') from pg_dist_node",
    )
    .fetch_one(&mut *owner)
    .await?;
    if !is_coordinator {
        let detail = "This is not the coordinator, or it does not know its own address: run \
                      `select citus_set_coordinator_host('<its name>')` there.";
        return Err(Error::refused("citus_coordinator", detail));
    }
    if nodes == 0 {
        let detail = "No node takes rows: run `select citus_add_node('<its name>', 5432)` on the coordinator for each.";
        return Err(Error::refused("citus_nodes", detail));
    }
    let reads_all: bool =
        sqlx::query_scalar("select rolsuper or rolbypassrls from pg_roles where rolname = current_user")
            .fetch_one(owner)
            .await?;
    if reads_all {
        return Ok(());
    }
    let detail = "The owner is bound by row security, so it cannot move the rows of all tenants to the nodes: run \
                  `alter role <owner> bypassrls` on every node.";
    Err(Error::refused("citus_owner", detail))
}

/// What could not hold on the nodes, one sentence each.
pub async fn obstacles(owner: &mut PgConnection) -> Result<Vec<String>> {
    let (every, kept) = (names(ON_EVERY_NODE), names(WITH_THE_COORDINATOR));
    let found = sqlx::query_scalar(include_str!("obstacles.sql")).bind(&every).bind(&kept);
    Ok(found.fetch_all(owner).await?)
}

/// Takes away what hinders the tables to be split, or would not come along; returns the statements that bring it back. References are
/// checked anew then.
async fn hold(tx: &mut PgConnection) -> Result<Vec<String>> {
    let (every, kept) = (names(ON_EVERY_NODE), names(WITH_THE_COORDINATOR));
    let held: Vec<(Option<String>, String)> =
        sqlx::query_as(include_str!("hold.sql")).bind(&every).bind(&kept).fetch_all(&mut *tx).await?;
    let mut back = Vec::with_capacity(held.len());
    for (away, again) in held {
        if let Some(away) = away {
            sqlx::raw_sql(AssertSqlSafe(away)).execute(&mut *tx).await?;
        }
        back.push(again);
    }
    Ok(back)
}

fn names(tables: &[(&'static str, &str)]) -> Vec<&'static str> {
    tables.iter().map(|(table, _)| *table).collect()
}

/// A table of the tenants that is not distributed yet, and one that is.
async fn next(tx: &mut PgConnection) -> Result<Option<(String, Option<String>)>> {
    let (every, kept) = (names(ON_EVERY_NODE), names(WITH_THE_COORDINATOR));
    Ok(sqlx::query_as(include_str!("next.sql")).bind(&every).bind(&kept).fetch_optional(tx).await?)
}

/// Settings of the database, for every session that comes after.
async fn settle(tx: &mut PgConnection) -> Result<()> {
    for setting in [
        // What a transaction says of its tenant and scope holds on the nodes, where the policies look at it.
        "citus.propagate_set_commands = 'local'",
        // Partitions that come later bring their triggers along.
        "citus.enable_unsafe_triggers = 'on'",
        // One connection a node: a transaction that changes a table that every node holds may go on with others.
        "citus.multi_shard_modify_mode = 'sequential'",
    ] {
        let sql = format!(
            "do $$ begin execute format('alter database %I set {}', current_database()); end $$",
            setting.replace('\'', "''")
        );
        sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut *tx).await?;
    }
    Ok(())
}
